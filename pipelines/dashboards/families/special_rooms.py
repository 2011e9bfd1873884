"""Music and art rooms (音乐、美术专用教室): which schools have enough of them for their classes.

Belongs here: this family's section. Does not belong here: rooms that the provincial standard counts.
"""

from __future__ import annotations

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import series
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, title_of, years_of

COLUMNS = (
    "school_year",
    "classes_per_room",
    "schools",
    "schools_meeting",
    "share",
    "schools_short_of_music",
    "schools_short_of_art",
    "classes",
    "music_rooms",
    "art_rooms",
    "music_rooms_per_unit",
    "art_rooms_per_unit",
    "meets",
    "schools_missing",
    "reason",
)


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("special_rooms")
    if not rows:
        return desk.absent("special_rooms", "special_rooms")
    text = desk.text
    years = years_of(rows)
    last = rows[-1]
    headline = _sentence(desk, last)
    exhibits = []
    points = desk.points(rows, years, "share", verdict="meets")
    if any(point.value is not None for point in points):
        figure = series.draw(
            desk.pen, [series.Series("", points)], title=title_of(headline), subtitle=text("special_rooms.subtitle"),
            written=numbers.share_against, ticks=lambda mark: f"{mark * 100:g}%", body=1.6,
            breaks=series.changes(desk.form_breaks()),
        )  # fmt: skip
        alt = desk.series_alt(title_of(headline), [(text("special_rooms.share"), points)], numbers.share_against)
        exhibits.append(Exhibit(pictures=[desk.picture("special-rooms", figure, alt)]))
    short = [row for row in desk.rows("school_conditions") if row["music_met"] is False or row["art_met"] is False]
    if short:
        sheet = desk.sheet(
            "special-rooms-short", "school_conditions",
            ("school_name", "school_code", "classes", "music_rooms", "art_rooms", "music_rooms_per_unit",
             "art_rooms_per_unit", "music_met", "art_met"),
            short, text("table.special_rooms_short", year=text.year(short[0]["school_year"])),
            kinds={"music_met": "verdict", "art_met": "verdict"}, shown=20, school="trend_school_code",
        )  # fmt: skip
        exhibits.append(Exhibit(sheets=[sheet]))
    sheet = desk.sheet(
        "special-rooms", "special_rooms", COLUMNS, list(reversed(rows)), text("table.special_rooms"),
        kinds={"meets": "verdict", "classes_per_room": "integer"},
    )  # fmt: skip
    exhibits.append(Exhibit(sheets=[sheet], folded=True))
    return Section(
        "special_rooms", text("family.special_rooms"), [headline], exhibits, judged=True, verdict=last["meets"]
    )


def _sentence(desk: Desk, row: Row) -> str:
    text = desk.text
    words = {
        "county": desk.book.name, "year": text.year(row["school_year"]), "schools": numbers.count(row["schools"]),
        "meeting": numbers.count(row["schools_meeting"]), "music": numbers.count(row["schools_short_of_music"]),
        "art": numbers.count(row["schools_short_of_art"]), "per": numbers.count(row["classes_per_room"]),
        "reason": text.reason(row["reason"]),
    }  # fmt: skip
    if row["meets"] is None:
        return text("special_rooms.open", **words)
    return text("special_rooms.met" if row["meets"] else "special_rooms.missed", **words)
