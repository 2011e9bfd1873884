-- zh: 一县某张报表的学校数不应比上一学年明显减少
-- en: A return covers about as many schools of a county as in the year before
-- Schools that a succession row ends are not missed. A county that filed no row of the return, and pupils, counts with none.
-- severity: query
-- needs: any
-- owner: statistics
-- guidance_zh: 核对漏报的学校并补报；学校撤并的请在承继表中登记。
-- guidance_en: Send the returns of the schools that are missing; report mergers in the succession return.
with
limits as (
    select
        max(case when parameter = 'smallest_share' then value end) as share,
        max(case when parameter = 'minimum_schools' then value end) as schools
    from rulebook.rule_parameter
    where rule = 'return_covers_its_schools'
),
filed as (
    select 'school' as form, school_year, county_code, school_code from returns.school
    union
    select 'enrolment', school_year, county_code, school_code from returns.enrolment
    union
    select 'movement', school_year, county_code, school_code from returns.movement
    union
    select 'class_size', school_year, county_code, school_code from returns.class_size
    union
    select 'teacher', school_year, county_code, school_code from returns.teacher
    union
    select 'premises', school_year, county_code, school_code from returns.premises
    union
    select 'equipment', school_year, county_code, school_code from returns.equipment
    union
    select form, school_year, county_code, school_code
    from returns.quarantine
    where school_code is not null
        and form in ('school', 'enrolment', 'movement', 'class_size', 'teacher', 'premises', 'equipment')
),
ended as (
    select school_code, min(school_year) as school_year from returns.school_succession group by 1
),
counted as (
    select
        filed.form,
        filed.school_year,
        reported.county_code,
        count(distinct filed.school_code) as schools,
        count(distinct case when ended.school_year = filed.school_year + 1 then filed.school_code end) as ending
    from filed
    join core.reported_county as reported
        on reported.reported_code = coalesce(filed.county_code, '000000') and reported.school_year = filed.school_year
    left join ended on ended.school_code = filed.school_code
    group by 1, 2, 3
),
filing as (
    select county_code, school_year from counted group by 1, 2
)
select
    before.form,
    cast(null as varchar) as field,
    filing.school_year,
    filing.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    cast(coalesce(now.schools, 0) as varchar) as value,
    concat('≈ ', cast(before.schools - before.ending as varchar)) as expected,
    cast(null as varchar) as submission_id,
    cast(null as varchar) as sheet,
    cast(null as integer) as row_number,
    cast(null as varchar) as block
from filing
join counted as before on before.county_code = filing.county_code and before.school_year = filing.school_year - 1
cross join limits
left join counted as now
    on now.form = before.form and now.county_code = filing.county_code and now.school_year = filing.school_year
where
    before.schools - before.ending >= limits.schools
    and coalesce(now.schools, 0) < limits.share * (before.schools - before.ending)
