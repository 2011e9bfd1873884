"""Which what-if runs are needed to say what each restatement did, and which of them can share a run.

Belongs here: turning changed figures into scenarios and scenarios into rounds. Does not belong here: running them
(``whatif``), reading the results (``effects``).

A scenario puts older statements in the place of the present ones and leaves everything else as it is now:

    first        every restated row as it was first stated
    submission   all that one submission restated of another, for one school year
    figure       one restated figure alone (of a row that became usable, unusable, was added or removed: the row)

The figures of a county and year do not depend on the rows of another county, so scenarios of different counties share
a round; scenarios of the same county and year do not. Side ``old`` has the older statement; side ``new`` is only needed
where the newer statement was itself superseded, else it is the present figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

#: Figures that one submission restated in a county and year, up to which each of them is looked at alone.
ALONE = 12

#: The present statement about a row, whoever made it.
LIVE = ""

TOUCH_SCHEMA: dict[str, Any] = {
    "round": pl.Int32,
    "form": pl.String,
    "school_year": pl.Int32,
    "row_key": pl.String,
    "base": pl.String,
    "field": pl.String,
    "field_base": pl.String,
}
READING_SCHEMA: dict[str, Any] = {
    "round": pl.Int32,
    "kind": pl.String,
    "id": pl.Int64,
    "side": pl.String,
    "county_code": pl.String,
    "school_year": pl.Int32,
}


@dataclass(frozen=True)
class Scenarios:
    """Rows to be replaced and counties to be read, by round.

    ``touches``: in ``round`` the row is the statement of submission ``base``, with ``field`` (null: none) taken from
    the statement of ``field_base``. ``readings``: the counties whose figures are those of a scenario after that round.
    """

    touches: pl.DataFrame
    readings: pl.DataFrame


def units(changes: pl.DataFrame, feeding: Mapping[str, set[str]]) -> pl.DataFrame:
    """Return the changes that a coefficient may depend on, each with a number (``unit``) and its ``pair``.

    ``field`` is null where the row as a whole changed; its figures are then one unit. ``changes``: see
    ``pipelines.intake.restate.RESTATEMENT_SCHEMA``.
    """
    fields = pl.DataFrame(
        [(form, field) for form, names in feeding.items() for field in names],
        schema={"form": pl.String, "field": pl.String},
        orient="row",
    )
    keys = ["form", "school_year", "row_key", "old_submission_id", "new_submission_id"]
    single = changes.filter(pl.col("change") == "restated").join(fields, on=["form", "field"], how="semi")
    whole = changes.filter((pl.col("change") != "restated") & pl.col("form").is_in(list(feeding))).with_columns(
        pl.lit(None, dtype=pl.String).alias("field")
    )
    found = pl.concat([single, whole]).select(*keys, "field", "superseded", "old_received_at", "received_at")
    of_pair = ["old_submission_id", "new_submission_id", "school_year"]
    pairs = found.group_by(of_pair).agg(pl.col("received_at").min()).sort("received_at", *of_pair)
    return (
        found.unique([*keys, "field"], maintain_order=True)
        .sort(*keys, "field", nulls_last=True)
        .with_row_index("unit")
        .join(pairs.drop("received_at").with_row_index("pair"), on=of_pair, how="left", maintain_order="left")
        .with_columns(pl.col("unit", "pair").cast(pl.Int64))
    )


def unit_counties(
    found: pl.DataFrame, changes: pl.DataFrame, reported: pl.DataFrame, schools: pl.DataFrame
) -> pl.DataFrame:
    """Return ``unit``, ``county_code`` (of today), ``school_year``: the counties whose figures a unit may change.

    Args:
        found: from ``units``.
        changes: all changes; a row that moved has two counties.
        reported: ``core.reported_county``.
        schools: ``school_year``, ``school_code``, ``county_code`` of ``core.school_stage``.
    """
    keys = ["form", "school_year", "row_key"]
    rows = changes.select(*keys, "county_code", "school_code").unique()
    moved = changes.filter(pl.col("field") == "county_code")
    codes = pl.concat(
        [
            rows.select(*keys, "county_code"),
            *(moved.select(*keys, pl.col(text).alias("county_code")) for text in ("old_text", "new_text")),
        ]
    ).with_columns(pl.col("county_code").fill_null("000000"))
    today = codes.join(
        reported.select(
            pl.col("reported_code").alias("county_code"), "school_year", pl.col("county_code").alias("now")
        ),
        on=["county_code", "school_year"],
        how="left",
    ).select(*keys, pl.coalesce("now", "county_code").alias("county_code"))
    of_school = rows.drop("county_code").join(schools, on=["school_year", "school_code"], how="inner")
    counties = pl.concat([today, of_school.select(*keys, "county_code")]).unique()
    return found.select("unit", *keys).join(counties, on=keys).select("unit", "county_code", "school_year").unique()


def scenarios(found: pl.DataFrame, counties: pl.DataFrame) -> Scenarios:
    """Plan the rounds for the units and their counties."""
    if found.is_empty():
        return Scenarios(pl.DataFrame(schema=TOUCH_SCHEMA), pl.DataFrame(schema=READING_SCHEMA))
    touches, readings = [_first_touches(found)], [_first_readings(counties)]
    start = 1
    alone = looked_at_alone(found, counties).filter(pl.col("figures") > 1)
    for kind, placed in (
        ("submission", _pair_rounds(found, counties)),
        ("figure", _figure_rounds(found.join(alone.select("unit").unique(), on="unit", how="semi"), counties)),
    ):
        for side in ("old", "new"):
            of_side = placed.filter(pl.col("superseded").any().over("id")) if side == "new" else placed
            if of_side.is_empty():
                continue
            of_side = of_side.with_columns((pl.col("round").rank("dense") + (start - 1)).cast(pl.Int32).alias("round"))
            start = int(of_side.select(pl.col("round").max()).item()) + 1
            touches.append(_touches(of_side, kind, side))
            read = of_side.join(counties, on="unit").select(
                "round", pl.lit(kind).alias("kind"), "id", pl.lit(side).alias("side"), "county_code", "school_year"
            )
            readings.append(read.unique())
    return Scenarios(
        pl.concat(
            [frame.select([pl.col(name).cast(kind) for name, kind in TOUCH_SCHEMA.items()]) for frame in touches]
        ),
        pl.concat(
            [frame.select([pl.col(name).cast(kind) for name, kind in READING_SCHEMA.items()]) for frame in readings]
        ),
    )


def looked_at_alone(found: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """Return ``unit``, ``county_code``, ``figures`` (of its submission in the county and year) of the units whose own
    effect is known: no more than ``ALONE``. With one, its effect is that of the submission."""
    by_county = found.select("unit", "pair").join(counties, on="unit")
    return by_county.with_columns(pl.len().over("pair", "county_code", "school_year").alias("figures")).filter(
        (pl.col("figures").max().over("unit")) <= ALONE
    )


def _first_touches(found: pl.DataFrame) -> pl.DataFrame:
    first = found.sort("old_received_at", "received_at").unique(
        ["form", "school_year", "row_key"], keep="first", maintain_order=True
    )
    return _base(first.with_columns(pl.lit(0).alias("round")), pl.col("old_submission_id"))


def _first_readings(counties: pl.DataFrame) -> pl.DataFrame:
    return counties.select(
        pl.lit(0).alias("round"), pl.lit("first").alias("kind"), pl.lit(0).alias("id"), pl.lit("old").alias("side"),
        "county_code", "school_year",
    ).unique()  # fmt: skip


def _pair_rounds(found: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """Units with ``id`` (their pair) and ``round``: pairs that share a county and year do not share a round."""
    where = found.select("unit", "pair").join(counties, on="unit").select("pair", "county_code", "school_year").unique()
    groups = where.group_by("pair").agg(pl.struct("county_code", "school_year")).sort("pair")
    taken: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    rounds = {}
    for pair, places in groups.iter_rows():  # one step for each file that corrected another, not for each figure
        keys = [(place["county_code"], place["school_year"]) for place in places]
        used = set().union(*(taken[key] for key in keys))
        rounds[pair] = next(number for number in range(len(used) + 1) if number not in used)
        for key in keys:
            taken[key].add(rounds[pair])
    placed = pl.DataFrame(
        {"pair": list(rounds), "round": list(rounds.values())}, schema={"pair": pl.Int64, "round": pl.Int32}
    )
    return found.join(placed, on="pair").with_columns(pl.col("pair").alias("id"))


def _figure_rounds(found: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """Units with ``id`` (themselves) and ``round``; one that touches several counties has a round for itself."""
    where = counties.join(found.select("unit"), on="unit", how="semi").sort("unit")
    where = where.with_columns(pl.len().over("unit").alias("places"))
    single = where.filter(pl.col("places") == 1).select(
        "unit", pl.int_range(pl.len()).over("county_code", "school_year").cast(pl.Int64).alias("round")
    )
    several = where.filter(pl.col("places") > 1).select("unit").unique(maintain_order=True).with_row_index("own")
    several = several.select("unit", (pl.lit(1 << 30) + pl.col("own").cast(pl.Int64)).alias("round"))
    return found.join(pl.concat([single, several]), on="unit").with_columns(pl.col("unit").alias("id"))


def _touches(placed: pl.DataFrame, kind: str, side: str) -> pl.DataFrame:
    newer = pl.when("superseded").then("new_submission_id").otherwise(pl.lit(LIVE))
    if side == "new":
        return _base(placed, newer)
    if kind == "submission":
        return _base(placed, pl.col("old_submission_id"))
    whole = pl.col("field").is_null()
    return placed.select(
        "round",
        "form",
        "school_year",
        "row_key",
        pl.when(whole).then("old_submission_id").otherwise(newer).alias("base"),
        "field",
        pl.when(~whole).then("old_submission_id").alias("field_base"),
    )


def _base(placed: pl.DataFrame, base: pl.Expr) -> pl.DataFrame:
    """Whole rows, once each in a round, as ``base`` stated them; rows that are so already are left alone."""
    none = pl.lit(None, dtype=pl.String)
    rows = placed.select(
        "round", "form", "school_year", "row_key", base.alias("base"), none.alias("field"), none.alias("field_base")
    )
    return rows.filter(pl.col("base") != LIVE).unique(maintain_order=True)
