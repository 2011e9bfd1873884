-- zh: 政府工作项目得分不超过该项分值
-- en: The score of an item of government work does not exceed its points
-- severity: query
-- guidance_zh: 核对该项分值与自评得分。
-- guidance_en: Check the points of the item and the declared score.
select
    'government_work' as form,
    'score' as field,
    item.school_year,
    declared.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    cast(declared.score as varchar) as value,
    concat('≤ ', cast(item.points as varchar)) as expected,
    declared.submission_id,
    declared.sheet,
    declared.row_number,
    declared.block
from trends.government_work as item
join core.reported_county as reported
    on reported.county_code = item.county_code and reported.school_year = item.school_year
join returns.government_work as declared
    on declared.county_code = reported.reported_code
    and declared.school_year = item.school_year
    and declared.item = item.item
where declared.score > item.points + 1e-9
