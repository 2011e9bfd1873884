"""Three official tables of Beijing's districts: verdicts recomputed from the text, and what is wrong in the files.

Found by the rules, not known to them: in the table of 2025 the columns share and growth are swapped in all sixteen rows
(two "shares" are negative), and the table of expenditure per pupil of 2023 is the table of public-use funds once more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.publish import inputs
from pipelines.rules import check_across
from tests.real.warehouse_of import RECEIVED, warehouse_of
from warehouse.home import Home
from warehouse.ledger import Ledger

Row = dict[str, str]
Connection = duckdb.DuckDBPyConnection
FOLDER = "beijing_district_funding"
#: Layout, a part of the file's name that tells it from the others, the item of its per-pupil columns.
FUNDS = ("beijing_education_funds", "教育经费增长情况", "education_funds")
PUBLIC_USE = ("beijing_public_use_per_pupil", "公用经费", "public_use_per_pupil")
EXPENDITURE = ("beijing_expenditure_per_pupil", "事业费", "expenditure_per_pupil")
LEVELS = {"kindergarten": "幼儿园", "primary": "普通小学"}


def _path(shared: Path, name: str) -> Path:
    return next(path for path in (shared / FOLDER).iterdir() if name in path.name)


def _rows(shared: Path, name: str) -> list[Row]:
    with _path(shared, name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _growths(row: Row) -> list[Fraction]:
    """Share, growth, growth of revenue and gap of a row of the first table, as printed."""
    return [Fraction(text) for text in list(row.values())[3:7]]


@pytest.fixture(scope="module")
def beijing(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    home = Home(tmp_path_factory.mktemp("beijing")).ensure()
    with Ledger.open(home.ledger_url) as ledger:
        for layout, name, _ in (FUNDS, PUBLIC_USE):
            receive(home, ledger, [_path(shared, name)], layout=layout, received_by="test", now=RECEIVED)
    connection, receipts = warehouse_of(home, [_path(shared, EXPENDITURE[1])], layout=EXPENDITURE[0])
    assert receipts[0].submission.status == "accepted"
    yield connection
    connection.close()


@pytest.fixture
def findings(shared: Path, home: Home, ledger: Ledger) -> pl.DataFrame:
    for layout, name, _ in (FUNDS, PUBLIC_USE, EXPENDITURE):
        (receipt,) = receive(home, ledger, [_path(shared, name)], layout=layout, received_by="test", now=RECEIVED)
        assert (receipt.submission.status, receipt.findings.height) == ("accepted", 0), "every column is known"
    for year in ledger.periods():
        assemble(home, ledger, year)
    across = check_across(home, ledger, {}, inputs(home)).findings
    staged = [pl.read_parquet(home.staging / "findings" / f"{year}.parquet") for year in ledger.periods()]
    return pl.concat([*staged, across])


@pytest.mark.parametrize(("layout", "name", "item"), [PUBLIC_USE, EXPENDITURE])
def test_per_pupil_verdicts_equal_exact_fractions(
    shared: Path, beijing: Connection, layout: str, name: str, item: str
) -> None:
    found = {
        (district, str(year), stage): rest
        for district, year, stage, *rest in beijing.execute(
            """select county_name, fiscal_year, stage, value_yuan, prior_value_yuan, growth_restated, verdict,
                      verdict_base, margin_points, binding, reason
               from trends.three_increases where test = ? and value_yuan is not null""",
            [item],
        ).fetchall()
    }
    rows = _rows(shared, name)
    assert len(found) == 2 * len(rows)
    for row in rows:
        for stage, printed in LEVELS.items():
            value, prior = Fraction(row[f"{printed}本年"]), Fraction(row[f"{printed}上年"])
            growth = value / prior - 1
            got = found[row["地区"], row["更新年度"], stage]
            assert got[:2] == [float(value), float(prior)]
            assert got[2] == pytest.approx(float(growth), abs=1e-14)
            assert got[3] is (growth > 0)
            assert got[4] == "prior_value"
            assert got[5] == pytest.approx(float(growth * 100), abs=1e-12)
            assert got[6:] == [stage == "primary", None]
    verdicts = [got[3] for key, got in found.items() if key[1] == "2023"]
    assert {True, False} <= set(verdicts), "both verdicts occur"


def test_verdicts_of_2023_on_funds_against_revenue(shared: Path, beijing: Connection) -> None:
    found = {
        district: rest
        for district, *rest in beijing.execute(
            """select county_name, verdict, margin_points, declared_gap_points, verdict_base, value_yuan
               from trends.three_increases where test = 'funds_over_revenue' and fiscal_year = 2023"""
        ).fetchall()
    }
    rows = [row for row in _rows(shared, FUNDS[1]) if row["更新年度"] == "2023"]
    assert len(found) == len(rows) == 16
    for row in rows:
        _, growth, revenue, gap = _growths(row)
        verdict, margin, declared, base, value = found[row["地区"]]
        assert verdict is (growth - revenue > 0)
        assert margin == pytest.approx(float(growth - revenue), abs=1e-9)
        assert declared == pytest.approx(float(gap), abs=1e-9)
        assert base == "declared"
        assert value == float(Fraction(row["一般公共预算教育经费（亿元）"]) * 10**8)
    assert sorted(d for d, got in found.items() if not got[0]) == sorted(
        ["顺义区", "大兴区", "怀柔区", "通州区", "石景山区", "门头沟区"]
    )


def test_share_and_growth_of_2025_are_found_swapped_in_every_row(shared: Path, findings: pl.DataFrame) -> None:
    """The gap is the difference of the growths in 2023 and of *share* and revenue's growth in 2025."""
    rows = _rows(shared, FUNDS[1])
    for row in rows:
        share, growth, revenue, gap = _growths(row)
        assert (growth - revenue == gap) is (row["更新年度"] == "2023")
        assert (share - revenue == gap) is (row["更新年度"] == "2025")
    swapped = findings.filter(pl.col("rule") == "share_and_growth_in_each_others_place")
    cells = [f"E{number}" for number, row in enumerate(rows, start=2) if row["更新年度"] == "2025"]
    assert sorted(swapped["cell"]) == sorted(cells)
    assert set(swapped["severity"]) == {"error"}
    assert set(swapped["file_name"]) == {_path(shared, FUNDS[1]).name}
    expected = {f"E{n}": list(row.values())[3] for n, row in enumerate(rows, start=2)}
    for cell, text in swapped.select("cell", "expected").iter_rows():
        assert Fraction(text) == Fraction(expected[cell])
    negative = findings.filter(pl.col("rule") == "value_out_of_range")
    assert sorted(negative["cell"]) == sorted(
        f"D{n}" for n, row in enumerate(rows, start=2) if Fraction(list(row.values())[3]) < 0
    )


def test_no_verdict_rests_on_swapped_columns(beijing: Connection) -> None:
    rows = beijing.execute(
        """select fiscal_year, count(*), count(verdict), min(reason), max(reason), count(run_verdict)
           from trends.three_increases where test = 'funds_over_revenue' and fiscal_year > 2023 group by 1 order by 1"""
    ).fetchall()
    assert [row[:5] for row in rows] == [
        (2024, 16, 0, "not_reported", "not_reported"),
        (2025, 16, 0, "quarantined", "quarantined"),
    ]


def test_the_table_of_expenditure_is_found_to_be_that_of_public_use(shared: Path, findings: pl.DataFrame) -> None:
    def figures(name: str) -> dict[str, list[str]]:
        return {row["地区"]: list(row.values())[2:] for row in _rows(shared, name) if row["更新年度"] == "2023"}

    assert figures(PUBLIC_USE[1]) == figures(EXPENDITURE[1]), "so it is"
    same = findings.filter(pl.col("rule") == "funding_same_figures_for_two_items")
    for _, name, _ in (PUBLIC_USE, EXPENDITURE):
        path = _path(shared, name)
        rows = _rows(shared, name)
        cells = {f"{column}{n}" for n, row in enumerate(rows, start=2) for column in "DG" if row["更新年度"] == "2023"}
        assert set(same.filter(pl.col("file_name") == path.name)["cell"]) == cells
    assert same.height == 64
    assert set(same["severity"]) == {"query"}
    assert set(same["school_year"]) == {2023}


def test_nothing_else_is_complained_of(findings: pl.DataFrame) -> None:
    """Growth equals recomputed growth in all 96 cells, the gap equals the difference in all rows of 2023."""
    assert set(findings["rule"]) == {
        "share_and_growth_in_each_others_place",
        "value_out_of_range",
        "funding_same_figures_for_two_items",
    }
    assert findings["cell"].null_count() == 0


def test_shares_of_2023_are_declared_and_lie_in_their_place(shared: Path, beijing: Connection) -> None:
    found = dict(
        beijing.execute(
            """select county_name, value from trends.funding_shares
               where share = 'funds_of_spending' and fiscal_year = 2023"""
        ).fetchall()
    )
    for row in _rows(shared, FUNDS[1]):
        if row["更新年度"] == "2023":
            assert found[row["地区"]] == pytest.approx(float(_growths(row)[0] / 100), abs=1e-12)


def test_junior_schools_are_not_in_the_files_and_the_trend_says_so(beijing: Connection) -> None:
    reasons = beijing.execute(
        "select distinct reason, verdict from trends.three_increases where stage = 'junior' and fiscal_year = 2023"
    ).fetchall()
    assert reasons == [("not_reported", None)]


def test_a_corrected_table_lifts_the_quarantine(shared: Path, tmp_path: Path, home: Home, ledger: Ledger) -> None:
    """The same file with the two columns of 2025 put right supersedes row by row."""
    path = _path(shared, FUNDS[1])
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    corrected = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        if cells[-1] == "2025":
            cells[3], cells[4] = cells[4], cells[3]
        corrected.append(",".join(cells))
    copy = tmp_path / path.name
    copy.write_text("\n".join(corrected), encoding="utf-8")
    for file in (path, copy):
        receive(home, ledger, [file], layout=FUNDS[0], received_by="test", now=RECEIVED)
    counts = assemble(home, ledger, 2025).counts["funding"]
    assert (counts.rows, counts.quarantined, counts.errors) == (32, 0, 0)
    assert pl.read_parquet(home.staging / "findings" / "2025.parquet")["superseded"].all()
