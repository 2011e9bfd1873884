-- zh: 县级判定一览（按县、学年、标准、学段、指标）
-- en: Every verdict on a county by school year, standard, stage and indicator, in one list.
-- What a problem of the rectification ledger can be raised from, and what must change for it to be closed. Only what has a
-- verdict is here; lines for reference decide nothing and are not. indicator: composite_coefficient; an indicator whose coefficient has a
-- binding line; school_standard and school_attainment (every school meets the provincial standard, the lines of quality
-- balance); government_score; an item of government work; satisfaction; three_increases and two_only_increase (of the county as a
-- whole, fiscal year y under school year y); training_of_public_use; consolidation_rate; teacher_exchange; class_size_limit;
-- school_size_limit (stage all: schools of both stages); special_rooms. Where a line is in both standards the verdict stands under each. stage all: the county as a whole.
-- rests_on: an item of government work that was computed from a verdict of this list names it, so that one failure is not taken
-- for two.
-- grain: county_code, school_year, standard, stage, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard
--   stage: 学段 | primary, junior or all
--   indicator: 指标 | What is judged
--   family: 类别 | Trend table it comes from
--   value: 数值 | Its value (null where the verdict rests on none)
--   line: 标准线 | Its line
--   verdict: 判定 | Whether it is met
--   rests_on: 判定来源指标 | Indicator of this list whose verdict it repeats (null: its own)
with
line as (
    select county.county_code, line.school_year, line.stage, line.standard, line.measure, line.line
    from core.county as county
    join core.region_line as line on line.rule_region = county.rule_region
    where line.measure in ('cohort_consolidation_rate', 'exchange_rate') and line.binding
),
-- An item rests on what it, or one of its parts, was computed from.
computed as (
    select
        county_code,
        school_year,
        case when part_of = '' then item else part_of end as item,
        max(case
            when computed_from in ('consolidation_rates', 'junior_consolidation') then 'consolidation_rate'
            when computed_from in ('exchange_rate', 'exchange_backbone_share') then 'teacher_exchange'
            when computed_from in ('class_size', 'school_size') then computed_from || '_limit'
            when computed_from in ('three_increases', 'training_of_public_use', 'teacher_exchange', 'special_rooms') then computed_from
        end) as rests_on
    from trends.government_work
    where source = 'computed'
    group by 1, 2, 3
)
select county_code, county_name, school_year, standard, stage, 'composite_coefficient' as indicator,
    'composite_coefficient' as family, composite as value, threshold as line, verdict, cast(null as varchar) as rests_on
from trends.composite_coefficient
where verdict is not null
union all
select county_code, county_name, school_year, standard, stage, indicator,
    'differential_coefficient', coefficient, threshold, meets, null
from trends.differential_coefficient
where meets is not null and threshold_binding
union all
select county_code, county_name, school_year, 'quality_2017', stage, 'school_attainment',
    'county_attainment', share, null, all_attain, null
from trends.county_attainment
where all_attain is not null
union all
select county_code, county_name, school_year, standard, 'all', 'government_score',
    'government_score', score, line, verdict, null
from trends.government_score
where block = 'all' and verdict is not null and points is not null
union all
select work.county_code, work.county_name, work.school_year, work.standard, 'all', work.item,
    'government_work', work.value, work.line, work.verdict, computed.rests_on
from trends.government_work as work
left join computed
    on computed.county_code = work.county_code
    and computed.school_year = work.school_year
    and computed.item = work.item
where work.counts and work.part_of = '' and work.verdict is not null
union all
select county_code, county_name, school_year, standard, 'all', 'satisfaction',
    'satisfaction', satisfaction, line, verdict, null
from trends.satisfaction
where "group" = 'all' and verdict is not null
union all
select county_code, max(county_name), school_year, 'basic_2012', stage, 'school_standard',
    'county_standard', min(share), null, bool_and(all_attain), null
from trends.county_standard
group by county_code, school_year, stage
having bool_or(not all_attain) or count(all_attain) = count(*)
union all
select county_code, county_name, fiscal_year, 'basic_2012', 'all', 'three_increases',
    'funding_verdict', null, null, verdict, null
from trends.funding_verdict
where verdict is not null
union all
select county_code, county_name, fiscal_year, 'basic_2012', 'all', 'two_only_increase',
    'funding_verdict', null, null, only_increase_verdict, null
from trends.funding_verdict
where only_increase_verdict is not null
union all
select county_code, county_name, fiscal_year, 'quality_2017', 'all', share,
    'funding_shares', value, line, meets, null
from trends.funding_shares
where share = 'training_of_public_use' and binding and meets is not null
union all
select figure.region_code, figure.region_name, figure.school_year, line.standard,
    case when figure.stage = 'compulsory' then 'all' else figure.stage end, 'consolidation_rate',
    'consolidation', figure.rate, figure.threshold, figure.meets, null
from trends.consolidation as figure
join line
    on line.measure = 'cohort_consolidation_rate'
    and line.county_code = figure.region_code
    and line.school_year = figure.school_year
    and line.stage = figure.stage
    and line.line = figure.threshold
where figure.level = 'county' and figure.threshold_binding and figure.meets is not null
union all
select figure.county_code, figure.county_name, figure.school_year, line.standard, 'all', 'teacher_exchange',
    'teacher_exchange', figure.rate, figure.threshold, figure.verdict, null
from trends.teacher_exchange as figure
join line
    on line.measure = 'exchange_rate'
    and line.county_code = figure.county_code
    and line.school_year = figure.school_year
    and line.stage = figure.stage
    and line.line = figure.threshold
where figure.verdict is not null
union all
select county_code, county_name, school_year, 'quality_2017', stage, 'class_size_limit',
    'class_size', share_within, null, meets, null
from trends.class_size
where meets is not null
union all
select county_code, county_name, school_year, 'quality_2017', case when kind = 'combined' then 'all' else kind end,
    'school_size_limit', 'school_size', largest, size_limit, meets, null
from trends.school_size
where meets is not null
union all
select county_code, county_name, school_year, 'quality_2017', 'all', 'special_rooms',
    'special_rooms', share, null, meets, null
from trends.special_rooms
where meets is not null
order by 1, 3, 4, 5, 6
