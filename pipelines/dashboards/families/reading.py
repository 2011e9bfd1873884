"""What the families read of a release: for one county, the rows of every table they show.

Belongs here: which tables, which rows of them, in which order; words for the codes in them. Does not belong here: any
formula of the field, pictures.

A table that a release lacks is absent from what is read; a family then says so. Nothing is read twice: one query a
table and county.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts


@dataclass(frozen=True)
class Source:
    """A table, the column that names the county, more conditions, and the order of its rows."""

    table: str
    order: str
    county: str = "county_code"
    where: str = ""
    latest_only: str = ""


SOURCES = (
    Source("trends.scorecard_part", "standard, school_year, entry, position, stage"),
    Source("trends.basic_scorecard", "school_year"),
    Source("trends.quality_scorecard", "school_year"),
    Source("trends.early_warning", "standard, measure, stage, indicator"),
    Source("audit.restated_point", "standard, stage, indicator, school_year"),
    Source("trends.three_increases", "fiscal_year, test, stage"),
    Source("trends.funding_verdict", "fiscal_year"),
    Source("trends.two_only_increase", "fiscal_year, test, stage"),
    Source("trends.funding_shares", "share, fiscal_year"),
    Source("trends.consolidation", "stage, school_year", county="region_code", where="level = 'county'"),
    Source("trends.teacher_exchange", "stage, school_year"),
    Source("trends.exchange_agreement", "stage, school_year"),
    Source("trends.exchange_flow", "persons desc, from_school_code, to_school_code", latest_only="school_year"),
    Source("trends.class_size", "stage, school_year"),
    Source("trends.school_size", "kind, school_year"),
    Source("trends.special_rooms", "school_year"),
    Source("trends.school_conditions", "school_code", latest_only="school_year"),
    Source("trends.county_standard", "stage, school_year"),
    Source("trends.county_standard_indicator", "stage, school_year, indicator", latest_only="school_year"),
    Source("trends.school_standard", "stage, school_code", latest_only="school_year"),
    Source("trends.government_score", "standard, school_year, position"),
    Source("trends.government_work", "standard, block, position", latest_only="school_year"),
    Source("trends.satisfaction", 'standard, school_year, "group"'),
    Source("trends.plan_attainment", "level, target_code, standard, stage, school_year"),
    Source("trends.rectification", "school_year"),
    Source("trends.rectification_problem", "deadline, problem_id", latest_only="school_year"),
)

#: Name under which the layouts of the returns by school year are read.
GENERATIONS = "form_generation"

#: Column of codes → rulebook table and its column of codes.
TERMS = (
    ("test", "funding_test", "test"),
    ("share", "funding_test", "test"),
    ("block", "government_block", "block"),
    ("item", "government_item", "item"),
    ("group", "satisfaction_group", "group"),
    ("standard", "standard", "standard"),
    ("school_indicator", "school_standard", "indicator"),
    ("indicator", "indicator", "indicator"),
)


def read(extracts: Extracts, county_code: str) -> dict[str, Extract]:
    """Rows of one county by table name (without schema). ``latest_only``: those of the county's latest year of it."""
    found: dict[str, Extract] = {}
    for source in SOURCES:
        if not extracts.has(source.table, source.county):
            continue
        condition = " and ".join(filter(None, (f"{source.county} = ?", source.where)))
        values = [county_code]
        if source.latest_only:
            year = source.latest_only
            condition += f" and {year} = (select max({year}) from {source.table} where {condition})"
            values *= 2
        name = source.table.partition(".")[2]
        sql = f"select * from {source.table} where {condition} order by {source.order}"
        found[name] = extracts.query(name, sql, values, of=source.table)
    generations = _generations(extracts, county_code)
    if generations is not None:
        found[GENERATIONS] = generations
    return found


def _generations(extracts: Extracts, county_code: str) -> Extract | None:
    """The layout of a county's returns by school year, where the release says from which cells they were read."""
    if not (
        extracts.has("returns.enrolment", "county_code", "school_year", "submission_id")
        and extracts.has("audit.source_column", "submission_id", "form", "layout")
    ):
        return None
    return extracts.query(
        GENERATIONS,
        "select r.school_year, min(s.layout) as layout from audit.source_column s join (select distinct school_year,"
        " submission_id from returns.enrolment where county_code = ?) r using (submission_id)"
        " where s.form = 'enrolment' group by r.school_year order by r.school_year",
        [county_code],
        of="audit.source_column",
    )


def terms(extracts: Extracts) -> Terms:
    """Words for codes by column and language, as the rulebook of the release has them."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for key, table, column in TERMS:
        if extracts.has(f"rulebook.{table}", column, "zh", "en"):
            rows = extracts.rows(f'select "{column}", zh, en from rulebook.{table} order by all')
            found.setdefault(key, {}).update({str(code): {"zh": zh, "en": en} for code, zh, en in rows})
    return found


def names(extracts: Extracts) -> list[str]:
    """Everything a picture of a family may have to draw besides labels (for the fonts)."""
    found = {word for group in terms(extracts).values() for words in group.values() for word in words.values() if word}
    for table, *columns in (
        ("trends.exchange_flow", "from_school_name", "to_school_name"),
        ("trends.school_conditions", "school_name"),
        ("trends.plan_attainment", "target_name"),
    ):
        for column in columns:
            if extracts.has(table, column):
                found.update(str(name) for (name,) in extracts.rows(f"select distinct {column} from {table}") if name)
    return sorted(found)
