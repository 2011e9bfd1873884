-- zh: 学校达到省定办学标准情况
-- en: Which schools attain the provincial school standard, by school year, stage and standard.
-- A value is numerator × per ÷ denominator of the counted school (core.school_stage: stocks of a school of several stages are
-- shared by weighted pupils, merged teaching points are included), compared unrounded (10^-12 is rounding). A school
-- attains when it meets every indicator in force (core.standard_line); one indicator below decides, a missing one leaves
-- the verdict open. A value with nothing in its denominator is missing. Where the rulebook holds no standard for a region
-- there are no rows here; trends.county_standard says so. Special rooms are music and art rooms together.
-- reason: no_pupils; pupils_missing; missing_values.
-- grain: school_year, school_code, stage, school_standard
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_code: 学校（机构）标识码 | School code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_name: 学校（机构）名称 | School name
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   school_standard: 办学标准 | School standard
--   pupils: 在校生数 | Pupils, merged teaching points included
--   indicators: 指标数 | Indicators in force
--   indicators_met: 达标指标数 | Indicators met
--   indicators_below: 未达标指标 | Indicators not met, comma-separated (null: none)
--   indicators_missing: 缺失指标 | Indicators without a value, comma-separated (null: none)
--   lowest_ratio: 最低达标比例 | Lowest value ÷ line (line ÷ value where the line is a maximum) among the values present
--   attains: 是否达标 | Whether the school attains; null where undecided
--   reason: 未判定原因 | Why there is no verdict
with
valued as (
    select
        fact.county_code,
        fact.school_code,
        fact.trend_school_code,
        fact.school_name,
        fact.school_year,
        fact.stage,
        fact.pupils,
        line.school_standard,
        line.indicator,
        line.direction,
        line.line,
        case line.numerator
            when 'pupils' then fact.pupils
            when 'classes' then fact.classes
            when 'site_area' then fact.site_area
            when 'teaching_area' then fact.teaching_area_basic
            when 'sports_area' then fact.sports_area
            when 'equipment_value' then fact.equipment_value
            when 'computers' then fact.computers
            when 'books' then fact.books
            when 'multimedia_rooms' then fact.multimedia_rooms
            when 'music_rooms' then fact.music_rooms
            when 'art_rooms' then fact.art_rooms
            when 'special_rooms' then fact.music_rooms + fact.art_rooms
            when 'teachers' then fact.teachers
            when 'higher_degree_teachers' then fact.higher_degree_teachers
            when 'mid_title_teachers' then fact.mid_title_teachers
            when 'backbone_teachers' then fact.backbone_teachers
            when 'arts_sports_teachers' then fact.arts_sports_teachers
        end * line.per / nullif(case line.denominator
            when 'school' then 1
            when 'pupils' then fact.pupils
            when 'classes' then fact.classes
            when 'teachers' then fact.teachers
        end, 0) as value
    from core.school_stage as fact
    join core.county_setting as setting
        on setting.county_code = fact.county_code and setting.school_year = fact.school_year
    join core.standard_line as line
        on line.rule_region = setting.rule_region
        and line.school_year = fact.school_year
        and line.stage = fact.stage
    where fact.counted
),
rated as (
    select
        *,
        case when direction = 'at_least' then value / line when value = 0 then 1.0 else line / value end as ratio
    from valued
),
total as (
    select
        school_year,
        school_code,
        stage,
        school_standard,
        max(county_code) as county_code,
        max(trend_school_code) as trend_school_code,
        max(school_name) as school_name,
        max(pupils) as pupils,
        count(*) as indicators,
        count(case when ratio >= 1 - 1e-12 then 1 end) as indicators_met,
        count(ratio) as indicators_present,
        array_to_string(list_sort(list(indicator) filter (where ratio < 1 - 1e-12)), ',') as indicators_below,
        array_to_string(list_sort(list(indicator) filter (where ratio is null)), ',') as indicators_missing,
        min(ratio) as lowest_ratio
    from rated
    group by 1, 2, 3, 4
),
decided as (
    select
        *,
        case
            when pupils is null or pupils = 0 then null
            when indicators_met < indicators_present then false
            when indicators_met = indicators then true
        end as attains
    from total
)
select
    county_code,
    school_code,
    trend_school_code,
    school_name,
    school_year,
    stage,
    school_standard,
    pupils,
    indicators,
    indicators_met,
    indicators_below,
    indicators_missing,
    lowest_ratio,
    attains,
    case
        when attains is not null then null
        when pupils is null then 'pupils_missing'
        when pupils = 0 then 'no_pupils'
        else 'missing_values'
    end as reason
from decided
