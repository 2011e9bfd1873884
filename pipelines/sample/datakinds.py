"""The kinds of faults of data: what each makes of the returns of a school or of a county.

A fault of data passes every check of a single row: sums still fit, codes are known, cells are numbers. Only beside
other years, returns or schools is it seen. Belongs here: one function per kind (``how`` of ``datafaults.csv``). Does
not belong here: which schools and counties get faults (``datafaults``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.returns import CONTRACTS
from models.returns.class_size import BINS
from pipelines.sample.tables import Row, Tables

#: Returns that a school files.
FILED = ("school", "enrolment", "movement", "class_size", "teacher", "premises", "equipment")
#: A code that no school of the sample has.
UNKNOWN_CODE = "2199099999"


@dataclass(frozen=True)
class DataFault:
    """A line of ``datafaults.csv``.

    ``field`` names the fields to choose from (of a swap: the pair), ``argument`` the factors or values; ``years`` is
    first, later (a year before is there), inner (and a year after) or any.
    """

    fault: str
    scope: str
    how: str
    form: str
    stage: str
    field: str
    argument: str
    years: str
    rule: str
    severity: str


@dataclass(frozen=True)
class Spot:
    """Where a fault is to go; ``school`` is empty for a county. ``last`` is the last year of the sample."""

    county: str
    year: int
    school: str
    stage: str
    last: int


@dataclass(frozen=True)
class Done:
    """What was done: field, what stood there and what does now, other codes concerned, year and county it shows in."""

    field: str
    original: object
    planted: object
    codes: tuple[str, ...] = ()
    year: int | None = None
    county: str | None = None


Kind = Callable[[Tables, DataFault, Spot, np.random.Generator], Done | None]


def _whole(form: str, field: str, value: float) -> float | int:
    return round(value) if CONTRACTS[form].fields[field].kind == "count" else round(value, 2)


def _one(tables: Tables, form: str, spot: Spot, year: int | None = None) -> Row | None:
    """The row of the spot in a return, that of its stage where the return has stages."""
    where = {"school_code": spot.school, "school_year": spot.year if year is None else year}
    if "stage" in tables.frames[form].columns:
        where["stage"] = spot.stage
    return tables.row(form, **where)


def _change(tables: Tables, form: str, row: Row, changes: dict[str, float]) -> None:
    """Add to figures of a row."""
    stage = {"stage": row["stage"]} if "stage" in row else {}
    values = {name: (row[name] or 0) + by for name, by in changes.items()}
    tables.put(form, values, school_code=row["school_code"], school_year=row["school_year"], **stage)


def _times(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A figure so many times too large or too small; of later years only where the school had one the year before."""
    field = str(rng.choice(fault.field.split()))
    row = _one(tables, fault.form, spot)
    if row is None or not row[field]:
        return None
    if fault.years == "later" and _one(tables, fault.form, spot, spot.year - 1) is None:
        return None
    value = _whole(fault.form, field, row[field] * float(rng.choice(fault.argument.split())))
    if not value or value == row[field]:
        return None
    tables.put(fault.form, {field: value}, school_code=spot.school, school_year=spot.year)
    return Done(field, row[field], value)


def _per_pupil(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A figure of so much per pupil."""
    pupils = sum(row["pupils"] or 0 for row in tables.rows("enrolment", school_code=spot.school, school_year=spot.year))
    row = _one(tables, fault.form, spot)
    if row is None or not pupils:
        return None
    low, high = map(float, fault.argument.split())
    value = round(pupils * rng.uniform(low, high))
    tables.put(fault.form, {fault.field: value}, school_code=spot.school, school_year=spot.year)
    return Done(fault.field, row[fault.field], value)


def _unlike_peers(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A figure so many times what the schools of the county have per pupil (median), and unlike what the school has."""
    field = str(rng.choice(fault.field.split()))
    row = _one(tables, fault.form, spot)
    pupils = _pupils_by_school(tables, spot)
    rows = tables.rows(fault.form, county_code=spot.county, school_year=spot.year)
    levels = [
        each[field] / pupils[each["school_code"]] for each in rows if each[field] and pupils.get(each["school_code"])
    ]
    if row is None or not row[field] or spot.school not in pupils or not levels:
        return None
    factor = float(rng.choice(fault.argument.split()))
    value = _whole(fault.form, field, float(np.median(levels)) * pupils[spot.school] * factor)
    if not value or not _another_size(value / row[field]):
        return None
    tables.put(fault.form, {field: value}, school_code=spot.school, school_year=spot.year)
    return Done(field, row[field], value)


def _another_size(factor: float) -> bool:
    """Neither what the school always has nor a power of ten, which is a fault of another kind."""
    powers = abs(np.log10(factor))
    return bool(powers > 0.5 and min(abs(powers - 1), abs(powers - 4)) > 0.25)


def _pupils_by_school(tables: Tables, spot: Spot) -> dict[str, int]:
    """Pupils of all stages of the county's schools in the year of the spot."""
    pupils: dict[str, int] = {}
    for row in tables.rows("enrolment", county_code=spot.county, school_year=spot.year):
        pupils[row["school_code"]] = pupils.get(row["school_code"], 0) + (row["pupils"] or 0)
    return {code: count for code, count in pupils.items() if count}


def _grade(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A grade with far more or fewer pupils for one year; the movement of both years tells the same story."""
    enrolment, movement = _one(tables, "enrolment", spot), _one(tables, "movement", spot)
    after = _one(tables, "movement", spot, spot.year + 1)
    if enrolment is None or movement is None or after is None:
        return None
    field = f"grade_{rng.integers(2, 6)}"
    held = enrolment[field] or 0
    by = int(max(45, 0.8 * held)) if held < 120 or rng.random() < 0.5 else -int(0.6 * held)
    if held < 25:
        return None
    _change(tables, "enrolment", enrolment, {field: by, "pupils": by})
    flow = ("increase", "transferred_in") if by > 0 else ("decrease", "transferred_out")
    _change(tables, "movement", movement, {"pupils": by, **dict.fromkeys(flow, abs(by))})
    back = ("decrease", "transferred_out") if by > 0 else ("increase", "transferred_in")
    _change(tables, "movement", after, {"pupils_last_year": by, **dict.fromkeys(back, abs(by))})
    return Done(field, held, held + by)


def _chain(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """The year begins with other pupils than the year before ended with."""
    row, before = _one(tables, "movement", spot), _one(tables, "movement", spot, spot.year - 1)
    if row is None or before is None:
        return None
    by = int(rng.integers(1, 40))
    _change(tables, "movement", row, dict.fromkeys(("pupils_last_year", "decrease", "other_decrease"), by))
    return Done("pupils_last_year", row["pupils_last_year"], row["pupils_last_year"] + by)


def _two_returns(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """Pupils by grade that are not those of the movement return."""
    row = _one(tables, "enrolment", spot)
    if row is None or _one(tables, "movement", spot) is None:
        return None
    field = "grade_5" if spot.stage == "primary" else "grade_8"
    by = int(rng.integers(1, 10))
    _change(tables, "enrolment", row, {field: by, "pupils": by})
    return Done("pupils", row["pupils"], row["pupils"] + by)


def _entrants(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    row = _one(tables, "movement", spot)
    if row is None or _one(tables, "enrolment", spot) is None:
        return None
    by = int(rng.integers(1, 20))
    _change(tables, "movement", row, dict.fromkeys(("entrants", "increase", "decrease", "other_decrease"), by))
    return Done("entrants", row["entrants"], row["entrants"] + by)


def _graduates(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    row = _one(tables, "movement", spot)
    if row is None or (row["graduates"] or 0) < 40:
        return None
    by = int(row["graduates"] * rng.uniform(0.35, 0.8))
    _change(tables, "movement", row, {"graduates": -by, "other_decrease": by})
    return Done("graduates", row["graduates"], row["graduates"] - by)


def _class_bins(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """All classes in the largest or in the smallest bin."""
    row, enrolment = _one(tables, "class_size", spot), _one(tables, "enrolment", spot)
    if row is None or enrolment is None or not row["classes"]:
        return None
    size = (enrolment["pupils"] or 0) / row["classes"]
    if not 27 <= size <= 63:
        return None
    bin_ = str(rng.choice(["classes_upto_25", "classes_from_66"]))
    values: dict[str, object] = {name: row["classes"] if name == bin_ else 0 for name in BINS}
    tables.put("class_size", values, school_code=spot.school, school_year=spot.year, stage=spot.stage)
    return Done(bin_, row[bin_], row["classes"])


def _zeros(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    row = _one(tables, fault.form, spot)
    if row is None or not row[fault.field]:
        return None
    figures: dict[str, object] = {
        name: 0 for name, value in row.items() if CONTRACTS[fault.form].fields[name].numeric and isinstance(value, int)
    }
    figures.pop("school_year")
    tables.put(fault.form, figures, school_code=spot.school, school_year=spot.year, stage=spot.stage)
    return Done(fault.field, row[fault.field], 0)


def _unregistered(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    tables.drop("school", school_code=spot.school, school_year=spot.year)
    return Done("school_code", spot.school, None)


def _other_type(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    row = _one(tables, "school", spot)
    if row is None or row["school_type"] != "211":
        return None
    tables.put("school", {"school_type": fault.argument}, school_code=spot.school, school_year=spot.year)
    return Done("school_type", row["school_type"], fault.argument)


def _unknown_code(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    row = _one(tables, fault.form, spot)
    if row is None or not row[fault.field]:
        return None
    tables.put(fault.form, {fault.field: UNKNOWN_CODE}, school_code=spot.school, school_year=spot.year)
    return Done(fault.field, row[fault.field], UNKNOWN_CODE)


def _new_code(tables: Tables, spot: Spot) -> str:
    """The code after the last one of its kind in the county."""
    taken = set(tables.frames["school"]["school_code"].to_list())
    number = int(spot.school) + 500
    while str(number) in taken:
        number += 1
    return str(number)


def _duplicate(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """The school once more, under a code of its own, in the register only."""
    row = _one(tables, "school", spot)
    if row is None:
        return None
    code = _new_code(tables, spot)
    tables.add("school", [{**row, "school_code": code}])
    return Done("school_name", None, row["school_name"], (code,))


def _same_figures(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """The school once more, under a code and name of its own, with all its returns."""
    row = _one(tables, "enrolment", spot)
    if row is None:
        return None
    code = _new_code(tables, spot)
    for form in FILED:
        rows = tables.rows(form, school_code=spot.school, school_year=spot.year)
        tables.add(form, [{**each, "school_code": code, "school_name": f"{each['school_name']}新校"} for each in rows])
    return Done("pupils", None, row["pupils"], (code,))


def _vanish(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """From this year on nothing is filed; it shows in the last row that was."""
    before = tables.rows("enrolment", school_code=spot.school, school_year=spot.year - 1)
    if not before:
        return None
    for form in FILED:
        tables.drop(form, school_code=spot.school, school_year=list(range(spot.year, spot.last + 1)))
    return Done("pupils", before[0]["pupils"], None, year=spot.year - 1)


def _appear(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """Before this year nothing is filed."""
    now = tables.rows("enrolment", school_code=spot.school, school_year=spot.year)
    if not now:
        return None
    for form in FILED:
        tables.drop(form, school_code=spot.school, school_year=list(range(spot.year - 30, spot.year)))
    return Done("pupils", None, now[0]["pupils"])


def _files_on(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A code that has ended files what it filed in its last year."""
    before = tables.rows("enrolment", school_code=spot.school, school_year=spot.year - 1)
    if not before:
        return None
    for form in ("school", "enrolment"):
        rows = tables.rows(form, school_code=spot.school, school_year=spot.year - 1)
        tables.add(form, [{**row, "school_year": spot.year} for row in rows])
    return Done("pupils", None, before[0]["pupils"])


def _resend(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """Last year's table as this year's."""
    before = tables.rows(fault.form, county_code=spot.county, school_year=spot.year - 1)
    if len(before) < 8:
        return None
    tables.drop(fault.form, county_code=spot.county, school_year=spot.year)
    tables.add(fault.form, [{**row, "school_year": spot.year} for row in before])
    return Done(fault.field, None, f"{len(before)} rows of {spot.year - 1}")


def _swap(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """Two columns of a county's table in each other's place."""
    one, other = fault.field.split()
    rows = tables.rows(fault.form, county_code=spot.county, school_year=spot.year)
    if len(rows) < 8:
        return None
    tables.drop(fault.form, county_code=spot.county, school_year=spot.year)
    tables.add(fault.form, [_swapped(fault.form, row, one, other) for row in rows])
    return Done(one, one, other)


def _swapped(form: str, row: Row, one: str, other: str) -> Row:
    """A row with two figures exchanged; the whole that one of them is part of stays a whole."""
    new = {**row, one: row[other], other: row[one]}
    if other == "teaching_computers" and None not in (new[other], row["computers"]):
        new["computers"] = row["computers"] - row[other] + new[other]
    return new


def _column_times(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A column of a county's table in another unit than its header says."""
    rows = tables.rows(fault.form, county_code=spot.county, school_year=spot.year)
    if len(rows) < 8:
        return None
    factor = float(rng.choice(fault.argument.split()))
    tables.drop(fault.form, county_code=spot.county, school_year=spot.year)
    tables.add(
        fault.form,
        [
            {**row, fault.field: row[fault.field] and _whole(fault.form, fault.field, row[fault.field] * factor)}
            for row in rows
        ],
    )
    return Done(fault.field, None, f"{len(rows)} rows × {factor:g}")


def _newcomers(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """Half as many junior entrants again in every school of the county; the movement of both years goes with it."""
    rows = tables.rows("movement", county_code=spot.county, school_year=spot.year, stage="junior")
    if len(rows) < 5:
        return None
    for row in rows:
        here = replace(spot, school=row["school_code"], stage="junior")
        enrolment, after = _one(tables, "enrolment", here), _one(tables, "movement", here, spot.year + 1)
        by = round((row["entrants"] or 0) * 0.5)
        if enrolment is None:
            continue
        _change(tables, "enrolment", enrolment, dict.fromkeys(("grade_7", "pupils", "entrants"), by))
        _change(tables, "movement", row, dict.fromkeys(("entrants", "increase", "pupils"), by))
        if after is not None:
            _change(tables, "movement", after, dict.fromkeys(("pupils_last_year", "decrease", "transferred_out"), by))
    return Done(fault.field, None, "half as many again")


def _moved(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """From this year on another county files for the school, as if a boundary had been moved."""
    codes = sorted(set(tables.frames["school"]["county_code"].to_list()) - {spot.county})
    row = _one(tables, "school", spot)
    if row is None or not codes or _one(tables, "school", spot, spot.year - 1) is None:
        return None
    other = str(rng.choice(codes))
    name = tables.rows("school", county_code=other)[0]["county_name"]
    years = list(range(spot.year, spot.last + 1))
    for form in FILED:
        named = {"county_name": name} if form == "school" else {}
        tables.put(form, {"county_code": other, **named}, school_code=spot.school, school_year=years)
    return Done("county_code", spot.county, other, county=other)


def _same_stages(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """The table of primary teachers sent as that of junior ones, too."""
    primary = {
        row["school_code"]: row
        for row in tables.rows("teacher", county_code=spot.county, school_year=spot.year, stage="primary")
    }
    junior = tables.rows("teacher", county_code=spot.county, school_year=spot.year, stage="junior")
    both = [row["school_code"] for row in junior if row["school_code"] in primary and row["teachers"]]
    if len(both) < 3:
        return None
    for code in both:
        tables.drop("teacher", school_code=code, school_year=spot.year, stage="junior")
        tables.add("teacher", [{**primary[code], "stage": "junior"}])
    return Done("teachers", None, f"{len(both)} schools")


def _left_out(tables: Tables, fault: DataFault, spot: Spot, rng: np.random.Generator) -> Done | None:
    """A share of a county's schools missing in one return."""
    rows = tables.rows(fault.form, county_code=spot.county, school_year=spot.year)
    codes = sorted({row["school_code"] for row in rows})
    if len(codes) < 8:
        return None
    gone = rng.choice(codes, size=round(len(codes) * float(fault.argument)), replace=False)
    tables.drop(fault.form, school_code=[str(code) for code in gone], school_year=spot.year)
    return Done("", len(codes), len(codes) - len(gone))


KINDS: dict[str, Kind] = {
    "times": _times,
    "per_pupil": _per_pupil,
    "unlike_peers": _unlike_peers,
    "grade": _grade,
    "chain": _chain,
    "two_returns": _two_returns,
    "entrants": _entrants,
    "graduates": _graduates,
    "class_bins": _class_bins,
    "zeros": _zeros,
    "unregistered": _unregistered,
    "other_type": _other_type,
    "unknown_code": _unknown_code,
    "duplicate": _duplicate,
    "same_figures": _same_figures,
    "vanish": _vanish,
    "appear": _appear,
    "files_on": _files_on,
    "resend": _resend,
    "swap": _swap,
    "same_stages": _same_stages,
    "column_times": _column_times,
    "newcomers": _newcomers,
    "moved": _moved,
    "left_out": _left_out,
}
