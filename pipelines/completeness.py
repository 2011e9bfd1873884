"""Completeness: which county owed which return of which year by when, and what became of it.

Belongs here: putting the roster of expected returns beside what was received. Does not belong here: what is owed
(``rulebook/expected_return.csv``), the rows of a release that count (``audit.return_count``).

Every county that has ever reported anything owes the returns of its region for every year from the first that the
warehouse holds to the one that has begun; ``rulebook/county_roster.csv`` adds counties that never reported, and the
years in which a county existed. Whether something is late is told by when it was first received: correcting a return
that came in time does not make it late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from models import rules
from models.returns import CONTRACTS
from pipelines.audit import return_counts
from pipelines.days import TIMEZONE, day_of
from pipelines.findings import finding_files
from pipelines.intake.assemble import bindings, statement_files
from pipelines.marts import mart_path
from pipelines.partitions import school_year_of
from warehouse.home import Home
from warehouse.ledger import Ledger, Submission

STATUSES = ("not_due", "missing", "rejected", "quarantined", "partly_quarantined", "late", "filed")
#: What a county is reminded of.
OUTSTANDING = ("missing", "rejected", "quarantined", "partly_quarantined")

_TIME = pl.Datetime("us", "UTC")
COMPLETENESS_SCHEMA: dict[str, Any] = {
    "county_code": pl.String,
    "county_name": pl.String,
    "school_year": pl.Int32,
    "form": pl.String,
    "owner": pl.String,
    "due": pl.Date,
    "first_received": _TIME,
    "last_received": _TIME,
    "submissions": pl.Int64,
    "rows_accepted": pl.Int64,
    "rows_quarantined": pl.Int64,
    "share_accepted": pl.Float64,
    "status": pl.String,
    "days_late": pl.Int64,
}
_COUNTS = (*STATUSES, "in_time")
SUMMARY_SCHEMA: dict[str, Any] = {
    "school_year": pl.Int32,
    "form": pl.String,
    "owed": pl.Int64,
    **dict.fromkeys(_COUNTS, pl.Int64),
    "share_received": pl.Float64,
}

#: A rejected file says of itself only in its name whose it is.
_FILE_COUNTY = r"^(\d{6})\D"
_FILE_YEAR = r"(?:^|\D)((?:19|20)\d{2})(?:[/—–-]\d{2,4})?(?:学?年|\D|$)"


def completeness(
    expected: pl.DataFrame,
    counties: pl.DataFrame,
    counts: pl.DataFrame,
    statements: pl.DataFrame,
    submissions: Sequence[Submission],
    codes: pl.DataFrame,
    *,
    now: datetime,
) -> pl.DataFrame:
    """Tell of every return that is owed what became of it.

    Args:
        expected: ``rulebook.expected_return``.
        counties: ``county_code``, ``county_name``, ``from_year``, ``to_year`` (null: open) of today's counties.
        counts: ``audit.return_count``.
        statements: ``pipelines.intake.supersede.STATED_SCHEMA``.
        submissions: all, rejected ones too.
        codes: ``reported_code``, ``school_year``, ``county_code`` (today's): ``core.reported_county``.
        now: what is not due yet, and how late the rest is.

    Returns:
        ``COMPLETENESS_SCHEMA``, by county, year and return.
    """
    keys = ["county_code", "school_year", "form"]
    owed = _owed(expected, counties, counts, now)
    received = pl.DataFrame(
        [(each.submission_id, each.received_at) for each in submissions],
        schema={"submission_id": pl.String, "received_at": _TIME},
        orient="row",
    )
    filed = (
        _today(statements, codes)
        .join(received, on="submission_id", how="inner")
        .group_by(keys)
        .agg(
            pl.col("received_at").min().alias("first_received"),
            pl.col("received_at").max().alias("last_received"),
            pl.col("submission_id").n_unique().cast(pl.Int64).alias("submissions"),
        )
    )
    rows = _today(counts, codes).group_by(keys).agg(pl.col("rows_accepted", "rows_quarantined").sum())
    today = day_of(now)
    every = pl.col("rows_accepted") + pl.col("rows_quarantined")
    arrived = pl.col("first_received").dt.convert_time_zone(TIMEZONE).dt.date()
    late = (pl.coalesce(arrived, pl.lit(today)) - pl.col("due")).dt.total_days()
    told = (
        owed.join(filed, on=keys, how="left")
        .join(rows, on=keys, how="left")
        .join(_rejected(submissions), on=["county_code", "school_year"], how="left")
        .with_columns(pl.col("submissions", "rows_accepted", "rows_quarantined").fill_null(0))
        .with_columns(
            pl.when(every > 0).then(pl.col("rows_accepted") / every).alias("share_accepted"),
            pl.when(late > 0).then(late).otherwise(0).cast(pl.Int64).alias("days_late"),
        )
    )
    status = (
        pl.when(pl.col("first_received").is_null() & (pl.lit(today) <= pl.col("due")))
        .then(pl.lit("not_due"))
        .when(pl.col("first_received").is_null())
        .then(pl.when("rejected").then(pl.lit("rejected")).otherwise(pl.lit("missing")))
        .when((pl.col("rows_accepted") == 0) & (pl.col("rows_quarantined") > 0))
        .then(pl.lit("quarantined"))
        .when(pl.col("rows_quarantined") > 0)
        .then(pl.lit("partly_quarantined"))
        .when(pl.col("days_late") > 0)
        .then(pl.lit("late"))
        .otherwise(pl.lit("filed"))
    )
    order = pl.Enum(list(CONTRACTS))
    return (
        told.with_columns(status.alias("status"))
        .select([pl.col(name).cast(kind) for name, kind in COMPLETENESS_SCHEMA.items()])
        .sort("county_code", "school_year", pl.col("form").cast(order))
    )


def summary(told: pl.DataFrame) -> pl.DataFrame:
    """Count counties by school year, return and status (``SUMMARY_SCHEMA``)."""
    there = pl.col("first_received").is_not_null()
    return (
        told.group_by("school_year", "form")
        .agg(
            pl.len().alias("owed"),
            *((pl.col("status") == name).sum().alias(name) for name in STATUSES),
            (there & (pl.col("days_late") == 0)).sum().alias("in_time"),
            there.mean().alias("share_received"),
        )
        .select([pl.col(name).cast(kind) for name, kind in SUMMARY_SCHEMA.items()])
        .sort("school_year", "form")
    )


def completeness_now(home: Home, ledger: Ledger, *, now: datetime) -> pl.DataFrame:
    """Return completeness as of the last ``junheng run``, seen from ``now``; empty where no models were run."""
    paths = [mart_path(home, name) for name in ("core.county", "core.reported_county")]
    if not all(path.exists() for path in paths):
        return pl.DataFrame(schema=COMPLETENESS_SCHEMA)
    counts = return_counts(bindings(home), finding_files(home))
    return told_of(home, ledger, counts, {"core.county": [paths[0]], "core.reported_county": [paths[1]]}, now=now)


def told_of(
    home: Home, ledger: Ledger, counts: pl.DataFrame, marts: Mapping[str, Sequence[Path]], *, now: datetime
) -> pl.DataFrame:
    """Return completeness of what is staged in a home, with these counts of its rows and files of its marts."""
    book = rules.load()
    counties = pl.read_parquet(list(marts["core.county"]), glob=False)
    return completeness(
        book["expected_return"],
        known_counties(counties, book["county_roster"]),
        counts,
        pl.read_parquet(statement_files(home), glob=False),
        ledger.submissions(),
        pl.read_parquet(list(marts["core.reported_county"]), glob=False),
        now=now,
    )


def known_counties(reporting: pl.DataFrame, roster: pl.DataFrame) -> pl.DataFrame:
    """Counties that have reported (``core.county``) and those of the roster, with the years the roster gives them."""
    seen = reporting.filter(pl.col("county_code") != "000000").select("county_code", "county_name")
    listed = roster.select("county_code", pl.col("county_name").alias("listed"), "from_year", "to_year")
    return seen.join(listed, on="county_code", how="full", coalesce=True).select(
        "county_code", pl.coalesce("county_name", "listed").alias("county_name"), "from_year", "to_year"
    )


def _owed(expected: pl.DataFrame, counties: pl.DataFrame, counts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """One row for every county, year and return that is owed, with the day by which."""
    first = counts["school_year"].drop_nulls().min()
    last = school_year_of(now)
    begin = int(str(first)) if first is not None else last
    years = pl.DataFrame({"school_year": pl.Series(range(begin, last + 1), dtype=pl.Int64)})
    regions = counties.with_columns(
        pl.concat_list([pl.col("county_code").str.slice(0, length) for length in (0, 2, 4, 6)]).alias("region_code")
    ).explode("region_code")
    held = (
        regions.join(expected.rename({"from_year": "owed_from", "to_year": "owed_to"}), on="region_code", how="inner")
        .join(years, how="cross")
        .filter(
            (pl.col("school_year") >= pl.max_horizontal("owed_from", "from_year"))
            & (pl.col("school_year") <= pl.min_horizontal("owed_to", "to_year").fill_null(last))
        )
        .sort(pl.col("region_code").str.len_chars())
        .unique(["county_code", "school_year", "form"], keep="last", maintain_order=True)  # the most specific wins
        .filter("owed")
    )
    return held.select(
        "county_code",
        "county_name",
        pl.col("school_year").cast(pl.Int32),
        "form",
        "owner",
        pl.date(pl.col("school_year") + pl.col("due_years_after"), "due_month", "due_day").alias("due"),
    )


def _today(frame: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Rows by reported county under the county of today."""
    known = codes.select(
        pl.col("reported_code").alias("county_code"),
        pl.col("school_year").cast(pl.Int32),
        pl.col("county_code").alias("today"),
    )
    return (
        frame.join(known, on=["county_code", "school_year"], how="left")
        .with_columns(pl.coalesce("today", "county_code").alias("county_code"))
        .drop("today")
    )


def _rejected(submissions: Sequence[Submission]) -> pl.DataFrame:
    """Counties and years of which a file was rejected, as far as its declarations or its name tell."""
    rows = [
        (each.file_name, each.declared_county, each.declared_year) for each in submissions if each.status == "rejected"
    ]
    frame = pl.DataFrame(
        rows, schema={"file_name": pl.String, "county_code": pl.String, "school_year": pl.Int64}, orient="row"
    )
    return (
        frame.select(
            pl.coalesce("county_code", pl.col("file_name").str.extract(_FILE_COUNTY)).alias("county_code"),
            pl.coalesce(
                pl.col("school_year").cast(pl.Int32),
                pl.col("file_name").str.replace(_FILE_COUNTY, "_").str.extract(_FILE_YEAR).cast(pl.Int32),
            ).alias("school_year"),
            pl.lit(True).alias("rejected"),
        )
        .drop_nulls()
        .unique()
    )


def reminders(told: pl.DataFrame, *, year: int | None = None, county: str | None = None) -> pl.DataFrame:
    """Return what counties are to be reminded of, the most overdue first within each county and owner."""
    wanted = [pl.col("school_year") == year] if year is not None else []
    wanted += [pl.col("county_code").str.starts_with(county)] if county else []
    found = told.filter(pl.col("status").is_in(OUTSTANDING), *wanted)
    return found.sort("county_code", "owner", -pl.col("days_late"), "school_year", "form")


def latest_due(told: pl.DataFrame, today: date) -> int | None:
    """Return the last school year of which something is due."""
    due = told.filter(pl.col("due") < today)["school_year"].max()
    return None if due is None else int(str(due))
