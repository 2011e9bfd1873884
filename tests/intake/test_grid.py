"""Sheets as text cells that keep their addresses."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from pipelines.intake.archive import MOST_CELLS, scan
from pipelines.intake.grid import Grid, Merge, SheetTooLarge, UnreadableFile, column_letter, read_grids
from pipelines.intake.sniff import sniff
from tests.intake.books import Drawn, enrolment, text, xls, xlsx


def grids(content: bytes) -> list[Grid]:
    return read_grids(content, sniff(content))


@pytest.mark.parametrize("save", [xlsx, xls, text])
def test_addresses_hold_where_the_table_does_not_start_at_a1(save: object) -> None:
    drawn = Drawn([["a", None, "b"], [None, 5, None]]).shifted(3, 2)
    (grid,) = grids(save(drawn))  # type: ignore[operator]
    assert grid.cells.height == 5
    row = grid.cells.row(3)
    assert row[2 - grid.first_column] == "a"
    assert row[4 - grid.first_column] == "b"
    assert grid.cells.row(4)[3 - grid.first_column] == "5"


@pytest.mark.parametrize("save", [xlsx, xls])
def test_merged_ranges_are_in_frame_coordinates(save: object) -> None:
    drawn = Drawn([["a", None, "b"], [None, None, 1]], merges=[(0, 0, 1, 1)]).shifted(2, 3)
    (grid,) = grids(save(drawn))  # type: ignore[operator]
    assert grid.merges() == (Merge(2, 3 - grid.first_column, 3, 4 - grid.first_column),)


def test_text_knows_nothing_of_merges() -> None:
    (grid,) = grids(b"a,b\n1,2\n")
    assert grid.merges() is None


def test_blank_cells_are_null() -> None:
    (grid,) = grids(text(Drawn([["a", "b", "c"], ["", "  ", "\u00a0"], ["1", "", "　"]])))
    assert grid.cells.rows() == [("a", "b", "c"), (None, None, None), ("1", None, None)]
    (grid,) = grids(xlsx(Drawn([["a", "b", "c"], ["", "  ", "\u00a0"], ["1", "", "　"]])))
    assert grid.cells.rows() == [("a", "b", "c"), (None, None, None), ("1", None, None)]


def test_blank_lines_of_text_count_as_rows() -> None:
    (grid,) = grids(b"\n\na,b\n\n1,2\n,,\n")
    assert grid.cells.rows()[2:5] == [("a", "b"), (None, None), ("1", "2")]


def test_short_and_long_lines() -> None:
    (grid,) = grids(b"title\na,b,c\n1,2\n1,2,3,,,\n")
    assert grid.cells.rows() == [("title", None, None), ("a", "b", "c"), ("1", "2", None), ("1", "2", "3")]


def test_quotes_commas_and_line_breaks_in_cells() -> None:
    (grid,) = grids(b'"a\nb",c\n"1,234","x""y"\n')
    assert grid.cells.rows() == [("a\nb", "c"), ("1,234", 'x"y')]


def test_quotes_out_of_place_are_read() -> None:
    (grid,) = grids('a,b,c\n1,"实验"小学,3\n'.encode())
    assert grid.cells.row(1)[0] == "1"
    assert grid.cells.row(1)[2] == "3"


@pytest.mark.parametrize(
    "broken",
    [
        'code,name,x,y\n1,"安平小学,3,4\n2,乙校,5,6\n3,丙校,7,8\n',
        'code,name,x,y\n1,"安平小学,3,4\n2,乙校,5,6\n3,"丙校,7,8\n',
    ],
)
def test_a_quote_that_swallows_rows_is_refused(broken: str) -> None:
    with pytest.raises(UnreadableFile, match="quotation mark"):
        grids(broken.encode())


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends(line_end: str) -> None:
    (grid,) = grids(text(Drawn([["a", "b"], ["1", "2"]]), line_end=line_end))
    assert grid.cells.rows() == [("a", "b"), ("1", "2")]


def test_numbers_are_the_text_of_what_was_typed() -> None:
    typed = [5, 0.1, 1234567890, 2110000001, 0.5, 1e15, -3, 123456.7891, 29.02]
    (grid,) = grids(xlsx(Drawn([typed])))
    assert [float(cell) for cell in grid.cells.row(0)] == typed
    assert grid.cells.row(0)[3] == "2110000001"


def test_formulas_give_their_cached_values() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet("a")
        page.write(0, 0, "x")
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_formula(2, 0, '="a"&"b"', None, "ab")
    (grid,) = grids(content.getvalue())
    assert grid.cells.rows() == [("x",), ("2",), ("ab",)]


def test_errors_of_formulas_are_told() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet("a")
        page.write(2, 1, "x")
        page.write_formula(3, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(4, 2, "=NA()", None, "#N/A")
        page.write_formula(5, 2, "=A1", None, "#REF!")
    (grid,) = grids(content.getvalue())
    assert grid.errors() == [(3, 0, "#DIV/0!"), (4, 1, "#N/A"), (5, 1, "#REF!")]


def test_hidden_sheets_are_marked_and_chart_sheets_left_out() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, act in (("seen", "activate"), ("hidden", "hide"), ("very", "very_hidden")):
            page = book.add_worksheet(name)
            page.write(0, 0, "x")
            getattr(page, act)()
        book.add_worksheet("blank")
        book.add_chartsheet("chart")
    assert [(grid.sheet, grid.hidden) for grid in grids(content.getvalue())] == [
        ("seen", False),
        ("hidden", True),
        ("very", True),
    ]


def test_a_renamed_workbook_is_read() -> None:
    (grid,) = grids(xlsx(Drawn([["a"]], name="表 1")))
    assert grid.sheet == "表 1"


def _zip(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


GOOD = xlsx(enrolment(3))
GOOD_XLS = xls(enrolment(3))


@pytest.mark.parametrize(
    "content",
    [
        _zip(readme=b"x"),
        _zip(word__document=b"<w:document/>"),
        GOOD[: len(GOOD) // 2],
        GOOD[:100],
        GOOD_XLS[:1000],
        GOOD_XLS[:8] + b"\x00" * 2000,
        GOOD_XLS[:8],
        b"PK\x03\x04" + b"x" * 50,
    ],
    ids=["zip", "docx", "half", "start", "xls start", "xls blank", "xls mark", "no zip"],
)
def test_damaged_and_foreign_archives(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        grids(content)


def test_a_workbook_behind_a_password() -> None:
    # An encrypted workbook is an OLE2 file with a stream EncryptedPackage instead of a workbook.
    with pytest.raises(UnreadableFile):
        grids(encrypted_package())


def encrypted_package() -> bytes:
    """The OLE2 container of an encrypted .xlsx: right structure, unreadable content."""
    sector = 512
    header = bytearray(b"\xff" * sector)
    header[:76] = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\x00" * 16
        + bytes.fromhex("3e000300feff09000600")
        + b"\x00" * 10
        + (1).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + b"\x00" * 4
        + (4096).to_bytes(4, "little")
        + (0xFFFFFFFE).to_bytes(4, "little")
        + b"\x00" * 4
        + (0xFFFFFFFE).to_bytes(4, "little")
        + b"\x00" * 4
    )
    header[76:80] = (0).to_bytes(4, "little")
    fat = bytearray(b"\xff" * sector)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 12), 0xFFFFFFFE]
    for number, following in enumerate(chain):
        fat[4 * number : 4 * number + 4] = following.to_bytes(4, "little")

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\x00\x00"
        return (
            raw.ljust(64, b"\x00")
            + len(raw).to_bytes(2, "little")
            + bytes([kind, 1])
            + b"\xff" * 8
            + child.to_bytes(4, "little")
            + b"\x00" * 36
            + start.to_bytes(4, "little")
            + size.to_bytes(8, "little")
        )

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("EncryptedPackage", 2, 0xFFFFFFFF, 2, 5000)
    directory = directory.ljust(sector, b"\x00")
    return bytes(header) + bytes(fat) + directory + b"\x5a" * (sector * 10)


def test_a_stray_cell_far_below_is_no_trouble() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["C40000"] = "x", "."
    buffer = io.BytesIO()
    book.save(buffer)
    (grid,) = grids(buffer.getvalue())
    assert grid.cells.height == 40000
    assert grid.cells.row(39999)[2] == "."


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_column_letters(index: int, letters: str) -> None:
    assert column_letter(index) == letters


def _with(addresses: list[str], *, styled: list[str] = (), order: bool = True) -> bytes:  # type: ignore[assignment]
    """A small table and more cells, filled or only formatted; ``order`` false: the last row is written first."""
    book = openpyxl.Workbook()
    page = book.active
    for row in range(1, 20):
        page.append([row, row * 2, row * 3])
    for address in addresses:
        page[address] = "。"
    for address in styled:
        page[address].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")
    buffer = io.BytesIO()
    book.save(buffer)
    if order:
        return buffer.getvalue()
    source, target = zipfile.ZipFile(buffer), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            if "sheet1" in name:
                head, rest = part.split(b"<sheetData>")
                rows, tail = rest.split(b"</sheetData>")
                split = rows.rindex(b"<row")
                part = head + b"<sheetData>" + rows[split:] + rows[:split] + b"</sheetData>" + tail
            archive.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("address", ["XFD1048576", "XFD5", "CZ1048576", "AAA1048576", "AZZ20000"])
@pytest.mark.parametrize("order", [True, False])
def test_a_cell_far_outside_is_refused_before_memory_is_taken(address: str, order: bool) -> None:
    content = _with([address], order=order)
    if address == "XFD5":  # wide, but of few rows
        (grid,) = grids(content)
        assert (grid.cells.height, grid.cells.width) == (19, 16_384)
        return
    with pytest.raises(SheetTooLarge, match=address):
        grids(content)


def test_cells_that_are_only_formatted_reach_as_far_as_they_like() -> None:
    (grid,) = grids(_with([], styled=["XFD1048576", "ZZ500000"]))
    assert (grid.cells.height, grid.cells.width) == (19, 3)


def test_a_long_sheet_is_not_a_large_one() -> None:
    (grid,) = grids(_with(["C300000"]))
    assert grid.cells.height == 300_000
    assert MOST_CELLS > 300_000 * 3


def test_what_the_archive_says_of_merges_is_what_the_reader_of_workbooks_says() -> None:
    first = enrolment(3)
    second = Drawn([["a", None, "b"], [None, None, 1]], merges=[(0, 0, 1, 1)], name="其他").shifted(2, 30)
    content = xlsx(first, second)
    told = {
        (merge.top, merge.left + grid.first_column, merge.bottom, merge.right + grid.first_column)
        for grid in grids(content)
        for merge in grid.merges() or ()
    }
    assert set(scan(content).merges) == told and len(told) > 4


@pytest.mark.parametrize("save", [xlsx, xls])
def test_merges_between_rows_tell_sheets_apart(save: object) -> None:
    plain, merged = Drawn([["a", None], ["b", "c"], [1, 2]]), Drawn([["a", None], ["b", "c"], [1, 2]], [(0, 0, 0, 1)])
    (first,), (second,) = grids(save(plain)), grids(save(merged))  # type: ignore[operator]
    assert first.merges_between(0, 1) == ()
    assert second.merges_between(0, 1) == ((0, 0, 0, 1),)
    assert second.merges_between(1, 2) == ()
    (of_text,) = grids(text(plain))
    assert of_text.merges_between(0, 1) is None
