-- zh: 预警所用的时间序列
-- en: The figures that have a line, by county and school year, as series for early warning (trends.early_warning).
-- Only figures on which a verdict can be given (coverage, sample and components as the rulebook asks); what could not be judged
-- is no point of a series. Growth tests are not here: a growth is a change already. School year y takes the funding of fiscal year y.
-- The composite and the coefficients of single indicators are here where their line decides. basis says how a figure was counted
-- (formula, denominator, weighting, points in all): figures counted in different ways are not one trend. Where two standards
-- have a line for one figure it is a series under each, over the years of that line.
-- grain: county_code, measure, indicator, stage, standard, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   standard: 标准 | Standard of the line
--   stage: 学段 | primary, junior or all
--   measure: 测度 | What is measured
--   indicator: 指标 | Indicator of a coefficient, else empty
--   school_year: 学年 | School year (the year it starts)
--   value: 数值 | The figure
--   line: 标准线 | Its line in that year
--   binding: 是否具约束力 | Whether the line decides
--   direction: 方向 | at_most or at_least
--   basis: 计算口径 | How it was counted
with
line as (
    select county.county_code, line.school_year, line.stage, line.standard, line.measure, line.line, line.binding
    from core.county as county
    join core.region_line as line on line.rule_region = county.rule_region
    where line.measure in ('cohort_consolidation_rate', 'exchange_rate', 'exchange_backbone_share')
)
select
    county_code, standard, stage, 'composite_coefficient' as measure, '' as indicator, school_year,
    composite as value, threshold as line, true as binding, 'at_most' as direction, '' as basis
from trends.composite_coefficient
where verdict_rule = 'composite' and meets is not null and county_code <> '000000'
union all
select
    county_code, standard, stage, 'indicator_coefficient', indicator, school_year,
    coefficient, threshold, threshold_binding, 'at_most', ''
from trends.differential_coefficient
where threshold_binding and meets is not null and county_code <> '000000'
union all
select
    county_code, standard, 'all', 'government_score', '', school_year,
    score, line, true, 'at_least', cast(points as varchar)
from trends.government_score
where block = 'all' and score is not null and line is not null
union all
select
    county_code, standard, 'all', 'satisfaction', '', school_year,
    satisfaction, line, true, 'at_least', weighting
from trends.satisfaction
where "group" = 'all' and verdict is not null
union all
select
    line.county_code, line.standard, case when line.stage = 'compulsory' then 'all' else line.stage end,
    'consolidation_rate', '', line.school_year,
    figure.rate, line.line, line.binding, 'at_least', figure.formula || ' ' || figure.cap || ' ' || figure.flows
from trends.consolidation as figure
join line
    on line.measure = 'cohort_consolidation_rate'
    and line.county_code = figure.region_code
    and line.school_year = figure.school_year
    and line.stage = figure.stage
where figure.level = 'county' and figure.meets is not null
union all
select
    line.county_code, line.standard, 'all', line.measure, '', line.school_year,
    case line.measure when 'exchange_rate' then figure.rate else figure.backbone_share end,
    line.line, line.binding, 'at_least', figure.denominator || ' ' || figure.source
from trends.teacher_exchange as figure
join line
    on line.measure in ('exchange_rate', 'exchange_backbone_share')
    and line.county_code = figure.county_code
    and line.school_year = figure.school_year
    and line.stage = figure.stage
where case line.measure when 'exchange_rate' then figure.rate_meets else figure.backbone_meets end is not null
union all
select
    county_code, 'quality_2017', 'all', 'training_of_public_use', '', fiscal_year,
    value, line, binding, 'at_least', value_from
from trends.funding_shares
where share = 'training_of_public_use' and meets is not null
order by 1, 4, 5, 3, 2, 6
