"""Running SQL models in memory over tables that stand for others: what would be, if.

Belongs here: making the tables of chosen models, and of all they read, on a connection whose inputs are bound already.
Does not belong here: which inputs, and what is done with the results; the models of a warehouse as it is
(``pipelines.marts``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from warehouse import duck
from warehouse.sqlmodels import SqlModel


class ReplayError(Exception):
    """A model that cannot be run on the given tables; the message names it."""


def upstream(models: Mapping[str, SqlModel], wanted: Collection[str]) -> list[str]:
    """Return ``wanted`` models and all models they read, in the order of ``models`` (each after those it reads)."""
    needed: set[str] = set()
    pending = [name for name in wanted if name in models]
    while pending:
        if (name := pending.pop()) not in needed:
            needed.add(name)
            pending += [each for each in models[name].depends if each in models]
    return [name for name in models if name in needed]


def inputs_of(models: Mapping[str, SqlModel], wanted: Collection[str]) -> list[str]:
    """Return the tables that ``wanted`` models read in the end and that are no models, sorted."""
    return sorted({table for name in upstream(models, wanted) for table in models[name].depends} - models.keys())


def replay(connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel], wanted: Collection[str]) -> None:
    """Make the tables of ``wanted`` models and all they read, replacing those of an earlier run.

    The inputs (``inputs_of``) must be there as ``schema.table`` in the current database. ``ReplayError`` otherwise.
    """
    for name in upstream(models, wanted):
        replay_one(connection, models[name])


def replay_one(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    """Make the table of one model; what it reads must be there. ``ReplayError`` otherwise."""
    schema, table = duck.split_table(model.name)
    try:
        connection.execute(f"create schema if not exists {duck.quoted(schema)}")
        connection.execute(f"create or replace table {duck.quoted(schema)}.{duck.quoted(table)} as {model.sql}")
    except duckdb.Error as error:
        raise ReplayError(f"{model.name}: {error}") from error
