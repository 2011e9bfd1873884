"""How this room opens DuckDB and names things in it.

Belongs here: the settings of a connection, quoting, and a checked scan of Parquet files.
Does not belong here: running models (engine) and publishing (releases).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import TokenType

_TABLE = re.compile(r"([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)")


class ScanError(Exception):
    """Parquet files that cannot be read as one table; the message names the file."""


def connect(
    path: Path | None = None,
    *,
    read_only: bool = False,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory, that never looks for extensions on the network.

    ``memory_limit`` as DuckDB writes it ("4GB"; default 80 % of the machine). In memory, what does not fit is spilled
    to ``temp_directory`` (default: a folder under the system's own for temporary files). All connections of one
    process to one file must be opened with the same settings.
    """
    config: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if temp_directory is not None:
        config["temp_directory"] = str(temp_directory)
    elif path is None:
        config["temp_directory"] = str(Path(tempfile.gettempdir()) / "junheng-duckdb")
    return duckdb.connect(":memory:" if path is None else str(path), read_only=read_only, config=config)


def quoted(identifier: str) -> str:
    """Return ``identifier`` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def split_table(name: str) -> tuple[str, str]:
    """Return schema and table of ``schema.table``; ``ValueError`` unless both are plain lower-case names."""
    match = _TABLE.fullmatch(name)
    if match is None:
        raise ValueError(f"not a table name: {name!r}; write schema.table in lower-case letters, digits and _")
    return match[1], match[2]


def until_semicolon(sql: str) -> str:
    """Return ``sql`` up to its first semicolon outside strings and comments, without trailing white space."""
    for token in sqlglot.tokenize(sql, read="duckdb"):
        if token.token_type == TokenType.SEMICOLON:
            return sql[: token.start].rstrip()
    return sql.rstrip()


def scan(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    """Return the FROM item that reads all ``files`` as one table.

    DuckDB takes the columns of the first file and silently drops what others have more, so files whose column names or
    types differ are refused (``ScanError``), as are a missing file, a file that is not Parquet, and no file at all.
    """
    if not files:
        raise ScanError("no Parquet file given; write an empty one with the right columns where nothing was received")
    first: dict[str, str] | None = None
    for file in files:
        columns = _columns(connection, file)
        if first is None:
            first = columns
        elif columns != first:
            differing = sorted(key for key in first.keys() | columns.keys() if first.get(key) != columns.get(key))
            told = ", ".join(
                f"{key} {columns.get(key, 'missing')} (not {first.get(key, 'there')})" for key in differing
            )
            raise ScanError(f"{file}: columns differ from those of {files[0]}: {told}; make the older file again")
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def _columns(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    if not file.is_file():
        raise ScanError(f"{file}: no such file")
    try:
        rows = connection.execute(f"describe select * from read_parquet({literal(str(file))})").fetchall()
    except duckdb.Error as error:
        raise ScanError(f"{file}: cannot be read as Parquet: {error}") from error
    return {row[0]: row[1] for row in rows}
