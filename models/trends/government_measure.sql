-- zh: 政府工作评估中由数据计算的项目（按县、学年、测算项）
-- en: What the warehouse itself computes of government work, by county, school year and measure.
-- An item of government work names its measure in the rulebook (government_item.computed_from). A measure has a value, or a
-- verdict of the trend table it comes from, or both; where it cannot be computed it has the reason, and the item is left to
-- what the county declares. School year y takes the funding of fiscal year y.
-- three_increases: every test that counts met in the whole run of years. consolidation_rates: cohort rates of primary and of
-- junior at their lines. migrants_in_public_schools: migrants' children of primary and junior in schools that are not
-- private, of all; withheld while one school lacks the figure (places bought in private schools are not reported).
-- reason: not_reported; missing_values; or that of the trend table.
-- grain: county_code, school_year, measure
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   school_year: 学年 | School year (the year it starts)
--   measure: 测算项 | Measure
--   value: 计算值 | Value, a fraction (null where the measure is a verdict only)
--   meets: 计算判定 | Verdict of the trend table it comes from (null where it has none)
--   numerator: 分子 | Numerator, or tests, rates, schools or classes within their line
--   denominator: 分母 | Denominator, or all of them
--   reason: 未计算原因 | Why there is neither value nor verdict
with
three_increases as (
    select
        county_code,
        fiscal_year as school_year,
        'three_increases' as measure,
        cast(null as double) as value,
        run_verdict as meets,
        cast(run_met as double) as numerator,
        cast(tests as double) as denominator,
        case when tests_met + tests_failed = 0 then reason else 'run_incomplete' end as why
    from trends.funding_verdict
),
training as (
    select
        county_code,
        fiscal_year as school_year,
        'training_of_public_use' as measure,
        value,
        meets,
        numerator_yuan as numerator,
        denominator_yuan as denominator,
        reason as why
    from trends.funding_shares
    where share = 'training_of_public_use' and coalesce(value_from, '') <> 'declared'
),
consolidation as (
    select
        region_code as county_code,
        school_year,
        'consolidation_rates' as measure,
        cast(null as double) as value,
        case
            when bool_or(coalesce(not meets, false)) then false
            when count(meets) = 2 then true
        end as meets,
        cast(count(case when meets then 1 end) as double) as numerator,
        cast(2 as double) as denominator,
        max(reason) as why
    from trends.consolidation
    where level = 'county' and stage in ('primary', 'junior')
    group by 1, 2
    union all
    select
        region_code,
        school_year,
        'junior_consolidation',
        case when meets is not null or reason = 'no_line' then rate end,
        meets,
        cast(graduates as double),
        cast(entrants as double),
        reason
    from trends.consolidation
    where level = 'county' and stage = 'junior'
),
-- A quarantined or missing figure of one school leaves the share of the county open.
migrant_row as (
    select
        county.county_code,
        enrolment.school_year,
        coalesce(operator.is_private, false) as is_private,
        enrolment.migrant_children,
        enrolment.migrant_children is null and coalesce(enrolment.pupils, 1) > 0 as lacks
    from returns.enrolment as enrolment
    join core.reported_county as county
        on county.reported_code = coalesce(enrolment.county_code, '000000') and county.school_year = enrolment.school_year
    left join returns.school as school
        on school.school_code = enrolment.school_code and school.school_year = enrolment.school_year
    left join rulebook.operator as operator on operator.operator = school.operator
    where enrolment.stage in ('primary', 'junior')
    union all
    select county.county_code, bad.school_year, false, null, true
    from returns.quarantine as bad
    join core.reported_county as county
        on county.reported_code = coalesce(bad.county_code, '000000') and county.school_year = bad.school_year
    where bad.form = 'enrolment'
),
migrants as (
    select
        county_code,
        school_year,
        'migrants_in_public_schools' as measure,
        case
            when bool_or(lacks) then null
            else cast(sum(case when is_private then 0 else migrant_children end) as double)
                / nullif(sum(migrant_children), 0)
        end as value,
        cast(null as boolean) as meets,
        cast(sum(case when is_private then 0 else migrant_children end) as double) as numerator,
        cast(sum(migrant_children) as double) as denominator,
        case when bool_or(lacks) then 'missing_values' else 'no_pupils' end as why
    from migrant_row
    group by 1, 2
),
-- A stage that the county does not teach asks for nothing.
conditions as (
    select
        county_code,
        school_year,
        'class_size' as measure,
        cast(sum(classes_within) as double) / nullif(sum(classes), 0) as value,
        case
            when bool_or(coalesce(not meets, false)) then false
            when count(meets) = count(*) then true
        end as meets,
        cast(sum(classes_within) as double) as numerator,
        cast(sum(classes) as double) as denominator,
        max(reason) as why
    from trends.class_size
    where coalesce(reason, '') <> 'no_classes'
    group by 1, 2
    union all
    select
        county_code,
        school_year,
        'school_size',
        cast(sum(schools - schools_over) as double) / nullif(sum(schools), 0),
        case
            when bool_or(coalesce(not meets, false)) then false
            when count(meets) = count(*) then true
        end,
        cast(sum(schools - schools_over) as double),
        cast(sum(schools) as double),
        max(reason)
    from trends.school_size
    where coalesce(reason, '') <> 'no_schools'
    group by 1, 2
    union all
    select
        county_code,
        school_year,
        'special_rooms',
        share,
        meets,
        cast(schools_meeting as double),
        cast(schools as double),
        reason
    from trends.special_rooms
),
exchange as (
    select
        county_code,
        school_year,
        'teacher_exchange' as measure,
        cast(null as double) as value,
        verdict as meets,
        cast(exchanged as double) as numerator,
        cast(eligible as double) as denominator,
        reason as why
    from trends.teacher_exchange
    where stage = 'compulsory'
    union all
    select
        county_code,
        school_year,
        'exchange_rate',
        case when rate_meets is not null then rate end,
        rate_meets,
        cast(exchanged as double),
        cast(eligible as double),
        reason
    from trends.teacher_exchange
    where stage = 'compulsory'
    union all
    select
        county_code,
        school_year,
        'exchange_backbone_share',
        case when backbone_meets is not null then backbone_share end,
        backbone_meets,
        cast(backbone_exchanged as double),
        cast(exchanged as double),
        reason
    from trends.teacher_exchange
    where stage = 'compulsory'
),
every as (
    select * from three_increases
    union all
    select * from training
    union all
    select * from consolidation
    union all
    select * from migrants
    union all
    select county_code, school_year, measure, case when meets is not null then value end, meets, numerator, denominator, why
    from conditions
    union all
    select * from exchange
)
select
    county_code,
    school_year,
    measure,
    value,
    meets,
    numerator,
    denominator,
    case when value is null and meets is null then coalesce(why, 'missing_values') end as reason
from every
where county_code <> '000000'
order by county_code, school_year, measure
