"""From bound sheets to typed rows: all sheets that share a binding are read as one frame.

Belongs here: telling data rows from totals, notes and repeated headers; building the fields of a return. Does not
belong here: rules of a return (``checks.contracts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import FieldInfo
from models.returns.layout import Layout
from pipelines.intake.bind import Binding, BoundBlock, BoundField
from pipelines.intake.coerce import STARS, Numbers, read_codes, read_numbers, read_texts, read_years
from pipelines.intake.grid import Grid

TOTALS = ("合计", "总计", "计", "全县合计", "全区合计", "全市合计", "全省合计", "总数", "合計", "總計")
SUBTOTALS = ("小计", "小計", "其中")
_NOTE = r"^(?:注|备注|说明|填表说明|附注|资料来源|来源|数据来源|备\s*注|制表|审核|单位负责人|填表人|Note|Source)"

#: Columns of a cell problem: where it is and what stands there.
PROBLEM_SCHEMA: dict[str, Any] = {
    "sheet_index": pl.UInt32,
    "row_number": pl.Int32,
    "rule": pl.String,
    "field": pl.String,
    "column": pl.Int32,
    "value": pl.String,
}


@dataclass(frozen=True)
class BoundSheet:
    """A sheet of a submission with its binding and what holds for all its rows."""

    submission_id: str
    file_name: str
    grid: Grid
    binding: Binding
    school_year: int | None
    county_code: str | None
    county_name: str | None


@dataclass(frozen=True)
class ExtractedBlock:
    """Typed rows of one block of a binding.

    ``rows`` has ``sheet_index``, ``row_number``, ``block`` and the fields of the return; ``problems`` are cells that
    could not be read (``PROBLEM_SCHEMA``); ``starred`` are cells marked not applicable; ``totals`` holds a printed
    and a summed figure per sheet and field.
    """

    binding: Binding
    block: BoundBlock
    rows: pl.DataFrame
    problems: pl.DataFrame
    starred: pl.DataFrame
    totals: pl.DataFrame


def extract(sheets: Sequence[BoundSheet], indices: Sequence[int]) -> list[ExtractedBlock]:
    """Read the sheets ``indices`` of ``sheets``, which share one binding, as one frame per block."""
    binding = sheets[indices[0]].binding
    raw = _classify(_stack(sheets, indices, binding), binding)
    return [_block(raw, sheets, binding, block) for block in binding.blocks]


def _stack(sheets: Sequence[BoundSheet], indices: Sequence[int], binding: Binding) -> pl.DataFrame:
    start = binding.header.last + 1
    bodies = [sheets[i].grid.cells.slice(start) for i in indices]
    names = [f"c{i}" for i in range(len(binding.header.columns))]
    for body in bodies:
        body.columns = names
    heights = np.array([body.height for body in bodies])
    ends = np.cumsum(heights)
    positions = np.arange(ends[-1]) - np.repeat(ends - heights, heights)
    return pl.concat(bodies).with_columns(
        pl.Series("sheet_index", np.repeat(np.array(indices, dtype=np.uint32), heights)),
        pl.Series("row_number", (positions + start + 1).astype(np.int32)),
    )


def _classify(raw: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Add ``kind``: data, total, or null for rows that carry no figures (blank, note, subtotal, header again)."""
    width = len(binding.header.columns)
    cells = [pl.col(f"c{i}") for i in range(width)]
    filled = pl.sum_horizontal([cell.is_not_null() for cell in cells])
    first = pl.coalesce(cells).str.normalize("NFKC").str.replace_all(r"\s", "")
    labels = [_normal(pl.col(f"c{i}")) for i in _label_columns(binding)]
    is_total = pl.any_horizontal([label.is_in(TOTALS) for label in labels] + [first.is_in(TOTALS)]).fill_null(False)
    is_subtotal = pl.any_horizontal([label.is_in(SUBTOTALS) for label in labels] + [first.is_in(SUBTOTALS)]).fill_null(
        False
    )
    key = _key_column(binding)
    keyless = pl.col(f"c{key}").is_null() if key is not None else pl.lit(False)
    is_note = (first.str.contains(_NOTE) & (filled <= 2)) | (keyless & (filled <= 1))
    again = (
        _normal(pl.col(f"c{key}")) == binding.header.columns[key].path[-1]
        if key is not None and binding.header.columns[key].path
        else pl.lit(False)
    )
    return raw.with_columns(
        pl.when(filled == 0)
        .then(None)
        .when(is_total)
        .then(pl.lit("total"))
        .when(is_subtotal | is_note.fill_null(False) | again.fill_null(False))
        .then(None)
        .otherwise(pl.lit("data"))
        .alias("kind")
    ).filter(pl.col("kind").is_not_null())


def _normal(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFKC").str.replace_all(r"[\s:：]", "")


def _label_columns(binding: Binding) -> list[int]:
    return sorted(
        {
            part.column
            for block in binding.blocks
            for bound in block.fields
            if not CONTRACTS[block.form].fields[bound.field].numeric
            for part in bound.parts
        }
    )


def _key_column(binding: Binding) -> int | None:
    """The column that says whose row it is: the first printed part of the grain that is not a year or a stage."""
    for block in binding.blocks:
        for name in CONTRACTS[block.form].grain:
            for bound in block.fields:
                if bound.field == name and bound.parts and name.endswith("_code"):
                    return bound.parts[0].column
    return None


def _block(raw: pl.DataFrame, sheets: Sequence[BoundSheet], binding: Binding, block: BoundBlock) -> ExtractedBlock:
    contract = CONTRACTS[block.form]
    bound = {entry.field: entry for entry in block.fields}
    columns: dict[str, pl.Series] = {}
    problems: list[pl.DataFrame] = []
    starred: list[pl.DataFrame] = []
    unread: list[pl.DataFrame] = []
    for name, info in contract.fields.items():
        entry = bound.get(name)
        if entry is None:
            columns[name] = pl.repeat(None, raw.height, dtype=info.dtype, eager=True)
        elif info.kind == "year":
            columns[name] = _years(raw, entry, info, binding.layout, problems)
        elif info.numeric:
            columns[name] = _numbers(raw, entry, info, binding.layout, problems, starred)
        else:
            columns[name] = _texts(raw, entry, info, binding.layout)
    frame = raw.select("sheet_index", "row_number", "kind").with_columns(
        pl.lit(block.block).alias("block"), *(series.alias(name) for name, series in columns.items())
    )
    frame = _fill_from_sheet(frame, sheets, contract.fields)
    if len(binding.blocks) > 1 and any(b.form == block.form and b.block != block.block for b in binding.blocks):
        frame = _drop_empty(frame, raw, block)
    found = _concat(problems, PROBLEM_SCHEMA)
    data = frame.filter(pl.col("kind") == "data").drop("kind")
    unread = [found.select("sheet_index", "field")]
    keys = data.select("sheet_index", "row_number")
    return ExtractedBlock(
        binding,
        block,
        data,
        found.join(keys, on=["sheet_index", "row_number"], how="semi"),
        _concat(starred, PROBLEM_SCHEMA),
        _totals(frame, block, pl.concat(unread)),
    )


def _concat(frames: list[pl.DataFrame], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def _problem(raw: pl.DataFrame, mask: pl.Series, rule: str, field: str, column: int) -> pl.DataFrame:
    return raw.filter(mask).select(
        pl.col("sheet_index"),
        pl.col("row_number"),
        pl.lit(rule).alias("rule"),
        pl.lit(field).alias("field"),
        pl.lit(column, dtype=pl.Int32).alias("column"),
        pl.col(f"c{column}").alias("value"),
    )


def _numbers(
    raw: pl.DataFrame,
    entry: BoundField,
    info: FieldInfo,
    layout: Layout,
    problems: list[pl.DataFrame],
    starred: list[pl.DataFrame],
) -> pl.Series:
    if not entry.parts:
        return pl.repeat(float(entry.constant or 0), raw.height, eager=True).cast(info.dtype)
    total: pl.Series | None = None
    for part in entry.parts:
        read: Numbers = read_numbers(raw[f"c{part.column}"], part.factor, layout.value_map(info.name))
        if read.bad.any():
            problems.append(_problem(raw, read.bad, "unreadable_value", info.name, part.column))
        if read.starred.any():
            starred.append(_problem(raw, read.starred, "starred", info.name, part.column))
        values = read.values
        if info.kind == "count":
            broken = (values - values.round()).abs().fill_null(0) > 1e-6
            if broken.any():
                problems.append(_problem(raw, broken, "not_a_whole_number", info.name, part.column))
                values = pl.select(pl.when(~broken).then(values)).to_series()
        total = values if total is None else total + values
    assert total is not None
    return total.round().cast(pl.Int64, strict=False) if info.kind == "count" else total


def _years(
    raw: pl.DataFrame, entry: BoundField, info: FieldInfo, layout: Layout, problems: list[pl.DataFrame]
) -> pl.Series:
    if not entry.parts:
        return pl.repeat(int(entry.constant or 0), raw.height, dtype=pl.Int64, eager=True)
    cells = raw[f"c{entry.parts[0].column}"]
    years = read_years(cells, layout.year_offset)
    bad = cells.is_not_null() & years.is_null() & (raw["kind"] == "data")
    if bad.any():
        problems.append(_problem(raw, bad, "unreadable_value", info.name, entry.parts[0].column))
    return years


def _texts(raw: pl.DataFrame, entry: BoundField, info: FieldInfo, layout: Layout) -> pl.Series:
    if not entry.parts:
        return pl.repeat(entry.constant, raw.height, dtype=pl.String, eager=True)
    cells = raw[f"c{entry.parts[0].column}"]
    if info.kind == "text":
        return read_texts(cells)
    titles = {title: code for code, title in (info.choices or {}).items()}
    return read_codes(cells, {**titles, **layout.value_map(info.name)}, entry.prefix, entry.suffix)


def _fill_from_sheet(frame: pl.DataFrame, sheets: Sequence[BoundSheet], fields: dict[str, FieldInfo]) -> pl.DataFrame:
    """Fill year and county from what holds for the whole sheet where the row does not say."""
    used = frame["sheet_index"].unique().to_list()
    known = pl.DataFrame(
        {
            "sheet_index": pl.Series(used, dtype=pl.UInt32),
            "_school_year": pl.Series([sheets[i].school_year for i in used], dtype=pl.Int64),
            "_county_code": pl.Series([sheets[i].county_code for i in used], dtype=pl.String),
            "_county_name": pl.Series([sheets[i].county_name for i in used], dtype=pl.String),
        }
    )
    joined = frame.join(known, on="sheet_index", how="left", maintain_order="left")
    fills = [
        pl.coalesce(name, f"_{name}").alias(name)
        for name in ("school_year", "county_code", "county_name")
        if name in fields
    ]
    return joined.with_columns(fills).drop("_school_year", "_county_code", "_county_name")


def _drop_empty(frame: pl.DataFrame, raw: pl.DataFrame, block: BoundBlock) -> pl.DataFrame:
    """Leave out rows whose figures for this block are all blank or "not applicable": there is nothing to report."""
    own = {
        part.column
        for bound in block.fields
        if CONTRACTS[block.form].fields[bound.field].numeric
        for part in bound.parts
    }
    if not own:
        return frame
    cells = [pl.col(f"c{i}") for i in sorted(own)]
    filled = raw.select(
        pl.any_horizontal([cell.is_not_null() & ~cell.str.strip_chars().is_in(STARS) for cell in cells])
    ).to_series()
    return frame.filter(filled)


def _totals(frame: pl.DataFrame, block: BoundBlock, unread: pl.DataFrame) -> pl.DataFrame:
    """Printed and summed figures per sheet and field, for sheets with exactly one row of totals.

    Fields with an unreadable cell are left out: their sum would be short for a reason already told.
    """
    fields = [
        bound.field
        for bound in block.fields
        if bound.parts and CONTRACTS[block.form].fields[bound.field].kind in ("count", "number")
    ]
    totals = frame.filter(pl.col("kind") == "total")
    totals = totals.filter(pl.len().over("sheet_index") == 1)
    if totals.is_empty() or not fields:
        return pl.DataFrame()
    floats = [pl.col(name).cast(pl.Float64) for name in fields]
    printed = totals.select("sheet_index", "row_number", *floats).unpivot(
        fields, index=["sheet_index", "row_number"], variable_name="field", value_name="printed"
    )
    data = frame.filter(pl.col("kind") == "data")
    summed = (
        data.group_by("sheet_index")
        .agg(
            [pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Float64).sum()).alias(name) for name in fields]
        )
        .unpivot(fields, index="sheet_index", variable_name="field", value_name="summed")
    )
    return (
        printed.join(summed, on=["sheet_index", "field"])
        .join(unread, on=["sheet_index", "field"], how="anti")
        .filter((pl.col("printed") - pl.col("summed")).abs() > 1e-6 * (1 + pl.col("printed").abs()))
    )
