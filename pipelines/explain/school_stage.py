"""What every school of a county has for its pupils, worked out again from its cells.

Belongs here: who counts and why, the sharing of resources between stages, teaching points merged into their central
school: the rules of domain §1.3 and §1.4 as ``core/school_stage.sql`` states them, written anew and exactly. Does not
belong here: figures of a county (``balance``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pipelines.explain.cells import Evidence, Row
from pipelines.explain.inforce import Recording, Rulebook, exact
from pipelines.explain.terms import Term, constant, difference, product, total

STAGES = ("primary", "junior")
_ALL_STAGES = (*STAGES, "senior")
_FORMS = ("school", "enrolment", "teacher", "premises", "equipment")
_COUNTED = frozenset({"school", "point_on_its_own", "point_without_central", "not_in_register", "register_quarantined"})
_DEGREES = {
    "primary": ("degree_postgraduate", "degree_bachelor", "degree_associate"),
    "junior": ("degree_postgraduate", "degree_bachelor"),
}
_TITLES = ("title_full_senior", "title_associate_senior", "title_intermediate")
_ARTS = ("pe_teachers", "music_teachers", "fine_art_teachers", "arts_teachers")


@dataclass(eq=False)
class SchoolRows:
    """All rows that tell of a school in a year. ``quarantined`` holds (form, stage) of rows held back."""

    code: str
    register: Row | None = None
    premises: Row | None = None
    equipment: Row | None = None
    enrolment: dict[str, Row] = field(default_factory=dict)
    teacher: dict[str, Row] = field(default_factory=dict)
    quarantined: set[tuple[str, str | None]] = field(default_factory=set)


@dataclass(eq=False)
class SchoolStage:
    """A stage of a school: whether it counts, why, its pupils and what it has of each resource."""

    code: str
    name: str | None
    stage: str
    rows: SchoolRows
    role: str
    is_point: bool
    provided: bool
    private_left_out: bool
    register_quarantined: bool
    central_code: str | None
    share: Term
    pupils: Term
    own_pupils: Term
    reason: str = ""
    counted: bool = False
    points: list[SchoolStage] = field(default_factory=list)
    _own: dict[str, Term] = field(default_factory=dict)


@dataclass(eq=False)
class CountyYear:
    """The schools of a county in a year, decided; ``used`` are the rows of the rulebook that decided.

    ``kept`` holds what figures of the county share; ``made`` fills it.
    """

    county: str
    year: int
    schools: list[SchoolStage]
    unidentified: Mapping[str, int]
    rulebook: Rulebook
    used: Recording
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def made(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Return what is kept under a key; made, and its rows of the rulebook noted, where it is not there yet."""
        if key not in self.kept:
            with self.rulebook.recording() as used:
                self.kept[key] = make(), used
        value, used = self.kept[key]
        self.rulebook.note_again(used)
        return value

    def of_stage(self, stage: str) -> list[SchoolStage]:
        """Return the schools of a stage."""
        return [school for school in self.schools if school.stage == stage]

    def resource(self, school: SchoolStage, name: str) -> Term:
        """Return what a school has of a resource, with that of the points merged into it."""
        own = self._own(school, name)
        if not school.points:
            return own
        return total(name, [own, *(self._own(point, name) for point in school.points)], how="own + merged points")

    def _own(self, school: SchoolStage, name: str) -> Term:
        if name not in school._own:
            school._own[name] = self._make(school, name)
        return school._own[name]

    def _make(self, school: SchoolStage, name: str) -> Term:
        if school.register_quarantined:
            return Term(name, note="register_quarantined")
        if name in _STOCKS:
            return product(name, school.share, _STOCKS[name](self, school.rows))
        row = school.rows.teacher.get(school.stage)
        if row is None:
            return Term(name, note="no_row")
        fields = {
            "teachers": ("staff" if self._choice("teacher_ratio_staff") == "all_staff" else "teachers",),
            "higher_degree_teachers": _DEGREES[school.stage],
            "mid_title_teachers": _TITLES,
            "backbone_teachers": ("backbone_teachers",),
            "arts_sports_teachers": _ARTS,
        }[name]
        return row.term(fields[0]) if len(fields) == 1 else total(name, [row.term(each) for each in fields])

    def _choice(self, setting: str, standard: str = "") -> str | None:
        return self.rulebook.choice(setting, self.county, self.year, standard)

    def _gymnasium(self, standard: str) -> Callable[[SchoolRows], Term]:
        return lambda rows: self._teaching_area(rows, standard)

    def _teaching_area(self, rows: SchoolRows, standard: str) -> Term:
        area = _field(rows.premises, "teaching_area_m2")
        if self._choice("gymnasium_in_teaching_area", standard) == "out":
            return difference("teaching_area", area, _field(rows.premises, "gymnasium_m2"))
        return area


def _field(row: Row | None, name: str) -> Term:
    return Term(name, note="no_row") if row is None else row.term(name)


_STOCKS: Mapping[str, Callable[[CountyYear, SchoolRows], Term]] = {
    "teaching_area_basic": lambda year, rows: year._teaching_area(rows, "basic_2012"),
    "teaching_area_quality": lambda year, rows: year._teaching_area(rows, "quality_2017"),
    "sports_area": lambda _, rows: total(
        "sports_area", [_field(rows.premises, "sports_ground_m2"), _field(rows.premises, "gymnasium_m2")]
    ),
    "equipment_value": lambda _, rows: _field(rows.equipment, "equipment_value_yuan"),
    "computers": lambda _, rows: _field(rows.equipment, "teaching_computers"),
    "books": lambda _, rows: _field(rows.equipment, "books"),
    "multimedia_rooms": lambda _, rows: _field(rows.equipment, "multimedia_rooms"),
}


def county_year(evidence: Evidence, rulebook: Rulebook, county: str, year: int) -> CountyYear:
    """Work out every school of a county in a school year."""
    with rulebook.recording() as used:
        return _county_year(evidence, rulebook, county, year, used)


def _county_year(evidence: Evidence, rulebook: Rulebook, county: str, year: int, used: Recording) -> CountyYear:
    codes = [
        row[0]
        for row in evidence.connection.execute(
            "select distinct school_code from core.school_stage where school_year = ? and county_code = ? order by 1",
            [year, county],
        ).fetchall()
    ]
    schools = {code: SchoolRows(code) for code in codes}
    _fill(evidence, schools, year)
    staged = [each for rows in schools.values() for each in _stages(rulebook, rows, county, year)]
    made = CountyYear(county, year, staged, _unidentified(evidence, county, year), rulebook, used)
    _decide(made)
    return made


def _fill(evidence: Evidence, schools: Mapping[str, SchoolRows], year: int) -> None:
    for form in _FORMS:
        for row in evidence.of_schools(form, year, list(schools)):
            rows = schools[row["school_code"]]
            if form == "school":
                rows.register = row
            elif form == "premises":
                rows.premises = row
            elif form == "equipment":
                rows.equipment = row
            else:
                (rows.enrolment if form == "enrolment" else rows.teacher)[row["stage"]] = row
    if not schools:
        return
    for code, form, stage in evidence.connection.execute(
        """select school_code, form, stage from returns.quarantine
           where school_year = ? and school_code between ? and ?
           and form not in ('exchange', 'exchange_eligible', 'roster')""",
        [year, min(schools), max(schools)],
    ).fetchall():
        if code in schools:
            schools[code].quarantined.add((form, stage))


def _unidentified(evidence: Evidence, county: str, year: int) -> dict[str, int]:
    """Quarantined enrolment rows of the county whose school cannot be read, by stage (both where it is not known)."""
    counts = dict.fromkeys(STAGES, 0)
    for stage, rows in evidence.connection.execute(
        """select bad.stage, count(*) from returns.quarantine as bad
           left join core.reported_county as reported
               on reported.reported_code = bad.county_code and reported.school_year = bad.school_year
           where bad.form = 'enrolment' and bad.school_year = ? and coalesce(reported.county_code, '000000') = ?
           and not coalesce(regexp_matches(bad.school_code, '^[0-9]{10}$'), false) group by 1""",
        [year, county],
    ).fetchall():
        for each in STAGES:
            counts[each] += rows if stage in (None, each) else 0
    return counts


def _stages(rulebook: Rulebook, rows: SchoolRows, county: str, year: int) -> list[SchoolStage]:
    """The compulsory stages of a school, each with its part of the resources."""
    register = rows.register
    school_type = register["school_type"] if register is not None else None
    kind = rulebook.entry("school_type", "school_type", school_type) if school_type else None
    operator = rulebook.entry("operator", "operator", register["operator"]) if register is not None else None
    quarantined = {stage: any(of == stage for _, of in rows.quarantined) for stage in _ALL_STAGES}
    present = {
        stage: stage in rows.enrolment or (stage != "senior" and stage in rows.teacher) or quarantined[stage]
        for stage in _ALL_STAGES
    }
    provided = _provided(rulebook, rows.code, school_type, kind, present)
    pupils = {
        stage: rows.enrolment[stage].term("pupils") if stage in rows.enrolment else Term("pupils", note="no_row")
        for stage in _ALL_STAGES
    }
    parts = [stage for stage in _ALL_STAGES if provided[stage] or (pupils[stage].number or 0) > 0]
    register_quarantined = school_type is None and any(form == "school" for form, _ in rows.quarantined)
    role = str(kind["role"]) if kind is not None else "school"
    counted_as = register["counted_as_school"] if register is not None else None
    weights = _weights(rulebook, school_type, county, year) if len(parts) > 1 else {}
    return [
        SchoolStage(
            code=rows.code,
            name=_name(rows),
            stage=stage,
            rows=rows,
            role=role,
            is_point=role in ("school", "teaching_point")
            and (counted_as if counted_as is not None else (0 if role == "teaching_point" else 1)) == 0,
            provided=provided[stage],
            private_left_out=bool(operator and operator["is_private"])
            and rulebook.choice("private_schools", county, year) == "leave_out",
            register_quarantined=register_quarantined,
            central_code=register["central_school_code"] if register is not None else None,
            share=_share(stage, parts, weights, pupils),
            pupils=pupils[stage],
            own_pupils=pupils[stage],
        )
        for stage in STAGES
        if present[stage] or (provided[stage] and role in ("school", "teaching_point"))
    ]


def _name(rows: SchoolRows) -> str | None:
    if rows.register is not None and rows.register["school_name"] is not None:
        return str(rows.register["school_name"])
    names = (rows.enrolment[stage]["school_name"] for stage in _ALL_STAGES if stage in rows.enrolment)
    return next((str(name) for name in names if name is not None), None)


def _provided(
    rulebook: Rulebook, code: str, school_type: str | None, kind: Mapping[str, Any] | None, present: Mapping[str, bool]
) -> dict[str, bool]:
    """The stages a school provides for: by its type, else those it reports on, else by its code, else both."""
    if kind is not None:
        return {stage: bool(kind[f"has_{stage}"]) for stage in _ALL_STAGES}
    provided = dict(present)
    if school_type is None and not any(present.values()):
        told = rulebook.entry("school_code_kind", "kind", code[:2])
        provided |= {stage: bool(told[f"has_{stage}"]) if told is not None else True for stage in STAGES}
    return provided


def _weights(rulebook: Rulebook, school_type: str | None, county: str, year: int) -> dict[str, Fraction | None]:
    rows = {
        stage: rulebook.in_force(
            "stage_weight",
            county,
            year,
            f"{school_type} {stage}",
            lambda row, stage=stage: row["school_type"] == school_type and row["stage"] == stage,  # type: ignore[misc]
        )
        for stage in _ALL_STAGES
    }
    return {stage: exact(row["weight"]) if row is not None else None for stage, row in rows.items()}


def _share(
    stage: str, parts: Sequence[str], weights: Mapping[str, Fraction | None], pupils: Mapping[str, Term]
) -> Term:
    """The part of a stock that falls to a stage: its weighted pupils of those of all stages."""
    if len(parts) == 1:
        return constant("share", Fraction(1)) if parts[0] == stage else Term("share", note="stage_has_no_part")
    weighted = {
        each: product(f"weighted_{each}", constant(f"weight_{each}", weights.get(each)), pupils[each]) for each in parts
    }
    whole = total("weighted_pupils", list(weighted.values()))
    own = weighted.get(stage) or product(
        f"weighted_{stage}", constant(f"weight_{stage}", weights.get(stage)), pupils[stage]
    )
    value = own.number / whole.number if own.number is not None and whole.number else None
    return Term("share", value, f"{own.name} ÷ {whole.name}", parts=(own, whole))


def _decide(year: CountyYear) -> None:
    """Merge teaching points into their central school, and say of each stage whether and why it counts."""
    merge = year._choice("teaching_points")
    smallest = year.rulebook.number("teaching_point_minimum_pupils", year.county, year.year)
    centres = {
        (each.stage, each.code): each
        for each in year.schools
        if not each.is_point and each.provided and each.role == "school" and not each.private_left_out
    }
    for each in year.schools:
        joined = each.is_point and each.provided and merge == "merge" and not each.private_left_out
        centre = centres.get((each.stage, each.central_code or "")) if joined else None
        if centre is not None:
            centre.points.append(each)
    merged = {(point.stage, point.central_code) for each in year.schools for point in each.points}
    for each in year.schools:
        has_centre = each.is_point and each.provided and (each.stage, each.central_code) in merged
        each.reason = _reason(each, merge, smallest, has_centre)
        own = each.own_pupils.number
        each.counted = each.reason in _COUNTED or (each.reason == "stage_not_provided" and bool(own))
        if each.points:
            each.pupils = total(
                "pupils", [each.own_pupils, *(point.own_pupils for point in each.points)], how="own + merged points"
            )


def _reason(school: SchoolStage, merge: str | None, smallest: Fraction | None, has_centre: bool) -> str:
    pupils = school.own_pupils.number
    if school.role not in ("school", "teaching_point", "senior_only"):
        return school.role
    if not school.provided and not pupils:
        return "senior_only" if school.role == "senior_only" else "stage_not_provided"
    if school.private_left_out:
        return "private_left_out"
    if not school.provided:
        return "stage_not_provided"
    if school.is_point:
        if merge == "own":
            return "point_on_its_own"
        if has_centre:
            return "merged_into_central"
        if pupils is not None and smallest is not None and pupils < smallest:
            return "point_left_out"
        return "point_without_central" if merge == "merge" else "point_on_its_own"
    if school.register_quarantined:
        return "register_quarantined"
    if school.rows.register is None or school.rows.register["school_type"] is None:
        return "not_in_register"
    return "school"
