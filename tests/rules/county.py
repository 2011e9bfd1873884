"""A small county in order, some years of every school return, to be spoiled in one way by each test; and running a rule.

Belongs here: rows and running. Does not belong here: expectations.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from checks.rules import Rule, load_rules, placed, run_rules
from models.returns.class_size import BINS
from tests.models.helpers import COUNTY, Rows, all_models, write_returns
from tests.models.kept import Maker, rulebook
from warehouse.replay import upstream

YEARS = range(2018, 2021)
SCHOOLS = 10
#: Any two neighbours differ in every figure, so that nothing coincides by chance.
_GRADES = {"primary": range(1, 7), "junior": range(7, 10)}
_SIZES = {"classes_upto_25": 25, "classes_26_30": 30, "classes_31_35": 35, "classes_36_40": 40}

Row = dict[str, Any]
Found = list[tuple[int, str | None, str | None, str | None]]


def code(number: int, kind: int = 21) -> str:
    """The code of a school; kind 21 primary, 31 junior."""
    return f"{kind}99{number:06d}"


def county(years: range = YEARS, schools: int = SCHOOLS, county_code: str = COUNTY) -> Rows:
    """Primary schools 1, 2 … and junior schools 101, 102 … whose pupils move up a grade every year, nobody leaving."""
    rows: Rows = {}
    for year in years:
        for number in range(1, schools + 1):
            for stage, kind, offset in (("primary", 21, 0), ("junior", 31, 100)):
                for form, row in _school(year, number + offset, kind, stage, county_code).items():
                    rows.setdefault(form, []).append(row)
    return rows


def _pupils(year: int, number: int, grade: int) -> int:
    """Pupils of a grade: those who entered together stay together."""
    entered = year - grade
    return 40 + (number * 7 + entered * 3) % 23


def _school(year: int, number: int, kind: int, stage: str, county_code: str) -> dict[str, Row]:
    grades = {f"grade_{g}": _pupils(year, number, g) for g in _GRADES[stage]}
    pupils, first, last = sum(grades.values()), min(_GRADES[stage]), max(_GRADES[stage])
    before = sum(_pupils(year - 1, number, g) for g in _GRADES[stage])
    who = {
        "school_year": year,
        "county_code": county_code,
        "school_code": code(number, kind),
        "school_name": f"第{number}学校",
        "submission_id": f"s{year}",
        "sheet": "表",
        "row_number": 5 + number,
    }
    graduates = _pupils(year - 1, number, last)
    teachers = pupils // 15 + (year + number) % 3
    rest = pupils % 40
    smaller = next(name for name, most in _SIZES.items() if rest <= most)
    return {
        "school": {
            **who, "school_type": "211" if stage == "primary" else "311", "county_name": "甲县", "urban_rural": "121",
            "operator": "811", "counted_as_school": 1,
        },
        "enrolment": {
            **who, "stage": stage, "pupils": pupils, **grades, "entrants": grades[f"grade_{first}"],
            "female_pupils": pupils // 2 - number % 5, "boarders": 5, "migrant_children": 12 + number + year % 3,
            "left_behind_children": 40 + 2 * number,
        },
        "movement": {
            **who, "stage": stage, "pupils_last_year": before, "increase": grades[f"grade_{first}"],
            "entrants": grades[f"grade_{first}"], "returned": 0, "transferred_in": 0, "other_increase": 0,
            "decrease": graduates, "graduates": graduates, "completed": 0, "suspended": 0, "withdrew": 0, "died": 0,
            "transferred_out": 0, "other_decrease": 0, "pupils": pupils,
        },
        "class_size": {
            **who, "stage": stage, "classes": pupils // 40 + 1, **dict.fromkeys(BINS, 0),
            "classes_36_40": pupils // 40, smaller: 1 + (pupils // 40 if smaller == "classes_36_40" else 0),
        },
        "teacher": {
            **who, "stage": stage, "staff": teachers + 3, "teachers": teachers, "degree_postgraduate": 0,
            "degree_bachelor": teachers * 2 // 3, "degree_associate": teachers - teachers * 2 // 3,
            "degree_secondary": 0, "degree_below": 0, "title_full_senior": 0, "title_associate_senior": 1,
            "title_intermediate": teachers // 2, "title_assistant": teachers - teachers // 2 - 1, "title_junior": 0,
            "title_none": 0, "backbone_teachers": 1 + number % 3,
        },
        "premises": {
            **who, "site_area_m2": pupils * 22.0 + number, "sports_ground_m2": pupils * 8.0 + number,
            "building_area_m2": pupils * 9.0, "teaching_area_m2": pupils * 5.0 + number, "gymnasium_m2": 0.0,
            "administrative_area_m2": pupils * 1.0, "living_area_m2": pupils * 2.0 - number,
            "other_area_m2": pupils * 1.0, "dangerous_area_m2": 0.0,
        },
        "equipment": {
            **who, "books": pupils * 20 + number, "computers": pupils // 6 + 10, "teaching_computers": pupils // 8 + number % 7,
            "multimedia_rooms": pupils // 40 + 1, "music_rooms": 1, "art_rooms": 1,
            "equipment_value_yuan": pupils * 1500.0 + number,
        },
    }  # fmt: skip


def spoiled(rows: Rows, change: Callable[[Rows], None]) -> Rows:
    """A copy of the rows with a change made to it."""
    mine = copy.deepcopy(rows)
    change(mine)
    return mine


def row_of(rows: Rows, form: str, school_code: str, year: int) -> Row:
    """The row of a school's return."""
    return next(row for row in rows[form] if row["school_code"] == school_code and row["school_year"] == year)


def without(rows: Rows, school_code: str, year: int) -> None:
    """Take a school out of all returns of a year and later."""
    for form in list(rows):
        rows[form] = [r for r in rows[form] if r["school_code"] != school_code or r["school_year"] < year]


def rule(name: str) -> Rule:
    """The rule of that name."""
    return next(each for each in load_rules() if each.name == name)


def broken_by(folder: Path, rows: Rows, *names: str) -> pl.DataFrame:
    """Run the models that some rules read, then these rules; the rows that break them, each with its place."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [rule(name) for name in names]
    tables = {**write_returns(folder, rows), **rulebook()}
    with Maker(tables) as maker:
        for table in upstream(all_models(), [table for each in wanted for table in each.reads]):
            tables[table] = [folder / f"{table}.parquet"]
            maker.make(table, all_models()[table], tables[table][0])
        maker.bind(tables)
        counts = {table: pl.scan_parquet(files).select(pl.len()).collect().item() for table, files in tables.items()}
        ran = run_rules(maker.engine, counts, folder, wanted)
        assert [each.not_applied for each in ran] == [None] * len(wanted)
        return placed(maker.engine, ran, folder)


def told(frame: pl.DataFrame) -> Found:
    """Year, school, field and value of the broken rows, in order."""
    return sorted(frame.select("school_year", "school_code", "field", "value").rows(), key=str)
