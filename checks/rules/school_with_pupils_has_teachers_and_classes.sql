-- zh: 有在校生的学校应有专任教师和班级
-- en: A school with pupils has full-time teachers and classes
-- severity: query
-- needs: any
-- guidance_zh: 补填专任教师数、班数；由中心校教师任教的请书面说明。
-- guidance_en: Enter teachers and classes; explain in writing where teachers of another school teach.
with
limits as (
    select max(case when parameter = 'minimum_pupils' then value end) as pupils
    from rulebook.rule_parameter
    where rule = 'school_with_pupils_has_teachers_and_classes'
)
select
    'teacher' as form,
    'teachers' as field,
    teacher.school_year,
    teacher.county_code,
    teacher.school_code,
    teacher.stage,
    '0' as value,
    concat('> 0 (', cast(enrolment.pupils as varchar), ')') as expected
from returns.teacher as teacher
join returns.enrolment as enrolment
    on enrolment.school_year = teacher.school_year
    and enrolment.school_code = teacher.school_code
    and enrolment.stage = teacher.stage
cross join limits
where teacher.teachers = 0 and enrolment.pupils >= limits.pupils
union all
select
    'class_size',
    'classes',
    class_size.school_year,
    class_size.county_code,
    class_size.school_code,
    class_size.stage,
    '0',
    concat('> 0 (', cast(enrolment.pupils as varchar), ')')
from returns.class_size as class_size
join returns.enrolment as enrolment
    on enrolment.school_year = class_size.school_year
    and enrolment.school_code = class_size.school_code
    and enrolment.stage = class_size.stage
cross join limits
where class_size.classes = 0 and enrolment.pupils >= limits.pupils
