-- zh: 交流名单中的原任职学校与交流任职学校应在学校基本情况表中
-- en: The schools of an exchange are in the register of the school year or of an earlier one
-- A stint may begin at a school whose code has ended since. Schools of a county that files no register are not looked for.
-- severity: query
-- guidance_zh: 更正学校标识码；学校已变更标识码的请在承继表中登记。
-- guidance_en: Correct the code; report a changed code in the succession return.
with
registering as (
    select distinct school_year, county_code from returns.school
),
registered as (
    select school_code, min(school_year) as school_year
    from (
        select school_code, school_year from returns.school
        union all
        select school_code, school_year from returns.quarantine where form = 'school' and school_code is not null
    ) as known
    group by 1
),
ended as (
    select distinct school_code from returns.school_succession
),
named as (
    select *, 'from_school_code' as field, from_school_code as named_code from returns.exchange
    union all
    select *, 'to_school_code', to_school_code from returns.exchange
)
select
    'exchange' as form,
    named.field,
    named.school_year,
    named.county_code,
    named.named_code as school_code,
    named.stage,
    named.named_code as value,
    cast(null as varchar) as expected,
    named.submission_id,
    named.sheet,
    named.row_number,
    named.block
from named
join registering on registering.school_year = named.school_year and registering.county_code = named.county_code
left join registered
    on registered.school_code = named.named_code and registered.school_year <= named.school_year
left join ended on ended.school_code = named.named_code
where named.named_code is not null and registered.school_code is null and ended.school_code is null
