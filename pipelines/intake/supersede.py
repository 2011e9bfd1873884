"""Supersession: of several statements about the same school, the latest counts.

Belongs here: which staged rows are live. Does not belong here: reading them. A corrected file supersedes the older one
for the rows it holds, and only for those. The latest statement counts even when it is in quarantine: a figure that its
county has withdrawn is not published again, the school is missing until the correction is mended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from models.returns import CONTRACTS
from pipelines.intake.stage import Staged


def live(
    staged: Staged, sequence: Mapping[str, int], period: int, *, replaced: Mapping[str, Collection[str]] | None = None
) -> Staged:
    """Keep the live rows of one period; mark the findings of rows that are not live any more.

    Args:
        staged: everything staged for the period, of all submissions.
        sequence: order of receipt by submission id.
        period: rows of other periods (of files that hold several) are left out.
        replaced: by return, submissions that a later one replaces as a whole (lists: a row left out was taken back).
    """
    staged = _without_replaced(staged, replaced or {})
    order = pl.DataFrame(
        {"submission_id": list(sequence), "sequence": list(sequence.values())},
        schema={"submission_id": pl.String, "sequence": pl.Int64},
    )
    rows: dict[str, pl.DataFrame] = {}
    quarantined, latest_by_form = [], []
    for form, contract in CONTRACTS.items():
        grain = [key for key in contract.grain if key != contract.period]
        keys = grain if set(grain) <= set(staged.quarantine.columns) else ["row_key"]
        of_form = staged.rows.get(form, pl.DataFrame(schema=contract.staged_schema))
        of_form = of_form.with_columns(contract.row_key.alias("row_key"))
        accepted = of_form.filter(pl.col(contract.period) == period).join(order, on="submission_id", how="left")
        bad = staged.quarantine.filter(
            (pl.col("form") == form) & (pl.col("school_year").is_null() | (pl.col("school_year") == period))
        ).join(order, on="submission_id", how="left")
        latest = _latest(accepted, bad, keys)
        rows[form] = (
            accepted.join(latest, on=keys, how="left")
            .filter(pl.col("sequence") == pl.col("latest"))
            .drop("sequence", "latest", "row_key")
            .sort(grain)
        )
        quarantined.append(_live_quarantine(bad, latest, keys))
        if "school_code" in keys:
            stage = pl.col("stage") if "stage" in keys else pl.lit(None, dtype=pl.String).alias("stage")
            latest_by_form.append(latest.select(pl.lit(form).alias("form"), "school_code", stage, "latest"))
    quarantine = pl.concat(quarantined).sort("form", "school_code", "submission_id", "row_number", nulls_last=True)
    findings = _mark(staged.findings, pl.concat(latest_by_form), order, rows, quarantine, period)
    return Staged(rows, quarantine, findings, staged.columns)


def _without_replaced(staged: Staged, replaced: Mapping[str, Collection[str]]) -> Staged:
    rows, quarantine = dict(staged.rows), staged.quarantine
    for form, submissions in replaced.items():
        gone = pl.col("submission_id").is_in(list(submissions))
        if form in rows:
            rows[form] = rows[form].filter(~gone)
        quarantine = quarantine.filter(~(gone & (pl.col("form") == form)))
    return Staged(rows, quarantine, staged.findings, staged.columns)


def _latest(accepted: pl.DataFrame, bad: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The latest statement about each key, accepted or in quarantine."""
    statements = [accepted.select(*keys, "sequence"), bad.drop_nulls(keys).select(*keys, "sequence")]
    return pl.concat(statements).group_by(keys).agg(pl.col("sequence").max().alias("latest"))


def _live_quarantine(bad: pl.DataFrame, latest: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Quarantined rows about which nothing later was said; rows whose key cannot be read stay."""
    known = bad.join(latest, on=keys, how="left")
    return known.filter(pl.col("latest").is_null() | (pl.col("sequence") == pl.col("latest"))).drop(
        "sequence", "latest"
    )


def _mark(
    findings: pl.DataFrame,
    latest: pl.DataFrame,
    order: pl.DataFrame,
    rows: Mapping[str, pl.DataFrame],
    quarantine: pl.DataFrame,
    period: int,
) -> pl.DataFrame:
    """Findings of the period, with ``superseded`` true where a later statement replaced what they are about."""
    findings = findings.filter((pl.col("school_year") == period) | pl.col("school_year").is_null())
    if findings.is_empty():
        return findings
    live_parts = pl.concat(
        [frame.select(pl.lit(form).alias("form"), "submission_id") for form, frame in rows.items()]
        + [quarantine.select("form", "submission_id")]
    ).unique()
    last = live_parts.join(order, on="submission_id").group_by("form").agg(pl.col("sequence").max().alias("last"))
    columns = findings.columns
    return (
        findings.join(order, on="submission_id", how="left", maintain_order="left")
        .join(latest, on=["form", "school_code", "stage"], how="left", maintain_order="left", nulls_equal=True)
        .join(
            live_parts.with_columns(pl.lit(True).alias("alive")),
            on=["form", "submission_id"],
            how="left",
            maintain_order="left",
        )
        .join(last, on="form", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("school_code").is_not_null() & pl.col("latest").is_not_null())
            .then(pl.col("sequence") < pl.col("latest"))
            .otherwise(pl.col("alive").is_null() & (pl.col("sequence") < pl.col("last")))
            .fill_null(False)
            .alias("superseded")
        )
        .select(columns)
    )
