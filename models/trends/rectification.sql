-- zh: 问题整改进展（按县、学年）
-- en: Rectification by county and school year: problems of the ledger by what became of them, and rates over time.
-- completion_rate counts only what is closed by the figures (trends.rectification_problem); what the county declares stands
-- beside it. A problem that was open in the last ledger and is not in this one has vanished, which closes nothing.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year of the ledger (the year it starts)
--   problems: 问题数 | Problems of the ledger
--   open: 整改中 | Open, within their deadline
--   overdue: 逾期 | Open after their deadline
--   closed: 完成 | Closed
--   still_failing: 销号后仍不达标 | Declared closed, still failing
--   unverified: 待验证 | Declared closed, no figures yet
--   closed_late: 逾期完成 | Closed after their deadline
--   vanished: 未销号而消失 | Open in the last ledger, absent from this one
--   completion_rate: 整改完成率 | Closed ÷ problems
--   declared_completion_rate: 整改完成率（申报） | Declared closed ÷ problems
--   overdue_rate: 逾期率 | Overdue ÷ problems
--   change_in_completion: 完成率比上次变化 | Change of the completion rate from the ledger before
--   change_in_overdue: 逾期率比上次变化 | Change of the overdue rate from the ledger before
with
ledger as (
    select
        county_code,
        max(county_name) as county_name,
        school_year,
        count(*) as problems,
        count(case when status = 'open' then 1 end) as open,
        count(case when status = 'overdue' then 1 end) as overdue,
        count(case when status = 'closed' then 1 end) as closed,
        count(case when status = 'still_failing' then 1 end) as still_failing,
        count(case when status = 'unverified' then 1 end) as unverified,
        count(case when status = 'closed' and closed_late then 1 end) as closed_late,
        count(case when declared_closed then 1 end) as declared_closed
    from trends.rectification_problem
    group by 1, 3
),
ordered as (
    select *, lag(school_year) over (partition by county_code order by school_year) as year_before from ledger
),
vanished as (
    select ordered.county_code, ordered.school_year, count(*) as vanished
    from ordered
    join trends.rectification_problem as earlier
        on earlier.county_code = ordered.county_code
        and earlier.school_year = ordered.year_before
        and not coalesce(earlier.declared_closed, false)
    left join trends.rectification_problem as later
        on later.county_code = earlier.county_code
        and later.problem_id = earlier.problem_id
        and later.school_year = ordered.school_year
    where later.problem_id is null
    group by 1, 2
),
rates as (
    select
        ordered.*,
        coalesce(vanished.vanished, 0) as vanished,
        cast(closed as double) / problems as completion_rate,
        cast(declared_closed as double) / problems as declared_completion_rate,
        cast(overdue as double) / problems as overdue_rate
    from ordered
    left join vanished on vanished.county_code = ordered.county_code and vanished.school_year = ordered.school_year
)
select
    county_code,
    county_name,
    school_year,
    problems,
    open,
    overdue,
    closed,
    still_failing,
    unverified,
    closed_late,
    vanished,
    completion_rate,
    declared_completion_rate,
    overdue_rate,
    completion_rate - lag(completion_rate) over (partition by county_code order by school_year) as change_in_completion,
    overdue_rate - lag(overdue_rate) over (partition by county_code order by school_year) as change_in_overdue
from rates
order by county_code, school_year
