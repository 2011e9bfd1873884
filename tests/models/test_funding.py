"""The three increases, the two that only increase, and shares: worked examples, rules of choice, properties."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from checks import contracts
from models.returns import CONTRACTS
from models.returns.funding import ITEMS
from tests.models.helpers import COUNTY, Results, Rows, all_models, quarantined, rulebook_with, run_models, together

CONTRACT = CONTRACTS["funding"]
GROWTH, GAP = "declared_growth_is_the_growth", "declared_gap_is_the_difference"
SWAPPED, YEARS = "share_and_growth_in_each_others_place", "years_in_each_others_place"
TABLES = ("trends.three_increases", "trends.two_only_increase", "trends.funding_shares")


def row(year: int, item: str, value: float | None = None, prior: float | None = None, **more: Any) -> Rows:
    """One row of the funding return; the whole county unless a stage is given."""
    key = {"fiscal_year": year, "county_code": COUNTY, "stage": "all", "item": item}
    return {"funding": [{**key, "value_yuan": value, "prior_value_yuan": prior, **more}]}


def junior(year: int, value: float, prior: float | None = None, **more: Any) -> Rows:
    return row(year, "expenditure_per_pupil", value, prior, stage="junior", **more)


def run(folder: Path, rows: Rows, **more: Any) -> Results:
    return run_models(folder, rows, only=TABLES, **more)


def verdict(
    results: Results, year: int, test: str, stage: str = "junior", table: str = "three_increases"
) -> dict[str, Any]:
    return results.row(f"trends.{table}", fiscal_year=year, test=test, stage=stage, county_code=COUNTY)


def test_national_junior_expenditure_of_2021_flips_on_the_restated_base(tmp_path: Path) -> None:
    """17,772.06 against 17,803.60 as published (−0.18 %); +1.74 % on the same basis (domain §3)."""
    rows = together(junior(2020, 17803.60), junior(2021, 17772.06, declared_growth=0.0174, basis="同口径"))
    found = verdict(run(tmp_path, rows), 2021, "expenditure_per_pupil")
    assert round(found["growth_published"] * 100, 2) == -0.18
    assert round(found["growth_restated"] * 100, 2) == 1.74
    assert (found["meets_published"], found["meets_restated"], found["verdicts_differ"]) == (False, True, True)
    assert (found["verdict"], found["verdict_base"], found["reason"]) == (True, "declared", None)
    assert found["margin_points"] == pytest.approx(1.74)


def test_the_rulebook_may_choose_the_published_base(tmp_path: Path) -> None:
    rows = together(junior(2020, 17803.60), junior(2021, 17772.06, 17468.11), junior(2022, 18000.0, 17772.06))
    line = "funding_growth_base,,published,9901,2021,2021,地方文件,测试"
    results = run(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", {"choice": [line]}))
    found = verdict(results, 2021, "expenditure_per_pupil")
    assert (found["verdict"], found["verdict_base"], found["verdicts_differ"]) == (False, "published", True)
    assert found["margin_points"] == pytest.approx((17772.06 / 17803.60 - 1) * 100)
    assert verdict(results, 2022, "expenditure_per_pupil")["verdict_base"] == "prior_value"
    assert verdict(results, 2020, "expenditure_per_pupil")["reason"] == "no_base"


def test_total_of_2015_grows_by_14_55_as_published_and_9_41_restated(tmp_path: Path) -> None:
    """Both are growth, so no verdict differs on growth alone; against revenue growing by 10 % it does."""
    now, published = 114.55, 100.0
    restated = now / 1.0941
    rows = together(
        row(2014, "education_funds", published), row(2014, "regular_revenue", 1000.0),
        row(2015, "education_funds", now, restated), row(2015, "regular_revenue", 1100.0, 1000.0),
    )  # fmt: skip
    found = verdict(run(tmp_path, rows), 2015, "funds_over_revenue", "all")
    assert found["growth_published"] == pytest.approx(0.1455)
    assert found["growth_restated"] == pytest.approx(0.0941)
    assert found["gap_published_points"] == pytest.approx(4.55)
    assert found["gap_restated_points"] == pytest.approx(-0.59)
    assert (found["meets_published"], found["meets_restated"], found["verdict"]) == (True, False, False)
    assert found["verdicts_differ"] is True


def test_growth_equal_to_the_growth_of_revenue_is_not_above_it(tmp_path: Path) -> None:
    rows = together(row(2020, "education_funds", 1.1, 1.0), row(2020, "regular_revenue", 3.3, 3.0))
    found = verdict(run(tmp_path, rows), 2020, "funds_over_revenue", "all")
    assert (found["verdict"], round(found["gap_restated_points"], 9)) == (False, 0)


def test_why_there_is_no_verdict(tmp_path: Path) -> None:
    rows = together(
        row(2018, "education_funds", 10.0, 9.0),
        row(2019, "regular_revenue", 10.0, 9.0),
        row(2020, "education_funds", declared_share=0.2),
        row(2021, "education_funds", 12.0, 11.0),
        quarantined("funding", None, year=2021, row_key=f"{COUNTY}|all|regular_revenue"),
        junior(2018, 5.0),
        row(2018, "public_use_per_pupil", None, 4.0, stage="junior"),
    )
    results = run(tmp_path, rows)
    reasons = {
        (r["fiscal_year"], r["test"], r["stage"]): r["reason"]
        for r in results.table("trends.three_increases", county_code=COUNTY).iter_rows(named=True)
    }
    assert reasons[2018, "funds_over_revenue", "all"] == "compared_missing"
    assert reasons[2019, "funds_over_revenue", "all"] == "not_reported"
    assert reasons[2020, "funds_over_revenue", "all"] == "value_missing"
    assert reasons[2021, "funds_over_revenue", "all"] == "quarantined"
    assert reasons[2018, "expenditure_per_pupil", "junior"] == "no_base"
    assert reasons[2018, "public_use_per_pupil", "junior"] == "value_missing"
    assert reasons[2018, "teacher_wage", "primary"] == "not_reported"
    assert (
        results.table("trends.three_increases")
        .filter(pl.col("verdict").is_null() == pl.col("reason").is_null())
        .is_empty()
    )


def test_every_test_that_counts_is_there_for_every_year_and_others_only_where_reported(tmp_path: Path) -> None:
    rows = together(
        row(2018, "expenditure_per_pupil", 8.0, 7.0, stage="kindergarten"),
        row(2020, "expenditure_per_pupil", 9.0, 8.0, stage="primary"),
    )
    table = run(tmp_path, rows).table("trends.three_increases")
    counted = {("funds_over_revenue", "all")} | {
        (test, stage)
        for test in ("expenditure_per_pupil", "public_use_per_pupil", "teacher_wage")
        for stage in ("primary", "junior")
    }
    for year in (2018, 2019, 2020):
        of_year = table.filter(pl.col("fiscal_year") == year)
        assert set(of_year.select("test", "stage").iter_rows()) == counted | {("expenditure_per_pupil", "kindergarten")}
        assert set(of_year.filter("binding").select("test", "stage").iter_rows()) == counted


def test_the_run_of_three_years(tmp_path: Path) -> None:
    """Met 2016–2018, missed 2019, met 2020–2021, not reported 2022, met 2023."""
    growth = {2016: 1, 2017: 1, 2018: 1, 2019: -1, 2020: 1, 2021: 1, 2023: 1}
    rows = together(*(junior(year, 100.0 + step, 100.0) for year, step in growth.items()))
    results = run(tmp_path, rows)
    found = {y: verdict(results, y, "expenditure_per_pupil") for y in range(2016, 2024)}
    assert {y: (r["years_met"], r["run_verdict"]) for y, r in found.items()} == {
        2016: (1, None), 2017: (2, None), 2018: (3, True), 2019: (0, False), 2020: (1, False), 2021: (2, False),
        2022: (0, None), 2023: (1, None),
    }  # fmt: skip


def test_the_length_of_the_run_is_the_rulebooks(tmp_path: Path) -> None:
    rows = together(junior(2020, 2.0, 1.0), junior(2021, 2.0, 1.0))
    line = "funding_run_years,,2,99,2000,,地方文件,测试"
    results = run(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", {"choice": [line]}))
    assert verdict(results, 2021, "expenditure_per_pupil")["run_verdict"] is True


def test_two_only_increase_begins_in_2018_and_a_standstill_is_no_fall(tmp_path: Path) -> None:
    values = {2016: 10.0, 2017: 9.0, 2018: 9.0, 2019: 8.0, 2020: 8.5}
    rows = together(*(row(year, "education_expenditure", value) for year, value in values.items()))
    table = run(tmp_path, rows).table("trends.two_only_increase", test="education_expenditure").sort("fiscal_year")
    assert table["fiscal_year"].to_list() == [2018, 2019, 2020]
    assert table["verdict"].to_list() == [True, False, True]
    assert table["falls_so_far"].to_list() == [0, 1, 1]
    assert table["last_fall_year"].to_list() == [None, 2019, 2019]


def test_a_province_may_draw_a_line_of_its_own(tmp_path: Path) -> None:
    lines = [
        "public_use_per_pupil,junior,0.05,1,99,2000,,省级文件,测试",
        "expenditure_of_spending,all,0.2,1,99,2000,,省级文件,测试",
    ]
    rows = together(
        row(2020, "public_use_per_pupil", 104.0, 100.0, stage="junior"),
        row(2020, "education_expenditure", 19.0, 18.0), row(2020, "budget_spending", 100.0),
    )  # fmt: skip
    results = run(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", {"funding_line": lines}))
    found = verdict(results, 2020, "public_use_per_pupil")
    assert (found["verdict"], found["line_points"], found["document"]) == (False, 5.0, "省级文件")
    assert found["margin_points"] == pytest.approx(-1.0)
    share = results.row("trends.funding_shares", share="expenditure_of_spending")
    assert (share["meets"], share["binding"], share["reason"]) == (False, True, None)
    assert share["margin_points"] == pytest.approx(-1.0)


def test_shares_stand_beside_their_components(tmp_path: Path) -> None:
    rows = together(
        row(2020, "fiscal_education_funds", 39.0), row(2020, "gdp", 1000.0),
        row(2021, "fiscal_education_funds", 42.0), row(2021, "gdp", 1050.0),
        row(2020, "training_funds", 1.5), row(2020, "public_use_funds", 30.0), row(2020, "wage_bill", 61.0),
        row(2020, "education_funds", 80.0, declared_share=0.16),
    )  # fmt: skip
    results = run(tmp_path, rows)

    def share(year: int, name: str) -> dict[str, Any]:
        return results.row("trends.funding_shares", fiscal_year=year, share=name)

    gdp = share(2020, "fiscal_funds_of_gdp")
    assert (gdp["numerator_yuan"], gdp["denominator_yuan"], gdp["value"]) == (39.0, 1000.0, 0.039)
    assert (gdp["line"], gdp["binding"], gdp["meets"]) == (0.04, False, False)
    assert gdp["margin_points"] == pytest.approx(-0.1)
    exact = share(2021, "fiscal_funds_of_gdp")
    assert exact["meets"] is True
    assert exact["change_points"] == pytest.approx(0.1)
    training = share(2020, "training_of_public_use")
    assert (training["value"], training["meets"], training["binding"]) == (0.05, True, True)
    assert share(2020, "training_of_wages")["meets"] is False
    spending = share(2020, "funds_of_spending")
    assert (spending["value"], spending["value_from"], spending["reason"]) == (0.16, "declared", "no_line")
    assert share(2021, "training_of_public_use")["reason"] == "not_reported"


def test_a_county_of_two_former_ones_has_no_figure_and_a_renamed_one_goes_on(tmp_path: Path) -> None:
    rows = together(
        row(2009, "expenditure_per_pupil", 10.0, 9.0, stage="primary", county_code="110101"),
        row(2009, "expenditure_per_pupil", 12.0, 9.0, stage="primary", county_code="110103"),
        row(2014, "expenditure_per_pupil", 10.0, 9.0, stage="primary", county_code="110228"),
        row(2015, "expenditure_per_pupil", 11.0, stage="primary", county_code="110118"),
    )
    table = run(tmp_path, rows).table("trends.three_increases", test="expenditure_per_pupil", stage="primary")
    found = {(r["county_code"], r["fiscal_year"]): r for r in table.iter_rows(named=True)}
    assert found["110101", 2009]["reason"] == "several_codes"
    assert found["110118", 2015]["growth_published"] == pytest.approx(0.1)


def test_funding_alone_makes_no_coefficients(tmp_path: Path) -> None:
    results = run_models(tmp_path, junior(2020, 2.0, 1.0, county_name="甲县"))
    assert results.table("trends.differential_coefficient").is_empty()
    assert results.row("core.county", county_code=COUNTY)["county_name"] == "甲县"


_MONEY = st.integers(1, 10**12).map(lambda cents: cents / 100)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_MONEY, _MONEY, _MONEY, _MONEY), min_size=1, max_size=6))
def test_verdicts_equal_exact_fractions(tmp_path: Path, figures: list[tuple[float, float, float, float]]) -> None:
    years = range(2018, 2018 + len(figures))
    rows = together(
        *(
            part
            for year, (funds, funds_before, revenue, revenue_before) in zip(years, figures, strict=True)
            for part in (
                row(year, "education_funds", funds, funds_before),
                row(year, "regular_revenue", revenue, revenue_before),
            )
        )
    )
    results = run(tmp_path, rows)
    met = []
    for year, (funds, funds_before, revenue, revenue_before) in zip(years, figures, strict=True):
        gap = Fraction(funds) / Fraction(funds_before) - Fraction(revenue) / Fraction(revenue_before)
        found = verdict(results, year, "funds_over_revenue", "all")
        scale = max(1.0, funds / funds_before, revenue / revenue_before)
        assert abs(found["gap_restated_points"] - float(gap * 100)) <= 1e-11 * scale
        if abs(gap) > 1e-9 * scale:
            assert found["verdict"] is (gap > 0)
        met.append(found["verdict"])
        assert found["run_verdict"] is (False if False in met[-3:] else True if len(met) >= 3 else None)
        before = figures[year - 2019] if year > 2018 else None
        assert (found["meets_published"] is None) == (before is None)


def _apply(**fields: Any) -> list[tuple[str, str]]:
    """The rules of the contract that one row breaks, and the fields they name."""
    key = {"fiscal_year": 2020, "county_code": COUNTY, "stage": "all", "item": "education_funds"}
    schema = {name: info.dtype for name, info in CONTRACT.fields.items()}
    frame = pl.DataFrame([{**dict.fromkeys(schema), **key, **fields}], schema=schema)
    return list(contracts.apply(CONTRACT, frame.with_row_index()).failures.select("rule", "field").iter_rows())


@pytest.mark.parametrize(
    ("fields", "broken"),
    [
        ({}, []),
        ({"value_yuan": 110.0, "prior_value_yuan": 100.0, "declared_growth": 0.1}, []),
        ({"value_yuan": 17772.06, "prior_value_yuan": 17468.11, "declared_growth": 0.0174}, []),
        ({"value_yuan": 110.0, "prior_value_yuan": 100.0, "declared_growth": 0.1002}, [GROWTH]),
        ({"value_yuan": 110.0, "prior_value_yuan": 100.0, "declared_growth": 10.0}, [GROWTH]),
        # 亿元 with two decimals: 24.82 against 24.54 may be a growth of 1.10 to 1.18 percent
        ({"value_yuan": 24.82e8, "prior_value_yuan": 24.54e8, "declared_growth": 0.0112}, []),
        ({"value_yuan": 24.82e8, "prior_value_yuan": 24.54e8, "declared_growth": 0.0132}, [GROWTH]),
        ({"value_yuan": 100.0, "prior_value_yuan": 110.0, "declared_growth": 0.1}, [YEARS]),
        ({"declared_growth": 0.0252, "compared_growth": -0.1623, "declared_gap": 0.1875, "declared_share": 0.227}, []),
        ({"declared_growth": 0.0252, "compared_growth": 0.01, "declared_gap": 0.03}, [GAP]),
        (
            {"declared_growth": 0.1911, "compared_growth": 0.1778, "declared_gap": -0.177, "declared_share": 0.0008},
            [SWAPPED],
        ),
        (
            {"value_yuan": 110.0, "prior_value_yuan": 100.0, "declared_growth": 0.2, "declared_share": 0.1},
            [SWAPPED],
        ),
        ({"declared_share": 1.2}, ["value_out_of_range"]),
        ({"declared_growth": -1.2}, ["value_out_of_range"]),
        ({"value_yuan": -3.0}, ["value_out_of_range"]),
    ],
)  # fmt: skip
def test_rules_of_a_row(fields: dict[str, float], broken: list[str]) -> None:
    assert [rule for rule, _ in _apply(**fields)] == broken


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from([1, 10**4, 10**8]))
def test_a_growth_rounded_from_printed_figures_is_never_complained_of(now: int, before: int, unit: int) -> None:
    """Figures with two decimals in 元, 万元 or 亿元; growth in percent with two decimals, rounded half up."""
    value, prior = now * unit / 100, before * unit / 100
    growth = Fraction(now - before, before) * 10_000
    rounded = int((growth + Fraction(1, 2)) // 1) / 10_000
    assert _apply(value_yuan=value, prior_value_yuan=prior, declared_growth=rounded) == []


def test_items_of_the_rulebook_are_items_of_the_return() -> None:
    from models import rules

    tests = rules.load()["funding_test"]
    assert set(tests["item"]) | set(tests["against"]) - {""} <= set(ITEMS)


@pytest.mark.parametrize("name", [name for name in all_models() if "fund" in name or "increase" in name])
def test_no_number_of_a_regulation_stands_in_the_sql(name: str) -> None:
    """Nought, one, the hundred of a percent, what rounding may do; parts of a key."""
    numbers = {
        literal.this
        for literal in sqlglot.parse_one(all_models()[name].sql, read="duckdb").find_all(exp.Literal)
        if not literal.is_string
        and not isinstance(literal.parent, exp.Group | exp.Ordered)
        and literal.find_ancestor(exp.SplitPart) is None
    }
    assert numbers <= {"0", "1", "100", "1e-12", "1e-9"}
