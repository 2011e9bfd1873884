"""In which cell the old and the new value of a restated figure stand, and what an unusable cell says.

Belongs here: going from a changed figure to both cells. Does not belong here: which figures changed (``restate``).
"""

from __future__ import annotations

import polars as pl

from models.returns.contract import Contract
from pipelines.intake.stage import Staged


def with_cells(told: pl.DataFrame, contract: Contract, staged: Staged) -> pl.DataFrame:
    """Add ``old_cell`` and ``new_cell`` (``D7``, or ``D7+E7`` where columns are summed).

    A figure of a quarantined row has no value; where its cell was at fault, the text is what stands in it. A row that
    was added or removed is shown by the cell of what identifies it.
    """
    told = told.with_row_index("figure").with_columns(
        pl.when(pl.col("field") == "").then(pl.lit(contract.grain[-1])).otherwise("field").alias("shown")
    )
    for side, submission in (("old", "old_submission_id"), ("new", "new_source")):
        told = (
            told.join(_cells(told, contract, staged, side, submission), on="figure", how="left", maintain_order="left")
            .join(_faulty(told, contract, staged, side, submission), on="figure", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("faulty_cell", "cell").alias(f"{side}_cell"),
                pl.coalesce(f"{side}_text", "faulty_text").alias(f"{side}_text"),
            )
            .drop("cell", "faulty_cell", "faulty_text")
        )
    return told.drop("figure", "shown")


def _cells(told: pl.DataFrame, contract: Contract, staged: Staged, side: str, submission: str) -> pl.DataFrame:
    """``figure`` and ``cell``, where the sheet has a column for the field (of a quarantined row: only one block)."""
    columns = staged.columns.filter(pl.col("form") == contract.name).select(
        "submission_id", "sheet", "block", pl.col("field").alias("shown"), "columns"
    )
    keys = told.select(
        "figure",
        "shown",
        pl.col(submission).alias("submission_id"),
        pl.col(f"{side}_sheet").alias("sheet"),
        pl.col(f"{side}_block").alias("own_block"),
        pl.col(f"{side}_row_number").cast(pl.String).alias("row"),
    )
    return (
        keys.join(columns, on=["submission_id", "sheet", "shown"], how="inner")
        .filter((pl.col("block") == pl.col("own_block")) | (pl.col("own_block").is_null() & _only("figure")))
        .with_columns(pl.col("columns").str.split("+"))
        .explode("columns")
        .group_by("figure", maintain_order=True)
        .agg((pl.col("columns") + pl.col("row")).str.join("+").alias("cell"))
    )


def _only(key: str) -> pl.Expr:
    return pl.len().over(key) == 1


def _faulty(told: pl.DataFrame, contract: Contract, staged: Staged, side: str, submission: str) -> pl.DataFrame:
    """``figure`` with the cell and the text that a hard error was found in, where the row was not usable."""
    unusable = {"old": "became_usable", "new": "became_unusable"}[side]
    errors = staged.findings.filter((pl.col("form") == contract.name) & (pl.col("severity") == "error")).select(
        "submission_id",
        "sheet",
        "row_number",
        pl.col("field").alias("shown"),
        pl.col("cell").alias("faulty_cell"),
        pl.col("value").alias("faulty_text"),
    )
    return (
        told.filter(pl.col("change") == unusable)
        .select(
            "figure",
            "shown",
            pl.col(submission).alias("submission_id"),
            pl.col(f"{side}_sheet").alias("sheet"),
            pl.col(f"{side}_row_number").alias("row_number"),
        )
        .join(errors, on=["submission_id", "sheet", "row_number", "shown"], how="inner")
        .unique("figure", keep="first", maintain_order=True)
        .select("figure", "faulty_cell", "faulty_text")
    )
