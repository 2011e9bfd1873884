-- zh: 生均值与同县学校相差悬殊，且与本校其他年份不同
-- en: A per-pupil value is of the size that the schools of the county have, or that the school has in other years
-- See core.value_screening: far_from_peers.
-- severity: query
-- guidance_zh: 核对数值与计量单位；属实的请书面说明。
-- guidance_en: Check figure and unit; explain in writing where it is right.
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
where suspicion = 'far_from_peers'
