-- zh: 上一学年有在校生的学校本学年未填报任何报表，又无承继记录
-- en: A school with pupils is there in the next year, or a succession row says what became of it
-- Pupils below the final grade remain somewhere. Only where the county filed enrolment of that stage in the next year. The
-- finding stands in the last row of the school.
-- severity: query
-- owner: statistics
-- guidance_zh: 学校撤并、更名换码的请在学校标识码变更承继表中补报；漏报的请补报报表。
-- guidance_en: Report a merger, closure or new code in the succession return; send the missing returns otherwise.
with
filing as (
    select distinct county_code, school_year, stage from core.school_stage where pupils is not null
),
there as (
    select distinct school_year, school_code from core.school_stage
),
ended as (
    select distinct school_code, school_year from returns.school_succession
)
select
    'enrolment' as form,
    'pupils' as field,
    enrolment.school_year,
    enrolment.county_code,
    enrolment.school_code,
    enrolment.stage,
    cast(enrolment.pupils as varchar) as value,
    cast(enrolment.school_year + 1 as varchar) as expected
from returns.enrolment as enrolment
join core.reported_county as reported
    on reported.reported_code = enrolment.county_code and reported.school_year = enrolment.school_year
join filing
    on filing.county_code = reported.county_code
    and filing.stage = enrolment.stage
    and filing.school_year = enrolment.school_year + 1
left join there on there.school_code = enrolment.school_code and there.school_year = enrolment.school_year + 1
left join ended on ended.school_code = enrolment.school_code and ended.school_year = enrolment.school_year + 1
where
    there.school_code is null
    and ended.school_code is null
    and enrolment.pupils - coalesce(case when enrolment.stage = 'junior' then enrolment.grade_9 else enrolment.grade_6 end, 0) > 0
