"""Which schools a county of the sample has, and what happens to them: opened, merged, changed in type, recoded, closed.

Belongs here: the roster of a county over all years, before any pupil is counted. Does not belong here: figures
(``pupils``, ``resources``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pipelines.sample import names
from pipelines.sample.names import County

Place = Literal["urban", "town", "village"]
ALWAYS, NEVER = 0, 9999
PRIMARY, POINT, JUNIOR, NINE_YEAR, SECONDARY, TWELVE_YEAR, SPECIAL = "211", "218", "311", "312", "341", "345", "511"
PUBLIC, PRIVATE = "831", "999"


@dataclass(frozen=True)
class School:
    """A school under one code. ``primary``, ``junior`` and ``senior`` are the entrants it draws in an ordinary year.

    ``first`` and ``last`` are the school years in which the code files returns. Indices point into the county's
    roster: ``central`` to the school a teaching point belongs to, ``predecessor`` to the code that this one carries on
    unchanged, ``successor`` (with ``reason``) to the code that takes over.
    """

    code: str
    name: str
    kind: str
    place: Place
    urban_rural: str
    township: str
    operator: str = PUBLIC
    primary: float = 0.0
    junior: float = 0.0
    senior: float = 0.0
    first: int = ALWAYS
    last: int = NEVER
    central: int | None = None
    predecessor: int | None = None
    successor: int | None = None
    reason: str | None = None

    def files_in(self, year: int) -> bool:
        """Whether the code files returns in that school year."""
        return self.first <= year <= self.last


@dataclass
class CountyPlan:
    """The roster of a county over all years."""

    county: County
    schools: list[School] = field(default_factory=list)
    serial: int = 0

    def add(self, kind: str, name: str, place: Place, urban_rural: str, township: str, **more: object) -> int:
        """Append a school with a new code; its index."""
        self.serial += 1
        prefix = {PRIMARY: "21", POINT: "21", SPECIAL: "51", SECONDARY: "34", TWELVE_YEAR: "34"}.get(kind, "31")
        code = names.school_code(prefix, self.county.number, self.serial)
        school = School(code, names.MARK + name, kind, place, urban_rural, township)
        self.schools.append(replace(school, **more))  # type: ignore[arg-type]
        return len(self.schools) - 1

    def amend(self, index: int, **changes: object) -> None:
        """Change what is known of a school."""
        self.schools[index] = replace(self.schools[index], **changes)  # type: ignore[arg-type]

    def current(self, index: int, year: int) -> int:
        """The school that stands for ``index`` in that year: itself, or the last in its line of successors."""
        school = self.schools[index]
        while year > school.last and school.successor is not None:
            index = school.successor
            school = self.schools[index]
        return index

    def of_kind(self, kind: str, place: Place | None = None) -> list[int]:
        """Indices of the schools of that type (and place) that are public and there from the start."""
        return [
            i
            for i, s in enumerate(self.schools)
            if s.kind == kind and place in (None, s.place) and s.operator == PUBLIC and s.first == ALWAYS
        ]


def plan_county(county: County, years: Sequence[int], rng: np.random.Generator) -> CountyPlan:
    """Roster of a county with the events of all ``years``; the same generator state gives the same roster."""
    plan = CountyPlan(county)
    _town_and_village_schools(plan, rng)
    _urban_schools(plan, rng)
    _events(plan, years, rng)
    return plan


def _draw(rng: np.random.Generator, low: float, high: float) -> float:
    """A size between ``low`` and ``high``, small ones being more frequent."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _town_and_village_schools(plan: CountyPlan, rng: np.random.Generator) -> None:
    urban = plan.county.urban
    towns = int(rng.integers(3, 6) if urban else rng.integers(6, 9))
    villages = int(rng.integers(3, 6) if urban else rng.integers(6, 10))
    points = int(rng.integers(1, 4) if urban else rng.integers(4, 7))
    juniors = int(rng.integers(2, 4) if urban else rng.integers(4, towns))
    place = iter(names.places(plan.county.number, towns + villages + points))
    townships = [next(place) + "镇" for _ in range(towns)]
    central = [plan.add(PRIMARY, f"{t}中心小学", "town", "121", t, primary=_draw(rng, 45, 110)) for t in townships]
    for i in range(villages):
        township = townships[i % towns]
        code = ("210", "220", "122")[int(rng.integers(0, 3))]
        plan.add(PRIMARY, f"{next(place)}小学", "village", code, township, primary=_draw(rng, 10, 34))
    for _ in range(points):
        at = int(rng.integers(0, towns))
        plan.add(
            POINT,
            f"{next(place)}教学点",
            "village",
            "220",
            townships[at],
            primary=_draw(rng, 3, 9),
            central=central[at],
        )
    for township in townships[:juniors]:
        plan.add(JUNIOR, f"{township}初级中学", "town", "121", township, junior=_draw(rng, 60, 150))
    township = townships[-1]
    plan.add(
        NINE_YEAR, f"{township}学校", "town", "121", township, primary=_draw(rng, 40, 80), junior=_draw(rng, 50, 90)
    )


def _urban_schools(plan: CountyPlan, rng: np.random.Generator) -> None:
    county, short, street = plan.county, plan.county.short.removeprefix(names.MARK), "城关街道"
    primaries = int(rng.integers(9, 13) if county.urban else rng.integers(4, 7))
    juniors = int(rng.integers(3, 5) if county.urban else rng.integers(2, 4))
    plan.add(PRIMARY, f"{short}实验小学", "urban", "111", street, primary=_draw(rng, 200, 260))
    for i in range(1, primaries):
        code = "111" if rng.random() < 0.75 else "112"
        plan.add(PRIMARY, f"{short}第{names.ordinal(i)}小学", "urban", code, street, primary=_draw(rng, 90, 230))
    for i in range(juniors):
        name = f"{short}第{names.ordinal(i + 2)}初级中学"
        plan.add(JUNIOR, name, "urban", "111", street, junior=_draw(rng, 180, 380))
    plan.add(
        NINE_YEAR, f"{short}实验学校", "urban", "112", street, primary=_draw(rng, 90, 150), junior=_draw(rng, 90, 160)
    )
    for i in range(2 if county.urban else 1):
        name = f"{short}第{names.ordinal(i + 1)}中学"
        plan.add(SECONDARY, name, "urban", "111", street, junior=_draw(rng, 150, 260), senior=_draw(rng, 300, 600))
    plan.add(PRIMARY, f"{short}育英小学（民办）", "urban", "112", street, operator=PRIVATE, primary=_draw(rng, 40, 70))
    if county.number % 2 == 1:
        plan.add(
            TWELVE_YEAR, f"{short}博文学校（民办）", "urban", "112", street,
            operator=PRIVATE, primary=_draw(rng, 70, 110), junior=_draw(rng, 80, 130), senior=_draw(rng, 80, 150),
        )  # fmt: skip
    plan.add(SPECIAL, f"{short}特殊教育学校", "urban", "111", street, primary=_draw(rng, 6, 10), junior=1.0)


def _events(plan: CountyPlan, years: Sequence[int], rng: np.random.Generator) -> None:
    """What happens in the course of the years; an event after the last year does not happen."""
    number = plan.county.number
    points, villages, towns = plan.of_kind(POINT), plan.of_kind(PRIMARY, "village"), plan.of_kind(PRIMARY, "town")
    for index, when in zip(points[: max(1, len(points) // 2)], rng.permutation(np.arange(2, 9)), strict=False):
        central = plan.schools[index].central
        _end(plan, index, years, int(when), "merged", central)
    village = villages[0]
    beside = next(i for i in towns if plan.schools[i].township == plan.schools[village].township)
    _end(plan, village, years, 2 + number % 4, "merged", beside)
    if number % 2 == 1:
        _carry_on(plan, towns[1], years, 4, "type_changed", NINE_YEAR, plan.schools[towns[1]].township + "学校")
    if number % 3 == 0:
        last = plan.of_kind(JUNIOR, "town")[-1]
        _carry_on(plan, last, years, 5, "recoded", JUNIOR, plan.schools[last].name.removeprefix(names.MARK))
    if number % 2 == 0:
        private = next(i for i, s in enumerate(plan.schools) if s.kind == PRIMARY and s.operator == PRIVATE)
        _end(plan, private, years, 6, "closed", None)
    short = plan.county.short.removeprefix(names.MARK)
    if len(years) > 3:
        plan.add(PRIMARY, f"{short}新区小学", "urban", "112", "新区街道", primary=_draw(rng, 90, 160), first=years[3])
    if plan.county.urban and len(years) > 6:
        plan.add(
            NINE_YEAR, f"{short}新区学校", "urban", "112", "新区街道",
            primary=_draw(rng, 80, 120), junior=_draw(rng, 80, 120), first=years[6],
        )  # fmt: skip


def _end(plan: CountyPlan, index: int, years: Sequence[int], when: int, reason: str, successor: int | None) -> None:
    if when < len(years):
        plan.amend(index, last=years[when] - 1, reason=reason, successor=successor)


def _carry_on(plan: CountyPlan, index: int, years: Sequence[int], when: int, reason: str, kind: str, name: str) -> None:
    """The same school goes on under a new code (and, where ``kind`` differs, takes junior pupils from then on)."""
    if when >= len(years):
        return
    old = plan.schools[index]
    junior = max(old.junior, 45.0) if kind == NINE_YEAR else old.junior
    new = plan.add(
        kind, name, old.place, old.urban_rural, old.township,
        primary=old.primary, junior=junior, first=years[when], predecessor=index,
    )  # fmt: skip
    plan.amend(index, last=years[when] - 1, reason=reason, successor=new)
