"""Rules about returns of counties, funding, exchange, plans and rectification: what each finds and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.models.exchange_rows import eligible, person, place, stint
from tests.models.helpers import COUNTY, YEAR, Rows, quarantined, together
from tests.rules.county import Found, broken_by, code, told

A, B, C = code(1), code(2), code(3)


def summary(**figures: int | None) -> Rows:
    """A line of the yearbook about primary schools."""
    row = {"school_year": YEAR, "county_code": COUNTY, "county_name": "甲县", "level": "primary"}
    return {"county_summary": [{**row, **figures}]}


def sums(*pupils: int | None) -> Rows:
    """Schools with pupils, as many teachers as a tenth and graduates as a fifth of them."""
    rows: list[Rows] = []
    for number, count in enumerate(pupils, start=1):
        who = {"school_year": YEAR, "county_code": COUNTY, "school_code": code(number), "stage": "primary"}
        part = None if count is None else count // 10
        rows.append(
            {
                "enrolment": [{**who, "pupils": count, "entrants": part}],
                "teacher": [{**who, "teachers": part}],
                "movement": [{**who, "graduates": None if count is None else count // 5}],
            }
        )
    return together(*rows)


def funding(year: int, value: float, item: str = "education_funds", stage: str = "all", **more: Any) -> Rows:
    """A figure of funding."""
    row = {"fiscal_year": year, "county_code": COUNTY, "stage": stage, "item": item, "value_yuan": value}
    return {"funding": [{**row, **more}]}


def on_roster(number: int, school_code: str, year: int = YEAR) -> Rows:
    """A person on the roster of a school."""
    row = {"school_year": year, "county_code": COUNTY, "school_code": school_code, "stage": "primary"}
    return {"roster": [{**row, "person": person(number), "post": "teacher"}]}


def work(item: str, **said: Any) -> Rows:
    """What a county declares of an item of government work."""
    return {"government_work": [{"school_year": YEAR, "county_code": COUNTY, "item": item, "evidence": "卷1", **said}]}


def planned(target: str) -> Rows:
    """A school of the plan of attainment."""
    row = {"school_year": YEAR, "county_code": COUNTY, "target_code": target, "standard": "basic_2012"}
    return {"attainment_plan": [{**row, "stage": "primary", "target_year": YEAR + 2}]}


def survey(satisfied: int, answered: int) -> Rows:
    """Totals of ten parents of whom ``satisfied`` are, and their answers of whom ``answered`` are."""
    who = {"school_year": YEAR, "county_code": COUNTY, "group": "parents"}
    answers = [
        {**who, "respondent": f"q{n}", "question": "0", "answer": "satisfied" if n < answered else "dissatisfied"}
        for n in range(10)
    ]
    totals = {**who, "sent": 10, "returned": 10, "valid": 10, "satisfied": satisfied}
    return {"satisfaction_group": [totals], "satisfaction_answer": answers}


def closed(**more: Any) -> Rows:
    """A problem of the composite coefficient of primary schools, declared closed."""
    row = {
        "school_year": YEAR,
        "county_code": COUNTY,
        "problem_id": "ZG-1",
        "category": "balance",
        "standard": "basic_2012",
        "stage": "primary",
        "indicator": "composite_coefficient",
        "found_on": date(YEAR, 10, 1),
        "deadline": date(YEAR + 1, 6, 1),
        "recheck_on": date(YEAR + 1, 5, 1),
        "recheck_result": "passed",
        "closed": 1,
    }
    return {"rectification": [{**row, **more}]}


def unequal(year: int, ratio: int) -> Rows:
    """Two schools of which one has ``ratio`` times as much of everything as the other."""
    rows: list[Rows] = []
    for number, factor in ((1, 1), (2, ratio)):
        who = {"school_year": year, "county_code": COUNTY, "school_code": code(number), "school_name": f"校{number}"}
        teachers = 10 * factor
        rows.append(
            {
                "school": [{**who, "school_type": "211", "county_name": "甲县"}],
                "enrolment": [{**who, "stage": "primary", "pupils": 200}],
                "teacher": [
                    {
                        **who,
                        "stage": "primary",
                        "teachers": teachers,
                        "degree_postgraduate": 0,
                        "degree_bachelor": teachers,
                        "degree_associate": 0,
                        "title_full_senior": 0,
                        "title_associate_senior": 0,
                        "title_intermediate": teachers,
                    }
                ],
                "premises": [
                    {
                        **who,
                        "teaching_area_m2": 500.0 * factor,
                        "gymnasium_m2": 0.0,
                        "sports_ground_m2": 900.0 * factor,
                    }
                ],
                "equipment": [
                    {
                        **who,
                        "books": 2000 * factor,
                        "teaching_computers": 20 * factor,
                        "equipment_value_yuan": 9e4 * factor,
                    }
                ],
            }
        )
    return together(*rows)


REGISTERED = together(place(A), place(B))
EXCHANGED = together(REGISTERED, eligible(A, 10, 1), eligible(B, 8, 0))

#: Rule, what the rows are like, the rows, what is found: year, school, field, value.
CASES: list[tuple[str, str, Rows, Found]] = [
    (
        "county_totals_are_the_published",
        "one pupil in fifty too many",
        together(sums(500, 520), summary(pupils=1000, entrants=102, graduates=204, teachers=102)),
        [(YEAR, None, "pupils", "1020")],
    ),
    ("county_totals_are_the_published", "rounded", together(sums(500, 500), summary(pupils=1004)), []),
    (
        "county_totals_are_the_published",
        "a school without the figure",
        together(sums(500, None), summary(pupils=1000)),
        [],
    ),
    (
        "funding_public_use_within_expenditure",
        "a part above the whole",
        together(
            funding(2020, 9000, "expenditure_per_pupil", "primary"),
            funding(2020, 9001, "public_use_per_pupil", "primary"),
        ),
        [(2020, None, "value_yuan", "9001.0")],
    ),
    (
        "funding_public_use_within_expenditure",
        "another stage, another year",
        together(
            funding(2020, 9000, "expenditure_per_pupil", "primary"),
            funding(2020, 9001, "public_use_per_pupil", "junior"),
            funding(2021, 9001, "public_use_per_pupil", "primary"),
        ),
        [],
    ),
    (
        "funding_same_figures_for_two_items",
        "both years alike",
        together(
            funding(2020, 9000, "expenditure_per_pupil", "primary", prior_value_yuan=8000),
            funding(2020, 9000, "public_use_per_pupil", "primary", prior_value_yuan=8000),
        ),
        [(2020, None, "value_yuan", "9000.0")] * 2,
    ),
    (
        "funding_same_figures_for_two_items",
        "one of the years differs, or is not known",
        together(
            funding(2020, 9000, "expenditure_per_pupil", "primary", prior_value_yuan=8000),
            funding(2020, 9000, "public_use_per_pupil", "primary", prior_value_yuan=7999),
            funding(2021, 9000, "expenditure_per_pupil", "primary"),
            funding(2021, 9000, "public_use_per_pupil", "primary"),
        ),
        [],
    ),
    (
        "funding_does_not_jump",
        "万元 for 元 in one year: that year is told, not the return to what is usual",
        together(*(funding(2018 + n, figure) for n, figure in enumerate((1e8, 1.1e8, 1.2e4, 1.3e8)))),
        [(2020, None, "value_yuan", "12000.0")],
    ),
    ("funding_does_not_jump", "it doubled", together(funding(2019, 1e8), funding(2020, 2e8)), []),
    (
        "funding_share_is_the_computed",
        "a fifth declared, a quarter computed",
        together(funding(2020, 1e8, "fiscal_education_funds", declared_share=0.2), funding(2020, 4e8, "gdp")),
        [(2020, None, "declared_share", "0.2")],
    ),
    (
        "funding_share_is_the_computed",
        "rounded, or nothing to compute from",
        together(
            funding(2020, 1e8, "fiscal_education_funds", declared_share=0.333),
            funding(2020, 3e8, "gdp"),
            funding(2021, 1e8, "fiscal_education_funds", declared_share=0.9),
        ),
        [],
    ),
    (
        "roster_person_at_two_schools",
        "on two rosters of a year",
        together(on_roster(1, A), on_roster(1, B), on_roster(2, A)),
        [(YEAR, A, "school_code", A), (YEAR, B, "school_code", B)],
    ),
    (
        "roster_person_at_two_schools",
        "another school a year later",
        together(on_roster(1, A), on_roster(1, B, YEAR + 1)),
        [],
    ),
    (
        "exchange_person_in_two_places",
        "two stints at a time",
        together(REGISTERED, stint(1, A, B), stint(1, A, C, row_number=2)),
        [(YEAR, None, "start_date", f"{YEAR}-09-01")] * 2,
    ),
    ("exchange_person_in_two_places", "two persons", together(REGISTERED, stint(1, A, B), stint(2, A, C)), []),
    (
        "exchange_schools_are_registered",
        "a school that nobody knows",
        together(REGISTERED, stint(1, A, C)),
        [(YEAR, C, "to_school_code", C)],
    ),
    ("exchange_schools_are_registered", "both are there", together(REGISTERED, stint(1, A, B)), []),
    (
        "exchange_schools_are_registered",
        "its row of the register is held back",
        together(REGISTERED, quarantined("school", C), stint(1, A, C)),
        [],
    ),
    (
        "exchange_is_declared_as_listed",
        "one declared, none listed of that school",
        together(EXCHANGED, stint(1, B, A)),
        [(YEAR, A, "exchanged", "1"), (YEAR, B, "exchanged", "0")],
    ),
    ("exchange_is_declared_as_listed", "as listed", together(EXCHANGED, stint(1, A, B)), []),
    (
        "planned_school_is_registered",
        "a school that nobody knows",
        together(REGISTERED, planned(C)),
        [(YEAR, C, "target_code", C)],
    ),
    ("planned_school_is_registered", "a school, and the county", together(REGISTERED, planned(A), planned(COUNTY)), []),
    (
        "government_score_within_its_points",
        "more than the item carries",
        together(REGISTERED, work("regular_exchange", score=12)),
        [(YEAR, None, "score", "12.0")],
    ),
    ("government_score_within_its_points", "full score", together(REGISTERED, work("regular_exchange", score=9)), []),
    (
        "government_score_is_the_computed",
        "declared met, computed not",
        together(EXCHANGED, stint(1, A, B), work("exchange_rate", rate=0.5)),
        [(YEAR, None, "rate", "0.5 true")],
    ),
    (
        "government_score_is_the_computed",
        "another figure that leads to the same verdict",
        together(EXCHANGED, stint(1, A, B), work("exchange_rate", rate=0.05)),
        [],
    ),
    (
        "satisfaction_totals_are_the_answers",
        "nine of ten by the totals, eight by the answers",
        together(REGISTERED, survey(9, 8)),
        [(YEAR, None, "satisfied", "0.9")],
    ),
    ("satisfaction_totals_are_the_answers", "the same", together(REGISTERED, survey(9, 9)), []),
    (
        "closed_problem_does_not_come_back",
        "the schools are as unequal as before",
        together(closed(), unequal(YEAR, 9), unequal(YEAR + 1, 9)),
        [(YEAR, None, "closed", f"ZG-1 {YEAR + 1}")],
    ),
    (
        "closed_problem_does_not_come_back",
        "the schools are equal now",
        together(closed(), unequal(YEAR, 9), unequal(YEAR + 1, 1)),
        [],
    ),
]


@pytest.mark.parametrize(
    ("name", "rows", "found"), [pytest.param(n, r, f, id=f"{n}: {what}") for n, what, r, f in CASES]
)
def test_what_a_rule_finds(tmp_path: Path, name: str, rows: Mapping[str, Any], found: Found) -> None:
    assert told(broken_by(tmp_path, dict(rows), name)) == sorted(found, key=str)
