-- zh: 县办学标准各指标达标学校数
-- en: How many schools of a county meet each indicator of the provincial school standard, by school year and stage.
-- From trends.school_standard: of the schools with pupils, those below the line, those without a value, and the rest.
-- grain: county_code, school_year, stage, school_standard, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   school_standard: 办学标准 | School standard
--   indicator: 指标 | Indicator
--   direction: 方向 | at_least or at_most
--   line: 标准线 | The line, in the unit of the indicator
--   schools: 学校数 | Schools with pupils, or whose pupils are missing
--   schools_meeting: 达标学校数 | Schools that meet the line
--   schools_below: 未达标学校数 | Schools that do not
--   schools_missing: 数据缺失学校数 | Schools without a value
--   share: 达标率 | Schools meeting ÷ schools with a value
with
school as (
    select county_code, school_year, stage, school_standard, indicators_below, indicators_missing
    from trends.school_standard
    where pupils is null or pupils > 0
),
total as (
    select county_code, school_year, stage, school_standard, count(*) as schools
    from school
    group by 1, 2, 3, 4
),
-- Only what is not met is written out by school: few rows.
failing as (
    select county_code, school_year, stage, school_standard, unnest(string_split(indicators_below, ',')) as indicator, 1 as below
    from school
    where indicators_below is not null
    union all
    select county_code, school_year, stage, school_standard, unnest(string_split(indicators_missing, ',')), 0
    from school
    where indicators_missing is not null
),
failed as (
    select
        county_code,
        school_year,
        stage,
        school_standard,
        indicator,
        count(case when below = 1 then 1 end) as schools_below,
        count(case when below = 0 then 1 end) as schools_missing
    from failing
    group by 1, 2, 3, 4, 5
),
counted as (
    select
        total.county_code,
        county.county_name,
        total.school_year,
        total.stage,
        total.school_standard,
        line.indicator,
        line.position,
        line.direction,
        line.line,
        total.schools,
        coalesce(failed.schools_below, 0) as schools_below,
        coalesce(failed.schools_missing, 0) as schools_missing
    from total
    join core.county as county on county.county_code = total.county_code
    join core.standard_line as line
        on line.rule_region = county.rule_region
        and line.school_year = total.school_year
        and line.stage = total.stage
        and line.school_standard = total.school_standard
    left join failed
        on failed.county_code = total.county_code
        and failed.school_year = total.school_year
        and failed.stage = total.stage
        and failed.school_standard = total.school_standard
        and failed.indicator = line.indicator
)
select
    county_code,
    county_name,
    school_year,
    stage,
    school_standard,
    indicator,
    direction,
    line,
    schools,
    schools - schools_below - schools_missing as schools_meeting,
    schools_below,
    schools_missing,
    (schools - schools_below - schools_missing) / nullif(schools - schools_missing, 0) as share
from counted
order by county_code, school_year, stage, school_standard, position
