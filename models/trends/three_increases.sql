-- zh: 教育经费“三个增长”（按县、年度、学段、考核项）
-- en: The three increases (三个增长) of funding by county, fiscal year, level and test.
-- 教育法 art. 56, 义务教育法 art. 42: ① education funds grow faster than regular revenue; ② expenditure per pupil grows; ③ public-use
-- funds per pupil and teachers' wages grow. Both growths are shown, on the base as restated this year and as published then;
-- the verdict rests on the one the rulebook chooses. How, and what reason says: see core.funding_verdict.
-- grain: county_code, fiscal_year, stage, test
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   stage: 学段 | Level (all: the whole county)
--   test: 考核项 | Test
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
select
    county_code,
    county_name,
    fiscal_year,
    stage,
    test,
    item,
    value_yuan,
    prior_value_yuan,
    published_prior_value_yuan,
    declared_growth,
    growth_restated,
    growth_published,
    compared_growth_restated,
    compared_growth_published,
    declared_gap_points,
    gap_restated_points,
    gap_published_points,
    line_points,
    binding,
    document,
    meets_restated,
    meets_published,
    verdicts_differ,
    verdict,
    verdict_base,
    margin_points,
    reason,
    run_years,
    years_met,
    run_verdict
from core.funding_verdict
where family = 'three_increases'
order by county_code, fiscal_year, stage, test
