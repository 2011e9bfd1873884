"""Making units in several processes.

Belongs here: the pool and what runs in it. Does not belong here: what a unit is (``units.py``), reading a release.

Workers are spawned: they start clean, whatever threads the caller has. They get plain data.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

from pipelines.dashboards.site import Site
from pipelines.dashboards.units import Before, Built, Unit, make, unit_key


def made(
    site: Site, units: Iterator[Unit], folder: Path, before: Before | None, workers: int
) -> Iterator[tuple[str, Built]]:
    """(title, what was written) as units are finished; books are read only as fast as they are drawn."""
    if workers <= 1:
        for unit in units:
            yield unit.title, make(site, unit, unit_key(site, unit), folder, before)
        return
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        waiting: dict[Future[Built], str] = {}
        for unit in units:
            waiting[pool.submit(_make, site, unit, folder, before)] = unit.title
            if len(waiting) >= 3 * workers:
                yield from _finished(waiting)
        while waiting:
            yield from _finished(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _make(site: Site, unit: Unit, folder: Path, before: Before | None) -> Built:
    return make(site, unit, unit_key(site, unit), folder, before)


def _finished(waiting: dict[Future[Built], str]) -> Iterator[tuple[str, Built]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), future.result()
