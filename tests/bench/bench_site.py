"""How long a site takes: seconds a county on one core, what share of it is matplotlib, and what a second build costs.

Usage: ``python -m tests.bench.bench_site [COUNTIES]`` (default 2). Made-up counties × 15 school years × 50 schools, all
pages of both languages; the 100 counties of the specification are this, times 50.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.dashboards.build import SiteSummary, build_site, prepare_site, site_units
from pipelines.dashboards.units import make
from tests.dashboards import made_up_release

YEARS, SCHOOLS = range(2006, 2021), 50
MANIFEST = {"created_at": "2020-11-20T10:15:00+00:00", "code_version": "0.1.0"}


def release(path: Path, counties: int) -> Path:
    """Write a made-up release of so many counties."""
    made_up_release.YEARS = YEARS
    made_up_release.COUNTIES = {
        f"99{place // 99 + 1:02d}{place % 99 + 1:02d}": f"第{place}县" for place in range(counties)
    }
    made_up_release.SCHOOLS = tuple(f"第{place}小学" for place in range(SCHOOLS))
    return made_up_release.build(path)


def _matplotlib_share(work: Callable[[], object]) -> float:
    """Share of the time that is spent below calls into matplotlib."""
    profile = cProfile.Profile()
    profile.runcall(work)
    total = 0.0
    entered = 0.0
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        total += own
        if "matplotlib" in file:
            # What matplotlib's functions take when somebody else calls them, with all they call in turn.
            entered += sum(spent[3] for (caller, _, _), spent in callers.items() if "matplotlib" not in caller)
    return entered / total if total else 0.0


def main(counties: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = release(root / "release.duckdb", counties)
        with duckdb.connect(path, read_only=True) as connection:
            fonts = root / "fonts"
            site = prepare_site(connection, release_id="r1", manifest=MANIFEST, fonts=fonts)
            units = list(site_units(connection, site, MANIFEST, None)[1])
            for kind in ("county", "schools", "overview", "indicator"):
                some = [unit for unit in units if unit.kind == kind][:2]
                make(site, some[0], "", root / "warm", None)
                begun = time.process_time()
                for unit in some:
                    make(site, unit, "", root / "timed", None)
                spent = (time.process_time() - begun) / len(some)
                share = _matplotlib_share(lambda some=some: make(site, some[0], "", root / "profiled", None))  # type: ignore[misc]
                print(f"{kind:<10} {spent:6.2f} s of processor time a page, {share:4.0%} of it matplotlib")

            def build(release_id: str) -> SiteSummary:
                return build_site(
                    connection, release_id=release_id, manifest=MANIFEST, out=root / "out", fonts=fonts, workers=2
                )

            first, second = build("r20201120T101500-1a2b3c4d"), build("r20211119T083000-ffee0099")
        print(
            f"whole site {first.seconds:6.1f} s, {first.pages} pages, {first.bytes / 1e6:.0f} MB ({counties} counties)"
        )
        print(
            f"next       {second.seconds:6.1f} s for a release of the same figures: {second.drawn} pages drawn,"
            f" {second.reused} renewed, {first.seconds / second.seconds:.0f} times as fast"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
