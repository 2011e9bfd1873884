"""A printed table of the sample before it is written: header, rows, and where each of its cells will stand.

Belongs here: the geometry of a table and what may be done to it (``faults`` does it). Does not belong here: where the
figures come from (``sheets``) and file formats (``workbook``, ``textfile``).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | None


@dataclass
class PrintedColumn:
    """One column as printed: header levels from above, the (block, field) pairs it feeds, and whether it holds figures.

    ``whole`` says that the column alone makes its field (it is not one of several that are summed).
    """

    levels: tuple[str, ...]
    feeds: tuple[tuple[str, str], ...]
    numeric: bool
    unit: str | None = None
    whole: bool = True


@dataclass(frozen=True)
class RowKey:
    """Whose row it is; ``blocks`` are those that have figures in it, each with the stage it speaks of (if any)."""

    school_code: str
    blocks: tuple[tuple[str, str | None], ...]


@dataclass
class Sheet:
    """One table of one county and school year. Rows and columns are counted from zero; addresses are A1."""

    layout: str
    table: str
    form: str
    name: str
    county_code: str
    school_year: int
    preamble: list[str]
    columns: list[PrintedColumn]
    body: list[list[Cell]]
    keys: list[RowKey]
    unit_row: list[str] | None = None
    numbering: bool = False
    total: Literal["first", "last", ""] = ""
    printed_totals: dict[int, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stray: list[Cell] | None = None  # a row that stands above the header, where it does not belong

    @property
    def depth(self) -> int:
        """Levels of the header."""
        return max(len(column.levels) for column in self.columns)

    @property
    def header_row(self) -> int:
        """First row of the header."""
        return len(self.preamble) + (self.stray is not None)

    @property
    def body_row(self) -> int:
        """Row of the first school."""
        extra = (self.unit_row is not None) + self.numbering + (self.total == "first")
        return self.header_row + self.depth + extra

    @property
    def total_row(self) -> int | None:
        """Row of the printed total, if there is one."""
        return {"first": self.body_row - 1, "last": self.body_row + len(self.body), "": None}[self.total]

    def column_of(self, name: str, block: str = "") -> int | None:
        """The column that alone makes that field of that block, or ``None`` where none or several do."""
        found = [i for i, column in enumerate(self.columns) if (block, name) in column.feeds]
        return found[0] if len(found) == 1 and self.columns[found[0]].whole else None

    def address(self, row: int, column: int) -> str:
        """A1 address of a cell, from zero-based sheet row and column."""
        return f"{letters(column)}{row + 1}"

    def totals(self) -> list[Cell]:
        """The row of totals: sums of what the cells print, with the totals that are deliberately false."""
        label = "合　计" if self.layout == "jichuji" else "总计"
        row: list[Cell] = []
        for index, column in enumerate(self.columns):
            if not column.numeric:
                row.append(label if index == 0 else None)
            elif index in self.printed_totals:
                row.append(tidy(self.printed_totals[index]))
            else:
                row.append(tidy(round(sum(number(line[index]) for line in self.body), 4)))
        return row

    def below_header(self) -> list[list[Cell]]:
        """All rows under the header levels, in order: units, column numbers, schools with totals, notes."""
        rows: list[list[Cell]] = []
        if self.unit_row is not None:
            rows.append(list(self.unit_row))
        if self.numbering:
            texts = sum(1 for column in self.columns if not column.numeric)
            rows.append([*"甲乙丙丁戊"[:texts], *range(1, len(self.columns) - texts + 1)])
        body = [list(line) for line in self.body]
        rows += {"first": [self.totals(), *body], "last": [*body, self.totals()], "": body}[self.total]
        return rows + [[note] for note in self.notes]


def number(cell: Cell) -> float:
    """What a cell counts for in a sum: text that is no number counts nothing."""
    if isinstance(cell, str):
        try:
            return float(unicodedata.normalize("NFKC", cell).replace(",", "").strip())
        except ValueError:
            return 0.0
    return 0.0 if cell is None else float(cell)


def tidy(value: float | int) -> int | float:
    """A whole number as an int."""
    return int(value) if float(value).is_integer() else float(value)


def letters(column: int) -> str:
    """Spreadsheet letters of a zero-based column: 0 → A, 26 → AA."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
