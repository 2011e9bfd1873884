"""The site in a real browser, from file://: no errors, nothing from elsewhere, keyboard, phone, axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.dashboards.browser import PHONE, WIDE, Window, browser, window
from tests.dashboards.conftest import BuiltSite

#: One worker draws the site, not every worker (``pytest -n … --dist loadgroup``).
pytestmark = pytest.mark.xdist_group("dashboards-site")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def wide(chrome: Browser) -> Iterator[Window]:
    """A window as wide as a desk's."""
    context = chrome.new_context(viewport=WIDE, accept_downloads=True)  # type: ignore[arg-type]
    yield window(context)
    context.close()


@pytest.fixture(scope="module")
def phone(chrome: Browser) -> Iterator[Window]:
    """A window as wide as a small phone's."""
    context = chrome.new_context(viewport=PHONE, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield window(context)
    context.close()


def _pages(built: BuiltSite) -> list[Path]:
    return sorted(built.root.rglob("*.html"))


def test_every_page_loads_without_a_fault(built: BuiltSite, wide: Window) -> None:
    for path in _pages(built):
        page = wide.open(path)
        # Pictures are loaded lazily; all of them have to be there.
        page.evaluate("() => document.querySelectorAll('img').forEach(each => { each.loading = 'eager' })")
        page.wait_for_function("() => [...document.images].every(each => each.complete)")
        broken = page.evaluate("() => [...document.images].filter(each => !each.naturalWidth).map(each => each.src)")
        assert broken == [], path
    assert wide.faults == []


def test_no_page_is_wider_than_a_phone(built: BuiltSite, phone: Window) -> None:
    wider = {}
    for path in _pages(built):
        phone.open(path)
        if phone.overflow() > 0:
            wider[path.relative_to(built.root).as_posix()] = phone.overflow()
    assert wider == {}


def test_axe_finds_nothing_serious(built: BuiltSite, wide: Window) -> None:
    found = {}
    for path in _pages(built):
        wide.open(path)
        if serious := wide.axe():
            found[path.relative_to(built.root).as_posix()] = serious
    assert found == {}
