-- zh: 学校巩固率（按趋势学校、学年、学段）
-- en: Consolidation rates of single schools, by school, school year and stage.
-- Codes that carried each other on are one school (core.school_flow), so a cohort is followed through mergers and changes
-- of code. Formulas, years and the share of a cohort in the transfers are those of trends.consolidation; compulsory rows
-- are of schools that teach both stages and had a first grade nine years earlier. There is no line for a single school:
-- small cohorts and pupils who move between schools make these rates a place to look at, not a verdict.
-- A cohort has shares of the transfers: what cancels out leaves a rest of floating-point arithmetic, which is no cohort (1e-9).
-- reason: before_first_year (the cohort entered before the county's data begin); school_too_young (it entered before the
-- school had this stage); component_missing (missing_year: the first school year whose return lacks a component);
-- no_entrants (nobody entered, or fewer than left again).
-- grain: trend_school_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_year: 学年 | School year in whose return the graduates and the dropouts stand
--   stage: 学段 | primary, junior, or compulsory (both)
--   years: 年限 | Years from entering to graduating
--   entrants: 招生数 | Entrants when the cohort began
--   first_year_pupils: 起始年级学生数 | Pupils of the first grade when the cohort began
--   transferred_in: 转入 | Transferred in over the years
--   transferred_out: 转出 | Transferred out over the years, those of codes that ended included
--   died: 死亡 | Died over the years
--   final_year_change: 毕业学年净变动 | Transferred in less out less died during the final school year
--   final_year_pupils: 毕业年级学生数 | Pupils of the final grade when the last school year began
--   graduates: 毕业生数 | Graduates
--   rate_a_raw: 公式a原值 | Rate by formula a, never capped
--   rate_b_raw: 公式b原值 | Rate by formula b, never capped
--   rate_c_raw: 公式c原值 | Rate by formula c, never capped
--   rate_d_raw: 公式d原值 | Rate by formula d, never capped
--   formula: 采用公式 | Formula the rulebook chooses
--   rate: 巩固率 | The rate by that formula, capped at 1 where the rulebook says so
--   rate_raw: 巩固率原值 | The same, never capped
--   reason: 无巩固率原因 | Why there is no rate
--   missing_year: 缺失学年 | First school year whose return lacks a component that the formula needs
--   pupils_last_year: 上学年初在校生数 | Pupils at the beginning of the school year before
--   dropouts: 辍学 | Dropouts of that school year
--   annual_rate: 年巩固率 | 1 − dropouts ÷ pupils a year ago
--   dropout_rate: 辍学率 | Dropouts ÷ pupils a year ago
with
county_life as (
    select county_code, min(school_year) as first_year, max(school_year) as last_year
    from core.county_flow
    group by county_code
),
-- The returns of a school, each for every cohort that needs it: step 0 for the one that enters, the last step for the one
-- that has graduated. Only the last step is kept where the cohort cannot be seen as a whole.
step as (
    select
        flow.*,
        step.step,
        flow.school_year + flow.years - step.step as cohort_year,
        flow.transferred_in + flow.transferred_out + flow.closed_out + flow.died as moved
    from core.school_flow as flow
    join county_life on county_life.county_code = flow.county_code
    cross join (values (0), (1), (2), (3), (4), (5), (6)) as step (step)
    where step.step <= flow.years
        and (
            step.step = flow.years
            or (
                flow.school_year - step.step >= county_life.first_year
                and flow.school_year + flow.years - step.step <= county_life.last_year
            )
        )
),
held as (
    select
        step.county_code,
        step.trend_school_code,
        step.stage,
        step.cohort_year,
        step.step,
        step.years,
        setting.junior_years,
        setting.consolidation_formula as formula,
        setting.consolidation_cap as cap,
        case when step.step = step.years then step.codes end as codes,
        case when step.step = 0 then step.entrants end as entrants,
        case when step.step = 0 then step.grade_1 end as first_year_pupils,
        case when step.step = step.years - 1 then step.final_year_pupils end as final_year_pupils,
        case when step.step = step.years then step.graduates end as graduates,
        case when step.step = step.years then step.dropouts end as dropouts,
        case when step.step = step.years then step.pupils_last_year end as pupils_last_year,
        step.transferred_in,
        step.transferred_out + step.closed_out as transferred_out,
        step.died,
        case
            when step.step = 0 or step.moved = 0 then 0
            when step.moved is null then null
            when setting.consolidation_flows = 'all_grades' then 1
            else case step.step
                when 1 then step.share_1 when 2 then step.share_2 when 3 then step.share_3
                when 4 then step.share_4 when 5 then step.share_5 else step.share_6
            end
        end as part,
        case
            when step.step = 0
                then case when setting.consolidation_formula = 'c' then step.grade_1 is null else step.entrants is null end
            when step.step = step.years - 1
                then setting.consolidation_formula = 'b' and step.final_year_pupils is null
            when step.step = step.years
                then setting.consolidation_formula <> 'b' and step.graduates is null
            else false
        end as lacks_pupils
    from step
    join core.county_setting as setting
        on setting.county_code = step.county_code and setting.school_year = step.cohort_year
),
cohort as (
    select
        trend_school_code,
        stage,
        cohort_year,
        max(county_code) as county_code,
        max(years) as years,
        max(junior_years) as junior_years,
        max(formula) as formula,
        max(cap) as cap,
        coalesce(max(codes), 0) as codes,
        count(*) as steps,
        max(entrants) as entrants,
        max(first_year_pupils) as first_year_pupils,
        max(final_year_pupils) as final_year_pupils,
        max(graduates) as graduates,
        max(dropouts) as dropouts,
        max(pupils_last_year) as pupils_last_year,
        case when count(part) = count(*) then sum(part * transferred_in) end as transferred_in,
        case when count(part) = count(*) then sum(part * transferred_out) end as transferred_out,
        case when count(part) = count(*) then sum(part * died) end as died,
        sum(case when step = years then part * (transferred_in - transferred_out - died) end) as final_year_change,
        min(case when lacks_pupils or (formula <> 'd' and part is null) then cohort_year - years + step end) as missing_year
    from held
    group by 1, 2, 3
),
-- Without all steps, what the last one holds is no cohort's.
every as (
    select
        trend_school_code,
        stage,
        cohort_year as school_year,
        county_code,
        years,
        formula,
        cap,
        steps = years + 1 as whole,
        entrants,
        first_year_pupils,
        final_year_pupils,
        graduates,
        case when steps = years + 1 then transferred_in end as transferred_in,
        case when steps = years + 1 then transferred_out end as transferred_out,
        case when steps = years + 1 then died end as died,
        case when steps = years + 1 then final_year_change end as final_year_change,
        case when steps = years + 1 then missing_year end as missing_year,
        dropouts,
        pupils_last_year
    from cohort
    where codes > 0
    union all
    select
        junior.trend_school_code,
        'compulsory',
        junior.cohort_year,
        junior.county_code,
        earlier.years + junior.years,
        junior.formula,
        junior.cap,
        true,
        earlier.entrants,
        earlier.first_year_pupils,
        junior.final_year_pupils,
        junior.graduates,
        earlier.transferred_in + junior.transferred_in,
        earlier.transferred_out + junior.transferred_out,
        earlier.died + junior.died,
        junior.final_year_change,
        coalesce(earlier.missing_flow_year, junior.missing_year),
        null,
        null
    from cohort as junior
    join (
        select *, case when missing_year < cohort_year or transferred_in is null then missing_year end as missing_flow_year
        from cohort
        where stage = 'primary' and steps = years + 1
    ) as earlier
        on earlier.trend_school_code = junior.trend_school_code
        and earlier.cohort_year = junior.cohort_year - junior.junior_years
    where junior.stage = 'junior' and junior.codes > 0 and junior.steps = junior.years + 1
),
rated as (
    select
        *,
        case when whole then
            graduates / case when entrants + transferred_in - transferred_out > 1e-9 then entrants + transferred_in - transferred_out end
        end as rate_a_raw,
        final_year_pupils / case
            when entrants + transferred_in - transferred_out - died - final_year_change > 1e-9
                then entrants + transferred_in - transferred_out - died - final_year_change
        end as rate_b_raw,
        (graduates - transferred_in + transferred_out) / case when first_year_pupils - died > 1e-9 then first_year_pupils - died end
            as rate_c_raw,
        case when whole then graduates / case when entrants > 0 then entrants end end as rate_d_raw,
        dropouts / nullif(pupils_last_year, 0) as dropout_rate
    from every
),
chosen as (
    select
        rated.*,
        case formula when 'a' then rate_a_raw when 'b' then rate_b_raw when 'c' then rate_c_raw else rate_d_raw end as rate_raw,
        rated.school_year - rated.years < county_life.first_year as began_before
    from rated
    join county_life on county_life.county_code = rated.county_code
)
select
    county_code,
    trend_school_code,
    school_year,
    stage,
    years,
    entrants,
    first_year_pupils,
    transferred_in,
    transferred_out,
    died,
    final_year_change,
    final_year_pupils,
    graduates,
    rate_a_raw,
    rate_b_raw,
    rate_c_raw,
    rate_d_raw,
    formula,
    case when cap = 'capped' and rate_raw > 1 then 1.0 else rate_raw end as rate,
    rate_raw,
    case
        when rate_raw is not null then null
        when began_before then 'before_first_year'
        when not whole then 'school_too_young'
        when missing_year is not null then 'component_missing'
        else 'no_entrants'
    end as reason,
    missing_year,
    pupils_last_year,
    dropouts,
    1 - dropout_rate as annual_rate,
    dropout_rate
from chosen
