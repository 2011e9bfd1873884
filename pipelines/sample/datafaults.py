"""Faults of data planted at random places of the sample: which school, county and year get which.

What can be planted is data (``datafaults.csv``). A school gets one fault at most, in one year; schools that are merged,
recoded or closed get none (but for the faults about that), so that each fault is answered for by itself. Belongs here:
choosing places, and the lines of the answer key. Does not belong here: what a kind does (``datakinds``).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from pipelines.sample.datakinds import KINDS, DataFault, Spot
from pipelines.sample.faultkinds import Planted
from pipelines.sample.tables import Tables

#: Pupils from which a school gets faults: the rules compare no smaller ones, as their figures say little.
LEAST_PUPILS = 60
#: Places that are tried for a fault.
_ATTEMPTS = 25


@cache
def all_data_faults() -> tuple[DataFault, ...]:
    """The faults of ``datafaults.csv`` in their order."""
    with Path(__file__).with_name("datafaults.csv").open(encoding="utf-8", newline="") as file:
        return tuple(DataFault(**row) for row in csv.DictReader(file))


@dataclass
class DataPlanter:
    """Plants faults of data into the returns of a sample.

    ``touched`` are the schools that have one, ``counties`` the counties of which a whole table has one.
    """

    tables: Tables
    years: range
    rng: np.random.Generator
    touched: set[str] = field(default_factory=set)
    counties: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        codes = self.tables.frames["school_succession"]
        self._ended = sorted({(row["county_code"], row["school_code"], row["school_year"]) for row in codes.to_dicts()})
        self._moving = {*codes["school_code"].to_list(), *codes["successor_code"].drop_nulls().to_list()}
        self._ordinary = self.tables.frames["enrolment"]
        self._register = self.tables.frames["school"]

    def plant(self, faults: Sequence[DataFault]) -> list[Planted]:
        """Plant these faults, each somewhere; what finds no place after some attempts is left out."""
        return [line for fault in faults if (line := self._plant(fault)) is not None]

    def _plant(self, fault: DataFault) -> Planted | None:
        for _ in range(_ATTEMPTS):
            spot = self._spot(fault)
            if spot is None:
                return None
            done = KINDS[fault.how](self.tables, fault, spot, self.rng)
            if done is None:
                continue
            if fault.scope == "county":
                self.counties.add(spot.county)
            else:
                self.touched |= {spot.school, *done.codes}
            return Planted(
                fault=fault.fault,
                rule=fault.rule,
                severity=fault.severity,
                file="",
                sheet="",
                cell="",
                school_code="|".join(code for code in (spot.school, *done.codes) if code),
                school_year=spot.year if done.year is None else done.year,
                county_code=done.county or spot.county,
                field=done.field,
                original="" if done.original is None else str(done.original),
                planted="" if done.planted is None else str(done.planted),
                form=fault.form,
                stage=spot.stage,
            )
        return None

    def _year(self, fault: DataFault) -> int:
        first, last = self.years[0], self.years[-1]
        low, high = {
            "first": (first, first),
            "later": (first + 1, last),
            "inner": (first + 1, last - 1),
            "any": (first, last),
        }[fault.years]
        return int(self.rng.integers(low, high + 1))

    def _spot(self, fault: DataFault) -> Spot | None:
        year, last = self._year(fault), self.years[-1]
        if fault.scope == "county":
            free = sorted(set(self._register["county_code"].to_list()) - self.counties)
            county = str(self.rng.choice(free)) if free else ""
            return Spot(county, year, "", "", last) if county else None
        if fault.scope == "succession":
            ended = [place for place in self._ended if place[0] not in self.counties and place[1] not in self.touched]
            if not ended:
                return None
            county, code, when = ended[int(self.rng.integers(len(ended)))]
            return Spot(county, int(when), code, "", last)
        return self._school(fault, year, last)

    def _school(self, fault: DataFault, year: int, last: int) -> Spot | None:
        taken = {*self.touched, *self._moving}
        if fault.scope == "point":
            rows = self._register.filter(school_year=year, school_type="218").rows(named=True)
            places = [(row["county_code"], row["school_code"], "primary") for row in rows]
        else:
            rows = self._ordinary.filter(school_year=year).rows(named=True)
            places = [
                (row["county_code"], row["school_code"], row["stage"])
                for row in rows
                if row["stage"] in (fault.stage or "primary", fault.stage or "junior")
                and (row["pupils"] or 0) >= LEAST_PUPILS
                and not row["school_code"].startswith("51")
            ]
        free = sorted(place for place in places if place[0] not in self.counties and place[1] not in taken)
        if not free:
            return None
        county, code, stage = free[int(self.rng.integers(len(free)))]
        return Spot(county, year, code, stage, last)
