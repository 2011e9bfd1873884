"""The figures of balance between schools, worked out again: coefficients, their mean, contributions, attainment.

Belongs here: ``trends.differential_coefficient``, ``composite_coefficient``, ``school_contribution``,
``school_attainment`` and ``county_attainment`` from the schools of a county (``school_stage``), by domain §1.2 and
§2, in exact fractions. Does not belong here: who counts and what a school has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from pipelines.explain.inforce import RuleRow, exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.school_stage import CountyYear, SchoolStage
from pipelines.explain.terms import Term, Value, facts_of

_DIGITS = 50
#: What counts as rounding, as the models have it.
ROUNDING = Fraction(1, 10**12)
_QUALITY = "quality_2017"


@dataclass(frozen=True)
class Coefficient:
    """A coefficient worked out again, with what its verdict needs. Sums are exact; roots have 50 digits."""

    values: Mapping[str, Value]
    schools: Sequence[Term]
    mean_per_pupil: Fraction | None
    variance: Fraction | None


def root(value: Fraction) -> Fraction:
    """The square root to 50 digits."""
    with localcontext() as context:
        context.prec = _DIGITS
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def indicator_of(year: CountyYear, standard: str, indicator: str) -> RuleRow:
    """Return the rulebook's row of an indicator; ``KeyError`` where it is none of the standard."""
    for row in year.rulebook.table("indicator"):
        if row["standard"] == standard and row["indicator"] == indicator:
            return row
    raise KeyError(f"{indicator!r} is no indicator of {standard}")


def coefficient(year: CountyYear, stage: str, standard: str, indicator: str) -> Coefficient:
    """Work out a differential coefficient from the cells of the county's schools, once for all who need it."""
    key = ("coefficient", stage, standard, indicator)
    made: Coefficient = year.made(key, lambda: _coefficient(year, stage, standard, indicator))
    return made


def _coefficient(year: CountyYear, stage: str, standard: str, indicator: str) -> Coefficient:
    rule = indicator_of(year, standard, indicator)
    per = exact(rule["per"]) or Fraction(1)
    resource = str(rule["resource"])
    schools = year.of_stage(stage)
    counted = [each for each in schools if each.counted]
    amounts = {id(each): year.resource(each, resource) for each in counted}
    present = [each for each in counted if (each.pupils.number or 0) > 0 and amounts[id(each)].number is not None]
    pupils = sum((each.pupils.number or Fraction(0) for each in present), Fraction(0))
    mean, variance, spreads = _spread(present, amounts, pupils)
    values = _counts(year, stage, counted, present, pupils)
    values |= {
        "mean": None if mean is None else mean * per,
        "standard_deviation": None if variance is None else root(variance) * per,
        "coefficient": root(variance) / mean if variance is not None and mean is not None and mean > 0 else None,
    }
    values |= _verdict(year, stage, standard, indicator, values)
    shown = [_school(each, resource, amounts.get(id(each)), spreads.get(id(each)), variance, per) for each in schools]
    return Coefficient(values, shown, mean, variance)


def _spread(
    present: Sequence[SchoolStage], amounts: Mapping[int, Term], pupils: Fraction
) -> tuple[Fraction | None, Fraction | None, dict[int, Fraction]]:
    """Mean, variance, and the part of each school in Σ P (x/P − mean)²."""
    if not present or not pupils:
        return None, None, {}
    mean = sum((amounts[id(each)].number or Fraction(0) for each in present), Fraction(0)) / pupils
    spreads = {}
    for each in present:
        size, amount = each.pupils.number or Fraction(0), amounts[id(each)].number or Fraction(0)
        spreads[id(each)] = size * (amount / size - mean) ** 2
    return mean, sum(spreads.values(), Fraction(0)) / pupils, {key: each / pupils for key, each in spreads.items()}


def _counts(
    year: CountyYear, stage: str, counted: Sequence[SchoolStage], present: Sequence[SchoolStage], pupils: Fraction
) -> dict[str, Value]:
    known = [each.pupils.number for each in counted]
    without = sum(each == 0 for each in known)
    unknown = sum(each is None for each in known)
    unidentified = max(year.unidentified.get(stage, 0) - unknown, 0)
    of_all = sum((each for each in known if each is not None), Fraction(0))
    return {
        "schools": Fraction(len(present)),
        "schools_missing": Fraction(len(counted) - without + unidentified - len(present)),
        "schools_without_pupils": Fraction(without),
        "enrolment": pupils,
        "enrolment_missing": of_all - pupils,
    }


def _verdict(
    year: CountyYear, stage: str, standard: str, indicator: str, values: Mapping[str, Value]
) -> dict[str, Value]:
    line = year.rulebook.line("indicator_coefficient", standard, year.county, year.year, stage, indicator)
    limit = exact(line["value"]) if line is not None else None
    reason = _why_not(year, standard, values, limit)
    found = values["coefficient"]
    meets = found <= limit + ROUNDING if reason is None and isinstance(found, Fraction) and limit is not None else None
    return {
        "threshold": limit,
        "threshold_binding": bool(line["binding"]) if line is not None else None,
        "meets": meets,
        "reason": reason,
    }


def _why_not(year: CountyYear, standard: str, values: Mapping[str, Value], limit: Fraction | None) -> str | None:
    schools, missing = _number(values["schools"]), _number(values["schools_missing"])
    pupils, pupils_missing = _number(values["enrolment"]), _number(values["enrolment_missing"])
    coverage = year.rulebook.number("minimum_coverage", year.county, year.year, standard) or Fraction(0)
    slack = Fraction(1, 10**9)
    if year.county == "000000":
        return "county_unknown"
    if schools + missing == 0:
        return "no_schools"
    if schools == 0:
        return "no_values"
    if values["coefficient"] is None:
        return "zero_mean"
    if schools + slack < coverage * (schools + missing) or pupils + slack < coverage * (pupils + pupils_missing):
        return "missing_values"
    return "no_line" if limit is None else None


def _number(value: Value) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(0)


def _school(
    school: SchoolStage,
    resource: str,
    amount: Term | None,
    spread: Fraction | None,
    variance: Fraction | None,
    per: Fraction,
) -> Term:
    """A school of the walk: P, x, X, its share of the variance, and the cells that say so."""
    size = school.pupils.number
    own = None if amount is None else amount.number
    facts = {
        "P": size,
        "x": own,
        "X": own / size * per if own is not None and size else None,
        "share": (spread / variance if variance else Fraction(0)) if spread is not None else None,
    }
    register = school.rows.register
    decided = [] if register is None else [
        register.word(name) for name in ("school_type", "counted_as_school", "central_school_code")
        if register[name] is not None
    ]  # fmt: skip
    parts = [school.pupils, *([amount] if amount is not None else []), *decided]
    included = school.counted and bool(size) and own is not None
    return Term(school.code, None, title=school.name or "", parts=parts, included=included,
                reason=_reason_of(school, size, own), facts=facts_of(facts))  # fmt: skip


def _reason_of(school: SchoolStage, size: Fraction | None, own: Fraction | None) -> str:
    if school.counted and size is None:
        return "pupils_missing"
    if school.counted and size == 0:
        return "no_pupils"
    return "value_missing" if school.counted and own is None else school.reason


def differential_coefficient(year: CountyYear, keys: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.differential_coefficient``."""
    made = coefficient(year, keys["stage"], keys["standard"], keys["indicator"])
    return Recomputed(made.values, "coefficient", "√(Σ P(X − X̄)² ÷ ΣP) ÷ X̄, X̄ = Σx ÷ ΣP", made.schools)


def composite_coefficient(year: CountyYear, keys: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.composite_coefficient``."""
    stage, standard = keys["stage"], keys["standard"]
    names = [row["indicator"] for row in _indicators(year, standard)]
    made = {name: coefficient(year, stage, standard, name) for name in names}
    found = {name: each.values["coefficient"] for name, each in made.items()}
    known = [each for each in found.values() if isinstance(each, Fraction)]
    composite = sum(known, Fraction(0)) / len(known) if known and len(known) == len(names) else None
    line = year.rulebook.line("composite_coefficient", standard, year.county, year.year, stage)
    limit = exact(line["value"]) if line is not None else None
    withheld = any(each.values["reason"] in ("missing_values", "county_unknown") for each in made.values())
    meets = composite <= limit + ROUNDING if composite is not None and limit is not None and not withheld else None
    every = _every_meets([each.values["meets"] for each in made.values()])
    rule = year.rulebook.choice("verdict_rule", year.county, year.year, standard)
    above = sorted(
        name
        for name, each in made.items()
        if isinstance(found[name], Fraction)
        and isinstance(each.values["threshold"], Fraction)
        and _number(found[name]) > _number(each.values["threshold"]) + ROUNDING
    )
    values: dict[str, Value] = {
        "indicators": Fraction(len(names)),
        "indicators_available": Fraction(len(known)),
        "schools": _most(made.values(), "schools", "schools_missing"),
        "enrolment": _most(made.values(), "enrolment", "enrolment_missing"),
        "schools_missing": _most(made.values(), "schools_missing"),
        "enrolment_missing": _most(made.values(), "enrolment_missing"),
        "composite": composite,
        "threshold": limit,
        "meets": meets,
        "every_indicator_meets": every,
        "indicators_above": ",".join(above) or None,
        "verdict": meets if rule == "composite" else every,
        "verdict_rule": rule,
    }
    values["reason"] = _composite_reason(year, values, withheld)
    parts = [
        Term(name, found[name], "coefficient", parts=each.schools, included=True, reason=_text(each.values["reason"]))
        for name, each in made.items()
    ]
    return Recomputed(values, "composite", "Σ coefficient ÷ indicators", parts)


def _composite_reason(year: CountyYear, values: Mapping[str, Value], withheld: bool) -> str | None:
    if values["verdict"] is not None:
        return None
    if year.county == "000000":
        return "county_unknown"
    if values["schools"] == 0:
        return "no_schools"
    if _number(values["indicators_available"]) < _number(values["indicators"]):
        return "indicators_missing"
    return "missing_values" if withheld else "no_line"


def _most(made: Iterable[Coefficient], *names: str) -> Fraction:
    """Return the sum of the named values in the indicator where it is largest."""
    return max(sum((_number(each.values[name]) for name in names), Fraction(0)) for each in made)


def _indicators(year: CountyYear, standard: str) -> list[RuleRow]:
    rows = [row for row in year.rulebook.table("indicator") if row["standard"] == standard]
    return sorted(rows, key=lambda row: int(row["position"]))


def _every_meets(verdicts: Sequence[Value]) -> bool | None:
    if any(each is False for each in verdicts):
        return False
    return True if all(each is True for each in verdicts) else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def school_contribution(year: CountyYear, keys: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.school_contribution``: each indicator's value of one school and its share."""
    stage, code = keys["stage"], keys["school_code"]
    values: dict[str, Value] = {}
    parts = []
    for standard, prefix in (("basic_2012", "basic"), (_QUALITY, "quality")):
        for row in _indicators(year, standard):
            made = coefficient(year, stage, standard, row["indicator"])
            own = next(each for each in made.schools if each.name == code)
            name = f"{prefix}_{row['indicator']}"
            values[f"{name}_value"] = own.facts.get("X")
            values[f"{name}_share"] = own.facts.get("share")
            values.setdefault("pupils", own.facts.get("P"))
            parts.append(
                Term(
                    name,
                    own.facts.get("X"),
                    "x ÷ P × per",
                    own.title,
                    own.parts,
                    included=own.included,
                    reason=own.reason,
                    facts=own.facts,
                )
            )
    return Recomputed(values, "basic_teaching_area_share", "P(X − X̄)² ÷ Σ P(X − X̄)²", parts)


def school_attainment(year: CountyYear, keys: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.school_attainment``."""
    school = next(each for each in year.of_stage(keys["stage"]) if each.code == keys["school_code"])
    return _attainment(year, school)


def _attainment(year: CountyYear, school: SchoolStage) -> Recomputed:
    size = school.pupils.number
    book, place = year.rulebook, (year.county, year.year, school.stage)
    floor = _line(book.line("school_floor", _QUALITY, *place))
    to_meet = _line(book.line("school_indicators_to_meet", _QUALITY, *place))
    values: dict[str, Value] = {"pupils": size}
    ratios, met, parts = [], [], []
    for row in _indicators(year, _QUALITY):
        name = str(row["indicator"])
        amount = year.resource(school, str(row["resource"]))
        value = amount.number / size * (exact(row["per"]) or 1) if amount.number is not None and size else None
        line = _line(book.line("school_indicator", _QUALITY, *place, name))
        ratio = value / line if value is not None and line else None
        reached = None if ratio is None else ratio >= 1 - ROUNDING
        values[f"{name}_value"], values[f"{name}_met"] = value, reached
        ratios.append(ratio)
        met.append(reached)
        parts.append(
            Term(
                name,
                value,
                "x ÷ P × per",
                parts=(amount, school.pupils),
                included=reached,
                facts=facts_of({"x": amount.number, "P": size, "line": line, "ratio": ratio}),
            )
        )
    known = [each for each in ratios if each is not None]
    reached_lines, missing = sum(each is True for each in met), sum(each is None for each in met)
    lowest = min(known) if known else None
    attains: bool | None = None
    if size and to_meet is not None and floor is not None:
        if (lowest is not None and lowest < floor - ROUNDING) or reached_lines + missing < to_meet:
            attains = False
        elif missing == 0:
            attains = True
    values |= {
        "indicators_met": Fraction(reached_lines),
        "lowest_ratio": lowest,
        "attains": attains,
        "reason": _attainment_reason(attains, size, to_meet, floor),
    }
    return Recomputed(values, "attains", "indicators_met ≥ line and every ratio ≥ floor", parts)


def _line(row: RuleRow | None) -> Fraction | None:
    return None if row is None else exact(row["value"])


def _attainment_reason(
    attains: bool | None, size: Fraction | None, to_meet: Fraction | None, floor: Fraction | None
) -> str | None:
    if attains is not None:
        return None
    if size is None:
        return "pupils_missing"
    if size == 0:
        return "no_pupils"
    return "no_line" if to_meet is None or floor is None else "missing_values"


def county_attainment(year: CountyYear, keys: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.county_attainment``."""
    stage = keys["stage"]
    counted = [each for each in year.of_stage(stage) if each.counted]
    made = {each.code: _attainment(year, each) for each in counted}
    verdicts = [each.values["attains"] for each in made.values()]
    reasons = [each.values["reason"] for each in made.values()]
    schools = sum(each is not None for each in verdicts)
    attaining = sum(each is True for each in verdicts)
    unknown = sum(each.pupils.number is None for each in counted)
    missing = sum(
        verdict is None and reason != "no_pupils" for verdict, reason in zip(verdicts, reasons, strict=True)
    ) + max(year.unidentified.get(stage, 0) - unknown, 0)
    all_attain: bool | None = None
    if year.county != "000000":
        if attaining < schools:
            all_attain = False
        elif missing == 0 and schools:
            all_attain = True
    values: dict[str, Value] = {
        "schools": Fraction(schools),
        "schools_attaining": Fraction(attaining),
        "schools_missing": Fraction(missing),
        "share": Fraction(attaining, schools) if schools else None,
        "all_attain": all_attain,
        "reason": _county_reason(year, all_attain, schools + missing, reasons),
    }
    parts = [
        Term(each.code, made[each.code].values["attains"], title=each.name or "", parts=made[each.code].parts,
             included=made[each.code].values["attains"] is not None, reason=_text(made[each.code].values["reason"]))
        for each in counted
    ]  # fmt: skip
    return Recomputed(values, "share", "schools_attaining ÷ schools", parts)


def _county_reason(year: CountyYear, all_attain: bool | None, schools: int, reasons: Sequence[Value]) -> str | None:
    if all_attain is not None:
        return None
    if year.county == "000000":
        return "county_unknown"
    if schools == 0:
        return "no_schools"
    return "no_line" if "no_line" in reasons else "missing_values"
