-- zh: 政府工作自评结论、得分与系统计算结果一致
-- en: The verdict or score that a county declares of government work is the one computed from its returns
-- Where only the figures differ and both lead to the same verdict, trends.government_work shows both.
-- severity: query
-- guidance_zh: 核对自评依据与报送数据；口径不同的请书面说明。
-- guidance_en: Check the evidence against the returns; explain in writing where another basis was used.
select
    'government_work' as form,
    case
        when item.score_difference <> 0 then 'score'
        when declared.rate is not null then 'rate'
        when declared.value is not null then 'value'
        else 'met'
    end as field,
    item.school_year,
    declared.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    case
        when item.score_difference <> 0 then cast(item.declared_score as varchar)
        else concat(coalesce(cast(item.declared_value as varchar), ''), ' ', cast(item.declared_meets as varchar))
    end as value,
    case
        when item.score_difference <> 0 then cast(item.computed_score as varchar)
        else concat(
            coalesce(cast(round(item.computed_value, 4) as varchar), ''), ' ', cast(item.computed_meets as varchar)
        )
    end as expected,
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
where item.differs and (item.score_difference <> 0 or item.declared_meets <> item.computed_meets)
