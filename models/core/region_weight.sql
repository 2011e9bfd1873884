-- zh: 各地区各学年一贯制学校与完全中学的分摊权重
-- en: Weights by which a school of several stages shares its resources, by region and school year.
-- The most specific region wins. One row per type of school; a stage the type does not have is null.
-- grain: rule_region, school_year, school_type
-- columns:
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national)
--   school_year: 学年 | School year (the year it starts)
--   school_type: 办学类型 | Type of school
--   primary_weight: 小学权重 | Weight of a primary pupil
--   junior_weight: 初中权重 | Weight of a junior pupil
--   senior_weight: 高中权重 | Weight of a senior pupil
with
years as (
    select distinct school_year from core.reported_county
),
regions as (
    select distinct rule_region from core.county
),
resolved as (
    select
        regions.rule_region,
        years.school_year,
        weight.school_type,
        weight.stage,
        arg_max(weight.weight, length(weight.region_code)) as weight
    from regions
    cross join years
    join rulebook.stage_weight as weight
        on starts_with(regions.rule_region, weight.region_code)
        and years.school_year >= weight.from_year
        and years.school_year <= coalesce(weight.to_year, years.school_year)
    group by 1, 2, 3, 4
)
select
    rule_region,
    school_year,
    school_type,
    max(case when stage = 'primary' then weight end) as primary_weight,
    max(case when stage = 'junior' then weight end) as junior_weight,
    max(case when stage = 'senior' then weight end) as senior_weight
from resolved
group by 1, 2, 3
order by 1, 2, 3
