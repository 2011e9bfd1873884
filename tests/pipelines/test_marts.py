"""Marts know from what they were made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines import marts
from pipelines.marts import MartsStale, mart_path, run_models, stale_marts
from pipelines.publish import inputs
from pipelines.rulebook import rulebook_is_stale
from tests.pipelines.places import balance_models
from warehouse.engine import DuckDBEngine, EngineError
from warehouse.home import Home
from warehouse.replay import inputs_of


def test_marts_are_fresh_after_they_were_made_and_after_being_copied(modelled: Home) -> None:
    assert stale_marts(modelled, balance_models(), inputs(modelled)) == []


def test_running_again_gives_the_same_bytes(modelled: Home) -> None:
    before = {name: mart_path(modelled, name).read_bytes() for name in balance_models()}
    run_models(modelled, balance_models(), inputs(modelled))
    assert {name: mart_path(modelled, name).read_bytes() for name in balance_models()} == before


def test_another_rulebook_makes_what_reads_it_stale(modelled: Home) -> None:
    path = modelled.marts / "rulebook" / "threshold.parquet"
    pl.read_parquet(path).with_columns(value=pl.col("value") * 0.9).write_parquet(path)
    stale = stale_marts(modelled, balance_models(), inputs(modelled))
    assert "trends.composite_coefficient" in stale
    assert all("rulebook.threshold" in inputs_of(balance_models(), [name]) for name in stale)
    assert rulebook_is_stale(modelled)


def test_a_missing_mart_is_stale(modelled: Home) -> None:
    mart_path(modelled, "core.county").unlink()
    assert "core.county" in stale_marts(modelled, balance_models(), inputs(modelled))


def test_a_run_that_breaks_off_leaves_the_rest_stale(modelled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(modelled.marts / "core")
    shutil.rmtree(modelled.marts / "trends")
    (modelled.marts / "state.json").unlink()
    run = DuckDBEngine.run

    def break_off(self: DuckDBEngine, sql: str, out: Path, **more: object) -> int:
        if out.stem == "county_stage":
            raise EngineError("power cut")
        return run(self, sql, out, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(DuckDBEngine, "run", break_off)
    with pytest.raises(EngineError, match="power cut"):
        run_models(modelled, balance_models(), inputs(modelled))
    stale = stale_marts(modelled, balance_models(), inputs(modelled))
    assert "core.county_stage" in stale and "trends.composite_coefficient" in stale
    assert "core.county" not in stale


def test_a_run_that_was_taken_back_half_way_leaves_no_old_key_on_a_new_file(
    modelled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = modelled.marts / "rulebook" / "threshold.parquet"
    original = path.read_bytes()
    pl.read_parquet(path).with_columns(value=pl.col("value") * 0.9).write_parquet(path)
    run = DuckDBEngine.run

    def write_and_break_off(self: DuckDBEngine, sql: str, out: Path, **more: object) -> int:
        rows = run(self, sql, out, **more)  # type: ignore[arg-type]
        if out.stem == "region_line":
            raise EngineError("power cut")
        return rows

    monkeypatch.setattr(DuckDBEngine, "run", write_and_break_off)
    with pytest.raises(EngineError, match="power cut"):
        run_models(modelled, balance_models(), inputs(modelled))
    path.write_bytes(original)
    assert "core.region_line" in stale_marts(modelled, balance_models(), inputs(modelled))


def test_a_part_that_needs_what_was_never_made_says_so(received: Home) -> None:
    with pytest.raises(MartsStale, match=r"core\."):
        run_models(received, balance_models(), inputs(received), selected={"trends.composite_coefficient"})


def test_a_large_file_is_known_by_size_and_time(modelled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marts, "_SMALL", 0)
    run_models(modelled, balance_models(), inputs(modelled))
    assert stale_marts(modelled, balance_models(), inputs(modelled)) == []
    os.utime(modelled.staging / "returns" / "enrolment" / "2020.parquet", ns=(1, 1))
    assert "core.school_stage" in stale_marts(modelled, balance_models(), inputs(modelled))
