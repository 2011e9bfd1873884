-- zh: 综合差异系数（按县、学年、学段、标准）
-- en: Composite differential coefficients by county, school year, stage and standard, with verdict and trend.
-- The plain mean of the coefficients of all indicators of the standard; with one of them missing there is none. Both
-- verdicts are shown, the composite against its line and every indicator against its own, and the rulebook says which of
-- them is the verdict. every_indicator_meets is false as soon as one indicator with full coverage is above its line.
-- A crossing is a year whose composite lies on the other side of the line than in the last year that had a verdict.
-- reason: county_unknown; no_schools; indicators_missing (an indicator has no coefficient); missing_values (coverage below
-- the rulebook's minimum); no_line.
-- grain: county_code, school_year, stage, standard
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   indicators: 指标数 | Indicators of the standard
--   indicators_available: 有系数的指标数 | Indicators that have a coefficient
--   schools: 学校数 | Counted schools with pupils (or whose pupils are missing)
--   enrolment: 学生数 | Their pupils, where known
--   schools_missing: 数据缺失学校数 | Of them missing in the indicator that lacks most of them
--   enrolment_missing: 缺失学校学生数 | Pupils missing in the indicator that lacks most of them, where known
--   composite: 综合差异系数 | Mean of the coefficients
--   threshold: 标准线 | Line of the composite
--   meets: 综合值是否达标 | Whether the composite is within its line; null where withheld
--   every_indicator_meets: 各项是否均达标 | Whether every indicator is within its line; null where undecided
--   indicators_above: 超线指标 | Indicators above their line, comma-separated (null: none)
--   verdict: 判定 | The verdict by the rule the rulebook chooses
--   verdict_rule: 判定方式 | composite or every_indicator
--   reason: 未判定原因 | Why there is no verdict
--   change_from_last_year: 比上学年变化 | Change of the composite from the school year before
--   last_crossed_year: 最近跨线学年 | School year in which the composite last crossed its line
--   years_since_crossing: 跨线后年数 | School years since then
with
figure as (
    select
        county_code,
        county_name,
        school_year,
        stage,
        standard,
        count(*) as indicators,
        count(coefficient) as indicators_available,
        max(schools + schools_missing) as schools,
        max(enrolment + enrolment_missing) as enrolment,
        max(schools_missing) as schools_missing,
        max(enrolment_missing) as enrolment_missing,
        case when count(coefficient) = count(*) then avg(coefficient) end as composite,
        bool_or(reason in ('missing_values', 'county_unknown')) as withheld,
        case
            when bool_or(coalesce(not meets, false)) then false
            when count(meets) = count(*) then true
        end as every_indicator_meets,
        string_agg(case when coefficient > threshold + 1e-12 then indicator end, ',' order by indicator)
            as indicators_above
    from trends.differential_coefficient
    group by 1, 2, 3, 4, 5
),
judged as (
    select
        figure.*,
        line.line as threshold,
        case
            when not coalesce(figure.withheld, false) then figure.composite <= line.line + 1e-12
        end as meets,
        case when figure.standard = 'basic_2012'
            then setting.verdict_rule_basic
            else setting.verdict_rule_quality
        end as verdict_rule
    from figure
    join core.county_setting as setting
        on setting.county_code = figure.county_code and setting.school_year = figure.school_year
    left join core.region_line as line
        on line.measure = 'composite_coefficient'
        and line.rule_region = setting.rule_region
        and line.school_year = figure.school_year
        and line.stage = figure.stage
        and line.standard = figure.standard
),
known as (
    select
        county_code,
        school_year,
        stage,
        standard,
        meets,
        lag(meets) over (partition by county_code, stage, standard order by school_year) as met_before
    from judged
    where meets is not null
),
trend as (
    select
        judged.*,
        case when judged.verdict_rule = 'composite' then judged.meets else judged.every_indicator_meets end as verdict,
        judged.composite - before.composite as change_from_last_year,
        max(case when known.meets <> known.met_before then known.school_year end) over (
            partition by judged.county_code, judged.stage, judged.standard
            order by judged.school_year
            rows between unbounded preceding and current row
        ) as last_crossed_year
    from judged
    left join known
        on known.county_code = judged.county_code
        and known.school_year = judged.school_year
        and known.stage = judged.stage
        and known.standard = judged.standard
    left join judged as before
        on before.county_code = judged.county_code
        and before.school_year = judged.school_year - 1
        and before.stage = judged.stage
        and before.standard = judged.standard
)
select
    county_code,
    county_name,
    school_year,
    stage,
    standard,
    indicators,
    indicators_available,
    schools,
    enrolment,
    schools_missing,
    enrolment_missing,
    composite,
    threshold,
    meets,
    every_indicator_meets,
    indicators_above,
    verdict,
    verdict_rule,
    case
        when verdict is not null then null
        when county_code = '000000' then 'county_unknown'
        when schools = 0 then 'no_schools'
        when indicators_available < indicators then 'indicators_missing'
        when withheld then 'missing_values'
        else 'no_line'
    end as reason,
    change_from_last_year,
    last_crossed_year,
    school_year - last_crossed_year as years_since_crossing
from trend
