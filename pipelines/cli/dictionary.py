"""``junheng dictionary``.

Belongs here: the command. Does not belong here: what tables and columns mean (each says it itself).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, error_console


def dictionary(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write (default: print it).")] = None,
    home: HomeOption = None,
) -> None:
    """Print the data dictionary (Markdown): every table and column of a release, made from contracts and models."""
    from pipelines.dictionary import data_dictionary

    del home
    text = data_dictionary()
    if output is None:
        sys.stdout.write(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    error_console().print(f"written: {output}", markup=False)
