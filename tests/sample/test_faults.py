"""The answer key is true: every fault is in its file at its cell, and every rule has a fault."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

import checks
from checks.rules import load_rules
from models.returns import CONTRACTS
from pipelines.sample import SampleSummary, write_sample

Line = dict[str, str]
#: Faults that no single cell shows; each has a test of its own below.
WITHOUT_CELL = {
    "column_left_out",
    "column_lost_by_it",
    "old_table_hidden",
    "sheet_of_the_countys_own",
    "no_school_code_column",
    "a_file_that_is_no_return",
    "a_scan_named_xlsx",
    "an_empty_file",
    "a_table_without_rows",
    "a_text_file_named_xlsx",
}


@pytest.fixture(scope="session")
def cell(returns: Path) -> Callable[[Line], str]:
    """The text that really stands in the cell a line of the answer key names."""
    books: dict[str, openpyxl.Workbook] = {}

    def read(line: Line) -> str:
        if not line["sheet"]:
            rows = list(csv.reader(io.StringIO((returns / line["file"]).read_bytes().decode("gbk"))))
            row, column = coordinate_to_tuple(line["cell"])
            return str(rows[row - 1][column - 1])
        if line["file"] not in books:
            books[line["file"]] = openpyxl.load_workbook(returns / line["file"])
        value = books[line["file"]][line["sheet"]][line["cell"]].value
        return "" if value is None else str(value)

    return read


def test_every_planted_value_stands_in_its_cell(answer_key: list[Line], cell: Callable[[Line], str]) -> None:
    lines = [line for line in answer_key if line["fault"] not in WITHOUT_CELL]
    assert len(lines) >= 40
    wrong = [(line, cell(line)) for line in lines if cell(line) != line["planted"]]
    assert wrong == []


def test_what_was_planted_differs_from_what_was_there(answer_key: list[Line]) -> None:
    same = [line["fault"] for line in answer_key if line["original"] == line["planted"]]
    assert same == [
        "row_twice", "a_file_that_is_no_return", "a_scan_named_xlsx", "a_table_without_rows", "an_empty_file",
    ]  # fmt: skip


def test_planted_rows_are_the_rows_of_their_schools(answer_key: list[Line], cell: Callable[[Line], str]) -> None:
    for line in answer_key:
        if line["school_code"] and line["field"] not in ("school_code",):
            row = coordinate_to_tuple(line["cell"])[0]
            codes = {cell({**line, "cell": f"{column}{row}"}) for column in "AB"}
            assert line["school_code"] in codes, line


def test_every_rule_of_every_return_and_of_reading_has_a_fault(answer_key: list[Line]) -> None:
    planted = {(line["rule"], line["severity"]) for line in answer_key}
    with (Path(checks.__file__).parent / "reading_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {(row["rule"], row["severity"]) for row in csv.DictReader(file)}
    for name, contract in CONTRACTS.items():
        if name != "county_summary":  # a yearbook's table: the sample has none
            rules |= {(rule.name, rule.severity) for rule in contract.rules}
    across = {(rule.name, rule.severity) for rule in load_rules()}  # each has tests of its own in tests/rules
    assert rules - planted == set()
    assert planted - rules - across == {("none", "none")}
    assert {name for name, _ in planted & across} >= {"exchange_person_in_two_places", "roster_person_at_two_schools"}


def test_faults_touch_few_schools_and_leave_the_newest_year_whole(answer_key: list[Line]) -> None:
    touched = {line["school_code"] for line in answer_key if line["severity"] == "error"} - {""}
    assert len(touched) <= 16
    assert "2023" not in {line["school_year"] for line in answer_key}
    rows = Counter(
        (line["file"], line["sheet"], line["school_code"], line["stage"])
        for line in answer_key
        if line["cell"] and line["school_code"]
    )
    assert max(rows.values()) == 1, "one fault in a row"


def _line(answer_key: list[Line], fault: str) -> Line:
    return next(line for line in answer_key if line["fault"] == fault)


def test_the_row_that_comes_twice(answer_key: list[Line], returns: Path) -> None:
    line = _line(answer_key, "row_twice")
    rows = list(openpyxl.load_workbook(returns / line["file"])[line["sheet"]].iter_rows(values_only=True))
    row = coordinate_to_tuple(line["cell"])[0] - 1
    assert rows[row] == rows[row - 1]
    assert line["school_code"] in rows[row]


def test_the_columns_that_are_left_out(answer_key: list[Line], returns: Path) -> None:
    line = _line(answer_key, "column_left_out")
    leaf = line["original"].rsplit("/", 1)[-1]
    book = openpyxl.load_workbook(returns / line["file"])
    other = openpyxl.load_workbook(returns / line["file"].replace("2017", "2018"))
    printed, beside = (
        {cell.value for row in each[line["sheet"]].iter_rows(max_row=6) for cell in row} for each in (book, other)
    )
    assert leaf in beside and leaf not in printed
    line = _line(answer_key, "no_school_code_column")
    sheet = openpyxl.load_workbook(returns / line["file"])[line["sheet"]]
    assert "班级数" in {cell.value for cell in sheet[4]} and line["original"] not in {cell.value for cell in sheet[4]}


def test_the_sheet_and_the_files_that_are_no_returns(answer_key: list[Line], returns: Path) -> None:
    line = _line(answer_key, "sheet_of_the_countys_own")
    assert line["sheet"] in openpyxl.load_workbook(returns / line["file"], read_only=True).sheetnames
    assert (returns / _line(answer_key, "a_scan_named_xlsx")["file"]).read_bytes().startswith(b"%PDF")
    assert (returns / _line(answer_key, "an_empty_file")["file"]).read_bytes().strip() == b""
    cut = _line(answer_key, "a_table_without_rows")
    assert openpyxl.load_workbook(returns / cut["file"])[cut["sheet"]].max_row < 12
    assert openpyxl.load_workbook(returns / _line(answer_key, "a_file_that_is_no_return")["file"]).sheetnames == [
        "通讯录"
    ]
    text = _line(answer_key, "a_text_file_named_xlsx")["file"]
    assert text.endswith(".xlsx") and "基础基213" in (returns / text).read_bytes().decode("gbk")


def test_the_false_total_differs_from_its_column_and_the_others_do_not(answer_key: list[Line], returns: Path) -> None:
    line = _line(answer_key, "false_total")
    sheet = openpyxl.load_workbook(returns / line["file"])[line["sheet"]]
    row, false_column = coordinate_to_tuple(line["cell"])
    schools = [list(cells) for cells in sheet.iter_rows(min_row=row + 1, values_only=True)][:-1]
    for column in range(3, sheet.max_column + 1):
        total = sum(float(str(cells[column - 1])) for cells in schools)
        assert (sheet.cell(row, column).value == total) == (column != false_column), column


def test_a_sample_without_faults_has_no_answer_key(tmp_path: Path) -> None:
    summary: SampleSummary = write_sample(tmp_path, counties=1, years=range(2020, 2022), seed=1, faults=False)
    assert summary.answer_key is None and summary.faults == 0
    assert [path.name.removeprefix("990101_示例安平县_") for path in summary.files] == [
        f"{year}{what}"
        for year in (2020, 2021)
        for what in (
            "学年.xlsx",
            "学年_教师交流.xlsx",
            "学年_教职工名册.csv",
            "学年_督导评估.xlsx",
            "年度_教育经费.xlsx",
        )
    ]
