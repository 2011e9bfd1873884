-- zh: 首次填报的学校有非起始年级学生，又无承继记录
-- en: A school that files for the first time has pupils of the first grade only, or a succession row says whom it carries on
-- Only where the county filed enrolment of that stage in the year before.
-- severity: query
-- owner: statistics
-- guidance_zh: 由原有学校变更而来的请在学校标识码变更承继表中补报；新建校招收插班生的请书面说明。
-- guidance_en: Report the school it came from in the succession return; explain late joiners of a new school in writing.
with
limits as (
    select max(case when parameter = 'minimum_pupils' then value end) as pupils
    from rulebook.rule_parameter
    where rule = 'school_does_not_appear_from_nowhere'
),
filing as (
    select distinct county_code, school_year, stage from core.school_stage where pupils is not null
),
first_filed as (
    select school_code, min(school_year) as school_year from core.school_stage group by 1
),
carrying as (
    select distinct school_year, carried_code as school_code from core.school_carried
),
above as (
    select
        enrolment.*,
        enrolment.pupils - case when stage = 'junior' then grade_7 else grade_1 end as above_first_grade
    from returns.enrolment as enrolment
    where stage in ('primary', 'junior')
)
select
    'enrolment' as form,
    'pupils' as field,
    above.school_year,
    above.county_code,
    above.school_code,
    above.stage,
    cast(above.above_first_grade as varchar) as value,
    cast(null as varchar) as expected
from above
cross join limits
join first_filed on first_filed.school_code = above.school_code and first_filed.school_year = above.school_year
join core.reported_county as reported
    on reported.reported_code = above.county_code and reported.school_year = above.school_year
join filing
    on filing.county_code = reported.county_code
    and filing.stage = above.stage
    and filing.school_year = above.school_year - 1
left join carrying on carrying.school_code = above.school_code and carrying.school_year = above.school_year
where carrying.school_code is null and above.above_first_grade >= limits.pupils
