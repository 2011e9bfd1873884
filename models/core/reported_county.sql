-- zh: 填报县级代码与现行县级代码对照（按学年）
-- en: County codes as reported, by school year, and the county each belongs to today.
-- Every pair of code and year that occurs in any return or quarantined row. A code that was replaced
-- (rulebook.county_succession) leads to its last successor, so that a county is one trend line and the years before
-- a change are computed under today's county. A row without a usable county code stands under 000000: its schools
-- are computed and shown there, and no verdict is given on them.
-- grain: reported_code, school_year
-- columns:
--   reported_code: 填报的县级行政区划代码 | County code as reported (000000: none)
--   school_year: 学年（经费为年度） | School year (the year it starts); of funding the fiscal year
--   county_code: 现行县级行政区划代码 | County code of today: the end of the chain of succession
with recursive
reported as (
    select coalesce(county_code, '000000') as reported_code, school_year from returns.school group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.enrolment group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.teacher group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.premises group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.equipment group by 1, 2
    union all
    select county_code, school_year from returns.county_summary group by 1, 2
    union all
    select county_code, fiscal_year from returns.funding group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.exchange group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.exchange_eligible group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year from returns.roster group by 1, 2
    union all
    select county_code, school_year from returns.government_work group by 1, 2
    union all
    select county_code, school_year from returns.satisfaction_answer group by 1, 2
    union all
    select county_code, school_year from returns.satisfaction_group group by 1, 2
    union all
    select county_code, school_year from returns.attainment_plan group by 1, 2
    union all
    select county_code, school_year from returns.recognition group by 1, 2
    union all
    select county_code, school_year from returns.rectification group by 1, 2
    union all
    select
        case when regexp_matches(county_code, '^[0-9]{6}$') then county_code else '000000' end,
        school_year
    from returns.quarantine
    where school_year is not null
    group by 1, 2
),
-- The loader of the rulebook refuses circles, and years never run backwards along a chain.
chain as (
    select county_code as start_code, successor_code as code, from_year, 1 as steps
    from rulebook.county_succession
    union all
    select chain.start_code, next.successor_code, next.from_year, chain.steps + 1
    from chain
    join rulebook.county_succession as next on next.county_code = chain.code and next.from_year >= chain.from_year
),
last_code as (
    select start_code, arg_max(code, steps) as code from chain group by start_code
)
select
    reported.reported_code,
    reported.school_year,
    coalesce(last_code.code, reported.reported_code) as county_code
from reported
left join last_code on last_code.start_code = reported.reported_code
group by 1, 2, 3
order by 1, 2
