"""Rows as a table, as CSV and as JSON.

Belongs here: how commands print rows. Does not belong here: where the rows come from, exports for the public.

Text cells of the CSV are defused (``pipelines.defuse``).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from pipelines.cli.common import console, error_console
from pipelines.defuse import defused

Format = Literal["table", "csv", "json"]

#: Rows a table shows; csv and json give all.
TABLE_ROWS = 200


def write(form: Format, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Print rows under their names."""
    {"csv": _write_csv, "json": _write_json, "table": _write_table}[form](names, rows)


def _write_csv(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([defused(name) for name in names])
    for row in rows:
        writer.writerow([defused(cell) if isinstance(cell, str) else _plain(cell) for cell in row])


def _write_json(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """One array of objects, a row a line; a number that is none (infinite) is null."""
    print("[", end="")
    for number, row in enumerate(rows):
        print(",\n " if number else "\n ", end="")
        cells = dict(zip(names, (_jsonable(cell) for cell in row), strict=True))
        print(json.dumps(cells, ensure_ascii=False, allow_nan=False), end="")
    print("\n]")


def _write_table(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
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
