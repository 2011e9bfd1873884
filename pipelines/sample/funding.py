"""Funding of the sample: what every county had and spent on education in each calendar year, and two planted cases.

Belongs here: the figures. Does not belong here: the printed tables and the faults in them (``fundingtables``).

A year before is printed as that year published it, except where the county restated it. Planted: in county ``FLIP`` the
junior expenditure per pupil falls by 0.18 % against the published year before and grows by 1.74 % on the same basis (as
the national figure of 2021 did); in county ``FALL_BEHIND`` education funds grow more slowly than revenue in one year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.sample.names import County

FLIP, FALL_BEHIND = 2, 3
_FLIP_PUBLISHED, _FLIP_RESTATED = -0.0018, 0.0174
_BEHIND = -0.0312
#: Years of a run of three increases: a year that falls behind spoils it and the two after it.
RUN = 3
STAGES = ("primary", "junior")
RESTATED = "同口径：上年数按本年统计口径调整"

#: Each total as a share of education funds, and what its growth differs from theirs by at most.
_OF_FUNDS = {
    "education_expenditure": (0.96, 0.004),
    "fiscal_education_funds": (1.12, 0.006),
    "public_use_funds": (0.21, 0.010),
    "wage_bill": (0.52, 0.006),
    "training_funds": (0.0145, 0.004),
}
#: Each total as a multiple of regular revenue.
_OF_REVENUE = {"budget_spending": 2.6, "gdp": 13.0}
#: Yuan per pupil (or teacher) in the first year, primary and junior.
_PER_HEAD = {
    "expenditure_per_pupil": (8_600.0, 12_400.0),
    "public_use_per_pupil": (2_300.0, 3_200.0),
    "teacher_wage": (74_000.0, 78_000.0),
    "education_expenditure_per_pupil": (9_300.0, 13_500.0),
}
TOTALS = ("education_funds", "regular_revenue", "education_expenditure", "budget_spending", "fiscal_education_funds",
          "gdp", "public_use_funds", "wage_bill", "training_funds")  # fmt: skip
PER_HEAD = tuple(_PER_HEAD)


@dataclass(frozen=True)
class Figure:
    """A figure in 元 as it is printed, with the year before as printed beside it."""

    value: float
    prior: float
    basis: str | None = None

    @property
    def growth(self) -> float:
        """Growth as a fraction, unrounded."""
        return self.value / self.prior - 1


#: Figures of one county and year by (level, item).
Figures = dict[tuple[str, str], Figure]


def planted_year(years: Sequence[int]) -> int:
    """The year of the planted cases: neither the first nor the last, if there are three."""
    return years[len(years) // 2]


def simulate(county: County, years: Sequence[int], seed: int) -> dict[int, Figures]:
    """Figures of a county by year; the same arguments give the same figures, whatever other counties there are."""
    rng = np.random.default_rng([seed, county.number, 3])
    revenue = float(rng.uniform(6e8, 1.4e9)) * (1.8 if county.urban else 1.0)
    funds = revenue * float(rng.uniform(0.42, 0.55))
    levels = {
        (stage, item): amount * float(rng.uniform(0.92, 1.1))
        for item, amounts in _PER_HEAD.items()
        for stage, amount in zip(STAGES, amounts, strict=True)
    }
    last: Figures = {}
    told: dict[int, Figures] = {}
    for year in years:
        growth = float(rng.uniform(0.035, 0.075))
        ahead = float(rng.uniform(0.004, 0.022))
        if county.number == FALL_BEHIND and year == planted_year(years) and len(years) > 1:
            ahead = _BEHIND
        revenue, funds = revenue * (1 + growth), funds * (1 + growth + ahead)
        amounts = {("all", "education_funds"): funds, ("all", "regular_revenue"): revenue}
        amounts |= {("all", item): funds * share * (1 + float(rng.uniform(-wobble, wobble)))
                    for item, (share, wobble) in _OF_FUNDS.items()}  # fmt: skip
        amounts |= {("all", item): revenue * times for item, times in _OF_REVENUE.items()}
        levels = {key: level * (1 + float(rng.uniform(0.012, 0.06))) for key, level in levels.items()}
        now = amounts | levels
        restated = ("all", TOTALS[int(rng.integers(2, len(TOTALS)))]) if rng.random() < 0.3 else None
        factor = float(rng.uniform(0.985, 1.01))
        told[year] = {}
        for key, amount in now.items():
            step = 100.0 if key[0] == "all" else 0.01  # 万元 with two decimals, 元 with two decimals
            value = _printed(amount, step)
            faster = ahead if key == ("all", "education_funds") else 0.0
            before = last[key].value if key in last else _printed(amount / (1 + growth + faster), step)
            adjusted = key == restated and key in last
            prior = _printed(before * factor, step) if adjusted else before
            told[year][key] = Figure(value, prior, RESTATED if adjusted else None)
        if county.number == FLIP and year == planted_year(years) and last:
            key = ("junior", "expenditure_per_pupil")
            value = _printed(last[key].value * (1 + _FLIP_PUBLISHED), 0.01)
            told[year][key] = Figure(value, _printed(value / (1 + _FLIP_RESTATED), 0.01), RESTATED)
            levels[key] = value
        last = told[year]
    return told


def _printed(amount: float, step: float) -> float:
    return round(round(amount / step) * step, 2)
