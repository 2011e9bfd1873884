"""Grids: the sheets of a file as text cells that keep their addresses.

Belongs here: opening workbooks and text tables. Does not belong here: knowing what a cell means.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import fastexcel
import polars as pl
from python_calamine import CalamineWorkbook

from pipelines.intake.sniff import Sniffed


class UnreadableFile(ValueError):
    """A file that claims to be a workbook but cannot be opened; the message says why."""


@dataclass(frozen=True)
class Merge:
    """A merged range, zero-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Grid:
    """One sheet as text.

    ``cells`` has one String column per sheet column; row ``i`` of the frame is sheet row ``i + 1`` and column
    ``j`` of the frame is sheet column ``first_column + j``. Blank cells are null.
    """

    sheet: str
    cells: pl.DataFrame
    first_column: int = 0
    hidden: bool = False
    _merges: tuple[Merge, ...] | None = field(default=None, repr=False)
    _content: bytes | None = field(default=None, repr=False)

    def merges(self) -> tuple[Merge, ...] | None:
        """Merged ranges in frame coordinates; ``None`` where the file kind has none to tell (text)."""
        if self._merges is None and self._content is not None:
            with CalamineWorkbook.from_filelike(io.BytesIO(self._content)) as book:
                ranges = book.get_sheet_by_name(self.sheet).merged_cell_ranges or []
            shift = self.first_column
            self._merges = tuple(Merge(a[0], a[1] - shift, b[0], b[1] - shift) for a, b in ranges)
        return self._merges


def read_grids(content: bytes, sniffed: Sniffed) -> list[Grid]:
    """All sheets of a file as text grids; sheets without any cell are left out.

    Raises:
        UnreadableFile: the workbook is damaged, protected by a password, or not a workbook.
    """
    if sniffed.kind == "text":
        return _text_grid(sniffed)
    try:
        book = fastexcel.read_excel(content)
        grids = []
        for index, name in enumerate(book.sheet_names):
            sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
            if sheet.width == 0 or sheet.height == 0:
                continue
            first = sheet.available_columns()[0].absolute_index
            grids.append(Grid(name, sheet.to_polars(), first, hidden=sheet.visible != "visible", _content=content))
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        raise UnreadableFile(str(error).split("\n")[0][:300]) from error
    return grids


def _text_grid(sniffed: Sniffed) -> list[Grid]:
    text = (sniffed.text or "").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = sniffed.delimiter or ","
    width = max(line.count(delimiter) for line in text.split("\n")) + 1
    ruler = delimiter.join("x" * width)  # a first line that is as wide as the widest: shorter lines are padded
    try:
        cells = pl.read_csv(
            io.BytesIO(f"{ruler}\n{text}".encode()),
            has_header=False,
            separator=delimiter,
            infer_schema=False,
            raise_if_empty=False,
        ).slice(1)
    except pl.exceptions.PolarsError:
        cells = _lenient(text, delimiter)
    used = [name for name in cells.columns if cells[name].null_count() < cells.height]
    if not used:
        return []
    last = cells.columns.index(used[-1])
    return [Grid("", cells.select(cells.columns[: last + 1]))]


def _lenient(text: str, delimiter: str) -> pl.DataFrame:
    """Text with quotes out of place, which polars refuses: read as the csv module understands it."""
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(str(error)) from error
    width = max(map(len, rows))
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    return pl.DataFrame(padded, schema={f"column_{i}": pl.String for i in range(width)}, orient="row")


def column_letter(index: int) -> str:
    """Spreadsheet letters of a zero-based column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
