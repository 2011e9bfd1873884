-- zh: 各地区各学年适用的标准线
-- en: Lines of the rulebook in force, by region and school year.
-- The most specific region wins, then a row for one indicator over a row for every indicator. ``rule_region`` is the
-- one of core.county, so that a county finds its lines by it
-- (core.region: also prefectures, provinces and the nation).
-- grain: rule_region, school_year, stage, standard, measure, indicator
-- columns:
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national)
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   measure: 标准线种类 | What the line is of: composite_coefficient, school_indicator …
--   indicator: 指标 | Indicator (empty where the measure has none)
--   line: 标准线 | The line, in the unit of the indicator
--   binding: 是否具约束力 | Whether the line decides (false: for reference only)
--   document: 依据文件 | Rule document
with
years as (
    select distinct school_year from core.reported_county
),
regions as (
    select distinct rule_region from core.region
),
-- A line for every indicator of a standard is written once in the rulebook, with an empty indicator.
lines as (
    select
        threshold.standard,
        threshold.measure,
        coalesce(indicator.indicator, '') as indicator,
        threshold.stage,
        threshold.value,
        threshold.binding,
        threshold.document,
        threshold.region_code,
        threshold.from_year,
        threshold.to_year,
        length(threshold.region_code) * 2 + case when threshold.indicator = '' then 0 else 1 end as specificity
    from rulebook.threshold as threshold
    left join rulebook.indicator as indicator
        on indicator.standard = threshold.standard
        and threshold.measure in ('indicator_coefficient', 'school_indicator')
        and threshold.indicator in ('', indicator.indicator)
)
select
    regions.rule_region,
    years.school_year,
    lines.stage,
    lines.standard,
    lines.measure,
    lines.indicator,
    arg_max(lines.value, lines.specificity) as line,
    arg_max(lines.binding, lines.specificity) as binding,
    arg_max(lines.document, lines.specificity) as document
from regions
cross join years
join lines
    on starts_with(regions.rule_region, lines.region_code)
    and years.school_year >= lines.from_year
    and years.school_year <= coalesce(lines.to_year, years.school_year)
group by 1, 2, 3, 4, 5, 6
order by 1, 2, 3, 4, 5, 6
