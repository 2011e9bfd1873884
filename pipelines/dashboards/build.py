"""A release to a site: who is asked for what, in how many processes, with what progress.

Belongs here: the order of work and its entry points. Does not belong here: queries, pictures, pages, renames.

The release is read by the calling process alone; counties are drawn in worker processes (``workers.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.dashboards import fonts as typefaces
from pipelines.dashboards.facts import Frame
from pipelines.dashboards.pages import overview as overview_page
from pipelines.dashboards.pages.html import assets
from pipelines.dashboards.publish import publish, workspace
from pipelines.dashboards.release_reader import ReleaseReader
from pipelines.dashboards.site import Site, is_sample
from pipelines.dashboards.text import LANGUAGES, load
from pipelines.dashboards.workers import Built, draw_county, drawn, write

Progress = Callable[[int, int, str], None]
"""Called with pages done, pages in all, what was just done."""

#: Keys of a release's manifest that stand at the foot of every page.
SHOWN = ("created_at", "code_version", "rulebook_version")


@dataclass(frozen=True)
class SiteSummary:
    """What was built: where it begins, what it holds, how long it took (seconds of wall clock)."""

    index: Path
    release_id: str
    counties: int
    pages: int
    pictures: int
    bytes: int
    seconds: float


def prepare_site(
    connection: duckdb.DuckDBPyConnection,
    *,
    release_id: str,
    manifest: Mapping[str, Any],
    fonts: Path,
    languages: tuple[str, ...] = LANGUAGES,
    sample: bool = False,
) -> Site:
    """What all pages of a release share. Fonts are made in the folder ``fonts`` on first use (about 1 s).

    ``sample`` marks every page and picture as made-up data; it is also inferred from the county codes and from a
    true ``sample`` in the manifest.
    """
    reader = ReleaseReader(connection)
    frame = reader.frame()
    about = {key: str(manifest[key]) for key in SHOWN if manifest.get(key)}
    labels = [words for language in languages for words in load(language).labels.values()]
    characters = (release_id, *labels, *(_titles(frame) if frame else ()), *reader.names())
    return Site(
        release_id=release_id,
        about=about,
        sample=sample or bool(manifest.get("sample")) or is_sample(frame),
        languages=tuple(languages),
        frame=frame,
        fonts=typefaces.prepare(characters, fonts),
    )


def build_overview(connection: duckdb.DuckDBPyConnection, site: Site, folder: Path) -> Built:
    """Write the overview (every language) and the files all pages share below ``folder``."""
    return write(folder, {**assets(site), **overview_page.files(site, ReleaseReader(connection).overview())})


def build_county(connection: duckdb.DuckDBPyConnection, site: Site, county_code: str, folder: Path) -> Built:
    """Write one county's page (every language) below ``folder``. Raises ``KeyError`` for an unknown county."""
    if site.frame is None:
        raise KeyError(county_code)
    return draw_county(site, ReleaseReader(connection).county(site.frame, county_code), folder)


def build_counties(
    connection: duckdb.DuckDBPyConnection,
    site: Site,
    folder: Path,
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> Built:
    """Write every county's page below ``folder``, in ``workers`` processes (1: in this one)."""
    if site.frame is None:
        return Built()
    reader, frame = ReleaseReader(connection), site.frame
    books = (reader.county(frame, code) for code, _ in frame.counties)
    total, built = len(frame.counties), Built()
    for done, (name, part) in enumerate(drawn(site, books, folder, min(workers, total)), start=1):
        built += part
        if progress is not None:
            progress(done, total, name)
    return built


def build_site(
    connection: duckdb.DuckDBPyConnection,
    *,
    release_id: str,
    manifest: Mapping[str, Any],
    out: Path,
    fonts: Path,
    languages: tuple[str, ...] = LANGUAGES,
    sample: bool = False,
    workers: int = 2,
    progress: Progress | None = None,
) -> SiteSummary:
    """Build the whole site of a release and put it at ``out/<release_id>/``; ``out/index.html`` leads to the newest.

    ``connection`` may be read-only. The same release gives the same bytes. Nothing appears under ``out`` before the
    site is complete; if building fails, what was there stays. See :func:`prepare_site` for ``fonts`` and ``sample``.
    """
    begun = time.monotonic()
    site = prepare_site(
        connection, release_id=release_id, manifest=manifest, fonts=fonts, languages=languages, sample=sample
    )  # fmt: skip
    with workspace(out, release_id) as folder:
        built = build_overview(connection, site, folder)
        built += build_counties(connection, site, folder, workers=workers, progress=progress)
        index = publish(folder, out, site)
    return SiteSummary(
        index=index,
        release_id=release_id,
        counties=len(site.frame.counties) if site.frame else 0,
        pages=built.pages,
        pictures=built.pictures,
        bytes=built.bytes,
        seconds=time.monotonic() - begun,
    )


def _titles(frame: Frame) -> Iterator[str]:
    """Every title of a standard, indicator or unit in the release."""
    for standard in frame.standards.values():
        yield from (standard.key, standard.document, *standard.title.values())
        for term in frame.indicators[standard.key]:
            yield from (term.key, *term.title.values(), *term.unit.values())
    yield from (code for code, _ in frame.counties)
