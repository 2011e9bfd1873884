"""Asset checks of the returns: what Dagster shows about each return and school year.

Belongs here: the checks' definitions and their evaluation on staged Parquet and findings. Does not belong here: the
rules (contracts, ``checks``), quarantining (``pipelines.intake``): a faulty row is held back before any check looks.

For each return and school year:

* ``accepted_rows_hold_contract`` (blocking): the rows that count, read back from Parquet, hold the pandera contract,
  but for errors that a waiver covers. It fails only if the intake let something through; then nothing after it may run.
* ``hard_errors`` (not blocking, a warning): rows that were quarantined, with file, sheet, cell, value and rule.
* ``queries`` (not blocking, a warning): values that count but need a written explanation.

They are evaluated inside the step that stages the returns, one evaluation per school year. ``AssetCheckResult`` knows
one partition per step; a backfill of many years in one run needs one result for each, which ``AssetCheckEvaluation``
can say.
"""

from __future__ import annotations

import warnings

import dagster as dg
import polars as pl

from checks import contracts
from models.returns import CONTRACTS
from pipelines.assets.metadata import frame_table
from pipelines.partitions import SCHOOL_YEARS
from warehouse.home import Home

#: Failing rows shown in the UI; all are counted, and all are in the findings.
SAMPLE = 20

#: Columns of a finding that the UI shows.
SHOWN = ("file_name", "sheet", "cell", "school_code", "field", "value", "expected", "rule", "message_zh", "message_en")
_FAILED = ("submission_id", "sheet", "row_number", "field", "value", "expected", "rule", "message_zh", "message_en")

_CHECKS = {
    "accepted_rows_hold_contract": "计入的行全部符合报表契约 | Every row that counts holds the contract of the return.",
    "hard_errors": "被隔离的行（硬性错误） | Rows held back for a hard error: their schools count as missing.",
    "queries": "需书面说明的疑问 | Values that count but need a written explanation.",
}


def check_specs() -> list[dg.AssetCheckSpec]:
    """Return the checks of every return."""
    with warnings.catch_warnings():
        # Partitions of checks are a preview in this version of Dagster, which is pinned; it says so for each check.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=dg.AssetKey(["returns", form]),
                description=description,
                blocking=name == "accepted_rows_hold_contract",
                partitions_def=SCHOOL_YEARS,
            )
            for form in CONTRACTS
            for name, description in _CHECKS.items()
        ]


def live_findings(home: Home, period: int) -> pl.DataFrame:
    """Return the findings of a school year that no later submission has settled."""
    return pl.read_parquet(home.staging / "findings" / f"{period}.parquet", glob=False).filter(~pl.col("superseded"))


def evaluate(home: Home, key: dg.AssetCheckKey, period: int, findings: pl.DataFrame) -> dg.AssetCheckEvaluation:
    """Evaluate one check of one return on what is staged for a school year, and on its live findings."""
    form = key.asset_key.path[-1]
    if key.name == "accepted_rows_hold_contract":
        return _hold_contract(home, key, form, period, findings)
    severity = {"hard_errors": "error", "queries": "query"}[key.name]
    counted = (pl.col("form") == form) & (pl.col("severity") == severity) & pl.col("waiver_id").is_null()
    found = findings.filter(counted).sort("file_name", "sheet", "row_number", "field", nulls_last=True)
    rules = found.group_by("rule").agg(pl.len().alias("findings")).sort("findings", "rule", descending=[True, False])
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=found.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        partition=str(period),
        metadata={
            "findings": dg.MetadataValue.int(found.height),
            "by_rule": frame_table(rules, 50),
            "sample": frame_table(found.select(SHOWN), SAMPLE),
        },
    )


def _hold_contract(
    home: Home, key: dg.AssetCheckKey, form: str, period: int, findings: pl.DataFrame
) -> dg.AssetCheckEvaluation:
    rows = pl.read_parquet(home.staging / "returns" / form / f"{period}.parquet", glob=False)
    failures = pl.DataFrame(schema=contracts.FAILURE_SCHEMA)
    if not rows.is_empty():  # most returns of most early years; validating nothing takes 30 ms each
        failures = contracts.apply(CONTRACTS[form], rows).failures.filter(pl.col("severity") == "error")
    where = rows.select("submission_id", "sheet", "row_number").with_row_index()
    told = failures.join(where, on="index", how="left", maintain_order="left")
    waived = findings.drop_nulls("waiver_id").select("submission_id", "sheet", "row_number", "rule", "field")
    told = told.join(waived, on=waived.columns, how="anti", maintain_order="left")
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=told.is_empty(),
        severity=dg.AssetCheckSeverity.ERROR,
        blocking=True,
        partition=str(period),
        metadata={
            "rows": dg.MetadataValue.int(rows.height),
            "failures": dg.MetadataValue.int(told.height),
            "waived": dg.MetadataValue.int(failures.height - told.height),
            "sample": frame_table(told.select(_FAILED), SAMPLE),
        },
    )
