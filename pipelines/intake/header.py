"""The header of a sheet: where it is, and the path of header texts above each column.

Belongs here: finding and flattening header rows of any depth. Does not belong here: which path is which field
(``bind``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.returns.text import header_key, squeeze
from models.returns.units import UNITS
from pipelines.intake.grid import Grid, Merge

#: Rows searched for a header, and the most rows a header may have (levels, unit row and column numbers).
SEARCHED_ROWS = 25
#: Rows in which most headers end; more are looked at only where this does not do.
USUAL_ROWS = 10
MOST_HEADER_ROWS = 6

_NUMBER = re.compile(r"^[+-]?[\d,]*\.?\d+%?$")
#: Column numbers: 1, (1), and with the formula that many forms print, 2=3+4.
_COLUMN_NUMBER = re.compile(r"^\(?(\d{1,2})\)?(?:=[\d+\-*/×÷().]+)?$")
_UNIT_LABELS = frozenset({"单位", "计量单位"})
_DASHES = frozenset({"-", "--", "—", "——", "–", "/", "*"})
_ORDINALS = frozenset("甲乙丙丁戊己庚辛")

Cells = Sequence[tuple[str | None, ...]]


@dataclass(frozen=True)
class HeaderColumn:
    """A column's header: normalised path, printed unit, and the text as printed."""

    path: tuple[str, ...]
    unit: str | None
    printed: str

    @property
    def key(self) -> str:
        """The path with levels joined by ``/``."""
        return "/".join(self.path)


@dataclass(frozen=True)
class Header:
    """Header rows ``first`` to ``last`` (zero-based) and one entry per column of the grid."""

    first: int
    last: int
    columns: tuple[HeaderColumn, ...]


def head_rows(grid: Grid, number: int = SEARCHED_ROWS) -> Cells:
    """The first rows, in which a header is looked for."""
    return grid.cells.head(number).rows()


def find_header_rows(rows: Cells, vocabulary: frozenset[str]) -> tuple[int, int] | None:
    """First and last header row, or ``None`` where no row looks like one.

    ``vocabulary`` holds the normalised texts of single header levels. The header starts at the first row with
    two of them (one, if the row has a single cell more) and goes on while rows hold header texts, units or
    column numbers and no figures.
    """
    first = next((i for i, row in enumerate(rows) if _known(row, vocabulary) >= 2), None)
    if first is None:
        return None
    last = first
    while last + 1 < len(rows) and last + 1 - first < MOST_HEADER_ROWS and _continues(rows[last + 1], vocabulary):
        last += 1
    return first, last


@lru_cache(maxsize=4096)
def _known(row: tuple[str | None, ...], vocabulary: frozenset[str]) -> int:
    return sum(1 for cell in row if cell and header_key(cell)[0] in vocabulary)


@lru_cache(maxsize=4096)
def _continues(row: tuple[str | None, ...], vocabulary: frozenset[str]) -> bool:
    known = units = ordinals = other = 0
    for cell in row:
        if not cell or (text := squeeze(cell)) in _DASHES:
            continue
        key = header_key(cell)[0]
        if text in UNITS or text in _UNIT_LABELS or key == "":
            units += 1
        elif key in vocabulary:
            known += 1
        elif text in _ORDINALS or _COLUMN_NUMBER.match(text):
            ordinals += 1
        elif _NUMBER.match(text):
            return False
        else:
            other += 1
    if ordinals:
        return known == 0 and other == 0 and _is_numbering(row)
    if known:
        return other <= known
    return units > 0 and other == 0


def _is_unit_row(row: Sequence[str | None]) -> bool:
    """Whether every filled cell is a unit, in brackets or bare."""
    filled = [cell for cell in row if cell and squeeze(cell) not in _DASHES]
    return bool(filled) and all(
        squeeze(cell) in UNITS or squeeze(cell) in _UNIT_LABELS or header_key(cell)[0] == "" for cell in filled
    )


def _is_numbering(row: Sequence[str | None]) -> bool:
    matches = (_COLUMN_NUMBER.match(squeeze(cell)) for cell in row if cell)
    digits = [int(match[1]) for match in matches if match]
    return len(digits) >= 2 and all(b - a == 1 for a, b in itertools.pairwise(digits))


def flatten(rows: Cells, first: int, last: int, merges: Sequence[Merge] | None) -> Header:
    """One path per column from header rows ``first`` to ``last``.

    A blank cell takes the text to its left where the sheet merges the two, or, where nothing is known of merges
    (text files) or the row has none, where a lower row of its column has text.
    """
    width = max(len(row) for row in rows)
    keys = [
        [_unit_key(cell) for cell in row] if _is_unit_row(row) else [header_key(cell) for cell in row]
        for row in rows[first : last + 1]
    ]
    texts = [[key for key, _ in row] for row in keys]
    units = [[unit for _, unit in row] for row in keys]
    numbering = [_is_numbering(rows[r]) for r in range(first, last + 1)]
    for level, row in enumerate(texts):
        merged = _spans(merges, first + level)
        for column in range(1, width):
            if row[column] or keys[level][column][1]:
                continue
            source = None
            if merged:
                source = merged.get(column)
            elif any(texts[below][column] for below in range(level + 1, len(texts)) if not numbering[below]):
                source = column - 1
            if source is not None and row[source]:
                row[column], units[level][column] = row[source], units[level][source]
    columns = []
    for column in range(width):
        path: list[str] = []
        unit = None
        printed = []
        for level in range(len(texts)):
            if numbering[level]:
                continue
            text = texts[level][column]
            if text and (not path or path[-1] != text):
                path.append(text)
            unit = units[level][column] or unit
            if cell := rows[first + level][column]:
                printed.append(" ".join(cell.split()))
        columns.append(HeaderColumn(tuple(path), unit, " / ".join(printed)))
    return Header(first, last, tuple(columns))


def _unit_key(cell: str | None) -> tuple[str, str | None]:
    """A cell of a unit row as (no text, its unit)."""
    text = squeeze(cell) if cell else ""
    if text in UNITS:
        return "", text
    return "", header_key(cell)[1] if text else None


def _spans(merges: Sequence[Merge] | None, row: int) -> dict[int, int]:
    """Column → first column of the merged range it lies in, for ranges wider than one column."""
    spans: dict[int, int] = {}
    for merge in merges or ():
        if merge.top <= row <= merge.bottom and merge.right > merge.left:
            spans.update(dict.fromkeys(range(merge.left + 1, merge.right + 1), merge.left))
    return spans
