"""Fill-in workbooks: made from a contract, read back by the reader without any layout of their own.

Belongs here: what a school or county office fills in. Does not belong here: exports of results.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from models.returns import contract as contract_named
from models.returns.contract import Contract, FieldInfo
from models.returns.layout import template_table_name
from pipelines.intake.grid import column_letter

ROWS = 2000
_HEADER_ROW = 3


def write_template(form: str, path: Path, year: int | None = None) -> None:
    """Write the fill-in workbook of a return.

    Titles and units in the header row, the English title and where the figure stands on paper in the header's note,
    input validation in the rows, code lists on a sheet of their own.

    Raises:
        KeyError: there is no such return; the message names those there are.
    """
    contract = contract_named(form)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(contract.zh[:31])
        codes = book.add_worksheet("代码表")
        help_sheet = book.add_worksheet("填表说明")
        title = book.add_format({"bold": True, "font_size": 14})
        label = book.add_format({"align": "right", "font_color": "#555555"})
        entry = book.add_format({"bg_color": "#FFF7DB", "border": 1, "num_format": "@"})
        number = book.add_format({"bg_color": "#FFF7DB", "border": 1, "num_format": "0"})  # text would fail validation
        required = book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#F4C7C3", "border": 1, "valign": "top"}
        )
        head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE9F5", "border": 1, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        sheet.write(0, 0, f"{contract.zh}（{template_table_name(form)}）", title)
        asked = f"{contract.fields[contract.period].zh}："
        blank = ""
        for column, (caption, value, form_of) in enumerate(
            [("填报单位：", blank, entry), ("行政区划代码：", blank, entry), (asked, year or blank, number)]
        ):
            sheet.write(1, 2 * column, caption, label)
            sheet.write(1, 2 * column + 1, value, form_of)
        _validate_preamble(sheet, contract)
        lists = _write_codes(codes, contract)
        for index, info in enumerate(_filled_in(contract)):
            unit = f"（{info.unit}）" if info.unit else ""
            sheet.write(_HEADER_ROW - 1, index, info.zh + unit, required if info.required else head)
            sheet.write_comment(_HEADER_ROW - 1, index, _note(info), {"x_scale": 2, "y_scale": 1.5})
            sheet.set_column(index, index, 14, None if info.numeric else text)
            _validate(sheet, index, info, lists)
        sheet.set_row(_HEADER_ROW - 1, 45)
        sheet.freeze_panes(_HEADER_ROW, 3)
        _write_help(help_sheet, contract)


def _filled_in(contract: Contract) -> list[FieldInfo]:
    """Fields that are filled in by row; year and county stand once above the table."""
    return [info for info in contract.fields.values() if info.name != contract.period]


def _note(info: FieldInfo) -> str:
    where = "；".join(f"{generation} {number}" for generation, number in info.forms.items())
    return "\n".join(part for part in (info.en, where, info.note) if part)


def _validate_preamble(sheet: Worksheet, contract: Contract) -> None:
    period = contract.fields[contract.period].zh
    by_school_year = contract.period == "school_year"
    sheet.data_validation(
        1,
        5,
        1,
        5,
        {
            "validate": "integer",
            "criteria": "between",
            "minimum": 1980,
            "maximum": 2100,
            "input_title": period,
            "input_message": "学年开始的年份，如 2020 表示 2020/21 学年" if by_school_year else "公历年份，如 2020",
            "error_title": period,
            "error_message": "请填四位年份",
        },
    )
    sheet.data_validation(
        1,
        3,
        1,
        3,
        {
            "validate": "length",
            "criteria": "==",
            "value": 6,
            "error_title": "行政区划代码",
            "error_message": "请填六位代码",
        },
    )


def _write_codes(sheet: Worksheet, contract: Contract) -> dict[str, str]:
    """Write the code lists; return the range of titles by field."""
    ranges = {}
    column = 0
    for info in contract.fields.values():
        if not info.choices:
            continue
        sheet.write(0, column, info.zh)
        for row, (code, title) in enumerate(info.choices.items(), start=1):
            sheet.write_string(row, column, title)
            sheet.write_string(row, column + 1, code)
        letter = column_letter(column)
        ranges[info.name] = f"=代码表!${letter}$2:${letter}${len(info.choices) + 1}"
        column += 3
    return ranges


def _validate(sheet: Worksheet, index: int, info: FieldInfo, lists: dict[str, str]) -> None:
    first, last = _HEADER_ROW, _HEADER_ROW + ROWS
    options: dict[str, Any]
    messages = {"error_title": info.zh[:32]}
    if info.choices:
        options = {"validate": "list", "source": lists[info.name], "error_message": "请从列表中选择", **messages}
    elif info.kind == "count":
        options = {
            "validate": "integer",
            "criteria": ">=",
            "value": 0,
            "ignore_blank": True,
            "error_message": "请填不小于 0 的整数；没有的填 0，不适用的填“*”",
            "error_type": "warning",
            **messages,
        }
    elif info.kind == "number" and info.minimum is not None:
        options = {
            "validate": "decimal",
            "criteria": ">=",
            "value": info.minimum,
            "ignore_blank": True,
            "error_message": f"请填不小于 {info.minimum:g} 的数；没有的填 0，不适用的填“*”",
            "error_type": "warning",
            **messages,
        }
    else:
        return
    sheet.data_validation(first, index, last, index, options)


def _write_help(sheet: Worksheet, contract: Contract) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 60)
    keys = [contract.fields[key] for key in contract.grain if key != contract.period]
    rows = [
        ("一行", "、".join(info.zh for info in keys) + " 唯一确定一行"),
        ("必填", "红色标题的列必填；其他列没有的填 0，不适用的填“*”，空白按缺失处理"),
        ("合计", "可以有一行“合计”，报送时与各行之和核对"),
        ("Row", "one row per " + ", ".join(info.en for info in keys)),
        ("Blank", "0 = none, * = not applicable, blank = missing"),
        *((rule.zh, rule.en) for rule in contract.rules),
    ]
    for number, (left, right) in enumerate(rows):
        sheet.write_string(number, 0, left)
        sheet.write_string(number, 1, right)
