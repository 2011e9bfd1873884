"""The sample's returns as rows, straight from its generators: what the counties said, without the files.

Belongs here: one helper. Does not belong here: files and their faults (``write_sample``), expectations.
"""

from __future__ import annotations

from typing import Any

from pipelines.sample import exchange, funding, supervision
from pipelines.sample.names import County
from pipelines.sample.world import World
from tests.models.helpers import Rows

_SUPERVISION = (
    "government_work",
    "satisfaction_group",
    "satisfaction_answer",
    "attainment_plan",
    "recognition",
    "rectification",
)


def sample_rows(world: World, seed: int) -> Rows:
    """Every return of every county but the roster, as the models read them.

    The persons of the exchange list are numbers, no pseudonyms: nothing here is staged.
    """
    rows: Rows = {form: frame.to_dicts() for form, frame in world.returns.items()}
    for row in rows["school_succession"]:
        del row["school_name"]
    for county in world.counties:
        filed = exchange.simulate(county, world.years, seed, world.returns)
        rates = {year: exchange.declared_rates(of_year) for year, of_year in filed.items()}
        for year, told in supervision.simulate(county, world.years, seed, rates).items():
            who = {"school_year": year, "county_code": county.code}
            for form in _SUPERVISION:
                rows.setdefault(form, []).extend({**who, **row} for row in getattr(told, form))
            rows.setdefault("exchange", []).extend(_listed(row) for row in filed[year].exchange)
            rows.setdefault("exchange_eligible", []).extend(filed[year].eligible)
        rows.setdefault("funding", []).extend(_funding(county, world.years, seed))
    return rows


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "name"}


def _funding(county: County, years: range, seed: int) -> list[dict[str, Any]]:
    return [
        {
            "fiscal_year": year, "county_code": county.code, "stage": stage, "item": item,
            "value_yuan": figure.value, "prior_value_yuan": figure.prior, "basis": figure.basis,
        }
        for year, figures in funding.simulate(county, years, seed).items()
        for (stage, item), figure in figures.items()
    ]  # fmt: skip
