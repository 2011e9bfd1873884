"""Tests on the growth of funding as a grid of verdicts, and the two bases beside each other where they differ.

Belongs here: what the three increases and the two that only increase have in common. Does not belong here: their words.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, grid
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, years_of
from pipelines.dashboards.site import Picture

COLUMNS = (
    "fiscal_year", "stage", "test", "value_yuan", "prior_value_yuan", "published_prior_value_yuan", "declared_growth",
    "growth_restated", "growth_published", "compared_growth_restated", "compared_growth_published",
    "gap_restated_points", "gap_published_points", "line_points", "verdict", "meets_restated", "meets_published",
    "verdicts_differ", "verdict_base", "margin_points", "years_met", "run_verdict", "reason",
)  # fmt: skip
#: Years whose two bases are drawn beside each other, at most: the latest ones.
MOST = 14


def gap_of(row: Row) -> float | None:
    """The gap that the verdict rests on, in percentage points."""
    if row["verdict_base"] == "published":
        published: float | None = row["gap_published_points"]
        return published
    restated: float | None = row["gap_restated_points"]
    return row.get("declared_gap_points") if restated is None and row["verdict_base"] == "declared" else restated


def name_of(desk: Desk, row: Row) -> str:
    """A test with its stage."""
    stage = "" if row["stage"] == "all" else desk.text.stage(row["stage"])
    return desk.text("funding.test", test=desk.word("test", row["test"]), stage=stage)


def verdicts(desk: Desk, name: str, rows: Sequence[Row], title: str, subtitle: str) -> Picture:
    """The grid: a row a test and stage, a column a fiscal year."""
    order = list(dict.fromkeys((row["test"], row["stage"]) for row in rows))
    tests = list(desk.frame.terms.get("test", {}))
    order.sort(key=lambda each: (each[1] != "all", tests.index(each[0]) if each[0] in tests else len(tests), each[1]))
    first = {(row["test"], row["stage"]): row for row in rows}
    cells = {
        (f"{row['test']}/{row['stage']}", row["fiscal_year"]): grid.Cell(
            numbers.points(gap_of(row), row["line_points"]), row["verdict"], bool(row["verdicts_differ"])
        )
        for row in rows
    }
    key = [
        (grid.MET, desk.text("verdict.yes")),
        (grid.FAILED, desk.text("key.failed")),
        (grid.OPEN, desk.text("key.open")),
    ]
    if any(cell.notice for cell in cells.values()):
        key.append((grid.NOTICE, desk.text("key.bases_differ")))
    years = years_of(rows, "fiscal_year")
    if any((f"{test}/{stage}", year) not in cells for test, stage in order for year in years):
        key.append((grid.ABSENT, desk.text("word.no_data")))
    figure = grid.draw(
        desk.pen, [(f"{test}/{stage}", name_of(desk, first[test, stage])) for test, stage in order], years, cells,
        title=title, subtitle=subtitle, key=key,
    )  # fmt: skip
    failed = [
        desk.text(
            "funding.alt.failed", year=row["fiscal_year"], test=name_of(desk, row), gap=numbers.points(gap_of(row))
        )
        for row in rows
        if row["verdict"] is False
    ]
    alt = title + desk.text("word.sentence_end")
    if failed:
        alt += desk.text("word.sentence_gap") + desk.text.join(failed[-6:]) + desk.text("word.sentence_end")
    return desk.picture(name, figure, alt)


def bases(desk: Desk, name: str, rows: Sequence[Row]) -> Exhibit | None:
    """The restated and the published base beside each other for the tests on which they differ; None where none do."""
    differing = [
        row for row in rows
        if row["gap_restated_points"] is not None and row["gap_published_points"] is not None
        and abs(row["gap_restated_points"] - row["gap_published_points"]) > 1e-9
    ]  # fmt: skip
    if not differing:
        return None
    shown = sorted(differing, key=lambda row: (not row["verdicts_differ"], -row["fiscal_year"]))[:MOST]
    shown.sort(key=lambda row: (-row["fiscal_year"], row["stage"], row["test"]))
    drawn = [
        dots.Dot(
            f"{desk.text('year.fiscal', year=row['fiscal_year'])} {name_of(desk, row)}", row["gap_restated_points"],
            desk.text(
                "funding.bases.flip" if row["verdicts_differ"] else "funding.bases.words",
                restated=numbers.points(row["gap_restated_points"], row["line_points"]),
                published=numbers.points(row["gap_published_points"], row["line_points"]),
            ),
            verdict=row["verdict"], second=row["gap_published_points"], line=row["line_points"],
        )
        for row in shown
    ]  # fmt: skip
    flips = sum(bool(row["verdicts_differ"]) for row in differing)
    title = desk.text("funding.bases.title", county=desk.book.name, count=len(differing), flips=flips)
    figure = dots.draw(
        desk.pen, drawn, title=title, subtitle=desk.text("funding.bases.subtitle"), line_name=desk.text("word.line"),
        key=(desk.text("funding.restated"), desk.text("funding.published")),
    )  # fmt: skip
    spoken = desk.text.join([f"{one.name} {one.words}" for one in drawn[:4]])
    alt = title + desk.text("word.colon") + spoken + desk.text("word.sentence_end")
    return Exhibit(desk.text("funding.bases"), [desk.picture(name, figure, alt)])


def sheet_exhibit(desk: Desk, name: str, rows: Sequence[Row], caption: str) -> Exhibit:
    """All rows, newest first."""
    ordered = sorted(rows, key=lambda row: (-row["fiscal_year"], row["stage"] != "all", row["stage"], row["test"]))
    sheet = desk.sheet(
        name.replace("_", "-"),
        name,
        COLUMNS,
        ordered,
        caption,
        codes={"test": "test", "verdict_base": "verdict_base"},
        kinds={
            "fiscal_year": "code",
            "growth_restated": "growth",
            "growth_published": "growth",
            "declared_growth": "growth",
            "compared_growth_restated": "growth",
            "compared_growth_published": "growth",
            "gap_restated_points": "points",
            "gap_published_points": "points",
            "margin_points": "points",
            "meets_restated": "verdict",
            "meets_published": "verdict",
        },
    )
    return Exhibit(sheets=[sheet], folded=True)
