"""A return by calendar year: where its year is read from, and what contradicts it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from models.returns import CONTRACTS
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import Receipt, receive
from pipelines.intake.template import write_template
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger

Send = Callable[..., Receipt]


@pytest.fixture
def send(home: Home, ledger: Ledger) -> Send:
    def sent(path: Path, **more: object) -> Receipt:
        (receipt,) = receive(home, ledger, [path], received_by="test", now=RECEIVED, **more)  # type: ignore[arg-type]
        return receipt

    return sent


def _filled(path: Path, year: int | None, rows: list[dict[str, object]]) -> Path:
    """The fill-in workbook of the return, filled in."""
    write_template("funding", path, year)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet["D2"] = "990101"
    titles = {info.zh: info.name for info in CONTRACTS["funding"].fields.values()}
    heads = {
        titles[str(cell.value).split("（")[0]]: cell.column
        for cell in sheet[3]
        if cell.value and titles.get(str(cell.value).split("（")[0])
    }
    for number, row in enumerate(rows, start=4):
        for name, value in row.items():
            sheet.cell(number, heads[name], value)
    book.save(path)
    return path


ROW: dict[str, object] = {"stage": "小学", "item": "教师年人均工资", "value_yuan": 81000, "prior_value_yuan": 80000}


def test_the_fill_in_workbook_asks_for_the_calendar_year_and_is_read_back(
    tmp_path: Path, home: Home, ledger: Ledger, send: Send
) -> None:
    path = _filled(tmp_path / "经费.xlsx", 2019, [{**ROW, "declared_growth": 0.0125}, {**ROW, "stage": "初中"}])
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet["E2"].value == "年度："
    assert "年度" not in [str(cell.value) for cell in sheet[3]]
    receipt = send(path)
    assert receipt.submission.returns == (("funding", 2019),)
    assert receipt.findings.is_empty()
    assert assemble(home, ledger, 2019).counts["funding"].rows == 2
    rows = pl.read_parquet(home.staging / "returns" / "funding" / "2019.parquet")
    assert rows.select("fiscal_year", "county_code", "stage", "item", "value_yuan", "declared_growth").rows() == [
        (2019, "990101", "junior", "teacher_wage", 81000.0, None),
        (2019, "990101", "primary", "teacher_wage", 81000.0, 0.0125),
    ]


def test_a_year_only_in_the_files_name_or_beside_it(tmp_path: Path, send: Send) -> None:
    assert send(_filled(tmp_path / "经费2018年度.xlsx", None, [ROW])).submission.returns == (("funding", 2018),)
    path = _filled(tmp_path / "经费.xlsx", None, [ROW])
    assert send(path).submission.reason == "school_year_unknown"
    assert send(path, year=2017).submission.returns == (("funding", 2017),)


def test_a_year_that_contradicts_the_content_is_refused(tmp_path: Path, send: Send) -> None:
    receipt = send(_filled(tmp_path / "经费2018年度.xlsx", 2019, [ROW]))
    assert (receipt.submission.status, receipt.submission.reason) == ("rejected", "school_year_conflict")


def test_a_quarantined_row_keeps_its_key_and_a_correction_replaces_it_and_nothing_else(
    tmp_path: Path, home: Home, ledger: Ledger, send: Send
) -> None:
    other = {**ROW, "item": "生均一般公共预算公用经费支出", "value_yuan": 2500, "prior_value_yuan": 2400}
    send(_filled(tmp_path / "一.xlsx", 2019, [{**ROW, "declared_growth": 0.5}, other]))
    counts = assemble(home, ledger, 2019).counts["funding"]
    assert (counts.rows, counts.quarantined) == (1, 1)
    bad = pl.read_parquet(home.staging / "quarantine" / "2019.parquet")
    assert bad.select("form", "school_year", "county_code", "stage", "row_key").rows() == [
        ("funding", 2019, "990101", "primary", "990101|primary|teacher_wage")
    ]
    send(_filled(tmp_path / "二.xlsx", 2019, [{**ROW, "declared_growth": 0.0125}]))
    counts = assemble(home, ledger, 2019).counts["funding"]
    assert (counts.rows, counts.quarantined) == (2, 0)
    send(_filled(tmp_path / "三.xlsx", 2019, [{**ROW, "declared_growth": 0.4}]))
    counts = assemble(home, ledger, 2019).counts["funding"]
    assert (counts.rows, counts.quarantined) == (1, 1), "the latest statement counts, also in quarantine"


def test_a_growth_below_zero_can_be_filled_in(tmp_path: Path) -> None:
    """A warning where the contract allows the value would teach people to ignore warnings."""
    write_template("funding", tmp_path / "经费.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "经费.xlsx").worksheets[0]
    heads = {str(cell.value).split("（")[0]: cell.column_letter for cell in sheet[3] if cell.value}
    least = {
        str(entry.sqref).split(":")[0].rstrip("0123456789"): float(entry.formula1)
        for entry in sheet.data_validations.dataValidation
        if entry.type == "decimal"
    }
    assert least[heads["本年比上年增长"]] == -1
    assert least[heads["本年数"]] == 0
    assert heads["增长幅度比较"] not in least
