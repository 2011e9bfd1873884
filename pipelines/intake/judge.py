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
from checks.findings import empty as no_findings
from checks.reading_rules import found, reading_rules
from models.returns.contract import Contract
from pipelines.intake.bind import BoundBlock
from pipelines.intake.extract import ExtractedBlock
from pipelines.intake.figures import PROBLEM_SCHEMA
from pipelines.intake.grid import column_letter

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
    contract: Contract, blocks: Sequence[ExtractedBlock], places: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """Accepted rows, quarantined rows and findings of one return."""
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
    cells = _field_cells(contract, blocks)
    failures = _addressed(rows, applied.failures, cells, blocks)
    unread = _cell_findings(contract, rows, problems)
    blank = _blank_cells(contract, rows, blocks, problems, starred, cells)
    errors = pl.concat(
        [
            failures.filter(pl.col("severity") == "error").select("index", "rule"),
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
            complete(_about(contract, rows, failures)),
            complete(_about(contract, rows, unread)),
            complete(_about(contract, rows, blank)),
            _total_findings(contract, blocks, places, cells),
            *(_idle_findings(contract, block, places) for block in blocks if not block.idle.is_empty()),
        ],
    )


def _indexed(rows: pl.DataFrame, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Cell problems of the blocks with the row index they belong to."""
    tagged = [frame.with_columns(pl.lit(n, dtype=pl.UInt32).alias("block_index")) for n, frame in enumerate(frames)]
    keys = rows.select("index", "block_index", "sheet_index", "row_number")
    empty = pl.DataFrame(schema={**PROBLEM_SCHEMA, "block_index": pl.UInt32})
    return pl.concat([empty, *tagged]).join(keys, on=["block_index", "sheet_index", "row_number"], how="inner")


def _field_cells(contract: Contract, blocks: Sequence[ExtractedBlock]) -> pl.DataFrame:
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
    schema = {
        "block_index": pl.UInt32,
        "field": pl.String,
        "column": pl.Int32,
        "more": pl.List(pl.Int32),
        "factor": pl.Float64,
        "header_row": pl.Int32,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _addressed(
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
            .then(_plain(pl.col("expected").cast(pl.Float64, strict=False) / pl.col("factor")))
            .otherwise("expected")
            .alias("expected"),
        )
        .drop("printed", "factor", "block_index", "sheet_index", "row_number")
    )


def _printed(failed: pl.DataFrame, raw: pl.DataFrame, column: int) -> pl.DataFrame:
    """The cells of a column of ``raw`` in the rows that failed."""
    cells = raw.select("sheet_index", "row_number", pl.col(f"c{column}").alias("printed"))
    return failed.join(cells, on=["sheet_index", "row_number"], how="left").select("index", "field", "printed")


def _plain(number: pl.Expr) -> pl.Expr:
    """A number as people write it: no more than six decimals, none where it is whole."""
    return number.round(6).cast(pl.String).str.replace(r"\.0$", "")


def _texts_of(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """Add owner and bilingual titles of the field of each row."""
    titles = pl.DataFrame(
        [(info.name, info.owner, info.zh, info.en) for info in contract.fields.values()],
        schema={"field": pl.String, "owner": pl.String, "title_zh": pl.String, "title_en": pl.String},
        orient="row",
    )
    return frame.join(titles, on="field", how="left", maintain_order="left")


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
    named = _texts_of(contract, problems.join(rules, on="rule", how="left", maintain_order="left"))
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
                pl.lit(name).alias("field"), pl.len().over("sheet_index").alias("blank")
            )
        )
    if not frames:
        return pl.DataFrame(schema={"index": pl.UInt32, "severity": pl.String, "rule": pl.String})
    heights = rows.group_by("sheet_index", "block_index").agg(pl.len().alias("height"))
    every = pl.concat(frames).join(heights, on=["sheet_index", "block_index"], how="left")
    whole = (pl.col("blank") == pl.col("height")) & (pl.col("height") >= 3)
    once = every.filter(whole).unique(subset=["sheet_index", "field"], keep="first", maintain_order=True)
    once = once.with_columns(pl.col("header_row").alias("row_number"), pl.lit(True).alias("whole"))
    single = every.filter(~whole).with_columns(pl.lit(False).alias("whole"))
    rule = reading_rules()["value_missing"]
    return _texts_of(contract, pl.concat([once, single])).with_columns(
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


def _about(contract: Contract, rows: pl.DataFrame, failures: pl.DataFrame) -> pl.DataFrame:
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
    ]
    context = rows.select([name for name in wanted if name in rows.columns] + [pl.col("row_number").alias("own_row")])
    drop = [name for name in context.columns if name != "index" and name in failures.columns]
    joined = failures.drop(drop).join(context, on="index", how="left", maintain_order="left")
    if "row_number" not in joined.columns:
        joined = joined.with_columns(pl.col("own_row").alias("row_number"))
    if "owner" not in joined.columns:
        joined = _texts_of(contract, joined)
    columns = joined["column"].fill_null(-1) + joined["first_column"]
    letters = {column: column_letter(column) for column in columns.unique().to_list() if column >= 0}
    cell = pl.when(pl.col("column").is_not_null()).then(
        columns.replace_strict(letters, default=None, return_dtype=pl.String) + pl.col("row_number").cast(pl.String)
    )
    if "more" in joined.columns:
        cell = cell + pl.Series(_further_cells(joined), dtype=pl.String)
    whole = pl.col("whole") if "whole" in joined.columns else pl.lit(False)
    about_row = [
        pl.when(whole).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("school_code", "stage")
        if name in joined.columns
    ]
    return joined.with_columns(pl.lit(contract.name).alias("form"), cell.alias("cell"), *about_row)


def _further_cells(placed: pl.DataFrame) -> list[str]:
    """``+D7`` … for each further column that is summed into a field."""
    return [
        "".join(f"+{column_letter(column + first)}{row_number}" for column in more or ())
        for more, first, row_number in placed.select("more", "first_column", "row_number").rows()
    ]


def _idle_findings(contract: Contract, block: ExtractedBlock, places: pl.DataFrame) -> pl.DataFrame:
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
    key = pl.col("value").alias("school_code") if idle["field"][0] == "school_code" else pl.lit(None).alias("school_code")
    return found(
        "row_without_figures",
        idle.join(context, on="sheet_index", how="left", maintain_order="left").with_columns(
            pl.Series("cell", cells, dtype=pl.String), pl.lit(contract.name).alias("form"), key
        ),
    )


def _total_findings(
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
                _plain(pl.col("printed") / pl.col("factor")).alias("value"),
                _plain(pl.col("summed") / pl.col("factor")).alias("expected"),
            )
        )
    if not frames:
        return no_findings()
    every = _texts_of(contract, pl.concat(frames))
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
