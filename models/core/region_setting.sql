-- zh: 各地区各学年适用的规则选择
-- en: Choices of the rulebook in force, by region with rules of its own and school year.
-- The most specific region wins (county, prefecture, province, nation), among the rows whose years hold the school year.
-- One row for every rule region (core.region) and every school year that occurs in the data.
-- grain: rule_region, school_year
-- columns:
--   rule_region: 适用规则的地区 | Most specific region with rulebook rows of its own
--   school_year: 学年 | School year (the year it starts)
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
--   consolidation_formula: 巩固率公式 | Consolidation formula: a, b, c or d
--   consolidation_cap: 巩固率是否封顶 | capped or raw
--   consolidation_flows: 转学数的归集 | cohort_share or all_grades
--   consolidation_minimum_coverage: 巩固率最低覆盖率 | Share of schools and pupils needed for a verdict on consolidation
--   closed_school_graduates: 撤并学校末届毕业生的处理 | missing or final_year_pupils
--   dropouts: 辍学生口径 | all_leavers or without_suspended
--   primary_years: 小学学制年限 | Years of primary schooling
--   junior_years: 初中学制年限 | Years of junior secondary schooling
with
years as (
    select distinct school_year from core.reported_county
),
regions as (
    select distinct rule_region from core.region
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
        max(case when setting = 'private_schools' then value end) as private_schools,
        max(case when setting = 'consolidation_formula' then value end) as consolidation_formula,
        max(case when setting = 'consolidation_cap' then value end) as consolidation_cap,
        max(case when setting = 'consolidation_flows' then value end) as consolidation_flows,
        max(case when setting = 'consolidation_minimum_coverage' then value end) as consolidation_minimum_coverage,
        max(case when setting = 'closed_school_graduates' then value end) as closed_school_graduates,
        max(case when setting = 'dropouts' then value end) as dropouts,
        max(case when setting = 'primary_years' then value end) as primary_years,
        max(case when setting = 'junior_years' then value end) as junior_years
    from resolved
    group by 1, 2
)
select
    rule_region,
    school_year,
    gymnasium_basic,
    gymnasium_quality,
    verdict_rule_basic,
    verdict_rule_quality,
    cast(minimum_coverage_basic as double) as minimum_coverage_basic,
    cast(minimum_coverage_quality as double) as minimum_coverage_quality,
    teacher_ratio_staff,
    teaching_points,
    cast(teaching_point_minimum_pupils as double) as teaching_point_minimum_pupils,
    cast(small_rural_school_minimum_pupils as double) as small_rural_school_minimum_pupils,
    cast(small_rural_school_below_pupils as double) as small_rural_school_below_pupils,
    private_schools,
    consolidation_formula,
    consolidation_cap,
    consolidation_flows,
    cast(consolidation_minimum_coverage as double) as consolidation_minimum_coverage,
    closed_school_graduates,
    dropouts,
    cast(primary_years as bigint) as primary_years,
    cast(junior_years as bigint) as junior_years
from wide
order by rule_region, school_year
