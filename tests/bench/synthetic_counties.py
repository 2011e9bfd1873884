"""Synthetic returns of counties, teachers and persons: the forms beside those of schools, for the benchmark of the trends.

Belongs here: plausible figures by one SELECT a form, deterministic by row. Does not belong here: writing them
(``synthetic_returns``), a story that holds together (``pipelines.sample``).
"""

from __future__ import annotations

from models import rules
from models.returns.funding import ITEMS
from pipelines.sample.funding import PER_HEAD, TOTALS

#: One county in so many sends a roster, and questionnaires one by one: they are many times as many rows as all others.
ROSTERS, ANSWERS = 10, 20
_RESPONDENTS, _QUESTIONS = 500, 3

_FUNDED = ", ".join(
    f"('{stage}', '{item}')"
    for stages, items in ((("all",), TOTALS), (("primary", "junior"), PER_HEAD))
    for stage in stages
    for item in items
)
assert set(TOTALS) | set(PER_HEAD) <= set(ITEMS)


def _amount(year: str) -> str:
    """Yuan of an item in a year: five percent more each year, give or take one."""
    return f"round((1e6 + h % 1000000) * power(1.05, {year} - 2000) * (1 + (hash(county_code, item, {year}) % 200) / 10000.0), 2)"


def _items() -> str:
    """Items of government work as a relation: item, kind of what is declared."""
    kinds = {"share": "rate", "number": "value", "none": "met"}
    rows = rules.load()["government_item"].select("item", "unit").rows()
    return ", ".join(f"('{item}', '{kinds[unit]}')" for item, unit in rows)


#: Relations by form; ``{year}`` is the school year. They read ``county`` (county_code, n, h) and the tables of schools.
SOURCES: dict[str, str] = {
    "funding": f"""select county_code, {{year}} as fiscal_year, stage, item,
            {_amount("{year}")} as value_yuan, {_amount("({year} - 1)")} as prior_value_yuan
        from county cross join (values {_FUNDED}) as funded (stage, item)""",
    "government_work": f"""select county_code, item, '卷' || item as evidence,
            4 + hash(county_code, item, {{year}}) % 3 * 0.5 as score,
            case kind when 'rate' then 0.9 + hash(county_code, item, {{year}}) % 100 / 1000.0 end as rate,
            case kind when 'value' then 3 + hash(county_code, item, {{year}}) % 5 end as value,
            case kind when 'met' then cast(hash(county_code, item, {{year}}) % 50 > 0 as integer) end as met
        from county cross join (values {_items()}) as item (item, kind)""",
    "satisfaction_group": """select county_code, grouped as "group", 100 as sent, 99 as returned, 97 as valid,
            78 + hash(county_code, grouped, {year}) % 19 as satisfied
        from county cross join (values ('congress_deputies'), ('consultative_members'), ('principals'), ('teachers'),
            ('parents'), ('others')) as survey (grouped)""",
    "satisfaction_answer": f"""select county_code, lpad(cast(respondent as varchar), 5, '0') as respondent,
            ['principals', 'teachers', 'parents', 'others'][1 + respondent % 4] as "group",
            cast(question as varchar) as question,
            ['very_satisfied', 'satisfied', 'fairly_satisfied', 'satisfied', 'dissatisfied'][
                1 + cast(hash(county_code, respondent, question, {{year}}) % 5 as integer)] as answer
        from county cross join range({_RESPONDENTS}) as of_county (respondent) cross join range({_QUESTIONS}) as asked (question)
        where n % {ANSWERS} = 0""",
    "attainment_plan": """select county_code, county_code as target_code, standard, 'all' as stage, 2020 + n % 5 as target_year
        from county cross join (values ('basic_2012'), ('quality_2017')) as planned (standard)""",
    "recognition": """select county_code, 'basic_2012' as standard, 2014 + n % 4 as recognised_year, '文' || n as document
        from county where {year} >= 2014 + n % 4""",
    "rectification": """select county_code, 'P-' || problem || '-' || {year} as problem_id, 'resources' as category,
            '问题' as problem, '措施' as measure, '教育局' as responsible, make_date({year}, 10, 8) as found_on,
            make_date({year} + 1, 5, 31) as deadline, problem % 2 as closed,
            case problem % 2 when 1 then make_date({year} + 1, 5, 18) end as recheck_on,
            case problem % 2 when 1 then 'passed' end as recheck_result, standard, indicator
        from county cross join (values (1, 'basic_2012', 'composite_coefficient'), (2, 'basic_2012', 'satisfaction'),
            (3, 'quality_2017', 'school_attainment'), (4, null, null), (5, null, null)) as told (problem, standard, indicator)""",
    "exchange_eligible": """select county_code, school_code, stage, cast(i % 7 = 0 as integer) as good_school,
            teachers as permanent_staff, teachers // 2 as long_enough, g % 2 as exempt_nursing, 0 as exempt_illness,
            0 as exempt_retirement, 0 as exempt_other, teachers // 2 - g % 2 as eligible, 1 as principals_eligible,
            teachers // 8 as should_exchange, teachers // 12 as exchanged, teachers // 40 as backbone_exchanged,
            0 as principals_exchanged
        from school_stage where stage <> 'senior'""",
    "exchange": """select county_code, 'p' || substr(md5(school_code || stage || {year} || number), 1, 24) as person,
            school_code as from_school_code, central_code as to_school_code, stage, 'teacher' as role,
            cast(number % 3 = 0 as integer) as backbone, 'rotation' as exchange_kind, make_date({year}, 8, 20) as start_date,
            make_date({year} + 1, 7, 10) as planned_end_date, make_date({year} + 1, 7, 10 - cast(g % 5 as integer)) as actual_end_date
        from (select *, unnest(range(teachers // 12)) as number from school_stage
            where stage <> 'senior' and school_code <> central_code) as listed""",
    "roster": f"""select county_code, school_code, stage, 'p' || substr(md5(school_code || stage || number), 1, 24) as person,
            case number when 0 then 'principal' else 'teacher' end as post, cast(number % 20 > 0 as integer) as permanent,
            cast(number % 9 = 0 as integer) as backbone, make_date({{year}} - cast(1 + (h + number) % 9 as integer), 8, 20) as arrived_date
        from (select *, unnest(range(teachers)) as number from school_stage where stage <> 'senior'
            and i // schools_per_county() % {ROSTERS} = 0) as listed""",
    "school_succession": """select county_code, school_code, central_code as successor_code, 'merged' as reason
        from school_year where i % 499 = 3 and {year} = 2012 + i % 9 and school_code <> central_code""",
}
