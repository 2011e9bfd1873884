"""The workbook of findings: one for each owner and county, to be filled in with answers.

Belongs here: its sheets, columns, lists and notes. Does not belong here: reading it back (``receive``).

Text from returns is written as text with the mark that keeps a spreadsheet from reading it as a formula when somebody
edits the cell; years are numbers, so that they sort.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from models.returns import CONTRACTS
from pipelines.answers.words import ANSWERS, FILLED_IN, words
from pipelines.days import day_of
from warehouse.files import make_folder, replacing

#: Title, line of what it is about, blank line, then the headers.
HEADER_ROW = 3
#: A cell of a workbook holds 32,767 characters.
_LONGEST = 32_000

_WIDTHS = {
    "finding_id": 18, "severity": 7, "school_year": 8, "form": 14, "school_code": 13, "file_name": 30, "sheet": 16,
    "cell": 9, "value": 14, "expected": 14, "message": 44, "guidance": 40, "answer": 12, "reason": 44, "by": 12,
    "dated": 12,
}  # fmt: skip


def write_books(
    folder: Path,
    findings: pl.DataFrame,
    *,
    language: str = "zh",
    counties: Mapping[str, str],
    departments: Mapping[str, str],
    release: str | None,
    now: datetime,
) -> list[Path]:
    """Write a workbook for each owner and county that has something to answer; return their paths.

    Args:
        findings: those to be answered (``checks.status``).
        counties, departments: names by code, in the language.
        release: the release they belong to, if there is one.
        now: the day printed on them.
    """
    make_folder(folder)
    paths = []
    ordered = findings.sort("county_code", "owner", "severity", "school_year", "school_code", "file_name", "row_number")
    for (county, owner), group in ordered.group_by(["county_code", "owner"], maintain_order=True):
        name = counties.get(str(county), str(county)) if county else words(language)["no_county"]
        department = departments.get(str(owner), str(owner))
        parts = [str(county or ""), name if name != county else "", department, words(language)["file"]]
        path = folder / (_plain("_".join(part for part in parts if part)) + ".xlsx")
        with replacing(path) as temporary:
            _write(temporary, group, name, department, language, release, now)
        paths.append(path)
    return paths


def _plain(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name)[:120]


def _write(
    path: Path, rows: pl.DataFrame, county: str, owner: str, language: str, release: str | None, now: datetime
) -> None:
    say = words(language)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(say["sheet"])
        help_sheet = book.add_worksheet(say["help_sheet"])
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE9F5", "border": 1}),
            "fill_head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#F7E3A1", "border": 1}),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "quote_prefix": True}),
            "number": book.add_format({"num_format": "0", "valign": "top"}),
            "fill": book.add_format(
                {"bg_color": "#FFF7DB", "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}
            ),
            "date": book.add_format({"bg_color": "#FFF7DB", "border": 1, "valign": "top", "num_format": "yyyy-mm-dd"}),
        }
        sheet.write_string(0, 0, say["title"].format(county=county, owner=owner), formats["title"])
        sheet.write_string(1, 0, say["made"].format(day=day_of(now), release=release or "—"))
        for column, (name, width) in enumerate(_WIDTHS.items()):
            sheet.set_column(column, column, width)
            style = "fill_head" if name in FILLED_IN else "head"
            sheet.write_string(HEADER_ROW, column, say[f"column.{name}"], formats[style])
        for number, row in enumerate(rows.iter_rows(named=True), start=HEADER_ROW + 1):
            _write_row(sheet, number, row, language, formats)
        last = HEADER_ROW + rows.height
        _validate(sheet, rows["severity"].to_list(), last, say)
        sheet.autofilter(HEADER_ROW, 0, last, len(_WIDTHS) - 1)
        sheet.freeze_panes(HEADER_ROW + 1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        help_sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True}))
        for number in range(1, 7):
            help_sheet.write_string(number - 1, 0, f"{number}. {say[f'help.{number}']}")


def _write_row(
    sheet: Worksheet, number: int, row: Mapping[str, Any], language: str, formats: Mapping[str, Any]
) -> None:
    say = words(language)
    form = CONTRACTS.get(row["form"] or "")
    told = {
        **row,
        "severity": say[f"severity.{row['severity']}"],
        "form": (form.zh if language == "zh" else form.en) if form else row["form"],
        "message": row[f"message_{language}"],
        "guidance": row[f"guidance_{language}"],
    }
    for column, name in enumerate(_WIDTHS):
        if name in FILLED_IN:
            sheet.write_blank(number, column, None, formats["date" if name == "dated" else "fill"])
        elif isinstance(told[name], int):
            sheet.write_number(number, column, told[name], formats["number"])
        else:
            sheet.write_string(number, column, (told[name] or "")[:_LONGEST], formats["text"])


def _validate(sheet: Worksheet, severities: list[str], last: int, say: Mapping[str, str]) -> None:
    """Lists of answers (errors cannot be explained away) in unbroken spans of one severity, and dates."""
    names = list(_WIDTHS)
    column = names.index("answer")
    first = HEADER_ROW + 1
    start = 0
    for end in range(1, len(severities) + 1):
        if end < len(severities) and severities[end] == severities[start]:
            continue
        allowed = [name for name in ANSWERS if not (name == "explanation" and severities[start] == "error")]
        options = {
            "validate": "list",
            "source": [say[f"answer.{name}"] for name in allowed],
            "error_title": say["list.title"],
            "error_message": say["list.error"],
        }
        sheet.data_validation(first + start, column, first + end - 1, column, options)
        start = end
    day = {
        "validate": "date",
        "criteria": ">=",
        "value": datetime(2000, 1, 1),
        "error_title": say["column.dated"],
        "error_message": say["date.error"],
        "error_type": "warning",
    }
    sheet.data_validation(first, names.index("dated"), last, names.index("dated"), day)
