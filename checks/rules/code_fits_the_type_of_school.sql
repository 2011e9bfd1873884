-- zh: 学校标识码的类别位应与办学类型相符
-- en: The kind of school that a code tells fits the type in the register
-- severity: note
-- guidance_zh: 变更办学类型的学校应更换标识码并在承继表中登记；填错的请更正。
-- guidance_en: A school that changed its type gets a new code and a succession row; correct what is wrong.
select
    'school' as form,
    'school_code' as field,
    school.school_year,
    school.county_code,
    school.school_code,
    cast(null as varchar) as stage,
    school.school_code as value,
    concat(school.school_type, ' ', type.zh) as expected
from returns.school as school
join rulebook.school_type as type on type.school_type = school.school_type
join rulebook.school_code_kind as kind on kind.kind = substr(school.school_code, 1, 2)
where
    type.role in ('school', 'teaching_point')
    and not ((type.has_primary and kind.has_primary) or (type.has_junior and kind.has_junior))
