"""``junheng rules``.

Belongs here: the command. Does not belong here: rules and their catalogue (``checks``, ``pipelines.catalogue``), their
trend (``pipelines.rule_trend``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, error_console, open_home
from pipelines.cli.printing import Format, write

#: What a table shows of one rule in each release.
_OF_A_RULE = (
    "published_at", "checked", "failing", "schools", "open", "answered", "explained", "waived", "noted", "fixed",
    "accepted", "refused", "not_applied", "release_id",
)  # fmt: skip


def rules(
    kind: Annotated[
        str | None,
        typer.Option(
            help="Only these: reading, contract, rule (across returns and years), gate; with --trend also expectation."
        ),
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="Sentences in English (default: Chinese).")] = False,
    into: Annotated[
        Path | None,
        typer.Option("--catalogue", help="Write the whole catalogue (Markdown, both languages) into this folder."),
    ] = None,
    trend: Annotated[
        bool, typer.Option("--trend", help="What each rule found in every release, as the current release tells.")
    ] = False,
    rule: Annotated[str | None, typer.Option(help="With --trend: this rule alone, release by release.")] = None,
    last: Annotated[int, typer.Option(min=1, help="With --trend: releases a table shows (csv and json: all).")] = 6,
    output: Annotated[Format, typer.Option("--format", help="With --trend: how to print.")] = "table",
    home: HomeOption = None,
) -> None:
    """List every rule: what must hold, how severe it is, who answers. With --catalogue, write the catalogue.

    With --trend, list what the rules found in every release: a table has a column a release (findings, and in brackets
    those that are open), without rules that found nothing.
    """
    from checks.catalogue import KINDS, catalogue
    from pipelines.catalogue import write_catalogue

    kinds = (*KINDS, "expectation") if trend else KINDS
    if kind is not None and kind not in kinds:
        more = "" if trend or kind != "expectation" else " (expectation: with --trend, or in audit.rule of a release)"
        raise typer.BadParameter(f"no kind {kind!r}; there are: {', '.join(kinds)}{more}")
    if trend:
        _trend(home, kind, rule, last, output)
        return
    if rule is not None:
        raise typer.BadParameter("--rule goes with --trend")
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


def _trend(home: Path | None, kind: str | None, rule: str | None, last: int, output: Format) -> None:
    import polars as pl

    from pipelines.rule_trend import across, read_trend

    found = read_trend(open_home(home))
    if rule is not None and rule not in set(found["rule"]):
        raise typer.BadParameter(f"no release knows a rule {rule!r}; `junheng rules` lists those there are")
    found = found.filter(*([pl.col("kind") == kind] if kind else []), *([pl.col("rule") == rule] if rule else []))
    if output != "table":
        shown = found
    elif rule is not None:
        shown = found.tail(last).select(_OF_A_RULE)
    else:
        shown = across(found, last)
    write(output, shown.columns, shown.iter_rows())
