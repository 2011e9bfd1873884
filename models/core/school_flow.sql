-- zh: 学校学生流动（按趋势学校、学年、学段）
-- en: Pupils of a school by grade and what came and went in the year before, by school, school year and stage.
-- The base of every consolidation rate. Codes that carried each other on (core.school_succession) are one school, under the
-- county of its latest row. A sum with a missing part is missing; a blank is never a nought, except a grade that is
-- blank where the other grades already make up all pupils. Grades count from the first grade of the stage.
--
-- The movement return of a school year tells the flows of the school year before it and the entrants of its own year.
-- One row for every school year from the school's first to its last, and one more:
-- * a year without any return between others is missing (codes 0, figures null);
-- * in the year after a code ended, its pupils are accounted for. Where the first column of the successor's movement
--   return takes them over, so does the successor. Else closed_out are the pupils below the final grade, who must have gone
--   elsewhere (whoever took them reports them as transferred in), and the graduates of its final grade are reported by
--   nobody: the rulebook says whether that makes them missing or whether all of the final grade graduated.
-- * a code that disappears without a row in the succession return is missing in the year after its last.
--
-- share_k is the part of a year's transfers and deaths that falls to the pupils who began that school year in the k-th
-- grade: the form gives them for all grades together. By pupils at the beginning of that year, of the grades below the
-- final one (as a rule nobody transfers in a final year); of a school with none there, by its pupils at the end of the year;
-- with none there either, all to the final grade. It is an
-- estimate: arrivals that all joined one grade are spread over the others, too, and move the adjusted rates of two cohorts
-- in opposite directions; formula d and trends.grade_cohort stand beside them untouched.
-- grain: trend_school_code, stage, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today, of the school's latest row
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   stage: 学段 | Stage: primary or junior
--   school_year: 学年 | School year (the year it starts)
--   years: 学制年限 | Years of the stage
--   codes: 填报标识码数 | School codes that filed (0: a year without returns, or the year after the last)
--   ended_codes: 终止标识码数 | School codes that ended before this school year
--   pupils: 在校生数 | Pupils
--   grade_1: 第1年级学生数 | Pupils of the first grade of the stage
--   grade_2: 第2年级学生数 | Pupils of the second grade of the stage
--   grade_3: 第3年级学生数 | Pupils of the third grade of the stage
--   grade_4: 第4年级学生数 | Pupils of the fourth grade of the stage
--   grade_5: 第5年级学生数 | Pupils of the fifth grade of the stage
--   grade_6: 第6年级学生数 | Pupils of the sixth grade of the stage
--   final_year_pupils: 毕业年级学生数 | Pupils of the final grade
--   entrants: 招生数 | Entrants of this school year
--   graduates: 毕业生数（含撤并学校） | Graduates of the school year before, with those of codes that ended
--   graduates_reported: 填报毕业生数 | Graduates as reported by the codes that filed
--   transferred_in: 转入 | Transferred in during the school year before
--   transferred_out: 转出 | Transferred out during the school year before
--   closed_out: 撤并转出 | Pupils below the final grade of codes that ended, taken over by no return
--   died: 死亡 | Died during the school year before
--   dropouts: 辍学 | Dropouts of the school year before, as the rulebook counts them
--   pupils_last_year: 上学年初在校生数 | Pupils at the beginning of the school year before (column 1 of the return)
--   share_1: 第1年级流动分摊比例 | Share of the flows that falls to the first grade
--   share_2: 第2年级流动分摊比例 | Share of the flows that falls to the second grade
--   share_3: 第3年级流动分摊比例 | Share of the flows that falls to the third grade
--   share_4: 第4年级流动分摊比例 | Share of the flows that falls to the fourth grade
--   share_5: 第5年级流动分摊比例 | Share of the flows that falls to the fifth grade
--   share_6: 第6年级流动分摊比例 | Share of the flows that falls to the sixth grade
with
graded as (
    select
        fact.school_year,
        fact.county_code,
        fact.school_code,
        fact.trend_school_code,
        fact.stage,
        case when fact.stage = 'primary' then setting.primary_years else setting.junior_years end as years,
        setting.dropouts as dropout_rule,
        enrolment.pupils,
        coalesce(enrolment.entrants, movement.entrants) as entrants,
        case when fact.stage = 'primary' then coalesce(grade_1, 0) when setting.primary_years = 5 then coalesce(grade_6, 0) else coalesce(grade_7, 0) end as grade_1,
        case when fact.stage = 'primary' then coalesce(grade_2, 0) when setting.primary_years = 5 then coalesce(grade_7, 0) else coalesce(grade_8, 0) end as grade_2,
        case when fact.stage = 'primary' then coalesce(grade_3, 0) when setting.primary_years = 5 then coalesce(grade_8, 0) else coalesce(grade_9, 0) end as grade_3,
        case when fact.stage = 'primary' then coalesce(grade_4, 0) when setting.primary_years = 5 then coalesce(grade_9, 0) else 0 end as grade_4,
        case when fact.stage = 'primary' then coalesce(grade_5, 0) else 0 end as grade_5,
        case when fact.stage = 'primary' and setting.primary_years = 6 then coalesce(grade_6, 0) else 0 end as grade_6,
        movement.graduates,
        movement.transferred_in,
        movement.transferred_out,
        movement.died,
        movement.withdrew + movement.other_decrease
        + case when setting.dropouts = 'all_leavers' then movement.suspended else 0 end as dropouts,
        movement.pupils_last_year
    from core.school_stage as fact
    join core.county_setting as setting
        on setting.county_code = fact.county_code and setting.school_year = fact.school_year
    left join returns.enrolment as enrolment
        on enrolment.school_code = fact.school_code
        and enrolment.school_year = fact.school_year
        and enrolment.stage = fact.stage
    left join returns.movement as movement
        on movement.school_code = fact.school_code
        and movement.school_year = fact.school_year
        and movement.stage = fact.stage
    where fact.reason not in ('stage_not_provided', 'senior_only') or enrolment.pupils > 0
),
-- Grades that do not make up the pupils are not known, nor is any of them.
fact as (
    select
        *,
        coalesce(pupils = grade_1 + grade_2 + grade_3 + grade_4 + grade_5 + grade_6, false) as grades_known
    from graded
),
-- Codes are few that share a school with another one; all others are their own sum.
shared as (
    select distinct trend_school_code from core.school_succession
),
trend as (
    select
        fact.trend_school_code,
        stage,
        school_year,
        1 as codes,
        years,
        concat(case when county_code = '000000' then '0' else '1' end, county_code) as place,
        pupils,
        grades_known,
        grade_1,
        grade_2,
        grade_3,
        grade_4,
        grade_5,
        grade_6,
        entrants,
        graduates,
        transferred_in,
        transferred_out,
        died,
        dropouts,
        pupils_last_year
    from fact
    left join shared on shared.trend_school_code = fact.trend_school_code
    where shared.trend_school_code is null
    union all
    select
        fact.trend_school_code,
        stage,
        school_year,
        count(*),
        max(years),
        max(concat(case when county_code = '000000' then '0' else '1' end, county_code)),
        case when count(pupils) = count(*) then cast(sum(pupils) as bigint) end,
        bool_and(grades_known),
        cast(sum(grade_1) as bigint),
        cast(sum(grade_2) as bigint),
        cast(sum(grade_3) as bigint),
        cast(sum(grade_4) as bigint),
        cast(sum(grade_5) as bigint),
        cast(sum(grade_6) as bigint),
        case when count(entrants) = count(*) then cast(sum(entrants) as bigint) end,
        case when count(graduates) = count(*) then cast(sum(graduates) as bigint) end,
        case when count(transferred_in) = count(*) then cast(sum(transferred_in) as bigint) end,
        case when count(transferred_out) = count(*) then cast(sum(transferred_out) as bigint) end,
        case when count(died) = count(*) then cast(sum(died) as bigint) end,
        case when count(dropouts) = count(*) then cast(sum(dropouts) as bigint) end,
        case when count(pupils_last_year) = count(*) then cast(sum(pupils_last_year) as bigint) end
    from fact
    join shared on shared.trend_school_code = fact.trend_school_code
    group by 1, 2, 3
),
life as (
    select
        trend_school_code,
        stage,
        min(school_year) as first_year,
        max(school_year) as last_year,
        max(years) as years,
        substr(max(concat(substr(place, 1, 1), cast(school_year as varchar), substr(place, 2, 6))), 6, 6) as county_code
    from trend
    group by 1, 2
),
county_life as (
    select county_code, max(last_year) as last_year from life group by county_code
),
-- Also the years that nobody reported in.
years as (
    select unnest(generate_series(min(school_year), max(school_year))) as school_year from core.reported_county
),
grid as (
    select life.*, years.school_year
    from life
    join county_life on county_life.county_code = life.county_code
    join years
        on years.school_year >= life.first_year
        and years.school_year <= least(life.last_year + 1, county_life.last_year)
),
-- Codes whose last school year is not the last of their county. The sums by code are small: only codes that share a
-- school can end while it goes on.
code_life as (
    select trend_school_code, trend_school_code as school_code, stage, last_year
    from life
    where trend_school_code not in (select trend_school_code from shared)
    union all
    select fact.trend_school_code, fact.school_code, fact.stage, max(fact.school_year)
    from fact
    join shared on shared.trend_school_code = fact.trend_school_code
    group by 1, 2, 3
),
ending as (
    select code_life.school_code, code_life.stage, code_life.last_year
    from code_life
    join life on life.trend_school_code = code_life.trend_school_code and life.stage = code_life.stage
    join county_life on county_life.county_code = life.county_code
    where county_life.last_year > code_life.last_year
),
declared as (
    select distinct school_code from returns.school_succession
),
-- Codes that ended, a year after their last.
ended as (
    select
        fact.trend_school_code,
        fact.stage,
        fact.school_year + 1 as school_year,
        count(*) as codes,
        count(declared.school_code) = count(*) as all_declared,
        case when bool_and(fact.grades_known) then cast(sum(
            fact.pupils
            - case fact.years when 3 then fact.grade_3 when 4 then fact.grade_4 when 5 then fact.grade_5 else fact.grade_6 end
        ) as bigint) end as below_final,
        case when bool_and(fact.grades_known) then cast(sum(
            case fact.years when 3 then fact.grade_3 when 4 then fact.grade_4 when 5 then fact.grade_5 else fact.grade_6 end
        ) as bigint) end as in_final
    from ending
    join fact
        on fact.school_code = ending.school_code
        and fact.stage = ending.stage
        and fact.school_year = ending.last_year
    left join declared on declared.school_code = fact.school_code
    group by 1, 2, 3
),
joined as (
    select
        grid.county_code,
        grid.trend_school_code,
        grid.stage,
        grid.school_year,
        coalesce(now.years, grid.years) as years,
        coalesce(now.codes, 0) as codes,
        coalesce(ended.codes, 0) as ended_codes,
        setting.closed_school_graduates,
        -- After the last year, where the end was declared, there is nobody: figures are nought and not missing.
        case when grid.school_year > grid.last_year and ended.all_declared then 0 end as nobody,
        coalesce(now.pupils_last_year >= before.pupils, false) as carried_over,
        ended.below_final,
        ended.in_final,
        now.pupils,
        now.entrants,
        now.graduates,
        now.transferred_in,
        now.transferred_out,
        now.died,
        now.dropouts,
        now.pupils_last_year,
        case when now.grades_known then now.grade_1 end as grade_1,
        case when now.grades_known then now.grade_2 end as grade_2,
        case when now.grades_known then now.grade_3 end as grade_3,
        case when now.grades_known then now.grade_4 end as grade_4,
        case when now.grades_known then now.grade_5 end as grade_5,
        case when now.grades_known then now.grade_6 end as grade_6,
        case when before.grades_known then before.grade_1 end as begun_1,
        case when before.grades_known then before.grade_2 end as begun_2,
        case when before.grades_known and before.years > 3 then before.grade_3 when before.grades_known then 0 end as begun_3,
        case when before.grades_known and before.years > 4 then before.grade_4 when before.grades_known then 0 end as begun_4,
        case when before.grades_known and before.years > 5 then before.grade_5 when before.grades_known then 0 end as begun_5,
        before.codes is null as began_now
    from grid
    left join trend as now
        on now.trend_school_code = grid.trend_school_code
        and now.stage = grid.stage
        and now.school_year = grid.school_year
    left join trend as before
        on before.trend_school_code = grid.trend_school_code
        and before.stage = grid.stage
        and before.school_year = grid.school_year - 1
    left join ended
        on ended.trend_school_code = grid.trend_school_code
        and ended.stage = grid.stage
        and ended.school_year = grid.school_year
    left join core.county_setting as setting
        on setting.county_code = grid.county_code and setting.school_year = grid.school_year
),
-- Whom transfers and deaths can have concerned: those below the final grade when the year began, else those above the
-- first when it ended, else the final grade.
basis as (
    select
        *,
        case when began_now then 0 else begun_1 + begun_2 + begun_3 + begun_4 + begun_5 end as begun,
        grade_2 + grade_3 + grade_4 + grade_5 + grade_6 as ended_above_first
    from joined
)
select
    county_code,
    trend_school_code,
    stage,
    school_year,
    years,
    codes,
    ended_codes,
    coalesce(pupils, nobody) as pupils,
    coalesce(grade_1, nobody) as grade_1,
    coalesce(grade_2, nobody) as grade_2,
    coalesce(grade_3, nobody) as grade_3,
    coalesce(grade_4, nobody) as grade_4,
    coalesce(grade_5, nobody) as grade_5,
    coalesce(grade_6, nobody) as grade_6,
    coalesce(case years when 3 then grade_3 when 4 then grade_4 when 5 then grade_5 else grade_6 end, nobody)
        as final_year_pupils,
    coalesce(entrants, nobody) as entrants,
    coalesce(graduates, nobody) + case
        when ended_codes = 0 or carried_over or in_final = 0 then 0
        when closed_school_graduates = 'final_year_pupils' then in_final
    end as graduates,
    graduates as graduates_reported,
    coalesce(transferred_in, nobody) as transferred_in,
    coalesce(transferred_out, nobody) as transferred_out,
    case
        when codes = 0 and nobody is null then null
        when ended_codes = 0 or carried_over then 0
        else below_final
    end as closed_out,
    coalesce(died, nobody) as died,
    dropouts,
    pupils_last_year,
    case when begun > 0 then begun_1 / begun when ended_above_first > 0 then grade_2 / ended_above_first when begun = 0 then 0 end
        as share_1,
    case when begun > 0 then begun_2 / begun when ended_above_first > 0 then grade_3 / ended_above_first when begun = 0 then 0 end
        as share_2,
    case
        when begun > 0 then begun_3 / begun
        when ended_above_first > 0 then grade_4 / ended_above_first
        when begun = 0 then case when years = 3 then 1 else 0 end
    end as share_3,
    case
        when begun > 0 then begun_4 / begun
        when ended_above_first > 0 then grade_5 / ended_above_first
        when begun = 0 then case when years = 4 then 1 else 0 end
    end as share_4,
    case
        when begun > 0 then begun_5 / begun
        when ended_above_first > 0 then grade_6 / ended_above_first
        when begun = 0 then case when years = 5 then 1 else 0 end
    end as share_5,
    case when begun > 0 or ended_above_first > 0 then 0 when begun = 0 then case when years = 6 then 1 else 0 end end as share_6
from basis
