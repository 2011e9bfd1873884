"""The world of the sample: every return of every county and year, without faults, as one table per return.

Belongs here: turning the simulation into the columns of the contracts. Does not belong here: files and faults.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models.returns import CONTRACTS
from models.returns.class_size import BINS
from pipelines.sample import classes, names, pupils, resources
from pipelines.sample.levels import DEGREES, SUBJECTS, TITLES
from pipelines.sample.plan import (
    JUNIOR,
    NINE_YEAR,
    POINT,
    PRIMARY,
    SECONDARY,
    SPECIAL,
    TWELVE_YEAR,
    CountyPlan,
    plan_county,
)
from pipelines.sample.pupils import GRADES, MOVEMENT_COLUMNS, STAGES, Ints, YearOfPupils
from pipelines.sample.resources import YearOfResources

#: Stages taught by type of school.
TAUGHT: dict[str, tuple[str, ...]] = {
    PRIMARY: ("primary",),
    POINT: ("primary",),
    JUNIOR: ("junior",),
    NINE_YEAR: ("primary", "junior"),
    SECONDARY: ("junior", "senior"),
    TWELVE_YEAR: ("primary", "junior", "senior"),
    SPECIAL: ("primary", "junior"),
}
PREMISES = (
    "site_area_m2", "sports_ground_m2", "building_area_m2", "teaching_area_m2", "gymnasium_m2",
    "administrative_area_m2", "living_area_m2", "other_area_m2", "dangerous_area_m2",
)  # fmt: skip
EQUIPMENT = (
    "books", "computers", "teaching_computers", "classrooms", "multimedia_rooms", "music_rooms", "art_rooms",
    "equipment_value_yuan",
)  # fmt: skip
_TEACHER = (
    "staff", "teachers", "female_teachers", *DEGREES, *TITLES, "backbone_teachers", *SUBJECTS, "substitute_teachers",
    "part_time_teachers",
)  # fmt: skip

_STAGE_ORDER = {"primary": 0, "junior": 1, "senior": 2}

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class World:
    """All returns by form; columns as in the contract, rows by county, year, school and stage.

    ``school_succession`` carries one column more, ``school_name``, the name under which the ended code last filed.
    """

    counties: tuple[names.County, ...]
    years: range
    returns: dict[str, pl.DataFrame]

    def of(self, form: str, county_code: str, year: int) -> pl.DataFrame:
        """Rows of one return of one county and school year, ordered by school (and stage)."""
        return self.returns[form].filter(pl.col("county_code") == county_code, pl.col("school_year") == year)


def build_world(counties: int, years: range, seed: int) -> World:
    """Simulate ``counties`` counties over ``years``. A county does not depend on how many others there are."""
    tables: dict[str, list[pl.DataFrame]] = defaultdict(list)
    chosen = tuple(names.county(number) for number in range(1, counties + 1))
    for county in chosen:
        rng = np.random.default_rng([seed, county.number])
        plan = plan_county(county, years, rng)
        movements = list(pupils.simulate(plan, years, rng))
        for state, means in zip(movements, resources.simulate(plan, movements, rng), strict=True):
            for form, columns in _returns(plan, state, means, rng).items():
                tables[form].append(_frame(form, columns, county.code, state.year))
    return World(chosen, years, {form: pl.concat(frames) for form, frames in tables.items()})


def _frame(form: str, columns: Columns, county_code: str, year: int) -> pl.DataFrame:
    contract = CONTRACTS[form]
    height = len(columns["school_code"])
    filled: Columns = {"school_year": [year] * height, "county_code": [county_code] * height, **columns}
    schema = {name: info.dtype for name, info in contract.fields.items()}
    if form == "school_succession":
        schema["school_name"] = pl.String()
    return pl.DataFrame(
        [
            pl.Series(name, filled.get(name, [None] * height), dtype=dtype, strict=False)
            for name, dtype in schema.items()
        ]
    ).sort("school_code", *([pl.col("stage").replace_strict(_STAGE_ORDER)] if "stage" in schema else []))


def _returns(
    plan: CountyPlan, state: YearOfPupils, means: YearOfResources, rng: np.random.Generator
) -> dict[str, Columns]:
    """All returns of one county and year."""
    filing = [i for i, school in enumerate(plan.schools) if school.files_in(state.year)]
    by_stage = {stage: [i for i in filing if stage in TAUGHT[plan.schools[i].kind]] for stage in (*STAGES, "senior")}
    return {
        "school": _register(plan, filing, state.year),
        "enrolment": _joined(_enrolment(plan, state, stage, rows, rng) for stage, rows in by_stage.items()),
        "movement": _joined(
            {
                **_identity(plan, by_stage[stage], stage),
                **{name: _pick(state.movement[name][:, s], by_stage[stage]) for name in MOVEMENT_COLUMNS},
            }
            for s, stage in enumerate(STAGES)
        ),
        "class_size": _joined(_classes(plan, state, means, stage, by_stage[stage]) for stage in STAGES),
        "teacher": _joined(
            {
                **_identity(plan, by_stage[stage], stage),
                **{name: _pick(means.staff[stage][name], by_stage[stage]) for name in _TEACHER},
            }
            for stage in STAGES
        ),
        "premises": {**_identity(plan, filing), **{name: _pick(means.stock[name], filing) for name in PREMISES}},
        "equipment": {**_identity(plan, filing), **{name: _pick(means.stock[name], filing) for name in EQUIPMENT}},
        "school_succession": _successions(plan, state.year),
    }


def _pick(values: Ints, rows: list[int]) -> list[int]:
    picked: list[int] = values[rows].tolist()
    return picked


def _joined(parts: Any) -> Columns:
    out: Columns = defaultdict(list)
    gathered = list(parts)
    names_ = dict.fromkeys(name for part in gathered for name in part)
    for part in gathered:
        for name in names_:
            out[name] += part.get(name, [None] * len(part["school_code"]))
    return dict(out)


def _identity(plan: CountyPlan, rows: list[int], stage: str | None = None) -> Columns:
    columns: Columns = {
        "school_code": [plan.schools[i].code for i in rows],
        "school_name": [plan.schools[i].name for i in rows],
    }
    return columns if stage is None else {**columns, "stage": [stage] * len(rows)}


def _register(plan: CountyPlan, rows: list[int], year: int) -> Columns:
    schools = [plan.schools[i] for i in rows]
    central = [None if s.central is None else plan.schools[plan.current(s.central, year)].code for s in schools]
    return {
        **_identity(plan, rows),
        "school_type": [s.kind for s in schools],
        "county_name": [plan.county.name] * len(rows),
        "township": [s.township for s in schools],
        "urban_rural": [s.urban_rural for s in schools],
        "operator": [s.operator for s in schools],
        "counted_as_school": [0 if s.kind == POINT else 1 for s in schools],
        "central_school_code": central,
    }


def _enrolment(plan: CountyPlan, state: YearOfPupils, stage: str, rows: list[int], rng: np.random.Generator) -> Columns:
    total = state.pupils(stage)
    place = np.array([("urban", "town", "village").index(s.place) for s in plan.schools])
    columns: Columns = {**_identity(plan, rows, stage), "pupils": _pick(total, rows)}
    columns["female_pupils"] = _pick(rng.binomial(total, 0.472), rows)
    if stage == "senior":
        return {**columns, "entrants": _pick(state.senior[:, 0], rows)}
    grades = state.grades[:, GRADES[stage]]
    for offset in range(grades.shape[1]):
        columns[f"grade_{GRADES[stage].start + offset + 1}"] = _pick(grades[:, offset], rows)
    boarding, migrants, left_behind = {
        "primary": ((0.0, 0.06, 0.02), (0.16, 0.04, 0.0), (0.02, 0.16, 0.30)),
        "junior": ((0.05, 0.55, 0.0), (0.13, 0.03, 0.0), (0.03, 0.18, 0.0)),
    }[stage]
    columns["entrants"] = _pick(state.movement["entrants"][:, STAGES.index(stage)], rows)
    columns["boarders"] = _pick(rng.binomial(total, np.array(boarding)[place]), rows)
    columns["migrant_children"] = _pick(rng.binomial(total, np.array(migrants)[place]), rows)
    columns["left_behind_children"] = _pick(rng.binomial(total, np.array(left_behind)[place]), rows)
    return columns


def _classes(plan: CountyPlan, state: YearOfPupils, means: YearOfResources, stage: str, rows: list[int]) -> Columns:
    bounds = [(fewest, most) for _, fewest, most in BINS.values()]
    sizes = classes.class_sizes(state.grades[:, GRADES[stage]], means.grade_classes[stage], bounds)
    return {
        **_identity(plan, rows, stage),
        "classes": _pick(means.classes[stage], rows),
        **{name: _pick(sizes[:, i], rows) for i, name in enumerate(BINS)},
    }


def _successions(plan: CountyPlan, year: int) -> Columns:
    ended = [s for s in plan.schools if s.last == year - 1]
    return {
        "school_code": [s.code for s in ended],
        "school_name": [s.name for s in ended],
        "successor_code": [
            None if s.successor is None else plan.schools[plan.current(s.successor, year)].code for s in ended
        ],
        "reason": [s.reason for s in ended],
    }
