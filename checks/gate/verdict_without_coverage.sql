-- zh: 数据覆盖不足时不得作出达标判定
-- en: No verdict where fewer schools are present than the rulebook asks for
-- guidance_zh: 覆盖率低于规则库 minimum_coverage：催报缺报学校后再发布。
-- guidance_en: Coverage is below minimum_coverage of the rulebook: obtain the missing schools' returns.
select coefficient.county_code, coefficient.school_year, coefficient.stage, coefficient.standard,
    coefficient.indicator, coefficient.schools, coefficient.schools_missing, coefficient.meets
from candidate.trends.differential_coefficient as coefficient
join candidate.core.county_setting as setting using (county_code, school_year)
where coefficient.meets is not null
    and coefficient.schools < (coefficient.schools + coefficient.schools_missing) * (case coefficient.standard
        when 'basic_2012' then setting.minimum_coverage_basic else setting.minimum_coverage_quality end) - 1e-9
