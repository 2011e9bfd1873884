"""Exchange of teachers and principals (交流轮岗): how many of those eligible, how many backbone, whither.

Belongs here: this family's section. Does not belong here: the picture of flows as such (``charts/flow.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import flow, series, stack
from pipelines.dashboards.charts.canvas import BELOW, MUTED
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, title_of, years_of
from pipelines.dashboards.pages.sheets import Sheet
from pipelines.dashboards.site import Picture

WHOLE = "compulsory"
#: Schools drawn by name on each side of the flows; the rest are gathered by kind of place.
NAMED = 9
AREAS = ("urban", "town", "rural")
AREA_COLOURS = {"urban": "#b04a00", "town": BELOW, "rural": "#00705f", "": MUTED}
#: Directions by what supervision asks for: towards weaker places, level, away from them.
DIRECTIONS = (
    ("urban_to_rural", "#0b4f8a"), ("urban_to_town", "#3f7fb8"), ("town_to_rural", "#85b3d9"), ("same_area", "#cfd6db"),
    ("rural_to_town", "#f3c39a"), ("town_to_urban", "#df8f4a"), ("rural_to_urban", "#b04a00"),
    ("direction_unknown", "#8d979f"),
)  # fmt: skip
COLUMNS = (
    "school_year", "stage", "denominator", "source", "eligible", "exchanged", "rate", "threshold", "rate_meets",
    "backbone_exchanged", "backbone_share", "backbone_threshold", "backbone_meets", "verdict", "principals_eligible",
    "principals_exchanged", "principals_rate", "early_returns", "schools_missing", "quarantined", "reason",
)  # fmt: skip
AGREEMENT = (
    "school_year", "declared", "listed", "moved", "declared_less_listed", "listed_less_moved",
    "schools_declaring_otherwise", "confirmed", "listed_but_stayed", "listed_but_elsewhere", "listed_not_on_rosters",
    "listed_after_roster", "moved_not_listed", "returned", "agrees", "reason",
)  # fmt: skip


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("teacher_exchange")
    if not rows:
        return desk.absent("exchange", "teacher_exchange")
    text = desk.text
    years = years_of(rows)
    whole = [row for row in rows if row["stage"] == WHOLE]
    last = whole[-1] if whole else None
    sentences = []
    if last is not None:
        for subject, value, line, verdict in (
            ("exchange.rate", "rate", "threshold", "rate_meets"),
            ("exchange.backbone", "backbone_share", "backbone_threshold", "backbone_meets"),
        ):
            sentences.append(desk.finding(
                text("word.of_county", county=desk.book.name, words=text(subject)), text.year(last["school_year"]),
                last[value], last[line], last[verdict], last["reason"], numbers.share_against,
            ))  # fmt: skip
        sentences.append(
            text(
                "exchange.counts",
                exchanged=numbers.count(last["exchanged"]),
                eligible=numbers.count(last["eligible"]),
                denominator=desk.word("denominator", last["denominator"]),
                principals=numbers.count(last["principals_exchanged"]),
                early=numbers.count(last["early_returns"]),
            )
        )
    exhibits = [
        Exhibit(text("exchange.rates"), _rates(desk, rows, years)),
        Exhibit(sheets=[_sheet(desk, rows)], folded=True),
    ]
    directions = _directions(desk, whole, years)
    if directions is not None:
        exhibits.append(directions)
    exhibits += [_flows(desk), _agreement(desk)]
    return Section(
        "exchange",
        text("family.exchange"),
        sentences,
        [one for one in exhibits if one.pictures or one.sheets or one.notes],
        judged=last is not None,
        verdict=last["verdict"] if last else None,
    )


def _rates(desk: Desk, rows: Sequence[Row], years: Sequence[int]) -> list[Picture]:
    text = desk.text
    found = []
    for name, value, line, verdict in (
        ("rate", "rate", "threshold", "rate_meets"),
        ("backbone", "backbone_share", "backbone_threshold", "backbone_meets"),
    ):
        drawn = []
        for stage in (WHOLE, "primary", "junior"):
            own = [row for row in rows if row["stage"] == stage]
            # A stage of its own has no verdict of its own: only the whole county is judged.
            points = desk.points(own, years, value, line if stage == WHOLE else None, verdict=verdict)
            if any(point.value is not None for point in points):
                drawn.append(series.Series(text.get(f"stage.{stage}", stage), points, text("word.line")))
        whole = next((row for row in reversed(rows) if row["stage"] == WHOLE), None)
        if not drawn or whole is None:
            continue
        title = title_of(
            desk.finding(
                text("word.of_county", county=desk.book.name, words=text(f"exchange.{name}")),
                text.year(whole["school_year"]),
                whole[value],
                whole[line],
                whole[verdict],
                whole["reason"],
                numbers.share_against,
            )
        )
        figure = series.draw(
            desk.pen, drawn, title=title, subtitle=text(f"exchange.{name}.subtitle"), written=numbers.share_against,
            ticks=lambda mark: f"{mark * 100:g}%", breaks=_breaks(desk, rows),
        )  # fmt: skip
        alt = desk.series_alt(title, [(one.name, one.points) for one in drawn], numbers.share_against)
        found.append(desk.picture(f"exchange-{name}", figure, alt))
    return found


def _breaks(desk: Desk, rows: Sequence[Row]) -> list[series.Break]:
    """Years from which other persons are counted as eligible."""
    whole = [row for row in rows if row["stage"] == WHOLE]
    return [
        series.Break(row["school_year"], desk.text("break.denominator"))
        for before, row in pairwise(whole)
        if before["denominator"] != row["denominator"]
    ]


def _directions(desk: Desk, rows: Sequence[Row], years: Sequence[int]) -> Exhibit | None:
    text = desk.text
    layers = [
        stack.Layer(
            text(f"direction.{key}"),
            {row["school_year"]: float(row[key] or 0) for row in rows if row[key] is not None},
            colour,
        )
        for key, colour in DIRECTIONS
    ]
    if not any(value for layer in layers for value in layer.values.values()):
        return None
    last = rows[-1]
    down = sum(last[key] or 0 for key, _ in DIRECTIONS[:3])
    up = sum(last[key] or 0 for key, _ in DIRECTIONS[4:7])
    all_ = sum(last[key] or 0 for key, _ in DIRECTIONS)
    title = text(
        "exchange.directions.title",
        county=desk.book.name,
        year=text.year(last["school_year"]),
        all=all_,
        down=down,
        up=up,
    )
    figure = stack.draw(
        desk.pen,
        years,
        layers,
        title=title,
        subtitle=text("exchange.directions.subtitle"),
        written=numbers.count,
        body=2.5,
    )
    alt = text("word.sentence_gap").join([
        title + text("word.sentence_end"),
        text.join([f"{layer.name} {numbers.count(layer.values.get(last['school_year']))}" for layer in layers
                   if layer.values.get(last["school_year"])]) + text("word.sentence_end"),
    ])  # fmt: skip
    keys = ["school_year", *(key for key, _ in DIRECTIONS), "to_other_county"]
    sheet = desk.sheet(
        "exchange-directions", "teacher_exchange", keys, list(reversed(rows)), text("table.exchange_directions")
    )
    return Exhibit(text("exchange.directions"), [desk.picture("exchange-directions", figure, alt)], [sheet])


def _flows(desk: Desk) -> Exhibit:
    """Persons between schools in the latest year: the largest schools by name, the others by kind of place."""
    text = desk.text
    rows = desk.rows("exchange_flow")
    if not rows:
        return Exhibit(text("exchange.flows"), notes=[text("exchange.flows.none")])
    year = rows[0]["school_year"]
    sides = [_largest(rows, side) for side in ("from", "to")]
    flows: dict[tuple[str, str], int] = defaultdict(int)
    areas: list[dict[str, str]] = [{}, {}]
    names: list[dict[str, str]] = [{}, {}]
    for row in rows:
        ends = []
        for at, side in enumerate(("from", "to")):
            area = row[f"{side}_area"] or ""
            code = row[f"{side}_school_code"]
            key = code if code in sides[at] else f"others/{area}"
            name = (
                (row[f"{side}_school_name"] or code) if code in sides[at] else text(f"flow.others.{area or 'unknown'}")
            )
            areas[at][key], names[at][key] = area, name
            ends.append(key)
        flows[ends[0], ends[1]] += row["persons"]
    places = []
    for at in (0, 1):
        total = {key: sum(n for pair, n in flows.items() if pair[at] == key) for key in names[at]}
        order = sorted(
            names[at],
            key=lambda key: (_rank(areas[at][key]), key.startswith("others/"), -total[key], key),
        )
        places.append([flow.Place(key, names[at][key], AREA_COLOURS[areas[at][key]]) for key in order])
    persons = sum(flows.values())
    largest = max(rows, key=lambda row: row["persons"])
    title = text(
        "exchange.flows.title", county=desk.book.name, year=text.year(year), persons=persons, pairs=len(rows),
        schools=len({row["from_school_code"] for row in rows}), receivers=len({row["to_school_code"] for row in rows}),
    )  # fmt: skip
    figure = flow.draw(
        desk.pen, places[0], places[1], flows, title=title, subtitle=text("exchange.flows.subtitle"),
        heads=(text("flow.from"), text("flow.to")),
        key=[(AREA_COLOURS[area], desk.word("area", area)) for area in AREAS],
    )  # fmt: skip
    alt = title + text("word.sentence_end") + text("word.sentence_gap") + text(
        "exchange.flows.largest", sender=largest["from_school_name"] or "", receiver=largest["to_school_name"] or "",
        persons=largest["persons"],
    )  # fmt: skip
    sheet = desk.sheet(
        "exchange-flows",
        "exchange_flow",
        (
            "from_school_name",
            "from_school_code",
            "from_area",
            "to_school_name",
            "to_school_code",
            "to_area",
            "persons",
            "primary_persons",
            "junior_persons",
            "backbone_persons",
            "principals",
            "ended_early",
        ),
        rows,
        text("table.exchange_flows", year=text.year(year)),
        codes={"from_area": "area", "to_area": "area"},
        shown=20,
        school="from_trend_school_code",
    )
    return Exhibit(text("exchange.flows"), [desk.picture("exchange-flows", figure, alt)], [sheet])


def _largest(rows: Sequence[Row], side: str) -> set[str]:
    total: dict[str, int] = defaultdict(int)
    for row in rows:
        total[row[f"{side}_school_code"]] += row["persons"]
    return set(sorted(total, key=lambda code: (-total[code], code))[:NAMED])


def _rank(area: str) -> int:
    return AREAS.index(area) if area in AREAS else len(AREAS)


def _agreement(desk: Desk) -> Exhibit:
    """Whether what schools declare, the list and the rosters say the same."""
    rows = desk.rows("exchange_agreement", stage=WHOLE)
    text = desk.text
    if not rows:
        return Exhibit()
    last = rows[-1]
    key = {True: "yes", False: "no", None: "open"}[last["agrees"]]
    words = text(
        f"exchange.agreement.{key}", year=text.year(last["school_year"]), declared=numbers.count(last["declared"]),
        listed=numbers.count(last["listed"]), moved=numbers.count(last["moved"]), reason=text.reason(last["reason"]),
    )  # fmt: skip
    sheet = desk.sheet(
        "exchange-agreement", "exchange_agreement", AGREEMENT, list(reversed(rows)), text("table.exchange_agreement")
    )
    return Exhibit(text("exchange.agreement"), notes=[words], sheets=[sheet], folded=True)


def _sheet(desk: Desk, rows: Sequence[Row]) -> Sheet:
    ordered = sorted(rows, key=lambda row: (row["stage"] != WHOLE, row["stage"], -row["school_year"]))
    return desk.sheet(
        "exchange",
        "teacher_exchange",
        COLUMNS,
        ordered,
        desk.text("table.exchange"),
        codes={"denominator": "denominator", "source": "exchange_source"},
        kinds={
            "rate_meets": "verdict",
            "backbone_meets": "verdict",
            "threshold": "share",
            "backbone_threshold": "share",
        },
    )
