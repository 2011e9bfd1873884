"""Faults planted in the exchange returns of the sample: which rows they fit and what they make of one cell.

Mostly rows of stints that began in earlier years, so that the counts of the year stay whole. In the second slot rows of
the list are held back, and what schools declare is compared with no list; in the third one the list is whole. Belongs
here: the faults. Does not belong here: printed tables and the answer key (``exchangetables``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipelines.sample.datakinds import UNKNOWN_CODE

Row = dict[str, Any]
LENGTH_OF_AN_ID_NUMBER = 18


@dataclass(frozen=True)
class ExchangeFault:
    """A fault: slot, return and field it goes to, rows it fits (given the one above), the value it makes of a row.

    ``with_above``: the row above is needed as it is.
    """

    fault: str
    rule: str
    severity: str
    slot: str
    form: str
    field: str
    fits: Callable[[Row, Row], bool]
    make: Callable[[Row, Row], object]
    with_above: bool = False


def _lasting(row: Row) -> bool:
    """The stint began before the year of its list and lasts."""
    return row["start_date"] < date(row["school_year"], 7, 1) and row["actual_end_date"] is None


def _ended(row: Row) -> bool:
    return row["start_date"] < date(row["school_year"], 7, 1) and row["actual_end_date"] is not None


FAULTS = (
    ExchangeFault(
        "exchanged_to_the_same_school", "an_exchange_leads_to_another_school", "error", "first", "exchange",
        "to_school_code", lambda row, above: _lasting(row), lambda row, above: row["from_school_code"],
    ),
    ExchangeFault(
        "stint_planned_to_end_before_it_begins", "a_stint_is_planned_to_end_after_it_begins", "error", "first",
        "exchange", "planned_end_date", lambda row, above: _ended(row),
        lambda row, above: row["start_date"] - timedelta(days=31),
    ),
    ExchangeFault(
        "stint_of_another_year", "a_stint_lies_in_the_school_year", "query", "first", "exchange", "start_date",
        lambda row, above: row["planned_end_date"] is None and row["actual_end_date"] is None,
        lambda row, above: row["start_date"] + timedelta(days=800),
    ),
    ExchangeFault(
        "person_in_two_places", "exchange_person_in_two_places", "query", "first", "exchange", "person",
        lambda row, above: _lasting(row) and _lasting(above) and row["to_school_code"] != above["to_school_code"],
        lambda row, above: above["person"], with_above=True,
    ),
    ExchangeFault(
        "stint_ends_before_it_begins", "a_stint_ends_after_it_begins", "error", "second", "exchange",
        "actual_end_date", lambda row, above: row["exchange_kind"] == "training",
        lambda row, above: row["start_date"] - timedelta(days=10),
    ),
    ExchangeFault(
        "id_number_a_digit_short", "malformed_code", "error", "second", "exchange", "person",
        lambda row, above: _lasting(row) and len(row["person"]) == LENGTH_OF_AN_ID_NUMBER,
        lambda row, above: row["person"][:-1],
    ),
    ExchangeFault(
        "season_for_a_date", "unreadable_date", "error", "second", "exchange", "planned_end_date",
        lambda row, above: _lasting(row), lambda row, above: f"{row['school_year'] + 1}年夏",
    ),
    ExchangeFault(
        "stint_that_ends_early", "none", "none", "second", "exchange", "actual_end_date",
        lambda row, above: _lasting(row) and row["planned_end_date"] is not None,
        lambda row, above: date(row["school_year"] + 1, 1, 31),
    ),
    ExchangeFault(
        "more_at_school_long_enough_than_staff", "long_enough_within_permanent_staff", "error", "first",
        "exchange_eligible", "permanent_staff", lambda row, above: row["long_enough"] >= 5,
        lambda row, above: row["long_enough"] - 1,
    ),
    ExchangeFault(
        "exempt_not_taken_off", "eligible_are_those_long_enough_less_the_exempt", "error", "first",
        "exchange_eligible", "exempt_other", lambda row, above: row["eligible"] >= 5,
        lambda row, above: row["exempt_other"] + 2,
    ),
    ExchangeFault(
        "more_backbone_teachers_than_exchanged", "backbone_exchanged_within_exchanged", "error", "first",
        "exchange_eligible", "backbone_exchanged", lambda row, above: row["exchanged"] >= 1,
        lambda row, above: row["exchanged"] + 1,
    ),
    ExchangeFault(
        "more_principals_than_eligible", "principals_eligible_within_eligible", "error", "second",
        "exchange_eligible", "principals_eligible", lambda row, above: row["eligible"] >= 1,
        lambda row, above: row["eligible"] + 1,
    ),
    ExchangeFault(
        "more_principals_than_exchanged", "principals_exchanged_within_exchanged", "error", "second",
        "exchange_eligible", "principals_exchanged", lambda row, above: row["exchanged"] >= 1,
        lambda row, above: row["exchanged"] + 1,
    ),
    ExchangeFault(
        "more_exchanged_than_eligible", "exchanged_within_eligible", "query", "second", "exchange_eligible",
        "exchanged", lambda row, above: row["eligible"] >= 1, lambda row, above: row["eligible"] + 1,
    ),
    ExchangeFault(
        "declared_count_unlike_the_list", "none", "none", "second", "exchange_eligible", "exchanged",
        lambda row, above: 1 <= row["exchanged"] < row["eligible"], lambda row, above: row["exchanged"] + 1,
    ),
    ExchangeFault(
        "declared_count_unlike_the_whole_list", "exchange_is_declared_as_listed", "query", "third",
        "exchange_eligible", "exchanged", lambda row, above: 1 <= row["exchanged"] < row["eligible"],
        lambda row, above: row["exchanged"] + 1,
    ),
    ExchangeFault(
        "exchanged_to_an_unknown_school", "exchange_schools_are_registered", "query", "third", "exchange",
        "to_school_code", lambda row, above: _lasting(row), lambda row, above: UNKNOWN_CODE,
    ),
    ExchangeFault(
        "person_at_two_schools", "roster_person_at_two_schools", "query", "first", "roster", "person",
        lambda row, above: row["school_code"] != above["school_code"], lambda row, above: above["person"],
        with_above=True,
    ),
    ExchangeFault(
        "arrived_after_the_day", "on_the_roster_since_before_its_day", "query", "second", "roster", "arrived_date",
        lambda row, above: True, lambda row, above: date(row["school_year"], 10, 8),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class PlantedAt:
    """Where a fault was planted: the row's position and what it was before."""

    fault: ExchangeFault
    position: int
    before: Row


def plant(rows: dict[str, list[Row]], slots: set[str]) -> list[PlantedAt]:
    """Plant the faults of ``slots`` in the rows by return, at most one in a row; what finds no row is left out."""
    used: set[tuple[str, int]] = set()
    planted = []
    for fault in FAULTS:
        if fault.slot not in slots:
            continue
        of_form = rows[fault.form]
        for position in range(1, len(of_form)):
            row, above = of_form[position], of_form[position - 1]
            touched = {(fault.form, position), *([(fault.form, position - 1)] if fault.with_above else [])}
            if touched & used or not fault.fits(row, above):
                continue
            used |= touched
            of_form[position] = {**row, fault.field: fault.make(row, above)}
            planted.append(PlantedAt(fault, position, row))
            break
    return planted
