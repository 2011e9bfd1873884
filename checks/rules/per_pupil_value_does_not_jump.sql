-- zh: 生均值与上年相比不应突变（学校合并除外）
-- en: A per-pupil value does not jump from one year to the next, unless schools were merged
-- See core.value_screening: jump.
-- severity: query
-- guidance_zh: 核对本年与上年数值；确有新建、改建、大批购置的请书面说明。
-- guidance_en: Check both years; explain new buildings or large purchases in writing.
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
where suspicion = 'jump'
