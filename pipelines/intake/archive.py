"""What an .xlsx workbook says of its sheets before any cell of them is built: merged ranges, and how far they reach.

Belongs here: the archive and its XML as bytes. Does not belong here: cells (``grid``).

The reader of workbooks allots a whole rectangle from the first to the last cell of a sheet. A single character in the
last cell that a sheet can have would take hundreds of gigabytes, so such a file is refused here, before it is read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

#: Cells of the largest rectangle that is read: a return of 200,000 schools with 100 columns.
MOST_CELLS = 20_000_000
#: Bytes that the parts of an archive may unpack to, together.
MOST_BYTES = 1 << 31
_SHEET_PART = re.compile(r"^/?xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)")
#: An address from row 10,000 or column AAA on. A sheet without one is small enough.
_FAR = re.compile(rb"r=[\"'](?:[A-Z]{3}\d|[A-Z]{0,2}\d{5})")
#: A cell with something in it (one only formatted is written as ``<c …/>``), and a row whose cells have no address.
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]+)(\d+)[\"'][^>]*?(?<!/)>(?!</)")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)[\"'][^>]*?(?<!/)>\s*<(?:\w+:)?c\b(?![^>]*\br=)[^>]*(?<!/)>")

Range = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scanned:
    """Merged ranges of all sheets (top, left, bottom, right; from zero), and the cell that makes one too large."""

    merges: tuple[Range, ...] = ()
    far_cell: str | None = None


class Unscanned(Exception):
    """An archive that cannot be looked into this way; whoever reads the cells will tell what is wrong with it."""


def scan(content: bytes) -> Scanned:
    """Look through the sheets of an .xlsx workbook.

    Raises:
        Unscanned: the archive is damaged or not what it seems.
    """
    merges: list[Range] = []
    far_cell = None
    for part in _sheets(content):
        merges += [
            (int(match[2]) - 1, _index(match[1]), int(match[4]) - 1, _index(match[3]))
            for match in _MERGE.finditer(part)
        ]
        far_cell = far_cell or _far_cell(part)
    return Scanned(tuple(merges), far_cell)


def _sheets(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_BYTES:
                raise Unscanned(f"the workbook unpacks to more than {MOST_BYTES >> 30} GiB")
            for part in parts:
                if _SHEET_PART.match(part.filename):
                    yield archive.read(part)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise Unscanned(str(error)) from error


def _index(letters: bytes) -> int:
    """Zero-based column of spreadsheet letters: A → 0, AA → 26."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column - 1


def _far_cell(part: bytes) -> str | None:
    """The last filled cell of a sheet whose filled cells span too large a rectangle."""
    if _FAR.search(part) is None:
        return None
    top, bottom, left, right = 1 << 30, 0, 1 << 30, 0
    for match in _CELL.finditer(part):
        row, column = int(match[2]), _index(match[1])
        top, bottom = min(top, row), max(bottom, row)
        left, right = min(left, column), max(right, column)
    for match in _ROW.finditer(part):
        top, bottom, left, right = min(top, int(match[1])), max(bottom, int(match[1])), 0, max(right, 0)
    if (bottom - top + 1) * (right - left + 1) <= MOST_CELLS:
        return None
    return f"{_letters(right)}{bottom}"


def _letters(column: int) -> str:
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
