"""Binding: which known table a sheet is, and which of its columns is which field.

Belongs here: matching headers to layouts. Does not belong here: cell values.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from models.returns import CONTRACTS
from models.returns.layout import REST, Column, Layout, Table, load_layouts
from models.returns.text import squeeze
from models.returns.units import factor
from pipelines.intake.header import Header

#: A sheet without a table number is taken for a table if at least this share of the table's columns is there.
SHARE_OF_COLUMNS = 0.5

#: Fields that usually stand once above the table instead of in a column.
OF_THE_SHEET = frozenset({"school_year", "fiscal_year", "county_code", "county_name"})


@dataclass(frozen=True)
class Part:
    """One printed column that feeds a field, and what its values are multiplied by."""

    column: int
    printed: str
    factor: Fraction


@dataclass(frozen=True)
class BoundField:
    """A field of a return and the printed columns that are summed into it, or its constant."""

    field: str
    parts: tuple[Part, ...]
    constant: str | None
    prefix: str
    suffix: str
    unit: str | None


@dataclass(frozen=True)
class BoundBlock:
    """One row of a return per source row: the fields it is made of."""

    form: str
    block: str
    fields: tuple[BoundField, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Misfit:
    """A column whose unit does not fit its field."""

    form: str
    field: str
    column: int
    printed: str
    unit: str


@dataclass(frozen=True)
class Binding:
    """A sheet understood: its table, blocks, and what of it was not understood.

    Equal headers under equal layouts share one binding, so sheets of many workbooks can be read as one frame.
    """

    layout: Layout
    table: str
    header: Header
    blocks: tuple[BoundBlock, ...]
    unmapped: tuple[int, ...]
    ambiguous: tuple[int, ...]
    misfits: tuple[Misfit, ...]

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two bindings the same."""
        return (self.layout.name, self.table, self.header, self.blocks, self.unmapped, self.ambiguous, self.misfits)

    @property
    def forms(self) -> tuple[str, ...]:
        """Returns that the sheet feeds."""
        return tuple(dict.fromkeys(block.form for block in self.blocks))

    @property
    def period_column(self) -> int | None:
        """The printed column that names the period of the rows (school year or fiscal year), if there is one."""
        return next(
            (
                part.column
                for block in self.blocks
                for bound in block.fields
                if bound.field == CONTRACTS[block.form].period
                for part in bound.parts
            ),
            None,
        )

    def has(self, field: str) -> bool:
        """Whether a printed column of the sheet feeds the field."""
        return any(bound.field == field and bound.parts for block in self.blocks for bound in block.fields)


@dataclass(frozen=True)
class Candidate:
    """A table that a sheet could be."""

    layout: Layout
    table: Table
    matched: dict[int, tuple[Column, ...]]
    ambiguous: frozenset[int]
    share: float


@cache
def vocabulary(layouts: tuple[str, ...]) -> frozenset[str]:
    """All single header texts of the layouts named."""
    return frozenset(
        level
        for name in layouts
        for table in load_layouts()[name].tables
        for column in table.columns
        if column.header
        for level in column.header.split("/")
    )


def numbered_tables(layouts: Iterable[Layout], text: str) -> list[tuple[Layout, Table]]:
    """Tables whose number or name is printed in a sheet's name or above its header."""
    closed_up = squeeze(text)
    return [
        (layout, table)
        for layout, table, name in _names(tuple(layout.name for layout in layouts))
        if name in closed_up and _name_pattern(name).search(text)
    ]


@cache
def _names(layouts: tuple[str, ...]) -> list[tuple[Layout, Table, str]]:
    known = load_layouts()
    return [(known[name], table, squeeze(table.name)) for name in layouts for table in known[name].tables]


@cache
def _name_pattern(name: str) -> re.Pattern[str]:
    parts = re.findall(r"\d+|\D", name)  # characters may be set apart, but not those of a number
    return re.compile(r"\s*".join(map(re.escape, parts)) + r"(?![0-9A-Za-z_])")


def _lines_of(table: Table, year: int | None) -> list[Column]:
    """Lines that hold in a year, and in any year those by which rows say what year they are of."""
    return [line for line in table.columns if line.holds_in(year) or line.field == CONTRACTS[line.form].period]


def match(layout: Layout, table: Table, header: Header, year: int | None) -> Candidate:
    """Match a header to a table: column index → layout lines it satisfies, and the share of lines found.

    A layout header matches the column whose whole path it is; failing that, the only column whose path ends in it.
    Where several columns have the same path and hold a field, none is taken: they are ``ambiguous``.
    """
    lines = [line for line in _lines_of(table, year) if line.header]
    by_path: dict[str, list[int]] = {}
    by_ending: dict[str, list[int]] = {}
    for index, column in enumerate(header.columns):
        if not column.path:
            continue
        by_path.setdefault(column.key, []).append(index)
        for start in range(1, len(column.path)):
            by_ending.setdefault("/".join(column.path[start:]), []).append(index)
    matched: dict[int, list[Column]] = {}
    found: set[str] = set()
    fields = {line.header for line in lines if line.field is not None}
    for path, indices in by_path.items():
        own = [index for index in indices if header.columns[index].printed]
        by_path[path] = own if len(own) == 1 else indices  # the others lie in a merged cell
    ambiguous = {index for path, indices in by_path.items() if path in fields and len(indices) > 1 for index in indices}
    exact = {line.header for line in lines if line.header in by_path}
    taken = {by_path[key][0] for key in exact if key}
    for line in lines:
        assert line.header is not None
        if line.header in by_path:
            index = by_path[line.header][0]
            if index in ambiguous:
                continue
        else:
            ends = [i for i in by_ending.get(line.header, []) if i not in taken]
            if len(ends) != 1:
                continue
            index = ends[0]
        matched.setdefault(index, []).append(line)
        found.add(line.header)
    wanted = {line.header for line in lines if line.field is not None and line.holds_in(year)}
    share = len(found & wanted) / len(wanted) if wanted else 0.0
    return Candidate(
        layout, table, {index: tuple(hits) for index, hits in matched.items()}, frozenset(ambiguous), share
    )


def bind(candidate: Candidate, header: Header, year: int | None, preamble_unit: str | None) -> Binding:
    """Make a binding of a match: fields with their columns, units and constants, and what is left over."""
    lines = _lines_of(candidate.table, year)
    by_line: dict[int, int] = {id(line): index for index, hits in candidate.matched.items() for line in hits}
    blocks, misfits = [], []
    for form, block in dict.fromkeys((line.form, line.block) for line in lines):
        contract = CONTRACTS[form]
        own = [line for line in lines if line.form == form and line.block in (block, "")]
        if block == "" and any(line.form == form and line.block for line in lines):
            continue  # lines without a block are shared by every block of the form
        fields, missing = [], []
        for name in dict.fromkeys(line.field for line in own if line.field and line.field != REST):
            info = contract.fields[name]
            of_field = [line for line in own if line.field == name]
            constant = next((line.constant for line in of_field if line.header is None and not line.absent), None)
            parts = []
            for line in of_field:
                if line.header is None or id(line) not in by_line:
                    continue
                index = by_line[id(line)]
                column = header.columns[index]
                unit = column.unit or _fitting(preamble_unit, info.unit) or line.unit
                times = factor(unit, info.unit) if info.numeric and info.unit else Fraction(1)
                if times is None:
                    misfits.append(Misfit(form, name, index, column.printed, unit or ""))
                    continue
                parts.append(Part(index, column.printed, times))
            expected_parts = sum(1 for line in of_field if line.header is not None)
            if parts and len(parts) < expected_parts and not _alternatives(of_field):
                parts = []
            if not parts and constant is None:
                told = any(misfit.form == form and misfit.field == name for misfit in misfits)
                if not told and name not in OF_THE_SHEET and not any(line.absent for line in of_field):
                    missing.append(name)
                continue
            first = of_field[0]
            fields.append(BoundField(name, tuple(parts), constant, first.prefix, first.suffix, info.unit))
        declared = {line.field for line in own}
        missing += (
            []
            if REST in declared
            else [
                name
                for name, info in contract.fields.items()
                if name not in declared and info.expected and name not in OF_THE_SHEET
            ]
        )
        if fields:
            blocks.append(BoundBlock(form, block, tuple(fields), tuple(missing)))
    unmapped = tuple(
        index
        for index, column in enumerate(header.columns)
        if column.path and index not in candidate.matched and index not in candidate.ambiguous
    )
    return Binding(
        candidate.layout,
        candidate.table.name,
        header,
        tuple(blocks),
        unmapped,
        tuple(sorted(candidate.ambiguous)),
        tuple(misfits),
    )


def _fitting(unit: str | None, target: str | None) -> str | None:
    """A unit stated for the whole sheet holds for the fields it converts to."""
    return unit if unit and target and factor(unit, target) is not None else None


def _alternatives(lines: list[Column]) -> bool:
    """Lines of one field that never hold in the same year are alternatives, not parts of a sum."""
    ranges = sorted((line.from_year, line.to_year) for line in lines if line.header)
    return all(b[0] > a[1] for a, b in itertools.pairwise(ranges))
