-- zh: 年级届别比（起始年级到毕业年级、毕业生）
-- en: How many of a grade are left some years later: ratios of grades along the cohort, by region and the year it began.
-- Plain counts of all schools that filed, without transfers: a ratio can exceed 1 (more came than went). From the first grade
-- of a stage to its final one (n − 1 years later) and to its graduates (n years later, in the return after their summer),
-- from entrants to graduates, from primary graduates to the junior entrants of the same return, and over both stages.
-- A school that filed without the figure makes the ratio missing; schools that did not file are counted beside it.
-- reason: component_missing; no_pupils (nobody to begin with).
-- grain: level, region_code, school_year, stage, path
-- columns:
--   level: 地区层级 | Level: county, prefecture, province or nation
--   region_code: 地区代码 | Region code (empty: the nation)
--   region_name: 地区名称 | Name
--   school_year: 起点学年 | School year in which the cohort is counted first
--   stage: 学段 | primary, junior, or compulsory (both)
--   path: 路径 | first_to_final_grade, first_grade_to_graduates, entrants_to_graduates or graduates_to_entrants
--   end_year: 终点学年 | School year of the return in which it is counted again
--   pupils_from: 起点人数 | Pupils at the beginning
--   pupils_to: 终点人数 | Pupils or graduates at the end
--   ratio: 届别比 | pupils_to ÷ pupils_from
--   schools_missing_from: 起点缺数据学校数 | Schools that filed without the figure at the beginning
--   schools_missing_to: 终点缺数据学校数 | Schools that filed without the figure at the end
--   schools_not_filing: 未填报学校数 | Schools known before and after that did not file in one of the two years
--   reason: 无比值原因 | Why there is no ratio
with
place as (
    select county_code, 'county' as level, county_code as region_code from core.county
    union all
    select county_code, 'prefecture', prefecture_code from core.county where county_code <> '000000'
    union all
    select county_code, 'province', province_code from core.county where county_code <> '000000'
    union all
    select county_code, 'nation', '' from core.county
),
total as (
    select
        place.level,
        place.region_code,
        flow.school_year,
        flow.stage,
        sum(flow.grade_1) as first_grade,
        sum(flow.final_year_pupils) as final_grade,
        sum(flow.grades_missing) as grades_missing,
        sum(flow.graduates_reported) as graduates,
        sum(flow.graduates_reported_missing) as graduates_missing,
        sum(flow.entrants) as entrants,
        sum(flow.entrants_missing - flow.schools_not_filing) as entrants_missing,
        sum(flow.schools_not_filing) as schools_not_filing
    from core.county_flow as flow
    join place on place.county_code = flow.county_code
    group by 1, 2, 3, 4
),
-- Every figure of every year, named; small, so that it can be long.
figure as (
    select level, region_code, school_year, stage, 'first_grade' as figure, first_grade as pupils, grades_missing as missing,
        schools_not_filing
    from total
    union all
    select level, region_code, school_year, stage, 'final_grade', final_grade, grades_missing, schools_not_filing from total
    union all
    select level, region_code, school_year, stage, 'graduates', graduates, graduates_missing, schools_not_filing from total
    union all
    select level, region_code, school_year, stage, 'entrants', entrants, entrants_missing, schools_not_filing from total
),
path as (
    select setting.rule_region, setting.school_year, path.*,
        case path.stage
            when 'primary' then primary_years
            when 'junior' then junior_years
            else case when path.path = 'graduates_to_entrants' then 0 else primary_years + junior_years end
        end - path.before_the_end as years
    from core.region_setting as setting
    cross join (
        values
            ('primary', 'first_to_final_grade', 'primary', 'first_grade', 'primary', 'final_grade', 1),
            ('primary', 'first_grade_to_graduates', 'primary', 'first_grade', 'primary', 'graduates', 0),
            ('primary', 'entrants_to_graduates', 'primary', 'entrants', 'primary', 'graduates', 0),
            ('junior', 'first_to_final_grade', 'junior', 'first_grade', 'junior', 'final_grade', 1),
            ('junior', 'first_grade_to_graduates', 'junior', 'first_grade', 'junior', 'graduates', 0),
            ('junior', 'entrants_to_graduates', 'junior', 'entrants', 'junior', 'graduates', 0),
            ('compulsory', 'first_to_final_grade', 'primary', 'first_grade', 'junior', 'final_grade', 1),
            ('compulsory', 'first_grade_to_graduates', 'primary', 'first_grade', 'junior', 'graduates', 0),
            ('compulsory', 'entrants_to_graduates', 'primary', 'entrants', 'junior', 'graduates', 0),
            ('compulsory', 'graduates_to_entrants', 'primary', 'graduates', 'junior', 'entrants', 0)
    ) as path (stage, path, from_stage, from_figure, to_stage, to_figure, before_the_end)
),
paired as (
    select
        region.level,
        region.region_code,
        region.region_name,
        path.school_year,
        path.stage,
        path.path,
        path.school_year + path.years as end_year,
        cast(beginning.pupils as bigint) as pupils_from,
        cast(ending.pupils as bigint) as pupils_to,
        cast(beginning.missing as bigint) as schools_missing_from,
        cast(ending.missing as bigint) as schools_missing_to,
        cast(beginning.schools_not_filing + ending.schools_not_filing as bigint) as schools_not_filing
    from core.region as region
    join path on path.rule_region = region.rule_region
    join figure as beginning
        on beginning.level = region.level
        and beginning.region_code = region.region_code
        and beginning.school_year = path.school_year
        and beginning.stage = path.from_stage
        and beginning.figure = path.from_figure
    join figure as ending
        on ending.level = region.level
        and ending.region_code = region.region_code
        and ending.school_year = path.school_year + path.years
        and ending.stage = path.to_stage
        and ending.figure = path.to_figure
)
select
    level,
    region_code,
    region_name,
    school_year,
    stage,
    path,
    end_year,
    pupils_from,
    pupils_to,
    case when schools_missing_from = 0 and schools_missing_to = 0 then pupils_to / nullif(pupils_from, 0) end as ratio,
    schools_missing_from,
    schools_missing_to,
    schools_not_filing,
    case
        when schools_missing_from > 0 or schools_missing_to > 0 or pupils_from is null or pupils_to is null
            then 'component_missing'
        when pupils_from = 0 then 'no_pupils'
    end as reason
from paired
order by level, region_code, school_year, stage, path
