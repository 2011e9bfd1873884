"""Every primary school of Taiwan, ROC years 103–110, through a layout made of CSV alone.

Expected values were computed independently with exact fractions (see the README of the real files).
"""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.content import sql_models
from pipelines.publish import inputs
from pipelines.rules import check_across
from tests.real.conftest import Taiwan
from warehouse.ledger import Ledger

ROC = 1911
#: The trend carries the latest name; the expected values carry the name of their year.
RENAMED = {"桃園縣": "桃園市"}
Row = dict[str, str]


@pytest.fixture(scope="module")
def expected(shared: Path) -> list[Row]:
    path = shared / "taiwan_elementary" / "expected_cv_by_county_year.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["resource"] == "專任教師" and row["county"] != "__全國__"]


def test_all_eight_years_are_accepted(taiwan: Taiwan) -> None:
    receipts = taiwan.receipts
    assert [entry.submission.status for entry in receipts] == ["accepted"] * 8
    years = [{year for _, year in entry.submission.returns} for entry in receipts]
    assert years == [{year} for year in range(103 + ROC, 111 + ROC)]
    assert all(entry.findings.is_empty() for entry in receipts), "every column is mapped or known, none is missing"


def test_coefficient_of_teachers_per_pupil(taiwan: Taiwan, expected: list[Row]) -> None:
    connection = taiwan.connection
    rows = connection.execute(
        """select school_year, county_name, coefficient, mean, schools, schools_missing, schools_without_pupils, enrolment
           from trends.differential_coefficient
           where standard = 'basic_2012' and indicator = 'teachers' and stage = 'primary'"""
    ).fetchall()
    got = {(year, county): rest for year, county, *rest in rows}
    assert len(got) == len(rows) == len(expected) == 8 * 22
    for row in expected:
        county = RENAMED.get(row["county"], row["county"])
        coefficient, mean, schools, missing, without, pupils = got[int(row["year"]) + ROC, county]
        assert coefficient == pytest.approx(float(row["cv_w"]), rel=1e-12, abs=0)
        assert mean * 100 == pytest.approx(float(row["mean_per"]), rel=1e-12)
        assert (schools, missing, without, pupils) == (
            int(row["n"]),
            0,
            int(row["n_zero_students"]),
            int(row["students"]),
        )


def test_totals_by_year(taiwan: Taiwan, shared: Path) -> None:
    connection = taiwan.connection
    with (shared / "taiwan_elementary" / "expected_summary_by_year.csv").open(encoding="utf-8", newline="") as file:
        wanted = {int(row["year"]) + ROC: row for row in csv.DictReader(file)}
    rows = connection.execute(
        """select e.school_year, count(*), sum(e.pupils), sum(t.teachers), sum(c.classes), sum(t.staff - t.teachers),
                  sum(m.graduates), count(*) filter (where e.pupils = 0)
           from returns.enrolment e
           join returns.teacher t using (school_year, school_code, stage)
           join returns.class_size c using (school_year, school_code, stage)
           join returns.movement m using (school_year, school_code, stage)
           group by e.school_year"""
    ).fetchall()
    assert {row[0] for row in rows} == wanted.keys()
    for year, schools, pupils, teachers, classes, staff, graduates, empty in rows:
        row = wanted[year]
        printed = [row[name] for name in ("rows", "students", "teachers", "classes", "staff", "grads_prev_year")]
        assert [str(v) for v in (schools, pupils, teachers, classes, staff, graduates)] == printed
        assert str(empty) == row["zero_student_schools"]


def test_a_renamed_county_is_one_line(taiwan: Taiwan) -> None:
    connection = taiwan.connection
    names = connection.execute(
        """select county_name, count(distinct school_year), count(distinct county_code)
           from trends.differential_coefficient where county_name like '桃園%' group by county_name"""
    ).fetchall()
    assert names == [("桃園市", 8, 1)]
    reported = connection.execute(
        "select distinct county_name from returns.school where county_name like '桃園%' order by 1"
    ).fetchall()
    assert reported == [("桃園市",), ("桃園縣",)], "what was reported stays as it was reported"


def test_merged_county_and_city_are_one_line(taiwan: Taiwan) -> None:
    connection = taiwan.connection
    codes = connection.execute(
        """select county_name, count(distinct county_code) from trends.differential_coefficient
           where county_name in ('臺中市', '臺南市', '高雄市') group by 1 order by 1"""
    ).fetchall()
    assert [count for _, count in codes] == [1, 1, 1]


def test_indicators_without_a_return_have_no_figure_but_a_reason(
    taiwan: Taiwan,
) -> None:
    connection = taiwan.connection
    rows = connection.execute(
        """select count(*), count(coefficient), count(meets), count(reason), min(schools_missing) > 0
           from trends.differential_coefficient where indicator = 'books'"""
    ).fetchone()
    assert rows is not None
    total, coefficients, verdicts, reasons, all_missing = rows
    assert total > 0
    assert (coefficients, verdicts, reasons, all_missing) == (0, 0, total, True)


def test_trailing_blanks_of_109_are_read(shared: Path, taiwan: Taiwan) -> None:
    connection = taiwan.connection
    text = (shared / "taiwan_elementary" / "109_basec.csv").read_text(encoding="utf-8-sig").split("\n")[1]
    assert text.split(",")[5] == "3 ", "the file really has them"
    row = connection.execute(
        "select grade_1, pupils from returns.enrolment where school_year = 2020 and school_code = '2171011301'"
    ).fetchone()
    assert row is not None
    assert row[0] == 45 + 47


def test_rules_across_returns_and_years_find_what_is_there_and_do_not_flood(
    taiwan: Taiwan,
) -> None:
    """Some 21,000 school-years of official data give less than a hundred findings, each of which stands in the files."""
    connection = taiwan.connection
    with Ledger.open(taiwan.home.ledger_url) as ledger:
        done = check_across(taiwan.home, ledger, sql_models(), inputs(taiwan.home))
    counts = dict(done.findings.group_by("rule").len().iter_rows())
    school_years = connection.execute("select count(*) from returns.school").fetchone()
    assert school_years is not None and school_years[0] > 20_000
    assert set(done.findings["severity"]) == {"query"}
    assert done.findings["cell"].null_count() == 0
    assert sum(counts.values()) < 100
    # One school reports no full-time teachers for 150 pupils, five years in a row.
    idle = done.findings.filter(pl.col("rule") == "school_with_pupils_has_teachers_and_classes")
    assert set(idle["school_code"]) == {"2171191315"} and idle["school_year"].to_list() == [
        2017,
        2018,
        2019,
        2020,
        2021,
    ]
    # Private schools that became public got another code: their pupils vanish under the old one and appear under the new.
    vanished = done.findings.filter(pl.col("rule") == "school_does_not_vanish")
    appeared = done.findings.filter(pl.col("rule") == "school_does_not_appear_from_nowhere")
    serial = pl.concat_str(pl.col("school_code").str.head(7), pl.col("school_code").str.tail(2), separator="…")
    assert "2171011607" in set(vanished["school_code"]) and "2171011307" in set(appeared["school_code"])
    assert set(vanished.select(serial).to_series()) & set(appeared.select(serial).to_series())
