-- zh: 数据覆盖不足时不得作出达标判定
-- en: No verdict where fewer schools are present than the rulebook asks for
-- guidance_zh: 覆盖率低于规则库 minimum_coverage 却有判定：请报告该问题并附上本报告。
-- guidance_en: A verdict although coverage is below minimum_coverage of the rulebook: report it with this file.
with short as (
    select coefficient.*
    from candidate.trends.differential_coefficient as coefficient
    join candidate.core.county_setting as setting using (county_code, school_year)
    where coefficient.schools < (coefficient.schools + coefficient.schools_missing) * (case coefficient.standard
        when 'basic_2012' then setting.minimum_coverage_basic else setting.minimum_coverage_quality end) - 1e-9
)
select county_code, school_year, stage, standard, indicator, schools, schools_missing, meets
from short
where meets is not null
union all
select composite.county_code, composite.school_year, composite.stage, composite.standard, 'composite',
    composite.schools, null, composite.meets
from candidate.trends.composite_coefficient as composite
where composite.meets is not null
    and exists (
        select 1 from short
        where short.county_code = composite.county_code and short.school_year = composite.school_year
            and short.stage = composite.stage and short.standard = composite.standard
    )
