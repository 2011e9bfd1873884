"""`make recall`: plant faults of every kind many times, look for them, print how many were found.

Run: ``python -m tests.recall --samples 12 --seed 1``. Ends with 1 where a fault that is a hard error was missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl

from pipelines.sample import write_many
from tests.recall.everything import everything_found
from tests.recall.matching import Matched, Tally, match
from warehouse.home import Home

COUNTIES, YEARS = 8, range(2017, 2023)


def measure(seed: int, folder: Path, *, faults: bool = True) -> Matched:
    """Write, read and check one sample; what was found of what was planted."""
    sample = write_many(folder / "sample", counties=COUNTIES, years=YEARS, seed=seed, faults=faults)
    assert sample.answer_key is not None
    key = pl.read_csv(sample.answer_key, infer_schema=False)
    return match(everything_found(Home(folder / "home").ensure(), sample), key)


def added(tallies: list[dict[str, Tally]]) -> dict[str, Tally]:
    """The sums over samples, errors first, then by rule."""
    total: dict[str, Tally] = {}
    for each in tallies:
        for name, tally in each.items():
            into = total.setdefault(name, Tally(tally.severity))
            for count in ("planted", "found", "raised", "follows", "wrong"):
                setattr(into, count, getattr(into, count) + getattr(tally, count))
    order = {"error": 0, "query": 1, "note": 2}
    return dict(sorted(total.items(), key=lambda item: (order.get(item[1].severity, 3), item[0])))


def table(total: dict[str, Tally]) -> str:
    """The table as Markdown."""
    head = "| severity | rule | planted | found | recall | raised | follow from others | wrong | precision |"
    lines = [head, "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for name, tally in total.items():
        rates = ["—" if rate is None else f"{rate:.3f}" for rate in (tally.recall, tally.precision)]
        lines.append(
            f"| {tally.severity} | {name} | {tally.planted} | {tally.found} | {rates[0]} | {tally.raised} "
            f"| {tally.follows} | {tally.wrong} | {rates[1]} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1, help="of the first sample")
    parser.add_argument("--clean", action="store_true", help="samples without faults: whatever else is raised is wrong")
    parser.add_argument("--missed", action="store_true", help="also print what was missed and what is wrong")
    arguments = parser.parse_args()
    begun = time.monotonic()
    measured = []
    for seed in range(arguments.seed, arguments.seed + arguments.samples):
        with tempfile.TemporaryDirectory() as folder:
            measured.append(measure(seed, Path(folder), faults=not arguments.clean))
        planted = sum(tally.planted for tally in measured[-1].tallies.values())
        print(f"sample {seed}: {planted} faults, {len(measured[-1].missed)} missed", file=sys.stderr, flush=True)
        if arguments.missed:
            _tell(measured[-1])
    total = added([each.tallies for each in measured])
    planted, found = (sum(getattr(tally, count) for tally in total.values()) for count in ("planted", "found"))
    print(table(total))
    print(
        f"\n{arguments.samples} samples of {COUNTIES} counties × {len(YEARS)} years, seeds {arguments.seed}–"
        f"{arguments.seed + arguments.samples - 1}: {found} of {planted} faults found ({found / planted:.4f}), "
        f"{sum(tally.wrong for tally in total.values())} of {sum(tally.raised for tally in total.values())} findings "
        f"wrong, {time.monotonic() - begun:.0f} s"
    )
    return int(any(tally.severity == "error" and tally.found < tally.planted for tally in total.values()))


def _tell(measured: Matched) -> None:
    for line in measured.missed:
        print("  missed", {name: value for name, value in line.items() if value}, file=sys.stderr)
    for rule, count in Counter(measured.wrong["rule"]).items():
        print(f"  wrong {rule}: {count}", file=sys.stderr)
        for row in measured.wrong.filter(pl.col("rule") == rule).head(3).to_dicts():
            kept = (
                "school_year",
                "county_code",
                "school_code",
                "form",
                "field",
                "value",
                "expected",
                "file_name",
                "cell",
            )
            print("     ", {name: row[name] for name in kept if row[name]}, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
