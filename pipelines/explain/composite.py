"""The composite coefficient with its trend: what changed since the year before, and when it last crossed its line.

Belongs here: the columns of ``trends.composite_coefficient`` that are told by other years. The year before is worked
out from its cells, too; on which side of the line the others are is taken as published, each having a walk of its own.
Does not belong here: the composite of a year (``balance``).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from pipelines.explain import balance
from pipelines.explain.context import Context
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.terms import Value


def composite_coefficient(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.composite_coefficient``."""
    county, year = row["county_code"], row["school_year"]
    made = balance.composite_coefficient(context.county_year(county, year), row)
    sides: dict[int, Value] = dict(
        context.connection.execute(
            """select school_year, meets from trends.composite_coefficient
               where county_code = ? and stage = ? and standard = ? and school_year < ? order by 1""",
            [county, row["stage"], row["standard"], year],
        ).fetchall()
    )
    change = None
    now = made.values["composite"]
    if year - 1 in sides:
        before = balance.composite_coefficient(context.county_year(county, year - 1), row).values["composite"]
        if isinstance(now, Fraction) and isinstance(before, Fraction):
            change = now - before
    sides[year] = made.values["meets"]
    judged = [(past, side) for past, side in sides.items() if side is not None]
    crossed = [later for (_, one), (later, other) in pairwise(judged) if one != other]
    values: dict[str, Value] = {
        **made.values,
        "change_from_last_year": change,
        "last_crossed_year": Fraction(crossed[-1]) if crossed else None,
        "years_since_crossing": Fraction(year - crossed[-1]) if crossed else None,
    }
    return Recomputed(values, made.column, made.how, made.parts)
