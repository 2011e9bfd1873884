"""What stands above a table: school year, county, unit; and what a file's name declares."""

from __future__ import annotations

import pytest

from pipelines.intake.preamble import file_name_year, read_preamble


@pytest.mark.parametrize(
    ("cells", "years"),
    [
        (["2020学年"], {2020}),
        (["2020-2021学年"], {2020}),
        (["2020—2021学年小学基本情况"], {2020}),
        (["2020/21学年"], {2020}),
        (["2020至2021学年度"], {2020}),
        (["２０２０－２０２１学年"], {2020}),
        (["2020 - 2021 学 年"], {2020}),
        (["2020年-2021年学年"], {2020}),
        (["1999-2000学年"], {1999}),
        (["学年：2020"], {2020}),
        (["学　年：", "2020"], {2020}),
        (["学年度: 2020-2021"], {2020}),
        (["填报单位：安平县　　行政区划代码：990101　　学年：2020-2021学年　　单位：人"], {2020}),
        (["统计时点：2020年9月1日"], {2020}),
        (["统计时点 2020年09月01日"], {2020}),
        (["统计时点：2020-09-01"], {2020}),
        (["各区小学（2012）"], {2012}),
        (["2020年小学基本情况"], {2020}),
        (["990101 2020学年"], {2020}),
        (["2020学年", "2019学年"], {2019, 2020}),
        (["2020学年", "统计时点：2021年9月1日"], {2020, 2021}),
        (["2020-2022学年"], {2020, 2021}),  # which one is meant cannot be told
        (["2020-2020学年"], {2019, 2020}),
        (["2020学年", "填报日期：2021年9月1日"], {2020}),
        (["2020学年 制表日期 2021-01-05"], {2020}),
        (["填报日期：2021年1月5日"], set()),
        (["有效期至：2021年12月"], set()),
        (["批准文号：国统制〔2019〕112号"], set()),
        (["批准文号：国统制[2019]112号"], set()),
        (["学年：", "单位：人"], set()),
        (["填报单位：安平县 2020年小学统计"], {2020}),
        (["填报时间 2021年1月 2020学年"], {2020}),
        (["电话：20201234"], set()),
        (["小学基本情况"], set()),
    ],
)
def test_school_years(cells: list[str], years: set[int]) -> None:
    assert read_preamble(cells).school_years == years


@pytest.mark.parametrize("cell", ["103學年度", "103 學年", "民國103年", "103学年"])
def test_years_of_another_era(cell: str) -> None:
    assert read_preamble([cell], year_offset=1911).school_years == {2014}


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["行政区划代码：990101"], {"990101"}),
        (["行政区划代码", "990101"], {"990101"}),
        (["统计用区划代码：990101000000"], {"990101"}),
        (["县级代码 ９９０１０１"], {"990101"}),
        (["行政区划代码：990101　学年：2020"], {"990101"}),
        (["行政区划代码：990101", "行政区划代码：990102"], {"990101", "990102"}),
        (["行政区划代码：99010"], set()),
        (["行政区划代码：9901012"], set()),
        (["行政区划代码：", "学年：2020"], set()),
    ],
)
def test_county_codes(cells: list[str], codes: set[str]) -> None:
    assert read_preamble(cells).county_codes == codes


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (["填报单位：安平县　行政区划代码：990101"], "安平县"),
        (["填报单位：安平县教育局"], "安平县"),
        (["填报单位：安平县教育体育局（盖章）"], "安平县"),
        (["填报单位：", "安平县", "行政区划代码：", "990101"], "安平县"),
        (["填报单位：", "行政区划代码：", "990101", "学年：", "2020"], None),
        (["填报单位：安平县行政区划代码：990101"], "安平县"),
    ],
)
def test_county_names(cells: list[str], name: str | None) -> None:
    assert read_preamble(cells).county_name == name


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["单位：人"], "人"),
        (["单 位：万元"], "万元"),
        (["计量单位:平方米"], "平方米"),
        (["填报单位：安平县　　学年：2020-2021学年　　单位：㎡"], "m2"),
        (["填报单位：安平县 单位：人 学年：2020"], "人"),
        (["填报单位：人"], None),
        (["单位：人", "单位：万元"], None),
        (["单位：箱"], None),
        (["单位：人民教育局"], None),
    ],
)
def test_units(cells: list[str], unit: str | None) -> None:
    assert read_preamble(cells).unit == unit


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("安平县2020学年.xlsx", 2020),
        ("990101_2020学年.xlsx", 2020),
        ("990101 2020学年.xlsx", 2020),
        ("安平县2019-2020学年.xlsx", 2019),
        ("安平县2019_2020学年.xlsx", 2019),
        ("2020-2021.csv", 2020),
        ("安平县2020.csv", 2020),
        ("２０２０学年.csv", 2020),
        ("导出2021-03-05.csv", None),
        ("导出2021.3.csv", None),
        ("导出2021年3月5日.csv", None),
        ("导出20210305.csv", None),
        ("2020学年_导出2021-03-05.xlsx", 2020),
        ("2020和2021.csv", None),
        ("2020学年2019学年.csv", None),
        ("2020-2022学年.csv", None),
        ("安平县.csv", None),
    ],
)
def test_year_of_a_file_name(name: str, year: int | None) -> None:
    assert file_name_year(name, None, 0) == year


@pytest.mark.parametrize(
    ("name", "pattern", "offset", "year"),
    [
        ("103_basec.csv", r"^(\d{3})_basec", 1911, 2014),
        ("basec.csv", r"^(\d{3})_basec", 1911, None),
        ("C2013.xls", "-", 0, None),
    ],
)
def test_names_by_the_layouts_own_pattern(name: str, pattern: str, offset: int, year: int | None) -> None:
    assert file_name_year(name, pattern, offset) == year
