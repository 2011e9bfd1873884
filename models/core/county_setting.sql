-- zh: 各县各学年适用的规则选择
-- en: Choices of the rulebook in force, by county and school year.
-- The most specific region wins (county, prefecture, province, nation), among the rows whose years hold the school year.
-- One row for every county and every school year that occurs in the data.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_year: 学年 | School year (the year it starts)
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own
--   gymnasium_basic: 体育馆是否计入教学用房（基本均衡） | Gymnasium in or out of the teaching rooms, basic balance
--   gymnasium_quality: 体育馆是否计入教学用房（优质均衡） | Gymnasium in or out of the teaching rooms, quality balance
--   verdict_rule_basic: 判定方式（基本均衡） | composite or every_indicator, basic balance
--   verdict_rule_quality: 判定方式（优质均衡） | composite or every_indicator, quality balance
--   minimum_coverage_basic: 最低覆盖率（基本均衡） | Share of schools and pupils needed for a verdict, basic balance
--   minimum_coverage_quality: 最低覆盖率（优质均衡） | Share of schools and pupils needed for a verdict, quality balance
--   teacher_ratio_staff: 师生比的教师口径 | full_time or all_staff in the teacher ratio
--   teaching_points: 教学点的处理 | merge, leave_out_small or own
--   teaching_point_minimum_pupils: 教学点单独计算的最低学生数 | Pupils from which a teaching point counts on its own
--   small_rural_school_minimum_pupils: 乡村小规模学校学生数下限 | Small rural schools: pupils from
--   small_rural_school_below_pupils: 乡村小规模学校学生数上限 | Small rural schools: pupils below
--   private_schools: 民办学校是否计入 | count or leave_out
with
years as (
    select distinct school_year from core.reported_county
),
regions as (
    select distinct rule_region from core.county
),
resolved as (
    select
        regions.rule_region,
        years.school_year,
        choice.setting,
        choice.standard,
        arg_max(choice.value, length(choice.region_code)) as value
    from regions
    cross join years
    join rulebook.choice as choice
        on starts_with(regions.rule_region, choice.region_code)
        and years.school_year >= choice.from_year
        and years.school_year <= coalesce(choice.to_year, years.school_year)
    group by 1, 2, 3, 4
),
wide as (
    select
        rule_region,
        school_year,
        max(case when setting = 'gymnasium_in_teaching_area' and standard = 'basic_2012' then value end)
            as gymnasium_basic,
        max(case when setting = 'gymnasium_in_teaching_area' and standard = 'quality_2017' then value end)
            as gymnasium_quality,
        max(case when setting = 'verdict_rule' and standard = 'basic_2012' then value end) as verdict_rule_basic,
        max(case when setting = 'verdict_rule' and standard = 'quality_2017' then value end) as verdict_rule_quality,
        max(case when setting = 'minimum_coverage' and standard = 'basic_2012' then value end)
            as minimum_coverage_basic,
        max(case when setting = 'minimum_coverage' and standard = 'quality_2017' then value end)
            as minimum_coverage_quality,
        max(case when setting = 'teacher_ratio_staff' then value end) as teacher_ratio_staff,
        max(case when setting = 'teaching_points' then value end) as teaching_points,
        max(case when setting = 'teaching_point_minimum_pupils' then value end) as teaching_point_minimum_pupils,
        max(case when setting = 'small_rural_school_minimum_pupils' then value end)
            as small_rural_school_minimum_pupils,
        max(case when setting = 'small_rural_school_below_pupils' then value end) as small_rural_school_below_pupils,
        max(case when setting = 'private_schools' then value end) as private_schools
    from resolved
    group by 1, 2
)
select
    county.county_code,
    wide.school_year,
    county.rule_region,
    wide.gymnasium_basic,
    wide.gymnasium_quality,
    wide.verdict_rule_basic,
    wide.verdict_rule_quality,
    cast(wide.minimum_coverage_basic as double) as minimum_coverage_basic,
    cast(wide.minimum_coverage_quality as double) as minimum_coverage_quality,
    wide.teacher_ratio_staff,
    wide.teaching_points,
    cast(wide.teaching_point_minimum_pupils as double) as teaching_point_minimum_pupils,
    cast(wide.small_rural_school_minimum_pupils as double) as small_rural_school_minimum_pupils,
    cast(wide.small_rural_school_below_pupils as double) as small_rural_school_below_pupils,
    wide.private_schools
from core.county as county
join wide on wide.rule_region = county.rule_region
order by county.county_code, wide.school_year
