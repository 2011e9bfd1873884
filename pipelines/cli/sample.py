"""``junheng sample``.

Belongs here: the command. Does not belong here: making up a prefecture (``pipelines.sample``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, progress_bar


def sample(
    directory: Annotated[Path, typer.Argument(help="Folder to write to.")],
    counties: Annotated[int, typer.Option(min=1, help="Number of counties.")] = 6,
    years: Annotated[str, typer.Option(help="School years, first and last: 2013-2022.")] = "2013-2022",
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="Without planted faults.")] = False,
    many: Annotated[bool, typer.Option("--many", help="With every kind of fault many times.")] = False,
    home: HomeOption = None,
) -> None:
    """Write a made-up prefecture: county workbooks and CSVs as counties send them, with planted faults and their key.

    Then: junheng receive DIR/returns && junheng run.
    """
    from pipelines.sample import write_many, write_sample

    del home
    span = _span(years)
    if clean and many:
        raise typer.BadParameter("--clean and --many cannot both be meant")
    with progress_bar("writing", counties * len(span)) as tell:
        if many:
            made = write_many(directory, counties=counties, years=span, seed=seed, progress=tell)
        else:
            made = write_sample(directory, counties=counties, years=span, seed=seed, faults=not clean, progress=tell)
    out = console()
    out.print(f"{len(made.files)} files of {made.schools} schools in {made.directory}", markup=False, soft_wrap=True)
    if made.answer_key is not None:
        out.print(f"{made.faults} planted faults, listed in {made.answer_key}", markup=False, soft_wrap=True)


def _span(text: str) -> range:
    first, dash, last = text.partition("-")
    if not (dash and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise typer.BadParameter(f"--years {text!r}: write first and last school year, e.g. 2013-2022")
    return range(int(first), int(last) + 1)
