"""A real browser for the tests: the system's Chromium, driven by playwright; what axe-core finds on a page.

Belongs here: starting the browser, opening pages, collecting what went wrong. Does not belong here: expectations.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

#: Where Debian, Ubuntu, Fedora and macOS put it; never a browser that playwright would download.
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "no Chromium on this machine (apt-get install chromium, or set JUNHENG_CHROMIUM)"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def chromium() -> str:
    """Path of the system's Chromium; skips the test where there is none."""
    wanted = os.environ.get("JUNHENG_CHROMIUM")
    found = wanted or next((path for name in CANDIDATES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(NO_CHROMIUM)
    return found


@dataclass
class Window:
    """A page with everything that went wrong on it: errors of scripts, messages of the console, failed requests."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "") -> Page:
        """Open a file of a site and wait until it is loaded."""
        self.page.goto(path.resolve().as_uri() + fragment, wait_until="load")
        return self.page

    def axe(self) -> list[str]:
        """Serious and critical findings of axe-core on the present page: rule and first element."""
        self.page.evaluate(AXE)
        result: dict[str, Any] = self.page.evaluate(
            "() => axe.run(document, {preload: false, resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',"
            " 'wcag21aa', 'best-practice']})"
        )
        return [
            f"{found['id']}: {found['nodes'][0]['html'][:160]}"
            for found in result["violations"]
            if found["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wider))


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium without a window."""
    path = chromium()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield started
        finally:
            started.close()


def window(context: BrowserContext) -> Window:
    """A new page in ``context`` whose faults are collected."""
    found = Window(context.new_page())
    found.page.on("pageerror", lambda error: found.faults.append(f"script: {error}"))
    found.page.on(
        "console",
        lambda message: found.faults.append(f"console: {message.text}") if message.type in ("error", "warning") else 0,
    )
    found.page.on(
        "requestfailed",  # a request that the next page cut short is no fault of the site
        lambda request: found.faults.append(f"request: {request.url}") if request.failure != "net::ERR_ABORTED" else 0,
    )
    return found
