"""School year 110 of Taiwan's primary schools in two versions that differ in a few cells, as they were published.

The second version is made from the real file; expected coefficients are computed from both files by exact fractions.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.content import sql_models
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import inputs, release_tables
from pipelines.rules import check_across
from tests.pipelines.places import balance_models
from tests.restatement.statements import coefficient
from warehouse.home import Home
from warehouse.ledger import Ledger

YEAR = 110 + 1911
#: School code in the file, column, and what the first version said of it.
EARLIER = {("011301", "男專任教師"): 1, ("011302", "女專任教師"): 35, ("011302", "1年級男學生數"): 125}


@dataclass(frozen=True)
class Two:
    connection: duckdb.DuckDBPyConnection
    earlier: list[dict[str, str]]
    later: list[dict[str, str]]
    lines: dict[str, int]


@pytest.fixture(scope="module")
def two(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("taiwan_restated")
    text = (shared / "taiwan_elementary" / "110_basec.csv").read_text(encoding="utf-8-sig")
    later = list(csv.DictReader(io.StringIO(text)))
    earlier = [dict(row) for row in later]
    for row in earlier:
        for (school, column), value in EARLIER.items():
            if row["學校代碼"] == school:
                row[column] = str(value)
    first = folder / "first" / "110_basec.csv"
    first.parent.mkdir()
    with first.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(later[0]))
        writer.writeheader()
        writer.writerows(earlier)
    home = Home(folder / "home").ensure()
    models = balance_models()
    with Ledger.open(home.ledger_url) as ledger:
        for month, path in ((1, first), (6, shared / "taiwan_elementary" / "110_basec.csv")):
            now = datetime(2022, month, 1, tzinfo=UTC)
            receive(home, ledger, [path], layout="taiwan_elementary", received_by="test", now=now)
        assemble(home, ledger, YEAR)
        run_models(home, models, inputs(home))
        check_across(home, ledger, models, inputs(home))
        tables = release_tables(home, ledger, models, now=now)
    connection = duckdb.connect()
    connection.execute("create schema audit")
    for name in ("restatement", "restatement_effect", "submission_effect", "restated_point"):
        (path,) = tables[f"audit.{name}"]
        connection.execute(f"create view audit.{name} as from read_parquet('{path}')")
    assert sql_models().keys() > models.keys()
    yield Two(connection, earlier, later, {row["學校代碼"]: n for n, row in enumerate(later, start=2)})
    connection.close()


def _teachers(rows: list[dict[str, str]], county: str) -> float | None:
    pupils = [name for name in rows[0] if name.endswith("學生數")]
    return coefficient(
        [
            (sum(int(row[name]) for name in pupils), int(row["男專任教師"]) + int(row["女專任教師"]))
            for row in rows
            if row["縣市名稱"] == county
        ]
    )


def test_the_cells_that_differ_are_told_and_no_others(two: Two) -> None:
    rows = two.connection.execute(
        """select right(school_code, 6), form, field, old_value, new_value, old_cell, new_cell
           from audit.restatement order by all"""
    ).fetchall()
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for school, form, field, *rest in rows:
        found[school, f"{form}.{field}"].append(tuple(rest))
    assert set(found) >= {("011301", "teacher.teachers"), ("011302", "enrolment.pupils")}
    assert {school for school, _ in found} == {"011301", "011302"}, "schools whose cells are the same are not told"
    by_code = {row["學校代碼"]: row for row in two.later}
    ((old, new, old_cell, new_cell),) = found["011301", "teacher.teachers"]
    later = by_code["011301"]
    assert new == int(later["男專任教師"]) + int(later["女專任教師"])
    assert old == new - int(later["男專任教師"]) + EARLIER["011301", "男專任教師"]
    line = two.lines["011301"]
    assert old_cell == new_cell == f"AA{line}+AB{line}", "both cells that are summed"


def test_the_coefficient_with_the_earlier_version_is_that_of_the_earlier_file(two: Two) -> None:
    county = two.later[0]["縣市名稱"]
    assert {row["縣市名稱"] for row in two.later if row["學校代碼"] in ("011301", "011302")} == {county}
    points = two.connection.execute(
        """select county_name, coefficient_first, coefficient, change from audit.restated_point
           where standard = 'basic_2012' and indicator = 'teachers' and stage = 'primary'"""
    ).fetchall()
    ((name, first, now, change),) = points
    assert name == county
    assert first == pytest.approx(_teachers(two.earlier, county), rel=1e-12)
    assert now == pytest.approx(_teachers(two.later, county), rel=1e-12)
    assert first + change == pytest.approx(now, rel=1e-12)
    effects = two.connection.execute(
        """select coefficient_old, coefficient_new from audit.submission_effect
           where standard = 'basic_2012' and indicator = 'teachers' and stage = 'primary'"""
    ).fetchall()
    assert effects == [(first, now)]


def test_each_restated_figure_has_its_own_effect(two: Two) -> None:
    county = two.later[0]["縣市名稱"]
    for school, form, columns in (
        ("011301", "teacher", ["男專任教師"]),
        ("011302", "teacher", ["女專任教師"]),
        ("011302", "enrolment", ["1年級男學生數"]),
    ):
        swapped = [dict(row) for row in two.later]
        for row in swapped:
            if row["學校代碼"] == school:
                row |= {column: str(EARLIER[school, column]) for column in columns}
        field = {"teacher": "teachers", "enrolment": "pupils"}[form]
        ((old,),) = two.connection.execute(
            """select coefficient_old from audit.restatement_effect
               where form = ? and field = ? and row_key like '%' || ? || '|primary' and indicator = 'teachers'""",
            [form, field, school],
        ).fetchall()
        assert old == pytest.approx(_teachers(swapped, county), rel=1e-12)
