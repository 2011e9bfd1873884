"""Column lineage of small models whose origins are plain to see."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from warehouse.lineage import TableColumn, column_leaves, column_parents
from warehouse.sqlmodels import load_models

INPUTS = {
    "returns.school": ["code", "county", "pupils", "books", "kind"],
    "returns.teacher": ["code", "teachers"],
    "rulebook.line": ["kind", "value"],
}


def lineage_of(tmp_path: Path, files: Mapping[str, str]) -> dict[str, dict[str, set[str]]]:
    """Leaves as text by table and column; the header of each file is made up from its columns."""
    for name, (columns, sql) in ((name, text.split("|", 1)) for name, text in files.items()):
        path = tmp_path / "core" / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        docs = "\n".join(f"--   {column}: 列 | Column" for column in columns.split())
        path.write_text(f"-- zh: 表\n-- en: Table\n-- grain: {columns.split()[0]}\n-- columns:\n{docs}\n{sql}", "utf-8")
    parents = column_parents(load_models(tmp_path, ["core"]), INPUTS, {"returns.school": ["code"]})
    return {
        table: {column: {".".join(each) for each in origins} for column, origins in columns.items()}
        for table, columns in column_leaves(parents).items()
    }


@pytest.mark.parametrize(
    ("sql", "leaves"),
    [
        pytest.param("c x | select code as c, books as x from returns.school", {"returns.school.books"}, id="renamed"),
        pytest.param(
            "c x | select code as c, case when kind = 'a' then books else 0 end as x from returns.school",
            {"returns.school.books", "returns.school.kind"},
            id="a case has its condition",
        ),
        pytest.param(
            "c x | select code as c, sum(books) as x from returns.school where pupils > 0 group by 1",
            {"returns.school.books"},
            id="what only chooses rows is not in it",
        ),
        pytest.param(
            "c x | with a as (select *, books / nullif(pupils, 0) as rate from returns.school) "
            "select code as c, rate as x from a",
            {"returns.school.books", "returns.school.pupils"},
            id="through a star",
        ),
        pytest.param(
            "c x | with w as (select code, pupils, books from returns.school) "
            "select code as c, v as x from w unpivot (v for what in (pupils, books))",
            {"returns.school.pupils", "returns.school.books"},
            id="a value of an unpivot",
        ),
        pytest.param(
            "c x | with w as (select code, pupils, books from returns.school) "
            "select code as c, what as x from w unpivot (v for what in (pupils, books))",
            set(),
            id="the name of an unpivot",
        ),
        pytest.param(
            "c x | select code as c, books as x from returns.school union all select code, teachers from returns.teacher",
            {"returns.school.books", "returns.teacher.teachers"},
            id="a union by position",
        ),
        pytest.param(
            "c x | with recursive r as (select code, kind, 1 as n from returns.school union all "
            "select r.code, s.kind, r.n + 1 from r join returns.school as s on s.code = r.kind) "
            "select code as c, max(kind) as x from r group by 1",
            {"returns.school.kind"},
            id="recursive",
        ),
        pytest.param(
            "c x | select county as c, count(*) as x from returns.school group by 1",
            {"returns.school.code"},
            id="a count is of the rows",
        ),
        pytest.param(
            "c x | select code as c, (select max(value) from rulebook.line) as x from returns.school",
            {"rulebook.line.value"},
            id="a scalar subquery",
        ),
        pytest.param(
            "c x | select code as c, sum(books) over (partition by county order by pupils) as x from returns.school",
            {"returns.school.books", "returns.school.county", "returns.school.pupils"},
            id="a window",
        ),
        pytest.param("c x | select code as c, 'basic' as x from returns.school", set(), id="a literal"),
    ],
)
def test_leaves_of_a_column(sql: str, leaves: set[str], tmp_path: Path) -> None:
    assert lineage_of(tmp_path, {"one": sql})["core.one"]["x"] == leaves


def test_models_are_put_together_down_to_the_inputs(tmp_path: Path) -> None:
    made = lineage_of(
        tmp_path,
        {
            "fact": "code x | select code, books / nullif(pupils, 0) as x from returns.school",
            "county": "code y z | select fact.code, fact.x - line.value as y, fact.x as z from core.fact as fact "
            "cross join rulebook.line as line",
        },
    )
    assert made["core.county"]["y"] == {"returns.school.books", "returns.school.pupils", "rulebook.line.value"}
    assert made["core.county"]["z"] == {"returns.school.books", "returns.school.pupils"}


def test_a_parent_is_one_table_back(tmp_path: Path) -> None:
    lineage_of(
        tmp_path,
        {"a": "code x | select code, books as x from returns.school", "b": "code y | select code, x as y from core.a"},
    )
    parents = column_parents(load_models(tmp_path, ["core"]), INPUTS)
    assert parents["core.b"]["y"] == {TableColumn("core.a", "x")}
