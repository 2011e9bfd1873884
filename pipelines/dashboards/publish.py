"""Putting a finished site in its place, so that no reader ever meets half of one.

Belongs here: temporary folders, renames, the page that leads to the newest release. Does not belong here: contents.

    <out>/index.html          leads to the newest release, lists the others
    <out>/<release_id>/       one site; its ``site.json`` says what it was made from
    <out>/.<release_id>-…     a site being written (swept when its process is gone)

A folder cannot replace another in one step on every system: a site that exists is moved aside, the new one moved in.
Between the two renames the address is empty, not wrong; a crash there leaves the finished site for the next build.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.dashboards.pages.html import environment
from pipelines.dashboards.site import Site
from pipelines.dashboards.text import load
from pipelines.dashboards.units import write

ABOUT = "site.json"


@contextmanager
def workspace(out: Path, release_id: str) -> Iterator[Path]:
    """A fresh folder beside the sites, removed at the end unless :func:`publish` has moved it into place."""
    out.mkdir(parents=True, exist_ok=True)
    _sweep(out)
    folder = out / f".{release_id}-{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, out: Path, site: Site) -> Path:
    """Move the finished site ``folder`` to ``out/<release_id>``, renew ``out/index.html``; returns the first page."""
    about = {"release_id": site.release_id, "about": dict(site.about), "languages": list(site.languages)}
    write(folder, {ABOUT: json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True).encode()})
    target = out / site.release_id
    while True:
        with suppress(OSError):  # not empty: an older build of the same release, or a builder that was quicker
            folder.rename(target)
            break
        aside = out / f".{site.release_id}-{os.getpid()}-{uuid.uuid4().hex[:8]}.old.tmp"
        try:
            target.rename(aside)
        except FileNotFoundError:
            if not folder.exists():
                raise
            continue
        shutil.rmtree(aside, ignore_errors=True)
    _renew_index(out, site.languages)
    return target / "index.html"


def sites(out: Path) -> list[str]:
    """Release ids that have a finished site, the newest first (by time of publication, then id)."""
    found = []
    for path in out.glob(f"*/{ABOUT}"):
        if not path.parent.name.startswith("."):
            about = json.loads(path.read_text(encoding="utf-8"))
            found.append((str(about["about"].get("created_at", "")), path.parent.name))
    return [release for _, release in sorted(found, reverse=True)]


def _renew_index(out: Path, languages: tuple[str, ...]) -> None:
    releases = sites(out)
    texts = [load(language) for language in languages]
    html = environment().get_template("releases.html").render(
        newest=releases[0], releases=releases, t=texts[0], texts=texts
    )  # fmt: skip
    temporary = out / f".index-{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp"
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(out / "index.html")


def _sweep(out: Path) -> None:
    """Remove what dead processes left behind."""
    for path in out.glob(".*.tmp"):
        pid = path.name.removesuffix(".tmp").removesuffix(".old").rsplit("-", 2)[-2:-1]
        if pid and pid[0].isdigit() and not _alive(int(pid[0])):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
