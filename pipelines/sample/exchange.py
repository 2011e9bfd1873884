"""The exchange returns of a county of the sample, year by year: roster, who is eligible, who was exchanged.

The list of a year is written at its end: stints that began in it, those that last from earlier years, and how they
ended. What schools declare is what the list holds of them, so that list, declarations and rosters agree until faults
are planted. Belongs here: rows of the returns. Does not belong here: people and their moves (``staff``), printed tables
(``exchangetables``), faults (``exchangefaults``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipelines.sample.names import County
from pipelines.sample.staff import Member, Staff, Stint

#: Stream of random numbers of its own, so that the other returns stay as they are.
_STREAM = 20140
REASONS = ("nursing", "illness", "retirement", "other")
#: Persons of a year's list who only go to learn.
TRAINEES = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class YearOfExchange:
    """The three returns of a county and school year; columns as in the contracts, persons as they are."""

    year: int
    roster: list[Row]
    eligible: list[Row]
    exchange: list[Row]


def simulate(county: County, years: range, seed: int, returns: dict[str, pl.DataFrame]) -> dict[int, YearOfExchange]:
    """The exchange returns of a county by school year, from its other returns (``World.returns``)."""
    rng = np.random.default_rng([seed, county.number, _STREAM])
    forms = ("school", "teacher", "school_succession")
    staff = Staff(
        county, rng, {form: returns[form].filter(pl.col("county_code") == county.code) for form in forms}, years[0]
    )
    out = {}
    for year in years:
        staff.next_year(year)
        out[year] = YearOfExchange(year, _roster(staff, year), _eligible(staff, year), _list(staff, year))
    return out


def declared_rates(filed: YearOfExchange) -> dict[str, float]:
    """Exchanged of the eligible and backbone teachers of the exchanged, as the schools of a county declare them.

    Empty where nobody is eligible or was exchanged. Keys: the items of government work that ask for these shares.
    """
    eligible, exchanged, backbone = (
        sum(int(row[name]) for row in filed.eligible) for name in ("eligible", "exchanged", "backbone_exchanged")
    )
    if not eligible or not exchanged:
        return {}
    return {"exchange_rate": exchanged / eligible, "exchange_backbone": backbone / exchanged}


def _list(staff: Staff, year: int) -> list[Row]:
    first, last = date(year, 8, 1), date(year + 1, 8, 31)
    rows = [
        _list_row(staff, year, stint, stint.ends if stint.ends is not None and stint.ends <= last else None)
        for stint in staff.stints
        if stint.start <= last and (stint.start >= first or (stint.ends is not None and stint.ends >= first))
    ]
    free = [m for m in staff.members if m.stint is None and m.role == "teacher" and m.arrived < first]
    for member in free[:: max(1, len(free) // TRAINEES)][:TRAINEES]:
        code, stage = member.place
        host = next((place[0] for place in staff.counts if place[1] == stage and place[0] != code), None)
        if host is not None:
            start, end = date(year, 10, 8), date(year + 1, 1, 15)
            stint = Stint(member, code, host, stage, member.role, member.backbone, "training", start, end, end)
            rows.append(_list_row(staff, year, stint, end))
    return sorted(rows, key=lambda row: (str(row["from_school_code"]), str(row["person"]), str(row["start_date"])))


def _list_row(staff: Staff, year: int, stint: Stint, ended: date | None) -> Row:
    return {
        "school_year": year,
        "county_code": staff.county.code,
        "person": stint.member.person.number,
        "name": stint.member.person.name,
        "from_school_code": stint.left,
        "from_school_name": staff.names.get(stint.left),
        "to_school_code": stint.served,
        "to_school_name": staff.names.get(stint.served),
        "stage": stint.stage,
        "role": stint.role,
        "subject": stint.member.subject,
        "backbone": int(stint.backbone),
        "exchange_kind": stint.kind,
        "start_date": stint.start,
        "planned_end_date": stint.planned_end,
        "actual_end_date": ended,
    }


def _eligible(staff: Staff, year: int) -> list[Row]:
    rows = []
    for (code, stage), counts in sorted(staff.counts.items()):
        stints = staff.chosen.get((code, stage), [])
        count = len(staff.eligible[code, stage])
        rows.append(
            {
                "school_year": year,
                "county_code": staff.county.code,
                "school_code": code,
                "school_name": staff.names[code],
                "stage": stage,
                "good_school": int("实验" in staff.names[code]),
                "permanent_staff": counts["permanent_staff"],
                "long_enough": counts["long_enough"],
                **{f"exempt_{why}": counts[f"exempt_{why}"] for why in REASONS},
                "eligible": count,
                "principals_eligible": counts["principals_eligible"],
                "should_exchange": -(-count // 5),
                "exchanged": len(stints),
                "backbone_exchanged": sum(stint.backbone for stint in stints),
                "principals_exchanged": sum(stint.role != "teacher" for stint in stints),
            }
        )
    return rows


def _roster(staff: Staff, year: int) -> list[Row]:
    ordered = sorted(staff.members, key=lambda m: (*m.place, m.role != "principal", m.arrived, m.person.number))
    return [_roster_row(staff, year, member) for member in ordered]


def _roster_row(staff: Staff, year: int, member: Member) -> Row:
    code, stage = member.place
    return {
        "school_year": year,
        "county_code": staff.county.code,
        "school_code": code,
        "school_name": staff.names[code],
        "stage": stage,
        "person": member.person.number,
        "name": member.person.name,
        "post": member.role,
        "subject": member.subject,
        "permanent": int(member.permanent),
        "backbone": int(member.backbone),
        "arrived_date": member.arrived,
        "exempt": member.exempt,
    }
