"""Teachers, rooms, land and stock of a county of the sample, year by year.

A school's endowment per pupil is the county's level × exp(spread × the school's standing). The levels grow over the
years and the spread narrows (in one county of six it widens again), so that differential coefficients fall across the
line as they did in the real decade (``levels``).

Belongs here: quantities by school. Does not belong here: printed forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.sample import classes as classes_of
from pipelines.sample.levels import (
    DEGREE_SHARES,
    DEGREES,
    LEVELS,
    PACE,
    PLACE_EFFECT,
    SPECIAL_FACTOR,
    STOCK_WEIGHT,
    STOCKS,
    SUBJECTS,
    TITLE_SHARES,
    TITLES,
    spread,
)
from pipelines.sample.plan import SECONDARY, SPECIAL, CountyPlan
from pipelines.sample.pupils import STAGES, Floats, Ints, YearOfPupils


@dataclass
class YearOfResources:
    """Quantities by school on 1 September: ``stock`` (schools), ``staff`` and ``classes`` by stage (schools)."""

    year: int
    stock: dict[str, Ints]
    staff: dict[str, dict[str, Ints]]
    classes: dict[str, Ints]
    grade_classes: dict[str, Ints]


def simulate(plan: CountyPlan, pupils: Sequence[YearOfPupils], rng: np.random.Generator) -> Iterator[YearOfResources]:
    """One state per school year of ``pupils``, in their order."""
    county = _County(plan, rng)
    before: YearOfResources | None = None
    for age, now in enumerate(pupils):
        before = county.next_year(now, age, before)
        yield before


class _County:
    """Standing of each school, drawn once; a school that only changes its code keeps it."""

    def __init__(self, plan: CountyPlan, rng: np.random.Generator) -> None:
        self.plan = plan
        count = len(plan.schools)
        general = rng.normal(0.0, 1.0, count)
        place = np.array([("urban", "town", "village").index(s.place) for s in plan.schools])
        self.place: Ints = place
        self.secondary = np.array([s.kind == SECONDARY or (s.junior > 0 and not s.primary) for s in plan.schools])
        self.care = np.array([SPECIAL_FACTOR if s.kind == SPECIAL else 1.0 for s in plan.schools])
        self.standing: dict[str, Floats] = {}
        for name in (*LEVELS, "degrees", "titles", "site", "living"):
            own = 0.45 * general + 0.89 * rng.normal(0.0, 1.0, count)
            standing = np.clip(own, -1.9, 1.9) + np.array(PLACE_EFFECT.get(name, (0.0, 0.0, 0.0)))[place]
            for index, school in enumerate(plan.schools):
                if school.predecessor is not None:
                    standing[index] = standing[school.predecessor]
            self.standing[name] = standing
        self.gymnasium = (general > -0.2) & (place == 0)
        self.capacity = np.array(
            [(3 * s.primary + 1.1 * 2 * s.junior) if s.first and s.predecessor is None else 0.0 for s in plan.schools]
        )

    def next_year(self, now: YearOfPupils, age: int, before: YearOfResources | None) -> YearOfResources:
        """What the schools have that year, given what they had."""
        wide = spread(self.plan.county.number, age)
        pupils = {stage: now.pupils(stage) for stage in (*STAGES, "senior")}
        grade_classes = {stage: classes_of.grade_classes(now, stage, self.place, age) for stage in STAGES}
        classes = {stage: grade_classes[stage].sum(axis=1) for stage in STAGES}
        staff = {
            stage: self._staff(stage, pupils[stage], age, wide, self._carried(before, now.year, stage))
            for stage in STAGES
        }
        stock = self._stock(pupils, classes, age, wide, self._carried(before, now.year, None))
        return YearOfResources(now.year, stock, staff, classes, grade_classes)

    def _carried(self, before: YearOfResources | None, year: int, stage: str | None) -> dict[str, Ints] | None:
        """Last year's figures, at the new code where a school goes on under one."""
        if before is None:
            return None
        carried = {
            name: values.copy() for name, values in (before.stock if stage is None else before.staff[stage]).items()
        }
        for index, school in enumerate(self.plan.schools):
            if school.first == year and school.predecessor is not None:
                for values in carried.values():
                    values[index] = values[school.predecessor]
        return carried

    def _level(self, name: str, stage: int, age: int) -> float:
        first, later = LEVELS[name][stage], LEVELS[name][2 + stage]
        return float(first * (later / first) ** (age / 10))

    def _wanted(self, name: str, stage: int | Ints, age: int, wide: float) -> Floats:
        """Per pupil, by school."""
        level = np.where(np.asarray(stage) == 1, self._level(name, 1, age), self._level(name, 0, age))
        return np.asarray(level * np.exp(LEVELS[name][4] * wide * self.standing[name]), dtype=np.float64)

    def _staff(
        self, stage: str, pupils: Ints, age: int, wide: float, before: dict[str, Ints] | None
    ) -> dict[str, Ints]:
        s = STAGES.index(stage)
        wanted = pupils * self.care * self._wanted("teachers", s, age, wide)
        if before is not None:
            had = before["teachers"]
            wanted = np.where(had > 0, had + 0.6 * (wanted - had), wanted)
        teachers = np.where(pupils > 0, np.maximum(wanted.round(), 1 + (pupils > 12)), 0).astype(np.int64)
        out = {"teachers": teachers}
        out.update(zip(DEGREES, self._shared(teachers, DEGREE_SHARES[stage], "degrees", age, wide, 0.55), strict=True))
        out.update(zip(TITLES, self._shared(teachers, TITLE_SHARES[stage], "titles", age, wide, 0.50), strict=True))
        subject = np.minimum(pupils * self._wanted("subject_teachers", s, age, wide), 0.4 * teachers)
        for name, share in SUBJECTS.items():
            out[name] = np.floor(subject * share + 0.5).astype(np.int64)
        backbone = np.minimum(pupils * self._wanted("backbone_teachers", s, age, wide), 0.6 * teachers)
        out["backbone_teachers"] = backbone.round().astype(np.int64)
        out["female_teachers"] = np.floor(teachers * (0.66 if s == 0 else 0.58) + 0.5).astype(np.int64)
        out["staff"] = teachers + np.ceil(teachers * 0.07).astype(np.int64) * (teachers > 3)
        rural = np.where(self.place == 2, 0.12, 0.03) * max(0.0, 1 - age / 12)
        out["substitute_teachers"] = np.floor(teachers * rural + 0.4).astype(np.int64)
        out["part_time_teachers"] = np.floor(teachers * 0.015 + 0.2).astype(np.int64)
        return out

    def _shared(
        self,
        teachers: Ints,
        shares: tuple[Sequence[float], Sequence[float]],
        name: str,
        age: int,
        wide: float,
        tilt: float,
    ) -> list[Ints]:
        """``teachers`` divided by shares that lean to the upper categories where a school stands well; sums exactly."""
        mean = np.array(shares[0]) + (np.array(shares[1]) - np.array(shares[0])) * min(age / 10, 1.0)
        upper = np.cumsum(mean)[None, :-1]
        odds = np.log(np.clip(upper, 1e-6, 1 - 1e-6) / np.clip(1 - upper, 1e-6, 1.0))
        leaning = 1 / (1 + np.exp(-(odds + tilt * wide * self.standing[name][:, None])))
        bounds = np.floor(leaning * teachers[:, None] + 0.5).astype(np.int64)
        bounds = np.concatenate([np.zeros((len(teachers), 1), np.int64), bounds, teachers[:, None]], axis=1)
        return [np.asarray(column) for column in np.diff(bounds, axis=1).T]

    def _stock(
        self, pupils: dict[str, Ints], classes: dict[str, Ints], age: int, wide: float, before: dict[str, Ints] | None
    ) -> dict[str, Ints]:
        weight = np.where(self.secondary, 1 / STOCK_WEIGHT["junior"], 1.0)
        drawn = sum((pupils[stage] * STOCK_WEIGHT[stage] for stage in STOCK_WEIGHT), start=np.zeros(len(weight)))
        load: Floats = weight * drawn * self.care
        load = np.where(load > 0, np.maximum(load, self.capacity), 0.0)
        out: dict[str, Ints] = {}
        for name in STOCKS:
            wanted = load * self._wanted(name, self.secondary.astype(np.int64), age, wide)
            if before is not None:
                had = before[name]
                up, down = PACE[name]
                step = np.where(wanted > had, up, down) * (wanted - had)
                wanted = np.where(had > 0, had + step, wanted)
            out[name] = np.where(load > 0, wanted, 0.0).round().astype(np.int64)
        out["equipment_value_yuan"] = out["equipment_value_yuan"] // 100 * 100
        for name in ("books", "teaching_computers", "multimedia_rooms", "teaching_area_m2"):
            out[name] = np.maximum(out[name], (load > 0).astype(np.int64))
        self._derived(out, load, pupils, classes, age)
        return out

    def _derived(
        self, out: dict[str, Ints], load: Floats, pupils: dict[str, Ints], classes: dict[str, Ints], age: int
    ) -> None:
        """What goes with the main stocks: other buildings, all computers, ordinary and special rooms."""
        teaching = out["teaching_area_m2"]
        rooms = classes["primary"] + classes["junior"] + np.ceil(pupils["senior"] / 50).astype(np.int64)
        out["gymnasium_m2"] = np.where(self.gymnasium, np.minimum(900 + 0 * teaching, teaching // 6), 0)
        out["administrative_area_m2"] = (teaching * 0.16).round().astype(np.int64)
        living = np.array([0.12, 0.35, 0.25])[self.place] * np.exp(0.2 * self.standing["living"])
        out["living_area_m2"] = (teaching * living).round().astype(np.int64)
        out["other_area_m2"] = (teaching * 0.03).round().astype(np.int64)
        uses = ("teaching_area_m2", "administrative_area_m2", "living_area_m2", "other_area_m2")
        out["building_area_m2"] = sum((out[use] for use in uses), start=np.zeros_like(teaching))
        shabby = np.array([0.0, 0.03, 0.10])[self.place] * max(0.0, 1 - age / 6) * (self.standing["living"] < 0)
        out["dangerous_area_m2"] = (out["building_area_m2"] * shabby).round().astype(np.int64)
        site = np.exp(0.25 * self.standing["site"]) * (load * 9.0 + out["building_area_m2"] * 0.6)
        out["site_area_m2"] = (out["sports_ground_m2"] + site).round().astype(np.int64)
        out["computers"] = out["teaching_computers"] + np.ceil(out["teaching_computers"] * 0.14).astype(np.int64)
        out["classrooms"] = rooms
        special = np.where(load > 0, np.ceil(rooms / (20 - min(age, 8))), 0).astype(np.int64)
        out["music_rooms"] = special
        out["art_rooms"] = np.where(special > 1, special - (age < 4), special)
        out["multimedia_rooms"] = np.minimum(out["multimedia_rooms"], rooms + special * 2 + 1)
