"""Reading the schools of one county: what the page of each shows, over all years.

Belongs here: the queries behind the pages of schools. Does not belong here: any formula of the field; what is averaged
here is only how much of the gap a school makes over several indicators, as on the county's page.

One query a table and county, whatever the number of schools.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.facts import (
    Coefficient,
    Frame,
    Key,
    SchoolBook,
    SchoolLine,
    SchoolPanel,
    SchoolsBook,
    SchoolStage,
)  # fmt: skip

CONTRIBUTION = "trends.school_contribution"
Rows = dict[tuple[str, str], dict[int, dict[str, Any]]]
"""Rows by (school, stage), then by school year."""


def read_schools(
    extracts: Extracts, frame: Frame, code: str, name: str, coefficients: Mapping[Key, Sequence[Coefficient]]
) -> SchoolsBook:
    """The books of all schools of a county, by code; ``coefficients`` are its rows, which hold the county means."""
    if not extracts.has(CONTRIBUTION, "school_code", "stage"):
        return SchoolsBook(code, name, ())
    rows = _rows(extracts, CONTRIBUTION, code)
    attainment = _rows(extracts, "trends.school_attainment", code)
    standard = _rows(extracts, "trends.school_standard", code)
    conditions = _latest_conditions(extracts, code)
    lines, floors = _lines(extracts, code)
    means = {
        (row.standard, row.stage, row.indicator, row.school_year): row.mean
        for each in coefficients.values()
        for row in each
    }
    shares = _shares(frame, extracts.columns(CONTRIBUTION), rows)
    stages: dict[str, list[SchoolStage]] = defaultdict(list)
    names: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for (school, stage), by_year in sorted(rows.items(), key=lambda each: (each[0][0], _order(frame, each[0][1]))):
        for year, row in by_year.items():
            known = (str(row["school_code"]), str(row["school_name"] or row["school_code"]))
            names[school][known] = max(year, names[school].get(known, year))
        seven, ten = attainment.get((school, stage), {}), standard.get((school, stage), {})
        latest = max(by_year)
        last = ten.get(latest, {})
        stages[school].append(
            SchoolStage(
                stage=stage,
                latest=latest,
                pupils=tuple(_cell(by_year, year, "pupils") for year in frame.years),
                panels=tuple(
                    SchoolPanel(
                        standard=standard_key,
                        indicator=term.key,
                        values=tuple(
                            _cell(by_year, year, f"{_prefix(standard_key)}_{term.key}_value") for year in frame.years
                        ),
                        means=tuple(means.get((standard_key, stage, term.key, year)) for year in frame.years),
                        lines=tuple(lines.get((standard_key, stage, term.key, year)) for year in frame.years),
                        floors=tuple(
                            _floor(
                                lines.get((standard_key, stage, term.key, year)),
                                floors.get((standard_key, stage, year)),
                            )
                            for year in frame.years
                        ),
                        share=by_year[latest].get(f"{_prefix(standard_key)}_{term.key}_share"),
                    )
                    for standard_key in frame.standards
                    for term in frame.indicators[standard_key]
                ),
                attains=tuple(_cell(seven, year, "attains") for year in frame.years),
                standard_attains=tuple(_cell(ten, year, "attains") for year in frame.years),
                attains_reason=seven.get(latest, {}).get("reason"),
                standard_reason=last.get("reason"),
                below=_codes(last.get("indicators_below")),
                missing=_codes(last.get("indicators_missing")),
                shares={key: value[0] for key, value in shares.get((school, stage), {}).items()},
                ranks={key: value[1] for key, value in shares.get((school, stage), {}).items()},
            )
        )
    return SchoolsBook(code, name, tuple(_book(school, stages[school], names[school], conditions) for school in stages))


def school_lines(book: SchoolsBook) -> tuple[SchoolLine, ...]:
    """The list of a county's schools, a line a stage."""
    return tuple(
        SchoolLine(
            code=school.code,
            name=school.name,
            codes=tuple(sorted({school.code, *(code for code, _, _ in school.former)})),
            stage=stage.stage,
            latest=stage.latest,
            pupils=next((value for value in reversed(stage.pupils) if value is not None), None),
            attains=next((value for value in reversed(stage.attains) if value is not None), None),
            standard_attains=next((value for value in reversed(stage.standard_attains) if value is not None), None),
            shares=stage.shares,
        )
        for school in book.schools
        for stage in school.stages
    )


def _book(
    school: str, stages: list[SchoolStage], names: Mapping[tuple[str, str], int],
    conditions: Mapping[str, Mapping[str, Any]],
) -> SchoolBook:  # fmt: skip
    """The newest name is the school's; the others it had are told on its page."""
    newest = max(names, key=lambda each: (names[each], each))
    former = tuple(
        (code, name, names[code, name])
        for code, name in sorted(names, key=lambda each: (-names[each], each))
        if (code, name) != newest
    )
    return SchoolBook(school, newest[1], former, tuple(stages), dict(conditions.get(school, {})))


def _rows(extracts: Extracts, table: str, county: str) -> Rows:
    """Rows of a county by school (its code at the end of the chain of succession) and stage."""
    found: Rows = defaultdict(dict)
    if not extracts.has(table, "county_code", "school_code", "stage", "school_year"):
        return found
    columns = extracts.columns(table)
    wanted = ", ".join(f'"{column}"' for column in columns)
    for cells in extracts.rows(
        f"select {wanted} from {table} where county_code = ? order by school_year, school_code", [county]
    ):
        row = dict(zip(columns, cells, strict=True))
        school = str(row.get("trend_school_code") or row["school_code"])
        known = found[school, str(row["stage"])].get(int(row["school_year"]))
        # Two schools that merged later share a code of the trend: the one that still bears it is shown.
        if known is None or row["school_code"] == school:
            found[school, str(row["stage"])][int(row["school_year"])] = row
    return found


def _latest_conditions(extracts: Extracts, county: str) -> dict[str, dict[str, Any]]:
    table = "trends.school_conditions"
    if not extracts.has(table, "county_code", "trend_school_code"):
        return {}
    columns = extracts.columns(table)
    wanted = ", ".join(f'"{column}"' for column in columns)
    rows = extracts.rows(f"select {wanted} from {table} where county_code = ? order by school_year", [county])
    return {str(row[columns.index("trend_school_code")]): dict(zip(columns, row, strict=True)) for row in rows}


def _lines(
    extracts: Extracts, county: str
) -> tuple[dict[tuple[str, str, str, int], float], dict[tuple[str, str, int], float]]:
    """Lines of a school's indicators, and the share of the line that is the floor, as they hold in this county."""
    lines: dict[tuple[str, str, str, int], float] = {}
    floors: dict[tuple[str, str, int], float] = {}
    if not (extracts.has("core.region_line", "measure") and extracts.has("core.county_setting", "rule_region")):
        return lines, floors
    for standard, stage, indicator, year, measure, line in extracts.rows(
        "select l.standard, l.stage, l.indicator, l.school_year, l.measure, l.line from core.region_line l"
        " join core.county_setting s on s.rule_region = l.rule_region and s.school_year = l.school_year"
        " where s.county_code = ? and l.measure in ('school_indicator', 'school_floor')",
        [county],
    ):
        if measure == "school_floor":
            floors[str(standard), str(stage), int(year)] = float(line)
        else:
            lines[str(standard), str(stage), str(indicator), int(year)] = float(line)
    return lines, floors


def _shares(
    frame: Frame, columns: Sequence[str], rows: Rows
) -> dict[tuple[str, str], dict[str, tuple[float, tuple[int, int]]]]:
    """By school and stage, of the latest year: (mean share of the gap, (place, of how many)) by standard."""
    found: dict[tuple[str, str], dict[str, tuple[float, tuple[int, int]]]] = defaultdict(dict)
    for standard in frame.standards:
        keys = [
            key for term in frame.indicators[standard] if (key := f"{_prefix(standard)}_{term.key}_share") in columns
        ]
        for stage in frame.stages:
            latest = {
                school: by_year[frame.latest]
                for (school, at), by_year in rows.items()
                if at == stage and frame.latest in by_year
            }
            available = [key for key in keys if any(row[key] is not None for row in latest.values())]
            if not available:
                continue
            shares = {
                school: sum(row[key] or 0.0 for key in available) / len(available) for school, row in latest.items()
            }
            order = sorted(shares, key=lambda school: (-shares[school], school))
            for place, school in enumerate(order, start=1):
                found[school, stage][standard] = (shares[school], (place, len(order)))
    return found


def _prefix(standard: str) -> str:
    return standard.split("_", maxsplit=1)[0]


def _order(frame: Frame, stage: str) -> int:
    return frame.stages.index(stage) if stage in frame.stages else len(frame.stages)


def _cell(by_year: Mapping[int, Mapping[str, Any]], year: int, key: str) -> Any:
    return by_year.get(year, {}).get(key)


def _floor(line: float | None, floor: float | None) -> float | None:
    return None if line is None or floor is None else line * floor


def _codes(codes: str | None) -> tuple[str, ...]:
    return tuple(code.strip() for code in (codes or "").split(",") if code.strip())
