"""Drawing counties in several processes, and writing what was drawn.

Belongs here: the pool and what runs in it. Does not belong here: reading a release; importing duckdb or pandera,
which every worker would pay for with seconds.

Workers are spawned: they start clean, whatever threads the caller has. They get plain data.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from pipelines.dashboards.facts import CountyBook
from pipelines.dashboards.pages import county
from pipelines.dashboards.site import Site


@dataclass(frozen=True)
class Built:
    """Files written (all languages) and what they weigh."""

    pages: int = 0
    pictures: int = 0
    bytes: int = 0

    def __add__(self, other: Built) -> Built:
        return Built(self.pages + other.pages, self.pictures + other.pictures, self.bytes + other.bytes)


def write(folder: Path, files: Mapping[str, bytes]) -> Built:
    """Write ``files`` (address → bytes) below ``folder``."""
    for address, content in files.items():
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Built(
        pages=sum(address.endswith(".html") for address in files),
        pictures=sum(address.endswith(".svg") for address in files),
        bytes=sum(map(len, files.values())),
    )


def draw_county(site: Site, book: CountyBook, folder: Path) -> Built:
    """Draw and write the page of one county."""
    return write(folder, county.files(site, book))


def drawn(site: Site, books: Iterator[CountyBook], folder: Path, workers: int) -> Iterator[tuple[str, Built]]:
    """(county name, what was written) as counties are finished; books are read only as fast as they are drawn."""
    if workers <= 1:
        for book in books:
            yield book.name, draw_county(site, book, folder)
        return
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        waiting: dict[Future[Built], str] = {}
        for book in books:
            waiting[pool.submit(draw_county, site, book, folder)] = book.name
            if len(waiting) >= 3 * workers:
                yield from _finished(waiting)
        while waiting:
            yield from _finished(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _finished(waiting: dict[Future[Built], str]) -> Iterator[tuple[str, Built]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        yield waiting.pop(future), future.result()
