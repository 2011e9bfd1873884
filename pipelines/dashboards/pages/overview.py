"""The overview: how many counties are within the line, which are not, how it went, who retreats, who has not filed.

Belongs here: all counties of a release, or of one of its regions, on one page. Does not belong here: anything of a
single county.

A release with many counties has an overview by region, and each region a page like the overview of a small release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.dashboards import sentences
from pipelines.dashboards.books.notices import Notices
from pipelines.dashboards.charts import grid, heat
from pipelines.dashboards.codes import words
from pipelines.dashboards.extract import Extract, worded
from pipelines.dashboards.facts import (
    Composite,
    Frame,
    Key,
    OverviewBook,
    Point,
    Tally,
    joint_verdict,
    ranked,
    tally,
)
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheet, Sheets
from pipelines.dashboards.site import Picture, Pictures, Site, county_page, region_page
from pipelines.dashboards.tables import Column, Table, table
from pipelines.dashboards.text import Text

#: Rows of notices that stand on the page.
SHOWN = 40
#: Regions that one picture can hold.
MOST_REGIONS = 60


@dataclass(frozen=True)
class StageBlock:
    """One stage of a standard: heat map, then its tables (by county, or by region)."""

    key: Key
    title: str
    measure: str
    tally: Tally
    picture: Picture | None
    latest: Sheet
    years: Sheet


@dataclass(frozen=True)
class StandardBlock:
    """One standard: counties by joint verdict, then its stages."""

    key: str
    title: str
    headline: str
    tally: Tally
    stages: list[StageBlock]


@dataclass(frozen=True)
class Desk:
    """What the parts of one overview in one language are made with."""

    site: Site
    frame: Frame
    book: OverviewBook
    text: Text
    pictures: Pictures
    sheets: Sheets


def files(site: Site, book: OverviewBook) -> dict[str, bytes]:
    """Address → bytes of an overview, its pictures and files in every language of the site."""
    found: dict[str, bytes] = {}
    with site.fonts.active():
        for language in site.languages:
            found.update(_page(site, book, language))
    return found


def _page(site: Site, book: OverviewBook, language: str) -> dict[str, bytes]:
    name = region_page(book.region[0]) if book.region else "index"
    folder = name if book.region else "overview"
    pictures, sheets = Pictures(language, folder), Sheets(site, language, folder)
    text = site.pen(language).text
    blocks: list[StandardBlock] = []
    notices: dict[str, Sheet | None] = {}
    if site.frame is not None:
        desk = Desk(site, site.frame, book, text, pictures, sheets)
        blocks = [_standard(desk, key) for key in site.frame.standards]
        notices = _notices(desk)
    title = text("overview.region.title", region=book.region[1]) if book.region else text("overview.title")
    address, html = render(
        site, language, name, "overview.html",
        frame=site.frame, blocks=blocks, notices=notices, title=title, region=book.region,
        retreat_known=book.notices is not None and book.notices.retreat is not None,
        filing_known=book.notices is not None and book.notices.not_filed is not None,
    )  # fmt: skip
    return {address: html, **pictures.files, **sheets.files(title)}


def _notices(desk: Desk) -> dict[str, Sheet | None]:
    """Who retreats after recognition and who has not filed, where the release knows."""
    book: Notices | None = desk.book.notices
    if book is None:
        return {}
    year = desk.text.year(desk.frame.latest)
    known = {code for code, _ in desk.frame.counties}
    found: dict[str, Sheet | None] = {}
    for name, extract, caption in (
        ("retreat", book.retreat, desk.text("overview.retreat")),
        ("standing", book.standing, desk.text("overview.standing", year=year)),
        ("not_filed", book.not_filed, desk.text("overview.not_filed", year=year)),
    ):
        if extract is None or not extract.rows:
            found[name] = None
            continue
        extract = _with_parts(desk, extract)
        codes = extract.column("county_code")
        links = {
            place: desk.site.page(desk.text.language, county_page(str(code)))
            for place, code in enumerate(codes)
            if str(code) in known
        }
        found[name] = desk.sheets.add(worded(extract, desk.text, book.terms, caption=caption, links=links, shown=SHOWN))
    return found


def _with_parts(desk: Desk, extract: Extract) -> Extract:
    """The extract with parts of a scorecard (``part/stage``, comma-separated) in words."""
    places = {at for at, each in enumerate(extract.fields) if each.key in ("retreat_parts", "weakest_part")}
    rows = [
        tuple(words(desk.text, desk.frame.terms, "part", cell) if at in places else cell for at, cell in enumerate(row))
        for row in extract.rows
    ]
    return replace(extract, rows=tuple(rows))


def _standard(desk: Desk, standard: str) -> StandardBlock:
    frame, text = desk.frame, desk.text
    keys = [(standard, stage) for stage in frame.stages if (standard, stage) in desk.book.composite]
    latest = {
        (key, row.county_code): row.verdict
        for key in keys
        for row in desk.book.composite[key]
        if row.school_year == frame.latest
    }
    joint = tally(joint_verdict(latest.get((key, code)) for key in keys) for code, _ in frame.counties)
    return StandardBlock(
        key=standard,
        title=sentences.standard_title(text, frame, standard, document=True),
        headline=sentences.headline(text, frame, standard, joint),
        tally=joint,
        stages=[_stage(desk, key) for key in keys],
    )


def _stage(desk: Desk, key: Key) -> StageBlock:
    frame, text = desk.frame, desk.text
    rows = desk.book.composite[key]
    name = sentences.measure(text, rows)
    latest = {row.county_code: row for row in rows if row.school_year == frame.latest}
    counted = tally(latest[code].verdict if code in latest else None for code, _ in frame.counties)
    if desk.book.regions:
        found = _by_region(desk, rows)
        tables = _regions(desk, key, found), _region_years(desk, key, found)
        picture = _region_picture(desk, key, found)
    else:
        cells = {
            (row.county_code, row.school_year): Point(
                row.school_year, row.composite, row.threshold, row.verdict is None and row.reason is not None
            )
            for row in rows
        }
        tables = _ranking(desk, key, rows, name), _years(desk, key, cells, name)
        picture = _picture(desk, key, rows, cells, name)
    return StageBlock(key, text.stage(key[1]), name, counted, picture, *(desk.sheets.add(each) for each in tables))


def _picture(
    desk: Desk, key: Key, rows: Sequence[Composite], cells: dict[tuple[str, int], Point], name: str
) -> Picture | None:
    if not any(point.value is not None for point in cells.values()):
        return None
    pen = desk.site.pen(desk.text.language)
    title, binding = sentences.heat_title(pen.text, desk.frame, key, rows), rows[-1].binding
    subtitle = pen.text("heat.subtitle" if binding else "heat.subtitle.every", measure=name)
    figure = heat.draw(
        pen, desk.frame.counties, desk.frame.years, cells, title=title, subtitle=subtitle, binding=binding
    )
    return desk.pictures.add(f"{key[0]}-{key[1]}", figure, title + pen.text("word.sentence_end"))


def _by_region(desk: Desk, rows: Sequence[Composite]) -> dict[tuple[str, int], Tally]:
    """Counties by verdict, by region and year."""
    verdicts = {(row.county_code, row.school_year): row.verdict for row in rows}
    return {
        (code, year): tally(verdicts.get((each, year)) for each in counties)
        for (code, _), counties in desk.book.regions.items()
        for year in desk.frame.years
    }


def _region_picture(desk: Desk, key: Key, found: Mapping[tuple[str, int], Tally]) -> Picture | None:
    """How many counties of each region meet, year by year; none of a nation with more regions than a page can hold."""
    frame, regions = desk.frame, [code for code, _ in desk.book.regions]
    if len(regions) > MOST_REGIONS or not any(each.judged for each in found.values()):
        return None
    pen = desk.site.pen(desk.text.language)
    cells = {
        place: grid.Cell(*((f"{each.met}/{each.judged}", each.missed == 0) if each.judged else ("–", None)))
        for place, each in found.items()
    }
    whole = sum(cells[code, frame.latest].verdict is True for code in regions)
    title = pen.text(
        "overview.regions.title", year=pen.text.year(frame.latest), stage=pen.text.stage(key[1]), regions=len(regions),
        whole=whole,
    )  # fmt: skip
    explained = [(grid.MET, pen.text("overview.regions.met")), (grid.FAILED, pen.text("overview.regions.missed"))]
    if any(cell.verdict is None for cell in cells.values()):
        explained.append((grid.OPEN, pen.text("key.open")))
    figure = grid.draw(
        pen, list(desk.book.regions), frame.years, cells, title=title, subtitle=pen.text("overview.regions.subtitle"),
        key=explained,
    )  # fmt: skip
    return desk.pictures.add(f"{key[0]}-{key[1]}", figure, title + pen.text("word.sentence_end"))


def _ranking(desk: Desk, key: Key, rows: Iterable[Composite], name: str) -> Table:
    """Every county in the latest year: not met first, then withheld, then met."""
    frame, text, findings = desk.frame, desk.text, desk.book.findings
    columns = [
        Column("county_name", text("column.county")),
        Column("county_code", text("column.county_code"), "code"),
        Column("verdict", text("column.verdict"), "verdict"),
        Column("composite", name, "coefficient"),
        Column("change_from_last_year", text("column.change"), "change"),
        Column("threshold", text("column.line"), "line"),
        Column("last_crossed_year", text("column.since"), "year"),
        Column("schools", text("column.schools"), "integer"),
        Column("enrolment", text("column.enrolment"), "integer"),
        Column("indicators_above", text("column.above"), "words"),
        Column("reason", text("column.reason"), "words"),
    ]
    if findings is not None:
        columns += [
            Column("errors", text("column.errors"), "integer"), Column("queries", text("column.queries"), "integer")
        ]  # fmt: skip
    cells, links = [], {}
    for place, entry in enumerate(ranked(frame, rows)):
        row = entry.row
        given: list[object] = [entry.name, entry.code]
        if row is None:
            given += [*[None] * 8, text("county.card.norow", year=text.year(frame.latest))]
        else:
            given += [
                row.verdict, row.composite, row.change_from_last_year, row.threshold, row.last_crossed_year,
                row.schools, row.enrolment, sentences.indicator_list(text, frame, key[0], row.above) or None,
                text.reason(row.reason) if row.verdict is None else None,
            ]  # fmt: skip
        if findings is not None:
            found = findings.get(entry.code, {})
            given += [found.get("error", 0), found.get("query", 0)]
        cells.append(given)
        links[place] = f"{desk.site.page(text.language, county_page(entry.code))}#{key[0]}-{key[1]}"
    caption = text(
        "overview.table.caption",
        standard=sentences.standard_title(text, frame, key[0]), stage=text.stage(key[1]), year=text.year(frame.latest),
    )  # fmt: skip
    return table(f"{key[0]}-{key[1]}-ranking", caption, columns, cells, links=links, note=text("overview.order"))


def _years(desk: Desk, key: Key, cells: dict[tuple[str, int], Point], name: str) -> Table:
    frame, text = desk.frame, desk.text
    columns = [Column("county_name", text("column.county")), Column("county_code", text("column.county_code"), "code")]
    columns += [Column(f"composite_{year}", text.year(year), "coefficient") for year in frame.years]
    rows = [
        (county, code, *(point.value if (point := cells.get((code, year))) else None for year in frame.years))
        for code, county in frame.counties
    ]
    title = f"{sentences.standard_title(text, frame, key[0])} · {text.stage(key[1])}"
    caption = text("overview.data_caption", measure=name, stage=title)
    return table(f"{key[0]}-{key[1]}-years", caption, columns, rows)


def _regions(desk: Desk, key: Key, found: Mapping[tuple[str, int], Tally]) -> Table:
    """Every region in the latest year, with the way to its page."""
    frame, text, place = desk.frame, desk.text, f"{key[0]}-{key[1]}"
    rows = [(name, code, *_counted(found[code, frame.latest])) for code, name in desk.book.regions]
    links = {
        at: f"{desk.site.page(text.language, region_page(code))}#{place}"
        for at, (code, _) in enumerate(desk.book.regions)
    }
    columns = (*_region(text), *_counts(text))
    caption = text("overview.regions", stage=text.stage(key[1]), year=text.year(frame.latest))
    return table(f"{place}-regions", caption, columns, rows, links=links)


def _region_years(desk: Desk, key: Key, found: Mapping[tuple[str, int], Tally]) -> Table:
    """Every region in every year, the latest first: the data of the picture."""
    text = desk.text
    rows = [
        (name, code, year, *_counted(found[code, year]))
        for code, name in desk.book.regions
        for year in reversed(desk.frame.years)
    ]
    columns = (*_region(text), Column("school_year", text("column.year"), "year"), *_counts(text))
    caption = text("overview.regions.years", stage=text.stage(key[1]))
    return table(f"{key[0]}-{key[1]}-region-years", caption, columns, rows, shown=SHOWN)


def _region(text: Text) -> tuple[Column, ...]:
    return Column("region_name", text("column.region")), Column("region_code", text("column.region_code"), "code")


def _counts(text: Text) -> tuple[Column, ...]:
    return (
        Column("counties", text("column.counties"), "integer"),
        Column("met", text("column.met"), "integer"),
        Column("missed", text("column.missed"), "integer"),
        Column("withheld", text("column.withheld"), "integer"),
        Column("share_met", text("column.share_met"), "share"),
    )


def _counted(each: Tally) -> tuple[int | float | None, ...]:
    """The cells of ``_counts``."""
    return each.counties, each.met, each.missed, each.withheld, each.share
