"""Faults that are whole files: sent under the wrong year, of two counties, unreadable, or no return at all.

Each is one more file beside the county's good ones, so that refusing it loses nothing;
the one that is not refused repeats the figures that are there. Belongs here: such files and their
lines of the answer key. Does not belong here: faults inside a good file (``faults``).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import xlsxwriter

from pipelines.sample import names
from pipelines.sample.faultkinds import Planted, drop_column
from pipelines.sample.sheet import Sheet
from pipelines.sample.workbook import CREATED, write_workbook


@dataclass(frozen=True)
class Setting:
    """Where the files go and what they are made of: a county's clean tables of ``year`` and of the year before."""

    directory: Path
    county: names.County
    year: int
    sheets: list[Sheet]
    before: list[Sheet]

    def path(self, label: str, suffix: str = ".xlsx", *, year: bool = True) -> Path:
        """Path of a file of the county that carries the label."""
        stated = f"_{self.year}学年" if year else ""
        return self.directory / f"{self.county.code}_{self.county.name}{stated}_{label}{suffix}"

    def of(self, *forms: str) -> list[Sheet]:
        """Copies of the first table of each form."""
        return [copy.deepcopy(next(s for s in self.sheets if s.form == form)) for form in forms]

    def line(
        self, fault: str, rule: str, path: Path, *, severity: str = "error", sheet: Sheet | None = None, cell: str = "",
        field: str = "", original: str = "", planted: str = "",
    ) -> Planted:  # fmt: skip
        """A line of the answer key about one of these files."""
        return Planted(
            fault=fault, rule=rule, severity=severity, file=path.name, sheet=sheet.name if sheet else "", cell=cell,
            school_code="", school_year=self.year, county_code=self.county.code, field=field, original=original,
            planted=planted, form=sheet.form if sheet else "", stage="",
        )  # fmt: skip


def plant_files(setting: Setting) -> list[Planted]:
    """Write every kind of such file that can be made here; the lines of the answer key."""
    kinds: tuple[Callable[[Setting], Planted | None], ...] = (
        _last_years_file,
        _two_counties,
        _school_of_the_neighbour,
        _no_year,
        _no_key_column,
        _no_table_number,
        _contact_list,
        _scanned,
        _stray_cell,
        _no_rows,
        _row_above,
        _empty,
    )
    return [line for kind in kinds if (line := kind(setting)) is not None]


def _year_row(sheet: Sheet, year: int) -> int:
    return next(i for i, text in enumerate(sheet.preamble) if str(year) in text)


def _last_years_file(setting: Setting) -> Planted | None:
    if not setting.before:
        return None
    path = setting.path("补报")
    sheets = [sheet for sheet in setting.before if sheet.form in ("enrolment", "teacher")]
    write_workbook(path, sheets)
    year = setting.year - 1
    row = _year_row(sheets[0], year)
    return setting.line(
        "last_years_file_under_this_years_name", "school_year_conflict", path, sheet=sheets[0],
        cell=sheets[0].address(row, 0), field="school_year", original=str(setting.year),
        planted=sheets[0].preamble[row],
    )  # fmt: skip


def _two_counties(setting: Setting) -> Planted:
    path = setting.path("两县合报")
    sheets = setting.of("premises", "equipment")
    other = names.county(setting.county.number + 1)
    row = next(i for i, text in enumerate(sheets[1].preamble) if setting.county.code in text)
    original = sheets[1].preamble[row]
    sheets[1].preamble[row] = original.replace(setting.county.code, other.code).replace(setting.county.name, other.name)
    write_workbook(path, sheets)
    return setting.line(
        "two_counties_in_one_file", "county_conflict", path, sheet=sheets[1], cell=sheets[1].address(row, 0),
        field="county_code", original=original, planted=sheets[1].preamble[row],
    )  # fmt: skip


def _school_of_the_neighbour(setting: Setting) -> Planted:
    """The neighbouring county reports a school of this one too, with the same figures."""
    path = setting.path("邻县重报")
    sheet = setting.of("movement")[0]
    other = names.county(setting.county.number + 1)
    sheet.preamble = [
        text.replace(setting.county.code, other.code).replace(setting.county.name, other.name)
        for text in sheet.preamble
    ]
    sheet.body, sheet.keys = sheet.body[-1:], sheet.keys[-1:]
    write_workbook(path, [sheet])
    column = sheet.column_of("school_code", sheet.keys[0].blocks[0][0])
    line = setting.line(
        "school_reported_by_the_neighbour", "school_of_two_counties", path, severity="query", sheet=sheet,
        cell=sheet.address(sheet.body_row, column or 0), field="school_code",
        planted=sheet.keys[0].school_code,
    )  # fmt: skip
    return replace(line, school_code=sheet.keys[0].school_code)


def _no_year(setting: Setting) -> Planted:
    path = setting.path("无学年", year=False)
    sheet = setting.of("class_size")[0]
    row = _year_row(sheet, setting.year)
    original = sheet.preamble[row]
    sheet.preamble[row] = re.sub(r"(学年|统计时点)：\d{4}(年9月1日|-\d{4}学年)", "", original)
    write_workbook(path, [sheet])
    return setting.line(
        "no_school_year_anywhere", "school_year_unknown", path, sheet=sheet, cell=sheet.address(row, 0),
        field="school_year", original=original, planted=sheet.preamble[row],
    )  # fmt: skip


def _no_key_column(setting: Setting) -> Planted | None:
    path = setting.path("无标识码")
    sheet = setting.of("class_size")[0]
    column = sheet.column_of("school_code")
    if column is None:
        return None
    printed = "/".join(sheet.columns[column].levels)
    drop_column(sheet, column)
    write_workbook(path, [sheet])
    return setting.line(
        "no_school_code_column", "missing_key_column", path, sheet=sheet, field="school_code", original=printed
    )


def _no_table_number(setting: Setting) -> Planted | None:
    """Without its number, a table of teachers could be the primary or the junior one: their headers are the same."""
    tables = [sheet for sheet in setting.sheets if sheet.form == "teacher"]
    if len({tuple(column.levels for column in sheet.columns) for sheet in tables}) != 1 or len(tables) < 2:
        return None
    path = setting.path("无表号")
    sheet = copy.deepcopy(tables[0])
    row = next(i for i, text in enumerate(sheet.preamble) if sheet.table in text)
    original, sheet.name = sheet.preamble[row], "专任教师"
    sheet.preamble = [text.replace(sheet.table, "").replace("小学", "") for text in sheet.preamble]
    write_workbook(path, [sheet])
    return setting.line(
        "no_table_number", "ambiguous_table", path, sheet=sheet, cell=sheet.address(row, 0), original=original,
        planted=sheet.preamble[row],
    )  # fmt: skip


def _contact_list(setting: Setting) -> Planted:
    path = setting.path("通讯录")
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": CREATED})
    page = book.add_worksheet("通讯录")
    title = f"{setting.county.name}教育系统通讯录（{setting.year}年）"
    for row, cells in enumerate(([title], ["科室", "电话"], ["普教科", "0000-0000000"])):
        page.write_row(row, 0, cells)
    book.close()
    return setting.line("a_file_that_is_no_return", "not_a_known_return", path)


def _scanned(setting: Setting) -> Planted:
    path = setting.path("扫描件")
    path.write_bytes(
        b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
        + f"% {setting.county.code} {setting.year}\n".encode()
    )
    return setting.line("a_scan_named_xlsx", "wrong_file_type", path)


def _stray_cell(setting: Setting) -> Planted:
    """Something typed into the last cell that a sheet can have."""
    path = setting.path("杂格")
    sheet = setting.of("class_size")[0]
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": CREATED})
    page = book.add_worksheet(sheet.name)
    for row, text in enumerate(sheet.preamble):
        page.write(row, 0, text)
    page.write(1_048_575, 16_383, "。")
    book.close()
    return setting.line(
        "something_in_the_last_cell", "cell_far_outside", path, sheet=sheet, cell="XFD1048576", planted="。"
    )


def _no_rows(setting: Setting) -> Planted:
    """A table that was cut off below its header."""
    path = setting.path("空表")
    sheet = setting.of("class_size")[0]
    sheet.body, sheet.keys, sheet.total, sheet.notes = [], [], "", []
    write_workbook(path, [sheet])
    return setting.line("a_table_without_rows", "table_without_rows", path, severity="note", sheet=sheet)


def _row_above(setting: Setting) -> Planted | None:
    """One of three schools stands above the header (their figures are those of the good file)."""
    path = setting.path("错行")
    sheet = setting.of("equipment")[0]
    column = sheet.column_of("school_code")
    if column is None or not sheet.body:
        return None
    sheet.body, sheet.keys, sheet.total = sheet.body[-3:], sheet.keys[-3:], ""
    sheet.stray, key = sheet.body.pop(0), sheet.keys.pop(0)
    write_workbook(path, [sheet])
    line = setting.line(
        "a_row_above_the_header", "row_above_the_header", path, severity="query", sheet=sheet,
        cell=sheet.address(len(sheet.preamble), column), field="school_code", planted=key.school_code,
    )  # fmt: skip
    return replace(line, school_code=key.school_code)


def _empty(setting: Setting) -> Planted:
    path = setting.path("空文件", ".csv")
    path.write_bytes(b"\n" * (setting.county.number + 100 * (setting.year % 100)))  # no two files have the same bytes
    return setting.line("an_empty_file", "empty_file", path)
