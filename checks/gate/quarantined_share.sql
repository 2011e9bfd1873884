-- zh: 每学年每种报表的隔离行比例不超过规则库上限
-- en: The share of quarantined rows of a return and year is within the rulebook's limit
-- guidance_zh: 隔离行过多说明表样或填报有系统性问题：查看审核发现并更正重报。
-- guidance_en: So many quarantined rows mean that a layout or a form went wrong as a whole: see the findings, correct and resend.
-- acceptable: yes
with counted as (
    select
        form,
        school_year,
        sum(rows_accepted) as rows_accepted,
        sum(rows_quarantined) as rows_quarantined
    from candidate.audit.return_count
    group by form, school_year
)
select
    counted.form,
    counted.school_year,
    counted.rows_accepted,
    counted.rows_quarantined,
    cast(choice.value as double) as limit_of_share
from counted
join candidate.rulebook.choice as choice
    on choice.setting = 'gate_quarantined_share'
    and choice.region_code = ''
    and counted.school_year >= choice.from_year
    and counted.school_year <= coalesce(choice.to_year, counted.school_year)
where counted.rows_quarantined > (counted.rows_accepted + counted.rows_quarantined) * cast(choice.value as double)
order by counted.school_year, counted.form
