-- zh: 教育经费增长县级判定（按县、年度）
-- en: One verdict per county and fiscal year on the three increases (三个增长), and one on the two that only increase (两个只增不减).
-- Over all tests and stages whose line counts: true when every one is met, false as soon as one is not, else null. The verdict
-- of a test rests on the base the rulebook chooses (trends.three_increases); verdicts_differ says that the county's verdict would
-- be another on the other base. run_verdict: true when every test was met in each of the last run_years years, false when one was not in
-- one of them. Tests are written as test/stage.
-- reason: why the first open test has no verdict.
-- grain: county_code, fiscal_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   verdict: 三个增长判定 | Whether all tests of the three increases are met; null where undecided
--   tests: 考核项数 | Tests that count
--   tests_met: 达标项数 | Tests met
--   tests_failed: 未达标项数 | Tests not met
--   failed: 未达标项 | These tests, comma-separated
--   open_tests: 未判定项 | Tests without a verdict, comma-separated
--   reason: 未判定原因 | Why there is no verdict
--   weakest_test: 最弱考核项 | Test with the least margin
--   weakest_margin_points: 最弱考核项距标准线（百分点） | Its margin, percentage points (negative: short of the line)
--   meets_restated: 同口径判定 | The same verdict on the restated base alone
--   meets_published: 按上年公布数判定 | The same verdict on the published base alone
--   verdicts_differ: 两种口径判定是否不同 | Whether both exist and differ
--   differing_tests: 两种口径判定不同的考核项 | Tests whose verdict differs between the bases, comma-separated
--   run_years: 连续考核年数 | Years of the run
--   run_verdict: 连续考核判定 | Whether all tests were met in all years of the run; null where undecided
--   run_met: 连续考核达标项数 | Tests met in all of these years
--   run_failed: 连续考核未达标项 | Tests not met in one of these years, comma-separated
--   years_met: 连续达标年数 | Years in a row, up to this one, in which all tests were met
--   failing_since: 连续不达标起始年度 | First of the fiscal years in a row, among those with a verdict, in which it failed
--   only_increase_verdict: 两个只增不减判定 | Whether all tests of the two that only increase are met; null where undecided or not in force
--   only_increase_failed: 两个只增不减未达标项 | Those not met, comma-separated
with
test as (
    select
        *,
        test || '/' || stage as name,
        row_number() over (
            partition by county_code, fiscal_year, family
            order by case when verdict is null then 0 else 1 end, position, stage
        ) as open_first,
        row_number() over (
            partition by county_code, fiscal_year, family
            order by margin_points nulls last, position, stage
        ) as weakness
    from core.funding_verdict
    where binding
),
increases as (
    select
        county_code,
        max(county_name) as county_name,
        fiscal_year,
        case when bool_or(not verdict) then false when count(verdict) = count(*) then true end as verdict,
        count(*) as tests,
        count(case when verdict then 1 end) as tests_met,
        count(case when not verdict then 1 end) as tests_failed,
        string_agg(case when not verdict then name end, ',' order by position, stage) as failed,
        string_agg(case when verdict is null then name end, ',' order by position, stage) as open_tests,
        max(case when open_first = 1 then reason end) as reason,
        max(case when weakness = 1 and margin_points is not null then name end) as weakest_test,
        min(margin_points) as weakest_margin_points,
        case when bool_or(not meets_restated) then false when count(meets_restated) = count(*) then true end as meets_restated,
        case when bool_or(not meets_published) then false when count(meets_published) = count(*) then true end as meets_published,
        string_agg(case when verdicts_differ then name end, ',' order by position, stage) as differing_tests,
        max(run_years) as run_years,
        case when bool_or(not run_verdict) then false when count(run_verdict) = count(*) then true end as run_verdict,
        count(case when run_verdict then 1 end) as run_met,
        string_agg(case when not run_verdict then name end, ',' order by position, stage) as run_failed,
        min(years_met) as years_met
    from test
    where family = 'three_increases'
    group by county_code, fiscal_year
),
counted as (
    select
        *,
        sum(case when verdict then 1 else 0 end) over (
            partition by county_code
            order by fiscal_year
            rows between unbounded preceding and current row
        ) as met_so_far
    from increases
),
followed as (
    select
        *,
        min(case when not verdict then fiscal_year end) over (partition by county_code, met_so_far) as failing_since
    from counted
),
only_increase as (
    select
        county_code,
        fiscal_year,
        case when bool_or(not verdict) then false when count(verdict) = count(*) then true end as verdict,
        string_agg(case when not verdict then name end, ',' order by position, stage) as failed
    from test
    where family = 'two_only_increase'
    group by county_code, fiscal_year
)
select
    followed.county_code,
    followed.county_name,
    followed.fiscal_year,
    followed.verdict,
    followed.tests,
    followed.tests_met,
    followed.tests_failed,
    followed.failed,
    followed.open_tests,
    case when followed.verdict is null then followed.reason end as reason,
    followed.weakest_test,
    followed.weakest_margin_points,
    followed.meets_restated,
    followed.meets_published,
    coalesce(followed.meets_restated <> followed.meets_published, false) as verdicts_differ,
    followed.differing_tests,
    followed.run_years,
    followed.run_verdict,
    followed.run_met,
    followed.run_failed,
    followed.years_met,
    case when not followed.verdict then followed.failing_since end as failing_since,
    only_increase.verdict as only_increase_verdict,
    only_increase.failed as only_increase_failed
from followed
left join only_increase
    on only_increase.county_code = followed.county_code and only_increase.fiscal_year = followed.fiscal_year
order by followed.county_code, followed.fiscal_year
