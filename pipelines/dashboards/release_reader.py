"""Reading one release: SQL out of the published tables into the rows of ``facts.py``.

Belongs here: every query the dashboards make. Does not belong here: any formula of the field; what is summed or
averaged here is only how much of the gap a school makes over several indicators.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import duckdb

import models
from models.returns.common import STAGES
from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.facts import (
    Attainment,
    Census,
    Coefficient,
    Composite,
    Contribution,
    CountyBook,
    Frame,
    Key,
    OverviewBook,
    SchoolsBook,
    Standard,
    Term,
)
from pipelines.dashboards.families import reading
from pipelines.dashboards.school_reader import read_schools, school_lines

RULEBOOK = Path(models.__file__).parent / "rulebook"

#: Rows without a county code are gathered by the models into a figure that is nobody's.
_ASSIGNED = "coalesce(reason, '') <> 'county_unknown'"

Row = TypeVar("Row", Composite, Coefficient, Attainment)


class ReleaseReader:
    """The dashboards' view of a release. ``connection`` may be read-only; it is used by one thread at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._extracts = Extracts(connection)
        self._columns: dict[str, set[str]] = defaultdict(set)
        for table, column in self._all(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
        ):
            self._columns[table].add(column)

    def frame(self) -> Frame | None:
        """Years, stages, standards, indicators and counties of the release; None where it has no county figures.

        A county carries the name of its latest year. Years run without a hole from the first to the last.
        """
        if not self.has("trends.composite_coefficient"):
            return None
        keys = self._all("select distinct school_year, stage, standard from trends.composite_coefficient")
        if not keys:
            return None
        years = {int(year) for year, _, _ in keys}
        counties = self._all(
            "select county_code, arg_max(county_name, school_year) from trends.composite_coefficient"
            f" where {_ASSIGNED} group by county_code order by county_code"
        )
        if not counties:
            return None
        unassigned = self._all(
            "select stage, max(schools) from trends.composite_coefficient"
            f" where not ({_ASSIGNED}) and school_year = ? group by stage order by stage",
            [max(years)],
        )
        standards = self._standards({str(standard) for _, _, standard in keys})
        return Frame(
            years=tuple(range(min(years), max(years) + 1)),
            stages=tuple(sorted({str(stage) for _, stage, _ in keys}, key=_stage_order)),
            standards=standards,
            indicators={standard: self._indicators(standard) for standard in standards},
            counties=tuple((str(code), str(name or code)) for code, name in counties),
            unassigned={str(stage): int(schools) for stage, schools in unassigned if schools},
            terms=reading.terms(self._extracts),
        )

    def overview(self) -> OverviewBook:
        """All composite coefficients, and findings by county where the release has them."""
        rows = self._rows(Composite, "trends.composite_coefficient", _ASSIGNED, [])
        findings: dict[str, dict[str, int]] | None = None
        if self.has("audit.finding"):
            findings = defaultdict(dict)
            for county, severity, count in self._all(
                "select county_code, severity, count(*) from audit.finding group by all order by all"
            ):
                findings[str(county)][str(severity)] = int(count)
        return OverviewBook(_by_key(rows), findings)

    def county(self, frame: Frame, code: str) -> CountyBook:
        """The book of one county. Raises ``KeyError`` for a code that the release does not have."""
        return self.county_and_schools(frame, code)[0]

    def county_and_schools(self, frame: Frame, code: str) -> tuple[CountyBook, SchoolsBook]:
        """The book of one county and that of its schools, read together: the first lists what the second holds."""
        name = dict(frame.counties)[code]
        coefficients = self._rows(Coefficient, "trends.differential_coefficient", "county_code = ?", [code])
        attainment: dict[str, list[Attainment]] = defaultdict(list)
        for row in self._rows(Attainment, "trends.county_attainment", "county_code = ?", [code]):
            attainment[row.stage].append(row)
        findings = None
        if self.has("audit.finding"):
            findings = {
                str(severity): int(count)
                for severity, count in self._all(
                    "select severity, count(*) from audit.finding where county_code = ? group by all order by all",
                    [code],
                )
            }
        by_key = _by_key(coefficients)
        schools = read_schools(self._extracts, frame, code, name, by_key)
        book = CountyBook(
            code=code,
            name=name,
            composite=_by_key(self._rows(Composite, "trends.composite_coefficient", "county_code = ?", [code])),
            coefficients=by_key,
            contributions={key: self._contributions(frame, code, key) for key in frame.keys},
            attainment={stage: tuple(rows) for stage, rows in attainment.items()},
            census=self._census(frame, code),
            findings=findings,
            families=reading.read(self._extracts, code),
            schools=school_lines(schools),
        )
        return book, schools

    def names(self) -> Iterator[str]:
        """Every county and school name of the release (for the fonts)."""
        for table, column in (
            ("trends.composite_coefficient", "county_name"),
            ("trends.school_contribution", "school_name"),
        ):
            if self.has(table):
                for (name,) in self._all(f"select distinct {column} from {table} where {column} is not null"):
                    yield str(name)
        yield from reading.names(self._extracts)

    def schools(self) -> list[tuple[str, str, str, str]]:
        """(code, newest name, county, code its page bears) of every school that counts, as last known."""
        table = "trends.school_contribution"
        if not self.has(table):
            return []
        page = (
            "coalesce(trend_school_code, school_code)" if "trend_school_code" in self._columns[table] else "school_code"
        )
        return [
            (str(code), str(name or code), str(county), str(page))
            for code, name, county, page in self._all(
                "select school_code, arg_max(school_name, school_year), arg_max(county_code, school_year),"
                f" arg_max({page}, school_year)"
                f" from {table} where school_code is not null group by school_code order by school_code"
            )
        ]

    def has(self, table: str) -> bool:
        """Whether the release holds ``schema.table``."""
        return table in self._columns

    def _census(self, frame: Frame, code: str) -> dict[str, Census]:
        if not self.has("core.county_stage"):
            return {}
        rows = self._all(
            "select stage, schools_left_out, schools_unidentified from core.county_stage"
            " where county_code = ? and school_year = ? order by stage",
            [code, frame.latest],
        )
        return {str(stage): Census(int(out or 0), int(unknown or 0)) for stage, out, unknown in rows}

    def _contributions(self, frame: Frame, code: str, key: Key) -> tuple[Contribution, ...]:
        standard, stage = key
        table = "trends.school_contribution"
        prefix = standard.split("_", maxsplit=1)[0]
        keys = [t.key for t in frame.indicators[standard] if f"{prefix}_{t.key}_value" in self._columns[table]]
        if not keys:
            return ()
        wanted = ", ".join(f'"{prefix}_{key}_{part}"' for key in keys for part in ("value", "share"))
        rows = self._all(
            f"select school_code, school_name, pupils, {wanted} from {table}"
            " where county_code = ? and school_year = ? and stage = ? order by school_code",
            [code, frame.latest, stage],
        )
        figures = [
            (row[:3], dict(zip(keys, row[3::2], strict=True)), dict(zip(keys, row[4::2], strict=True))) for row in rows
        ]
        available = [key for key in keys if any(shares[key] is not None for _, _, shares in figures)]
        found = [
            Contribution(
                school_code=str(school_code),
                school_name=str(school_name or school_code),
                pupils=pupils,
                values=values,
                shares=shares,
                share=sum(shares[key] or 0.0 for key in available) / len(available) if available else 0.0,
            )
            for (school_code, school_name, pupils), values, shares in figures
        ]
        return tuple(sorted(found, key=lambda school: (-school.share, school.school_code)))

    def _standards(self, present: set[str]) -> dict[str, Standard]:
        known = {
            row["standard"]: Standard(row["standard"], {"zh": row["zh"], "en": row["en"]}, row["document"])
            for row in self._rulebook("standard")
        }
        order = [key for key in known if key in present] + sorted(present - known.keys())
        return {key: known.get(key, Standard(key, {}, "")) for key in order}

    def _indicators(self, standard: str) -> tuple[Term, ...]:
        present = {
            str(key)
            for (key,) in self._all(
                "select distinct indicator from trends.differential_coefficient where standard = ?", [standard]
            )
        }
        rows = [row for row in self._rulebook("indicator") if row["standard"] == standard]
        known = {
            row["indicator"]: Term(
                row["indicator"],
                {"zh": row["zh"], "en": row["en"]},
                {"zh": row["unit_zh"], "en": row["unit_en"]},
            )
            for row in sorted(rows, key=lambda row: int(row["position"]))
        }
        order = [key for key in known if key in present] + sorted(present - known.keys())
        return tuple(known.get(key, Term(key, {}, {})) for key in order)

    def _rulebook(self, table: str) -> list[dict[str, str]]:
        """Rows of a rulebook table as the release was made with, else as this version of the product has it."""
        if self.has(f"rulebook.{table}"):
            names = sorted(self._columns[f"rulebook.{table}"])
            rows = self._all(f"select {', '.join(names)} from rulebook.{table} order by all")
            return [dict(zip(names, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows]
        with (RULEBOOK / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    def _rows(self, row_type: type[Row], table: str, condition: str, values: list[Any]) -> list[Row]:
        """Rows of ``table`` in key order; a column the table does not have is None in every row."""
        if not self.has(table):
            return []
        names = [column.name for column in fields(row_type)]
        present = self._columns[table]
        columns = ", ".join(name if name in present else f"null as {name}" for name in names)
        order = [name for name in ("county_code", "standard", "stage", "indicator", "school_year") if name in present]
        rows = self._all(f"select {columns} from {table} where {condition} order by {', '.join(order)}", values)
        return [row_type(*row) for row in rows]

    def _all(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        rows = self._connection.execute(sql, values or []).fetchall()
        return [tuple(float(cell) if isinstance(cell, Decimal) else cell for cell in row) for row in rows]


def _by_key(rows: Iterable[Composite] | Iterable[Coefficient]) -> dict[Key, tuple[Any, ...]]:
    found: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.standard, row.stage].append(row)
    return {key: tuple(group) for key, group in found.items()}


def _stage_order(stage: str) -> tuple[int, str]:
    order = list(STAGES)
    return (order.index(stage) if stage in order else len(order), stage)
