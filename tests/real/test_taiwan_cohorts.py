"""Cohorts of Taiwan's primary schools, ROC years 103–110: grade 1 to grade 6 and to graduates, by county and as a whole.

Expected values were computed independently with exact fractions (see the README of the real files).
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.real.conftest import Taiwan

ROC = 1911
NATION = "__全國__"
PATHS = {"g6_after5": ("first_to_final_grade", "ratio_g6"), "grads_after6": ("first_grade_to_graduates", "ratio_grad")}
Row = dict[str, str]


@pytest.fixture(scope="module")
def expected(shared: Path) -> list[Row]:
    path = shared / "taiwan_elementary" / "expected_cohort_retention_county.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("counted", list(PATHS))
def test_every_ratio_of_every_county_and_of_the_whole(taiwan: Taiwan, expected: list[Row], counted: str) -> None:
    path, ratio = PATHS[counted]
    rows = taiwan.connection.execute(
        """select level, region_name, school_year, pupils_from, pupils_to, ratio, end_year, reason from trends.grade_cohort
           where stage = 'primary' and path = ? and level in ('county', 'nation')""",
        [path],
    ).fetchall()
    got = {(NATION if level == "nation" else name, year): rest for level, name, year, *rest in rows}
    wanted = [row for row in expected if row[counted]]
    assert len(got) == len(rows) and len(wanted) == 2 * 23
    assert {year for _, year in got} >= {int(row["cohort_start"]) + ROC for row in wanted}
    for row in wanted:
        began, left, share, end_year, reason = got[row["county"], int(row["cohort_start"]) + ROC]
        assert (began, left) == (int(row["g1"]), int(row[counted]))
        assert share == pytest.approx(float(row[ratio]), rel=1e-12, abs=0)
        assert end_year - int(row["cohort_start"]) - ROC == (5 if counted == "g6_after5" else 6)
        assert reason is None


def test_without_entrants_and_transfers_there_is_no_rate_but_a_reason(taiwan: Taiwan) -> None:
    """The source has neither: grade 1 is not put in the place of the entrants, nor nought in that of the transfers."""
    rows = taiwan.connection.execute(
        """select school_year, count(*), count(rate_raw), count(rate_d_raw), min(reason), max(reason),
                  bool_and(missing_components like '%entrants%transfers_and_deaths'), bool_and(missing_years <> ''),
                  count(annual_rate)
           from trends.consolidation where stage = 'primary' and level = 'county' and school_year in (2016, 2021)
           group by school_year order by school_year"""
    ).fetchall()
    assert rows == [
        (2016, 22, 0, 0, "before_first_year", "before_first_year", True, True, 0),
        (2021, 22, 0, 0, "component_missing", "component_missing", True, True, 0),
    ]


def test_a_school_that_disappears_without_succession_is_missing_not_nought(taiwan: Taiwan) -> None:
    """There is no succession return: the year after a school's last, its graduates are not known."""
    rows = taiwan.connection.execute(
        """select count(*), count(graduates), count(pupils), max(ended_codes) from core.school_flow
           where codes = 0 and school_year < 2021"""
    ).fetchone()
    assert rows is not None
    gone, graduates, pupils, ended = rows
    assert (graduates, pupils, ended) == (0, 0, 1) and gone > 10
