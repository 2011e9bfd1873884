"""Reading filled workbooks of findings back: their explanations go to the ledger, what is wrong with them is told.

Belongs here: which line is which answer, and why a line is not recorded. Does not belong here: the workbook itself
(``book``).

The received bytes are kept in the landing like those of a return: they are the evidence of who wrote what. The
explanations of one file are recorded together or not at all, and the same file again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from checks.findings import shown
from pipelines.answers.give import explanation_of
from pipelines.answers.words import ANSWERS, FILLED_IN, in_any_language
from pipelines.intake.dates import date_of
from pipelines.intake.grid import Grid, UnreadableFile, read_grids
from pipelines.intake.sniff import sniff
from warehouse.answers import Answers, Explanation
from warehouse.landing import Landing

_NEEDED = ("finding_id", *FILLED_IN)
#: Rows in which the headers are looked for.
_HEAD = 20


@dataclass(frozen=True)
class Problem:
    """A line of a workbook that was not (or not wholly) recorded; ``problem`` is a key of ``words.csv``."""

    problem: str
    sheet: str | None = None
    row_number: int | None = None
    finding_id: str | None = None


@dataclass
class Received:
    """What a workbook gave: explanations and whether each is new, other answers by kind, what was wrong."""

    file_name: str
    explanations: list[tuple[Explanation, bool]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def receive_answers(
    landing: Landing, answers: Answers, findings: pl.DataFrame, content: bytes, file_name: str, *, now: datetime
) -> Received:
    """Receive a filled workbook.

    Args:
        landing: where its bytes are kept.
        findings: all, with their status now.
        now: time of receipt.
    """
    result = Received(file_name)
    sniffed = sniff(content)
    try:
        if sniffed.kind in ("empty", "other"):
            raise UnreadableFile(sniffed.description)
        grids = read_grids(content, sniffed)
    except UnreadableFile:
        result.problems.append(Problem("unreadable_file"))
        return result
    lines = [frame for grid in grids if not grid.hidden and (frame := _lines(grid)) is not None]
    if not lines:
        result.problems.append(Problem("no_sheet"))
        return result
    source = f"{file_name} {landing.store(content)}"
    found = findings.with_columns(shown().alias("seen")).sort("superseded")
    known = {row["finding_id"]: row for row in found.iter_rows(named=True)}
    alive = {row["fault_id"]: row for row in found.filter(~pl.col("superseded")).iter_rows(named=True)}
    given = [
        explanation
        for line in pl.concat(lines).iter_rows(named=True)
        if (explanation := _answer(line, known, alive, source, now, result)) is not None
    ]
    result.explanations = answers.explain_all(given)
    return result


def _lines(grid: Grid) -> pl.DataFrame | None:
    """The filled lines of a sheet: what is needed of each as text, with its row; None where there is no such table."""
    titles = in_any_language("column", _NEEDED)
    columns: dict[str, int] = {}
    header = -1
    for index, row in enumerate(grid.cells.head(_HEAD).iter_rows()):
        columns = {titles[text]: place for place, cell in enumerate(row) if (text := _clean(cell).lower()) in titles}
        if set(columns) == set(_NEEDED):
            header = index
            break
    if header < 0:
        return None
    body = grid.cells.slice(header + 1)
    cells = [body.to_series(columns[name]).cast(pl.String).str.strip_chars().alias(name) for name in _NEEDED]
    frame = pl.DataFrame(cells).with_columns(
        pl.Series("row_number", range(header + 2, header + 2 + body.height), dtype=pl.Int64),
        pl.lit(grid.sheet).alias("sheet"),
        date_of(pl.col("dated")).alias("day"),
    )
    tidy = [pl.col(name).replace("", None) for name in _NEEDED]
    filled = pl.any_horizontal([pl.col(name).is_not_null() for name in ("answer", "reason")])
    return frame.with_columns(tidy).filter(filled)


def _clean(cell: object) -> str:
    """A title as it is compared: Chinese without the line breaks and blanks of a narrow column."""
    text = "" if cell is None else str(cell).strip()
    return text if text.isascii() else "".join(text.split())


def _answer(
    line: Mapping[str, object],
    known: Mapping[str, Mapping[str, object]],
    alive: Mapping[str, Mapping[str, object]],
    source: str,
    now: datetime,
    result: Received,
) -> Explanation | None:
    """The explanation of a line, if it is one that can be recorded; everything else is told in ``result``."""
    finding_id = str(line["finding_id"] or "")

    def problem(name: str) -> None:
        row = line["row_number"]
        result.problems.append(
            Problem(name, str(line["sheet"]), row if isinstance(row, int) else None, finding_id or None)
        )

    kind = in_any_language("answer", ANSWERS).get(_clean(line["answer"] or "").lower()) if line["answer"] else None
    if line["answer"] and kind is None:
        problem("unknown_answer")
        return None
    if finding_id not in known:
        problem("unknown_finding")
        return None
    row = known[finding_id]
    if row["superseded"]:
        fault = alive.get(str(row["fault_id"]))
        if fault is None or fault["seen"] != row["seen"]:
            problem("settled")
            return None
        row = fault
    if kind in ("correction", "waiver"):
        result.others[kind] += 1
        return None
    reason, by = str(line["reason"] or ""), str(line["by"] or "")
    refused = {"error": "hard_error", "note": "note"}.get(str(row["severity"]))
    if refused or not reason or not by:
        problem(refused or ("blank_reason" if not reason else "blank_name"))
        return None
    day = line["day"]
    if line["dated"] and day is None:
        problem("unreadable_date")
    dated = day if isinstance(day, date) else None
    return explanation_of(dict(row), reason=reason, by=by, dated=dated, source=source, now=now)
