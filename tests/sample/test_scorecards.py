"""Scorecards, recognition, early warning and planted cases of the sample, recomputed from what the generators said."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from pipelines.sample import funding
from pipelines.sample.names import County
from pipelines.sample.supervision import FALLS_BACK
from pipelines.sample.world import World
from tests.models.exact_trend import trend
from tests.models.helpers import Results, Rows, run_models
from tests.models.plain_walk import walk
from tests.sample.conftest import SEED, YEARS
from tests.sample.sample_rows import sample_rows

BASIC, QUALITY, PART = "trends.basic_scorecard", "trends.quality_scorecard", "trends.scorecard_part"
WARNING, SERIES = "trends.early_warning", "core.warning_series"
TABLES = (BASIC, QUALITY, WARNING, "trends.unaddressed_failure", "trends.funding_verdict")
STAGES = ("primary", "junior")
Verdicts = dict[int, bool | None]


@pytest.fixture(scope="module")
def rows(world: World) -> Rows:
    return sample_rows(world, SEED)


@pytest.fixture(scope="module")
def results(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_models(tmp_path_factory.mktemp("scorecards"), rows, only=TABLES)


def every(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def by_year(results: Results, county: County, column: str = "verdict", table: str = BASIC) -> dict[int, Any]:
    frame = results.table(table, county_code=county.code)
    return dict(frame.select("school_year", column).iter_rows())


def recomputed(results: Results, rows: Rows, county: County, year: int) -> bool | None:
    """The four parts of basic balance: schools and coefficients by their own tables, survey and score by hand."""
    here = {"county_code": county.code, "school_year": year}
    attains = [
        every(
            results.table("trends.school_standard", stage=stage, **here)
            .filter(pl.col("pupils") > 0)["attains"]
            .to_list()
        )
        for stage in STAGES
    ]
    lines = {"primary": Fraction(65, 100), "junior": Fraction(55, 100)}
    coefficients: list[bool | None] = []
    for stage in STAGES:
        eight = results.table("trends.differential_coefficient", stage=stage, standard="basic_2012", **here)
        assert eight.height == 8 and eight["coefficient"].null_count() == 0
        coefficients.append(math.fsum(eight["coefficient"]) / 8 <= float(lines[stage]) + 1e-12)
    survey = results.row("trends.satisfaction", standard="basic_2012", group="all", **here)
    told = [
        row for row in rows["satisfaction_group"] if (row["county_code"], row["school_year"]) == (county.code, year)
    ]
    if survey["source"] == "totals" and survey["weighting"] == "pooled":
        rate = Fraction(sum(r["satisfied"] for r in told), sum(r["valid"] for r in told))
        assert survey["satisfaction"] == pytest.approx(float(rate))
    items = results.table("trends.government_work", standard="basic_2012", part_of="", **here).filter("counts")
    points = None if items["score"].null_count() else math.fsum(items["score"])
    return every([*attains, *coefficients, None if points is None else points >= 85, survey["satisfaction"] >= 0.85])


def test_every_verdict_on_basic_balance(results: Results, rows: Rows, world: World) -> None:
    seen = set()
    for county in world.counties:
        for year, verdict in by_year(results, county).items():
            assert verdict is recomputed(results, rows, county, year), (county.code, year)
            seen.add(verdict)
    assert seen >= {True, False}


def test_every_standing_follows_from_verdicts_and_recognitions(results: Results, rows: Rows, world: World) -> None:
    recognised = {row["county_code"]: row["recognised_year"] for row in rows["recognition"]}
    assert len(recognised) == len(world.counties) - 1
    for county in world.counties:
        verdicts: Verdicts = by_year(results, county)
        first = recognised.get(county.code)
        states: dict[int, tuple[str, int | None]] = {
            year: ("unreported", None) if first is None
            else ("not_recognised", None) if year < first
            else ("recognised", first)
            for year in verdicts
        }  # fmt: skip
        frame = results.table(BASIC, county_code=county.code).sort("school_year")
        assert frame.select("standing", "retreat_since", "retreat_years", "recovered_in").rows() == walk(
            verdicts, states
        )


def test_a_recognised_county_falls_back(results: Results, world: World) -> None:
    """Its schools draw apart again five years after they were recognised as balanced; the line is crossed in the last."""
    county = world.counties[FALLS_BACK - 1]
    since = by_year(results, county, "recognised_since")[YEARS[-1]]
    assert since is not None and by_year(results, county)[since] is True
    last = results.row(BASIC, county_code=county.code, school_year=YEARS[-1])
    assert (last["standing"], last["retreat"], last["verdict_when_recognised"]) == ("retreat", True, True)
    assert "composite_coefficient/primary" in last["retreat_parts"].split(",")
    part = results.row(
        PART, county_code=county.code, school_year=YEARS[-1], part="composite_coefficient", stage="primary"
    )
    assert part["margin"] < 0 and part["margin_change"] < 0 and part["retreat_since"] == YEARS[-1]
    warning = results.row(WARNING, county_code=county.code, measure="composite_coefficient", stage="primary")
    assert (warning["status"], warning["span"]) == ("already_beyond", "recent") and warning["margin_slope"] < 0
    others = results.table(BASIC, school_year=YEARS[-1]).filter(pl.col("county_code") != county.code)
    assert not others["retreat"].any()


def test_what_will_follow_is_warned_of(results: Results, world: World) -> None:
    """Other figures of the county that falls back are within their lines still, and are told to cross them next."""
    code = world.counties[FALLS_BACK - 1].code
    coming = results.table(WARNING, status="worsening_towards_line", span="recent")
    assert set(coming["county_code"]) == {code} and (coming["margin"] >= 0).all()
    projected = coming.filter(pl.col("projected_year").is_not_null())
    assert not projected.is_empty() and projected["projected_year"].is_between(YEARS[-1] + 1, YEARS[-1] + 10).all()


def test_every_trend_recomputed_with_fractions(results: Results) -> None:
    series = results.table(SERIES).sort("school_year")
    key = ["county_code", "standard", "stage", "measure", "indicator"]
    parts = series.partition_by(key, as_dict=True)
    warnings = results.table(WARNING)
    assert warnings.height == len(parts) > 100
    statuses = set()
    for row in warnings.iter_rows(named=True):
        points = parts[tuple(row[name] for name in key)]
        basis = points["basis"][-1]
        told = [
            (year, Fraction(round(v, 12)))
            for year, v, b in points.select("school_year", "value", "basis").rows()
            if b == basis
        ]
        told = [point for point in told if row["first_year"] <= point[0]]
        assert row["points"] == len(told)
        statuses.add(row["status"])
        if row["slope"] is None:
            assert len(told) < 5
            continue
        exact = trend(told)
        assert (row["kendall_s"], row["p_value"]) == (exact.kendall_s, pytest.approx(float(exact.p_value), abs=1e-10))
        assert row["slope"] == pytest.approx(float(exact.slope), abs=1e-12)
        assert (row["slope_lower"], row["slope_upper"]) == pytest.approx(
            (float(exact.lower), float(exact.upper)), abs=1e-12
        )
    assert statuses >= {"already_beyond", "improving", "no_trend", "too_few_points"}


def test_entry_conditions(results: Results, rows: Rows) -> None:
    recognised = {row["county_code"]: row["recognised_year"] for row in rows["recognition"]}
    composite = {
        (r["county_code"], r["stage"], r["school_year"]): r["composite"]
        for r in results.table("trends.composite_coefficient", standard="basic_2012").to_dicts()
    }
    lines = {"primary": 0.60, "junior": 0.50}
    for row in results.table(QUALITY).to_dicts():
        code, year = row["county_code"], row["school_year"]
        parts: list[bool | None] = [None if code not in recognised else year - recognised[code] >= 3]
        for stage, line in lines.items():
            values = [composite.get((code, stage, y)) for y in range(year - 2, year + 1)]
            parts.append(False if any(v is not None and v > line for v in values) else None if None in values else True)
        assert row["entry_verdict"] is every(parts), (code, year)


def test_the_declared_shares_of_exchange_are_those_of_the_own_list(results: Results) -> None:
    items = results.table("trends.government_work").filter(pl.col("item").is_in(["exchange_rate", "exchange_backbone"]))
    told = items.filter(pl.col("declared_value").is_not_null() & pl.col("computed_value").is_not_null())
    assert told.height > 60
    assert (told["value_difference"].abs() <= 0.0005 + 1e-9).all() and not told["differs"].any()


def test_the_other_planted_cases_are_there(results: Results, world: World) -> None:
    flipped = results.table("trends.funding_verdict").filter("verdicts_differ")
    case = (world.counties[funding.FLIP - 1].code, funding.planted_year(YEARS), "expenditure_per_pupil/junior")
    assert case in flipped.select("county_code", "fiscal_year", "differing_tests").rows()
    behind = results.table("trends.funding_verdict").filter(~pl.col("verdict"))
    assert behind.select("county_code", "fiscal_year", "failed").rows() == [
        (world.counties[funding.FALL_BEHIND - 1].code, funding.planted_year(YEARS), "funds_over_revenue/all")
    ]
    raw = results.table("trends.consolidation", level="county")["rate_raw"].drop_nulls()
    assert raw.max() > 1, "a rate over 100 %"  # type: ignore[operator]
    assert results.table("trends.teacher_exchange")["early_returns"].sum() > 0, "a stint that ends early"


def test_three_increases_of_the_county_are_those_of_its_figures(results: Results, world: World) -> None:
    """From the generator's figures: every growth above nought, funds ahead of revenue."""
    tests = ("expenditure_per_pupil", "public_use_per_pupil", "teacher_wage")
    for county in world.counties:
        told = {
            r["fiscal_year"]: r for r in results.table("trends.funding_verdict", county_code=county.code).to_dicts()
        }
        met = {}
        for year, figures in funding.simulate(county, YEARS, SEED).items():
            ahead = figures["all", "education_funds"].growth - figures["all", "regular_revenue"].growth
            met[year] = ahead > 1e-11 and all(figures[s, t].growth > 1e-11 for t in tests for s in STAGES)
            assert told[year]["verdict"] is met[year], (county.code, year)
            run = [met.get(y) for y in range(year - 2, year + 1)]
            assert told[year]["run_verdict"] is every(run)
