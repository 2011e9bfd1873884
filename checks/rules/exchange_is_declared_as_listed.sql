-- zh: 学校填报的交流人数与交流名单一致
-- en: A school declares as many exchanged as the list holds of it
-- Only in counties with both, of which no row of either is held back.
-- severity: query
-- guidance_zh: 核对交流名单与填报人数，更正其中一项。
-- guidance_en: Check the list against the declared number and correct one of them.
select
    'exchange_eligible' as form,
    'exchanged' as field,
    school.school_year,
    school.county_code,
    school.school_code,
    school.stage,
    cast(school.exchanged_declared as varchar) as value,
    cast(school.exchanged_listed as varchar) as expected
from core.exchange_school as school
join trends.exchange_agreement as agreement
    on agreement.county_code = school.county_code
    and agreement.school_year = school.school_year
    and agreement.stage = 'compulsory'
where
    coalesce(agreement.reason, '') not in ('county_unknown', 'no_declaration', 'no_list', 'list_incomplete')
    and school.declares
    and school.exchanged_declared <> school.exchanged_listed
