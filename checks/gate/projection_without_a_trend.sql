-- zh: 没有显著趋势不得预测跨线学年
-- en: No school year of crossing a line is projected without a significant trend, nor one that is past
-- guidance_zh: 预警给出了没有依据的预计学年：请报告该问题并附上本报告。
-- guidance_en: Early warning projects a year without grounds: report it with this file.
select county_code, standard, stage, measure, indicator, points, p_value, significant, last_year, projected_year
from candidate.trends.early_warning
where projected_year is not null
    and (
        not coalesce(significant, false)
        or projected_year <= last_year
        or earliest_year > projected_year
        or latest_year < projected_year
    )
