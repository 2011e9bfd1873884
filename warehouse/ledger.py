"""The ledger: what cannot be recomputed.

Belongs here: which file was received when, by whom and as what; what was published.
Does not belong here: written answers to findings (``answers``, in the same database), anything that can be made again
from the received bytes (staging, findings, marts).

Rows are added and never changed. The database is SQLite or, by URL, PostgreSQL (the extra ``postgres``). SQLite
runs in WAL mode with full synchronisation and waits for other writers; it must lie on a local disk.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from warehouse.answers import Answers
from warehouse.ledgerdb import insert_once, open_engine, release_table, submission_return_table, submission_table

Status = Literal["accepted", "rejected"]


class LedgerError(Exception):
    """The ledger cannot be opened, or was asked to record something that contradicts what it holds."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One received file as one kind of thing. ``sequence`` is the order of receipt; None until recorded.

    ``returns`` are the (form, period) pairs found in it. ``received_at`` must carry a time zone; it is kept in UTC.
    """

    submission_id: str
    sha256: str
    file_name: str
    size: int
    layout: str | None = None
    declared_year: int | None = None
    declared_county: str | None = None
    received_at: datetime
    received_by: str
    status: Status
    reason: str | None = None
    supersedes: str | None = None
    returns: tuple[tuple[str, int], ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReleaseRecord:
    """One published release: its id, when, the SHA-256 of its file, and a word about it."""

    release_id: str
    created_at: datetime
    digest: str
    note: str = ""


def submission_id_for(
    sha256: str,
    *,
    layout: str | None = None,
    declared_year: int | None = None,
    declared_county: str | None = None,
    status: Status = "accepted",
) -> str:
    """Return the id of a submission: "s" and 12 hexadecimal digits of a hash of its identity.

    The same bytes declared in the same way are the same submission. A rejection has an id of its own, so that a file
    that was rejected can be accepted later (a layout was added meanwhile) and both facts stay.
    """
    identity = [sha256, layout, declared_year, declared_county] + (["rejected"] if status == "rejected" else [])
    return "s" + hashlib.sha256(json.dumps(identity, ensure_ascii=False).encode()).hexdigest()[:12]


class Ledger:
    """An open ledger; safe to use from several threads and processes at once. Close it, or use it in a ``with``."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Ledger:
        """Connect to ``url`` (``sqlite:///file`` or ``postgresql+driver://…``) and create what is missing.

        Raises ``LedgerError`` for any other database and where the connection fails.
        """
        try:
            return cls(open_engine(url))
        except ImportError as error:
            raise LedgerError(
                f"the ledger cannot be opened: {error}; for PostgreSQL install the extra 'postgres' and write"
                " postgresql+psycopg://user:password@host/database"
            ) from error
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise LedgerError(f"the ledger cannot be opened: {error}") from error

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def answers(self) -> Answers:
        """The written answers to findings: explanations and waivers."""
        return Answers(self._engine)

    def record(self, submission: Submission) -> tuple[Submission, bool]:
        """Record a submission; return it as recorded, and whether this call did it.

        A submission of the same identity (see ``submission_id_for``) is returned as it was first recorded, with False;
        so is an accepted one when the same file comes back as rejected. ``LedgerError`` if ``submission_id`` does not
        fit the identity, ``received_at`` has no time zone, or ``supersedes`` names an unknown submission.
        """
        self._check(submission)
        if submission.status == "rejected":
            accepted = self._read(submission_table.c.submission_id == _id_of(submission, "accepted"))
            if accepted and _identity(accepted[0]) == _identity(submission):
                return accepted[0], False
        values = {key: value for key, value in asdict(submission).items() if key not in ("returns", "sequence")}
        try:
            with self._engine.begin() as connection:
                # The first statement writes, so SQLite queues here for the write lock instead of failing half-way.
                insert = insert_once(self._engine, submission_table, values, "submission_id").returning(
                    submission_table.c.sequence
                )
                sequence = connection.execute(insert).scalar_one_or_none()
                pairs = sorted(set(submission.returns))
                if sequence is not None and pairs:
                    rows = [{"sequence": sequence, "form": form, "period": period} for form, period in pairs]
                    connection.execute(sa.insert(submission_return_table), rows)
        except IntegrityError as error:
            raise LedgerError(
                f"submission {submission.submission_id} ({submission.file_name}): {error.orig}"
            ) from error
        recorded = self.get(submission.submission_id)
        if _identity(recorded) != _identity(submission):
            raise LedgerError(
                f"{submission.file_name} and {recorded.file_name} are different but have the same "
                f"id {submission.submission_id}; declare a layout, year or county for one of them"
            )
        return recorded, sequence is not None

    def get(self, submission_id: str) -> Submission:
        """Return one submission; ``LedgerError`` if there is none of this id."""
        found = self._read(submission_table.c.submission_id == submission_id)
        if not found:
            raise LedgerError(f"no submission {submission_id!r} in the ledger")
        return found[0]

    def submissions(
        self, *, period: int | None = None, form: str | None = None, status: Status | None = None
    ) -> list[Submission]:
        """Return submissions in order of receipt (``received_at``, then ``sequence``), optionally only some.

        ``period`` and ``form`` must hold for the same return in the file.
        """
        conditions: list[sa.ColumnElement[bool]] = []
        if status is not None:
            conditions.append(submission_table.c.status == status)
        if period is not None or form is not None:
            wanted = sa.select(submission_return_table.c.sequence)
            if period is not None:
                wanted = wanted.where(submission_return_table.c.period == period)
            if form is not None:
                wanted = wanted.where(submission_return_table.c.form == form)
            conditions.append(submission_table.c.sequence.in_(wanted))
        return self._read(*conditions)

    def periods(self) -> list[int]:
        """Return the periods for which an accepted submission holds a return, ascending."""
        query = (
            sa.select(submission_return_table.c.period)
            .join(submission_table, submission_table.c.sequence == submission_return_table.c.sequence)
            .where(submission_table.c.status == "accepted")
            .distinct()
            .order_by(submission_return_table.c.period)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def record_release(self, release_id: str, created_at: datetime, digest: str, note: str = "") -> bool:
        """Record a published release; return whether this call did it. The same one again changes nothing.

        ``LedgerError`` if the id is recorded with another digest.
        """
        if created_at.tzinfo is None:
            raise LedgerError(f"release {release_id}: created_at has no time zone")
        values = {"release_id": release_id, "created_at": created_at, "digest": digest, "note": note}
        with self._engine.begin() as connection:
            insert = insert_once(self._engine, release_table, values, "release_id").returning(release_table.c.sequence)
            inserted = connection.execute(insert).scalar_one_or_none() is not None
            known = connection.execute(
                sa.select(release_table.c.digest).where(release_table.c.release_id == release_id)
            ).scalar_one()
        if known != digest:
            raise LedgerError(f"release {release_id} is recorded with the digest {known}, not {digest}")
        return inserted

    def releases(self) -> list[ReleaseRecord]:
        """Return the recorded releases, oldest first."""
        query = sa.select(release_table).order_by(release_table.c.created_at, release_table.c.sequence)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            ReleaseRecord(**{key: row[key] for key in ("release_id", "created_at", "digest", "note")}) for row in rows
        ]

    def _check(self, submission: Submission) -> None:
        expected = _id_of(submission, submission.status)
        if submission.submission_id != expected:
            raise LedgerError(f"submission id {submission.submission_id} does not fit its identity ({expected})")
        if submission.received_at.tzinfo is None:
            raise LedgerError(f"submission {expected}: received_at has no time zone")

    def _read(self, *conditions: sa.ColumnElement[bool]) -> list[Submission]:
        query = (
            sa.select(submission_table)
            .where(*conditions)
            .order_by(submission_table.c.received_at, submission_table.c.sequence)
        )
        pairs = sa.select(submission_return_table).where(
            submission_return_table.c.sequence.in_(sa.select(submission_table.c.sequence).where(*conditions))
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            found = connection.execute(pairs).all()
        returns: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
        for sequence, form, period in found:
            returns[sequence].append((form, period))
        return [Submission(**row, returns=tuple(sorted(returns[row["sequence"]]))) for row in rows]


def _identity(submission: Submission) -> tuple[str, str | None, int | None, str | None]:
    return submission.sha256, submission.layout, submission.declared_year, submission.declared_county


def _id_of(submission: Submission, status: Status) -> str:
    sha256, layout, year, county = _identity(submission)
    return submission_id_for(sha256, layout=layout, declared_year=year, declared_county=county, status=status)
