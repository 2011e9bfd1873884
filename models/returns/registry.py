"""All contracts, in the order in which a county meets them. A new return is one line here."""

from __future__ import annotations

from models.returns import (
    attainment_plan,
    class_size,
    county_summary,
    enrolment,
    equipment,
    exchange,
    exchange_eligible,
    funding,
    government_work,
    movement,
    premises,
    recognition,
    rectification,
    roster,
    satisfaction_answer,
    satisfaction_group,
    school,
    school_succession,
    teacher,
)
from models.returns.contract import Contract

CONTRACTS: dict[str, Contract] = {
    module.CONTRACT.name: module.CONTRACT
    for module in (
        school,
        enrolment,
        movement,
        class_size,
        teacher,
        premises,
        equipment,
        school_succession,
        county_summary,
        funding,
        exchange,
        exchange_eligible,
        roster,
        government_work,
        satisfaction_answer,
        satisfaction_group,
        attainment_plan,
        recognition,
        rectification,
    )
}


def contract(name: str) -> Contract:
    """The contract of that name.

    Raises:
        KeyError: with the known names, if there is none.
    """
    try:
        return CONTRACTS[name]
    except KeyError:
        raise KeyError(f"unknown return {name!r}; known: {', '.join(CONTRACTS)}") from None
