"""Consolidation of counties and regions, worked out again from the cells of its schools over the years of a cohort.

Belongs here: ``trends.consolidation`` (domain §4): which schools are left out, the components, the four formulas, the
annual rate, the verdicts; prefectures, provinces and the nation as sums of their counties. Does not belong here: a
school's year (``flows``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.explain.balance import ROUNDING
from pipelines.explain.context import Context
from pipelines.explain.flows import Flow, Number, added, county_flows
from pipelines.explain.inforce import RuleRow, exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.terms import Term, Value, facts_of

_ZERO, _ONE = Fraction(0), Fraction(1)
_SLACK = Fraction(1, 10**9)
_STAGES = ("primary", "junior")
_ALL_GRADES = "all_grades"


@dataclass(frozen=True)
class _Part:
    """A stage of a cohort's way: years in it, years that come after it."""

    stage: str
    years: int
    ahead: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class _Step:
    """One return that the cohort needs; step 0 is the year it entered."""

    part: _Part
    number: int
    year: int


@dataclass(frozen=True)
class _Cohort:
    """What became of a cohort: components over the schools that lack none, and who was left out."""

    values: dict[str, Number]
    missing: dict[str, set[int]]
    left_out: int
    terms: list[Term]


@dataclass(frozen=True)
class CountyCohort:
    """A cohort of a county by its rulebook: whether it has a rate, and whether it began before the data do."""

    cohort: _Cohort
    formula: str
    flows_by: str | None
    length: int
    complete: bool
    began_before: bool


def county_cohort(context: Context, county: str, year: int, stage: str) -> CountyCohort:
    """Work out the components of a county's cohort."""
    formula = context.rulebook.choice("consolidation_formula", county, year) or "a"
    flows_by = context.rulebook.choice("consolidation_flows", county, year)
    parts = _parts(context, county, year, stage)
    length = sum(part.years for part in parts)
    flows = {part.stage: county_flows(context, county, part.stage) for part in parts}
    steps = [step for part in parts for step in _steps(part, year)]
    cohort = _cohort(steps, flows, formula, flows_by, length)
    first_year = min(each for stage_ in _STAGES for each in county_flows(context, county, stage_))
    complete = _is_complete(cohort.values, formula)
    return CountyCohort(cohort, formula, flows_by, length, complete, year - length < first_year)


def consolidation(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.consolidation``: of a county, or of all counties of a region together."""
    if row["level"] != "county":
        return _of_region(context, row)
    county, year, stage = row["region_code"], row["school_year"], row["stage"]
    own = county_cohort(context, county, year, stage)
    cohort, complete = own.cohort, own.complete
    counts = _counts(cohort, complete)
    figure = _figure(context, county, year, stage, cohort.values, own.formula)
    reason = _why_not(
        county, figure.raw, own.began_before, complete, cohort.values["entrants"], counts, figure.minimum, figure.limit
    )
    values: dict[str, Value] = {
        "years": Fraction(own.length),
        "entry_year": Fraction(year - own.length),
        "counties": Fraction(complete),
        "counties_missing": Fraction(not complete),
        **counts,
        **{name: cohort.values[name] for name in _COMPONENTS},
        **figure.values,
        "meets": figure.meets(reason),
        "reason": reason,
        "missing_components": ",".join(sorted(cohort.missing)) or None,
        "missing_years": ",".join(str(each) for each in sorted(set().union(*cohort.missing.values()))) or None,
        **_annual(context, [county], county, year, stage, figure.minimum),
    }
    return Recomputed(values, "rate", _FORMULAS[own.formula], cohort.terms)


def _of_region(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """A prefecture, a province or the nation: the sum of the counties whose own rate can be given."""
    level, place, year, stage = row["level"], row["region_code"], row["school_year"], row["stage"]
    own = {
        county: county_cohort(context, county, year, stage)
        for county in _counties(context, level, place, "core.county_cohort", year, stage)
    }
    complete = [each for each in own.values() if each.complete]
    formula = context.rulebook.choice("consolidation_formula", place, year) or "a"
    components = {name: added([each.cohort.values[name] for each in complete]) for name in _COMPONENTS}
    each_counts = [_counts(each.cohort, each.complete) for each in own.values()]
    counts: dict[str, Number] = {name: sum((of[name] or _ZERO for of in each_counts), _ZERO) for name in each_counts[0]}
    figure = _figure(context, place, year, stage, components, formula)
    lacking = len(own) - len(complete)
    reason = None
    if figure.raw is None and all(each.began_before for each in own.values()):
        reason = "before_first_year"
    elif not complete:
        reason = "component_missing"
    elif figure.raw is None:
        reason = "no_entrants" if components["entrants"] == 0 else "component_missing"
    elif lacking or not _covers(counts, figure.minimum):
        reason = "component_missing" if lacking else "missing_values"
    elif figure.limit is None:
        reason = "no_line"
    length = max(each.length for each in own.values())
    annual = _counties(context, level, place, "core.county_flow", year, stage)
    values: dict[str, Value] = {
        "years": Fraction(length),
        "entry_year": Fraction(year - length),
        "counties": Fraction(len(complete)),
        "counties_missing": Fraction(lacking),
        **counts,
        **components,
        **figure.values,
        "meets": figure.meets(reason),
        "reason": reason,
        "missing_components": None,
        "missing_years": None,
        **_annual(context, annual, place, year, stage, figure.minimum),
    }
    parts = [
        Term(county, parts=each.cohort.terms, included=each.complete,
             reason=None if each.complete else "component_missing",
             facts=facts_of({name: each.cohort.values[name] for name in ("entrants", "graduates")}))
        for county, each in own.items()
    ]  # fmt: skip
    return Recomputed(values, "rate", _FORMULAS[formula], parts)


def _counties(context: Context, level: str, place: str, table: str, year: int, stage: str) -> list[str]:
    """The counties of a region that have rows in a table; those without a code are in the nation alone."""
    stages = _STAGES if table == "core.county_flow" and stage == "compulsory" else (stage,)
    within = {"prefecture": "county.prefecture_code = $place and county.county_code <> '000000'",
              "province": "county.province_code = $place and county.county_code <> '000000'",
              "nation": "$place = ''"}[level]  # fmt: skip
    found = context.connection.execute(
        f"""select distinct county.county_code from core.county as county
            join {table} as of_county on of_county.county_code = county.county_code
            where {within} and of_county.school_year = $year and of_county.stage in $stages order by 1""",
        {"place": place, "year": year, "stages": list(stages)},
    ).fetchall()
    return [county for (county,) in found]


@dataclass(frozen=True)
class _Figure:
    """Rates and line of a place. ``raw``: the rate by the formula of its rulebook, never capped."""

    values: dict[str, Value]
    raw: Number
    rate: Number
    limit: Number
    minimum: Fraction

    def meets(self, reason: str | None) -> bool | None:
        if reason is not None or self.rate is None or self.limit is None:
            return None
        return self.rate >= self.limit - ROUNDING


def _figure(
    context: Context, place: str, year: int, stage: str, components: Mapping[str, Number], formula: str
) -> _Figure:
    book = context.rulebook
    cap = book.choice("consolidation_cap", place, year)
    rates = _rates(components)
    raw = rates[f"rate_{formula}_raw"]
    rate = min(raw, _ONE) if raw is not None and cap == "capped" else raw
    line = _line(context, "cohort_consolidation_rate", place, year, stage)
    limit = exact(line["value"]) if line is not None else None
    values: dict[str, Value] = {
        **rates,
        **{name.replace("raw", "capped"): None if each is None else min(each, _ONE) for name, each in rates.items()},
        "formula": formula,
        "flows": book.choice("consolidation_flows", place, year),
        "cap": cap,
        "rate": rate,
        "rate_raw": raw,
        "threshold": limit,
        "threshold_binding": bool(line["binding"]) if line is not None else None,
        "threshold_document": str(line["document"]) if line is not None else None,
        "margin": rate - limit if rate is not None and limit is not None else None,
    }
    minimum = book.number("consolidation_minimum_coverage", place, year) or _ZERO
    return _Figure(values, raw, rate, limit, minimum)


_COMPONENTS = ("entrants", "first_year_pupils", "transferred_in", "transferred_out", "closed_out", "died",
               "final_year_change", "final_year_pupils", "graduates")  # fmt: skip
_FORMULAS = {
    "a": "graduates ÷ (entrants + transferred_in − transferred_out)",
    "b": "final_year_pupils ÷ (entrants + transferred_in − transferred_out − died − final_year_change)",
    "c": "(graduates − transferred_in + transferred_out) ÷ (first_year_pupils − died)",
    "d": "graduates ÷ entrants",
}


def _parts(context: Context, county: str, year: int, stage: str) -> list[_Part]:
    years = {each: int(context.rulebook.number(f"{each}_years", county, year) or 0) for each in _STAGES}
    if stage != "compulsory":
        return [_Part(stage, years[stage], 0, True, True)]
    return [
        _Part("primary", years["primary"], years["junior"], True, False),
        _Part("junior", years["junior"], 0, False, True),
    ]


def _steps(part: _Part, year: int) -> Iterator[_Step]:
    for number in range(0 if part.is_first else 1, part.years + 1):
        yield _Step(part, number, year - part.ahead - part.years + number)


def _needs(step: _Step, formula: str, flows_by: str | None) -> list[str]:
    """The components that a formula needs of a return."""
    part, needed = step.part, []
    if step.number == 0:
        needed.append("first_year_pupils" if formula == "c" else "entrants")
    if step.number > 0 and formula != "d":
        needed.append("transfers_and_deaths")
        if flows_by == "cohort_share":
            needed.append("pupils_by_grade")
    if part.is_last and step.number == part.years and formula != "b":
        needed.append("graduates")
    if part.is_last and step.number == part.years - 1 and formula == "b":
        needed.append("final_year_pupils")
    return needed


def _lacks(flow: Flow, component: str) -> bool:
    if component == "pupils_by_grade":
        return flow.moved is None or (flow.moved > 0 and flow.shares is None)
    if component == "transfers_and_deaths":
        return flow.moved is None
    name = "first_year" if component == "first_year_pupils" else component.removesuffix("_pupils")
    return getattr(flow, name) is None


def _cohort(
    steps: Sequence[_Step],
    flows: Mapping[str, Mapping[int, Mapping[str, Flow]]],
    formula: str,
    flows_by: str | None,
    length: int,
) -> _Cohort:
    left_out: set[tuple[str, str]] = set()
    missing: dict[str, set[int]] = {}
    for step in steps:
        schools = flows[step.part.stage].get(step.year, {})
        for component in _needs(step, formula, flows_by):
            lacking = [code for code, flow in schools.items() if _lacks(flow, component)]
            if len(lacking) < len(schools):
                left_out |= {(step.part.stage, code) for code in lacking}
            elif component == "pupils_by_grade" and (
                not schools or all(flow.moved is None for flow in schools.values())
            ):
                continue  # told already: nobody has transfers and deaths
            if lacking or not schools:
                missing.setdefault(component, set()).add(step.year)
    kept = {
        step: {code: flow for code, flow in flows[step.part.stage].get(step.year, {}).items()
               if (step.part.stage, code) not in left_out}
        for step in steps
    }  # fmt: skip
    values = _components(steps, kept, flows, flows_by, length)
    last = next(step for step in steps if step.part.is_last and step.number == step.part.years - 1)
    out = [
        flow.pupils
        for code, flow in flows[last.part.stage].get(last.year, {}).items()
        if (last.part.stage, code) in left_out and flow.pupils is not None
    ]
    values["enrolment_missing"] = sum(out, _ZERO)
    terms = [
        Term(f"{step.year} {step.part.stage} {code}", parts=flow.terms,
             included=(step.part.stage, code) not in left_out,
             reason=None if (step.part.stage, code) not in left_out else "value_missing",
             facts=facts_of({"entrants": flow.entrants, "graduates": flow.graduates, "in": flow.transferred_in,
                             "out": flow.transferred_out, "closed_out": flow.closed_out, "died": flow.died}))
        for step in steps for code, flow in flows[step.part.stage].get(step.year, {}).items()
    ]  # fmt: skip
    return _Cohort(values, missing, len({code for _, code in left_out}), terms)


def _components(
    steps: Sequence[_Step],
    kept: Mapping[_Step, Mapping[str, Flow]],
    flows: Mapping[str, Mapping[int, Mapping[str, Flow]]],
    flows_by: str | None,
    length: int,
) -> dict[str, Number]:
    def at(number: int | None, name: str, *, last: bool) -> Number:
        """A stock over the schools kept; missing where one lacks it, or the return is not there."""
        for step in steps:
            part = step.part
            wanted = part.years - 1 if number is None else part.years if last else 0
            if step.number == wanted and (part.is_last if last or number is None else part.is_first):
                if step.year not in flows[part.stage]:
                    return None
                return added([_ZERO, *(getattr(flow, name) for flow in kept[step].values())])
        return None

    way = [step for step in steps if step.number > 0]
    there = [step for step in way if step.year in flows[step.part.stage]]
    known = len(there) == length and not any(
        _lacks(flow, "transfers_and_deaths" if flows_by == _ALL_GRADES else "pupils_by_grade")
        for step in there for flow in kept[step].values()
    )  # fmt: skip

    def flow_sum(step: _Step, *names: str) -> Fraction:
        whole = _ZERO
        for flow in kept[step].values():
            amount = added([getattr(flow, name) for name in names]) or _ZERO
            share = _ONE if flows_by == _ALL_GRADES else flow.shares[step.number - 1] if flow.shares else _ZERO
            whole += amount * share
        return whole

    ins = sum((flow_sum(step, "transferred_in") for step in there), _ZERO)
    outs = sum((flow_sum(step, "transferred_out", "closed_out") for step in there), _ZERO)
    died = sum((flow_sum(step, "died") for step in there), _ZERO)
    closed = sum((flow.closed_out or _ZERO for step in there for flow in kept[step].values()), _ZERO)
    final = [step for step in there if step.part.is_last and step.number == step.part.years]
    change = sum(
        (flow_sum(step, "transferred_in") - flow_sum(step, "transferred_out", "closed_out") - flow_sum(step, "died")
         for step in final), _ZERO,
    )  # fmt: skip
    schools = sum(len(kept[step]) for step in final)
    pupils = [step for step in steps if step.part.is_last and step.number == step.part.years - 1]
    enrolment = [flow.pupils for step in pupils for flow in kept[step].values() if flow.pupils is not None]
    return {
        "entrants": at(0, "entrants", last=False),
        "first_year_pupils": at(0, "first_year", last=False),
        "final_year_pupils": at(None, "final_year", last=False),
        "graduates": at(1, "graduates", last=True),
        "transferred_in": ins if known else None,
        "transferred_out": outs if known else None,
        "closed_out": closed if known else None,
        "died": died if known else None,
        "final_year_change": change if known else None,
        "schools": Fraction(schools) if final else None,
        "enrolment": sum(enrolment, _ZERO) if any(step.year in flows[step.part.stage] for step in pupils) else None,
    }


def _rates(of: Mapping[str, Number]) -> dict[str, Number]:
    def over(above: Number, below: Number) -> Number:
        return above / below if above is not None and below is not None and below > 0 else None

    def less(*values: Number) -> Number:
        first, *others = values
        rest = added([_ZERO, *others])
        return first - rest if first is not None and rest is not None else None

    came = added([of["entrants"], of["transferred_in"]])
    base = less(came, of["transferred_out"])
    adjusted = less(added([of["graduates"], of["transferred_out"]]), of["transferred_in"])
    return {
        "rate_a_raw": over(of["graduates"], base),
        "rate_b_raw": over(of["final_year_pupils"], less(base, of["died"], of["final_year_change"])),
        "rate_c_raw": over(adjusted, less(of["first_year_pupils"], of["died"])),
        "rate_d_raw": over(of["graduates"], of["entrants"]),
    }


def _is_complete(of: Mapping[str, Number], formula: str) -> bool:
    needed = {
        "a": ("graduates", "entrants", "transferred_in", "transferred_out"),
        "b": ("final_year_pupils", "entrants", "transferred_in", "transferred_out", "died"),
        "c": ("graduates", "transferred_in", "transferred_out", "first_year_pupils", "died"),
        "d": ("graduates", "entrants"),
    }[formula]
    return all(of[name] is not None for name in needed) and bool(of["schools"])


def _counts(cohort: _Cohort, complete: bool) -> dict[str, Number]:
    """Schools and pupils of the figures, and those left out: all, where the county has no rate."""
    schools, pupils = cohort.values["schools"] or _ZERO, cohort.values["enrolment"] or _ZERO
    missing = cohort.values["enrolment_missing"] or _ZERO
    return {
        "schools": schools if complete else _ZERO,
        "schools_missing": Fraction(cohort.left_out) + (_ZERO if complete else schools),
        "enrolment": pupils if complete else _ZERO,
        "enrolment_missing": missing + (_ZERO if complete else pupils),
    }


def _line(context: Context, measure: str, county: str, year: int, stage: str) -> RuleRow | None:
    """The line of a measure; of several standards the highest."""
    rows = [
        context.rulebook.line(measure, each["standard"], county, year, stage)
        for each in context.rulebook.table("standard")
    ]
    known = [row for row in rows if row is not None]
    return max(known, key=lambda row: float(row["value"])) if known else None


def _covers(counts: Mapping[str, Number], minimum: Fraction) -> bool:
    for name in ("schools", "enrolment"):
        have, lack = counts[name] or _ZERO, counts[f"{name}_missing"] or _ZERO
        if have + _SLACK < minimum * (have + lack):
            return False
    return True


def _why_not(
    county: str, raw: Number, began_before: bool, complete: bool, entrants: Number, counts: Mapping[str, Number],
    minimum: Fraction, limit: Number,
) -> str | None:  # fmt: skip
    if county == "000000":
        return "county_unknown"
    if raw is None and began_before:
        return "before_first_year"
    if not complete:
        return "component_missing"
    if raw is None:
        return "no_entrants" if entrants == 0 else "component_missing"
    if not _covers(counts, minimum):
        return "missing_values"
    return "no_line" if limit is None else None


def _annual(
    context: Context, counties: Sequence[str], place: str, year: int, stage: str, minimum: Fraction
) -> dict[str, Value]:
    """The annual rate of the schools of counties: who left in the year before, of those who were there."""
    flows = [
        flow
        for county in counties
        for each in (_STAGES if stage == "compulsory" else (stage,))
        for flow in county_flows(context, county, each).get(year, {}).values()
    ]
    filed = [flow for flow in flows if flow.dropouts is not None and flow.pupils_last_year is not None]
    lacking = [
        flow
        for flow in flows
        if (flow.codes > 0 or flow.pupils is None) and (flow.dropouts is None or flow.pupils_last_year is None)
    ]
    dropouts = sum((flow.dropouts or _ZERO for flow in filed), _ZERO) if filed else None
    base = sum((flow.pupils_last_year or _ZERO for flow in filed), _ZERO) if filed else None
    unknown = [flow.pupils for flow in flows
               if (flow.dropouts is None or flow.pupils_last_year is None) and flow.pupils is not None]  # fmt: skip
    share = dropouts / base if dropouts is not None and base else None
    line = _line(context, "annual_consolidation_rate", place, year, stage)
    limit = exact(line["value"]) if line is not None else None
    rate = 1 - share if share is not None else None
    counts: dict[str, Number] = {
        "schools": Fraction(len(flows) - len(lacking)),
        "schools_missing": Fraction(len(lacking)),
        "enrolment": base,
        "enrolment_missing": sum(unknown, _ZERO),
    }
    reason = None
    if place == "000000":
        reason = "county_unknown"
    elif rate is None:
        reason = "component_missing" if lacking else "no_pupils"
    elif not _covers(counts, minimum):
        reason = "missing_values"
    elif limit is None:
        reason = "no_line"
    return {
        "pupils_last_year": base,
        "dropouts": dropouts,
        "annual_schools_missing": Fraction(len(lacking)) if flows else None,
        "annual_rate": rate,
        "dropout_rate": share,
        "annual_threshold": limit,
        "annual_threshold_binding": bool(line["binding"]) if line is not None else None,
        "annual_margin": rate - limit if rate is not None and limit is not None else None,
        "annual_meets": rate >= limit - ROUNDING if reason is None and rate is not None and limit is not None else None,
        "annual_reason": reason,
    }
