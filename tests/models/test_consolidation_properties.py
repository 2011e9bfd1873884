"""Consolidation of made-up counties against an independent computation with exact fractions, school by school.

The other implementation knows nothing of the SQL: it follows every cohort of every school through dictionaries, shares out
transfers as the header of ``core/school_flow.sql`` says, leaves out schools that lack something, and adds up.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.models.helpers import COUNTY, Rows, code, rulebook_with, run_models, together
from tests.models.test_consolidation import filed

FIRST, LAST = 2014, 2020
N = 3
FORMULAS = "abcd"
Year = dict[str, Any]
School = dict[int, Year]

_count = st.integers(0, 120)
_flow = st.one_of(st.integers(0, 30), st.just(0))
_maybe = st.sampled_from([True] * 11 + [False])


@st.composite
def _school(draw: st.DrawFn) -> School:
    """A school's years: grades, flows, and now and then a blank."""
    begins = draw(st.sampled_from([FIRST, FIRST, FIRST, FIRST + 2]))
    years: School = {}
    for year in range(begins, LAST + 1):
        grades = draw(st.lists(_count, min_size=N, max_size=N))
        row: Year = {"grades": grades, "entrants": grades[0]}
        for flow in ("transferred_in", "transferred_out", "died", "graduates"):
            row[flow] = draw(_flow if flow != "graduates" else _count)
        if not draw(_maybe):
            row[draw(st.sampled_from(["transferred_in", "graduates", "died", "entrants"]))] = None
        years[year] = row
    return years


def _rows(schools: list[School]) -> Rows:
    parts = []
    for number, years in enumerate(schools, start=1):
        for year, row in years.items():
            flows = {name: row[name] for name in ("transferred_in", "transferred_out", "died", "graduates")}
            parts.append(filed(code(number, 31), year, row["grades"], entrants=row["entrants"], **flows))
    return together(*parts)


def _parts(years: School, year: int) -> list[Fraction]:
    """The share of the flows told in ``year`` of those who began the year before in grades 1 to N."""
    now = years[year]["grades"]
    before = years[year - 1]["grades"][: N - 1] if year - 1 in years else [0] * (N - 1)
    for basis in (before, now[1:]):
        if sum(basis):
            return [Fraction(each, sum(basis)) for each in basis] + [Fraction(0)]
    return [Fraction(0)] * (N - 1) + [Fraction(1)]


def _cohort(years: School, year: int, formula: str) -> dict[str, Fraction | int | None] | None:
    """Components of the cohort that graduates in the return of ``year``; ``None``: the school lacks a needed one."""
    out: dict[str, Any] = dict.fromkeys(
        ("entrants", "first", "final", "graduates", "in", "out", "died", "final_change"), Fraction(0)
    )

    def of(when: int, name: str) -> Any:
        return years[when][name] if when in years else 0

    out["entrants"] = of(year - N, "entrants")
    out["first"] = years[year - N]["grades"][0] if year - N in years else 0
    out["final"] = years[year - 1]["grades"][N - 1] if year - 1 in years else 0
    out["graduates"] = of(year, "graduates")
    for step in range(1, N + 1):
        when = year - N + step
        if when not in years:
            continue
        row = years[when]
        if None in (row["transferred_in"], row["transferred_out"], row["died"]):
            out["in"] = out["out"] = out["died"] = None
            break
        part = _parts(years, when)[step - 1]
        out["in"] += part * row["transferred_in"]
        out["out"] += part * row["transferred_out"]
        out["died"] += part * row["died"]
        if step == N:
            out["final_change"] = part * (row["transferred_in"] - row["transferred_out"] - row["died"])
    needed = {
        "a": ("entrants", "graduates", "in"), "b": ("entrants", "final", "in"), "c": ("first", "graduates", "in"),
        "d": ("entrants", "graduates"),
    }[formula]  # fmt: skip
    return None if any(out[name] is None for name in needed) else out


def _rates(schools: list[School], year: int, formula: str) -> tuple[int, dict[str, Fraction | None]]:
    """Schools left out, and the four rates of the county over the others."""
    cohorts = [_cohort(years, year, formula) for years in schools]
    present = [each for each in cohorts if each is not None]
    total: dict[str, Any] = {}
    for name in ("entrants", "first", "final", "graduates", "in", "out", "died", "final_change"):
        values = [each[name] for each in present]
        known = "in" if name in ("out", "died", "final_change") else name
        total[name] = None if any(each[known] is None for each in present) else sum(values, Fraction(0))

    def divided(top: Any, bottom: Any) -> Fraction | None:
        return Fraction(top) / bottom if bottom > 0 else None

    rates: dict[str, Fraction | None] = dict.fromkeys(FORMULAS)
    t = total
    if present:
        if None not in (t["entrants"], t["in"], t["graduates"]):
            rates["a"] = divided(t["graduates"], t["entrants"] + t["in"] - t["out"])
        if None not in (t["entrants"], t["in"]):
            bottom = t["entrants"] + t["in"] - t["out"] - t["died"] - t["final_change"]
            rates["b"] = divided(t["final"], bottom)
        if None not in (t["in"], t["graduates"]):
            rates["c"] = divided(t["graduates"] - t["in"] + t["out"], t["first"] - t["died"])
        if None not in (t["entrants"], t["graduates"]):
            rates["d"] = divided(t["graduates"], t["entrants"])
    return len(schools) - len(present), rates


def _some_school_has(schools: list[School], year: int) -> bool:
    """Whether in every year of the cohort at least one school has each component (else the county as a whole lacks it)."""
    for when in range(year - N, year + 1):
        rows = [years[when] for years in schools if when in years]
        for name in ("entrants", "graduates", "transferred_in", "transferred_out", "died"):
            if not any(row[name] is not None for row in rows):
                return False
        if not any(None not in (row["transferred_in"], row["transferred_out"], row["died"]) for row in rows):
            return False
    return True


def _still(grades: list[int], **fields: int | None) -> dict[str, Any]:
    """A year of a school in which nobody comes or goes, but for ``fields``."""
    return {
        "grades": grades,
        **dict.fromkeys(("entrants", "transferred_in", "transferred_out", "died", "graduates"), 0),
        **fields,
    }


#: Nobody is left in the cohort of 2020 once those who came in its last year are taken away: by shares of a third and the like.
CANCELLED: list[School] = [
    {
        **{year: _still([0, 0, 0]) for year in range(2014, 2021)},
        2017: _still([1, 20, 0], entrants=None),
        2018: _still([0, 0, 0], transferred_in=5),
    },
    {
        **{year: _still([0, 0, 0]) for year in range(2014, 2021)},
        2017: _still([60, 25, 0], entrants=60),
        2018: _still([0, 1, 0], transferred_in=5),
        2019: _still([0, 0, 0], transferred_in=1),
        2020: _still([0, 0, 0], transferred_in=None),
    },
]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@example(schools=CANCELLED, formula="a")
@given(schools=st.lists(_school(), min_size=1, max_size=4), formula=st.sampled_from(FORMULAS))
def test_every_rate_of_every_year_is_the_exact_one(
    tmp_path_factory: pytest.TempPathFactory, schools: list[School], formula: str
) -> None:
    folder = tmp_path_factory.mktemp("property")
    rulebook = rulebook_with(folder / "rulebook", {"choice": [f"consolidation_formula,,{formula},{COUNTY},1980,,d,s"]})
    tables = ("trends.consolidation", "trends.school_consolidation")
    results = run_models(folder / "run", _rows(schools), rulebook=rulebook, only=tables)
    begun = min(year for years in schools for year in years)
    for year in range(begun + N, LAST + 1):
        if not _some_school_has(schools, year):
            continue
        row = results.row("trends.consolidation", level="county", school_year=year, stage="junior")
        missing, rates = _rates(schools, year, formula)
        assert row["schools_missing"] == missing
        for each in FORMULAS:
            _same(row[f"rate_{each}_raw"], rates[each])
            capped = rates[each] if rates[each] is None else min(rates[each], Fraction(1))  # type: ignore[type-var]
            _same(row[f"rate_{each}_capped"], capped)
        _same(row["rate_raw"], rates[formula])
        if row["reason"] is None:
            assert missing == 0
            assert row["meets"] is (row["rate"] >= row["threshold"] - 1e-12)
        for number, years in enumerate(schools, start=1):
            if year - N not in years:
                continue
            school = results.row("trends.school_consolidation", trend_school_code=code(number, 31), school_year=year)
            _, own = _rates([years], year, formula)
            _same(school["rate_raw"], own[formula])
            assert (school["reason"] is None) == (school["rate_raw"] is not None)


def _same(found: float | None, exact: Fraction | None) -> None:
    if exact is None:
        assert found is None
    else:
        assert found == pytest.approx(float(exact), rel=1e-9, abs=1e-12)
