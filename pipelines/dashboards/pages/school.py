"""The page of one school: its indicators over the years against county mean, line and floor, its part in the gap.

Belongs here: everything of a single school. Does not belong here: comparison of schools (the county's page).

There are fifty times as many of these pages as of counties: panels are inline SVG and a page has one file of data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipelines.dashboards import numbers, sentences
from pipelines.dashboards.charts import inline
from pipelines.dashboards.facts import ROUNDING, Frame, SchoolBook, SchoolPanel, SchoolsBook, SchoolStage
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.site import Site, county_page, school_page
from pipelines.dashboards.tables import Column, Table, table
from pipelines.dashboards.takeaway import csv_bytes
from pipelines.dashboards.text import Text, load


@dataclass(frozen=True)
class Drawn:
    """An indicator on the page: its title and panel."""

    title: str
    svg: Markup


@dataclass(frozen=True)
class StandardPart:
    """One standard of a stage: what it says of the school, and its panels."""

    title: str
    sentences: list[str]
    panels: list[Drawn]
    absent: list[str]


@dataclass(frozen=True)
class StagePart:
    """One stage of a school on its page."""

    key: str
    title: str
    facts: list[tuple[str, str]]
    verdicts: list[tuple[str, bool | None, str]]
    standards: list[StandardPart]
    table: Table


def files(site: Site, book: SchoolsBook) -> dict[str, bytes]:
    """Address → bytes of the pages of all schools of a county, with a file of data each, in every language."""
    found: dict[str, bytes] = {}
    if site.frame is None:
        return found
    for language in site.languages:
        for school in book.schools:
            found.update(_page(site, site.frame, book, school, language))
    return found


def _page(site: Site, frame: Frame, book: SchoolsBook, school: SchoolBook, language: str) -> dict[str, bytes]:
    text = load(language)
    name = school_page(book.county_code, school.code)
    parts = [_stage(text, frame, stage) for stage in school.stages]
    data = f"files/{language}/{name}.csv"
    address, html = render(
        site, language, name, "school.html",
        school=school, county_name=book.county_name, parts=parts, data=data,
        county=site.page(language, county_page(book.county_code)), conditions=_conditions(text, school),
    )  # fmt: skip
    return {address: html, data: csv_bytes(_data(text, frame, school))}


def _stage(text: Text, frame: Frame, stage: SchoolStage) -> StagePart:
    at = frame.years.index(stage.latest)
    facts = [
        (text("school.latest"), text.year(stage.latest)),
        (text("column.pupils"), numbers.count(stage.pupils[at])),
    ]
    for standard, share in stage.shares.items():
        place, schools = stage.ranks[standard]
        facts.append((
            text("school.share", standard=sentences.standard_title(text, frame, standard)),
            text("school.share.value", share=numbers.share(share), place=place, schools=schools),
        ))  # fmt: skip
    verdicts = [
        (text("school.standard"), stage.standard_attains[at], _standard_words(text, frame, stage)),
        (
            text("school.seven"),
            stage.attains[at],
            text.reason(stage.attains_reason) if stage.attains[at] is None else "",
        ),
    ]
    return StagePart(
        key=stage.stage,
        title=text.stage(stage.stage),
        facts=facts,
        verdicts=verdicts,
        standards=[_standard(text, frame, stage, standard, at) for standard in frame.standards],
        table=_table(text, frame, stage, at),
    )


def _standard_words(text: Text, frame: Frame, stage: SchoolStage) -> str:
    """What a school lacks of the provincial standard."""
    parts = []
    for key, codes in (("school.below", stage.below), ("school.missing", stage.missing)):
        if codes:
            terms = frame.terms.get("school_indicator", {})
            names = [terms.get(code, {}).get(text.language) or code for code in codes]
            parts.append(text(key, indicators=text.join(names)))
    if not parts and stage.standard_reason:
        parts.append(text.reason(stage.standard_reason))
    return text("word.sentence_gap").join(parts)


def _standard(text: Text, frame: Frame, stage: SchoolStage, standard: str, at: int) -> StandardPart:
    panels = [panel for panel in stage.panels if panel.standard == standard]
    known = [panel for panel in panels if any(value is not None for value in panel.values)]
    missing = [_title(text, frame, panel) for panel in known if panel.values[at] is None]
    said = []
    below = [_title(text, frame, panel) for panel in known if _under(panel.values[at], panel.lines[at])]
    if any(panel.lines[at] is not None for panel in known):
        said.append(
            text(
                "school.lines.some" if below else "school.lines.all",
                year=text.year(stage.latest),
                indicators=text.join(below),
            )
        )
    under = [_title(text, frame, panel) for panel in known if _under(panel.values[at], panel.floors[at])]
    if under:
        said.append(text("school.floors", indicators=text.join(under)))
    if missing:
        said.append(text("school.missing", indicators=text.join(missing)))
    return StandardPart(
        title=sentences.standard_title(text, frame, standard),
        sentences=said,
        panels=[Drawn(_title(text, frame, panel), _panel(text, frame, stage, panel, at)) for panel in known],
        absent=[_title(text, frame, panel) for panel in panels if panel not in known],
    )


def _under(value: float | None, bound: float | None) -> bool:
    """Whether both are known and ``value`` lies under ``bound``, as the models compare them."""
    return value is not None and bound is not None and value < bound - ROUNDING


def _title(text: Text, frame: Frame, panel: SchoolPanel) -> str:
    return sentences.indicator_title(text, frame.term(panel.standard, panel.indicator))


def _panel(text: Text, frame: Frame, stage: SchoolStage, panel: SchoolPanel, at: int) -> Markup:
    own, mean, line, floor = panel.values[at], panel.means[at], panel.lines[at], panel.floors[at]
    unit = frame.term(panel.standard, panel.indicator).unit.get(text.language, "")
    last = next((value for value in reversed(panel.values) if value is not None), None)
    labels = [
        numbers.figure(last) if own is None else _against(own, line, floor),
        text("panel.mean", value=numbers.figure(_last(panel.means))) if _last(panel.means) is not None else "",
        text("panel.line", value=numbers.plain_figure(_last(panel.lines))) if _last(panel.lines) is not None else "",
        text("panel.floor", value=numbers.plain_figure(_last(panel.floors))) if _last(panel.floors) is not None else "",
    ]
    tone = (
        "plain" if own is None or line is None
        else "met" if not _under(own, line)
        else "near" if floor is not None and not _under(own, floor)
        else "missed"
    )  # fmt: skip
    words = {"indicator": _title(text, frame, panel), "year": text.year(stage.latest), "unit": unit,
             "value": numbers.figure(own), "mean": numbers.figure(mean), "line": numbers.plain_figure(line),
             "floor": numbers.plain_figure(floor)}  # fmt: skip
    key = "missing" if own is None else tone if tone != "plain" else "plain"
    alt = text(f"panel.school.{key}", **words)
    gaps = [str(year) for year, value in zip(frame.years, panel.values, strict=True) if value is None]
    if gaps and len(gaps) < len(frame.years):
        alt += text("word.sentence_gap") + text("alt.missing", years=text.join(gaps))
    return inline.svg(
        inline.Panel(frame.years, panel.values, panel.means, panel.lines, panel.floors, labels, alt, tone)
    )


def _against(value: float, line: float | None, floor: float | None) -> str:
    """A value written so that it is not rounded across its line or its floor (4.505 is never 4.51 beside 4.51)."""
    for bound in (line, floor):
        shown = numbers.figure_against(value, bound)
        if shown != numbers.figure(value):
            return shown
    return numbers.figure(value)


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _table(text: Text, frame: Frame, stage: SchoolStage, at: int) -> Table:
    """The indicators of the latest year: own value, county mean, line, floor, share of the gap."""
    columns = (
        Column("indicator", text("column.indicator")),
        Column("standard", text("school.of")),
        Column("unit", text("column.unit")),
        Column("value", text("column.value"), "number"),
        Column("mean", text("column.mean"), "number"),
        Column("line", text("column.line"), "line"),
        Column("floor", text("school.floor"), "line"),
        Column("meets", text("column.meets")),
        Column("share", text("column.share"), "share"),
    )
    rows = [
        (
            _title(text, frame, panel), sentences.standard_title(text, frame, panel.standard),
            frame.term(panel.standard, panel.indicator).unit.get(text.language, ""), panel.values[at], panel.means[at],
            panel.lines[at], panel.floors[at],
            _met(text, panel, at), panel.share,
        )
        for panel in stage.panels
    ]  # fmt: skip
    return table(
        f"{stage.stage}-latest",
        text("school.table", stage=text.stage(stage.stage), year=text.year(stage.latest)),
        columns,
        rows,
    )


def _met(text: Text, panel: SchoolPanel, at: int) -> str:
    """Whether the value reaches its line, or at least the floor; nothing where either is unknown."""
    value, line, floor = panel.values[at], panel.lines[at], panel.floors[at]
    if value is None or line is None:
        return ""
    if not _under(value, line):
        return text("school.met")
    return text("school.near" if floor is not None and not _under(value, floor) else "school.missed")


def _data(text: Text, frame: Frame, school: SchoolBook) -> Table:
    """Everything the panels draw, a row an indicator and year."""
    columns = (
        Column("stage", text("column.stage")),
        Column("standard", text("school.of")),
        Column("indicator", text("column.indicator")),
        Column("unit", text("column.unit")),
        Column("school_year", text("column.year"), "year"),
        Column("pupils", text("column.pupils"), "integer"),
        Column("value", text("column.value"), "number"),
        Column("mean", text("column.mean"), "number"),
        Column("line", text("column.line"), "line"),
        Column("floor", text("school.floor"), "line"),
    )
    rows = [
        (
            text.stage(stage.stage), sentences.standard_title(text, frame, panel.standard), _title(text, frame, panel),
            frame.term(panel.standard, panel.indicator).unit.get(text.language, ""), year, stage.pupils[at],
            panel.values[at], panel.means[at], panel.lines[at], panel.floors[at],
        )
        for stage in school.stages
        for panel in stage.panels
        for at, year in enumerate(frame.years)
        if stage.pupils[at] is not None or panel.values[at] is not None
    ]  # fmt: skip
    return table("school", school.name, columns, rows)


def _conditions(text: Text, school: SchoolBook) -> list[tuple[str, str, bool | None]]:
    """Size and special rooms: (what, figure, verdict)."""
    row = school.conditions
    if not row:
        return []

    def number(key: str) -> float | None:
        value = row.get(key)
        return None if value is None or isinstance(value, str) else float(value)

    def met(key: str, *, turned: bool = False) -> bool | None:
        value = row.get(key)
        return None if not isinstance(value, bool) else value is not turned

    size = text("school.size.value", pupils=numbers.count(number("pupils")), limit=numbers.count(number("size_limit")))
    found = [(text("school.size"), size, met("over_size", turned=True))]
    for kind in ("music", "art"):
        words = text(
            "school.rooms.value",
            rooms=numbers.plain(number(f"{kind}_rooms")),
            classes=numbers.count(number("classes")),
            per=numbers.count(number("classes_per_room")),
        )
        found.append((text(f"school.{kind}"), words, met(f"{kind}_met")))
    return found
