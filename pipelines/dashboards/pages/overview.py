"""The overview: how many counties are within the line, which are not, how it went.

Belongs here: all counties of a release on one page. Does not belong here: anything of a single county.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.dashboards import sentences
from pipelines.dashboards.charts import heat
from pipelines.dashboards.facts import (
    Composite,
    Frame,
    Key,
    OverviewBook,
    Point,
    Ranked,
    Tally,
    joint_verdict,
    ranked,
    tally,
)
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.site import Picture, Pictures, Site, county_page


@dataclass(frozen=True)
class StageBlock:
    """One stage of a standard: heat map, the numbers in it, the ranking of the latest year."""

    key: Key
    title: str
    measure: str
    tally: Tally
    picture: Picture | None
    cells: dict[tuple[str, int], Point]
    ranking: list[Ranked]


@dataclass(frozen=True)
class StandardBlock:
    """One standard: counties by joint verdict, then its stages."""

    key: str
    title: str
    headline: str
    tally: Tally
    stages: list[StageBlock]


def files(site: Site, book: OverviewBook) -> dict[str, bytes]:
    """Address → bytes of the overview and its pictures in every language of the site."""
    found: dict[str, bytes] = {}
    with site.fonts.active():
        for language in site.languages:
            found.update(_page(site, book, language))
    return found


def _page(site: Site, book: OverviewBook, language: str) -> dict[str, bytes]:
    frame = site.frame
    pictures = Pictures(language, "overview")
    blocks = [] if frame is None else [_standard(site, frame, book, pictures, language, key) for key in frame.standards]
    address, html = render(
        site, language, "index", "overview.html",
        frame=frame, blocks=blocks, findings=book.findings, sentences=sentences,
        county_address=lambda code: site.page(language, county_page(code)),
    )  # fmt: skip
    return {address: html, **pictures.files}


def _standard(
    site: Site, frame: Frame, book: OverviewBook, pictures: Pictures, language: str, standard: str
) -> StandardBlock:
    text = site.pen(language).text
    keys = [(standard, stage) for stage in frame.stages if (standard, stage) in book.composite]
    latest = {
        (key, row.county_code): row.verdict
        for key in keys
        for row in book.composite[key]
        if row.school_year == frame.latest
    }
    joint = tally(joint_verdict(latest.get((key, code)) for key in keys) for code, _ in frame.counties)
    return StandardBlock(
        key=standard,
        title=sentences.standard_title(text, frame, standard, document=True),
        headline=sentences.headline(text, frame, standard, joint),
        tally=joint,
        stages=[_stage(site, frame, book.composite[key], pictures, language, key) for key in keys],
    )


def _stage(
    site: Site, frame: Frame, rows: tuple[Composite, ...], pictures: Pictures, language: str, key: Key
) -> StageBlock:
    pen = site.pen(language)
    cells = {
        (row.county_code, row.school_year): Point(
            row.school_year, row.composite, row.threshold, row.verdict is None and row.reason is not None
        )
        for row in rows
    }
    name = sentences.measure(pen.text, rows)
    picture = None
    if any(point.value is not None for point in cells.values()):
        title = sentences.heat_title(pen.text, frame, key, rows)
        binding = rows[-1].binding
        subtitle = pen.text("heat.subtitle" if binding else "heat.subtitle.every", measure=name)
        figure = heat.draw(pen, frame.counties, frame.years, cells, title=title, subtitle=subtitle, binding=binding)
        picture = pictures.add(f"{key[0]}-{key[1]}", figure, title + pen.text("word.sentence_end"))
    ranking = ranked(frame, rows)
    return StageBlock(
        key=key,
        title=pen.text.stage(key[1]),
        measure=name,
        tally=tally(entry.row.verdict if entry.row else None for entry in ranking),
        picture=picture,
        cells=cells,
        ranking=ranking,
    )
