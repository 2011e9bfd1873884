"""Tables into an Excel workbook, one sheet each, byte for byte the same for the same tables.

Belongs here: merged headers, formats, the file. Does not belong here: what the cells say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.sample.names import MARK
from pipelines.sample.sheet import Cell, PrintedColumn, Sheet

#: Written into every workbook instead of the clock.
CREATED = datetime(2024, 1, 1)


@dataclass(frozen=True)
class _Formats:
    title: Format
    header: Format


def write_workbook(
    path: Path,
    sheets: Sequence[Sheet],
    extra: dict[str, list[list[Cell]]] | None = None,
    hidden: Sequence[Sheet] = (),
) -> None:
    """Write ``sheets``, then the ``extra`` sheets (name → rows of cells) as they are, then the ``hidden`` ones."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": CREATED, "title": f"{MARK}数据", "comments": f"{MARK}数据，均为虚构"})
    formats = _Formats(
        title=book.add_format({"bold": True, "align": "center", "font_size": 14}),
        header=book.add_format({"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}),
    )
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
    for name, rows in (extra or {}).items():
        page = book.add_worksheet(name)
        for index, row in enumerate(rows):
            _write_row(page, index, row)
    for sheet in hidden:
        page = book.add_worksheet(sheet.name)
        _write_sheet(page, sheet, formats)
        page.hide()
    book.close()


def header_spans(columns: Sequence[PrintedColumn], depth: int) -> Iterator[tuple[int, int, int, int, str]]:
    """Header cells as (top, left, bottom, right, text): a level over several columns is one cell, a leaf goes down."""
    for level in range(depth):
        left = 0
        while left < len(columns):
            levels = columns[left].levels
            if len(levels) <= level:
                left += 1
                continue
            if len(levels) == level + 1:
                yield level, left, depth - 1, left, levels[level]
                left += 1
                continue
            right = left
            while right + 1 < len(columns) and _goes_on(columns[right + 1].levels, levels, level):
                right += 1
            yield level, left, level, right, levels[level]
            left = right + 1


def _goes_on(levels: tuple[str, ...], before: tuple[str, ...], level: int) -> bool:
    return len(levels) > level + 1 and levels[: level + 1] == before[: level + 1]


def _write_sheet(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    width = len(sheet.columns)
    page.merge_range(0, 0, 0, max(width - 1, 1), sheet.preamble[0], formats.title)
    for row, text in enumerate(sheet.preamble[1:], start=1):
        page.write_string(row, 0, text)
    if sheet.stray is not None:
        _write_row(page, len(sheet.preamble), sheet.stray)
    for top, left, bottom, right, text in header_spans(sheet.columns, sheet.depth):
        first, last = sheet.header_row + top, sheet.header_row + bottom
        if (first, left) == (last, right):
            page.write_string(first, left, text, formats.header)
        else:
            page.merge_range(first, left, last, right, text, formats.header)
    for offset, cells in enumerate(sheet.below_header()):
        _write_row(page, sheet.header_row + sheet.depth + offset, cells)
    page.set_column(0, 2, 16)
    page.freeze_panes(sheet.body_row, 0)


def _write_row(page: Worksheet, row: int, cells: Sequence[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if cell:
                page.write_string(row, column, cell)
        elif cell is not None:
            page.write_number(row, column, cell)
