-- zh: 已终止的学校标识码不应再填报学生
-- en: A school code that has ended files no pupils any more
-- A code that carries another one on later has been taken up again.
-- severity: query
-- owner: statistics
-- guidance_zh: 核对承继表与报表：标识码未终止的更正承继表，已终止的改由承继学校填报。
-- guidance_en: Correct the succession return where the code has not ended, else let the successor file.
with
ended as (
    select school_code, min(school_year) as school_year from returns.school_succession group by 1
),
taken_up as (
    select successor_code as school_code, max(school_year) as school_year
    from returns.school_succession
    where successor_code is not null
    group by 1
)
select
    'enrolment' as form,
    'school_code' as field,
    enrolment.school_year,
    enrolment.county_code,
    enrolment.school_code,
    enrolment.stage,
    cast(enrolment.pupils as varchar) as value,
    concat('< ', cast(ended.school_year as varchar)) as expected
from returns.enrolment as enrolment
join ended on ended.school_code = enrolment.school_code and enrolment.school_year >= ended.school_year
left join taken_up on taken_up.school_code = enrolment.school_code and taken_up.school_year <= enrolment.school_year
where enrolment.pupils > 0 and (taken_up.school_year is null or taken_up.school_year < ended.school_year)
