"""Scores of government work, worked out again.

Belongs here: ``trends.government_score`` from the cells that counties declare (``returns.government_work``), the
rulebook's items and points, and what the warehouse itself measures. Does not belong here: these measures: each is a
published figure of another table, named in the walk, which has a walk of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.inforce import RuleRow, exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.terms import Term, Value, facts_of

_ROUNDING = Fraction(1, 10**12)
_POINTS = Fraction(1, 10**9)
_ZERO = Fraction(0)
_BASIC = "basic_2012"


@dataclass(frozen=True)
class _Item:
    """An item of government work: its rule, what is declared and what is measured, and what follows."""

    rule: RuleRow
    line_row: RuleRow
    term: Term
    declared_score: Fraction | None
    declared_value: Fraction | None
    declared_meets: bool | None
    computed_value: Fraction | None
    computed_meets: bool | None
    evidence_missing: bool
    score: Fraction | None = None
    verdict: bool | None = None
    computed: bool = False

    @property
    def key(self) -> str:
        return str(self.rule["item"])

    @property
    def points(self) -> Fraction | None:
        return exact(self.line_row["points"])

    @property
    def counts(self) -> bool:
        return bool(self.line_row["counts"])


@dataclass(frozen=True)
class _Block:
    """What a block comes to."""

    values: dict[str, Value]
    above: bool
    parts: Sequence[Term]


def government_score(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.government_score``, without the columns on what differs."""
    county, year, standard = row["county_code"], row["school_year"], row["standard"]
    items = _settled(context, _items(context, county, year, standard), county, year)
    rules = {each["block"]: each for each in context.rulebook.table("government_block") if each["standard"] == standard}
    order = sorted(rules, key=lambda name: int(rules[name]["position"]))
    blocks = {
        name: _block(context, county, year, standard, name, [each for each in items if each.rule["block"] == name])
        for name in order
        if any(each.rule["block"] == name and _is_item(each) for each in items)
    }
    made = blocks[row["block"]] if row["block"] != "all" else _whole(blocks)
    values = dict(made.values)
    points, partial = values["points"], values["partial_score"]
    score = partial if isinstance(points, Fraction) and values["items_missing"] == 0 and not made.above else None
    limit_row = (
        context.rulebook.line("government_score", standard, county, year, "compulsory")
        if row["block"] == "all"
        else None
    )
    limit = exact(limit_row["value"]) if limit_row is not None else None
    verdict = _verdict(values, score if isinstance(score, Fraction) else None, limit, made.above)
    values |= {
        "score": score,
        "line": limit,
        "verdict": verdict,
        "margin": score - limit if isinstance(score, Fraction) and limit is not None else None,
        "reason": _why_not(verdict, made.above, values["items_missing"]),
    }
    return Recomputed(values, "score" if points is not None else "items_met", "Σ score of the items", made.parts)


def _is_item(item: _Item) -> bool:
    return item.counts and item.rule["part_of"] == ""


def _items(context: Context, county: str, year: int, standard: str) -> list[_Item]:
    codes = [code for code, years in context.reported_codes(county).items() if year in years]
    said: dict[str, list[Row]] = {}
    quarantined = set()
    for code in codes:
        for each in context.evidence.rows("government_work", "county_code = ? and school_year = ?", [code, year]):
            said.setdefault(each["item"], []).append(each)
        found = context.connection.execute(
            """select split_part(row_key, '|', 2) from returns.quarantine
               where form = 'government_work' and school_year = ? and split_part(row_key, '|', 1) = ?""",
            [year, code],
        ).fetchall()
        quarantined |= {item for (item,) in found}
    measures = {
        name: (value, meets)
        for name, value, meets in context.connection.execute(
            "select measure, value, meets from trends.government_measure where county_code = ? and school_year = ?",
            [county, year],
        ).fetchall()
    }
    items = []
    for rule in sorted(context.rulebook.table("government_item"), key=lambda each: int(each["position"])):
        if rule["standard"] != standard:
            continue
        line = context.rulebook.in_force(
            "government_item_line",
            county,
            year,
            str(rule["item"]),
            lambda row, rule=rule: row["item"] == rule["item"],  # type: ignore[misc]
        )
        if line is not None:
            filed = said.get(rule["item"], [])
            usable = filed[0] if len(filed) == 1 and rule["item"] not in quarantined else None
            items.append(_item(rule, line, filed, usable, measures.get(rule["computed_from"])))
    return items


def _item(
    rule: RuleRow, line: RuleRow, filed: Sequence[Row], row: Row | None, measure: tuple[Any, Any] | None
) -> _Item:
    points, limit = exact(line["points"]), exact(line["line"])
    score, value, met = (
        (None, None, None)
        if row is None
        else (row.term("score"), row.term("rate" if rule["unit"] == "share" else "value"), row.term("met"))
    )
    declared = score.number if score is not None else None
    if declared is not None and points is not None and declared > points + _POINTS:
        declared = None
    said = None if met is None or met.number is None else met.number == 1
    stated = value.number if value is not None else None
    measured = None if measure is None or measure[0] is None else Fraction(measure[0])
    meets = None if measure is None else measure[1]
    parts = [each for each in (score, value, met) if each is not None]
    if measure is not None:
        name = f"trends.government_measure:{rule['computed_from']}"
        parts.append(Term(name, measured if measured is not None else meets, note="published_figure"))
    return _Item(
        rule,
        line,
        Term(str(rule["item"]), title=str(rule["zh"]), parts=parts),
        declared,
        stated,
        _against(stated, limit, rule["comparison"], said),
        measured,
        _against(measured, limit, rule["comparison"], meets),
        bool(filed) and all(each["evidence"] is None for each in filed),
    )


def _against(value: Fraction | None, limit: Fraction | None, comparison: str, said: bool | None) -> bool | None:
    if value is None or limit is None:
        return said
    if comparison == "at_least":
        return value >= limit - _ROUNDING
    if comparison == "at_most":
        return value <= limit + _ROUNDING
    return value > limit + _ROUNDING if comparison == "above" else value < limit - _ROUNDING


def _settled(context: Context, items: Sequence[_Item], county: str, year: int) -> list[_Item]:
    """Each item with its score and verdict, by what the rulebook prefers and by its parts."""
    computed_first = context.rulebook.choice("government_work_source", county, year) == "computed"
    parts: dict[str, list[_Item]] = {}
    for each in items:
        if each.rule["part_of"]:
            parts.setdefault(each.rule["part_of"], []).append(each)
    return [_settle(each, parts.get(each.key), computed_first) for each in items]


def _settle(item: _Item, parts: Sequence[_Item] | None, computed_first: bool) -> _Item:
    declared, computed = item.declared_meets, item.computed_meets
    verdict: bool | None
    if parts is not None:
        both = [
            each.declared_meets if not computed_first or each.computed_meets is None else each.computed_meets
            for each in parts
        ]
        of_declared = _all_met([each.declared_meets for each in parts])
        declared = declared if of_declared is None else of_declared
        computed = _all_met([each.computed_meets for each in parts])
        verdict = _all_met(both)
        if verdict is None and all(each is None for each in both):
            verdict = declared
    else:
        verdict = computed if computed_first and computed is not None else declared
    scored = _computed_score(item, computed)
    score = scored if computed_first and scored is not None else item.declared_score
    uses_computed = computed_first and any(each is not None for each in (scored, computed, item.computed_value))
    term = replace(item.term, value=score if score is not None else verdict,
                   included=item.counts, facts=facts_of({"points": item.points, "met": verdict}))  # fmt: skip
    return replace(
        item, term=term, declared_meets=declared, computed_meets=computed, score=score, verdict=verdict,
        computed=uses_computed,
    )  # fmt: skip


def _all_met(verdicts: Sequence[bool | None]) -> bool | None:
    if any(each is False for each in verdicts):
        return False
    return True if all(verdicts) else None


def _computed_score(item: _Item, meets: bool | None) -> Fraction | None:
    points, limit, scoring = item.points, exact(item.line_row["line"]), item.line_row["scoring"]
    if points is None or scoring == "declared":
        return None
    if scoring == "proportional" and limit is not None and limit > 0 and item.computed_value is not None:
        return points * min(Fraction(1), item.computed_value / limit)
    return None if meets is None else points if meets else _ZERO


def _block(context: Context, county: str, year: int, standard: str, name: str, every: Sequence[_Item]) -> _Block:
    rule = context.rulebook.in_force(
        "government_block", county, year, name, lambda row: row["standard"] == standard and row["block"] == name
    )
    points = exact(rule["points"]) if rule is not None else None
    items = [each for each in every if _is_item(each)]
    lacking = [each for each in items if (each.score if standard == _BASIC else each.verdict) is None]
    known = [each.score for each in items if each.score is not None]
    partial = sum(known, _ZERO) if known else None
    declared = [each.declared_score for each in items]
    known_declared = [each for each in declared if each is not None]
    best: Fraction | None = None
    if points is not None:
        if not lacking:
            best = partial
        elif any(each.points is None for each in lacking):
            best = points
        else:
            best = min(points, (partial or _ZERO) + sum((each.points or _ZERO for each in lacking), _ZERO))
    failed = [each for each in items if each.verdict is False]
    values: dict[str, Value] = {
        "items": Fraction(len(items)),
        "items_missing": Fraction(len(lacking)),
        "missing": ",".join(each.key for each in lacking) or None,
        "items_met": Fraction(sum(each.verdict is True for each in items)),
        "items_failed": Fraction(len(failed)),
        "failed": ",".join(each.key for each in failed) or None,
        "items_computed": Fraction(sum(each.computed for each in items)),
        "evidence_missing": Fraction(sum(each.evidence_missing for each in items)),
        "points": points,
        "partial_score": partial,
        "best_possible": best,
        "declared_score": sum(known_declared, _ZERO) if len(known_declared) == len(declared) else None,
    }
    above = partial is not None and points is not None and partial > points + _POINTS
    return _Block(values, above, [each.term for each in every])


def _whole(blocks: Mapping[str, _Block]) -> _Block:
    """All blocks of a standard together."""
    values: dict[str, Value] = {}
    for name in next(iter(blocks.values())).values:
        parts = [each.values[name] for each in blocks.values()]
        words = [each for each in parts if isinstance(each, str)]
        numbers = [each for each in parts if isinstance(each, Fraction)]
        if name in ("missing", "failed"):
            values[name] = ",".join(words) or None
        elif name == "declared_score" and len(numbers) < len(parts):
            values[name] = None
        else:
            values[name] = sum(numbers, _ZERO) if numbers else None
    terms = [
        Term(name, each.values["partial_score"], parts=each.parts, included=True,
             facts=facts_of({"points": each.values["points"]}))
        for name, each in blocks.items()
    ]  # fmt: skip
    return _Block(values, any(each.above for each in blocks.values()), terms)


def _verdict(values: Mapping[str, Value], score: Fraction | None, limit: Fraction | None, above: bool) -> bool | None:
    if values["points"] is None:
        if values["items_failed"]:
            return False
        return True if values["items_missing"] == 0 else None
    if score is not None:
        return score >= limit - _POINTS if limit is not None else None
    best = values["best_possible"]
    if not above and isinstance(best, Fraction) and limit is not None and best < limit - _POINTS:
        return False
    return None


def _why_not(verdict: bool | None, above: bool, missing: Value) -> str | None:
    if verdict is not None:
        return None
    if above:
        return "above_points"
    return "items_missing" if missing else "no_line"
