"""Workbooks and text files made for tests: a sheet is drawn once and saved as any kind of file.

Belongs here: drawing the sheets that county offices send. Does not belong here: any expectation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import xlwt
from openpyxl.utils import get_column_letter

from models.returns.layout import load_layouts
from pipelines.intake.stage import Staged, ToStage, stage

Cell = Any
Row = list[Cell]

YEAR = 2020
COUNTY = "990101"
PREAMBLE: list[Row] = [
    ["小学分年级学生数"],
    ["表　号：基础基312"],
    [f"填报单位：安平县　　行政区划代码：{COUNTY}　　学年：{YEAR}-{YEAR + 1}学年　　单位：人"],
]


@dataclass
class Drawn:
    """A sheet as drawn: rows of cells, and merged ranges (top, left, bottom, right), zero-based and inclusive."""

    rows: list[Row]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    name: str = "Sheet1"
    hidden: bool = False

    def shifted(self, down: int, right: int) -> Drawn:
        """The same sheet, not starting at A1."""
        rows: list[Row] = [[] for _ in range(down)] + [[None] * right + list(row) for row in self.rows]
        merges = [(t + down, x + right, b + down, y + right) for t, x, b, y in self.merges]
        return Drawn(rows, merges, self.name, self.hidden)


def code(number: int) -> str:
    """The code of a primary school of the test county."""
    return f"2199{number:06d}"


def headers(paths: Sequence[str]) -> Drawn:
    """A merged header of as many rows as the deepest path has levels."""
    levels = [path.split("/") for path in paths]
    depth = max(map(len, levels))
    rows: list[Row] = [[None] * len(paths) for _ in range(depth)]
    merges: list[tuple[int, int, int, int]] = []
    for column, parts in enumerate(levels):
        for level, text in enumerate(parts):
            start = column
            while start and levels[start - 1][: level + 1] == parts[: level + 1]:
                start -= 1
            if start == column:
                rows[level][column] = text
                end = column
                while end + 1 < len(levels) and levels[end + 1][: level + 1] == parts[: level + 1]:
                    end += 1
                if end > column and level + 1 < max(len(levels[c]) for c in range(column, end + 1)):
                    merges.append((level, column, level, end))
        if len(parts) < depth:
            merges.append((len(parts) - 1, column, depth - 1, column))
    return Drawn(rows, merges)


def printed_headers(layout: str, table: str, year: int = YEAR, form: str | None = None) -> list[str]:
    """The headers of a table in a year, in the order of its layout."""
    found = next(entry for entry in load_layouts()[layout].tables if entry.name == table)
    lines = [line for line in found.columns if line.header and line.holds_in(year) and form in (None, line.form)]
    return list(dict.fromkeys(line.header for line in lines if line.header))


def sheet(
    paths: Sequence[str],
    body: Iterable[Row],
    *,
    preamble: Sequence[Row] = PREAMBLE,
    below_header: Sequence[Row] = (),
    after: Sequence[Row] = (),
    name: str = "Sheet1",
) -> Drawn:
    """A whole sheet: preamble, header, rows under it (units, column numbers), body, totals and notes."""
    head = headers(paths)
    shift = len(preamble)
    merges = [(0, 0, 0, len(paths) - 1)] if preamble and len(paths) > 1 else []
    merges += [(t + shift, x, b + shift, y) for t, x, b, y in head.merges]
    rows = [list(row) for row in (*preamble, *head.rows, *below_header, *body, *after)]
    return Drawn(rows, merges, name)


ENROLMENT_PATHS = [
    "序号",
    "学校标识码",
    "学校名称",
    "招生数/合计",
    "在校生数/合计",
    "在校生数/女",
    "在校生数/按年级分/一年级",
    "在校生数/按年级分/二年级",
    "在校生数/按年级分/三年级",
    "在校生数/按年级分/四年级",
    "在校生数/按年级分/五年级",
    "在校生数/按年级分/六年级",
    "在校生数/寄宿生",
    "在校生数/进城务工人员随迁子女",
    "在校生数/农村留守儿童",
]


def enrolment_row(number: int, **changed: Cell) -> Row:
    """A row of 基础基312 in which everything agrees; ``changed`` replaces cells by field name."""
    grades = [20 + number, 21, 22, 23, 24, 25]
    cells: dict[str, Cell] = {
        "no": number,
        "school_code": code(number),
        "school_name": f"安平县第{number}小学",
        "entrants": grades[0],
        "pupils": sum(grades),
        "female_pupils": 60,
        **{f"grade_{i}": value for i, value in enumerate(grades, start=1)},
        "boarders": 3,
        "migrant_children": 5,
        "left_behind_children": 7,
    }
    unknown = set(changed) - set(cells)
    assert not unknown, unknown
    return list({**cells, **changed}.values())


def enrolment(count: int = 3, **parts: Any) -> Drawn:
    """A good sheet of 基础基312 with ``count`` schools."""
    return sheet(ENROLMENT_PATHS, [enrolment_row(n) for n in range(1, count + 1)], **parts)


def xlsx(*sheets: Drawn) -> bytes:
    """An .xlsx workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, drawn in enumerate(sheets, start=1):
        name = drawn.name if len({s.name for s in sheets}) == len(sheets) else f"{drawn.name}{number}"
        page = book.create_sheet(name)
        for r, row in enumerate(drawn.rows, start=1):
            for c, value in enumerate(row, start=1):
                if value is not None:
                    page.cell(r, c).value = value
        for top, left, bottom, right in drawn.merges:
            page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
        if drawn.hidden:
            page.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(*sheets: Drawn) -> bytes:
    """An .xls workbook (BIFF 8)."""
    book = xlwt.Workbook()
    for number, drawn in enumerate(sheets, start=1):
        page = book.add_sheet(drawn.name if len(sheets) == 1 else f"{drawn.name}{number}", cell_overwrite_ok=True)
        for r, row in enumerate(drawn.rows):
            for c, value in enumerate(row):
                if value is not None:
                    page.write(r, c, value)
        for top, left, bottom, right in drawn.merges:
            rows = drawn.rows
            value = rows[top][left] if left < len(rows[top]) else None
            page.write_merge(top, bottom, left, right, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def text(drawn: Drawn, encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\r\n") -> bytes:
    """A text table; merged cells are blank but for the first, as a spreadsheet exports them."""
    buffer = io.StringIO()
    width = max(map(len, drawn.rows))
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end)
    for row in drawn.rows:
        writer.writerow(["" if cell is None else cell for cell in row] + [""] * (width - len(row)))
    return buffer.getvalue().encode(encoding)


def stage_files(files: Mapping[str, bytes], **declared: Any) -> Staged:
    """Stage files given by name, as ``receive`` and ``assemble`` would; submission ids are s0, s1 …."""
    return stage(
        [
            ToStage(
                f"s{number}",
                name,
                declared.get("layout"),
                declared.get("year"),
                declared.get("county"),
                lambda content=content: content,
            )
            for number, (name, content) in enumerate(files.items())
        ]
    )


def stage_one(content: bytes, name: str = "a.xlsx", **declared: Any) -> Staged:
    """Stage one file."""
    return stage_files({name: content}, **declared)


def rules(staged: Staged, *, severity: str | None = None) -> list[str]:
    """Rules of the findings, sorted."""
    found = staged.findings if severity is None else staged.findings.filter(severity=severity)
    return sorted(found["rule"].to_list())


def values(staged: Staged, form: str, *fields: str) -> list[tuple[Any, ...]]:
    """Accepted rows of a return, in order of school code."""
    frame = staged.rows[form]
    keys = [key for key in ("school_code", "stage") if key in frame.columns]
    return frame.sort(keys).select(fields).rows()


def at(content: bytes, sheet_name: str, address: str) -> Any:
    """What stands at an address of an .xlsx workbook (cached values of formulas)."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return book[sheet_name][address].value


def letter(column: int) -> str:
    """Spreadsheet letters of a zero-based column."""
    return str(get_column_letter(column + 1))
