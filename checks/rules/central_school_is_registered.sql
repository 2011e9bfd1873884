-- zh: 教学点所属中心校应在同一学年的学校基本情况表中
-- en: The central school of a teaching point is in the register of the same school year
-- severity: query
-- guidance_zh: 更正所属中心校标识码，或补报中心校基本情况。
-- guidance_en: Correct the code of the central school, or report that school in the register.
select
    'school' as form,
    'central_school_code' as field,
    point.school_year,
    point.county_code,
    point.school_code,
    cast(null as varchar) as stage,
    point.central_school_code as value,
    cast(null as varchar) as expected
from returns.school as point
left join returns.school as central
    on central.school_year = point.school_year and central.school_code = point.central_school_code
left join returns.quarantine as quarantine
    on quarantine.form = 'school'
    and quarantine.school_year = point.school_year
    and quarantine.school_code = point.central_school_code
where point.central_school_code is not null and central.school_code is null and quarantine.school_code is null
