"""The scorecards (评估计分卡): every part of both standards, how far from its line, and retreat after recognition.

Belongs here: this family's section, the headline of the page. Does not belong here: the figures of the parts (their own
families).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import grid
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, years_of
from pipelines.dashboards.site import Picture

CARDS = (("basic_2012", "basic_scorecard"), ("quality_2017", "quality_scorecard"))
COLUMNS = (
    "school_year", "standard", "part", "stage", "value", "line", "margin", "margin_change", "verdict", "failed",
    "undecided", "total", "fails", "failing_since", "standing", "retreat_since", "recovered_in", "reason",
)  # fmt: skip
SUMMARY = (
    "school_year",
    "verdict",
    "entry_verdict",
    "content_verdict",
    "parts_met",
    "parts_failed",
    "parts_open",
    "failed_parts",
    "open_parts",
    "weakest_part",
    "recognised_since",
    "standing",
    "retreat_since",
    "retreat_parts",
    "recovered_in",
    "reason",
)
#: Parts whose value is a fraction.
FRACTIONS = frozenset({"school_standard", "school_attainment", "satisfaction"})
COEFFICIENTS = frozenset({"composite_coefficient", "indicator_coefficient", "entry_coefficient"})


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    text = desk.text
    parts = desk.rows("scorecard_part")
    cards = {standard: desk.rows(name) for standard, name in CARDS}
    if not parts and not any(cards.values()):
        return desk.absent("scorecard", "scorecard_part", "basic_scorecard")
    sentences: list[str] = []
    exhibits: list[Exhibit] = []
    sheets = []
    for standard, name in CARDS:
        rows = cards[standard]
        own = [row for row in parts if row["standard"] == standard]
        if rows:
            sentences += card_sentences(desk, standard, rows[-1])
            sheets.append(desk.sheet(
                f"scorecard-{standard}".replace("_", "-"), name, SUMMARY, list(reversed(rows)),
                text("table.scorecard", standard=desk.word("standard", standard)),
                lists=dict.fromkeys(("failed_parts", "open_parts", "weakest_part", "retreat_parts"), "part"),
                codes={"standing": "standing"},
                kinds={"entry_verdict": "verdict", "content_verdict": "verdict", "recognised_since": "year",
                       "retreat_since": "year", "recovered_in": "year"},
            ))  # fmt: skip
        if own:
            exhibits.append(Exhibit(desk.word("standard", standard), [_grid(desk, standard, own, rows)]))
    if parts:
        ordered = sorted(parts, key=lambda row: (row["standard"], -row["school_year"], row["position"], row["stage"]))
        sheets.append(desk.sheet(
            "scorecard-parts", "scorecard_part", COLUMNS,
            [Row(row, fails=_fails(desk, row["fails"])) for row in ordered], text("table.scorecard_part"),
            codes={"part": "part", "standing": "standing"},
            kinds={"failing_since": "year", "retreat_since": "year", "recovered_in": "year", "fails": "words",
                   "line": "number"},
        ))  # fmt: skip
    exhibits.append(Exhibit(sheets=sheets, folded=True))
    return Section("scorecard", text("family.scorecard"), sentences, exhibits)


def card_sentences(desk: Desk, standard: str, row: Row) -> list[str]:
    """Verdict of a standard, what fails, and what became of the recognition."""
    text = desk.text
    words = {
        "county": desk.book.name, "standard": desk.word("standard", standard), "year": text.year(row["school_year"]),
        "met": row["parts_met"], "failed": desk.words("part", row["failed_parts"]),
        "open": desk.words("part", row["open_parts"]), "reason": text.reason(row["reason"]),
        "recognised": text.year(row["recognised_since"]) if row["recognised_since"] is not None else "",
        "since": text.year(row["retreat_since"]) if row["retreat_since"] is not None else "",
        "years": row["retreat_years"], "retreat": desk.words("part", row["retreat_parts"]),
        "recovered": text.year(row["recovered_in"]) if row["recovered_in"] is not None else "",
    }  # fmt: skip
    found = [text({True: "scorecard.met", False: "scorecard.missed", None: "scorecard.open"}[_counting(row)], **words)]
    standing = text.get(f"scorecard.standing.{row['standing']}", "")
    if standing:
        found.append(standing.format(**words))
    return found


def _grid(desk: Desk, standard: str, rows: Sequence[Row], cards: Sequence[Row]) -> Picture:
    """A row a part and stage, a column a year; a notice where a recognised county is under the line."""
    text = desk.text
    first = {f"{row['part']}/{row['stage']}": row for row in rows}
    order = sorted(
        first, key=lambda key: (bool(first[key]["entry"]), first[key]["position"], first[key]["stage"] == "junior")
    )
    cells = {
        (f"{row['part']}/{row['stage']}", row["school_year"]): grid.Cell(
            _value(row["part"], row["value"], row["line"]), row["verdict"], bool(row["retreat"])
        )
        for row in rows
    }  # fmt: skip
    names = [(key, desk.words("part", key)) for key in order]
    years = years_of(rows)
    for card in cards:
        cells["all", card["school_year"]] = grid.Cell(
            text({True: "grid.yes", False: "grid.no", None: "grid.open"}[card["verdict"]]),
            card["verdict"],
            bool(card["retreat"]),
        )
    if cards:
        names.append(("all", text("scorecard.all")))
    title = _title(desk, standard, cards)
    key = [(grid.MET, text("verdict.yes")), (grid.FAILED, text("key.failed")), (grid.OPEN, text("key.open"))]
    if any(cell.notice for cell in cells.values()):
        key.append((grid.NOTICE, text("scorecard.key.retreat")))
    if any((name, year) not in cells for name, _ in names for year in years):
        key.append((grid.ABSENT, text("word.no_data")))
    figure = grid.draw(desk.pen, names, years, cells, title=title, subtitle=text("scorecard.subtitle"), key=key)
    last = [row for row in rows if row["school_year"] == years[-1]]
    said = [text("scorecard.alt.part", part=desk.words("part", f"{row['part']}/{row['stage']}"),
                 value=_value(row["part"], row["value"], row["line"]),
                 verdict=text({True: "verdict.yes", False: "verdict.no", None: "verdict.withheld"}[row["verdict"]]))
            for row in last]  # fmt: skip
    alt = title + text("word.colon") + text.join(said) + text("word.sentence_end")
    if cards:
        alt += text("word.sentence_gap") + text("word.sentence_gap").join(card_sentences(desk, standard, cards[-1])[1:])
    return desk.picture(f"scorecard-{standard}".replace("_", "-"), figure, alt)


def _fails(desk: Desk, codes: str | None) -> str:
    """What falls short in words: items, indicators of either standard, or groups; years stand as they are."""
    found = []
    for code in filter(None, (code.strip() for code in (codes or "").split(","))):
        words = (desk.word(group, code) for group in ("item", "school_indicator", "indicator", "group"))
        found.append(next((word for word in words if word != code), code))
    return desk.text.join(found)


def _title(desk: Desk, standard: str, cards: Sequence[Row]) -> str:
    """The verdict of the latest year, shorter than the sentence on the page."""
    text = desk.text
    words = {"county": desk.book.name, "standard": desk.word("standard", standard)}
    if not cards:
        return text("scorecard.parts", **words)
    last = cards[-1]
    verdict = _counting(last)
    key = {True: "met", False: "missed", None: "open"}[verdict]
    failed = len([part for part in str(last["failed_parts"] or "").split(",") if part])
    return text(f"scorecard.title.{key}", **words, year=text.year(last["school_year"]), failed=failed)


def _counting(row: Row) -> bool | None:
    """The verdict that counts: of a recognised county that of the four parts (entry conditions are asked once)."""
    verdict: bool | None = row["verdict"]
    if row["recognised_since"] is not None and "content_verdict" in row:
        content: bool | None = row["content_verdict"]
        return content
    return verdict


def _value(part: str, value: float | None, line: float | None) -> str:
    if value is None:
        return numbers.NONE
    if part in FRACTIONS:
        return numbers.share_against(value, line)
    if part in COEFFICIENTS:
        return numbers.coefficient(value, line)
    return numbers.plain(value, line)
