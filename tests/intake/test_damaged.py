"""Good workbooks damaged at random: the reader never crashes, and never accepts a value that its cell does not hold."""

from __future__ import annotations

import datetime
import io
import random
import unicodedata
import zipfile
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from models.returns import CONTRACTS
from models.returns.layout import load_layouts
from pipelines.intake.identify import identify
from pipelines.intake.stage import Staged
from tests.intake.books import (
    ENROLMENT_PATHS,
    Row,
    code,
    enrolment_row,
    printed_headers,
    sheet,
    stage_files,
    text,
    xls,
    xlsx,
)

SCHOOLS = 6


def good() -> bytes:
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
    equipment = sheet(paths, rows, preamble=[["基础基522 2020学年 行政区划代码：990101"]], name="基础基522",
                      below_header=[[None, None, None, *["册"] * 2, *["台"] * 3, *["间"] * 4, *["万元"] * 2][: len(paths)]])  # fmt: skip
    moves = printed_headers("jichuji", "基础基331")
    lines: list[Row] = []
    for n in range(1, SCHOOLS + 1):
        cells = {"序号": n, "学校标识码": code(n), "学校名称": f"第{n}小学", "学段": "小学"}
        lines.append([cells.get(path, 100 if path.endswith("年初在校生数") else 0) for path in moves])
    numbers = [["甲", "乙", "丙", "丁", *range(1, len(moves) - 3)]]
    movement = sheet(
        moves, lines, preamble=[["基础基331 2020学年 行政区划代码：990101"]], name="基础基331", below_header=numbers
    )
    return xlsx(pupils, equipment, movement)


GOOD = good()

STRANGE: list[Any] = [
    "abc", "12人", "１２", "1,234", "*", "-", None, -5, 3.7, 1e300, True, "合计", "小计", "学校标识码", "其中", "注：", "",
    "2199000001", 2199000001, "2199000002", "219900000", "小学", "初中", "#REF!", "=1/0", "nan", "①", "12③", "2020学年",
    "单位：元", "😀" * 50, datetime.date(2020, 9, 1), 0, 10**18, " ", "基础基331",
]  # fmt: skip


def cells_of(page: Worksheet) -> tuple[int, int]:
    return page.max_row, page.max_column


def write(page: Worksheet, row: int, column: int, value: Any) -> None:
    cell = page.cell(row, column)
    if not isinstance(cell, openpyxl.cell.cell.MergedCell):
        cell.value = value


def read(page: Worksheet, row: int, column: int) -> Any:
    return page.cell(row, column).value


def swap(page: Worksheet, a: tuple[int, int], b: tuple[int, int]) -> None:
    first, second = read(page, *a), read(page, *b)
    write(page, *a, second)
    write(page, *b, first)


def anywhere(page: Worksheet, rnd: random.Random) -> tuple[int, int]:
    rows, columns = cells_of(page)
    return rnd.randint(1, rows), rnd.randint(1, columns)


def swap_cells(page: Worksheet, rnd: random.Random) -> None:
    swap(page, anywhere(page, rnd), anywhere(page, rnd))


def swap_in_row(page: Worksheet, rnd: random.Random) -> None:
    row, column = anywhere(page, rnd)
    swap(page, (row, column), (row, rnd.randint(1, cells_of(page)[1])))


def strange_cell(page: Worksheet, rnd: random.Random) -> None:
    write(page, *anywhere(page, rnd), rnd.choice(STRANGE))


def strange_figure(page: Worksheet, rnd: random.Random) -> None:
    rows, columns = cells_of(page)
    write(page, rnd.randint(7, max(7, rows)), rnd.randint(2, columns), rnd.choice(STRANGE))


def delete_row(page: Worksheet, rnd: random.Random) -> None:
    page.delete_rows(anywhere(page, rnd)[0])


def insert_row(page: Worksheet, rnd: random.Random) -> None:
    page.insert_rows(anywhere(page, rnd)[0])


def duplicate_row(page: Worksheet, rnd: random.Random) -> None:
    row = anywhere(page, rnd)[0]
    copied = [cell.value for cell in page[row]]
    to = cells_of(page)[0] + 1 if rnd.random() < 0.5 else rnd.randint(1, cells_of(page)[0])
    for column, value in enumerate(copied, start=1):
        write(page, to, column, value)


def delete_column(page: Worksheet, rnd: random.Random) -> None:
    page.delete_cols(anywhere(page, rnd)[1])


def insert_column(page: Worksheet, rnd: random.Random) -> None:
    page.insert_cols(anywhere(page, rnd)[1])


def shift_header(page: Worksheet, rnd: random.Random) -> None:
    row = rnd.randint(3, 6)
    values = [cell.value for cell in page[row]]
    for column, value in enumerate(values, start=1):
        write(page, row, column + rnd.choice([-1, 1]) if column > 1 else 1, value)


def swap_headers(page: Worksheet, rnd: random.Random) -> None:
    row, columns = rnd.randint(2, 6), cells_of(page)[1]
    swap(page, (row, rnd.randint(1, columns)), (row, rnd.randint(1, columns)))


def copy_header(page: Worksheet, rnd: random.Random) -> None:
    row, columns = rnd.randint(2, 6), cells_of(page)[1]
    write(page, row, rnd.randint(1, columns), read(page, row, rnd.randint(1, columns)))


def unmerge(page: Worksheet, rnd: random.Random) -> None:
    for merged in list(page.merged_cells.ranges):
        if rnd.random() < 0.5:
            page.unmerge_cells(str(merged))


def merge(page: Worksheet, rnd: random.Random) -> None:
    row, column = anywhere(page, rnd)
    page.merge_cells(
        start_row=row, start_column=column, end_row=row + rnd.randint(0, 1), end_column=column + rnd.randint(1, 3)
    )


def rename(page: Worksheet, rnd: random.Random) -> None:
    page.title = rnd.choice(["基础基331", "基础基312", "表1", "2019学年", "代码表", "基础基4"]) + str(
        rnd.randint(1, 99)
    )


def hide(page: Worksheet, rnd: random.Random) -> None:
    if len(page.parent.worksheets) > 1:
        page.sheet_state = "hidden"


def words_below(page: Worksheet, rnd: random.Random) -> None:
    write(page, cells_of(page)[0] + rnd.randint(1, 3), rnd.randint(1, 4), rnd.choice(STRANGE))


DAMAGES: list[Callable[[Worksheet, random.Random], None]] = [
    swap_cells, swap_in_row, strange_cell, strange_figure, strange_figure, delete_row, insert_row, duplicate_row,
    delete_column, insert_column, shift_header, swap_headers, swap_headers, copy_header, unmerge, merge, rename, hide,
    words_below,
]  # fmt: skip


def damaged(seed: int) -> bytes:
    rnd = random.Random(seed)
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    for _ in range(rnd.randint(1, 4)):
        page = rnd.choice(book.worksheets)
        rnd.choice(DAMAGES)(page, rnd)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def plain(value: Any) -> str:
    """A cell as text, as the reader should see it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip() if value is not None else ""


def number(value: Any) -> Fraction:
    return Fraction(plain(value).replace(",", ""))


def held_cells(content: bytes) -> dict[str, dict[str, Any]]:
    """What every cell of a workbook holds, those under merged cells included (they are there, if not seen)."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    return {
        page.title: {cell.coordinate: cell.value for row in page.iter_rows() for cell in row if cell.value is not None}
        for page in book.worksheets
    }


def lies(content: bytes, staged: Staged, submission: str) -> list[str]:
    """Accepted values that are not what stands in the cells they name."""
    book = held_cells(content)
    where = {
        (row["sheet"], row["form"], row["block"], row["field"]): row
        for row in staged.columns.filter(submission_id=submission).iter_rows(named=True)
    }
    wrong = []
    for form, frame in staged.rows.items():
        for row in frame.filter(submission_id=submission).iter_rows(named=True):
            page = book[row["sheet"]]
            for name, info in CONTRACTS[form].fields.items():
                place = where.get((row["sheet"], form, row["block"], name))
                if place is None or row[name] is None:
                    continue
                cells = [page.get(f"{letters}{row['row_number']}") for letters in place["columns"].split("+")]
                if info.kind in ("count", "number"):
                    if cells == [None] and row[name] == 0:
                        continue  # a blank that the other parts prove to be 0
                    held: Any = float(sum(map(number, cells)) * Fraction(place["factor"]))
                else:
                    held = plain(cells[0])
                    if info.choices or load_layouts()[place["layout"]].value_map(name):
                        words = {**{title: key for key, title in (info.choices or {}).items()}}
                        words |= load_layouts()[place["layout"]].value_map(name)
                        held = words.get(held, held)
                staged_value = row[name] if info.kind in ("count", "number") else plain(row[name])
                if staged_value != held:
                    wrong.append(
                        f"{row['sheet']}!{place['columns']}{row['row_number']} {name}: {row[name]!r} is not {held!r}"
                    )
    return wrong


def unaddressed(content: bytes, staged: Staged, submission: str) -> list[str]:
    """Findings about a value whose cell does not hold it."""
    book = held_cells(content)
    wrong = []
    for row in staged.findings.filter(submission_id=submission).iter_rows(named=True):
        if (
            row["cell"] is None
            or row["value"] is None
            or "+" in row["cell"]
            or row["rule"] in ("unmapped_column", "unit_mismatch", "ambiguous_column")
        ):
            continue
        held = book[row["sheet"]].get(row["cell"])
        said = row["value"]
        if isinstance(held, (datetime.date, datetime.time)):
            continue
        if isinstance(held, (int, float)) and not isinstance(held, bool):
            if abs(float(said.replace(",", "")) - held) > 1e-6 * abs(held):
                wrong.append(f"{row['rule']} {row['cell']}: {said!r} is not {held!r}")
        elif plain(said) != plain(held):
            wrong.append(f"{row['rule']} {row['cell']}: {said!r} is not {held!r}")
    return wrong


def test_the_good_workbook_is_good() -> None:
    staged = stage_files({"a.xlsx": GOOD})
    assert staged.findings.select("rule", "cell", "field").rows() == []
    assert {form: frame.height for form, frame in staged.rows.items()} == dict.fromkeys(
        ("enrolment", "equipment", "movement"), SCHOOLS
    )
    assert lies(GOOD, staged, "s0") == []


@pytest.mark.parametrize("batch", range(10))
def test_damaged_workbooks(batch: int) -> None:
    seeds = range(batch * 30, batch * 30 + 30)
    files = {f"{seed}.xlsx": damaged(seed) for seed in seeds}
    staged = stage_files(files, year=2020)
    problems = {}
    for n, (name, content) in enumerate(files.items()):
        found = lies(content, staged, f"s{n}") + unaddressed(content, staged, f"s{n}")
        if found:
            problems[name] = found
    assert problems == {}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "zip"])
def test_damaged_bytes(kind: str) -> None:
    """Bytes cut, changed, and parts of the archive changed: a workbook, or a finding, never a crash."""
    drawn = sheet(ENROLMENT_PATHS, [enrolment_row(n) for n in (1, 2)])
    whole = {"xlsx": xlsx(drawn), "zip": xlsx(drawn), "xls": xls(drawn), "csv": text(drawn, "gbk")}[kind]
    for seed in range(60):
        rnd = random.Random(f"{kind}{seed}")
        content = repacked(whole, rnd) if kind == "zip" else broken(whole, rnd)
        identified = identify(content, f"a.{kind}", declared_year=2020)
        assert identified.sheets or identified.rejected
        if identified.rejected:
            assert identified.findings.filter(severity="error").height >= 1


def broken(content: bytes, rnd: random.Random) -> bytes:
    if rnd.random() < 0.4:
        return content[: rnd.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(rnd.randint(1, 20)):
        changed[rnd.randrange(len(changed))] = rnd.randrange(256)
    return bytes(changed)


def repacked(content: bytes, rnd: random.Random) -> bytes:
    """The archive with one part missing or changed."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    victim = rnd.choice(source.namelist())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            part = bytearray(source.read(name))
            if name == victim and rnd.random() < 0.25:
                continue
            if name == victim:
                for _ in range(rnd.randint(1, 8)):
                    part[rnd.randrange(len(part))] = rnd.choice(b'<>"/&0123456789ABZ=')
            archive.writestr(name, bytes(part))
    return target.getvalue()
