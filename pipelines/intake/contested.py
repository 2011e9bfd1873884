"""Schools that two counties report: the later statement supersedes the earlier, which may be a mistake of either.

Belongs here: telling of such schools. Does not belong here: which statement counts (``supersede``).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.findings import concat
from checks.reading_rules import found
from models.returns import CONTRACTS
from pipelines.intake.stage import Staged


def contested(staged: Staged, live: Staged, file_names: Mapping[str, str], period: int) -> pl.DataFrame:
    """Findings about live rows that superseded a row of another county.

    Args:
        staged: everything staged for the period.
        live: what of it counts.
        file_names: by submission id.
        period: the school year or fiscal year.
    """
    columns = live.columns.filter(pl.col("field") == "school_code").select(
        "submission_id", "sheet", "form", "block", pl.col("columns").str.split("+").list.first().alias("column")
    )
    names = pl.DataFrame(
        {"submission_id": list(file_names), "file_name": list(file_names.values())},
        schema={"submission_id": pl.String, "file_name": pl.String},
    )
    findings = []
    for form, contract in CONTRACTS.items():
        if not {"county_code", "school_code"} <= set(contract.fields) or form not in staged.rows or contract.listing:
            continue
        keys = [key for key in contract.grain if key != contract.period]
        others = (
            staged.rows[form]
            .filter(pl.col(contract.period) == period)
            .select(*keys, pl.col("county_code").alias("other_county"))
            .unique()
        )
        both = (
            live.rows[form]
            .with_columns(contract.row_key.alias("row_key"))
            .join(others, on=keys, how="inner", maintain_order="left")
            .filter(pl.col("county_code") != pl.col("other_county"))
            .with_columns(pl.lit(form).alias("form"))
            .join(columns, on=["submission_id", "sheet", "form", "block"], how="left", maintain_order="left")
            .join(names, on="submission_id", how="left", maintain_order="left")
        )
        if not both.is_empty():
            findings.append(_told(both, period))
    return concat(findings)


def _told(both: pl.DataFrame, period: int) -> pl.DataFrame:
    return found(
        "school_of_two_counties",
        both.with_columns(
            (pl.col("column") + pl.col("row_number").cast(pl.String)).alias("cell"),
            pl.lit("school_code").alias("field"),
            pl.col("school_code").alias("value"),
            pl.lit(period, dtype=pl.Int32).alias("school_year"),
            pl.format("{}、{}", "county_code", "other_county").alias("detail_zh"),
            pl.format("{}, {}", "county_code", "other_county").alias("detail_en"),
        ),
    )
