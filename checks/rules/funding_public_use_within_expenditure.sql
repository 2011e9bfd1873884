-- zh: 生均公用经费支出是生均教育事业费支出的一部分，不应大于后者
-- en: Public-use funds per pupil are part of the expenditure per pupil and not above it
-- severity: query
-- guidance_zh: 核对两项数据的来源、口径与计量单位，更正或书面说明。
-- guidance_en: Check source, basis and unit of both figures; correct or explain in writing.
select
    'funding' as form,
    'value_yuan' as field,
    part.fiscal_year as school_year,
    part.submission_id,
    part.sheet,
    part.row_number,
    part.block,
    cast(part.value_yuan as varchar) as value,
    '< ' || cast(whole.value_yuan as varchar) as expected,
    part.county_code,
    cast(null as varchar) as school_code,
    part.stage
from returns.funding as part
join returns.funding as whole
    on whole.fiscal_year = part.fiscal_year
    and whole.county_code = part.county_code
    and whole.stage = part.stage
    and whole.item = 'expenditure_per_pupil'
where part.item = 'public_use_per_pupil' and part.value_yuan > whole.value_yuan + 0.005
