"""What the figures say, in words: titles of pictures, alt texts, headlines.

Belongs here: choosing the sentence that a row deserves. Does not belong here: the words themselves
(``text/labels.csv``), drawing, HTML. A sentence never claims a verdict that its row withholds.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.facts import (
    Composite,
    Contribution,
    CountyBook,
    Frame,
    Key,
    Point,
    Tally,
    Term,
    is_above,
    tally,
)
from pipelines.dashboards.text import Text


def standard_title(text: Text, frame: Frame, standard: str, *, document: bool = False) -> str:
    """Title of a standard, on demand with its rule document."""
    entry = frame.standards[standard]
    title = entry.title.get(text.language, standard)
    if not document or not entry.document:
        return title
    return text("standard.with_document", title=title, document=entry.document)


def indicator_title(text: Text, term: Term) -> str:
    """Title of an indicator."""
    return term.title.get(text.language, term.key)


def indicator_list(text: Text, frame: Frame, standard: str, keys: Sequence[str]) -> str:
    """Titles of several indicators within a sentence."""
    return text.join([indicator_title(text, frame.term(standard, key)) for key in keys])


def measure(text: Text, rows: Sequence[Composite]) -> str:
    """What the composite is called: it decides the verdict, or is only the mean shown beside it."""
    return text("composite.composite" if _binding(rows) else "composite.every_indicator")


def verdict_word(text: Text, verdict: bool | None) -> str:
    """The verdict in one word."""
    return text({True: "verdict.yes", False: "verdict.no", None: "verdict.withheld"}[verdict])


def verdict_class(verdict: bool | None) -> str:
    """CSS class of a verdict."""
    return {True: "met", False: "missed", None: "withheld"}[verdict]


def headline(text: Text, frame: Frame, standard: str, counted: Tally) -> str:
    """How many counties meet a standard in every stage."""
    return text(
        "overview.headline",
        year=text.year(frame.latest),
        counties=counted.counties,
        met=counted.met,
        missed=counted.missed,
        withheld=counted.withheld,
        standard=standard_title(text, frame, standard),
    )


def heat_title(text: Text, frame: Frame, key: Key, rows: Sequence[Composite]) -> str:
    """How many counties are within the line in the latest year."""
    latest = {row.county_code: row for row in rows if row.school_year == frame.latest}
    counted = tally(latest[code].verdict if code in latest else None for code, _ in frame.counties)
    binding = _binding(rows)
    lines = sorted({row.threshold for row in latest.values() if row.threshold is not None})
    if not lines:
        line = text("heat.line.none")
    elif len(lines) == 1:
        line = text("heat.line", line=numbers.line(lines[0]))
    else:
        line = text("heat.lines", low=numbers.line(lines[0]), high=numbers.line(lines[-1]))
    return text(
        "heat.title" if binding else "heat.title.every",
        year=text.year(frame.latest),
        stage=text.stage(key[1]),
        counties=counted.counties,
        met=counted.met,
        missed=counted.missed,
        withheld=counted.withheld,
        line=line,
    )


def trend_title(text: Text, county: str, stage: str, year: int, row: Composite | None) -> str:
    """Where the composite stands in the latest year; where single indicators decide, how many are above their line."""
    words: dict[str, object] = {"county": county, "stage": text.stage(stage), "year": text.year(year)}
    if row is None:
        return text("trend.title.missing", **words)
    if row.composite is None:
        return text("trend.title.novalue", **words, reason=text.reason(row.reason) or text("word.no_data"))
    words["value"] = numbers.coefficient(row.composite, row.threshold)
    if row.verdict is None:
        return text("trend.title.withheld", **words)
    if row.binding:
        above = is_above(row.composite, row.threshold)
        return text("trend.title.above" if above else "trend.title.below", **words, line=numbers.line(row.threshold))
    words |= {"above": len(row.above), "indicators": row.indicators}
    return text("trend.title.some" if row.above else "trend.title.every", **words)


def trend_alt(text: Text, title: str, points: Sequence[Point]) -> str:
    """The title, where the line began, its highest point, its gaps."""
    known = [point for point in points if point.value is not None]
    parts = [title + text("word.sentence_end")]
    if len(known) > 1:
        first = known[0]
        parts.append(
            text("trend.alt.from", from_year=text.year(first.year), from_value=numbers.coefficient(first.value))
        )
        high = max(known, key=lambda point: point.value or 0.0)
        parts.append(text("trend.alt.highest", year=text.year(high.year), value=numbers.coefficient(high.value)))
    parts += _alt_gaps(text, points)
    return text("word.sentence_gap").join(parts)


def panel_alt(text: Text, county: str, stage: str, term: Term, points: Sequence[Point], *, binding: bool) -> str:
    """Where one indicator stands in the latest year, and its gaps."""
    last = points[-1]
    words = {
        "county": county,
        "stage": text.stage(stage),
        "indicator": indicator_title(text, term),
        "year": text.year(last.year),
        "value": numbers.coefficient(last.value, last.line),
        "line": numbers.line(last.line),
        "kind": text("word.line" if binding else "word.reference"),
    }
    kind = "missing" if last.value is None else "noline" if last.line is None else "above" if last.above else "below"
    return text("word.sentence_gap").join([text(f"panel.alt.{kind}", **words), *_alt_gaps(text, points)])


def gap_title(text: Text, county: str, stage: str, year: int, shown: Sequence[Contribution], schools: int) -> str:
    """How much of the gap the schools shown make together."""
    words = {"county": county, "stage": text.stage(stage), "year": text.year(year)}
    first = shown[0]
    title = text("gap.title", **words, school=first.school_name, share=numbers.share(first.share))
    if schools > len(shown) > 1:
        together = numbers.share(sum(school.share for school in shown))
        title += text("gap.title.more", count=len(shown), schools=schools, share=together)
    return title


def gap_note(text: Text, term: Term, value: float | None, mean: float | None) -> str:
    """A school's largest indicator against the county mean."""
    if value is None or mean is None:
        return indicator_title(text, term)
    return text(
        "gap.note.below" if value < mean else "gap.note.above",
        indicator=indicator_title(text, term),
        value=numbers.figure(value),
        unit=term.unit.get(text.language, ""),
        mean=numbers.figure(mean),
    )


def gap_alt(text: Text, title: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """The title and the three largest: (school, share, note)."""
    listed = [text("gap.alt.row", school=name, share=numbers.share(share), note=note) for name, share, note in rows[:3]]
    return title + text("word.colon") + text.join(listed) + text("word.sentence_end")


def county_facts(text: Text, frame: Frame, book: CountyBook, key: Key) -> list[str]:
    """Short statements under a county's verdict for one standard and stage, most important first."""
    row = next((row for row in book.composite.get(key, ()) if row.school_year == frame.latest), None)
    if row is None:
        return [text("county.card.norow", year=text.year(frame.latest))]
    facts = []
    name = measure(text, [row])
    if row.composite is None:
        facts.append(text("county.card.novalue", measure=name))
    else:
        kind = text("word.line" if row.binding else "word.reference")
        value = numbers.coefficient(row.composite, row.threshold)
        facts.append(
            text("county.card.value", measure=name, value=value, kind=kind, line=numbers.line(row.threshold))
            if row.threshold is not None
            else text("county.card.value.noline", measure=name, value=value)
        )
    if row.verdict is None and row.reason:
        facts.append(text.reason(row.reason))
    if row.indicators_available and row.threshold is not None:
        within = row.indicators_available - len(row.above)
        facts.append(text("county.card.every", available=row.indicators_available, met=within))
        if row.above:
            facts.append(text("county.card.above", indicators=indicator_list(text, frame, key[0], row.above)))
    if row.change_from_last_year is not None:
        facts.append(_change(text, row.change_from_last_year))
    if row.binding and row.verdict is not None and row.last_crossed_year is not None:
        since = "county.card.since.yes" if row.verdict else "county.card.since.no"
        facts.append(text(since, year=text.year(row.last_crossed_year)))
    return facts


def _change(text: Text, change: float) -> str:
    shown = numbers.change(change).lstrip("+" + numbers.MINUS)
    if float(shown) == 0.0:
        return text("county.card.change.same")
    return text("county.card.change.up" if change > 0 else "county.card.change.down", change=shown)


def _alt_gaps(text: Text, points: Sequence[Point]) -> list[str]:
    missing = [text.year(point.year) for point in points if point.value is None]
    parts = [text("trend.alt.missing", years=text.join(missing))] if missing and len(missing) < len(points) else []
    if points[-1].value is not None and points[-1].withheld:
        parts.append(text("trend.alt.withheld", year=text.year(points[-1].year)))
    return parts


def _binding(rows: Sequence[Composite]) -> bool:
    return bool(rows) and rows[-1].binding
