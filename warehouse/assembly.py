"""Filling one DuckDB file with tables from Parquet, commented.

Belongs here: schemas, tables, comments of tables and columns.
Does not belong here: where the file lies and what becomes of it (``releases``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warehouse import duck


@dataclass(frozen=True)
class Comments:
    """What tables and columns mean: text by ``schema.table``, and by column below it."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def assemble(
    path: Path, tables: Mapping[str, Sequence[Path]], comments: Comments, memory_limit: str | None
) -> dict[str, int]:
    """Create ``path`` with a table ``schema.table`` from each list of Parquet files; return the rows of each.

    A file that was not finished (killed half-way) holds no table at all. Raises ``ScanError`` for files that cannot be
    read, ``ValueError`` for a name that is none and for a comment on a column that the table does not have,
    ``duckdb.Error`` for the rest.
    """
    rows: dict[str, int] = {}
    with duck.connect(path, memory_limit=memory_limit) as connection:
        # One transaction: committed one by one, two thousand comments took twice as long as all the tables.
        connection.execute("begin")
        for name in sorted(tables):
            schema, table = duck.split_table(name)
            target = f"{duck.quoted(schema)}.{duck.quoted(table)}"
            try:
                source = duck.scan(connection, tables[name])
            except duck.ScanError as error:
                raise duck.ScanError(f"table {name}: {error}") from error
            connection.execute(f"create schema if not exists {duck.quoted(schema)}")
            connection.execute(f"create table {target} as select * from {source}")
            counted = connection.execute(f"select count(*) from {target}").fetchone()
            rows[name] = 0 if counted is None else int(counted[0])
            if name in comments.tables:
                connection.execute(f"comment on table {target} is {duck.literal(comments.tables[name])}")
            columns = {row[0] for row in connection.execute(f"describe {target}").fetchall()}
            for column, text in comments.columns.get(name, {}).items():
                if column not in columns:
                    raise ValueError(f"table {name}: a comment is given for {column}, which is not one of its columns")
                connection.execute(f"comment on column {target}.{duck.quoted(column)} is {duck.literal(text)}")
        connection.execute("commit")
        connection.execute("checkpoint")
    return rows
