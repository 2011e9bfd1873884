"""Plan and rectification: what was planned and declared against what the figures show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tests.models.helpers import (
    COUNTY,
    Results,
    Rows,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    school,
    together,
)
from tests.models.some_models import run_some

PROBLEM, LEDGER, OPEN = "trends.rectification_problem", "trends.rectification", "trends.unaddressed_failure"
PLAN = "trends.plan_attainment"


def survey(year: int, satisfied: int) -> Rows:
    """A survey of 1000 valid questionnaires: a verdict on satisfaction without any school."""
    counts = {"sent": 1000, "returned": 1000, "valid": 1000, "satisfied": satisfied}
    return {"satisfaction_group": [{"school_year": year, "county_code": COUNTY, "group": "parents", **counts}]}


def problem(year: int, number: str, *, closed: int = 0, **more: Any) -> Rows:
    row = {
        "school_year": year, "county_code": COUNTY, "problem_id": number, "category": "satisfaction", "problem": "问题",
        "measure": "措施", "responsible": "教育局", "found_on": date(year, 10, 15), "deadline": date(year + 1, 6, 30),
        "closed": closed, **more,
    }  # fmt: skip
    return {"rectification": [row]}


OF_SATISFACTION = {"standard": "basic_2012", "stage": "all", "indicator": "satisfaction"}


def passed(day: date) -> dict[str, Any]:
    return {"closed": 1, "recheck_on": day, "recheck_result": "passed", "evidence": "卷3"}


def status(results: Results, number: str, year: int) -> str:
    return str(results.row(PROBLEM, problem_id=number, school_year=year)["status"])


def test_a_problem_is_closed_only_when_the_next_figures_no_longer_show_it(tmp_path: Path) -> None:
    closing = passed(date(2021, 5, 20))
    rows = together(
        survey(2020, 800), survey(2021, 840), survey(2022, 900),
        problem(2020, "Z-1", **OF_SATISFACTION, **closing),
        problem(2021, "Z-1", **OF_SATISFACTION, **passed(date(2022, 8, 31))),
        problem(2022, "Z-2", **OF_SATISFACTION, **passed(date(2022, 9, 1))),
    )  # fmt: skip
    results = run_some(tmp_path, rows, PROBLEM)
    first = results.row(PROBLEM, problem_id="Z-1", school_year=2020)
    assert (first["status"], first["proof_year"], first["failing_in_proof_year"]) == ("still_failing", 2021, True)
    again = results.row(PROBLEM, problem_id="Z-1", school_year=2021)
    assert (again["status"], again["proof_year"], again["failing"]) == ("closed", 2022, True)
    later = results.row(PROBLEM, problem_id="Z-2", school_year=2022)
    assert (later["status"], later["proof_year"]) == ("unverified", 2023), (
        "1 September belongs to the next year's proof"
    )


def test_dates_are_held_against_the_end_of_the_school_year_not_the_clock(tmp_path: Path) -> None:
    rows = together(
        problem(2020, "A", deadline=date(2021, 8, 30)),
        problem(2020, "B", deadline=date(2021, 8, 31)),
        problem(2020, "C", **passed(date(2021, 7, 1))),
        problem(2020, "D"),
    )  # fmt: skip
    results = run_some(tmp_path, rows, LEDGER)
    assert [status(results, each, 2020) for each in "ABCD"] == ["overdue", "open", "closed", "overdue"]
    assert results.row(PROBLEM, problem_id="A")["days_overdue"] == 1
    assert results.row(PROBLEM, problem_id="C")["closed_late"] is True
    ledger = results.row(LEDGER, school_year=2020)
    assert (ledger["problems"], ledger["open"], ledger["overdue"], ledger["closed"], ledger["closed_late"]) == (
        4,
        1,
        2,
        1,
        1,
    )
    assert (ledger["completion_rate"], ledger["overdue_rate"]) == (0.25, 0.5)


def test_what_is_declared_closed_and_still_fails_completes_nothing_and_what_vanishes_is_told(tmp_path: Path) -> None:
    rows = together(
        survey(2020, 800), survey(2021, 800),
        problem(2020, "A", **OF_SATISFACTION, **passed(date(2021, 3, 1))), problem(2020, "B"),
        problem(2021, "C", **passed(date(2022, 3, 1))),
    )  # fmt: skip
    results = run_some(tmp_path, rows, LEDGER)
    first, second = results.row(LEDGER, school_year=2020), results.row(LEDGER, school_year=2021)
    assert (first["declared_completion_rate"], first["completion_rate"], first["still_failing"]) == (0.5, 0, 1)
    assert (second["vanished"], second["completion_rate"], second["change_in_completion"]) == (1, 1, 1)


def test_failed_verdicts_without_an_entry(tmp_path: Path) -> None:
    rows = together(
        survey(2019, 800), survey(2020, 800), survey(2021, 800), survey(2022, 900),
        problem(2020, "A", standard="basic_2012", indicator="satisfaction"), problem(2021, "B"),
    )  # fmt: skip
    left = run_some(tmp_path, rows, OPEN).table(OPEN, indicator="satisfaction")
    assert left.select("school_year", "standard", "failing_since").rows() == [
        (2020, "quality_2017", 2019), (2021, "basic_2012", 2019), (2021, "quality_2017", 2019),
    ]  # fmt: skip


def rich(number: int, year: int) -> Rows:
    """A school far above the seven lines."""
    return school(
        code(number), 100, year=year,
        teacher=full_teacher(40, degree_bachelor=30, backbone_teachers=10, pe_teachers=3),
        premises=full_premises(teaching_area_m2=5000.0, sports_ground_m2=9000.0),
        equipment=full_equipment(equipment_value_yuan=900000.0, multimedia_rooms=20),
    )  # fmt: skip


def poor(number: int, year: int) -> Rows:
    return school(
        code(number), 100, year=year, teacher=full_teacher(4), premises=full_premises(), equipment=full_equipment()
    )


def plan(year: int, target: str, by: int, *, standard: str = "quality_2017", stage: str = "primary") -> Rows:
    row = {"school_year": year, "county_code": COUNTY, "target_code": target, "standard": standard, "stage": stage}
    return {"attainment_plan": [{**row, "target_year": by}]}


def test_plan_against_what_happened(tmp_path: Path) -> None:
    made = {2018: (poor, poor), 2019: (rich, poor), 2020: (poor, poor), 2021: (rich, rich)}
    rows = together(
        *(build(number, year) for year, builders in made.items() for number, build in enumerate(builders, 1)),
        plan(2018, code(1), 2019), plan(2018, code(2), 2020), plan(2020, code(2), 2022), plan(2018, COUNTY, 2020),
        plan(2018, code(1), 2019, standard="basic_2012"),
    )  # fmt: skip
    table = run_some(tmp_path, rows, PLAN).table(PLAN, standard="quality_2017")

    def told(target: str, column: str) -> list[Any]:
        return table.filter(pl.col("target_code") == target).sort("school_year")[column].to_list()

    assert told(code(1), "status") == ["not_due", "attained", "lost", "attained"]
    assert told(code(2), "status") == ["not_due", "not_due", "not_due", "attained"]
    assert told(code(2), "target_year") == [2020, 2020, 2022, 2022]
    assert told(code(2), "postponed_years") == [0, 0, 2, 2]
    assert told(COUNTY, "status") == ["not_due", "not_due", "due", "attained_late"]
    assert told(COUNTY, "years_late") == [0, 0, 0, 1]
    basic = run_some(tmp_path / "b", rows, PLAN).table(PLAN, standard="basic_2012", target_code=code(1))
    assert set(basic["reason"]) == {"not_computed"}


def test_one_schools_problem_is_held_against_that_school(tmp_path: Path) -> None:
    named = {"standard": "quality_2017", "stage": "primary", "indicator": "teaching_area"}
    rows = together(
        rich(1, 2021), poor(2, 2021),
        *(problem(2020, f"S{n}", school_code=code(n), **named, **passed(date(2021, 4, 1))) for n in (1, 2)),
        school(code(1), 100, year=2020),
    )  # fmt: skip
    rows["premises"] = [
        {**row, "teaching_area_m2": 200.0} if row["school_code"] == code(2) else row for row in rows["premises"]
    ]
    results = run_some(tmp_path, rows, PROBLEM)
    assert [status(results, each, 2020) for each in ("S1", "S2")] == ["closed", "still_failing"]
