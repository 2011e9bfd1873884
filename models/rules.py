"""The rulebook: reads its CSV files, refuses what cannot be meant, and writes them to Parquet for the models.

Belongs here: reading, and that no two rows claim the same thing at the same time. Does not belong here: what each file
may hold (``rule_tables.py``), what one says about another (``rule_relations.py``), which row holds where
(``core/county_setting.sql`` and its neighbours), any number of a rule.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from pathlib import Path

import polars as pl

from models.rule_cells import Row, Table, Value
from models.rule_relations import relations
from models.rule_tables import TABLES

FOLDER = Path(__file__).parent / "rulebook"

#: Last year of a row that is still in force, for comparing rows.
_OPEN = 9999


class RulebookError(Exception):
    """A rulebook that cannot be used; the message has a line for every fault: file, line, what is wrong."""


def load(folder: Path = FOLDER) -> dict[str, pl.DataFrame]:
    """Read and check the rulebook.

    Returns:
        One frame per file, by its stem. Text that is left empty is the empty string, an open ``to_year`` is null.

    Raises:
        RulebookError: naming file and line of every fault.
    """
    faults: list[str] = []
    tables: dict[str, list[Row]] = {}
    lines: dict[str, list[int]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in TABLES:
            faults.append(f"{path}: not a file of the rulebook; known: {', '.join(TABLES)}")
    for name, table in TABLES.items():
        tables[name], lines[name], told = _read(folder / f"{name}.csv", table)
        faults += told
    if not faults:
        for name, table in TABLES.items():
            faults += _doubled(folder / f"{name}.csv", table, tables[name], lines[name])
        faults += relations(folder, tables, lines)
    if faults:
        raise RulebookError("\n".join(faults))
    return {
        name: pl.DataFrame(tables[name], schema={column: kind.dtype for column, kind in table.columns.items()})
        for name, table in TABLES.items()
    }


def write(out: Path, folder: Path = FOLDER) -> dict[str, Path]:
    """Write the checked rulebook to ``out`` as Parquet; return the files by table name (``rulebook.<stem>``)."""
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for name, frame in load(folder).items():
        files[f"rulebook.{name}"] = path = out / f"{name}.parquet"
        frame.write_parquet(path)
    return files


def fingerprint(folder: Path = FOLDER) -> str:
    """SHA-256 (hex) over the names and bytes of the files: the version of the rulebook."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path, table: Table) -> tuple[list[Row], list[int], list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [], [f"{path}: the file is missing"]
    except UnicodeDecodeError as error:
        return [], [], [f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8"]
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if header != list(table.columns):
        return [], [], [f"{path}:1: the columns must be {','.join(table.columns)}; found {','.join(header)}"]
    rows: list[Row] = []
    lines: list[int] = []
    faults: list[str] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            faults.append(f"{path}:{reader.line_num}: {len(cells)} cells, expected {len(header)}")
            continue
        row: Row = {}
        for (name, column), cell in zip(table.columns.items(), cells, strict=True):
            try:
                row[name] = column.convert(cell.strip())
            except ValueError as error:
                faults.append(f"{path}:{reader.line_num}: {name} {error}")
        rows.append(row)
        lines.append(reader.line_num)
    return rows, lines, faults


def _doubled(path: Path, table: Table, rows: list[Row], lines: list[int]) -> list[str]:
    """Rows that claim the same thing for the same time, and rows whose years run backwards."""
    faults: list[str] = []
    earlier: dict[tuple[Value, ...], list[tuple[int, int, int]]] = defaultdict(list)
    with_years = "to_year" in table.columns
    for row, line in zip(rows, lines, strict=True):
        start, end = (int(row["from_year"] or 0), int(row["to_year"] or _OPEN)) if with_years else (0, _OPEN)
        if start > end:
            faults.append(f"{path}:{line}: from_year {start} is after to_year {end}")
        key = tuple(row[name] for name in table.key)
        for other_start, other_end, other_line in earlier[key]:
            if start <= other_end and other_start <= end:
                when = " for years that overlap" if with_years else ""
                faults.append(f"{path}:{line}: says the same as line {other_line}{when} ({', '.join(map(str, key))})")
        earlier[key].append((start, end, line))
    return faults
