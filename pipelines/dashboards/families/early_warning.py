"""Early warning (预警): figures that move towards their line, and the school year in which they would cross it.

Belongs here: this family's section. Does not belong here: the trend itself (``trends.early_warning`` has it).
"""

from __future__ import annotations

from statistics import median

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import series
from pipelines.dashboards.facts import Point
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section
from pipelines.dashboards.site import Picture

#: Pictures of series with a projection, at most: those that cross first.
MOST = 6
COEFFICIENTS = frozenset({"composite_coefficient", "indicator_coefficient"})
SCORES = frozenset({"government_score"})
COLUMNS = (
    "measure",
    "indicator",
    "stage",
    "standard",
    "span",
    "status",
    "last_year",
    "last_value",
    "line",
    "binding",
    "margin",
    "points",
    "first_year",
    "gaps",
    "slope",
    "slope_lower",
    "slope_upper",
    "confidence",
    "p_value",
    "significant",
    "crosses_to",
    "projected_year",
    "earliest_year",
    "latest_year",
    "reason",
)
_ORDER = {"worsening_towards_line": 0, "already_beyond": 1, "improving": 2, "no_trend": 3, "too_few_points": 4}


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("early_warning")
    if not rows:
        return desk.absent("early_warning", "early_warning")
    text = desk.text
    rows = sorted(
        rows, key=lambda row: (_ORDER.get(row["status"], 9), row["projected_year"] or 9999, not row["binding"])
    )
    crossing = [row for row in rows if row["projected_year"] is not None and row["crosses_to"] == "beyond"]
    beyond = [row for row in rows if row["status"] == "already_beyond"]
    returning = [row for row in rows if row["projected_year"] is not None and row["crosses_to"] == "within"]
    few = sum(row["status"] == "too_few_points" for row in rows)
    sentences = [text(
        "early_warning.headline", county=desk.book.name, series=len(rows), crossing=len(crossing), beyond=len(beyond),
        few=few,
    )]  # fmt: skip
    told: dict[tuple[object, ...], Row] = {}
    for row in [*crossing, *returning]:
        # Two standards may rest on one figure and one line: it is told once.
        told.setdefault((row["measure"], row["indicator"], row["stage"], row["span"], row["line"]), row)
    shown = list(told.values())[:MOST]
    sentences += [sentence(desk, row) for row in shown]
    pictures = [_picture(desk, row) for row in shown]
    sheet = desk.sheet(
        "early-warning",
        "early_warning",
        COLUMNS,
        rows,
        text("table.early_warning"),
        codes={
            "measure": "warning_measure",
            "indicator": "indicator",
            "status": "warning_status",
            "span": "span",
            "crosses_to": "crosses_to",
        },
        kinds={
            "last_value": "number",
            "line": "number",
            "confidence": "share",
            "latest_year": "year",
            "earliest_year": "year",
        },
    )
    notes = [text("early_warning.note")]
    return Section(
        "early_warning", text("family.early_warning"), sentences,
        [Exhibit(pictures=pictures, notes=notes), Exhibit(sheets=[sheet], folded=True)],
    )  # fmt: skip


def sentence(desk: Desk, row: Row) -> str:
    """When a figure would cross its line, with the interval of the slope."""
    text = desk.text
    latest = row["latest_year"]
    return text(
        f"early_warning.{row['crosses_to']}",
        figure=_name(desk, row),
        year=text.year(row["last_year"]),
        value=_written(row)(row["last_value"], row["line"]),
        line=_written(row)(row["line"], None),
        projected=text.year(row["projected_year"]),
        earliest=text.year(row["earliest_year"]) if row["earliest_year"] is not None else numbers.NONE,
        latest=text.year(latest) if latest is not None else text("early_warning.never"),
        confidence=numbers.share(row["confidence"]).replace(".0%", "%"),
    )


def _name(desk: Desk, row: Row) -> str:
    text = desk.text
    measure = desk.word("indicator", row["indicator"]) if row["indicator"] else ""
    words = (
        text("early_warning.indicator", measure=desk.word("warning_measure", row["measure"]), indicator=measure)
        if measure
        else desk.word("warning_measure", row["measure"])
    )
    stage = "" if row["stage"] in ("all", "", None) else text.get(f"stage.{row['stage']}", row["stage"])
    return text(
        "early_warning.figure", words=words, stage=stage, standard=desk.word("standard", row["standard"])
    ).strip()


def _written(row: Row) -> series.Written:
    if row["measure"] in COEFFICIENTS:
        return numbers.coefficient
    return numbers.plain if row["measure"] in SCORES else numbers.share_against


def _picture(desk: Desk, row: Row) -> Picture:
    """The series so far (where the page has it) and the trend drawn on to its crossing, within its interval."""
    text = desk.text
    written = _written(row)
    years = list(range(row["first_year"], row["last_year"] + 1))
    values = _history(desk, row)
    points = [
        Point(year, row["last_value"] if year == row["last_year"] else values.get(year), row["line"]) for year in years
    ]
    until = max(
        row["projected_year"] + 1, min(row["latest_year"] or row["projected_year"] + 3, row["projected_year"] + 4)
    )
    known = [
        (year, value) for year, value in sorted(values.items()) if value is not None and years[0] <= year <= years[-1]
    ]
    # The model draws its line through the medians; without all the points it has, no line is drawn here.
    trend = (
        (median(year for year, _ in known), median(value for _, value in known), row["slope"])
        if len(known) == row["points"]
        else None
    )
    title = text(
        f"early_warning.title.{row['crosses_to']}", figure=_name(desk, row), projected=text.year(row["projected_year"]),
        line=written(row["line"], None),
    )  # fmt: skip
    ticks = (lambda mark: f"{mark:g}") if row["measure"] in COEFFICIENTS | SCORES else (lambda mark: f"{mark * 100:g}%")
    figure = series.draw(
        desk.pen,
        [
            series.Series(
                "",
                points,
                text("word.line" if row["binding"] else "word.reference"),
                bool(row["binding"]),
                at_least=row["direction"] == "at_least",
            )
        ],
        title=title,
        subtitle=text("early_warning.subtitle"),
        written=written,
        ticks=ticks,
        zero=False,
        projection=series.Projection(
            row["projected_year"], row["line"], row["earliest_year"], row["latest_year"], until, years[0], trend
        ),
        breaks=[series.Break(row["projected_year"], text("break.crossing"), between=False)],
    )
    name = "-".join(
        str(part)
        for part in ("warning", row["standard"], row["measure"], row["indicator"], row["stage"], row["span"])
        if part
    )
    return desk.picture(name.replace("_", "-"), figure, sentence(desk, row))


def _history(desk: Desk, row: Row) -> dict[int, float | None]:
    """Values of the series by year, from the tables that the page has anyway; the last one is in the row itself."""
    key = (row["standard"], row["stage"])
    if row["measure"] == "composite_coefficient":
        return {one.school_year: one.composite for one in desk.book.composite.get(key, ())}
    if row["measure"] == "indicator_coefficient":
        return {
            one.school_year: one.coefficient
            for one in desk.book.coefficients.get(key, ())
            if one.indicator == row["indicator"]
        }
    found: dict[int, float | None] = {}
    for measure, table, value, year, equal in (
        ("government_score", "government_score", "score", "school_year", {"standard": row["standard"], "block": "all"}),
        ("satisfaction", "satisfaction", "satisfaction", "school_year", {"standard": row["standard"], "group": "all"}),
        ("consolidation_rate", "consolidation", "rate", "school_year", {"stage": row["stage"]}),
        ("exchange_rate", "teacher_exchange", "rate", "school_year", {"stage": "compulsory"}),
        ("exchange_backbone_share", "teacher_exchange", "backbone_share", "school_year", {"stage": "compulsory"}),
        ("training_of_public_use", "funding_shares", "value", "fiscal_year", {"share": "training_of_public_use"}),
    ):
        if row["measure"] == measure:
            found = {one[year]: one[value] for one in desk.rows(table, **equal)}
    return found
