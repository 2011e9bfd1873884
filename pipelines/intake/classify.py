"""Rows under a header: which hold figures, which are totals, and which are notes, subtotals or the header again.

Belongs here: telling rows apart by their labels and shape. Does not belong here: the values in them (``extract``).
"""

from __future__ import annotations

import re

import polars as pl

from models.returns import CONTRACTS
from models.returns.text import header_key
from pipelines.intake.bind import Binding
from pipelines.intake.grid import Grid

TOTALS = ("合计", "总计", "计", "全县合计", "全区合计", "全市合计", "全省合计", "总数", "合計", "總計")
SUBTOTALS = ("小计", "小計", "其中")
_TOTAL_END, _SUBTOTAL_END = r"(?:合计|总计|合計|總計)$", r"(?:小计|小計)$"
_NOTE = r"^(?:注|备注|说明|填表说明|附注|资料来源|来源|数据来源|制表|审核|单位负责人|填表人|Note|Source)"
_FIGURE = r"^[+-]?[0-9.,]*[0-9][0-9.,]*$"
_CODE = r"^[0-9]{6,}$"
_SCHOOL_CODE = r"^[0-9]{10}$"
_WORDS = r"\p{Han}"
#: What stands in every label of a total or subtotal, however it is spaced.
_HINT = "[计計总總]|其中"


def classify(raw: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Rows of ``raw`` that carry figures, with ``kind``: ``data`` or ``total``.

    ``raw`` has the columns ``c0``, ``c1`` … of the sheet. Left out are blank rows, notes, subtotals and the header
    where it is printed again. A row without a code that has figures stays: its county is told of it.
    """
    cells = [pl.col(f"c{i}") for i in range(len(binding.header.columns))]
    labels = [pl.col(f"c{i}") for i in _label_columns(binding)]
    key = key_column(binding)
    hint = pl.any_horizontal([label.str.contains(_HINT).fill_null(False) for label in labels])
    plain = pl.col(f"c{key}").str.contains(_CODE).fill_null(False) if key is not None else pl.lit(False)
    school = pl.lit(False)  # a row with the code of a school is one, whatever its name
    if key is not None and _is_school_code(binding, key):
        school = pl.col(f"c{key}").str.contains(_SCHOOL_CODE).fill_null(False)
    clear = raw.select((school | plain & ~hint).alias("clear")).to_series()
    doubtful = (
        raw.with_row_index("_row")
        .filter(~clear)
        .with_columns(
            pl.sum_horizontal([cell.is_not_null() for cell in cells]).alias("_filled"),
            _normal(pl.coalesce(cells)).alias("_first"),
            _normal(pl.coalesce(cells[::-1])).alias("_last"),
            (pl.col(f"c{key}").is_null() if key is not None else pl.lit(False)).alias("_keyless"),
        )
    )
    told = doubtful.with_columns(_kind(binding, key, labels)).filter(pl.col("kind").is_not_null())
    told = _without_repeated_header(told, binding)
    kinds = clear.replace_strict({True: "data", False: None}, return_dtype=pl.String)
    kinds = kinds.scatter(told["_row"], told["kind"])
    return raw.with_columns(kinds.alias("kind")).filter(pl.col("kind").is_not_null())


def _kind(binding: Binding, key: int | None, labels: list[pl.Expr]) -> pl.Expr:
    """What a row is that has no plain code or speaks of totals; null for rows to leave out."""
    first = pl.col("_first")

    def says(words: tuple[str, ...], ending: str) -> pl.Expr:
        here = pl.any_horizontal([_normal(label).is_in(words) for label in labels] + [first.is_in(words)])
        return (here | (pl.col("_keyless") & first.str.contains(ending))).fill_null(False)

    return (
        pl.when(pl.col("_filled") == 0)
        .then(None)
        .when(says(TOTALS, _TOTAL_END))
        .then(pl.lit("total"))
        .when(says(SUBTOTALS, _SUBTOTAL_END) | _is_note(binding, key) | _is_key_header(binding, key))
        .then(None)
        .otherwise(pl.lit("data"))
        .alias("kind")
    )


def _normal(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFKC").str.replace_all(r"[\s:：]", "")


def _is_note(binding: Binding, key: int | None) -> pl.Expr:
    """A line of words: one that begins as notes do, or a lone text that is nobody's name or code."""
    first, filled = pl.col("_first"), pl.col("_filled")
    figures = pl.col("_last").str.contains(_FIGURE)
    code = _normal(pl.col(f"c{key}")).str.contains(_CODE) if key is not None else pl.lit(False)
    noted = first.str.contains(_NOTE) & (filled <= 2) & ~figures & ~code.fill_null(False)
    names = sorted(_columns_of(binding, "school_name") - {0})
    named = pl.any_horizontal([pl.col(f"c{i}").is_not_null() for i in names]) if names else pl.lit(False)
    lone = (filled == 1) & ~figures & ~named & (pl.col("_keyless") | first.str.contains(_WORDS))
    if key is None or not _is_school_code(binding, key):
        lone = lone & pl.col("_keyless")  # words may be the key itself (a district's name)
    return (noted | lone).fill_null(False)


def _is_key_header(binding: Binding, key: int | None) -> pl.Expr:
    """The header printed again at a page's end: the key column says its own header."""
    if key is None or not binding.header.columns[key].path:
        return pl.lit(False)
    return (_normal(pl.col(f"c{key}")) == binding.header.columns[key].path[-1]).fill_null(False)


def _without_repeated_header(told: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Take out rows below a repeated header's first: every filled cell says a level of its own column's header."""
    suspects = told.filter(pl.col("_keyless") & (pl.col("kind") == "data") & ~pl.col("_last").str.contains(_FIGURE))
    if suspects.is_empty():
        return told
    columns = binding.header.columns
    levels = [{*column.path, *((column.unit,) if column.unit else ())} for column in columns]
    again = [
        (row["sheet_index"], row["row_number"])
        for row in suspects.iter_rows(named=True)
        if all(
            not row[f"c{i}"] or header_key(row[f"c{i}"])[0] in {*levels[i], ""} or row[f"c{i}"].strip() in levels[i]
            for i in range(len(columns))
        )
    ]
    if not again:
        return told
    schema = {name: told.schema[name] for name in ("sheet_index", "row_number")}
    return told.join(
        pl.DataFrame(again, schema=schema, orient="row"),
        on=["sheet_index", "row_number"],
        how="anti",
        maintain_order="left",
    )


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


def _columns_of(binding: Binding, field: str) -> set[int]:
    return {
        part.column
        for block in binding.blocks
        for bound in block.fields
        if bound.field == field
        for part in bound.parts
    }


def _is_school_code(binding: Binding, column: int) -> bool:
    return column in _columns_of(binding, "school_code")


def rows_above(grid: Grid, binding: Binding) -> list[tuple[int, str]]:
    """Rows above the header that look like rows of the table, as (row number, code): a code, and figures beside it."""
    key = key_column(binding)
    if key is None or binding.header.first == 0:
        return []
    figures = sorted(
        {
            part.column
            for block in binding.blocks
            for bound in block.fields
            if CONTRACTS[block.form].fields[bound.field].numeric
            for part in bound.parts
        }
        - {key}
    )
    found = []
    for number, cells in enumerate(grid.cells.head(binding.header.first).rows(), start=1):
        code = cells[key]
        filled = sum(cells[i] is not None and re.fullmatch(_FIGURE, cells[i].strip()) is not None for i in figures)
        if code is not None and re.fullmatch(_CODE, code.strip()) and filled * 2 > len(figures):
            found.append((number, code.strip()))
    return found


def key_column(binding: Binding) -> int | None:
    """The column that says whose row it is: the first printed code of the grain."""
    for block in binding.blocks:
        for name in CONTRACTS[block.form].grain:
            for bound in block.fields:
                if bound.field == name and bound.parts and name.endswith("_code"):
                    return bound.parts[0].column
    return None
