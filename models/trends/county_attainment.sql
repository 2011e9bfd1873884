-- zh: 县优质均衡资源配置学校达标率
-- en: Share of the schools of a county that attain the resource lines of quality balance, by school year and stage.
-- All schools must attain. Schools without pupils are out. One school that does not attain decides against the county;
-- while none does and the verdict on a school is open, that on the county is open.
-- reason: county_unknown; no_schools; no_line; missing_values (the verdict on a school is open).
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   schools: 已判定学校数 | Schools with pupils that have a verdict
--   schools_attaining: 达标学校数 | Schools that attain
--   schools_missing: 未判定学校数 | Schools whose verdict is open
--   share: 达标率 | Schools attaining ÷ schools with a verdict
--   all_attain: 是否全部达标 | Whether all schools attain; null where undecided
--   reason: 未判定原因 | Why there is no verdict
with
school as (
    select
        county_code,
        school_year,
        stage,
        count(attains) as schools,
        count(case when attains then 1 end) as schools_attaining,
        count(case when attains is null and reason <> 'no_pupils' then 1 end) as schools_missing,
        bool_or(coalesce(reason = 'no_line', false)) as no_line
    from trends.school_attainment
    group by 1, 2, 3
),
total as (
    select
        county_stage.county_code,
        county.county_name,
        county_stage.school_year,
        county_stage.stage,
        coalesce(school.schools, 0) as schools,
        coalesce(school.schools_attaining, 0) as schools_attaining,
        coalesce(school.schools_missing, 0) + county_stage.schools_unidentified as schools_missing,
        coalesce(school.no_line, false) as no_line
    from core.county_stage as county_stage
    join core.county as county on county.county_code = county_stage.county_code
    left join school
        on school.county_code = county_stage.county_code
        and school.school_year = county_stage.school_year
        and school.stage = county_stage.stage
),
decided as (
    select
        *,
        case
            when county_code = '000000' then null
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
    schools,
    schools_attaining,
    schools_missing,
    cast(schools_attaining as double) / nullif(schools, 0) as share,
    all_attain,
    case
        when all_attain is not null then null
        when county_code = '000000' then 'county_unknown'
        when schools + schools_missing = 0 then 'no_schools'
        when no_line then 'no_line'
        else 'missing_values'
    end as reason
from decided
