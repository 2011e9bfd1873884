"""Grids: the sheets of a file as text cells that keep their addresses.

Belongs here: opening workbooks and text tables. Does not belong here: knowing what a cell means.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import fastexcel
import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from pipelines.intake.archive import Range, Scanned, Unscanned, scan
from pipelines.intake.sniff import Sniffed


class UnreadableFile(ValueError):
    """A file that claims to be a workbook but cannot be opened; the message says why."""


class SheetTooLarge(ValueError):
    """A workbook in which a filled cell stands far off all others; ``cell`` is its address."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        super().__init__(f"a filled cell {cell} stands far outside the table")


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
    ``j`` of the frame is sheet column ``first_column + j``. Blank cells are null, and so are cells that hold the error
    of a formula until ``errors`` tells them.
    """

    sheet: str
    cells: pl.DataFrame
    first_column: int = 0
    hidden: bool = False
    _merges: tuple[Merge, ...] | None = field(default=None, repr=False)
    _book: _Merges | None = field(default=None, repr=False)
    _source: fastexcel.ExcelSheet | None = field(default=None, repr=False)

    @property
    def from_workbook(self) -> bool:
        """Whether the sheet comes out of a workbook (as opposed to a text file)."""
        return self._source is not None

    def merges(self) -> tuple[Merge, ...] | None:
        """Merged ranges in frame coordinates; ``None`` where the file kind has none to tell (text).

        Raises:
            UnreadableFile: the workbook is damaged where it tells them.
        """
        if self._merges is None and self._book is not None:
            shift = self.first_column
            ranges = self._book.of(self.sheet)
            self._merges = tuple(Merge(top, left - shift, bottom, right - shift) for top, left, bottom, right in ranges)
        return self._merges

    def merges_between(self, first: int, last: int) -> tuple[Range, ...] | None:
        """What tells sheets with other merged ranges in rows ``first`` to ``last`` apart; ``None`` for text.

        Of an .xlsx these are the ranges of all its sheets, which costs nothing; of other workbooks those of this one.
        Equal for sheets whose merged ranges in these rows are equal and whose neighbours' are too.
        """
        if self._book is None:
            return None
        known = self._book.scanned.merges if self._book.scanned else self._book.of(self.sheet)
        return tuple(sorted(one for one in known if one[0] <= last and one[2] >= first))

    def errors(self) -> list[tuple[int, int, str]]:
        """Cells that hold the error of a formula, as (frame row, frame column, text): ``(4, 2, "#DIV/0!")``."""
        if self._source is None:
            return []
        _, cell_errors = self._source.to_arrow_with_errors()
        found = []
        for error in cell_errors.errors if cell_errors is not None else ():
            row, column = error.position
            name = _ERROR.search(error.detail)
            found.append((row, column, _ERROR_TEXTS.get(name[1], name[1]) if name else "#ERROR"))
        return found


class _Merges:
    """Merged ranges of a workbook, read once for all its sheets when first asked for."""

    def __init__(self, content: bytes, scanned: Scanned | None) -> None:
        self.scanned = scanned
        self._content = content
        self._of: dict[str, list[Range]] | None = None

    def of(self, sheet: str) -> list[Range]:
        """Merged ranges of a sheet. ``UnreadableFile`` where the workbook is damaged where it tells them."""
        if self._of is None:
            with (
                _damage_as_unreadable(CalamineError),
                CalamineWorkbook.from_filelike(io.BytesIO(self._content)) as book,
            ):
                self._of = {name: _ranges(book, name) for name in book.sheet_names}
        return self._of.get(sheet, [])


def _ranges(book: CalamineWorkbook, sheet: str) -> list[Range]:
    ranges = book.get_sheet_by_name(sheet).merged_cell_ranges or []
    return [(first[0], first[1], last[0], last[1]) for first, last in ranges]


_ERROR = re.compile(r"Error\((\w+)\)")
_ERROR_TEXTS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


@contextmanager
def _damage_as_unreadable(*kinds: type[Exception]) -> Iterator[None]:
    """Raise ``UnreadableFile`` for errors of these kinds, and for panics of the libraries that read workbooks."""
    try:
        yield
    except kinds as error:
        raise UnreadableFile(str(error).split("\n")[0][:300]) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the Rust runtime; it has no name that could be imported
            raise
        raise UnreadableFile(f"damaged: {str(error)[:200]}") from error


def read_grids(content: bytes, sniffed: Sniffed) -> list[Grid]:
    """All sheets of a file as text grids; sheets without any cell are left out.

    Raises:
        UnreadableFile: the workbook is damaged, protected by a password, or not a workbook.
        SheetTooLarge: a filled cell stands so far from the others that the sheet cannot be held in memory.
    """
    if sniffed.kind == "text":
        return _text_grid(sniffed)
    book_merges = _Merges(content, _scanned(content) if sniffed.kind == "xlsx" else None)
    grids = []
    with _damage_as_unreadable(fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError):
        book = fastexcel.read_excel(content)
        for index, name in enumerate(book.sheet_names):
            sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
            if sheet.width == 0 or sheet.height == 0:
                continue
            first = sheet.available_columns()[0].absolute_index
            hidden = sheet.visible != "visible"
            grids.append(Grid(name, sheet.to_polars(), first, hidden, _book=book_merges, _source=sheet))
    return grids


def _scanned(content: bytes) -> Scanned | None:
    try:
        scanned = scan(content)
    except Unscanned:
        return None
    if scanned.far_cell is not None:
        raise SheetTooLarge(scanned.far_cell)
    return scanned


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
    if '"' in text:
        _refuse_open_quotes(cells, delimiter)
    cells = cells.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))
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


def _refuse_open_quotes(cells: pl.DataFrame, delimiter: str) -> None:
    """A cell that holds a line break followed by a good part of a row has swallowed that row."""
    fields = max(1, cells.width // 2)
    pattern = "\n(?:[^\n" + re.escape(delimiter) + "]*" + re.escape(delimiter) + f"){{{fields}}}"
    swallowed = cells.with_row_index("row").filter(pl.any_horizontal(pl.exclude("row").str.contains(pattern)))
    if not swallowed.is_empty():
        line = int(swallowed["row"][0]) + 1
        raise UnreadableFile(f"引号没有成对，从第 {line} 行起 / a quotation mark is not closed, from row {line} on")


def column_letter(index: int) -> str:
    """Spreadsheet letters of a zero-based column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
