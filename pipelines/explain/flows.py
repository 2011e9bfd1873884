"""Pupils of a school by grade and what came and went, worked out again from enrolment and movement cells.

Belongs here: the base of every consolidation rate, as ``core/school_flow.sql`` states it, written anew: codes that
carry each other on are one school, a sum with a missing part is missing, codes that ended are accounted for, flows
are shared out by grade. Does not belong here: cohorts and rates (``consolidation``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pipelines.explain.cells import Row
from pipelines.explain.context import Context
from pipelines.explain.terms import Term

_ZERO = Fraction(0)
_GRADES = 6
Number = Fraction | None


@dataclass(frozen=True)
class _Fact:
    """One code in one year: ``grades`` None where they do not make up the pupils."""

    code: str
    county: str
    years: int
    pupils: Number
    grades: tuple[Fraction, ...] | None
    entrants: Number
    graduates: Number
    transferred_in: Number
    transferred_out: Number
    died: Number
    dropouts: Number
    pupils_last_year: Number
    terms: tuple[Term, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Flow:
    """One school in one year. ``shares``: part of the flows that falls to each grade, None where it is not known."""

    code: str
    codes: int
    pupils: Number
    first_year: Number
    final_year: Number
    entrants: Number
    graduates: Number
    transferred_in: Number
    transferred_out: Number
    closed_out: Number
    died: Number
    dropouts: Number
    pupils_last_year: Number
    shares: tuple[Fraction, ...] | None
    terms: tuple[Term, ...] = field(default=(), compare=False)

    @property
    def moved(self) -> Number:
        """All who came or went; missing as soon as one of the flows is."""
        return added([self.transferred_in, self.transferred_out, self.closed_out, self.died])


def added(values: Sequence[Number]) -> Number:
    """The sum; missing where a part is missing."""
    known = [each for each in values if each is not None]
    return sum(known, _ZERO) if values and len(known) == len(values) else None


def county_flows(context: Context, county: str, stage: str) -> dict[int, dict[str, Flow]]:
    """Return the schools of a county by school year, for one stage."""
    key = (county, stage)
    if key not in context.flows:
        with context.rulebook.recording() as used:
            context.flows[key] = _county_flows(context, county, stage), used
    flows: dict[int, dict[str, Flow]]
    flows, used = context.flows[key]
    context.rulebook.note_again(used)
    return flows


def _county_flows(context: Context, county: str, stage: str) -> dict[int, dict[str, Flow]]:
    chains = dict(
        context.connection.execute("select school_code, trend_school_code from core.school_succession").fetchall()
    )
    facts = _facts(context, county, stage, chains)
    shared = set(chains.values())
    life = {code: (min(years), max(years)) for code, years in facts.items()}
    county_last = _last_year(context, county)
    declared = {
        code
        for (code,) in context.connection.execute(
            "select distinct school_code from returns.school_succession"
        ).fetchall()
    }
    flows: dict[int, dict[str, Flow]] = {}
    for code, by_year in facts.items():
        first, last = life[code]
        for year in range(first, min(last + 1, county_last) + 1):
            ended = _ended(by_year, code in shared, year - 1, last, county_last)
            flow = _flow(context, county, code, by_year, year, last, ended, declared)
            flows.setdefault(year, {})[code] = flow
    return flows


def _last_year(context: Context, county: str) -> int:
    """The last year in which any school of the county, of either stage, has a row."""
    found = context.connection.execute(
        """select max(school_year) from core.school_stage where county_code = ?
           and reason not in ('stage_not_provided', 'senior_only')""",
        [county],
    ).fetchone()
    return int(found[0]) if found is not None and found[0] is not None else 0


def _facts(context: Context, county: str, stage: str, chains: Mapping[str, str]) -> dict[str, dict[int, list[_Fact]]]:
    """The codes of the county's schools by school and year; a school is of the county of its latest row."""
    places = context.connection.execute(
        """select school_year, county_code, school_code, trend_school_code from core.school_stage
           where stage = $2 and trend_school_code in
               (select trend_school_code from core.school_stage where county_code = $1 and stage = $2)
           order by 1, 2, 3""",
        [county, stage],
    ).fetchall()
    facts: dict[str, dict[int, list[_Fact]]] = {}
    latest: dict[str, tuple[bool, int, str]] = {}
    by_place: dict[tuple[int, str], list[str]] = {}
    for year, place, code, _ in places:
        by_place.setdefault((year, place), []).append(code)
    for (year, place), codes in by_place.items():
        movement = _by_school(context, "movement", year, codes, stage)
        enrolment = _by_school(context, "enrolment", year, codes, stage)
        for school in context.county_year(place, year).of_stage(stage):
            if school.code not in codes:
                continue
            own = enrolment.get(school.code)
            pupils = own.term("pupils").number if own is not None else None
            if school.reason in ("stage_not_provided", "senior_only") and not pupils:
                continue
            trend = chains.get(school.code, school.code)
            fact = _fact(context, place, year, stage, school.code, own, movement.get(school.code))
            facts.setdefault(trend, {}).setdefault(year, []).append(fact)
            rank = (place != "000000", year, place)
            latest[trend] = max(latest.get(trend, rank), rank)
    return {code: years for code, years in facts.items() if latest[code][2] == county}


def _by_school(context: Context, form: str, year: int, codes: Sequence[str], stage: str) -> dict[str, Row]:
    rows = context.evidence.of_schools(form, year, codes)
    return {row["school_code"]: row for row in rows if row["stage"] == stage}


def _fact(
    context: Context, county: str, year: int, stage: str, code: str, enrolment: Row | None, movement: Row | None
) -> _Fact:
    book = context.rulebook
    primary = int(book.number("primary_years", county, year) or 0)
    years = primary if stage == "primary" else int(book.number("junior_years", county, year) or 0)

    def said(row: Row | None, name: str) -> Number:
        return None if row is None else row.term(name).number

    first = 1 if stage == "primary" else primary + 1
    last = (5 if primary == 5 else 6) if stage == "primary" else 9
    grades = [said(enrolment, f"grade_{n}") or _ZERO for n in range(first, last + 1)][:_GRADES]
    grades += [_ZERO] * (_GRADES - len(grades))
    pupils = said(enrolment, "pupils")
    leavers = [said(movement, "withdrew"), said(movement, "other_decrease")]
    if book.choice("dropouts", county, year) == "all_leavers":
        leavers.append(said(movement, "suspended"))
    entrants = said(enrolment, "entrants")
    names = ("pupils", "entrants", *(f"grade_{n}" for n in range(first, last + 1)))
    moves = ("graduates", "transferred_in", "transferred_out", "died", "pupils_last_year", "withdrew", "suspended",
             "other_decrease", *(["entrants"] if entrants is None else []))  # fmt: skip
    return _Fact(
        code, county, years, pupils, tuple(grades) if pupils is not None and pupils == sum(grades) else None,
        entrants if entrants is not None else said(movement, "entrants"),
        said(movement, "graduates"), said(movement, "transferred_in"), said(movement, "transferred_out"),
        said(movement, "died"), added(leavers), said(movement, "pupils_last_year"),
        (*(() if enrolment is None else (enrolment.term(name) for name in names)),
         *(() if movement is None else (movement.term(name) for name in moves))),
    )  # fmt: skip


@dataclass(frozen=True)
class _Ended:
    codes: int
    names: tuple[str, ...]
    below_final: Number
    in_final: Number


def _ended(by_year: Mapping[int, list[_Fact]], shared: bool, year: int, last: int, county_last: int) -> _Ended | None:
    """The codes whose last year this was, though their county went on."""
    if year not in by_year or year >= county_last:
        return None
    gone = [
        fact
        for fact in by_year[year]
        if (year == last if not shared else not any(_has(by_year[each], fact.code) for each in by_year if each > year))
    ]
    if not gone:
        return None
    known = all(fact.grades is not None for fact in gone)
    final = sum((fact.grades[fact.years - 1] for fact in gone if fact.grades is not None), _ZERO)
    pupils = sum((fact.pupils or _ZERO for fact in gone), _ZERO)
    return _Ended(
        len(gone), tuple(fact.code for fact in gone), pupils - final if known else None, final if known else None
    )


def _has(facts: Sequence[_Fact], code: str) -> bool:
    return any(fact.code == code for fact in facts)


@dataclass(frozen=True)
class _Year:
    """All codes of a school in one year together."""

    years: int
    pupils: Number
    grades: tuple[Fraction, ...] | None
    entrants: Number
    graduates: Number
    transferred_in: Number
    transferred_out: Number
    died: Number
    dropouts: Number
    pupils_last_year: Number


def _together(facts: Sequence[_Fact]) -> _Year:
    known = [fact.grades for fact in facts if fact.grades is not None]
    grades = tuple(sum(each, _ZERO) for each in zip(*known, strict=True)) if len(known) == len(facts) else None
    names = ("pupils", "entrants", "graduates", "transferred_in", "transferred_out", "died", "dropouts",
             "pupils_last_year")  # fmt: skip
    sums = {name: added([getattr(fact, name) for fact in facts]) for name in names}
    return _Year(years=max(fact.years for fact in facts), grades=grades, **sums)


def _flow(
    context: Context,
    county: str,
    code: str,
    by_year: Mapping[int, list[_Fact]],
    year: int,
    last: int,
    ended: _Ended | None,
    declared: set[str],
) -> Flow:
    now = _together(by_year[year]) if year in by_year else None
    before = _together(by_year[year - 1]) if year - 1 in by_year else None
    years = now.years if now is not None else max(fact.years for facts in by_year.values() for fact in facts)
    nobody = _ZERO if year > last and ended is not None and set(ended.names) <= declared else None
    carried = (
        now is not None and before is not None and now.pupils_last_year is not None and before.pupils is not None
        and now.pupils_last_year >= before.pupils
    )  # fmt: skip

    def of(name: str) -> Number:
        value: Number = getattr(now, name) if now is not None else None
        return value if value is not None else nobody

    grades = now.grades if now is not None else None
    graduates, extra = of("graduates"), _ZERO
    closed: Number = _ZERO
    if now is None and nobody is None:
        closed = None
    elif ended is not None and not carried:
        closed = ended.below_final
    if ended is not None and not carried and ended.in_final != 0:
        assumed = context.rulebook.choice("closed_school_graduates", county, year) == "final_year_pupils"
        if assumed and ended.in_final is not None:
            extra = ended.in_final
        else:
            graduates = None
    terms = tuple(term for fact in by_year.get(year, ()) for term in fact.terms)
    return Flow(
        code=code,
        codes=len(by_year.get(year, ())),
        pupils=of("pupils"),
        first_year=grades[0] if grades is not None else nobody,
        final_year=grades[years - 1] if grades is not None else nobody,
        entrants=of("entrants"),
        graduates=None if graduates is None else graduates + extra,
        transferred_in=of("transferred_in"),
        transferred_out=of("transferred_out"),
        closed_out=closed,
        died=of("died"),
        dropouts=now.dropouts if now is not None else None,
        pupils_last_year=now.pupils_last_year if now is not None else None,
        shares=_shares(before, grades, years),
        terms=terms,
    )


def _shares(before: _Year | None, grades: tuple[Fraction, ...] | None, years: int) -> tuple[Fraction, ...] | None:
    """By pupils below the final grade when the year began, else above the first when it ended, else the final grade."""
    begun: list[Fraction] | None
    if before is None:
        begun = [_ZERO] * 5
    elif before.grades is None:
        begun = None
    else:
        begun = [*before.grades[:2], *(before.grades[n] if before.years > n + 1 else _ZERO for n in (2, 3, 4))]
    whole = None if begun is None else sum(begun, _ZERO)
    if begun is not None and whole:
        return (*(each / whole for each in begun), _ZERO)
    above = None if grades is None else sum(grades[1:], _ZERO)
    if grades is not None and above:
        return (*(each / above for each in grades[1:]), _ZERO)
    if whole == 0:
        return tuple(Fraction(1) if n == years else _ZERO for n in range(1, _GRADES + 1))
    return None
