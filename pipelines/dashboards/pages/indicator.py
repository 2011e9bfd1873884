"""One indicator across counties: every county over the years against the line, the latest year ranked.

Belongs here: the page of one indicator and the list of all of them. Does not belong here: anything of a single county.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.dashboards import sentences
from pipelines.dashboards.books.indicators import IndicatorBook
from pipelines.dashboards.charts import bundle
from pipelines.dashboards.facts import Coefficient, Frame, Point
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheet, Sheets
from pipelines.dashboards.site import Picture, Pictures, Site, county_page, indicator_page
from pipelines.dashboards.tables import Column, Table, table
from pipelines.dashboards.text import Text, load

#: Counties named in the picture: so many from the top, and the one at the bottom.
NAMED = 6


@dataclass(frozen=True)
class StageBlock:
    """One stage: picture, ranking, all years."""

    stage: str
    title: str
    sentence: str
    picture: Picture | None
    ranking: Sheet
    years: Sheet


def files(site: Site, book: IndicatorBook) -> dict[str, bytes]:
    """Address → bytes of an indicator's page, pictures and files in every language of the site."""
    found: dict[str, bytes] = {}
    if site.frame is None:
        return found
    with site.fonts.active():
        for language in site.languages:
            found.update(_page(site, site.frame, book, language))
    return found


def list_files(site: Site) -> dict[str, bytes]:
    """Address → bytes of the page that lists the indicators."""
    found = {}
    for language in site.languages:
        text = load(language)
        standards = [
            (
                sentences.standard_title(text, site.frame, standard, document=True),
                [
                    (sentences.indicator_title(text, term), term.unit.get(language, ""),
                     site.page(language, indicator_page(standard, term.key)))
                    for term in site.frame.indicators[standard]
                ],
            )
            for standard in site.frame.standards
        ] if site.frame else []  # fmt: skip
        address, html = render(site, language, "indicators", "indicators.html", standards=standards)
        found[address] = html
    return found


def _page(site: Site, frame: Frame, book: IndicatorBook, language: str) -> dict[str, bytes]:
    text = load(language)
    name = indicator_page(book.standard, book.indicator)
    title = sentences.indicator_title(text, frame.term(book.standard, book.indicator))
    pictures, sheets = Pictures(language, name), Sheets(site, language, name)
    blocks = [_stage(site, frame, book, text, stage, pictures, sheets) for stage in frame.stages]
    address, html = render(
        site, language, name, "indicator.html",
        frame=frame, title=title, blocks=blocks, unit=frame.term(book.standard, book.indicator).unit.get(language, ""),
        standard=sentences.standard_title(text, frame, book.standard, document=True),
        indicators=site.page(language, "indicators"),
    )  # fmt: skip
    return {address: html, **pictures.files, **sheets.files(title)}


def _stage(
    site: Site, frame: Frame, book: IndicatorBook, text: Text, stage: str, pictures: Pictures, sheets: Sheets
) -> StageBlock:
    lines, latest = book.points[stage], book.latest[stage]
    title = sentences.indicator_title(text, frame.term(book.standard, book.indicator))
    above = sum(bool(points[-1].above) for points in lines.values())
    known = sum(points[-1].value is not None for points in lines.values())
    sentence = text(
        "indicator.sentence" if above else "indicator.sentence.none",
        year=text.year(frame.latest), stage=text.stage(stage), indicator=title, counties=known, above=above,
        kind=text("word.line" if book.binding else "word.reference"),
    )  # fmt: skip
    picture = None
    if any(point.value is not None for points in lines.values() for point in points):
        figure = bundle.draw(
            site.pen(text.language), lines, _named(frame, lines), title=sentence,
            subtitle=text("indicator.subtitle"), binding=book.binding,
        )  # fmt: skip
        picture = pictures.add(stage, figure, sentence)
    return StageBlock(
        stage=stage,
        title=text.stage(stage),
        sentence=sentence,
        picture=picture,
        ranking=sheets.add(_ranking(site, frame, text, book, stage, latest)),
        years=sheets.add(_years(site, frame, text, book, stage, lines)),
    )


def _named(frame: Frame, lines: Mapping[str, Sequence[Point]]) -> list[tuple[str, str]]:
    """The counties with the largest latest values and the one with the least."""
    known = sorted(
        ((points[-1].value, code) for code, points in lines.items() if points[-1].value is not None), reverse=True
    )
    names = dict(frame.counties)
    chosen = [code for _, code in (known if len(known) <= NAMED + 1 else [*known[:NAMED], known[-1]])]
    return [(code, names[code]) for code in chosen]


def _ranking(
    site: Site, frame: Frame, text: Text, book: IndicatorBook, stage: str, latest: Mapping[str, Coefficient]
) -> Table:
    unit = frame.term(book.standard, book.indicator).unit.get(text.language, "")
    columns = (
        Column("county_name", text("column.county")),
        Column("county_code", text("column.county_code"), "code"),
        Column("coefficient", text("column.coefficient"), "coefficient"),
        Column("change", text("column.change"), "change"),
        Column("threshold", text("column.line"), "line"),
        Column("meets", text("column.meets"), "verdict"),
        Column("mean", text("column.mean"), "number", unit),
        Column("schools", text("column.schools"), "integer"),
        Column("schools_missing", text("column.missing"), "integer"),
        Column("reason", text("column.reason"), "words"),
    )  # fmt: skip
    before = {code: _value(points, frame.latest - 1) for code, points in book.points[stage].items()}
    order = sorted(
        frame.counties,
        key=lambda county: (
            _coefficient(latest.get(county[0])) is None,
            -(_coefficient(latest.get(county[0])) or 0.0),
            county[0],
        ),
    )
    rows = []
    for code, name in order:
        row = latest.get(code)
        value, last = _coefficient(row), before[code]
        rows.append((
            name, code, value, None if value is None or last is None else value - last, row.threshold if row else None,
            row.meets if row else None, row.mean if row else None, row.schools if row else None,
            row.schools_missing if row else None, text.reason(row.reason) if row else text("word.no_data"),
        ))  # fmt: skip
    links = {
        place: f"{site.page(text.language, county_page(code))}#{book.standard}-{stage}"
        for place, (code, _) in enumerate(order)
    }
    caption = text("indicator.ranking", stage=text.stage(stage), year=text.year(frame.latest))
    return table(f"{stage}-ranking", caption, columns, rows, links=links)


def _years(
    site: Site, frame: Frame, text: Text, book: IndicatorBook, stage: str, lines: Mapping[str, Sequence[Point]]
) -> Table:
    columns = [Column("county_name", text("column.county")), Column("county_code", text("column.county_code"), "code")]
    columns += [Column(f"coefficient_{year}", text.year(year), "coefficient") for year in frame.years]
    rows = [(name, code, *(point.value for point in lines[code])) for code, name in frame.counties]
    caption = text("indicator.years", stage=text.stage(stage))
    return table(f"{stage}-years", caption, columns, rows)


def _coefficient(row: Coefficient | None) -> float | None:
    return row.coefficient if row else None


def _value(points: Sequence[Point], year: int) -> float | None:
    return next((point.value for point in points if point.year == year), None)
