-- zh: 学校优质均衡资源配置达标情况
-- en: Which schools attain the resource lines of quality balance, by school year and stage.
-- A school attains when it meets at least as many of the seven lines as the rulebook asks for and has no less than the
-- floor share of every one; compared unrounded (0.85 × 5.3 is 4.505, not 4.51; 10^-12 is rounding). With a value missing,
-- attains is false where the values present decide it already, else null. One row for every counted school.
-- reason: no_pupils; pupils_missing; missing_values; no_line (no lines hold in that year and place).
-- grain: school_year, school_code, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_code: 学校（机构）标识码 | School code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_name: 学校（机构）名称 | School name
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   pupils: 在校生数 | Pupils, merged teaching points included
--   higher_degree_teachers_value: 每百名学生拥有高于规定学历教师数 | Teachers above the required degree per 100 pupils
--   backbone_teachers_value: 每百名学生拥有县级以上骨干教师数 | Backbone teachers per 100 pupils
--   arts_sports_teachers_value: 每百名学生拥有体育、艺术专任教师数 | Sports and arts teachers per 100 pupils
--   teaching_area_value: 生均教学及辅助用房面积 | Teaching and auxiliary rooms per pupil
--   sports_area_value: 生均体育运动场馆面积 | Sports grounds and halls per pupil
--   equipment_value_value: 生均教学仪器设备值 | Teaching equipment per pupil
--   multimedia_rooms_value: 每百名学生拥有网络多媒体教室数 | Networked multimedia rooms per 100 pupils
--   higher_degree_teachers_met: 每百名学生拥有高于规定学历教师数是否达标 | Whether the school reaches the line of higher_degree_teachers
--   backbone_teachers_met: 每百名学生拥有县级以上骨干教师数是否达标 | Whether the school reaches the line of backbone_teachers
--   arts_sports_teachers_met: 每百名学生拥有体育、艺术专任教师数是否达标 | Whether the school reaches the line of arts_sports_teachers
--   teaching_area_met: 生均教学及辅助用房面积是否达标 | Whether the school reaches the line of teaching_area
--   sports_area_met: 生均体育运动场馆面积是否达标 | Whether the school reaches the line of sports_area
--   equipment_value_met: 生均教学仪器设备值是否达标 | Whether the school reaches the line of equipment_value
--   multimedia_rooms_met: 每百名学生拥有网络多媒体教室数是否达标 | Whether the school reaches the line of multimedia_rooms
--   indicators_met: 达标指标数 | Lines met
--   lowest_ratio: 最低达标比例 | Lowest value ÷ line among the values present
--   attains: 是否达标 | Whether the school attains; null where undecided
--   reason: 未判定原因 | Why there is no verdict
with
line as (
    select
        rule_region,
        school_year,
        stage,
        max(case when measure = 'school_floor' then line end) as floor,
        max(case when measure = 'school_indicators_to_meet' then line end) as to_meet,
        max(case when measure = 'school_indicator' and indicator = 'higher_degree_teachers' then line end) as higher_degree_teachers,
        max(case when measure = 'school_indicator' and indicator = 'backbone_teachers' then line end) as backbone_teachers,
        max(case when measure = 'school_indicator' and indicator = 'arts_sports_teachers' then line end) as arts_sports_teachers,
        max(case when measure = 'school_indicator' and indicator = 'teaching_area' then line end) as teaching_area,
        max(case when measure = 'school_indicator' and indicator = 'sports_area' then line end) as sports_area,
        max(case when measure = 'school_indicator' and indicator = 'equipment_value' then line end) as equipment_value,
        max(case when measure = 'school_indicator' and indicator = 'multimedia_rooms' then line end) as multimedia_rooms
    from core.region_line
    where standard = 'quality_2017'
    group by 1, 2, 3
),
county_line as (
    select setting.county_code, line.*
    from core.county_setting as setting
    join line on line.rule_region = setting.rule_region and line.school_year = setting.school_year
),
per as (
    select
        max(case when indicator = 'higher_degree_teachers' then per end) as higher_degree_teachers,
        max(case when indicator = 'backbone_teachers' then per end) as backbone_teachers,
        max(case when indicator = 'arts_sports_teachers' then per end) as arts_sports_teachers,
        max(case when indicator = 'teaching_area' then per end) as teaching_area,
        max(case when indicator = 'sports_area' then per end) as sports_area,
        max(case when indicator = 'equipment_value' then per end) as equipment_value,
        max(case when indicator = 'multimedia_rooms' then per end) as multimedia_rooms
    from rulebook.indicator
    where standard = 'quality_2017'
),
value as (
    select
        fact.county_code,
        fact.school_code,
        fact.trend_school_code,
        fact.school_name,
        fact.school_year,
        fact.stage,
        fact.pupils,
        line.floor,
        line.to_meet,
        fact.higher_degree_teachers * per.higher_degree_teachers / nullif(fact.pupils, 0) as higher_degree_teachers_value,
        fact.backbone_teachers * per.backbone_teachers / nullif(fact.pupils, 0) as backbone_teachers_value,
        fact.arts_sports_teachers * per.arts_sports_teachers / nullif(fact.pupils, 0) as arts_sports_teachers_value,
        fact.teaching_area_quality * per.teaching_area / nullif(fact.pupils, 0) as teaching_area_value,
        fact.sports_area * per.sports_area / nullif(fact.pupils, 0) as sports_area_value,
        fact.equipment_value * per.equipment_value / nullif(fact.pupils, 0) as equipment_value_value,
        fact.multimedia_rooms * per.multimedia_rooms / nullif(fact.pupils, 0) as multimedia_rooms_value,
        fact.higher_degree_teachers * per.higher_degree_teachers / nullif(fact.pupils, 0) / line.higher_degree_teachers as higher_degree_teachers_ratio,
        fact.backbone_teachers * per.backbone_teachers / nullif(fact.pupils, 0) / line.backbone_teachers as backbone_teachers_ratio,
        fact.arts_sports_teachers * per.arts_sports_teachers / nullif(fact.pupils, 0) / line.arts_sports_teachers as arts_sports_teachers_ratio,
        fact.teaching_area_quality * per.teaching_area / nullif(fact.pupils, 0) / line.teaching_area as teaching_area_ratio,
        fact.sports_area * per.sports_area / nullif(fact.pupils, 0) / line.sports_area as sports_area_ratio,
        fact.equipment_value * per.equipment_value / nullif(fact.pupils, 0) / line.equipment_value as equipment_value_ratio,
        fact.multimedia_rooms * per.multimedia_rooms / nullif(fact.pupils, 0) / line.multimedia_rooms as multimedia_rooms_ratio
    from core.school_stage as fact
    cross join per
    left join county_line as line
        on line.county_code = fact.county_code and line.school_year = fact.school_year and line.stage = fact.stage
    where fact.counted
),
met as (
    select
        *,
        higher_degree_teachers_ratio >= 1 - 1e-12 as higher_degree_teachers_met,
        backbone_teachers_ratio >= 1 - 1e-12 as backbone_teachers_met,
        arts_sports_teachers_ratio >= 1 - 1e-12 as arts_sports_teachers_met,
        teaching_area_ratio >= 1 - 1e-12 as teaching_area_met,
        sports_area_ratio >= 1 - 1e-12 as sports_area_met,
        equipment_value_ratio >= 1 - 1e-12 as equipment_value_met,
        multimedia_rooms_ratio >= 1 - 1e-12 as multimedia_rooms_met,
        least(
            higher_degree_teachers_ratio,
            backbone_teachers_ratio,
            arts_sports_teachers_ratio,
            teaching_area_ratio,
            sports_area_ratio,
            equipment_value_ratio,
            multimedia_rooms_ratio
        ) as lowest_ratio
    from value
),
counted as (
    select
        *,
        coalesce(cast(higher_degree_teachers_met as integer), 0)
        + coalesce(cast(backbone_teachers_met as integer), 0)
        + coalesce(cast(arts_sports_teachers_met as integer), 0)
        + coalesce(cast(teaching_area_met as integer), 0)
        + coalesce(cast(sports_area_met as integer), 0)
        + coalesce(cast(equipment_value_met as integer), 0)
        + coalesce(cast(multimedia_rooms_met as integer), 0) as indicators_met,
        cast(higher_degree_teachers_met is null as integer)
        + cast(backbone_teachers_met is null as integer)
        + cast(arts_sports_teachers_met is null as integer)
        + cast(teaching_area_met is null as integer)
        + cast(sports_area_met is null as integer)
        + cast(equipment_value_met is null as integer)
        + cast(multimedia_rooms_met is null as integer) as indicators_missing
    from met
),
decided as (
    select
        *,
        case
            when pupils is null or pupils = 0 or to_meet is null or floor is null then null
            when lowest_ratio < floor - 1e-12 or indicators_met + indicators_missing < to_meet then false
            when indicators_missing = 0 then true
        end as attains
    from counted
)
select
    county_code,
    school_code,
    trend_school_code,
    school_name,
    school_year,
    stage,
    pupils,
    higher_degree_teachers_value,
    backbone_teachers_value,
    arts_sports_teachers_value,
    teaching_area_value,
    sports_area_value,
    equipment_value_value,
    multimedia_rooms_value,
    higher_degree_teachers_met,
    backbone_teachers_met,
    arts_sports_teachers_met,
    teaching_area_met,
    sports_area_met,
    equipment_value_met,
    multimedia_rooms_met,
    indicators_met,
    lowest_ratio,
    attains,
    case
        when attains is not null then null
        when pupils is null then 'pupils_missing'
        when pupils = 0 then 'no_pupils'
        when to_meet is null or floor is null then 'no_line'
        else 'missing_values'
    end as reason
from decided
