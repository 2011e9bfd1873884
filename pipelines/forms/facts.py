"""What stands on the forms of one county and school year, read out of a release.

Belongs here: the queries and the shapes of the forms. Does not belong here: layout (``workbook.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.dashboards.books.words import terms
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts

STANDARDS = ("basic_2012", "quality_2017")


@dataclass(frozen=True)
class BalanceIndicator:
    """One indicator of form Ⅲ: its words, the units per which it is told, its figures over the schools, its line."""

    key: str
    title: Mapping[str, str]
    unit: Mapping[str, str]
    per: float
    mean: float | None
    deviation: float | None
    coefficient: float | None
    line: float | None
    meets: bool | None
    reason: str | None


@dataclass(frozen=True)
class BalanceForm:
    """Form Ⅲ of one standard and stage. ``schools``: name, code, pupils P, then x of each indicator, in their order."""

    standard: str
    stage: str
    indicators: tuple[BalanceIndicator, ...]
    schools: tuple[tuple[Any, ...], ...]
    composite: float | None
    line: float | None
    verdict: bool | None
    reason: str | None


@dataclass(frozen=True)
class FormsBook:
    """All forms of a county and school year; ``sheets`` by form (1, 2, 4, 5)."""

    county_code: str
    county_name: str
    school_year: int
    sheets: Mapping[int, tuple[Extract, ...]]
    balance: tuple[BalanceForm, ...]
    terms: Terms


def forms_book(extracts: Extracts, county_code: str, school_year: int) -> FormsBook:
    """Read the forms. Raises ``KeyError`` where the release has no figures of this county and year."""
    named = extracts.rows(
        "select any_value(county_name) from trends.composite_coefficient where county_code = ? and school_year = ?"
        " having count(*) > 0",
        [county_code, school_year],
    )
    if not named:
        raise KeyError(f"the release has no figures of county {county_code} for {school_year}")
    place = [county_code, school_year]
    return FormsBook(
        county_code=county_code,
        county_name=str(named[0][0] or county_code),
        school_year=school_year,
        sheets={
            1: _basic_facts(extracts, place),
            2: _school_standard(extracts, place),
            4: _government(extracts, place),
            5: _funding(extracts, place),
        },
        balance=tuple(_balance(extracts, place)),
        terms=terms(extracts),
    )


def _basic_facts(extracts: Extracts, place: list[Any]) -> tuple[Extract, ...]:
    resources = [each for each in extracts.columns("core.school_stage") if each in RESOURCES]
    totals = ", ".join(f'sum("{each}") as "{each}"' for each in resources)
    return (
        extracts.query(
            "facts",
            "select stage, school_type, counted, count(*) as schools, sum(pupils) as pupils,"
            f" {totals} from core.school_stage where county_code = ? and school_year = ?"
            " group by all order by stage desc, school_type, counted desc",
            place, of="core.school_stage", labels={"schools": "field.schools"}, kinds={"counted": "text"},
        ),
    )  # fmt: skip


#: What a school has, in the order of the form; those a release lacks are left out.
RESOURCES = (
    "classes", "teachers", "higher_degree_teachers", "mid_title_teachers", "backbone_teachers", "arts_sports_teachers",
    "site_area", "teaching_area_basic", "sports_area", "equipment_value", "computers", "books", "multimedia_rooms",
    "music_rooms", "art_rooms",
)  # fmt: skip


def _school_standard(extracts: Extracts, place: list[Any]) -> tuple[Extract, ...]:
    found = []
    if extracts.has("trends.school_standard"):
        found.append(
            extracts.query(
                "school-standard",
                "select school_name, school_code, stage, school_standard, pupils, indicators, indicators_met,"
                " indicators_below, indicators_missing, attains, reason from trends.school_standard"
                " where county_code = ? and school_year = ? order by stage desc, school_code",
                place, of="trends.school_standard", kinds={"indicators_below": "text", "attains": "verdict"},
            )
        )  # fmt: skip
    if extracts.has("trends.county_standard_indicator"):
        found.append(
            extracts.query(
                "standard-indicators",
                "select stage, indicator, line, schools, schools_meeting, schools_below, schools_missing, share"
                " from trends.county_standard_indicator where county_code = ? and school_year = ?"
                " order by stage desc, indicator",
                place, of="trends.county_standard_indicator",
            )
        )  # fmt: skip
    return tuple(found)


def _government(extracts: Extracts, place: list[Any]) -> tuple[Extract, ...]:
    found = []
    if extracts.has("trends.government_work"):
        found.append(
            extracts.query(
                "government-items",
                "select standard, block, item, points, line, declared_score, declared_value, computed_value, value,"
                " score, verdict, evidence, note, reason from trends.government_work"
                " where county_code = ? and school_year = ? order by standard, position",
                place, of="trends.government_work", kinds={"note": "text"},
            )
        )  # fmt: skip
    if extracts.has("trends.government_score"):
        found.append(
            extracts.query(
                "government-score",
                "select standard, block, items, items_missing, points, score, line, verdict, reason"
                " from trends.government_score where county_code = ? and school_year = ? order by standard, position",
                place, of="trends.government_score",
            )
        )  # fmt: skip
    return tuple(found)


def _funding(extracts: Extracts, place: list[Any]) -> tuple[Extract, ...]:
    """The fiscal years that a verdict of this school year looks back on (as many as the rulebook's run has)."""
    found = []
    county, year = place
    for name, table in (
        ("three-increases", "trends.three_increases"),
        ("two-only-increase", "trends.two_only_increase"),
    ):
        if extracts.has(table):
            run = "max(run_years)" if extracts.has(table, "run_years") else "max(1)"
            found.append(
                extracts.query(
                    name,
                    "select fiscal_year, stage, test, value_yuan, prior_value_yuan, published_prior_value_yuan,"
                    f" declared_growth, growth_restated, growth_published, margin_points, verdict, reason from {table}"
                    f" where county_code = $1 and fiscal_year <= $2 and fiscal_year > $2 - (select coalesce({run}, 1)"
                    f" from {table} where county_code = $1 and fiscal_year = $2)"
                    " order by fiscal_year desc, test, stage",
                    [county, year], of=table,
                    kinds=dict.fromkeys(("declared_growth", "growth_restated", "growth_published"), "share"),
                )
            )  # fmt: skip
    if extracts.has("trends.funding_shares"):
        found.append(
            extracts.query(
                "funding-shares",
                "select fiscal_year, share, numerator_yuan, denominator_yuan, value, line, meets, reason"
                " from trends.funding_shares where county_code = ? and fiscal_year = ? order by share",
                place, of="trends.funding_shares", kinds={"share": "text", "value": "share", "line": "share"},
            )
        )  # fmt: skip
    return tuple(found)


def _balance(extracts: Extracts, place: list[Any]) -> list[BalanceForm]:
    found = []
    for standard, stage, composite, line, verdict, reason in extracts.rows(
        "select standard, stage, composite, threshold, verdict, reason from trends.composite_coefficient"
        " where county_code = ? and school_year = ? order by standard, stage desc",
        place,
    ):
        rows = extracts.rows(
            """select d.indicator, i.zh, i.en, i.unit_zh, i.unit_en, i.per, i.resource, d.mean, d.standard_deviation,
                      d.coefficient, d.threshold, d.meets, d.reason
               from trends.differential_coefficient d
               join rulebook.indicator i on i.standard = d.standard and i.indicator = d.indicator
               where d.county_code = ? and d.school_year = ? and d.standard = ? and d.stage = ? order by i.position""",
            [*place, standard, stage],
        )
        resources = ", ".join(f'"{row[6]}"' for row in rows)
        schools = extracts.rows(
            f"select school_name, school_code, pupils, {resources} from core.school_stage"
            " where county_code = ? and school_year = ? and stage = ? and counted order by school_code",
            [*place, stage],
        ) if rows else []  # fmt: skip
        indicators = tuple(
            BalanceIndicator(
                str(key), {"zh": zh, "en": en}, {"zh": unit_zh, "en": unit_en}, float(per), mean, deviation, value,
                threshold, meets, why,
            )
            for key, zh, en, unit_zh, unit_en, per, _, mean, deviation, value, threshold, meets, why in rows
        )  # fmt: skip
        found.append(BalanceForm(standard, stage, indicators, tuple(schools), composite, line, verdict, reason))
    return found
