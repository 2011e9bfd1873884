"""The steps on a Dagster instance: partitions, ranges, checks, what the UI is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl
import pytest

from checks.rules import load_rules
from models.returns import CONTRACTS
from pipelines.content import sql_models
from pipelines.definitions import defs
from pipelines.instance import open_instance
from tests.pipelines.places import YEARS
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

_RETURNS = [dg.AssetKey(["returns", form]) for form in CONTRACTS]
_MODELS = [dg.AssetKey(name.split(".")) for name in sql_models()]
_RULES = dg.AssetKey(["audit", "rule_run"])
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance(received: Home) -> Iterator[dg.DagsterInstance]:
    with open_instance(received) as opened:
        yield opened


def _run(instance: dg.DagsterInstance, keys: list[dg.AssetKey], **more: Any) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("annual_monitoring")
    return job.execute_in_process(
        instance=instance, asset_selection=keys, run_config=_QUIET, raise_on_error=False, **more
    )


def _range(first: int, last: int) -> dict[str, dict[str, str]]:
    tags = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
    return {"tags": tags}


def _evaluated(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str, str | None], dg.AssetCheckEvaluation]:
    return {
        (each.asset_key.path[-1], each.check_name, each.partition): each
        for each in result.get_asset_check_evaluations()
    }


def test_a_backfill_of_many_years_is_one_run_with_a_result_for_each_year(
    received: Home, instance: dg.DagsterInstance
) -> None:
    result = _run(instance, _RETURNS, **_range(YEARS.start, YEARS.stop - 1))
    assert result.success
    for key in _RETURNS:
        assert instance.get_materialized_partitions(key) == {str(year) for year in YEARS}
    evaluated = _evaluated(result)
    assert len(evaluated) == len(CONTRACTS) * 3 * len(YEARS)
    for form in CONTRACTS:
        for year in YEARS:
            rows = pl.read_parquet(received.staging / "returns" / form / f"{year}.parquet").height
            (event,) = instance.fetch_materializations(
                dg.AssetRecordsFilter(dg.AssetKey(["returns", form]), asset_partitions=[str(year)]), limit=1
            ).records
            assert event.asset_materialization is not None
            assert event.asset_materialization.metadata["dagster/partition_row_count"].value == rows
            assert evaluated[form, "accepted_rows_hold_contract", str(year)].passed


def test_checks_count_and_show_the_failing_rows(received: Home, instance: dg.DagsterInstance) -> None:
    evaluated = _evaluated(_run(instance, _RETURNS, **_range(YEARS.start, YEARS.stop - 1)))
    seen = 0
    for year in YEARS:
        findings = pl.read_parquet(received.staging / "findings" / f"{year}.parquet").filter(~pl.col("superseded"))
        for form in CONTRACTS:
            for check, severity in (("hard_errors", "error"), ("queries", "query")):
                found = findings.filter((pl.col("form") == form) & (pl.col("severity") == severity))
                result = evaluated[form, check, str(year)]
                assert result.passed == found.is_empty()
                assert result.metadata["findings"].value == found.height
                assert not result.blocking and result.severity == dg.AssetCheckSeverity.WARN
                if not found.is_empty():
                    seen += 1
                    row = found.sort("file_name", "sheet", "row_number", "field", nulls_last=True).row(0, named=True)
                    sample = str(result.metadata["sample"].value)
                    assert row["rule"] in sample and row["message_zh"] in sample and str(row["cell"] or "") in sample
    assert seen >= 4, "the sample has planted faults in several returns"


def test_a_row_that_slipped_through_stops_everything_after_it(received: Home, instance: dg.DagsterInstance) -> None:
    assert _run(instance, _RETURNS, partition_key="2019").success
    path = received.staging / "returns" / "enrolment" / "2019.parquet"
    rows = pl.read_parquet(path)
    broken = pl.when(pl.int_range(pl.len()) == 3).then(-5).otherwise(pl.col("boarders")).alias("boarders")
    rows.with_columns(broken).write_parquet(path)
    result = _run(instance, [*_RETURNS, dg.AssetKey("rulebook"), *_MODELS], partition_key="2019")
    assert not result.success
    evaluation = _evaluated(result)["enrolment", "accepted_rows_hold_contract", "2019"]
    assert not evaluation.passed and evaluation.blocking
    assert evaluation.metadata["failures"].value == 1
    assert "boarders" in str(evaluation.metadata["sample"].value)
    assert {event.step_key for event in result.all_events if event.is_step_failure} == {"returns"}
    assert not (received.marts / "core").exists()


def test_one_return_alone_and_a_part_of_the_models_can_be_run(received: Home, instance: dg.DagsterInstance) -> None:
    enrolment = dg.AssetKey(["returns", "enrolment"])
    result = _run(instance, [enrolment], partition_key="2020")
    assert result.success
    assert {form for form, _, _ in _evaluated(result)} == {"enrolment"}
    assert instance.get_materialized_partitions(enrolment) == {"2020"}
    assert _run(instance, [dg.AssetKey("rulebook"), *_MODELS]).success
    before = (received.marts / "core" / "county.parquet").stat().st_mtime_ns
    part = dg.AssetKey(["trends", "composite_coefficient"])
    result = _run(instance, [part])
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [part]
    assert (received.marts / "core" / "county.parquet").stat().st_mtime_ns == before


def test_models_show_rows_and_typed_columns(received: Home, instance: dg.DagsterInstance) -> None:
    _run(instance, _RETURNS, **_range(YEARS.start, YEARS.stop - 1))
    result = _run(instance, [dg.AssetKey("rulebook"), *_MODELS])
    assert result.success
    (event,) = result.asset_materializations_for_node("models")[-1:]
    for materialization in result.asset_materializations_for_node("models"):
        name = ".".join(materialization.asset_key.path)
        metadata = materialization.metadata
        frame = pl.read_parquet(received.marts / f"{name.replace('.', '/')}.parquet")
        assert metadata["dagster/row_count"].value == frame.height
        columns = metadata["dagster/column_schema"].value.columns
        assert [column.name for column in columns] == frame.columns
        assert all(column.type and column.description for column in columns)
    assert event.metadata["seconds"].value >= 0


def test_every_rule_across_returns_is_a_check_with_its_counts_by_school_year(modelled: Home) -> None:
    with open_instance(modelled) as instance:
        result = _run(instance, [_RULES])
    assert result.success
    evaluated = {each.check_name: each for each in result.get_asset_check_evaluations() if each.asset_key == _RULES}
    found = pl.read_parquet(modelled.marts / "audit" / "rule_finding.parquet")
    assert evaluated.keys() == {rule.name for rule in load_rules()}
    for rule in load_rules():
        mine = found.filter(pl.col("rule") == rule.name)
        result_of = evaluated[rule.name]
        assert result_of.passed == mine.is_empty() and not result_of.blocking
        assert result_of.metadata["findings"].value == mine.height
        error = dg.AssetCheckSeverity.ERROR if rule.severity == "error" else dg.AssetCheckSeverity.WARN
        assert result_of.severity == error
        for row in mine.head(3).iter_rows(named=True):
            assert str(row["cell"]) in str(result_of.metadata["sample"].value)
            assert f"| {row['school_year']} |" in str(result_of.metadata["by_school_year"].value)
    assert not found.is_empty(), "the sample has planted faults that only rules across returns see"
    skipped = evaluated["county_totals_are_the_published"]
    assert "no rows: returns.county_summary" in str(skipped.description)


def test_a_refusal_fails_the_release_and_says_why(received: Home, instance: dg.DagsterInstance) -> None:
    with Ledger.open(received.ledger_url) as ledger:
        assert ledger.periods()
    keys = [dg.AssetKey("rulebook"), *_MODELS, _RULES, dg.AssetKey("release")]
    result = _run(instance, keys)  # models of no returns at all
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_key == "release"
    data = failure.step_failure_data.user_failure_data
    assert data is not None and data.description is not None and "nothing_to_publish" in data.description
    assert "nothing_to_publish" in str(data.metadata["objections"].value)
    assert Releases(received.releases).current() is None
