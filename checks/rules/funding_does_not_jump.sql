-- zh: 经费数据与上年公布数相比不应成倍变化（疑似计量单位差错）
-- en: A funding figure is not a multiple of the one published for the year before: a unit may be wrong
-- Where the figure is again of the size it had two years before, it is the year between that was wrong.
-- severity: query
-- guidance_zh: 核对计量单位（元、万元、亿元）；属实的请书面说明。
-- guidance_en: Check the unit (yuan, 万元, 亿元); explain in writing where it is right.
with
limits as (
    select max(case when parameter = 'largest_factor' then value end) as factor
    from rulebook.rule_parameter
    where rule = 'funding_does_not_jump'
)
select
    'funding' as form,
    'value_yuan' as field,
    now.fiscal_year as school_year,
    now.county_code,
    cast(null as varchar) as school_code,
    now.stage,
    cast(now.value_yuan as varchar) as value,
    concat('≈ ', cast(before.value_yuan as varchar)) as expected,
    now.submission_id,
    now.sheet,
    now.row_number,
    now.block
from returns.funding as now
join returns.funding as before
    on before.county_code = now.county_code
    and before.stage = now.stage
    and before.item = now.item
    and before.fiscal_year = now.fiscal_year - 1
left join returns.funding as earlier
    on earlier.county_code = now.county_code
    and earlier.stage = now.stage
    and earlier.item = now.item
    and earlier.fiscal_year = now.fiscal_year - 2
cross join limits
where
    before.value_yuan > 0
    and now.value_yuan > 0
    and (now.value_yuan > limits.factor * before.value_yuan or before.value_yuan > limits.factor * now.value_yuan)
    and not coalesce(
        now.value_yuan <= limits.factor * earlier.value_yuan and earlier.value_yuan <= limits.factor * now.value_yuan,
        false
    )
