-- zh: 承继学校应在学校基本情况表中
-- en: The school that carries another one on is in the register, in that year or later
-- Only where the county filed a register in that year.
-- severity: query
-- guidance_zh: 更正承继学校标识码，或补报该校基本情况。
-- guidance_en: Correct the successor's code, or report the school in the register.
with
registering as (
    select distinct school_year, county_code from returns.school
),
registered as (
    select school_code, max(school_year) as school_year from returns.school group by 1
)
select
    'school_succession' as form,
    'successor_code' as field,
    succession.school_year,
    succession.county_code,
    succession.school_code,
    cast(null as varchar) as stage,
    succession.successor_code as value,
    cast(null as varchar) as expected
from returns.school_succession as succession
join registering
    on registering.school_year = succession.school_year and registering.county_code = succession.county_code
left join registered
    on registered.school_code = succession.successor_code and registered.school_year >= succession.school_year
left join returns.quarantine as quarantine
    on quarantine.form = 'school'
    and quarantine.school_code = succession.successor_code
    and quarantine.school_year = succession.school_year
left join returns.school_succession as next
    on next.school_code = succession.successor_code and next.school_year = succession.school_year
where
    succession.successor_code is not null
    and registered.school_code is null
    and quarantine.school_code is null
    and next.school_code is null
