"""Restatement: what a later statement about a row says differently from the one before it.

Belongs here: the chain of statements about each row, and which rows were superseded. Does not belong here: the figures
that changed (``restated_figures``) and their cells (``restated_cells``), which statement counts (``supersede``), what a
change does to a coefficient (``pipelines.restatement``). A pure function of what was staged.

A *statement* is what one submission says about one row: it can be used (``usable``), it is in quarantine
(``unusable``), or, in a listing that replaces an earlier file of its name, the row is not there (``absent``). Two
statements that follow each other in the order of receipt are a restatement where they differ:

    restated          a figure has another value              became_usable     was in quarantine before
    row_added         a listing has a new row                 became_unusable   is in quarantine now
    row_removed       a listing has lost a row
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import Contract
from pipelines.intake.judge import QUARANTINE_SCHEMA
from pipelines.intake.restated_cells import with_cells
from pipelines.intake.restated_figures import changes_of
from pipelines.intake.stage import Staged

RESTATEMENT_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "school_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "school_name": pl.String,
    "stage": pl.String,
    "row_key": pl.String,
    "field": pl.String,
    "change": pl.String,
    "old_value": pl.Float64,
    "new_value": pl.Float64,
    "old_text": pl.String,
    "new_text": pl.String,
    "old_submission_id": pl.String,
    "old_file_name": pl.String,
    "old_sheet": pl.String,
    "old_cell": pl.String,
    "old_received_at": pl.Datetime("us", "UTC"),
    "new_submission_id": pl.String,
    "new_file_name": pl.String,
    "new_sheet": pl.String,
    "new_cell": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
    "superseded": pl.Boolean,
}

#: A submission as this module needs it.
RECEIVED_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String,
    "sequence": pl.Int64,
    "file_name": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True)
class Restated:
    """Superseded rows by return (staged columns and ``superseded_by``), superseded quarantine, changes of figures."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    quarantine: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=superseded_schema(None)))
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RESTATEMENT_SCHEMA))


def superseded_schema(contract: Contract | None) -> dict[str, Any]:
    """Columns of the superseded rows of a return, or (``None``) of the superseded quarantine."""
    return {**(QUARANTINE_SCHEMA if contract is None else contract.staged_schema), "superseded_by": pl.String}


def restate(
    staged: Staged, received: pl.DataFrame, period: int, *, replaced: Mapping[str, Mapping[str, str]] | None = None
) -> Restated:
    """Compare the statements about every row of a period, in order of receipt.

    Args:
        staged: everything staged for the period, of all submissions.
        received: the submissions (``RECEIVED_SCHEMA``).
        period: the school year (fiscal year of a return on funding).
        replaced: by listing, the submission that replaces each earlier one as a whole.
    """
    older: dict[str, pl.DataFrame] = {}
    quarantine = [pl.DataFrame(schema=superseded_schema(None))]
    changes = [pl.DataFrame(schema=RESTATEMENT_SCHEMA)]
    for form, contract in CONTRACTS.items():
        rows = staged.rows.get(form)
        rows = pl.DataFrame(schema=contract.staged_schema) if rows is None else rows
        rows = rows.filter(pl.col(contract.period) == period).with_columns(contract.row_key.alias("row_key"))
        bad = staged.quarantine.filter((pl.col("form") == form) & (pl.col("school_year") == period)).drop_nulls(
            "row_key"
        )
        chain = _chain(rows, bad, received, (replaced or {}).get(form, {}))
        if chain.is_empty():
            continue
        kept = _superseded(rows, chain, "usable")
        if not kept.is_empty():
            older[form] = kept.select(list(superseded_schema(contract)))
        quarantine.append(_superseded(bad, chain, "unusable").select(list(superseded_schema(None))))
        told = changes_of(contract, rows, bad, chain.drop_nulls("old_state"))
        if not told.is_empty():
            told = with_cells(told.with_columns(pl.lit(form).alias("form")), contract, staged)
            changes.append(_complete(told, received, period))
    return Restated(older, pl.concat(quarantine), pl.concat(changes))


def _chain(rows: pl.DataFrame, bad: pl.DataFrame, received: pl.DataFrame, replaced: Mapping[str, str]) -> pl.DataFrame:
    """Statements about rows that have several: ``row_key``, ``submission_id``, ``source`` (whose row it is), ``state``,
    and the same of the statement before (``old_…``) and after (``next_submission``)."""
    order = received.select("submission_id", "sequence")
    statements = (
        pl.concat(
            [
                rows.select("row_key", "submission_id", pl.lit("usable").alias("state")),
                bad.select("row_key", "submission_id", pl.lit("unusable").alias("state")),
            ]
        )
        .unique(["row_key", "submission_id"], keep="first", maintain_order=True)
        .join(order, on="submission_id", how="inner", maintain_order="left")
        .with_columns(pl.col("submission_id").alias("source"))
    )
    if replaced:
        statements = pl.concat([statements, *_absences(statements, order, replaced)])
    several = statements.filter(pl.len().over("row_key") > 1).sort("row_key", "sequence")
    before = {f"old_{name}": pl.col(name).shift(1).over("row_key") for name in ("source", "state")}
    return several.with_columns(**before, next_submission=pl.col("submission_id").shift(-1).over("row_key"))


def _absences(statements: pl.DataFrame, order: pl.DataFrame, replaced: Mapping[str, str]) -> list[pl.DataFrame]:
    """What listings say by leaving out: rows that the later file lost, rows that the earlier one did not have yet.

    A row that the later file lost but that another file holds is again what that file says.
    """
    pairs = pl.DataFrame(
        {"old": list(replaced), "new": list(replaced.values())}, schema={"old": pl.String, "new": pl.String}
    ).join(order.rename({"submission_id": "new", "sequence": "new_sequence"}), on="new", how="inner")
    pairs = pairs.join(order.rename({"submission_id": "old", "sequence": "old_sequence"}), on="old", how="inner")
    held = statements.select("row_key", "submission_id", "sequence")
    said = held.select("row_key", pl.col("sequence").alias("other"))
    lost = held.join(pairs, left_on="submission_id", right_on="old", how="inner").join(
        held.select("row_key", pl.col("submission_id").alias("new")), on=["row_key", "new"], how="anti"
    )
    # Where somebody spoke of the row between the two files, the earlier file's word was not the last one anyway.
    between = lost.join(said, on="row_key").filter(
        (pl.col("other") > pl.col("old_sequence")) & (pl.col("other") < pl.col("new_sequence"))
    )
    lost = lost.join(between, on=["row_key", "new"], how="anti")
    fallback = (
        statements.filter(~pl.col("submission_id").is_in(list(replaced)))
        .select("row_key", "source", "state", pl.col("sequence").alias("other"))
        .join(lost.select("row_key", "new", "new_sequence"), on="row_key")
        .filter(pl.col("other") < pl.col("new_sequence"))
        .sort("other")
        .unique(["row_key", "new"], keep="last", maintain_order=True)
        .select("row_key", "new", "source", "state")
    )
    lost = lost.join(fallback, on=["row_key", "new"], how="left").with_columns(
        pl.col("state").fill_null("absent"), pl.col("source").fill_null(pl.col("new"))
    )
    gained = (
        held.filter(pl.col("sequence") == pl.col("sequence").min().over("row_key"))
        .join(pairs, left_on="submission_id", right_on="new", how="inner")
        .with_columns(pl.lit("absent").alias("state"))
    )
    return [
        frame.select("row_key", pl.col(who).alias("submission_id"), "state", pl.col(when).alias("sequence"), source)
        for frame, who, when, source in (
            (lost, "new", "new_sequence", pl.col("source")),
            (gained, "old", "old_sequence", pl.col("old").alias("source")),
        )
    ]


def _superseded(rows: pl.DataFrame, chain: pl.DataFrame, state: str) -> pl.DataFrame:
    """The rows that were followed by another statement, with the submission that made it."""
    over = chain.filter((pl.col("state") == state) & pl.col("next_submission").is_not_null()).select(
        "row_key", "submission_id", pl.col("next_submission").alias("superseded_by")
    )
    return rows.join(over, on=["row_key", "submission_id"], how="inner", maintain_order="left")


def _complete(told: pl.DataFrame, received: pl.DataFrame, period: int) -> pl.DataFrame:
    """Add file names and times, in the order of ``RESTATEMENT_SCHEMA``."""
    when = {"old": "old_received_at", "new": "received_at"}
    for side, moment in when.items():
        names = received.select(
            pl.col("submission_id").alias(f"{side}_submission_id"),
            pl.col("file_name").alias(f"{side}_file_name"),
            pl.col("received_at").alias(moment),
        )
        told = told.join(names, on=f"{side}_submission_id", how="left", maintain_order="left")
    told = told.with_columns(pl.lit(period, dtype=pl.Int32).alias("school_year"))
    return told.select([pl.col(name).cast(dtype) for name, dtype in RESTATEMENT_SCHEMA.items()]).sort(
        "county_code", "row_key", "received_at", "field", nulls_last=True
    )
