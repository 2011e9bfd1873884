"""Consolidation: the four formulas by hand, what is left out and said, mergers and changes of code, all levels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.models.helpers import COUNTY, YEAR, Results, Rows, code, rulebook_with, run_models, together

TABLES = ("trends.consolidation", "trends.school_consolidation", "trends.grade_cohort")
FLOWS = ("transferred_in", "transferred_out", "died", "graduates", "withdrew", "suspended")
FIRST = {"primary": 1, "junior": 7}


def filed(
    school_code: str,
    year: int,
    grades: Iterable[int | None] | None,
    *,
    stage: str = "junior",
    county: str | None = COUNTY,
    last_year: int | None = None,
    entrants: int | None = -1,
    school_type: str = "311",
    **flows: int | None,
) -> Rows:
    """A school's enrolment and movement of one year; ``entrants`` are the first grade unless given, flows are 0."""
    who = {"school_year": year, "county_code": county, "school_code": school_code}
    rows: Rows = {"school": [{**who, "school_type": school_type, "county_name": f"县{county}"}]}
    if grades is None:
        return rows
    counted = list(grades)
    pupils = sum(each or 0 for each in counted)
    named = {f"grade_{FIRST[stage] + n}": each for n, each in enumerate(counted)}
    began = counted[0] if entrants == -1 else entrants
    rows["enrolment"] = [{**who, "stage": stage, "pupils": pupils, "entrants": began, **named}]
    moved = {**dict.fromkeys(FLOWS, 0), "completed": 0, "other_decrease": 0, **flows}
    rows["movement"] = [
        {
            **who,
            "stage": stage,
            "pupils_last_year": pupils if last_year is None else last_year,
            "pupils": pupils,
            **moved,
        }
    ]
    return rows


def models(tmp_path: Path, *rows: Rows, **choices: str) -> Results:
    """The consolidation tables over the rows; ``choices`` are settings that replace the national ones for the county."""
    lines = [f"{setting},,{value},{COUNTY},1980,,d,s" for setting, value in choices.items()]
    rulebook = rulebook_with(tmp_path / "rulebook", {"choice": lines})
    return run_models(tmp_path / "run", together(*rows), rulebook=rulebook, only=TABLES)


def county(results: Results, year: int = YEAR, stage: str = "junior", level: str = "county") -> dict[str, Any]:
    region = {"county": COUNTY, "prefecture": COUNTY[:4], "province": COUNTY[:2], "nation": ""}[level]
    return results.row("trends.consolidation", level=level, region_code=region, school_year=year, stage=stage)


def _one_cohort(school_code: str = code(1, 31), **changes: Any) -> list[Rows]:
    """A junior school that has had no other cohort: 100 enter in 2017, stand in grade 9 in 2019, graduate in 2020.

    Over its years 6 come, 10 leave, 1 dies: 2018 +4 −5, 2019 +2 −4 and one death, and in the final year −1.
    """
    return [
        filed(school_code, 2017, [100, 0, 0]),
        filed(school_code, 2018, [0, 99, 0], transferred_in=4, transferred_out=5, last_year=100),
        filed(school_code, 2019, [0, 0, 96], transferred_in=2, transferred_out=4, died=1, last_year=99),
        filed(
            school_code,
            2020,
            [0, 0, 0],
            **{"transferred_out": 1, "graduates": 94, "withdrew": 1, "last_year": 96, **changes},
        ),
    ]


def test_the_four_formulas_by_hand(tmp_path: Path) -> None:
    row = county(models(tmp_path, *_one_cohort()))
    assert (row["entry_year"], row["years"]) == (2017, 3)
    components = (
        "entrants",
        "first_year_pupils",
        "final_year_pupils",
        "graduates",
        "transferred_in",
        "transferred_out",
        "died",
    )
    assert [row[name] for name in components] == [100, 100, 96, 94, 6, 10, 1]
    assert row["rate_a_raw"] == pytest.approx(94 / (100 + 6 - 10), rel=1e-14)
    # the final grade is counted before the one who left in the final year
    assert row["rate_b_raw"] == pytest.approx(96 / (100 + 6 - 1 - 9), rel=1e-14)
    assert row["rate_c_raw"] == pytest.approx((94 - 6 + 10) / (100 - 1), rel=1e-14)
    assert row["rate_d_raw"] == pytest.approx(0.94, rel=1e-14)
    assert (row["formula"], row["rate"]) == ("a", row["rate_a_raw"])
    assert (row["threshold"], row["threshold_binding"], row["meets"], row["reason"]) == (0.95, True, True, None)
    assert row["margin"] == pytest.approx(94 / 96 - 0.95, rel=1e-12)


@pytest.mark.parametrize(("formula", "meets"), [("a", True), ("b", True), ("c", True), ("d", False)])
def test_the_rulebook_chooses_the_formula(tmp_path: Path, formula: str, meets: bool) -> None:
    row = county(models(tmp_path, *_one_cohort(), consolidation_formula=formula))
    assert (row["formula"], row["rate_raw"], row["meets"]) == (formula, row[f"rate_{formula}_raw"], meets)


def test_above_100_percent_is_shown_raw_and_capped(tmp_path: Path) -> None:
    """银川 2025 published 112.1 % raw: as many came as could not have been there at the beginning."""
    rows = [
        filed(code(1, 31), 2017, [1000, 0, 0]),
        filed(code(1, 31), 2018, [0, 1121, 0], transferred_in=121, last_year=1000),
        filed(code(1, 31), 2019, [0, 0, 1121], last_year=1121),
        filed(code(1, 31), 2020, [0, 0, 0], graduates=1121, last_year=1121),
    ]
    row = county(models(tmp_path / "d", *rows, consolidation_formula="d"))
    assert row["rate_d_raw"] == pytest.approx(1.121) and row["rate_d_capped"] == 1.0
    assert (row["rate_raw"], row["rate"], row["cap"], row["meets"]) == (row["rate_d_raw"], 1.0, "capped", True)
    assert row["rate_a_raw"] == pytest.approx(1.0, rel=1e-14)
    raw = county(models(tmp_path / "raw", *rows, consolidation_formula="d", consolidation_cap="raw"))
    assert raw["rate"] == raw["rate_raw"] == pytest.approx(1.121)
    assert raw["margin"] == pytest.approx(1.121 - 0.95)


@pytest.mark.parametrize(("graduates", "meets"), [(95, True), (94, False)])
def test_at_the_line_is_within_it(tmp_path: Path, graduates: int, meets: bool) -> None:
    rows = [
        filed(
            code(1, 31),
            2017 + step,
            [100 if step == n else 0 for n in range(3)],
            graduates=graduates if step == 3 else 0,
        )
        for step in range(4)
    ]
    assert county(models(tmp_path, *rows))["meets"] is meets


def _steady(flows: int, years: Iterable[int] = range(2017, 2021), **fixed: Any) -> list[Rows]:
    """A school of three equal grades of 100 that receives ``flows`` pupils every year: the form tells no grades."""
    return [filed(code(1, 31), year, [100, 100, 100], transferred_in=flows, graduates=100, **fixed) for year in years]


def test_a_cohort_has_its_share_of_the_transfers_of_a_stage(tmp_path: Path) -> None:
    """12 a year for two grades below the final one: 6 join a cohort in its first and 6 in its second year."""
    row = county(models(tmp_path, *_steady(12)))
    assert row["transferred_in"] == pytest.approx(12.0)
    assert row["rate_a_raw"] == pytest.approx(100 / 112)


def test_the_rulebook_can_count_the_transfers_of_all_grades(tmp_path: Path) -> None:
    row = county(models(tmp_path, *_steady(12), consolidation_flows="all_grades"))
    assert row["transferred_in"] == 36
    assert row["final_year_change"] == 12
    assert row["rate_a_raw"] == pytest.approx(100 / 136)
    assert row["rate_b_raw"] == pytest.approx(100 / 124)


def test_years_before_the_data_and_years_with_a_blank_say_so(tmp_path: Path) -> None:
    rows = [
        *(filed(code(1, 31), year, [100, 100, 100], graduates=99) for year in range(2012, 2016)),
        filed(code(1, 31), 2016, [100, 100, 100], graduates=99, transferred_out=None),
        filed(code(1, 31), 2017, [100, 100, 100], graduates=None),
        *(filed(code(1, 31), year, [100, 100, 100], graduates=99) for year in range(2018, 2021)),
    ]
    frame = models(tmp_path, *rows).table("trends.consolidation", level="county", stage="junior").sort("school_year")
    assert frame["reason"].to_list() == [
        *["before_first_year"] * 3, "no_line", "component_missing", "component_missing", "component_missing", None, None,
    ]  # fmt: skip
    assert frame["missing_components"].to_list()[4:] == [
        "transfers_and_deaths", "graduates,transfers_and_deaths", "transfers_and_deaths", None, None,
    ]  # fmt: skip
    assert frame["missing_years"].to_list() == [
        "2009,2010,2011", "2010,2011", "2011", None, "2016", "2016,2017", "2016", None, None,
    ]  # fmt: skip
    assert frame["rate_a_raw"].to_list()[4:7] == [None] * 3
    assert frame["rate_d_raw"].to_list()[4:7] == [0.99, None, 0.99], "formula d needs no transfers"


def test_a_year_without_any_return_is_missing_not_nought(tmp_path: Path) -> None:
    rows = [filed(code(1, 31), year, [100, 100, 100], graduates=100) for year in (2015, 2016, 2017, 2018, 2020)]
    results = models(tmp_path, *rows)
    row = county(results)
    assert (row["reason"], row["missing_years"], row["rate"]) == ("component_missing", "2019", None)
    single = results.row("trends.school_consolidation", school_year=2020, stage="junior")
    assert (single["reason"], single["missing_year"]) == ("component_missing", 2019)


def test_a_school_that_lacks_a_year_is_left_out_as_a_whole(tmp_path: Path) -> None:
    """Two schools; one has no movement return in 2019: the rate is that of the other, and there is no verdict."""
    other = code(2, 31)
    rows = [*_one_cohort(), *(filed(other, year, [50, 50, 50], graduates=10) for year in (2017, 2018, 2020))]
    late = filed(other, 2019, [50, 50, 50])
    del late["movement"]
    row = county(models(tmp_path / "default", *rows, late))
    assert (row["schools"], row["schools_missing"], row["entrants"], row["graduates"]) == (1, 1, 100, 94)
    assert (row["enrolment"], row["enrolment_missing"]) == (96, 150)
    assert row["rate"] == pytest.approx(94 / 96)
    assert (row["meets"], row["reason"], row["missing_years"]) == (None, "missing_values", "2019")
    lenient = county(models(tmp_path / "half", *rows, late, consolidation_minimum_coverage="0.3"))
    assert (lenient["meets"], lenient["reason"]) == (True, None)
    whole = county(models(tmp_path / "d", *rows, late, consolidation_formula="d"))
    assert (whole["schools"], whole["schools_missing"], whole["graduates"]) == (2, 0, 104), "d does not need what lacks"


def _succession(year: int, old: str, new: str | None, reason: str) -> Rows:
    row = {"school_year": year, "county_code": COUNTY, "school_code": old, "successor_code": new, "reason": reason}
    return {"school_succession": [row]}


def test_a_cohort_is_followed_through_a_change_of_code(tmp_path: Path) -> None:
    old, new = code(1, 31), code(9, 31)
    rows = [*_one_cohort(old)[:2], *_one_cohort(new)[2:], _succession(2019, old, new, "recoded")]
    results = models(tmp_path, *rows)
    school = results.row("trends.school_consolidation", school_year=2020, stage="junior")
    assert school["trend_school_code"] == new
    assert school["rate_a_raw"] == county(results)["rate_a_raw"] == pytest.approx(94 / 96)
    assert (county(results)["schools_missing"], county(results)["closed_out"]) == (0, 0)


def _merger(*, carried: bool) -> list[Rows]:
    """School 1 (40 in each grade) goes into school 2 (60 in each grade) in 2019; its 40 ninth-graders graduate then.

    ``carried``: the successor's movement return takes over the account of both. Else it tells 80 transferred in, and
    the 40 graduates stand in no return.
    """
    small, big = code(1, 31), code(2, 31)
    flows = (
        {"last_year": 300, "graduates": 100} if carried else {"last_year": 180, "graduates": 60, "transferred_in": 80}
    )
    return [
        *(filed(small, year, [40, 40, 40], graduates=40) for year in (2016, 2017, 2018)),
        *(filed(big, year, [60, 60, 60], graduates=60) for year in (2016, 2017, 2018)),
        filed(big, 2019, [100, 100, 100], **flows),
        *(filed(big, year, [100, 100, 100], graduates=100) for year in (2020, 2021, 2022)),
        _succession(2019, small, big, "merged"),
    ]


def test_a_merger_whose_account_is_carried_over_leaves_no_gap(tmp_path: Path) -> None:
    results = models(tmp_path, *_merger(carried=True))
    for year in (2019, 2020, 2021, 2022):
        row = county(results, year)
        assert (row["rate_a_raw"], row["schools_missing"], row["closed_out"]) == (1.0, 0, 0), year
        assert results.row("trends.school_consolidation", school_year=year, stage="junior")["rate_a_raw"] == 1.0


def test_pupils_of_a_merged_school_are_no_arrivals_and_its_last_graduates_are_missing(tmp_path: Path) -> None:
    results = models(tmp_path / "missing", *_merger(carried=False))
    row = county(results, 2019)
    assert (row["rate"], row["reason"]) == (None, "component_missing")
    assert (row["missing_components"], row["missing_years"]) == ("graduates", "2019")
    for year in (2020, 2021, 2022):
        row = county(results, year)
        # 80 came and 80 left by the closing: nobody came or went
        assert row["rate_a_raw"] == pytest.approx(1.0, rel=1e-12), year
        assert row["closed_out"] == (80 if year < 2022 else 0)
    assumed = models(tmp_path / "assumed", *_merger(carried=False), closed_school_graduates="final_year_pupils")
    row = county(assumed, 2019)
    assert (row["graduates"], row["rate_a_raw"]) == (100, pytest.approx(1.0))


def test_a_school_that_closed_keeps_its_entrants_in_the_county(tmp_path: Path) -> None:
    """It closes with its pupils gone elsewhere: 30 entered there, 30 are received by the other school."""
    gone, stays = code(1, 31), code(2, 31)
    rows = [
        filed(gone, 2017, [30, 0, 0]),
        filed(stays, 2017, [100, 0, 0]),
        filed(stays, 2018, [0, 130, 0], transferred_in=30, last_year=100),
        filed(stays, 2019, [0, 0, 130], last_year=130),
        filed(stays, 2020, [0, 0, 0], graduates=130, last_year=130),
        _succession(2018, gone, None, "closed"),
    ]
    row = county(models(tmp_path / "declared", *rows))
    assert (row["entrants"], row["transferred_in"], row["transferred_out"], row["graduates"]) == (130, 30, 30, 130)
    assert (row["rate_a_raw"], row["meets"]) == (1.0, True)
    undeclared = county(models(tmp_path / "undeclared", *rows[:-1]))
    assert (undeclared["schools_missing"], undeclared["missing_years"], undeclared["meets"]) == (1, "2018", None)
    assert undeclared["entrants"] == 100, "a school that disappears without a word is left out"


def test_county_codes_that_changed_are_one_cohort(tmp_path: Path) -> None:
    """崇文 110103 went into 东城 110101 in 2010."""
    years = {2008: "110103", 2009: "110103", 2010: "110101", 2011: "110101"}
    rows = together(
        *(
            filed(
                code(1, 31), year, [50 if n == step else 0 for n in range(3)], county=place, graduates=49 * (step == 3)
            )
            for step, (year, place) in enumerate(years.items())
        )
    )
    results = run_models(tmp_path, rows, only=TABLES)
    row = results.row("trends.consolidation", level="county", region_code="110101", school_year=2011, stage="junior")
    assert (row["entrants"], row["graduates"], row["rate_a_raw"]) == (50, 49, 0.98)
    cohort = results.row("trends.grade_cohort", level="county", stage="junior", path="first_grade_to_graduates")
    assert (cohort["region_code"], cohort["school_year"], cohort["ratio"]) == ("110101", 2008, 0.98)


def _nine_years() -> list[Rows]:
    """One cohort of 200 through a nine-year school: 2 die in grade 2, 3 leave in grade 5, 5 leave in grade 8."""
    school = code(1, 31)
    counts = [200, 200, 198, 198, 198, 195, 195, 195, 190]
    rows = []
    for step in range(10):
        year = 2012 + step
        primary = [counts[step] if n == step else 0 for n in range(6)]
        junior = [counts[step] if n == step - 6 and step < 9 else 0 for n in range(3)]
        before = counts[step - 1] if step else 0
        rows += [
            filed(
                school, year, primary, stage="primary", school_type="312", last_year=before if 1 <= step <= 6 else 0,
                died=2 if step == 2 else 0, transferred_out=3 if step == 5 else 0, graduates=195 if step == 6 else 0,
            ),
            {
                form: more
                for form, more in filed(
                    school, year, junior, school_type="312", last_year=before if step > 6 else 0,
                    transferred_out=5 if step == 8 else 0, graduates=188 if step == 9 else 0,
                    withdrew=2 if step == 9 else 0,
                ).items()
                if form != "school"
            },
        ]  # fmt: skip
    return rows


def test_nine_years(tmp_path: Path) -> None:
    results = models(tmp_path, *_nine_years())
    row = county(results, 2021, "compulsory")
    assert (row["years"], row["entry_year"], row["entrants"], row["graduates"]) == (9, 2012, 200, 188)
    assert (row["transferred_out"], row["died"], row["final_year_pupils"]) == (8, 2, 190)
    assert row["rate_a_raw"] == pytest.approx(188 / 192)
    assert row["rate_b_raw"] == pytest.approx(190 / 190)
    assert row["rate_c_raw"] == pytest.approx((188 + 8) / 198)
    assert row["rate_d_raw"] == pytest.approx(0.94)
    assert (row["threshold"], row["threshold_binding"], row["meets"]) == (0.95, False, True)
    six = county(results, 2018, "primary")
    assert (six["rate_a_raw"], six["years"]) == (pytest.approx(195 / 197), 6)
    school = results.row("trends.school_consolidation", school_year=2021, stage="compulsory")
    for name in ("rate_a_raw", "rate_b_raw", "rate_c_raw", "rate_d_raw", "entrants", "graduates", "died"):
        assert school[name] == pytest.approx(row[name]), name
    ratio = results.row(
        "trends.grade_cohort", level="nation", stage="compulsory", path="first_to_final_grade", school_year=2012
    )
    assert (ratio["end_year"], ratio["ratio"]) == (2020, 0.95)


def test_five_and_four_years_where_the_rulebook_says_so(tmp_path: Path) -> None:
    """五四学制: grade 6 is the first of junior, which takes four years."""
    rows = []
    for step in range(5):
        row = filed(
            code(1, 31), 2016 + step, [80 if n == step else 0 for n in range(4)], graduates=79 if step == 4 else 0
        )
        for enrolment in row["enrolment"]:
            for n in range(4):
                enrolment[f"grade_{6 + n}"] = 80 if n == step else 0
            enrolment.pop("grade_10")
            enrolment["entrants"] = enrolment["grade_6"]
        rows.append(row)
    row = county(models(tmp_path, *rows, primary_years="5", junior_years="4"))
    assert (row["years"], row["entry_year"], row["entrants"], row["rate_a_raw"]) == (4, 2016, 80, 79 / 80)


@pytest.mark.parametrize(("choice", "dropouts"), [("all_leavers", 5), ("without_suspended", 2)])
def test_the_annual_rate(tmp_path: Path, choice: str, dropouts: int) -> None:
    """Graduates, completers, transfers and deaths are no dropouts; the rulebook says whether the suspended are."""
    rows = filed(
        code(1, 31), YEAR, [100, 90, 80], last_year=300, graduates=99, completed=1, transferred_out=4, died=1,
        withdrew=1, suspended=3, other_decrease=1,
    )  # fmt: skip
    row = county(models(tmp_path, rows, dropouts=choice))
    assert (row["dropouts"], row["pupils_last_year"]) == (dropouts, 300)
    assert row["dropout_rate"] == pytest.approx(dropouts / 300, rel=1e-14)
    assert row["annual_rate"] == pytest.approx(1 - dropouts / 300, rel=1e-14)
    assert (row["annual_threshold"], row["annual_meets"], row["annual_reason"]) == (0.97, True, None)
    assert row["annual_margin"] == pytest.approx(0.03 - dropouts / 300)


def test_an_annual_rate_with_a_blank_is_withheld(tmp_path: Path) -> None:
    rows = [
        filed(code(1, 31), YEAR, [100, 100, 100], withdrew=3),
        filed(code(2, 31), YEAR, [100, 100, 100], withdrew=None),
    ]
    row = county(models(tmp_path, *rows))
    assert (row["annual_rate"], row["annual_schools_missing"]) == (0.99, 1)
    assert (row["annual_meets"], row["annual_reason"]) == (None, "missing_values")


def test_prefectures_provinces_and_the_nation_are_sums(tmp_path: Path) -> None:
    def cohort(number: int, place: str, entrants: int, graduates: int | None) -> list[Rows]:
        return [
            filed(
                code(number, 31), 2017 + step, [entrants if n == step else 0 for n in range(3)], county=place,
                graduates=graduates if step == 3 else 0, last_year=entrants if step else 0,
            )
            for step in range(4)
        ]  # fmt: skip

    rows = [
        *cohort(1, COUNTY, 100, 99),
        *cohort(2, "990102", 300, 270),
        *cohort(3, "990201", 50, 50),
        *cohort(4, "110101", 550, None),
    ]
    results = models(tmp_path, *rows)
    assert county(results, level="prefecture")["rate_a_raw"] == pytest.approx(369 / 400)
    assert county(results, level="province")["rate_a_raw"] == pytest.approx(419 / 450)
    nation = county(results, level="nation")
    assert (nation["rate_a_raw"], nation["counties"], nation["counties_missing"]) == (pytest.approx(419 / 450), 3, 1)
    assert (nation["meets"], nation["reason"]) == (None, "component_missing")
    assert (county(results, level="prefecture")["meets"], county(results, level="prefecture")["reason"]) == (
        False,
        None,
    )


def test_rows_without_a_county_have_no_verdict(tmp_path: Path) -> None:
    rows = [
        filed(code(1, 31), 2017 + step, [9 if n == step else 0 for n in range(3)], county=None) for step in range(4)
    ]
    results = models(tmp_path, *rows)
    row = results.row("trends.consolidation", level="county", region_code="000000", school_year=YEAR, stage="junior")
    assert (row["reason"], row["annual_reason"], row["meets"]) == ("county_unknown", "county_unknown", None)
    assert set(results.table("trends.consolidation")["level"]) == {"county", "nation"}


def test_a_school_younger_than_the_cohort(tmp_path: Path) -> None:
    rows = [
        *_one_cohort(),
        *(filed(code(2, 31), year, [40, 30, 20], last_year=0 if year == 2019 else 90) for year in (2019, 2020)),
    ]
    results = models(tmp_path, *rows)
    young = results.row("trends.school_consolidation", trend_school_code=code(2, 31), school_year=2020)
    assert (young["rate"], young["reason"]) == (None, "school_too_young")
    assert county(results)["schools_missing"] == 0


def test_grades_that_do_not_make_up_the_pupils_are_not_known(tmp_path: Path) -> None:
    rows = _one_cohort()
    rows[0]["enrolment"][0]["pupils"] = 130
    results = models(tmp_path, *rows)
    cohort = results.row(
        "trends.grade_cohort", level="county", stage="junior", school_year=2017, path="first_to_final_grade"
    )
    assert (cohort["ratio"], cohort["reason"], cohort["schools_missing_from"]) == (None, "component_missing", 1)
    assert county(results)["first_year_pupils"] is None


def test_blank_grades_that_the_others_make_up_are_noughts(tmp_path: Path) -> None:
    rows = [
        filed(code(1, 21), year, [20, 20, None, None, None, None], stage="primary", school_type="218")
        for year in (2019, 2020)
    ]
    flow = models(tmp_path, *rows)
    row = flow.row("core.school_flow", school_year=2020)
    assert (row["grade_6"], row["final_year_pupils"], row["pupils"]) == (0, 0, 40)


def test_entrants_to_junior_from_the_primary_graduates_of_the_same_return(tmp_path: Path) -> None:
    rows = [
        filed(code(1, 21), YEAR, [10] * 6, stage="primary", graduates=50, school_type="211"),
        filed(code(2, 31), YEAR, [49, 40, 40]),
    ]
    row = models(tmp_path, *rows).row("trends.grade_cohort", level="county", path="graduates_to_entrants")
    assert (row["pupils_from"], row["pupils_to"], row["ratio"], row["end_year"]) == (50, 49, 0.98, YEAR)


def test_without_any_return_there_are_empty_tables(tmp_path: Path) -> None:
    results = run_models(tmp_path, {}, only=TABLES)
    assert all(results.table(name).is_empty() for name in TABLES)
