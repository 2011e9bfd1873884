"""Satisfaction (公众满意度): overall with its interval over the years, by group, and whether the sample suffices.

Belongs here: this family's section. Does not belong here: how intervals come about (``core`` and ``trends`` do).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, series
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, title_of, years_of
from pipelines.dashboards.site import Picture

ALL = "all"
COLUMNS = (
    "school_year", "standard", "group", "source", "sent", "returned", "valid", "return_rate", "valid_rate",
    "satisfaction", "lower", "upper", "confidence", "weighting", "weight", "minimum_valid", "adequate", "declared_rate",
    "sources_differ", "line", "verdict", "margin", "line_in_interval", "reason",
)  # fmt: skip
SHARES = ("return_rate", "valid_rate", "satisfaction", "lower", "upper", "declared_rate", "line", "weight")


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("satisfaction")
    overall = [row for row in rows if row["group"] == ALL]
    if not overall:
        return desk.absent("satisfaction", "satisfaction")
    text = desk.text
    # Both standards rest on one survey: the standard that reaches back furthest is drawn, all of them are in the table.
    standard = min(
        dict.fromkeys(row["standard"] for row in overall),
        key=lambda s: min(r["school_year"] for r in overall if r["standard"] == s),
    )
    own = [row for row in overall if row["standard"] == standard]
    last = own[-1]
    sentences = [_sentence(desk, last)]
    sentences.append(
        text(
            "satisfaction.sample.yes" if last["adequate"] else "satisfaction.sample.no",
            year=text.year(last["school_year"]),
            valid=numbers.count(last["valid"]),
            minimum=numbers.count(last["minimum_valid"]),
        )
    )
    if last["line_in_interval"]:
        sentences.append(text("satisfaction.unsettled", line=numbers.share_against(last["line"])))
    if last["sources_differ"]:
        sentences.append(text(
            "satisfaction.sources", answers=numbers.share_against(last["answers_satisfaction"], last["line"]),
            totals=numbers.share_against(last["totals_satisfaction"], last["line"]),
        ))  # fmt: skip
    exhibits = [Exhibit(pictures=_years(desk, own)), _groups(desk, rows, standard, last["school_year"])]
    ordered = sorted(rows, key=lambda row: (-row["school_year"], row["standard"], row["group"] != ALL, row["group"]))
    sheet = desk.sheet(
        "satisfaction", "satisfaction", COLUMNS, ordered, text("table.satisfaction"),
        codes={"group": "group", "source": "satisfaction_source", "weighting": "weighting"},
        gaps=("margin",), kinds={**dict.fromkeys(SHARES, "share"), "minimum_valid": "integer"},
    )  # fmt: skip
    exhibits.append(Exhibit(sheets=[sheet], folded=True))
    verdicts = [row["verdict"] for row in overall if row["school_year"] == last["school_year"]]
    verdict = False if False in verdicts else None if None in verdicts else True
    return Section(
        "satisfaction", text("family.satisfaction"), sentences, [one for one in exhibits if one.pictures or one.sheets],
        judged=True, verdict=verdict,
    )  # fmt: skip


def _sentence(desk: Desk, row: Row) -> str:
    text = desk.text
    words = desk.finding(
        text("word.of_county", county=desk.book.name, words=text("family.satisfaction.subject")),
        text.year(row["school_year"]), row["satisfaction"], row["line"], row["verdict"], row["reason"],
        numbers.share_against,
    )  # fmt: skip
    return words


def _years(desk: Desk, rows: Sequence[Row]) -> list[Picture]:
    text = desk.text
    years = years_of(rows)
    points = desk.points(rows, years, "satisfaction", "line", verdict="verdict")
    if all(point.value is None for point in points):
        return []
    intervals = {
        row["school_year"]: (row["lower"], row["upper"]) for row in rows
        if row["lower"] is not None and row["upper"] is not None and row["satisfaction"] is not None
    }  # fmt: skip
    title = title_of(_sentence(desk, rows[-1]))
    confidence = next((row["confidence"] for row in reversed(rows) if row["confidence"] is not None), None)
    small = [row["school_year"] for row in rows if row["adequate"] is False]
    subtitle = text("satisfaction.subtitle", confidence=numbers.share(confidence).replace(".0%", "%"))
    breaks = [series.Break(year, text("break.sample"), between=False) for year in small]
    for before, row in pairwise(rows):
        if before["weighting"] != row["weighting"] and before["weighting"] and row["weighting"]:
            breaks.append(series.Break(row["school_year"], text("break.weighting")))
    figure = series.draw(
        desk.pen,
        [series.Series("", points, text("word.line"), at_least=True, intervals=intervals)],
        title=title,
        subtitle=subtitle,
        zero=False,
        written=numbers.share_against,
        ticks=lambda mark: f"{mark * 100:g}%",
        breaks=breaks,
    )
    alt = desk.series_alt(title, [(text("family.satisfaction.subject"), points)], numbers.share_against)
    if small:
        alt += text("word.sentence_gap") + text(
            "satisfaction.alt.small", years=text.join([str(year) for year in small])
        )
    return [desk.picture("satisfaction", figure, alt)]


def _groups(desk: Desk, rows: Sequence[Row], standard: str, year: int) -> Exhibit:
    """Groups of the latest year with their intervals."""
    text = desk.text
    order = list(desk.frame.terms.get("group", {}))
    own = [
        row
        for row in rows
        if row["standard"] == standard
        and row["school_year"] == year
        and row["group"] != ALL
        and row["satisfaction"] is not None
    ]
    if not own:
        return Exhibit()
    own.sort(key=lambda row: order.index(row["group"]) if row["group"] in order else len(order))
    line = next(
        (r["line"] for r in rows if r["standard"] == standard and r["school_year"] == year and r["group"] == ALL), None
    )
    drawn = [
        dots.Dot(
            desk.word("group", row["group"]), row["satisfaction"],
            text("satisfaction.group" if row["adequate"] else "satisfaction.group.small",
                 share=numbers.share_against(row["satisfaction"], line), valid=numbers.count(row["valid"])),
            verdict=None, judged=not row["adequate"],
            interval=(row["lower"], row["upper"]) if row["lower"] is not None and row["upper"] is not None else None,
            line=line,
        )
        for row in own
    ]  # fmt: skip
    lowest = min(own, key=lambda row: row["satisfaction"])
    title = text(
        "satisfaction.groups.title",
        county=desk.book.name,
        year=text.year(year),
        group=desk.word("group", lowest["group"]),
        share=numbers.share_against(lowest["satisfaction"], line),
    )
    figure = dots.draw(
        desk.pen,
        drawn,
        title=title,
        subtitle=text("satisfaction.groups.subtitle"),
        high=1.0,
        line_name=text("satisfaction.groups.line"),
    )
    said = text.join([f"{one.name} {one.words}" for one in drawn])
    alt = title + text("word.colon") + said + text("word.sentence_end")
    return Exhibit(text("satisfaction.groups"), [desk.picture("satisfaction-groups", figure, alt)])
