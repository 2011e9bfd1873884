"""The dashboards of a home: whether the site of a release is there, and building it.

Belongs here: when a site has to be built (again). Does not belong here: pages and pictures (``pipelines.dashboards``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.dashboards.keys import code_key
from warehouse.files import write_bytes
from warehouse.home import Home
from warehouse.releases import Release, Releases

Progress = Callable[[int, int, str], None]


def site_index(home: Home, release: Release) -> Path:
    """Return the first page of the site of a release."""
    return home.dashboards / release.release_id / "index.html"


def site_is_due(home: Home, release: Release) -> bool:
    """Say whether the site of a release is missing or was drawn by other code than the present."""
    return not site_index(home, release).exists() or _drawn_by(home).get(release.release_id) != code_key()


def build_site(home: Home, release: Release, progress: Progress | None = None) -> dict[str, Any] | None:
    """Build the site of a release unless it is there; return what was built (pages, pictures, bytes, seconds)."""
    if not site_is_due(home, release):
        return None
    from pipelines.dashboards import build

    releases = Releases(home.releases)
    name = release.manifest.get("previous")
    previous = releases.get(str(name)).manifest if name else None
    with releases.connect(release.release_id) as connection:
        summary = build.build_site(
            connection,
            release_id=release.release_id,
            manifest=release.manifest,
            out=home.dashboards,
            fonts=home.cache / "fonts",
            previous=previous,
            workers=min(8, os.cpu_count() or 1),
            progress=progress,
        )
    write_bytes(_stamps(home), json.dumps({**_drawn_by(home), release.release_id: code_key()}, indent=1).encode())
    return {
        "counties": summary.counties,
        "pages": summary.pages,
        "pictures": summary.pictures,
        "bytes": summary.bytes,
        "drawn": summary.drawn,
        "reused": summary.reused,
        "seconds": round(summary.seconds, 1),
    }


def site_previews(home: Home, release: Release) -> dict[str, bytes]:
    """Draw a small PNG of each kind of page of the site of a release."""
    from pipelines.dashboards.build import prepare_site
    from pipelines.dashboards.preview import previews

    with Releases(home.releases).connect(release.release_id) as connection:
        site = prepare_site(
            connection, release_id=release.release_id, manifest=release.manifest, fonts=home.cache / "fonts"
        )
        return previews(connection, site)


def _stamps(home: Home) -> Path:
    return home.dashboards / ".drawn_by.json"


def _drawn_by(home: Home) -> dict[str, str]:
    try:
        drawn: dict[str, str] = json.loads(_stamps(home).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return drawn
