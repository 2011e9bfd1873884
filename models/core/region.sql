-- zh: 地区（县、地市、省、全国）
-- en: Regions that figures are given for: counties, prefectures, provinces and the nation.
-- Every county of core.county with the prefecture and the province its code lies in. rule_region is the most specific
-- region with rulebook rows of its own that holds the region: what holds for a prefecture as a whole is what the rulebook
-- says of it, of its province or of the nation. Rows without a county code (000000) count in the nation alone.
-- grain: level, region_code
-- columns:
--   level: 地区层级 | Level: county, prefecture, province or nation
--   region_code: 地区代码 | Region code: 6, 4 or 2 digits; empty for the nation
--   region_name: 地区名称 | Name (prefectures and provinces: their code)
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own (empty: national rules only)
with
known as (
    select 'county' as level, county_code as region_code, county_name as region_name from core.county
    union all
    select 'prefecture', prefecture_code, prefecture_code from core.county where county_code <> '000000' group by 2, 3
    union all
    select 'province', province_code, province_code from core.county where county_code <> '000000' group by 2, 3
    union all
    select 'nation', '', '全国' from core.county group by 2, 3
),
rules as (
    select rule_region from core.county group by 1
    union
    select region_code from rulebook.choice
    union
    select region_code from rulebook.threshold
    union
    select region_code from rulebook.school_standard_line
    union
    select region_code from rulebook.exchange_kind
)
select
    known.level,
    known.region_code,
    known.region_name,
    coalesce(arg_max(rules.rule_region, length(rules.rule_region)), '') as rule_region
from known
left join rules on starts_with(known.region_code, rules.rule_region)
group by 1, 2, 3
order by 1, 2
