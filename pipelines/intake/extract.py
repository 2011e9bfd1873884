"""From bound sheets to typed rows: all sheets that share a binding are read as one frame.

Belongs here: building the fields of a return from the columns of a sheet. Does not belong here: telling rows apart
(``classify``), reading numbers (``figures``), printed totals (``totals``), rules of a return (``checks.contracts``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import Contract, FieldInfo
from models.returns.layout import Layout
from pipelines.intake.bind import Binding, BoundBlock, BoundField
from pipelines.intake.classify import classify, key_column
from pipelines.intake.coerce import clean, is_star, read_codes, text_of, year_of
from pipelines.intake.dates import date_of, is_unread
from pipelines.intake.figures import PROBLEM_SCHEMA, problem, read_figures
from pipelines.intake.grid import Grid
from pipelines.intake.persons import Pseudonyms, masked, pseudonym_columns
from pipelines.intake.totals import totals_that_differ


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
    and a summed figure per sheet and field; ``raw`` holds the cells as ``c0``, ``c1`` … by ``sheet_index`` and
    ``row_number``; ``idle`` are keys of rows that have no figures in any block of the return.
    """

    binding: Binding
    block: BoundBlock
    rows: pl.DataFrame
    problems: pl.DataFrame
    starred: pl.DataFrame
    totals: pl.DataFrame
    raw: pl.DataFrame
    idle: pl.DataFrame


def extract(
    sheets: Sequence[BoundSheet], indices: Sequence[int], pseudonyms: Pseudonyms | None = None
) -> list[ExtractedBlock]:
    """Read the sheets ``indices`` of ``sheets``, which share one binding and kind of file, as one frame per block.

    Raises:
        PersonKeyMissing: the sheets are about persons and there are no ``pseudonyms``.
    """
    binding = sheets[indices[0]].binding
    stacked = _stack(sheets, indices, binding)
    raw = classify(stacked, binding)
    mended = _with_formula_errors(stacked, raw, sheets, indices, binding)
    if mended is not stacked:
        raw = classify(mended, binding)
    persons = pseudonym_columns(raw, binding, pseudonyms)
    raw = masked(raw, binding).with_columns(series.alias(f"p{column}") for column, series in persons.items())
    workbook = sheets[indices[0]].grid.from_workbook
    filled = {block: _filled(raw, block) for block in binding.blocks if _one_of_several(binding, block)}
    return [_block(raw, sheets, binding, block, workbook, filled) for block in binding.blocks]


def _stack(sheets: Sequence[BoundSheet], indices: Sequence[int], binding: Binding) -> pl.DataFrame:
    start = binding.header.last + 1
    cells = [sheets[i].grid.cells for i in indices]
    names = [f"c{i}" for i in range(len(binding.header.columns))]
    heights = np.array([frame.height for frame in cells])
    ends = np.cumsum(heights)
    positions = np.arange(ends[-1]) - np.repeat(ends - heights, heights)
    try:
        together = pl.concat(cells)
    except pl.exceptions.PolarsError:  # columns named otherwise by another reader
        together = pl.concat([frame.rename(dict(zip(frame.columns, names, strict=True))) for frame in cells])
    return (
        together.rename(dict(zip(together.columns, names, strict=True)))
        .with_columns(
            pl.Series("sheet_index", np.repeat(np.array(indices, dtype=np.uint32), heights)),
            pl.Series("row_number", (positions + 1).astype(np.int32)),
        )
        .filter(pl.Series(positions >= start))
    )


def _with_formula_errors(
    raw: pl.DataFrame, told: pl.DataFrame, sheets: Sequence[BoundSheet], indices: Sequence[int], binding: Binding
) -> pl.DataFrame:
    """``raw`` with the text of formula errors (``#DIV/0!``) where a workbook gave a blank.

    Only sheets with a blank where something is expected in ``told`` (the rows that were made out), or with a blank row,
    are asked, as the question costs a second reading.
    """
    if not sheets[indices[0]].grid.from_workbook:
        return raw
    kinds = {
        part.column: CONTRACTS[block.form].fields[entry.field].kind
        for block in binding.blocks
        for entry in block.fields
        for part in entry.parts
    }
    figures = [pl.col(f"c{i}").is_null() for i, kind in sorted(kinds.items()) if kind in ("count", "number")]
    others = [pl.col(f"c{i}").is_null() for i, kind in sorted(kinds.items()) if kind in ("code", "year", "date")]
    suspect = pl.any_horizontal([pl.lit(False), *figures, *((pl.col("kind") == "data") & cell for cell in others)])
    width = len(binding.header.columns)
    blank = raw.filter(pl.all_horizontal([pl.col(f"c{i}").is_null() for i in range(width)]))
    asked = {*told.filter(suspect)["sheet_index"].unique().to_list(), *blank["sheet_index"].unique().to_list()}
    errors = [
        (index, row + 1, column, text)
        for index in sorted(asked)
        for row, column, text in sheets[index].grid.errors()
        if row > binding.header.last and column < width
    ]
    by_column = defaultdict(list)
    for index, row_number, column, text in errors:
        by_column[column].append((index, row_number, text))
    for column, found in sorted(by_column.items()):
        schema = {"sheet_index": pl.UInt32, "row_number": pl.Int32, "_error": pl.String}
        raw = (
            raw.join(
                pl.DataFrame(found, schema=schema, orient="row"),
                on=["sheet_index", "row_number"],
                how="left",
                maintain_order="left",
            )
            .with_columns(pl.coalesce(f"c{column}", "_error").alias(f"c{column}"))
            .drop("_error")
        )
    return raw


def _one_of_several(binding: Binding, block: BoundBlock) -> bool:
    return sum(1 for other in binding.blocks if other.form == block.form) > 1


def _filled(raw: pl.DataFrame, block: BoundBlock) -> pl.Series:
    """Rows that have something for the block besides "none" and "not applicable"."""
    own = {
        part.column
        for bound in block.fields
        if CONTRACTS[block.form].fields[bound.field].kind in ("count", "number")
        for part in bound.parts
    }
    if not own:
        return pl.repeat(True, raw.height, dtype=pl.Boolean, eager=True)
    return raw.select(
        pl.any_horizontal([clean(pl.col(f"c{i}")).is_not_null() for i in sorted(own)]).alias("filled")
    ).to_series()


def _block(
    raw: pl.DataFrame,
    sheets: Sequence[BoundSheet],
    binding: Binding,
    block: BoundBlock,
    workbook: bool,
    filled: dict[BoundBlock, pl.Series],
) -> ExtractedBlock:
    contract = CONTRACTS[block.form]
    bound = {entry.field: entry for entry in block.fields}
    numbers, others, problems = [], [], []
    for name, info in contract.staged_fields.items():
        entry = bound.get(name)
        if entry is None:
            others.append(pl.lit(None, dtype=info.dtype).alias(name))
        elif info.kind == "year":
            others.append(_year(entry, binding.layout).alias(name))
            problems += _unread_years(raw, entry, binding.layout)
        elif info.numeric:
            numbers.append((entry, info))
        elif info.kind == "person" and entry.parts:
            others.append(pl.col(f"p{entry.parts[0].column}").alias(name))
        elif info.kind == "date" and entry.parts:
            others.append(date_of(pl.col(f"c{entry.parts[0].column}")).alias(name))
            problems += _unread_dates(raw, entry)
        else:
            others.append(_words(raw, entry, info, binding.layout).alias(name))
    figures = read_figures(raw, numbers, binding.layout, workbook)
    frame = raw.select("sheet_index", "row_number", "kind", pl.lit(block.block).alias("block"), *others)
    frame = frame.with_columns(figures.values)
    frame = _fill_from_sheet(frame, sheets, contract).select(
        "sheet_index", "row_number", "kind", "block", *contract.staged_fields
    )
    if block in filled:
        frame = frame.filter(filled[block])
    found = pl.concat([figures.problems, *problems])
    data = frame.filter(pl.col("kind") == "data").drop("kind")
    keys = data.select("sheet_index", "row_number")
    return ExtractedBlock(
        binding,
        block,
        data,
        found.join(keys, on=["sheet_index", "row_number"], how="semi"),
        figures.starred,
        totals_that_differ(frame, block, found.select("sheet_index", "field")),
        raw,
        _idle(raw, binding, block, filled),
    )


def _idle(raw: pl.DataFrame, binding: Binding, block: BoundBlock, filled: dict[BoundBlock, pl.Series]) -> pl.DataFrame:
    """Rows that have nothing in any block of the return, not even a star: told once, with the first of its blocks."""
    of_form = [other for other in filled if other.form == block.form]
    key = key_column(binding)
    if key is None or not of_form or block != of_form[0]:
        return pl.DataFrame(schema=PROBLEM_SCHEMA)
    every = pl.DataFrame({str(n): filled[other] for n, other in enumerate(of_form)})
    columns = sorted({part.column for other in of_form for bound in other.fields for part in bound.parts})
    starred = raw.select(pl.any_horizontal([is_star(pl.col(f"c{i}")).fill_null(False) for i in columns])).to_series()
    nothing = ~every.select(pl.any_horizontal(pl.all())).to_series() & ~starred & (raw["kind"] == "data")
    return problem(raw, nothing, "row_without_figures", next(iter(_key_fields(block, key))), key)


def _key_fields(block: BoundBlock, key: int) -> list[str]:
    return [bound.field for bound in block.fields if any(part.column == key for part in bound.parts)]


def _year(entry: BoundField, layout: Layout) -> pl.Expr:
    if not entry.parts:
        return pl.lit(int(entry.constant or 0), dtype=pl.Int64)
    return year_of(pl.col(f"c{entry.parts[0].column}"), layout.year_offset)


def _unread_years(raw: pl.DataFrame, entry: BoundField, layout: Layout) -> list[pl.DataFrame]:
    if not entry.parts:
        return []
    cell = pl.col(f"c{entry.parts[0].column}")
    unread = clean(cell).is_not_null() & year_of(cell, layout.year_offset).is_null() & (pl.col("kind") == "data")
    bad = raw.select(unread.alias("bad")).to_series()
    return [problem(raw, bad, "unreadable_value", entry.field, entry.parts[0].column)] if bad.any() else []


def _unread_dates(raw: pl.DataFrame, entry: BoundField) -> list[pl.DataFrame]:
    column = entry.parts[0].column
    bad = raw.select((is_unread(pl.col(f"c{column}")) & (pl.col("kind") == "data")).alias("bad")).to_series()
    return [problem(raw, bad, "unreadable_date", entry.field, column)] if bad.any() else []


def _words(raw: pl.DataFrame, entry: BoundField, info: FieldInfo, layout: Layout) -> pl.Expr:
    if not entry.parts:
        return pl.lit(entry.constant, dtype=pl.String)
    column = f"c{entry.parts[0].column}"
    if info.kind == "text":
        return text_of(pl.col(column))
    titles = {title: code for code, title in (info.choices or {}).items()}
    words = {**titles, **layout.value_map(info.name)}
    return pl.lit(read_codes(raw[column], words, entry.prefix, entry.suffix))


def _fill_from_sheet(frame: pl.DataFrame, sheets: Sequence[BoundSheet], contract: Contract) -> pl.DataFrame:
    """Fill period and county from what holds for the whole sheet where the row does not say."""
    used = frame["sheet_index"].unique().to_list()
    known = pl.DataFrame(
        {
            "sheet_index": pl.Series(used, dtype=pl.UInt32),
            f"_{contract.period}": pl.Series([sheets[i].school_year for i in used], dtype=pl.Int64),
            "_county_code": pl.Series([sheets[i].county_code for i in used], dtype=pl.String),
            "_county_name": pl.Series([sheets[i].county_name for i in used], dtype=pl.String),
        }
    )
    joined = frame.join(known, on="sheet_index", how="left", maintain_order="left")
    fills = [
        pl.coalesce(name, f"_{name}").alias(name)
        for name in (contract.period, "county_code", "county_name")
        if name in contract.fields
    ]
    return joined.with_columns(fills).drop(f"_{contract.period}", "_county_code", "_county_name")
