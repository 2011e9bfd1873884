"""Classes by size, worked out again.

Belongs here: ``trends.class_size`` from the class-size and enrolment cells of a county's schools and the rulebook's
bins and lines. Does not belong here: which schools there are (``school_stage``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.returns.class_size import BINS
from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.inforce import RuleRow, exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.school_stage import CountyYear, SchoolStage
from pipelines.explain.terms import Term, Value, facts_of

_NOT_COUNTED = frozenset({"special_education", "vocational", "senior_only", "stage_not_provided"})
_ZERO = Fraction(0)


@dataclass(frozen=True)
class _School:
    school: SchoolStage
    row: Row | None
    pupils: Fraction | None
    classes: Fraction | None
    bins: Mapping[str, Fraction]

    @property
    def known(self) -> bool:
        """Whether the bins make up the classes."""
        return self.classes is not None and self.classes == sum(self.bins.values(), _ZERO)

    @property
    def missing(self) -> bool:
        """Whether the school should have classes by size and they are not known."""
        if self.classes is None:
            return self.pupils is None or self.pupils > 0
        return not self.known


def class_size(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.class_size``."""
    stage = row["stage"]
    year = context.county_year(row["county_code"], row["school_year"])
    lines = {
        name: _line(year, measure, stage)
        for name, measure in (
            ("size_limit", "class_size_limit"),
            ("large_from", "large_class_from"),
            ("oversize_from", "oversize_class_from"),
        )
    }
    bounds = {each["bin"]: each for each in year.rulebook.table("class_size_bin")}
    schools = _schools(context, year, stage)
    known = [each for each in schools if each.known]
    missing = sum(each.missing for each in schools)
    in_bin = {name: sum((each.bins.get(name, _ZERO) for each in known), _ZERO) for name in BINS}
    limit = lines["size_limit"]
    classes = sum((each.classes or _ZERO for each in known), _ZERO) if known else None
    with_pupils = [each for each in known if each.pupils is not None]
    pupils = sum((each.pupils or _ZERO for each in with_pupils), _ZERO) if with_pupils else None
    taught = sum((each.classes or _ZERO for each in with_pupils), _ZERO)
    within, over, undecided = _against(in_bin, bounds, limit)
    large = _from(in_bin, bounds, lines["large_from"])
    oversize = _from(in_bin, bounds, lines["oversize_from"])
    meets: bool | None = None
    if year.county != "000000" and limit is not None:
        if over:
            meets = False
        elif classes and not missing and not undecided:
            meets = True
    values: dict[str, Value] = {
        "schools": Fraction(len(known)),
        "schools_missing": Fraction(missing),
        "pupils": pupils,
        "classes": classes,
        **in_bin,
        "mean_size": pupils / taught if pupils is not None and taught else None,
        **lines,
        "classes_within": within,
        "classes_over": over,
        "classes_undecided": undecided,
        "share_within": within / classes if within is not None and classes else None,
        "large_classes": large,
        "large_share": large / classes if large is not None and classes else None,
        "oversize_classes": oversize,
        "oversize_share": oversize / classes if oversize is not None and classes else None,
        "schools_over": None if limit is None else Fraction(sum(_is_over(each, bounds, limit) for each in known)),
        "meets": meets,
        "reason": _why_not(year, meets, len(known) + missing, classes, missing, limit),
    }
    return Recomputed(values, "share_within", "classes_within ÷ classes", [_term(each) for each in schools])


def _line(year: CountyYear, measure: str, stage: str) -> Fraction | None:
    """The line of a measure; of several standards the highest."""
    rows = [
        year.rulebook.line(measure, each["standard"], year.county, year.year, stage)
        for each in year.rulebook.table("standard")
    ]
    return max((limit for row in rows if row is not None and (limit := exact(row["value"])) is not None), default=None)


def _schools(context: Context, year: CountyYear, stage: str) -> list[_School]:
    of_stage = year.of_stage(stage)
    codes = sorted({each.code for each in of_stage})
    rows = {
        row["school_code"]: row
        for row in context.evidence.of_schools("class_size", year.year, codes)
        if row["stage"] == stage
    }
    found = []
    for school in of_stage:
        row = rows.get(school.code)
        classes = row.term("classes").number if row is not None else None
        if school.reason in _NOT_COUNTED and not classes:
            continue
        bins = {} if row is None else {name: row.term(name).number or _ZERO for name in BINS}
        found.append(_School(school, row, school.own_pupils.number, classes, bins))
    return found


def _against(
    in_bin: Mapping[str, Fraction], bounds: Mapping[str, RuleRow], limit: Fraction | None
) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Classes within the line, over it, and in the bin across it."""
    if limit is None:
        return None, None, None
    within = over = undecided = _ZERO
    for name, classes in in_bin.items():
        most = bounds[name]["most"]
        if most is not None and most <= limit:
            within += classes
        elif bounds[name]["fewest"] > limit:
            over += classes
        else:
            undecided += classes
    return within, over, undecided


def _from(in_bin: Mapping[str, Fraction], bounds: Mapping[str, RuleRow], bound: Fraction | None) -> Fraction | None:
    if bound is None:
        return None
    return sum((classes for name, classes in in_bin.items() if bounds[name]["fewest"] >= bound), _ZERO)


def _is_over(school: _School, bounds: Mapping[str, RuleRow], limit: Fraction) -> bool:
    return any(classes and bounds[name]["fewest"] > limit for name, classes in school.bins.items())


def _why_not(
    year: CountyYear, meets: bool | None, schools: int, classes: Fraction | None, missing: int, limit: Fraction | None
) -> str | None:
    if meets is not None:
        return None
    if year.county == "000000":
        return "county_unknown"
    if schools == 0 or (classes == 0 and not missing):
        return "no_classes"
    return "no_line" if limit is None else "missing_values"


def _term(each: _School) -> Term:
    parts: Sequence[Term] = () if each.row is None else [each.row.term(name) for name in ("classes", *BINS)]
    reason = None if each.known else "classes_missing" if each.classes is None else "bins_do_not_make_up_the_classes"
    return Term(
        each.school.code, each.classes, title=each.school.name or "", parts=[*parts, each.school.own_pupils],
        included=each.known, reason=reason or each.school.reason, facts=facts_of({"P": each.pupils}),
    )  # fmt: skip
