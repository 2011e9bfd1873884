-- zh: 申报的经费占比与按金额计算的占比一致
-- en: A share of funding as declared is the share that its amounts give
-- severity: query
-- guidance_zh: 核对占比的分子、分母与口径；按其他口径计算的请书面说明。
-- guidance_en: Check numerator, denominator and basis of the share; explain in writing where another one was used.
with
limits as (
    select max(case when parameter = 'largest_difference' then value end) as difference
    from rulebook.rule_parameter
    where rule = 'funding_share_is_the_computed'
)
select
    'funding' as form,
    'declared_share' as field,
    share.fiscal_year as school_year,
    funding.county_code,
    cast(null as varchar) as school_code,
    funding.stage,
    cast(share.share_declared as varchar) as value,
    concat('≈ ', cast(round(share.share_computed, 6) as varchar)) as expected,
    funding.submission_id,
    funding.sheet,
    funding.row_number,
    funding.block
from trends.funding_shares as share
join core.reported_county as reported
    on reported.county_code = share.county_code and reported.school_year = share.fiscal_year
join returns.funding as funding
    on funding.county_code = reported.reported_code
    and funding.fiscal_year = share.fiscal_year
    and funding.item = share.item
    and funding.stage = 'all'
cross join limits
where abs(share.share_declared - share.share_computed) > limits.difference
