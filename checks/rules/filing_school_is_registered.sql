-- zh: 填报学生的学校应在同一学年的学校基本情况表中
-- en: A school that files pupils is in the register of the same school year
-- Only where its county filed a register.
-- severity: query
-- owner: statistics
-- guidance_zh: 核对标识码；漏报基本情况的请补报。
-- guidance_en: Check the code, or report the school in the register.
with
registering as (
    select distinct school_year, county_code from returns.school
)
select
    'enrolment' as form,
    'school_code' as field,
    enrolment.school_year,
    enrolment.county_code,
    enrolment.school_code,
    enrolment.stage,
    enrolment.school_code as value,
    cast(null as varchar) as expected
from returns.enrolment as enrolment
join registering
    on registering.school_year = enrolment.school_year and registering.county_code = enrolment.county_code
left join returns.school as school
    on school.school_year = enrolment.school_year and school.school_code = enrolment.school_code
left join returns.quarantine as quarantine
    on quarantine.form = 'school'
    and quarantine.school_year = enrolment.school_year
    and quarantine.school_code = enrolment.school_code
where school.school_code is null and quarantine.school_code is null
