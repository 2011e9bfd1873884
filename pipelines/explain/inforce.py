"""The rulebook of a release, and which of its rows is in force: looked up here apart from the SQL, with its reasons.

Belongs here: of the rows of ``rulebook.*`` that could hold in a place and year, the one that wins, and what it won
over. Does not belong here: what a choice does to a figure (the families).

The most specific region wins: county, prefecture, province, nation; region codes are prefixes of a county's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import duckdb

from pipelines.explain.terms import Term

RuleRow = Mapping[str, Any]


@dataclass(frozen=True)
class RuleInForce:
    """A row of the rulebook that decides something here: the row, and the more general rows that it overrides."""

    table: str
    purpose: str
    row: RuleRow
    overrides: tuple[RuleRow, ...] = ()


#: Rows of the rulebook by table, purpose and content.
Recording = dict[tuple[str, str, str], RuleInForce]


@dataclass
class Rulebook:
    """The rulebook tables of a release; who records is told every row that is asked for."""

    connection: duckdb.DuckDBPyConnection
    _open: list[Recording] = field(default_factory=list)
    _tables: dict[str, list[RuleRow]] = field(default_factory=dict)

    def table(self, name: str) -> list[RuleRow]:
        """Return all rows of a table."""
        if name not in self._tables:
            found = self.connection.execute(f"select * from rulebook.{name}")
            names = [column[0] for column in found.description or ()]
            self._tables[name] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return self._tables[name]

    def entry(self, table: str, key: str, value: Any, purpose: str = "") -> RuleRow | None:
        """Return the row of a code list, e.g. the school type ``312``."""
        row = next((each for each in self.table(table) if each[key] == value), None)
        if row is not None:
            self._note(table, purpose or f"{key} {value}", row, ())
        return row

    def in_force(
        self,
        table: str,
        place: str,
        year: int,
        purpose: str,
        *matching: Callable[[RuleRow], bool],
        rank: Callable[[RuleRow], int] = lambda row: len(row["region_code"]),
    ) -> RuleRow | None:
        """Return the row that holds in a county and year, among those that match."""
        held = [
            row
            for row in self.table(table)
            if place.startswith(row["region_code"])
            and row["from_year"] <= year
            and (row["to_year"] is None or year <= row["to_year"])
            and all(condition(row) for condition in matching)
        ]
        if not held:
            return None
        held.sort(key=rank, reverse=True)
        self._note(table, purpose, held[0], tuple(held[1:]))
        return held[0]

    def choice(self, setting: str, place: str, year: int, standard: str = "") -> str | None:
        """Return the choice of a setting in force."""
        row = self.in_force(
            "choice",
            place,
            year,
            setting,
            lambda row: row["setting"] == setting and row["standard"] == standard,
        )
        return None if row is None else str(row["value"])

    def number(self, setting: str, place: str, year: int, standard: str = "") -> Fraction | None:
        """Return a choice that is a number."""
        said = self.choice(setting, place, year, standard)
        return None if said is None else Fraction(said)

    def line(
        self, measure: str, standard: str, place: str, year: int, stage: str, indicator: str = ""
    ) -> RuleRow | None:
        """Return the line of a measure in force: the most specific region, then a row for this indicator alone."""
        return self.in_force(
            "threshold",
            place,
            year,
            measure,
            lambda row: (
                row["measure"] == measure
                and row["standard"] == standard
                and row["stage"] == stage
                and row["indicator"] in ("", indicator)
            ),
            rank=lambda row: 2 * len(row["region_code"]) + bool(row["indicator"]),
        )

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Yield a record of the rows that are asked for until its end."""
        record: Recording = {}
        self._open.append(record)
        try:
            yield record
        finally:
            self._open = [each for each in self._open if each is not record]

    def note_again(self, record: Recording) -> None:
        """Tell those who record now what was asked for when something that is kept was made."""
        for each in self._open:
            each.update(record)

    def _note(self, table: str, purpose: str, row: RuleRow, overrides: tuple[RuleRow, ...]) -> None:
        self.note_again({(table, purpose, repr(sorted(row.items()))): RuleInForce(table, purpose, row, overrides)})


def exact(value: Any) -> Fraction | None:
    """A number of the rulebook as the decimal it was written as."""
    return None if value is None else Fraction(str(value))


def line_term(row: RuleRow | None, name: str = "line") -> Term:
    """A line of the rulebook as a term."""
    return Term(name, None if row is None else exact(row["value"]), note="" if row is None else str(row["document"]))
