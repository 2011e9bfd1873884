-- zh: 一县某张报表的学校数不应比上一学年明显减少
-- en: A return covers about as many schools of a county as in the year before
-- Schools that a succession row ends are not missed, and rows held back count as filed. A county that filed other returns
-- and no row of this one counts with none.
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
    select 'school' as form, school_year, county_code, count(*) as schools
    from returns.school
    group by 1, 2, 3
    union all
    select 'enrolment', school_year, county_code, count(distinct school_code) from returns.enrolment group by 1, 2, 3
    union all
    select 'movement', school_year, county_code, count(distinct school_code) from returns.movement group by 1, 2, 3
    union all
    select 'class_size', school_year, county_code, count(distinct school_code) from returns.class_size group by 1, 2, 3
    union all
    select 'teacher', school_year, county_code, count(distinct school_code) from returns.teacher group by 1, 2, 3
    union all
    select 'premises', school_year, county_code, count(*) from returns.premises group by 1, 2, 3
    union all
    select 'equipment', school_year, county_code, count(*) from returns.equipment group by 1, 2, 3
    union all
    select form, school_year, county_code, count(distinct school_code)
    from returns.quarantine
    where form in ('school', 'enrolment', 'movement', 'class_size', 'teacher', 'premises', 'equipment')
    group by 1, 2, 3
),
counted as (
    select filed.form, filed.school_year, reported.county_code, cast(sum(filed.schools) as bigint) as schools
    from filed
    join core.reported_county as reported
        on reported.reported_code = coalesce(filed.county_code, '000000') and reported.school_year = filed.school_year
    group by 1, 2, 3
),
ending as (
    select reported.county_code, succession.school_year, count(distinct succession.school_code) as schools
    from returns.school_succession as succession
    join core.reported_county as reported
        on reported.reported_code = succession.county_code and reported.school_year = succession.school_year
    group by 1, 2
),
filing as (
    select distinct county_code, school_year from counted
),
compared as (
    select
        before.form,
        filing.school_year,
        filing.county_code,
        coalesce(now.schools, 0) as schools,
        before.schools - coalesce(ending.schools, 0) as expected
    from filing
    join counted as before on before.county_code = filing.county_code and before.school_year = filing.school_year - 1
    left join counted as now
        on now.form = before.form and now.county_code = filing.county_code and now.school_year = filing.school_year
    left join ending on ending.county_code = filing.county_code and ending.school_year = filing.school_year
)
select
    compared.form,
    cast(null as varchar) as field,
    compared.school_year,
    compared.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    cast(compared.schools as varchar) as value,
    concat('≈ ', cast(compared.expected as varchar)) as expected,
    cast(null as varchar) as submission_id,
    cast(null as varchar) as sheet,
    cast(null as integer) as row_number,
    cast(null as varchar) as block
from compared
cross join limits
where compared.expected >= limits.schools and compared.schools < limits.share * compared.expected
