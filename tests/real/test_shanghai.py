"""Three district tables of the Shanghai Statistical Yearbook 2013 (.xls, merged headers) through a layout."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger

#: Printed 总计 of each table: (file, level) → schools, graduates, entrants, pupils, staff, teachers.
PRINTED = {
    ("C2013.xls", "secondary"): (760, 149061, 169986, 590395, 75758, 51790),
    ("C2014.xls", "junior"): (None, 94645, 117489, 432686, None, None),
    ("C2014.xls", "senior"): (None, 54416, 52497, 157709, None, None),
    ("C2015.xls", "primary"): (761, 129542, 172297, 760377, 48936, 48066),
}
FIGURES = ["schools", "graduates", "entrants", "pupils", "staff", "teachers"]


def _received(home: Home, ledger: Ledger, files: list[Path]) -> tuple[pl.DataFrame, pl.DataFrame]:
    receipts = receive(home, ledger, files, layout="shanghai_yearbook", received_by="test", now=RECEIVED)
    assert [receipt.submission.status for receipt in receipts] == ["accepted"] * len(files)
    assert {pair for receipt in receipts for pair in receipt.submission.returns} == {("county_summary", 2012)}
    assemble(home, ledger, 2012)
    return (
        pl.read_parquet(home.staging / "returns" / "county_summary" / "2012.parquet"),
        pl.read_parquet(home.staging / "findings" / "2012.parquet"),
    )


def test_districts_add_up_to_the_printed_totals(shared: Path, home: Home, ledger: Ledger) -> None:
    rows, findings = _received(home, ledger, sorted((shared / "shanghai_yearbook_2012").glob("*.xls")))
    assert rows.height == 17 * 4
    assert rows["county_code"].n_unique() == 17
    for (_, level), printed in PRINTED.items():
        of_level = rows.filter(pl.col("level") == level)
        sums = of_level.select(
            [pl.col(name).sum() if of_level[name].count() else pl.lit(None).alias(name) for name in FIGURES]
        )
        assert sums.row(0) == printed
    assert findings.filter(pl.col("rule") == "printed_total_differs").is_empty()
    pudong = rows.filter((pl.col("level") == "junior") & (pl.col("county_code") == "310115"))
    assert pudong.select("county_name", "graduates", "entrants", "pupils").row(0) == ("浦东新区", 23084, 29616, 105718)


def test_more_teachers_than_staff_is_asked_about(shared: Path, home: Home, ledger: Ledger) -> None:
    """The yearbook itself prints more full-time teachers than staff for five districts (primary)."""
    _, findings = _received(home, ledger, [shared / "shanghai_yearbook_2012" / "C2015.xls"])
    asked = findings.filter(pl.col("rule") == "summary_teachers_within_staff")
    assert sorted(asked["cell"]) == ["G11", "G16", "G19", "G21", "G6"]
    assert set(asked["severity"]) == {"query"}


@pytest.mark.parametrize("column", [2, 4, 6])
def test_a_wrong_figure_breaks_the_printed_total(
    shared: Path, tmp_path: Path, home: Home, ledger: Ledger, column: int
) -> None:
    """The reconciliation can fail: the same table with one figure raised by one."""
    with CalamineWorkbook.from_path(shared / "shanghai_yearbook_2012" / "C2014.xls") as book:
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    copy = openpyxl.Workbook()
    sheet = copy.active
    assert sheet is not None
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for merged in ("A4:A5", "B4:C4", "D4:E4", "F4:G4"):
        sheet.merge_cells(merged)
    sheet.cell(8, column, sheet.cell(8, column).value + 1)
    path = tmp_path / "C2014.xlsx"
    copy.save(path)
    _, findings = _received(home, ledger, [path])
    differs = findings.filter(pl.col("rule") == "printed_total_differs")
    assert differs["cell"].to_list() == [f"{'ABCDEFG'[column - 1]}6"]
    assert float(differs["expected"][0]) - float(differs["value"][0]) == 1
