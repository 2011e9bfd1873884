"""Rules about schools' returns: each finds what breaks it, in its cell, and leaves a county that is in order alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.rules import load_rules
from tests.models.helpers import COUNTY, Rows, quarantined, together
from tests.rules.county import (
    SCHOOLS,
    YEARS,
    Found,
    broken_by,
    code,
    county,
    row_of,
    rule,
    spoiled,
    told,
    without,
)

ORDERLY = county()
LAST = YEARS[-1]
PRIMARY, OTHER, JUNIOR = code(3), code(4), code(103, 31)
Change = Callable[[Rows], None]


def put(form: str, school_code: str, year: int, **values: Any) -> Change:
    """Other figures in one row."""
    return lambda rows: row_of(rows, form, school_code, year).update(values)


def times(form: str, field: str, factor: float, *years: int, school_code: str = PRIMARY) -> Change:
    """A figure multiplied in some years."""

    def change(rows: Rows) -> None:
        for year in years:
            row = row_of(rows, form, school_code, year)
            row[field] = type(row[field])(row[field] * factor)

    return change


def ended(school_code: str, year: int, successor: str | None = None, reason: str = "merged") -> Rows:
    """A row of the succession return."""
    row = {"school_year": year, "county_code": COUNTY, "school_code": school_code, "successor_code": successor}
    return {"school_succession": [{**row, "reason": reason}]}


def all_of(*changes: Change) -> Change:
    """Several changes."""

    def change(rows: Rows) -> None:
        for each in changes:
            each(rows)

    return change


def adding(more: Rows) -> Change:
    """More rows."""

    def change(rows: Rows) -> None:
        for form, added in more.items():
            rows.setdefault(form, []).extend(added)

    return change


def gone(school_code: str, year: int) -> Change:
    """A school that files nothing from a year on."""
    return lambda rows: without(rows, school_code, year)


def whole_county(form: str, change_row: Callable[[dict[str, Any]], None], year: int = LAST) -> Change:
    """A change in every row of a return and year."""

    def change(rows: Rows) -> None:
        for row in rows[form]:
            if row["school_year"] == year:
                change_row(row)

    return change


def value(form: str, field: str, school_code: str = PRIMARY, year: int = LAST) -> Any:
    """What the orderly county has there."""
    return row_of(ORDERLY, form, school_code, year)[field]


def every_equipment_value(factor: float, year: int) -> Found:
    """What is found where every school's equipment value of a year is so many times what it is."""
    codes = [code(number + more, kind) for kind, more in ((21, 0), (31, 100)) for number in range(1, SCHOOLS + 1)]
    field = "equipment_value_yuan"
    return [(year, each, field, str(round(value("equipment", field, each, year) * factor, 2))) for each in codes]


def recoded(old: str, new: str, year: int) -> Change:
    """A school that files under another code from a year on."""

    def change(rows: Rows) -> None:
        for listed in rows.values():
            for row in listed:
                if row["school_code"] == old and row["school_year"] >= year:
                    row["school_code"] = new

    return change


def swapped(one: str, other: str) -> Callable[[dict[str, Any]], None]:
    """Two figures of a row in each other's place."""

    def change(row: dict[str, Any]) -> None:
        row[one], row[other] = row[other], row[one]

    return change


def sent_again(form: str, year: int = LAST) -> Change:
    """The figures of the year before once more."""

    def change(rows: Rows) -> None:
        before = {(r["school_code"], r["stage"]): r for r in rows[form] if r["school_year"] == year - 1}
        for row in rows[form]:
            if row["school_year"] == year:
                kept = {name: row[name] for name in ("school_year", "submission_id", "sheet", "row_number")}
                row.update({**before[row["school_code"], row["stage"]], **kept})

    return change


PUPILS, FORMER = value("enrolment", "pupils"), value("enrolment", "pupils", year=LAST - 1)
BEFORE_6 = value("enrolment", "grade_6", year=LAST - 1)

#: Rule, what was spoiled, what is found: school year, school, field, value.
BROKEN: list[tuple[str, str, Change, Found]] = [
    (
        "movement_ends_at_the_enrolment",
        "another number in column 15",
        put("movement", PRIMARY, LAST, pupils=PUPILS + 1),
        [(LAST, PRIMARY, "pupils", str(PUPILS + 1))],
    ),
    ("movement_ends_at_the_enrolment", "a blank", put("movement", PRIMARY, LAST, pupils=None), []),
    (
        "movement_entrants_are_the_entrants",
        "another number in column 3",
        put("movement", JUNIOR, LAST, entrants=1),
        [(LAST, JUNIOR, "entrants", "1")],
    ),
    (
        "movement_begins_where_last_year_ended",
        "another number in column 1",
        put("movement", PRIMARY, LAST, pupils_last_year=FORMER + 2),
        [(LAST, PRIMARY, "pupils_last_year", str(FORMER + 2))],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a new code begins with the pupils of the old one",
        all_of(recoded(PRIMARY, code(77), LAST), adding(ended(PRIMARY, LAST, code(77), "recoded"))),
        [],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a new code begins with other pupils than the old one ended with",
        all_of(
            recoded(PRIMARY, code(77), LAST),
            adding(ended(PRIMARY, LAST, code(77), "recoded")),
            put("movement", code(77), LAST, pupils_last_year=FORMER - 9),
        ),
        [(LAST, code(77), "pupils_last_year", str(FORMER - 9))],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a new code that takes another school over begins with the pupils of the old one",
        all_of(
            recoded(PRIMARY, code(77), LAST),
            gone(OTHER, LAST),
            adding(ended(PRIMARY, LAST, code(77), "type_changed")),
            adding(ended(OTHER, LAST, code(77))),
        ),
        [],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a new code that takes another school over begins with other pupils",
        all_of(
            recoded(PRIMARY, code(77), LAST),
            gone(OTHER, LAST),
            adding(ended(PRIMARY, LAST, code(77), "type_changed")),
            adding(ended(OTHER, LAST, code(77))),
            put("movement", code(77), LAST, pupils_last_year=FORMER - 9),
        ),
        [(LAST, code(77), "pupils_last_year", str(FORMER - 9))],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a merger: with its own pupils",
        all_of(gone(OTHER, LAST), adding(ended(OTHER, LAST, PRIMARY))),
        [],
    ),
    (
        "movement_begins_where_last_year_ended",
        "a merger: with the pupils of both",
        all_of(
            gone(OTHER, LAST),
            adding(ended(OTHER, LAST, PRIMARY)),
            put("movement", PRIMARY, LAST, pupils_last_year=FORMER + value("enrolment", "pupils", OTHER, LAST - 1)),
        ),
        [],
    ),
    (
        "graduates_were_the_final_grade",
        "half of the final grade graduated",
        put("movement", PRIMARY, LAST, graduates=BEFORE_6 // 2),
        [(LAST, PRIMARY, "graduates", str(BEFORE_6 // 2))],
    ),
    (
        "graduates_were_the_final_grade",
        "the others completed",
        put("movement", PRIMARY, LAST, graduates=BEFORE_6 // 2, completed=BEFORE_6 - BEFORE_6 // 2),
        [],
    ),
    ("graduates_were_the_final_grade", "a few more", put("movement", PRIMARY, LAST, graduates=BEFORE_6 + 4), []),
    (
        "graduates_were_the_final_grade",
        "a merger",
        all_of(
            gone(OTHER, LAST),
            adding(ended(OTHER, LAST, PRIMARY)),
            put("movement", PRIMARY, LAST, graduates=2 * BEFORE_6),
        ),
        [],
    ),
    (
        "pupils_fit_the_class_sizes",
        "two classes too few",
        put("class_size", PRIMARY, LAST, classes_36_40=PUPILS // 40 - 2),
        [(LAST, PRIMARY, "classes", str(PUPILS))],
    ),
    (
        "pupils_fit_the_class_sizes",
        "more than fit",
        put("class_size", PRIMARY, LAST, classes_36_40=0, classes_56_60=PUPILS // 40),
        [(LAST, PRIMARY, "classes", str(PUPILS))],
    ),
    (
        "pupils_fit_the_class_sizes",
        "the last bin has no upper bound",
        put("class_size", PRIMARY, LAST, classes_36_40=0, classes_from_66=1),
        [],
    ),
    ("pupils_fit_the_class_sizes", "a blank", put("class_size", PRIMARY, LAST, classes_41_45=None), []),
    (
        "school_is_registered_once",
        "two codes, one name",
        put("school", PRIMARY, LAST, school_name="第4学校"),
        [(LAST, PRIMARY, "school_name", "第4学校"), (LAST, OTHER, "school_name", "第4学校")],
    ),
    (
        "school_is_registered_once",
        "the name that another school had last year",
        all_of(gone(OTHER, LAST), put("school", PRIMARY, LAST, school_name="第4学校")),
        [],
    ),
    (
        "school_has_figures_of_its_own",
        "the grades of another school",
        put(
            "enrolment",
            PRIMARY,
            LAST,
            **{
                key: value("enrolment", key, OTHER)
                for key in ("pupils", "female_pupils", *(f"grade_{g}" for g in range(1, 7)))
            },
        ),
        [(LAST, school, "pupils", str(value("enrolment", "pupils", OTHER))) for school in (PRIMARY, OTHER)],
    ),
    (
        "school_has_figures_of_its_own",
        "one grade alike",
        put("enrolment", PRIMARY, LAST, grade_1=value("enrolment", "grade_1", OTHER)),
        [],
    ),
    (
        "school_does_not_vanish",
        "a school files nothing any more",
        gone(PRIMARY, LAST),
        [(LAST - 1, PRIMARY, "pupils", str(FORMER))],
    ),
    (
        "school_does_not_vanish",
        "a closure is told",
        all_of(gone(PRIMARY, LAST), adding(ended(PRIMARY, LAST, None, "closed"))),
        [],
    ),
    (
        "school_does_not_vanish",
        "all its rows are held back",
        all_of(gone(PRIMARY, LAST), adding(quarantined("enrolment", PRIMARY, stage="primary", year=LAST))),
        [],
    ),
    (
        "school_does_not_vanish",
        "only its final grade was left",
        all_of(
            put("enrolment", PRIMARY, LAST - 1, pupils=BEFORE_6, **{f"grade_{g}": 0 for g in range(1, 6)}),
            gone(PRIMARY, LAST),
        ),
        [],
    ),
    (
        "school_does_not_vanish",
        "the whole county has not filed yet",
        lambda rows: [without(rows, each, LAST) for each in {r["school_code"] for r in rows["school"]}] and None,
        [],
    ),
    (
        "school_does_not_appear_from_nowhere",
        "a new code has pupils in every grade",
        recoded(PRIMARY, code(77), LAST),
        [(LAST, code(77), "pupils", str(PUPILS - value("enrolment", "grade_1")))],
    ),
    (
        "school_does_not_appear_from_nowhere",
        "it carries another code on",
        all_of(recoded(PRIMARY, code(77), LAST), adding(ended(PRIMARY, LAST, code(77), "recoded"))),
        [],
    ),
    (
        "school_does_not_appear_from_nowhere",
        "a new school begins with its first grade",
        all_of(
            recoded(PRIMARY, code(77), LAST),
            put("enrolment", code(77), LAST, pupils=45, grade_1=45, **{f"grade_{g}": 0 for g in range(2, 7)}),
        ),
        [],
    ),
    (
        "ended_code_files_no_more",
        "a code that has ended files pupils",
        adding(ended(PRIMARY, LAST, OTHER)),
        [(LAST, PRIMARY, "school_code", str(PUPILS))],
    ),
    (
        "ended_code_files_no_more",
        "a code that was taken up again",
        adding(together(ended(PRIMARY, LAST - 1, OTHER), ended(OTHER, LAST, PRIMARY))),
        [
            (LAST, OTHER, "school_code", str(value("enrolment", "pupils", OTHER))),
            (LAST - 1, PRIMARY, "school_code", str(FORMER)),
        ],
    ),
    (
        "successor_is_registered",
        "a successor that nobody knows",
        all_of(gone(PRIMARY, LAST), adding(ended(PRIMARY, LAST, code(88)))),
        [(LAST, PRIMARY, "successor_code", code(88))],
    ),
    (
        "successor_is_registered",
        "one that is there",
        all_of(gone(PRIMARY, LAST), adding(ended(PRIMARY, LAST, OTHER))),
        [],
    ),
    (
        "successor_is_registered",
        "one that is carried on in the same year itself",
        all_of(gone(PRIMARY, LAST), adding(together(ended(PRIMARY, LAST, code(88)), ended(code(88), LAST, OTHER)))),
        [],
    ),
    (
        "central_school_is_registered",
        "a central school that nobody knows",
        put("school", PRIMARY, LAST, school_type="218", central_school_code=code(88)),
        [(LAST, PRIMARY, "central_school_code", code(88))],
    ),
    (
        "central_school_is_registered",
        "one that is held back",
        all_of(
            put("school", PRIMARY, LAST, school_type="218", central_school_code=code(88)),
            adding(quarantined("school", code(88), year=LAST)),
        ),
        [],
    ),
    (
        "filing_school_is_registered",
        "a code that is not in the register",
        lambda rows: rows["school"].remove(row_of(rows, "school", PRIMARY, LAST)),
        [(LAST, PRIMARY, "school_code", PRIMARY)],
    ),
    (
        "filing_school_is_registered",
        "its row of the register is held back",
        all_of(
            lambda rows: rows["school"].remove(row_of(rows, "school", PRIMARY, LAST)),
            adding(quarantined("school", PRIMARY, year=LAST)),
        ),
        [],
    ),
    (
        "code_fits_the_type_of_school",
        "a primary code for a junior school",
        put("school", PRIMARY, LAST, school_type="311"),
        [(LAST, PRIMARY, "school_code", PRIMARY)],
    ),
    (
        "code_fits_the_type_of_school",
        "a nine-year school has either",
        put("school", PRIMARY, LAST, school_type="312"),
        [],
    ),
    (
        "school_stays_in_its_county",
        "another county's code",
        put("school", PRIMARY, LAST, county_code="990102"),
        [(LAST, PRIMARY, "county_code", "990102")],
    ),
    (
        "school_with_pupils_has_teachers_and_classes",
        "no teachers",
        put("teacher", PRIMARY, LAST, teachers=0),
        [(LAST, PRIMARY, "teachers", "0")],
    ),
    (
        "school_with_pupils_has_teachers_and_classes",
        "no classes",
        put("class_size", PRIMARY, LAST, classes=0),
        [(LAST, PRIMARY, "classes", "0")],
    ),
    (
        "school_with_pupils_has_teachers_and_classes",
        "a handful of pupils taught by others",
        all_of(put("teacher", PRIMARY, LAST, teachers=0), put("enrolment", PRIMARY, LAST, pupils=12)),
        [],
    ),
    (
        "grade_cohort_is_like_the_countys",
        "twice as many in a grade",
        times("enrolment", "grade_4", 2.0, LAST - 1),
        [(LAST - 1, PRIMARY, "grade_4", str(2 * value("enrolment", "grade_4", year=LAST - 1)))],
    ),
    (
        "grade_cohort_is_like_the_countys",
        "a merger",
        all_of(gone(OTHER, LAST), adding(ended(OTHER, LAST, PRIMARY)), times("enrolment", "grade_4", 2.0, LAST)),
        [],
    ),
    (
        "grade_cohort_is_like_the_countys",
        "a boom in the whole county",
        whole_county("enrolment", lambda row: row.update(grade_4=row.get("grade_4") and 2 * row["grade_4"])),
        [],
    ),
    (
        "value_is_in_its_unit",
        "ten times in one year",
        times("premises", "teaching_area_m2", 10, LAST - 1),
        [(LAST - 1, PRIMARY, "teaching_area_m2", f"{value('premises', 'teaching_area_m2', year=LAST - 1) * 10:.1f}")],
    ),
    (
        "value_is_in_its_unit",
        "万元 for 元 in the newest year",
        times("equipment", "equipment_value_yuan", 1e-4, LAST),
        [(LAST, PRIMARY, "equipment_value_yuan", f"{value('equipment', 'equipment_value_yuan') / 1e4:.1f}")],
    ),
    ("value_is_in_its_unit", "two and a half times", times("premises", "teaching_area_m2", 2.5, LAST), []),
    (
        "value_is_in_its_unit",
        "always ten times what the others have",
        times("premises", "teaching_area_m2", 10, *YEARS),
        [],
    ),
    (
        "value_is_in_its_unit",
        "a tenth of much looks usual among the others, not beside the other years",
        all_of(times("premises", "sports_ground_m2", 4, *YEARS), times("premises", "sports_ground_m2", 0.1, LAST - 1)),
        [
            (
                LAST - 1,
                PRIMARY,
                "sports_ground_m2",
                str(round(value("premises", "sports_ground_m2", year=LAST - 1) * 0.4, 2)),
            )
        ],
    ),
    (
        "value_is_in_its_unit",
        "the whole column in another unit",
        whole_county("equipment", lambda row: row.update(equipment_value_yuan=row["equipment_value_yuan"] / 1e4)),
        every_equipment_value(1e-4, LAST),
    ),
    (
        "value_is_in_its_unit",
        "the whole column back in its unit",
        whole_county(
            "equipment", lambda row: row.update(equipment_value_yuan=row["equipment_value_yuan"] / 1e4), LAST - 1
        ),
        every_equipment_value(1e-4, LAST - 1),
    ),
    (
        "per_pupil_value_is_possible",
        "a book too many",
        times("equipment", "books", 60, *YEARS),
        [(year, PRIMARY, "books", f"{value('equipment', 'books', year=year) * 60:.1f}") for year in YEARS],
    ),
    (
        "per_pupil_value_does_not_jump",
        "five times as many computers",
        times("equipment", "teaching_computers", 5, LAST),
        [(LAST, PRIMARY, "teaching_computers", f"{value('equipment', 'teaching_computers') * 5:.1f}")],
    ),
    (
        "per_pupil_value_does_not_jump",
        "a fifth of what the school had for years",
        times("equipment", "teaching_computers", 5, *YEARS[:-1]),
        [(LAST, PRIMARY, "teaching_computers", f"{value('equipment', 'teaching_computers'):.1f}")],
    ),
    (
        "per_pupil_value_does_not_jump",
        "a merger",
        all_of(
            gone(OTHER, LAST),
            adding(ended(OTHER, LAST, PRIMARY)),
            times("equipment", "teaching_computers", 5, LAST),
        ),
        [],
    ),
    (
        "per_pupil_value_does_not_jump",
        "the county bought for all",
        whole_county("equipment", lambda row: row.update(teaching_computers=5 * row["teaching_computers"])),
        [],
    ),
    (
        "per_pupil_value_is_like_its_peers",
        "a level of its own in the one year there is",
        all_of(
            gone(PRIMARY, YEARS[0]),
            adding(
                {
                    form: [{**row_of(ORDERLY, form, PRIMARY, LAST), **more}]
                    for form, more in (("enrolment", {}), ("equipment", {"books": 150 * PUPILS}))
                }
            ),
        ),
        [(LAST, PRIMARY, "books", f"{150 * PUPILS:.1f}")],
    ),
    (
        "per_pupil_value_is_like_its_peers",
        "a level of its own in every year: that is inequality",
        times("equipment", "books", 7, *YEARS),
        [],
    ),
    (
        "figures_are_of_this_year",
        "last year's pupils sent again",
        sent_again("enrolment"),
        [(LAST, None, "pupils", f"{2 * SCHOOLS} / {2 * SCHOOLS}")],
    ),
    (
        "figures_are_of_this_year",
        "last year's teachers sent again",
        sent_again("teacher"),
        [(LAST, None, "teachers", f"{2 * SCHOOLS} / {2 * SCHOOLS}")],
    ),
    (
        "figures_are_of_this_year",
        "half of the schools have figures of their own",
        all_of(
            sent_again("enrolment"),
            *(times("enrolment", "pupils", 1.1, LAST, school_code=code(n)) for n in range(1, 9)),
        ),
        [],
    ),
    (
        "columns_stand_in_their_places",
        "two columns exchanged in the newest year",
        whole_county("premises", swapped("site_area_m2", "sports_ground_m2")),
        [(LAST, None, "site_area_m2", f"{2 * SCHOOLS} / {2 * SCHOOLS}")],
    ),
    (
        "columns_stand_in_their_places",
        "exchanged in the year before and put right: one year is told",
        whole_county("enrolment", swapped("migrant_children", "left_behind_children"), LAST - 1),
        [(LAST - 1, None, "migrant_children", f"{2 * SCHOOLS} / {2 * SCHOOLS}")],
    ),
    (
        "columns_stand_in_their_places",
        "one school of many",
        lambda rows: swapped("site_area_m2", "sports_ground_m2")(row_of(rows, "premises", PRIMARY, LAST)),
        [],
    ),
    (
        "return_covers_its_schools",
        "half of the schools of one return are missing",
        lambda rows: rows.update(
            equipment=[r for r in rows["equipment"] if r["school_year"] < LAST or r["school_code"] <= code(10)]
        ),
        [(LAST, None, None, str(SCHOOLS))],
    ),
    (
        "return_covers_its_schools",
        "a return that did not come at all",
        lambda rows: rows.update(teacher=[r for r in rows["teacher"] if r["school_year"] < LAST]),
        [(LAST, None, None, "0")],
    ),
    (
        "return_covers_its_schools",
        "half of the schools were merged",
        all_of(
            *(gone(code(n), LAST) for n in range(1, 9)),
            adding(together(*(ended(code(n), LAST, code(9)) for n in range(1, 9)))),
        ),
        [],
    ),
]


@pytest.mark.parametrize(
    ("name", "change", "found"), [pytest.param(n, c, f, id=f"{n}: {what}") for n, what, c, f in BROKEN]
)
def test_what_a_rule_finds(tmp_path: Path, name: str, change: Change, found: Found) -> None:
    assert told(broken_by(tmp_path, spoiled(ORDERLY, change), name)) == sorted(found, key=str)


def _of_schools() -> list[str]:
    known = {f"returns.{form}" for form in ORDERLY} | {"returns.school_succession", "returns.quarantine"}
    return [each.name for each in load_rules() if {t for t in each.reads if t.startswith("returns.")} <= known]


def test_a_county_in_order_is_left_alone(tmp_path: Path) -> None:
    assert len(_of_schools()) > 20
    assert broken_by(tmp_path, ORDERLY, *_of_schools()).to_dicts() == []


def test_a_finding_stands_in_the_row_of_the_school(tmp_path: Path) -> None:
    rows = spoiled(ORDERLY, put("movement", PRIMARY, LAST, pupils=1))
    (found,) = broken_by(tmp_path, rows, "movement_ends_at_the_enrolment").to_dicts()
    row = row_of(rows, "movement", PRIMARY, LAST)
    assert {name: found[name] for name in ("submission_id", "sheet", "row_number", "block")} == {
        "submission_id": f"s{LAST}", "sheet": "表", "row_number": row["row_number"], "block": "",
    }  # fmt: skip
    assert (found["form"], found["county_code"], found["stage"], found["expected"]) == (
        "movement", COUNTY, "primary", str(PUPILS),
    )  # fmt: skip


def test_the_same_teachers_in_both_stages(tmp_path: Path) -> None:
    """Schools with both stages: the figures of the primary teachers stand in the junior table, too."""

    def nine_year(rows: Rows, *, alike: bool) -> None:
        for row in rows["teacher"]:
            if row["stage"] == "junior":
                row["school_code"] = code(int(row["school_code"][4:]) - 100)
                if alike:
                    twin = row_of(rows, "teacher", row["school_code"], row["school_year"])
                    row.update({**twin, "stage": "junior"})

    name = "stages_have_figures_of_their_own"
    assert told(broken_by(tmp_path / "differ", spoiled(ORDERLY, lambda r: nine_year(r, alike=False)), name)) == []
    found = told(broken_by(tmp_path / "alike", spoiled(ORDERLY, lambda r: nine_year(r, alike=True)), name))
    assert found == [(year, code(1), "teachers", f"{SCHOOLS} / {SCHOOLS}") for year in YEARS]


def test_more_junior_entrants_than_primary_graduates(tmp_path: Path) -> None:
    def more(rows: Rows) -> None:
        for row in rows["enrolment"]:
            if row["stage"] == "junior" and row["school_year"] == LAST:
                row["entrants"] *= 2

    name = "junior_entrants_within_primary_graduates"
    (found,) = broken_by(tmp_path / "more", spoiled(ORDERLY, more), name).to_dicts()
    assert (found["school_year"], found["county_code"], found["school_code"]) == (LAST, COUNTY, None)
    graduates = sum(r["graduates"] for r in ORDERLY["movement"] if r["school_year"] == LAST and r["stage"] == "primary")
    assert found["expected"] == f"≤ {graduates}"

    def missing(rows: Rows) -> None:
        more(rows)
        row_of(rows, "movement", PRIMARY, LAST)["graduates"] = None

    assert told(broken_by(tmp_path / "missing", spoiled(ORDERLY, missing), name)) == [], "not known, not told"


def test_every_rule_has_a_test() -> None:
    from tests.rules.test_county_rules import CASES

    here = {name for name, _, _, found in BROKEN if found} | {
        "stages_have_figures_of_their_own",
        "junior_entrants_within_primary_graduates",
    }
    assert {each.name for each in load_rules()} == here | {name for name, _, _, found in CASES if found}
    assert all(rule(name).name == name for name in here)
