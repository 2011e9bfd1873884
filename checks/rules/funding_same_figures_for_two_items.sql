-- zh: 同一县同一学段两个不同项目的本年数、上年数完全相同，疑似同一张表报送了两次
-- en: Two different items have the same figures, this year and the year before: one table may have been sent as two
-- severity: query
-- guidance_zh: 核对两张表是否为同一张表；如确属巧合请书面说明。
-- guidance_en: Check whether both tables are the same one; if it is a coincidence, explain in writing.
with pairs as (
    select
        one.fiscal_year,
        one.county_code,
        one.stage,
        one.item,
        other.item as other_item,
        one.value_yuan as figure
    from returns.funding as one
    join returns.funding as other
        on other.fiscal_year = one.fiscal_year
        and other.county_code = one.county_code
        and other.stage = one.stage
        and other.item <> one.item
        and other.value_yuan = one.value_yuan
        and other.prior_value_yuan = one.prior_value_yuan
    where one.value_yuan > 0
)
select
    'funding' as form,
    'value_yuan' as field,
    funding.fiscal_year as school_year,
    funding.submission_id,
    funding.sheet,
    funding.row_number,
    funding.block,
    cast(funding.value_yuan as varchar) as value,
    '<> ' || pairs.other_item as expected,
    funding.county_code,
    cast(null as varchar) as school_code,
    funding.stage
from pairs
join returns.funding as funding
    on funding.fiscal_year = pairs.fiscal_year
    and funding.county_code = pairs.county_code
    and funding.stage = pairs.stage
    and funding.item = pairs.item
