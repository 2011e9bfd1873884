"""Rows of the exchange returns for tests of the models.

Belongs here: building them. Does not belong here: expectations.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.models.helpers import COUNTY, YEAR, Results, Rows, run_models, school

TABLES = ("trends.teacher_exchange", "trends.exchange_flow", "trends.exchange_agreement")


def person(number: int) -> str:
    """A pseudonym."""
    return f"p{number:024x}"


def place(school_code: str, urban_rural: str | None = "111", *, year: int = YEAR, **register: Any) -> Rows:
    """A public school of one stage in the register, with pupils."""
    return school(school_code, 100, year=year, urban_rural=urban_rural, operator="831", **register)


def eligible(school_code: str, count: int | None, exchanged: int | None = 0, *, year: int = YEAR, **more: Any) -> Rows:
    """What a school declares; nobody is exempt and everybody permanent unless told."""
    row = {
        "school_year": year,
        "county_code": COUNTY,
        "school_code": school_code,
        "stage": "primary",
        "permanent_staff": count,
        "long_enough": count,
        "exempt_nursing": 0,
        "exempt_illness": 0,
        "exempt_retirement": 0,
        "exempt_other": 0,
        "eligible": count,
        "exchanged": exchanged,
        "backbone_exchanged": 0,
        "principals_eligible": 1,
        "principals_exchanged": 0,
    }
    return {"exchange_eligible": [{**row, **more}]}


def stint(number: int, left: str, served: str, *, year: int = YEAR, **more: Any) -> Rows:
    """A stint of three years from 1 September of ``year``, on the list of that year."""
    row = {
        "school_year": year,
        "county_code": COUNTY,
        "person": person(number),
        "from_school_code": left,
        "to_school_code": served,
        "stage": "primary",
        "role": "teacher",
        "backbone": 0,
        "exchange_kind": "rotation",
        "start_date": date(year, 9, 1),
        "planned_end_date": date(year + 3, 7, 31),
        "actual_end_date": None,
    }
    return {"exchange": [{**row, **more}]}


def on_roster(number: int, school_code: str, *, year: int = YEAR, arrived: int = 2010, **more: Any) -> Rows:
    """A teacher on the roster of a school since 1 September of ``arrived``."""
    row = {
        "school_year": year,
        "county_code": COUNTY,
        "school_code": school_code,
        "stage": "primary",
        "person": person(number),
        "post": "teacher",
        "permanent": 1,
        "backbone": 0,
        "arrived_date": date(arrived, 9, 1),
        "exempt": None,
    }
    return {"roster": [{**row, **more}]}


def succession(ended: str, successor: str | None, *, year: int = YEAR, reason: str = "merged") -> Rows:
    """A code that is carried on from ``year`` on."""
    row = {"school_year": year, "county_code": COUNTY, "school_code": ended, "successor_code": successor}
    return {"school_succession": [{**row, "reason": reason}]}


def run(folder: Path, rows: Rows, **more: Any) -> Results:
    """Run the models of exchange and those they read."""
    return run_models(folder, rows, only=TABLES, **more)


def county(results: Results, *, year: int = YEAR, stage: str = "compulsory", table: str = TABLES[0]) -> dict[str, Any]:
    """The row of the test county."""
    return results.row(table, county_code=COUNTY, school_year=year, stage=stage)
