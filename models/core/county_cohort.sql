-- zh: 县届别合计（巩固率的各组成部分）
-- en: What became of the cohort that graduated before a school year: the components of every consolidation rate of a county.
-- A row of school year y is the cohort that entered n years earlier (1 September of y − n), stood in its final grade on
-- 1 September of y − 1 and graduated in the summer of y; graduates, transfers and deaths of a summer stand in the return
-- of the school year that follows it. So entrants and first-year pupils are those of y − n, final-year pupils those of
-- y − 1, graduates those of the return of y, and the flows are the sums over the n returns of y − n + 1 to y. The form gives
-- transfers and deaths of all grades together: by default a cohort has its share of every year's flows (by grade, see
-- core.school_flow); the rulebook can choose the flows of all grades, which counts the transfers of n cohorts for one.
-- compulsory is primary and junior together, from the first grade to the end of the ninth: entrants to primary, flows of
-- primary up to its end and of junior after it. Who comes or goes between the two is no transfer in the returns.
--
-- A school that lacks, in any of these years, a component that the formula of the county needs is left out of the whole row
-- and counted in schools_missing, so that all components are of the same schools; where no school of the county has a
-- component in a year, the component is missing. missing_components and missing_years say what lacks, and when.
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_year: 学年 | School year in whose return the graduates stand
--   stage: 学段 | primary, junior, or compulsory (both)
--   years: 年限 | Years from entering to graduating
--   formula: 巩固率公式 | Formula of the rulebook: a, b, c or d
--   flows: 转学数归集 | cohort_share or all_grades
--   began_before: 届别起点早于数据 | Whether the cohort entered before the first school year of the county's data
--   schools: 学校数 | Schools of the figures
--   schools_missing: 数据缺失学校数 | Schools left out because a component lacks
--   enrolment: 学生数 | Pupils of the schools of the figures when the last school year began
--   enrolment_missing: 缺失学校学生数 | Pupils of the schools left out, where known
--   entrants: 招生数 | Entrants when the cohort began
--   first_year_pupils: 起始年级学生数 | Pupils of the first grade when the cohort began
--   transferred_in: 转入 | Transferred in over the years
--   transferred_out: 转出 | Transferred out over the years, closed_out included
--   closed_out: 其中撤并转出 | Of these from codes that ended and that no return took over, all grades
--   died: 死亡 | Died over the years
--   final_year_change: 毕业学年净变动 | Transferred in less out less died during the final school year
--   final_year_pupils: 毕业年级学生数 | Pupils of the final grade when the last school year began
--   graduates: 毕业生数 | Graduates
--   missing_components: 缺失组成部分 | Components that lack, comma-separated
--   missing_years: 缺失学年 | School years of the returns they lack in, comma-separated
with
part as (
    select county_code, school_year, 'primary' as stage, 'primary' as part, primary_years as years, 0 as ahead,
        true as is_first, true as is_last, consolidation_formula as formula, consolidation_flows as flows
    from core.county_setting
    union all
    select county_code, school_year, 'junior', 'junior', junior_years, 0, true, true,
        consolidation_formula, consolidation_flows
    from core.county_setting
    union all
    select county_code, school_year, 'compulsory', 'primary', primary_years, junior_years, true, false,
        consolidation_formula, consolidation_flows
    from core.county_setting
    union all
    select county_code, school_year, 'compulsory', 'junior', junior_years, 0, false, true,
        consolidation_formula, consolidation_flows
    from core.county_setting
),
-- One row for each return that a cohort needs: step 0 is the year it entered, the last step that of its graduates.
step as (
    select
        part.*,
        step.step,
        part.school_year - part.ahead - part.years + step.step as return_year,
        step.step = 0 and part.is_first and part.formula <> 'c' as needs_entrants,
        step.step = 0 and part.is_first and part.formula = 'c' as needs_first_year,
        step.step > 0 and part.formula <> 'd' as needs_flows,
        step.step = part.years and part.is_last and part.formula <> 'b' as needs_graduates,
        step.step = part.years - 1 and part.is_last and part.formula = 'b' as needs_final_year
    from part
    cross join (values (0), (1), (2), (3), (4), (5), (6)) as step (step)
    join core.county_flow as present
        on present.county_code = part.county_code
        and present.school_year = part.school_year
        and present.stage = case when part.stage = 'primary' then 'primary' else 'junior' end
    where step.step <= part.years and (step.step > 0 or part.is_first)
),
-- Schools that lack something which others of their county have in that year.
incomplete as (
    select
        flow.county_code,
        flow.trend_school_code,
        flow.stage,
        flow.school_year,
        flow.entrants is null and county.entrants_missing < county.schools as lacks_entrants,
        flow.grade_1 is null and county.first_year_pupils_missing < county.schools as lacks_first_year,
        flow.final_year_pupils is null and county.final_year_pupils_missing < county.schools as lacks_final_year,
        flow.graduates is null and county.graduates_missing < county.schools as lacks_graduates,
        flow.transferred_in + flow.transferred_out + flow.closed_out + flow.died is null
        and county.flows_missing < county.schools as lacks_flows,
        (
            flow.transferred_in + flow.transferred_out + flow.closed_out + flow.died is null
            or (flow.share_1 is null and flow.transferred_in + flow.transferred_out + flow.closed_out + flow.died > 0)
        ) and county.shares_missing < county.schools as lacks_shares
    from core.school_flow as flow
    join core.county_flow as county
        on county.county_code = flow.county_code
        and county.school_year = flow.school_year
        and county.stage = flow.stage
    where flow.entrants is null
        or flow.grade_1 is null
        or flow.final_year_pupils is null
        or flow.graduates is null
        or flow.transferred_in + flow.transferred_out + flow.closed_out + flow.died is null
        or flow.share_1 is null
),
component as (
    select component
    from (
        values ('entrants'), ('first_year_pupils'), ('graduates'), ('final_year_pupils'), ('transfers_and_deaths'),
        ('pupils_by_grade')
    ) as known (component)
),
lacking as (
    select
        step.county_code,
        step.school_year,
        step.stage,
        step.part,
        step.return_year,
        incomplete.trend_school_code,
        component.component
    from incomplete
    join step
        on step.county_code = incomplete.county_code
        and step.part = incomplete.stage
        and step.return_year = incomplete.school_year
    cross join component
    where case component.component
        when 'entrants' then needs_entrants and lacks_entrants
        when 'first_year_pupils' then needs_first_year and lacks_first_year
        when 'graduates' then needs_graduates and lacks_graduates
        when 'final_year_pupils' then needs_final_year and lacks_final_year
        when 'transfers_and_deaths' then needs_flows and lacks_flows
        else needs_flows and flows = 'cohort_share' and lacks_shares
    end
),
left_out as (
    select county_code, school_year, stage, part, trend_school_code from lacking group by 1, 2, 3, 4, 5
),
piece as (
    select
        step.county_code,
        step.school_year,
        step.stage,
        step.step,
        step.years,
        step.ahead,
        step.is_last,
        step.formula,
        step.flows,
        1 as sign,
        county.schools,
        county.pupils,
        county.entrants,
        county.entrants_missing,
        county.first_year_pupils,
        county.first_year_pupils_missing,
        county.final_year_pupils,
        county.final_year_pupils_missing,
        county.graduates,
        county.graduates_missing,
        case when step.flows = 'all_grades' then county.flows_missing else county.shares_missing end as flows_missing,
        case when step.flows = 'all_grades' then transferred_in else
            case step.step when 1 then in_1 when 2 then in_2 when 3 then in_3 when 4 then in_4 when 5 then in_5 else in_6 end
        end as transferred_in,
        case when step.flows = 'all_grades' then transferred_out + closed_out else
            case step.step when 1 then out_1 when 2 then out_2 when 3 then out_3 when 4 then out_4 when 5 then out_5 else out_6 end
        end as transferred_out,
        case when step.flows = 'all_grades' then died else
            case step.step when 1 then died_1 when 2 then died_2 when 3 then died_3 when 4 then died_4 when 5 then died_5 else died_6 end
        end as died,
        county.closed_out
    from step
    join core.county_flow as county
        on county.county_code = step.county_code
        and county.stage = step.part
        and county.school_year = step.return_year
    union all
    select
        step.county_code,
        step.school_year,
        step.stage,
        step.step,
        step.years,
        step.ahead,
        step.is_last,
        step.formula,
        step.flows,
        -1,
        1,
        flow.pupils,
        flow.entrants,
        case when flow.entrants is null then 1 else 0 end,
        flow.grade_1,
        case when flow.grade_1 is null then 1 else 0 end,
        flow.final_year_pupils,
        case when flow.final_year_pupils is null then 1 else 0 end,
        flow.graduates,
        case when flow.graduates is null then 1 else 0 end,
        case
            when flow.moved is null or (step.flows <> 'all_grades' and flow.moved > 0 and flow.share_1 is null) then 1
            else 0
        end,
        flow.transferred_in * case when step.flows = 'all_grades' then 1 when moved = 0 then 0 else
            case step.step when 1 then share_1 when 2 then share_2 when 3 then share_3 when 4 then share_4 when 5 then share_5 else share_6 end
        end,
        (flow.transferred_out + flow.closed_out) * case when step.flows = 'all_grades' then 1 when moved = 0 then 0 else
            case step.step when 1 then share_1 when 2 then share_2 when 3 then share_3 when 4 then share_4 when 5 then share_5 else share_6 end
        end,
        flow.died * case when step.flows = 'all_grades' then 1 when moved = 0 then 0 else
            case step.step when 1 then share_1 when 2 then share_2 when 3 then share_3 when 4 then share_4 when 5 then share_5 else share_6 end
        end,
        case when flow.moved is not null then flow.closed_out end
    from left_out
    join step
        on step.county_code = left_out.county_code
        and step.school_year = left_out.school_year
        and step.stage = left_out.stage
        and step.part = left_out.part
    join (
        select
            * exclude (transferred_in, transferred_out, died),
            transferred_in + transferred_out + closed_out + died as moved,
            case when transferred_out + closed_out + died is not null then transferred_in end as transferred_in,
            case when transferred_in + closed_out + died is not null then transferred_out end as transferred_out,
            case when transferred_in + transferred_out + closed_out is not null then died end as died
        from core.school_flow
    ) as flow
        on flow.trend_school_code = left_out.trend_school_code
        and flow.stage = step.part
        and flow.school_year = step.return_year
),
-- The same pieces without the components of the steps that do not hold them.
held as (
    select
        county_code,
        school_year,
        stage,
        sign,
        step > 0 as is_flow,
        case when step = years and is_last then sign * schools end as schools,
        case when step = years - 1 and is_last then sign * pupils end as enrolment,
        case when step = years - 1 and is_last and sign < 0 then pupils end as enrolment_missing,
        case when step = 0 then sign * entrants end as entrants,
        case when step = 0 then sign * entrants_missing end as entrants_missing,
        case when step = 0 then sign * first_year_pupils end as first_year_pupils,
        case when step = 0 then sign * first_year_pupils_missing end as first_year_pupils_missing,
        case when step = years - 1 and is_last then sign * final_year_pupils end as final_year_pupils,
        case when step = years - 1 and is_last then sign * final_year_pupils_missing end as final_year_pupils_missing,
        case when step = years and is_last then sign * graduates end as graduates,
        case when step = years and is_last then sign * graduates_missing end as graduates_missing,
        case when step > 0 then sign * flows_missing end as flows_missing,
        case when step > 0 then sign * transferred_in end as transferred_in,
        case when step > 0 then sign * transferred_out end as transferred_out,
        case when step > 0 then sign * died end as died,
        case when step > 0 then sign * closed_out end as closed_out,
        case when step = years and is_last then sign * (transferred_in - transferred_out - died) end as final_year_change
    from piece
),
total as (
    select
        county_code,
        school_year,
        stage,
        cast(sum(schools) as bigint) as schools,
        cast(sum(enrolment) as bigint) as enrolment,
        cast(sum(enrolment_missing) as bigint) as enrolment_missing,
        case when sum(entrants_missing) = 0 then cast(sum(entrants) as bigint) end as entrants,
        case when sum(first_year_pupils_missing) = 0 then cast(sum(first_year_pupils) as bigint) end as first_year_pupils,
        case when sum(final_year_pupils_missing) = 0 then cast(sum(final_year_pupils) as bigint) end as final_year_pupils,
        case when sum(graduates_missing) = 0 then cast(sum(graduates) as bigint) end as graduates,
        coalesce(sum(flows_missing) = 0, false) as flows_complete,
        count(case when is_flow and sign = 1 then 1 end) as flow_years,
        sum(transferred_in) as transferred_in,
        sum(transferred_out) as transferred_out,
        cast(sum(closed_out) as bigint) as closed_out,
        sum(died) as died,
        sum(final_year_change) as final_year_change
    from held
    group by 1, 2, 3
),
lack as (
    select county_code, school_year, stage, component, return_year from lacking
    union
    select step.county_code, step.school_year, step.stage, component.component, step.return_year
    from step
    left join core.county_flow as county
        on county.county_code = step.county_code
        and county.stage = step.part
        and county.school_year = step.return_year
    cross join component
    where case component.component
        when 'entrants' then needs_entrants and coalesce(county.entrants_missing = county.schools, true)
        when 'first_year_pupils' then needs_first_year and coalesce(county.first_year_pupils_missing = county.schools, true)
        when 'graduates' then needs_graduates and coalesce(county.graduates_missing = county.schools, true)
        when 'final_year_pupils' then needs_final_year and coalesce(county.final_year_pupils_missing = county.schools, true)
        when 'transfers_and_deaths' then needs_flows and coalesce(county.flows_missing = county.schools, true)
        else needs_flows and flows = 'cohort_share'
            and county.flows_missing < county.schools and county.shares_missing = county.schools
    end
),
lack_text as (
    select
        county_code,
        school_year,
        stage,
        string_agg(distinct component, ',' order by component) as missing_components,
        string_agg(distinct cast(return_year as varchar), ',' order by cast(return_year as varchar)) as missing_years
    from lack
    group by 1, 2, 3
),
omitted as (
    select county_code, school_year, stage, count(distinct trend_school_code) as schools
    from left_out
    group by 1, 2, 3
),
county_life as (
    select county_code, min(school_year) as first_year from core.county_flow group by county_code
),
cohort as (
    select county_code, school_year, stage, max(years + ahead) as years, max(formula) as formula, max(flows) as flows
    from step
    group by 1, 2, 3
)
select
    cohort.county_code,
    cohort.school_year,
    cohort.stage,
    cohort.years,
    cohort.formula,
    cohort.flows,
    cohort.school_year - cohort.years < county_life.first_year as began_before,
    total.schools,
    coalesce(omitted.schools, 0) as schools_missing,
    total.enrolment,
    coalesce(total.enrolment_missing, 0) as enrolment_missing,
    total.entrants,
    total.first_year_pupils,
    case when total.flows_complete and total.flow_years = cohort.years then total.transferred_in end as transferred_in,
    case when total.flows_complete and total.flow_years = cohort.years then total.transferred_out end as transferred_out,
    case when total.flows_complete and total.flow_years = cohort.years then total.closed_out end as closed_out,
    case when total.flows_complete and total.flow_years = cohort.years then total.died end as died,
    case when total.flows_complete and total.flow_years = cohort.years then total.final_year_change end as final_year_change,
    total.final_year_pupils,
    total.graduates,
    lack_text.missing_components,
    lack_text.missing_years
from cohort
join county_life on county_life.county_code = cohort.county_code
left join total
    on total.county_code = cohort.county_code
    and total.school_year = cohort.school_year
    and total.stage = cohort.stage
left join omitted
    on omitted.county_code = cohort.county_code
    and omitted.school_year = cohort.school_year
    and omitted.stage = cohort.stage
left join lack_text
    on lack_text.county_code = cohort.county_code
    and lack_text.school_year = cohort.school_year
    and lack_text.stage = cohort.stage
order by 1, 2, 3
