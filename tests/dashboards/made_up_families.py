"""The families' tables of the made-up release: columns as the models publish them, rows with everything awkward in them.

Belongs here: rows of the trend tables besides the coefficients. Does not belong here: any formula of the field.

The columns are read from the headers of the models, so that a table cannot drift from what is published. One county has
rows in every table, one has hostile names in them, the others have none; ``TABLE_LEFT_OUT`` is not in the release at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

import models

TABLE_LEFT_OUT = "trends.early_warning"
YEARS = range(2011, 2021)
FULL_COUNTY = "990101"
_COLUMN = re.compile(r"^--   (\w+): (.*)$")
Rows = list[dict[str, Any]]


def columns(table: str) -> dict[str, str]:
    """Columns of a trend table with their comments, as its model's header has them."""
    path = Path(models.__file__).parent / "trends" / f"{table}.sql"
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := _COLUMN.match(line))}


def add(connection: duckdb.DuckDBPyConnection, county: str, name: str, hostile_county: str, hostile: str) -> None:
    """Write the tables of the families to the release. ``hostile`` is the name of schools and targets of one county."""
    for table, rows in _tables(county, name, "第一小学").items():
        other = _tables(hostile_county, hostile, hostile)[table]
        _write(connection, table, rows + other)


def _write(connection: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    titles = columns(table)
    if not titles:
        return
    unknown = {key for row in rows for key in row} - titles.keys()
    if unknown:
        raise ValueError(f"{table} has no {sorted(unknown)}")
    frame = pl.DataFrame([{key: row.get(key) for key in titles} for row in rows], infer_schema_length=None)
    connection.register("frame", frame.to_arrow())
    connection.execute(f"create or replace table trends.{table} as select * from frame")
    connection.unregister("frame")
    for key, words in titles.items():
        connection.execute(f"comment on column trends.{table}.{key} is '{words.replace(chr(39), chr(39) * 2)}'")


def _tables(county: str, name: str, school: str) -> dict[str, Rows]:
    place = {"county_code": county, "county_name": name}
    return {
        "three_increases": list(_growth(place)),
        "two_only_increase": [
            {**place, "fiscal_year": y, "stage": "all", "test": "education_expenditure", "gap_restated_points": 1.5,
             "gap_published_points": 1.5, "line_points": 0.0, "binding": True, "verdict": y != 2019,
             "verdict_base": "prior_value", "verdicts_differ": False, "falls_so_far": 1, "last_fall_year": 2019}
            for y in YEARS
        ],
        "funding_shares": [
            {**place, "fiscal_year": y, "share": "training_of_public_use", "value": 0.0499 if y == 2020 else 0.06,
             "line": 0.05, "binding": True, "meets": y != 2020, "margin_points": 1.0, "value_from": "computed"}
            for y in YEARS
        ],
        "consolidation": list(_consolidation(county, name)),
        "teacher_exchange": list(_exchange(place)),
        "exchange_agreement": [
            {**place, "school_year": 2020, "stage": "compulsory", "declared": 20, "listed": 19, "moved": 18, "agrees": False}
        ],
        "exchange_flow": [
            {"county_code": county, "school_year": 2020, "from_school_code": f"s{a}", "from_school_name": f"{school}{a}",
             "from_trend_school_code": f"s{a}", "from_area": ("urban", "town", "rural", None)[a % 4],
             "to_school_code": f"s{b}", "to_school_name": f"{school}{b}", "to_trend_school_code": f"s{b}",
             "to_area": ("urban", "town", "rural")[b % 3], "persons": 1 + (a + b) % 3, "primary_persons": 1,
             "junior_persons": (a + b) % 3, "backbone_persons": 0, "principals": 0, "ended_early": 0}
            for a in range(14) for b in range(14) if (a * 5 + b) % 7 == 0 and a != b
        ],
        "class_size": list(_class_sizes(place)),
        "school_size": [
            {**place, "school_year": y, "kind": kind, "schools": 5, "pupils": 4000, "largest": 1900 + y % 5 * 40,
             "size_limit": 2000.0, "schools_over": int(y % 5 > 2), "schools_small": 1, "meets": y % 5 <= 2}
            for kind in ("primary", "combined") for y in YEARS
        ],
        "special_rooms": [
            {**place, "school_year": y, "classes_per_room": 12.0, "schools": 10, "schools_missing": 0,
             "schools_meeting": 8, "schools_short_of_music": 2, "schools_short_of_art": 1, "share": 0.8, "meets": False}
            for y in YEARS
        ],
        "school_conditions": [
            {"county_code": county, "school_code": f"21330{county[-1]}000{at}", "school_name": f"{school}{at}",
             "trend_school_code": f"21330{county[-1]}000{at}", "school_year": 2020, "kind": "primary",
             "pupils": 2100 - 300 * at, "size_limit": 2000.0, "over_size": at == 0, "small": at > 5, "small_rural": False,
             "classes": 40, "music_rooms": 2.0, "art_rooms": 4.0, "classes_per_room": 12.0, "music_met": False,
             "art_met": True}
            for at in range(6)
        ],
        "county_standard": [
            {**place, "school_year": y, "stage": stage, "school_standard": "made_up", "indicators": 2, "schools": 12,
             "schools_attaining": y - 2009, "schools_missing": 0, "share": (y - 2009) / 12, "all_attain": y == 2021}
            for stage in ("primary", "junior") for y in YEARS
        ],
        "county_standard_indicator": [
            {**place, "school_year": 2020, "stage": "primary", "school_standard": "made_up", "indicator": key,
             "direction": "at_least", "line": 3.0, "schools": 12, "schools_meeting": 12 - at, "schools_below": at,
             "schools_missing": 0, "share": (12 - at) / 12}
            for at, key in enumerate(("books", "no_such_indicator"))
        ],
        "school_standard": [
            {"county_code": county, "school_code": f"21330{county[-1]}0000", "school_name": school, "school_year": 2020,
             "trend_school_code": f"21330{county[-1]}0000", "stage": "primary", "school_standard": "made_up",
             "pupils": 900, "indicators": 2, "indicators_met": 1, "indicators_below": "books", "lowest_ratio": 0.7,
             "attains": False}
        ],
        "government_score": list(_scores(place)),
        "government_work": list(_items(place)),
        "satisfaction": list(_satisfaction(place)),
        "plan_attainment": [
            {**place, "target_code": code, "target_name": target, "level": level, "standard": "basic_2012", "stage": "all",
             "school_year": y, "planned_in": y, "target_year": 2015, "first_target_year": 2014, "postponed_years": 1,
             "attains": y >= 2017, "first_attained_year": 2017 if y >= 2017 else None, "years_late": max(0, y - 2015),
             "status": "not_due" if y < 2015 else "due" if y < 2017 else "attained_late" if y < 2020 else "lost"}
            for code, target, level in ((county, name, "county"), *((f"s{at}", f"{school}{at}", "school") for at in range(20)))
            for y in YEARS
        ],
        "rectification": [
            {**place, "school_year": y, "problems": 6, "open": 1, "overdue": int(y == 2018), "closed": 4 - int(y == 2018),
             "still_failing": 1, "unverified": 0, "closed_late": 1, "vanished": 0, "completion_rate": 4 / 6,
             "declared_completion_rate": 5 / 6, "overdue_rate": 0.0}
            for y in YEARS
        ],
        "rectification_problem": [
            {**place, "problem_id": f"p{at}", "school_year": 2020, "category": "resources", "problem": school,
             "measure": "=1+1", "responsible": "基财科", "status": status}
            for at, status in enumerate(("open", "overdue", "closed", "still_failing", "unverified"))
        ],
        "scorecard_part": [
            {**place, "school_year": y, "standard": "basic_2012", "part": part, "stage": stage, "position": at,
             "entry": False, "value": value, "line": line, "verdict": y not in (2013, 2019, 2020), "retreat": y >= 2019,
             "fails": "books,2014", "standing": "retreat"}
            for at, (part, stage, value, line) in enumerate((
                ("school_standard", "primary", 0.9, 1.0), ("composite_coefficient", "primary", 0.6501, 0.65),
                ("government_score", "all", 84.96, 85.0), ("satisfaction", "all", 0.8499, 0.85),
            ))
            for y in YEARS if y != 2014
        ],
    }  # fmt: skip


def _growth(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    for y in YEARS:
        for test, stage in (("funds_over_revenue", "all"), ("teacher_wage", "primary")):
            flips = y == 2018 and stage == "all"
            yield {
                **place, "fiscal_year": y, "stage": stage, "test": test, "growth_restated": 0.0174,
                "growth_published": -0.0018 if flips else 0.0174, "gap_restated_points": 1.74,
                "gap_published_points": -0.18 if flips else 1.74, "line_points": 0.0, "binding": True,
                "meets_restated": True, "meets_published": not flips, "verdicts_differ": flips,
                "verdict": None if y == 2016 else y != 2017, "verdict_base": "prior_value", "run_years": 3,
                "run_verdict": y < 2017, "reason": "quarantined" if y == 2016 else None,
            }  # fmt: skip


def _consolidation(county: str, name: str) -> Iterator[dict[str, Any]]:
    for stage, years in (("primary", 6), ("junior", 3), ("compulsory", 9)):
        for y in YEARS:
            known = y - years > 2011
            raw = 1.0043 if stage == "primary" else 0.9712
            rates = {f"rate_{f}_raw": raw - 0.002 * at for at, f in enumerate("abcd")} if known else {}
            capped = {key.replace("raw", "capped"): min(value, 1.0) for key, value in rates.items()}
            yield {
                "level": "county", "region_code": county, "region_name": name, "school_year": y, "stage": stage,
                "years": years, "entry_year": y - years, "formula": "a" if y < 2018 else "c", "cap": "capped",
                "rate": min(raw, 1.0) if known else None, "rate_raw": raw if known else None, "threshold": 0.95,
                "threshold_binding": stage == "junior", "meets": True if known else None,
                "reason": None if known else "before_first_year",
                "missing_components": None if known else "entrants,graduates", "missing_years": "2005,2006,2009",
                "annual_rate": None if y == 2013 else 0.9989, "annual_threshold": None if years == 9 else 0.99,
                "annual_threshold_binding": False, "annual_meets": True, **rates, **capped,
            }  # fmt: skip


def _exchange(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    for stage in ("compulsory", "primary", "junior"):
        for y in YEARS:
            yield {
                **place, "school_year": y, "stage": stage, "denominator": "town_and_good" if y < 2016 else "whole_county",
                "source": "list", "eligible": 200, "exchanged": 19 + y % 4, "rate": (19 + y % 4) / 200, "threshold": 0.1,
                "rate_meets": y % 4 > 0 if stage == "compulsory" else None, "backbone_share": 0.3,
                "backbone_threshold": 0.2, "backbone_meets": True, "verdict": y % 4 > 0 if stage == "compulsory" else None,
                "reason": None if stage == "compulsory" else "whole_county_only", "principals_exchanged": 2,
                "early_returns": 1, "urban_to_town": 8, "urban_to_rural": 3, "town_to_rural": 1, "rural_to_town": 2,
                "rural_to_urban": 0, "town_to_urban": 1, "same_area": 4, "direction_unknown": 0, "to_other_county": 0,
            }  # fmt: skip


def _class_sizes(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    bins = [key for key in columns("class_size") if re.match(r"classes_(upto|from|\d)", key)]
    for y in YEARS:
        if y != 2015:
            yield {
                **place, "school_year": y, "stage": "primary", "schools": 9, "schools_missing": 0, "classes": 100,
                "mean_size": 41.0, "size_limit": 45.0 if y > 2015 else None, "classes_within": 90, "classes_over": 10,
                "classes_undecided": 0, "share_within": 0.9996 if y == 2020 else 0.9, "large_from": 56.0,
                "large_classes": 3, "oversize_from": 66.0, "oversize_classes": 1, "schools_over": 4, "meets": False,
                **dict.fromkeys(bins, 10),
            }  # fmt: skip


def _scores(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    for y in YEARS:
        for at, (block, points) in enumerate((("all", 100.0), ("access", 40.0), ("teachers", 60.0))):
            scored = y != 2014
            yield {
                **place, "school_year": y, "standard": "basic_2012", "block": block, "position": at, "items": 9,
                "items_missing": int(not scored), "items_met": 8, "items_failed": 1, "items_differing": 1,
                "points": points, "score": points * 0.8496 if scored else None, "declared_score": points * 0.9,
                "line": 85.0 if block == "all" else None, "verdict": False if scored and block == "all" else None,
                "reason": "items_missing" if not scored else None,
            }  # fmt: skip
            yield {
                **place, "school_year": y, "standard": "quality_2017", "block": block, "position": at, "items": 9,
                "items_missing": 0, "items_met": 8, "items_failed": 1, "items_differing": int(y == 2019),
                "failed": "class_size", "verdict": False,
            }  # fmt: skip


def _items(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    for at, (item, declared, computed) in enumerate((("exchange_rate", 0.105, 0.0877), ("class_size", None, 0.9))):
        yield {
            **place, "school_year": 2020, "standard": "quality_2017", "block": "assurance", "item": item, "part_of": "",
            "position": at, "counts": True, "line": 0.1, "comparison": "at_least", "declared_value": declared,
            "computed_value": computed, "computed_meets": False, "differs": None if declared is None else True,
            "source": "computed", "value": computed, "verdict": False, "evidence": "<b>材料</b>",
        }  # fmt: skip


def _satisfaction(place: dict[str, str]) -> Iterator[dict[str, Any]]:
    for y in YEARS:
        for group in ("all", "parents", "teachers"):
            small = y == 2013 and group == "all"
            yield {
                **place, "school_year": y, "standard": "basic_2012", "group": group, "source": "answers", "sent": 500,
                "returned": 490, "valid": 300 if small else 480, "satisfaction": 0.8499, "lower": 0.82, "upper": 0.88,
                "confidence": 0.95, "minimum_valid": 450.0, "adequate": not small and group != "teachers",
                "line": 0.85 if group == "all" else None, "verdict": False if group == "all" and not small else None,
                "line_in_interval": True, "sources_differ": False, "weighting": "pooled" if group == "all" else None,
                "reason": "sample_too_small" if small else None if group == "all" else "no_line",
            }  # fmt: skip
