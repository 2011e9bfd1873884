"""Workbooks and text files damaged at random, in memory: what is done to them, and the bytes that come of it.

Belongs here: the good files, the damages, a small writer of .xlsx. Does not belong here: what the reader should make of
them (``outcome``).
"""

from __future__ import annotations

import copy
import datetime
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tests.intake.books import (
    ENROLMENT_PATHS,
    Drawn,
    Row,
    code,
    enrolment_row,
    letter,
    printed_headers,
    sheet,
    text,
    xls,
)

SCHOOLS = 6
#: The return of each sheet of the good workbook, in its order.
FORMS = ("enrolment", "equipment", "movement")


@dataclass(frozen=True)
class Error:
    """A cell whose formula failed: ``#REF!``."""

    text: str


@dataclass
class Damaged:
    """A file as it was sent: the sheet of each return, what was done to them, the bytes, and what each cell holds."""

    sheets: dict[str, Drawn]
    done: list[str]
    content: bytes
    name: str
    held: dict[str, dict[str, Any]]


def good_sheets() -> list[Drawn]:
    """Three tables of one county: pupils, movement, equipment (with units, a total and a note)."""
    pupils = sheet(ENROLMENT_PATHS, [enrolment_row(n) for n in range(1, SCHOOLS + 1)], name="基础基312",
                   after=[["合计", None, None, None, 831], ["注：本表为示例。"]])  # fmt: skip
    paths = printed_headers("jichuji", "基础基522")
    rows: list[Row] = []
    for n in range(1, SCHOOLS + 1):
        cells = {"序号": n, "学校标识码": code(n), "学校名称": f"第{n}小学"}
        rows.append(
            [cells.get(path, n * 7 if "计算机" in path else n * 1.25 if "总值" in path else n) for path in paths]
        )
    units = [None, None, None, *["册"] * 2, *["台"] * 3, *["间"] * 4, *["万元"] * 2][: len(paths)]
    equipment = sheet(paths, rows, preamble=[["基础基522 2020学年 行政区划代码：990101"]], name="基础基522",
                      below_header=[units])  # fmt: skip
    moves = printed_headers("jichuji", "基础基331")
    lines: list[Row] = []
    for n in range(1, SCHOOLS + 1):
        cells = {"序号": n, "学校标识码": code(n), "学校名称": f"第{n}小学", "学段": "小学"}
        lines.append([cells.get(path, 100 if path.endswith("年初在校生数") else 0) for path in moves])
    numbers = [["甲", "乙", "丙", "丁", *range(1, len(moves) - 3)]]
    movement = sheet(
        moves, lines, preamble=[["基础基331 2020学年 行政区划代码：990101"]], name="基础基331", below_header=numbers
    )
    return [pupils, equipment, movement]


STRANGE: list[Any] = [
    "abc", "12人", "１２", "1,234", "*", "-", None, -5, 3.7, 1e300, True, "合计", "小计", "学校标识码", "其中", "注：", "",
    "2199000001", 2199000001, "2199000002", "219900000", "小学", "初中", Error("#REF!"), Error("#DIV/0!"), "=1/0", "nan",
    "①", "12③", "2020学年", "单位：元", "😀" * 50, datetime.date(2020, 9, 1), 0, 10**18, " ", "基础基331", "9" * 400,
    "<b>&\"'", "1e400", "0x1F", "1.234.567", "２０２０学年", "\u202e21", "−5",
]  # fmt: skip


def _width(page: Drawn) -> int:
    return max(map(len, page.rows))


def _read(page: Drawn, row: int, column: int) -> Any:
    cells = page.rows[row] if row < len(page.rows) else []
    return cells[column] if column < len(cells) else None


def _write(page: Drawn, row: int, column: int, value: Any) -> None:
    """Set a cell, unless it lies under a merged one."""
    for top, left, bottom, right in page.merges:
        if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
            return
    while len(page.rows) <= row:
        page.rows.append([])
    cells = page.rows[row]
    cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = value


def _swap(page: Drawn, one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = _read(page, *one), _read(page, *other)
    _write(page, *one, second)
    _write(page, *other, first)


def _anywhere(page: Drawn, rnd: random.Random) -> tuple[int, int]:
    return rnd.randrange(len(page.rows)), rnd.randrange(_width(page))


def swap_cells(page: Drawn, rnd: random.Random) -> None:
    _swap(page, _anywhere(page, rnd), _anywhere(page, rnd))


def swap_in_row(page: Drawn, rnd: random.Random) -> None:
    row, column = _anywhere(page, rnd)
    _swap(page, (row, column), (row, rnd.randrange(_width(page))))


def strange_cell(page: Drawn, rnd: random.Random) -> None:
    _write(page, *_anywhere(page, rnd), rnd.choice(STRANGE))


def strange_figure(page: Drawn, rnd: random.Random) -> None:
    _write(page, rnd.randint(6, max(6, len(page.rows) - 1)), rnd.randrange(1, _width(page)), rnd.choice(STRANGE))


def other_figure(page: Drawn, rnd: random.Random) -> None:
    _write(page, rnd.randint(6, max(6, len(page.rows) - 1)), rnd.randrange(3, _width(page)), rnd.randrange(0, 999))


def blank_figures(page: Drawn, rnd: random.Random) -> None:
    top, left = _anywhere(page, rnd)
    for row in range(top, top + rnd.randint(1, 4)):
        for column in range(left, min(left + rnd.randint(1, 6), _width(page))):
            _write(page, row, column, None)


def delete_row(page: Drawn, rnd: random.Random) -> None:
    row = rnd.randrange(len(page.rows))
    del page.rows[row]
    page.merges = [(t - (t > row), x, b - (b >= row), y) for t, x, b, y in page.merges if not t == b == row]


def insert_row(page: Drawn, rnd: random.Random) -> None:
    row = rnd.randrange(len(page.rows))
    page.rows.insert(row, [])
    page.merges = [(t + (t >= row), x, b + (b >= row), y) for t, x, b, y in page.merges]


def duplicate_row(page: Drawn, rnd: random.Random) -> None:
    copied = list(page.rows[rnd.randrange(len(page.rows))])
    to = len(page.rows) if rnd.random() < 0.5 else rnd.randrange(len(page.rows))
    for column, value in enumerate(copied):
        _write(page, to, column, value)


def swap_rows(page: Drawn, rnd: random.Random) -> None:
    one, other = rnd.randrange(len(page.rows)), rnd.randrange(len(page.rows))
    page.rows[one], page.rows[other] = page.rows[other], page.rows[one]


def delete_column(page: Drawn, rnd: random.Random) -> None:
    column = rnd.randrange(_width(page))
    for cells in page.rows:
        del cells[column : column + 1]
    page.merges = [(t, x - (x > column), b, y - (y >= column)) for t, x, b, y in page.merges if not x == y == column]


def insert_column(page: Drawn, rnd: random.Random) -> None:
    column = rnd.randrange(_width(page))
    for cells in page.rows:
        if len(cells) > column:
            cells.insert(column, None)
    page.merges = [(t, x + (x >= column), b, y + (y >= column)) for t, x, b, y in page.merges]


def shift_header(page: Drawn, rnd: random.Random) -> None:
    row = rnd.randint(1, min(5, len(page.rows) - 1))
    values = list(page.rows[row])
    for column, value in enumerate(values):
        _write(page, row, column + rnd.choice([-1, 1]) if column else 0, value)


def shift_row(page: Drawn, rnd: random.Random) -> None:
    page.rows[rnd.randrange(len(page.rows))].insert(rnd.randrange(4), None)


def swap_headers(page: Drawn, rnd: random.Random) -> None:
    row = rnd.randint(1, min(5, len(page.rows) - 1))
    _swap(page, (row, rnd.randrange(_width(page))), (row, rnd.randrange(_width(page))))


def copy_header(page: Drawn, rnd: random.Random) -> None:
    row = rnd.randint(1, min(5, len(page.rows) - 1))
    _write(page, row, rnd.randrange(_width(page)), _read(page, row, rnd.randrange(_width(page))))


def unmerge(page: Drawn, rnd: random.Random) -> None:
    page.merges = [merge for merge in page.merges if rnd.random() < 0.5]


def merge(page: Drawn, rnd: random.Random) -> None:
    """Cells merged as a spreadsheet does it: the first one's text stays, the others are emptied."""
    row, column = _anywhere(page, rnd)
    bottom, right = row + rnd.randint(0, 1), column + rnd.randint(1, 3)
    if any(t <= bottom and row <= b and x <= right and column <= y for t, x, b, y in page.merges):
        return
    for r in range(row, bottom + 1):
        for c in range(column, right + 1):
            if (r, c) != (row, column):
                _write(page, r, c, None)
    page.merges.append((row, column, bottom, right))


def rename(page: Drawn, rnd: random.Random) -> None:
    page.name = rnd.choice(["基础基331", "基础基312", "表1", "2019学年", "代码表", "基础基4"]) + str(rnd.randint(1, 99))


def hide(page: Drawn, rnd: random.Random) -> None:
    page.hidden = True


def words_below(page: Drawn, rnd: random.Random) -> None:
    _write(page, len(page.rows) - 1 + rnd.randint(1, 3), rnd.randrange(4), rnd.choice(STRANGE))


def far_away(page: Drawn, rnd: random.Random) -> None:
    _write(page, len(page.rows) + rnd.randrange(300), _width(page) + rnd.randrange(60), rnd.choice(STRANGE))


def blank_sheet(page: Drawn, rnd: random.Random) -> None:
    page.rows, page.merges = [[]] * rnd.randrange(1, 3), []


def truncate_sheet(page: Drawn, rnd: random.Random) -> None:
    keep = rnd.randint(1, len(page.rows))
    page.rows = page.rows[:keep]
    page.merges = [merge for merge in page.merges if merge[2] < keep]


def text_numbers(page: Drawn, rnd: random.Random) -> None:
    """Every number of some columns as text: with blanks, as a person types it, or in full width."""
    wide = {ord("0") + i: ord("０") + i for i in range(10)}
    how = rnd.choice([str, lambda v: f" {v} ", lambda v: str(v).translate(wide), lambda v: f"{v:,}"])
    for column in rnd.sample(range(3, max(4, _width(page))), k=1):
        for row in range(6, len(page.rows)):
            if isinstance(value := _read(page, row, column), (int, float)) and not isinstance(value, bool):
                _write(page, row, column, how(value))


def sort_rows(page: Drawn, rnd: random.Random) -> None:
    """The rows of schools in another order."""
    at = [i for i, row in enumerate(page.rows) if any(str(cell).startswith("2199") for cell in row)]
    shuffled = [page.rows[i] for i in rnd.sample(at, len(at))]
    for i, row in zip(at, shuffled, strict=True):
        page.rows[i] = row


DAMAGES: list[Callable[[Drawn, random.Random], None]] = [
    swap_cells, swap_in_row, strange_cell, strange_figure, strange_figure, other_figure, blank_figures, delete_row,
    insert_row, duplicate_row, swap_rows, delete_column, insert_column, shift_header, shift_row, swap_headers,
    swap_headers, copy_header, unmerge, merge, rename, hide, words_below, far_away, blank_sheet, truncate_sheet,
    text_numbers, sort_rows,
]  # fmt: skip


def damaged_file(seed: int) -> Damaged:
    """The good tables with one to three damages, as .xlsx; one in six as .xls, and one in six one table as text."""
    rnd = random.Random(seed)
    sheets = dict(zip(FORMS, copy.deepcopy(_GOOD), strict=True))
    kind = rnd.choice(["xlsx", "xlsx", "xlsx", "xlsx", "xls", "csv"])
    if kind == "csv":
        form = rnd.choice(FORMS)
        sheets = {form: sheets[form]}
    done = []
    for _ in range(rnd.randint(1, 3)):
        page, damage = rnd.choice(list(sheets.values())), rnd.choice(DAMAGES)
        if page.rows and _width(page) > 3 and len(page.rows) > 3:
            damage(page, rnd)
            done.append(damage.__name__)
    pages = list(sheets.values())
    for page in pages:
        page.hidden = page.hidden and kind == "xlsx" and not all(each.hidden for each in pages)
    if kind != "xlsx":
        _as_plain_cells(pages)
    if kind == "csv":
        content = _as_text(pages[0], rnd)
    elif kind == "xls":
        content = xls(*pages)
        for number, page in enumerate(pages, start=1):
            page.name = f"{page.name}{number}"
    else:
        for number, page in enumerate(pages):
            page.name += f"_{number}" if page.name in [each.name for each in pages[:number]] else ""
        content = workbook(pages)
    return Damaged(sheets, [kind, *done], content, f"{seed}.{kind}", {page.name: _held(page) for page in pages})


def _as_plain_cells(pages: list[Drawn]) -> None:
    """What the older formats have: texts and numbers."""
    for page in pages:
        page.rows = [[_plain(value) for value in cells] for cells in page.rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Error):
        return value.text
    return value.isoformat() if isinstance(value, datetime.date) else value


def _as_text(page: Drawn, rnd: random.Random) -> bytes:
    """A text table in one of the encodings that are sent; without what that encoding cannot write."""
    encoding = rnd.choice(["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"])
    page.name, page.merges = "", []
    page.rows = [
        [None if value is None else str(value).encode(encoding, "ignore").decode(encoding) or None for value in cells]
        for cells in page.rows
    ]
    return text(page, encoding, rnd.choice([",", "\t", ";"]), rnd.choice(["\r\n", "\n"]))


def _held(page: Drawn) -> dict[str, Any]:
    return {
        f"{letter(c)}{r}": value.text if isinstance(value, Error) else value
        for r, cells in enumerate(page.rows, start=1)
        for c, value in enumerate(cells)
        if value is not None
    }


_GOOD = good_sheets()

_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
{}</Types>"""
_SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet{}.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_ONE_REL = '<Relationship Id="rId{}" Type="' + _REL + '/{}" Target="{}"/>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def workbook(sheets: list[Drawn]) -> bytes:
    """An .xlsx workbook of these sheets; errors of formulas and dates are cells of their kind."""
    buffer = io.BytesIO()
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _TYPES.format("".join(_SHEET_TYPE.format(n) for n in numbers)))
        archive.writestr("_rels/.rels", _RELS.format(_ONE_REL.format(1, "officeDocument", "xl/workbook.xml")))
        listed = "".join(
            f'<sheet name={quoteattr(page.name)} sheetId="{n}" {"state=" + quoteattr("hidden") if page.hidden else ""} '
            f'r:id="rId{n}"/>'
            for n, page in enumerate(sheets, start=1)
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>'
        )
        rels = [_ONE_REL.format(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        rels.append(_ONE_REL.format(len(sheets) + 1, "styles", "styles.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format("".join(rels)))
        archive.writestr("xl/styles.xml", _STYLES)
        for n, page in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", _sheet_xml(page))
    return buffer.getvalue()


def _sheet_xml(page: Drawn) -> str:
    rows = []
    for number, cells in enumerate(page.rows, start=1):
        written = "".join(
            _cell_xml(f"{letter(c)}{number}", value) for c, value in enumerate(cells) if value is not None
        )
        rows.append(f'<row r="{number}">{written}</row>')
    merges = "".join(
        f'<mergeCell ref="{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"/>'
        for top, left, bottom, right in page.merges
    )
    merged = f'<mergeCells count="{len(page.merges)}">{merges}</mergeCells>' if merges else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData>{merged}</worksheet>'


def _cell_xml(address: str, value: Any) -> str:
    if isinstance(value, Error):
        return f'<c r="{address}" t="e"><v>{value.text}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{address}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime.date):
        serial = (value - datetime.date(1899, 12, 30)).days
        return f'<c r="{address}" s="1"><v>{serial}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{address}"><v>{value!r}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
