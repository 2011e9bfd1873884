"""``junheng explain``.

Belongs here: the command. Does not belong here: the walk (``pipelines.explain``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipelines.cli.common import FAILED, HomeOption, error_console, open_home, year_of


def explain(
    table: Annotated[str, typer.Option(help="Table of the figure, e.g. trends.differential_coefficient.")],
    county: Annotated[str | None, typer.Option(help="County: its code (or an earlier one) or its name.")] = None,
    year: Annotated[str | None, typer.Option(help="School year (2020 or 2020/21); of funding the fiscal year.")] = None,
    stage: Annotated[str | None, typer.Option(help="primary, junior …")] = None,
    standard: Annotated[str | None, typer.Option(help="basic_2012 or quality_2017.")] = None,
    indicator: Annotated[str | None, typer.Option(help="Indicator, e.g. books.")] = None,
    school: Annotated[str | None, typer.Option(help="School code.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="Any other key, as NAME=VALUE; may be repeated.")] = None,
    column: Annotated[str | None, typer.Option(help="Column that is asked about (default: the main one).")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write (default: print it).")] = None,
    form: Annotated[
        Literal["text", "json", "csv", "xlsx", "html"] | None, typer.Option("--format", help="How to show it.")
    ] = None,
    language: Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language.")] = "zh",
    release: Annotated[str | None, typer.Option(help="Release to ask (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Walk a published figure back to the cells it came from, and work it out again from them alone.

    Keys that are missing are listed with their values. Ends with exit code 1 where the cells do not give the figure.
    """
    from pipelines.explain.context import open_context
    from pipelines.explain.show import FORMATS, format_of
    from pipelines.explain.walk import explain as walk

    wanted = format_of(output, form)
    if wanted == "xlsx" and output is None:
        raise typer.BadParameter("a workbook is written to a file: say where with -o FILE.xlsx")
    keys: dict[str, Any] = {"county": county, "year": None if year is None else year_of(year), "stage": stage,
                            "standard": standard, "indicator": indicator, "school": school}  # fmt: skip
    for each in key or ():
        name, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"{each!r}: a key is written NAME=VALUE")
        keys[name.strip()] = value.strip()
    with open_context(open_home(home), release) as context:
        document = walk(context, table, keys, column=column)
    content = FORMATS[wanted](document, language)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
        error_console().print(f"written: {output}", markup=False)
    if not document["recomputed"]["equal"]:
        raise typer.Exit(FAILED)
