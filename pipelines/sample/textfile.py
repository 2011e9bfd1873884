"""A table as a text file, as a spreadsheet program saves it: merged headers leave blanks behind them.

Belongs here: lines and encodings. Does not belong here: what the cells say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from pipelines.sample.sheet import Cell, Sheet
from pipelines.sample.workbook import header_spans


def write_text(path: Path, sheet: Sheet, encoding: str) -> None:
    """Write one table comma-separated in ``encoding`` (``gbk``, ``utf-8-sig`` …), lines ending as on Windows."""
    header: list[list[Cell]] = [[None] * len(sheet.columns) for _ in range(sheet.depth)]
    for top, left, _, _, text in header_spans(sheet.columns, sheet.depth):
        header[top][left] = text
    rows: list[Sequence[Cell]] = [*([text] for text in sheet.preamble), *header, *sheet.below_header()]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
