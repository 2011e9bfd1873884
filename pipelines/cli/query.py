"""``junheng query``.

Belongs here: asking a release a question and printing the answer. Does not belong here: exports for the public.
Text cells of the CSV are defused (``pipelines.defuse``).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipelines.cli.common import HomeOption, console, error_console, open_home
from pipelines.defuse import defused

if TYPE_CHECKING:
    import duckdb

#: Rows a table shows; csv and json give all.
TABLE_ROWS = 200
_CHUNK = 10_000

Format = Literal["table", "csv", "json"]


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
    if output == "csv":
        _write_csv(names, _rows(connection))
    elif output == "json":
        _write_json(names, _rows(connection))
    else:
        _write_table(names, _rows(connection))


def _require_one_select(text: str) -> None:
    import duckdb

    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    statements = duckdb.extract_statements(text)
    if len(statements) != 1 or statements[0].type not in allowed:
        raise ValueError("one SELECT (or DESCRIBE, SHOW, EXPLAIN) is expected; a release is never changed")


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while chunk := connection.fetchmany(_CHUNK):
        yield from chunk


def _write_csv(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([defused(name) for name in names])
    for row in rows:
        writer.writerow([defused(cell) if isinstance(cell, str) else _plain(cell) for cell in row])


def _write_json(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """One array of objects, a row a line; a number that is none (infinite) is null."""
    print("[", end="")
    for number, row in enumerate(rows):
        print(",\n " if number else "\n ", end="")
        cells = dict(zip(names, (_jsonable(cell) for cell in row), strict=True))
        print(json.dumps(cells, ensure_ascii=False, allow_nan=False), end="")
    print("\n]")


def _write_table(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(*(Column(Text(name)) for name in names), box=None)
    more = 0
    for number, row in enumerate(rows):
        if number < TABLE_ROWS:
            table.add_row(*(Text("" if cell is None else str(_plain(cell))) for cell in row))
        else:
            more += 1
    console().print(table)
    if more:
        error_console().print(f"… and {more} rows more: --format csv gives all")


def _plain(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return cell


def _jsonable(cell: Any) -> Any:
    if isinstance(cell, float):
        return cell if cell - cell == 0 else None
    if isinstance(cell, Decimal):
        return float(cell)
    if cell is None or isinstance(cell, (bool, int, str)):
        return cell
    if isinstance(cell, (list, tuple)):
        return [_jsonable(each) for each in cell]
    if isinstance(cell, dict):
        return {str(key): _jsonable(each) for key, each in cell.items()}
    return cell.isoformat() if isinstance(cell, (datetime, date, time)) else str(cell)
