"""``junheng rules``.

Belongs here: the command. Does not belong here: rules and their catalogue (``checks``, ``pipelines.catalogue``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, error_console


def rules(
    kind: Annotated[
        str | None, typer.Option(help="Only these: reading, contract, rule (across returns and years) or gate.")
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="Sentences in English (default: Chinese).")] = False,
    into: Annotated[
        Path | None,
        typer.Option("--catalogue", help="Write the whole catalogue (Markdown, both languages) into this folder."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """List every rule: what must hold, how severe it is, who answers. With --catalogue, write the catalogue."""
    from checks.catalogue import KINDS, catalogue
    from pipelines.catalogue import write_catalogue

    del home
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"no kind {kind!r}; there are: {', '.join(KINDS)}")
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        for path in write_catalogue(into):
            error_console().print(f"written: {path}", markup=False, soft_wrap=True)
        return
    out = console()
    for row in catalogue().iter_rows(named=True):
        if kind in (None, row["kind"]):
            line = f"{row['kind']:<9}{row['severity']:<6} {row['rule']}: {row['en' if english else 'zh']}"
            out.print(line, markup=False, soft_wrap=True)
