"""Every figure of a sample release is worked out again from its cells alone, and is the published one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from pipelines.content import sql_models
from pipelines.explain.cells import PSEUDONYM
from pipelines.explain.context import Context
from pipelines.explain.families import FAMILIES
from pipelines.explain.recomputed import differences
from pipelines.explain.replay import sandbox
from tests.explain.conftest import COUNTIES, YEARS

#: Not compared, because they are told by what differs (the family says which in its docstring).
NOT_COMPARED = {
    "trends.government_score": {"items_differing", "differing"},
    "trends.satisfaction": {"confidence", "weighting", "sources_differ", "verdicts_differ", "line_in_interval"},
    "trends.three_increases": {"document", "declared_gap_points"},
    "trends.two_only_increase": {"document"},
}
NAMES = {
    *("region_name", "county_code", "county_name", "school_name", "trend_school_code", "position", "item", "entry"),
    *("from_school_name", "to_school_name", "from_trend_school_code", "to_trend_school_code"),
}


def rows_of(context: Context, table: str) -> Iterator[dict[str, Any]]:
    """Every row of a table; those of a county and year one after the other."""
    grain = [name for name in sql_models()[table].grain if name in ("county_code", "school_year", "fiscal_year")]
    found = context.connection.cursor().execute(f"select * from {table} order by {', '.join(grain)}")
    names = [column[0] for column in found.description or ()]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))


@pytest.mark.parametrize("table", FAMILIES)
def test_every_row_is_worked_out_again_from_its_cells(table: str, context: Context) -> None:
    rows, cells = 0, Counter[Any]()
    for row in rows_of(context, table):
        made = FAMILIES[table](context, row)
        if made is None:
            assert row["level"] != "county"
            continue
        keys = {name: row[name] for name in sql_models()[table].grain}
        assert differences(made, row) == [], keys
        compared = made.values.keys() & row.keys()
        left = row.keys() - compared - NAMES - set(keys) - NOT_COMPARED.get(table, set())
        assert not left, f"{keys}: these columns are published and not worked out again: {left}"
        cells.update(cell.agrees for cell in made.cells() if cell.note != PSEUDONYM)
        rows += 1
    assert rows >= COUNTIES * len(YEARS)
    assert cells[True] > 10 * cells[None], "the values come from the texts of the files, not from the release"
    assert not cells[False], "no text says something else than the release"


def test_the_figures_are_many_and_some_have_a_verdict_withheld(context: Context) -> None:
    """The test above would prove little if nothing were missing, merged or split."""
    reasons = dict(
        context.connection.execute(
            "select coalesce(reason, ''), count(*) from trends.differential_coefficient group by 1"
        ).fetchall()
    )
    assert reasons["missing_values"] > 5 < reasons[""]
    schools = context.connection.execute("select distinct reason from core.school_stage").fetchall()
    assert {"school", "merged_into_central", "special_education"} <= {reason for (reason,) in schools}


def test_every_row_of_every_table_is_made_again_by_the_models_from_the_cells(context: Context) -> None:
    """Also the tables that nobody works out by hand, for counties, prefecture, province and nation."""
    tables = [name for name in sql_models() if name.startswith("trends.")]
    counties = [code for (code,) in context.connection.execute("select county_code from core.county").fetchall()]
    with sandbox(context, tables, counties) as made:
        for table in tables:
            grain = ", ".join(f'"{name}"' for name in sql_models()[table].grain)
            query = f"select * from {table} order by {grain}"
            published, again = (each.sql(query).pl() for each in (context.connection, made.connection))
            assert_frame_equal(published, again, rel_tol=1e-12, abs_tol=1e-12)
        assert len(made.cells) > 10_000
        assert all(cell.texts is not None or cell.note == "pseudonym" for cell in made.cells)
