"""Everything `make bench` measures, one after the other: each prints ratios measured in one run."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "tests.bench.bench_reading",
    "tests.bench.bench_models",
    "tests.bench.bench_trends",
    "tests.bench.bench_rules",
    "tests.bench.bench_explain",
    "tests.bench.bench_diff",
    "tests.bench.bench_site",
)


def main() -> int:
    """Run every benchmark in a process of its own; return the number that failed."""
    failed = 0
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", name], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
