-- zh: 学生变动表第3栏（招生）等于分年级学生数的招生数
-- en: Column 3 of the movement return is the entrants of the enrolment return
-- severity: query
-- guidance_zh: 核对两张表的招生数；口径不同（如含插班生）的请书面说明。
-- guidance_en: Check the entrants of both returns; explain in writing where they are counted differently.
select
    'movement' as form,
    'entrants' as field,
    movement.school_year,
    movement.county_code,
    movement.school_code,
    movement.stage,
    cast(movement.entrants as varchar) as value,
    cast(enrolment.entrants as varchar) as expected
from returns.movement as movement
join returns.enrolment as enrolment
    on enrolment.school_year = movement.school_year
    and enrolment.school_code = movement.school_code
    and enrolment.stage = movement.stage
where movement.entrants <> enrolment.entrants
