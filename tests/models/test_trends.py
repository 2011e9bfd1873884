"""Trends: succession of codes, names, changes and crossings over the years, both verdicts, the schools that attain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tests.models.helpers import (
    COUNTY,
    YEAR,
    Rows,
    all_models,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    run_balance,
    run_models,
    school,
    together,
)

#: The tables this module and its neighbours on counting, coefficients and the rulebook are about.
OWN_TABLES = (
    "core.reported_county",
    "core.county",
    "core.county_setting",
    "core.region_line",
    "core.region_weight",
    "core.school_succession",
    "core.school_stage",
    "core.county_stage",
    "trends.differential_coefficient",
    "trends.composite_coefficient",
    "trends.school_contribution",
    "trends.school_attainment",
    "trends.county_attainment",
)


def _succession(*rows: tuple[int, str, str | None, str]) -> Rows:
    return {
        "school_succession": [
            {
                "school_year": year,
                "county_code": COUNTY,
                "school_code": old,
                "successor_code": new,
                "reason": reason,
            }
            for year, old, new, reason in rows
        ]
    }


def test_a_school_is_followed_to_the_end_of_its_chain(tmp_path: Path) -> None:
    a, b, c, d, e, f, g, h = (code(n) for n in range(1, 9))
    rows = together(
        *(school(each, 100) for each in (a, b, c, d, e, f, g, h)),
        _succession(
            (2012, a, b, "recoded"),
            (2015, b, c, "merged"),
            (2016, d, c, "merged"),
            (2017, e, None, "closed"),
            # handed over and taken back years later: ends where the years end
            (2013, f, g, "recoded"),
            (2018, g, f, "recoded"),
            (2019, h, "2199009999", "recoded"),
        ),
    )
    frame = run_balance(tmp_path, rows).table("core.school_stage")
    assert dict(frame.select("school_code", "trend_school_code").iter_rows()) == {
        a: c, b: c, c: c, d: c, e: e, f: f, g: f, h: "2199009999",
    }  # fmt: skip


def test_a_circle_of_successions_ends(tmp_path: Path) -> None:
    a, b, c = (code(n) for n in range(1, 4))
    rows = together(
        *(school(each, 100) for each in (a, b, c)),
        _succession((2015, a, b, "recoded"), (2015, b, c, "recoded"), (2015, c, a, "recoded")),
    )
    assert run_balance(tmp_path, rows).table("core.school_stage").height == 3


def test_a_county_that_was_merged_is_one_line(tmp_path: Path) -> None:
    """崇文 110103 went into 东城 110101 in 2010: the years before are those of today's county."""
    rows = together(
        *(
            school(code(n), 100 * n, year=2008, county=county, equipment={"books": 100 * n * n})
            for n, county in ((1, "110101"), (2, "110103"), (3, "110103"))
        ),
        school(code(1), 100, year=2012, county="110101", equipment={"books": 100}),
    )
    rows["school"][0]["county_name"] = "东城区（旧）"
    rows["school"][-1]["county_name"] = "东城区"
    results = run_balance(tmp_path, rows)
    county = results.row("core.county")
    assert (county["county_code"], county["county_name"]) == ("110101", "东城区")
    assert (county["reported_codes"], county["first_year"], county["last_year"]) == ("110101,110103", 2008, 2012)
    figure = results.row("trends.differential_coefficient", indicator="books", school_year=2008)
    assert (figure["county_code"], figure["county_name"], figure["schools"]) == ("110101", "东城区", 3)
    assert figure["mean"] == pytest.approx((100 + 400 + 900) / 600, rel=1e-14)


def test_the_name_of_a_county_falls_back(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 10, school_type=None),
        school(code(2), 10, county="990102", school_type=None),
        {"county_summary": [{"school_year": YEAR, "county_code": COUNTY, "county_name": "甲县", "level": "primary"}]},
    )
    names = run_balance(tmp_path, rows).table("core.county").select("county_code", "county_name")
    assert dict(names.iter_rows()) == {COUNTY: "甲县", "990102": "990102"}


def _year_of(year: int, spread: float, *, books: int | None = 1000) -> Rows:
    """Two equal schools; all eight coefficients are ``spread``, and books can be left blank."""

    def figures(share: float) -> dict[str, Any]:
        amount = round(1000 * share)
        return {
            "premises": {"teaching_area_m2": 1e6 * share, "sports_ground_m2": 1e6 * share, "gymnasium_m2": 0.0},
            "equipment": full_equipment(
                books=None if books is None else amount,
                teaching_computers=amount,
                equipment_value_yuan=1e6 * share,
            ),
            "teacher": full_teacher(
                amount, degree_postgraduate=0, degree_bachelor=amount, degree_associate=0,
                title_associate_senior=0, title_intermediate=amount,
            ),
        }  # fmt: skip

    return together(
        school(code(1), 1000, year=year, **figures(1 + spread)),
        school(code(2), 1000, year=year, **figures(1 - spread)),
    )


def test_change_and_crossings(tmp_path: Path) -> None:
    rows = together(
        _year_of(2012, 0.8),
        _year_of(2013, 0.7),
        _year_of(2014, 0.6),
        _year_of(2015, 0.1, books=None),  # no composite: neither a change nor a crossing can be told
        _year_of(2016, 0.5),
        _year_of(2017, 0.7),
        _year_of(2019, 0.7),
    )
    frame = run_balance(tmp_path, rows).table("trends.composite_coefficient", standard="basic_2012")
    assert frame["school_year"].to_list() == [2012, 2013, 2014, 2015, 2016, 2017, 2019]
    assert frame["meets"].to_list() == [False, False, True, None, True, False, False]
    assert frame["verdict"].to_list() == [False, False, True, None, True, False, False]
    assert frame["last_crossed_year"].to_list() == [None, None, 2014, 2014, 2014, 2017, 2017]
    assert frame["years_since_crossing"].to_list() == [None, None, 0, 1, 2, 0, 2]
    changes = frame["change_from_last_year"].to_list()
    assert [None if change is None else round(change, 9) for change in changes] == [
        None, -0.1, -0.1, None, None, 0.2, None,
    ]  # fmt: skip
    assert frame["reason"].to_list() == [None, None, None, "indicators_missing", None, None, None]


def test_both_verdicts_are_shown_and_the_rulebook_chooses(tmp_path: Path) -> None:
    """One of seven indicators far above its line: the mean passes, every indicator does not."""
    rows = together(
        *(
            school(
                code(n), 500, teacher=full_teacher(30), premises=full_premises(),
                equipment=full_equipment(multimedia_rooms=1 if n else 60),
            )
            for n in range(4)
        )
    )  # fmt: skip
    results = run_balance(tmp_path, rows)
    quality = results.row("trends.composite_coefficient", standard="quality_2017")
    assert (quality["meets"], quality["every_indicator_meets"], quality["verdict"]) == (True, False, False)
    assert (quality["verdict_rule"], quality["indicators_above"]) == ("every_indicator", "multimedia_rooms")
    basic = results.row("trends.composite_coefficient", standard="basic_2012")
    assert (basic["verdict"], basic["verdict_rule"], basic["indicators_above"]) == (True, "composite", None)


def test_shares_of_the_variance(tmp_path: Path) -> None:
    """Three schools by hand: shares follow P(X − X̄)², sum to one, and are null where the value is missing."""
    rows = together(
        school(code(1), 100, equipment={"books": 1000}),
        school(code(2), 100, equipment={"books": 2000}),
        school(code(3), 200, equipment={"books": 6000}),
        school(code(4), 50, equipment={"books": None}),
        school(code(5), 0, equipment={"books": 10}),
    )
    frame = run_balance(tmp_path, rows).table("trends.school_contribution").sort("school_code")
    # mean 9000 ÷ 400 = 22.5; spreads 100 × 12.5², 100 × 2.5², 200 × 7.5²
    spreads = [100 * 12.5**2, 100 * 2.5**2, 200 * 7.5**2]
    expected = [spread / sum(spreads) for spread in spreads]
    assert frame["basic_books_share"].to_list()[:3] == pytest.approx(expected, rel=1e-12)
    assert frame["basic_books_share"].to_list()[3:] == [None, None]
    assert frame["basic_books_value"].to_list() == [10.0, 20.0, 30.0, None, None]


def test_equal_schools_have_no_share_of_a_gap(tmp_path: Path) -> None:
    rows = together(*(school(code(n), pupils, equipment={"books": 7 * pupils}) for n, pupils in enumerate((3, 7, 11))))
    results = run_balance(tmp_path, rows)
    assert results.table("trends.school_contribution")["basic_books_share"].to_list() == [0.0] * 3
    assert results.row("trends.differential_coefficient", indicator="books")["coefficient"] == 0.0


def _attaining(stage: str = "primary", **replaced: Any) -> dict[str, Any]:
    """A school of 1,000 pupils exactly on all seven lines of its stage, but for what is replaced.

    ``replaced`` are numerators: ``higher``, ``backbone``, ``sports_teachers``, ``teaching``, ``ground``, ``value``,
    ``rooms``.
    """
    lines: dict[str, float | None] = (
        {
            "higher": 42, "backbone": 10, "sports_teachers": 9, "teaching": 4500, "ground": 7500, "value": 2e6,
            "rooms": 23,
        }
        if stage == "primary"
        else {
            "higher": 53, "backbone": 10, "sports_teachers": 9, "teaching": 5800, "ground": 10200, "value": 2.5e6,
            "rooms": 24,
        }
    )  # fmt: skip
    have = {**lines, **replaced}
    return {
        "teacher": full_teacher(
            60, degree_postgraduate=0, degree_bachelor=have["higher"], degree_associate=0,
            backbone_teachers=have["backbone"], pe_teachers=have["sports_teachers"], music_teachers=0,
            fine_art_teachers=0,
        ),
        "premises": {
            "teaching_area_m2": None if have["teaching"] is None else have["teaching"] + 600.0,
            "gymnasium_m2": 600.0,
            "sports_ground_m2": None if have["ground"] is None else have["ground"] - 600.0,
        },
        "equipment": full_equipment(multimedia_rooms=have["rooms"], equipment_value_yuan=have["value"]),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("replaced", "attains", "met", "reason"),
    [
        ({}, True, 7, None),
        ({"rooms": 22}, True, 6, None),
        ({"rooms": 22, "backbone": 9}, False, 5, None),  # two below
        ({"ground": 7499.0}, True, 6, None),
        ({"ground": 6375.0}, True, 6, None),  # exactly 85 %
        ({"ground": 6374.9}, False, 6, None),
        ({"rooms": None}, None, 6, "missing_values"),  # the seventh may be under 85 %
        ({"rooms": None, "ground": 100.0}, False, 5, None),  # already decided
        ({"rooms": None, "ground": 7000.0, "backbone": 9}, False, 4, None),
    ],
)
def test_six_of_seven_and_the_floor(
    tmp_path: Path, replaced: dict[str, Any], attains: bool | None, met: int, reason: str | None
) -> None:
    results = run_balance(tmp_path, school(code(1), 1000, **_attaining(**replaced)))
    row = results.row("trends.school_attainment")
    assert (row["attains"], row["indicators_met"], row["reason"]) == (attains, met, reason)
    county = results.row("trends.county_attainment")
    assert county["all_attain"] is attains
    assert (county["schools"], county["schools_missing"]) == ((0, 1) if attains is None else (1, 0))


@pytest.mark.parametrize(("higher", "attains"), [(4505, True), (4504, False)])
def test_the_floor_is_not_rounded(tmp_path: Path, higher: int, attains: bool) -> None:
    """85 % of 5.3 is 4.505: a school with exactly that attains, although 4.505 is under 4.51."""
    figures: dict[str, Any] = _attaining("junior")
    scaled: dict[str, Any] = {
        form: {k: None if v is None else v * 100 for k, v in fields.items()} for form, fields in figures.items()
    }
    scaled["teacher"]["degree_bachelor"] = higher
    row = run_balance(tmp_path, school(code(1, 31), {"junior": 100_000}, school_type="311", **scaled)).row(
        "trends.school_attainment"
    )
    assert row["higher_degree_teachers_value"] == pytest.approx(higher / 1000, rel=1e-14)
    assert (row["attains"], row["indicators_met"]) == (attains, 6)


def test_the_county_roll_up(tmp_path: Path) -> None:
    rows = together(
        school(code(1), 1000, **_attaining()),
        school(code(2), 1000, **_attaining(rooms=1)),
        school(code(3), 1000, **_attaining()),
        school(code(4), 0, **_attaining()),
        school(code(5), 1000, **_attaining(rooms=None)),
    )
    row = run_balance(tmp_path, rows).row("trends.county_attainment")
    assert (row["schools"], row["schools_attaining"], row["schools_missing"]) == (3, 2, 1)
    assert row["share"] == pytest.approx(2 / 3)
    assert (row["all_attain"], row["reason"]) == (False, None)


@pytest.mark.parametrize("name", sorted(all_models()))
def test_every_model_is_spark_sql_too(name: str) -> None:
    sql = sqlglot.transpile(all_models()[name].sql, read="duckdb", write="spark")[0]
    assert sqlglot.parse_one(sql, read="spark") is not None


@pytest.mark.parametrize("name", sorted(OWN_TABLES))
def test_no_number_of_a_regulation_stands_in_the_sql(name: str) -> None:
    """Numbers in the queries: none and one, squares, what rounding may do, places of codes and of columns."""
    tree = sqlglot.parse_one(all_models()[name].sql, read="duckdb")
    numbers = {
        literal.this
        for literal in tree.find_all(exp.Literal)
        if not literal.is_string
        and not isinstance(literal.parent, exp.Group | exp.Ordered)
        and literal.find_ancestor(exp.Substring) is None
    }
    assert numbers <= {"0", "1", "1.0", "2", "1e-12", "1e-9"}


def test_every_row_is_unique_in_its_grain(tmp_path: Path) -> None:
    rows = together(
        _year_of(2016, 0.5), _year_of(2017, 0.4), school(code(3), {"primary": 5, "junior": 6}, school_type="312")
    )
    results = run_models(tmp_path, rows)
    for name, model in all_models().items():
        frame = results.table(name)
        assert frame.columns == list(model.columns)
        assert frame.select(model.grain).is_unique().all(), name
        assert frame.select(model.grain).null_count().sum_horizontal().item() == 0, name
