-- zh: 差异系数、均值、标准差为非负有限数
-- en: Coefficients, means and standard deviations are finite and not negative
-- guidance_zh: 系数不可能为负或无穷：请核对该县该指标的原始数据并报告。
-- guidance_en: No coefficient can be negative or infinite: check the county's returns for this indicator and report it.
select county_code, school_year, stage, standard, indicator, coefficient, mean, standard_deviation
from candidate.trends.differential_coefficient
where not coalesce(isfinite(coefficient) and coefficient >= 0, true)
    or not coalesce(isfinite(mean) and mean >= 0, true)
    or not coalesce(isfinite(standard_deviation) and standard_deviation >= 0, true)
union all
select county_code, school_year, stage, standard, 'composite', composite, null, null
from candidate.trends.composite_coefficient
where not coalesce(isfinite(composite) and composite >= 0, true)
