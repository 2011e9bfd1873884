"""The status of findings: derived from submissions and answers whenever it is asked for, stored nowhere.

Belongs here: the states and what leads from one to the other, on frames. Does not belong here: recording answers
(``warehouse.answers``), reading and writing files (``pipelines.findings``).

    open        it counts, and nothing that holds has been answered
    answered    a query with a written explanation about which nobody has decided yet
    explained   a query with an explanation that was accepted
    waived      covered by a waiver in force (``checks.waivers``); the row of a waived error counts again
    fixed       the latest statement about the same thing does not show it any more
    noted       a note: nothing is asked

A fault is open again when a later submission shows it anew (``since``: when it last appeared), when its figure changes
(an answer holds for what it was given for, ``seen``), when the explanation is rejected, when the waiver ends.
An explanation answers a query; of a hard error it changes nothing (domain §6: hard errors, and queries that pass with a
written reason). What is both explained and waived is told as waived: the waiver is what ends by itself.

What rules across returns find is known of the rows that count only, so what they found before is taken from the release
before: a fault that was in it and is found no more is fixed (``previous``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import polars as pl

from checks.findings import FINDING_SCHEMA, shown
from checks.waivers import with_waivers
from warehouse.answers import Explanation

Status = Literal["open", "answered", "explained", "waived", "fixed", "noted"]
STATUSES: tuple[Status, ...] = ("open", "answered", "explained", "waived", "fixed", "noted")

_TIME = pl.Datetime("us", "UTC")

#: What is added to findings.
STATUS_SCHEMA: dict[str, Any] = {
    "status": pl.String,
    "first_seen": _TIME,
    "last_seen": _TIME,
    "since": _TIME,
    "fixed_at": _TIME,
    "first_release": pl.String,
    "explanation_id": pl.String,
}
#: A submission as this module needs it.
RECEIVED_SCHEMA: dict[str, Any] = {"submission_id": pl.String, "sequence": pl.Int64, "received_at": _TIME}

EXPLANATION_SCHEMA: dict[str, Any] = {
    "explanation_id": pl.String,
    "fault_id": pl.String,
    "seen": pl.String,
    "recorded_at": _TIME,
    "accepted": pl.Boolean,
}


def explanation_frame(explanations: Sequence[Explanation]) -> pl.DataFrame:
    """Return explanations as ``EXPLANATION_SCHEMA``, in the order in which they were recorded."""
    rows = [(each.explanation_id, each.subject, each.seen, each.recorded_at, each.accepted) for each in explanations]
    return pl.DataFrame(rows, schema=EXPLANATION_SCHEMA, orient="row")


def with_status(
    findings: pl.DataFrame,
    received: pl.DataFrame,
    explanations: pl.DataFrame,
    waivers: pl.DataFrame,
    *,
    now: datetime,
    previous: pl.DataFrame | None = None,
    release_id: str | None = None,
) -> pl.DataFrame:
    """Add ``STATUS_SCHEMA`` to findings.

    Args:
        findings: every occurrence that is known (``FINDING_SCHEMA``), superseded ones too.
        received: the submissions (``RECEIVED_SCHEMA``).
        explanations: see ``explanation_frame``.
        waivers: those in force at ``now`` (``checks.waivers.in_force``).
        now: the moment for which the status is told.
        previous: what this function gave for the release before.
        release_id: of the release that is being made; None where none is.

    Returns:
        The findings in their order with statuses, and behind them those of ``previous`` whose fault is found no more.
    """
    before = _of_before(previous)
    gone = before.join(findings, on="fault_id", how="anti", maintain_order="left")
    # What was settled when the release before was made stays settled at that time; else it was by what came since.
    gone = gone.with_columns(
        pl.lit(True).alias("superseded"),
        pl.lit(None, dtype=pl.String).alias("waiver_id"),
        pl.lit(None, dtype=pl.String).alias("explanation_id"),
        pl.lit("fixed").alias("status"),
        pl.col("fixed_at").fill_null(pl.lit(now, dtype=_TIME)),
    )
    if findings.is_empty():
        return gone
    faults = _faults(findings, received, before, release_id)
    judged = (
        with_waivers(findings, waivers)
        .with_row_index("place")
        .join(faults, on="fault_id", how="left", maintain_order="left")
        .with_columns(shown().alias("seen"))
    )
    held = _holding(judged, explanations)
    judged = judged.join(held, on="place", how="left", maintain_order="left")
    current = pl.when(pl.col("superseded")).then(None).otherwise(_alive()).alias("status")
    told = judged.with_columns(current)
    worst = (
        told.drop_nulls("status")
        .with_columns(pl.col("status").cast(pl.Enum(STATUSES)).to_physical().alias("rank"))
        .group_by("fault_id")
        .agg(pl.col("status").sort_by("rank").first().alias("of_fault"))
    )
    told = told.join(worst, on="fault_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("status", "of_fault", pl.lit("fixed")).alias("status"),
        pl.when(pl.col("superseded")).then(None).otherwise("waiver_id").alias("waiver_id"),
    )
    return pl.concat([told.select(_columns()), gone])


def _columns() -> list[pl.Expr]:
    return [pl.col(name).cast(kind) for name, kind in (FINDING_SCHEMA | STATUS_SCHEMA).items()]


def _alive() -> pl.Expr:
    """The status of a finding that counts."""
    return (
        pl.when(pl.col("severity") == "note")
        .then(pl.lit("noted"))
        .when(pl.col("waiver_id").is_not_null())
        .then(pl.lit("waived"))
        .when(pl.col("accepted").fill_null(False))
        .then(pl.lit("explained"))
        .when(pl.col("explanation_id").is_not_null())
        .then(pl.lit("answered"))
        .otherwise(pl.lit("open"))
    )


def _of_before(previous: pl.DataFrame | None) -> pl.DataFrame:
    if previous is None or not set(FINDING_SCHEMA | STATUS_SCHEMA) <= set(previous.columns):
        return pl.DataFrame(schema=FINDING_SCHEMA | STATUS_SCHEMA)  # a release from before findings had a status
    return previous.select(_columns())


def _faults(
    findings: pl.DataFrame, received: pl.DataFrame, before: pl.DataFrame, release_id: str | None
) -> pl.DataFrame:
    """Of each fault: when it was first and last seen, since when it has been there, when it was settled."""
    following = received.rename({"submission_id": "superseded_by", "sequence": "next", "received_at": "next_at"})
    shows = (
        findings.select("fault_id", "finding_id", "submission_id", "superseded", "superseded_by")
        .join(received, on="submission_id", how="left")
        .join(following, on="superseded_by", how="left")
    )
    # One line per statement that shows the fault; it was gone in between where somebody spoke of it before the next.
    statements = (
        shows.group_by("fault_id", "submission_id", "sequence", "received_at")
        .agg(
            pl.when(pl.col("superseded").all()).then(pl.col("next").max()).alias("next"),
            pl.when(pl.col("superseded").all()).then(pl.col("next_at").max()).alias("next_at"),
            pl.col("superseded").all(),
        )
        .sort("sequence", nulls_last=False)
        .with_columns(
            (pl.col("next").shift(1).over("fault_id", order_by="sequence") < pl.col("sequence")).alias("anew")
        )
    )
    now = statements.group_by("fault_id").agg(
        pl.col("received_at").min().alias("first_seen"),
        pl.col("received_at").max().alias("last_seen"),
        pl.col("received_at").filter(pl.col("anew").fill_null(False)).max().alias("anew_at"),
        pl.col("next_at").sort_by("sequence", nulls_last=False).last().alias("gone_at"),
        pl.col("superseded").all().alias("gone"),
    )
    told = before.group_by("fault_id").agg(
        pl.col("first_seen").min().alias("first_seen_before"),
        pl.col("last_seen").max().alias("last_seen_before"),
        pl.col("since").max().alias("since_before"),
        pl.col("fixed_at").max().alias("fixed_before"),
        pl.col("first_release").drop_nulls().first().alias("release_before"),
        (~pl.col("superseded")).any().alias("there_before"),
    )
    # Rules across returns find nothing in rows that count no more: where what was told before is not among what is
    # found now, the fault has been there all the time, in another file.
    kept = before.filter(~pl.col("superseded")).join(findings, on="finding_id", how="semi").select("fault_id").unique()
    chain = pl.coalesce("anew_at", "first_seen")
    since = (
        pl.when(pl.col("there_before").is_null())
        .then(chain)
        .when(pl.col("there_before") & ~pl.col("kept"))
        .then("since_before")
        .when(pl.col("there_before"))
        # of what only the release before remembers, the first file that shows it now is not the first that showed it
        .then(pl.max_horizontal("anew_at", "since_before"))
        .otherwise(pl.max_horizontal(chain, "fixed_before"))
    )
    return (
        now.join(told, on="fault_id", how="left")
        .join(kept.with_columns(pl.lit(True).alias("kept")), on="fault_id", how="left")
        .with_columns(pl.col("kept").fill_null(False))
        .select(
            "fault_id",
            pl.min_horizontal("first_seen", "first_seen_before").alias("first_seen"),
            pl.max_horizontal("last_seen", "last_seen_before").alias("last_seen"),
            since.alias("since"),
            pl.when("gone").then("gone_at").alias("fixed_at"),
            pl.coalesce("release_before", pl.lit(release_id, dtype=pl.String)).alias("first_release"),
        )
    )


def _holding(judged: pl.DataFrame, explanations: pl.DataFrame) -> pl.DataFrame:
    """For each query that counts the explanation that holds: an accepted one, else the last that awaits a decision."""
    asked = judged.filter((pl.col("severity") == "query") & ~pl.col("superseded"))
    given = explanations.with_row_index("order")
    return (
        asked.select("place", "fault_id", "seen", "since")
        .join(given, on=["fault_id", "seen"], how="inner")
        .filter(
            (pl.col("since").is_null() | (pl.col("recorded_at") >= pl.col("since")))
            & pl.col("accepted").fill_null(True)
        )
        .sort(pl.col("accepted").fill_null(False), "order")
        .unique("place", keep="last", maintain_order=True)
        .select("place", "explanation_id", "accepted")
    )
