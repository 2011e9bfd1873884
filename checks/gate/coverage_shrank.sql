-- zh: 上次发布有数据的县、学年、学段不得消失
-- en: A county, school year and stage of the last release is still there
-- guidance_zh: 报表被撤回或代码变更会使数据消失：核实后用 --accept coverage_shrank=理由 放行。
-- guidance_en: A withdrawn return or a changed code makes figures vanish: if it is meant, accept it with --accept coverage_shrank=REASON.
-- acceptable: yes
select distinct before.county_code, before.county_name, before.school_year, before.stage
from previous.trends.differential_coefficient as before
anti join candidate.trends.differential_coefficient as now
    on now.county_code = before.county_code
    and now.school_year = before.school_year
    and now.stage = before.stage
    and now.schools > 0
where before.schools > 0
order by all
