-- zh: 各县各学年适用的规则选择
-- en: Choices of the rulebook in force, by county and school year.
-- The choices of the county's rule region (core.region_setting).
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
--   consolidation_formula: 巩固率公式 | Consolidation formula: a, b, c or d
--   consolidation_cap: 巩固率是否封顶 | capped or raw
--   consolidation_flows: 转学数的归集 | cohort_share or all_grades
--   consolidation_minimum_coverage: 巩固率最低覆盖率 | Share of schools and pupils needed for a verdict on consolidation
--   closed_school_graduates: 撤并学校末届毕业生的处理 | missing or final_year_pupils
--   dropouts: 辍学生口径 | all_leavers or without_suspended
--   primary_years: 小学学制年限 | Years of primary schooling
--   junior_years: 初中学制年限 | Years of junior secondary schooling
select
    county.county_code,
    setting.school_year,
    setting.rule_region,
    setting.gymnasium_basic,
    setting.gymnasium_quality,
    setting.verdict_rule_basic,
    setting.verdict_rule_quality,
    setting.minimum_coverage_basic,
    setting.minimum_coverage_quality,
    setting.teacher_ratio_staff,
    setting.teaching_points,
    setting.teaching_point_minimum_pupils,
    setting.small_rural_school_minimum_pupils,
    setting.small_rural_school_below_pupils,
    setting.private_schools,
    setting.consolidation_formula,
    setting.consolidation_cap,
    setting.consolidation_flows,
    setting.consolidation_minimum_coverage,
    setting.closed_school_graduates,
    setting.dropouts,
    setting.primary_years,
    setting.junior_years
from core.county as county
join core.region_setting as setting on setting.rule_region = county.rule_region
order by county.county_code, setting.school_year
