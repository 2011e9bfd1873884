"""What a file is as a whole: its returns, school year and county, or why it is refused. Nothing is ever guessed."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from pipelines.intake.identify import Identified, identify
from tests.intake.books import (
    COUNTY,
    ENROLMENT_PATHS,
    Drawn,
    enrolment,
    enrolment_row,
    printed_headers,
    sheet,
    stage_one,
    text,
    values,
    xls,
    xlsx,
)

PLAIN = "a.xlsx"


def ask(content: bytes, name: str = PLAIN, **declared: Any) -> Identified:
    return identify(content, name, **declared)


def titled(*lines: str, name: str = "Sheet1") -> Drawn:
    return enrolment(2, preamble=[[line] for line in lines], name=name)


def found(identified: Identified) -> list[tuple[str, str]]:
    return [tuple(row) for row in identified.findings.select("rule", "severity").rows()]  # type: ignore[misc]


YEAR = "2020-2021学年"
NUMBER = "基础基312"


@pytest.mark.parametrize(
    ("lines", "name", "year", "agreed"),
    [
        ([NUMBER, YEAR], PLAIN, None, 2020),
        ([NUMBER, "统计时点：2020年9月1日"], PLAIN, None, 2020),
        ([NUMBER], "安平县2020学年.xlsx", None, 2020),
        ([NUMBER], "安平县2020-2021学年.xlsx", None, 2020),
        ([NUMBER], PLAIN, 2020, 2020),
        ([NUMBER, YEAR], "安平县2020学年.xlsx", 2020, 2020),
        ([NUMBER, YEAR, "填报日期：2021年1月9日"], PLAIN, 2020, 2020),
    ],
)
def test_school_year_agrees(lines: list[str], name: str, year: int | None, agreed: int) -> None:
    identified = ask(xlsx(titled(*lines)), name, declared_year=year)
    assert identified.rejected is None
    assert identified.school_year == agreed
    assert identified.returns == (("enrolment", agreed),)


@pytest.mark.parametrize(
    ("lines", "name", "year"),
    [
        ([NUMBER, YEAR], "安平县2019学年.xlsx", None),
        ([NUMBER, YEAR], PLAIN, 2019),
        ([NUMBER], "安平县2019学年.xlsx", 2020),
        ([NUMBER, YEAR, "统计时点：2021年9月1日"], PLAIN, None),
        ([NUMBER, "2020-2022学年"], PLAIN, None),
        ([NUMBER, "2019学年", "2020学年"], PLAIN, None),
        ([NUMBER, YEAR], "安平县2019学年.xlsx", 2019),
    ],
)
def test_school_years_that_disagree_are_refused(lines: list[str], name: str, year: int | None) -> None:
    identified = ask(xlsx(titled(*lines)), name, declared_year=year)
    assert identified.rejected == "school_year_conflict"
    assert identified.returns == ()
    row = identified.findings.row(-1, named=True)
    assert (row["rule"], row["severity"], row["owner"]) == ("school_year_conflict", "error", "statistics")
    assert "20" in row["message_zh"]
    assert "20" in row["message_en"]
    assert row["guidance_zh"]


@pytest.mark.parametrize(
    "lines",
    [
        [NUMBER],
        [NUMBER, "填报日期：2020年9月15日"],
        [NUMBER, "有效期至：2021年12月"],
        [NUMBER, "批准文号：国统制〔2020〕94号"],
    ],
)
def test_a_year_that_nobody_says_is_refused(lines: list[str]) -> None:
    identified = ask(xlsx(titled(*lines)), "安平县.xlsx")
    assert identified.rejected == "school_year_unknown"
    assert found(identified)[-1] == ("school_year_unknown", "error")


def test_sheets_of_different_years_are_refused() -> None:
    content = xlsx(titled(NUMBER, "2020学年"), titled(NUMBER, "2019学年"))
    assert ask(content).rejected == "school_year_conflict"


def with_years(*years: Any) -> bytes:
    """Rows that say their school year themselves (the layout of Taiwan)."""
    paths = printed_headers("taiwan_elementary", "國民小學校別資料", 2021)
    cells = {"縣市代碼": "01", "學校名稱": "甲"}
    rows = [
        [{"學年度": year, "學校代碼": f"01{number:04d}"}.get(path, cells.get(path, 0)) for path in paths]
        for number, year in enumerate(years)
    ]
    return xlsx(Drawn([paths, *rows]))


def test_years_of_rows() -> None:
    layout = {"layout": "taiwan_elementary"}
    assert ask(with_years("110", "110"), "x.xlsx", **layout).school_year == 2021
    assert ask(with_years("110", "110"), "110_basec.xlsx", **layout).school_year == 2021
    assert ask(with_years("110", "110"), "111_basec.xlsx", **layout).rejected == "school_year_conflict"
    assert ask(with_years("110", "111"), "110_basec.xlsx", **layout).rejected == "school_year_conflict"
    assert ask(with_years("110", "110"), "x.xlsx", declared_year=2020, **layout).rejected == "school_year_conflict"
    several = ask(with_years("110", "111"), "x.xlsx", **layout)
    assert several.school_year is None
    assert {year for _, year in several.returns} == {2021, 2022}


def test_a_year_of_a_row_that_cannot_be_read_is_told() -> None:
    staged = stage_one(with_years("110", "1O0"), "x.xlsx", layout="taiwan_elementary")
    assert {row[0] for row in values(staged, "school", "school_code")} == {"2171010000"}
    bad = staged.findings.filter(field="school_year", form="school")
    assert set(bad["rule"].to_list()) == {"unreadable_value"}
    assert set(bad["value"].to_list()) == {"1O0"}


@pytest.mark.parametrize(
    ("lines", "county", "agreed"),
    [
        (["行政区划代码：990101"], None, "990101"),
        (["行政区划代码：990101"], "990101", "990101"),
        (["行政区划代码：990101"], "990100", "990101"),
        ([], "990101", "990101"),
        ([], None, None),
    ],
)
def test_county_agrees(lines: list[str], county: str | None, agreed: str | None) -> None:
    identified = ask(xlsx(titled(NUMBER, YEAR, *lines)), declared_county=county)
    assert identified.rejected is None
    assert identified.county_code == agreed


@pytest.mark.parametrize(
    ("lines", "county"),
    [
        (["行政区划代码：990101"], "990102"),
        (["行政区划代码：990101", "行政区划代码：990102"], None),
        (["行政区划代码：990101"], "990200"),
    ],
)
def test_counties_that_disagree_are_refused(lines: list[str], county: str | None) -> None:
    identified = ask(xlsx(titled(NUMBER, YEAR, *lines)), declared_county=county)
    assert identified.rejected == "county_conflict"
    assert found(identified)[-1] == ("county_conflict", "error")


def test_sheets_of_different_counties_are_refused() -> None:
    content = xlsx(titled(NUMBER, YEAR, "行政区划代码：990101"), titled(NUMBER, YEAR, "行政区划代码：990102"))
    assert ask(content).rejected == "county_conflict"


def template_rows(stated: str, *counties: str | None) -> bytes:
    """The fill-in table of the school register, whose rows may say their county."""
    paths = ["县级行政区划代码", "学校（机构）标识码", "学校（机构）名称", "办学类型"]
    rows = [[county, f"219900000{n}", f"第{n}小学", "小学"] for n, county in enumerate(counties)]
    return xlsx(sheet(paths, rows, preamble=[[f"学校（junheng:school） 学年：2020 行政区划代码：{stated}"]]))


def test_counties_of_rows() -> None:
    assert ask(template_rows(COUNTY, COUNTY, None)).rejected is None
    assert ask(template_rows(COUNTY, COUNTY, "990102")).rejected == "county_conflict"
    assert ask(template_rows("990100", "990101", "990102")).rejected is None
    assert ask(template_rows("", "990101", "990102")).rejected is None
    assert ask(template_rows("", "990101"), declared_county="990102").rejected == "county_conflict"
    staged = stage_one(template_rows("990100", "990101", "990102"))
    assert [row[0] for row in values(staged, "school", "county_code")] == ["990101", "990102"]


def test_a_code_of_a_row_that_lost_its_zero_is_told() -> None:
    staged = stage_one(template_rows("", "90101"))
    assert staged.findings.filter(severity="error").select("rule", "value", "cell").rows() == [
        ("malformed_code", "90101", "A3")
    ]


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [
        (b"", "a.xlsx", "empty_file"),
        (b"  \r\n", "a.csv", "empty_file"),
        (b",,,\n,,\n", "a.csv", "empty_file"),
        (xlsx(Drawn([[]])), "a.xlsx", "empty_file"),
        (b"%PDF-1.4", "a.pdf", "wrong_file_type"),
        (b"<html><table/></html>", "a.xls", "wrong_file_type"),
        (archive(readme="x"), "a.zip", "wrong_file_type"),
        (archive(**{"word/document.xml": "<w/>"}), "a.docx", "wrong_file_type"),
        (xlsx(enrolment())[:700], "a.xlsx", "wrong_file_type"),
        (xls(enrolment())[:1500], "a.xls", "wrong_file_type"),
        (b'a,b\n1,"2,3\n4,5\n', "a.csv", "wrong_file_type"),
        (xlsx(Drawn([["指标", "2020年"], ["人口", 5]])), "a.xlsx", "not_a_known_return"),
        (b"hello world", "a.txt", "not_a_known_return"),
        ("日期,销量\n2020,5\n".encode("gbk"), "a.csv", "not_a_known_return"),
    ],
)
def test_files_that_are_no_returns_end_in_one_clear_finding(content: bytes, name: str, rule: str) -> None:
    identified = ask(content, name, declared_year=2020)
    assert identified.rejected == rule
    errors = identified.findings.filter(severity="error")
    assert errors["rule"].to_list() == [rule]
    row = errors.row(0, named=True)
    assert row["file_name"] == name
    for column in ("message_zh", "message_en", "guidance_zh", "guidance_en", "owner"):
        assert row[column]


def test_a_missing_key_column() -> None:
    paths = [path for path in ENROLMENT_PATHS if path != "学校标识码"]
    row = [cell for path, cell in zip(ENROLMENT_PATHS, enrolment_row(1), strict=True) if path != "学校标识码"]
    content = xlsx(sheet(paths, [row]), enrolment(2))
    identified = ask(content)
    assert identified.rejected is None
    assert identified.findings.select("rule", "severity", "sheet").rows() == [
        ("missing_key_column", "error", "Sheet11")
    ]
    assert ask(xlsx(sheet(paths, [row]))).rejected == "missing_key_column"


def test_a_table_that_could_be_two() -> None:
    paths = printed_headers("jichuji", "基础基423")
    same = [path for path in paths if path in printed_headers("jichuji", "基础基424")]
    drawn = sheet(same, [[1, "2199000001", "甲", *[1] * (len(same) - 3)]], preamble=[["专任教师 2020学年"]])
    assert ask(xlsx(drawn)).rejected == "ambiguous_table"
    named = sheet(same, [[1, "2199000001", "甲", *[1] * (len(same) - 3)]], preamble=[["基础基424 2020学年"]])
    assert ask(xlsx(named)).rejected is None


def test_a_number_that_contradicts_the_columns() -> None:
    content = xlsx(enrolment(2, preamble=[["基础基522 2020学年"]]))
    assert ask(content).rejected == "ambiguous_table"


def test_a_sheet_named_like_another_table_goes_by_its_title_and_columns() -> None:
    identified = ask(xlsx(enrolment(2, name="基础基522")))
    assert identified.rejected is None
    assert identified.sheets[0].binding.table == NUMBER


def test_a_table_without_a_number_is_known_by_its_columns() -> None:
    identified = ask(xlsx(enrolment(2, preamble=[["小学学生数 2020学年"]])))
    assert identified.sheets[0].binding.table == NUMBER


def test_unmapped_and_missing_columns_are_both_named_with_their_cells() -> None:
    paths = [path.replace("寄宿生", "住校生") for path in ENROLMENT_PATHS]
    content = xlsx(sheet(paths, [enrolment_row(1)]).shifted(1, 1))
    identified = ask(content)
    rows = {row["rule"]: row for row in identified.findings.iter_rows(named=True)}
    assert rows["missing_column"]["field"] == "boarders"
    assert rows["missing_column"]["severity"] == "query"
    assert rows["missing_column"]["owner"] == "general_education"
    assert rows["unmapped_column"]["value"] == "住校生"
    cell = openpyxl.load_workbook(io.BytesIO(content))["Sheet1"][rows["unmapped_column"]["cell"]]
    assert cell.row in (6, 7)
    assert (cell.value or "住校生") == "住校生"
    assert cell.column == paths.index("在校生数/住校生") + 2


def test_a_heading_over_nothing_is_no_finding() -> None:
    content = xlsx(sheet([*ENROLMENT_PATHS, "备注"], [enrolment_row(1)]))
    assert found(ask(content)) == []


def test_a_column_printed_twice_is_an_error_that_names_both() -> None:
    content = xlsx(sheet([*ENROLMENT_PATHS, "电话", "在校生数/合计"], [[*enrolment_row(1), None, 9]]))
    identified = ask(content)
    twice = identified.findings.filter(rule="ambiguous_column")
    assert [cell[0] for cell in twice["cell"]] == ["E", "Q"]
    assert set(twice["severity"]) == {"error"}
    assert values(stage_one(content), "enrolment", "pupils") == [(None,)]


def test_hidden_sheets_are_not_read_but_told() -> None:
    hidden = enrolment(3)
    hidden.hidden = True
    hidden.name = "旧"
    staged = stage_one(xlsx(enrolment(2), hidden))
    assert staged.rows["enrolment"].height == 2
    assert staged.findings.select("rule", "sheet", "severity").rows() == [("hidden_sheet", "旧", "query")]
    lists = Drawn([["小学"], ["初中"]], name="列表", hidden=True)
    assert stage_one(xlsx(enrolment(2), lists)).findings.is_empty()
    only = Drawn([["说明"]], name="说明")
    assert ask(xlsx(only, hidden)).rejected == "not_a_known_return"
    assert "hidden_sheet" in [rule for rule, _ in found(ask(xlsx(only, hidden)))]


def test_a_text_file_is_as_good_as_a_workbook() -> None:
    identified = ask(text(enrolment(2), "gb18030"), "安平县.csv")
    assert (identified.school_year, identified.county_code, identified.county_name) == (2020, COUNTY, "安平县")
