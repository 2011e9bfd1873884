"""Inter-school coefficients (校际差异系数): a block a standard and stage, with the schools that make the gap.

Belongs here: the blocks of coefficients on a county's page. Does not belong here: comparison with other counties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.dashboards import numbers, sentences
from pipelines.dashboards.charts import gap, lines
from pipelines.dashboards.facts import Census, Coefficient, Composite, Contribution, Key, Point, Term
from pipelines.dashboards.families.desk import Desk
from pipelines.dashboards.pages.sheets import Sheet
from pipelines.dashboards.site import Picture
from pipelines.dashboards.tables import Column, table

#: Schools drawn and listed as making the gap; the files hold all of them.
LARGEST = 10
#: Schools listed by name as missing; the rest are counted.
LISTED = 30


@dataclass(frozen=True)
class Block:
    """One standard and stage on a county's page."""

    key: Key
    anchor: str
    title: str
    measure: str
    latest: Composite | None
    facts: list[str]
    trend: Picture | None
    trend_sheet: Sheet
    panels: list[Picture]
    absent: list[str]
    panel_sheet: Sheet | None
    detail_sheet: Sheet | None
    gap: Picture | None
    gap_sheet: Sheet | None
    counted: bool
    measured: bool
    missing: Sheet | None
    census: Census
    attainment: Sheet | None

    @property
    def verdict(self) -> bool | None:
        """The verdict of the latest year."""
        return self.latest.verdict if self.latest else None


def blocks(desk: Desk) -> list[Block]:
    """A block for every standard and stage that the county has."""
    return [_block(desk, key) for key in desk.frame.keys if key in desk.book.composite]


def _block(desk: Desk, key: Key) -> Block:
    frame, book, text = desk.frame, desk.book, desk.text
    standard, stage = key
    rows = book.composite[key]
    name = sentences.measure(text, rows)
    title = f"{sentences.standard_title(text, frame, standard)} · {text.stage(stage)}"
    latest = next((row for row in rows if row.school_year == frame.latest), None)
    order = [term.key for term in frame.indicators[standard]]
    details = sorted(
        (row for row in book.coefficients.get(key, ()) if row.school_year == frame.latest),
        key=lambda row: order.index(row.indicator) if row.indicator in order else len(order),
    )
    panels, absent, panel_sheet = _panels(desk, key, title)
    gap_sheet, picture = _gap(desk, key, details, title)
    everyone = book.contributions.get(key, ())
    return Block(
        key=key,
        anchor=f"{standard}-{stage}",
        title=title,
        measure=name,
        latest=latest,
        facts=sentences.county_facts(text, frame, book, key),
        trend=_trend(desk, key, latest),
        trend_sheet=_trend_sheet(desk, key, name, title),
        panels=panels,
        absent=absent,
        panel_sheet=panel_sheet,
        detail_sheet=_detail_sheet(desk, key, details, title),
        gap=picture,
        gap_sheet=gap_sheet,
        counted=bool(everyone),
        measured=any(share is not None for school in everyone for share in school.shares.values()),
        missing=_missing(desk, key, everyone, details),
        census=book.census.get(stage, Census(0, 0)),
        # The seven-indicator rule of schools belongs to the standard that is judged indicator by indicator.
        attainment=None if rows[-1].binding else _attainment(desk, key, title),
    )


def _name(key: Key, kind: str) -> str:
    return f"{key[0]}-{key[1]}-{kind}"


def _trend(desk: Desk, key: Key, latest: Composite | None) -> Picture | None:
    """The composite over the years; None where no year has one."""
    frame, book, text = desk.frame, desk.book, desk.text
    rows, points = book.composite[key], book.points(key, frame.years)
    if all(point.value is None for point in points):
        return None
    title = sentences.trend_title(text, book.name, key[1], frame.latest, latest)
    subtitle = text("trend.subtitle", measure=sentences.measure(text, rows))
    if any(point.withheld and point.value is not None for point in points):
        subtitle += text("trend.hollow")
    firsts = _firsts(desk, key, "composite")
    if firsts:
        subtitle += text("trend.first")
    top = max([lines.top_of(points), *(value * 1.1 for value in firsts.values())])
    figure = lines.draw(
        desk.pen, points, size=lines.TREND, title=title, subtitle=subtitle, top=top, binding=rows[-1].binding,
        breaks=desk.form_breaks(), firsts=firsts,
    )  # fmt: skip
    alt = sentences.trend_alt(text, title, points)
    if firsts:
        restated = [
            text("trend.alt.first", year=year, value=numbers.coefficient(value)) for year, value in firsts.items()
        ]
        alt += text("word.sentence_gap") + text("trend.alt.firsts", figures=text.join(restated))
    return desk.picture(_name(key, "trend"), figure, alt)


def _firsts(desk: Desk, key: Key, indicator: str) -> dict[int, float]:
    """By year, the coefficient as it was first stated, where a restatement has moved it."""
    rows = desk.rows("restated_point", standard=key[0], stage=key[1], indicator=indicator)
    return {row["school_year"]: row["coefficient_first"] for row in rows if row["coefficient_first"] is not None}


def _trend_sheet(desk: Desk, key: Key, measure: str, title: str) -> Sheet:
    """The composite by year; a year without a row says so."""
    text = desk.text
    by_year = {row.school_year: row for row in desk.book.composite[key]}
    columns = (
        Column("school_year", text("column.year"), "year"),
        Column("composite", measure, "coefficient"),
        Column("threshold", text("column.line"), "line"),
        Column("change_from_last_year", text("column.change"), "change"),
        Column("verdict", text("column.verdict"), "verdict"),
        Column("indicators_available", text("column.available"), "integer"),
        Column("indicators", text("column.indicators"), "integer"),
        Column("schools", text("column.schools"), "integer"),
        Column("enrolment", text("column.enrolment"), "integer"),
        Column("reason", text("column.reason"), "words"),
    )
    rows: list[tuple[object, ...]] = []
    for year in desk.frame.years:
        row = by_year.get(year)
        if row is None:
            rows.append((year, *(None,) * 8, text("word.no_data")))
        else:
            rows.append((
                year, row.composite, row.threshold, row.change_from_last_year, row.verdict, row.indicators_available,
                row.indicators, row.schools, row.enrolment, text.reason(row.reason) if row.verdict is None else "",
            ))  # fmt: skip
    return desk.sheets.add(table(_name(key, "trend"), text("table.trend", measure=measure, stage=title), columns, rows))


def _panels(desk: Desk, key: Key, title: str) -> tuple[list[Picture], list[str], Sheet | None]:
    """Panels on one common scale, titles of indicators that have no value in any year, and the table of the panels."""
    frame, book, pen = desk.frame, desk.book, desk.pen
    points = {term.key: book.indicator_points(key, term.key, frame.years) for term in frame.indicators[key[0]]}
    binding = {row.indicator: bool(row.threshold_binding) for row in book.coefficients.get(key, ())}
    top = lines.top_of([point for each in points.values() for point in each])
    panels: list[Picture] = []
    absent: list[str] = []
    rows: list[tuple[object, ...]] = []
    for term in frame.indicators[key[0]]:
        own, name = points[term.key], sentences.indicator_title(pen.text, term)
        if all(point.value is None for point in own):
            absent.append(name)
            continue
        panels.append(_panel(desk, key, term, own, name, top, binding.get(term.key, False)))
        rows.append((name, *(point.value for point in own)))
    if not rows:
        return panels, absent, None
    columns = [
        Column("indicator", pen.text("column.indicator")),
        *(Column(f"year_{year}", pen.text.year(year), "coefficient") for year in frame.years),
    ]
    caption = pen.text("table.coefficients", stage=title)
    return panels, absent, desk.sheets.add(table(_name(key, "coefficients"), caption, columns, rows))


def _panel(desk: Desk, key: Key, term: Term, points: list[Point], name: str, top: float, decides: bool) -> Picture:
    figure = lines.draw(
        desk.pen, points, size=lines.PANEL, title=name, top=top, binding=decides, breaks=desk.form_breaks(),
        firsts=_firsts(desk, key, term.key),
    )  # fmt: skip
    alt = sentences.panel_alt(desk.text, desk.book.name, key[1], term, points, binding=decides)
    return desk.picture(_name(key, term.key), figure, alt)


def _detail_sheet(desk: Desk, key: Key, details: Sequence[Coefficient], title: str) -> Sheet | None:
    """Every indicator of the latest year with its components."""
    if not details:
        return None
    text, frame = desk.text, desk.frame
    columns = (
        Column("indicator", text("column.indicator")),
        Column("unit", text("column.unit")),
        Column("mean", text("column.mean"), "number"),
        Column("standard_deviation", text("column.deviation"), "number"),
        Column("coefficient", text("column.coefficient"), "coefficient"),
        Column("threshold", text("column.line"), "line"),
        Column("threshold_binding", text("column.line_kind")),
        Column("meets", text("column.meets"), "verdict"),
        Column("schools", text("column.schools"), "integer"),
        Column("schools_missing", text("column.missing"), "integer"),
        Column("schools_without_pupils", text("column.without_pupils"), "integer"),
        Column("reason", text("column.reason"), "words"),
    )
    rows = [
        (
            sentences.indicator_title(text, frame.term(key[0], row.indicator)),
            frame.term(key[0], row.indicator).unit.get(text.language, ""),
            row.mean, row.standard_deviation, row.coefficient, row.threshold,
            "" if row.threshold is None else text("line.binding" if row.threshold_binding else "line.reference"),
            row.meets, row.schools, row.schools_missing, row.schools_without_pupils, text.reason(row.reason),
        )
        for row in details
    ]  # fmt: skip
    caption = text("table.latest", year=text.year(frame.latest), stage=title)
    return desk.sheets.add(table(_name(key, "latest"), caption, columns, rows))


def _gap(desk: Desk, key: Key, details: Sequence[Coefficient], title: str) -> tuple[Sheet | None, Picture | None]:
    """The schools with the largest shares drawn, all of them in the table; nothing where there is no gap to share."""
    frame, book, pen = desk.frame, desk.book, desk.pen
    everyone = book.contributions.get(key, ())
    sharing = [school for school in everyone if school.share > 0]
    if not sharing:
        return None, None
    means = {row.indicator: row.mean for row in details}
    available = {key for school in everyone for key, share in school.shares.items() if share is not None}
    rows, bars, spoken, links = [], [], [], {}
    for at, school in enumerate(sharing):
        top = school.top or ""
        term = frame.term(key[0], top)
        value, mean = school.values.get(top), means.get(top)
        note = sentences.gap_note(pen.text, term, value, mean)
        rows.append(
            (
                school.school_name,
                school.school_code,
                school.pupils,
                school.share,
                sentences.indicator_title(pen.text, term),
                term.unit.get(pen.text.language, ""),
                value,
                mean,
            )
        )
        if school.school_code in desk.school_links:
            links[at] = desk.school_links[school.school_code]
        if at < LARGEST:
            part = (school.shares.get(top) or 0.0) / len(available)
            bars.append(gap.Bar(school.school_name, school.share, part, note))
            spoken.append((school.school_name, school.share, note))
    words = sentences.gap_title(pen.text, book.name, key[1], frame.latest, sharing[:LARGEST], len(everyone))
    figure = gap.draw(pen, bars, title=words, subtitle=pen.text("gap.subtitle", indicators=len(available)))
    picture = desk.picture(_name(key, "gap"), figure, sentences.gap_alt(pen.text, words, spoken))
    text = pen.text
    columns = (
        Column("school_name", text("column.school")),
        Column("school_code", text("column.school_code"), "code"),
        Column("pupils", text("column.pupils"), "integer"),
        Column("share", text("column.share"), "share"),
        Column("indicator", text("column.top_indicator"), "words"),
        Column("unit", text("column.unit")),
        Column("value", text("column.value"), "number"),
        Column("mean", text("column.mean"), "number"),
    )
    caption = text("table.gap", year=text.year(frame.latest), stage=title)
    return desk.sheets.add(table(_name(key, "gap"), caption, columns, rows, links=links, shown=LARGEST)), picture


def _missing(desk: Desk, key: Key, everyone: Sequence[Contribution], details: Sequence[Coefficient]) -> Sheet | None:
    """Schools without all of their values; an indicator that nobody has is named once above, not once a school."""
    text, frame = desk.text, desk.frame
    nowhere = {row.indicator for row in details if row.schools == 0}
    lacking = sorted(
        (school for school in everyone if set(school.missing) - nowhere), key=lambda school: school.school_code
    )
    if not lacking:
        return None
    rows = [
        (
            school.school_name, school.school_code,
            sentences.indicator_list(text, frame, key[0], [one for one in school.missing if one not in nowhere]),
        )
        for school in lacking
    ]  # fmt: skip
    columns = (
        Column("school_name", text("column.school")),
        Column("school_code", text("column.school_code"), "code"),
        Column("missing", text("column.missing_indicators"), "words"),
    )
    links = {
        at: desk.school_links[school.school_code]
        for at, school in enumerate(lacking)
        if school.school_code in desk.school_links
    }
    return desk.sheets.add(
        table(_name(key, "missing"), text("county.missing"), columns, rows, links=links, shown=LISTED)
    )


def _attainment(desk: Desk, key: Key, title: str) -> Sheet | None:
    rows = desk.book.attainment.get(key[1], ())
    if not rows:
        return None
    text = desk.text
    columns = (
        Column("school_year", text("column.year"), "year"),
        Column("schools", text("column.schools"), "integer"),
        Column("schools_attaining", text("column.attaining"), "integer"),
        Column("share", text("column.attain_share"), "share"),
        Column("schools_missing", text("column.missing"), "integer"),
        Column("all_attain", text("column.all_attain"), "verdict"),
        Column("reason", text("column.reason"), "words"),
    )
    cells = [
        (row.school_year, row.schools, row.schools_attaining, row.share, row.schools_missing, row.all_attain,
         text.reason(row.reason))
        for row in rows
    ]  # fmt: skip
    return desk.sheets.add(table(_name(key, "attainment"), text("table.attainment", stage=title), columns, cells))
