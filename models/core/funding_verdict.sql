-- zh: 经费增长判定（按县、年度、学段、考核项）
-- en: Verdicts of the growth tests of funding by county, fiscal year, level and test, on both bases.
-- The gap is the growth of the item less the growth it is measured against (that of regular revenue; nothing where the
-- test is growth alone), in percentage points. A test that counts (a binding line) is here for every year of the county,
-- another one only where the county ever reported on it.
-- verdict: by the base the rulebook chooses. Under restated, the published base stands in where this year's return
-- gives none; under published, nothing stands in.
-- reason: several_codes (several former counties filed); quarantined; not_reported; value_missing; compared_missing (no
-- growth of what it is measured against); no_base (no year before, or only one the rulebook does not choose).
-- run: years in a row up to this one in which the test was met; run_verdict over the last run_years years.
-- grain: county_code, fiscal_year, stage, test
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   stage: 学段 | Level (all: the whole county)
--   family: 考核类别 | three_increases or two_only_increase
--   test: 考核项 | Test
--   position: 序号 | Position of the test in its family
--   item: 项目 | Item whose growth is tested
--   value_yuan: 本年数（元） | Figure of the year, yuan
--   prior_value_yuan: 上年数（同口径，元） | Year before as printed this year, yuan
--   published_prior_value_yuan: 上年数（上年公布，元） | Year before as published that year, yuan
--   declared_growth: 增长率（申报） | Growth as declared
--   growth_restated: 增长率（同口径） | Growth on the restated base
--   growth_published: 增长率（上年公布数） | Growth on the published base
--   compared_growth_restated: 对比项目增长率（同口径） | Growth it is measured against, restated base
--   compared_growth_published: 对比项目增长率（上年公布数） | Growth it is measured against, published base
--   declared_gap_points: 增长幅度之差（申报，百分点） | Gap as declared, percentage points
--   gap_restated_points: 增长幅度之差（同口径，百分点） | Gap on the restated base, percentage points
--   gap_published_points: 增长幅度之差（上年公布数，百分点） | Gap on the published base, percentage points
--   line_points: 标准线（百分点） | Line of the gap, percentage points
--   binding: 是否具约束力 | Whether the line decides (false: for reference only)
--   document: 依据文件 | Rule document
--   meets_restated: 同口径是否达标 | Whether the test is met on the restated base
--   meets_published: 按上年公布数是否达标 | Whether the test is met on the published base
--   verdicts_differ: 两种口径判定是否不同 | Whether both verdicts exist and differ
--   verdict: 判定 | The verdict by the base the rulebook chooses
--   verdict_base: 判定所依基数 | What the verdict rests on: prior_value, declared or published
--   margin_points: 距标准线（百分点） | Gap of the verdict's base less the line, percentage points
--   reason: 未判定原因 | Why there is no verdict
--   run_years: 连续考核年数 | Years of the run
--   years_met: 连续达标年数 | Years in a row, up to this one, in which the test was met
--   run_verdict: 连续考核判定 | True where met in all years of the run, false where not met in one, else null
with
line as (
    select
        line.county_code,
        line.fiscal_year,
        line.stage,
        test.family,
        line.test,
        test.position,
        test.item,
        test.against,
        test.comparison,
        line.line,
        line.binding,
        line.document
    from core.funding_line as line
    join rulebook.funding_test as test
        on test.test = line.test and test.family in ('three_increases', 'two_only_increase')
),
reported as (
    select county_code, stage, item from core.funding group by 1, 2, 3
),
figure as (
    select
        line.*,
        own.county_code is not null as has_row,
        coalesce(own.quarantined, false) or coalesce(other.quarantined, false) as quarantined,
        coalesce(own.codes, 1) as codes,
        own.value_yuan,
        own.prior_value_yuan,
        own.published_prior_value_yuan,
        own.declared_growth,
        own.declared_gap * 100 as declared_gap_points,
        own.growth_restated,
        own.growth_published,
        case when line.against <> '' then coalesce(other.growth_restated, own.compared_growth) end
            as compared_growth_restated,
        case when line.against <> '' then other.growth_published end as compared_growth_published,
        case
            when own.growth_restated_from = 'prior_value'
                and (line.against = '' or coalesce(other.growth_restated_from, 'declared') = 'prior_value')
                then 'prior_value'
            when own.growth_restated_from is not null then 'declared'
        end as restated_from
    from line
    left join core.funding as own
        on own.county_code = line.county_code
        and own.fiscal_year = line.fiscal_year
        and own.stage = line.stage
        and own.item = line.item
    left join core.funding as other
        on other.county_code = line.county_code
        and other.fiscal_year = line.fiscal_year
        and other.stage = line.stage
        and other.item = line.against
    left join reported
        on reported.county_code = line.county_code
        and reported.stage = line.stage
        and reported.item = line.item
    where line.binding or reported.county_code is not null
),
gap as (
    select
        *,
        case
            when against = '' then growth_restated
            else growth_restated - compared_growth_restated
        end * 100 as gap_restated_points,
        case
            when against = '' then growth_published
            else growth_published - compared_growth_published
        end * 100 as gap_published_points,
        line * 100 as line_points
    from figure
),
-- A growth is a quotient of floats: a billionth of a point is no growth.
judged as (
    select
        *,
        case
            when comparison = 'above' then gap_restated_points > line_points + 1e-9
            else gap_restated_points >= line_points - 1e-9
        end as meets_restated,
        case
            when comparison = 'above' then gap_published_points > line_points + 1e-9
            else gap_published_points >= line_points - 1e-9
        end as meets_published
    from gap
),
decided as (
    select
        judged.*,
        year.county_name,
        year.run_years,
        year.growth_base,
        case
            when year.growth_base = 'published' then judged.meets_published
            else coalesce(judged.meets_restated, judged.meets_published)
        end as verdict,
        case
            when year.growth_base <> 'published' and judged.meets_restated is not null then judged.restated_from
            when judged.meets_published is not null then 'published'
        end as verdict_base
    from judged
    join core.funding_year as year
        on year.county_code = judged.county_code and year.fiscal_year = judged.fiscal_year
),
run as (
    select
        this.county_code,
        this.fiscal_year,
        this.stage,
        this.test,
        count(case when past.verdict then 1 end) as met,
        count(case when not past.verdict then 1 end) as not_met
    from decided as this
    join decided as past
        on past.county_code = this.county_code
        and past.stage = this.stage
        and past.test = this.test
        and past.fiscal_year <= this.fiscal_year
        and past.fiscal_year > this.fiscal_year - this.run_years
    group by 1, 2, 3, 4
),
streak as (
    select
        county_code,
        fiscal_year,
        stage,
        test,
        fiscal_year - max(case when not coalesce(verdict, false) then fiscal_year end) over (
            partition by county_code, stage, test
            order by fiscal_year
            rows between unbounded preceding and current row
        ) as since_last_other,
        count(*) over (
            partition by county_code, stage, test
            order by fiscal_year
            rows between unbounded preceding and current row
        ) as years_so_far
    from decided
)
select
    decided.county_code,
    decided.county_name,
    decided.fiscal_year,
    decided.stage,
    decided.family,
    decided.test,
    decided.position,
    decided.item,
    decided.value_yuan,
    decided.prior_value_yuan,
    decided.published_prior_value_yuan,
    decided.declared_growth,
    decided.growth_restated,
    decided.growth_published,
    decided.compared_growth_restated,
    decided.compared_growth_published,
    decided.declared_gap_points,
    decided.gap_restated_points,
    decided.gap_published_points,
    decided.line_points,
    decided.binding,
    decided.document,
    decided.meets_restated,
    decided.meets_published,
    coalesce(decided.meets_restated <> decided.meets_published, false) as verdicts_differ,
    decided.verdict,
    decided.verdict_base,
    case when decided.verdict_base = 'published' then decided.gap_published_points else decided.gap_restated_points end
        - case when decided.verdict_base is not null then decided.line_points end as margin_points,
    case
        when decided.verdict is not null then null
        when decided.codes > 1 then 'several_codes'
        when decided.quarantined then 'quarantined'
        when not decided.has_row then 'not_reported'
        when decided.value_yuan is null and decided.declared_growth is null then 'value_missing'
        when decided.growth_base = 'published' and decided.growth_published is null then 'no_base'
        when decided.growth_restated is null and decided.growth_published is null then 'no_base'
        else 'compared_missing'
    end as reason,
    decided.run_years,
    coalesce(streak.since_last_other, streak.years_so_far) as years_met,
    case
        when run.not_met > 0 then false
        when run.met = decided.run_years then true
    end as run_verdict
from decided
join run
    on run.county_code = decided.county_code
    and run.fiscal_year = decided.fiscal_year
    and run.stage = decided.stage
    and run.test = decided.test
join streak
    on streak.county_code = decided.county_code
    and streak.fiscal_year = decided.fiscal_year
    and streak.stage = decided.stage
    and streak.test = decided.test
order by decided.county_code, decided.fiscal_year, decided.stage, decided.test
