"""The sample with faults of every kind many times, at random places and of random size: what recall is measured on.

Belongs here: which county and year get which faults of which kind, so that each can be answered for. Does not belong
here: any kind of fault (``faultkinds``, ``faultfiles``, ``datakinds`` and the tables of funding, exchange and
supervision).

Counties of which a whole table has a fault of data get no other ones; schools with a fault of data get none in their
cells. In one county-year at most some cells are hit, at most one in a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipelines.sample import exchange, funding, supervision
from pipelines.sample.datafaults import DataPlanter, all_data_faults
from pipelines.sample.exchangetables import write_exchange
from pipelines.sample.faultfiles import Setting, plant_files
from pipelines.sample.faultkinds import WHOLE_COLUMN, Fault, Planted
from pipelines.sample.faults import Planter, all_faults
from pipelines.sample.fundingfaults import plant_in_figures
from pipelines.sample.fundingtables import write_funding
from pipelines.sample.sheets import county_sheets
from pipelines.sample.slots import TEXT_COUNTY
from pipelines.sample.summarytables import write_summary
from pipelines.sample.supervisiontables import write_supervision
from pipelines.sample.tables import Tables
from pipelines.sample.world import World, build_world
from pipelines.sample.write import (
    ANSWER_KEY,
    RETURNS,
    SampleSummary,
    checked,
    emptied,
    misnamed_lines,
    partitions_of,
    places_of,
    write_county,
    write_key,
)

#: Faults in the cells of a county's tables of a year, at most.
CELLS = 12
#: Share of counties of which a whole table gets a fault of data, and of county-years with faulty files or lists.
WHOLE_COUNTIES, LISTS = 0.34, 0.5
#: Of lists: two slots of faults in rows, and one of faults that only other returns show, which must be whole.
SLOTS = ("first", "second", "third")
#: Schools per fault of data: with more faults the peers that schools are compared with are faulty themselves.
SCHOOLS_PER_FAULT = 3
#: Faults of these kinds follow from another one that must be there (a column that stands twice is lost).
_IN_PAIRS = {"header_printed_twice": "column_lost_by_it"}


def write_many(
    directory: Path,
    *,
    counties: int,
    years: range,
    seed: int,
    faults: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> SampleSummary:
    """Write a sample as ``write_sample`` does, with many faults; the same arguments give the same bytes.

    Some counties also file the published summary of a year, which ``write_sample`` leaves out. Without ``faults`` every
    county does, and the answer key holds only what the sample itself does not bear out (``Supervision.cases``).

    Raises:
        ValueError: counties or years are out of range, or ``returns/`` holds files that are no earlier sample.
    """
    checked(directory, counties, years)
    returns = emptied(directory)
    world = build_world(counties, years, seed)
    rng = np.random.default_rng([seed, 7_2026])
    tables = Tables(world.returns)
    data = DataPlanter(tables, years, rng)
    planted = _plant_data(data, counties, seed) if faults else []
    edited = partitions_of(World(world.counties, years, tables.frames))
    done, total = 0, counties * len(years)
    for county in world.counties:
        money = funding.simulate(county, years, seed)
        staff = exchange.simulate(county, years, seed, world.returns)
        exchanged = {year: exchange.declared_rates(filed) for year, filed in staff.items()}
        supervised = supervision.simulate(county, years, seed, exchanged)
        whole = county.code in data.counties or not faults
        if not whole:
            planted += plant_in_figures(county, money, years, rng)
        for year in years:
            lists = set() if whole or rng.random() > LISTS else {str(rng.choice(SLOTS))}
            sheets = county_sheets(edited[county.code, year], county, year)
            misnamed = county.number == TEXT_COUNTY and not whole and bool(rng.random() < LISTS)
            places = places_of(sheets, county, year, misnamed=misnamed)
            planted += misnamed_lines(sheets, places, misnamed)
            planter = Planter(sheets, places, np.random.default_rng([seed, county.number, year]), data.touched)
            if not whole and lists != {"third"}:
                planted += planter.plant(_cell_faults(rng))
            write_county(returns, sheets, places, planter)
            planted += write_funding(returns, county, year, money[year], lists)
            planted += write_exchange(returns, county, year, staff[year], lists)
            planted += write_supervision(
                returns, county, year, supervised[year], lists if lists & {"first", "second"} else lists | {"cases"}
            )
            if not faults or "third" in lists:
                planted += write_summary(returns, county, year, edited[county.code, year], faults=faults)
            if lists - {"third"}:
                before = edited.get((county.code, year - 1))
                past = county_sheets(before, county, year - 1) if before else []
                good = county_sheets(edited[county.code, year], county, year)  # what is sent twice says the same
                planted += plant_files(Setting(returns, county, year, good, past))
            done += 1
            if progress is not None:
                progress(done, total)
    key = write_key(directory / ANSWER_KEY, planted)
    files = tuple(sorted((directory / RETURNS).iterdir()))
    return SampleSummary(directory, files, counties, years, world.returns["school"].height, len(planted), key)


def _plant_data(data: DataPlanter, counties: int, seed: int) -> list[Planted]:
    """Faults of whole tables in some counties, in turn from seed to seed, then faults of schools in the others."""
    faults = all_data_faults()
    whole = [fault for fault in faults if fault.scope == "county"]
    single = [fault for fault in faults if fault.scope != "county"]
    number = round(counties * WHOLE_COUNTIES)
    chosen = [whole[(seed * number + i) % len(whole)] for i in range(number)]
    planted = data.plant(chosen)
    register = data.tables.frames["school"]
    schools = register.filter(~register["county_code"].is_in(sorted(data.counties)))["school_code"].n_unique()
    number = schools // SCHOOLS_PER_FAULT
    order = [single[int(i)] for _ in range(-(-number // len(single))) for i in data.rng.permutation(len(single))]
    return planted + data.plant(order[:number])


def _cell_faults(rng: np.random.Generator) -> list[Fault]:
    """Some kinds of faults in cells, columns and sheets, with sizes of their own.

    A fault of a whole column moves the others of its table, or takes the figures away that another fault is in: a table
    has one of these at most, and then no other fault of that field.
    """
    kinds = [fault for fault in all_faults() if fault.fault not in _IN_PAIRS.values()]
    chosen: list[Fault] = []
    columns: dict[str, str] = {}
    for number in rng.permutation(len(kinds)):
        fault = kinds[int(number)]
        whole = fault.how in WHOLE_COLUMN and fault.how != "total"
        if whole and (fault.form in columns or any(_same_field(each, fault) for each in chosen)):
            continue
        if columns.get(fault.form) == fault.field:
            continue
        if whole:
            columns[fault.form] = fault.field
        chosen.append(fault)
        if len(chosen) == CELLS:
            break
    paired = {_IN_PAIRS[fault.fault] for fault in chosen if fault.fault in _IN_PAIRS}
    return [_sized(fault, rng) for fault in chosen] + [fault for fault in all_faults() if fault.fault in paired]


def _same_field(one: Fault, other: Fault) -> bool:
    return one.form == other.form and other.field in (one.field, re.split(r"[+-]", one.argument)[0])


def _sized(fault: Fault, rng: np.random.Generator) -> Fault:
    """The fault with an argument of random size, not smaller than its own, where it has a size."""
    if fault.how in ("add", "total"):
        return replace(fault, argument=str(_drawn(int(fault.argument), rng)))
    if (match := re.fullmatch(r"(\w+?)([+-])(\d+)", fault.argument)) and fault.how == "above":
        return replace(fault, argument=f"{match[1]}{match[2]}{_drawn(int(match[3]), rng)}")
    return fault


def _drawn(size: int, rng: np.random.Generator) -> int:
    return int(rng.integers(size, 4 * size + 1))
