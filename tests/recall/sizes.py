"""Recall of the rules about per-pupil values by the size of the fault, beside how large ordinary changes are.

Run: ``python -m tests.recall.sizes --samples 6 --seed 1``. Figures of the sample are multiplied by a factor in a year that
has one before it, or set to a multiple of the county's median in the first year; no files are written, the screening model
runs on the returns as they are. Robust z of a planted change: log10(factor) ÷ spread of the changes of the county's
schools in the field and year (1.4826 × median absolute deviation, of the figures without faults, not under the floor of the
rulebook), recomputed here. Belongs here: planting by size and counting. Does not belong here: the kinds of faults
(``datakinds``), the other rules (``tests.recall``).
"""

from __future__ import annotations

import argparse
import itertools
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from models import rules
from models.returns import CONTRACTS
from pipelines.sample.datafaults import DataPlanter, all_data_faults
from pipelines.sample.datakinds import DataFault
from pipelines.sample.manyfaults import SCHOOLS_PER_FAULT
from pipelines.sample.tables import Tables
from pipelines.sample.world import build_world
from tests.models.helpers import run_models

COUNTIES, YEARS = 12, range(2017, 2023)
#: Factors up and down, from what a good year brings to what no school buys.
FACTORS = (1.3, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0)
OF_THE_MEDIAN = (3.0, 5.0, 8.0, 12.0, 25.0)
CHANGES, LEVELS = ("value_jumps", "land_jumps"), ("value_unlike_the_peers",)
FORMS = ("school", "enrolment", "teacher", "class_size", "premises", "equipment", "school_succession")
Z_CLASSES = (4.0, 8.0, 12.0)
_KEY = ("county_code", "school_year", "field")


def sized(names: Sequence[str], factors: Sequence[float]) -> list[DataFault]:
    """The faults of these names with one factor each, up and down; each is named by its factor."""
    return [
        replace(fault, fault=f"{factor:g}", argument=f"{size:.12g}")
        for fault in all_data_faults()
        if fault.fault in names
        for factor in factors
        for size in (factor, 1 / factor)
    ]


def planted_and_told(faults: Sequence[DataFault], seed: int, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A world of that seed with these faults again and again: what was planted (with ``factor``), what is suspected."""
    world = build_world(COUNTIES, YEARS, seed)
    tables = Tables(world.returns)
    rng = np.random.default_rng([seed, len(faults)])
    planter = DataPlanter(tables, YEARS, rng)
    number = world.returns["school"]["school_code"].n_unique() // SCHOOLS_PER_FAULT if faults else 0
    lines = planter.plant([faults[int(rng.integers(len(faults)))] for _ in range(number)])
    planted = pl.DataFrame(
        [(line.fault, line.school_code, line.school_year, line.county_code, line.field, float(line.original), float(line.planted))
         for line in lines],
        schema={"size": pl.String, "school_code": pl.String, "school_year": pl.Int64, "county_code": pl.String, "field": pl.String,
                "original": pl.Float64, "planted": pl.Float64}, orient="row",
    ).with_columns(factor=pl.col("planted") / pl.col("original"))  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {form: _staged(form, tables.frames[form]) for form in FORMS}
    results = run_models(folder / f"{seed}-{len(faults)}", rows, only=["core.value_screening"])
    told = results.table("core.value_screening")
    return planted, told.select("school_code", pl.col("school_year").cast(pl.Int64), "field", "suspicion")


def _staged(form: str, frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.select(name for name in frame.columns if name in CONTRACTS[form].staged_schema).to_dicts()


def ordinary_changes(seed: int) -> pl.DataFrame:
    """Own changes (log10) of the fields that faults are planted in, and their spread by county and year, no faults."""
    returns = build_world(COUNTIES, YEARS, seed).returns
    keys = ("school_year", "county_code", "school_code")
    figures = (
        returns["enrolment"]
        .group_by(keys)
        .agg(pl.col("pupils").sum())
        .join(returns["premises"].select(*keys, "site_area_m2", "sports_ground_m2"), on=keys)
        .join(returns["equipment"].select(*keys, "books", "equipment_value_yuan"), on=keys)
        .filter(pl.col("pupils") >= _limit("minimum_pupils"))
        .unpivot(index=[*keys, "pupils"], variable_name="field", value_name="figure")
        .filter(pl.col("figure") > 0)
        .with_columns(y=(pl.col("figure") / pl.col("pupils")).log10())
    )
    before = figures.select("school_code", "field", pl.col("school_year") + 1, y_before="y")
    changes = figures.join(before, on=["school_code", "field", "school_year"]).with_columns(
        change=pl.col("y") - pl.col("y_before")
    )
    own = changes.with_columns(own=pl.col("change") - pl.col("change").median().over(_KEY))
    floor = math.log10(_limit("spread_floor"))
    return own.with_columns(
        spread=pl.max_horizontal(1.4826 * pl.col("own").abs().median().over(_KEY), pl.lit(floor))
    ).with_columns(z=pl.col("own").abs() / pl.col("spread"))


def _limit(parameter: str) -> float:
    limits = rules.load()["rule_parameter"].filter(rule="value_screening", parameter=parameter)
    return float(limits["value"].item())


def main() -> None:
    """Plant, run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1, help="of the first sample")
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + arguments.samples)
    ordinary = pl.concat([ordinary_changes(seed).with_columns(seed=pl.lit(seed)) for seed in seeds])
    with tempfile.TemporaryDirectory() as folder:
        jumps = _found(sized(CHANGES, FACTORS), seeds, Path(folder))
        levels = _found(sized(LEVELS, OF_THE_MEDIAN), seeds, Path(folder))
        clean = pl.concat([planted_and_told((), seed, Path(folder))[1] for seed in seeds])
    print(f"{COUNTIES} counties × {len(YEARS)} years, seeds {seeds[0]}–{seeds[-1]}")
    print(f"Clean: {clean.height} values suspected\n")
    jumps = _with_z(jumps, ordinary)
    _print_jumps(jumps, ordinary)
    _print_z(jumps, ordinary)
    _print_levels(levels)


def _found(faults: Sequence[DataFault], seeds: range, folder: Path) -> pl.DataFrame:
    frames = []
    for seed in seeds:
        planted, told = planted_and_told(faults, seed, folder)
        frames.append(
            planted.join(told, on=["school_code", "school_year", "field"], how="left").with_columns(seed=pl.lit(seed))
        )
    return pl.concat(frames)


def _with_z(planted: pl.DataFrame, ordinary: pl.DataFrame) -> pl.DataFrame:
    spread = ordinary.select("seed", *_KEY, "spread").unique(subset=["seed", *_KEY])
    return planted.join(spread, on=["seed", *_KEY]).with_columns(z=pl.col("factor").log10().abs() / pl.col("spread"))


def _row(name: str, part: pl.DataFrame, *more: str) -> str:
    """Planted, found by any of the rules, and by which."""
    counts: Mapping[str, int] = dict(part["suspicion"].drop_nulls().value_counts().rows())
    found = sum(counts.values())
    share = f"{found / part.height:.3f}" if part.height else "—"
    kinds = " | ".join(str(counts.get(kind, 0)) for kind in ("jump", "far_from_peers", "unit_slip", "not_possible"))
    return f"| {name} | {part.height} | {found} | {share} | {kinds} |" + "".join(f" {each} |" for each in more)


_HEAD = "planted | found | recall | as a jump | as far from peers | as a slip | as not possible |"
_RULE = "--:|" * 7


def _print_jumps(jumps: pl.DataFrame, ordinary: pl.DataFrame) -> None:
    print(f"| change of the figure | {_HEAD} ordinary changes as great |\n|---|{_RULE}--:|")
    for factor in FACTORS:
        as_great = (ordinary["own"].abs() >= math.log10(factor)).sum()
        print(_row(f"× or ÷ {factor:g}", jumps.filter(size=f"{factor:g}"), f"{as_great} of {ordinary.height}"))
    print()


def _print_z(jumps: pl.DataFrame, ordinary: pl.DataFrame) -> None:
    print(f"| robust z of the planted change | {_HEAD} ordinary changes |\n|---|{_RULE}--:|")
    bounds = (0.0, *Z_CLASSES, math.inf)
    for low, high in itertools.pairwise(bounds):
        within = (pl.col("z") >= low) & (pl.col("z") < high)
        name = f"over {low:g}" if high == math.inf else f"{low:g} to {high:g}"
        print(_row(name, jumps.filter(within), f"{ordinary.filter(within).height} of {ordinary.height}"))
    print()


def _print_levels(levels: pl.DataFrame) -> None:
    print(f"| first year: of the county's median | {_HEAD}\n|---|{_RULE}")
    for factor in OF_THE_MEDIAN:
        print(_row(f"× or ÷ {factor:g}", levels.filter(size=f"{factor:g}")))


if __name__ == "__main__":
    main()
