"""Exchange on the sample: every figure recomputed from the printed files by other means, and the planted cases."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest

from pipelines.sample import SampleSummary, write_sample
from pipelines.sample.exchange import simulate
from pipelines.sample.plan import PRIVATE
from pipelines.sample.world import World, build_world
from tests.real.warehouse_of import warehouse_of
from warehouse.home import Home

COUNTIES, YEARS, SEED = 3, range(2018, 2023), 11
NOT_COUNTED = {"走教", "跟岗学习"}
AREAS = {"11": "urban", "12": "town", "21": "rural", "22": "rural"}


@dataclass
class Printed:
    """What the files of a county and year say, read without the reader: rows by header text."""

    listed: list[dict[str, Any]] = field(default_factory=list)
    eligible: list[dict[str, Any]] = field(default_factory=list)
    roster: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)


def _table(rows: list[list[Any]], depth: int, first: int = 2) -> list[dict[str, Any]]:
    """Rows below a header of ``depth`` levels, by the levels joined; a blank level is the one to its left."""
    headers: list[str] = []
    above = ""
    for column in range(len(rows[first])):
        top = rows[first][column]
        above = top if top else above
        below = rows[first + 1][column] if depth == 2 else None
        headers.append(f"{above}/{below}" if below else str(above))
    return [dict(zip(headers, row, strict=False)) for row in rows[first + depth :] if len(row) > 1 and row[1]]


def _day(text: Any) -> date | None:
    parts = re.findall(r"\d+", str(text or ""))
    return date(*map(int, parts)) if len(parts) == 3 else None


def _sheet(path: Path, name: str) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(path, read_only=True)[name].iter_rows(values_only=True)]


def _csv(path: Path, encoding: str) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))


def _printed(folder: Path, county: str, year: int) -> Printed:
    (book,) = folder.glob(f"{county}_*_{year}学年_教师交流.xlsx")
    (roster,) = folder.glob(f"{county}_*_{year}学年_教职工名册.csv")
    (main,) = folder.glob(f"{county}_*_{year}学年.xlsx")
    register = "基础基111" if year <= 2020 else "教基1001"
    texts = list(folder.glob(f"{county}_*_{year}学年_{register}.csv"))
    rows = _csv(texts[0], "utf-8-sig") if texts else _sheet(main, register)
    out = Printed(
        listed=_table(_sheet(book, "教师校长交流轮岗名单"), 2),
        eligible=_table(_sheet(book, "教师校长交流轮岗情况表"), 2),
        roster=_table(_csv(roster, "gbk"), 1),
    )
    for row in rows:
        cells = [str(cell) for cell in row if cell is not None]
        code = next((cell for cell in cells if re.fullmatch(r"\d{10}", cell)), None)
        area = next((cell for cell in cells if cell in ("111", "112", "121", "122", "123", "210", "220")), None)
        words = {
            "主城区": "11",
            "城乡结合区": "11",
            "镇中心区": "12",
            "镇乡结合区": "12",
            "乡中心区": "21",
            "村庄": "22",
        }
        area = area or next((words[cell] for cell in cells if cell in words), None)
        if code and area:
            out.places[code] = AREAS[area[:2]]
    if "学校变更一览表" in openpyxl.load_workbook(main, read_only=True).sheetnames:
        for row in _sheet(main, "学校变更一览表"):
            codes = [str(cell) for cell in row if re.fullmatch(r"\d{10}", str(cell))]
            if len(codes) == 2:
                out.carried[codes[0]] = codes[1]
    return out


def _begun(row: dict[str, Any], year: int) -> bool:
    start = _day(row["交流时间/开始"])
    return start is not None and date(year, 7, 1) <= start < date(year + 1, 7, 1)


def _counted(printed: Printed, year: int) -> list[dict[str, Any]]:
    return [row for row in printed.listed if _begun(row, year) and row["交流形式"] not in NOT_COUNTED]


#: What is looked at.
TABLES = ("trends.teacher_exchange", "trends.exchange_flow", "trends.exchange_agreement", "core.exchange_school")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    folder = tmp_path_factory.mktemp("clean")
    return write_sample(folder, counties=COUNTIES, years=YEARS, seed=SEED, faults=False)


@pytest.fixture(scope="module")
def books(clean: SampleSummary) -> dict[tuple[str, int], Printed]:
    folder = clean.directory / "returns"
    return {(f"99010{n}", year): _printed(folder, f"99010{n}", year) for n in range(1, COUNTIES + 1) for year in YEARS}


@pytest.fixture(scope="module")
def trends(clean: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection, receipts = warehouse_of(Home(tmp_path_factory.mktemp("home")).ensure(), clean.files, only=TABLES)
    assert all(receipt.findings.is_empty() for receipt in receipts)
    yield connection
    connection.close()


def _rows(trends: duckdb.DuckDBPyConnection, table: str, stage: str = "compulsory") -> dict[tuple[str, int], Any]:
    frame = trends.sql(f"select * from trends.{table} where stage = '{stage}'").pl()
    return {(row["county_code"], row["school_year"]): row for row in frame.iter_rows(named=True)}


def test_every_rate_share_and_verdict(trends: duckdb.DuckDBPyConnection, books: dict[tuple[str, int], Printed]) -> None:
    found = _rows(trends, "teacher_exchange")
    assert found.keys() == books.keys()
    verdicts = set()
    for key, printed in books.items():
        people = {row["身份证号（教职工号）"]: row for row in _counted(printed, key[1])}
        eligible = sum(int(row["符合交流条件人数/合计"]) for row in printed.eligible if row["学校标识码"] != "合计")
        backbone = sum(row["是否骨干"] == "是" for row in people.values())
        row = found[key]
        assert (row["eligible"], row["exchanged"], row["backbone_exchanged"]) == (eligible, len(people), backbone), key
        assert row["rate"] == pytest.approx(len(people) / eligible, abs=1e-12)
        assert row["backbone_share"] == pytest.approx(backbone / len(people), abs=1e-12)
        assert row["principals_exchanged"] == sum(each["职务"] in ("校长", "副校长") for each in people.values())
        assert row["verdict"] == (len(people) / eligible >= 0.10 and backbone / len(people) >= 0.20), key
        assert row["exchanged_declared"] == len(people) and row["schools_missing"] == 0
        assert row["reason"] is None
        verdicts.add(row["verdict"])
    assert verdicts == {True, False}


def test_every_direction_and_early_return(
    trends: duckdb.DuckDBPyConnection, books: dict[tuple[str, int], Printed]
) -> None:
    found = _rows(trends, "teacher_exchange")
    early = 0
    for (county, year), printed in books.items():
        directions: dict[str, set[str]] = defaultdict(set)
        for row in _counted(printed, year):
            pair = printed.places[row["原任职学校/标识码"]], printed.places[row["交流到学校/标识码"]]
            directions["same_area" if pair[0] == pair[1] else "_to_".join(pair)].add(row["身份证号（教职工号）"])
        for name in (
            "urban_to_town", "urban_to_rural", "town_to_rural", "rural_to_town", "rural_to_urban", "town_to_urban",
            "same_area",
        ):  # fmt: skip
            assert found[county, year][name] == len(directions[name]), (county, year, name)
        ended = [
            row
            for row in printed.listed
            if (end := _day(row["交流时间/实际结束"])) and (planned := _day(row["交流时间/计划结束"])) and end < planned
            and row["交流形式"] not in NOT_COUNTED
        ]  # fmt: skip
        assert found[county, year]["early_returns"] == len(ended)
        early += len(ended)
    assert early > 0


def test_every_flow(trends: duckdb.DuckDBPyConnection, books: dict[tuple[str, int], Printed]) -> None:
    flows: dict[tuple[str, int, str, str], set[str]] = defaultdict(set)
    for (county, year), printed in books.items():
        for row in _counted(printed, year):
            flows[county, year, row["原任职学校/标识码"], row["交流到学校/标识码"]].add(row["身份证号（教职工号）"])
    rows = trends.sql(
        "select county_code, school_year, from_school_code, to_school_code, persons from trends.exchange_flow"
    ).fetchall()
    assert {tuple(row[:4]): row[4] for row in rows} == {key: len(people) for key, people in flows.items()}


def test_list_declarations_and_rosters_agree_on_a_clean_sample(
    trends: duckdb.DuckDBPyConnection, books: dict[tuple[str, int], Printed]
) -> None:
    found = _rows(trends, "exchange_agreement")
    seen_returning = 0
    for (county, year), printed in books.items():
        row = found[county, year]
        people = {each["身份证号（教职工号）"] for each in _counted(printed, year)}
        assert row["listed"] == row["declared"] == len(people)
        if year == YEARS[0]:
            assert (row["agrees"], row["reason"], row["moved"]) == (None, "no_rosters", None)
            continue
        before = {each["身份证号（教职工号）"]: each["学校标识码"] for each in books[county, year - 1].roster}
        now = {each["身份证号（教职工号）"]: each["学校标识码"] for each in printed.roster}
        moved = {
            person
            for person in before.keys() & now.keys()
            if now[person] != printed.carried.get(before[person], before[person])
        }
        assert row["moved"] + row["returned"] == len(moved)
        seen_returning += row["returned"]
        second_term = {
            each["身份证号（教职工号）"]
            for each in _counted(printed, year)
            if (start := _day(each["交流时间/开始"])) and start >= date(year, 10, 1)
        }
        assert row["listed_after_roster"] == len(second_term)
    assert seen_returning > 20


def test_who_is_eligible_by_the_roster_is_who_is_declared_eligible(trends: duckdb.DuckDBPyConnection) -> None:
    for stage in ("compulsory", "primary", "junior"):
        for (_, year), row in _rows(trends, "teacher_exchange", stage).items():
            if year == YEARS[0]:
                assert row["eligible_roster"] is None
            else:
                assert row["eligible_roster"] == row["eligible_whole_county"] > 0


def test_rosters_hold_as_many_persons_as_there_are_teachers(world: World) -> None:
    for county in world.counties[:2]:
        for year, staff in simulate(county, world.years, 7, world.returns).items():
            roster = pl.DataFrame([{"code": row["school_code"], "stage": row["stage"]} for row in staff.roster])
            public = world.of("school", county.code, year).filter(pl.col("operator") != PRIVATE)["school_code"]
            teachers = world.of("teacher", county.code, year).filter(
                pl.col("school_code").is_in(public.implode()) & (pl.col("teachers") > 0)
            )
            counted = {row[:2]: row[2] for row in roster.group_by("code", "stage").len().rows()}
            assert counted == {row[:2]: row[2] for row in teachers.select("school_code", "stage", "teachers").rows()}
            assert len({row["person"] for row in staff.roster}) == len(staff.roster)


@pytest.fixture(scope="module")
def faulty(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[dict[str, str]], duckdb.DuckDBPyConnection]]:
    """Answer key and figures of a sample with faults, only of what exchange reads."""
    sample = write_sample(tmp_path_factory.mktemp("faulty"), counties=2, years=range(2018, 2023), seed=SEED)
    assert sample.answer_key is not None
    with sample.answer_key.open(encoding="utf-8", newline="") as file:
        key = [line for line in csv.DictReader(file) if line["fault"].startswith("exchange_")]
    files = [path for path in sample.files if "学年" in path.name]
    connection, _ = warehouse_of(Home(tmp_path_factory.mktemp("home")).ensure(), files, only=TABLES)
    yield key, connection
    connection.close()


def _line(key: list[dict[str, str]], fault: str) -> dict[str, str]:
    return next(line for line in key if line["fault"] == f"exchange_{fault}")


def test_a_declared_count_unlike_the_list_shows(
    faulty: tuple[list[dict[str, str]], duckdb.DuckDBPyConnection],
) -> None:
    key, trends = faulty
    line = _line(key, "declared_count_unlike_the_list")
    county, year = line["county_code"], line["school_year"]
    differing = trends.sql(
        f"""select exchanged_declared, exchanged_listed from core.exchange_school
            where county_code = '{county}' and school_year = {year} and declares and exchanged_declared <> exchanged_listed"""
    ).fetchall()
    assert (int(line["planted"]), int(line["original"])) in differing
    agrees = trends.sql(
        f"select schools_declaring_otherwise > 0, agrees, reason from trends.exchange_agreement"
        f" where county_code = '{county}' and school_year = {year} and stage = 'compulsory'"
    ).fetchall()
    assert agrees == [(True, None, "list_incomplete")], "rows held back may be the difference"


def test_a_planted_early_end_and_rows_held_back_show(
    faulty: tuple[list[dict[str, str]], duckdb.DuckDBPyConnection], clean: SampleSummary
) -> None:
    key, trends = faulty
    line = _line(key, "stint_that_ends_early")
    printed = _printed(clean.directory / "returns", line["county_code"], int(line["school_year"]))
    before = sum(
        1
        for row in printed.listed
        if (end := _day(row["交流时间/实际结束"])) and (planned := _day(row["交流时间/计划结束"])) and end < planned
        and row["交流形式"] not in NOT_COUNTED
    )  # fmt: skip
    row = trends.sql(
        f"""select early_returns, quarantined, verdict, reason from trends.teacher_exchange
            where county_code = '{line["county_code"]}' and school_year = {line["school_year"]} and stage = 'compulsory'"""
    ).fetchall()
    held_back = [
        each
        for each in key
        if each["severity"] == "error" and each["form"] == "exchange" and each["file"] == line["file"]
    ]
    assert row == [(before + 1, len(held_back), None, "missing_values")]


@pytest.mark.parametrize("seed", [5, 6])
def test_nobody_serves_at_two_schools_at_a_time(seed: int) -> None:
    """Seed 5: the host of a second-term stint loses its stage before the guest arrives, who is then sent elsewhere."""
    years = range(2017, 2023)
    world = build_world(1, years, seed)
    for filed in simulate(world.counties[0], years, seed, world.returns).values():
        stints = pl.DataFrame(
            [
                (row["person"], row["start_date"], row["actual_end_date"] or row["planned_end_date"] or date.max)
                for row in filed.exchange
            ],
            schema={"person": pl.String, "start": pl.Date, "end": pl.Date},
            orient="row",
        ).sort("person", "start")
        assert stints.height > 20
        early = stints.filter(pl.col("start") <= pl.col("end").shift(1).over("person"))
        assert early.is_empty(), early
