-- zh: 各校对县内差异的贡献
-- en: What each school has per pupil, and its share of the county's variance, by school year and stage.
-- share = P(x/P − mean)² ÷ Σ P(x/P − mean)², so that the shares of the schools present sum to one; where all schools have
-- the same they are nought. One row for every counted school; value and share are null where pupils or the value are
-- missing, or there are no pupils. Values are in the unit of the indicator (per pupil or per 100 pupils).
-- grain: school_year, school_code, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_code: 学校（机构）标识码 | School code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_name: 学校（机构）名称 | School name
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   pupils: 在校生数 | Pupils, merged teaching points included
--   basic_teaching_area_value: 生均教学及辅助用房面积 | Teaching and auxiliary rooms per pupil
--   basic_teaching_area_share: 生均教学及辅助用房面积：占县方差比重 | Share of the county's variance
--   basic_sports_area_value: 生均体育运动场馆面积 | Sports grounds and halls per pupil
--   basic_sports_area_share: 生均体育运动场馆面积：占县方差比重 | Share of the county's variance
--   basic_equipment_value_value: 生均教学仪器设备值 | Teaching equipment per pupil
--   basic_equipment_value_share: 生均教学仪器设备值：占县方差比重 | Share of the county's variance
--   basic_computers_value: 每百名学生拥有计算机台数 | Teaching computers per 100 pupils
--   basic_computers_share: 每百名学生拥有计算机台数：占县方差比重 | Share of the county's variance
--   basic_books_value: 生均图书册数 | Printed books per pupil
--   basic_books_share: 生均图书册数：占县方差比重 | Share of the county's variance
--   basic_teachers_value: 师生比 | Teachers per pupil
--   basic_teachers_share: 师生比：占县方差比重 | Share of the county's variance
--   basic_higher_degree_teachers_value: 生均高于规定学历教师数 | Teachers above the required degree per pupil
--   basic_higher_degree_teachers_share: 生均高于规定学历教师数：占县方差比重 | Share of the county's variance
--   basic_mid_title_teachers_value: 生均中级及以上专业技术职务教师数 | Teachers of intermediate title and above per pupil
--   basic_mid_title_teachers_share: 生均中级及以上专业技术职务教师数：占县方差比重 | Share of the county's variance
--   quality_higher_degree_teachers_value: 每百名学生拥有高于规定学历教师数 | Teachers above the required degree per 100 pupils
--   quality_higher_degree_teachers_share: 每百名学生拥有高于规定学历教师数：占县方差比重 | Share of the county's variance
--   quality_backbone_teachers_value: 每百名学生拥有县级以上骨干教师数 | Backbone teachers per 100 pupils
--   quality_backbone_teachers_share: 每百名学生拥有县级以上骨干教师数：占县方差比重 | Share of the county's variance
--   quality_arts_sports_teachers_value: 每百名学生拥有体育、艺术专任教师数 | Sports and arts teachers per 100 pupils
--   quality_arts_sports_teachers_share: 每百名学生拥有体育、艺术专任教师数：占县方差比重 | Share of the county's variance
--   quality_teaching_area_value: 生均教学及辅助用房面积 | Teaching and auxiliary rooms per pupil
--   quality_teaching_area_share: 生均教学及辅助用房面积：占县方差比重 | Share of the county's variance
--   quality_sports_area_value: 生均体育运动场馆面积 | Sports grounds and halls per pupil
--   quality_sports_area_share: 生均体育运动场馆面积：占县方差比重 | Share of the county's variance
--   quality_equipment_value_value: 生均教学仪器设备值 | Teaching equipment per pupil
--   quality_equipment_value_share: 生均教学仪器设备值：占县方差比重 | Share of the county's variance
--   quality_multimedia_rooms_value: 每百名学生拥有网络多媒体教室数 | Networked multimedia rooms per 100 pupils
--   quality_multimedia_rooms_share: 每百名学生拥有网络多媒体教室数：占县方差比重 | Share of the county's variance
with
per as (
    select
        max(case when standard = 'basic_2012' and indicator = 'teaching_area' then per end) as basic_teaching_area,
        max(case when standard = 'basic_2012' and indicator = 'sports_area' then per end) as basic_sports_area,
        max(case when standard = 'basic_2012' and indicator = 'equipment_value' then per end) as basic_equipment_value,
        max(case when standard = 'basic_2012' and indicator = 'computers' then per end) as basic_computers,
        max(case when standard = 'basic_2012' and indicator = 'books' then per end) as basic_books,
        max(case when standard = 'basic_2012' and indicator = 'teachers' then per end) as basic_teachers,
        max(case when standard = 'basic_2012' and indicator = 'higher_degree_teachers' then per end) as basic_higher_degree_teachers,
        max(case when standard = 'basic_2012' and indicator = 'mid_title_teachers' then per end) as basic_mid_title_teachers,
        max(case when standard = 'quality_2017' and indicator = 'higher_degree_teachers' then per end) as quality_higher_degree_teachers,
        max(case when standard = 'quality_2017' and indicator = 'backbone_teachers' then per end) as quality_backbone_teachers,
        max(case when standard = 'quality_2017' and indicator = 'arts_sports_teachers' then per end) as quality_arts_sports_teachers,
        max(case when standard = 'quality_2017' and indicator = 'teaching_area' then per end) as quality_teaching_area,
        max(case when standard = 'quality_2017' and indicator = 'sports_area' then per end) as quality_sports_area,
        max(case when standard = 'quality_2017' and indicator = 'equipment_value' then per end) as quality_equipment_value,
        max(case when standard = 'quality_2017' and indicator = 'multimedia_rooms' then per end) as quality_multimedia_rooms
    from rulebook.indicator
),
rate as (
    select
        county_code,
        school_code,
        trend_school_code,
        school_name,
        school_year,
        stage,
        pupils,
        teaching_area_basic / nullif(pupils, 0) as teaching_area_basic,
        teaching_area_quality / nullif(pupils, 0) as teaching_area_quality,
        sports_area / nullif(pupils, 0) as sports_area,
        equipment_value / nullif(pupils, 0) as equipment_value,
        computers / nullif(pupils, 0) as computers,
        books / nullif(pupils, 0) as books,
        multimedia_rooms / nullif(pupils, 0) as multimedia_rooms,
        teachers / nullif(pupils, 0) as teachers,
        higher_degree_teachers / nullif(pupils, 0) as higher_degree_teachers,
        mid_title_teachers / nullif(pupils, 0) as mid_title_teachers,
        backbone_teachers / nullif(pupils, 0) as backbone_teachers,
        arts_sports_teachers / nullif(pupils, 0) as arts_sports_teachers
    from core.school_stage
    where counted
),
compared as (
    select
        rate.*,
        rate.teaching_area_basic - county.teaching_area_basic_mean as teaching_area_basic_gap,
        county.teaching_area_basic_variance * county.teaching_area_basic_pupils as teaching_area_basic_spread,
        rate.teaching_area_quality - county.teaching_area_quality_mean as teaching_area_quality_gap,
        county.teaching_area_quality_variance * county.teaching_area_quality_pupils as teaching_area_quality_spread,
        rate.sports_area - county.sports_area_mean as sports_area_gap,
        county.sports_area_variance * county.sports_area_pupils as sports_area_spread,
        rate.equipment_value - county.equipment_value_mean as equipment_value_gap,
        county.equipment_value_variance * county.equipment_value_pupils as equipment_value_spread,
        rate.computers - county.computers_mean as computers_gap,
        county.computers_variance * county.computers_pupils as computers_spread,
        rate.books - county.books_mean as books_gap,
        county.books_variance * county.books_pupils as books_spread,
        rate.multimedia_rooms - county.multimedia_rooms_mean as multimedia_rooms_gap,
        county.multimedia_rooms_variance * county.multimedia_rooms_pupils as multimedia_rooms_spread,
        rate.teachers - county.teachers_mean as teachers_gap,
        county.teachers_variance * county.teachers_pupils as teachers_spread,
        rate.higher_degree_teachers - county.higher_degree_teachers_mean as higher_degree_teachers_gap,
        county.higher_degree_teachers_variance * county.higher_degree_teachers_pupils as higher_degree_teachers_spread,
        rate.mid_title_teachers - county.mid_title_teachers_mean as mid_title_teachers_gap,
        county.mid_title_teachers_variance * county.mid_title_teachers_pupils as mid_title_teachers_spread,
        rate.backbone_teachers - county.backbone_teachers_mean as backbone_teachers_gap,
        county.backbone_teachers_variance * county.backbone_teachers_pupils as backbone_teachers_spread,
        rate.arts_sports_teachers - county.arts_sports_teachers_mean as arts_sports_teachers_gap,
        county.arts_sports_teachers_variance * county.arts_sports_teachers_pupils as arts_sports_teachers_spread
    from rate
    join core.county_stage as county
        on county.county_code = rate.county_code
        and county.school_year = rate.school_year
        and county.stage = rate.stage
),
value as (
    select
        *,
        case
            when teaching_area_basic_spread = 0 then teaching_area_basic * 0
            else pupils * teaching_area_basic_gap * teaching_area_basic_gap / teaching_area_basic_spread
        end as teaching_area_basic_share,
        case
            when teaching_area_quality_spread = 0 then teaching_area_quality * 0
            else pupils * teaching_area_quality_gap * teaching_area_quality_gap / teaching_area_quality_spread
        end as teaching_area_quality_share,
        case
            when sports_area_spread = 0 then sports_area * 0
            else pupils * sports_area_gap * sports_area_gap / sports_area_spread
        end as sports_area_share,
        case
            when equipment_value_spread = 0 then equipment_value * 0
            else pupils * equipment_value_gap * equipment_value_gap / equipment_value_spread
        end as equipment_value_share,
        case
            when computers_spread = 0 then computers * 0
            else pupils * computers_gap * computers_gap / computers_spread
        end as computers_share,
        case
            when books_spread = 0 then books * 0
            else pupils * books_gap * books_gap / books_spread
        end as books_share,
        case
            when multimedia_rooms_spread = 0 then multimedia_rooms * 0
            else pupils * multimedia_rooms_gap * multimedia_rooms_gap / multimedia_rooms_spread
        end as multimedia_rooms_share,
        case
            when teachers_spread = 0 then teachers * 0
            else pupils * teachers_gap * teachers_gap / teachers_spread
        end as teachers_share,
        case
            when higher_degree_teachers_spread = 0 then higher_degree_teachers * 0
            else pupils * higher_degree_teachers_gap * higher_degree_teachers_gap / higher_degree_teachers_spread
        end as higher_degree_teachers_share,
        case
            when mid_title_teachers_spread = 0 then mid_title_teachers * 0
            else pupils * mid_title_teachers_gap * mid_title_teachers_gap / mid_title_teachers_spread
        end as mid_title_teachers_share,
        case
            when backbone_teachers_spread = 0 then backbone_teachers * 0
            else pupils * backbone_teachers_gap * backbone_teachers_gap / backbone_teachers_spread
        end as backbone_teachers_share,
        case
            when arts_sports_teachers_spread = 0 then arts_sports_teachers * 0
            else pupils * arts_sports_teachers_gap * arts_sports_teachers_gap / arts_sports_teachers_spread
        end as arts_sports_teachers_share
    from compared
)
select
    value.county_code,
    value.school_code,
    value.trend_school_code,
    value.school_name,
    value.school_year,
    value.stage,
    value.pupils,
    value.teaching_area_basic * per.basic_teaching_area as basic_teaching_area_value,
    value.teaching_area_basic_share as basic_teaching_area_share,
    value.sports_area * per.basic_sports_area as basic_sports_area_value,
    value.sports_area_share as basic_sports_area_share,
    value.equipment_value * per.basic_equipment_value as basic_equipment_value_value,
    value.equipment_value_share as basic_equipment_value_share,
    value.computers * per.basic_computers as basic_computers_value,
    value.computers_share as basic_computers_share,
    value.books * per.basic_books as basic_books_value,
    value.books_share as basic_books_share,
    value.teachers * per.basic_teachers as basic_teachers_value,
    value.teachers_share as basic_teachers_share,
    value.higher_degree_teachers * per.basic_higher_degree_teachers as basic_higher_degree_teachers_value,
    value.higher_degree_teachers_share as basic_higher_degree_teachers_share,
    value.mid_title_teachers * per.basic_mid_title_teachers as basic_mid_title_teachers_value,
    value.mid_title_teachers_share as basic_mid_title_teachers_share,
    value.higher_degree_teachers * per.quality_higher_degree_teachers as quality_higher_degree_teachers_value,
    value.higher_degree_teachers_share as quality_higher_degree_teachers_share,
    value.backbone_teachers * per.quality_backbone_teachers as quality_backbone_teachers_value,
    value.backbone_teachers_share as quality_backbone_teachers_share,
    value.arts_sports_teachers * per.quality_arts_sports_teachers as quality_arts_sports_teachers_value,
    value.arts_sports_teachers_share as quality_arts_sports_teachers_share,
    value.teaching_area_quality * per.quality_teaching_area as quality_teaching_area_value,
    value.teaching_area_quality_share as quality_teaching_area_share,
    value.sports_area * per.quality_sports_area as quality_sports_area_value,
    value.sports_area_share as quality_sports_area_share,
    value.equipment_value * per.quality_equipment_value as quality_equipment_value_value,
    value.equipment_value_share as quality_equipment_value_share,
    value.multimedia_rooms * per.quality_multimedia_rooms as quality_multimedia_rooms_value,
    value.multimedia_rooms_share as quality_multimedia_rooms_share
from value
cross join per
