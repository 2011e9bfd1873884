-- zh: 教育经费事实（按县、年度、学段、项目）
-- en: Funding facts by county, fiscal year, level and item: the figure, both bases of its growth, both growths.
-- The restated base is the year before as printed this year; the published base is that year's own return. Where no
-- restated base is printed, the declared growth (also made this year, on this year's basis) stands for it.
-- A quarantined row is here without figures. Where several former counties of one county of today filed, a figure per
-- head cannot be made of theirs and no basis is common to them: there are codes > 1 and no figures.
-- grain: county_code, fiscal_year, stage, item
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   stage: 学段 | Level (all: the whole county)
--   item: 项目 | Item
--   codes: 填报代码数 | County codes that filed the figure
--   quarantined: 是否被隔离 | Whether the row was quarantined
--   value_yuan: 本年数（元） | Figure of the year, yuan
--   prior_value_yuan: 上年数（同口径，元） | Year before as printed this year, yuan
--   published_prior_value_yuan: 上年数（上年公布，元） | Year before as published that year, yuan
--   restatement: 上年数调整幅度 | Restated year before against the published one, as a fraction
--   growth_restated: 增长率（同口径） | Growth on the restated base
--   growth_restated_from: 同口径增长率来源 | prior_value (computed) or declared
--   growth_published: 增长率（上年公布数） | Growth on the published base
--   declared_growth: 增长率（申报） | Growth as declared
--   compared_growth: 对比项目增长率（申报） | Growth of what it is compared with, as declared
--   declared_gap: 增长幅度比较（申报） | Gap as declared, as a fraction
--   declared_share: 占比（申报） | Share as declared
--   basis: 口径 | Basis of the figures
with
bad as (
    select
        school_year as fiscal_year,
        split_part(row_key, '|', 1) as county_code,
        split_part(row_key, '|', 2) as stage,
        split_part(row_key, '|', 3) as item
    from returns.quarantine
    where form = 'funding' and row_key is not null and school_year is not null
    group by 1, 2, 3, 4
),
reported as (
    select
        county_code as reported_code, fiscal_year, stage, item, false as quarantined, value_yuan, prior_value_yuan,
        declared_growth, compared_growth, declared_gap, declared_share, basis
    from returns.funding
    union all
    select county_code, fiscal_year, stage, item, true, null, null, null, null, null, null, null
    from bad
),
of_county as (
    select
        county.county_code,
        reported.fiscal_year,
        reported.stage,
        reported.item,
        count(distinct reported.reported_code) as codes,
        bool_or(reported.quarantined) as quarantined,
        max(reported.value_yuan) as value_yuan,
        max(reported.prior_value_yuan) as prior_value_yuan,
        max(reported.declared_growth) as declared_growth,
        max(reported.compared_growth) as compared_growth,
        max(reported.declared_gap) as declared_gap,
        max(reported.declared_share) as declared_share,
        max(reported.basis) as basis
    from reported
    join core.reported_county as county
        on county.reported_code = reported.reported_code and county.school_year = reported.fiscal_year
    group by 1, 2, 3, 4
),
-- Of a county in several parts, or of a quarantined row, no figure is used.
single as (
    select
        county_code,
        fiscal_year,
        stage,
        item,
        codes,
        quarantined,
        case when codes = 1 and not quarantined then value_yuan end as value_yuan,
        case when codes = 1 and not quarantined then prior_value_yuan end as prior_value_yuan,
        case when codes = 1 and not quarantined then declared_growth end as declared_growth,
        case when codes = 1 and not quarantined then compared_growth end as compared_growth,
        case when codes = 1 and not quarantined then declared_gap end as declared_gap,
        case when codes = 1 and not quarantined then declared_share end as declared_share,
        case when codes = 1 then basis end as basis
    from of_county
)
select
    this.county_code,
    this.fiscal_year,
    this.stage,
    this.item,
    this.codes,
    this.quarantined,
    this.value_yuan,
    this.prior_value_yuan,
    before.value_yuan as published_prior_value_yuan,
    this.prior_value_yuan / nullif(before.value_yuan, 0) - 1 as restatement,
    coalesce(
        (this.value_yuan - this.prior_value_yuan) / nullif(this.prior_value_yuan, 0), this.declared_growth
    ) as growth_restated,
    case
        when this.value_yuan is not null and this.prior_value_yuan > 0 then 'prior_value'
        when this.declared_growth is not null then 'declared'
    end as growth_restated_from,
    (this.value_yuan - before.value_yuan) / nullif(before.value_yuan, 0) as growth_published,
    this.declared_growth,
    this.compared_growth,
    this.declared_gap,
    this.declared_share,
    this.basis
from single as this
left join single as before
    on before.county_code = this.county_code
    and before.fiscal_year = this.fiscal_year - 1
    and before.stage = this.stage
    and before.item = this.item
order by this.county_code, this.fiscal_year, this.stage, this.item
