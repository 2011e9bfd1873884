"""The growth tests of funding, worked out again: three increases, two that only increase.

Belongs here: ``trends.three_increases`` and ``trends.two_only_increase`` from the funding cells of a county (domain
§3): both bases, the gap to what a growth is measured against, the verdict by the base of the rulebook, the run of
years. Does not belong here: shares of funds (replayed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.inforce import RuleRow, exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.terms import Term, Value, difference, facts_of, quotient

#: A growth is a quotient: a billionth of a percentage point is rounding.
_POINT = Fraction(1, 10**9)
_HUNDRED = Fraction(100)
Key = tuple[int, str, str]


@dataclass
class _Funds:
    """The funding rows of a county: by year, level and item; codes that filed; what is quarantined."""

    rows: dict[Key, list[Row]] = field(default_factory=dict)
    codes: dict[Key, set[str]] = field(default_factory=dict)
    quarantined: set[Key] = field(default_factory=set)

    def used(self, key: Key) -> Row | None:
        """The row that figures are taken from: none of a county in several parts, none in quarantine."""
        if key in self.quarantined or len(self.codes.get(key, ())) != 1:
            return None
        rows = self.rows.get(key, [])
        return rows[0] if rows else None

    def has(self, stage: str, item: str) -> bool:
        """Whether the county ever filed the item."""
        return any(key[1:] == (stage, item) for key in self.codes)


@dataclass(frozen=True)
class _Judged:
    values: dict[str, Value]
    parts: Sequence[Term]


def growth_test(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of either table of growth tests."""
    county, year, stage, test = row["county_code"], row["fiscal_year"], row["stage"], row["test"]
    funds = _funds(context, county)
    rule = context.rulebook.entry("funding_test", "test", test)
    assert rule is not None
    first = min(key[0] for key in funds.codes)
    years = [each for each in range(first, year + 1) if _is_held(context, funds, county, each, stage, rule)]
    judged = {each: _judge(context, funds, county, each, stage, rule) for each in years}
    own = judged[year]
    verdicts = {each: made.values["verdict"] for each, made in judged.items()}
    run = context.rulebook.number("funding_run_years", county, year) or Fraction(0)
    past = [verdict for each, verdict in verdicts.items() if year - run < each <= year]
    values = dict(own.values)
    values |= {
        "run_years": run,
        "run_verdict": False if False in past else True if past.count(True) == run else None,
        "years_met": Fraction(_streak(verdicts, year)),
        "falls_so_far": Fraction(sum(each is False for each in verdicts.values())),
        "last_fall_year": max((Fraction(each) for each, said in verdicts.items() if said is False), default=None),
    }
    before = [
        Term(str(each), judged[each].values["verdict"], "verdict", parts=judged[each].parts, included=year - run < each)
        for each in years
        if each != year
    ]
    return Recomputed(values, "margin_points", "(v_t − v_{t−1}) ÷ v_{t−1} × 100 − line", [*own.parts, *before])


def _funds(context: Context, county: str) -> _Funds:
    funds = _Funds()
    codes = context.reported_codes(county)
    for code, years in codes.items():
        for row in context.evidence.rows("funding", "county_code = ?", [code]):
            if row["fiscal_year"] in years:
                key = (row["fiscal_year"], row["stage"], row["item"])
                funds.rows.setdefault(key, []).append(row)
                funds.codes.setdefault(key, set()).add(code)
        for year, row_key in context.connection.execute(
            "select school_year, row_key from returns.quarantine where form = 'funding' and starts_with(row_key, ?)",
            [f"{code}|"],
        ).fetchall():
            if year in years:
                key = (year, *row_key.split("|")[1:3])
                funds.quarantined.add(key)
                funds.codes.setdefault(key, set()).add(code)
    return funds


def _line(context: Context, county: str, year: int, stage: str, test: str) -> RuleRow | None:
    return context.rulebook.in_force(
        "funding_line", county, year, f"{test} {stage}", lambda row: row["test"] == test and row["stage"] == stage
    )


def _is_held(context: Context, funds: _Funds, county: str, year: int, stage: str, rule: RuleRow) -> bool:
    """Whether there is a verdict to give: a line holds, and it decides or the county filed the item at all."""
    line = _line(context, county, year, stage, rule["test"])
    return line is not None and (bool(line["binding"]) or funds.has(stage, rule["item"]))


def _judge(context: Context, funds: _Funds, county: str, year: int, stage: str, rule: RuleRow) -> _Judged:
    line = _line(context, county, year, stage, rule["test"])
    assert line is not None
    limit = (exact(line["value"]) or Fraction(0)) * _HUNDRED
    own = _growths(funds, (year, stage, rule["item"]))
    against = rule["against"]
    other = _growths(funds, (year, stage, against)) if against else None
    stands_in = own.row.term("compared_growth") if own.row is not None else Term("compared_growth")
    compared = None if other is None else (other.restated if other.restated.number is not None else stands_in)
    gaps = {
        "restated": _points("gap_restated", own.restated, compared),
        "published": _points("gap_published", own.published, None if other is None else other.published),
    }
    meets = {base: _meets(gap.number, limit, rule["comparison"]) for base, gap in gaps.items()}
    base = context.rulebook.choice("funding_growth_base", county, year)
    restated_from = own.restated_from
    if restated_from == "prior_value" and other is not None and other.restated_from != "prior_value":
        restated_from = "declared"
    uses_restated = base != "published" and meets["restated"] is not None
    verdict = meets["restated"] if uses_restated else meets["published"]
    verdict_base = restated_from if uses_restated else "published" if meets["published"] is not None else None
    gap = gaps["published" if verdict_base == "published" else "restated"].number
    keys = [(year, stage, rule["item"]), *([(year, stage, against)] if against else [])]
    quarantined = any(key in funds.quarantined for key in keys)
    codes = len(funds.codes.get(keys[0], {""}))
    declared = own.row.term("declared_growth").number if own.row is not None else None
    values: dict[str, Value] = {
        "value_yuan": own.value.number,
        "prior_value_yuan": own.prior.number,
        "published_prior_value_yuan": own.before.number,
        "declared_growth": declared,
        "growth_restated": own.restated.number,
        "growth_published": own.published.number,
        "compared_growth_restated": None if compared is None else compared.number,
        "compared_growth_published": None if other is None else other.published.number,
        "gap_restated_points": gaps["restated"].number,
        "gap_published_points": gaps["published"].number,
        "line_points": limit,
        "binding": bool(line["binding"]),
        "meets_restated": meets["restated"],
        "meets_published": meets["published"],
        "verdicts_differ": None not in meets.values() and meets["restated"] is not meets["published"],
        "verdict": verdict,
        "verdict_base": verdict_base,
        "margin_points": gap - limit if gap is not None and verdict_base is not None else None,
        "reason": _why_not(verdict, codes, quarantined, keys[0] in funds.codes, own, declared, base),
    }
    facts = facts_of({"line": limit, "meets": verdict, "base": verdict_base})
    parts = [Term(name, gap.number, gap.how, parts=gap.parts, included=name == _base_of(verdict_base), facts=facts)
             for name, gap in gaps.items()]  # fmt: skip
    return _Judged(values, parts)


def _base_of(verdict_base: Value) -> str:
    return "published" if verdict_base == "published" else "restated"


@dataclass(frozen=True)
class _Growths:
    """The growth of an item on both bases."""

    row: Row | None
    value: Term
    prior: Term
    before: Term
    restated: Term
    published: Term
    restated_from: str | None


def _growths(funds: _Funds, key: Key) -> _Growths:
    year, stage, item = key
    row, last = funds.used(key), funds.used((year - 1, stage, item))
    value = row.term("value_yuan") if row is not None else Term("value_yuan", note="no_row")
    prior = row.term("prior_value_yuan") if row is not None else Term("prior_value_yuan", note="no_row")
    before = (
        last.term("value_yuan") if last is not None and key in funds.codes else Term("published_prior", note="no_row")
    )
    declared = row.term("declared_growth") if row is not None else Term("declared_growth", note="no_row")
    computed = quotient("growth_restated", difference("increase", value, prior), prior)
    restated = computed if computed.number is not None else declared
    published = quotient("growth_published", difference("increase", value, before), before)
    from_ = None
    if value.number is not None and (prior.number or 0) > 0:
        from_ = "prior_value"
    elif declared.number is not None:
        from_ = "declared"
    return _Growths(row, value, prior, before, restated, published, from_)


def _points(name: str, own: Term, compared: Term | None) -> Term:
    """A growth, less the one it is measured against, in percentage points."""
    gap = own if compared is None else difference(name, own, compared)
    value = None if gap.number is None else gap.number * _HUNDRED
    return Term(name, value, f"{gap.how or gap.name} × 100", parts=(own,) if compared is None else (own, compared))


def _meets(gap: Fraction | None, limit: Fraction, comparison: str) -> bool | None:
    if gap is None:
        return None
    return gap > limit + _POINT if comparison == "above" else gap >= limit - _POINT


def _why_not(
    verdict: bool | None,
    codes: int,
    quarantined: bool,
    has_row: bool,
    own: _Growths,
    declared: Fraction | None,
    base: str | None,
) -> str | None:
    if verdict is not None:
        return None
    if codes > 1:
        return "several_codes"
    if quarantined:
        return "quarantined"
    if not has_row:
        return "not_reported"
    if own.value.number is None and declared is None:
        return "value_missing"
    if own.published.number is None and (base == "published" or own.restated.number is None):
        return "no_base"
    return "compared_missing"


def _streak(verdicts: Mapping[int, Value], year: int) -> int:
    """Years in a row up to this one in which the test was met: from the last year in which it was not."""
    others = [each for each, said in verdicts.items() if said is not True]
    return year - max(others) if others else len(verdicts)
