-- zh: 巩固率（县、地市、省、全国）
-- en: Consolidation rates of counties, prefectures, provinces and the nation, by school year and stage.
-- A row of school year y is the cohort whose graduates stand in the return of y (core.county_cohort has the definition of
-- every component: which year it is of, whose transfers it holds, which schools are left out). All components stand
-- beside the rates, and every rate can be recomputed from its row:
--   a (county form)       graduates ÷ (entrants + transferred_in − transferred_out)
--   b (element library)   final_year_pupils ÷ (entrants + transferred_in − transferred_out − died − final_year_change)
--                         (the pupils of the final grade are those before what changed in the final school year)
--   c (adjusted)          (graduates − transferred_in + transferred_out) ÷ (first_year_pupils − died)
--   d (raw)               graduates ÷ entrants
-- each as it is and capped at 1. The rulebook chooses the formula and whether the rate shown is the capped one, and holds
-- the lines; where several hold, the highest decides. At the line is above it; 10^-12 is rounding.
-- A prefecture, province or the nation is the sum of the counties whose own rate can be given; the schools of the others
-- count as missing. Schools or pupils below the rulebook's minimum coverage withhold the verdict.
-- The annual rate is 1 − dropouts ÷ pupils a year ago over the schools that filed both, dropouts as the rulebook counts
-- them; a code that ended and files no more is not in it.
-- reason, annual_reason: county_unknown; before_first_year (the cohort entered before the data begin); component_missing
-- (missing_components and missing_years of the county rows say which); no_entrants; no_pupils; missing_values (coverage
-- below the minimum); no_line.
-- A cohort has shares of the transfers: what cancels out leaves a rest of floating-point arithmetic, which is no cohort (1e-9).
-- grain: level, region_code, school_year, stage
-- columns:
--   level: 地区层级 | Level: county, prefecture, province or nation
--   region_code: 地区代码 | Region code (empty: the nation)
--   region_name: 地区名称 | Name
--   school_year: 学年 | School year in whose return the graduates and the dropouts stand
--   stage: 学段 | primary, junior, or compulsory (both)
--   years: 年限 | Years from entering to graduating
--   entry_year: 入学学年 | School year in which the cohort entered
--   counties: 县数 | Counties of the figures
--   counties_missing: 数据缺失县数 | Counties whose rate cannot be given
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
--   rate_a_raw: 公式a原值 | Rate by formula a
--   rate_b_raw: 公式b原值 | Rate by formula b
--   rate_c_raw: 公式c原值 | Rate by formula c
--   rate_d_raw: 公式d原值 | Rate by formula d
--   rate_a_capped: 公式a封顶值 | Rate by formula a, at most 1
--   rate_b_capped: 公式b封顶值 | Rate by formula b, at most 1
--   rate_c_capped: 公式c封顶值 | Rate by formula c, at most 1
--   rate_d_capped: 公式d封顶值 | Rate by formula d, at most 1
--   formula: 采用公式 | Formula the rulebook chooses
--   flows: 转学数归集 | cohort_share or all_grades
--   cap: 是否封顶 | capped or raw
--   rate: 巩固率 | The rate by the formula of the rulebook, capped where it says so
--   rate_raw: 巩固率原值 | The same, never capped
--   threshold: 标准线 | Line in force
--   threshold_binding: 标准线是否具约束力 | Whether the line decides (false: for reference only)
--   threshold_document: 依据文件 | Rule document of the line
--   margin: 距标准线 | Rate less line (a fraction; negative: below)
--   meets: 是否达标 | Whether the rate reaches the line; null where withheld
--   reason: 未判定原因 | Why there is no verdict
--   missing_components: 缺失组成部分 | Components that lack (county rows)
--   missing_years: 缺失学年 | School years of the returns they lack in (county rows)
--   pupils_last_year: 上学年初在校生数 | Pupils at the beginning of the school year before
--   dropouts: 辍学 | Dropouts of that school year
--   annual_schools_missing: 缺辍学数据学校数 | Schools that lack one of the two
--   annual_rate: 年巩固率 | 1 − dropouts ÷ pupils a year ago
--   dropout_rate: 辍学率 | Dropouts ÷ pupils a year ago
--   annual_threshold: 年巩固率标准线 | Line of the annual rate
--   annual_threshold_binding: 年巩固率标准线是否具约束力 | Whether that line decides
--   annual_margin: 年巩固率距标准线 | Annual rate less line
--   annual_meets: 年巩固率是否达标 | Whether the annual rate reaches its line; null where withheld
--   annual_reason: 年巩固率未判定原因 | Why there is no verdict on the annual rate
with
cohort as (
    select
        *,
        coalesce(
            case formula
                when 'a' then graduates + entrants + transferred_in + transferred_out
                when 'b' then final_year_pupils + entrants + transferred_in + transferred_out + died
                when 'c' then graduates + transferred_in + transferred_out + first_year_pupils + died
                else graduates + entrants
            end is not null and schools > 0,
            false
        ) as complete
    from core.county_cohort
),
-- A county stands in its own row and in those of all that it lies in.
place as (
    select county_code, 'county' as level, county_code as region_code from core.county
    union all
    select county_code, 'prefecture', prefecture_code from core.county where county_code <> '000000'
    union all
    select county_code, 'province', province_code from core.county where county_code <> '000000'
    union all
    select county_code, 'nation', '' from core.county
),
summed as (
    select
        place.level,
        place.region_code,
        cohort.school_year,
        cohort.stage,
        max(years) as years,
        bool_and(began_before) as began_before,
        count(case when complete then 1 end) as counties,
        count(case when not complete then 1 end) as counties_missing,
        cast(coalesce(sum(case when complete then schools end), 0) as bigint) as schools,
        cast(sum(schools_missing + case when complete then 0 else coalesce(schools, 0) end) as bigint) as schools_missing,
        cast(coalesce(sum(case when complete then enrolment end), 0) as bigint) as enrolment,
        cast(sum(enrolment_missing + case when complete then 0 else coalesce(enrolment, 0) end) as bigint) as enrolment_missing,
        case when place.level = 'county' or bool_and(not complete or entrants is not null)
            then cast(sum(case when complete or place.level = 'county' then entrants end) as bigint) end as entrants,
        case when place.level = 'county' or bool_and(not complete or first_year_pupils is not null)
            then cast(sum(case when complete or place.level = 'county' then first_year_pupils end) as bigint) end as first_year_pupils,
        case when place.level = 'county' or bool_and(not complete or transferred_in is not null)
            then sum(case when complete or place.level = 'county' then transferred_in end) end as transferred_in,
        case when place.level = 'county' or bool_and(not complete or transferred_out is not null)
            then sum(case when complete or place.level = 'county' then transferred_out end) end as transferred_out,
        case when place.level = 'county' or bool_and(not complete or closed_out is not null)
            then cast(sum(case when complete or place.level = 'county' then closed_out end) as bigint) end as closed_out,
        case when place.level = 'county' or bool_and(not complete or died is not null)
            then sum(case when complete or place.level = 'county' then died end) end as died,
        case when place.level = 'county' or bool_and(not complete or final_year_change is not null)
            then sum(case when complete or place.level = 'county' then final_year_change end) end as final_year_change,
        case when place.level = 'county' or bool_and(not complete or final_year_pupils is not null)
            then cast(sum(case when complete or place.level = 'county' then final_year_pupils end) as bigint) end as final_year_pupils,
        case when place.level = 'county' or bool_and(not complete or graduates is not null)
            then cast(sum(case when complete or place.level = 'county' then graduates end) as bigint) end as graduates,
        case when place.level = 'county' then max(missing_components) end as missing_components,
        case when place.level = 'county' then max(missing_years) end as missing_years
    from cohort
    join place on place.county_code = cohort.county_code
    group by 1, 2, 3, 4
),
-- The annual figures; compulsory is both stages.
annual as (
    select
        place.level,
        place.region_code,
        flow.school_year,
        span.stage,
        cast(sum(flow.dropouts) as bigint) as dropouts,
        cast(sum(flow.dropouts_base) as bigint) as pupils_last_year,
        cast(sum(flow.dropouts_missing) as bigint) as annual_schools_missing,
        cast(sum(flow.schools) - sum(flow.dropouts_missing) as bigint) as annual_schools,
        cast(coalesce(sum(flow.dropouts_pupils_missing), 0) as bigint) as annual_pupils_missing
    from core.county_flow as flow
    join place on place.county_code = flow.county_code
    join (
        values ('primary', 'primary'), ('junior', 'junior'), ('compulsory', 'primary'), ('compulsory', 'junior')
    ) as span (stage, part) on span.part = flow.stage
    group by 1, 2, 3, 4
),
line as (
    select
        rule_region,
        school_year,
        stage,
        measure,
        max(line) as line,
        arg_max(binding, line) as binding,
        arg_max(document, line) as document
    from core.region_line
    where measure in ('cohort_consolidation_rate', 'annual_consolidation_rate')
    group by 1, 2, 3, 4
),
rated as (
    select
        summed.*,
        region.region_name,
        setting.consolidation_formula as formula,
        setting.consolidation_flows as flows,
        setting.consolidation_cap as cap,
        setting.consolidation_minimum_coverage as minimum_coverage,
        graduates / case when entrants + transferred_in - transferred_out > 1e-9 then entrants + transferred_in - transferred_out end
            as rate_a_raw,
        final_year_pupils / case
            when entrants + transferred_in - transferred_out - died - final_year_change > 1e-9
                then entrants + transferred_in - transferred_out - died - final_year_change
        end as rate_b_raw,
        (graduates - transferred_in + transferred_out) / case when first_year_pupils - died > 1e-9 then first_year_pupils - died end
            as rate_c_raw,
        graduates / case when entrants > 0 then entrants end as rate_d_raw,
        line.line as threshold,
        line.binding as threshold_binding,
        line.document as threshold_document,
        annual.dropouts,
        annual.pupils_last_year,
        annual.annual_schools,
        annual.annual_schools_missing,
        annual.annual_pupils_missing,
        annual.dropouts / nullif(annual.pupils_last_year, 0) as dropout_rate,
        annual_line.line as annual_threshold,
        annual_line.binding as annual_threshold_binding
    from summed
    join core.region as region on region.level = summed.level and region.region_code = summed.region_code
    join core.region_setting as setting
        on setting.rule_region = region.rule_region and setting.school_year = summed.school_year
    left join annual
        on annual.level = summed.level
        and annual.region_code = summed.region_code
        and annual.school_year = summed.school_year
        and annual.stage = summed.stage
    left join line
        on line.measure = 'cohort_consolidation_rate'
        and line.rule_region = region.rule_region
        and line.school_year = summed.school_year
        and line.stage = summed.stage
    left join line as annual_line
        on annual_line.measure = 'annual_consolidation_rate'
        and annual_line.rule_region = region.rule_region
        and annual_line.school_year = summed.school_year
        and annual_line.stage = summed.stage
),
chosen as (
    select
        *,
        case formula when 'a' then rate_a_raw when 'b' then rate_b_raw when 'c' then rate_c_raw else rate_d_raw end as rate_raw,
        1 - dropout_rate as annual_rate
    from rated
),
reasoned as (
    select
        *,
        case when cap = 'capped' and rate_raw > 1 then 1.0 else rate_raw end as rate,
        case
            when region_code = '000000' then 'county_unknown'
            when rate_raw is null and began_before then 'before_first_year'
            when counties = 0 then 'component_missing'
            when rate_raw is null and entrants = 0 then 'no_entrants'
            when rate_raw is null then 'component_missing'
            when counties_missing > 0
                or schools + 1e-9 < minimum_coverage * (schools + schools_missing)
                or enrolment + 1e-9 < minimum_coverage * (enrolment + enrolment_missing)
                then case when level = 'county' or counties_missing = 0 then 'missing_values' else 'component_missing' end
            when threshold is null then 'no_line'
        end as reason,
        case
            when region_code = '000000' then 'county_unknown'
            when annual_rate is null and annual_schools_missing > 0 then 'component_missing'
            when annual_rate is null then 'no_pupils'
            when annual_schools + 1e-9 < minimum_coverage * (annual_schools + annual_schools_missing)
                or pupils_last_year + 1e-9 < minimum_coverage * (pupils_last_year + annual_pupils_missing)
                then 'missing_values'
            when annual_threshold is null then 'no_line'
        end as annual_reason
    from chosen
)
select
    level,
    region_code,
    region_name,
    school_year,
    stage,
    years,
    school_year - years as entry_year,
    counties,
    counties_missing,
    schools,
    schools_missing,
    enrolment,
    enrolment_missing,
    entrants,
    first_year_pupils,
    transferred_in,
    transferred_out,
    closed_out,
    died,
    final_year_change,
    final_year_pupils,
    graduates,
    rate_a_raw,
    rate_b_raw,
    rate_c_raw,
    rate_d_raw,
    case when rate_a_raw > 1 then 1.0 else rate_a_raw end as rate_a_capped,
    case when rate_b_raw > 1 then 1.0 else rate_b_raw end as rate_b_capped,
    case when rate_c_raw > 1 then 1.0 else rate_c_raw end as rate_c_capped,
    case when rate_d_raw > 1 then 1.0 else rate_d_raw end as rate_d_capped,
    formula,
    flows,
    cap,
    rate,
    rate_raw,
    threshold,
    threshold_binding,
    threshold_document,
    rate - threshold as margin,
    case when reason is null then rate >= threshold - 1e-12 end as meets,
    reason,
    missing_components,
    missing_years,
    pupils_last_year,
    dropouts,
    annual_schools_missing,
    annual_rate,
    dropout_rate,
    annual_threshold,
    annual_threshold_binding,
    annual_rate - annual_threshold as annual_margin,
    case when annual_reason is null then annual_rate >= annual_threshold - 1e-12 end as annual_meets,
    annual_reason
from reasoned
order by level, region_code, school_year, stage
