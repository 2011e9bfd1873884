"""Supervision on the sample: files → reader → SQL against what the generator said, recomputed without SQL."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models import rules
from pipelines.intake.assemble import assemble, bindings
from pipelines.intake.receive import receive
from pipelines.sample import exchange, names, supervision, write_sample
from pipelines.sample.supervision import Supervision
from pipelines.sample.world import build_world
from tests.models.helpers import Results, all_models
from tests.real.warehouse_of import RECEIVED
from warehouse.engine import DuckDBEngine
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.replay import upstream

COUNTIES, YEARS, SEED = 4, range(2016, 2022), 11
TABLES = (
    "trends.government_score", "trends.satisfaction", "trends.rectification", "trends.plan_attainment",
    "trends.unaddressed_failure",
)  # fmt: skip
CODES = [names.county(number).code for number in range(1, COUNTIES + 1)]


@pytest.fixture(scope="module")
def filed() -> dict[tuple[str, int], Supervision]:
    """What the generator says that every county filed."""
    world = build_world(COUNTIES, YEARS, SEED)
    told = {}
    for county in world.counties:
        staff = exchange.simulate(county, YEARS, SEED, world.returns)
        rates = {year: exchange.declared_rates(of_year) for year, of_year in staff.items()}
        of_county = supervision.simulate(county, YEARS, SEED, rates)
        told |= {(county.code, year): of_year for year, of_year in of_county.items()}
    return told


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The tables, from the sample's files."""
    folder = tmp_path_factory.mktemp("supervision")
    sample = write_sample(folder / "sample", counties=COUNTIES, years=YEARS, seed=SEED, faults=False)
    home = Home(folder / "home").ensure()
    with Ledger.open(home.ledger_url) as ledger:
        receive(home, ledger, sample.files, received_by="test", now=RECEIVED)
        for period in ledger.periods():
            assemble(home, ledger, period)
    bound: dict[str, list[Path]] = dict(bindings(home))
    bound |= {name: [path] for name, path in rules.write(folder / "rulebook").items()}
    files: dict[str, Path] = {}
    with DuckDBEngine(threads=1) as engine:
        for name, paths in bound.items():
            engine.bind(name, paths)
        for name in upstream(all_models(), TABLES):
            files[name] = folder / f"{name}.parquet"
            engine.run(all_models()[name].sql, files[name])
            engine.bind(name, [files[name]])
    return Results(files)


def _pooled(groups: list[dict[str, Any]]) -> tuple[int, int]:
    return sum(group["valid"] for group in groups), sum(group["satisfied"] for group in groups)


def test_satisfaction(results: Results, filed: dict[tuple[str, int], Supervision]) -> None:
    for (county, year), told in filed.items():
        row = results.row(
            "trends.satisfaction", county_code=county, school_year=year, standard="basic_2012", group="all"
        )
        valid, satisfied = _pooled(told.satisfaction_group)
        assert (row["totals_valid"], row["totals_satisfaction"]) == (valid, pytest.approx(satisfied / valid))
        if told.satisfaction_answer:
            of = {
                answer["respondent"]: answer["answer"]
                for answer in told.satisfaction_answer
                if answer["question"] == "0"
            }
            said = [word for word in of.values() if word is not None]
            happy = sum(word in ("very_satisfied", "satisfied", "fairly_satisfied") for word in said)
            assert (row["source"], row["valid"], row["returned"]) == ("answers", len(said), len(of))
            valid, satisfied = len(said), happy
        else:
            assert (row["source"], row["sources_differ"]) == ("totals", False)
        assert row["satisfaction"] == pytest.approx(satisfied / valid)
        if valid >= 450:
            assert row["verdict"] is (20 * satisfied >= 17 * valid)
        z, share = 1.959963984540054, satisfied / valid
        for end in (row["lower"], row["upper"]):
            assert abs(share - end) == pytest.approx(z * math.sqrt(end * (1 - end) / valid)), (
                "Wilson's ends by definition"
            )


def test_the_survey_whose_answers_and_totals_differ(results: Results) -> None:
    told = results.table("trends.satisfaction", standard="basic_2012", group="all").filter("sources_differ")
    assert told.select("county_code", "school_year").rows() == [(CODES[supervision.DISCORDANT - 1], YEARS[-2])]


def test_government_scores(results: Results, filed: dict[tuple[str, int], Supervision]) -> None:
    work = results.table("trends.government_work", standard="basic_2012")
    computed = {
        (row["county_code"], row["school_year"], row["item"]): row["computed_score"]
        for row in work.iter_rows(named=True)
        if row["computed_score"] is not None
    }
    assert {item for _, _, item in computed} >= {"funding_three_increases", "training_funds"}
    for (county, year), told in filed.items():
        declared = {row["item"]: row["score"] for row in told.government_work if "score" in row}
        counted = {item: computed.get((county, year, item), score) for item, score in declared.items()}
        row = results.row(
            "trends.government_score", county_code=county, school_year=year, standard="basic_2012", block="all"
        )
        assert row["declared_score"] == pytest.approx(sum(declared.values()))
        assert row["score"] == pytest.approx(sum(counted.values())), (county, year)
        assert row["verdict"] is (sum(counted.values()) >= 85)
        differing = {
            item for item, score in declared.items() if (county, year, item) in computed and score != counted[item]
        }
        assert differing <= set((row["differing"] or "").split(","))


def test_the_share_of_training_funds_that_the_funding_return_does_not_bear_out(results: Results) -> None:
    rows = results.table("trends.government_work", item="training_funds_share").filter(
        pl.col("declared_value").is_not_null()
    )
    assert set(rows["county_code"]) == {CODES[supervision.PADDED - 1]} and rows.height == len(YEARS)
    funding = results.table("core.funding", stage="all")
    for row in rows.iter_rows(named=True):
        of = dict(
            funding.filter(
                (pl.col("county_code") == row["county_code"]) & (pl.col("fiscal_year") == row["school_year"])
            )
            .select("item", "value_yuan")
            .iter_rows()
        )
        share = of["training_funds"] / of["public_use_funds"]
        assert row["computed_value"] == pytest.approx(share)
        assert row["value_difference"] == pytest.approx(0.095 - share) and row["differs"] is True


def test_rectification(results: Results, filed: dict[tuple[str, int], Supervision]) -> None:
    for (county, year), told in filed.items():
        row = results.row("trends.rectification", county_code=county, school_year=year)
        last = date(year + 1, 8, 31)
        plain = [entry for entry in told.rectification if "indicator" not in entry]
        expected = Counter("closed" if e["closed"] else "overdue" if e["deadline"] < last else "open" for e in plain)
        assert (row["problems"], row["closed"], row["open"]) == (
            len(told.rectification),
            expected["closed"],
            expected["open"],
        )
        assert row["overdue"] == expected["overdue"] and row["vanished"] == 0
    overdue = results.table("trends.rectification").filter(pl.col("overdue") > 0)
    assert set(overdue["county_code"]) == {CODES[supervision.OVERDUE - 1]}
    soon = results.table("trends.rectification_problem").filter(pl.col("from_verdict"))
    assert soon.select("county_code", "status").rows() == [(CODES[supervision.CLOSED_TOO_SOON - 1], "still_failing")]


def test_every_failed_verdict_is_listed_unless_an_entry_answers_it(results: Results) -> None:
    failed = results.table("trends.verdict").filter(~pl.col("verdict"))
    listed = results.table("trends.unaddressed_failure")
    where = ["county_code", "school_year", "standard"]
    repeated = failed.join(failed, left_on=[*where, "rests_on"], right_on=[*where, "indicator"], how="semi")
    assert repeated.height > 0 and set(repeated["family"]) == {"government_work"}
    assert failed.height == listed.height + repeated.height + 1, "one entry answers one verdict"
    composite = results.table("trends.composite_coefficient").filter(~pl.col("verdict"))
    assert listed.filter(pl.col("indicator") == "composite_coefficient").height == composite.height


def test_plan(results: Results) -> None:
    verdicts = results.table("trends.composite_coefficient", standard="basic_2012")
    for row in results.table("trends.plan_attainment", standard="basic_2012").iter_rows(named=True):
        own = verdicts.filter(
            (pl.col("county_code") == row["county_code"]) & (pl.col("school_year") == row["school_year"])
        )["verdict"]
        assert row["attains"] == (
            None if own.is_empty() else False if not own.fill_null(True).all() else own.all(ignore_nulls=False)
        )
    quality = results.table("trends.plan_attainment", standard="quality_2017")
    assert set(quality.filter(pl.col("school_year") >= YEARS[len(YEARS) // 2])["postponed_years"]) == {2}
