-- zh: 整改问题（按县、问题、学年）
-- en: Problems of the rectification ledger by county, problem and school year of the ledger: declared, and what the figures say.
-- A problem raised from a verdict names its standard and indicator, and its stage (none or all: any stage) and school where
-- there is one. It is closed only when the figures no longer show it: proof_year is the first school year whose figures (of
-- its first day) lie after the re-check, and every stage that ever had the verdict must have it then and be met: a stage whose
-- figures are withheld proves nothing. One school's problem (school_attainment or a line of quality balance, school_standard or an
-- indicator of the provincial standard) is followed under the code that carries the school on. Dates are held against the last day
-- of the ledger's school year, never the clock.
-- status: open; overdue (open after its deadline); closed; still_failing (declared closed, and the figures of the proof year
-- still show it); unverified (declared closed, and there is no verdict of the proof year yet, or none on what it names).
-- A problem that names no verdict is closed when its re-check is passed.
-- grain: county_code, problem_id, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   problem_id: 问题编号 | Problem number
--   school_year: 学年 | School year of the ledger (the year it starts)
--   category: 问题类别 | Category
--   problem: 存在问题 | Problem
--   standard: 标准 | Standard of the verdict it was raised from
--   stage: 学段 | Stage of that verdict
--   indicator: 指标 | Indicator of that verdict
--   school_code: 学校标识码 | School, where it is one school's
--   measure: 整改措施 | Measure
--   responsible: 责任单位 | Unit responsible
--   found_on: 发现日期 | Day it was found
--   deadline: 整改期限 | Deadline
--   as_of: 截止日期 | Day on which the ledger is judged
--   evidence: 佐证材料 | Evidence
--   recheck_on: 复查日期 | Day of the re-check
--   recheck_result: 复查结果 | Result of the re-check
--   declared_closed: 是否申报销号 | Whether it is declared closed
--   from_verdict: 是否由判定产生 | Whether it names a verdict
--   failing: 当年判定是否仍不达标 | Whether the figures of the ledger's own school year show the failure (null: no verdict)
--   proof_year: 验证学年 | School year whose figures prove the closing
--   failing_in_proof_year: 验证学年是否仍不达标 | Whether the figures of that year still show it (null: no verdict)
--   status: 状态 | open, overdue, closed, still_failing or unverified
--   closed_late: 是否逾期销号 | Whether it was closed after its deadline
--   days_overdue: 逾期天数 | Days from the deadline to as_of, of an overdue problem
with
county_year as (
    select reported.county_code, county.county_name, county.rule_region, reported.school_year
    from core.reported_county as reported
    join core.county as county on county.county_code = reported.county_code
    group by 1, 2, 3, 4
),
chosen as (
    select
        year.county_code,
        year.school_year,
        choice.setting,
        arg_max(choice.value, length(choice.region_code)) as value
    from county_year as year
    join rulebook.choice as choice
        on choice.setting in ('school_year_end_month', 'school_year_end_day')
        and starts_with(year.rule_region, choice.region_code)
        and year.school_year >= choice.from_year
        and year.school_year <= coalesce(choice.to_year, year.school_year)
    group by 1, 2, 3
),
calendar as (
    select
        county_code,
        school_year,
        cast(max(case when setting = 'school_year_end_month' then value end) as integer) as end_month,
        cast(max(case when setting = 'school_year_end_day' then value end) as integer) as end_day
    from chosen
    group by 1, 2
),
entry as (
    select
        year.county_code,
        year.county_name,
        ledger.problem_id,
        ledger.school_year,
        ledger.category,
        ledger.problem,
        ledger.standard,
        ledger.stage,
        ledger.indicator,
        ledger.school_code,
        ledger.measure,
        ledger.responsible,
        ledger.found_on,
        ledger.deadline,
        ledger.evidence,
        ledger.recheck_on,
        ledger.recheck_result,
        make_date(ledger.school_year + 1, calendar.end_month, calendar.end_day) as as_of,
        ledger.closed = 1 as declared_closed,
        ledger.standard is not null and ledger.indicator is not null as from_verdict,
        case
            when ledger.recheck_on <= make_date(year(ledger.recheck_on), calendar.end_month, calendar.end_day)
            then year(ledger.recheck_on)
            else year(ledger.recheck_on) + 1
        end as proof_year
    from returns.rectification as ledger
    join core.reported_county as reported
        on reported.reported_code = ledger.county_code and reported.school_year = ledger.school_year
    join county_year as year on year.county_code = reported.county_code and year.school_year = ledger.school_year
    join calendar on calendar.county_code = year.county_code and calendar.school_year = year.school_year
),
-- The two school years that are looked at: that of the ledger and that of the proof.
looked as (
    select county_code, problem_id, school_year, standard, coalesce(stage, 'all') as stage, indicator, school_code, school_year as seen_year
    from entry
    where from_verdict
    union
    select county_code, problem_id, school_year, standard, coalesce(stage, 'all'), indicator, school_code, proof_year
    from entry
    where from_verdict and proof_year is not null
),
known_stage as (
    select county_code, standard, indicator, stage, min(school_year) as first_year from trends.verdict group by 1, 2, 3, 4
),
of_county as (
    select looked.county_code, looked.problem_id, looked.school_year, looked.seen_year, verdict.verdict
    from looked
    join known_stage as known
        on known.county_code = looked.county_code
        and known.standard = looked.standard
        and known.indicator = looked.indicator
        and looked.stage in ('all', known.stage)
        and known.first_year <= looked.seen_year
    left join trends.verdict as verdict
        on verdict.county_code = known.county_code
        and verdict.standard = known.standard
        and verdict.indicator = known.indicator
        and verdict.stage = known.stage
        and verdict.school_year = looked.seen_year
    where looked.school_code is null
),
carried as (
    select school_code, max(trend_school_code) as trend_school_code from trends.school_attainment group by 1
),
followed as (
    select looked.*, carried.trend_school_code
    from looked
    join carried on carried.school_code = looked.school_code
),
of_school as (
    select
        looked.county_code,
        looked.problem_id,
        looked.school_year,
        looked.seen_year,
        case looked.indicator
            when 'school_attainment' then school.attains
            when 'higher_degree_teachers' then school.higher_degree_teachers_met
            when 'backbone_teachers' then school.backbone_teachers_met
            when 'arts_sports_teachers' then school.arts_sports_teachers_met
            when 'teaching_area' then school.teaching_area_met
            when 'sports_area' then school.sports_area_met
            when 'equipment_value' then school.equipment_value_met
            when 'multimedia_rooms' then school.multimedia_rooms_met
        end as verdict
    from followed as looked
    join trends.school_attainment as school
        on school.trend_school_code = looked.trend_school_code
        and school.school_year = looked.seen_year
        and looked.stage in ('all', school.stage)
    where looked.standard = 'quality_2017'
    union all
    select
        looked.county_code,
        looked.problem_id,
        looked.school_year,
        looked.seen_year,
        case
            when looked.indicator = 'school_standard' then school.attains
            when line.indicator is null or school.pupils is null or school.pupils = 0 then null
            when contains(',' || school.indicators_below || ',', ',' || looked.indicator || ',') then false
            when contains(',' || school.indicators_missing || ',', ',' || looked.indicator || ',') then null
            else true
        end
    from followed as looked
    join trends.school_standard as school
        on school.trend_school_code = looked.trend_school_code
        and school.school_year = looked.seen_year
        and looked.stage in ('all', school.stage)
    left join rulebook.school_standard as line
        on line.school_standard = school.school_standard and line.indicator = looked.indicator
    where looked.standard = 'basic_2012'
),
seen as (
    select
        county_code,
        problem_id,
        school_year,
        seen_year,
        case when bool_or(not verdict) then true when count(verdict) = count(*) then false end as failing
    from (select * from of_county union all select * from of_school) as every
    group by 1, 2, 3, 4
),
judged as (
    select
        entry.*,
        now.failing,
        proof.failing as failing_in_proof_year,
        case
            when not coalesce(entry.declared_closed, false) then case when entry.deadline < entry.as_of then 'overdue' else 'open' end
            when not entry.from_verdict then 'closed'
            when proof.failing then 'still_failing'
            when not proof.failing then 'closed'
            else 'unverified'
        end as status
    from entry
    left join seen as now
        on now.county_code = entry.county_code
        and now.problem_id = entry.problem_id
        and now.school_year = entry.school_year
        and now.seen_year = entry.school_year
    left join seen as proof
        on proof.county_code = entry.county_code
        and proof.problem_id = entry.problem_id
        and proof.school_year = entry.school_year
        and proof.seen_year = entry.proof_year
)
select
    county_code,
    county_name,
    problem_id,
    school_year,
    category,
    problem,
    standard,
    stage,
    indicator,
    school_code,
    measure,
    responsible,
    found_on,
    deadline,
    as_of,
    evidence,
    recheck_on,
    recheck_result,
    declared_closed,
    from_verdict,
    failing,
    case when declared_closed then proof_year end as proof_year,
    case when declared_closed then failing_in_proof_year end as failing_in_proof_year,
    status,
    case when declared_closed then recheck_on > deadline end as closed_late,
    case when status = 'overdue' then as_of - deadline end as days_overdue
from judged
order by county_code, problem_id, school_year
