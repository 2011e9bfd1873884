"""From bound sheets to typed rows: values, rows that are none, totals, addresses."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from tests.intake.books import (
    ENROLMENT_PATHS,
    PREAMBLE,
    Drawn,
    Row,
    at,
    code,
    enrolment,
    enrolment_row,
    letter,
    printed_headers,
    rules,
    sheet,
    stage_files,
    stage_one,
    text,
    values,
    xls,
    xlsx,
)

WIDTH = len(ENROLMENT_PATHS)
FIELDS = ("school_code", "stage", "pupils", "entrants", "grade_1", "grade_6", "female_pupils", "boarders")


def body(*rows: Row, **parts: Any) -> Drawn:
    return sheet(ENROLMENT_PATHS, rows, **parts)


def blanks(*cells: Any) -> Row:
    return [*cells, *[None] * (WIDTH - len(cells))]


GOOD = values(stage_one(xlsx(enrolment(3))), "enrolment", *FIELDS)


def test_good_sheet() -> None:
    assert GOOD[0] == (code(1), "primary", 136, 21, 21, 25, 60, 3)
    assert [row[0] for row in GOOD] == [code(1), code(2), code(3)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", xlsx(enrolment(3))),
        ("a.et", xlsx(enrolment(3))),
        ("a.xlsx", xlsx(enrolment(3).shifted(4, 3))),
        ("a.xls", xls(enrolment(3))),
        ("a.xls", xls(enrolment(3).shifted(1, 2))),
        ("a.csv", text(enrolment(3))),
        ("a.csv", text(enrolment(3), "utf-8-sig")),
        ("a.csv", text(enrolment(3), "gbk")),
        ("a.csv", text(enrolment(3), "gb18030")),
        ("a.csv", text(enrolment(3), "utf-16")),
        ("a.tsv", text(enrolment(3), delimiter="\t")),
        ("a.txt", text(enrolment(3), delimiter=";", line_end="\n")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_file_gives_the_same_rows(name: str, content: bytes) -> None:
    staged = stage_one(content, name)
    assert values(staged, "enrolment", *FIELDS) == GOOD
    assert rules(staged) == []


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", text(enrolment(3))), ("a.xls", xlsx(enrolment(3)))])
def test_a_file_under_a_wrong_extension_is_read_and_told(name: str, content: bytes) -> None:
    staged = stage_one(content, name)
    assert values(staged, "enrolment", *FIELDS) == GOOD
    assert rules(staged) == ["extension_differs_from_content"]


TOTAL: Row = ["合　计", None, None, 66, 411, 180, 66, 63, 66, 69, 72, 75, 9, 15, 21]


@pytest.mark.parametrize(
    ("below_header", "after"),
    [
        ([], [TOTAL]),
        ([TOTAL], []),
        ([blanks(None, None, "计量单位", *["人"] * 12)], []),
        ([blanks("甲", "乙", "丙", *range(1, 13))], []),
        ([blanks("甲", "乙", "丙", *range(1, 13)), blanks(None, None, None, *["（人）"] * 12), TOTAL], []),
        ([], [["注：本表由安平县教育局填报。"]]),
        ([], [["注：", "1. 不含民办"], [None, "2. 含教学点"]]),
        ([], [["填表人：张三", None, None, None, "审核人：李四"], ["单位负责人：王五"]]),
        ([], [["本表数据截至9月1日"]]),
        ([], [[None, None, "制表：张三"]]),
        ([], [[], [None, None], TOTAL, [], ["资料来源：县教育局"]]),
        ([], [blanks("小计", None, None, 66, 411)]),
        ([], [blanks(None, None, "城关镇小计", 66, 411)]),
        ([], [["总　计：", None, None, *TOTAL[3:]]]),
        ([], [[None, None, "安平县合计", *TOTAL[3:]]]),
        ([], [[None, "合计", None, *TOTAL[3:]]]),
    ],
)
def test_rows_that_are_no_schools(below_header: list[Row], after: list[Row]) -> None:
    for save in (xlsx, text):
        staged = stage_one(save(enrolment(3, below_header=below_header, after=after)), "a.xlsx")
        assert values(staged, "enrolment", *FIELDS) == GOOD
        assert [rule for rule in rules(staged) if rule != "extension_differs_from_content"] == []


def test_the_header_printed_again_on_the_next_page() -> None:
    head = sheet(ENROLMENT_PATHS, [], preamble=[]).rows
    rows = [enrolment_row(1), enrolment_row(2), ["小学分年级学生数（续）"], *head, enrolment_row(3)]
    staged = stage_one(xlsx(body(*rows)))
    assert values(staged, "enrolment", *FIELDS) == GOOD
    assert rules(staged) == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3", 3),
        ("３", 3),
        (" 3\u00a0", 3),
        ("3.0", 3),
        ("'", None),
        ("1,234", 1234),
        ("１，２３４", 1234),
        (3.0, 3),
        ("-", None),
        ("—", None),
        ("*", None),
        (None, None),
    ],
)
def test_cells_as_people_type_them(cell: Any, value: int | None) -> None:
    row = enrolment_row(1, boarders=cell, pupils=5000, grade_6=5000 - 111)
    for save, name in ((xlsx, "a.xlsx"), (xls, "a.xls"), (text, "a.csv")):
        staged = stage_one(save(body(row)), name)
        if cell == "'":
            assert "unreadable_value" in rules(staged)
            continue
        assert values(staged, "enrolment", "boarders") == [(value,)]
        assert rules(staged) == ([] if value is not None or cell == "*" else ["value_missing"])


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "12人",
        "nan",
        "inf",
        "1e400",
        "12%",
        True,
        "三十",
        "①",
        "12③",
        "😀",
        "\u202e21",
        "x" * 5000,
        "2020/9/1",
        "1 234",
    ],
)
def test_unreadable_cells_are_told_with_their_address_and_the_row_is_quarantined(cell: Any) -> None:
    content = xlsx(body(enrolment_row(1), enrolment_row(2, boarders=cell)))
    staged = stage_one(content)
    assert [row[0] for row in values(staged, "enrolment", "school_code")] == [code(1)]
    found = staged.findings.row(0, named=True)
    assert (found["rule"], found["severity"], found["field"]) == ("unreadable_value", "error", "boarders")
    assert (found["file_name"], found["sheet"], found["row_number"]) == ("a.xlsx", "Sheet1", 8)
    assert found["school_code"] == code(2)
    assert found["owner"] == "general_education"
    assert found["message_zh"]
    assert found["guidance_en"]
    held = at(content, "Sheet1", found["cell"])
    assert found["value"] == (str(held).lower() if isinstance(held, bool) else held)
    assert staged.quarantine.select("school_code", "stage", "rules").rows() == [
        (code(2), "primary", "unreadable_value")
    ]


def formulas(cell: tuple[str, Any], column: int = 12) -> bytes:
    """A good sheet of which one cell holds a formula with a cached value."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet("Sheet1")
        for r, row in enumerate(enrolment(3).rows):
            for c, value in enumerate(row):
                if value is not None:
                    page.write(r, c, value)
        page.write_formula(6, column, cell[0], None, cell[1])
    return content.getvalue()


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"])
def test_errors_of_formulas_are_no_blanks(error: str) -> None:
    content = formulas(("=1/0", error))
    staged = stage_one(content)
    found = staged.findings.select("rule", "cell", "value", "school_code").rows()
    assert found == [("unreadable_value", "M7", error, code(1))]
    assert at(content, "Sheet1", "M7") == error
    assert staged.rows["enrolment"].height == 2


def test_the_error_of_a_formula_in_a_code() -> None:
    staged = stage_one(formulas(("=VLOOKUP(A1,B:B,1,0)", "#N/A"), column=1))
    assert staged.findings.select("rule", "cell", "value").rows() == [("malformed_code", "B7", "#N/A")]


def test_cached_values_of_formulas_are_read() -> None:
    assert values(stage_one(formulas(("=1+2", 3))), "enrolment", *FIELDS) == GOOD


def test_dates_and_times_are_no_numbers() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        import datetime

        page = book.add_worksheet("Sheet1")
        for r, row in enumerate(enrolment(2).rows):
            for c, value in enumerate(row):
                if value is not None:
                    page.write(r, c, value)
        page.write_datetime(6, 12, datetime.datetime(2020, 1, 3), book.add_format({"num_format": "yyyy-mm-dd"}))
    staged = stage_one(content.getvalue())
    assert staged.findings.select("rule", "cell").rows() == [("unreadable_value", "M7")]


def test_counts_are_whole_and_not_beyond_reason() -> None:
    rows = [
        enrolment_row(1, boarders=3.5),
        enrolment_row(2, boarders="1e300"),
        enrolment_row(3, boarders=-1),
        enrolment_row(4),
    ]
    staged = stage_one(xlsx(body(*rows)))
    assert staged.findings.sort("row_number").select("rule", "value", "cell").rows() == [
        ("not_a_whole_number", "3.5", "M7"),
        ("value_out_of_range", "1e300", "M8"),
        ("value_out_of_range", "-1", "M9"),
    ]
    assert values(staged, "enrolment", "school_code") == [(code(4),)]


EQUIPMENT = printed_headers("jichuji", "基础基522")


def equipment(unit: str | None = None, sheet_unit: str | None = None, **cells: Any) -> bytes:
    """基础基522 with one school; cells by the end of their header."""
    paths = [f"{path}（{unit}）" if unit and path.endswith("资产值") else path for path in EQUIPMENT]
    row: Row = []
    for path in EQUIPMENT:
        given = next((value for ending, value in cells.items() if path.endswith(ending)), 1)
        row.append({"学校标识码": code(1), "学校名称": "甲校"}.get(path, given))
    preamble = [["基础基522 图书等"], [f"行政区划代码：990101 2020学年 {f'单位：{sheet_unit}' if sheet_unit else ''}"]]
    return xlsx(sheet(paths, [row], preamble=preamble))


@pytest.mark.parametrize(
    ("unit", "sheet_unit", "cell", "yuan"),
    [
        (None, None, 12.3456, 123456.0),
        ("万元", None, "1,234.5678", 12345678.0),
        ("元", None, 123456.78, 123456.78),
        (None, "元", 123456.78, 123456.78),
        ("亿元", None, 0.00012345, 12345.0),
        ("万元", None, 98765432.1234, 987654321234.0),
    ],
)
def test_money_is_exact(unit: str | None, sheet_unit: str | None, cell: Any, yuan: float) -> None:
    staged = stage_one(equipment(unit, sheet_unit, 资产值=cell))
    assert values(staged, "equipment", "equipment_value_yuan") == [(yuan,)]


def test_findings_of_converted_values_show_the_cell_not_the_conversion() -> None:
    content = equipment(资产值=-1.5)
    found = stage_one(content).findings.filter(rule="value_out_of_range").row(0, named=True)
    assert found["value"] == "-1.5"
    assert at(content, "Sheet1", found["cell"]) == -1.5


def test_units_that_do_not_fit() -> None:
    staged = stage_one(equipment("人"))
    found = staged.findings.filter(rule="unit_mismatch").row(0, named=True)
    assert (found["field"], found["value"], found["expected"]) == ("equipment_value_yuan", "人", "元")
    assert values(staged, "equipment", "equipment_value_yuan") == [(None,)]


def premises(**cells: Any) -> bytes:
    paths = printed_headers("jichuji", "基础基512")
    row = [{"学校标识码": code(1), "学校名称": "甲校"}.get(path, cells.get(path.split("/")[-1], 0)) for path in paths]
    return xlsx(sheet(paths, [row], preamble=[["基础基512 2020学年 行政区划代码：990101"]]))


def test_mu() -> None:
    assert values(stage_one(premises(占地面积=3)), "premises", "site_area_m2") == [(2000.0,)]


TAIWAN = "國民小學校別資料"


def taiwan(men: Any, women: Any) -> tuple[bytes, list[str]]:
    """A row of a layout in which several fields are sums of columns for men and women."""
    from models.returns.layout import load_layouts

    table = load_layouts()["taiwan_elementary"].tables[0]
    lines = [line for line in table.columns if line.header and line.holds_in(2020)]
    paths = list(dict.fromkeys(line.header for line in lines if line.header))
    teachers = [line.header for line in lines if line.field == "teachers"]
    assert len(teachers) == 2
    cells: dict[str, Any] = {"學年度": "109", "縣市代碼": "01", "學校代碼": "010001", "學校名稱": "甲校"}
    given = dict(zip(teachers, (men, women), strict=True))
    row = [given.get(path, cells.get(path, 0)) for path in paths]
    return xlsx(Drawn([paths, row])), [letter(paths.index(header)) for header in teachers if header]


def test_men_and_women_are_summed() -> None:
    content, _ = taiwan(3, 4)
    staged = stage_one(content, "109_basec.xlsx", layout="taiwan_elementary")
    assert values(staged, "teacher", "teachers") == [(7,)]


@pytest.mark.parametrize(("men", "women", "blank"), [(3, None, 1), (None, 4, 0)])
def test_a_sum_of_which_one_part_is_blank_is_missing_and_the_blank_cell_is_named(
    men: Any, women: Any, blank: int
) -> None:
    content, columns = taiwan(men, women)
    staged = stage_one(content, "109_basec.xlsx", layout="taiwan_elementary")
    assert values(staged, "teacher", "teachers") == [(None,)]
    found = staged.findings.filter((pl.col("field") == "teachers") & (pl.col("rule") == "value_missing"))
    assert found["cell"].to_list() == [f"{columns[blank]}2"]


def test_a_sum_of_which_one_part_is_unreadable() -> None:
    content, columns = taiwan(3, "x")
    staged = stage_one(content, "109_basec.xlsx", layout="taiwan_elementary")
    found = staged.findings.filter(pl.col("rule") == "unreadable_value")
    assert set(found.select("cell", "value").rows()) == {(f"{columns[1]}2", "x")}
    assert "teachers" in found["field"].to_list()
    assert "teacher" in staged.quarantine["form"].to_list()


def test_printed_totals_that_differ() -> None:
    wrong = [*TOTAL]
    wrong[4] = 412
    content = xlsx(enrolment(3, after=[wrong]))
    staged = stage_one(content)
    found = staged.findings.row(0, named=True)
    assert (found["rule"], found["severity"], found["field"]) == ("printed_total_differs", "query", "pupils")
    assert (found["value"], found["expected"], found["cell"]) == ("412", "411", "E10")
    assert at(content, "Sheet1", "E10") == 412
    assert staged.findings.height == 1
    assert staged.rows["enrolment"].height == 3


def test_a_total_that_is_one_off_in_a_million_differs() -> None:
    row = enrolment_row(1, pupils=1000000, grade_1=999885, entrants=999885)
    total = blanks("合计", None, None, None, 1000001)
    assert "printed_total_differs" in rules(stage_one(xlsx(body(row, total))))


def test_totals_of_converted_values_are_shown_as_printed() -> None:
    paths = EQUIPMENT
    row = [{"学校标识码": code(1), "学校名称": "甲校"}.get(path, 1) for path in paths]
    total: Row = ["合计", *[2 if path.endswith("资产值") else None for path in paths[1:]]]
    content = xlsx(sheet(paths, [row], preamble=[["基础基522 2020学年 行政区划代码：990101"]], after=[total]))
    found = stage_one(content).findings.filter(rule="printed_total_differs").row(0, named=True)
    assert (found["value"], found["expected"]) == ("2", "1")
    assert at(content, "Sheet1", found["cell"]) == 2


def test_totals_are_not_compared_where_a_cell_could_not_be_read() -> None:
    rows = [enrolment_row(1), enrolment_row(2, boarders="x"), enrolment_row(3), TOTAL]
    assert rules(stage_one(xlsx(body(*rows)))) == ["unreadable_value"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (enrolment_row(2, school_code=None), ["missing_key"]),
        (enrolment_row(2, school_code=None, school_name=None), ["missing_key"]),
        (enrolment_row(2, school_code="219900000"), ["malformed_code"]),
        (enrolment_row(2, school_code="21990000022"), ["malformed_code"]),
        (enrolment_row(2, school_code="219900000Z"), ["malformed_code"]),
        (enrolment_row(2, school_code="安平小学"), ["malformed_code"]),
        (blanks(None, None, None, None, 77), ["missing_key"]),
        (blanks(None, None, "注南小学", None, 77), ["missing_key"]),
    ],
)
def test_rows_without_a_usable_code_are_told_and_not_taken(row: Row, expected: list[str]) -> None:
    staged = stage_one(xlsx(body(enrolment_row(1), row, enrolment_row(3))))
    assert [row[0] for row in values(staged, "enrolment", "school_code")] == [code(1), code(3)]
    assert rules(staged, severity="error") == expected
    assert staged.quarantine["row_number"].to_list() == [8]


def test_codes_stored_as_numbers() -> None:
    rows = [enrolment_row(n, school_code=int(code(n))) for n in (1, 2, 3)]
    for save in (xlsx, xls):
        assert values(stage_one(save(body(*rows)), "a.xlsx"), "enrolment", *FIELDS) == GOOD


def test_duplicates_are_all_left_out() -> None:
    staged = stage_one(xlsx(body(enrolment_row(1), enrolment_row(2), enrolment_row(2, boarders=4), enrolment_row(3))))
    assert [row[0] for row in values(staged, "enrolment", "school_code")] == [code(1), code(3)]
    found = staged.findings.sort("row_number")
    assert found.select("rule", "cell", "value", "school_code").rows() == [
        ("duplicate_row", "B8", code(2), code(2)),
        ("duplicate_row", "B9", code(2), code(2)),
    ]
    assert staged.quarantine.height == 2


def test_duplicates_across_sheets() -> None:
    first, second = body(enrolment_row(1), enrolment_row(2)), body(enrolment_row(2), enrolment_row(3))
    staged = stage_one(xlsx(first, second))
    assert [row[0] for row in values(staged, "enrolment", "school_code")] == [code(1), code(3)]
    assert sorted(staged.findings["sheet"].to_list()) == ["Sheet11", "Sheet12"]


def test_the_same_school_in_two_files_is_no_duplicate() -> None:
    staged = stage_files({"a.xlsx": xlsx(enrolment(2)), "b.xlsx": xlsx(enrolment(2))})
    assert staged.rows["enrolment"].height == 4
    assert staged.findings.is_empty()


def test_several_sheets_of_several_tables() -> None:
    other = sheet(EQUIPMENT, [[{"学校标识码": code(1), "学校名称": "甲"}.get(p, 2) for p in EQUIPMENT]],
                  preamble=[["基础基522 2020学年"]], name="装备")  # fmt: skip
    staged = stage_one(xlsx(enrolment(2), other, Drawn([["目录"], ["一、基础基312"]], name="目录")))
    assert staged.rows["enrolment"].height == 2
    assert values(staged, "equipment", "books", "county_code") == [(2, "990101")]
    assert staged.findings.select("rule", "sheet").rows() == [("unknown_sheet", "目录")]


JUNIOR = printed_headers("jichuji", "基础基313")


def secondary(*kinds: str, dash: Any = "*") -> bytes:
    """基础基313 with a school of each kind: ``junior``, ``senior``, ``both``, ``none``, ``starred``."""
    rows: list[Row] = []
    for number, kind in enumerate(kinds, start=1):
        row: Row = []
        for path in JUNIOR:
            part = path.split("/")[0]
            if path in ("序号", "学校标识码", "学校名称"):
                row.append({"序号": number, "学校标识码": f"3199{number:06d}", "学校名称": f"第{number}中学"}[path])
            elif part == "初中":
                total = 30 if path.endswith("合计") else 10
                row.append(total if kind in ("junior", "both") else None if kind == "none" else dash)
            else:
                row.append(7 if kind in ("senior", "both") else None if kind == "none" else dash)
        rows.append(row)
    return xlsx(sheet(JUNIOR, rows, preamble=[["基础基313 2020学年 行政区划代码：990101"]]))


@pytest.mark.parametrize("dash", ["*", "-", None, "—"])
def test_one_printed_row_gives_one_row_for_each_stage_it_has_figures_of(dash: Any) -> None:
    staged = stage_one(secondary("junior", "senior", "both", dash=dash))
    assert values(staged, "enrolment", "school_code", "stage", "pupils") == [
        ("3199000001", "junior", 30),
        ("3199000002", "senior", 7),
        ("3199000003", "junior", 30),
        ("3199000003", "senior", 7),
    ]


def test_a_row_without_any_figure_is_told() -> None:
    content = secondary("both", "none", "starred")
    staged = stage_one(content)
    found = staged.findings.filter(rule="row_without_figures").row(0, named=True)
    assert (found["school_code"], found["form"], found["severity"]) == ("3199000002", "enrolment", "query")
    assert at(content, "Sheet1", found["cell"]) == "3199000002"
    assert staged.findings.filter(rule="row_without_figures").height == 1  # stars say that there is none on purpose
    assert set(staged.rows["enrolment"]["school_code"]) == {"3199000001"}


def test_blank_columns_are_told_once_and_single_blanks_each() -> None:
    rows = [enrolment_row(n, boarders=None, left_behind_children=None if n == 2 else 7) for n in (1, 2, 3, 4)]
    staged = stage_one(xlsx(body(*rows)))
    found = staged.findings.sort("field").select("rule", "field", "cell", "school_code").rows()
    assert found == [
        ("value_missing", "boarders", "M6", None),
        ("value_missing", "left_behind_children", "O8", code(2)),
    ]
    assert staged.rows["enrolment"]["boarders"].to_list() == [None] * 4


def test_strange_texts_in_names_and_headers() -> None:
    paths = [path.replace("在校生数", "在校\n生 数") for path in ENROLMENT_PATHS]
    name = "😀\u202e小学\n" + "长" * 3000
    staged = stage_one(xlsx(sheet(paths, [enrolment_row(1, school_name=name)])))
    assert values(staged, "enrolment", "pupils", "school_name") == [(136, name)]
    assert rules(staged) == []


def test_headers_with_marks_and_units_in_brackets() -> None:
    paths = [
        "/".join("# 其中：" + level if level in ("女", "寄宿生") else level for level in path.split("/"))
        for path in ENROLMENT_PATHS
    ]
    paths = [path + "（人）" if path.startswith("在校") else path for path in paths]
    staged = stage_one(xlsx(sheet(paths, [enrolment_row(n) for n in (1, 2, 3)])))
    assert values(staged, "enrolment", *FIELDS) == GOOD
    assert rules(staged) == []


def test_where_each_field_stands_is_recorded() -> None:
    content = xlsx(enrolment(1).shifted(2, 2))
    staged = stage_one(content)
    columns = {row["field"]: row for row in staged.columns.iter_rows(named=True)}
    assert columns["pupils"]["columns"] == "G"
    assert columns["pupils"]["header"] == "在校生数 / 合计"
    row = staged.rows["enrolment"].row(0, named=True)
    for field in ("pupils", "boarders", "school_code", "grade_3"):
        held = at(content, row["sheet"], f"{columns[field]['columns']}{row['row_number']}")
        assert str(held) == str(row[field])


def test_sheets_of_different_kinds_of_files_with_equal_headers_are_told_apart() -> None:
    long = "98765432.123400003"
    rows = {"a.csv": text(sheet(EQUIPMENT, [[{"学校标识码": code(1), "学校名称": "甲"}.get(p, long if p.endswith("资产值") else 1) for p in EQUIPMENT]],
                                preamble=[["基础基522 2020学年 行政区划代码：990101 单位：元"]]))}  # fmt: skip
    rows["b.xlsx"] = equipment(sheet_unit="元", 资产值=98765432.1234)
    staged = stage_files(rows)
    read = dict(staged.rows["equipment"].select("submission_id", "equipment_value_yuan").rows())
    assert read == {"s0": 98765432.123400003, "s1": 98765432.1234}


def test_an_empty_table_gives_nothing_and_no_crash() -> None:
    staged = stage_one(xlsx(body()))
    assert staged.rows["enrolment"].is_empty()
    assert rules(staged) == ["table_without_rows"]


def test_preamble_is_needed_once() -> None:
    assert PREAMBLE


def test_a_dash_in_one_part_of_a_sum_is_the_cell_that_is_named() -> None:
    content, columns = taiwan(3, "-")
    staged = stage_one(content, "109_basec.xlsx", layout="taiwan_elementary")
    found = staged.findings.filter((pl.col("field") == "teachers") & (pl.col("rule") == "value_missing"))
    assert found["cell"].to_list() == [f"{columns[1]}2"]


def test_blank_columns_of_each_stage_are_told_apart() -> None:
    content = secondary("both", "both", "both")
    staged = stage_one(content)
    assert staged.findings.is_empty()
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["Sheet1"]
    column = JUNIOR.index("初中/在校生数/寄宿生") + 1
    for row in range(page.max_row - 2, page.max_row + 1):
        page.cell(row, column).value = None
    buffer = io.BytesIO()
    book.save(buffer)
    found = stage_one(buffer.getvalue()).findings
    assert found.select("rule", "field", "row_number").rows() == [("value_missing", "boarders", page.max_row - 3)]


def test_a_second_tables_worth_of_rows_far_apart_keeps_its_addresses() -> None:
    rows: list[Row] = [enrolment_row(1), *[[] for _ in range(40)], enrolment_row(2, boarders="x")]
    content = xlsx(body(*rows))
    found = stage_one(content).findings.row(0, named=True)
    assert found["cell"] == "M48"
    assert at(content, "Sheet1", "M48") == "x"
