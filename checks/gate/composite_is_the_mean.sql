-- zh: 综合差异系数等于各项差异系数的平均值
-- en: A composite coefficient is the mean of the coefficients of its indicators
-- guidance_zh: 综合值与分项不符：请报告该问题并附上本报告。
-- guidance_en: The composite does not fit its parts: report it with this file.
select composite.county_code, composite.school_year, composite.stage, composite.standard,
    composite.composite, avg(part.coefficient) as mean_of_parts, count(part.coefficient) as parts
from candidate.trends.composite_coefficient as composite
left join candidate.trends.differential_coefficient as part
    using (county_code, school_year, stage, standard)
where composite.composite is not null
group by all
having count(part.coefficient) = 0
    or abs(avg(part.coefficient) - composite.composite) > 1e-9 * greatest(1, composite.composite)
