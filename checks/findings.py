"""A finding: one thing that is wrong, where it stands, who answers for it and what to do.

Belongs here: the shape of findings, how they are made from a frame of failures, and what makes two of them the same.
Does not belong here: any particular rule, what became of a finding (``checks.status``).

A finding is one *occurrence*: a rule, a submission, a cell. The *fault* behind it stays the same when a county sends
the same mistake again in another file, another row or another cell; answers are given to faults (``docs/adr/0013``).
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, Literal

import polars as pl

Severity = Literal["error", "query", "note"]

FINDING_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "form": pl.String,
    "school_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "stage": pl.String,
    "submission_id": pl.String,
    "file_name": pl.String,
    "sheet": pl.String,
    "cell": pl.String,
    "row_number": pl.Int32,
    "field": pl.String,
    "value": pl.String,
    "expected": pl.String,
    "owner": pl.String,
    "message_zh": pl.String,
    "message_en": pl.String,
    "guidance_zh": pl.String,
    "guidance_en": pl.String,
    "superseded": pl.Boolean,
    "fault_id": pl.String,
    "row_key": pl.String,
    "superseded_by": pl.String,
    "waiver_id": pl.String,
}

#: What makes a finding the same finding on the next run.
_IDENTITY = (
    *("rule", "form", "submission_id", "sheet", "cell", "row_number", "field", "school_code", "stage"),
    *("school_year", "county_code"),  # what is missing stands in no submission: a year without a county's return
)

#: What makes two findings the same fault, whichever submission shows it.
_FAULT = ("rule", "form", "school_year", "county_code", "school_code", "stage", "field", "row_key")


@cache
def empty() -> pl.DataFrame:
    """No findings, in the shape of findings."""
    return pl.DataFrame(schema=FINDING_SCHEMA)


def complete(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame with some of the finding columns into the full shape, with stable ids.

    Columns that are not given are null; ``superseded`` is false by default. The id is a hash of what the
    finding is about, so the same fault in the same submission has the same id on every run.
    """
    columns = [
        (pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in FINDING_SCHEMA.items()
    ]
    full = frame.select(columns).with_columns(pl.col("superseded").fill_null(False))
    if full.is_empty():
        return full
    of_row = pl.col("row_key").is_not_null() | pl.col("school_code").is_not_null()
    fault = [
        *map(pl.col, _FAULT),
        # What is about no row and no school is about a sheet; what is about no known return is about a file.
        pl.when(~of_row).then("sheet"),
        pl.when(~of_row & pl.col("form").is_null()).then("file_name"),
    ]
    return full.with_columns(
        finding_id=_hashed(full, [pl.col(name) for name in _IDENTITY], "f"), fault_id=_hashed(full, fault, "x")
    )


def shown(value: str = "value", expected: str = "expected") -> pl.Expr:
    """What a finding shows, as text: an answer holds for this and for nothing else under the same fault."""
    return pl.concat_str([pl.col(name).fill_null("") for name in (value, expected)], separator=" → ")


def _hashed(frame: pl.DataFrame, parts: list[pl.Expr], mark: str) -> pl.Series:
    texts = frame.select(
        pl.concat_str([part.cast(pl.String).fill_null("") for part in parts], separator="\x1f")
    ).to_series()
    ids = [mark + hashlib.sha256(text.encode()).hexdigest()[:15] for text in texts.to_list()]
    return pl.Series(ids, dtype=pl.String)


def finding(rule: str, severity: Severity, **columns: Any) -> pl.DataFrame:
    """A single finding about a file or a sheet."""
    return complete(pl.DataFrame([{"rule": rule, "severity": severity, **columns}]))


def concat(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """All findings of several frames, without repeats."""
    frames = [frame for frame in frames if not frame.is_empty()]
    if not frames:
        return empty()
    return pl.concat(frames).unique(subset="finding_id", keep="first", maintain_order=True)
