-- zh: 教育经费占比（按县、年度、指标）
-- en: Shares of funding by county, fiscal year and share: of GDP, of budget spending; training funds of public-use funds, of wages.
-- The components stand beside the share. Where the denominator was not reported, the share as declared is taken.
-- A share whose line counts is here for every year of the county, another one only where the county ever reported on it.
-- reason: several_codes; quarantined; not_reported; compared_missing (no denominator and none declared); no_line.
-- grain: county_code, fiscal_year, share
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   share: 占比指标 | Which share
--   item: 分子项目 | Item of the numerator
--   against: 分母项目 | Item of the denominator
--   numerator_yuan: 分子（元） | Numerator, yuan
--   denominator_yuan: 分母（元） | Denominator, yuan
--   share_computed: 占比（计算） | Numerator ÷ denominator
--   share_declared: 占比（申报） | Share as declared
--   value: 占比 | The share the verdict rests on
--   value_from: 占比来源 | computed or declared
--   line: 标准线 | The line, as a fraction
--   binding: 是否具约束力 | Whether the line decides (false: for reference only)
--   document: 依据文件 | Rule document
--   meets: 是否达标 | Whether the share is at or above the line
--   margin_points: 距标准线（百分点） | Share less the line, percentage points
--   reason: 未判定原因 | Why there is no verdict
--   change_points: 比上年变化（百分点） | Change of the share from the year before, percentage points
with
ever as (
    select county_code, item from core.funding where stage = 'all' group by 1, 2
),
figure as (
    select
        year.county_code,
        year.county_name,
        year.fiscal_year,
        test.test as share,
        test.item,
        test.against,
        test.comparison,
        own.value_yuan as numerator_yuan,
        other.value_yuan as denominator_yuan,
        own.value_yuan / nullif(other.value_yuan, 0) as share_computed,
        case when test.declared then own.declared_share end as share_declared,
        line.line,
        coalesce(line.binding, false) as binding,
        line.document,
        coalesce(own.quarantined, false) or coalesce(other.quarantined, false) as quarantined,
        coalesce(own.codes, 1) > 1 or coalesce(other.codes, 1) > 1 as several_codes,
        own.county_code is not null as has_row
    from core.funding_year as year
    join rulebook.funding_test as test on test.family = 'shares'
    left join core.funding as own
        on own.county_code = year.county_code
        and own.fiscal_year = year.fiscal_year
        and own.stage = 'all'
        and own.item = test.item
    left join core.funding as other
        on other.county_code = year.county_code
        and other.fiscal_year = year.fiscal_year
        and other.stage = 'all'
        and other.item = test.against
    left join core.funding_line as line
        on line.county_code = year.county_code
        and line.fiscal_year = year.fiscal_year
        and line.test = test.test
        and line.stage = 'all'
    left join ever on ever.county_code = year.county_code and ever.item = test.item
    where coalesce(line.binding, false) or ever.county_code is not null
),
valued as (
    select
        *,
        coalesce(share_computed, share_declared) as value,
        case
            when share_computed is not null then 'computed'
            when share_declared is not null then 'declared'
        end as value_from
    from figure
),
judged as (
    select
        *,
        case
            when comparison = 'above' then value > line + 1e-12
            else value >= line - 1e-12
        end as meets
    from valued
)
select
    this.county_code,
    this.county_name,
    this.fiscal_year,
    this.share,
    this.item,
    this.against,
    this.numerator_yuan,
    this.denominator_yuan,
    this.share_computed,
    this.share_declared,
    this.value,
    this.value_from,
    this.line,
    this.binding,
    this.document,
    this.meets,
    (this.value - this.line) * 100 as margin_points,
    case
        when this.meets is not null then null
        when this.value is not null then 'no_line'
        when this.several_codes then 'several_codes'
        when this.quarantined then 'quarantined'
        when not this.has_row then 'not_reported'
        else 'compared_missing'
    end as reason,
    (this.value - before.value) * 100 as change_points
from judged as this
left join judged as before
    on before.county_code = this.county_code
    and before.fiscal_year = this.fiscal_year - 1
    and before.share = this.share
order by this.county_code, this.fiscal_year, this.share
