"""What restatements did to the coefficients: results of the what-if runs as the audit tables of a release.

Belongs here: ``audit.restatement``, ``audit.restatement_effect``, ``audit.submission_effect`` and
``audit.restated_point``. Does not belong here: planning and running (``scenarios``, ``whatif``), what the columns mean
(``columns``).

An effect is the coefficient with the newer statement less the coefficient with the older one, everything else as it is
now. Effects of several restatements of one county and year do not add up in general (a coefficient is not linear in its
figures); what all of them did together is ``audit.restated_point``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.column_lineage import leaves
from pipelines.restatement.columns import schema_of
from pipelines.restatement.feeding import feeding_fields
from pipelines.restatement.scenarios import looked_at_alone, scenarios, unit_counties, units
from pipelines.restatement.whatif import COEFFICIENTS, COMPOSITE, COMPOSITE_INDICATOR, run_rounds
from warehouse.sqlmodels import SqlModel

Files = Mapping[str, Sequence[Path]]

#: Coefficients closer than this, relatively, are equal: sums of floats in another order.
SAME = 1e-12

_POINT = ["county_code", "school_year", "stage", "standard", "indicator"]


@dataclass(frozen=True)
class Sources:
    """Files of the tables read: returns and rulebook, what was superseded, marts by table name."""

    inputs: Files
    superseded: Files
    marts: Files


def restatement_tables(
    changes: pl.DataFrame, models: Mapping[str, SqlModel], sources: Sources, *, temp_directory: Path | None = None
) -> dict[str, pl.DataFrame]:
    """Return the audit tables on restatements.

    Args:
        changes: every changed figure (``pipelines.intake.restate.RESTATEMENT_SCHEMA``).
        models: those the marts were made by; without the coefficients among them no effect is computed.
        sources: the tables of now and what was superseded.
        temp_directory: where DuckDB may spill.
    """
    changes = _with_feeds(changes, models)
    feeding = feeding_fields(models, [COMPOSITE]) if COMPOSITE in models else {}
    found = units(changes, feeding)
    if found.is_empty():
        empty = {
            name: pl.DataFrame(schema=schema_of(name))
            for name in ("audit.restatement_effect", "audit.submission_effect", "audit.restated_point")
        }
        return {
            "audit.restatement": _shaped(changes.with_columns(effect_basis=pl.lit("none")), "audit.restatement"),
            **empty,
        }
    reported = _mart(sources, "core.reported_county").collect()
    school_stage = (
        _mart(sources, "core.school_stage").select("school_year", "school_code", "county_code").unique().collect()
    )
    counties = unit_counties(found, changes, reported, school_stage)
    planned = scenarios(found, counties)
    affected = counties.select("county_code", "school_year").unique()
    schools = pl.concat(
        [
            school_stage.join(affected, on=["county_code", "school_year"], how="semi").select(
                "school_year", "school_code"
            ),
            changes.select("school_year", "school_code").drop_nulls(),
        ]
    ).unique()
    codes = reported.join(affected, on="county_code", how="semi").select("reported_code").unique()
    measured = run_rounds(
        planned, models, sources.inputs, sources.superseded, schools, codes, temp_directory=temp_directory
    )
    now = _now(sources, affected)
    effects = _effects(planned.readings, measured, now)
    names = _mart(sources, "core.county").select("county_code", "county_name").collect()
    effects = effects.join(names, on="county_code", how="left", maintain_order="left")
    by_pair = _by_pair(effects, found, counties)
    by_figure = _by_figure(effects, by_pair, found, counties)
    return {
        "audit.restatement": _with_effect(changes, found, counties, by_figure, by_pair, now),
        "audit.restatement_effect": _shaped(by_figure, "audit.restatement_effect"),
        "audit.submission_effect": _shaped(by_pair, "audit.submission_effect"),
        "audit.restated_point": _points(effects, found, counties),
    }


def _mart(sources: Sources, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(list(sources.marts[name]), glob=False).with_columns(pl.col("^school_year$").cast(pl.Int32))


def _now(sources: Sources, affected: pl.DataFrame) -> pl.DataFrame:
    """The coefficients of now, of the counties and years concerned."""
    single = _mart(sources, COEFFICIENTS).select(*_POINT, "coefficient", "meets")
    composite = _mart(sources, COMPOSITE).select(
        *_POINT[:-1], pl.lit(COMPOSITE_INDICATOR).alias("indicator"), pl.col("composite").alias("coefficient"),
        pl.col("verdict").alias("meets"),
    )  # fmt: skip
    return pl.concat([single, composite]).join(affected.lazy(), on=["county_code", "school_year"], how="semi").collect()


def _effects(readings: pl.DataFrame, measured: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Every coefficient that differs between the sides of a scenario (``kind``, ``id``)."""
    scenario = ["kind", "id", "county_code", "school_year"]
    sides = [
        measured.filter(pl.col("side") == side)
        .drop("side")
        .rename({"coefficient": f"coefficient_{side}", "meets": f"meets_{side}"})
        for side in ("old", "new")
    ]
    read_new = readings.filter(pl.col("side") == "new").select(*scenario, pl.lit(True).alias("read_new")).unique()
    every = pl.concat(
        [
            readings.select(scenario).unique().join(now.select(_POINT), on=["county_code", "school_year"]),
            measured.select(*scenario, *_POINT[2:]),
        ]
    ).unique()
    keys = ["kind", "id", *_POINT]
    table = (
        every.join(sides[0], on=keys, how="left")
        .join(sides[1], on=keys, how="left")
        .join(now, on=_POINT, how="left")
        .join(read_new, on=scenario, how="left")
        .with_columns(
            [
                pl.when("read_new").then(f"{name}_new").otherwise(name).alias(f"{name}_new")
                for name in ("coefficient", "meets")
            ]
        )
        .drop("coefficient", "meets", "read_new")
    )
    old, new = pl.col("coefficient_old"), pl.col("coefficient_new")
    equal = ((new - old).abs() <= SAME * pl.max_horizontal(old.abs(), new.abs())).fill_null(False)
    return (
        table.with_columns(pl.when(equal).then(new).otherwise(old).alias("coefficient_old"))
        .with_columns((new - old).alias("effect"))
        .filter(old.ne_missing(new) | pl.col("meets_old").ne_missing(pl.col("meets_new")))
        .sort(keys)
    )


def _by_pair(effects: pl.DataFrame, found: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    figures = (
        found.select("unit", "pair", "old_submission_id", "new_submission_id")
        .join(counties, on="unit")
        .group_by("pair", "old_submission_id", "new_submission_id", "county_code", "school_year")
        .agg(pl.len().cast(pl.Int32).alias("figures"))
        .rename({"pair": "id"})
    )
    return effects.filter(pl.col("kind") == "submission").join(
        figures, on=["id", "county_code", "school_year"], how="inner", maintain_order="left"
    )


def _by_figure(
    effects: pl.DataFrame, by_pair: pl.DataFrame, found: pl.DataFrame, counties: pl.DataFrame
) -> pl.DataFrame:
    """Effects of single figures: their own runs, and those of submissions that restated one figure of the county."""
    own = effects.filter(pl.col("kind") == "figure").rename({"id": "unit"}).drop("kind")
    only = (
        looked_at_alone(found, counties)
        .filter(pl.col("figures") == 1)
        .join(found.select("unit", pl.col("pair").alias("id"), "school_year"), on="unit")
        .select("unit", "id", "county_code", "school_year")
    )
    of_pair = by_pair.drop("kind", "figures", "old_submission_id", "new_submission_id").join(
        only, on=["id", "county_code", "school_year"], how="inner", maintain_order="left"
    )
    keys = found.select("unit", "form", "row_key", "field", "old_submission_id", "new_submission_id")
    return (
        pl.concat([own, of_pair.drop("id").select(own.columns)])
        .join(keys, on="unit", how="inner", maintain_order="left")
        .with_columns(pl.col("field").fill_null(""))
    )


def _with_feeds(changes: pl.DataFrame, models: Mapping[str, SqlModel]) -> pl.DataFrame:
    """The changes, each with the tables of trends that its field goes into (``audit.column_lineage``, turned round)."""
    feeds: dict[tuple[str, str], set[str]] = {}
    for table, columns in leaves().items():
        if table.startswith("trends.") and table in models:
            for origin in frozenset().union(*columns.values()):
                for field in (origin.column, ""):
                    feeds.setdefault((origin.table.removeprefix("returns."), field), set()).add(table)
    told = pl.DataFrame(
        [(form, field, ", ".join(sorted(tables))) for (form, field), tables in feeds.items()],
        schema={"form": pl.String, "field": pl.String, "feeds": pl.String},
        orient="row",
    )
    return changes.join(told, on=["form", "field"], how="left", maintain_order="left")


def _with_effect(
    changes: pl.DataFrame,
    found: pl.DataFrame,
    counties: pl.DataFrame,
    by_figure: pl.DataFrame,
    by_pair: pl.DataFrame,
    now: pl.DataFrame,
) -> pl.DataFrame:
    """The changes, each with the coefficient that it (or its submission, where it is not known alone) moved most.

    ``now``: the coefficients of now; a composite that was not moved is the present one.
    """
    sides = ["coefficient_old", "coefficient_new", "meets_old", "meets_new"]
    keys = ["form", "school_year", "row_key", "old_submission_id", "new_submission_id"]
    alone = looked_at_alone(found, counties).select("unit").unique().with_columns(pl.lit("figure").alias("basis"))
    known = found.select("unit", "pair", *keys, pl.col("field").fill_null("").alias("unit_field")).join(
        alone, on="unit", how="left"
    )
    known = known.with_columns(pl.col("basis").fill_null("submission"))
    single = pl.concat(
        [
            by_figure.select("unit", *_POINT, *sides, "effect"),
            by_pair.rename({"id": "pair"})
            .join(known.filter(pl.col("basis") == "submission").select("unit", "pair"), on="pair")
            .join(counties.select("unit", "county_code"), on=["unit", "county_code"], how="semi")
            .select("unit", *_POINT, *sides, "effect"),
        ]
    )
    of_composite = pl.col("indicator") == COMPOSITE_INDICATOR
    composite = single.filter(of_composite).select(
        "unit", *_POINT[:-1],
        *(pl.col(name).alias(name.replace("coefficient", "composite").replace("meets", "verdict")) for name in sides),
        pl.lit(True).alias("moved"),
    )  # fmt: skip
    present = now.filter(of_composite).select(*_POINT[:-1], "coefficient", "meets")
    flips = (
        single.filter(of_composite & pl.col("meets_old").ne_missing(pl.col("meets_new")))
        .group_by("unit")
        .agg(pl.len().cast(pl.Int32).alias("flips"))
    )
    strongest = (
        single.filter(~of_composite)
        .sort(pl.col("effect").abs(), "unit", *_POINT, descending=[True, *[False] * 6], nulls_last=False)
        .unique("unit", keep="first", maintain_order=True)
        .join(composite, on=["unit", *_POINT[:-1]], how="left")
        .join(present, on=_POINT[:-1], how="left")
        .with_columns(
            pl.when("moved").then(f"{name}_{side}").otherwise(instead).alias(f"{name}_{side}")
            for name, instead in (("composite", "coefficient"), ("verdict", "meets"))
            for side in ("old", "new")
        )
        .drop("school_year", "meets_old", "meets_new", "moved", "coefficient", "meets")
        .rename({name: f"effect_{name}" for name in ("county_code", "stage", "standard", "indicator")})
    )
    unit_field = pl.when(pl.col("change") == "restated").then("field").otherwise(pl.lit("")).alias("unit_field")
    told = (
        changes.with_columns(unit_field)
        .join(known, on=[*keys, "unit_field"], how="left", maintain_order="left")
        .join(strongest, on="unit", how="left", maintain_order="left")
        .join(flips, on="unit", how="left", maintain_order="left")
    )
    return _shaped(
        told.with_columns(
            pl.col("basis").fill_null("none").alias("effect_basis"),
            pl.when(pl.col("basis").is_not_null() & pl.col("effect_indicator").is_null())
            .then(0.0)
            .otherwise("effect")
            .alias("effect"),
            pl.when(pl.col("basis").is_not_null()).then(pl.col("flips").fill_null(0)).alias("flips"),
        ),
        "audit.restatement",
    )


def _points(effects: pl.DataFrame, found: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    counted = (
        found.join(counties, on=["unit", "school_year"])
        .group_by("county_code", "school_year")
        .agg(pl.len().cast(pl.Int32).alias("figures"), pl.col("received_at").max())
    )
    names = {"coefficient_old": "coefficient_first", "coefficient_new": "coefficient", "effect": "change"}
    names |= {"meets_old": "meets_first", "meets_new": "meets"}
    points = effects.filter(pl.col("kind") == "first").rename(names)
    return _shaped(points.join(counted, on=["county_code", "school_year"], how="left"), "audit.restated_point")


def _shaped(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Bring a frame into the columns of an audit table, sorted by its grain."""
    schema = schema_of(table)
    return frame.select(
        [
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in schema.items()
        ]
    )
