"""A small made-up release with the columns of the published tables, and with everything that is awkward in it.

Belongs here: the tables that the dashboards read. Does not belong here: any formula of the field (figures follow
smooth made-up curves; only the shares of a county's variance are made to sum to 1).

Awkward: a county that is missing a year, one without verdicts, one whose names are hostile, very long names,
characters outside GB2312 (㛃), outside Noto Sans SC (𠮷) and outside every font at hand (𠀂), an indicator nobody has,
a county of which only one indicator is known.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import duckdb

import models
from models import rules
from tests.dashboards import made_up_families

YEARS = range(2011, 2021)
STAGES = ("primary", "junior")
MISSING_COUNTY, MISSING_YEARS = "990102", (2014, 2015)
WITHHELD_COUNTY = "990103"
HOSTILE_COUNTY = "990104"
NOT_FILED_COUNTY, RETREAT_COUNTY = "990101", WITHHELD_COUNTY
SPARSE_COUNTY, ONLY_INDICATOR = "990105", "teachers"
LATE_COUNTY, LATE_FROM = HOSTILE_COUNTY, 2017
ABSENT_INDICATOR = "multimedia_rooms"
HOSTILE = "<script>alert('县')</script>"
RARE = "㛃𠮷𠀂县"
COUNTIES = {
    "990101": "安平县",
    MISSING_COUNTY: RARE,
    WITHHELD_COUNTY: "东岭市经济技术开发区和高新技术产业示范园区联合管理委员会代管区",
    HOSTILE_COUNTY: HOSTILE,
    SPARSE_COUNTY: "$x_1$ & 'Qinghe' \"County\"",
}
SCHOOLS = (
    "第一小学", "实验小学（北校区）", HOSTILE, "希望小学" * 14, "㛃𠮷镇中心小学", "东街小学", "=1+1小学", "\u202eabc",
)  # fmt: skip
#: Counties after so many follow the same curves again: with a hundred of them figures stay figures.
PATTERNS = 6
THRESHOLDS = {("basic_2012", "primary"): 0.65, ("basic_2012", "junior"): 0.55}
QUALITY_THRESHOLDS = {"primary": 0.5, "junior": 0.45}
QUALITY_FROM = 2016
REASON = "missing_values"

TABLES = """
create schema core; create schema trends; create schema audit; create schema rulebook;
create table trends.composite_coefficient (
  county_code varchar, county_name varchar, school_year integer, stage varchar, standard varchar, indicators integer,
  indicators_available integer, schools integer, enrolment double, composite double, threshold double, meets boolean,
  every_indicator_meets boolean, indicators_above varchar, verdict boolean, verdict_rule varchar, reason varchar,
  change_from_last_year double, last_crossed_year integer, years_since_crossing integer);
create table trends.differential_coefficient (
  county_code varchar, county_name varchar, school_year integer, stage varchar, standard varchar, indicator varchar,
  schools integer, schools_missing integer, schools_without_pupils integer, enrolment double, enrolment_missing double,
  mean double, standard_deviation double, coefficient double, threshold double, threshold_binding boolean,
  meets boolean, reason varchar);
create table trends.county_attainment (
  county_code varchar, county_name varchar, school_year integer, stage varchar, schools integer,
  schools_attaining integer, schools_missing integer, share double, all_attain boolean, reason varchar);
create table trends.basic_scorecard (
  county_code varchar, county_name varchar, school_year integer, verdict boolean, standing varchar, retreat boolean,
  recognised_since integer, retreat_since integer, retreat_years integer, retreat_parts varchar, weakest_part varchar,
  weakest_margin double);
create table audit.finding (
  finding_id varchar, rule varchar, severity varchar, form varchar, school_year integer, county_code varchar,
  school_code varchar, owner varchar, value varchar, file_name varchar, sheet varchar, cell varchar, message_zh varchar,
  message_en varchar, guidance_zh varchar, guidance_en varchar, superseded boolean);
create table audit.return_count (
  form varchar, school_year integer, county_code varchar, rows_accepted bigint, rows_quarantined bigint, errors bigint,
  queries bigint);
create table audit.completeness (
  county_code varchar, county_name varchar, school_year integer, form varchar, owner varchar, due date, status varchar,
  rows_quarantined bigint, days_late bigint);
create table audit.rule (rule varchar, zh varchar, en varchar);
create table audit.made_up (county_code varchar, share double, what varchar);
comment on table audit.made_up is '虚构的审计表 | A made-up table of the audit';
comment on column audit.made_up.what is '内容 | What';
"""


def indicators(standard: str) -> list[str]:
    """Indicator keys of a standard, in the rulebook's order."""
    with (Path(models.__file__).parent / "rulebook" / "indicator.csv").open(encoding="utf-8-sig", newline="") as lines:
        return [row["indicator"] for row in csv.DictReader(lines) if row["standard"] == standard]


def line(standard: str, stage: str, year: int) -> float | None:
    """The made-up release's line of a standard and stage in a year."""
    if standard == "basic_2012":
        return THRESHOLDS[standard, stage]
    return QUALITY_THRESHOLDS[stage] if year >= QUALITY_FROM else None


def build(path: Path) -> Path:
    """Write the release to ``path``."""
    with duckdb.connect(path) as connection:
        connection.execute(TABLES)
        wide = ", ".join(
            f"{standard.split('_')[0]}_{indicator}_{part} double"
            for standard in ("basic_2012", "quality_2017")
            for indicator in indicators(standard)
            for part in ("value", "share")
        )
        connection.execute(
            "create table trends.school_contribution (county_code varchar, school_code varchar,"
            " trend_school_code varchar, school_name varchar, school_year integer, stage varchar, pupils double, "
            f"{wide})"
        )
        for place, (code, name) in enumerate(COUNTIES.items()):
            for stage in STAGES:
                _county(connection, place % PATTERNS, code, name, stage)
        made_up_families.add(connection, "990101", COUNTIES["990101"], HOSTILE_COUNTY, HOSTILE)
        _audit(connection)
        for name, frame in rules.load().items():
            connection.register("frame", frame.to_arrow())
            connection.execute(f"create table rulebook.{name} as select * from frame")
            connection.unregister("frame")
    return path


def _audit(connection: duckdb.DuckDBPyConnection) -> None:
    """Findings (one of them superseded), a county that retreats, a return that one county did not file."""
    findings = [("f1", "error", "990101", False), ("f2", "query", "990101", False),
                ("f3", "query", HOSTILE_COUNTY, False), ("f4", "error", HOSTILE_COUNTY, True)]  # fmt: skip
    connection.executemany(
        "insert into audit.finding values (?, 'made_up', ?, 'school', 2020, ?, '2133010001', 'statistics', ?, ?, ?,"
        " 'B7', '学校名称有误', 'The name is wrong', '更正', 'Correct it', ?)",
        [(name, severity, county, HOSTILE, "=cmd.xlsx", "\u202e表", done) for name, severity, county, done in findings],
    )
    connection.executemany(
        "insert into audit.return_count values (?, ?, ?, 42, 1, 0, 0)",
        [
            (form, year, code)
            for form in ("school", "teacher")
            for year in YEARS
            for code in COUNTIES
            if (form, year, code) != ("teacher", YEARS[-1], NOT_FILED_COUNTY)
        ],
    )
    connection.execute("insert into audit.rule values ('made_up', '名称与上年一致', 'The name is that of last year')")
    connection.executemany(
        "insert into audit.completeness values (?, ?, ?, 'teacher', 'personnel', make_date(?, 9, 20), ?, 0, ?)",
        [
            (
                code,
                name,
                year,
                year,
                *(("missing", 61) if code == NOT_FILED_COUNTY and year == YEARS[-1] else ("filed", 0)),
            )
            for code, name in COUNTIES.items()
            for year in YEARS
        ],
    )
    connection.executemany(
        "insert into trends.basic_scorecard values (?, ?, ?, ?, ?, ?, 2015, ?, ?, ?, 'satisfaction/all', -0.02)",
        [
            (code, name, YEARS[-1], code != RETREAT_COUNTY, "retreat" if code == RETREAT_COUNTY else "held",
             code == RETREAT_COUNTY, *((2019, 2, "satisfaction/all") if code == RETREAT_COUNTY else (None,) * 3))
            for code, name in COUNTIES.items()
        ],
    )  # fmt: skip
    connection.execute("insert into audit.made_up values ('990101', 0.25, ?)", [HOSTILE])


def _county(connection: duckdb.DuckDBPyConnection, place: int, code: str, name: str, stage: str) -> None:
    composites, coefficients, attainment = [], [], []
    withheld = code == WITHHELD_COUNTY
    for standard in ("basic_2012", "quality_2017"):
        last = None
        for year in YEARS:
            if (code == MISSING_COUNTY and year in MISSING_YEARS) or (code == LATE_COUNTY and year < LATE_FROM):
                last = None
                continue
            threshold = line(standard, stage, year)
            keys = indicators(standard)
            values = {
                key: None if _absent(code, key) else _coefficient(place, number, year, stage)
                for number, key in enumerate(keys)
            }
            known = [value for value in values.values() if value is not None]
            composite = sum(known) / len(known) if len(known) == len(keys) else None
            above = [key for key, value in values.items() if value and threshold and value > threshold]
            every = standard == "quality_2017"
            judged = threshold is not None and not withheld and (composite is not None or (every and bool(above)))
            verdict = (not above if every else (composite or 0) <= (threshold or 0)) if judged else None
            reason = "no_line" if threshold is None else REASON if withheld else "indicators_missing"
            composites.append((
                code, name, year, stage, standard, len(keys), len(known), 42, 21_345.5, composite, threshold,
                None if threshold is None or composite is None else composite <= threshold, not above,
                ",".join(above) or None, verdict, "every_indicator" if every else "composite",
                None if judged else reason, None if last is None or composite is None else composite - last,
                2014 if year > 2014 else None,
                year - 2014 if year > 2014 else None,
            ))  # fmt: skip
            last = composite
            for key, value in values.items():
                missing = 3 if withheld else 42 if value is None else 0
                coefficients.append((
                    code, name, year, stage, standard, key, 42 - missing, missing, 1, 21_000.0, 300.0 * missing,
                    None if value is None else 6.3344, None if value is None else value * 6.3344, value, threshold,
                    every, None if missing or threshold is None else value <= threshold, REASON if missing else None,
                ))  # fmt: skip
    for year in YEARS:
        attainment.append(
            (code, name, year, stage, 42, 30 + place, 0, (30 + place) / 42, False, None if place else REASON)
        )
    for table, rows in (
        ("composite_coefficient", composites),
        ("differential_coefficient", coefficients),
        ("county_attainment", attainment),
    ):
        connection.executemany(f"insert into trends.{table} values ({', '.join('?' * len(rows[0]))})", rows)
    _schools(connection, code, stage, withheld)


def _absent(code: str, indicator: str) -> bool:
    if code == SPARSE_COUNTY:
        return indicator != ONLY_INDICATOR
    return indicator == ABSENT_INDICATOR and code in (WITHHELD_COUNTY, LATE_COUNTY)


def _coefficient(place: int, number: int, year: int, stage: str) -> float:
    start = 0.95 - 0.07 * place + 0.05 * math.sin(number * 2.1 + place)
    pace = 0.93 if place % 2 else 0.955
    return start * pace ** (year - YEARS[0]) + (0.06 if stage == "junior" else 0) + 0.02 * math.sin(year * 1.7 + number)


def _schools(connection: duckdb.DuckDBPyConnection, code: str, stage: str, withheld: bool) -> None:
    weights = [1 / (place + 1.3) ** 1.2 for place in range(len(SCHOOLS))]
    rows = []
    for place, name in enumerate(SCHOOLS):
        row: list[object] = [code, f"21330{code[-1]}{place:04d}", None, name, YEARS[-1], stage, 150.0 + 40 * place]
        for standard in ("basic_2012", "quality_2017"):
            for number, key in enumerate(indicators(standard)):
                absent = _absent(code, key) or (withheld and place == 2 and number == 0)
                turned = weights[(place + (number == 3)) % len(weights)]
                row += [None, None] if absent else [2.0 + place + number, turned / sum(weights)]
        rows.append(row)
    connection.executemany(
        f"insert into trends.school_contribution values ({', '.join('?' * len(rows[0]))})", rows
    )  # fmt: skip
