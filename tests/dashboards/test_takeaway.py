"""Files under the tables: typed, unrounded, defused, the same bytes for the same table."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboards.search import MODULUS, SINGLE, index_files
from pipelines.dashboards.tables import Column, Table, table
from pipelines.dashboards.takeaway import csv_bytes, sheet_names, workbook_bytes
from pipelines.dashboards.text import load

HOSTILE = "=cmd|' /C calc'!A0"
COLUMNS = (
    Column("school_name", "学校"),
    Column("school_code", "代码", "code"),
    Column("books", "图书", "number", "册"),
    Column("share", "份额", "share"),
    Column("meets", "结论", "verdict", other="Verdict", definition="七项均达标"),
)
ROWS: list[tuple[Any, ...]] = [
    (HOSTILE, "0012345678", 6.334437086092715, 1 / 3, True),
    ("东街小学", "2133010001", None, 0.0, None),
]


@pytest.fixture
def made() -> Table:
    return table("gap", "图中数据：[份额]", COLUMNS, ROWS)


def test_csv_opens_in_a_spreadsheet_and_does_nothing(made: Table) -> None:
    content = csv_bytes(made)
    assert content.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head == ["学校", "代码", "图书 [册]", "份额", "结论"]
    assert first == [f"'{HOSTILE}", "0012345678", "6.334437086092715", str(1 / 3), "true"]
    assert second == ["东街小学", "2133010001", "", "0.0", ""]


def test_workbook_is_typed_and_says_what_it_means(made: Table) -> None:
    content = workbook_bytes(load("zh"), "某县", "r1", [made, made])
    assert content == workbook_bytes(load("zh"), "某县", "r1", [made, made])
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["学校", "代码", "图书 [册]", "份额", "结论"]
    first = [(cell.value, cell.data_type) for cell in sheet[2]]
    assert first == [(HOSTILE, "s"), ("0012345678", "s"), (6.334437086092715, "n"), (1 / 3, "n"), (True, "b")]
    assert sheet["A2"].quotePrefix and not sheet["A3"].quotePrefix
    assert sheet["D2"].number_format == "0.0%"
    assert [cell.value for cell in sheet[3]][2:] == [None, 0, None]
    words = [[cell.value for cell in row] for row in book.worksheets[-1].iter_rows()]
    assert ["数据发布", "r1"] in [row[:2] for row in words]
    assert [book.sheetnames[0], "结论", "meets", None, "结论（空为未作结论）", "七项均达标", "Verdict"] in [
        [cell or None for cell in row] for row in words
    ]


@given(st.lists(st.text(max_size=50), max_size=20))
def test_names_of_sheets_are_accepted_and_unique(wanted: list[str]) -> None:
    names = sheet_names(wanted)
    assert len(names) == len(wanted) == len({name.lower() for name in names})
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="4 cells under 5 columns"):
        table("gap", "x", COLUMNS, [(1, 2, 3, 4)])


def _index(schools: int) -> dict[str, bytes]:
    counties = [("990101", "<script>县", "county/990101.html")]
    rows = (((f"21{n:08d}", f"第{n}小学", "county/990101.html"), "990101") for n in range(schools))
    return index_files(counties, rows)


def test_few_schools_are_one_file_and_many_are_shared_out() -> None:
    small = _index(3)
    assert sorted(small) == ["assets/search/all.js", "assets/search/index.js"]
    assert all(b"<" not in content and content.isascii() for content in small.values())
    large = _index(SINGLE + 1)
    bucket = f"assets/search/b{ord('9') % MODULUS}.js"
    assert b"\\u7b2c9\\u5c0f" in large[bucket]
    assert len(large[bucket]) < sum(map(len, large.values())) / 4
