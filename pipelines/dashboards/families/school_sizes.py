"""School sizes (学校规模): the largest schools against the limit, and the small ones.

Belongs here: this family's section. Does not belong here: class sizes (``class_sizes.py``).
"""

from __future__ import annotations

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, series
from pipelines.dashboards.families.desk import Desk, Exhibit, Section, title_of, years_of

#: Schools drawn: the largest against their limit.
LARGEST = 10
COLUMNS = (
    "kind", "school_year", "schools", "pupils", "largest", "size_limit", "schools_over", "share_within", "margin",
    "schools_small", "schools_small_rural", "pupils_small", "meets", "schools_missing", "reason",
)  # fmt: skip


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("school_size")
    if not rows:
        return desk.absent("school_sizes", "school_size")
    text = desk.text
    years = years_of(rows)
    latest = [row for row in rows if row["school_year"] == years[-1]]
    over = sum(row["schools_over"] or 0 for row in latest)
    small = sum(row["schools_small"] or 0 for row in latest)
    largest = max((row["largest"] or 0 for row in latest), default=0)
    verdicts = [row["meets"] for row in latest]
    verdict = False if False in verdicts else None if None in verdicts else True
    key = {True: "met", False: "missed", None: "open"}[verdict]
    headline = text(
        f"school_sizes.{key}", county=desk.book.name, year=text.year(years[-1]), over=over, small=small,
        largest=numbers.count(largest),
        reason=text.reason(next((row["reason"] for row in latest if row["meets"] is None), None)),
    )  # fmt: skip
    drawn = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        points = desk.points(own, years, "largest", "size_limit", verdict="meets")
        if any(point.value is not None for point in points):
            drawn.append(series.Series(desk.word("school_kind", kind), points, text("word.limit")))
    pictures = []
    if drawn:
        figure = series.draw(
            desk.pen, drawn, title=title_of(headline), subtitle=text("school_sizes.subtitle"),
            written=numbers.plain, ticks=lambda mark: f"{mark:,.0f}", breaks=series.changes(desk.form_breaks()),
        )  # fmt: skip
        alt = desk.series_alt(title_of(headline), [(one.name, one.points) for one in drawn], numbers.plain)
        pictures.append(desk.picture("school-sizes", figure, alt))
    ordered = sorted(rows, key=lambda row: (row["kind"], -row["school_year"]))
    exhibits = [Exhibit(pictures=pictures)]
    schools = _schools(desk)
    if schools is not None:
        exhibits.append(schools)
    exhibits.append(Exhibit(sheets=[desk.sheet(
        "school-sizes", "school_size", COLUMNS, ordered, text("table.school_size"), codes={"kind": "school_kind"},
        kinds={"size_limit": "integer", "margin": "integer", "meets": "verdict"},
    )], folded=True))  # fmt: skip
    return Section("school_sizes", text("family.school_sizes"), [headline], exhibits, judged=True, verdict=verdict)


def _schools(desk: Desk) -> Exhibit | None:
    """The largest schools of the latest year by name."""
    text = desk.text
    rows = [row for row in desk.rows("school_conditions") if row["pupils"]]
    if not rows:
        return None
    rows.sort(
        key=lambda row: (
            -(row["pupils"] / row["size_limit"] if row["size_limit"] else 0),
            -row["pupils"],
            row["school_code"],
        )
    )
    year = rows[0]["school_year"]
    shown = rows[:LARGEST]
    first = shown[0]
    drawn = [
        dots.Dot(
            row["school_name"] or row["school_code"], row["pupils"], numbers.count(row["pupils"]),
            verdict=None if row["over_size"] is None else not row["over_size"], judged=row["over_size"] is not None,
            line=row["size_limit"],
        )
        for row in shown
    ]  # fmt: skip
    title = text(
        "school_sizes.largest.title", county=desk.book.name, year=text.year(year),
        school=first["school_name"] or first["school_code"], pupils=numbers.count(first["pupils"]),
    )  # fmt: skip
    figure = dots.draw(
        desk.pen,
        drawn,
        title=title,
        subtitle=text("school_sizes.largest.subtitle"),
        low=0.0,
        line_name=text("word.limit"),
    )
    said = text.join([f"{one.name} {one.words}" for one in drawn[:3]])
    alt = title + text("word.colon") + said + text("word.sentence_end")
    sheet = desk.sheet(
        "school-conditions", "school_conditions",
        ("school_name", "school_code", "kind", "pupils", "size_limit", "over_size", "small", "small_rural", "classes",
         "music_rooms", "art_rooms", "music_met", "art_met"),
        rows, text("table.school_conditions", year=text.year(year)), codes={"kind": "school_kind"},
        kinds={"size_limit": "integer", "music_met": "verdict", "art_met": "verdict"}, shown=LARGEST,
        school="trend_school_code",
    )  # fmt: skip
    return Exhibit(text("school_sizes.largest"), [desk.picture("school-sizes-largest", figure, alt)], [sheet])
