-- zh: 各县各年度适用的经费标准线
-- en: Lines of the funding tests in force, by county and fiscal year. The most specific region wins.
-- grain: county_code, fiscal_year, test, stage
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   fiscal_year: 年度 | Fiscal year (calendar year)
--   test: 考核项 | Test
--   stage: 学段 | Level (all: the whole county)
--   line: 标准线 | The line, as a fraction
--   binding: 是否具约束力 | Whether the line decides (false: for reference only)
--   document: 依据文件 | Rule document
select
    year.county_code,
    year.fiscal_year,
    line.test,
    line.stage,
    arg_max(line.value, length(line.region_code)) as line,
    arg_max(line.binding, length(line.region_code)) as binding,
    arg_max(line.document, length(line.region_code)) as document
from core.funding_year as year
join rulebook.funding_line as line
    on starts_with(year.rule_region, line.region_code)
    and year.fiscal_year >= line.from_year
    and year.fiscal_year <= coalesce(line.to_year, year.fiscal_year)
group by 1, 2, 3, 4
order by 1, 2, 3, 4
