"""Receiving: a file's bytes go to the landing and a submission to the ledger; nothing is read into tables yet.

Belongs here: what happens when a file arrives, from the command line or the inbox. Does not belong here: staging.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from checks.findings import complete, concat
from pipelines.intake.identify import BindingCache, Identified, identify
from warehouse.files import replacing
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger, Status, Submission, submission_id_for

_COUNTY = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Receipt:
    """What became of a received file: its submission, whether it is new, and what was found at once."""

    submission: Submission
    created: bool
    findings: pl.DataFrame


def receive(
    home: Home,
    ledger: Ledger,
    files: Sequence[Path],
    *,
    layout: str | None = None,
    year: int | None = None,
    county: str | None = None,
    received_by: str,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> list[Receipt]:
    """Receive files: store their bytes, tell what returns they hold, record submissions.

    The same bytes under the same declarations are one submission however often they come. A file that cannot be used
    is recorded as rejected with findings that say why; the other files go on.

    Raises:
        LayoutError: the layout does not exist.
        ValueError: ``county`` is no code of six digits.
        OSError: a file cannot be opened (nothing of it is recorded).
    """
    cache = BindingCache()
    receipts = []
    for number, path in enumerate(files, start=1):
        receipts.append(
            receive_content(
                home,
                ledger,
                path.read_bytes(),
                path.name,
                layout=layout,
                year=year,
                county=county,
                received_by=received_by,
                now=now,
                cache=cache,
            )
        )
        if progress is not None:
            progress(number)
    return receipts


def receive_content(
    home: Home,
    ledger: Ledger,
    content: bytes,
    file_name: str,
    *,
    layout: str | None,
    year: int | None,
    county: str | None,
    received_by: str,
    now: datetime,
    cache: BindingCache | None = None,
) -> Receipt:
    """Receive one file given as bytes (see ``receive``)."""
    if county is not None and not _COUNTY.fullmatch(county):
        raise ValueError(f"{county!r} is not a county code of six digits")
    identified = identify(content, file_name, layout=layout, declared_year=year, declared_county=county, cache=cache)
    declared_year = year or _year_of_name(identified)
    sha256 = Landing(home.landing).store(content)
    status: Status = "rejected" if identified.rejected else "accepted"
    submission_id = submission_id_for(
        sha256, layout=layout, declared_year=declared_year, declared_county=county, status=status
    )
    submission, created = ledger.record(
        Submission(
            submission_id=submission_id,
            sha256=sha256,
            file_name=file_name,
            size=len(content),
            layout=layout,
            declared_year=declared_year,
            declared_county=county,
            received_at=now,
            received_by=received_by,
            status=status,
            reason=identified.rejected,
            supersedes=_superseded(ledger, file_name, submission_id, identified),
            returns=identified.returns,
        )
    )
    findings = _under(submission, identified)
    if submission.status == "rejected":
        _write_rejected(home, submission.submission_id, findings)
    return Receipt(submission, created, findings)


def _year_of_name(identified: Identified) -> int | None:
    """The year is kept as declared where only the file's name said it: the bytes alone do not tell it."""
    content_says = any(
        sheet.preamble.school_years or sheet.binding.period_column is not None for sheet in identified.sheets
    )
    return None if content_says else identified.school_year


def _superseded(ledger: Ledger, file_name: str, submission_id: str, identified: Identified) -> str | None:
    """The latest earlier submission of the same name that speaks of one of the same returns."""
    earlier = [
        entry
        for period in {period for _, period in identified.returns}
        for entry in ledger.submissions(period=period, status="accepted")
        if entry.file_name == file_name
        and entry.submission_id != submission_id
        and set(entry.returns) & set(identified.returns)
    ]
    return max(earlier, key=lambda entry: (entry.received_at, entry.sequence or 0)).submission_id if earlier else None


def _under(submission: Submission, identified: Identified) -> pl.DataFrame:
    """What identification found, under the submission's id."""
    return complete(identified.findings.with_columns(pl.lit(submission.submission_id).alias("submission_id")))


def _rejected_path(home: Home, submission_id: str) -> Path:
    return home.staging / "findings" / "rejected" / f"{submission_id}.parquet"


def _write_rejected(home: Home, submission_id: str, findings: pl.DataFrame) -> None:
    with replacing(_rejected_path(home, submission_id)) as temporary:
        findings.write_parquet(temporary)


def rejected_findings(home: Home, ledger: Ledger) -> pl.DataFrame:
    """Findings of all rejected submissions; those whose file is gone from staging are made again."""
    frames = []
    landing = Landing(home.landing)
    for submission in ledger.submissions(status="rejected"):
        path = _rejected_path(home, submission.submission_id)
        if not path.exists():
            identified = identify(
                landing.read(submission.sha256),
                submission.file_name,
                layout=submission.layout,
                declared_year=submission.declared_year,
                declared_county=submission.declared_county,
            )
            _write_rejected(home, submission.submission_id, _under(submission, identified))
        frames.append(pl.read_parquet(path))
    return concat(frames)
