-- zh: 差异系数（按县、学年、学段、指标）
-- en: Differential coefficients by county, school year, stage and indicator.
-- mean = Σx ÷ ΣP, standard deviation = √(Σ P(x/P − mean)² ÷ ΣP), coefficient = standard deviation ÷ mean, weighted by
-- pupils and unrounded, over the schools present. Basic balance (教督〔2012〕3号) has no line for a single indicator: the
-- line of the composite is given for reference (threshold_binding false). Coverage under the rulebook's minimum (by schools
-- or by pupils) leaves the coefficient as it is and withholds the verdict. At the line is within it; 10^-12 is rounding.
-- reason: county_unknown (rows without county code); no_schools; no_values (every value missing); zero_mean;
-- missing_values (coverage below the minimum); no_line (no line holds in that year and place).
-- grain: county_code, school_year, stage, standard, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   indicator: 指标 | Indicator
--   schools: 学校数 | Counted schools with pupils whose value is present
--   schools_missing: 数据缺失学校数 | Counted schools whose value or number of pupils is missing
--   schools_without_pupils: 无学生学校数 | Counted schools with no pupils (out of the figure)
--   enrolment: 学生数 | Pupils of the schools present
--   enrolment_missing: 缺失学校学生数 | Pupils of the schools missing, where known
--   mean: 县均值 | County total ÷ county pupils, in the unit of the indicator
--   standard_deviation: 标准差 | Pupil-weighted standard deviation, in the unit of the indicator
--   coefficient: 差异系数 | Differential coefficient: standard deviation ÷ mean
--   threshold: 标准线 | Line in force
--   threshold_binding: 标准线是否具约束力 | Whether the line decides (false: for reference only)
--   meets: 是否达标 | Whether the coefficient is within the line; null where withheld
--   reason: 未判定原因 | Why there is no verdict
with
long as (
    select
        county_code,
        school_year,
        stage,
        pupils_of_all,
        schools_of_all,
        schools_without_pupils,
        resource,
        schools,
        pupils,
        total,
        mean,
        variance
    from (
        select
            county_code,
            school_year,
            stage,
            county_stage.pupils as pupils_of_all,
            county_stage.schools - schools_without_pupils + schools_unidentified as schools_of_all,
            schools_without_pupils,
            teaching_area_basic_schools,
            teaching_area_basic_pupils,
            teaching_area_basic_total,
            teaching_area_basic_mean,
            teaching_area_basic_variance,
            teaching_area_quality_schools,
            teaching_area_quality_pupils,
            teaching_area_quality_total,
            teaching_area_quality_mean,
            teaching_area_quality_variance,
            sports_area_schools,
            sports_area_pupils,
            sports_area_total,
            sports_area_mean,
            sports_area_variance,
            equipment_value_schools,
            equipment_value_pupils,
            equipment_value_total,
            equipment_value_mean,
            equipment_value_variance,
            computers_schools,
            computers_pupils,
            computers_total,
            computers_mean,
            computers_variance,
            books_schools,
            books_pupils,
            books_total,
            books_mean,
            books_variance,
            multimedia_rooms_schools,
            multimedia_rooms_pupils,
            multimedia_rooms_total,
            multimedia_rooms_mean,
            multimedia_rooms_variance,
            teachers_schools,
            teachers_pupils,
            teachers_total,
            teachers_mean,
            teachers_variance,
            higher_degree_teachers_schools,
            higher_degree_teachers_pupils,
            higher_degree_teachers_total,
            higher_degree_teachers_mean,
            higher_degree_teachers_variance,
            mid_title_teachers_schools,
            mid_title_teachers_pupils,
            mid_title_teachers_total,
            mid_title_teachers_mean,
            mid_title_teachers_variance,
            backbone_teachers_schools,
            backbone_teachers_pupils,
            backbone_teachers_total,
            backbone_teachers_mean,
            backbone_teachers_variance,
            arts_sports_teachers_schools,
            arts_sports_teachers_pupils,
            arts_sports_teachers_total,
            arts_sports_teachers_mean,
            arts_sports_teachers_variance
        from core.county_stage as county_stage
    ) as wide
    unpivot include nulls (
        (schools, pupils, total, mean, variance) for resource in (
            (teaching_area_basic_schools, teaching_area_basic_pupils, teaching_area_basic_total, teaching_area_basic_mean, teaching_area_basic_variance) as 'teaching_area_basic',
            (teaching_area_quality_schools, teaching_area_quality_pupils, teaching_area_quality_total, teaching_area_quality_mean, teaching_area_quality_variance) as 'teaching_area_quality',
            (sports_area_schools, sports_area_pupils, sports_area_total, sports_area_mean, sports_area_variance) as 'sports_area',
            (equipment_value_schools, equipment_value_pupils, equipment_value_total, equipment_value_mean, equipment_value_variance) as 'equipment_value',
            (computers_schools, computers_pupils, computers_total, computers_mean, computers_variance) as 'computers',
            (books_schools, books_pupils, books_total, books_mean, books_variance) as 'books',
            (multimedia_rooms_schools, multimedia_rooms_pupils, multimedia_rooms_total, multimedia_rooms_mean, multimedia_rooms_variance) as 'multimedia_rooms',
            (teachers_schools, teachers_pupils, teachers_total, teachers_mean, teachers_variance) as 'teachers',
            (higher_degree_teachers_schools, higher_degree_teachers_pupils, higher_degree_teachers_total, higher_degree_teachers_mean, higher_degree_teachers_variance) as 'higher_degree_teachers',
            (mid_title_teachers_schools, mid_title_teachers_pupils, mid_title_teachers_total, mid_title_teachers_mean, mid_title_teachers_variance) as 'mid_title_teachers',
            (backbone_teachers_schools, backbone_teachers_pupils, backbone_teachers_total, backbone_teachers_mean, backbone_teachers_variance) as 'backbone_teachers',
            (arts_sports_teachers_schools, arts_sports_teachers_pupils, arts_sports_teachers_total, arts_sports_teachers_mean, arts_sports_teachers_variance) as 'arts_sports_teachers'
        )
    )
),
figure as (
    select
        county.county_code,
        county.county_name,
        county.rule_region,
        long.school_year,
        long.stage,
        indicator.standard,
        indicator.indicator,
        indicator.position,
        long.schools,
        long.schools_of_all - long.schools as schools_missing,
        long.schools_without_pupils,
        long.pupils as enrolment,
        long.pupils_of_all - long.pupils as enrolment_missing,
        long.mean * indicator.per as mean,
        sqrt(long.variance) * indicator.per as standard_deviation,
        case when long.mean > 0 then sqrt(long.variance) / long.mean end as coefficient,
        case when indicator.standard = 'basic_2012'
            then setting.minimum_coverage_basic
            else setting.minimum_coverage_quality
        end as minimum_coverage
    from long
    join rulebook.indicator as indicator on indicator.resource = long.resource
    join core.county as county on county.county_code = long.county_code
    join core.county_setting as setting
        on setting.county_code = long.county_code and setting.school_year = long.school_year
),
reasoned as (
    select
        figure.*,
        line.line as threshold,
        line.binding as threshold_binding,
        case
            when figure.county_code = '000000' then 'county_unknown'
            when figure.schools + figure.schools_missing = 0 then 'no_schools'
            when figure.schools = 0 then 'no_values'
            when figure.coefficient is null then 'zero_mean'
            when
                figure.schools + 1e-9 < figure.minimum_coverage * (figure.schools + figure.schools_missing)
                or figure.enrolment + 1e-9 < figure.minimum_coverage * (figure.enrolment + figure.enrolment_missing)
                then 'missing_values'
            when line.line is null then 'no_line'
        end as reason
    from figure
    left join core.region_line as line
        on line.measure = 'indicator_coefficient'
        and line.rule_region = figure.rule_region
        and line.school_year = figure.school_year
        and line.stage = figure.stage
        and line.standard = figure.standard
        and line.indicator = figure.indicator
)
select
    county_code,
    county_name,
    school_year,
    stage,
    standard,
    indicator,
    schools,
    schools_missing,
    schools_without_pupils,
    enrolment,
    enrolment_missing,
    mean,
    standard_deviation,
    coefficient,
    threshold,
    threshold_binding,
    case when reason is null then coefficient <= threshold + 1e-12 end as meets,
    reason
from reasoned
