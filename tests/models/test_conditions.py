"""Conditions: class sizes, school sizes, music and art rooms, and the provincial school standard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import rules
from models.returns.class_size import BINS
from tests.models.helpers import (
    COUNTY,
    YEAR,
    Rows,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    rulebook_with,
    run_models,
    school,
    together,
)

CLASS_TABLES = ("trends.class_size",)
ROOM_TABLES = ("trends.school_size", "trends.special_rooms")
STANDARD_TABLES = ("trends.county_standard", "trends.county_standard_indicator")


def classes(
    school_code: str, stage: str = "primary", *, year: int = YEAR, total: int | None = -1, **bins: int | None
) -> Rows:
    """Classes by size; ``total`` is their sum unless given, bins that are not named are 0."""
    full = {**dict.fromkeys(BINS, 0), **bins}
    counted = sum(each or 0 for each in full.values()) if total == -1 else total
    row = {"school_year": year, "county_code": COUNTY, "school_code": school_code, "stage": stage, "classes": counted}
    return {"class_size": [{**row, **full}]}


def test_the_bins_of_the_rulebook_are_those_of_the_form() -> None:
    rows = rules.load()["class_size_bin"].sort("position").iter_rows(named=True)
    assert {row["bin"]: (row["zh"], row["fewest"], row["most"]) for row in rows} == BINS


def test_class_sizes_by_hand(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 900), classes(code(1), classes_41_45=10, classes_46_50=4, classes_56_60=2, classes_from_66=1),
        school(code(2), 100), classes(code(2), classes_upto_25=2, classes_31_35=1),
    )  # fmt: skip
    row = run_models(tmp_path, rows, only=CLASS_TABLES).row("trends.class_size", stage="primary")
    assert (row["classes"], row["schools"], row["mean_size"]) == (20, 2, 50.0)
    assert (row["size_limit"], row["classes_within"], row["classes_over"], row["classes_undecided"]) == (45, 13, 7, 0)
    assert (row["share_within"], row["large_classes"], row["oversize_classes"]) == (0.65, 3, 1)
    assert (row["large_share"], row["oversize_share"], row["schools_over"]) == (0.15, 0.05, 1)
    assert (row["meets"], row["reason"]) == (False, None)


@pytest.mark.parametrize(("stage", "meets"), [("primary", False), ("junior", True)])
def test_the_line_depends_on_the_stage(tmp_path: Path, stage: str, meets: bool) -> None:
    rows = together(school(code(1), {stage: 100}, school_type="312"), classes(code(1), stage, classes_46_50=2))
    assert run_models(tmp_path, rows, only=CLASS_TABLES).row("trends.class_size", stage=stage)["meets"] is meets


def test_a_line_inside_a_bin_leaves_it_undecided(tmp_path: Path) -> None:
    line = f"quality_2017,class_size_limit,,primary,43,1,{COUNTY},2016,,d,s"
    rulebook = rulebook_with(tmp_path / "rulebook", {"threshold": [line]})
    rows = together(school(code(1), 80), classes(code(1), classes_36_40=1, classes_41_45=1))
    row = run_models(tmp_path / "run", rows, rulebook=rulebook, only=CLASS_TABLES).row(
        "trends.class_size", stage="primary"
    )
    assert (row["classes_within"], row["classes_over"], row["classes_undecided"]) == (1, 0, 1)
    assert (row["meets"], row["reason"]) == (None, "missing_values")


@pytest.mark.parametrize(
    ("other", "meets", "missing"),
    [
        ({}, None, 1),  # no return at all
        (classes(code(2), total=4, classes_36_40=3), None, 1),  # bins that do not make up the classes
        (classes(code(2), total=3, classes_36_40=3), True, 0),
    ],
)
def test_a_school_without_its_classes_leaves_the_verdict_open(
    tmp_path: Path, other: Rows, meets: bool | None, missing: int
) -> None:
    rows = together(school(code(1), 80), classes(code(1), classes_36_40=2), school(code(2), 100), other)
    row = run_models(tmp_path, rows, only=CLASS_TABLES).row("trends.class_size", stage="primary")
    assert (row["meets"], row["schools_missing"]) == (meets, missing)
    assert row["reason"] == (None if meets else "missing_values")


def test_special_education_has_classes_of_its_own(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 80), classes(code(1), classes_36_40=2),
        school(code(2, 51), 90, school_type="511"),
    )  # fmt: skip
    row = run_models(tmp_path, rows, only=CLASS_TABLES).row("trends.class_size", stage="primary")
    assert (row["schools"], row["schools_missing"], row["meets"]) == (1, 0, True)


_numbers = st.lists(st.integers(0, 9), min_size=len(BINS), max_size=len(BINS))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(schools=st.lists(_numbers, min_size=1, max_size=5), limit=st.integers(20, 70))
def test_every_class_is_within_over_or_undecided(
    tmp_path_factory: pytest.TempPathFactory, schools: list[list[int]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("classes")
    line = f"quality_2017,class_size_limit,,primary,{limit},1,{COUNTY},2016,,d,s"
    rulebook = rulebook_with(folder / "rulebook", {"threshold": [line]})
    rows = together(
        *(
            together(school(code(n), 100), classes(code(n), **dict(zip(BINS, counts, strict=True))))
            for n, counts in enumerate(schools)
        )
    )
    row = run_models(folder / "run", rows, rulebook=rulebook, only=CLASS_TABLES).row(
        "trends.class_size", stage="primary"
    )
    within = over = undecided = 0
    for counts in schools:
        for (_, fewest, most), number in zip(BINS.values(), counts, strict=True):
            if most is not None and most <= limit:
                within += number
            elif fewest > limit:
                over += number
            else:
                undecided += number
    assert (row["classes_within"], row["classes_over"], row["classes_undecided"]) == (within, over, undecided)
    assert within + over + undecided == row["classes"] == sum(map(sum, schools))
    assert row["large_classes"] == sum(sum(counts[7:]) for counts in schools)
    assert row["oversize_classes"] == sum(counts[9] for counts in schools)
    assert row["schools_over"] == sum(
        any(number for (_, fewest, _), number in zip(BINS.values(), counts, strict=True) if fewest > limit)
        for counts in schools
    )


def test_school_sizes(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 2000), school(code(2), 2001), school(code(3), 99, urban_rural="220"), school(code(4), 0),
        school(code(5, 31), {"primary": 1300, "junior": 1200}, school_type="312"),
        school(code(6, 31), {"junior": 400}, school_type="311"),
        school(code(7, 34), {"junior": 1999, "senior": 3000}, school_type="341"),
    )  # fmt: skip
    results = run_models(tmp_path, rows, only=ROOM_TABLES)
    primary = results.row("trends.school_size", kind="primary")
    assert (primary["schools"], primary["schools_over"], primary["largest"], primary["margin"]) == (3, 1, 2001, -1)
    assert (primary["schools_small"], primary["schools_small_rural"], primary["pupils_small"]) == (1, 1, 99)
    assert (primary["meets"], primary["share_within"]) == (False, pytest.approx(2 / 3))
    combined = results.row("trends.school_size", kind="combined")
    assert (combined["size_limit"], combined["schools"], combined["schools_over"], combined["meets"]) == (
        2500,
        1,
        0,
        True,
    )
    junior = results.row("trends.school_size", kind="junior")
    assert (junior["schools"], junior["largest"], junior["meets"]) == (2, 1999, True)


def test_an_unknown_size_leaves_the_verdict_open_unless_another_school_decides(tmp_path: Path) -> None:
    unknown = together(school(code(1), None, school_type="211"), school(code(2), 100))
    row = run_models(tmp_path / "open", unknown, only=ROOM_TABLES).row("trends.school_size", kind="primary")
    assert (row["meets"], row["reason"], row["schools_missing"]) == (None, "missing_values", 1)
    decided = together(unknown, school(code(3), 5000))
    row = run_models(tmp_path / "decided", decided, only=ROOM_TABLES).row("trends.school_size", kind="primary")
    assert (row["meets"], row["reason"]) == (False, None)


def _rooms(number: int, total: int, music: int | None, art: int | None) -> Rows:
    return together(
        school(code(number), 40 * total, equipment=full_equipment(music_rooms=music, art_rooms=art)),
        classes(code(number), classes_36_40=total),
    )


def test_music_and_art_rooms_for_every_twelve_classes(tmp_path: Path) -> None:
    rows = together(_rooms(1, 12, 1, 1), _rooms(2, 13, 2, 1), _rooms(3, 6, 0, 1), _rooms(4, 24, 2, 2))
    row = run_models(tmp_path, rows, only=ROOM_TABLES).row("trends.special_rooms")
    assert (row["schools"], row["schools_meeting"], row["schools_short_of_music"], row["schools_short_of_art"]) == (
        4,
        2,
        1,
        1,
    )
    assert (row["classes_per_room"], row["share"], row["meets"]) == (12, 0.5, False)
    assert row["music_rooms_per_unit"] == pytest.approx(5 * 12 / 55)
    assert row["art_rooms_per_unit"] == pytest.approx(5 * 12 / 55)


@pytest.mark.parametrize(
    ("music", "art", "meets", "missing"), [(None, 2, None, 1), (None, 0, False, 0), (2, 2, True, 0)]
)
def test_a_blank_room_is_not_nought(
    tmp_path: Path, music: int | None, art: int | None, meets: bool | None, missing: int
) -> None:
    rows = together(_rooms(1, 12, 1, 1), _rooms(2, 12, music, art))
    row = run_models(tmp_path, rows, only=ROOM_TABLES).row("trends.special_rooms")
    assert (row["meets"], row["schools_missing"]) == (meets, missing)


def test_rooms_of_a_complete_secondary_school_are_shared(tmp_path: Path) -> None:
    """1,000 junior pupils beside 1,000 ÷ 1.2 senior ones: half the rooms are theirs."""
    rows = together(
        school(
            code(1, 34), {"junior": 1200, "senior": 1000}, school_type="341",
            equipment=full_equipment(music_rooms=4, art_rooms=3),
        ),
        classes(code(1, 34), "junior", classes_46_50=24),
    )  # fmt: skip
    results = run_models(tmp_path, rows, only=ROOM_TABLES)
    row = results.row("trends.school_conditions")
    assert (row["music_rooms"], row["art_rooms"]) == (pytest.approx(2.0), pytest.approx(1.5))
    assert (row["music_met"], row["art_met"]) == (True, False)


#: A standard of three indicators: per pupil, per school, and one that must not be exceeded.
STANDARD = [
    "test,books,1,图书,Books,册,volumes,books,pupils,1,at_least",
    "test,computers,2,计算机,Computers,台,computers,computers,school,1,at_least",
    "test,class_size,3,班额,Pupils per class,人,pupils,pupils,classes,1,at_most",
]
LINES = [
    f"test,{name},primary,{value},11,2012,,d,s"
    for name, value in (("books", 20), ("computers", 30), ("class_size", 45))
]
BEIJING = "110105"


def _standard(tmp_path: Path, rows: Rows, lines: list[str] | None = None) -> Any:
    rulebook = rulebook_with(
        tmp_path / "rulebook", {"school_standard": STANDARD, "school_standard_line": lines or LINES}
    )
    return run_models(tmp_path / "run", rows, rulebook=rulebook, only=STANDARD_TABLES)


def _measured(
    number: int, pupils: int | None, books: int | None, computers: int | None, rooms: int, **more: Any
) -> Rows:
    place = more.pop("county", BEIJING)
    equipment = full_equipment(books=books, teaching_computers=computers)
    rows = together(
        school(code(number), pupils, county=place, equipment=equipment, **more),
        classes(code(number), classes_36_40=rooms),
    )
    rows["class_size"][-1]["county_code"] = place
    return rows


def test_the_standard_by_hand(tmp_path: Path) -> None:
    rows = together(
        _measured(1, 900, 18000, 30, 20),  # on every line: 20 books, 30 computers, 45 pupils a class
        _measured(2, 901, 18020, 30, 20),  # 45.05 pupils a class
        _measured(3, 100, 1900, 29, 5),
        _measured(4, 100, None, 40, 5),
        _measured(5, 100, None, 20, 5),
        _measured(6, 0, 0, 0, 0),
    )
    results = _standard(tmp_path, rows)
    frame = results.table("trends.school_standard").sort("school_code")
    assert frame["attains"].to_list() == [True, False, False, None, False, None]
    assert frame["indicators_met"].to_list() == [3, 2, 1, 2, 1, 0]
    assert frame["indicators_below"].to_list()[:5] == [None, "class_size", "books,computers", None, "computers"]
    assert frame["indicators_missing"].to_list()[:5] == [None, None, None, "books", "books"]
    assert frame["reason"].to_list() == [None, None, None, "missing_values", None, "no_pupils"]
    assert frame["lowest_ratio"].to_list()[:3] == pytest.approx([1.0, 900 / 901, 0.95])
    county = results.row("trends.county_standard", school_standard="test", stage="primary")
    assert (county["indicators"], county["schools"], county["schools_attaining"], county["schools_missing"]) == (
        3,
        4,
        1,
        1,
    )
    assert (county["share"], county["all_attain"], county["reason"]) == (0.25, False, None)
    each = results.table("trends.county_standard_indicator").sort("indicator")
    columns = ("indicator", "direction", "schools", "schools_meeting", "schools_below", "schools_missing")
    assert each.select(columns).rows() == [
        ("books", "at_least", 5, 2, 1, 2),
        ("class_size", "at_most", 5, 4, 1, 0),
        ("computers", "at_least", 5, 3, 2, 0),
    ]


def test_where_the_rulebook_holds_no_standard_it_is_said(tmp_path: Path) -> None:
    rows = together(_measured(1, 900, 18000, 30, 20), _measured(2, 100, 9000, 90, 20, county="310101"))
    results = _standard(tmp_path, rows)
    without = results.row("trends.county_standard", county_code="310101", stage="primary")
    assert (without["school_standard"], without["all_attain"], without["reason"]) == (
        "",
        None,
        "no_standard_in_rulebook",
    )
    assert results.row("trends.county_standard", county_code=BEIJING, stage="primary")["all_attain"] is True
    assert set(results.table("trends.school_standard")["county_code"]) == {BEIJING}


def test_the_nation_has_no_standard_of_its_own() -> None:
    """The set that comes with the product is an example for the invented province alone."""
    lines = rules.load()["school_standard_line"]
    assert set(lines["region_code"]) == {"99"}
    assert all("示例" in document for document in lines["document"])


def test_a_county_can_have_a_stricter_line_and_a_standard_ends(tmp_path: Path) -> None:
    lines = [
        *LINES[:1], f"test,books,primary,30,{BEIJING},{YEAR},,d,s", f"test,computers,primary,99,11,2012,{YEAR - 1},d,s",
    ]  # fmt: skip
    rows = together(
        _measured(1, 100, 2500, 30, 5), _measured(2, 100, 2500, 30, 5, county="110101"),
    )  # fmt: skip
    frame = _standard(tmp_path, rows, lines).table("trends.county_standard_indicator").sort("county_code")
    assert frame.select("county_code", "indicator", "line", "schools_meeting").rows() == [
        ("110101", "books", 20.0, 1),
        (BEIJING, "books", 30.0, 0),
    ]


def test_the_example_measures_a_school_on_ten_indicators(tmp_path: Path) -> None:
    rows = together(
        school(
            code(1), 1000, teacher=full_teacher(60, degree_bachelor=50, degree_associate=9, backbone_teachers=5),
            premises=full_premises(site_area_m2=20000.0, teaching_area_m2=4000.0, sports_ground_m2=5000.0),
            equipment=full_equipment(
                books=20000, teaching_computers=70, equipment_value_yuan=800000.0, music_rooms=1, art_rooms=1,
            ),
        ),
        classes(code(1), classes_36_40=24),
    )  # fmt: skip
    row = run_models(tmp_path, rows, only=STANDARD_TABLES).row("trends.school_standard")
    assert (row["school_standard"], row["indicators"], row["indicators_met"], row["attains"]) == (
        "example_basic",
        10,
        10,
        True,
    )
    # the tightest: two rooms for 24 classes are one for twelve
    assert row["lowest_ratio"] == 1.0


def test_below_one_line_of_the_example(tmp_path: Path) -> None:
    """99 books short of the line of a thousand pupils."""
    line = rules.load()["school_standard_line"].filter(indicator="books", stage="primary")["value"].item()
    rows = school(code(1), 1000, equipment=full_equipment(books=round(1000 * line) - 99))
    row = run_models(tmp_path, rows, only=STANDARD_TABLES).row("trends.school_standard")
    assert (row["attains"], "books" in row["indicators_below"].split(",")) == (False, True)
    assert "teachers" in row["indicators_missing"].split(",")


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        (
            "school_standard_line",
            "test,books,primary,20,11,2012,,d,s",
            "indicator 'books' of test is not in school_standard.csv",
        ),
        ("school_standard", "test,pianos,1,琴,Pianos,台,pianos,pianos,pupils,1,at_least", "'pianos' is not known"),
        ("school_standard", "test,books,1,书,Books,册,books,books,pupils,0,at_least", "is not above zero"),
        ("school_standard", "test,books,1,书,Books,册,books,books,pupils,1,exactly", "'exactly' is not known"),
        ("class_size_bin", "classes_upto_25,1,x,x,0,25", "says the same as line 2"),
    ],
)
def test_a_standard_that_cannot_be_meant_is_refused(tmp_path: Path, file: str, line: str, told: str) -> None:
    with pytest.raises(rules.RulebookError, match=told):
        rules.load(rulebook_with(tmp_path / "rulebook", {file: [line]}))


def test_without_any_return_there_are_empty_tables(tmp_path: Path) -> None:
    tables = (*CLASS_TABLES, *ROOM_TABLES, *STANDARD_TABLES, "trends.school_conditions", "trends.school_standard")
    results = run_models(tmp_path, {}, only=tables)
    assert all(results.table(name).is_empty() for name in tables)
