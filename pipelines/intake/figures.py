"""Figures of a block: all its printed number columns read at once and summed into their fields.

Belongs here: from cells of number columns to fields, and which cells could not be read. Does not belong here: how one
number is written (``coerce``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from models.returns.contract import FieldInfo
from models.returns.layout import Layout
from pipelines.intake.bind import BoundField, Part
from pipelines.intake.coerce import clean, is_star, read_number_columns

#: Columns of a cell problem: where it is and what stands there.
PROBLEM_SCHEMA: dict[str, Any] = {
    "sheet_index": pl.UInt32,
    "row_number": pl.Int32,
    "rule": pl.String,
    "field": pl.String,
    "column": pl.Int32,
    "value": pl.String,
}
#: Whole numbers above this are not exact as floats; nothing that is counted comes near it.
_LARGEST_COUNT = 2.0**53
_WHOLE = 1e-6


@dataclass(frozen=True)
class Figures:
    """Fields read from number columns, row by row, and cells (``PROBLEM_SCHEMA``) that are bad or starred."""

    values: pl.DataFrame
    problems: pl.DataFrame
    starred: pl.DataFrame


@dataclass(frozen=True)
class _Column:
    """One printed column that feeds a field."""

    info: FieldInfo
    part: Part
    name: str


def read_figures(
    raw: pl.DataFrame, fields: list[tuple[BoundField, FieldInfo]], layout: Layout, workbook: bool
) -> Figures:
    """Read the number fields of a block.

    Args:
        raw: cells as ``c0``, ``c1`` … with ``sheet_index`` and ``row_number``.
        fields: the block's number fields (not years) with what the contract says of them.
        layout: gives numbers for words.
        workbook: the cells come out of workbooks.
    """
    columns = [
        _Column(info, part, f"{entry.field}:{n}") for entry, info in fields for n, part in enumerate(entry.parts)
    ]
    read = read_number_columns(
        [raw[f"c{column.part.column}"] for column in columns],
        [column.part.factor for column in columns],
        [layout.value_map(column.info.name) for column in columns],
        workbook=workbook,
    )
    problems, starred = [], []
    parts: dict[str, pl.Series] = {}
    for column, numbers in zip(columns, read, strict=True):
        parts[column.name] = numbers.values
        if numbers.bad is not None and numbers.bad.any():
            problems.append(_problem(raw, numbers.bad, "unreadable_value", column))
        if numbers.starred is not None and numbers.starred.any():
            starred.append(_problem(raw, numbers.starred, "starred", column))
    frame = pl.DataFrame(parts) if parts else raw.select()
    frame = _without_impossible_counts(raw, frame, columns, problems)
    problems += _half_filled(raw, frame, fields, columns)
    constants = [
        pl.lit(float(entry.constant or 0)).cast(info.dtype).alias(entry.field)
        for entry, info in fields
        if not entry.parts
    ]
    sums = [_sum(entry, info) for entry, info in fields if entry.parts]
    values = raw.select("sheet_index").with_columns(frame.select(sums) if sums else [], *constants).drop("sheet_index")
    return Figures(values, _together(problems), _together(starred))


def _sum(entry: BoundField, info: FieldInfo) -> pl.Expr:
    total = pl.col(f"{entry.field}:0")
    for n in range(1, len(entry.parts)):
        total = total + pl.col(f"{entry.field}:{n}")
    if info.kind == "count":
        total = total.round().cast(pl.Int64, strict=False)
    return total.alias(entry.field)


def _without_impossible_counts(
    raw: pl.DataFrame, frame: pl.DataFrame, columns: list[_Column], problems: list[pl.DataFrame]
) -> pl.DataFrame:
    """Take out counts that are not whole or too large to be exact, and say so."""
    counts = [column for column in columns if column.info.kind == "count"]
    if not counts:
        return frame

    def broken(name: str) -> pl.Expr:
        return ((pl.col(name) - pl.col(name).round()).abs() > _WHOLE).fill_null(False)

    def huge(name: str) -> pl.Expr:
        return (pl.col(name).abs() > _LARGEST_COUNT).fill_null(False)

    tests = {"not_a_whole_number": broken, "value_out_of_range": huge}
    any_bad = frame.select(
        [test(column.name).any().alias(f"{rule}/{column.name}") for rule, test in tests.items() for column in counts]
    ).row(0, named=True)
    for column in counts:
        for rule, test in tests.items():
            if any_bad[f"{rule}/{column.name}"]:
                mask = frame.select(test(column.name)).to_series()
                problems.append(_problem(raw, mask, rule, column))
                frame = frame.with_columns(pl.when(~mask).then(pl.col(column.name)).alias(column.name))
    return frame


def _half_filled(
    raw: pl.DataFrame, frame: pl.DataFrame, fields: list[tuple[BoundField, FieldInfo]], columns: list[_Column]
) -> list[pl.DataFrame]:
    """Blank cells of sums of which other parts are filled in: the sum is missing for their sake."""
    found = []
    for entry, _ in fields:
        own = [column for column in columns if column.name.rsplit(":", 1)[0] == entry.field]
        if len(own) < 2:
            continue
        some = pl.any_horizontal([pl.col(column.name).is_not_null() for column in own])
        for column in own:
            cell = pl.col(f"c{column.part.column}")
            empty = raw.select((clean(cell).is_null() & ~is_star(cell).fill_null(False)).alias("empty")).to_series()
            blank = empty & frame.select(some).to_series()
            if blank.any():
                found.append(_problem(raw, blank, "value_missing", column))
    return found


def _problem(raw: pl.DataFrame, mask: pl.Series, rule: str, column: _Column) -> pl.DataFrame:
    return problem(raw, mask, rule, column.info.name, column.part.column)


def problem(raw: pl.DataFrame, mask: pl.Series, rule: str, field: str, column: int) -> pl.DataFrame:
    """Cells of a column of ``raw`` for which ``mask`` holds, as problems under a rule."""
    return raw.filter(mask).select(
        pl.col("sheet_index"),
        pl.col("row_number"),
        pl.lit(rule).alias("rule"),
        pl.lit(field).alias("field"),
        pl.lit(column, dtype=pl.Int32).alias("column"),
        pl.col(f"c{column}").alias("value"),
    )


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames) if frames else pl.DataFrame(schema=PROBLEM_SCHEMA)
