"""Findings about a sheet as a whole: printed totals that differ, rows that report nothing.

Belongs here: what is wrong with a sheet though its cells are in order. Does not belong here: single rows (``judge``).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from checks.findings import empty as no_findings
from checks.reading_rules import found
from models.returns.contract import Contract
from pipelines.intake.addresses import plain_number, with_texts
from pipelines.intake.bind import BoundBlock
from pipelines.intake.extract import ExtractedBlock
from pipelines.intake.grid import column_letter


def idle_findings(contract: Contract, block: ExtractedBlock, places: pl.DataFrame) -> pl.DataFrame:
    """Rows that name a school and report nothing of it."""
    idle = block.idle.join(places, on="sheet_index", how="left", maintain_order="left")
    context = block.rows.group_by("sheet_index").agg(
        pl.col(contract.period).drop_nulls().first().alias("school_year"),
        *(pl.col(name).drop_nulls().first() for name in ("county_code",) if name in block.rows.columns),
    )
    cells = [
        f"{column_letter(column + first)}{row_number}"
        for column, first, row_number in idle.select("column", "first_column", "row_number").rows()
    ]
    key = (
        pl.col("value").alias("school_code") if idle["field"][0] == "school_code" else pl.lit(None).alias("school_code")
    )
    return found(
        "row_without_figures",
        idle.join(context, on="sheet_index", how="left", maintain_order="left").with_columns(
            pl.Series("cell", cells, dtype=pl.String), pl.lit(contract.name).alias("form"), key
        ),
    )


def total_findings(
    contract: Contract, blocks: Sequence[ExtractedBlock], places: pl.DataFrame, cells: pl.DataFrame
) -> pl.DataFrame:
    """Printed totals that differ from the sum of the rows."""
    frames = []
    for n, block in enumerate(blocks):
        if block.totals.is_empty():
            continue
        columns = cells.filter(pl.col("block_index") == n).select("field", "column", "factor")
        said = block.rows.with_columns(pl.col(contract.period).alias("school_year"))
        context = said.group_by("sheet_index").agg(
            pl.col(name).drop_nulls().first() for name in ("school_year", "county_code") if name in said.columns
        )
        frames.append(
            block.totals.join(places, on="sheet_index")
            .join(columns, on="field")
            .join(context, on="sheet_index", how="left")
            .select(
                "submission_id",
                "file_name",
                "sheet",
                "row_number",
                "field",
                "school_year",
                pl.lit(None, dtype=pl.String).alias("county_code") if _many(block.block) else pl.col("county_code"),
                pl.struct(pl.col("column") + pl.col("first_column"), "row_number").alias("place"),
                plain_number(pl.col("printed") / pl.col("factor")).alias("value"),
                plain_number(pl.col("summed") / pl.col("factor")).alias("expected"),
            )
        )
    if not frames:
        return no_findings()
    every = with_texts(contract, pl.concat(frames))
    addresses = [f"{column_letter(place['column'])}{place['row_number']}" for place in every["place"].to_list()]
    return found(
        "printed_total_differs",
        every.with_columns(
            pl.Series("cell", addresses, dtype=pl.String),
            pl.lit(contract.name).alias("form"),
            pl.format("{}（合计 {}，各行之和 {}）", "title_zh", "value", "expected").alias("detail_zh"),
            pl.format("{} (printed {}, sum of rows {})", "title_en", "value", "expected").alias("detail_en"),
        ),
    )


def _many(block: BoundBlock) -> bool:
    """Whether rows of the sheet say themselves which county they are of."""
    return any(bound.field == "county_code" and bound.parts for bound in block.fields)
