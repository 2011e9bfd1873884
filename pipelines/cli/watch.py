"""Showing how far a run is.

Belongs here: the listener that draws ``pipelines.progress`` on a terminal, or writes a line a stage into a log.
Does not belong here: what is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.cli.common import error_console
from pipelines.progress import listening


@contextmanager
def watching() -> Iterator[None]:
    """Show every report of the block: a bar for each stage on a terminal, else a line for each stage."""
    console = error_console()
    if console.is_terminal:
        with _bars():
            yield
        return
    seen: set[str] = set()

    def write(what: str, done: int, total: int) -> None:
        if what not in seen:
            seen.add(what)
            console.print(f"{what} …" if total <= 1 else f"{what}: {total} …", markup=False)

    with listening(write):
        yield


@contextmanager
def _bars() -> Iterator[None]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=error_console(), transient=True) as progress:

        def draw(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=max(total, 1))
            progress.update(tasks[what], completed=done, total=max(total, 1))

        with listening(draw):
            yield
