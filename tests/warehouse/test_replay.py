"""Models run in memory over other inputs: in order, again, and with the failing one named."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.replay import ReplayError, inputs_of, replay, upstream
from warehouse.sqlmodels import SqlModel


def _model(name: str, sql: str, *depends: str) -> SqlModel:
    return SqlModel(name, Path(f"{name}.sql"), sql, "", "", "", (), {}, depends)


MODELS = {
    "core.doubled": _model("core.doubled", "select 2 * v as v from returns.t", "returns.t"),
    "core.other": _model("core.other", "select * from returns.u", "returns.u"),
    "trends.total": _model("trends.total", "select sum(v) as v from core.doubled", "core.doubled"),
}


def test_only_what_is_wanted_and_what_it_reads() -> None:
    assert upstream(MODELS, ["trends.total"]) == ["core.doubled", "trends.total"]
    assert inputs_of(MODELS, ["trends.total"]) == ["returns.t"]


def test_a_second_run_sees_the_inputs_of_then() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema returns; create table returns.t as select 1 as v")
        replay(connection, MODELS, ["trends.total"])
        assert connection.sql("from trends.total").fetchall() == [(2,)]
        connection.execute("insert into returns.t values (10)")
        replay(connection, MODELS, ["trends.total"])
        assert connection.sql("from trends.total").fetchall() == [(22,)]


def test_the_model_that_cannot_be_run_is_named() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema returns; create table returns.t as select 'x' as w")
        with pytest.raises(ReplayError, match=r"core\.doubled"):
            replay(connection, MODELS, ["trends.total"])
