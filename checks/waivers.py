"""Waivers: which findings they cover, and which may be waived at all.

Belongs here: what a waiver means to a finding. Does not belong here: recording waivers (``warehouse.answers``), letting
a row in (``pipelines.intake.judge``).

A waiver is about one fault as it was shown, or about a rule in a county, in one period or in all. A row comes back into
the figures where all its errors are waived, so what cannot be read, has no key or stands there twice cannot be waived:
nobody could say which figure was approved. A file that was rejected has no row to let in; waiving it writes it off.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl

from checks.findings import shown
from checks.reading_rules import reading_rules
from warehouse.answers import Waiver

WAIVER_SCHEMA: dict[str, Any] = {
    "waiver_id": pl.String,
    "fault_id": pl.String,
    "seen": pl.String,
    "rule": pl.String,
    "county_code": pl.String,
    "school_year": pl.Int32,
}

#: Errors of a single field that leave every value of the row known; with the row rules of contracts, what a waiver can
#: let a row in for.
ROW_RULES = frozenset({"value_out_of_range"})


@cache
def never_waived() -> frozenset[str]:
    """The rules under which a row has no usable values: its errors cannot be waived."""
    return frozenset(name for name, rule in reading_rules().items() if rule.severity == "error") - ROW_RULES


@cache
def no_waivers() -> pl.DataFrame:
    """No waivers, in the shape of waivers."""
    return pl.DataFrame(schema=WAIVER_SCHEMA)


def in_force(waivers: Iterable[Waiver], now: datetime, period: int | None = None) -> pl.DataFrame:
    """Return the waivers that hold at ``now`` (and may concern ``period``), as ``WAIVER_SCHEMA``."""
    rows = [
        (each.waiver_id, each.subject, each.seen, each.rule, each.region, each.period)
        for each in waivers
        if each.in_force(now) and (period is None or each.period is None or each.period == period)
    ]
    return pl.DataFrame(rows, schema=WAIVER_SCHEMA, orient="row")


def with_waivers(findings: pl.DataFrame, waivers: pl.DataFrame) -> pl.DataFrame:
    """Set ``waiver_id`` of each finding to the waiver that covers it, or null; rows and their order stay the same."""
    if waivers.is_empty() or findings.is_empty():
        return findings.with_columns(pl.lit(None, dtype=pl.String).alias("waiver_id"))
    may = (pl.col("severity") != "note") & (~pl.col("rule").is_in(list(never_waived())) | pl.col("form").is_null())
    keyed = findings.with_columns(shown().alias("seen")).drop("waiver_id")
    by_fault = (
        waivers.filter(pl.col("fault_id").is_not_null())
        .unique(["fault_id", "seen"], keep="first", maintain_order=True)
        .select("fault_id", "seen", pl.col("waiver_id").alias("by_fault"))
    )
    by_rule = waivers.filter(pl.col("fault_id").is_null()).unique(
        ["rule", "county_code", "school_year"], keep="first", maintain_order=True
    )
    of_year = by_rule.filter(pl.col("school_year").is_not_null()).select(
        "rule", "county_code", "school_year", pl.col("waiver_id").alias("of_year")
    )
    always = by_rule.filter(pl.col("school_year").is_null()).select(
        "rule", "county_code", pl.col("waiver_id").alias("always")
    )
    return (
        keyed.join(by_fault, on=["fault_id", "seen"], how="left", maintain_order="left")
        .join(of_year, on=["rule", "county_code", "school_year"], how="left", maintain_order="left")
        .join(always, on=["rule", "county_code"], how="left", maintain_order="left")
        .with_columns(pl.when(may).then(pl.coalesce("by_fault", "of_year", "always")).alias("waiver_id"))
        .select(findings.columns)
    )
