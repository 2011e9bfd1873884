"""Findings of the rules across rows, with the cell of each.

Belongs here: addresses, files and owners of what ``checks.rules`` found. Does not belong here: the rules, running them
(``pipelines.rules``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from checks.findings import complete, concat
from checks.rules import Rule
from models.returns import CONTRACTS
from pipelines.intake.row_keys import with_row_keys

#: Who answers where neither the rule nor a field says it.
_OWNER = "statistics"


def across(
    broken: pl.DataFrame,
    rules: Iterable[Rule],
    columns: pl.LazyFrame,
    file_names: Mapping[str, str],
    returns: Mapping[str, pl.LazyFrame],
) -> pl.DataFrame:
    """Make findings of broken rows.

    Args:
        broken: as ``checks.rules.placed`` gives them.
        rules: those that gave them.
        columns: where each field stands in each sheet (``audit.source_column``).
        file_names: by submission id.
        returns: staged rows by return.
    """
    if broken.is_empty():
        return concat([])
    first = pl.col("columns").str.split("+").list.first()
    sheets = broken.lazy().select("submission_id").unique().drop_nulls()
    where = (
        columns.join(sheets, on="submission_id", how="semi")
        .select("submission_id", "sheet", "form", "block", "field", first.alias("column"))
        .unique(["submission_id", "sheet", "form", "block", "field"], keep="first", maintain_order=True)
        .collect()
    )
    placed = (
        with_row_keys(broken, returns)
        .join(where, on=["submission_id", "sheet", "form", "block", "field"], how="left", maintain_order="left")
        .join(_names(file_names), on="submission_id", how="left", maintain_order="left")
        .join(_owners(), on=["form", "field"], how="left", maintain_order="left")
        .join(_texts(rules), on="rule", how="left", maintain_order="left")
    )
    return concat(
        [
            complete(
                placed.with_columns(
                    (pl.col("column") + pl.col("row_number").cast(pl.String)).alias("cell"),
                    pl.coalesce("rule_owner", "field_owner", pl.lit(_OWNER)).alias("owner"),
                )
            )
        ]
    )


def _names(file_names: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"submission_id": list(file_names), "file_name": list(file_names.values())},
        schema={"submission_id": pl.String, "file_name": pl.String},
    )


def _owners() -> pl.DataFrame:
    return pl.DataFrame(
        [(form, info.name, info.owner) for form, contract in CONTRACTS.items() for info in contract.fields.values()],
        schema={"form": pl.String, "field": pl.String, "field_owner": pl.String},
        orient="row",
    )


def _texts(rules: Iterable[Rule]) -> pl.DataFrame:
    names = ("rule", "severity", "message_zh", "message_en", "guidance_zh", "guidance_en", "rule_owner")
    return pl.DataFrame(
        [(r.name, r.severity, r.zh, r.en, r.guidance_zh, r.guidance_en, r.owner) for r in rules],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )
