-- zh: 满意度汇总数与逐份答卷计算结果一致
-- en: The totals of a satisfaction survey are those of its answers
-- severity: query
-- guidance_zh: 核对汇总表与答卷；剔除答卷等处理请书面说明。
-- guidance_en: Check the totals against the answers; explain in writing which questionnaires were taken out.
select
    'satisfaction_group' as form,
    'satisfied' as field,
    survey.school_year,
    totals.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    cast(round(survey.totals_satisfaction, 6) as varchar) as value,
    cast(round(survey.answers_satisfaction, 6) as varchar) as expected,
    totals.submission_id,
    totals.sheet,
    totals.row_number,
    totals.block
from (
    select county_code, school_year, "group", max(totals_satisfaction) as totals_satisfaction,
        max(answers_satisfaction) as answers_satisfaction
    from trends.satisfaction
    where sources_differ
    group by 1, 2, 3
) as survey
join core.reported_county as reported
    on reported.county_code = survey.county_code and reported.school_year = survey.school_year
join returns.satisfaction_group as totals
    on totals.county_code = reported.reported_code
    and totals.school_year = survey.school_year
    and totals."group" = survey."group"
