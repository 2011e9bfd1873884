"""How long each family of trends takes: against the hand-written coefficients, and with twice the rows.

Run ``python -m tests.bench.bench_trends --rows 100000``; all is measured in one run, and ratios are printed. A family's time is
that of the models that it alone adds to those of the balance between schools and of the families before it. Belongs
here: timing. Does not belong here: the data (``synthetic_returns``), what is compared with (``handwritten``).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from models import rules
from tests.bench.bench_models import BALANCE, run_duckdb, run_models, timed
from tests.bench.synthetic_returns import write_returns
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel, load_models

FAMILIES: dict[str, tuple[str, ...]] = {
    "consolidation": ("trends.consolidation", "trends.school_consolidation", "trends.grade_cohort"),
    "conditions": (
        "trends.class_size", "trends.school_size", "trends.special_rooms", "trends.school_standard",
        "trends.county_standard", "trends.county_standard_indicator",
    ),
    "funding": (
        "trends.three_increases", "trends.two_only_increase", "trends.funding_shares", "trends.funding_verdict",
    ),
    "exchange": ("trends.teacher_exchange", "trends.exchange_agreement", "trends.exchange_flow"),
    "government work": ("trends.government_work", "trends.government_score"),
    "satisfaction": ("trends.satisfaction",),
    "plan and rectification": (
        "trends.plan_attainment", "trends.rectification", "trends.rectification_problem", "trends.unaddressed_failure",
    ),
    "scorecards": ("trends.scorecard_part", "trends.basic_scorecard", "trends.quality_scorecard"),
    "early warning": ("trends.early_warning",),
}  # fmt: skip


def main() -> None:
    """Make the returns twice, run everything, print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=40_000, help="school-years of the smaller size; the other has twice"
    )
    parser.add_argument("--repeat", type=int, default=2, help="runs of each; the fastest counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="junheng-bench-") as temporary:
        run(Path(temporary), options.rows, options.repeat)


def run(folder: Path, rows: int, repeat: int) -> None:
    """Print the measurements; stop where a table of a family has no rows, for that is no measurement."""
    models = load_models(Path(rules.__file__).parent, ("core", "trends"))
    own = families(models)
    rulebook = {name: [path] for name, path in rules.write(folder / "rulebook").items()}
    seconds: list[dict[str, float]] = []
    by_hand: list[float] = []
    for size in (rows, 2 * rows):
        bound = write_returns(folder / f"returns-{size}", size, counties=True) | rulebook
        out = folder / f"out-{size}"
        out.mkdir()
        runs = [run_models(models, bound, out) for _ in range(repeat)]
        seconds.append({name: min(times[name] for times in runs) for name in models})
        by_hand.append(min(timed(lambda b=bound, o=out: run_duckdb(b, o / "by_hand.parquet")) for _ in range(repeat)))
        _not_empty(out)
    print(
        f"{rows:,} and {2 * rows:,} school-years; hand-written coefficients {by_hand[0]:.2f} s and {by_hand[1]:.2f} s"
    )
    print(f"{'family':<24}{'models':>7}{'seconds':>9}{'2n':>8}{'÷ by hand':>11}{'2n ÷ n':>8}")
    for family, names in {"balance": set(upstream(models, BALANCE)), **own}.items():
        first, second = (sum(times[name] for name in names) for times in seconds)
        print(
            f"{family:<24}{len(names):>7}{first:>9.2f}{second:>8.2f}{first / by_hand[0]:>11.2f}{second / first:>8.2f}"
        )
    first, second = (sum(times.values()) for times in seconds)
    print(
        f"{'all models':<24}{len(models):>7}{first:>9.2f}{second:>8.2f}{first / by_hand[0]:>11.2f}{second / first:>8.2f}"
    )


def families(models: Mapping[str, SqlModel]) -> dict[str, set[str]]:
    """By family the models that it adds to those of the balance and of the families before it."""
    before = set(upstream(models, BALANCE))
    own = {}
    for family, tables in FAMILIES.items():
        every = set(upstream(models, tables))
        own[family] = every - before
        before |= every
    return own


def _not_empty(out: Path) -> None:
    empty = [
        name
        for tables in FAMILIES.values()
        for name in tables
        if pq.read_metadata(out / f"{name}.parquet").num_rows == 0
    ]
    if empty:
        raise SystemExit(f"nothing was measured: no rows in {', '.join(empty)}")


if __name__ == "__main__":
    main()
