"""Consolidation on the sample: plausible everywhere, recomputed by other means, one county above 100 % raw."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.sample.world import World
from tests.models.helpers import Results, run_models

TABLES = ("trends.consolidation", "trends.grade_cohort", "trends.class_size", "trends.county_standard")


@pytest.fixture(scope="module")
def results(world: World, tmp_path_factory: pytest.TempPathFactory) -> Results:
    rows = {form: frame.to_dicts() for form, frame in world.returns.items()}
    for row in rows["school_succession"]:
        del row["school_name"]
    return run_models(tmp_path_factory.mktemp("sample"), rows, only=TABLES)


def _by_county(world: World, form: str, *columns: str) -> pl.DataFrame:
    return world.returns[form].group_by("county_code", "school_year", "stage").agg(pl.col(*columns).sum())


def test_adjusted_rates_are_plausible(results: Results) -> None:
    frame = results.table("trends.consolidation", level="county").filter(pl.col("rate_a_raw").is_not_null())
    bounds = {"primary": (0.96, 1.03), "junior": (0.95, 1.03), "compulsory": (0.88, 1.03)}
    for stage, (lowest, highest) in bounds.items():
        of_stage = frame.filter(pl.col("stage") == stage)
        assert of_stage.height >= 6, stage
        for formula in "abc":
            assert of_stage[f"rate_{formula}_raw"].is_between(lowest, highest).all(), (stage, formula)
    annual = results.table("trends.consolidation", level="county")["annual_rate"].drop_nulls()
    assert annual.is_between(0.98, 1).all() and annual.max() < 1  # type: ignore[operator]


def test_raw_rates_are_graduates_over_the_entrants_of_the_returns(world: World, results: Results) -> None:
    """Where nothing is missing: by sums of the returns alone, without succession, shares or settings."""
    graduates = _by_county(world, "movement", "graduates")
    entrants = _by_county(world, "enrolment", "entrants")
    for stage, years in (("primary", 6), ("junior", 3)):
        of_stage = pl.col("stage") == stage
        both = graduates.filter(of_stage).join(
            entrants.filter(of_stage).with_columns(pl.col("school_year") + years),
            on=["county_code", "school_year", "stage"],
        )
        rates = results.table("trends.consolidation", level="county", stage=stage, schools_missing=0).join(
            both, left_on=["region_code", "school_year"], right_on=["county_code", "school_year"], suffix="_summed"
        )
        assert rates.height >= 18, stage
        exact = rates["graduates_summed"] / rates["entrants_summed"]
        assert ((rates["rate_d_raw"] - exact).abs() < 1e-12).all()


def test_the_annual_rate_is_that_of_the_movement_return(world: World, results: Results) -> None:
    sums = _by_county(world, "movement", "pupils_last_year", "withdrew", "suspended", "other_decrease")
    sums = sums.with_columns(
        (1 - pl.sum_horizontal("withdrew", "suspended", "other_decrease") / pl.col("pupils_last_year")).alias("exact")
    )
    rates = results.table("trends.consolidation", level="county").join(
        sums, left_on=["region_code", "school_year", "stage"], right_on=["county_code", "school_year", "stage"]
    )
    assert rates.height == 6 * 10 * 2
    assert ((rates["annual_rate"] - rates["exact"]).abs() < 1e-12).all()


def test_one_county_has_more_graduates_than_entrants(results: Results) -> None:
    frame = results.table("trends.consolidation", level="county", stage="junior").filter(pl.col("rate_d_raw") > 1.05)
    assert set(frame["region_code"]) == {"990106"}
    assert sorted(frame["school_year"]) == [2019, 2020]
    assert frame["rate_d_capped"].to_list() == [1.0, 1.0]
    assert frame["rate_a_raw"].is_between(0.95, 1.03).all()


def test_graduates_that_nobody_reported_withhold_the_verdict(results: Results) -> None:
    """A village school that is merged leaves a last class whose graduation stands in no return."""
    frame = results.table("trends.consolidation", level="county", stage="primary", reason="missing_values")
    assert not frame.is_empty()
    assert set(frame["missing_components"]) == {"graduates"}
    assert (frame["rate"].is_not_null() & frame["meets"].is_null()).all()


def test_conditions_and_the_example_standard_improve(results: Results) -> None:
    share = (
        results.table("trends.county_standard").group_by("school_year").agg(pl.col("share").mean()).sort("school_year")
    )
    assert share["share"][0] < 0.8
    assert share["share"][-1] == 1.0, "by the last year every school meets the example standard"
    large = (
        results.table("trends.class_size").group_by("school_year").agg(pl.col("large_share").mean()).sort("school_year")
    )
    assert large["large_share"][0] > 0.05 > large["large_share"][-1]


def test_grade_cohorts_agree_with_the_sums_of_the_grades(world: World, results: Results) -> None:
    grades = _by_county(world, "enrolment", "grade_1", "grade_6").filter(pl.col("stage") == "primary")
    later = grades.select("county_code", pl.col("school_year") - 5, pl.col("grade_6").alias("left"))
    both = grades.join(later, on=["county_code", "school_year"])
    ratios = results.table("trends.grade_cohort", level="county", stage="primary", path="first_to_final_grade")
    joined = ratios.join(both, left_on=["region_code", "school_year"], right_on=["county_code", "school_year"])
    assert joined.height == ratios.height == 6 * 5
    assert ((joined["ratio"] - joined["left"] / joined["grade_1"]).abs() < 1e-12).all()
