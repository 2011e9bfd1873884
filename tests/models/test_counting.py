"""Which schools count and why: types, teaching points, private schools, missing and quarantined rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.models.helpers import (
    COUNTY,
    YEAR,
    Results,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    quarantined,
    rulebook_with,
    run_balance,
    school,
    together,
)


def _reasons(results: Results) -> dict[tuple[str, str], tuple[str, bool]]:
    rows = results.table("core.school_stage").iter_rows(named=True)
    return {(row["school_code"], row["stage"]): (row["reason"], row["counted"]) for row in rows}


def _books(results: Results, stage: str = "primary") -> dict[str, Any]:
    return results.row("trends.differential_coefficient", indicator="books", stage=stage)


def _choice(setting: str, value: str, region: str = "", standard: str = "", years: str = "2015,") -> str:
    return f"{setting},{standard},{value},{region},{years},地方文件,测试"


def test_types_that_do_not_count(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 100),
        school(code(2, 51), {"primary": 30, "junior": 20}, school_type="511"),
        school(code(3, 36), {"junior": 200}, school_type="361"),
        school(code(4, 34), {"senior": 900}, school_type="342"),
        school(code(5, 34), {"senior": 900, "junior": 0}, school_type="342"),
    )
    assert _reasons(run_balance(tmp_path, rows)) == {
        (code(1), "primary"): ("school", True),
        (code(2, 51), "primary"): ("special_education", False),
        (code(2, 51), "junior"): ("special_education", False),
        (code(3, 36), "junior"): ("vocational", False),
        (code(5, 34), "junior"): ("senior_only", False),
    }


def test_private_schools_count_unless_the_rulebook_leaves_them_out(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 100, operator="811", equipment={"books": 500}),
        school(code(2), 300, operator="999", equipment={"books": 100}),
    )
    assert _books(run_balance(tmp_path / "a", rows))["schools"] == 2
    rulebook = rulebook_with(tmp_path / "rulebook", {"choice": [_choice("private_schools", "leave_out", "99")]})
    results = run_balance(tmp_path / "b", rows, rulebook=rulebook)
    assert _reasons(results)[code(2), "primary"] == ("private_left_out", False)
    assert (_books(results)["schools"], _books(results)["enrolment"]) == (1, 100)


POINTS = together(
    school(code(1), 400, equipment={"books": 4000}),
    school(code(2), 30, school_type="218", counted_as_school=0, central_school_code=code(1), equipment={"books": 200}),
    school(code(3), 60, school_type="218", counted_as_school=0, central_school_code=code(1), equipment={"books": 100}),
    # names no central school, below and from the limit
    school(code(4), 49, school_type="218", equipment={"books": 10}),
    school(code(5), 50, school_type="218", equipment={"books": 20}),
    # names one that is not there, one of another county, and one that is itself a point
    school(code(6), 10, school_type="218", central_school_code=code(99), equipment={"books": 30}),
    school(code(7), 90, school_type="218", central_school_code=code(8), equipment={"books": 40}),
    school(code(8), 500, county="990102", equipment={"books": 700}),
    school(code(9), 70, school_type="218", central_school_code=code(2), equipment={"books": 50}),
    # the register says that it is a school of its own
    school(code(10), 20, school_type="218", counted_as_school=1, central_school_code=code(1), equipment={"books": 60}),
)


def test_teaching_points_are_merged_into_their_central_school(tmp_path: Path) -> None:
    results = run_balance(tmp_path, POINTS)
    assert _reasons(results) == {
        (code(1), "primary"): ("school", True),
        (code(2), "primary"): ("merged_into_central", False),
        (code(3), "primary"): ("merged_into_central", False),
        (code(4), "primary"): ("point_left_out", False),
        (code(5), "primary"): ("point_without_central", True),
        (code(6), "primary"): ("point_left_out", False),
        (code(7), "primary"): ("point_without_central", True),
        (code(8), "primary"): ("school", True),
        (code(9), "primary"): ("point_without_central", True),
        (code(10), "primary"): ("school", True),
    }
    central = results.row("core.school_stage", school_code=code(1))
    assert (central["merged_points"], central["pupils"], central["books"]) == (2, 490, 4300.0)
    assert results.row("core.school_stage", school_code=code(2))["books"] == 200.0
    figure = results.row("trends.differential_coefficient", indicator="books", county_code=COUNTY)
    assert (figure["schools"], figure["enrolment"]) == (5, 490 + 50 + 90 + 70 + 20)
    assert figure["mean"] == pytest.approx((4300 + 20 + 40 + 50 + 60) / 720, rel=1e-14)


@pytest.mark.parametrize(
    ("value", "own"),
    [
        ("own", {2: "point_on_its_own", 3: "point_on_its_own", 4: "point_on_its_own", 6: "point_on_its_own"}),
        ("leave_out_small", {2: "point_left_out", 3: "point_on_its_own", 4: "point_left_out", 6: "point_left_out"}),
    ],
)
def test_teaching_points_under_other_rules(tmp_path: Path, value: str, own: dict[int, str]) -> None:
    rulebook = rulebook_with(tmp_path / "rulebook", {"choice": [_choice("teaching_points", value, COUNTY)]})
    results = run_balance(tmp_path / "run", POINTS, rulebook=rulebook)
    reasons = _reasons(results)
    assert {number: reasons[code(number), "primary"][0] for number in own} == own
    assert results.row("core.school_stage", school_code=code(1))["pupils"] == 400


def test_a_missing_part_makes_the_merged_value_missing(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 400, equipment=full_equipment(books=4000, multimedia_rooms=9)),
        school(
            code(2), 30, school_type="218", central_school_code=code(1),
            equipment=full_equipment(books=None, multimedia_rooms=1),
        ),
        school(code(3), 200, equipment=full_equipment()),
    )  # fmt: skip
    results = run_balance(tmp_path, rows)
    central = results.row("core.school_stage", school_code=code(1))
    assert (central["books"], central["multimedia_rooms"], central["pupils"]) == (None, 10.0, 430)
    figure = _books(results)
    assert (figure["schools"], figure["schools_missing"], figure["enrolment_missing"]) == (1, 1, 430)
    assert figure["reason"] == "missing_values"


def test_a_point_without_a_number_of_pupils_makes_its_central_school_missing(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 400, equipment=full_equipment()),
        school(code(2), None, school_type="218", central_school_code=code(1), equipment=full_equipment()),
    )
    results = run_balance(tmp_path, rows)
    assert results.row("core.school_stage", school_code=code(1))["pupils"] is None
    assert (_books(results)["schools"], _books(results)["schools_missing"]) == (0, 1)


def test_missing_pupils_of_one_stage_leave_the_split_missing(tmp_path: Path) -> None:
    rows = school(
        code(1), {"primary": 166}, school_type="312", equipment=full_equipment(), teacher={"primary": full_teacher(20)}
    )
    results = run_balance(tmp_path, rows)
    primary = results.row("core.school_stage", stage="primary")
    assert (primary["pupils"], primary["books"], primary["teachers"]) == (166, None, 20.0)
    junior = results.row("core.school_stage", stage="junior")
    assert (junior["counted"], junior["pupils"], junior["books"]) == (True, None, None)
    assert (_books(results, "junior")["schools_missing"], _books(results, "junior")["reason"]) == (1, "no_values")


def test_pupils_in_a_stage_the_type_does_not_provide_for(tmp_path: Path) -> None:
    rows = together(
        school(code(1), {"primary": 100, "junior": 20}, equipment=full_equipment(), teacher=full_teacher()),
        school(code(2), {"primary": 100, "junior": 0}, equipment=full_equipment()),
    )
    results = run_balance(tmp_path, rows)
    assert _reasons(results) == {
        (code(1), "primary"): ("school", True),
        (code(1), "junior"): ("stage_not_provided", True),
        (code(2), "primary"): ("school", True),
        (code(2), "junior"): ("stage_not_provided", False),
    }
    stray = results.row("core.school_stage", school_code=code(1), stage="junior")
    assert (stray["books"], stray["teachers"]) == (None, 10.0)
    assert results.row("core.school_stage", school_code=code(1), stage="primary")["books"] is None
    assert results.row("core.school_stage", school_code=code(2), stage="primary")["books"] == 3000.0


COMPLETE = together(
    *(
        school(
            code(n), 200 + n, teacher=full_teacher(), premises=full_premises(), equipment=full_equipment(books=900 * n)
        )
        for n in range(1, 5)
    )
)


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ("enrolment", 15),
        ("equipment", 5),  # books, computers, twice the equipment value, multimedia rooms
        ("premises", 4),
        ("teacher", 6),
        ("school", 15),
    ],
)
def test_a_quarantined_row_is_missing_where_it_was_needed(tmp_path: Path, form: str, missing: int) -> None:
    """The row of one school went to quarantine: it is not in the return, and every figure that needs it says so."""
    bad = code(2)
    stage = "primary" if form in ("enrolment", "teacher") else None
    rows = together(
        {name: [row for row in kept if name != form or row["school_code"] != bad] for name, kept in COMPLETE.items()},
        quarantined(form, bad, stage=stage),
    )
    figures = run_balance(tmp_path, rows).table("trends.differential_coefficient").to_dicts()
    assert len(figures) == 15
    lacking = [row for row in figures if row["schools_missing"]]
    assert len(lacking) == missing
    assert {(row["schools"], row["schools_missing"], row["meets"], row["reason"]) for row in lacking} == {
        (3, 1, None, "missing_values")
    }
    assert all(row["meets"] is not None for row in figures if not row["schools_missing"])
    if form != "enrolment":
        assert {row["enrolment_missing"] for row in lacking} == {202}


def test_a_school_known_only_from_quarantine_is_missing(tmp_path: Path) -> None:
    rows = together(COMPLETE, quarantined("enrolment", code(7), stage="primary"), quarantined("premises", code(8, 31)))
    results = run_balance(tmp_path, rows)
    assert _reasons(results)[code(7), "primary"] == ("not_in_register", True)
    assert _books(results)["schools_missing"] == 1
    # a premises row tells no stage: the code of the school does
    assert _reasons(results)[code(8, 31), "junior"] == ("not_in_register", True)
    assert (code(8, 31), "primary") not in _reasons(results)


@pytest.mark.parametrize(("stage", "missing_junior"), [("primary", 0), (None, 1)])
def test_a_quarantined_row_without_school_code_is_a_missing_school(
    tmp_path: Path, stage: str | None, missing_junior: int
) -> None:
    rows = together(COMPLETE, quarantined("enrolment", None, stage=stage))
    results = run_balance(tmp_path, rows)
    assert (_books(results)["schools"], _books(results)["schools_missing"]) == (4, 1)
    assert _books(results)["reason"] == "missing_values"
    assert results.row("trends.county_attainment", stage="primary")["schools_missing"] == 1
    junior = results.table("trends.differential_coefficient", stage="junior", indicator="books").to_dicts()
    assert [row["schools_missing"] for row in junior] == [1] * missing_junior


def test_a_row_without_school_code_is_not_counted_twice(tmp_path: Path) -> None:
    """The register has the school whose enrolment row came without a usable code: one school is missing, not two."""
    rows = together(COMPLETE, school(code(9)), quarantined("enrolment", "21-99-0009", stage="primary"))
    assert _books(run_balance(tmp_path, rows))["schools_missing"] == 1


def test_a_school_without_a_county_is_shown_and_not_judged(tmp_path: Path) -> None:
    rows = together(COMPLETE, school(code(9), 77, county=None, equipment=full_equipment()))
    results = run_balance(tmp_path, rows)
    figure = results.row("trends.differential_coefficient", county_code="000000", indicator="books")
    assert (figure["schools"], figure["enrolment"], figure["meets"], figure["reason"]) == (
        1,
        77,
        None,
        "county_unknown",
    )
    assert results.row("trends.composite_coefficient", county_code="000000", standard="basic_2012")["verdict"] is None
    assert results.row("trends.county_attainment", county_code="000000")["all_attain"] is None
    assert results.row("trends.differential_coefficient", county_code=COUNTY, indicator="books")["schools"] == 4


def test_the_county_comes_from_another_return_where_the_register_is_silent(tmp_path: Path) -> None:
    rows = together(COMPLETE, school(code(9), 77, equipment=full_equipment()))
    rows["school"][-1]["county_code"] = None
    assert _books(run_balance(tmp_path, rows))["schools"] == 5


@pytest.mark.parametrize(
    ("urban_rural", "pupils", "small"),
    [("220", 50, True), ("210", 99, True), ("220", 49, False), ("220", 100, False), ("121", 60, False)],
)
def test_small_rural_schools_are_a_class_of_their_own(
    tmp_path: Path, urban_rural: str, pupils: int, small: bool
) -> None:
    results = run_balance(tmp_path, school(code(1), pupils, urban_rural=urban_rural))
    assert results.row("core.school_stage")["small_rural"] is small


def test_minimum_coverage_is_the_rulebooks(tmp_path: Path) -> None:
    """Three of four schools, 606 of 808 pupils and more: enough at 75 %, too little at 76 %."""
    rows = together(*(school(code(n), 202, equipment={"books": None if n == 4 else 900 + n}) for n in range(1, 5)))
    verdicts = {}
    for share in ("0.75", "0.76"):
        line = _choice("minimum_coverage", share, COUNTY, "basic_2012")
        rulebook = rulebook_with(tmp_path / f"rulebook{share}", {"choice": [line]})
        row = _books(run_balance(tmp_path / share, rows, rulebook=rulebook))
        assert row["coefficient"] is not None
        verdicts[share] = (row["meets"], row["reason"])
    assert verdicts == {"0.75": (True, None), "0.76": (None, "missing_values")}


def test_years_are_kept_apart(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 100, equipment={"books": 1000}),
        school(code(1), 200, year=YEAR + 1, equipment={"books": 1000}),
    )
    frame = run_balance(tmp_path, rows).table("trends.differential_coefficient", indicator="books")
    assert dict(frame.select("school_year", "mean").iter_rows()) == {YEAR: 10.0, YEAR + 1: 5.0}
