-- zh: 同一县同一学年不应有两个标识码使用同一校名
-- en: No two codes of a county bear the same school name in one school year
-- severity: query
-- guidance_zh: 核对是否同一所学校重复登记；确为两所学校的请在校名中区分并说明。
-- guidance_en: Check whether one school is registered twice; where there are two, tell them apart in their names.
select
    'school' as form,
    'school_name' as field,
    school_year,
    county_code,
    school_code,
    cast(null as varchar) as stage,
    school_name as value,
    concat('≠ ', case when school_code = first_code then last_code else first_code end) as expected
from (
    select
        school_year,
        county_code,
        school_code,
        school_name,
        min(school_code) over same as first_code,
        max(school_code) over same as last_code
    from returns.school
    where school_name is not null and county_code is not null
    window same as (partition by school_year, county_code, school_name)
) as named
where first_code <> last_code
