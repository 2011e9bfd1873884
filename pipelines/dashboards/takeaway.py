"""What a reader takes away from under a table: its data as CSV, and all tables of a page as one workbook.

Belongs here: the bytes of these files. Does not belong here: what a table holds, the links to it (``pages/html.py``).

Values are unrounded and typed; shares are fractions. CSV begins with a byte order mark, without which Excel takes
Chinese for something else; its texts are defused (``pipelines.defuse``). In a workbook a text is a text by its type;
one that looks like a formula also gets the format that keeps it one when it is edited. The same tables give the same
bytes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from pipelines.dashboards.tables import Column, Table
from pipelines.dashboards.text import Text
from pipelines.defuse import defused

#: Columns of the dictionary sheet.
_DICTIONARY = ("sheet", "column", "key", "unit", "kind", "definition", "other")
#: Formats of cells by kind of column; a share is stored as a fraction and shown in percent.
FORMATS = {
    "integer": "#,##0",
    "number": "#,##0.####",
    "coefficient": "0.000",
    "change": "+0.000;-0.000;0.000",
    "line": "0.00##",
    "share": "0.0%",
    "growth": "+0.00%;-0.00%;0.00%",
    "points": "+0.00;-0.00;0.00",
    "year": "0",
}
_EPOCH = datetime(2000, 1, 1)
_SHEET_MARKS = re.compile(r"[\[\]:*?/\\']")
_SHEET_ROWS = 1_048_575
_WIDEST = 60
_QUOTED = "quoted"


def csv_bytes(table: Table) -> bytes:
    """The table as CSV in UTF-8 with byte order mark; a title and its unit share the header's cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([defused(_title(column)) for column in table.columns])
    writer.writerows([[_plain(cell) for cell in row] for row in table.rows])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def workbook_bytes(text: Text, title: str, release_id: str, tables: Sequence[Table]) -> bytes:
    """A workbook with a sheet a table and a last one that says what each column means.

    Raises ``ValueError`` for a table that no sheet can hold.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "created": _EPOCH, "comments": ""})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
    formats[_QUOTED] = book.add_format({"quote_prefix": True})
    names = sheet_names([*(table.caption for table in tables), text("dictionary.title")])
    for table, name in zip(tables, names, strict=False):
        if len(table.rows) > _SHEET_ROWS:
            raise ValueError(f"{table.name}: {len(table.rows)} rows are more than a sheet holds; take the CSV")
        _sheet(book.add_worksheet(name), table, bold, formats)
    about = book.add_worksheet(names[-1])
    rows = [(title,), (text("site.release"), release_id), ()]
    rows.append(tuple(text(f"dictionary.{key}") for key in _DICTIONARY))
    for table, name in zip(tables, names, strict=False):
        for column in table.columns:
            kind, definition = text(f"kind.{column.kind}"), column.definition or column.title
            rows.append((name, column.title, column.key, column.unit, kind, definition, column.other))
    for place, row in enumerate(rows):
        for where, cell in enumerate(row):
            about.write_string(place, where, cell, bold if place in (0, 3) else None)
    about.set_column(0, len(_DICTIONARY) - 1, 24)
    book.close()
    return buffer.getvalue()


def _sheet(sheet: Any, table: Table, bold: Any, formats: Mapping[str, Any]) -> None:
    for place, column in enumerate(table.columns):
        title = _title(column)
        sheet.write_string(0, place, title, bold)
        lengths = [len(title) * 1.7, *(len(str(row[place])) for row in table.rows[:50] if row[place] is not None)]
        sheet.set_column(place, place, min(_WIDEST, max(9.0, min(max(lengths), 28.0))))
    for number, row in enumerate(table.rows, start=1):
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            _cell(sheet, number, place, cell, formats.get(column.kind), formats[_QUOTED])
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _cell(sheet: Any, row: int, place: int, cell: Any, form: Any, quoted: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, (int, float)) and cell - cell == 0:
        sheet.write_number(row, place, cell, form)
    elif isinstance(cell, (datetime, date)):
        sheet.write_string(row, place, cell.isoformat())
    else:
        words = str(cell)[:32_767]
        sheet.write_string(row, place, words, quoted if defused(words) != words else None)


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names a workbook accepts (31 characters, without its reserved marks, unique), close to the wanted ones."""
    found: list[str] = []
    for name in wanted:
        base = _SHEET_MARKS.sub(" ", name).strip() or "–"
        candidate, number = base[:31], 2
        while candidate.lower() in (taken.lower() for taken in found):
            mark = f" {number}"
            candidate, number = base[: 31 - len(mark)] + mark, number + 1
        found.append(candidate)
    return found


def _title(column: Column) -> str:
    return f"{column.title} [{column.unit}]" if column.unit else column.title


def _plain(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return defused(cell)
    return cell.isoformat() if isinstance(cell, (datetime, date)) else cell
