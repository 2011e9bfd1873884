-- zh: 学校所在县级行政区划不应与上一学年不同
-- en: A school lies in the county in which it lay the year before
-- By the county codes of today: a county that was renamed or merged is the same one.
-- severity: query
-- guidance_zh: 核对县级行政区划代码；区划调整使学校划入他县的请书面说明。
-- guidance_en: Check the county code; explain in writing where a boundary was moved.
with
located as (
    select school.school_year, school.school_code, school.county_code as reported_code, reported.county_code
    from returns.school as school
    join core.reported_county as reported
        on reported.reported_code = school.county_code and reported.school_year = school.school_year
)
select
    'school' as form,
    'county_code' as field,
    now.school_year,
    now.reported_code as county_code,
    now.school_code,
    cast(null as varchar) as stage,
    now.reported_code as value,
    before.reported_code as expected
from located as now
join located as before on before.school_code = now.school_code and before.school_year = now.school_year - 1
where now.county_code <> before.county_code
