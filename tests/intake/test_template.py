"""The fill-in workbook of every return: opened, filled in and read back without a finding."""

from __future__ import annotations

import datetime
import io
import re
import re._constants as sre
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from models.returns import CONTRACTS
from models.returns.contract import Contract, FieldInfo
from pipelines.intake.identify import identify
from pipelines.intake.template import write_template
from tests.intake.books import stage_one

FORMS = list(CONTRACTS)
#: Forms about persons are staged under pseudonyms and have tests of their own.
PLAIN_FORMS = [form for form in FORMS if not CONTRACTS[form].has_persons]
HEADER = 3


def template(form: str, folder: Path, year: int | None = 2020) -> openpyxl.Workbook:
    path = folder / f"{form}.xlsx"
    write_template(form, path, year)
    return openpyxl.load_workbook(path)


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    page = book.worksheets[0]
    assert isinstance(page, Worksheet)
    return page


def headers(page: Worksheet) -> dict[str, int]:
    """Column of each printed header."""
    return {str(cell.value): cell.column for cell in page[HEADER] if cell.value}


def column_of(page: Worksheet, info: FieldInfo) -> int:
    return next(
        column for text, column in headers(page).items() if text == info.zh or text == f"{info.zh}（{info.unit}）"
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_field_has_a_titled_column_with_its_unit_and_a_note(form: str, tmp_path: Path) -> None:
    contract = CONTRACTS[form]
    page = sheet_of(template(form, tmp_path))
    fields = [info for info in contract.fields.values() if info.name != contract.period]
    assert len(headers(page)) == len(fields)
    for info in fields:
        cell = page.cell(HEADER, column_of(page, info))
        if info.unit:
            assert f"（{info.unit}）" in str(cell.value)
        assert cell.comment is not None
        assert info.en in cell.comment.text
        for generation, number in info.forms.items():
            assert f"{generation} {number}" in cell.comment.text


@pytest.mark.parametrize("form", FORMS)
def test_input_is_validated(form: str, tmp_path: Path) -> None:
    contract = CONTRACTS[form]
    page = sheet_of(template(form, tmp_path))
    rules = {}
    for rule in page.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            rules[area.min_row, area.min_col] = rule
    assert rules[2, 6].type == "whole"
    assert page["F2"].number_format != "@"  # a year that is text would not pass its own validation
    assert page["F2"].value == 2020
    for info in contract.fields.values():
        if info.name == contract.period:
            continue
        rule = rules.get((HEADER + 1, column_of(page, info)))
        if info.choices:
            assert rule is not None
            assert rule.type == "list"
            assert chosen(page, rule.formula1) == list(info.choices.values())
        elif info.kind == "count":
            assert rule is not None
            assert rule.type == "whole"
        elif info.kind == "number" and info.minimum is not None:
            assert rule is not None
            assert rule.type == "decimal"


def chosen(page: Worksheet, reference: str) -> list[Any]:
    """What a list validation offers."""
    name, area = reference.lstrip("=").split("!")
    return [row[0].value for row in page.parent[name.strip("'")][area.replace("$", "")]]


def pattern_of(contract: Contract, name: str) -> str | None:
    """The pattern that a code of a contract must match."""
    checks = contract.schema.columns[name].checks
    return next((str(check.statistics["pattern"]) for check in checks if check.name == "str_matches"), None)


def matching(pattern: str) -> str:
    """A text that matches a simple pattern (literals, classes, repeats, groups); digits are 1."""

    def of(parsed: Any) -> str:
        text = ""
        for kind, value in parsed:
            if kind in (sre.LITERAL,):
                text += chr(value)
            elif kind is sre.IN:
                text += of(value[:1])
            elif kind is sre.RANGE:
                text += "1" if value[0] == ord("0") else chr(value[0])
            elif kind is sre.CATEGORY:
                text += "1"
            elif kind is sre.MAX_REPEAT:
                text += of(value[2]) * max(value[0], 1)
            elif kind is sre.SUBPATTERN:
                text += of(value[3])
            elif kind is sre.BRANCH:
                text += of(value[1][0])
        return text

    return of(re._parser.parse(pattern))


def filled(contract: Contract, number: int) -> dict[str, Any]:
    """A row that breaks no rule: nothing happened at this school."""
    row: dict[str, Any] = {}
    for info in contract.fields.values():
        pattern = pattern_of(contract, info.name) if info.name in contract.staged_fields else None
        if info.choices:
            row[info.name] = next(iter(info.choices.values()))
        elif info.kind in ("count", "number"):
            row[info.name] = 0
        elif info.kind == "year":
            row[info.name] = 2020
        elif info.kind == "date":
            row[info.name] = datetime.date(2020, 9, 1)
        elif info.name.endswith("county_code") or (pattern and re.fullmatch(pattern, "990101")):
            row[info.name] = "990101"
        elif pattern:
            text = matching(pattern)
            assert re.match(pattern, text), (pattern, text)
            row[info.name] = text[:-1] + str(number) if text[-1] == "1" else text
        else:
            row[info.name] = f"{info.zh}{number}"
    if "successor_code" in row:
        row["successor_code"] = f"319900000{number}"
    return row


def answer(page: Worksheet, contract: Contract, rows: int = 2) -> bytes:
    page["B2"], page["D2"] = "安平县", "990101"
    for number in range(1, rows + 1):
        for name, value in filled(contract, number).items():
            if name != contract.period:
                page.cell(HEADER + number, column_of(page, contract.fields[name])).value = value
    buffer = io.BytesIO()
    page.parent.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("form", PLAIN_FORMS)
def test_filled_in_it_is_read_back_without_findings(form: str, tmp_path: Path) -> None:
    contract = CONTRACTS[form]
    keys = [[filled(contract, number)[key] for key in contract.grain if key != contract.period] for number in (1, 2)]
    rows = 1 if keys[0] == keys[1] else 2
    staged = stage_one(answer(sheet_of(template(form, tmp_path)), contract, rows), f"{form}.xlsx")
    assert staged.findings.select("rule", "field", "value", "message_en").rows() == []
    assert staged.rows[form].height == rows
    row = staged.rows[form].row(0, named=True)
    assert row[contract.period] == 2020
    for info in contract.fields.values():
        expected = filled(contract, 1).get(info.name)
        if info.choices:
            assert row[info.name] == next(iter(info.choices))
        elif info.name != contract.period and info.kind != "name":
            assert row[info.name] == expected


@pytest.mark.parametrize("form", PLAIN_FORMS)
def test_an_empty_template_has_no_rows_and_no_crash(form: str, tmp_path: Path) -> None:
    write_template(form, tmp_path / "t.xlsx", 2020)
    staged = stage_one((tmp_path / "t.xlsx").read_bytes(), "t.xlsx")
    assert all(frame.is_empty() for frame in staged.rows.values())


def test_a_template_without_its_year_is_not_guessed(tmp_path: Path) -> None:
    page = sheet_of(template("enrolment", tmp_path, year=None))
    content = answer(page, CONTRACTS["enrolment"])
    assert identify(content, "enrolment.xlsx").rejected == "school_year_unknown"
    assert identify(content, "enrolment.xlsx", declared_year=2021).school_year == 2021


def test_a_template_that_was_renamed_is_known_by_itself(tmp_path: Path) -> None:
    content = answer(sheet_of(template("teacher", tmp_path)), CONTRACTS["teacher"])
    assert identify(content, "新建 Microsoft Excel 工作表.xlsx").returns == (("teacher", 2020),)


def test_an_unknown_return_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="enrolment"):
        write_template("nothing", tmp_path / "t.xlsx")
