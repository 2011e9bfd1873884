"""The files: deterministic, of both generations, named and titled as sample data, in every promised encoding."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.sample import SampleSummary, write_sample
from pipelines.sample.sheet import letters
from pipelines.sample.world import World

OLD = {
    "基础基111",
    "基础基212",
    "基础基213",
    "基础基312",
    "基础基313",
    "基础基331",
    "基础基423",
    "基础基424",
    "基础基512",
    "基础基522",
}
NEW = {
    "教基1001",
    "教基2106",
    "教基2107",
    "教基3112",
    "教基3115",
    "教基学生变动",
    "教基4155",
    "教基4156",
    "教基5170",
    "教基5176",
}


def _contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_sample(tmp_path / name, counties=2, years=range(2019, 2023), seed=seed)
    first, second, other = (_contents(tmp_path / name) for name in "abc")
    assert first == second
    assert first != other
    assert {name.split("/")[0] for name in first} == {"returns", "answer_key.csv", "README.txt"}


def test_a_county_does_not_depend_on_how_many_others_there_are(tmp_path: Path) -> None:
    for counties in (1, 2):
        write_sample(tmp_path / str(counties), counties=counties, years=range(2020, 2022), seed=5, faults=False)
    alone, beside = _contents(tmp_path / "1"), _contents(tmp_path / "2")
    shared = [name for name in alone if name.startswith("returns/990101")]
    assert len(shared) == 10
    assert all(alone[name] == beside[name] for name in shared)


def test_an_earlier_sample_is_replaced_but_other_files_are_left_alone(tmp_path: Path) -> None:
    write_sample(tmp_path, counties=2, years=range(2020, 2022), seed=5)
    summary = write_sample(tmp_path, counties=1, years=range(2020, 2021), seed=5, faults=False)
    assert [path.name for path in summary.files] == [
        "990101_示例安平县_2020学年.xlsx",
        "990101_示例安平县_2020学年_教师交流.xlsx",
        "990101_示例安平县_2020学年_教职工名册.csv",
        "990101_示例安平县_2020学年_督导评估.xlsx",
        "990101_示例安平县_2020年度_教育经费.xlsx",
    ]
    assert not (tmp_path / "answer_key.csv").exists()
    (tmp_path / "real" / "returns").mkdir(parents=True)
    (tmp_path / "real" / "returns" / "mine.xlsx").write_bytes(b"x")
    with pytest.raises(ValueError, match="no earlier sample"):
        write_sample(tmp_path / "real", counties=1, years=range(2020, 2021), seed=5)
    assert (tmp_path / "real" / "returns" / "mine.xlsx").exists()


@pytest.mark.parametrize(
    ("counties", "years"),
    [
        (0, range(2014, 2016)),
        (100, range(2014, 2016)),
        (1, range(2011, 2014)),
        (1, range(2014, 2014)),
        (1, range(2014, 2020, 2)),
    ],
)
def test_impossible_requests_are_refused(tmp_path: Path, counties: int, years: range) -> None:
    with pytest.raises(ValueError, match="must be"):
        write_sample(tmp_path, counties=counties, years=years, seed=1)


@pytest.mark.parametrize("years", [range(2012, 2013), range(2020, 2022), range(2021, 2022), range(2024, 2027)])
def test_short_and_one_sided_ranges_can_be_written_with_their_faults(tmp_path: Path, years: range) -> None:
    summary = write_sample(tmp_path, counties=1, years=years, seed=3)
    assert summary.faults >= 30
    assert summary.schools >= 25 * len(years)


def test_every_county_and_year_is_complete_in_its_generation(sample: SampleSummary, returns: Path) -> None:
    for county in ("990101_示例安平县", "990102_示例清河区", "990106_示例白石县"):
        for year in (2014, 2020, 2021, 2023):
            book = openpyxl.load_workbook(returns / f"{county}_{year}学年.xlsx", read_only=True)
            tables = set(book.sheetnames)
            for path in returns.glob(f"{county}_{year}学年_*.csv"):
                tables.add(path.stem.rsplit("_", 1)[1])
            assert tables - {"学校变更一览表", "教职工名册"} == (OLD if year <= 2020 else NEW), (county, year)
    assert len(sample.files) == len(list(returns.iterdir()))


def test_every_sheet_says_that_it_is_sample_data_and_whose_and_when(returns: Path) -> None:
    for name, year_text in (
        ("990101_示例安平县_2015学年", "学年：2015-2016学年"),
        ("990101_示例安平县_2022学年", "2022年9月1日"),
    ):
        book = openpyxl.load_workbook(returns / f"{name}.xlsx")
        for sheet in book:
            above = [str(sheet.cell(row, 1).value) for row in range(1, 4)]
            assert "示例" in above[0]
            assert "行政区划代码：990101" in above[2]
            assert any(year_text in text for text in above)
            assert any(sheet.title in text for text in above)


def test_headers_are_merged_on_up_to_three_levels(returns: Path) -> None:
    sheet = openpyxl.load_workbook(returns / "990101_示例安平县_2015学年.xlsx")["基础基512"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"G4:N4", "H5:J5", "A4:A6", "K5:K6"} <= merged
    assert [sheet[cell].value for cell in ("G4", "H5", "J6", "D4")] == [
        "校舍建筑面积",
        "教学及辅助用房",
        "其中：体育馆（㎡）",
        "占地面积（亩）",
    ]


def test_sheets_print_the_figures_of_the_world(returns: Path, world: World) -> None:
    old = openpyxl.load_workbook(returns / "990101_示例安平县_2014学年.xlsx")
    new = openpyxl.load_workbook(returns / "990101_示例安平县_2022学年.xlsx")
    primary = {
        year: world.of("enrolment", "990101", year).filter(pl.col("stage") == "primary") for year in (2014, 2022)
    }
    rows = list(old["基础基312"].iter_rows(min_row=7, values_only=True))
    assert [row[1] for row in rows[:-2]] == primary[2014]["school_code"].to_list()
    assert [row[6] for row in rows[:-2]] == primary[2014]["pupils"].to_list()
    assert rows[-2][0] == "合　计" and rows[-2][6] == primary[2014]["pupils"].sum()
    assert str(rows[-1][0]).startswith("注：本表为示例数据")
    rows = list(new["教基3112"].iter_rows(min_row=6, values_only=True))
    assert rows[0][0] == "总计"
    assert [row[4] + row[5] for row in rows[1:-1]] == primary[2022]["pupils"].to_list()
    assert [row[5] for row in rows[1:-1]] == primary[2022]["female_pupils"].to_list()
    equipment = world.of("equipment", "990101", 2014)
    rows = list(old["基础基522"].iter_rows(min_row=8, values_only=True))
    values = [round(float(row[-1]) * 10_000, 6) for row in rows[: equipment.height]]
    assert values == equipment["equipment_value_yuan"].to_list()


def test_a_stage_that_a_school_does_not_teach_is_starred_on_the_new_form(returns: Path, world: World) -> None:
    sheet = openpyxl.load_workbook(returns / "990101_示例安平县_2022学年.xlsx")["教基学生变动"]
    juniors = set(world.of("movement", "990101", 2022).filter(pl.col("stage") == "junior")["school_code"])
    column = next(cell.column for cell in sheet[4] if cell.value == "初中")
    seen = {str(row[0].value): row[column - 1].value for row in sheet.iter_rows(min_row=9) if row[1].value}
    assert juniors and {code for code, value in seen.items() if value != "*"} == juniors


@pytest.mark.parametrize(
    ("name", "encoding", "head"),
    [
        ("990102_示例清河区_2014学年_基础基312.csv", "gbk", b"\xd0\xa1"),
        ("990102_示例清河区_2023学年_教基3112.csv", "gbk", b"\xbd\xcc"),
        ("990102_示例清河区_2014学年_基础基111.csv", "utf-8-sig", b"\xef\xbb\xbf"),
    ],
)
def test_one_county_sends_text_files(returns: Path, world: World, name: str, encoding: str, head: bytes) -> None:
    content = (returns / name).read_bytes()
    assert content.startswith(head)
    if encoding == "gbk":
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
    rows = list(csv.reader(io.StringIO(content.decode(encoding))))
    assert "示例" in rows[0][0]
    year = int(name.split("_")[2][:4])
    form = "school" if "111" in name else "enrolment"
    codes = set(
        world.of(form, "990102", year).filter(True if form == "school" else pl.col("stage") == "primary")["school_code"]
    )
    assert {cell for row in rows for cell in row if cell in codes} == codes


@pytest.mark.parametrize(
    ("column", "expected"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_column_letters(column: int, expected: str) -> None:
    assert letters(column) == expected
