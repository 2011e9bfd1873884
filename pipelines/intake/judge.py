"""Judging: the extracted rows of one return against its contract, every failure with its cell.

Belongs here: accepted or quarantined, and the findings of both. Does not belong here: opening files (``stage``), the
rules themselves (``checks.contracts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from checks import contracts
from checks.findings import complete
from checks.reading_rules import reading_rules
from checks.waivers import with_waivers
from models.returns.contract import Contract
from pipelines.intake.addresses import about, addressed, field_cells, with_texts
from pipelines.intake.extract import ExtractedBlock
from pipelines.intake.figures import PROBLEM_SCHEMA
from pipelines.intake.sheet_findings import idle_findings, total_findings

QUARANTINE_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "school_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "stage": pl.String,
    "submission_id": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int32,
    "rules": pl.String,
    "row_key": pl.String,
}


def judge(
    contract: Contract, blocks: Sequence[ExtractedBlock], places: pl.DataFrame, waivers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """Accepted rows, quarantined rows and findings of one return.

    ``waivers``: those in force (``checks.waivers.WAIVER_SCHEMA``). A row is accepted if each of its errors is waived.
    """
    frames = [
        block.rows.with_columns(pl.lit(n, dtype=pl.UInt32).alias("block_index")) for n, block in enumerate(blocks)
    ]
    rows = pl.concat(frames).join(places, on="sheet_index", how="left", maintain_order="left")
    rows = rows.with_row_index("index").with_columns(
        pl.col(contract.period).alias("school_year"), contract.row_key.alias("row_key")
    )
    applied = contracts.apply(contract, rows, within=("submission_id",))
    rows = applied.rows
    problems = _indexed(rows, [block.problems for block in blocks])
    starred = _indexed(rows, [block.starred for block in blocks])
    cells = field_cells(contract, blocks)
    failures = addressed(rows, applied.failures, cells, blocks)
    unread = _cell_findings(contract, rows, problems)
    blank = _blank_cells(contract, rows, blocks, problems, starred, cells)
    failed = with_waivers(complete(about(contract, rows, failures)), waivers)
    holding_back = (failures["severity"] == "error") & failed["waiver_id"].is_null()
    errors = pl.concat(
        [
            failures.filter(holding_back).select("index", "rule"),
            unread.filter(pl.col("severity") == "error").select("index", "rule"),
        ]
    )
    bad = errors.group_by("index").agg(pl.col("rule").unique().sort().str.join(", ").alias("rules"))
    quarantine = rows.join(bad, on="index", how="inner")
    accepted = rows.join(bad, on="index", how="anti", maintain_order="left")
    staged = accepted.select([pl.col(name).cast(dtype) for name, dtype in contract.staged_schema.items()])
    return (
        staged,
        quarantine.select(
            [
                (
                    pl.lit(contract.name)
                    if name == "form"
                    else pl.col(name)
                    if name in quarantine.columns
                    else pl.lit(None)
                )
                .cast(dtype)
                .alias(name)
                for name, dtype in QUARANTINE_SCHEMA.items()
            ]
        ),
        [
            failed,
            complete(about(contract, rows, unread)),
            complete(about(contract, rows, blank)),
            total_findings(contract, blocks, places, cells),
            *(idle_findings(contract, block, places) for block in blocks if not block.idle.is_empty()),
        ],
    )


def _indexed(rows: pl.DataFrame, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Cell problems of the blocks with the row index they belong to."""
    tagged = [frame.with_columns(pl.lit(n, dtype=pl.UInt32).alias("block_index")) for n, frame in enumerate(frames)]
    keys = rows.select("index", "block_index", "sheet_index", "row_number")
    empty = pl.DataFrame(schema={**PROBLEM_SCHEMA, "block_index": pl.UInt32})
    return pl.concat([empty, *tagged]).join(keys, on=["block_index", "sheet_index", "row_number"], how="inner")


def _cell_findings(contract: Contract, rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """Cells that could not be read, with their rule's texts."""
    rules = pl.DataFrame(
        [
            (rule.rule, rule.severity, rule.zh, rule.en, rule.guidance_zh, rule.guidance_en)
            for rule in reading_rules().values()
        ],
        schema=["rule", "severity", "zh", "en", "guidance_zh", "guidance_en"],
        orient="row",
    )
    named = with_texts(contract, problems.join(rules, on="rule", how="left", maintain_order="left"))
    return named.with_columns(
        pl.format("{}：{}", "title_zh", "zh").alias("message_zh"),
        pl.format("{}: {}", "title_en", "en").alias("message_en"),
    )


def _blank_cells(
    contract: Contract,
    rows: pl.DataFrame,
    blocks: Sequence[ExtractedBlock],
    problems: pl.DataFrame,
    starred: pl.DataFrame,
    cells: pl.DataFrame,
) -> pl.DataFrame:
    """Expected figures left blank; a column blank in all of three or more rows of a sheet is told once."""
    frames = []
    for name, info in contract.fields.items():
        if not (info.expected and info.kind in ("count", "number")):
            continue
        asked = cells.filter(pl.col("field") == name)
        blank = (
            rows.filter(pl.col(name).is_null())
            .select("index", "block_index", "sheet_index", "row_number")
            .join(asked.select("block_index", "column", "header_row"), on="block_index", how="inner")
        )
        if blank.is_empty():
            continue
        told = pl.concat([frame.filter(pl.col("field") == name).select("index") for frame in (problems, starred)])
        frames.append(
            blank.join(told, on="index", how="anti").with_columns(
                pl.lit(name).alias("field"), pl.len().over("sheet_index", "block_index").alias("blank")
            )
        )
    if not frames:
        return pl.DataFrame(schema={"index": pl.UInt32, "severity": pl.String, "rule": pl.String})
    heights = rows.group_by("sheet_index", "block_index").agg(pl.len().alias("height"))
    every = pl.concat(frames).join(heights, on=["sheet_index", "block_index"], how="left")
    whole = (pl.col("blank") == pl.col("height")) & (pl.col("height") >= 3)
    of_column = ["sheet_index", "block_index", "field"]
    once = every.filter(whole).unique(subset=of_column, keep="first", maintain_order=True)
    once = once.with_columns(pl.col("header_row").alias("row_number"), pl.lit(True).alias("whole"))
    single = every.filter(~whole).with_columns(pl.lit(False).alias("whole"))
    rule = reading_rules()["value_missing"]
    return with_texts(contract, pl.concat([once, single])).with_columns(
        rule=pl.lit(rule.rule),
        severity=pl.lit(rule.severity),
        message_zh=pl.when("whole")
        .then(pl.format("{}：整列为空，按缺失处理（不作 0）", "title_zh"))
        .otherwise(pl.format("{}：{}", "title_zh", pl.lit(rule.zh))),
        message_en=pl.when("whole")
        .then(pl.format("{}: the whole column is blank; treated as missing (not as 0)", "title_en"))
        .otherwise(pl.format("{}: {}", "title_en", pl.lit(rule.en))),
        guidance_zh=pl.lit(rule.guidance_zh),
        guidance_en=pl.lit(rule.guidance_en),
    )
