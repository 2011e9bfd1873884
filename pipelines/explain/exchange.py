"""Exchange of teachers and principals in a county, worked out again from its lists, declarations and rosters.

Belongs here: ``trends.teacher_exchange`` and ``trends.exchange_flow`` (domain §5): the four denominators, who was
exchanged by list or declaration, rates, verdicts, directions. Does not belong here: single stints, schools and persons
(``stints``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pipelines.explain.balance import ROUNDING
from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.flows import Number, added
from pipelines.explain.inforce import exact
from pipelines.explain.recomputed import Recomputed
from pipelines.explain.stints import (
    COMPULSORY,
    CountyExchange,
    Person,
    Stint,
    county_exchange,
    exempt,
    good_school,
    persons,
)
from pipelines.explain.terms import Term, Value, facts_of

_ZERO, _SLACK = Fraction(0), Fraction(1, 10**9)
_DIRECTIONS = ("urban_to_town", "urban_to_rural", "town_to_rural", "rural_to_town", "rural_to_urban", "town_to_urban")
_STANDARDS = ("quality_2017", "basic_2012")


@dataclass
class _School:
    """A stage of a public school: what it declares. ``good``: in a town or city, or a good school; None: not known."""

    row: Row | None
    expected: bool
    good: bool | None

    @property
    def declares(self) -> bool:
        return self.number("eligible") is not None

    def number(self, name: str) -> Number:
        return None if self.row is None else self.row.term(name).number


@dataclass
class _Side:
    """The exchanged by one source: all, those from towns and good schools, backbone teachers of both, principals."""

    everybody: Number
    good: Number
    backbone: Number
    backbone_good: Number
    principals: Number
    terms: Sequence[Term] = field(default=())


def teacher_exchange(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.teacher_exchange``."""
    county, year, stage = row["county_code"], row["school_year"], row["stage"]
    stages = COMPULSORY if stage == "compulsory" else (stage,)
    exchange = county_exchange(context, county)
    schools = _schools(context, exchange, year, stages)
    known = _is_known(context, county, year, stages)
    stints = [each for each in exchange.stints() if each.stage in stages]
    counted = [each for each in stints if each.year == year and each.counted]
    unreadable = any(each.year == year and each.reason == "start_missing" for each in stints)
    quarantined = _quarantined(context, exchange, year)
    roster = _roster(context, exchange, year, stages)
    listed = bool(exchange.rows("exchange", year))
    declared = _declared(schools, known)
    by_list = _listed(exchange, counted, year, listed or _nobody(declared, quarantined), listed)
    book = context.rulebook
    denominator = book.choice("exchange_denominator", county, year)
    source = book.choice("exchange_source", county, year)
    side = declared if source == "declared" else by_list
    placed = all(each.good is not None for each in schools if each.declares)
    declaring = [each for each in schools if each.declares]
    eligible: dict[str, Number] = {
        "whole_county": _sum(schools, "eligible"),
        "town_and_good": (_sum([s for s in schools if s.good], "eligible") or _ZERO) if declaring and placed else None,
        "should_exchange": _whole(schools, declaring, "should_exchange"),
        "roster": _eligible_by_roster(roster),
    }
    chosen = eligible[denominator if denominator in eligible else "whole_county"]
    exchanged, backbone = (
        (side.good, side.backbone_good) if denominator == "town_and_good" else (side.everybody, side.backbone)
    )
    missing = sum(each.expected and not each.declares for each in schools)
    rate, share = _over(exchanged, chosen), _over(backbone, exchanged)
    rate_line, backbone_line = _line(context, "exchange_rate", county, year), _line(
        context, "exchange_backbone_share", county, year
    )  # fmt: skip
    minimum = book.number("minimum_coverage", county, year, "quality_2017") or _ZERO
    covered = len(declaring) + _SLACK >= minimum * (len(declaring) + missing)
    by_roster, from_list = denominator == "roster", source == "list"
    withheld = _first(
        (county == "000000", "county_unknown"),
        (not declaring and (not by_roster or chosen is None), "nobody_eligible_known"),
        (not by_roster and not covered, "missing_values"),
        (from_list and by_list.everybody is None, "no_list"),
        (from_list and quarantined > 0, "list_incomplete"),
        ((from_list and unreadable) or chosen is None or exchanged is None, "missing_values"),
        (chosen == 0, "nobody_eligible"),
        (rate_line is None, "no_line"),
    )
    rate_meets = _reaches(rate, rate_line) if withheld is None else None
    backbone_meets = _reaches(share, backbone_line) if withheld is None else None
    verdict = rate_meets if not rate_meets or backbone_line is None else backbone_meets
    reason = withheld
    if withheld is None and stage != "compulsory":
        reason = "whole_county_only"
    elif withheld is None and rate_meets and backbone_line is not None and backbone_meets is None:
        reason = "backbone_missing"
    early = {
        (each.person, each.from_code, each.to_code, each.start, each.stage)
        for each in stints
        if each.ended_year == year and each.ended_early and (each.counted or each.reason == "begun_earlier")
    }
    values: dict[str, Value] = {
        "schools": Fraction(len(declaring)),
        "schools_missing": Fraction(missing),
        "permanent_staff": _whole(declaring, declaring, "permanent_staff"),
        "long_enough": _whole(declaring, declaring, "long_enough"),
        "exempt": _exempt(declaring),
        "denominator": denominator,
        "source": source,
        "eligible": chosen,
        "exchanged": exchanged,
        "rate": rate,
        "threshold": rate_line,
        "margin": _less(rate, rate_line),
        "rate_meets": rate_meets,
        "backbone_exchanged": backbone,
        "backbone_share": share,
        "backbone_threshold": backbone_line,
        "backbone_margin": _less(share, backbone_line),
        "backbone_meets": backbone_meets,
        "verdict": verdict if stage == "compulsory" else None,
        "reason": reason,
        "exchanged_listed": by_list.everybody,
        "exchanged_declared": declared.everybody,
        **{f"eligible_{name}": value for name, value in eligible.items()},
        **{
            f"rate_{name}": _over(side.good if name == "town_and_good" else side.everybody, value)
            for name, value in eligible.items()
        },
        "exchanged_town_and_good": side.good,
        "principals_eligible": _whole(declaring, declaring, "principals_eligible"),
        "principals_exchanged": side.principals,
        "principals_rate": _over(side.principals, _whole(declaring, declaring, "principals_eligible")),
        **_directions(counted, county),
        "early_returns": Fraction(len(early)),
        "quarantined": Fraction(quarantined),
    }
    parts = [
        Term("eligible", chosen, parts=_people(roster) if denominator == "roster" else _declarations(schools)),
        Term("exchanged", exchanged, parts=side.terms if side is by_list else _declarations(schools)),
    ]
    return Recomputed(values, "rate", "exchanged ÷ eligible", parts)


def _first(*reasons: tuple[bool, str]) -> str | None:
    """The first reason that holds."""
    return next((reason for holds, reason in reasons if holds), None)


def _directions(counted: Sequence[Stint], county: str) -> dict[str, Value]:
    """How many went which way."""
    return {
        **{name: _persons(counted, lambda each, name=name: each.direction == name) for name in _DIRECTIONS},  # type: ignore[misc]
        "same_area": _persons(counted, lambda each: each.from_area is not None and each.from_area == each.to_area),
        "direction_unknown": _persons(counted, lambda each: each.direction is None),
        "to_other_county": _persons(counted, lambda each: each.to_county not in (None, county)),
    }


def exchange_flow(context: Context, row: Mapping[str, Any]) -> Recomputed:
    """Recompute a row of ``trends.exchange_flow``."""
    stints = [
        each
        for each in county_exchange(context, row["county_code"]).stints()
        if each.counted
        and (each.year, each.from_code, each.to_code)
        == (row["school_year"], row["from_school_code"], row["to_school_code"])
    ]
    values: dict[str, Value] = {
        "from_area": stints[0].from_area,
        "to_area": stints[0].to_area,
        "to_county_code": stints[0].to_county,
        "direction": stints[0].direction,
        "persons": Fraction(persons(stints)),
        "primary_persons": _persons(stints, lambda each: each.stage == "primary"),
        "junior_persons": _persons(stints, lambda each: each.stage == "junior"),
        "backbone_persons": _persons(stints, lambda each: bool(each.is_backbone)),
        "principals": _persons(stints, lambda each: each.is_principal),
        "ended_early": _persons(stints, lambda each: each.ended_early),
    }
    return Recomputed(values, "persons", "Σ person", _stint_terms(stints))


def _schools(context: Context, exchange: CountyExchange, year: int, stages: Sequence[str]) -> list[_School]:
    """The stages of public schools that declare, or should."""
    rows = {(row["school_code"], row["stage"]): row for row in exchange.declared(year)}
    expected = {
        (each.code, each.stage)
        for each in context.county_year(exchange.county, year).schools
        if each.counted and not exchange.place(each.code, year).private
    }
    found = []
    for code, stage in sorted(rows.keys() | expected):
        place = exchange.place(code, year)
        if stage in stages and not place.private:
            row = rows.get((code, stage))
            found.append(_School(row, (code, stage) in expected, _is_good(row, place.area)))
    return found


def _is_good(row: Row | None, area: str | None) -> bool | None:
    if row is not None and good_school(row):
        return True
    return None if area is None else area in ("urban", "town")


def _is_known(context: Context, county: str, year: int, stages: Sequence[str]) -> bool:
    """Whether the county has any public school at all of which something is known: rows, as the release chose them."""
    found = context.connection.execute(
        "select 1 from core.exchange_school where county_code = ? and school_year = ? and not is_private"
        f" and stage in ({', '.join('?' * len(stages))}) limit 1",
        [county, year, *stages],
    ).fetchone()
    return found is not None


def _declared(schools: Sequence[_School], known: bool) -> _Side:
    """The exchanged as schools declare: missing as soon as one that declares leaves it out."""
    declaring = [each for each in schools if each.declares]
    good = [each for each in schools if each.good]
    placed = known and all(each.good is not None for each in declaring)

    def of_good(name: str) -> Number:
        complete = placed and all(each.number(name) is not None for each in declaring)
        return (_sum(good, name) or _ZERO) if complete else None

    return _Side(
        _whole(schools, declaring, "exchanged"),
        of_good("exchanged"),
        _whole(schools, declaring, "backbone_exchanged"),
        of_good("backbone_exchanged"),
        _whole(schools, declaring, "principals_exchanged"),
    )


def _nobody(declared: _Side, quarantined: int) -> bool:
    """Whether all declare that nobody was exchanged, so that no list is needed."""
    return declared.everybody == 0 and not quarantined


def _listed(exchange: CountyExchange, counted: Sequence[Stint], year: int, known: bool, listed: bool) -> _Side:
    """The exchanged by the list, each person once."""
    good = {(row["school_code"], row["stage"]): good_school(row) for row in exchange.declared(year)}

    def is_good(each: Stint) -> bool | None:
        if good.get((each.current_code, each.stage)):
            return True
        area = exchange.place(each.current_code, year).area
        return None if area is None else area in ("urban", "town")

    of_good = [each for each in counted if is_good(each)]
    placed = all(is_good(each) is not None for each in counted)
    marked = known and all(each.is_backbone is not None for each in counted)
    backbone = [each for each in counted if each.is_backbone]
    number = Fraction(persons(counted)) if listed else _ZERO if known else None
    return _Side(
        number,
        Fraction(persons(of_good)) if known and placed else None,
        Fraction(persons(backbone)) if marked else None,
        Fraction(persons([each for each in backbone if is_good(each)])) if marked else None,
        _persons(counted, lambda each: each.is_principal) if known else None,
        _stint_terms(counted),
    )


def _quarantined(context: Context, exchange: CountyExchange, year: int) -> int:
    """Rows of the list in quarantine: of the submissions whose rows make the list, or of all where there is none."""
    rows = 0
    for code in (each for each, years in exchange.codes.items() if year in years):
        made = {row["submission_id"] for row in exchange.rows("exchange", year)
                if (row["county_code"] or "000000") == code}  # fmt: skip
        for submission, count in context.connection.execute(
            """select submission_id, count(*) from returns.quarantine where form = 'exchange' and school_year = ?
               and case when regexp_matches(county_code, '^[0-9]{6}$') then county_code else '000000' end = ?
               group by 1""",
            [year, code],
        ).fetchall():
            rows += count if submission in made or not made else 0
    return rows


@dataclass
class _Rosters:
    people: Sequence[Person]
    complete: bool


def _roster(context: Context, exchange: CountyExchange, year: int, stages: Sequence[str]) -> _Rosters:
    """The rosters of the year before: who is on them, and whether every school that should be has one."""
    everybody = [each for each in exchange.roster(year - 1) if each.stage in stages]
    people = [
        each for each in everybody if each.next_code is not None and not exchange.place(each.next_code, year).private
    ]
    there = {(each.code, each.stage) for each in everybody}
    lacking = [
        each
        for each in _schools_expected(context, exchange, year - 1)
        if each[1] in stages and each not in there
    ]  # fmt: skip
    held_back = context.connection.execute(
        """select coalesce(sum(roster_quarantined), 0) from core.exchange_county
           where county_code = ? and school_year = ?""",
        [exchange.county, year - 1],
    ).fetchone()
    return _Rosters(people, not lacking and held_back is not None and held_back[0] == 0)


def _schools_expected(context: Context, exchange: CountyExchange, year: int) -> set[tuple[str, str]]:
    """The stages of public schools that count, in a year for which the county reports on exchange."""
    if not any(exchange.rows(form, year) for form in ("exchange", "exchange_eligible", "roster")):
        return set()
    return {
        (each.code, each.stage)
        for each in context.county_year(exchange.county, year).schools
        if each.counted and not exchange.place(each.code, year).private
    }


def _eligible_by_roster(roster: _Rosters) -> Number:
    if not roster.people or not roster.complete or any(each.eligible is None for each in roster.people):
        return None
    return Fraction(sum(bool(each.eligible) for each in roster.people))


def _sum(schools: Sequence[_School], name: str) -> Number:
    """The sum of what is said; missing where nobody says anything."""
    known = [number for each in schools if (number := each.number(name)) is not None]
    return sum(known, _ZERO) if known else None


def _whole(schools: Sequence[_School], declaring: Sequence[_School], name: str) -> Number:
    """The sum; missing as soon as a school that declares leaves it out."""
    return _sum(schools, name) if all(each.number(name) is not None for each in declaring) else None


def _exempt(declaring: Sequence[_School]) -> Number:
    return added([added([term.number for term in exempt(each.row)]) for each in declaring if each.row is not None])


def _line(context: Context, measure: str, county: str, year: int) -> Fraction | None:
    """The line for the county as a whole, that of quality balance before that of basic balance."""
    for standard in _STANDARDS:
        row = context.rulebook.line(measure, standard, county, year, "compulsory")
        if row is not None:
            return exact(row["value"])
    return None


def _persons(stints: Sequence[Stint], condition: Callable[[Stint], bool]) -> Fraction:
    return Fraction(persons([each for each in stints if condition(each)]))


def _over(above: Number, below: Number) -> Number:
    return above / below if above is not None and below else None


def _less(value: Number, line: Number) -> Number:
    return value - line if value is not None and line is not None else None


def _reaches(value: Number, line: Number) -> bool | None:
    return value >= line - ROUNDING if value is not None and line is not None else None


def _stint_terms(stints: Sequence[Stint]) -> list[Term]:
    return [
        Term(f"{each.from_code} → {each.to_code}", parts=each.terms, included=each.counted, reason=each.reason)
        for each in stints
    ]


def _declarations(schools: Sequence[_School]) -> list[Term]:
    names = ("eligible", "should_exchange", "exchanged", "backbone_exchanged", "permanent_staff", "long_enough",
             "principals_eligible", "principals_exchanged")  # fmt: skip
    return [
        Term(
            str(each.row["school_code"]), title=str(each.row["stage"]), included=each.declares,
            parts=[*(each.row.term(name) for name in names), *exempt(each.row)],
            facts=facts_of({name: each.number(name) for name in ("eligible", "exchanged")}),
        )
        for each in schools
        if each.row is not None
    ]  # fmt: skip


def _people(roster: _Rosters) -> list[Term]:
    return [Term(each.code, parts=each.terms, included=each.eligible) for each in roster.people]
