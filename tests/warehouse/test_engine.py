"""One query over Parquet files into one Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from warehouse.engine import DuckDBEngine, Engine, EngineError


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


def parquet(path: Path, **columns: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_runs_a_query_over_several_files_in_a_folder_of_any_name(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "学年 [1]*?'\""
    files = [parquet(folder / f"{year}.parquet", year=[year, year], n=[1, None]) for year in (2020, 2021)]
    parquet(folder / "20201.parquet", year=[1], n=[1])
    engine.bind("returns.enrolment", files)
    out = folder / "new" / "out.parquet"
    rows = engine.run(
        "-- zh: 表\nselect year, sum(n)::int as \"总 数\", ';' as s\nfrom returns.enrolment group by year; -- end\n",
        out,
        order_by=("year",),
    )
    assert rows == 2
    assert pl.read_parquet(out, glob=False).rows() == [(2020, 1, ";"), (2021, 1, ";")]
    assert [path.name for path in out.parent.iterdir()] == ["out.parquet"]
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_result_can_be_bound_and_read_by_the_next_query(tmp_path: Path, engine: Engine) -> None:
    out = tmp_path / "core" / "t.parquet"
    for value in range(20):
        engine.run(f"select {value} as v", out)
        engine.bind("core.t", [out])
        assert engine.describe("select v, v / 2 as half from core.t") == (("v", "INTEGER"), ("half", "DOUBLE"))
        engine.run("select v + 1 as w from core.t", tmp_path / "next.parquet")
        assert pl.read_parquet(tmp_path / "next.parquet")["w"].to_list() == [value + 1]


def test_an_empty_result_keeps_its_columns(tmp_path: Path, engine: Engine) -> None:
    assert engine.run("select 1::bigint as a, 'x' as b where false", tmp_path / "t.parquet", order_by=("a",)) == 0
    assert pl.read_parquet_schema(tmp_path / "t.parquet") == {"a": pl.Int64, "b": pl.String}


def test_order_by_sorts_nulls_first_and_gives_the_same_bytes_again(tmp_path: Path) -> None:
    source = parquet(tmp_path / "in.parquet", k=[f"k{n * 7919 % 1009}" for n in range(20_000)], x=[0.1] * 20_000)
    sql = "select nullif(k, 'k7') as k, sum(x) as total, count(*) as n from core.t group by k"
    contents = []
    for attempt in range(3):
        with DuckDBEngine(threads=2) as engine:
            engine.bind("core.t", [source])
            engine.run(sql, tmp_path / f"{attempt}.parquet", order_by=("k",))
        contents.append((tmp_path / f"{attempt}.parquet").read_bytes())
    assert contents[0] == contents[1] == contents[2]
    keys = pl.read_parquet(tmp_path / "0.parquet")["k"].to_list()
    assert keys[0] is None
    assert keys[1:] == sorted(keys[1:]) and len(keys) == 1009


def test_an_order_in_the_query_itself_is_kept(tmp_path: Path, engine: Engine) -> None:
    engine.run("select (range * 7919) % 1000003 as k from range(1000000) order by k desc", tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet")["k"].is_sorted(descending=True)


@pytest.mark.parametrize(
    ("sql", "order_by", "message"),
    [
        ("select nothing from core.t", (), "nothing"),
        ("select a from core.absent", (), "absent"),
        ("selec 1", (), "syntax error"),
        ("select 'open", (), "unterminated|Missing"),
        ("select 1 as a; select 2 as a", (), "one SELECT is expected; found: SELECT, SELECT"),
        ("drop view core.t", (), "one SELECT is expected; found: DROP"),
        ("-- nothing", (), "one SELECT is expected; found: nothing"),
        ("select 1 as a, 2 as a", (), "more than once: a"),
        ("select 1 as a", ("b",), "order_by names columns the query does not produce: b"),
        ("select ('x' || a)::int as b from core.t", (), "out.parquet: Conversion"),
    ],
)
def test_a_query_that_fails_leaves_the_old_result(
    tmp_path: Path, engine: Engine, sql: str, order_by: tuple[str, ...], message: str
) -> None:
    engine.bind("core.t", [parquet(tmp_path / "in" / "t.parquet", a=[1])])
    out = tmp_path / "out" / "out.parquet"
    engine.run("select 1 as old", out)
    with pytest.raises(EngineError, match=message):
        engine.run(sql, out, order_by=order_by)
    assert pl.read_parquet(out).columns == ["old"]
    assert [path.name for path in out.parent.iterdir()] == ["out.parquet"]
    engine.run("select a from core.t", out)


def test_the_line_in_a_message_is_the_line_in_the_file(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(EngineError, match="LINE 3"):
        engine.run("-- zh: x\nselect\n    wrong\n", tmp_path / "t.parquet")


def test_files_with_different_columns_are_not_half_read(tmp_path: Path, engine: Engine) -> None:
    old = parquet(tmp_path / "2019.parquet", a=["1"])
    new = parquet(tmp_path / "2020.parquet", a=[1], b=[2])
    with pytest.raises(EngineError) as told:
        engine.bind("returns.t", [old, new])
    assert "table returns.t" in str(told.value) and str(new) in str(told.value)
    assert "a BIGINT (not VARCHAR), b BIGINT (not there)" in str(told.value)
    with pytest.raises(EngineError, match="b missing"):
        engine.bind("returns.t", [new, parquet(tmp_path / "2021.parquet", a=[1])])


def test_the_order_of_columns_may_differ_between_files(tmp_path: Path, engine: Engine) -> None:
    engine.bind(
        "returns.t", [parquet(tmp_path / "1.parquet", a=[1], b=["x"]), parquet(tmp_path / "2.parquet", b=["y"], a=[2])]
    )
    engine.run("select a, b from returns.t", tmp_path / "out.parquet", order_by=("a",))
    assert pl.read_parquet(tmp_path / "out.parquet").rows() == [(1, "x"), (2, "y")]


@pytest.mark.parametrize("name", ["t", "a.b.c", "Core.t", "core.t; drop", "core.", ""])
def test_a_name_is_schema_and_table(tmp_path: Path, engine: Engine, name: str) -> None:
    with pytest.raises(EngineError, match="not a table name"):
        engine.bind(name, [parquet(tmp_path / "t.parquet", a=[1])])


def test_files_that_cannot_be_bound_are_named(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(EngineError, match=r"table core\.t: no Parquet file given"):
        engine.bind("core.t", [])
    with pytest.raises(EngineError, match=r"absent\.parquet: no such file"):
        engine.bind("core.t", [tmp_path / "absent.parquet"])
    (tmp_path / "text.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(EngineError, match=r"text\.parquet: cannot be read as Parquet"):
        engine.bind("core.t", [tmp_path / "text.parquet"])


def test_spills_where_it_was_told_to_and_cleans_up(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    out = tmp_path / "t.parquet"
    with DuckDBEngine(threads=1, memory_limit="60MB", temp_directory=spill) as engine:
        sql = "select hash(range) as k, repeat('x', 60) || range as v from range(1500000)"
        assert engine.run(sql, out, order_by=("k",)) == 1_500_000
        assert spill.is_dir()
    assert not spill.exists() or not list(spill.iterdir())
    assert pl.scan_parquet(out).select(pl.col("k").is_sorted()).collect().item()


def test_no_database_file_is_left_open(tmp_path: Path, engine: Engine) -> None:
    source = parquet(tmp_path / "t.parquet", a=[1])
    engine.bind("core.t", [source])
    with DuckDBEngine() as other:
        other.bind("core.t", [source])
        assert other.run("select a from core.t", tmp_path / "o.parquet") == 1
    with pytest.raises(duckdb.ConnectionException):
        other._connection.execute("select 1")
