-- zh: 生均值不应超出可能范围
-- en: A per-pupil value is possible
-- See core.value_screening: not_possible.
-- severity: query
-- guidance_zh: 核对数值、计量单位与学生数，更正后重新报送。
-- guidance_en: Check figure, unit and pupils, correct and send again.
select
    form,
    field,
    school_year,
    county_code,
    school_code,
    case when stage <> 'all' then stage end as stage,
    cast(round(figure, 2) as varchar) as value,
    concat('≈ ', cast(round(usual_per_pupil * pupils, 0) as varchar)) as expected
from core.value_screening
where suspicion = 'not_possible'
