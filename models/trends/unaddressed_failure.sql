-- zh: 未列入整改的不达标判定
-- en: Failed verdicts without an entry in the rectification ledger of their county and school year.
-- Every row is a problem to be raised. An entry answers a verdict when it names its standard and indicator, and its stage or
-- none; an entry about one school answers none of the county. Only counties and years that filed a ledger or had one before.
-- An item of government work that repeats another verdict of the list (trends.verdict.rests_on) is listed only where that verdict
-- does not fail itself, and an entry that names the item answers that verdict too.
-- grain: county_code, school_year, standard, stage, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard
--   stage: 学段 | primary, junior or all
--   indicator: 指标 | What failed
--   family: 类别 | Trend table it comes from
--   value: 数值 | Its value
--   line: 标准线 | Its line
--   failing_since: 连续不达标起始学年 | First of the school years in a row, among those with a verdict, in which it failed
with
begun as (
    select county_code, min(school_year) as first_year from trends.rectification_problem group by 1
),
numbered as (
    select
        *,
        sum(case when verdict then 1 else 0 end) over (
            partition by county_code, standard, stage, indicator
            order by school_year
            rows between unbounded preceding and current row
        ) as met_so_far
    from trends.verdict
),
failed as (
    select
        *,
        min(school_year) over (partition by county_code, standard, stage, indicator, met_so_far) as failing_since
    from numbered
    where not verdict
),
cause as (
    select county_code, school_year, standard, indicator from failed group by 1, 2, 3, 4
),
entry as (
    select county_code, school_year, standard, indicator, coalesce(stage, 'all') as stage
    from trends.rectification_problem
    where from_verdict and school_code is null
),
answer as (
    select * from entry
    union
    select entry.county_code, entry.school_year, entry.standard, verdict.rests_on, 'all'
    from entry
    join trends.verdict as verdict
        on verdict.rests_on is not null
        and verdict.county_code = entry.county_code
        and verdict.school_year = entry.school_year
        and verdict.standard = entry.standard
        and verdict.indicator = entry.indicator
)
select
    failed.county_code,
    failed.county_name,
    failed.school_year,
    failed.standard,
    failed.stage,
    failed.indicator,
    failed.family,
    failed.value,
    failed.line,
    failed.failing_since
from failed
join begun on begun.county_code = failed.county_code and failed.school_year >= begun.first_year
left join cause
    on cause.county_code = failed.county_code
    and cause.school_year = failed.school_year
    and cause.standard = failed.standard
    and cause.indicator = failed.rests_on
where cause.county_code is null
    and not exists (
        select 1
        from answer
        where answer.county_code = failed.county_code
            and answer.school_year = failed.school_year
            and answer.standard = failed.standard
            and answer.indicator = failed.indicator
            and answer.stage in ('all', failed.stage)
    )
order by 1, 3, 4, 5, 6
