"""Addresses: in which cell a failure stands, whose row it is about, and what the cell prints.

Belongs here: going from a row and a field back to sheet, cell and printed text. Does not belong here: what is wrong
(``judge``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from checks.findings import empty as no_findings
from models.returns.contract import Contract
from pipelines.intake.extract import ExtractedBlock
from pipelines.intake.grid import column_letter


def field_cells(contract: Contract, blocks: Sequence[ExtractedBlock]) -> pl.DataFrame:
    """Column of each field in each block, further columns that are summed with it, and the factor of its unit."""
    rows = [
        (
            n,
            bound.field,
            bound.parts[0].column,
            [part.column for part in bound.parts[1:]],
            float(bound.parts[0].factor),
            block.binding.header.last + 1,
        )
        for n, block in enumerate(blocks)
        for bound in block.block.fields
        if bound.parts
    ]
    schema: dict[str, Any] = {
        "block_index": pl.UInt32,
        "field": pl.String,
        "column": pl.Int32,
        "more": pl.List(pl.Int32),
        "factor": pl.Float64,
        "header_row": pl.Int32,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def addressed(
    rows: pl.DataFrame, failures: pl.DataFrame, cells: pl.DataFrame, blocks: Sequence[ExtractedBlock]
) -> pl.DataFrame:
    """Failures of a contract with the columns their field stands in, and values as their cells print them."""
    keys = rows.select("index", "block_index", "sheet_index", "row_number")
    keyed = failures.join(keys, on="index", how="left", maintain_order="left").join(
        cells.drop("header_row"), on=["block_index", "field"], how="left", maintain_order="left"
    )
    printed = pl.concat(
        [
            pl.DataFrame(schema={"index": pl.UInt32, "field": pl.String, "printed": pl.String}),
            *(
                _printed(group, blocks[int(block)].raw, int(column))
                for (block, column), group in keyed.filter(pl.col("more").list.len() == 0).group_by(
                    "block_index", "column"
                )
            ),
        ]
    ).unique(["index", "field"])
    converted = pl.col("factor").is_not_null() & (pl.col("factor") != 1)
    return (
        keyed.join(printed, on=["index", "field"], how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("printed", "value").alias("value"),
            pl.when(converted)
            .then(plain_number(pl.col("expected").cast(pl.Float64, strict=False) / pl.col("factor")))
            .otherwise("expected")
            .alias("expected"),
        )
        .drop("printed", "factor", "block_index", "sheet_index", "row_number")
    )


def _printed(failed: pl.DataFrame, raw: pl.DataFrame, column: int) -> pl.DataFrame:
    """The cells of a column of ``raw`` in the rows that failed."""
    cells = raw.select("sheet_index", "row_number", pl.col(f"c{column}").alias("printed"))
    return failed.join(cells, on=["sheet_index", "row_number"], how="left").select("index", "field", "printed")


def plain_number(number: pl.Expr) -> pl.Expr:
    """A number as people write it: no more than six decimals, none where it is whole."""
    return number.round(6).cast(pl.String).str.replace(r"\.0$", "")


def with_texts(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """Add owner and bilingual titles of the field of each row."""
    titles = pl.DataFrame(
        [(info.name, info.owner, info.zh, info.en) for info in contract.fields.values()],
        schema={"field": pl.String, "owner": pl.String, "title_zh": pl.String, "title_en": pl.String},
        orient="row",
    )
    return frame.join(titles, on="field", how="left", maintain_order="left")


def about(contract: Contract, rows: pl.DataFrame, failures: pl.DataFrame) -> pl.DataFrame:
    """Say of each failure in which file, sheet and cell it is and whose row it is about."""
    if failures.is_empty():
        return no_findings()
    wanted = [
        "index",
        "submission_id",
        "file_name",
        "sheet",
        "first_column",
        "school_year",
        "county_code",
        "school_code",
        "stage",
        "row_key",
    ]
    context = rows.select([name for name in wanted if name in rows.columns] + [pl.col("row_number").alias("own_row")])
    drop = [name for name in context.columns if name != "index" and name in failures.columns]
    joined = failures.drop(drop).join(context, on="index", how="left", maintain_order="left")
    if "row_number" not in joined.columns:
        joined = joined.with_columns(pl.col("own_row").alias("row_number"))
    if "owner" not in joined.columns:
        joined = with_texts(contract, joined)
    columns = joined["column"].fill_null(-1) + joined["first_column"]
    letters = {column: column_letter(column) for column in columns.unique().to_list() if column >= 0}
    cell: pl.Expr = pl.when(pl.col("column").is_not_null()).then(
        columns.replace_strict(letters, default=None, return_dtype=pl.String) + pl.col("row_number").cast(pl.String)
    )
    if "more" in joined.columns:
        cell = cell + pl.Series(_further_cells(joined), dtype=pl.String)
    whole = pl.col("whole") if "whole" in joined.columns else pl.lit(False)
    about_row = [
        pl.when(whole).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("school_code", "stage", "row_key")
        if name in joined.columns
    ]
    return joined.with_columns(pl.lit(contract.name).alias("form"), cell.alias("cell"), *about_row)


def _further_cells(placed: pl.DataFrame) -> list[str]:
    """``+D7`` … for each further column that is summed into a field."""
    return [
        "".join(f"+{column_letter(column + first)}{row_number}" for column in more or ())
        for more, first, row_number in placed.select("more", "first_column", "row_number").rows()
    ]
