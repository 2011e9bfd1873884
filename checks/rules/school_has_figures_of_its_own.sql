-- zh: 同一县两个标识码的分年级学生数完全相同，疑似同一所学校重复填报
-- en: Two codes of a county have the same pupils in every grade: one school may have been filed twice
-- severity: query
-- guidance_zh: 核对是否同一所学校用两个标识码填报；如确属巧合请书面说明。
-- guidance_en: Check whether one school filed under two codes; if it is a coincidence, explain in writing.
with
limits as (
    select max(case when parameter = 'minimum_pupils' then value end) as pupils
    from rulebook.rule_parameter
    where rule = 'school_has_figures_of_its_own'
),
graded as (
    select
        school_year,
        county_code,
        school_code,
        stage,
        enrolment.pupils,
        min(school_code) over same as first_code,
        max(school_code) over same as last_code
    from returns.enrolment as enrolment
    cross join limits
    where
        stage in ('primary', 'junior')
        and county_code is not null
        and enrolment.pupils >= limits.pupils
        and coalesce(grade_2, grade_8) is not null
    window same as (
        partition by
            school_year, county_code, stage, enrolment.pupils, grade_1, grade_2, grade_3, grade_4, grade_5, grade_6, grade_7,
            grade_8, grade_9, female_pupils
    )
)
select
    'enrolment' as form,
    'pupils' as field,
    school_year,
    county_code,
    school_code,
    stage,
    cast(pupils as varchar) as value,
    concat('≠ ', case when school_code = first_code then last_code else first_code end) as expected
from graded
where first_code <> last_code
