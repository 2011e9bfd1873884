"""What a restatement did to the composite coefficient and to the verdict on it, against exact fractions."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.models.helpers import COUNTY, Rows, code, school, together
from tests.restatement.statements import coefficient, told

SCHOOLS, PUPILS, BOOKS = 40, 100, 2000
TYPED_TWICE = 20_002_000  # 2000 typed twice with a digit too many


def full(number: int, books: int) -> Rows:
    """A school with everything that eight indicators ask for, the same at every school but for its books."""
    return school(
        code(number),
        PUPILS,
        premises={"teaching_area_m2": 900.0, "sports_ground_m2": 800.0, "gymnasium_m2": 100.0},
        equipment={"books": books, "teaching_computers": 12, "equipment_value_yuan": 3e5, "multimedia_rooms": 6},
        teacher={
            "teachers": 8, "staff": 9, "degree_postgraduate": 1, "degree_bachelor": 4, "degree_associate": 2,
            "title_full_senior": 0, "title_associate_senior": 1, "title_intermediate": 3, "backbone_teachers": 2,
            "pe_teachers": 1, "music_teachers": 1, "fine_art_teachers": 0, "arts_teachers": 0,
        },
    )  # fmt: skip


def county(books: int) -> Rows:
    return together(full(1, books), *(full(number, BOOKS) for number in range(2, SCHOOLS + 1)))


def composite(books: int) -> float:
    """Seven of eight are the same at every school."""
    alone = coefficient([(PUPILS, books), *[(PUPILS, BOOKS)] * (SCHOOLS - 1)])
    assert alone is not None
    return alone / 8


def test_a_correction_tells_the_composite_and_the_verdict_it_turns(tmp_path: Path) -> None:
    found = told(tmp_path, [county(TYPED_TWICE), {"equipment": full(1, BOOKS)["equipment"]}])
    (row,) = found.table("restatement").to_dicts()
    assert (row["field"], row["effect_indicator"], row["effect_county_code"]) == ("books", "books", COUNTY)
    assert row["composite_old"] == pytest.approx(composite(TYPED_TWICE), rel=1e-9)
    assert row["composite_old"] > 0.65 > row["composite_new"] == pytest.approx(0, abs=1e-12)
    assert (row["verdict_old"], row["verdict_new"], row["flips"]) == (False, True, 1)
    fed = row["feeds"].split(", ")
    assert {"trends.differential_coefficient", "trends.composite_coefficient"} <= set(fed)
    assert "trends.consolidation" not in fed


def test_a_small_correction_turns_no_verdict(tmp_path: Path) -> None:
    found = told(tmp_path, [county(BOOKS + 100), {"equipment": full(1, BOOKS)["equipment"]}])
    (row,) = found.table("restatement").to_dicts()
    assert (row["verdict_old"], row["verdict_new"], row["flips"]) == (True, True, 0)
    assert row["composite_old"] == pytest.approx(composite(BOOKS + 100), rel=1e-9)


def test_what_feeds_no_coefficient_has_no_verdict_but_tells_what_it_feeds(tmp_path: Path) -> None:
    first, again = full(1, BOOKS), full(1, BOOKS)
    again = {"enrolment": [{**again["enrolment"][0], "entrants": 3}]}
    (row,) = told(tmp_path, [first, again]).table("restatement").to_dicts()
    assert (row["field"], row["flips"], row["verdict_new"], row["composite_new"]) == ("entrants", None, None, None)
    assert row["effect_basis"] == "none"


def test_all_that_one_file_corrected_is_told_at_each(tmp_path: Path) -> None:
    wrong = together(
        *(full(number, TYPED_TWICE if number == 1 else BOOKS + number) for number in range(1, SCHOOLS + 1))
    )
    found = told(tmp_path, [wrong, {"equipment": county(BOOKS)["equipment"]}])
    frame = found.table("restatement")
    assert set(frame["effect_basis"]) == {"submission"} and frame.height == SCHOOLS
    assert frame.select("composite_old", "composite_new", "verdict_old", "verdict_new", "flips").n_unique() == 1
    assert frame["flips"].to_list() == [1] * SCHOOLS
    effect = found.table("submission_effect").filter(
        pl.col("indicator") == "composite", pl.col("meets_old") != pl.col("meets_new")
    )
    assert effect.height == 1 and effect["coefficient_old"][0] == frame["composite_old"][0]
