-- zh: 县（市、区）
-- en: Counties: one row per county as it is today, whatever codes it reported under.
-- The name is the one reported last in the school register, else in a yearbook summary or funding return, else the code itself.
-- grain: county_code
-- columns:
--   county_code: 县级行政区划代码 | County code of today (000000: rows without a county code)
--   county_name: 县（市、区） | County, by its latest reported name
--   prefecture_code: 地级行政区划代码 | Prefecture (first four digits)
--   province_code: 省级行政区划代码 | Province (first two digits)
--   reported_codes: 曾用填报代码 | Codes it reported under, comma-separated
--   first_year: 最早学年 | First school year with data
--   last_year: 最近学年 | Last school year with data
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national rules only)
with
names as (
    select county_code as reported_code, county_name, school_year, 2 as preference
    from returns.school
    where county_name is not null
    group by 1, 2, 3
    union all
    select county_code, county_name, school_year, 1 as preference
    from returns.county_summary
    where county_name is not null
    group by 1, 2, 3
    union all
    select county_code, county_name, fiscal_year, 0 as preference
    from returns.funding
    where county_name is not null
    group by 1, 2, 3
),
ranked as (
    select
        reported.county_code,
        names.county_name,
        row_number() over (
            partition by reported.county_code
            order by names.preference desc, names.school_year desc, names.reported_code desc, names.county_name
        ) as rank
    from names
    join core.reported_county as reported
        on reported.reported_code = coalesce(names.reported_code, '000000')
        and reported.school_year = names.school_year
    where reported.county_code <> '000000'
),
regions as (
    select region_code from rulebook.choice
    union
    select region_code from rulebook.threshold
    union
    select region_code from rulebook.stage_weight
    union
    select region_code from rulebook.funding_line
    union
    select region_code from rulebook.school_standard_line
    union
    select region_code from rulebook.exchange_kind
),
codes as (
    select reported_code, county_code, min(school_year) as first_year, max(school_year) as last_year
    from core.reported_county
    group by 1, 2
),
county as (
    select
        county_code,
        string_agg(reported_code, ',' order by reported_code) as reported_codes,
        min(first_year) as first_year,
        max(last_year) as last_year
    from codes
    group by county_code
),
-- The regions a county lies in are nested, so that the longest code stands for all of them.
county_region as (
    select county.county_code, arg_max(regions.region_code, length(regions.region_code)) as rule_region
    from county
    join regions on starts_with(county.county_code, regions.region_code)
    group by county.county_code
)
select
    county.county_code,
    case
        when county.county_code = '000000' then '（未填县级代码）'
        else coalesce(ranked.county_name, county.county_code)
    end as county_name,
    substr(county.county_code, 1, 4) as prefecture_code,
    substr(county.county_code, 1, 2) as province_code,
    county.reported_codes,
    county.first_year,
    county.last_year,
    coalesce(county_region.rule_region, '') as rule_region
from county
left join ranked on ranked.county_code = county.county_code and ranked.rank = 1
left join county_region on county_region.county_code = county.county_code
order by county.county_code
