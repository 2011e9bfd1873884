-- zh: 各县经费年度及适用的规则选择
-- en: Every fiscal year of a county from its first to its last funding return, with the choices of the rulebook in force.
-- A year without a return is here too: what was not reported is seen. The most specific region wins.
-- grain: county_code, fiscal_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national)
--   growth_base: 增长的基数 | restated or published: the base the verdict rests on
--   run_years: 连续考核年数 | Years in a row in which the three increases must hold
with recursive
span as (
    select county_code, min(fiscal_year) as fiscal_year, max(fiscal_year) as last_year
    from core.funding
    group by county_code
    union all
    select county_code, fiscal_year + 1, last_year
    from span
    where fiscal_year < last_year
),
chosen as (
    select
        span.county_code,
        span.fiscal_year,
        choice.setting,
        arg_max(choice.value, length(choice.region_code)) as value
    from span
    join core.county as county on county.county_code = span.county_code
    join rulebook.choice as choice
        on choice.setting in ('funding_growth_base', 'funding_run_years')
        and starts_with(county.rule_region, choice.region_code)
        and span.fiscal_year >= choice.from_year
        and span.fiscal_year <= coalesce(choice.to_year, span.fiscal_year)
    group by 1, 2, 3
)
select
    span.county_code,
    county.county_name,
    span.fiscal_year,
    county.rule_region,
    max(case when chosen.setting = 'funding_growth_base' then chosen.value end) as growth_base,
    cast(max(case when chosen.setting = 'funding_run_years' then chosen.value end) as integer) as run_years
from span
join core.county as county on county.county_code = span.county_code
left join chosen on chosen.county_code = span.county_code and chosen.fiscal_year = span.fiscal_year
group by 1, 2, 3, 4
order by 1, 3
