"""A whole release as files anyone can read: Parquet, CSV, a dictionary.

Belongs here: writing the folder of an export. Does not belong here: tables of pages (``pipelines.dashboards``).

    manifest.json   what the release is made of
    dictionary.csv  every table and column with type and meaning in both languages
    parquet/        one file a table, typed
    csv/            the same as UTF-8 with byte order mark; texts are defused (``pipelines.defuse``)
    SHA256SUMS      of all of them

DuckDB writes the rows; none passes through Python.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import duckdb

from pipelines.dashboards.extract import two
from pipelines.defuse import FORMULA, defused
from warehouse.releases import Release, Releases

_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20


def export_release(releases: Releases, release: Release, folder: Path) -> int:
    """Write the export of a release into ``folder``; return the number of tables.

    The folder appears when everything is in it. Raises ``FileExistsError`` where it exists and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = folder.parent / f".{folder.name}.tmp"
    shutil.rmtree(making, ignore_errors=True)
    for part in ("parquet", "csv"):
        (making / part).mkdir(parents=True)
    try:
        with releases.connect(release.release_id) as connection:
            described = _described(connection)
            for table, columns in described.items():
                _write_table(connection, table, columns, making)
        _write_dictionary(described, making / "dictionary.csv")
        manifest = json.dumps(release.manifest, ensure_ascii=False, indent=2)
        (making / "manifest.json").write_text(manifest, encoding="utf-8")
        _write_sums(making)
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return len(described)


Columns = dict[str, tuple[str, str | None]]
"""Column → (type, comment)."""


def _described(connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    for schema, table, column, kind, comment in connection.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal"
        " order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = (kind, comment)
    return found


def _write_table(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, folder: Path) -> None:
    parquet, plain = folder / "parquet" / f"{table}.parquet", folder / "csv" / f"{table}.csv"
    connection.execute(f"copy {_name(table)} to {_text(parquet)} (format parquet, compression zstd)")
    starts = ", ".join(_text(mark) for mark in FORMULA)
    wanted = ", ".join(
        f"case when left({_quoted(column)}, 1) in ({starts}) then '''' || {_quoted(column)} else {_quoted(column)} end"
        f" as {_quoted(defused(column))}"
        if kind == "VARCHAR"
        else f"{_quoted(column)} as {_quoted(defused(column))}"
        for column, (kind, _) in columns.items()
    )
    bare = plain.with_suffix(".tmp")
    connection.execute(f"copy (select {wanted} from {_name(table)}) to {_text(bare)} (format csv, header)")
    with bare.open("rb") as source, plain.open("wb") as target:
        target.write(_BOM)
        shutil.copyfileobj(source, target, _CHUNK)
    bare.unlink()


def _write_dictionary(described: dict[str, Columns], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["table", "column", "type", "zh", "en"])
        for table, columns in described.items():
            for column, (kind, comment) in columns.items():
                words = two(comment, "")
                writer.writerow([table, column, kind, defused(words["zh"]), defused(words["en"])])


def _write_sums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _name(table: str) -> str:
    return ".".join(_quoted(part) for part in table.split(".", maxsplit=1))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
