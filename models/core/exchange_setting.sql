-- zh: 各县各学年适用的交流轮岗规则与标准线
-- en: Choices and lines of the rulebook for exchange in force, by county and school year.
-- The most specific region wins, among the rows whose years hold the school year. The lines are those of quality balance,
-- and where these do not hold yet those of basic balance.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_year: 学年 | School year (the year it starts)
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own
--   denominator: 交流比例的分母口径 | Denominator: whole_county, town_and_good, should_exchange or roster
--   source: 交流人数的来源 | Whose count of the exchanged decides: list or declared
--   eligible_years: 教师应交流任教年限 | Years at one school after which a teacher is eligible
--   principal_years: 校长应交流任职年限 | Years at one school after which a principal is eligible
--   first_month: 交流计入学年的起始月份 | Month from which a stint belongs to the school year that begins in that year
--   count_month: 名册统计月份 | Month on whose first day the roster counts
--   minimum_coverage: 最低覆盖率 | Share of schools that must be present for a verdict
--   rate_line: 交流比例标准线 | Line of the exchange rate
--   backbone_line: 骨干教师占比标准线 | Line of the share of backbone teachers among the exchanged
--   document: 依据文件 | Rule document of the line of the rate
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
        choice.setting,
        choice.standard,
        arg_max(choice.value, length(choice.region_code)) as value
    from regions
    cross join years
    join rulebook.choice as choice
        on starts_with(regions.rule_region, choice.region_code)
        and years.school_year >= choice.from_year
        and years.school_year <= coalesce(choice.to_year, years.school_year)
    where choice.setting in (
        'exchange_denominator', 'exchange_source', 'exchange_eligible_years', 'exchange_principal_years',
        'exchange_first_month', 'roster_month', 'minimum_coverage'
    )
    group by 1, 2, 3, 4
),
wide as (
    select
        rule_region,
        school_year,
        max(case when setting = 'exchange_denominator' then value end) as denominator,
        max(case when setting = 'exchange_source' then value end) as source,
        max(case when setting = 'exchange_eligible_years' then value end) as eligible_years,
        max(case when setting = 'exchange_principal_years' then value end) as principal_years,
        max(case when setting = 'exchange_first_month' then value end) as first_month,
        max(case when setting = 'roster_month' then value end) as count_month,
        max(case when setting = 'minimum_coverage' and standard = 'quality_2017' then value end) as minimum_coverage
    from resolved
    group by 1, 2
),
line as (
    select
        rule_region,
        school_year,
        coalesce(
            max(case when measure = 'exchange_rate' and standard = 'quality_2017' then line end),
            max(case when measure = 'exchange_rate' and standard = 'basic_2012' then line end)
        ) as rate_line,
        coalesce(
            max(case when measure = 'exchange_backbone_share' and standard = 'quality_2017' then line end),
            max(case when measure = 'exchange_backbone_share' and standard = 'basic_2012' then line end)
        ) as backbone_line,
        coalesce(
            max(case when measure = 'exchange_rate' and standard = 'quality_2017' then document end),
            max(case when measure = 'exchange_rate' and standard = 'basic_2012' then document end)
        ) as document
    from core.region_line
    where measure in ('exchange_rate', 'exchange_backbone_share') and stage = 'compulsory'
    group by 1, 2
)
select
    county.county_code,
    wide.school_year,
    county.rule_region,
    wide.denominator,
    wide.source,
    cast(wide.eligible_years as bigint) as eligible_years,
    cast(wide.principal_years as bigint) as principal_years,
    cast(wide.first_month as bigint) as first_month,
    cast(wide.count_month as bigint) as count_month,
    cast(wide.minimum_coverage as double) as minimum_coverage,
    line.rate_line,
    line.backbone_line,
    line.document
from core.county as county
join wide on wide.rule_region = county.rule_region
left join line on line.rule_region = county.rule_region and line.school_year = wide.school_year
order by county.county_code, wide.school_year
