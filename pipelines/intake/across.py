"""Findings of the rules across rows, with the cell of each.

Belongs here: addresses and owners of what ``checks.rules`` found. Does not belong here: the rules.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.findings import complete, concat
from checks.rules import Rule, broken
from models.returns import CONTRACTS
from pipelines.intake.row_keys import with_row_keys
from pipelines.intake.stage import Staged


def across(staged: Staged, file_names: Mapping[str, str], period: int) -> pl.DataFrame:
    """Run the rules across rows on the live rows of a period; their findings.

    Args:
        staged: the live rows, and where each field stands in each sheet.
        file_names: by submission id.
        period: the school year or fiscal year.
    """
    first = pl.col("columns").str.split("+").list.first()
    columns = staged.columns.select("submission_id", "sheet", "form", "block", "field", first.alias("column"))
    names = pl.DataFrame(
        {"submission_id": list(file_names), "file_name": list(file_names.values())},
        schema={"submission_id": pl.String, "file_name": pl.String},
    )
    live = {form: rows.lazy() for form, rows in staged.rows.items()}
    return concat(
        [_findings(rule, with_row_keys(rows, live), columns, names, period) for rule, rows in broken(staged.rows)]
    )


def _findings(rule: Rule, rows: pl.DataFrame, columns: pl.DataFrame, names: pl.DataFrame, period: int) -> pl.DataFrame:
    owners = pl.DataFrame(
        [(form, info.name, info.owner) for form, contract in CONTRACTS.items() for info in contract.fields.values()],
        schema={"form": pl.String, "field": pl.String, "owner": pl.String},
        orient="row",
    )
    placed = (
        rows.join(columns, on=["submission_id", "sheet", "form", "block", "field"], how="left", maintain_order="left")
        .join(names, on="submission_id", how="left", maintain_order="left")
        .join(owners, on=["form", "field"], how="left", maintain_order="left")
    )
    return complete(
        placed.with_columns(
            (pl.col("column") + pl.col("row_number").cast(pl.String)).alias("cell"),
            pl.lit(period, dtype=pl.Int32).alias("school_year"),
            rule=pl.lit(rule.name),
            severity=pl.lit(rule.severity),
            message_zh=pl.lit(rule.zh),
            message_en=pl.lit(rule.en),
            guidance_zh=pl.lit(rule.guidance_zh),
            guidance_en=pl.lit(rule.guidance_en),
        )
    )
