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
import pandas as pd
import polars as pl

from models import rules
from tests.bench.handwritten import RESOURCES, duckdb_sql, pandas_coefficients, pandas_from_facts
from tests.bench.synthetic_returns import write_returns
from warehouse.engine import DuckDBEngine
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel, load_models

#: What the hand-written code gives; all that this table reads is the coefficient part of the models.
COEFFICIENTS = "trends.differential_coefficient"
#: The tables of balance between schools; all that these read is set against the hand-written SQL.
BALANCE = (
    COEFFICIENTS,
    "trends.composite_coefficient",
    "trends.school_contribution",
    "trends.school_attainment",
    "trends.county_attainment",
)


def main() -> None:
    """Make the returns, run everything, print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="school-years")
    parser.add_argument("--folder", type=Path, help="where the returns are, or are made (default: a temporary folder)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the fastest counts")
    parser.add_argument("--only-balance", action="store_true", help="leave out the other models")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as temporary:
        returns = options.folder or Path(temporary) / "returns"
        run(returns, Path(temporary), options.rows, options.repeat, only_balance=options.only_balance)


def run(returns: Path, out: Path, rows: int, repeat: int, *, only_balance: bool = False) -> None:
    """Print the measurements; stop where models, hand-written SQL and pandas do not give the same coefficients."""
    bound = write_returns(returns, rows)
    bound |= {name: [path] for name, path in rules.write(out / "rulebook").items()}
    models = load_models(Path(rules.__file__).parent, ("core", "trends"))
    facts = out / "core.school_stage.parquet"
    balance = set(upstream(models, BALANCE))
    if only_balance:
        models = {name: model for name, model in models.items() if name in balance}
    part = set(upstream(models, [COEFFICIENTS]))
    from_facts = part - set(upstream(models, ["core.school_stage"]))
    frames: dict[str, pd.DataFrame] = {}

    def keep(name: str, make: Callable[[], pd.DataFrame]) -> None:
        frames[name] = make()

    runs: list[dict[str, float]] = []
    by_hand: list[float] = []
    in_pandas: list[float] = []
    facts_in_pandas: list[float] = []
    for _ in range(repeat):
        runs.append(run_models(models, bound, out))
        by_hand.append(timed(lambda: run_duckdb(bound, out / "by_hand.parquet")))
        in_pandas.append(timed(lambda: keep("pandas", lambda: pandas_coefficients(bound))))
        facts_in_pandas.append(timed(lambda: keep("pandas from facts", lambda: pandas_from_facts(facts))))

    def best(names: set[str]) -> float:
        return min(sum(seconds for name, seconds in times.items() if name in names) for times in runs)

    for name in models:
        print(f"{best({name}):8.2f} s  {name}{'' if name in balance else '  (other models)'}")
    for seconds, what in (
        (best(set(models)), "all models that were run"),
        (best(balance), f"models of the balance between schools, {rows:,} school-years"),
        (best(part), "their coefficient part, from the returns"),
        (best(from_facts), "their coefficient part, from the facts of core.school_stage"),
        (min(by_hand), "coefficients by hand in DuckDB SQL, from the returns"),
        (min(in_pandas), "coefficients in pandas, from the returns"),
        (min(facts_in_pandas), "coefficients in pandas, from the facts"),
    ):
        print(f"{seconds:8.2f} s  {what}")
    _compare(out, frames)
    print(f"models of the balance ÷ hand-written DuckDB (aim ≤ 4): {best(balance) / min(by_hand):.2f}")
    print(f"coefficient part ÷ pandas, from the facts (aim ≤ 0.2): {best(from_facts) / min(facts_in_pandas):.2f}")
    print(f"coefficient part ÷ pandas, from the returns: {best(part) / min(in_pandas):.2f}")
    if not only_balance:
        print(f"all models there are ÷ hand-written DuckDB: {best(set(models)) / min(by_hand):.2f}")


def timed(action: Callable[[], object]) -> float:
    """Seconds that ``action`` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def run_models(models: Mapping[str, SqlModel], bound: Mapping[str, Sequence[Path]], out: Path) -> dict[str, float]:
    """Run all ``models`` into ``out``; the seconds of each."""
    times = {}
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        for name, model in models.items():
            path = out / f"{name}.parquet"
            start = time.perf_counter()
            engine.run(model.sql, path, order_by=model.grain)  # as the pipeline runs them
            times[name] = time.perf_counter() - start
            engine.bind(name, [path])
    return times


def run_duckdb(bound: Mapping[str, Sequence[Path]], out: Path) -> None:
    """The coefficients by hand in DuckDB SQL, into ``out``."""
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        engine.run(duckdb_sql(), out)


def _compare(out: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Stop unless all have the same coefficients: a fast wrong answer is not a measurement."""
    keys = ["county_code", "school_year", "stage"]
    resource = pl.read_parquet(out / "rulebook" / "indicator.parquet").select("standard", "indicator", "resource")
    mine = (
        pl.read_parquet(out / f"{COEFFICIENTS}.parquet")
        .join(resource, on=["standard", "indicator"])
        .unique([*keys, "resource"])
        .select(*keys, "resource", "coefficient")
    )
    others = {"DuckDB by hand": pl.read_parquet(out / "by_hand.parquet")}
    others |= {name: pl.DataFrame(dict(frame.items())) for name, frame in frames.items()}
    for name, wide in others.items():
        long = wide.unpivot(RESOURCES, index=keys, variable_name="resource", value_name="other")
        both = mine.join(long, on=[*keys, "resource"], how="full", coalesce=True)
        wrong = both.filter(
            pl.col("coefficient").is_null().ne_missing(pl.col("other").is_null() | pl.col("other").is_nan())
            | ((pl.col("coefficient") - pl.col("other")).abs() > 1e-9 * (1 + pl.col("other").abs()))
        )
        if wrong.height:
            raise SystemExit(f"{name} and the models disagree in {wrong.height} coefficients:\n{wrong}")
    print(f"{mine.height:,} coefficients, the same in all of them (duckdb {duckdb.__version__})")


if __name__ == "__main__":
    main()
