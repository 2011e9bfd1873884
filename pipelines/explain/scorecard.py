"""Scorecards of counties, worked out again from their parts.

Belongs here: ``trends.scorecard_part``, ``basic_scorecard`` and ``quality_scorecard`` (domain §1, §2): what each part
comes to, the verdict of a card, what has held since recognition. Does not belong here: the figures of the parts.

A part whose figure is worked out from cells elsewhere (coefficients, attainment, government work, satisfaction) takes
it from there; the provincial school standard, recognition and what the parts came to in other years are taken as
published, each having a walk of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.explain import balance
from pipelines.explain.balance import ROUNDING
from pipelines.explain.context import Context
from pipelines.explain.flows import Number
from pipelines.explain.government import government_score
from pipelines.explain.inforce import exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.satisfaction import satisfaction
from pipelines.explain.terms import Term, Value, facts_of

_BASIC, _QUALITY = "basic_2012", "quality_2017"
_ZERO, _ONE = Fraction(0), Fraction(1)
Row = Mapping[str, Any]


@dataclass
class _Part:
    """What a part comes to; ``terms`` are what its figure is made of."""

    value: Number = None
    line: Number = None
    margin: Number = None
    verdict: bool | None = None
    failed: Number = None
    undecided: Number = None
    total: Number = None
    fails: str | None = None
    reason: str | None = "not_reported"
    terms: Sequence[Term] = ()


@dataclass(frozen=True)
class _Year:
    """The verdict of a part in a year, and since when the county is recognised in that year."""

    year: int
    verdict: bool | None
    since: int | None

    @property
    def after(self) -> bool:
        return self.since is not None and self.year > self.since


def scorecard_part(context: Context, row: Row) -> Recomputed:
    """Recompute a row of ``trends.scorecard_part``."""
    part, year = _part(context, row), row["school_year"]
    of_part = _published(context, "core.scorecard_part", row, "county_code", "standard", "part", "stage")
    before = [each for each in of_part if each["school_year"] == year - 1]
    previous = exact(before[0]["margin"]) if before else None
    values: dict[str, Value] = {
        "value": part.value,
        "line": part.line,
        "margin": part.margin,
        "relative_margin": part.margin / part.line if part.margin is not None and part.line else None,
        "margin_change": part.margin - previous if part.margin is not None and previous is not None else None,
        "verdict": part.verdict,
        "failed": part.failed,
        "undecided": part.undecided,
        "total": part.total,
        "fails": part.fails,
        "reason": part.reason if part.verdict is None else None,
        **(dict.fromkeys(_STANDING) if row["entry"] else _standing(context, row, row["part"], row["stage"])),
    }
    return Recomputed(values, "margin", "value − line", part.terms)


def basic_scorecard(context: Context, row: Row) -> Recomputed:
    """Recompute a row of ``trends.basic_scorecard``."""
    parts = _parts(context, row, _BASIC)
    groups = {
        "school_standard_verdict": _together(parts, "school_standard"),
        "coefficient_verdict": _together(parts, "composite_coefficient"),
        "government_verdict": _together(parts, "government_score"),
        "satisfaction_verdict": _together(parts, "satisfaction"),
    }
    whole = _all([each.verdict for _, each in parts])
    values: dict[str, Value] = {
        "verdict": whole,
        **_counts(list(groups.values())),
        **groups,
        **_listed(parts, whole is None),
        **_stages(parts, "school_standard", "school_share"),
        **_stages(parts, "composite_coefficient", "composite"),
        "government_score": _value(parts, "government_score"),
        "satisfaction": _value(parts, "satisfaction"),
        **_card_standing(context, row, _BASIC),
    }
    return Recomputed(values, "verdict", " ∧ ".join(groups), _terms(parts))


def quality_scorecard(context: Context, row: Row) -> Recomputed:
    """Recompute a row of ``trends.quality_scorecard``."""
    parts = _parts(context, row, _QUALITY)
    entry = _all([each.verdict for known, each in parts if known["entry"]])
    content = _all([each.verdict for known, each in parts if not known["entry"]])
    attainment, coefficients = _together(parts, "school_attainment"), _together(parts, "indicator_coefficient")
    four = {
        "resources_verdict": _all([attainment, coefficients]),
        "assurance_verdict": _together(parts, "government_assurance"),
        "education_quality_verdict": _together(parts, "education_quality"),
        "satisfaction_verdict": _together(parts, "satisfaction"),
    }
    whole = _all([entry, content])
    values: dict[str, Value] = {
        "verdict": whole,
        "entry_verdict": entry,
        "content_verdict": content,
        **_counts(list(four.values())),
        **four,
        "school_attainment_verdict": attainment,
        "coefficient_verdict": coefficients,
        **_listed(parts, whole is None),
        **_stages(parts, "school_attainment", "school_share"),
        **_stages(parts, "indicator_coefficient", "coefficient"),
        "assurance_met": _value(parts, "government_assurance"),
        "education_quality_met": _value(parts, "education_quality"),
        "satisfaction": _value(parts, "satisfaction"),
        **_card_standing(context, row, _QUALITY),
    }
    return Recomputed(values, "verdict", "entry_verdict ∧ content_verdict", _terms(parts))


def _part(context: Context, row: Row) -> _Part:
    """What a part comes to, worked out once for its own row and for its card."""
    key = (row["county_code"], row["school_year"], row["standard"], row["part"], row["stage"])
    if key not in context.parts:
        with context.rulebook.recording() as used:
            context.parts[key] = _made(context, row), used
    part: _Part
    part, used = context.parts[key]
    context.rulebook.note_again(used)
    return part


def _made(context: Context, row: Row) -> _Part:
    match row["part"]:
        case "school_standard":
            return _school_standard(context, row)
        case "school_attainment":
            return _school_attainment(context, row)
        case "composite_coefficient" | "indicator_coefficient":
            return _coefficient(context, row)
        case "government_score" | "government_assurance" | "education_quality":
            return _government(context, row)
        case "satisfaction":
            return _satisfaction(context, row)
        case "entry_recognition":
            return _entry_recognition(context, row)
        case "entry_coefficient":
            return _entry_coefficient(context, row)
    raise KeyError(f"{row['part']!r} is no part of a scorecard")


def _school_standard(context: Context, row: Row) -> _Part:
    """Of several provincial standards each has to be met; the share is the smallest."""
    keys = ("county_code", "school_year", "stage")
    rows = _published(context, "trends.county_standard", row, *keys)
    if not rows:
        return _Part()
    shares = [share for each in rows if (share := _share(each)) is not None]
    below: dict[str, int] = {}
    for each in _published(context, "trends.county_standard_indicator", row, *keys):
        if each["schools_below"]:
            below[each["indicator"]] = below.get(each["indicator"], 0) + each["schools_below"]
    return _Part(
        min(shares) if shares else None, _ONE, min(shares) - 1 if shares else None,
        _all([each["all_attain"] for each in rows]),
        Fraction(sum(each["schools"] - each["schools_attaining"] for each in rows)),
        Fraction(sum(each["schools_missing"] for each in rows)),
        Fraction(sum(each["schools"] + each["schools_missing"] for each in rows)),
        _ranked(below), max((each["reason"] for each in rows if each["reason"]), default="not_reported"),
    )  # fmt: skip


def _share(row: Row) -> Number:
    return Fraction(row["schools_attaining"], row["schools"]) if row["schools"] else None


def _ranked(counts: Mapping[str, int]) -> str | None:
    """Indicators that schools fall short of, most schools first."""
    return ",".join(sorted(counts, key=lambda name: (-counts[name], name))) or None


def _school_attainment(context: Context, row: Row) -> _Part:
    keys = ("county_code", "school_year", "stage")
    if not _published(context, "trends.county_attainment", row, *keys):
        return _Part()
    year = context.county_year(row["county_code"], row["school_year"])
    made = balance.county_attainment(year, row)
    of = made.values
    share, schools, attaining = _number(of["share"]), _known(of["schools"]), _known(of["schools_attaining"])
    short: dict[str, int] = {}
    for school in _published(context, "trends.school_attainment", row, *keys):
        again = balance.school_attainment(year, school).values
        if again["attains"] is False:
            for name, met in again.items():
                if name.endswith("_met") and met is False:
                    short[name.removesuffix("_met")] = short.get(name.removesuffix("_met"), 0) + 1
    missing = _known(of["schools_missing"])
    return _Part(
        share, _ONE, share - 1 if share is not None else None, _verdict(of["all_attain"]), schools - attaining, missing,
        schools + missing, _ranked(short), _text(of["reason"]), made.parts,
    )  # fmt: skip


def _coefficient(context: Context, row: Row) -> _Part:
    """The composite, or the indicator that lies highest against its line, as the rulebook judges."""
    keys = ("county_code", "school_year", "stage", "standard")
    if not _published(context, "trends.composite_coefficient", row, *keys):
        return _Part()
    year = context.county_year(row["county_code"], row["school_year"])
    made = balance.composite_coefficient(year, row)
    single = {
        each["indicator"]: balance.coefficient(year, row["stage"], row["standard"], each["indicator"]).values
        for each in _published(context, "trends.differential_coefficient", row, *keys)
    }
    pairs = {name: (_number(of["coefficient"]), _number(of["threshold"])) for name, of in single.items()}
    against = {name: value / line for name, (value, line) in pairs.items() if value is not None and line}
    highest = min(pairs, key=lambda name: (name not in against, -against.get(name, _ZERO), name))
    value, line = pairs[highest]
    if made.values["verdict_rule"] == "composite":
        value, line = _number(made.values["composite"]), _number(made.values["threshold"])
    failed = [
        name for name, (own, limit) in pairs.items() if own is not None and limit is not None and own > limit + ROUNDING
    ]
    undecided = sum(None in pair for pair in pairs.values())
    return _Part(
        value, line, line - value if value is not None and line is not None else None, _verdict(made.values["verdict"]),
        Fraction(len(failed)), Fraction(undecided), Fraction(len(pairs)), ",".join(sorted(failed)) or None,
        _text(made.values["reason"]), made.parts,
    )  # fmt: skip


def _government(context: Context, row: Row) -> _Part:
    block = {"government_score": "all", "government_assurance": "assurance"}.get(row["part"], row["part"])
    scores = _published(context, "trends.government_score", row, "county_code", "school_year", "standard")
    rows = [each for each in scores if each["block"] == block]
    if not rows:
        return _Part()
    made = government_score(context, rows[0])
    of: Mapping[str, Any] = {**rows[0], **made.values}
    failed, missing, items = (_known(of[name]) for name in ("items_failed", "items_missing", "items"))
    verdict, reason = _verdict(of["verdict"]), _text(of["reason"])
    if block == "all":
        score, line, best, margin = (_number(of[name]) for name in ("score", "line", "best_possible", "margin"))
        if margin is None and verdict is False and best is not None and line is not None:
            margin = best - line
        return _Part(score, line, margin, verdict, failed, missing, items, _text(of["failed"]), reason, made.parts)
    return _Part(
        _number(of["items_met"]),
        items,
        -failed,
        verdict,
        failed,
        missing,
        items,
        _text(of["failed"]),
        reason,
        made.parts,
    )


def _satisfaction(context: Context, row: Row) -> _Part:
    rows = {each["group"]: each for each in _published(
        context, "trends.satisfaction", row, "county_code", "school_year", "standard"
    )}  # fmt: skip
    if "all" not in rows:
        return _Part()
    made = {group: satisfaction(context, each) for group, each in rows.items()}
    whole = made["all"].values
    line = _number(whole["line"])
    others = {group: _number(each.values["satisfaction"]) for group, each in made.items() if group != "all"}
    failed = [
        group for group, share in others.items() if share is not None and line is not None and share < line - ROUNDING
    ]
    known = bool(others)
    return _Part(
        _number(whole["satisfaction"]), line, _number(whole["margin"]), _verdict(whole["verdict"]),
        Fraction(len(failed)) if known else None,
        Fraction(sum(share is None for share in others.values())) if known else None,
        Fraction(len(others)) if known else None, ",".join(sorted(failed)) or None, _text(whole["reason"]),
        made["all"].parts,
    )  # fmt: skip


def _entry_recognition(context: Context, row: Row) -> _Part:
    county, year = row["county_code"], row["school_year"]
    line = _highest(context, "entry_recognised_years", county, year)
    for each in _recognitions(context, county, _BASIC):
        if each["school_year"] == year:
            years = None
            if each["status"] == "recognised":
                years = Fraction(year - each["recognised_since"])
            elif each["status"] != "unreported":
                years = _ZERO
            meets = years >= line if years is not None and line is not None else None
            reason = "recognition_unreported" if years is None else "no_line" if line is None else "not_reported"
            margin = years - line if years is not None and line is not None else None
            return _Part(years, line, margin, meets, reason=reason)
    return _Part()


def _entry_coefficient(context: Context, row: Row) -> _Part:
    """The highest composite of basic balance of the last years, against the line of the year of applying."""
    county, year, stage = row["county_code"], row["school_year"], row["stage"]
    years = _highest(context, "entry_coefficient_years", county, year)
    line = _highest(context, "entry_coefficient", county, year, stage)
    if years is None:
        return _Part()
    found = {
        each["school_year"]: _number(balance.composite_coefficient(
            context.county_year(county, each["school_year"]), each).values["composite"])
        for each in _published(context, "trends.composite_coefficient", row, "county_code", "stage")
        if each["standard"] == _BASIC and each["meets"] is not None and year - years < each["school_year"] <= year
    }  # fmt: skip
    known = {past: value for past, value in found.items() if value is not None}
    if not known:
        return _Part()
    failed = [past for past, value in known.items() if line is not None and value > line + ROUNDING]
    verdict = False if failed else True if len(known) >= years and line is not None else None
    reason = "no_line" if line is None else "years_missing" if len(known) < years else "not_reported"
    highest = max(known.values())
    return _Part(
        highest, line, line - highest if line is not None else None, verdict, Fraction(len(failed)),
        years - len(known), years, ",".join(str(past) for past in sorted(failed)) or None, reason,
    )  # fmt: skip


def _highest(context: Context, measure: str, county: str, year: int, stage: str | None = None) -> Number:
    """The line of a measure of quality balance, the highest of all stages unless one is given."""
    stages = {each["stage"] for each in context.rulebook.table("threshold") if each["measure"] == measure}
    rows = [
        context.rulebook.line(measure, _QUALITY, county, year, each) for each in sorted(stages) if stage in (None, each)
    ]
    values = [value for row in rows if row is not None and (value := exact(row["value"])) is not None]
    return max(values, default=None)


def _parts(context: Context, row: Row, standard: str) -> list[tuple[Row, _Part]]:
    """The parts of a card in their order; ``relative_margin`` and ``retreat`` are as published."""
    rows = [each for each in _published(context, "trends.scorecard_part", row, "county_code", "school_year")
            if each["standard"] == standard]  # fmt: skip
    return [(each, _part(context, each)) for each in sorted(rows, key=lambda each: int(each["position"]))]


def _name(row: Row) -> str:
    return str(row["part"]) if row["stage"] == "all" else f"{row['part']}/{row['stage']}"


def _together(parts: Sequence[tuple[Row, _Part]], part: str) -> bool | None:
    return _all([each.verdict for row, each in parts if row["part"] == part])


def _all(verdicts: Sequence[bool | None]) -> bool | None:
    """One that fails decides; else one that is open leaves all open."""
    if any(each is False for each in verdicts):
        return False
    return None if any(each is None for each in verdicts) else True


def _counts(verdicts: Sequence[bool | None]) -> dict[str, Value]:
    return {
        f"parts_{name}": Fraction(sum(each is wanted for each in verdicts))
        for name, wanted in (("met", True), ("failed", False), ("open", None))
    }


def _listed(parts: Sequence[tuple[Row, _Part]], undecided: bool) -> dict[str, Value]:
    open_ = [(row, each) for row, each in parts if each.verdict is None]
    weakest = min(
        ((row, each) for row, each in parts if row["relative_margin"] is not None),
        key=lambda pair: (pair[0]["entry"], pair[0]["relative_margin"], pair[0]["position"]),
        default=None,
    )
    margin = None
    if weakest is not None and weakest[1].margin is not None and weakest[1].line:
        margin = weakest[1].margin / weakest[1].line
    return {
        "failed_parts": ",".join(_name(row) for row, each in parts if each.verdict is False) or None,
        "open_parts": ",".join(_name(row) for row, _ in open_) or None,
        "reason": open_[0][1].reason if open_ and undecided else None,
        "weakest_part": None if weakest is None else _name(weakest[0]),
        "weakest_margin": margin,
        "retreat_parts": ",".join(_name(row) for row, _ in parts if row["retreat"]) or None,
    }


def _stages(parts: Sequence[tuple[Row, _Part]], part: str, name: str) -> dict[str, Value]:
    return {f"{name}_{row['stage']}": each.value for row, each in parts if row["part"] == part}


def _value(parts: Sequence[tuple[Row, _Part]], part: str) -> Number:
    return next((each.value for row, each in parts if row["part"] == part), None)


def _terms(parts: Sequence[tuple[Row, _Part]]) -> list[Term]:
    return [
        Term(
            _name(row),
            each.verdict,
            parts=each.terms,
            included=not row["entry"],
            reason=each.reason if each.verdict is None else None,
            facts=facts_of({"value": each.value, "line": each.line}),
        )
        for row, each in parts
    ]


_STANDING = ("failing_since", "recognised_since", "verdict_when_recognised", "standing", "retreat", "retreat_since",
             "retreat_years", "recovered_in")  # fmt: skip


def _card_standing(context: Context, row: Row, standard: str) -> dict[str, Value]:
    """Of a card as a whole, with the document of its recognition."""
    now = next(each for each in _recognitions(context, row["county_code"], standard)
               if each["school_year"] == row["school_year"])  # fmt: skip
    withdrawn = now["withdrawn_in"]
    return {
        **_standing(context, {**row, "standard": standard}, "all", "all"),
        "recognition_document": now["document"],
        "withdrawn_in": None if withdrawn is None else Fraction(withdrawn),
    }


def _standing(context: Context, row: Row, part: str, stage: str) -> dict[str, Value]:
    """What has become of a part since the county was recognised, year after year."""
    county, year, standard = row["county_code"], row["school_year"], row["standard"]
    recognised = {each["school_year"]: each for each in _recognitions(context, county, standard)}
    verdicts: dict[int, list[bool | None]] = {}
    for each in _published(context, "core.scorecard_part", {**row, "standard": standard}, "county_code", "standard"):
        if not each["entry"] and (part == "all" or (each["part"], each["stage"]) == (part, stage)):
            verdicts.setdefault(each["school_year"], []).append(each["verdict"])
    history = [
        _Year(past, _all(known), recognised[past]["recognised_since"])
        for past, known in sorted(verdicts.items())
        if past in recognised
    ]
    now = next(each for each in history if each.year == year)
    so_far = [each for each in history if each.year <= year]
    of_this = [each for each in so_far if each.since == now.since]
    fails = [each.year for each in of_this if each.after and each.verdict is False]
    status = recognised[year]["status"]

    def run_of(past: int, among: Sequence[_Year]) -> int:
        """The first year of the failures that lead to one, without a year between in which the part held."""
        held = max((each.year for each in history if each.verdict and each.year <= past), default=0)
        return min(each.year for each in among if each.verdict is False and held < each.year <= past)

    after_this = [each for each in of_this if each.after]
    begun = max((run_of(past, after_this) for past in fails), default=None)
    retreat = now.after and now.verdict is False
    again = [each.year for each in after_this if each.verdict and fails and each.year > max(fails)]
    standing = status
    if status == "recognised" and now.after:
        standing = "open" if now.verdict is None else "retreat" if retreat else "recovered" if fails else "held"
    when = [each.verdict for each in history if each.since == now.since and each.year == now.since]
    return {
        "failing_since": Fraction(run_of(year, history)) if now.verdict is False else None,
        "recognised_since": None if now.since is None else Fraction(now.since),
        "verdict_when_recognised": when[0] if when else None,
        "standing": standing,
        "retreat": retreat,
        "retreat_since": Fraction(begun) if begun is not None and status == "recognised" else None,
        "retreat_years": Fraction(year - begun + 1) if begun is not None and retreat else None,
        "recovered_in": Fraction(again[0]) if again and now.verdict else None,
    }


def _recognitions(context: Context, county: str, standard: str) -> list[Row]:
    return _published(
        context, "core.recognition", {"county_code": county, "standard": standard}, "county_code", "standard"
    )


def _published(context: Context, table: str, row: Row, *keys: str) -> list[Row]:
    """Rows of a table of the release with these keys."""
    where = " and ".join(f'"{key}" = ?' for key in keys)
    found = context.connection.execute(f"select * from {table} where {where} order by all", [row[key] for key in keys])
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, each, strict=True)) for each in found.fetchall()]


def _number(value: Any) -> Number:
    return value if isinstance(value, Fraction) else None if isinstance(value, (bool, str)) else exact(value)


def _known(value: Any) -> Fraction:
    return _number(value) or _ZERO


def _verdict(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
