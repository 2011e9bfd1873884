-- zh: 各地区各学年适用的省定办学标准
-- en: Indicators and lines of the provincial school standards in force, by region and school year.
-- The most specific region wins for each indicator. A standard holds where at least one of its indicators has a line. The
-- rulebook names what an indicator counts, per what, and whether the line is a minimum or a maximum.
-- grain: rule_region, school_year, stage, school_standard, indicator
-- columns:
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national)
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage
--   school_standard: 办学标准 | School standard
--   indicator: 指标 | Indicator
--   position: 序号 | Place among the indicators of the standard
--   numerator: 分子 | What is counted
--   denominator: 分母 | Per what: school, pupils, classes or teachers
--   per: 单位数 | Per how many of them
--   direction: 方向 | at_least or at_most
--   line: 标准线 | The line, in the unit of the indicator
--   document: 依据文件 | Rule document
with
years as (
    select distinct school_year from core.reported_county
),
regions as (
    select distinct rule_region from core.region
)
select
    regions.rule_region,
    years.school_year,
    line.stage,
    line.school_standard,
    line.indicator,
    indicator.position,
    indicator.numerator,
    indicator.denominator,
    indicator.per,
    indicator.direction,
    arg_max(line.value, length(line.region_code)) as line,
    arg_max(line.document, length(line.region_code)) as document
from regions
cross join years
join rulebook.school_standard_line as line
    on starts_with(regions.rule_region, line.region_code)
    and years.school_year >= line.from_year
    and years.school_year <= coalesce(line.to_year, years.school_year)
join rulebook.school_standard as indicator
    on indicator.school_standard = line.school_standard and indicator.indicator = line.indicator
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
order by 1, 2, 3, 4, 5
