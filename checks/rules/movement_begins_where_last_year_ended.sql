-- zh: 学生变动表第1栏（上学年初在校生数）等于上一学年第15栏
-- en: Column 1 of the movement return is column 15 of the year before, also across mergers and changes of code
-- A school that carries others on may have begun with its own pupils or with those of all of them: both are in use. Its own
-- are also those of a code that it goes on from (any reason but a merger). Where the movement of the year before is missing
-- its enrolment stands in.
-- severity: query
-- guidance_zh: 以上一学年报表为准填写；上年数据已更正或学校有撤并的请书面说明。
-- guidance_en: Take the figure from last year's return; explain in writing where that was corrected or schools were merged.
with
ended_at as (
    select
        coalesce(movement.school_year, enrolment.school_year) as school_year,
        coalesce(movement.school_code, enrolment.school_code) as school_code,
        coalesce(movement.stage, enrolment.stage) as stage,
        coalesce(movement.pupils, enrolment.pupils) as pupils
    from returns.movement as movement
    full join returns.enrolment as enrolment
        on enrolment.school_year = movement.school_year
        and enrolment.school_code = movement.school_code
        and enrolment.stage = movement.stage
),
inherited as (
    select
        carried.school_year,
        carried.carried_code as school_code,
        ended_at.stage,
        case when count(ended_at.pupils) = count(*) then cast(sum(ended_at.pupils) as bigint) end as pupils
    from core.school_carried as carried
    join ended_at
        on ended_at.school_code = carried.school_code
        and ended_at.school_year = carried.school_year - 1
    group by 1, 2, 3
),
former as (
    select
        succession.school_year,
        succession.successor_code as school_code,
        ended_at.stage,
        case when count(ended_at.pupils) = count(*) then cast(sum(ended_at.pupils) as bigint) end as pupils
    from returns.school_succession as succession
    join ended_at
        on ended_at.school_code = succession.school_code
        and ended_at.school_year = succession.school_year - 1
    where succession.reason <> 'merged'
    group by 1, 2, 3
),
begun as (
    select
        movement.school_year,
        movement.county_code,
        movement.school_code,
        movement.stage,
        movement.pupils_last_year,
        case when inherited.school_code is not null and own.school_code is null then 0 else own.pupils end as own,
        inherited.school_code is not null as has_inherited,
        inherited.pupils as inherited,
        former.pupils as former
    from returns.movement as movement
    left join ended_at as own
        on own.school_code = movement.school_code
        and own.stage = movement.stage
        and own.school_year = movement.school_year - 1
    left join inherited
        on inherited.school_code = movement.school_code
        and inherited.stage = movement.stage
        and inherited.school_year = movement.school_year
    left join former
        on former.school_code = movement.school_code
        and former.stage = movement.stage
        and former.school_year = movement.school_year
)
select
    'movement' as form,
    'pupils_last_year' as field,
    school_year,
    county_code,
    school_code,
    stage,
    cast(pupils_last_year as varchar) as value,
    case
        when has_inherited then concat(cast(own as varchar), ' / ', cast(own + inherited as varchar))
        else cast(own as varchar)
    end as expected
from begun
where
    pupils_last_year <> own
    and (not has_inherited or pupils_last_year <> own + inherited)
    and (former is null or pupils_last_year <> own + former)
