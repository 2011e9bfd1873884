-- zh: 达标规划中的学校应在学校基本情况表中
-- en: A school of the plan of attainment is in the register of that school year
-- severity: query
-- guidance_zh: 更正规划对象代码；学校已变更标识码的改用新码。
-- guidance_en: Correct the code; use the new code of a school that changed it.
with
registering as (
    select distinct school_year, county_code from returns.school
),
registered as (
    select school_year, school_code from returns.school
    union
    select school_year, school_code from returns.quarantine where form = 'school' and school_code is not null
)
select
    'attainment_plan' as form,
    'target_code' as field,
    plan.school_year,
    plan.county_code,
    plan.target_code as school_code,
    cast(null as varchar) as stage,
    plan.target_code as value,
    cast(null as varchar) as expected,
    plan.submission_id,
    plan.sheet,
    plan.row_number,
    plan.block
from returns.attainment_plan as plan
join registering on registering.school_year = plan.school_year and registering.county_code = plan.county_code
left join registered on registered.school_year = plan.school_year and registered.school_code = plan.target_code
where length(plan.target_code) = 10 and registered.school_code is null
