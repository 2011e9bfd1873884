"""How long the rules across returns take, against the models of the balance, and how they grow with the returns.

Run ``python -m tests.bench.bench_rules --rows 3000000``; it prints the seconds of every rule and two ratios: all rules ÷
models of the balance on the same returns, and rules on n ÷ rules on n/2 school-years. Belongs here: timing. Does not
belong here: the data (``synthetic_returns``), the models (``bench_models``).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from checks.rules import load_rules, placed, run_rules
from models import rules as rulebook
from tests.bench.bench_models import BALANCE
from tests.bench.synthetic_returns import write_returns
from warehouse.engine import DuckDBEngine
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel, load_models

#: The model that is there for rules alone: its time is theirs.
FOR_RULES = "core.value_screening"


@dataclass(frozen=True)
class Times:
    """Seconds of a run: models of the balance, rules by name (the screening model included), addresses; findings."""

    balance: float
    rules: dict[str, float]
    placing: float
    findings: int

    @property
    def all_rules(self) -> float:
        """All rules and finding the rows they are about."""
        return sum(self.rules.values()) + self.placing


def main() -> None:
    """Measure n/2 and n school-years, print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="school-years")
    parser.add_argument("--folder", type=Path, help="where the returns are made (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="junheng-bench-", dir=options.folder) as folder:
        half = measure(Path(folder) / "half", options.rows // 2)
        whole = measure(Path(folder) / "whole", options.rows)
    for name, seconds in sorted(whole.rules.items(), key=lambda entry: entry[1]):
        print(f"{seconds:8.2f} s  {name}")
    print(f"{whole.placing:8.2f} s  rows and cells of {whole.findings:,} findings")
    print(f"{whole.balance:8.2f} s  models of the balance between schools, {options.rows:,} school-years")
    print(f"{whole.all_rules:8.2f} s  all rules ({half.all_rules:.2f} s for half as many school-years)")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")
    print(f"rules ÷ models of the balance: {whole.all_rules / whole.balance:.2f}")
    print(f"rules, n ÷ n/2 (aim ≤ 2.2): {whole.all_rules / half.all_rules:.2f}")


def measure(folder: Path, rows: int) -> Times:
    """Make ``rows`` school-years, run the models the rules read, then every rule."""
    folder.mkdir(parents=True)
    tables = write_returns(folder / "returns", rows)
    tables |= {name: [path] for name, path in rulebook.write(folder / "rulebook").items()}
    models = load_models(Path(rulebook.__file__).parent, ("core", "trends"))
    rules = load_rules()
    wanted = {table for rule in rules for table in rule.reads if table in models}
    run = set(upstream(models, [*wanted, *BALANCE]))
    balance = set(upstream(models, BALANCE))
    with DuckDBEngine() as engine:
        for name, files in tables.items():
            engine.bind(name, files)
        seconds = _run_models(engine, {name: models[name] for name in models if name in run}, folder)
        counts = {name: _rows(files) for name, files in tables.items()} | dict.fromkeys(run, 1)
        ran = []
        of_rules = {FOR_RULES: seconds[FOR_RULES]}
        for rule in rules:
            start = time.perf_counter()
            ran += run_rules(engine, counts, folder, [rule])
            of_rules[rule.name] = time.perf_counter() - start
        start = time.perf_counter()
        findings = placed(engine, ran, folder).height
        placing = time.perf_counter() - start
    for each in ran:
        print(f"{each.broken.height:10,} findings  {each.rule.name}  {each.not_applied or ''}")
    return Times(sum(seconds[name] for name in balance), of_rules, placing, findings)


def _run_models(engine: DuckDBEngine, models: Mapping[str, SqlModel], folder: Path) -> dict[str, float]:
    seconds = {}
    for name, model in models.items():
        start = time.perf_counter()
        engine.run(model.sql, folder / f"{name}.parquet", order_by=model.grain)
        engine.bind(name, [folder / f"{name}.parquet"])
        seconds[name] = time.perf_counter() - start
    return seconds


def _rows(files: list[Path]) -> int:
    return int(pl.scan_parquet(files, glob=False).select(pl.len()).collect().item())


if __name__ == "__main__":
    main()
