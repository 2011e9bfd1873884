-- zh: 同一人两段交流时间重叠，不应同时在两处任职
-- en: Nobody serves two stints at the same time
-- severity: query
-- guidance_zh: 核对该人员两段交流的起止时间与学校，更正或书面说明（如兼任两校）。
-- guidance_en: Check dates and schools of both stints; correct, or explain in writing (such as half a week at each).
select distinct
    'exchange' as form,
    'start_date' as field,
    stint.school_year,
    stint.submission_id,
    stint.sheet,
    stint.row_number,
    stint.block,
    cast(stint.start_date as varchar) as value,
    cast(null as varchar) as expected,
    stint.county_code,
    cast(null as varchar) as school_code,
    stint.stage
from returns.exchange as stint
join returns.exchange as other
    on other.school_year = stint.school_year
    and other.person = stint.person
    and (other.from_school_code <> stint.from_school_code or other.to_school_code <> stint.to_school_code)
    and other.start_date <= coalesce(stint.actual_end_date, stint.planned_end_date, other.start_date)
    and stint.start_date <= coalesce(other.actual_end_date, other.planned_end_date, stint.start_date)
