"""Writing the sample prefecture to a directory: the returns as counties would send them, and the answer key.

Belongs here: which file holds what. Does not belong here: figures (``world``), tables (``sheets``), faults
(``faults``).
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.sample import exchange, funding, names, supervision
from pipelines.sample.exchangetables import write_exchange
from pipelines.sample.faultfiles import Setting, plant_files
from pipelines.sample.faultkinds import Fault, Planted
from pipelines.sample.faults import Planter, all_faults
from pipelines.sample.fundingtables import write_funding
from pipelines.sample.sheet import Sheet
from pipelines.sample.sheets import county_sheets
from pipelines.sample.slots import TEXT_COUNTY, Slots, slots_for
from pipelines.sample.supervisiontables import write_supervision
from pipelines.sample.textfile import write_text
from pipelines.sample.workbook import write_workbook
from pipelines.sample.world import World, build_world

FIRST_YEAR, LAST_YEAR, MOST_COUNTIES = 2012, 2040, 99
RETURNS, ANSWER_KEY, README = "returns", "answer_key.csv", "README.txt"
#: The tables that one county sends as text files, and their encodings.
TEXT_TABLES = {
    "基础基111": "utf-8-sig",
    "基础基213": "gbk",
    "基础基312": "gbk",
    "教基1001": "utf-8-sig",
    "教基2107": "gbk",
    "教基3112": "gbk",
}
#: The text table that one year carries the extension of a workbook.
MISNAMED = {"jichuji": "基础基213", "jiaoji": "教基2107"}
_README = f"""{names.MARK}数据 / sample data

{names.PREFECTURE}及所属各县、各校、各数均为虚构，行政区划代码以 99 开头，不对应任何真实地区。
The prefecture, its counties, schools and figures are invented; codes begin with 99, which no real place has.

{RETURNS}/       各县报表 / the counties' returns
{ANSWER_KEY}   植入差错的答案 / the faults planted and the rule that should find each
"""

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class SampleSummary:
    """What was written. ``files`` are the returns, in order of their names; ``answer_key`` is absent without faults."""

    directory: Path
    files: tuple[Path, ...]
    counties: int
    years: range
    schools: int
    faults: int
    answer_key: Path | None


def write_sample(
    directory: Path,
    *,
    counties: int,
    years: range,
    seed: int,
    faults: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> SampleSummary:
    """Write ``counties`` counties × ``years`` of returns below ``directory``; the same arguments give the same bytes.

    Args:
        directory: gets ``returns/``, ``answer_key.csv`` and ``README.txt``; an earlier sample in it is replaced.
        counties: 1 to 99.
        years: consecutive school years from 2012 on; up to 2020 on forms 基础基, from 2021 on forms 教基.
        faults: whether faults are planted; without them every check should be content.
        progress: called with (workbooks written, workbooks in all).

    Raises:
        ValueError: counties or years are out of range, or ``returns/`` holds files that are no earlier sample.
    """
    checked(directory, counties, years)
    returns = emptied(directory)
    world = build_world(counties, years, seed)
    partitions = partitions_of(world)
    slots = slots_for(counties, years) if faults else Slots({})
    pending = [fault for fault in all_faults() if fault.slot == "any"] if faults else []
    planted: list[Planted] = []
    done, total = 0, counties * len(years)
    for county in world.counties:
        money = funding.simulate(county, years, seed)
        staff = exchange.simulate(county, years, seed, world.returns)
        rates = {year: exchange.declared_rates(filed) for year, filed in staff.items()}
        supervised = supervision.simulate(county, years, seed, rates)
        for year in years:
            here = slots.of(county.number, year)
            sheets = county_sheets(partitions[county.code, year], county, year)
            clean = county_sheets(partitions[county.code, year], county, year) if here & {"first", "second"} else []
            places = places_of(sheets, county, year, misnamed="text" in here)
            planter = Planter(sheets, places, np.random.default_rng([seed, county.number, year]))
            wanted = [fault for fault in all_faults() if fault.slot in here] + pending
            found = planter.plant(wanted) if wanted else []
            pending = _still_pending(pending, found)
            planted += found + misnamed_lines(sheets, places, "text" in here)
            write_county(returns, sheets, places, planter)
            planted += write_funding(returns, county, year, money[year], here)
            planted += write_exchange(returns, county, year, staff[year], here)
            planted += write_supervision(returns, county, year, supervised[year], here)
            if here & {"second"} or (here & {"first"} and "second" not in slots.places):
                before = partitions.get((county.code, year - 1))
                past = county_sheets(before, county, year - 1) if before else []
                planted += plant_files(Setting(returns, county, year, clean, past))
            done += 1
            if progress is not None:
                progress(done, total)
    (directory / README).write_text(_README, encoding="utf-8")
    key = write_key(directory / ANSWER_KEY, planted) if faults else None
    files = tuple(sorted(returns.iterdir()))
    return SampleSummary(directory, files, counties, years, world.returns["school"].height, len(planted), key)


def checked(directory: Path, counties: int, years: range) -> None:
    """Raise ``ValueError`` where a sample cannot be written so, or not there."""
    if not 1 <= counties <= MOST_COUNTIES:
        raise ValueError(f"counties must be 1 to {MOST_COUNTIES}, not {counties}")
    if len(years) == 0 or years.step != 1 or years[0] < FIRST_YEAR or years[-1] > LAST_YEAR:
        raise ValueError(f"years must be consecutive and within {FIRST_YEAR}–{LAST_YEAR}, not {years}")
    returns = directory / RETURNS
    if returns.exists() and any(returns.iterdir()) and not (directory / README).exists():
        raise ValueError(f"{returns} holds files that are no earlier sample; choose another directory")


def emptied(directory: Path) -> Path:
    """``returns/`` without the files of an earlier sample."""
    returns = directory / RETURNS
    returns.mkdir(parents=True, exist_ok=True)
    (directory / README).write_text(_README, encoding="utf-8")
    for path in returns.iterdir():
        path.unlink()
    (directory / ANSWER_KEY).unlink(missing_ok=True)
    return returns


def partitions_of(world: World) -> dict[tuple[str, int], Frames]:
    """The returns of a world by county and year."""
    out: dict[tuple[str, int], Frames] = defaultdict(dict)
    empty = {form: frame.clear() for form, frame in world.returns.items()}
    for county in world.counties:
        for year in world.years:
            out[county.code, year] = dict(empty)
    for form, frame in world.returns.items():
        for (code, year), part in frame.partition_by("county_code", "school_year", as_dict=True).items():
            out[str(code), int(year)][form] = part
    return dict(out)


def places_of(
    sheets: list[Sheet], county: names.County, year: int, *, misnamed: bool = False
) -> dict[str, tuple[str, str]]:
    """Table → (file name, sheet name); the sheet of a text file has no name."""
    stem = f"{county.code}_{county.name}_{year}学年"
    places = {}
    for sheet in sheets:
        if county.number == TEXT_COUNTY and sheet.table in TEXT_TABLES:
            suffix = ".xlsx" if misnamed and MISNAMED[sheet.layout] == sheet.table else ".csv"
            places[sheet.table] = f"{stem}_{sheet.table}{suffix}", ""
        else:
            places[sheet.table] = f"{stem}.xlsx", sheet.name
    return places


def write_county(returns: Path, sheets: list[Sheet], places: dict[str, tuple[str, str]], planter: Planter) -> None:
    """Write the tables of a county and year to their files."""
    workbook: list[Sheet] = []
    for sheet in sheets:
        file, name = places[sheet.table]
        if name:
            workbook.append(sheet)
        else:
            write_text(returns / file, sheet, TEXT_TABLES[sheet.table])
    write_workbook(returns / places[workbook[0].table][0], workbook, planter.extra_sheets, planter.hidden_sheets)


def _still_pending(pending: list[Fault], found: list[Planted]) -> list[Fault]:
    planted = {line.fault for line in found}
    return [fault for fault in pending if fault.fault not in planted]


def misnamed_lines(sheets: list[Sheet], places: dict[str, tuple[str, str]], wanted: bool) -> list[Planted]:
    """The answer-key line of the text file that carries the extension of a workbook."""
    return [
        Planted(
            fault="a_text_file_named_xlsx",
            rule="extension_differs_from_content",
            severity="note",
            file=places[sheet.table][0],
            sheet="",
            cell="",
            school_code="",
            school_year=sheet.school_year,
            county_code=sheet.county_code,
            field="",
            original=".csv",
            planted=".xlsx",
            form=sheet.form,
            stage="",
        )
        for sheet in sheets
        if wanted and MISNAMED[sheet.layout] == sheet.table
    ]


def write_key(path: Path, planted: list[Planted]) -> Path:
    """Write the answer key."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(Planted)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in planted)
    path.write_text(out.getvalue(), encoding="utf-8")
    return path
