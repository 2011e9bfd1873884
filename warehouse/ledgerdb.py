"""Where the ledger's rows lie: its tables, and opening the database they are in.

Belongs here: table definitions, settings of SQLite and PostgreSQL, creating what is missing.
Does not belong here: what may be recorded (``ledger``).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import NullPool

from warehouse.files import make_folder

#: Seconds a SQLite writer waits for another one before it gives up.
BUSY_SECONDS = 60.0

#: Any number that no other program locks in the same PostgreSQL database.
_SETUP_LOCK = 7_223_011


class _Utc(sa.TypeDecorator[datetime]):
    """A moment in UTC, also where the database (SQLite) keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


metadata = sa.MetaData()
submission_table = sa.Table(
    "submission",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("submission_id", sa.String(13), nullable=False, unique=True),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("layout", sa.Text),
    sa.Column("declared_year", sa.Integer),
    sa.Column("declared_county", sa.Text),
    sa.Column("received_at", _Utc, nullable=False),
    sa.Column("received_by", sa.Text, nullable=False),
    sa.Column("status", sa.String(8), sa.CheckConstraint("status in ('accepted', 'rejected')"), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("supersedes", sa.String(13), sa.ForeignKey("submission.submission_id")),
    sqlite_autoincrement=True,
)
submission_return_table = sa.Table(
    "submission_return",
    metadata,
    sa.Column("sequence", sa.Integer, sa.ForeignKey("submission.sequence"), primary_key=True),
    sa.Column("form", sa.Text, primary_key=True),
    sa.Column("period", sa.Integer, primary_key=True, autoincrement=False),
    sa.Index("submission_return_by_period", "period", "form"),
)
release_table = sa.Table(
    "release",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("release_id", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", _Utc, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
explanation_table = sa.Table(
    "explanation",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("explanation_id", sa.String(13), nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("occasion", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("period", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("explained_by", sa.Text, nullable=False),
    sa.Column("dated", sa.Date),
    sa.Column("recorded_at", _Utc, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
decision_table = sa.Table(
    "explanation_decision",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("explanation_id", sa.String(13), sa.ForeignKey("explanation.explanation_id"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("accepted", sa.Boolean, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", _Utc, nullable=False),
    sa.Column("remark", sa.Text, nullable=False),
    sa.UniqueConstraint("explanation_id", "number"),
    sqlite_autoincrement=True,
)
waiver_table = sa.Table(
    "waiver",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("waiver_id", sa.String(13), nullable=False, unique=True),
    sa.Column("subject", sa.Text),
    sa.Column("seen", sa.Text),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("period", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("approver", sa.Text, nullable=False),
    sa.Column("valid_from", _Utc, nullable=False),
    sa.Column("valid_until", _Utc, nullable=False),
    sa.Column("recorded_at", _Utc, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.CheckConstraint("valid_from < valid_until"),
    sqlite_autoincrement=True,
)
revocation_table = sa.Table(
    "waiver_revocation",
    metadata,
    sa.Column("waiver_id", sa.String(13), sa.ForeignKey("waiver.waiver_id"), primary_key=True),
    sa.Column("revoked_by", sa.Text, nullable=False),
    sa.Column("revoked_at", _Utc, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)


def open_engine(url: str) -> sa.Engine:
    """Connect to the database at ``url`` and create the tables that are missing.

    Any number of processes may do this at once. ``ValueError`` for a database that is neither SQLite nor PostgreSQL.
    """
    parsed = sa.make_url(url)
    dialect = parsed.get_backend_name()
    if dialect == "sqlite":
        return _open_sqlite(parsed)
    if dialect == "postgresql":
        return _open_postgresql(parsed)
    raise ValueError(f"the ledger can lie in SQLite or PostgreSQL, not in {dialect}")


def insert_once(
    engine: sa.Engine, table: sa.Table, values: Mapping[str, Any], *key: str
) -> postgresql.Insert | sqlite.Insert:
    """Return the insertion of a row that does nothing where a row of the same key is there already."""
    make = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    return make(table).values(**values).on_conflict_do_nothing(index_elements=list(key))


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("the ledger must lie in a file: sqlite:////folder/ledger.sqlite")
    make_folder(Path(url.database).absolute().parent)
    # No pool: no file stays open between calls, so forked processes and threads share nothing.
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        metadata.create_all(connection)
        connection.exec_driver_sql("COMMIT")
    return engine


def _open_postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_pre_ping=True)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SETUP_LOCK)))
        metadata.create_all(connection)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    # Going over to WAL fails at once, without waiting, while another process does the same.
    deadline = time.monotonic() + BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    cursor.close()
