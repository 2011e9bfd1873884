"""The tables whose figures are worked out again by hand, and by what.

Belongs here: the list. Does not belong here: the working out; a table that is not here is replayed (``replay``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.explain import balance
from pipelines.explain.classes import class_size
from pipelines.explain.composite import composite_coefficient
from pipelines.explain.consolidation import consolidation
from pipelines.explain.context import Context
from pipelines.explain.exchange import exchange_flow, teacher_exchange
from pipelines.explain.funding import growth_test
from pipelines.explain.government import government_score
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.satisfaction import satisfaction
from pipelines.explain.school_stage import CountyYear
from pipelines.explain.scorecard import basic_scorecard, quality_scorecard, scorecard_part

#: Works out a row; None where it is none of those that are worked out by hand.
Recompute = Callable[[Context, Mapping[str, Any]], Recomputed | None]


def _of_county(make: Callable[[CountyYear, Mapping[str, Any]], Recomputed]) -> Recompute:
    return lambda context, row: make(context.county_year(row["county_code"], row["school_year"]), row)


FAMILIES: Mapping[str, Recompute] = {
    "trends.differential_coefficient": _of_county(balance.differential_coefficient),
    "trends.composite_coefficient": composite_coefficient,
    "trends.school_contribution": _of_county(balance.school_contribution),
    "trends.school_attainment": _of_county(balance.school_attainment),
    "trends.county_attainment": _of_county(balance.county_attainment),
    "trends.class_size": class_size,
    "trends.three_increases": growth_test,
    "trends.two_only_increase": growth_test,
    "trends.satisfaction": satisfaction,
    "trends.government_score": government_score,
    "trends.consolidation": consolidation,
    "trends.teacher_exchange": teacher_exchange,
    "trends.exchange_flow": exchange_flow,
    "trends.scorecard_part": scorecard_part,
    "trends.basic_scorecard": basic_scorecard,
    "trends.quality_scorecard": quality_scorecard,
}
