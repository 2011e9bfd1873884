"""Rows of returns with the cells they were read from: address, text as it stands in the file, typed value.

Belongs here: going from a row of a release to the cells of the received file. Does not belong here: which rows a
figure needs (the families), opening files (``received``), reading a text (``exact``).

Where the received file is at hand, the exact value is read from its text, apart from the reader of returns, and
compared with the typed value of the release (``agrees``). Where it is not, the typed value stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb

from models.returns import CONTRACTS
from models.returns.contract import FieldInfo
from models.returns.layout import load_layouts
from pipelines.explain.exact import code_words, exact_code, exact_day, exact_number, exact_text, exact_year, plain
from pipelines.explain.received import ReceivedFiles, Sheet
from pipelines.explain.terms import Term
from pipelines.intake.persons import tells_a_person

#: Notes of a cell: why its exact value is not simply what its text says.
PROVEN_ZERO, TYPED, PSEUDONYM, OF_THE_SHEET = "proven_zero", "typed_value", "pseudonym", "of_the_sheet"


@dataclass(eq=False)
class Cell:
    """One field of one row: where it stands, what is printed there, what it says.

    ``address``: ``E7``, or ``E7+F7`` where several cells are summed; empty where no cell holds the value (it is the
    layout's, or stands above the table). ``texts``: as they stand in the file; None where the file is not at hand.
    ``value``: typed, as the release has it. ``exact``: number that the recomputation uses. ``said``: what the
    texts say, typed.
    """

    form: str
    field: str
    submission_id: str
    sheet: str
    row_number: int
    address: str = ""
    header: str = ""
    factor: str = ""
    texts: tuple[str | None, ...] | None = None
    value: Any = None
    exact: Fraction | None = None
    agrees: bool | None = None
    note: str = ""
    said: Any = None


@dataclass(frozen=True)
class _Bound:
    """Where a field stands in a sheet."""

    columns: tuple[int, ...]
    letters: tuple[str, ...]
    header: str
    factors: tuple[Fraction, ...]
    factor: str
    layout: str
    table: str


@dataclass(eq=False)
class Row:
    """A row of a return. ``values`` are typed as in the release."""

    form: str
    values: dict[str, Any]
    source: Evidence
    _cells: dict[str, Cell] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def cell(self, name: str) -> Cell:
        """Return the cell of a field."""
        if name not in self._cells:
            self._cells[name] = self.source.cell(self, name)
        return self._cells[name]

    def term(self, name: str) -> Term:
        """Return a number field as a term; its value is the exact one."""
        cell = self.cell(name)
        info = CONTRACTS[self.form].fields[name]
        return Term(f"{self.form}.{name}", cell.exact, title=info.zh, cell=cell, note=cell.note)

    def word(self, name: str) -> Term:
        """Return a code or text field as a term."""
        cell = self.cell(name)
        info = CONTRACTS[self.form].fields[name]
        said = None if cell.value is None else str(cell.value)
        return Term(f"{self.form}.{name}", said, title=info.zh, cell=cell, note=cell.note)


@dataclass(eq=False)
class Evidence:
    """The returns of a release, with their cells."""

    connection: duckdb.DuckDBPyConnection
    files: ReceivedFiles
    _bound: dict[tuple[str, str], dict[tuple[str, str], dict[str, _Bound]]] = field(default_factory=dict)

    def rows(self, form: str, where: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of ``returns.<form>`` that a condition chooses, in order of their grain."""
        grain = ", ".join(f'"{name}"' for name in CONTRACTS[form].grain)
        found = self.connection.execute(f"select * from returns.{form} where {where} order by {grain}", parameters)
        names = [column[0] for column in found.description or ()]
        return [Row(form, dict(zip(names, row, strict=True)), self) for row in found.fetchall()]

    def of_schools(self, form: str, year: int, schools: Sequence[str]) -> list[Row]:
        """Return the rows of schools in a school year; a range beside the list lets the store skip what is outside."""
        if not schools:
            return []
        marks = ", ".join("?" * len(schools))
        where = f"school_year = ? and school_code between ? and ? and school_code in ({marks})"
        return self.rows(form, where, [year, min(schools), max(schools), *schools])

    def cell(self, row: Row, name: str) -> Cell:
        """Make the cell of a field of a row."""
        info = CONTRACTS[row.form].fields[name]
        place = (row["submission_id"], row["sheet"])
        bound = self._bindings(*place).get((row.form, row["block"] or ""), {}).get(name)
        value = row.values.get(name)
        cell = Cell(row.form, name, *place, row["row_number"], value=value, exact=_typed(value))
        if bound is None:
            cell.note = OF_THE_SHEET
            return cell
        cell.address = "+".join(f"{letter}{row['row_number']}" for letter in bound.letters)
        cell.header, cell.factor = bound.header, bound.factor
        sheet = self.files.sheet(*place)
        if sheet is None:
            cell.note = TYPED
            return cell
        texts = tuple(sheet.text(row["row_number"], column) for column in bound.columns)
        if info.kind == "person" or (_about_persons(row.form) and _may_name_somebody(info, texts)):
            cell.note = PSEUDONYM
            cell.texts = None if info.kind == "person" or value is None else (str(value),)
            return cell
        cell.texts = texts
        self._read(cell, row, info, bound, sheet)
        return cell

    def _read(self, cell: Cell, row: Row, info: FieldInfo, bound: _Bound, sheet: Sheet) -> None:
        """Read what the texts of a cell say, and compare it with its value."""
        texts, value = cell.texts or (), cell.value
        cell.said, exact = _said(info, row, bound, sheet, texts)
        if cell.said is None and value is not None and info.name in _OF_THE_SHEET:
            cell.note = OF_THE_SHEET
            return
        blank = cell.said is None and not any(plain(text or "") for text in texts)
        proven = blank and value == 0 and _is_proven_zero(row, info.name)
        cell.exact = Fraction(0) if proven else exact
        cell.agrees = proven or _same(cell.said, value)
        cell.note = PROVEN_ZERO if proven else ""

    def _bindings(self, submission_id: str, sheet: str) -> dict[tuple[str, str], dict[str, _Bound]]:
        if (submission_id, sheet) not in self._bound:
            rows = self.connection.execute(
                """select form, block, field, columns, header, factor, layout, table_number
                   from audit.source_column where submission_id = ? and sheet = ?""",
                [submission_id, sheet],
            ).fetchall()
            found: dict[tuple[str, str], dict[str, _Bound]] = {}
            for form, block, name, columns, header, factor, layout, table in rows:
                letters = tuple(columns.split("+"))
                factors = tuple(Fraction(each) for each in factor.split("+"))
                factors = factors if len(factors) == len(letters) else factors * len(letters)
                numbers = tuple(column_number(letter) for letter in letters)
                entry = _Bound(numbers, letters, header, factors, factor, layout, table or "")
                found.setdefault((form, block or ""), {})[name] = entry
            self._bound[submission_id, sheet] = found
        return self._bound[submission_id, sheet]


#: Fields that stand above the table where a row leaves them out.
_OF_THE_SHEET = frozenset({"school_year", "fiscal_year", "county_code", "county_name"})


def column_number(letters: str) -> int:
    """Zero-based column of spreadsheet letters: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _said(
    info: FieldInfo, row: Row, bound: _Bound, sheet: Sheet, texts: Iterable[str | None]
) -> tuple[Any, Fraction | None]:
    """What the texts say, as the release would type it, and as an exact number where it is one."""
    layout = load_layouts()[bound.layout]
    words = layout.value_map(info.name)
    if info.kind in ("count", "number"):
        numbers = [
            exact_number(text, factor, words, workbook=sheet.workbook)
            for text, factor in zip(texts, bound.factors, strict=True)
        ]
        known = [each for each in numbers if each is not None]
        exact = sum(known, Fraction(0)) if len(known) == len(numbers) else None
        if exact is None:
            return None, None
        return (round(exact) if info.kind == "count" else float(exact)), exact
    text = next(iter(texts))
    if info.kind == "year":
        year = exact_year(text, layout.year_offset)
        return year, None if year is None else Fraction(year)
    if info.kind == "date":
        return exact_day(text), None
    if info.kind == "code":
        prefix, suffix = _affixes(bound.layout, bound.table, row.form, row["block"] or "", info.name)
        return exact_code(text, _code_words(bound.layout, row.form, info.name), prefix, suffix), None
    return exact_text(text), None


@cache
def _code_words(layout: str, form: str, name: str) -> Mapping[str, str]:
    """Words that stand for codes of a field: the titles of its choices, and those of the layout."""
    titles = {title: code for code, title in (CONTRACTS[form].fields[name].choices or {}).items()}
    return code_words({**titles, **load_layouts()[layout].value_map(name)})


@cache
def _about_persons(form: str) -> bool:
    return CONTRACTS[form].has_persons


@cache
def _affixes(layout: str, table: str, form: str, block: str, name: str) -> tuple[str, str]:
    """What a layout puts before and after a printed code."""
    for known in load_layouts()[layout].tables:
        if known.name == table:
            for column in known.columns:
                if column.form == form and column.block in (block, "") and column.field == name:
                    return column.prefix, column.suffix
    return "", ""


def _typed(value: Any) -> Fraction | None:
    """A typed number as the shortest decimal that it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _same(said: Any, value: Any) -> bool:
    if isinstance(said, float) and isinstance(value, (int, float)):
        return abs(said - value) <= 1e-9 * max(1.0, abs(value))
    if isinstance(said, str) and isinstance(value, str):
        return re.sub(r"\s", "", said) == re.sub(r"\s", "", value)
    if isinstance(said, date) or isinstance(value, date):
        return bool(said == value)
    return bool(said == value)


def _is_proven_zero(row: Row, name: str) -> bool:
    """Whether the filled parts of a sum make up its printed total already, so that the blank ones are nought."""
    for rule in CONTRACTS[row.form].rules:
        if rule.proves_zeros and name in rule.fields[1:]:
            whole, *parts = (row.values.get(each) for each in rule.fields)
            if whole is not None and abs(whole - sum(part for part in parts if part is not None)) < 0.01:
                return True
    return False


def _may_name_somebody(info: FieldInfo, texts: Iterable[str | None]) -> bool:
    """Of a sheet about persons: free text, and a cell that somebody's number was written into."""
    return info.kind in ("text", "name") or any(tells_a_person(text) for text in texts if text)


def typed_again(cell: Cell) -> Any:
    """The value of a cell as a release types it, from its text where that was read; else as the release has it."""
    if cell.texts is None or cell.note in (PSEUDONYM, OF_THE_SHEET):
        return cell.value
    if cell.note == PROVEN_ZERO:
        return 0
    return cell.said
