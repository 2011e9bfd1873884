-- zh: 各校报表的县级合计与公布的汇总（年鉴、公报）相符
-- en: The sums over the schools of a county are the published totals (yearbook, communiqué)
-- Pupils, entrants, graduates and teachers of primary and junior schools; only where no school that filed lacks
-- the figure.
-- severity: query
-- guidance_zh: 核对漏报、重报的学校与统计口径；公布数有误的请书面说明。
-- guidance_en: Look for schools missing or filed twice and for another basis; explain a wrong published figure in writing.
with
limits as (
    select max(case when parameter = 'largest_share_of_difference' then value end) as share
    from rulebook.rule_parameter
    where rule = 'county_totals_are_the_published'
),
pupils as (
    select
        reported.county_code,
        enrolment.school_year,
        stage,
        case when count(pupils) = count(*) then cast(sum(pupils) as bigint) end as pupils,
        case when count(entrants) = count(*) then cast(sum(entrants) as bigint) end as entrants
    from returns.enrolment as enrolment
    join core.reported_county as reported
        on reported.reported_code = enrolment.county_code and reported.school_year = enrolment.school_year
    group by 1, 2, 3
),
graduates as (
    select
        reported.county_code,
        movement.school_year,
        stage,
        case when count(graduates) = count(*) then cast(sum(graduates) as bigint) end as graduates
    from returns.movement as movement
    join core.reported_county as reported
        on reported.reported_code = movement.county_code and reported.school_year = movement.school_year
    group by 1, 2, 3
),
teachers as (
    select
        reported.county_code,
        teacher.school_year,
        stage,
        case when count(teachers) = count(*) then cast(sum(teachers) as bigint) end as teachers
    from returns.teacher as teacher
    join core.reported_county as reported
        on reported.reported_code = teacher.county_code and reported.school_year = teacher.school_year
    group by 1, 2, 3
),
published as (
    select summary.*, reported.county_code as county_of_today
    from returns.county_summary as summary
    join core.reported_county as reported
        on reported.reported_code = summary.county_code and reported.school_year = summary.school_year
    where summary.level in ('primary', 'junior')
),
beside as (
    select published.*, 'pupils' as field, published.pupils as told, pupils.pupils as summed
    from published
    join pupils
        on pupils.county_code = published.county_of_today
        and pupils.school_year = published.school_year
        and pupils.stage = published.level
    union all
    select published.*, 'entrants', published.entrants, pupils.entrants
    from published
    join pupils
        on pupils.county_code = published.county_of_today
        and pupils.school_year = published.school_year
        and pupils.stage = published.level
    union all
    select published.*, 'graduates', published.graduates, graduates.graduates
    from published
    join graduates
        on graduates.county_code = published.county_of_today
        and graduates.school_year = published.school_year
        and graduates.stage = published.level
    union all
    select published.*, 'teachers', published.teachers, teachers.teachers
    from published
    join teachers
        on teachers.county_code = published.county_of_today
        and teachers.school_year = published.school_year
        and teachers.stage = published.level
)
select
    'county_summary' as form,
    beside.field,
    beside.school_year,
    beside.county_code,
    cast(null as varchar) as school_code,
    beside.level as stage,
    cast(beside.summed as varchar) as value,
    cast(beside.told as varchar) as expected,
    beside.submission_id,
    beside.sheet,
    beside.row_number,
    beside.block
from beside
cross join limits
where abs(beside.summed - beside.told) > limits.share * beside.told
