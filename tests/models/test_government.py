"""Government work: items declared and computed, scores and totals, parts, items a province adds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import rules
from models.rule_tables import GOVERNMENT_MEASURES
from tests.models.helpers import (
    COUNTY,
    YEAR,
    Results,
    Rows,
    code,
    quarantined,
    rulebook_with,
    run_models,
    school,
    together,
)

#: The sample province (99) sets points and adds an item; a county elsewhere has the national rows only.
ELSEWHERE = "980101"
WORK, SCORE = "trends.government_work", "trends.government_score"


def run(folder: Path, rows: Rows, *, rulebook: Path = rules.FOLDER) -> Results:
    return run_models(folder, rows, only=[WORK, SCORE], rulebook=rulebook)


def declared(item: str, score: float | None = None, *, county: str = COUNTY, year: int = YEAR, **more: Any) -> Rows:
    row = {"school_year": year, "county_code": county, "item": item, "score": score, "evidence": "卷1", **more}
    return {"government_work": [row]}


def points_of(region: str) -> dict[str, float]:
    """Points by item of basic balance, as the rows of that region say."""
    lines = rules.load()["government_item_line"].filter(
        (pl.col("region_code") == region) & pl.col("points").is_not_null()
    )
    return dict(lines.select("item", "points").iter_rows())


def item_row(results: Results, item: str, *, county: str = COUNTY, year: int = YEAR) -> dict[str, Any]:
    return results.row(WORK, county_code=county, school_year=year, item=item)


def total(
    results: Results, *, county: str = COUNTY, standard: str = "basic_2012", block: str = "all"
) -> dict[str, Any]:
    return results.row(SCORE, county_code=county, school_year=YEAR, standard=standard, block=block)


def revenue(year: int, funds: float, before: float, revenue_now: float, revenue_before: float) -> Rows:
    rows = [("all", "education_funds", funds, before), ("all", "regular_revenue", revenue_now, revenue_before)]
    rows += [
        (stage, item, 110.0 + year - 2000, 100.0)
        for stage in ("primary", "junior")
        for item in ("expenditure_per_pupil", "public_use_per_pupil", "teacher_wage")
    ]
    return {
        "funding": [
            {"fiscal_year": year, "county_code": COUNTY, "stage": stage, "item": item, "value_yuan": value,
             "prior_value_yuan": prior}
            for stage, item, value, prior in rows
        ]
    }  # fmt: skip


def test_the_blocks_are_20_25_35_20_and_the_items_17_15_and_9() -> None:
    tables = rules.load()
    blocks = tables["government_block"].filter(pl.col("region_code") == "")
    assert blocks["points"].drop_nulls().to_list() == [20, 25, 35, 20]
    national = set(tables["government_item_line"].filter(pl.col("region_code") == "")["item"])
    items = tables["government_item"].filter((pl.col("part_of") == "") & pl.col("item").is_in(national))
    counted = {(s, b): n for s, b, n in items.group_by("standard", "block").len().iter_rows()}
    assert sum(n for (s, _), n in counted.items() if s == "basic_2012") == 17
    assert (counted["quality_2017", "assurance"], counted["quality_2017", "education_quality"]) == (15, 9)
    assert [counted["basic_2012", b] for b in ("access", "guarantee", "teachers", "quality")] == [4, 4, 4, 5]


def test_the_points_of_a_region_add_up_to_its_blocks() -> None:
    tables = rules.load()
    blocks = dict(tables["government_block"].filter(pl.col("region_code") == "").select("block", "points").iter_rows())
    where = dict(tables["government_item"].select("item", "block").iter_rows())
    sums: dict[str, float] = {}
    for item, points in points_of("99").items():
        sums[where[item]] = sums.get(where[item], 0) + points
    assert sums == {block: points for block, points in blocks.items() if points is not None}


def test_lines_of_items_are_those_of_the_trend_tables() -> None:
    tables = rules.load()
    lines = tables["government_item_line"].filter(pl.col("region_code") == "")
    line = dict(lines.select("item", "line").iter_rows())
    threshold = tables["threshold"].filter(
        (pl.col("measure") == "cohort_consolidation_rate") & (pl.col("stage") == "junior")
        & (pl.col("standard") == "quality_2017") & (pl.col("region_code") == "")
    )  # fmt: skip
    assert line["junior_consolidation"] == threshold["value"].item()
    funding = tables["funding_line"].filter(
        (pl.col("test") == "training_of_public_use") & (pl.col("region_code") == "")
    )
    assert line["training_funds_share"] == funding["value"].item()


def test_scores_are_summed_and_held_against_85(tmp_path: Path) -> None:
    points = points_of("99")
    full = together(*(declared(item, value) for item, value in points.items()))
    results = run(tmp_path, full)
    whole = total(results)
    assert (whole["items"], whole["score"], whole["points"], whole["line"]) == (18, 100, 100, 85)
    assert (whole["verdict"], whole["margin"], whole["reason"]) == (True, 15, None)
    assert total(results, block="teachers")["score"] == 35


def test_a_partial_sum_is_no_total_and_names_what_is_missing(tmp_path: Path) -> None:
    points = points_of("99")
    rows = together(
        *(declared(item, value) for item, value in points.items() if item not in ("staffing", "lighter_workload"))
    )
    whole = total(run(tmp_path, rows))
    assert (whole["score"], whole["verdict"], whole["reason"]) == (None, None, "items_missing")
    assert (whole["partial_score"], whole["best_possible"]) == (88, 100)
    assert (whole["items_missing"], whole["missing"]) == (2, "staffing,lighter_workload")
    assert whole["declared_score"] is None


def test_a_county_whose_best_is_under_the_line_fails_already(tmp_path: Path) -> None:
    rows = together(*(declared(item, 0.0) for item in ("performance_pay", "staffing")))
    whole = total(run(tmp_path, rows))
    assert (whole["best_possible"], whole["score"], whole["verdict"], whole["reason"]) == (82, None, False, None)


def test_without_points_of_items_the_rest_of_the_block_is_what_they_can_bring(tmp_path: Path) -> None:
    rows = together(declared("performance_pay", 12.0, county=ELSEWHERE), declared("staffing", 30.0, county=ELSEWHERE))
    results = run(tmp_path, rows)
    block = total(results, county=ELSEWHERE, block="teachers")
    assert block["reason"] == "above_points", "42 of 35 points"
    assert total(results, county=ELSEWHERE, block="access")["best_possible"] == 20
    assert item_row(results, "staffing", county=ELSEWHERE)["points"] is None
    assert results.table(WORK, county_code=ELSEWHERE, item="example_campus_safety").is_empty(), (
        "added by another province"
    )


def test_a_score_above_the_points_of_its_item_is_not_taken(tmp_path: Path) -> None:
    row = item_row(run(tmp_path, declared("lighter_workload", 3.5)), "lighter_workload")
    assert (row["points"], row["score"], row["reason"]) == (3, None, "above_points")


def test_three_increases_are_computed_and_the_difference_is_shown(tmp_path: Path) -> None:
    good = together(*(revenue(year, 112.0, 100.0, 108.0, 100.0) for year in (2018, 2019)))
    bad = revenue(2020, 105.0, 100.0, 108.0, 100.0)
    results = run(tmp_path, together(good, bad, declared("funding_three_increases", 8.0)))
    row = item_row(results, "funding_three_increases")
    assert (row["computed_meets"], row["computed_score"], row["declared_score"]) == (False, 0, 8)
    assert (row["score"], row["source"], row["score_difference"], row["differs"]) == (0, "computed", 8, True)
    assert (row["verdict"], row["reason"]) == (False, None)
    assert total(results)["differing"] == "funding_three_increases"
    met = item_row(
        run(tmp_path / "met", together(good, revenue(2020, 112.0, 100.0, 108.0, 100.0))), "funding_three_increases"
    )
    assert (met["computed_meets"], met["score"], met["differs"], met["evidence"]) == (True, 8, None, None)


def test_the_rulebook_may_let_the_declared_count(tmp_path: Path) -> None:
    rows = together(
        *(revenue(y, 105.0, 100.0, 108.0, 100.0) for y in (2018, 2019, 2020)), declared("funding_three_increases", 8.0)
    )
    choice = f"government_work_source,,declared,{COUNTY},2020,2020,地方文件,测试"
    results = run(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", {"choice": [choice]}))
    row = item_row(results, "funding_three_increases")
    assert (row["score"], row["source"], row["differs"]) == (8, "declared", True)


def test_training_funds_bring_points_in_proportion(tmp_path: Path) -> None:
    rows = {
        "funding": [
            {"fiscal_year": YEAR, "county_code": COUNTY, "stage": "all", "item": item, "value_yuan": value}
            for item, value in (("training_funds", 4.0), ("public_use_funds", 100.0))
        ]
    }
    results = run(
        tmp_path, together(rows, declared("training_funds", 8.0), declared("training_funds_share", rate=0.05))
    )
    basic, quality = item_row(results, "training_funds"), item_row(results, "training_funds_share")
    assert basic["score"] == pytest.approx(8 * 0.04 / 0.05)
    assert (quality["verdict"], quality["declared_meets"], quality["differs"]) == (False, True, True)
    assert quality["value_difference"] == pytest.approx(0.01) and quality["margin"] == pytest.approx(-0.01)


def test_an_item_is_met_when_all_its_parts_are(tmp_path: Path) -> None:
    rows = together(
        declared("nearby_primary", rate=1.0), declared("nearby_junior", rate=0.95),
        declared("monitoring_level", value=3.0), declared("monitoring_spread", rate=0.15),
        declared("exchange_rate", rate=0.12),
    )  # fmt: skip
    results = run(tmp_path, rows)
    assert item_row(results, "nearby_enrolment")["verdict"] is True
    assert item_row(results, "monitoring_spread")["verdict"] is False, "the line is below 0.15"
    assert item_row(results, "national_monitoring")["verdict"] is False
    exchange = item_row(results, "exchange")
    assert (exchange["verdict"], exchange["reason"]) == (None, "value_missing"), "the backbone share lacks"
    whole = total(results, standard="quality_2017")
    assert (whole["verdict"], whole["failed"]) == (False, "national_monitoring")
    assert whole["items"] == 24, "parts are no items of their own"


def test_migrants_children_in_public_schools(tmp_path: Path) -> None:
    def one(number: int, operator: str, migrants: int | None) -> Rows:
        rows = school(code(number), 200, operator=operator)
        rows["enrolment"][0]["migrant_children"] = migrants
        return rows

    known = together(one(1, "831", 60), one(2, "999", 40))
    row = item_row(run(tmp_path / "known", known), "migrants_in_public_schools")
    assert (row["computed_value"], row["verdict"]) == (0.6, False)
    missing = item_row(run(tmp_path / "missing", together(known, one(3, "831", None))), "migrants_in_public_schools")
    assert (missing["computed_value"], missing["computed_reason"], missing["verdict"]) == (None, "missing_values", None)
    bad = item_row(
        run(tmp_path / "bad", together(known, quarantined("enrolment", code(4), stage="primary"))),
        "migrants_in_public_schools",
    )
    assert bad["computed_reason"] == "missing_values"


def test_why_an_item_has_no_score_or_verdict(tmp_path: Path) -> None:
    rows = together(
        declared("physical_fitness", rate=0.93),
        declared("school_layout", met=1),
        declared("teachers_pay", evidence=None, met=0),
        quarantined("government_work", None, row_key=f"{COUNTY}|full_curriculum"),
    )
    results = run(tmp_path, rows)
    fitness = item_row(results, "physical_fitness")
    assert (fitness["declared_meets"], fitness["score"], fitness["reason"]) == (True, None, "value_missing")
    assert item_row(results, "full_curriculum")["reason"] == "quarantined"
    assert item_row(results, "no_key_schools")["reason"] == "not_reported"
    assert (item_row(results, "school_layout")["verdict"], item_row(results, "teachers_pay")["verdict"]) == (
        True,
        False,
    )
    assert item_row(results, "teachers_pay")["evidence_missing"] is True
    assert item_row(results, "school_layout")["computed_reason"] == "not_computed"
    table = results.table(WORK)
    scored = (
        pl.when(pl.col("standard") == "basic_2012").then(pl.col("score")).otherwise(pl.col("verdict").cast(pl.Float64))
    )
    assert table.filter(scored.is_null() == pl.col("reason").is_null()).is_empty()


def test_every_measure_of_the_rulebook_is_one_the_model_can_make() -> None:
    used = set(rules.load()["government_item"]["computed_from"]) - {"declared"}
    assert used <= set(GOVERNMENT_MEASURES)
    sql = (rules.FOLDER.parent / "trends" / "government_measure.sql").read_text(encoding="utf-8")
    assert len(used) >= 10 and [name for name in used if f"'{name}'" not in sql] == []


POINTS = points_of("99")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tenths=st.fixed_dictionaries({item: st.none() | st.integers(0, 10) for item in POINTS}))
def test_scores_against_independent_sums(
    tmp_path_factory: pytest.TempPathFactory, tenths: dict[str, int | None]
) -> None:
    scores = {item: Fraction(POINTS[item]) * n / 10 for item, n in tenths.items() if n is not None}
    rows = together(*(declared(item, float(score)) for item, score in scores.items()), declared("school_layout", met=1))
    whole = total(run(tmp_path_factory.mktemp("scores"), rows))
    missing = [item for item in POINTS if item not in scores]
    best = sum(scores.values()) + sum(Fraction(POINTS[item]) for item in missing)
    assert (whole["partial_score"] or 0) == pytest.approx(float(sum(scores.values())))
    assert whole["best_possible"] == pytest.approx(float(best))
    assert set((whole["missing"] or "").split(",")) - {""} == set(missing)
    if missing:
        assert whole["score"] is None
        assert whole["verdict"] is (False if best < 85 else None)
    else:
        assert whole["verdict"] is (sum(scores.values()) >= 85)
