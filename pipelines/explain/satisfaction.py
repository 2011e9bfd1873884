"""Public satisfaction, worked out again, questionnaire by questionnaire.

Belongs here: ``trends.satisfaction`` from the cells of answers and of totals by group: which questionnaires are
valid, the share that is satisfied, pooled or weighted, Wilson's interval. Does not belong here: the rulebook's
lookups (``inforce``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.explain.balance import ROUNDING, root
from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.inforce import exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.terms import Term, Value, facts_of

_ONE, _ZERO = Fraction(1), Fraction(0)
#: The question on satisfaction overall.
_OVERALL = 0
_SLACK = Fraction(1, 10**9)


@dataclass(frozen=True)
class _Side:
    """One source of one group or of all: questionnaires, valid ones, satisfied ones; None where it was not filed."""

    returned: Fraction | None = None
    valid: Fraction | None = None
    satisfied: Fraction | None = None
    satisfaction: Fraction | None = None
    effective: Fraction | None = None


@dataclass(frozen=True)
class _Rules:
    """The choices in force."""

    preferred: str | None
    basis: str | None
    weighting: str | None
    answered_share: Fraction
    minimum: Fraction | None
    minimum_group: Fraction | None
    confidence: Fraction | None
    z: Fraction


def satisfaction(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.satisfaction``."""
    county, year, group = row["county_code"], row["school_year"], row["group"]
    codes = sorted(code for code, years in context.reported_codes(county).items() if year in years)
    surveyed = [code for code in codes if _is_surveyed(context, code, year)]
    if len(surveyed) > 1:
        return Recomputed({"verdict": None, "reason": "several_codes"}, "satisfaction", "", [])
    code = surveyed[0] if surveyed else ""
    rules = _rules(context, county, year)
    answers = context.evidence.rows("satisfaction_answer", "county_code = ? and school_year = ?", [code, year])
    totals = context.evidence.rows("satisfaction_group", "county_code = ? and school_year = ?", [code, year])
    said = _by_group(context, county, year, answers, rules)
    filed = {each["group"]: each for each in totals}
    groups = sorted({*said, *filed})
    sides = {each: (said.get(each, _Side()), _of_totals(filed.get(each))) for each in groups}
    weights = _weights(context, county, year) if rules.weighting == "weighted" else {}
    own = (
        tuple(
            _of_all([pair[side] for pair in sides.values()], _weighed(sides, weights, side), rules) for side in (0, 1)
        )
        if group == "all"
        else sides[group]
    )
    source = _source(said, filed, rules)
    bad = _quarantined(context, code, year)
    values = _figures(context, row, own, source, rules, weights.get(group), groups, filed, bad, len(surveyed))
    return Recomputed(values, "satisfaction", "satisfied ÷ valid", _terms(group, answers, totals, source, values))


def _is_surveyed(context: Context, code: str, year: int) -> bool:
    found = context.connection.execute(
        """select exists (select 1 from returns.satisfaction_answer where county_code = $1 and school_year = $2)
            or exists (select 1 from returns.satisfaction_group where county_code = $1 and school_year = $2)
            or exists (select 1 from returns.quarantine where county_code = $1 and school_year = $2
                       and form in ('satisfaction_answer', 'satisfaction_group'))""",
        [code, year],
    ).fetchone()
    return found is not None and bool(found[0])


def _quarantined(context: Context, code: str, year: int) -> bool:
    found = context.connection.execute(
        """select count(*) from returns.quarantine
           where form = 'satisfaction_group' and county_code = ? and school_year = ?""",
        [code, year],
    ).fetchone()
    return found is not None and bool(found[0])


def _rules(context: Context, county: str, year: int) -> _Rules:
    book = context.rulebook
    return _Rules(
        book.choice("satisfaction_source", county, year),
        book.choice("satisfaction_basis", county, year),
        book.choice("satisfaction_overall", county, year),
        book.number("satisfaction_answered_share", county, year) or _ONE,
        book.number("satisfaction_minimum_valid", county, year),
        book.number("satisfaction_minimum_valid_group", county, year),
        book.number("satisfaction_confidence", county, year),
        book.number("satisfaction_z", county, year) or _ZERO,
    )


def _by_group(context: Context, county: str, year: int, answers: Sequence[Row], rules: _Rules) -> dict[str, _Side]:
    """The answers, questionnaire by questionnaire, summed by group."""
    scale = {
        answer: context.rulebook.in_force(
            "satisfaction_scale",
            county,
            year,
            str(answer),
            lambda row, answer=answer: row["answer"] == answer,  # type: ignore[misc]
        )
        for answer in sorted({each["answer"] for each in answers if each["answer"] is not None})
    }
    asked = len({each["question"] for each in answers})
    sheets: dict[tuple[str, str], list[Row]] = {}
    for each in answers:
        sheets.setdefault((each["group"], each["respondent"]), []).append(each)
    found: dict[str, list[Fraction | None]] = {}
    for (group, _), rows in sheets.items():
        found.setdefault(group, []).append(_of_questionnaire(rows, scale, asked, rules))
    sides = {}
    for group, scores in found.items():
        valid = [each for each in scores if each is not None]
        count, satisfied = Fraction(len(valid)), sum(valid, _ZERO)
        sides[group] = _Side(Fraction(len(scores)), count, satisfied, satisfied / count if valid else None, count)
    return sides


def _of_questionnaire(
    rows: Sequence[Row], scale: Mapping[str, Mapping[str, Any] | None], asked: int, rules: _Rules
) -> Fraction | None:
    """How far one respondent is satisfied; None where the questionnaire is not valid."""
    given = [(int(row["question"]), scale[row["answer"]]) for row in rows if row["answer"] is not None]
    if len(given) < rules.answered_share * asked - _SLACK:
        return None
    counting = [(question, bool(rule["satisfied"])) for question, rule in given if rule is not None and rule["counts"]]
    if rules.basis == "all_answers":
        return Fraction(sum(good for _, good in counting), len(counting)) if counting else None
    overall = [good for question, good in counting if question == _OVERALL]
    return Fraction(max(overall)) if overall else None


def _of_totals(row: Row | None) -> _Side:
    if row is None:
        return _Side()
    satisfied = row.term("satisfied").number
    valid = row.term("valid").number if satisfied is not None else None
    share = satisfied / valid if satisfied is not None and valid else None
    return _Side(row.term("returned").number, valid, satisfied, share, valid)


def _weights(context: Context, county: str, year: int) -> dict[str, Fraction]:
    groups = [row["group"] for row in context.rulebook.table("satisfaction_group")]
    rows = {
        group: context.rulebook.in_force(
            "satisfaction_weight",
            county,
            year,
            str(group),
            lambda row, group=group: row["group"] == group,  # type: ignore[misc]
        )
        for group in groups
    }
    return {group: exact(row["weight"]) or _ZERO for group, row in rows.items() if row is not None}


def _weighed(
    sides: Mapping[str, tuple[_Side, ...]], weights: Mapping[str, Fraction], side: int
) -> tuple[Fraction | None, Fraction | None]:
    """Weighted satisfaction and the size of a sample as good as this one; None while a weighted group is missing."""
    own = {group: sides[group][side] if group in sides else _Side() for group in weights}
    if not own or any(not each.valid for each in own.values()):
        return None, None
    whole = sum(weights.values(), _ZERO)
    share = sum(
        (weights[group] * (each.satisfied or _ZERO) / (each.valid or _ONE) for group, each in own.items()), _ZERO
    )
    spread = sum((weights[group] ** 2 / (each.valid or _ONE) for group, each in own.items()), _ZERO)
    return share / whole, whole**2 / spread


def _of_all(sides: Sequence[_Side], weighed: tuple[Fraction | None, Fraction | None], rules: _Rules) -> _Side:
    def summed(values: Sequence[Fraction | None]) -> Fraction | None:
        known = [each for each in values if each is not None]
        return sum(known, _ZERO) if known else None

    valid, satisfied = summed([each.valid for each in sides]), summed([each.satisfied for each in sides])
    share, effective = (satisfied / valid if satisfied is not None and valid else None), valid
    if rules.weighting == "weighted":
        share, effective = weighed
    return _Side(summed([each.returned for each in sides]), valid, satisfied, share, effective)


def _source(said: Mapping[str, _Side], filed: Mapping[str, Row], rules: _Rules) -> str | None:
    has_totals = any(row["returned"] is not None for row in filed.values())
    if rules.preferred == "answers" and said:
        return "answers"
    if has_totals:
        return "totals"
    return "answers" if said else None


def _figures(
    context: Context,
    row: Mapping[str, Any],
    own: tuple[_Side, ...],
    source: str | None,
    rules: _Rules,
    weight: Fraction | None,
    groups: Sequence[str],
    filed: Mapping[str, Row],
    bad: bool,
    codes: int,
) -> dict[str, Value]:
    whole = row["group"] == "all"
    answers, totals = own
    used = answers if source == "answers" else totals
    limit_row = (
        context.rulebook.line("satisfaction", row["standard"], row["county_code"], row["school_year"], "compulsory")
        if whole
        else None
    )
    limit = exact(limit_row["value"]) if limit_row is not None else None
    minimum = (rules.minimum if whole else rules.minimum_group) if codes else None
    adequate = used.valid >= minimum if used.valid is not None and minimum is not None else None
    lower, upper = _interval(used, rules.z)
    open_totals = whole and any(
        _of_totals(each).valid is None and each["returned"] is not None for each in filed.values()
    )
    withheld = source == "totals" and (open_totals or bad)
    verdict = None
    if codes == 1 and not withheld and adequate and used.satisfaction is not None and limit is not None:
        verdict = used.satisfaction >= limit - ROUNDING
    sent = _sent_to_all(groups, filed) if whole else _number_of(filed.get(row["group"]), "sent")
    declared = None if whole else _number_of(filed.get(row["group"]), "declared_rate")
    values: dict[str, Value] = {
        "source": source,
        "sent": sent,
        "returned": used.returned,
        "valid": used.valid,
        "satisfied": used.satisfied,
        "return_rate": used.returned / sent if used.returned is not None and sent else None,
        "valid_rate": used.valid / used.returned if used.valid is not None and used.returned else None,
        "satisfaction": used.satisfaction,
        "lower": lower,
        "upper": upper,
        "effective_valid": used.effective,
        "weight": None if whole else weight,
        "minimum_valid": minimum,
        "adequate": adequate,
        "answers_valid": answers.valid,
        "answers_satisfaction": answers.satisfaction,
        "totals_valid": totals.valid,
        "totals_satisfaction": totals.satisfaction,
        "declared_rate": declared,
        "line": limit,
        "verdict": verdict,
        "margin": used.satisfaction - limit if used.satisfaction is not None and limit is not None else None,
        "reason": _why_not(verdict, source, used, adequate, withheld, codes),
    }
    return values


def _interval(side: _Side, z: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Wilson's interval."""
    p, n = side.satisfaction, side.effective
    if p is None or not n:
        return None, None
    below = 1 + z * z / n
    middle = (p + z * z / (2 * n)) / below
    half = z * root(max(p * (1 - p), _ZERO) / n + z * z / (4 * n * n)) / below
    return max(middle - half, _ZERO), min(middle + half, _ONE)


def _number_of(row: Row | None, name: str) -> Fraction | None:
    return None if row is None else row.term(name).number


def _sent_to_all(groups: Sequence[str], filed: Mapping[str, Row]) -> Fraction | None:
    """Questionnaires sent to all groups; missing where a group does not say."""
    sent = [_number_of(filed.get(group), "sent") for group in groups]
    known = [each for each in sent if each is not None]
    return sum(known, _ZERO) if known and len(known) == len(sent) else None


def _why_not(
    verdict: bool | None, source: str | None, used: _Side, adequate: bool | None, withheld: bool, codes: int
) -> str | None:
    if verdict is not None:
        return None
    if withheld:
        return "quarantined"
    if source is None:
        return "quarantined" if codes else "not_surveyed"
    if not used.valid:
        return "no_valid"
    if used.satisfaction is None:
        return "groups_missing"
    return "no_line" if adequate else "sample_too_small"


def _terms(
    group: str, answers: Sequence[Row], totals: Sequence[Row], source: str | None, values: Mapping[str, Value]
) -> list[Term]:
    """The groups, each with its answers or its totals."""
    parts = []
    for name in sorted({row["group"] for row in (*answers, *totals)}):
        if group not in ("all", name):
            continue
        own = [row for row in answers if row["group"] == name]
        filed = [row for row in totals if row["group"] == name]
        said = Term("answers", Fraction(len(own)), "answers of the group", included=source == "answers",
                    parts=[row.word("answer") for row in own])  # fmt: skip
        told = Term("totals", None, "totals of the group", included=source == "totals", parts=[
            row.term(field) for row in filed for field in ("sent", "returned", "valid", "satisfied")])  # fmt: skip
        parts.append(Term(name, None, parts=[said, told], included=True))
    return [*parts, Term(group, values["satisfaction"], facts=facts_of({"line": values["line"]}))]
