"""Cohorts of a county of the sample, moved on from school year to school year.

Belongs here: pupils by school and grade, and the movement that leads from one year to the next (domain §4).
Does not belong here: printed forms (``world`` makes returns of it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipelines.sample.plan import POINT, SPECIAL, CountyPlan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
STAGES = ("primary", "junior")
#: Columns of the grades of each stage; the grades a pupil leaves a stage from; those pupils transfer into.
GRADES = {"primary": slice(0, 6), "junior": slice(6, 9)}
LATER_GRADES = (slice(1, 6), slice(7, 9))
#: Grades taught at a teaching point; its pupils then go on to the central school.
POINT_GRADES = 4
#: Yearly rates by place (urban, town, village).
TRANSFER_OUT = np.array([0.012, 0.022, 0.035])
WITHDRAWAL = {"primary": np.array([0.0001, 0.0003, 0.0006]), "junior": np.array([0.002, 0.005, 0.008])}
SUSPENSION, DEATH, NOT_GRADUATING = 0.0015, 0.00008, 0.004
#: Yearly growth of a school's entrants by place, and what transferring pupils prefer.
GROWTH = np.array([1.025, 0.998, 0.955])
ATTRACTION = np.array([3.0, 1.5, 0.3])
JUNIOR_GROWTH = np.array([1.02, 0.995, 0.97])
#: Share of a county's primary graduates who enter a junior school in the county.
TRANSITION = 0.982
#: In every sixth county, in that year of the sample, a new district brings so many pupils to the later junior grades:
#: these two cohorts have more graduates than entrants (a raw consolidation rate above 100 %).
INFLUX_COUNTY, INFLUX_AGE, INFLUX = 6, 4, 0.14
MOVEMENT_COLUMNS = (
    "pupils_last_year", "increase", "entrants", "returned", "transferred_in", "other_increase", "decrease", "graduates",
    "completed", "suspended", "withdrew", "died", "transferred_out", "other_decrease", "pupils",
)  # fmt: skip


@dataclass
class YearOfPupils:
    """A county's pupils on 1 September. Arrays run over the schools of the plan, then grades or stages.

    ``grades`` (schools × 9), ``senior`` (schools × 3), ``movement`` by column of form 331 (schools × 2 stages).
    """

    year: int
    grades: Ints
    senior: Ints
    movement: dict[str, Ints] = field(default_factory=dict)

    def pupils(self, stage: str) -> Ints:
        """Pupils by school at a stage (``senior`` included)."""
        of_stage: Ints = self.senior if stage == "senior" else self.grades[:, GRADES[stage]]
        return np.asarray(of_stage.sum(axis=1), dtype=np.int64)


class _Roster:
    """The plan as arrays."""

    def __init__(self, plan: CountyPlan) -> None:
        schools = plan.schools
        self.plan = plan
        self.place: Ints = np.array([("urban", "town", "village").index(s.place) for s in schools])
        self.draw = {
            "primary": np.array([s.primary for s in schools]),
            "junior": np.array([s.junior for s in schools]),
            "senior": np.array([s.senior for s in schools]),
        }
        self.point = np.array([s.kind == POINT for s in schools])
        self.special = np.array([s.kind == SPECIAL for s in schools])
        self.first = np.array([s.first for s in schools])
        self.last = np.array([s.last for s in schools])

    def active(self, year: int) -> NDArray[np.bool_]:
        """Which schools file in that year."""
        return (self.first <= year) & (year <= self.last)


def simulate(plan: CountyPlan, years: Sequence[int], rng: np.random.Generator) -> Iterator[YearOfPupils]:
    """One state per school year. Some years before the first are run so that the first has a past, too."""
    roster = _Roster(plan)
    state = _beginning(roster, years[0] - 3, rng)
    for year in range(years[0] - 2, years[-1] + 1):
        state = _next_year(roster, state, year, year - years[0], rng)
        if year >= years[0]:
            yield state


def _beginning(roster: _Roster, year: int, rng: np.random.Generator) -> YearOfPupils:
    count = len(roster.point)
    active = roster.active(year)
    grades = np.zeros((count, 9), dtype=np.int64)
    senior = np.zeros((count, 3), dtype=np.int64)
    for stage, columns in GRADES.items():
        width = columns.stop - columns.start
        drawn = roster.draw[stage][:, None] * rng.lognormal(0.0, 0.05, (count, width))
        grades[:, columns] = np.where(active[:, None], drawn.round(), 0)
    grades[roster.point, POINT_GRADES:] = 0
    senior[:] = np.where(active[:, None], roster.draw["senior"][:, None].round(), 0)
    return YearOfPupils(year, grades, senior, {"suspended": np.zeros((count, 2), dtype=np.int64)})


def _next_year(roster: _Roster, before: YearOfPupils, year: int, age: int, rng: np.random.Generator) -> YearOfPupils:
    plan, active = roster.plan, roster.active(year)
    grades, senior = before.grades.copy(), before.senior.copy()
    suspended_before = before.movement["suspended"].copy()
    for index, school in enumerate(plan.schools):
        if school.first == year and school.predecessor is not None:
            for array in (grades, senior, suspended_before):
                array[index], array[school.predecessor] = array[school.predecessor].copy(), 0
    flow = {name: np.zeros((len(plan.schools), 2), dtype=np.int64) for name in MOVEMENT_COLUMNS}
    flow["pupils_last_year"] = _by_stage(grades)
    promoted = _promote(roster, grades, flow, rng)
    _close(roster, promoted, flow, year)
    _leave_teaching_points(roster, promoted, flow, year)
    _transfer_in(roster, promoted, flow, active, suspended_before, rng)
    if plan.county.number % INFLUX_COUNTY == 0 and age == INFLUX_AGE:
        _influx(roster, promoted, flow, active)
    _enter(roster, promoted, flow, active, age, rng)
    new_senior = np.zeros_like(senior)
    new_senior[:, 1:] = senior[:, :2]
    new_senior[:, 0] = np.where(active, (roster.draw["senior"] * rng.lognormal(0.0, 0.03, len(active))).round(), 0)
    new_senior[~active] = 0
    flow["increase"] = flow["entrants"] + flow["returned"] + flow["transferred_in"] + flow["other_increase"]
    flow["decrease"] = sum((flow[name] for name in MOVEMENT_COLUMNS[7:14]), start=np.zeros_like(flow["decrease"]))
    flow["pupils"] = _by_stage(promoted)
    return YearOfPupils(year, promoted, new_senior, flow)


def _by_stage(grades: Ints) -> Ints:
    return np.stack([grades[:, GRADES[stage]].sum(axis=1) for stage in STAGES], axis=1)


def _promote(roster: _Roster, grades: Ints, flow: dict[str, Ints], rng: np.random.Generator) -> Ints:
    """Final years leave; of the others some leave, the rest go up one grade."""
    flow["completed"][:, 1] = rng.binomial(grades[:, 8], NOT_GRADUATING)
    flow["graduates"][:, 0] = grades[:, 5]
    flow["graduates"][:, 1] = grades[:, 8] - flow["completed"][:, 1]
    promoted = np.zeros_like(grades)
    for s, stage in enumerate(STAGES):
        staying = grades[:, GRADES[stage]][:, :-1].copy()
        rates = {
            "transferred_out": TRANSFER_OUT[roster.place][:, None],
            "withdrew": WITHDRAWAL[stage][roster.place][:, None],
            "suspended": np.full((len(staying), 1), SUSPENSION),
            "died": np.full((len(staying), 1), DEATH),
        }
        for column, rate in rates.items():
            leaving = rng.binomial(staying, np.broadcast_to(rate, staying.shape))
            staying -= leaving
            flow[column][:, s] += leaving.sum(axis=1)
        promoted[:, LATER_GRADES[s]] = staying
    return promoted


def _close(roster: _Roster, promoted: Ints, flow: dict[str, Ints], year: int) -> None:
    """Pupils of a code that ended go on at its successor, or at the biggest public school beside it."""
    for index, school in enumerate(roster.plan.schools):
        if school.last != year - 1 or school.reason not in ("merged", "closed"):
            continue
        if school.successor is not None:
            target = roster.plan.current(school.successor, year)
        else:
            others = roster.active(year) & (roster.place == roster.place[index]) & ~roster.special
            target = int(np.argmax(np.where(others, roster.draw["primary"], -1.0)))
        flow["transferred_in"][target] += _by_stage(promoted)[index]
        promoted[target] += promoted[index]
        promoted[index] = 0


def _leave_teaching_points(roster: _Roster, promoted: Ints, flow: dict[str, Ints], year: int) -> None:
    for index in np.flatnonzero(roster.point):
        central = roster.plan.schools[index].central
        if central is None:
            continue
        target = roster.plan.current(central, year)
        leaving = promoted[index, POINT_GRADES:6].copy()
        flow["transferred_out"][index, 0] += leaving.sum()
        flow["transferred_in"][target, 0] += leaving.sum()
        promoted[target, POINT_GRADES:6] += leaving
        promoted[index, POINT_GRADES:6] = 0


def _transfer_in(
    roster: _Roster,
    promoted: Ints,
    flow: dict[str, Ints],
    active: NDArray[np.bool_],
    suspended: Ints,
    rng: np.random.Generator,
) -> None:
    """Most who left another school of the county, and the suspended who come back, join later grades."""
    open_to = active & ~roster.point & ~roster.special
    for s in range(2):
        later = promoted[:, LATER_GRADES[s]].astype(np.float64)
        weights = later * np.where(open_to, ATTRACTION[roster.place], 0.0)[:, None]
        if not weights.sum():
            continue
        arrivals = {
            "transferred_in": round(0.9 * float((flow["transferred_out"][:, s] * ~roster.point).sum())),
            "returned": round(0.8 * float(suspended[:, s].sum())),
        }
        for column, number in arrivals.items():
            joining = rng.multinomial(number, (weights / weights.sum()).ravel()).reshape(weights.shape)
            promoted[:, LATER_GRADES[s]] += joining
            flow[column][:, s] += joining.sum(axis=1)


def _influx(roster: _Roster, promoted: Ints, flow: dict[str, Ints], active: NDArray[np.bool_]) -> None:
    """Pupils from outside the county join the later junior grades of every ordinary school."""
    ordinary = (active & ~roster.special)[:, None]
    joining = np.where(ordinary, (INFLUX * promoted[:, LATER_GRADES[1]]).round(), 0).astype(np.int64)
    promoted[:, LATER_GRADES[1]] += joining
    flow["transferred_in"][:, 1] += joining.sum(axis=1)


def _enter(
    roster: _Roster,
    promoted: Ints,
    flow: dict[str, Ints],
    active: NDArray[np.bool_],
    age: int,
    rng: np.random.Generator,
) -> None:
    """Entrants: of primary by the draw of each school, of junior by sharing out the county's primary graduates."""
    count = len(active)
    birth_cohort = 1.0 + 0.06 * np.sin(0.6 * age)
    wanted = roster.draw["primary"] * GROWTH[roster.place] ** age * birth_cohort * rng.lognormal(0.0, 0.05, count)
    teaching = active & (roster.draw["primary"] > 0)
    promoted[:, 0] = flow["entrants"][:, 0] = np.where(teaching, np.maximum(wanted.round(), 1), 0)
    graduates = np.where(active, flow["graduates"][:, 0], 0)
    special = active & roster.special
    juniors = int(np.floor(TRANSITION * graduates[~special].sum()))
    weights = np.where(active & ~special, roster.draw["junior"] * JUNIOR_GROWTH[roster.place] ** age, 0.0)
    entrants = rng.multinomial(juniors, weights / weights.sum())
    entrants[special] = graduates[special]
    promoted[:, 6] = flow["entrants"][:, 1] = entrants
