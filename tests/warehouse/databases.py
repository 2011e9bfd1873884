"""Databases a ledger can lie in: a file of its own for each test, or a schema of its own in a PostgreSQL server.

Import ``url`` into a ``conftest.py``: tests that ask for it run in both. PostgreSQL is skipped where no server is named.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

#: Address of a database that tests may make schemas in: ``postgresql+psycopg://user:password@host/database``.
SERVER = "JUNHENG_TEST_POSTGRES"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty ledger in each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new folder/ledger.sqlite"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"no PostgreSQL server to test with (set {SERVER})")
    schema = f"t{uuid.uuid4().hex[:12]}"
    with database(server) as connection:
        connection.exec_driver_sql(f"create schema {schema}")
    yield f"{server}?options=-csearch_path%3D{schema}"
    with database(server) as connection:
        connection.exec_driver_sql(f"drop schema {schema} cascade")


@contextmanager
def database(url: str) -> Iterator[sa.Connection]:
    """A connection past the ledger; what is done is committed at the end."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
