-- zh: 同一人同时在两所学校的名册上
-- en: Nobody is on the rosters of two schools of a county
-- severity: query
-- guidance_zh: 核对该人员实际任教学校；兼任两校的请书面说明。
-- guidance_en: Check where the person serves; explain in writing where it is both.
select
    'roster' as form,
    'school_code' as field,
    school_year,
    submission_id,
    sheet,
    row_number,
    block,
    school_code as value,
    cast(null as varchar) as expected,
    county_code,
    school_code,
    stage
from (
    select *, min(school_code) over person_of_county <> max(school_code) over person_of_county as several
    from returns.roster
    window person_of_county as (partition by school_year, county_code, person)
) as roster
where several
