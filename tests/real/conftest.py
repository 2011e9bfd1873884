"""Real files read once for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.intake.receive import Receipt
from tests.real.warehouse_of import warehouse_of
from warehouse.home import Home


@dataclass(frozen=True)
class Taiwan:
    """The eight years of Taiwan's primary schools: a connection with every table, what was said of the files, the home."""

    connection: duckdb.DuckDBPyConnection
    receipts: list[Receipt]
    home: Home


@pytest.fixture(scope="session")
def taiwan(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taiwan]:
    home = Home(tmp_path_factory.mktemp("taiwan")).ensure()
    files = sorted((shared / "taiwan_elementary").glob("*_basec.csv"))
    connection, receipts = warehouse_of(home, files, layout="taiwan_elementary")
    yield Taiwan(connection, receipts, home)
    connection.close()
