-- zh: 学生变动表第15栏（本学年初在校生数）等于同一学年分年级学生数的在校生数
-- en: Column 15 of the movement return is the enrolment of the same school year
-- severity: error
-- guidance_zh: 两张表统计时点相同，数字必须一致：核对后更正其中一张重新报送。
-- guidance_en: Both returns count the same day and must agree: correct the one that is wrong and send it again.
select
    'movement' as form,
    'pupils' as field,
    movement.school_year,
    movement.county_code,
    movement.school_code,
    movement.stage,
    cast(movement.pupils as varchar) as value,
    cast(enrolment.pupils as varchar) as expected
from returns.movement as movement
join returns.enrolment as enrolment
    on enrolment.school_year = movement.school_year
    and enrolment.school_code = movement.school_code
    and enrolment.stage = movement.stage
where movement.pupils <> enrolment.pupils
