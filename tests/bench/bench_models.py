"""How long the models take: all of them, and their coefficient part, against hand-written code on the same files.

Run ``python -m tests.bench.bench_models --rows 3000000``; it prints the seconds and the two ratios. Belongs here:
timing. Does not belong here: what is compared with (``handwritten``), the data (``synthetic_returns``).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from models import rules
from tests.bench.handwritten import RESOURCES, duckdb_sql, pandas_coefficients
from tests.bench.synthetic_returns import write_returns
from warehouse.engine import DuckDBEngine
from warehouse.sqlmodels import SqlModel, load_models

#: Tables without which there is no coefficient; the rest of the models is left out of the second ratio.
COEFFICIENT_TABLE = "trends.differential_coefficient"


def main() -> None:
    """Make the returns, run everything, print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="school-years")
    parser.add_argument("--folder", type=Path, help="where the returns are, or are made (default: a temporary folder)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the fastest counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as temporary:
        run(options.folder or Path(temporary) / "returns", Path(temporary), options.rows, options.repeat)


def run(returns: Path, out: Path, rows: int, repeat: int) -> tuple[float, float]:
    """Print the measurements and return both ratios: all models ÷ hand-written SQL, coefficient part ÷ pandas."""
    bound = write_returns(returns, rows)
    bound |= {name: [path] for name, path in rules.write(out / "rulebook").items()}
    models = load_models(Path(rules.__file__).parent, ("core", "trends"))
    needed = _needed(models, COEFFICIENT_TABLE)
    model_times: list[dict[str, float]] = []
    by_hand: list[float] = []
    for _ in range(repeat):
        model_times.append(_run_models(models, bound, out))
        by_hand.append(_timed(lambda: _run_duckdb(bound, out / "by_hand.parquet")))
    in_pandas: list[float] = []
    frames = []
    for _ in range(max(1, repeat - 1)):
        in_pandas.append(_timed(lambda: frames.append(pandas_coefficients(bound))))
    everything = min(sum(times.values()) for times in model_times)
    part = min(sum(seconds for name, seconds in times.items() if name in needed) for times in model_times)
    best = {name: min(times[name] for times in model_times) for name in models}
    for name, seconds in best.items():
        print(f"{seconds:8.2f} s  {name}{'' if name in needed else '  (not needed for coefficients)'}")
    print(f"{everything:8.2f} s  all models on {rows:,} school-years")
    print(f"{part:8.2f} s  coefficient part of the models")
    print(f"{min(by_hand):8.2f} s  coefficients by hand in DuckDB SQL")
    print(f"{min(in_pandas):8.2f} s  coefficients in pandas")
    _compare(out, frames[-1].to_dict(orient="list"))
    first, second = everything / min(by_hand), part / min(in_pandas)
    print(f"all models ÷ hand-written DuckDB (aim ≤ 4): {first:.2f}")
    print(f"coefficient part ÷ pandas (aim ≤ 0.2): {second:.2f}")
    return first, second


def _needed(models: Mapping[str, SqlModel], name: str) -> set[str]:
    return {name}.union(*(_needed(models, each) for each in models[name].depends if each in models))


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _run_models(models: Mapping[str, SqlModel], bound: Mapping[str, Sequence[Path]], out: Path) -> dict[str, float]:
    times = {}
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        for name, model in models.items():
            path = out / f"{name}.parquet"
            start = time.perf_counter()
            engine.run(model.sql, path)
            times[name] = time.perf_counter() - start
            engine.bind(name, [path])
    return times


def _run_duckdb(bound: Mapping[str, Sequence[Path]], out: Path) -> None:
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        engine.run(duckdb_sql(), out)


def _compare(out: Path, in_pandas: dict[str, list[object]]) -> None:
    """Stop unless all three have the same coefficients: a fast wrong answer is not a measurement."""
    keys = ["county_code", "school_year", "stage"]
    resource = pl.read_parquet(out / "rulebook" / "indicator.parquet").select("standard", "indicator", "resource")
    mine = (
        pl.read_parquet(out / f"{COEFFICIENT_TABLE}.parquet")
        .join(resource, on=["standard", "indicator"])
        .unique([*keys, "resource"])
        .select(*keys, "resource", "coefficient")
    )
    others = {"DuckDB": pl.read_parquet(out / "by_hand.parquet"), "pandas": pl.DataFrame(in_pandas)}
    for name, wide in others.items():
        long = wide.unpivot(RESOURCES, index=keys, variable_name="resource", value_name="other")
        both = mine.join(long, on=[*keys, "resource"], how="full", coalesce=True)
        wrong = both.filter(
            pl.col("coefficient").is_null().ne(pl.col("other").is_null() | pl.col("other").is_nan())
            | ((pl.col("coefficient") - pl.col("other")).abs() > 1e-9 * (1 + pl.col("other").abs()))
        )
        if wrong.height:
            raise SystemExit(f"{name} and the models disagree in {wrong.height} coefficients:\n{wrong}")
    print(f"{mine.height:,} coefficients, the same in all three (duckdb {duckdb.__version__})")


if __name__ == "__main__":
    main()
