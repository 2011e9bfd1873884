"""The provincial school standard (办学基本标准): schools that attain it, indicator by indicator, and those that do not.

Belongs here: this family's section. Does not belong here: the seven lines of quality balance (``coefficients.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, series
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, years_of
from pipelines.dashboards.site import Picture

COLUMNS = (
    "stage", "school_year", "school_standard", "document", "indicators", "schools", "schools_attaining", "share",
    "all_attain", "schools_missing", "reason",
)  # fmt: skip
INDICATORS = (
    "stage",
    "indicator",
    "direction",
    "line",
    "schools",
    "schools_meeting",
    "schools_below",
    "schools_missing",
    "share",
)
SCHOOLS = (
    "school_name", "school_code", "stage", "pupils", "indicators", "indicators_met", "indicators_below",
    "indicators_missing", "lowest_ratio", "attains", "reason",
)  # fmt: skip


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("county_standard")
    if not rows:
        return desk.absent("school_standard", "county_standard")
    text = desk.text
    years = years_of(rows)
    sentences, drawn, verdicts = [], [], []
    for stage in dict.fromkeys(row["stage"] for row in rows):
        own = [row for row in rows if row["stage"] == stage]
        sentences.append(_sentence(desk, own[-1]))
        verdicts.append(own[-1]["all_attain"])
        points = desk.points(own, years, "share", verdict="all_attain")
        if any(point.value is not None for point in points):
            drawn.append(series.Series(text.stage(stage), points))
    pictures = []
    if drawn:
        last = [row for row in rows if row["school_year"] == years[-1]]
        title = text(
            "school_standard.title",
            county=desk.book.name,
            year=text.year(years[-1]),
            parts=text.join(
                [
                    text(
                        "school_standard.part",
                        stage=text.stage(row["stage"]),
                        attaining=numbers.count(row["schools_attaining"]),
                        schools=numbers.count(row["schools"]),
                    )
                    for row in last
                ]
            ),
        )
        figure = series.draw(
            desk.pen, drawn, title=title, subtitle=text("school_standard.subtitle"), written=numbers.share_against,
            ticks=lambda mark: f"{mark * 100:g}%", breaks=series.changes(desk.form_breaks()),
        )  # fmt: skip
        alt = desk.series_alt(title, [(one.name, one.points) for one in drawn], numbers.share_against)
        pictures.append(desk.picture("school-standard", figure, alt))
    exhibits = [Exhibit(pictures=pictures), _indicators(desk), _schools(desk)]
    ordered = sorted(rows, key=lambda row: (row["stage"], -row["school_year"]))
    sheet = desk.sheet(
        "school-standard", "county_standard", COLUMNS, ordered, text("table.county_standard"),
        codes={"school_standard": "school_standard"}, kinds={"all_attain": "verdict"},
    )  # fmt: skip
    exhibits.append(Exhibit(sheets=[sheet], folded=True))
    verdict = False if False in verdicts else None if None in verdicts else True
    return Section(
        "school_standard", text("family.school_standard"), sentences,
        [one for one in exhibits if one.pictures or one.sheets or one.notes], judged=True, verdict=verdict,
    )  # fmt: skip


def _sentence(desk: Desk, row: Row) -> str:
    text = desk.text
    words = {
        "county": desk.book.name, "stage": text.stage(row["stage"]), "year": text.year(row["school_year"]),
        "schools": numbers.count(row["schools"]), "attaining": numbers.count(row["schools_attaining"]),
        "missing": numbers.count(row["schools_missing"]), "reason": text.reason(row["reason"]),
    }  # fmt: skip
    key = {True: "met", False: "missed", None: "open"}[row["all_attain"]]
    return text(f"school_standard.{key}", **words)


def _indicators(desk: Desk) -> Exhibit:
    """Share of schools that meet each indicator in the latest year, a picture a stage."""
    rows = desk.rows("county_standard_indicator")
    text = desk.text
    if not rows:
        return Exhibit()
    order = list(desk.frame.terms.get("school_indicator", {}))
    pictures = [
        _dots(desk, stage, [row for row in rows if row["stage"] == stage])
        for stage in dict.fromkeys(r["stage"] for r in rows)
    ]
    ordered = sorted(
        rows, key=lambda row: (row["stage"], order.index(row["indicator"]) if row["indicator"] in order else 99)
    )
    sheet = desk.sheet(
        "school-standard-indicators", "county_standard_indicator", INDICATORS, ordered,
        text("table.county_standard_indicator", year=text.year(rows[0]["school_year"])),
        codes={"indicator": "school_indicator", "direction": "line_direction"},
    )  # fmt: skip
    return Exhibit(text("school_standard.indicators"), pictures, [sheet])


def _dots(desk: Desk, stage: str, rows: Sequence[Row]) -> Picture:
    text = desk.text
    ordered = sorted(rows, key=lambda row: (row["share"] is None, row["share"] or 0.0, row["indicator"]))
    drawn = [
        dots.Dot(
            desk.word("school_indicator", row["indicator"]), row["share"],
            text("school_standard.of", meeting=numbers.count(row["schools_meeting"]),
                 schools=numbers.count((row["schools_meeting"] or 0) + (row["schools_below"] or 0))),
            verdict=None if row["share"] is None else row["schools_below"] == 0, line=None,
        )
        for row in ordered
    ]  # fmt: skip
    below = [one for one in drawn if one.verdict is False]
    year = text.year(rows[0]["school_year"])
    title = text(
        "school_standard.indicators.some" if below else "school_standard.indicators.all",
        county=desk.book.name, stage=text.stage(stage), year=year, below=len(below), indicators=len(drawn),
        weakest=drawn[0].name, words=drawn[0].words,
    )  # fmt: skip
    figure = dots.draw(
        desk.pen, drawn, title=title, subtitle=text("school_standard.indicators.subtitle"), low=0.0, high=1.0
    )
    said = text.join([f"{one.name} {one.words}" for one in drawn[:3]])
    return desk.picture(
        f"school-standard-{stage}", figure, title + text("word.colon") + said + text("word.sentence_end")
    )


def _schools(desk: Desk) -> Exhibit:
    """Schools that do not attain, or whose verdict is open, in the latest year."""
    text = desk.text
    rows = desk.rows("school_standard")
    short = [row for row in rows if row["attains"] is not True and row["reason"] != "no_pupils"]
    if not rows:
        return Exhibit()
    if not short:
        return Exhibit(notes=[text("school_standard.schools.none", year=text.year(rows[0]["school_year"]))])
    short.sort(key=lambda row: (row["attains"] is None, row["indicators_met"] or 0, row["school_code"]))
    sheet = desk.sheet(
        "school-standard-schools",
        "school_standard",
        SCHOOLS,
        short,
        text("table.school_standard", year=text.year(short[0]["school_year"])),
        lists={"indicators_below": "school_indicator", "indicators_missing": "school_indicator"},
        kinds={
            "attains": "verdict",
            "lowest_ratio": "share",
            "indicators_below": "words",
            "indicators_missing": "words",
        },
        shown=15,
        school="trend_school_code",
    )
    return Exhibit(text("school_standard.schools"), sheets=[sheet])
