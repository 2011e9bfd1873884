-- zh: 达标规划执行情况（按规划对象、标准、学段、学年）
-- en: Plan against what happened, by county or school planned, standard, stage and school year.
-- In a school year the plan filed last up to it is in force; the first one filed stands beside it, so that a date that was
-- put off is seen. A county attains basic balance where the composite coefficient is within its line, and quality balance where
-- in addition all schools attain; stage all asks for every stage. A school attains quality balance by its seven resource lines, basic
-- balance by the provincial school standard of the rulebook (by all of them where there are several), each under the code that
-- carries it on. Where the rulebook holds no standard for a school and year: not_computed (the rule of 2012 has no national line).
-- status: attained (in or before the target year); attained_late; lost (attained once and not in this year); due (target
-- year reached, not attained); not_due; unknown (no verdict this year).
-- reason: not_computed; no_verdict (the verdict is open, or the object is not in the data of the year).
-- grain: county_code, target_code, standard, stage, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   target_code: 规划对象代码 | School or county
--   target_name: 规划对象名称 | Its name
--   level: 对象层级 | county or school
--   standard: 标准 | Standard
--   stage: 学段 | primary, junior or all
--   school_year: 学年 | School year (the year it starts)
--   planned_in: 规划填报学年 | School year in which the plan in force was filed
--   target_year: 规划达标学年 | School year by which it must attain
--   first_target_year: 首次规划达标学年 | The same, as first planned
--   postponed_years: 推迟年数 | Years it was put off by
--   attains: 是否达标 | Whether it attains in this year; null where undecided
--   first_attained_year: 首次达标学年 | First school year, up to this one, in which it attained
--   years_late: 逾期年数 | Years from the target year to the first that attained, or to this one
--   status: 状态 | attained, attained_late, lost, due, not_due or unknown
--   reason: 未判定原因 | Why there is no verdict
with
filed as (
    select
        reported.county_code,
        case when length(plan.target_code) = 6 then reported.county_code else plan.target_code end as target_code,
        plan.target_name,
        plan.standard,
        plan.stage,
        plan.school_year as planned_in,
        plan.target_year
    from returns.attainment_plan as plan
    join core.reported_county as reported
        on reported.reported_code = plan.county_code and reported.school_year = plan.school_year
),
planned as (
    select
        county_code,
        target_code,
        standard,
        stage,
        min(planned_in) as first_planned,
        arg_min(target_year, planned_in) as first_target_year,
        max(target_name) as target_name
    from filed
    group by 1, 2, 3, 4
),
years as (
    select county_code, school_year from core.reported_county group by 1, 2
),
in_force as (
    select
        planned.county_code,
        planned.target_code,
        planned.target_name,
        planned.standard,
        planned.stage,
        years.school_year,
        planned.first_target_year,
        max(filed.planned_in) as planned_in,
        arg_max(filed.target_year, filed.planned_in) as target_year
    from planned
    join years on years.county_code = planned.county_code and years.school_year >= planned.first_planned
    join filed
        on filed.county_code = planned.county_code
        and filed.target_code = planned.target_code
        and filed.standard = planned.standard
        and filed.stage = planned.stage
        and filed.planned_in <= years.school_year
    group by 1, 2, 3, 4, 5, 6, 7
),
stage_verdict as (
    select
        composite.county_code,
        composite.school_year,
        composite.standard,
        composite.stage,
        case
            when composite.standard = 'basic_2012' then composite.verdict
            when not composite.verdict or not attainment.all_attain then false
            when composite.verdict and attainment.all_attain then true
        end as attains
    from trends.composite_coefficient as composite
    left join trends.county_attainment as attainment
        on attainment.county_code = composite.county_code
        and attainment.school_year = composite.school_year
        and attainment.stage = composite.stage
),
county_verdict as (
    select county_code as target_code, school_year, standard, stage, attains from stage_verdict
    union all
    select
        county_code,
        school_year,
        standard,
        'all',
        case when bool_or(not attains) then false when count(attains) = count(*) then true end
    from stage_verdict
    group by 1, 2, 3
),
school_stage as (
    select school_code, trend_school_code, school_year, 'quality_2017' as standard, stage, attains from trends.school_attainment
    union all
    select school_code, trend_school_code, school_year, 'basic_2012', stage, attains from trends.school_standard
),
carried as (
    select school_code, trend_school_code from trends.school_attainment group by 1, 2
),
of_target as (
    select carried.school_code as target_code, this.school_year, this.standard, this.stage, this.attains
    from carried
    join school_stage as this on this.trend_school_code = carried.trend_school_code
),
school_verdict as (
    select
        target_code,
        school_year,
        standard,
        stage,
        case when bool_or(not attains) then false when count(attains) = count(*) then true end as attains
    from of_target
    group by 1, 2, 3, 4
    union all
    select
        target_code,
        school_year,
        standard,
        'all',
        case when bool_or(not attains) then false when count(attains) = count(*) then true end
    from of_target
    group by 1, 2, 3
),
every as (
    select * from county_verdict
    union all
    select target_code, school_year, standard, stage, attains from school_verdict
),
followed as (
    select
        in_force.*,
        every.attains,
        min(case when every.attains then in_force.school_year end) over (
            partition by in_force.county_code, in_force.target_code, in_force.standard, in_force.stage
            order by in_force.school_year
            rows between unbounded preceding and current row
        ) as first_attained_year
    from in_force
    left join every
        on every.target_code = in_force.target_code
        and every.school_year = in_force.school_year
        and every.standard = in_force.standard
        and every.stage = in_force.stage
)
select
    followed.county_code,
    county.county_name,
    followed.target_code,
    coalesce(followed.target_name, case when length(followed.target_code) = 6 then county.county_name end) as target_name,
    case when length(followed.target_code) = 6 then 'county' else 'school' end as level,
    followed.standard,
    followed.stage,
    followed.school_year,
    followed.planned_in,
    followed.target_year,
    followed.first_target_year,
    followed.target_year - followed.first_target_year as postponed_years,
    followed.attains,
    followed.first_attained_year,
    case
        when followed.first_attained_year is not null then greatest(followed.first_attained_year - followed.target_year, 0)
        when not followed.attains then greatest(followed.school_year - followed.target_year, 0)
    end as years_late,
    case
        when followed.attains is null then 'unknown'
        when followed.attains and followed.first_attained_year > followed.target_year then 'attained_late'
        when followed.attains then 'attained'
        when followed.first_attained_year is not null then 'lost'
        when followed.school_year >= followed.target_year then 'due'
        else 'not_due'
    end as status,
    case
        when followed.attains is not null then null
        when followed.standard = 'basic_2012' and length(followed.target_code) = 10 and held.rule_region is null then 'not_computed'
        else 'no_verdict'
    end as reason
from followed
join core.county as county on county.county_code = followed.county_code
left join (select rule_region, school_year from core.standard_line group by 1, 2) as held
    on held.rule_region = county.rule_region and held.school_year = followed.school_year
order by 1, 3, 6, 7, 8
