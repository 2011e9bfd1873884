"""A release to a site: who is asked for what, in how many processes, with what progress.

Belongs here: the order of work and its entry points. Does not belong here: queries, pictures, pages, renames.

The release is read by the calling process alone; pages are drawn in worker processes (``workers.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from pipelines.dashboards import fonts as typefaces
from pipelines.dashboards.books.indicators import indicator_books
from pipelines.dashboards.books.methods import methods_book
from pipelines.dashboards.books.notices import notices
from pipelines.dashboards.books.quality import quality_book
from pipelines.dashboards.books.release import release_book
from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.facts import Frame, OverviewBook
from pipelines.dashboards.pages.html import assets
from pipelines.dashboards.publish import publish, sites, workspace
from pipelines.dashboards.release_reader import ReleaseReader
from pipelines.dashboards.search import index_files
from pipelines.dashboards.site import (
    Site,
    county_page,
    indicator_page,
    is_sample,
    region_page,
    school_page,
    school_pages,
)
from pipelines.dashboards.text import LANGUAGES, load
from pipelines.dashboards.units import Before, Unit, write
from pipelines.dashboards.workers import made
from pipelines.forms.facts import forms_book

Progress = Callable[[int, int, str], None]
"""Called with pages done, pages in all, what was just done."""

#: Keys of a release's manifest that stand at the foot of every page.
SHOWN = ("created_at", "code_version", "rulebook_version")
#: A school year in which the open-ended rows of the rulebook hold, for a release without county figures.
EVERGREEN = 9999
#: Schemas whose texts stand on pages as they are.
TOLD = ("rulebook", "audit", "trends")
#: Counties that one overview can show; more are shown by prefecture (the first digits of their code).
ONE_OVERVIEW = 60
PREFECTURE = 4
#: Units for which another process is worth its beginning.
WORTH_A_PROCESS = 8


@dataclass(frozen=True)
class SiteSummary:
    """What was built: where it begins, what it holds, how long it took (seconds of wall clock).

    ``drawn`` units were drawn, ``reused`` ones taken from the site before.
    """

    index: Path
    release_id: str
    counties: int
    pages: int
    pictures: int
    bytes: int
    drawn: int
    reused: int
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
    characters = (*labels, *(_titles(frame) if frame else ()), *reader.names(), *Extracts(connection).characters(TOLD))
    return Site(
        release_id=release_id,
        about=about,
        sample=sample or bool(manifest.get("sample")) or is_sample(frame),
        languages=tuple(languages),
        frame=frame,
        fonts=typefaces.prepare(characters, fonts),
    )


def site_units(
    connection: duckdb.DuckDBPyConnection, site: Site, manifest: Mapping[str, Any], previous: Mapping[str, Any] | None
) -> tuple[int, Iterator[Unit]]:
    """How many units a release has, and the units, each read when it is asked for."""
    reader, extracts, frame = ReleaseReader(connection), Extracts(connection), site.frame
    indicators = sum(len(terms) for terms in frame.indicators.values()) if frame else 0
    regions = _regions(extracts, frame)
    shared: list[tuple[str, Callable[[], Any]]] = [
        ("overview", lambda: _overview(reader, extracts, frame, regions)),
        ("quality", lambda: quality_book(extracts)),
        ("release", lambda: release_book(extracts, manifest, previous)),
        ("methods", lambda: methods_book(extracts, frame.latest if frame else EVERGREEN)),
        ("indicators", lambda: None),
    ]

    def units() -> Iterator[Unit]:
        for name, read in shared:
            yield Unit(name, name, name, read())
        if frame is None:
            return
        whole = reader.overview() if regions else None
        for region, counties in regions.items():
            if whole is not None:
                book = _region(whole, extracts, frame.latest, region, counties)
                yield Unit("region", region_page(region[0]), region[1], book)
        for indicator in indicator_books(extracts, frame):
            name = indicator_page(indicator.standard, indicator.indicator)
            yield Unit("indicator", name, name, indicator)
        for code, name in frame.counties:
            county, schools = reader.county_and_schools(frame, code)
            yield Unit("county", county_page(code), name, replace(county, has_forms=code in with_forms))
            yield Unit("schools", school_pages(code), name, schools)
            if code in with_forms:
                yield Unit("forms", f"forms/{code}", name, forms_book(extracts, code, frame.latest))

    with_forms = _with_forms(extracts, frame)
    counties = 2 * len(frame.counties) + len(with_forms) if frame else 0
    return len(shared) + len(regions) + indicators + counties, units()


def _with_forms(extracts: Extracts, frame: Frame | None) -> frozenset[str]:
    """Counties whose self-assessment tables can be filled in for the latest year."""
    if frame is None or not extracts.has("core.school_stage", "counted", "pupils"):
        return frozenset()
    rows = extracts.rows(
        "select distinct county_code from trends.composite_coefficient where school_year = ?", [frame.latest]
    )
    return frozenset(str(code) for (code,) in rows) & {code for code, _ in frame.counties}


def _regions(extracts: Extracts, frame: Frame | None) -> dict[tuple[str, str], tuple[str, ...]]:
    """Prefectures (code, name) with the codes of their counties; none for a release that one overview can show."""
    if frame is None or len(frame.counties) <= ONE_OVERVIEW:
        return {}
    names = {}
    if extracts.has("core.region", "region_code", "region_name"):
        names = {
            str(code): str(name) for code, name in extracts.rows("select region_code, region_name from core.region")
        }
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for code, _ in frame.counties:
        prefecture = code[:PREFECTURE]
        key = (prefecture, names.get(prefecture, prefecture))
        found[key] = (*found.get(key, ()), code)
    return found


def _overview(
    reader: ReleaseReader, extracts: Extracts, frame: Frame | None, regions: Mapping[tuple[str, str], tuple[str, ...]]
) -> OverviewBook:
    if frame is None:
        return reader.overview()
    return replace(reader.overview(), regions=regions, notices=notices(extracts, frame.latest))


def _region(
    whole: OverviewBook, extracts: Extracts, latest: int, region: tuple[str, str], counties: tuple[str, ...]
) -> OverviewBook:
    """The part of the overview that is about the counties of one region."""
    inside = frozenset(counties)
    composite = {
        key: found
        for key, rows in whole.composite.items()
        if (found := tuple(row for row in rows if row.county_code in inside))
    }
    findings = None if whole.findings is None else {code: whole.findings.get(code, {}) for code in counties}
    return OverviewBook(composite, findings, region, {}, notices(extracts, latest, counties))


def search_files(connection: duckdb.DuckDBPyConnection, site: Site) -> dict[str, bytes]:
    """The index of the search box: every county, and every school of the latest years by its newest name."""
    if site.frame is None:
        return index_files([], [])
    pages = {code: f"{county_page(code)}.html" for code, _ in site.frame.counties}
    counties = [(code, name, pages[code]) for code, name in site.frame.counties]
    schools = [
        ((code, name, f"{school_page(county, page)}.html"), county)
        for code, name, county, page in ReleaseReader(connection).schools()
        if county in pages
    ]
    return index_files(counties, schools)


def build_site(
    connection: duckdb.DuckDBPyConnection,
    *,
    release_id: str,
    manifest: Mapping[str, Any],
    out: Path,
    fonts: Path,
    previous: Mapping[str, Any] | None = None,
    languages: tuple[str, ...] = LANGUAGES,
    sample: bool = False,
    workers: int = 2,
    progress: Progress | None = None,
) -> SiteSummary:
    """Build the whole site of a release and put it at ``out/<release_id>/``; ``out/index.html`` leads to the newest.

    ``connection`` may be read-only. The same release gives the same bytes, whether its pages are drawn or taken from
    the newest site that is there (a page made from the same facts by the same code is taken). Nothing appears under
    ``out`` before the site is complete; if building fails, what was there stays. ``previous``: manifest of the release
    before. See :func:`prepare_site` for ``fonts`` and ``sample``.
    """
    begun = time.monotonic()
    site = prepare_site(
        connection, release_id=release_id, manifest=manifest, fonts=fonts, languages=languages, sample=sample
    )  # fmt: skip
    before = next((Before(out / name, name) for name in sites(out)), None)
    total, units = site_units(connection, site, manifest, previous)
    # A process takes seconds to begin, a page of a small release less.
    processes = max(1, min(workers, total // WORTH_A_PROCESS))
    with workspace(out, release_id) as folder:
        built = write(folder, {**assets(site), **search_files(connection, site)})
        for done, (name, part) in enumerate(made(site, units, folder, before, processes), start=1):
            built += part
            if progress is not None:
                progress(done, total, name)
        index = publish(folder, out, site)
    return SiteSummary(
        index=index,
        release_id=release_id,
        counties=len(site.frame.counties) if site.frame else 0,
        pages=built.pages,
        pictures=built.pictures,
        bytes=built.bytes,
        drawn=built.drawn,
        reused=built.reused,
        seconds=time.monotonic() - begun,
    )


def _titles(frame: Frame) -> Iterator[str]:
    """Every title of a standard, indicator or unit in the release."""
    for standard in frame.standards.values():
        yield from (standard.key, standard.document, *standard.title.values())
        for term in frame.indicators[standard.key]:
            yield from (term.key, *term.title.values(), *term.unit.values())
    yield from (code for code, _ in frame.counties)
