"""All findings with their status: gathered from where they lie, judged with the answers in the ledger.

Belongs here: putting findings, submissions, answers and the release before together; the audit tables ``finding``,
``explanation`` and ``waiver``. Does not belong here: what a status is (``checks.status``), giving answers
(``pipelines.answers``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from checks.findings import complete, empty
from checks.status import RECEIVED_SCHEMA, explanation_frame, with_status
from checks.waivers import in_force
from pipelines.expectations import expectation_finding_path
from pipelines.intake.assemble import audit_bindings
from pipelines.intake.receive import rejected_findings
from pipelines.rules import rule_finding_path
from warehouse import duck
from warehouse.home import Home
from warehouse.ledger import Ledger, Submission
from warehouse.releases import Release, Releases

_TIME = pl.Datetime("us", "UTC")

EXPLANATIONS: dict[str, Any] = {
    "explanation_id": pl.String,
    "fault_id": pl.String,
    "rule": pl.String,
    "county_code": pl.String,
    "school_year": pl.Int32,
    "seen": pl.String,
    "reason": pl.String,
    "explained_by": pl.String,
    "dated": pl.Date,
    "recorded_at": _TIME,
    "source": pl.String,
    "accepted": pl.Boolean,
    "decided_by": pl.String,
    "decided_at": _TIME,
    "remark": pl.String,
    "holds": pl.Boolean,
}
WAIVERS: dict[str, Any] = {
    "waiver_id": pl.String,
    "fault_id": pl.String,
    "rule": pl.String,
    "county_code": pl.String,
    "school_year": pl.Int32,
    "seen": pl.String,
    "reason": pl.String,
    "approver": pl.String,
    "valid_from": _TIME,
    "valid_until": _TIME,
    "recorded_at": _TIME,
    "recorded_by": pl.String,
    "revoked_by": pl.String,
    "revoked_at": _TIME,
    "revoked_reason": pl.String,
    "in_force": pl.Boolean,
    "findings": pl.Int64,
}
#: Names of the same things in the ledger, which knows nothing of counties and school years.
_IN_LEDGER = {"fault_id": "subject", "county_code": "region", "school_year": "period"}


def finding_files(home: Home) -> list[Path]:
    """Return the files of all findings that can be made again: of reading, of rules across returns, of expectations."""
    across = [path for path in (rule_finding_path(home), expectation_finding_path(home)) if path.exists()]
    return [*audit_bindings(home)["audit.finding"], *across]


def current_findings(home: Home, ledger: Ledger, *, now: datetime) -> pl.DataFrame:
    """Return all findings with the status they have at ``now`` (``checks.status.with_status``).

    They are those of the last ``junheng run``: what was received since is not staged yet.
    """
    rejected_findings(home, ledger)
    return judged(finding_files(home), ledger, previous_findings(Releases(home.releases).current()), now=now)


def judged(
    files: Sequence[Path],
    ledger: Ledger,
    previous: pl.DataFrame | None,
    *,
    now: datetime,
    release_id: str | None = None,
) -> pl.DataFrame:
    """Return the findings in ``files`` with their status, and those of the release before that are found no more."""
    submissions = ledger.submissions()
    answers = ledger.answers
    return with_status(
        _read(files, submissions),
        received_frame(submissions),
        explanation_frame(answers.explanations()),
        in_force(answers.waivers(), now),
        now=now,
        previous=previous,
        release_id=release_id,
    )


def received_frame(submissions: Sequence[Submission]) -> pl.DataFrame:
    """Return submissions as ``checks.status.RECEIVED_SCHEMA``."""
    rows = [(each.submission_id, each.sequence, each.received_at) for each in submissions]
    return pl.DataFrame(rows, schema=RECEIVED_SCHEMA, orient="row")


def previous_findings(release: Release | None) -> pl.DataFrame | None:
    """Return ``audit.finding`` of a release; None where there is no release."""
    if release is None:
        return None
    with duck.connect() as connection:  # attached, not opened: readers in this process may hold it with other settings
        connection.execute(f"attach {duck.literal(str(release.path))} as release (read_only)")
        frame: pl.DataFrame = connection.sql("select * from release.audit.finding").pl()
    return frame


def answer_tables(ledger: Ledger, findings: pl.DataFrame, *, now: datetime) -> dict[str, pl.DataFrame]:
    """Return ``audit.explanation`` and ``audit.waiver``, every one that was ever given.

    ``findings``: with their status at ``now``.
    """
    holding = findings["explanation_id"].drop_nulls().unique().to_list()
    counts = findings.drop_nulls("waiver_id").group_by("waiver_id").agg(pl.len().cast(pl.Int64).alias("findings"))
    explanations = _frame(ledger.answers.explanations(), EXPLANATIONS, ("holds",)).with_columns(
        pl.col("explanation_id").is_in(holding).alias("holds")
    )
    given = ledger.answers.waivers()
    valid = [each.waiver_id for each in given if each.in_force(now)]
    waivers = (
        _frame(given, WAIVERS, ("in_force", "findings"))
        .with_columns(pl.col("waiver_id").is_in(valid).alias("in_force"))
        .drop("findings")
        .join(counts, on="waiver_id", how="left", maintain_order="left")
        .with_columns(pl.col("findings").fill_null(0))
    )
    return {"audit.explanation": explanations, "audit.waiver": waivers.select(list(WAIVERS))}


def answers_in_force(ledger: Ledger, *, now: datetime) -> list[str]:
    """Return what the answers add to the digest of a release: each explanation with its verdict, waivers in force."""
    explained = [f"{each.explanation_id}:{each.accepted}" for each in ledger.answers.explanations()]
    return [*explained, *(each.waiver_id for each in ledger.answers.waivers() if each.in_force(now))]


def _read(files: Sequence[Path], submissions: Sequence[Submission]) -> pl.DataFrame:
    """The findings of all files in one shape (files of rejected submissions may be of an earlier version)."""
    frames = [frame for path in files if not (frame := pl.read_parquet(path, glob=False)).is_empty()]
    if not frames:
        return empty()
    return _written_off(complete(pl.concat(frames, how="diagonal_relaxed")), submissions)


def _written_off(findings: pl.DataFrame, submissions: Sequence[Submission]) -> pl.DataFrame:
    """A rejected file is settled by the first later one that is accepted and has its bytes or its name."""
    later: dict[str, Submission] = {}
    rows = []
    for each in sorted(submissions, key=lambda entry: entry.sequence or 0, reverse=True):
        if each.status == "accepted":
            later |= {each.sha256: each, each.file_name: each}
            continue
        following = [later[key] for key in (each.sha256, each.file_name) if key in later]
        if following:
            rows.append((each.submission_id, min(following, key=lambda entry: entry.sequence or 0).submission_id))
    settled = pl.DataFrame(rows, schema={"submission_id": pl.String, "settled_by": pl.String}, orient="row")
    return (
        findings.join(settled, on="submission_id", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("superseded_by", "settled_by").alias("superseded_by"),
            (pl.col("superseded") | pl.col("settled_by").is_not_null()).alias("superseded"),
        )
        .drop("settled_by")
    )


def _frame(rows: Sequence[object], schema: dict[str, Any], made: tuple[str, ...]) -> pl.DataFrame:
    """Answers of the ledger as a table; the columns ``made`` are filled in by the caller."""
    values = [[None if name in made else getattr(row, _IN_LEDGER.get(name, name)) for name in schema] for row in rows]
    return pl.DataFrame(values, schema=schema, orient="row")
