"""Supersession: of several statements about the same school, the latest counts.

Belongs here: which staged rows are live. Does not belong here: reading them, which findings are settled with them
(``superseded_findings``). A corrected file supersedes the older one
for the rows it holds, and only for those. The latest statement counts even when it is in quarantine: a figure that its
county has withdrawn is not published again, the school is missing until the correction is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from models.returns import CONTRACTS
from pipelines.intake.stage import Staged
from pipelines.intake.superseded_findings import STATEMENT_SCHEMA, superseding

#: Which submission reported which return of which county, whether its rows count or not.
STATED_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "school_year": pl.Int32,
    "county_code": pl.String,
    "submission_id": pl.String,
    "rows": pl.Int64,
}


def stated(staged: Staged, period: int) -> pl.DataFrame:
    """Count the rows, accepted or not, of each submission by return and reported county (``STATED_SCHEMA``).

    ``staged``: everything staged for the period, also what later submissions superseded: when a county first filed is
    told by its first submission.
    """
    keys = ["form", "school_year", "county_code", "submission_id"]
    parts = [
        rows.select(
            pl.lit(form).alias("form"),
            pl.col(CONTRACTS[form].period).cast(pl.Int32).alias("school_year"),
            pl.col("county_code")
            if "county_code" in rows.columns
            else pl.lit(None, dtype=pl.String).alias("county_code"),
            "submission_id",
        )
        for form, rows in staged.rows.items()
    ]
    every = pl.concat([*parts, staged.quarantine.select(keys)])
    counted = every.filter(pl.col("school_year") == period).group_by(keys).agg(pl.len().cast(pl.Int64).alias("rows"))
    return counted.select([pl.col(name).cast(kind) for name, kind in STATED_SCHEMA.items()]).sort(keys)


def live(
    staged: Staged,
    sequence: Mapping[str, int],
    period: int,
    *,
    names: Mapping[str, str] | None = None,
    replaced: Mapping[str, Mapping[str, str]] | None = None,
) -> Staged:
    """Keep the live rows of one period; mark the findings of rows that are not live any more.

    Args:
        staged: everything staged for the period, of all submissions.
        sequence: order of receipt by submission id.
        period: rows of other periods (of files that hold several) are left out.
        names: file names by submission id: a sheet that could not be read is superseded by the next file of that name.
        replaced: by return, submissions that a later one replaces as a whole (lists: a row left out was taken back),
            and that later one.
    """
    staged = _without_replaced(staged, replaced or {})
    order = pl.DataFrame(
        {"submission_id": list(sequence), "sequence": list(sequence.values())},
        schema={"submission_id": pl.String, "sequence": pl.Int64},
    )
    rows: dict[str, pl.DataFrame] = {}
    quarantined, statements = [], []
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
        said = [_said(form, accepted), _said(form, bad)]
        statements += [frame for frame in said if not frame.is_empty()]
    quarantine = pl.concat(quarantined).sort("form", "school_code", "submission_id", "row_number", nulls_last=True)
    told = staged.findings.filter((pl.col("school_year") == period) | pl.col("school_year").is_null())
    stated = pl.concat([pl.DataFrame(schema=STATEMENT_SCHEMA), *statements])
    findings = superseding(told, stated, order, names or {}, replaced or {})
    return Staged(rows, quarantine, findings, staged.columns)


def _without_replaced(staged: Staged, replaced: Mapping[str, Mapping[str, str]]) -> Staged:
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


def _said(form: str, rows: pl.DataFrame) -> pl.DataFrame:
    """What rows of a return are statements about."""
    return rows.select(
        pl.lit(form).alias("form"),
        "row_key",
        pl.col("school_code") if "school_code" in rows.columns else pl.lit(None, dtype=pl.String).alias("school_code"),
        "submission_id",
        "sequence",
    )
