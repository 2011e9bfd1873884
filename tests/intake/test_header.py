"""Where a header is, and the path of texts above each column."""

from __future__ import annotations

import pytest

from models.returns.text import header_key, path_key
from pipelines.intake.header import Header, find_header_rows, flatten
from tests.intake.books import Drawn, Row, headers

WORDS = frozenset(
    {"学校标识码", "学校名称", "在校生数", "合计", "女", "按年级分", "一年级", "二年级", "面积", "资产", "设备"}
)
PATHS = [
    "学校标识码",
    "学校名称",
    "在校生数/合计",
    "在校生数/女",
    "在校生数/按年级分/一年级",
    "在校生数/按年级分/二年级",
]


def tuples(rows: list[Row]) -> list[tuple[str | None, ...]]:
    width = max(map(len, rows))
    return [tuple(None if c is None else str(c) for c in [*row, *[None] * (width - len(row))]) for row in rows]


def found(rows: list[Row]) -> tuple[int, int] | None:
    return find_header_rows(tuples(rows), WORDS)


def merged(drawn: Drawn) -> Header:
    from pipelines.intake.grid import Merge

    rows = tuples(drawn.rows)
    return flatten(rows, 0, len(rows) - 1, [Merge(*merge) for merge in drawn.merges])


@pytest.mark.parametrize(
    ("cell", "key", "unit"),
    [
        ("在校生数", "在校生数", None),
        (" 在 校\n生 数 ", "在校生数", None),
        ("在校生数（人）", "在校生数", "人"),
        ("在校生数(单位：人)", "在校生数", "人"),
        ("#在校生数", "在校生数", None),
        ("＃女", "女", None),
        ("其中：女", "女", None),
        ("# 其中:女", "女", None),
        ("其中、女", "女", None),
        ("面积（㎡）", "面积", "m2"),
        ("面积[平方米]", "面积", "平方米"),
        ("设备（台）（套）", "设备(台)", "套"),
        ("是否（1是0否）", "是否(1是0否)", None),
        ("（人）", "", "人"),
        ("单位：万元", "", "万元"),
        ("25人及以下", "25人及以下", None),
        ("合\u200b计", "合计", None),
        ("", "", None),
        (None, "", None),
    ],
)
def test_keys_of_header_cells(cell: str | None, key: str, unit: str | None) -> None:
    assert header_key(cell) == (key, unit)


def test_paths_are_normalised_by_level() -> None:
    assert path_key("在校生数（人）/其中：女 /　一年级") == "在校生数/女/一年级"


def test_header_under_titles() -> None:
    rows: list[Row] = [
        ["小学分年级学生数"],
        ["填报单位：安平县", None, "学年：2020"],
        ["学校标识码", "学校名称", "在校生数"],
    ]
    assert found([*rows, ["2199000001", "甲", 5]]) == (2, 2)


def test_no_header() -> None:
    assert found([["a", "b"], ["1", "2"]]) is None
    assert found([["学校标识码"], ["1"]]) is None


@pytest.mark.parametrize(
    "row",
    [
        ["甲", "乙", 1, 2, 3, 4],
        ["甲", "乙", "1", "2", "3", "4"],
        ["甲", "乙", "(1)", "(2)", "(3)", "(4)"],
        ["甲", "乙", "1=2+3", "2", "3", "4"],
        ["—", "—", 1, 2, 3, 4],
        [None, None, 1, 2, 3, 4],
        [None, None, "人", "人", "人", "人"],
        ["—", "—", "（人）", "（人）", "人", "人"],
        ["计量单位", None, "人", "人", "人", "人"],
    ],
)
def test_rows_of_units_and_column_numbers_belong_to_the_header(row: Row) -> None:
    head = headers(PATHS).rows
    rows = [*head, row, ["2199000001", "甲校", 1, 2, 3, 4]]
    assert found(rows) == (0, 3)
    header = flatten(tuples(rows), 0, 3, None)
    assert [column.key for column in header.columns] == PATHS
    if "人" in str(row):
        assert [column.unit for column in header.columns] == [None, None, "人", "人", "人", "人"]


@pytest.mark.parametrize(
    "row",
    [
        ["2199000001", "甲校", 1, 2, 3, 4],
        [None, "合计", 5, 12, 3, 4],
        ["合计", None, 1, 2, 3, 4],
        [None, "甲校", 1, 2, 3, 4],
        [2199000001, "合计", None, None, None, None],
        [None, None, 5, 12, 3, 4],
        ["*", "甲校", "*", "*", "*", "*"],
    ],
)
def test_rows_of_figures_do_not(row: Row) -> None:
    assert found([*headers(PATHS).rows, row]) == (0, 2)


def test_merged_header_of_three_rows() -> None:
    assert [column.key for column in merged(headers(PATHS)).columns] == PATHS


def test_flat_text_of_the_same_header() -> None:
    rows = tuples(headers(PATHS).rows)
    assert [column.key for column in flatten(rows, 0, 2, None).columns] == PATHS


def test_a_neighbour_without_an_upper_header_stays_alone_where_merges_are_known() -> None:
    drawn = Drawn([["在校生数", None, None], ["合计", "女", "设备"]], merges=[(0, 0, 0, 1)])
    assert [column.key for column in merged(drawn).columns] == ["在校生数/合计", "在校生数/女", "设备"]


def test_the_unit_of_a_merged_header_holds_for_all_its_columns() -> None:
    drawn = Drawn([["学校标识码", "资产（元）", None], [None, "合计", "设备"]], merges=[(0, 1, 0, 2), (0, 0, 1, 0)])
    assert [column.unit for column in merged(drawn).columns] == [None, "元", "元"]
    assert [column.unit for column in flatten(tuples(drawn.rows), 0, 1, None).columns] == [None, "元", "元"]


def test_the_unit_of_a_column_is_stronger_than_that_above_it() -> None:
    drawn = Drawn([["资产（元）", None], ["合计", "设备（万元）"]], merges=[(0, 0, 0, 1)])
    assert [column.unit for column in merged(drawn).columns] == ["元", "万元"]


def test_printed_text_is_kept_for_findings() -> None:
    drawn = Drawn([["在校\n生数（人）", None], ["合　计", "# 女"]], merges=[(0, 0, 0, 1)])
    assert [column.printed for column in merged(drawn).columns] == [
        "在校 生数(人)".replace("(", "（").replace(")", "）") + " / 合 计",
        "# 女",
    ]


def test_a_level_printed_twice_counts_once() -> None:
    drawn = Drawn([["合计", "女"], ["合计", "女"]])
    assert [column.key for column in merged(drawn).columns] == ["合计", "女"]
