"""Faults in the funding figures of the sample that no single row shows: a wrong unit, one table sent as two.

Belongs here: changing figures before they are printed. Does not belong here: faults of the printed tables
(``fundingtables``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipelines.sample.faultkinds import Planted
from pipelines.sample.funding import PER_HEAD, STAGES, Figures
from pipelines.sample.names import County

#: Totals that no printed share is made of: a share of ten thousand per cent is refused before any jump is seen.
_WITHOUT_SHARE = ("regular_revenue", "education_expenditure")
#: What is changed of a year's figures, and the rule that should see it.
_Kind = Callable[[Figures, np.random.Generator], tuple[str, str] | None]


def plant_in_figures(
    county: County, money: dict[int, Figures], years: range, rng: np.random.Generator
) -> list[Planted]:
    """Plant at most one fault in the figures of a county, in a year that has one before it; its line of the key."""
    if len(years) < 3:
        return []
    year = int(rng.integers(years[0] + 1, years[-1]))
    rule, kind = list(_KINDS.items())[int(rng.integers(len(_KINDS)))]
    figures = dict(money[year])
    done = kind(figures, rng)
    if done is None:
        return []
    money[year] = figures
    stage, item = done
    return [
        Planted(
            fault=f"figures_{kind.__name__.strip('_')}", rule=rule, severity="query", file="", sheet="", cell="",
            school_code="", school_year=year, county_code=county.code, field="value_yuan", original="",
            planted=f"{item} = {figures[stage, item].value}", form="funding", stage=stage,
        )
    ]  # fmt: skip


def _wrong_unit(figures: Figures, rng: np.random.Generator) -> tuple[str, str]:
    """A figure ten times or ten thousand times what it is."""
    stage = str(rng.choice(["all", *STAGES]))
    item = str(rng.choice(_WITHOUT_SHARE if stage == "all" else PER_HEAD))
    held = figures[stage, item]
    figures[stage, item] = replace(held, value=round(held.value * float(rng.choice([10, 10_000, 0.1])), 2))
    return stage, item


def _part_above_whole(figures: Figures, rng: np.random.Generator) -> tuple[str, str]:
    """Public-use funds per pupil above the expenditure that they are part of."""
    stage, item = str(rng.choice(STAGES)), "public_use_per_pupil"
    whole = figures[stage, "expenditure_per_pupil"]
    factor = float(rng.uniform(1.05, 1.3))
    figures[stage, item] = replace(
        figures[stage, item], value=round(whole.value * factor, 2), prior=round(whole.prior * factor * 0.97, 2)
    )
    return stage, item


def _one_for_two(figures: Figures, rng: np.random.Generator) -> tuple[str, str]:
    """The figures of one item printed for another one, too."""
    stage = str(rng.choice(STAGES))
    one, other = (PER_HEAD[int(i)] for i in rng.permutation(len(PER_HEAD))[:2])
    figures[stage, one] = figures[stage, other]
    return stage, one


_KINDS: dict[str, _Kind] = {
    "funding_does_not_jump": _wrong_unit,
    "funding_public_use_within_expenditure": _part_above_whole,
    "funding_same_figures_for_two_items": _one_for_two,
}
