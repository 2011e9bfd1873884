"""The kinds of faults: how each is put into a table, and what the answer key says of it.

Belongs here: one function per kind (``how`` of ``faults.csv``). Does not belong here: which rows
get faults (``faults``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipelines.sample.sheet import Cell, PrintedColumn, Sheet, number, tidy
from pipelines.sample.workbook import header_spans


@dataclass(frozen=True)
class Fault:
    """A line of ``faults.csv``. ``slot`` says which county and year it goes to; see ``write``.

    ``only`` (``field:text;text``) keeps it to rows that print one of these texts.
    """

    fault: str
    slot: str
    form: str
    stage: str
    how: str
    field: str
    argument: str
    only: str
    rule: str
    severity: str


@dataclass(frozen=True)
class Planted:
    """A line of the answer key: what was planted where, and which rule should find it (``none``: harmless)."""

    fault: str
    rule: str
    severity: str
    file: str
    sheet: str
    cell: str
    school_code: str
    school_year: int
    county_code: str
    field: str
    original: str
    planted: str
    form: str
    stage: str


def planted_at(
    sheet: Sheet, row: int, column: int, *, fault: str, rule: str, severity: str, file: str, field: str, original: Cell,
    stage: str = "",
) -> Planted:  # fmt: skip
    """The line of the answer key for a cell of a county's own table (``row`` of its body), as it stands now."""
    planted = sheet.body[row][column]
    return Planted(
        fault=fault,
        rule=rule,
        severity=severity,
        file=file,
        sheet=sheet.name if file.endswith(".xlsx") else "",
        cell=sheet.address(sheet.body_row + row, column),
        school_code="",
        school_year=sheet.school_year,
        county_code=sheet.county_code,
        field=field,
        original="" if original is None else str(original),
        planted="" if planted is None else str(planted),
        form=sheet.form,
        stage=stage,
    )


@dataclass(frozen=True)
class Spot:
    """A cell of a table: ``row`` of the body and ``column``, and the stage its row speaks of."""

    row: int
    column: int
    stage: str | None
    block: str


def line_of(
    fault: Fault, sheet: Sheet, cell: str, original: Cell, planted: Cell, school_code: str = "", stage: str = ""
) -> Planted:
    """A line of the answer key about ``sheet``, without the file and sheet it will stand in."""
    return Planted(
        fault=fault.fault,
        rule=fault.rule,
        severity=fault.severity,
        file="",
        sheet="",
        cell=cell,
        school_code=school_code,
        school_year=sheet.school_year,
        county_code=sheet.county_code,
        field=fault.field,
        original="" if original is None else str(original),
        planted="" if planted is None else str(planted),
        form=fault.form,
        stage=stage or fault.stage,
    )


def sheet_stage(sheet: Sheet) -> str | None:
    """The one stage that all rows of a table speak of, if it is one."""
    stages = {stage for key in sheet.keys for _, stage in key.blocks}
    return stages.pop() if len(stages) == 1 else None


def _above(sheet: Sheet, fault: Fault, spot: Spot, original: Cell) -> Cell:
    """``field+n`` or ``field-n``: that figure of the same row, and a little more or less."""
    match = re.fullmatch(r"(\w+?)([+-]\d+)", fault.argument)
    assert match is not None
    columns = [i for i, column in enumerate(sheet.columns) if (spot.block, match[1]) in column.feeds]
    whole = sum(number(sheet.body[spot.row][i]) for i in columns)
    value = tidy(whole + int(match[2]))
    return value if value > 0 and whole >= 10 else original


def _add(sheet: Sheet, fault: Fault, spot: Spot, original: Cell) -> Cell:
    return tidy(number(original) + int(fault.argument))


def _full_width(sheet: Sheet, fault: Fault, spot: Spot, original: Cell) -> Cell:
    return str(original).translate({ord("0") + i: ord("０") + i for i in range(10)})


def _thousands(sheet: Sheet, fault: Fault, spot: Spot, original: Cell) -> Cell:
    return f"{int(number(original)):,}" if number(original) >= 1000 else original


CELL: dict[str, Callable[[Sheet, Fault, Spot, Cell], Cell]] = {
    "above": _above,
    "add": _add,
    "number": lambda sheet, fault, spot, original: tidy(float(fault.argument)),
    "text": lambda sheet, fault, spot, original: fault.argument,
    "blank": lambda sheet, fault, spot, original: None,
    "shorten": lambda sheet, fault, spot, original: str(original)[:-1],
    "same_as": lambda sheet, fault, spot, original: sheet.body[spot.row][sheet.column_of(fault.argument) or 0],
    "full_width": _full_width,
    "thousands": _thousands,
    "trailing_blanks": lambda sheet, fault, spot, original: f"{original} 　",
}


def _stage_fits(sheet: Sheet, fault: Fault) -> bool:
    return not fault.stage or sheet_stage(sheet) == fault.stage


def _drop_column(sheet: Sheet, fault: Fault) -> Planted | None:
    column = sheet.column_of(fault.field)
    if column is None or not _stage_fits(sheet, fault):
        return None
    printed = "/".join(sheet.columns[column].levels)
    drop_column(sheet, column)
    return line_of(fault, sheet, "", printed, None)


def drop_column(sheet: Sheet, column: int) -> None:
    """Take a column out of a table."""
    del sheet.columns[column]
    for row in sheet.body:
        del row[column]
    if sheet.unit_row is not None:
        del sheet.unit_row[column]


def _extra_column(sheet: Sheet, fault: Fault) -> Planted | None:
    if not _stage_fits(sheet, fault):
        return None
    sheet.columns.append(PrintedColumn((fault.argument,), (), numeric=True))
    for row in sheet.body:
        row.append(1)
    if sheet.unit_row is not None:
        sheet.unit_row.append("")
    return line_of(fault, sheet, _leaf(sheet, len(sheet.columns) - 1), None, fault.argument)


def _twin_column(sheet: Sheet, fault: Fault) -> Planted | None:
    """The same header once more at the end, over the same figures."""
    column = sheet.column_of(fault.field)
    if column is None or not _stage_fits(sheet, fault):
        return None
    sheet.columns.append(sheet.columns[column])
    for row in sheet.body:
        row.append(row[column])
    if sheet.unit_row is not None:
        sheet.unit_row.append(sheet.unit_row[column])
    return line_of(fault, sheet, _leaf(sheet, len(sheet.columns) - 1), None, sheet.columns[column].levels[-1])


def _lost_column(sheet: Sheet, fault: Fault) -> Planted | None:
    """What follows from a header that stands twice: neither column is taken, so the field is missing."""
    twins = [
        column for column in sheet.columns if sheet.columns.count(column) > 1 and ("", fault.field) in column.feeds
    ]
    if not twins or not _stage_fits(sheet, fault):
        return None
    return line_of(fault, sheet, "", "/".join(twins[0].levels), None)


def blank_figures(sheet: Sheet, row: int) -> None:
    """Leave the name of a school and take away all its figures."""
    for index, column in enumerate(sheet.columns):
        if column.numeric and column.feeds:
            sheet.body[row][index] = None


def _unit(sheet: Sheet, fault: Fault) -> Planted | None:
    column = sheet.column_of(fault.field)
    if column is None or not sheet.columns[column].levels[-1].endswith("）"):
        return None
    before = sheet.columns[column]
    leaf = before.levels[-1]
    after = f"{leaf[: leaf.rindex('（')]}（{fault.argument}）"
    sheet.columns[column] = replace(before, levels=(*before.levels[:-1], after))
    return line_of(fault, sheet, _leaf(sheet, column), leaf, after)


def _leaf(sheet: Sheet, column: int) -> str:
    """Address of the lowest header text of a column."""
    top = max(top for top, left, _, right, _ in header_spans(sheet.columns, sheet.depth) if left == right == column)
    return sheet.address(sheet.header_row + top, column)


def _total(sheet: Sheet, fault: Fault) -> Planted | None:
    column, row = sheet.column_of(fault.field), sheet.total_row
    if column is None or row is None or not _stage_fits(sheet, fault):
        return None
    original = sheet.totals()[column]
    sheet.printed_totals[column] = number(original) + int(fault.argument)
    return line_of(fault, sheet, sheet.address(row, column), original, tidy(sheet.printed_totals[column]))


WHOLE_COLUMN: dict[str, Callable[[Sheet, Fault], Planted | None]] = {
    "drop_column": _drop_column,
    "extra_column": _extra_column,
    "twin_column": _twin_column,
    "lost_column": _lost_column,
    "unit": _unit,
    "total": _total,
}
