"""``junheng query``.

Belongs here: asking a release a question and printing the answer. Does not belong here: exports for the public.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.common import HomeOption, open_home
from pipelines.cli.printing import Format, write

if TYPE_CHECKING:
    import duckdb

_CHUNK = 10_000


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT (DuckDB SQL); - reads it from standard input.")],
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = "table",
    release: Annotated[str | None, typer.Option(help="Release to ask (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Ask a release with SQL, read-only. Tables: `junheng query "show all tables"`; meanings: `junheng dictionary`."""
    import duckdb

    from warehouse.releases import Releases

    text = sys.stdin.read() if sql == "-" else sql
    with Releases(open_home(home).releases).connect(release) as connection:
        # No files besides the release: a statement can neither read nor write them.
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        try:
            _require_one_select(text)
            connection.execute(text)
            print_result(connection, output)
        except duckdb.Error as error:
            raise ValueError(str(error)) from error


def print_result(connection: duckdb.DuckDBPyConnection, output: Format) -> None:
    """Print the rows of the last statement."""
    names = [column[0] for column in connection.description or ()]
    write(output, names, _rows(connection))


def _require_one_select(text: str) -> None:
    import duckdb

    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    statements = duckdb.extract_statements(text)
    if len(statements) != 1 or statements[0].type not in allowed:
        raise ValueError("one SELECT (or DESCRIBE, SHOW, EXPLAIN) is expected; a release is never changed")


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while chunk := connection.fetchmany(_CHUNK):
        yield from chunk
