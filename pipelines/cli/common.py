"""What commands share: the option ``--home``, consoles, progress, exit codes.

Belongs here: idioms of the command line. Does not belong here: commands.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.home import Home

FAILED = 1
USAGE = 2
REJECTED = 3
REFUSED = 4

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the installation (default: JUNHENG_HOME, else ./data).", show_default=False),
]


def open_home(path: Path | None) -> Home:
    """Return the home with its folders made; ``--home`` goes before the environment, also for child processes."""
    from warehouse.home import Home

    if path is not None:
        os.environ["JUNHENG_HOME"] = str(path.expanduser().absolute())
    home = Home.from_environment()
    os.environ["JUNHENG_HOME"] = str(home.root)
    return home.ensure()


def console() -> Console:
    """Return the console of results."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False)


def error_console() -> Console:
    """Return the console of messages and progress."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False)


def year_of(text: str) -> int:
    """Return a school year given as ``2020`` or ``2020/21``; ``typer.BadParameter`` for anything else."""
    head = text.split("/")[0].split("-")[0].strip()
    if not (head.isdigit() and len(head) == 4):
        raise typer.BadParameter(f"{text!r} is not a school year; write the year in which it starts, e.g. 2020")
    return int(head)


def county_of(text: str) -> str:
    """Return a county code given as six digits (full-width ones too); ``typer.BadParameter`` for anything else."""
    code = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[0-9]{6}", code):
        raise typer.BadParameter(f"{text!r} is not a county code; write its six digits, e.g. 320582")
    return code


class Tell(Protocol):
    """The function that ``progress_bar`` yields."""

    def __call__(self, done: int, *_: object) -> None:
        """Show that ``done`` parts are done."""


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Tell]:
    """Show one bar on a terminal; yields the function that is told how much is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = error_console()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(title, total=total)

        def tell(done: int, *_: object) -> None:
            progress.update(task, completed=done)

        yield tell
