"""From files to queryable marts, by the same functions that the pipeline uses.

Belongs here: one helper. Does not belong here: expectations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

import models
from models import rules
from pipelines.intake.assemble import assemble, bindings
from pipelines.intake.receive import Receipt, receive
from pipelines.marts import mart_bindings, run_models
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.replay import upstream
from warehouse.sqlmodels import load_models

RECEIVED = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def warehouse_of(
    home: Home, files: Sequence[Path], *, layout: str | None = None, only: Collection[str] | None = None
) -> tuple[duckdb.DuckDBPyConnection, list[Receipt]]:
    """Receive files, assemble their periods, run all models (or ``only`` these and what they read); a connection with every table as a view."""
    with Ledger.open(home.ledger_url) as ledger:
        receipts = receive(home, ledger, files, layout=layout, received_by="test", now=RECEIVED)
        for period in ledger.periods():
            assemble(home, ledger, period)
    sql = load_models(Path(str(models.__file__)).parent, ["core", "trends"])
    rulebook = {name: [path] for name, path in rules.write(home.cache / "rulebook").items()}
    inputs = {**bindings(home), **rulebook}
    if only is not None:
        sql = {name: sql[name] for name in upstream(sql, only)}
    run_models(home, sql, inputs)
    connection = duckdb.connect()
    for name, paths in {**inputs, **mart_bindings(home, sql)}.items():
        schema, _ = name.split(".")
        listed = ", ".join(f"'{path}'" for path in paths)
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create view {name} as select * from read_parquet([{listed}], union_by_name => true)")
    return connection, receipts
