"""Making units in several processes.

Belongs here: the pool and what runs in it. Does not belong here: what a unit is (``units.py``), reading a release.

Workers are spawned: they start clean, whatever threads the caller has. They get plain data. They begin with the first
unit that has to be drawn: to begin takes seconds, to renew a unit milliseconds.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from pipelines.dashboards.site import Site
from pipelines.dashboards.units import Before, Built, Unit, make, unchanged, unit_key

#: Units renewed in this process before others help with it, too.
ALONE = 400


def made(
    site: Site, units: Iterator[Unit], folder: Path, before: Before | None, workers: int
) -> Iterator[tuple[str, Built]]:
    """(title, what was written) as units are finished; books are read only as fast as they are drawn."""
    if workers <= 1:
        for unit in units:
            yield unit.title, make(site, unit, unit_key(site, unit), folder, before)
        return
    pool: ProcessPoolExecutor | None = None
    waiting: dict[Future[Built], str] = {}
    renewed = 0
    try:
        for unit in units:
            key = None
            if before is not None:
                key = unit_key(site, unit)
                if unchanged(unit, key, before):
                    renewed += 1
                    if renewed <= ALONE:
                        yield unit.title, make(site, unit, key, folder, before)
                        continue
                    unit = replace(unit, book=None)
            if pool is None:
                pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
            waiting[pool.submit(_make, site, unit, key, folder, before)] = unit.title
            if len(waiting) >= 3 * workers:
                yield from _finished(waiting)
        while waiting:
            yield from _finished(waiting)
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _make(site: Site, unit: Unit, key: str | None, folder: Path, before: Before | None) -> Built:
    return make(site, unit, key or unit_key(site, unit), folder, before)


def _finished(waiting: dict[Future[Built], str]) -> Iterator[tuple[str, Built]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), future.result()
