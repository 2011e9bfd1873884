"""The page of one county: the verdicts, how the coefficients went, which schools make the gap, what is missing.

Belongs here: everything of a single county. Does not belong here: comparison with other counties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.dashboards import sentences
from pipelines.dashboards.charts import gap, lines
from pipelines.dashboards.charts.canvas import Pen
from pipelines.dashboards.facts import (
    Attainment,
    Census,
    Coefficient,
    Composite,
    Contribution,
    CountyBook,
    Frame,
    Key,
    Point,
    Term,
)
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.site import Picture, Pictures, Site, county_page

#: Schools drawn and listed as making the gap.
LARGEST = 10
#: Schools listed by name as missing; the rest are counted.
LISTED = 30


@dataclass(frozen=True)
class IndicatorPanel:
    """One indicator of a standard: its picture and its points over the years."""

    term: Term
    title: str
    picture: Picture
    points: list[Point]


@dataclass(frozen=True)
class SchoolRow:
    """A school of the gap table."""

    school: Contribution
    indicator: str
    unit: str
    value: float | None
    mean: float | None
    part: float


@dataclass(frozen=True)
class Block:
    """One standard and stage on a county's page."""

    key: Key
    anchor: str
    title: str
    measure: str
    latest: Composite | None
    facts: list[str]
    rows: dict[int, Composite]
    trend: Picture | None
    panels: list[IndicatorPanel]
    absent: list[str]
    details: list[Coefficient]
    gap: Picture | None
    schools: list[SchoolRow]
    counted: bool
    measured: bool
    missing: list[tuple[Contribution, str]]
    missing_unlisted: int
    census: Census
    attainment: Sequence[Attainment]


@dataclass(frozen=True)
class Desk:
    """What the parts of one county's page in one language are made with."""

    frame: Frame
    book: CountyBook
    pen: Pen
    pictures: Pictures


def files(site: Site, book: CountyBook) -> dict[str, bytes]:
    """Address → bytes of a county's page and its pictures in every language of the site."""
    found: dict[str, bytes] = {}
    if site.frame is None:
        return found
    with site.fonts.active():
        for language in site.languages:
            found.update(_page(site, site.frame, book, language))
    return found


def _page(site: Site, frame: Frame, book: CountyBook, language: str) -> dict[str, bytes]:
    desk = Desk(frame, book, site.pen(language), Pictures(language, county_page(book.code)))
    blocks = [_block(desk, key) for key in frame.keys if key in book.composite]
    text = desk.pen.text
    address, html = render(
        site, language, county_page(book.code), "county.html",
        frame=frame, book=book, blocks=blocks, sentences=sentences,
        term_title=lambda standard, key: sentences.indicator_title(text, frame.term(standard, key)),
        term_unit=lambda standard, key: frame.term(standard, key).unit.get(language, ""),
    )  # fmt: skip
    return {address: html, **desk.pictures.files}


def _block(desk: Desk, key: Key) -> Block:
    frame, book, text = desk.frame, desk.book, desk.pen.text
    standard, stage = key
    rows = book.composite[key]
    name = sentences.measure(text, rows)
    latest = next((row for row in rows if row.school_year == frame.latest), None)
    panels, absent = _panels(desk, key)
    details = [row for row in book.coefficients.get(key, ()) if row.school_year == frame.latest]
    order = [term.key for term in frame.indicators[standard]]
    schools, picture = _gap(desk, key, details)
    everyone = book.contributions.get(key, ())
    lacking = [school for school in everyone if school.missing]
    # An indicator that nobody has is named once above, not once a school.
    nowhere = {row.indicator for row in details if row.schools == 0}
    named = [
        (school, sentences.indicator_list(text, frame, standard, [i for i in school.missing if i not in nowhere]))
        for school in sorted(lacking, key=lambda school: school.school_code)
        if set(school.missing) - nowhere
    ]
    return Block(
        key=key,
        anchor=f"{standard}-{stage}",
        title=f"{sentences.standard_title(text, frame, standard)} · {text.stage(stage)}",
        measure=name,
        latest=latest,
        facts=sentences.county_facts(text, frame, book, key),
        rows={row.school_year: row for row in rows},
        trend=_trend(desk, key, latest),
        panels=panels,
        absent=absent,
        details=sorted(details, key=lambda row: order.index(row.indicator) if row.indicator in order else len(order)),
        gap=picture,
        schools=schools,
        counted=bool(everyone),
        measured=any(share is not None for school in everyone for share in school.shares.values()),
        missing=named[:LISTED],
        missing_unlisted=max(0, len(named) - LISTED),
        census=book.census.get(stage, Census(0, 0)),
        # The seven-indicator rule of schools belongs to the standard that is judged indicator by indicator.
        attainment=() if rows[-1].binding else book.attainment.get(stage, ()),
    )


def _trend(desk: Desk, key: Key, latest: Composite | None) -> Picture | None:
    """The composite over the years; None where no year has one."""
    frame, book, text = desk.frame, desk.book, desk.pen.text
    rows, points = book.composite[key], book.points(key, frame.years)
    if all(point.value is None for point in points):
        return None
    title = sentences.trend_title(text, book.name, key[1], frame.latest, latest)
    subtitle = text("trend.subtitle", measure=sentences.measure(text, rows))
    if any(point.withheld and point.value is not None for point in points):
        subtitle += text("trend.hollow")
    top = lines.top_of(points)
    figure = lines.draw(
        desk.pen, points, size=lines.TREND, title=title, subtitle=subtitle, top=top, binding=rows[-1].binding
    )
    return desk.pictures.add(f"{key[0]}-{key[1]}-trend", figure, sentences.trend_alt(text, title, points))


def _panels(desk: Desk, key: Key) -> tuple[list[IndicatorPanel], list[str]]:
    """Panels on one common scale, and the titles of indicators that have no value in any year."""
    frame, book, pen = desk.frame, desk.book, desk.pen
    lists = {term.key: book.indicator_points(key, term.key, frame.years) for term in frame.indicators[key[0]]}
    binding = {row.indicator: bool(row.threshold_binding) for row in book.coefficients.get(key, ())}
    top = lines.top_of([point for points in lists.values() for point in points])
    panels, absent = [], []
    for term in frame.indicators[key[0]]:
        points, title = lists[term.key], sentences.indicator_title(pen.text, term)
        if all(point.value is None for point in points):
            absent.append(title)
            continue
        decides = binding.get(term.key, False)
        figure = lines.draw(pen, points, size=lines.PANEL, title=title, top=top, binding=decides)
        alt = sentences.panel_alt(pen.text, book.name, key[1], term, points, binding=decides)
        panels.append(
            IndicatorPanel(term, title, desk.pictures.add(f"{key[0]}-{key[1]}-{term.key}", figure, alt), points)
        )  # fmt: skip
    return panels, absent


def _gap(desk: Desk, key: Key, details: list[Coefficient]) -> tuple[list[SchoolRow], Picture | None]:
    """The schools with the largest shares, and their picture; nothing where there is no gap to share."""
    frame, book, pen = desk.frame, desk.book, desk.pen
    everyone = book.contributions.get(key, ())
    largest = [school for school in everyone if school.share > 0][:LARGEST]
    if not largest:
        return [], None
    means = {row.indicator: row.mean for row in details}
    available = {key for school in everyone for key, share in school.shares.items() if share is not None}
    rows, bars, spoken = [], [], []
    for school in largest:
        top = school.top or ""
        term = frame.term(key[0], top)
        value, mean = school.values.get(top), means.get(top)
        part = (school.shares.get(top) or 0.0) / len(available)
        note = sentences.gap_note(pen.text, term, value, mean)
        unit = term.unit.get(pen.text.language, "")
        rows.append(SchoolRow(school, sentences.indicator_title(pen.text, term), unit, value, mean, part))
        bars.append(gap.Bar(school.school_name, school.share, part, note))
        spoken.append((school.school_name, school.share, note))
    title = sentences.gap_title(pen.text, book.name, key[1], frame.latest, largest, len(everyone))
    figure = gap.draw(pen, bars, title=title, subtitle=pen.text("gap.subtitle", indicators=len(available)))
    return rows, desk.pictures.add(f"{key[0]}-{key[1]}-gap", figure, sentences.gap_alt(pen.text, title, spoken))
