"""The workbook of findings: what an office gets, and what comes back of what it fills in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.answers.book import HEADER_ROW, write_books
from pipelines.answers.receive import Received, receive_answers
from pipelines.answers.words import LANGUAGES, words
from tests.findings.office import HARD, QUERY, Office
from tests.intake.books import enrolment_row
from warehouse.landing import Landing

DEPARTMENTS = {"general_education": "普教科"}
FIRST = HEADER_ROW + 2  # of the lines, as a spreadsheet counts


def written(office: Office, folder: Path, language: str = "zh") -> Path:
    found = office.findings().filter(pl.col("status") == "open")
    (path,) = write_books(
        folder, found, language=language, counties={"990101": "安平县"}, departments=DEPARTMENTS, release="r1",
        now=office.now,
    )  # fmt: skip
    return path


def columns(path: Path) -> dict[str, int]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return {str(cell.value): cell.column for cell in sheet[HEADER_ROW + 1]}


def filled(path: Path, language: str, lines: dict[str, dict[str, Any]]) -> bytes:
    """The workbook with cells filled in, by rule (or, with "+", further lines at the end) and key of the column."""
    say = words(language)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    place = columns(path)
    by_rule = {}
    for row in range(FIRST, sheet.max_row + 1):
        severity = sheet.cell(row, place[say["column.severity"]]).value
        by_rule[HARD if severity == say["severity.error"] else QUERY] = row
    for rule, cells in lines.items():
        row = by_rule.get(rule) or sheet.max_row + 1
        for key, value in cells.items():
            sheet.cell(row, place[say[f"column.{key}"]], value)
    out = path.with_name("filled.xlsx")
    book.save(out)
    return out.read_bytes()


def received(office: Office, content: bytes, name: str = "filled.xlsx") -> Received:
    landing = Landing(office.home.landing)
    return receive_answers(landing, office.ledger.answers, office.findings(), content, name, now=office.now)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_and_back(language: str, office: Office, tmp_path: Path) -> None:
    say = words(language)
    path = written(office, tmp_path, language)
    assert path.name == f"990101_安平县_普教科_{say['file']}.xlsx"
    answer = {"answer": say["answer.explanation"], "reason": "该校无寄宿生", "by": "王", "dated": datetime(2020, 9, 26)}
    content = filled(path, language, {QUERY: answer, HARD: {"answer": say["answer.correction"]}})
    first = received(office, content)
    ((explanation, created),) = first.explanations
    assert created and not first.problems and first.others == {"correction": 1}
    assert (explanation.reason, explanation.explained_by, str(explanation.dated)) == (
        "该校无寄宿生",
        "王",
        "2020-09-26",
    )
    assert office.status(QUERY) == "answered"
    digest = explanation.source.split()[-1]
    assert Landing(office.home.landing).read(digest) == content, "who wrote what is kept"
    office.wait(days=1)
    again = received(office, content, "again.xlsx")
    assert [created for _, created in again.explanations] == [False]
    assert office.ledger.answers.explanations() == [explanation]


def test_the_sheet_is_made_for_those_who_fill_it_in(office: Office, tmp_path: Path) -> None:
    path = written(office, tmp_path)
    book = openpyxl.load_workbook(path)
    sheet, notes = book.worksheets
    place, say = columns(path), words("zh")
    assert notes.title == say["help_sheet"] and notes.max_row == 6
    line = {title: sheet.cell(FIRST, column) for title, column in place.items()}
    assert line["学年"].value == 2020 and line["学年"].data_type == "n"
    assert line["文件"].value == "安平县.xlsx" and line["单元格"].value
    assert line["处理办法"].value and all(line[say[f"column.{key}"]].value is None for key in ("reason", "by", "dated"))
    assert sheet.column_dimensions["K"].width > 30
    lists = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation if each.type == "list"}
    assert sorted(lists.values()) == ['"更正重报,申请豁免"', '"说明,更正重报,申请豁免"']
    assert any(each.type == "date" for each in sheet.data_validations.dataValidation)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/c calc'!A1", "@SUM(A1)", "-2", "x" * 40_000])
def test_text_from_files_is_text(text: str, office: Office, tmp_path: Path) -> None:
    found = office.findings().with_columns(pl.lit(text).alias("value"))
    (path,) = write_books(
        tmp_path, found, counties={"990101": "=安平县"}, departments=DEPARTMENTS, release=None, now=office.now
    )
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cell = sheet.cell(FIRST, columns(path)["填报值"])
    assert cell.data_type == "s" and cell.value == text[:32_000] and cell.quotePrefix
    assert sheet["A1"].data_type == "s"


@pytest.mark.parametrize(
    ("rule", "cells", "problem", "recorded"),
    [
        (QUERY, {"answer": "说明", "reason": "无寄宿"}, "blank_name", 0),
        (QUERY, {"answer": "说明", "by": "王"}, "blank_reason", 0),
        (QUERY, {"answer": "也许", "reason": "无寄宿", "by": "王"}, "unknown_answer", 0),
        (QUERY, {"reason": "无寄宿", "by": "王", "dated": "上周三"}, "unreadable_date", 1),
        (HARD, {"answer": "说明", "reason": "没错", "by": "王"}, "hard_error", 0),
        ("+", {"finding_id": "f0123456789abcde", "answer": "说明", "reason": "?", "by": "王"}, "unknown_finding", 0),
        ("+", {"answer": "说明", "reason": "?", "by": "王"}, "unknown_finding", 0),
    ],
)
def test_what_cannot_be_recorded_is_told_and_the_rest_is_recorded(
    rule: str, cells: dict[str, Any], problem: str, recorded: int, office: Office, tmp_path: Path
) -> None:
    lines = {QUERY: {"answer": "说明", "reason": "好", "by": "王"}, rule: cells}
    got = received(office, filled(written(office, tmp_path), "zh", lines))
    assert [each.problem for each in got.problems] == [problem]
    assert got.problems[0].row_number is not None and got.problems[0].row_number >= FIRST
    assert len(got.explanations) == (recorded if rule == QUERY else 1)


def test_a_finding_that_was_corrected_meanwhile_needs_no_answer(office: Office, tmp_path: Path) -> None:
    content = filled(written(office, tmp_path), "zh", {QUERY: {"reason": "无寄宿", "by": "王"}})
    office.send(enrolment_row(3))
    office.stage()
    got = received(office, content)
    assert [each.problem for each in got.problems] == ["settled"] and not got.explanations


def test_a_finding_that_was_sent_again_unchanged_takes_the_answer(office: Office, tmp_path: Path) -> None:
    content = filled(written(office, tmp_path), "zh", {QUERY: {"reason": "无寄宿", "by": "王"}})
    office.send(enrolment_row(3, boarders=None), enrolment_row(4), name="again.xlsx")
    office.stage()
    got = received(office, content)
    assert not got.problems and len(got.explanations) == 1
    assert office.status(QUERY) == "answered"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "unreadable_file"), (b"PK\x03\x04broken", "unreadable_file"), ("县,校\n1,2\n".encode(), "no_sheet")],
)
def test_other_files_are_told(content: bytes, problem: str, office: Office) -> None:
    got = received(office, content)
    assert [each.problem for each in got.problems] == [problem] and not got.explanations


def test_both_languages_have_all_words() -> None:
    zh, en = words("zh"), words("en")
    assert set(zh) == set(en) and all(zh.values()) and all(en.values())
    with pytest.raises(ValueError, match="no workbook in 'fr'"):
        words("fr")
