-- zh: 县级判定一览（按县、学年、标准、学段、指标）
-- en: Every verdict on a county by school year, standard, stage and indicator, in one list.
-- What a problem of the rectification ledger can be raised from, and what must change for it to be closed. Only what has a
-- verdict is here. indicator: composite_coefficient; an indicator whose coefficient has a binding line; school_attainment
-- (all schools attain); government_score; an item of government work; satisfaction. stage all: the county as a whole.
-- grain: county_code, school_year, standard, stage, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard
--   stage: 学段 | primary, junior or all
--   indicator: 指标 | What is judged
--   family: 类别 | Trend table it comes from
--   value: 数值 | Its value (null where the verdict rests on none)
--   line: 标准线 | Its line
--   verdict: 判定 | Whether it is met
select county_code, county_name, school_year, standard, stage, 'composite_coefficient' as indicator,
    'composite_coefficient' as family, composite as value, threshold as line, verdict
from trends.composite_coefficient
where verdict is not null
union all
select county_code, county_name, school_year, standard, stage, indicator,
    'differential_coefficient', coefficient, threshold, meets
from trends.differential_coefficient
where meets is not null and threshold_binding
union all
select county_code, county_name, school_year, 'quality_2017', stage, 'school_attainment',
    'county_attainment', share, null, all_attain
from trends.county_attainment
where all_attain is not null
union all
select county_code, county_name, school_year, standard, 'all', 'government_score',
    'government_score', score, line, verdict
from trends.government_score
where block = 'all' and verdict is not null and points is not null
union all
select county_code, county_name, school_year, standard, 'all', item,
    'government_work', value, line, verdict
from trends.government_work
where counts and part_of = '' and verdict is not null
union all
select county_code, county_name, school_year, standard, 'all', 'satisfaction',
    'satisfaction', satisfaction, line, verdict
from trends.satisfaction
where "group" = 'all' and verdict is not null
order by 1, 3, 4, 5, 6
