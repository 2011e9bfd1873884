"""Layouts: which printed header is which field, by source and years. Data in ``layouts/*.csv``.

Belongs here: reading and checking the layout tables. Does not belong here: opening workbooks or matching a
sheet to a table (``pipelines.intake``). A new year's form is rows in a CSV, never Python.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.returns.registry import CONTRACTS
from models.returns.text import path_key
from models.returns.units import UNITS

ROOT = Path(__file__).with_name("layouts")
ABSENT = "(absent)"
#: As the field of an absent line: every field of the return that has no line of its own is absent.
REST = "*"
TEMPLATE = "template"


class LayoutError(ValueError):
    """A layout table that cannot be used; says file, line and what to do."""


@dataclass(frozen=True)
class Column:
    """One line of a layout: a printed column (or a constant) and the field it feeds.

    ``field`` is ``None`` for a column that is known and deliberately not taken; ``header`` is ``None`` for a
    constant or for a field that the form does not have (``absent``).
    """

    form: str
    block: str
    header: str | None
    field: str | None
    unit: str | None
    constant: str | None
    prefix: str
    suffix: str
    from_year: int
    to_year: int
    absent: bool

    def holds_in(self, year: int | None) -> bool:
        """Whether the line holds for a school year; an unknown year is held by every line."""
        return year is None or self.from_year <= year <= self.to_year


@dataclass(frozen=True)
class Table:
    """A printed table of a layout: its number or name and its columns, possibly feeding several returns."""

    layout: str
    name: str
    columns: tuple[Column, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """Returns that the table feeds."""
        return tuple(dict.fromkeys(column.form for column in self.columns))


@dataclass(frozen=True)
class Layout:
    """A source of returns and how its files look."""

    name: str
    title_zh: str
    title_en: str
    automatic: bool
    filename_year: str | None
    year_offset: int
    from_year: int
    to_year: int
    source: str
    tables: tuple[Table, ...]
    values: dict[str, dict[str, str]]

    def value_map(self, field: str) -> dict[str, str]:
        """Printed text → stored value for a field."""
        return self.values.get(field, {})


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(number, row) for number, row in enumerate(csv.DictReader(file), start=2)]


def _column(path: Path, line: int, row: dict[str, str]) -> Column:
    def fail(problem: str) -> LayoutError:
        return LayoutError(f"{path.name}, line {line}: {problem}")

    form, name = row["form"].strip(), row["field"].strip() or None
    if form not in CONTRACTS:
        raise fail(f"unknown return {form!r}; known: {', '.join(CONTRACTS)}")
    if name is not None and name != REST and name not in CONTRACTS[form].fields:
        raise fail(f"return {form!r} has no field {name!r}; add it to its contract or correct the name")
    unit = row["unit"].strip() or None
    if unit is not None and unit not in UNITS:
        raise fail(f"unknown unit {unit!r}; add it to units.csv")
    header = row["header"].strip() or None
    absent = header == ABSENT
    constant = row["constant"].strip() or None
    if header is None and constant is None:
        raise fail("neither header nor constant is given")
    if absent and name is None:
        raise fail("an absent column names the field that is absent")
    return Column(
        form=form,
        block=row["block"].strip(),
        header=None if header is None or absent else path_key(header),
        field=name,
        unit=unit,
        constant=constant,
        prefix=row["prefix"].strip(),
        suffix=row["suffix"].strip(),
        from_year=int(row["from_year"] or 0),
        to_year=int(row["to_year"] or 9999),
        absent=absent,
    )


def _tables(name: str, path: Path) -> tuple[Table, ...]:
    columns: dict[str, list[Column]] = defaultdict(list)
    for line, row in _rows(path):
        columns[row["table"].strip()].append(_column(path, line, row))
    return tuple(Table(name, table, tuple(lines)) for table, lines in columns.items())


def template_table_name(form: str) -> str:
    """Name under which the fill-in workbook of a return says what it is."""
    return f"junheng:{form}"


def _template_tables() -> tuple[Table, ...]:
    """The fill-in workbooks, derived from the contracts: a header is the Chinese title of its field."""
    return tuple(
        Table(
            TEMPLATE,
            template_table_name(form),
            tuple(
                Column(
                    form=form,
                    block="",
                    header=path_key(info.zh),
                    field=info.name,
                    unit=info.unit,
                    constant=None,
                    prefix="",
                    suffix="",
                    from_year=0,
                    to_year=9999,
                    absent=False,
                )
                for info in contract.fields.values()
            ),
        )
        for form, contract in CONTRACTS.items()
    )


@cache
def load_layouts(root: Path = ROOT) -> dict[str, Layout]:
    """All layouts by name: those of ``layouts.csv`` and the derived ``template``.

    Raises:
        LayoutError: naming file, line and what is wrong.
    """
    values: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for _, row in _rows(root / "values.csv"):
        values[row["layout"].strip()][row["field"].strip()][row["source"].strip()] = row["value"].strip()

    def values_of(layout: str) -> dict[str, dict[str, str]]:
        fields = {*values[""], *values[layout]}
        return {field: {**values[""].get(field, {}), **values[layout].get(field, {})} for field in fields}

    layouts = {
        TEMPLATE: Layout(
            name=TEMPLATE,
            title_zh="填报模板",
            title_en="Fill-in workbook",
            automatic=True,
            filename_year=None,
            year_offset=0,
            from_year=0,
            to_year=9999,
            source="junheng",
            tables=_template_tables(),
            values=values_of(TEMPLATE),
        )
    }
    for line, row in _rows(root / "layouts.csv"):
        name = row["layout"].strip()
        path = root / f"{name}.csv"
        if not path.exists():
            raise LayoutError(f"layouts.csv, line {line}: there is no {path.name} beside it")
        layouts[name] = Layout(
            name=name,
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            automatic=row["automatic"].strip() == "1",
            filename_year=row["filename_year"].strip() or None,
            year_offset=int(row["year_offset"] or 0),
            from_year=int(row["from_year"] or 0),
            to_year=int(row["to_year"] or 9999),
            source=row["source"],
            tables=_tables(name, path),
            values=values_of(name),
        )
    return layouts


def candidates(layout: str | None) -> tuple[Layout, ...]:
    """Layouts to try for a file: the named one, or every automatic one.

    Raises:
        LayoutError: where the named layout does not exist.
    """
    layouts = load_layouts()
    if layout is None:
        return tuple(entry for entry in layouts.values() if entry.automatic)
    if layout not in layouts:
        raise LayoutError(f"unknown layout {layout!r}; known: {', '.join(layouts)}")
    return (layouts[layout],)
