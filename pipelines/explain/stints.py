"""The exchange of a county, person by person and school by school, worked out again from its cells.

Belongs here: stints of the list and whether they count, what schools declare, who on a roster is eligible (domain §5),
as ``core/exchange_stint.sql`` and ``core/exchange_school.sql`` state it, written anew. Does not belong here: figures
of a county (``exchange``).

Which county a row belongs to, which schools are known by when, and which code carries on another are taken as the
release has them; so are persons, who are pseudonyms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.explain.cells import Row, typed_again
from pipelines.explain.context import Context
from pipelines.explain.terms import Term

COMPULSORY = ("primary", "junior")
_PRINCIPALS = ("principal", "vice_principal")
_EXEMPT = ("exempt_nursing", "exempt_illness", "exempt_retirement", "exempt_other")
#: Cells that say whether and how a stint counts.
_TOLD = ("stage", "role", "backbone", "exchange_kind", "start_date", "planned_end_date", "actual_end_date")


@dataclass(frozen=True)
class Place:
    """A school as the register of a year, or else its latest, has it."""

    area: str | None = None
    private: bool = False
    county: str | None = None
    terms: tuple[Term, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Stint:
    """A row of a list. ``reason``: why it does not count."""

    year: int
    person: str
    stage: str | None
    from_code: str
    current_code: str
    to_code: str
    to_county: str | None
    start: date | None
    ended_year: int | None
    ended_early: bool
    is_principal: bool
    is_backbone: bool | None
    from_area: str | None
    to_area: str | None
    reason: str | None
    terms: tuple[Term, ...] = field(default=(), compare=False)

    @property
    def counted(self) -> bool:
        """Whether it counts as an exchange of its year."""
        return self.reason is None

    @property
    def direction(self) -> str | None:
        """From which kind of area to which; None where one is unknown."""
        return None if self.from_area is None or self.to_area is None else f"{self.from_area}_to_{self.to_area}"


@dataclass(frozen=True)
class Person:
    """A row of a roster. ``eligible``: in the year after; None where that cannot be told."""

    stage: str | None
    code: str
    next_code: str | None
    eligible: bool | None
    terms: tuple[Term, ...] = field(default=(), compare=False)


class CountyExchange:
    """What a county reports on exchange; rows are read once."""

    def __init__(self, context: Context, county: str) -> None:
        self.context, self.county = context, county
        self.codes = context.reported_codes(county)
        self._places: dict[tuple[str, int], Place] = {}
        self._registers: dict[str, list[Row]] = {}
        self._stints: list[Stint] | None = None
        self._rows: dict[tuple[str, int | None], list[Row]] = {}
        self._rosters: dict[int, list[Person]] = {}

    def rows(self, form: str, year: int | None = None) -> list[Row]:
        """Return the rows of a return of the county, of one year or of all."""
        if (form, year) not in self._rows:
            self._rows[form, year] = self._read(form, year)
        return self._rows[form, year]

    def _read(self, form: str, year: int | None) -> list[Row]:
        found: list[Row] = []
        for code, years in sorted(self.codes.items()):
            wanted = sorted(years if year is None else years & {year})
            if wanted:
                marks = ", ".join("?" * len(wanted))
                where = f"coalesce(county_code, '000000') = ? and school_year in ({marks})"
                found += self.context.evidence.rows(form, where, [code, *wanted])
        return found

    def stints(self) -> list[Stint]:
        """Return the stints of the lists of all years."""
        if self._stints is None:
            rows = self.rows("exchange")
            self._know(code for row in rows for code in (row["from_school_code"], row["to_school_code"]))
            carried = self._carried()
            self._stints = [self._stint(row, carried) for row in rows]
        return self._stints

    def declared(self, year: int) -> list[Row]:
        """Return what schools declare, one row for each stage of a school."""
        rows = [row for row in self.rows("exchange_eligible", year) if _said(row, "stage") in COMPULSORY]
        self._know(row["school_code"] for row in rows)
        return rows

    def roster(self, year: int) -> list[Person]:
        """Return the persons of the rosters of a year, with what holds for them in the year after."""
        if year not in self._rosters:
            self._rosters[year] = self._roster(year)
        return self._rosters[year]

    def _roster(self, year: int) -> list[Person]:
        book, county = self.context.rulebook, self.county
        month = int(book.number("roster_month", county, year + 1) or 0)
        needed = {
            post: int(book.number(f"exchange_{setting}_years", county, year + 1) or 0)
            for post, setting in (("teacher", "eligible"), ("head", "principal"))
        }
        carried, ended = self._carried().get(year + 1, {}), self._ended(year + 1)
        found = []
        for row in self.rows("roster", year):
            if _said(row, "stage") not in COMPULSORY:
                continue
            code, arrived, post = row["school_code"], _said(row, "arrived_date"), _said(row, "post")
            in_question = _and(
                _equals(_said(row, "permanent"), 1),
                None if post is None else post != "staff",
                _said(row, "exempt") is None,
            )
            years = None if arrived is None else year + 1 - arrived.year - (arrived.month > month)
            long_enough = None if years is None else years >= needed["teacher" if post == "teacher" else "head"]
            terms = tuple(row.word(each) for each in ("person", "stage", "permanent", "post", "exempt", "arrived_date"))
            found.append(
                Person(
                    _said(row, "stage"),
                    code,
                    None if code in ended and code not in carried else carried.get(code, code),
                    long_enough if in_question else in_question,
                    terms,
                )
            )
        return found

    def place(self, code: str, year: int) -> Place:
        """Return a school as it is known in a year."""
        if (code, year) not in self._places:
            self._places[code, year] = self._place(code, year)
        return self._places[code, year]

    def _know(self, codes: Iterable[str | None]) -> None:
        """Read the registers of schools, all at once."""
        missing = sorted({code for code in codes if code is not None} - self._registers.keys())
        self._registers |= {code: [] for code in missing}
        if missing:
            marks = ", ".join("?" * len(missing))
            for row in self.context.evidence.rows("school", f"school_code in ({marks})", missing):
                self._registers[row["school_code"]].append(row)

    def _place(self, code: str, year: int) -> Place:
        self._know([code])
        known = self.context.connection.execute(
            "select county_code from core.school_place where school_code = ? and school_year = ?", [code, year]
        ).fetchone()
        rows = sorted(self._registers[code], key=lambda row: int(row["school_year"]))
        if known is None or not rows:
            return Place()
        own = next((row for row in rows if row["school_year"] == year), None)
        areas = [(row, area) for row in rows if (area := self._area(row)) is not None]
        area = self._area(own) if own is not None else None
        if area is None and areas:
            area = areas[-1][1]
        row = own or rows[-1]
        return Place(area, self._private(row), known[0], (row.word("urban_rural"), row.word("operator")))

    def _area(self, row: Row) -> str | None:
        entry = self.context.rulebook.entry("urban_rural", "urban_rural", _said(row, "urban_rural"))
        return None if entry is None else str(entry["area"])

    def _private(self, row: Row) -> bool:
        entry = self.context.rulebook.entry("operator", "operator", _said(row, "operator"))
        return bool(entry is not None and entry["is_private"])

    def _carried(self) -> dict[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {}
        for year, code, carrying in self.context.connection.execute(
            "select school_year, school_code, carried_code from core.school_carried"
        ).fetchall():
            found.setdefault(year, {})[code] = carrying
        return found

    def _ended(self, year: int) -> set[str]:
        rows = self.context.connection.execute(
            "select school_code from returns.school_succession where school_year = ?", [year]
        ).fetchall()
        return {code for (code,) in rows}

    def _stint(self, row: Row, carried: Mapping[int, Mapping[str, str]]) -> Stint:
        year, county, book = int(row["school_year"]), self.county, self.context.rulebook
        said: dict[str, Any] = {name: _said(row, name) for name in _TOLD}
        start, end, planned = said["start_date"], said["actual_end_date"], said["planned_end_date"]
        origin, target = self.place(row["from_school_code"], year), self.place(row["to_school_code"], year)
        current = carried.get(year, {}).get(row["from_school_code"], row["from_school_code"])
        start_year = _year(start, int(book.number("exchange_first_month", county, year) or 0))
        kind = said["exchange_kind"]
        rule = book.in_force(
            "exchange_kind", county, year, f"exchange_kind {kind}", lambda each: each["exchange_kind"] == kind
        )
        reason = None
        if county == "000000":
            reason = "county_unknown"
        elif said["stage"] not in COMPULSORY:
            reason = "stage_not_compulsory"
        elif origin.private:
            reason = "private_school"
        elif rule is None or not rule["counts"]:
            reason = "kind_not_counted"
        elif current == row["to_school_code"]:
            reason = "school_carried_on"
        elif start_year is None:
            reason = "start_missing"
        elif start_year != year:
            reason = "begun_earlier" if start_year < year else "begins_later"
        return Stint(
            year, row["person"], said["stage"], row["from_school_code"], current, row["to_school_code"], target.county,
            start, _year(end, int(book.number("roster_month", county, year) or 0)),
            end is not None and planned is not None and end < planned, said["role"] in _PRINCIPALS,
            _equals(said["backbone"], 1), origin.area, target.area, reason,
            (*(row.word(name) for name in ("person", *_TOLD)), *origin.terms, *target.terms),
        )  # fmt: skip


def county_exchange(context: Context, county: str) -> CountyExchange:
    """Return what a county reports on exchange, read once for all its figures."""
    if county not in context.exchange:
        context.exchange[county] = CountyExchange(context, county)
    found: CountyExchange = context.exchange[county]
    return found


def exempt(row: Row) -> list[Term]:
    """The numbers of the exempt, by reason."""
    return [row.term(name) for name in _EXEMPT]


def good_school(row: Row) -> bool:
    """Whether a school declares itself a good one."""
    return bool(_said(row, "good_school") == 1)


def persons(stints: Sequence[Stint]) -> int:
    """Persons of stints, each once."""
    return len({each.person for each in stints})


def _said(row: Row, name: str) -> Any:
    return typed_again(row.cell(name))


def _year(day: date | None, first_month: int) -> int | None:
    return None if day is None else day.year - (day.month < first_month)


def _equals(value: Any, wanted: Any) -> bool | None:
    return None if value is None else bool(value == wanted)


def _and(*parts: bool | None) -> bool | None:
    """``and`` of what may be unknown: one that is false decides."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True
