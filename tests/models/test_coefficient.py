"""Differential coefficients: the published examples, and any county against exact fractions."""

from __future__ import annotations

import csv
import math
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.helpers import (
    YEAR,
    Results,
    Rows,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    run_balance,
    school,
    together,
)

SHARED = Path(os.environ.get("JUNHENG_SHARED", Path(__file__).parents[2] / ".." / "shared"))

PUPILS = (45, 37, 89, 76, 55)
BOOKS = (279, 137, 935, 160, 402)


def _books(results: Results, **equal: Any) -> dict[str, Any]:
    return results.row("trends.differential_coefficient", indicator="books", **equal)


def test_the_worked_example_of_the_rule(tmp_path: Path) -> None:
    rows = together(
        *(
            school(code(number), pupils, equipment={"books": books})
            for number, (pupils, books) in enumerate(zip(PUPILS, BOOKS, strict=True))
        )
    )
    row = _books(run_balance(tmp_path, rows))
    assert row["mean"] == pytest.approx(6.3344, abs=5e-5)
    assert row["standard_deviation"] == pytest.approx(3.26386, abs=5e-6)
    assert row["coefficient"] == pytest.approx(0.515257, abs=5e-7)
    # the unweighted spreads that public tools give instead
    assert abs(row["coefficient"] - 0.4888) > 0.02
    assert abs(row["coefficient"] - 0.5465) > 0.02
    assert (row["schools"], row["schools_missing"], row["enrolment"]) == (5, 0, 302)
    assert (row["threshold"], row["threshold_binding"], row["meets"], row["reason"]) == (0.65, False, True, None)


def test_a_nine_year_school_shares_by_weighted_pupils(tmp_path: Path) -> None:
    rows = school(code(1), {"primary": 166, "junior": 210}, school_type="312", equipment={"books": 23226})
    results = run_balance(tmp_path, rows)
    shares = {row["stage"]: row["books"] for row in results.table("core.school_stage").iter_rows(named=True)}
    assert {stage: round(books, 1) for stage, books in shares.items()} == {"primary": 9711.6, "junior": 13514.4}
    assert math.isclose(sum(shares.values()), 23226, rel_tol=1e-15)


@pytest.mark.parametrize(
    ("school_type", "pupils", "weights"),
    [
        ("341", {"junior": 300, "senior": 500}, {"junior": Fraction(1), "senior": Fraction("1.2")}),
        (
            "345",
            {"primary": 200, "junior": 300, "senior": 500},
            {"primary": Fraction(1), "junior": Fraction("1.1"), "senior": Fraction("1.32")},
        ),
    ],
)
def test_the_share_of_the_senior_stage_is_dropped(
    tmp_path: Path, school_type: str, pupils: dict[str, int], weights: dict[str, Fraction]
) -> None:
    rows = school(code(1, 34), pupils, school_type=school_type, equipment={"books": 10000})
    found = {r["stage"]: r["books"] for r in run_balance(tmp_path, rows).table("core.school_stage").to_dicts()}
    whole = sum(weights[stage] * count for stage, count in pupils.items())
    expected = {s: float(10000 * weights[s] * n / whole) for s, n in pupils.items() if s != "senior"}
    assert found == pytest.approx(expected, rel=1e-14)


def _published() -> list[dict[str, str]]:
    path = SHARED / "data" / "published_cv.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not _published(), reason="published_cv.csv is not there (set JUNHENG_SHARED)")
def test_the_composite_of_published_counties(tmp_path: Path) -> None:
    """Two schools of equal size whose values are mean × (1 ± CV) have that mean and that coefficient.

    Each published county becomes such a pair, with 1,000,000 pupils a school so that counts can be whole numbers.
    """
    size = 1_000_000
    published = _published()
    parts: list[Rows] = []
    for number, row in enumerate(published):
        for sign in (1, -1):

            def total(key: str, per: int = 1, row: dict[str, str] = row, sign: int = sign) -> float:
                return size * float(row[f"{key}_mean"]) * (1 + sign * float(row[f"{key}_cv"])) / per

            degree = round(total("higher_degree_teachers"))
            parts.append(
                school(
                    code(2 * number + (sign > 0)),
                    {row["stage"]: size},
                    county=f"99{number:04d}",
                    school_type="211" if row["stage"] == "primary" else "311",
                    premises={
                        "teaching_area_m2": total("teaching_area"),
                        "sports_ground_m2": total("sports_area"),
                        "gymnasium_m2": 0.0,
                    },
                    equipment={
                        "equipment_value_yuan": total("equipment_value"),
                        "teaching_computers": round(total("computers", 100)),
                        "books": round(total("books")),
                    },
                    teacher={
                        "teachers": round(total("teachers")),
                        "degree_postgraduate": 0,
                        "degree_bachelor": degree,
                        "degree_associate": 0,
                        "title_full_senior": 0,
                        "title_associate_senior": 0,
                        "title_intermediate": round(total("mid_title_teachers")),
                    },
                )
            )
    results = run_balance(tmp_path, together(*parts))
    composite = results.table("trends.composite_coefficient", standard="basic_2012", indicators_available=8)
    found = {row["county_code"]: row for row in composite.iter_rows(named=True)}
    assert len(found) == len(published) == 23
    for number, row in enumerate(published):
        mine = found[f"99{number:04d}"]
        assert mine["composite"] == pytest.approx(float(row["composite_cv"]), abs=0.00101), row["county"]
        line = 0.65 if row["stage"] == "primary" else 0.55
        assert mine["threshold"] == line
        assert mine["verdict"] is (float(row["composite_cv"]) <= line)
        assert mine["verdict_rule"] == "composite"


@pytest.mark.parametrize(("stage", "school_type", "line"), [("primary", "211", 0.65), ("junior", "311", 0.55)])
def test_a_composite_on_the_line_is_within_it(tmp_path: Path, stage: str, school_type: str, line: float) -> None:
    """Values of 1 ± line in equal schools: every coefficient, and so the composite, lies exactly on the line."""

    def figures(share: float) -> dict[str, Any]:
        teachers = round(1000 * share)
        return {
            "premises": {"teaching_area_m2": 1e6 * share, "sports_ground_m2": 1e6 * share, "gymnasium_m2": 0.0},
            "equipment": full_equipment(books=teachers, teaching_computers=teachers, equipment_value_yuan=1e6 * share),
            "teacher": full_teacher(
                teachers,
                degree_postgraduate=0,
                degree_bachelor=teachers,
                degree_associate=0,
                title_associate_senior=0,
                title_intermediate=teachers,
            ),
        }

    rows = together(
        school(code(1), {stage: 1000}, school_type=school_type, **figures(1 + line)),
        school(code(2), {stage: 1000}, school_type=school_type, **figures(1 - line)),
    )
    row = run_balance(tmp_path, rows).row("trends.composite_coefficient", standard="basic_2012")
    assert row["composite"] == pytest.approx(line, rel=1e-14)
    assert (row["meets"], row["verdict"], row["reason"]) == (True, True, None)


_SCHOOL = st.tuples(
    st.one_of(st.none(), st.integers(0, 3), st.integers(1, 3000)),
    st.one_of(st.none(), st.integers(0, 200_000)),
)
_COUNTY = st.one_of(
    st.lists(_SCHOOL, min_size=1, max_size=12),
    # schools that all have the same per pupil, where rounding could pretend a gap
    st.tuples(st.integers(1, 300), st.lists(st.integers(1, 3000), min_size=1, max_size=12)).map(
        lambda each: [(pupils, each[0] * pupils) for pupils in each[1]]
    ),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counties=st.lists(_COUNTY, min_size=60, max_size=60))
def test_any_county_against_exact_fractions(
    tmp_path_factory: pytest.TempPathFactory, counties: list[list[tuple[int | None, int | None]]]
) -> None:
    parts = [
        school(code(100 * number + place), pupils, county=f"99{number:04d}", equipment={"books": books})
        if pupils is not None
        else school(code(100 * number + place), {"primary": None}, county=f"99{number:04d}", equipment={"books": books})
        for number, county in enumerate(counties)
        for place, (pupils, books) in enumerate(county)
    ]
    results = run_balance(tmp_path_factory.mktemp("property"), together(*parts))
    found = {
        row["county_code"]: row
        for row in results.table("trends.differential_coefficient", indicator="books").iter_rows(named=True)
    }
    shares = results.table("trends.school_contribution")
    summed = dict(shares.group_by("county_code").agg(pl.col("basic_books_share").sum()).iter_rows())
    for number, county in enumerate(counties):
        row = found[f"99{number:04d}"]
        present = [(p, x) for p, x in county if p and x is not None]
        missing = [(p, x) for p, x in county if p is None or (p and x is None)]
        assert row["schools"] == len(present)
        assert row["schools_missing"] == len(missing)
        assert row["schools_without_pupils"] == sum(p == 0 for p, _ in county)
        assert row["enrolment"] == sum(p for p, _ in present)
        assert row["enrolment_missing"] == sum(p or 0 for p, _ in missing)
        squared = _squared_coefficient(present)
        if squared is None:
            assert row["coefficient"] is None
            assert row["reason"] == ("zero_mean" if present else "no_values" if missing else "no_schools")
            continue
        assert row["coefficient"] == pytest.approx(math.sqrt(squared), rel=1e-12, abs=1e-13)
        assert summed[row["county_code"]] == pytest.approx(1 if squared else 0, abs=1e-11)
        if missing:
            assert (row["meets"], row["reason"]) == (None, "missing_values")
        else:
            assert row["reason"] is None
            assert row["meets"] is (math.sqrt(squared) <= 0.65)


def _squared_coefficient(present: list[tuple[int, int]]) -> Fraction | None:
    """(S ÷ X̄)² in exact fractions; None where there is no mean to divide by."""
    pupils = sum(p for p, _ in present)
    if not pupils or not any(x for _, x in present):
        return None
    mean = Fraction(sum(x for _, x in present), pupils)
    variance = sum((Fraction(p, pupils) * (Fraction(x, p) - mean) ** 2 for p, x in present), Fraction(0))
    return variance / mean**2


def test_all_fifteen_indicators_by_hand(tmp_path: Path) -> None:
    """Every numerator and unit, for one school with a value of its own in every field."""
    teacher = {
        "staff": 40, "teachers": 30, "degree_postgraduate": 2, "degree_bachelor": 15, "degree_associate": 8,
        "title_full_senior": 1, "title_associate_senior": 4, "title_intermediate": 11, "backbone_teachers": 5,
        "pe_teachers": 3, "music_teachers": 2, "fine_art_teachers": 1, "arts_teachers": 1,
    }  # fmt: skip
    premises = {"teaching_area_m2": 2500.0, "gymnasium_m2": 400.0, "sports_ground_m2": 3600.0}
    equipment = {
        "books": 12000, "computers": 99, "teaching_computers": 80, "multimedia_rooms": 14,
        "equipment_value_yuan": 1e6,
    }  # fmt: skip
    rows = together(
        school(code(1), 500, teacher=teacher, premises=premises, equipment=equipment),
        school(
            code(2, 31), {"junior": 500}, school_type="311", teacher=teacher, premises=premises, equipment=equipment
        ),
    )
    frame = run_balance(tmp_path, rows).table("trends.differential_coefficient")
    means = {(r["stage"], r["standard"], r["indicator"]): r["mean"] for r in frame.iter_rows(named=True)}
    both = {
        ("basic_2012", "teaching_area"): 5.0,
        ("basic_2012", "sports_area"): 8.0,
        ("basic_2012", "equipment_value"): 2000.0,
        ("basic_2012", "computers"): 16.0,
        ("basic_2012", "books"): 24.0,
        ("basic_2012", "teachers"): 0.06,
        ("basic_2012", "mid_title_teachers"): 0.032,
        ("quality_2017", "backbone_teachers"): 1.0,
        ("quality_2017", "arts_sports_teachers"): 1.4,
        ("quality_2017", "teaching_area"): 4.2,
        ("quality_2017", "sports_area"): 8.0,
        ("quality_2017", "equipment_value"): 2000.0,
        ("quality_2017", "multimedia_rooms"): 2.8,
    }
    expected = {(stage, *key): mean for stage in ("primary", "junior") for key, mean in both.items()}
    expected[("primary", "basic_2012", "higher_degree_teachers")] = 0.05
    expected[("junior", "basic_2012", "higher_degree_teachers")] = 0.034
    expected[("primary", "quality_2017", "higher_degree_teachers")] = 5.0
    expected[("junior", "quality_2017", "higher_degree_teachers")] = 3.4
    assert means == pytest.approx(expected, rel=1e-12)
    assert frame["coefficient"].to_list() == [0.0] * 30


def test_blank_teaching_computers_are_missing_whatever_the_computers(tmp_path: Path) -> None:
    rows = school(code(1), 500, equipment=full_equipment(teaching_computers=None, computers=99))
    row = run_balance(tmp_path, rows).row("trends.differential_coefficient", indicator="computers")
    assert (row["schools"], row["schools_missing"], row["coefficient"], row["reason"]) == (0, 1, None, "no_values")


def test_most_returns_absent_gives_nulls_with_reasons(tmp_path: Path) -> None:
    """A country whose files hold pupils and teachers only."""
    rows = together(
        *(school(code(n), 100 + n, school_type=None, teacher={"teachers": 10 + n % 3}) for n in range(4)),
    )
    results = run_balance(tmp_path, rows)
    figures = results.table("trends.differential_coefficient")
    given_one = figures.filter(pl.col("coefficient").is_not_null())
    assert given_one["indicator"].to_list() == ["teachers"]
    assert set(figures.filter(pl.col("coefficient").is_null())["reason"]) == {"no_values"}
    assert figures["school_year"].unique().to_list() == [YEAR]
    for row in results.table("trends.composite_coefficient").iter_rows(named=True):
        assert (row["composite"], row["verdict"], row["reason"]) == (None, None, "indicators_missing")
    assert results.table("trends.school_attainment")["attains"].to_list() == [None] * 4


def test_merged_figures_of_a_complete_county(tmp_path: Path) -> None:
    """With every return in, all thirty figures have a verdict and the composite is the mean of its eight."""
    rows = together(
        *(
            school(
                code(n),
                200 + 10 * n,
                teacher=full_teacher(20 + n),
                premises=full_premises(teaching_area_m2=1000.0 + 10 * n),
                equipment=full_equipment(books=4000 + 77 * n),
            )
            for n in range(5)
        )
    )
    results = run_balance(tmp_path, rows)
    figures = results.table("trends.differential_coefficient")
    assert figures.height == 15
    assert figures["reason"].null_count() == 15
    for standard in ("basic_2012", "quality_2017"):
        mean = figures.filter(pl.col("standard") == standard)["coefficient"].mean()
        row = results.row("trends.composite_coefficient", standard=standard)
        assert row["composite"] == pytest.approx(mean, rel=1e-14)
        assert row["indicators"] == row["indicators_available"] == (8 if standard == "basic_2012" else 7)
        assert (row["schools"], row["enrolment"]) == (5, 1100)
