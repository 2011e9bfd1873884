"""A finding: one thing that is wrong, where it stands, who answers for it and what to do.

Belongs here: the shape of findings and how they are made from a frame of failures. Does not belong here:
any particular rule.
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
}

#: What makes a finding the same finding on the next run.
_IDENTITY = (
    *("rule", "form", "submission_id", "sheet", "cell", "row_number", "field", "school_code", "stage"),
    *("school_year", "county_code"),  # what is missing stands in no submission: a year without a county's return
)


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
    identity = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in _IDENTITY], separator="\x1f")
    ids = full.select(identity).to_series().to_list()
    return full.with_columns(pl.Series("finding_id", [_finding_id(text) for text in ids], dtype=pl.String))


def _finding_id(text: str) -> str:
    return "f" + hashlib.sha256(text.encode()).hexdigest()[:15]


def finding(rule: str, severity: Severity, **columns: Any) -> pl.DataFrame:
    """A single finding about a file or a sheet."""
    return complete(pl.DataFrame([{"rule": rule, "severity": severity, **columns}]))


def concat(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """All findings of several frames, without repeats."""
    frames = [frame for frame in frames if not frame.is_empty()]
    if not frames:
        return empty()
    return pl.concat(frames).unique(subset="finding_id", keep="first", maintain_order=True)
