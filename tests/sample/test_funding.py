"""Funding of the sample: the planted verdicts, and every verdict recomputed from the workbooks by other means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import duckdb
import openpyxl
import pytest

from models.returns.funding import ITEMS, LEVELS
from pipelines.sample import write_sample
from pipelines.sample.funding import FALL_BEHIND, FLIP, planted_year
from tests.real.warehouse_of import warehouse_of
from warehouse.home import Home

COUNTIES, YEARS, SEED = 3, range(2016, 2022), 11
CASE = planted_year(YEARS)
Figures = dict[tuple[str, int, str, str], tuple[Fraction, Fraction]]


#: What is looked at.
TABLES = ("trends.three_increases", "trends.two_only_increase", "trends.funding_shares")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sample")
    sample = write_sample(folder, counties=COUNTIES, years=YEARS, seed=SEED, faults=False)
    return [path for path in sample.files if "教育经费" in path.name]


@pytest.fixture(scope="module")
def trends(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection, receipts = warehouse_of(Home(tmp_path_factory.mktemp("home")).ensure(), files, only=TABLES)
    assert {pair for receipt in receipts for pair in receipt.submission.returns} == {("funding", y) for y in YEARS}
    assert all(receipt.findings.is_empty() for receipt in receipts)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def printed(files: list[Path]) -> Figures:
    """Figure and year before as printed, in the table's own unit, by county, year, level and item."""
    titles = {zh: item for item, zh in ITEMS.items()}
    levels = {zh: level for level, zh in LEVELS.items()}
    figures: Figures = {}
    for path in files:
        match = re.match(r"(\d{6})_.*_(\d{4})年度", path.name)
        assert match is not None
        county, year = match[1], int(match[2])
        book = openpyxl.load_workbook(path)
        for row in book["教财分析1"].iter_rows(min_row=5, values_only=True):
            if row[0] in titles:
                figures[county, year, "all", titles[str(row[0])]] = (Fraction(str(row[1])), Fraction(str(row[2])))
        sheet = book["教财分析2"]
        heads = [str(sheet.cell(4, column).value) for column in range(2, sheet.max_column, 3)]
        for cells in sheet.iter_rows(min_row=6, values_only=True):
            for index, head in enumerate(heads):
                if cells[0] in levels:
                    pair = cells[1 + 3 * index : 3 + 3 * index]
                    figures[county, year, levels[str(cells[0])], titles[head]] = (
                        Fraction(str(pair[0])),
                        Fraction(str(pair[1])),
                    )
    return figures


def _growths(figures: Figures, key: tuple[str, int, str, str]) -> tuple[Fraction, Fraction | None]:
    value, prior = figures[key]
    before = figures.get((key[0], key[1] - 1, *key[2:]))
    return value / prior - 1, value / before[0] - 1 if before else None


@pytest.mark.parametrize("table", ["three_increases", "two_only_increase"])
def test_every_verdict_equals_the_one_recomputed_from_the_workbooks(
    trends: duckdb.DuckDBPyConnection, printed: Figures, table: str
) -> None:
    rows = trends.execute(
        f"""select county_code, fiscal_year, stage, item, test, meets_restated, meets_published, verdict,
                   gap_restated_points, gap_published_points from trends.{table} where binding"""
    ).fetchall()
    years = range(max(2018, YEARS[0]), YEARS[-1] + 1) if table == "two_only_increase" else YEARS
    assert len(rows) == COUNTIES * len(years) * (7 if table == "three_increases" else 3)
    for county, year, stage, item, test, restated, published, verdict, gap_restated, gap_published in rows:
        gaps = list(_growths(printed, (county, year, stage, item)))
        if test == "funds_over_revenue":
            revenue = _growths(printed, (county, year, "all", "regular_revenue"))
            gaps = [None if a is None or b is None else a - b for a, b in zip(gaps, revenue, strict=True)]
        wanted = [None if gap is None else gap > 0 if table == "three_increases" else gap >= 0 for gap in gaps]
        assert [restated, published] == wanted
        assert verdict is wanted[0]
        for got, gap in zip((gap_restated, gap_published), gaps, strict=True):
            assert got == (None if gap is None else pytest.approx(float(gap * 100), abs=1e-10))


def test_the_planted_verdict_flips_on_the_restated_base_and_no_other(trends: duckdb.DuckDBPyConnection) -> None:
    rows = trends.execute(
        """select county_code, fiscal_year, stage, test, round(growth_published * 100, 2),
                  round(growth_restated * 100, 2), verdict
           from trends.three_increases where verdicts_differ and test = 'expenditure_per_pupil'"""
    ).fetchall()
    assert rows == [(f"9901{FLIP:02d}", CASE, "junior", "expenditure_per_pupil", -0.18, 1.74, True)]


def test_the_county_that_falls_behind_fails_the_gap_once_and_three_runs(trends: duckdb.DuckDBPyConnection) -> None:
    failed = trends.execute(
        """select county_code, fiscal_year from trends.three_increases
           where test = 'funds_over_revenue' and not meets_restated"""
    ).fetchall()
    assert failed == [(f"9901{FALL_BEHIND:02d}", CASE)]
    runs = trends.execute(
        """select fiscal_year, years_met, run_verdict from trends.three_increases
           where test = 'funds_over_revenue' and county_code = ? order by 1""",
        [failed[0][0]],
    ).fetchall()
    assert runs == [
        (2016, 1, None), (2017, 2, None), (2018, 3, True), (2019, 0, False), (2020, 1, False), (2021, 2, False),
    ]  # fmt: skip


def test_shares_are_those_of_the_workbooks(trends: duckdb.DuckDBPyConnection, printed: Figures) -> None:
    rows = trends.execute(
        "select county_code, fiscal_year, item, against, value, share_declared from trends.funding_shares"
    ).fetchall()
    assert len(rows) == COUNTIES * len(YEARS) * 5
    for county, year, item, against, value, declared in rows:
        share = printed[county, year, "all", item][0] / printed[county, year, "all", against][0]
        assert value == pytest.approx(float(share), rel=1e-12)
        assert declared is None or abs(declared - value) <= 0.00005 + 1e-9
