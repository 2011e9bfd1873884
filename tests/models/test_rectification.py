"""Plan and rectification: what was planned and declared against what the figures show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.models.helpers import (
    COUNTY,
    Results,
    Rows,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    run_models,
    school,
    together,
)
from tests.models.one_model import run_one

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
    results = run_models(tmp_path, rows, only=[PROBLEM])
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
    results = run_models(tmp_path, rows, only=[LEDGER])
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
    results = run_models(tmp_path, rows, only=[LEDGER])
    first, second = results.row(LEDGER, school_year=2020), results.row(LEDGER, school_year=2021)
    assert (first["declared_completion_rate"], first["completion_rate"], first["still_failing"]) == (0.5, 0, 1)
    assert (second["vanished"], second["completion_rate"], second["change_in_completion"]) == (1, 1, 1)


def test_failed_verdicts_without_an_entry(tmp_path: Path) -> None:
    rows = together(
        survey(2019, 800), survey(2020, 800), survey(2021, 800), survey(2022, 900),
        problem(2020, "A", standard="basic_2012", indicator="satisfaction"), problem(2021, "B"),
    )  # fmt: skip
    left = run_models(tmp_path, rows, only=[OPEN]).table(OPEN, indicator="satisfaction")
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
    table = run_models(tmp_path, rows, only=[PLAN]).table(PLAN, standard="quality_2017")

    def told(target: str, column: str) -> list[Any]:
        return table.filter(pl.col("target_code") == target).sort("school_year")[column].to_list()

    assert told(code(1), "status") == ["not_due", "attained", "lost", "attained"]
    assert told(code(2), "status") == ["not_due", "not_due", "not_due", "attained"]
    assert told(code(2), "target_year") == [2020, 2020, 2022, 2022]
    assert told(code(2), "postponed_years") == [0, 0, 2, 2]
    assert told(COUNTY, "status") == ["not_due", "not_due", "due", "attained_late"]
    assert told(COUNTY, "years_late") == [0, 0, 0, 1]


def planned_for_basic(folder: Path, region: str, attains: dict[tuple[int, str, str], bool | None]) -> pl.DataFrame:
    """The plan of a school for basic balance; ``attains`` by school year, school standard and stage."""
    years = range(2018, 2022)
    tables = {
        "returns.attainment_plan": plan(2018, code(1), 2020, standard="basic_2012", stage="all")["attainment_plan"],
        "core.reported_county": [{"reported_code": COUNTY, "county_code": COUNTY, "school_year": y} for y in years],
        "core.county": [{"county_code": COUNTY, "county_name": "县", "rule_region": region}],
        "core.standard_line": [{"rule_region": "99", "school_year": y, "school_standard": "a"} for y in years],
        "trends.school_attainment": [{"school_code": code(1), "trend_school_code": code(2), "school_year": 2018}],
        "trends.school_standard": [
            {"school_code": code(1 if y < 2020 else 2), "trend_school_code": code(2), "school_year": y,
             "school_standard": name, "stage": stage, "attains": verdict}
            for (y, name, stage), verdict in attains.items()
        ],
    }  # fmt: skip
    return run_one(folder, PLAN, tables).sort("school_year")


def test_a_school_attains_basic_balance_by_the_provincial_standard(tmp_path: Path) -> None:
    attains = {
        (2018, "a", "primary"): False, (2019, "a", "primary"): True, (2019, "b", "primary"): False,
        (2020, "a", "primary"): True, (2020, "b", "primary"): True, (2020, "a", "junior"): None,
    }  # fmt: skip
    frame = planned_for_basic(tmp_path / "a", "99", attains)
    assert frame["attains"].to_list() == [False, False, None, None]
    assert frame["reason"].to_list() == [None, None, "no_verdict", "no_verdict"]
    del attains[2020, "a", "junior"]
    assert planned_for_basic(tmp_path / "b", "99", attains)["status"].to_list()[:3] == [
        "not_due",
        "not_due",
        "attained",
    ]
    assert set(planned_for_basic(tmp_path / "c", "", {})["reason"]) == {"not_computed"}


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
    results = run_models(tmp_path, rows, only=[PROBLEM])
    assert [status(results, each, 2020) for each in ("S1", "S2")] == ["closed", "still_failing"]


def verdict(
    year: int, stage: str, met: bool | None, indicator: str = "composite_coefficient", **more: Any
) -> dict[str, Any]:
    return {
        "county_code": COUNTY, "school_year": year, "standard": "basic_2012", "stage": stage, "indicator": indicator,
        "verdict": met, **more,
    }  # fmt: skip


def closed_in_2020(
    folder: Path, verdicts: list[dict[str, Any]], named: dict[str, Any], **tables: Any
) -> dict[str, Any]:
    """The one problem of the ledger of 2020/21, re-checked in May 2021: the figures of 2021 prove it."""
    rows = problem(2020, "A", standard="basic_2012", **named, **passed(date(2021, 5, 20)))
    given = {
        "returns.rectification": rows["rectification"],
        "core.reported_county": [{"reported_code": COUNTY, "county_code": COUNTY, "school_year": 2020}],
        "core.county": [{"county_code": COUNTY, "county_name": "县", "rule_region": ""}],
        "trends.verdict": verdicts,
        **tables,
    }
    return run_one(folder, PROBLEM, given).row(0, named=True)


@pytest.mark.parametrize(
    ("junior", "status"), [(True, "closed"), (False, "still_failing"), (None, "unverified")]
)  # fmt: skip
def test_a_stage_whose_figures_are_withheld_proves_nothing(tmp_path: Path, junior: bool | None, status: str) -> None:
    seen = [verdict(2020, "primary", True), verdict(2020, "junior", False), verdict(2021, "primary", True)]
    seen += [verdict(2021, "junior", junior)] if junior is not None else []
    row = closed_in_2020(tmp_path, seen, {"indicator": "composite_coefficient"})
    assert (row["status"], row["failing"]) == (status, True)


@pytest.mark.parametrize(
    ("indicator", "below", "missing", "status"),
    [
        ("books", None, None, "closed"), ("books", "computers", None, "closed"), ("books", "books,computers", None, "still_failing"),
        ("books", None, "books", "unverified"), ("school_standard", "computers", None, "still_failing"),
        ("school_standard", None, None, "closed"), ("nothing_known", None, None, "unverified"),
    ],
)  # fmt: skip
def test_one_schools_problem_with_the_provincial_standard_is_followed_under_its_new_code(
    tmp_path: Path, indicator: str, below: str | None, missing: str | None, status: str
) -> None:
    carried = {"school_code": code(1), "trend_school_code": code(2)}
    school = {
        "school_code": code(2), "trend_school_code": code(2), "school_year": 2021, "stage": "primary", "pupils": 90.0,
        "school_standard": "example_basic", "indicators_below": below, "indicators_missing": missing,
        "attains": below is None and missing is None,
    }  # fmt: skip
    row = closed_in_2020(
        tmp_path, [], {"indicator": indicator, "school_code": code(1)},
        **{"trends.school_attainment": [carried], "trends.school_standard": [school]},
    )  # fmt: skip
    assert row["status"] == status


def test_a_failure_is_listed_once_and_answered_under_either_name(tmp_path: Path) -> None:
    """The item of government work repeats the verdict on the three increases: one problem, not two."""
    seen = [
        verdict(year, "all", met, indicator, rests_on=rests)
        for year in (2020, 2021, 2022)
        for indicator, met, rests in (
            ("three_increases", year == 2022, None),
            ("funding_three_increases", False, "three_increases"),
            ("training_funds", False, "training_of_public_use"),
        )
    ]
    entry = {
        "county_code": COUNTY,
        "school_year": 2021,
        "problem_id": "A",
        "standard": "basic_2012",
        "from_verdict": True,
    }
    begun = {"county_code": COUNTY, "school_year": 2020, "problem_id": "0", "from_verdict": False}
    problems = [begun, {**entry, "indicator": "funding_three_increases"}]
    left = run_one(tmp_path, OPEN, {"trends.verdict": seen, "trends.rectification_problem": problems})
    assert sorted(left.select("school_year", "indicator").rows()) == [
        (2020, "three_increases"), (2020, "training_funds"), (2021, "training_funds"),
        (2022, "funding_three_increases"), (2022, "training_funds"),
    ]  # fmt: skip
