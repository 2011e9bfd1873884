-- zh: 县办学标准学校达标率
-- en: Share of the schools of a county that attain the provincial school standard, by school year, stage and standard.
-- All schools must attain; schools without pupils are out. One school that does not attain decides against the county; while
-- none does and the verdict on a school is open, that on the county is open. Where the rulebook holds no standard for the
-- county and year there is one row with an empty standard that says so.
-- reason: no_standard_in_rulebook; county_unknown; no_schools; missing_values.
-- grain: county_code, school_year, stage, school_standard
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   school_standard: 办学标准 | School standard (empty: the rulebook has none)
--   document: 依据文件 | Rule document
--   indicators: 指标数 | Indicators in force
--   schools: 已判定学校数 | Schools with pupils that have a verdict
--   schools_attaining: 达标学校数 | Schools that attain
--   schools_missing: 未判定学校数 | Schools whose verdict is open
--   share: 达标率 | Schools attaining ÷ schools with a verdict
--   all_attain: 是否全部达标 | Whether all schools attain; null where undecided
--   reason: 未判定原因 | Why there is no verdict
with
standard as (
    select rule_region, school_year, stage, school_standard, count(*) as indicators, max(document) as document
    from core.standard_line
    group by 1, 2, 3, 4
),
school as (
    select
        county_code,
        school_year,
        stage,
        school_standard,
        count(attains) as schools,
        count(case when attains then 1 end) as schools_attaining,
        count(case when attains is null and reason <> 'no_pupils' then 1 end) as schools_missing
    from trends.school_standard
    group by 1, 2, 3, 4
),
total as (
    select
        county_stage.county_code,
        county.county_name,
        county_stage.school_year,
        county_stage.stage,
        coalesce(standard.school_standard, '') as school_standard,
        standard.document,
        coalesce(standard.indicators, 0) as indicators,
        coalesce(school.schools, 0) as schools,
        coalesce(school.schools_attaining, 0) as schools_attaining,
        coalesce(school.schools_missing, 0)
        + case when standard.school_standard is null then 0 else county_stage.schools_unidentified end as schools_missing
    from core.county_stage as county_stage
    join core.county as county on county.county_code = county_stage.county_code
    left join standard
        on standard.rule_region = county.rule_region
        and standard.school_year = county_stage.school_year
        and standard.stage = county_stage.stage
    left join school
        on school.county_code = county_stage.county_code
        and school.school_year = county_stage.school_year
        and school.stage = county_stage.stage
        and school.school_standard = standard.school_standard
),
decided as (
    select
        *,
        case
            when county_code = '000000' or school_standard = '' then null
            when schools_attaining < schools then false
            when schools_missing = 0 and schools > 0 then true
        end as all_attain
    from total
)
select
    county_code,
    county_name,
    school_year,
    stage,
    school_standard,
    document,
    indicators,
    schools,
    schools_attaining,
    schools_missing,
    schools_attaining / nullif(schools, 0) as share,
    all_attain,
    case
        when all_attain is not null then null
        when school_standard = '' then 'no_standard_in_rulebook'
        when county_code = '000000' then 'county_unknown'
        when schools + schools_missing = 0 then 'no_schools'
        else 'missing_values'
    end as reason
from decided
order by county_code, school_year, stage, school_standard
