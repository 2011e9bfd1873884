"""Running one query on Parquet files into one Parquet file.

Belongs here: the ``Engine`` interface (bind names, describe a query, run a query) and its DuckDB implementation.
Does not belong here: which models there are and in what order they run; anything that stays open between runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol

import duckdb
from sqlglot.errors import SqlglotError

from warehouse import duck
from warehouse.files import replacing


class EngineError(Exception):
    """A name that cannot be bound or a query that cannot be run; the message names the table or the file."""


class Engine(Protocol):
    """What a query engine must be able to do for the models to run on it."""

    def bind(self, name: str, files: Sequence[Path]) -> None:
        """Let ``name`` (schema.table) mean the rows of these Parquet files, which must have the same columns."""

    def describe(self, sql: str) -> tuple[tuple[str, str], ...]:
        """Return (column name, type) for each column the query produces, without running it."""

    def run(self, sql: str, out: Path, *, order_by: Sequence[str] = ()) -> int:
        """Write the result of one SELECT to ``out`` (Parquet, zstd), replacing it in one step; return the rows."""


class DuckDBEngine:
    """An in-memory DuckDB over Parquet files; one per thread or process, no lock is taken on anything.

    ``threads``: default as many as the machine has. ``memory_limit``: as DuckDB writes it, "4GB". ``temp_directory``:
    where what does not fit into memory goes.
    """

    def __init__(
        self, threads: int | None = None, memory_limit: str | None = None, temp_directory: Path | None = None
    ) -> None:
        self._connection = duck.connect(threads=threads, memory_limit=memory_limit, temp_directory=temp_directory)
        # An order is promised only where it is asked for (ORDER BY in the query, or order_by): keeping the accidental
        # order of the input would cost memory and parallelism and would still not make aggregates repeatable.
        self._connection.execute("set preserve_insertion_order = false")
        self._described: dict[str, tuple[tuple[str, str], ...]] = {}  # the last query, until a name is bound

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the connection and its memory."""
        self._connection.close()

    def bind(self, name: str, files: Sequence[Path]) -> None:
        """Let ``name`` mean the rows of ``files``; binding it again replaces it. ``EngineError`` if it cannot be."""
        self._described = {}
        try:
            schema, table = duck.split_table(name)
            source = duck.scan(self._connection, files)
            view = f"{duck.quoted(schema)}.{duck.quoted(table)}"
            self._connection.execute(f"create schema if not exists {duck.quoted(schema)}")
            self._connection.execute(f"create or replace view {view} as select * from {source}")
        except (ValueError, duck.ScanError, duckdb.Error) as error:
            raise EngineError(f"table {name}: {error}") from error

    def describe(self, sql: str) -> tuple[tuple[str, str], ...]:
        """Return (column name, DuckDB type) in the order of the projection; ``EngineError`` if it cannot be bound."""
        if sql not in self._described:  # a model is described to check it and again to run it
            try:
                rows = self._connection.execute(f"describe {_bare(sql)}").fetchall()
            except duckdb.Error as error:
                raise EngineError(str(error)) from error
            self._described = {sql: tuple((row[0], row[1]) for row in rows)}
        return self._described[sql]

    def run(self, sql: str, out: Path, *, order_by: Sequence[str] = ()) -> int:
        """Write the result of one SELECT to ``out`` and return the number of rows.

        With ``order_by`` (columns of the result that together identify a row: the grain of the model) the rows are
        sorted, nulls first, and the same input gives the same bytes as long as each source is one row group (122,880
        rows) or the engine has one thread; beyond that, sums of floats made in parallel may differ in the last digit.
        Without it the order of the rows is whatever the threads made of it, which is faster.

        ``EngineError`` if the query fails, produces a column name twice, or lacks a column of ``order_by``; ``out`` is
        then left as it was.
        """
        names = [name for name, _ in self.describe(sql)]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise EngineError(f"{out.name}: the query produces a column more than once: {', '.join(doubled)}")
        unknown = [name for name in order_by if name not in names]
        if unknown:
            raise EngineError(f"{out.name}: order_by names columns the query does not produce: {', '.join(unknown)}")
        query = _bare(sql)
        if order_by:
            order = ", ".join(f"{duck.quoted(name)} asc nulls first" for name in order_by)
            query = f"select * from ({query}\n) order by {order}"
        with replacing(out) as temporary:
            # use_tmp_file false: the temporary file is ours, and its lock must stay on the file that is written
            options = "format parquet, compression zstd, use_tmp_file false"
            try:
                cursor = self._connection.execute(f"copy ({query}\n) to {duck.literal(str(temporary))} ({options})")
                row = cursor.fetchone()
            except duckdb.Error as error:
                raise EngineError(f"{out.name}: {error}") from error
        if row is None:
            raise EngineError(f"{out.name}: DuckDB did not tell how many rows it wrote")
        return int(row[0])


@lru_cache(maxsize=16)
def _bare(sql: str) -> str:
    """Return the one SELECT in ``sql`` without its semicolon; anything else is refused before it can do something."""
    try:
        statements = duckdb.extract_statements(sql)
        query = duck.until_semicolon(sql)
    except (duckdb.Error, SqlglotError) as error:
        raise EngineError(str(error)) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        found = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise EngineError(f"one SELECT is expected; found: {found}")
    return query
