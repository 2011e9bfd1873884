-- zh: 数值不应为前后年的10倍或1万倍（疑似计量单位或小数点差错）
-- en: A figure is not ten or ten thousand times (or a tenth …) that of the years beside it: unit or decimal point
-- See core.value_screening: unit_slip.
-- severity: query
-- guidance_zh: 核对计量单位（如 元 与 万元、㎡ 与 亩）与小数点，更正后重新报送。
-- guidance_en: Check the unit (yuan or 万元, m² or 亩) and the decimal point, correct and send again.
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
where suspicion = 'unit_slip'
