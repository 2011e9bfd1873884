"""Model files: header, dependencies, documented columns, order. The messages are part of what is promised."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from warehouse.engine import DuckDBEngine
from warehouse.sqlmodels import ColumnDoc, SqlModelError, check_columns, load_models


def header(*columns: str, grain: str | None = None) -> str:
    lines = ["-- zh: 表", "-- en: Table.", f"-- grain: {grain or columns[0]}", "-- columns:"]
    return "\n".join(lines + [f"--   {column}: 列 | Column" for column in columns]) + "\n"


def write(root: Path, name: str, text: str) -> Path:
    layer, table = name.split(".")
    path = root / layer / f"{table}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def depends(root: Path, sql: str) -> tuple[str, ...]:
    write(root, "trends.model", header("a") + sql)
    return load_models(root, ["trends"])["trends.model"].depends


def complaint(root: Path, text: str) -> str:
    path = write(root, "core.t", text)
    with pytest.raises(SqlModelError) as told:
        load_models(root, ["core"])
    return str(told.value).replace(str(path), "t.sql")


def test_reads_the_header(tmp_path: Path) -> None:
    text = (
        "-- zh: 差异系数（按县、学年：小学｜初中）\n"
        "-- en: Differential coefficients: by county and school year.\n"
        "-- The formula is S / mean; see domain: 1.2.\n"
        "--\n"
        "--   indented example\n"
        "-- grain: county_code,  school_year\n"
        "-- columns:\n"
        "--   county_code: 县级行政区划代码 | County code: six digits\n"
        "--   school_year：学年｜School year\n"
        "--   coefficient: 差异系数 | Differential coefficient: standard\n"
        "--     deviation ÷ mean, a | b\n"
        "\n"
        "-- a comment of the query\n"
        "select county_code, school_year, s / m as coefficient from core.x; -- end\n"
    )
    path = write(tmp_path, "trends.dc", text)
    model = load_models(tmp_path, ["trends"])["trends.dc"]
    assert (model.name, model.path) == ("trends.dc", path)
    assert model.title_zh == "差异系数（按县、学年：小学｜初中）"
    assert model.title_en == "Differential coefficients: by county and school year."
    assert model.description == "The formula is S / mean; see domain: 1.2.\n\n  indented example"
    assert model.grain == ("county_code", "school_year")
    assert model.columns == {
        "county_code": ColumnDoc("县级行政区划代码", "County code: six digits"),
        "school_year": ColumnDoc("学年", "School year"),
        "coefficient": ColumnDoc("差异系数", "Differential coefficient: standard deviation ÷ mean, a | b"),
    }
    assert list(model.columns) == ["county_code", "school_year", "coefficient"]
    assert model.sql == text[: text.rindex(";")]
    assert model.depends == ("core.x",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_of_any_editor_are_read(tmp_path: Path, encoding: str, newline: str) -> None:
    write(tmp_path, "core.t", "").write_bytes((header("a") + "select 1 as a\n").replace("\n", newline).encode(encoding))
    assert load_models(tmp_path, ["core"])["core.t"].columns == {"a": ColumnDoc("列", "Column")}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a from core.x", ("core.x",)),
        ("select 'from core.y' as a -- from core.z\n/* from core.w */ from core.x", ("core.x",)),
        ('select x.a from "core"."X" as x', ("core.x",)),
        ("select core.a from returns.b as core", ("returns.b",)),
        ("with x as (select a from core.x) select a from x", ("core.x",)),
        ("with core as (select a from returns.b) select a from core", ("returns.b",)),
        ('with "Big Name" as (select a from core.x) select a from "big name"', ("core.x",)),
        ("with p as (with q as (select * from core.x) select * from q) select a from p join core.y using (a)",
         ("core.x", "core.y")),
        ("with recursive t as (select 1 as a union all select a + 1 from t where a < 5) select a from t", ()),
        ("with t as materialized (select a from core.x) (select a from t) union all select a from core.y",
         ("core.x", "core.y")),
        ("select a from core.c unpivot (a for k in (p, q))", ("core.c",)),
        ("select a from core.c as c unpivot include nulls (a for k in (p as 'x', q as 'y')) as u", ("core.c",)),
        ("select a from (pivot core.c on k using sum(v))", ("core.c",)),
        ("select (select max(b) from core.b where b.k = x.k) as a from core.x where exists (from core.e) "
         "and k in (select k from core.i) and k = any (select k from core.j)",
         ("core.b", "core.e", "core.i", "core.j", "core.x")),
        ("select x.a from core.x asof join core.y on x.k >= y.k semi join core.z on x.k = z.k, lateral "
         "(select l.v from core.l l where l.k = x.k) l", ("core.l", "core.x", "core.y", "core.z")),
        ("select a from core.x union select a from core.y except (select a from core.z)",
         ("core.x", "core.y", "core.z")),
        ("from core.x select a", ("core.x",)),
        ("select a from range(3) t(a), generate_series(1, 2) s(b), unnest([1]) u(c), (values (1)) v(d)", ()),
        ("select sum(a) over w as a from core.x window w as (order by (select max(k) from core.y)) "
         "qualify a > (select 1 from core.z)", ("core.x", "core.y", "core.z")),
        ("select a from core.x tablesample 10%", ("core.x",)),
        ("select case when exists (select 1 from core.y) then 1 end as a from core.x order by (select 1 from core.o)",
         ("core.o", "core.x", "core.y")),
    ],
)  # fmt: skip
def test_dependencies(tmp_path: Path, sql: str, expected: tuple[str, ...]) -> None:
    assert depends(tmp_path, sql) == expected


def test_every_model_comes_after_what_it_reads_and_the_order_is_fixed(tmp_path: Path) -> None:
    reads = {
        "core.d": (),
        "core.b": ("core.d", "returns.x"),
        "core.a": ("trends.e",),
        "trends.e": ("core.b", "core.d"),
        "trends.c": ("core.a", "core.b"),
        "core.z": (),
    }
    for name, tables in reads.items():
        write(tmp_path, name, header("a") + "select 1 as a" + "".join(f", (select 1 from {t})" for t in tables)[:0]
              + (" from " + ", ".join(tables) if tables else ""))  # fmt: skip
    order = list(load_models(tmp_path, ["core", "trends"]))
    assert order == ["core.d", "core.z", "core.b", "trends.e", "core.a", "trends.c"]
    assert list(load_models(tmp_path, ["trends", "core"])) == order


def test_a_circle_is_shown_with_its_files(tmp_path: Path) -> None:
    for name, other in (("core.a", "core.b"), ("core.b", "core.c"), ("core.c", "core.a"), ("core.free", "core.a")):
        write(tmp_path, name, header("a") + f"select a from {other}")
    with pytest.raises(SqlModelError) as told:
        load_models(tmp_path, ["core"])
    message = str(told.value)
    assert "in a circle" in message
    for name in "abc":
        assert f"{tmp_path}/core/{name}.sql: reads core." in message
    assert "free" not in message


def test_a_model_that_reads_itself_is_a_circle(tmp_path: Path) -> None:
    assert "t.sql: reads core.t" in complaint(tmp_path, header("a") + "select a from core.t")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("select 1 as a", ["t.sql:1: no header: the file must open with comment lines that give its Chinese title"]),
        ("\n" + header("a") + "select 1 as a", ["t.sql:1: no header"]),
        ("-- zh: 表\nselect 1 as a", ["t.sql:1: the header lacks its English title",
                                     "the header lacks the columns that",
                                     "the header lacks `-- columns:`"]),
        ("-- Some prose.\n" + header("a") + "select 1 as a", ["t.sql:1: prose before the titles"]),
        ("-- zh:\n" + header("a")[8:] + "select 1 as a", ["t.sql:1: `zh:` is empty; give its Chinese title"]),
        ("-- zh: 一\n" + header("a") + "select 1 as a", ["t.sql:2: `zh:` stands a second time (first in line 1)"]),
        (header("a", grain="a, b") + "select 1 as a", ["t.sql:3: grain names b, which is not among the columns"]),
        (header("a") + "--   b: 只有中文\nselect 1 as a, 2 as b",
         ["t.sql:6: column b: write `--   b: 中文 | English`"]),
        (header("a") + "--   b: 列 |\nselect 1 as a, 2 as b", ["t.sql:6: column b: write"]),
        (header("a") + "--   b\nselect 1 as a", ["t.sql:6: not a column: 'b'; write"]),
        (header("a") + "--   Bad: 列 | Column\nselect 1 as a",
         ["t.sql:6: not a column: 'Bad: 列 | Column'", "snake_case"]),
        (header("a") + "--   a: 列 | Again\nselect 1 as a",
         ["t.sql:6: column a is documented twice (first in line 5)"]),
        (header("a") + "-- More prose.\nselect 1 as a", ["t.sql:6: text after `-- columns:`"]),
        ("-- zh: 表\n-- en: T\n-- grain: a\n-- columns:\nselect 1 as a", ["t.sql:4: no column is documented"]),
        ("-- zh: 表\n-- en: T\n-- grain: a\n-- columns: a: 列 | C\nselect 1 as a",
         ["t.sql:4: write each column on a line"]),
        (header("a") + "select 1 as a from core.", ["t.sql:6: the SQL cannot be parsed"]),
        (header("a") + "select\n  'open", ["t.sql", "the SQL cannot be parsed"]),
        (header("a"), ["t.sql: the file must hold exactly one SELECT; found: none"]),
        (header("a") + "select 1 as a; select 2 as a", ["exactly one SELECT; found: SELECT, SELECT"]),
        (header("a") + "create table x as select 1 as a", ["exactly one SELECT; found: CREATE"]),
        (header("a") + "drop table x", ["exactly one SELECT; found: DROP"]),
        (header("a") + "select a\nfrom x", ["t.sql:7: table x: write schema.table (no WITH of this name is visible"]),
        (header("a") + "select a from (with x as (select 1 as a) select a from x) s, x",
         ["table x: write schema.table"]),
        (header("a") + "select a from db.core.x", ["table db.core.x: write schema.table, without a database"]),
        (header("a") + "select a from 'x.parquet'", ["table x.parquet: write schema.table"]),
        (header("a") + "select a from read_csv('x.csv')", ["a model reads tables only; bind the data"]),
        (header("a") + "select a from query_table('core.x')", ["a model reads tables only"]),
        (header("a") + "select a from core.tt", ["t.sql: reads core.tt, but there is no",
                                                     "tt.sql; did you mean core.t?"]),
        (header("a", "coefficent") + "select 1 as a, 2 as coefficient", [
            "t.sql:6: column coefficent is documented but the query does not produce it; did you mean coefficient?",
            "t.sql: column coefficient is produced but not documented: add `--   coefficient: 中文 | English`"]),
        (header("a") + "select 1 as a, 2 as a", ["column a is produced 2 times"]),
        (header("a") + "select 1 as a, count(*) from returns.x",
         ["column 2 of the result has no name: write `COUNT(*) as "]),
        (header("a") + "select 1 as a, s['g'] from returns.x", ["column 2 of the result has no name: write "]),
        (header("a") + "select b from returns.x union all select a from returns.y", ["column a is documented but",
                                                                                     "column b is produced"]),
        (header("a") + "(select b from returns.x) order by 1", ["column b is produced but not documented"]),
        (header("a") + "with q as (select 1 as b) select b from q", ["column b is produced but not documented"]),
        (header("a") + "select k, v from core.t unpivot (v for k in (a, b))", ["column k is produced", "column v is"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_and_remedy(tmp_path: Path, text: str, messages: list[str]) -> None:
    told = complaint(tmp_path, text)
    for message in messages:
        assert message in told


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, "core.good", header("a") + "select 1 as a")
    write(tmp_path, "core.bad", "select 1 as a")
    write(tmp_path, "core.worse", header("a") + "selec")
    write(tmp_path, "core.Upper", header("a") + "select 1 as a")
    write(tmp_path, "core.gbk", "").write_bytes("-- zh: 表".encode("gbk"))
    with pytest.raises(SqlModelError) as told:
        load_models(tmp_path, ["core", "absent"])
    lines = str(told.value).splitlines()
    for part in ("bad.sql:1: no header", "Upper.sql: not a table name", "gbk.sql: not UTF-8", "absent: no such folder"):
        assert sum(part in line for line in lines) == 1
    assert any("worse.sql" in line for line in lines)
    assert not any("good.sql" in line for line in lines)


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("select * from returns.x", []),
        ("select * exclude (c) from returns.x", ["b"]),
        ("select x.*, 1 as d from returns.x x", ["d"]),
        ("select columns('a|b|c') from returns.x", []),
        ("select columns(* exclude (b)) from returns.x", ["b"]),
        ("select a, c from returns.x union all by name select a, b, c from returns.x", []),
        ("select a, unnest({'b': 1, 'e': 2}), c from returns.x", ["e"]),
        ("from returns.x", []),
    ],
)
def test_columns_of_a_star_are_checked_where_the_tables_are_known(tmp_path: Path, sql: str, wrong: list[str]) -> None:
    source = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1], "b": [1], "c": [1]}).clear().write_parquet(source)
    columns = ("a", "b", "c") if sql != "select * exclude (c) from returns.x" else ("a",)
    path = write(tmp_path, "core.t", header(*columns) + sql)
    model = load_models(tmp_path, ["core"])["core.t"]
    with DuckDBEngine() as engine:
        engine.bind("returns.x", [source])
        produced = [name for name, _ in engine.describe(model.sql)]
    if not wrong:
        check_columns(model, produced)
        return
    with pytest.raises(SqlModelError) as told:
        check_columns(model, produced)
    lines = str(told.value).splitlines()
    assert len(lines) == len(wrong)
    for line, name in zip(lines, wrong, strict=True):
        assert line.startswith(str(path)) and f"column {name} is" in line


def test_what_sqlglot_takes_for_the_columns_is_what_duckdb_produces(tmp_path: Path) -> None:
    sql = (
        'with p as (select 1 as a, 2 as b) select a, b as c, a + b as "d", (select 1) as e, p.b, '
        "case when true then 1 end f, ({'g': 1}).g as g, sum(a) over () as h from p"
    )
    columns = ("a", "c", "d", "e", "b", "f", "g", "h")
    write(tmp_path, "core.t", header(*columns) + sql)
    model = load_models(tmp_path, ["core"])["core.t"]
    with DuckDBEngine() as engine:
        produced = tuple(name for name, _ in engine.describe(model.sql))
    assert produced == columns
    check_columns(model, produced)
