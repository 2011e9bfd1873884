-- zh: 县学年学段合计与方差
-- en: County totals and pupil-weighted variances of every resource, by school year and stage.
-- Wide, one group of columns for each resource: mean = Σx ÷ ΣP over the schools present, variance = Σ P(x/P − mean)² ÷ ΣP,
-- in two passes (the mean first): x² − mean² would lose the digits that a small gap consists of. Present is a counted
-- school with pupils whose value is not missing; a school without pupils is out and counted in its own column.
-- (The difference is multiplied by itself: power() takes three times as long.)
-- A spread below one part in 10^12 of the mean is the rounding of the divisions, and is set to nought.
-- An enrolment row that was quarantined and has no usable school code is a school that may not be in the register:
-- as far as such rows outnumber the known schools without enrolment, they stand in schools_unidentified.
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage
--   schools: 计入学校数 | Counted schools
--   schools_left_out: 未计入学校数 | Schools left out by the counting rules, or merged into another
--   schools_without_pupils: 无学生学校数 | Counted schools with no pupils
--   schools_pupils_missing: 学生数缺失学校数 | Counted schools whose number of pupils is missing
--   schools_unidentified: 无法识别学校数 | Schools known only from quarantined rows without a school code
--   pupils: 在校生数 | Pupils of the counted schools, where known
--   teaching_area_basic_schools: 教学及辅助用房面积（基本均衡口径）：学校数 | Schools present for teaching rooms (basic)
--   teaching_area_basic_pupils: 教学及辅助用房面积（基本均衡口径）：学生数 | Their pupils
--   teaching_area_basic_total: 教学及辅助用房面积（基本均衡口径）：合计 | Their total of teaching rooms (basic)
--   teaching_area_basic_mean: 教学及辅助用房面积（基本均衡口径）：生均 | Total ÷ pupils
--   teaching_area_basic_variance: 教学及辅助用房面积（基本均衡口径）：加权方差 | Pupil-weighted variance of the per-pupil values
--   teaching_area_quality_schools: 教学及辅助用房面积（优质均衡口径）：学校数 | Schools present for teaching rooms (quality)
--   teaching_area_quality_pupils: 教学及辅助用房面积（优质均衡口径）：学生数 | Their pupils
--   teaching_area_quality_total: 教学及辅助用房面积（优质均衡口径）：合计 | Their total of teaching rooms (quality)
--   teaching_area_quality_mean: 教学及辅助用房面积（优质均衡口径）：生均 | Total ÷ pupils
--   teaching_area_quality_variance: 教学及辅助用房面积（优质均衡口径）：加权方差 | Pupil-weighted variance of the per-pupil values
--   sports_area_schools: 体育运动场馆面积：学校数 | Schools present for sports grounds and halls
--   sports_area_pupils: 体育运动场馆面积：学生数 | Their pupils
--   sports_area_total: 体育运动场馆面积：合计 | Their total of sports grounds and halls
--   sports_area_mean: 体育运动场馆面积：生均 | Total ÷ pupils
--   sports_area_variance: 体育运动场馆面积：加权方差 | Pupil-weighted variance of the per-pupil values
--   equipment_value_schools: 教学仪器设备值：学校数 | Schools present for teaching equipment
--   equipment_value_pupils: 教学仪器设备值：学生数 | Their pupils
--   equipment_value_total: 教学仪器设备值：合计 | Their total of teaching equipment
--   equipment_value_mean: 教学仪器设备值：生均 | Total ÷ pupils
--   equipment_value_variance: 教学仪器设备值：加权方差 | Pupil-weighted variance of the per-pupil values
--   computers_schools: 教学用计算机：学校数 | Schools present for teaching computers
--   computers_pupils: 教学用计算机：学生数 | Their pupils
--   computers_total: 教学用计算机：合计 | Their total of teaching computers
--   computers_mean: 教学用计算机：生均 | Total ÷ pupils
--   computers_variance: 教学用计算机：加权方差 | Pupil-weighted variance of the per-pupil values
--   books_schools: 图书：学校数 | Schools present for books
--   books_pupils: 图书：学生数 | Their pupils
--   books_total: 图书：合计 | Their total of books
--   books_mean: 图书：生均 | Total ÷ pupils
--   books_variance: 图书：加权方差 | Pupil-weighted variance of the per-pupil values
--   multimedia_rooms_schools: 网络多媒体教室：学校数 | Schools present for multimedia rooms
--   multimedia_rooms_pupils: 网络多媒体教室：学生数 | Their pupils
--   multimedia_rooms_total: 网络多媒体教室：合计 | Their total of multimedia rooms
--   multimedia_rooms_mean: 网络多媒体教室：生均 | Total ÷ pupils
--   multimedia_rooms_variance: 网络多媒体教室：加权方差 | Pupil-weighted variance of the per-pupil values
--   teachers_schools: 教师（师生比）：学校数 | Schools present for teachers (ratio)
--   teachers_pupils: 教师（师生比）：学生数 | Their pupils
--   teachers_total: 教师（师生比）：合计 | Their total of teachers (ratio)
--   teachers_mean: 教师（师生比）：生均 | Total ÷ pupils
--   teachers_variance: 教师（师生比）：加权方差 | Pupil-weighted variance of the per-pupil values
--   higher_degree_teachers_schools: 高于规定学历教师：学校数 | Schools present for teachers above the required degree
--   higher_degree_teachers_pupils: 高于规定学历教师：学生数 | Their pupils
--   higher_degree_teachers_total: 高于规定学历教师：合计 | Their total of teachers above the required degree
--   higher_degree_teachers_mean: 高于规定学历教师：生均 | Total ÷ pupils
--   higher_degree_teachers_variance: 高于规定学历教师：加权方差 | Pupil-weighted variance of the per-pupil values
--   mid_title_teachers_schools: 中级及以上职务教师：学校数 | Schools present for teachers of intermediate title and above
--   mid_title_teachers_pupils: 中级及以上职务教师：学生数 | Their pupils
--   mid_title_teachers_total: 中级及以上职务教师：合计 | Their total of teachers of intermediate title and above
--   mid_title_teachers_mean: 中级及以上职务教师：生均 | Total ÷ pupils
--   mid_title_teachers_variance: 中级及以上职务教师：加权方差 | Pupil-weighted variance of the per-pupil values
--   backbone_teachers_schools: 骨干教师：学校数 | Schools present for backbone teachers
--   backbone_teachers_pupils: 骨干教师：学生数 | Their pupils
--   backbone_teachers_total: 骨干教师：合计 | Their total of backbone teachers
--   backbone_teachers_mean: 骨干教师：生均 | Total ÷ pupils
--   backbone_teachers_variance: 骨干教师：加权方差 | Pupil-weighted variance of the per-pupil values
--   arts_sports_teachers_schools: 体育、艺术教师：学校数 | Schools present for sports and arts teachers
--   arts_sports_teachers_pupils: 体育、艺术教师：学生数 | Their pupils
--   arts_sports_teachers_total: 体育、艺术教师：合计 | Their total of sports and arts teachers
--   arts_sports_teachers_mean: 体育、艺术教师：生均 | Total ÷ pupils
--   arts_sports_teachers_variance: 体育、艺术教师：加权方差 | Pupil-weighted variance of the per-pupil values
with
fact as (
    select
        county_code,
        school_year,
        stage,
        counted,
        case when counted then pupils end as pupils,
        case when counted and pupils > 0 then teaching_area_basic end as teaching_area_basic,
        case when counted and pupils > 0 then teaching_area_quality end as teaching_area_quality,
        case when counted and pupils > 0 then sports_area end as sports_area,
        case when counted and pupils > 0 then equipment_value end as equipment_value,
        case when counted and pupils > 0 then computers end as computers,
        case when counted and pupils > 0 then books end as books,
        case when counted and pupils > 0 then multimedia_rooms end as multimedia_rooms,
        case when counted and pupils > 0 then teachers end as teachers,
        case when counted and pupils > 0 then higher_degree_teachers end as higher_degree_teachers,
        case when counted and pupils > 0 then mid_title_teachers end as mid_title_teachers,
        case when counted and pupils > 0 then backbone_teachers end as backbone_teachers,
        case when counted and pupils > 0 then arts_sports_teachers end as arts_sports_teachers
    from core.school_stage
),
total as (
    select
        county_code,
        school_year,
        stage,
        count(case when counted then 1 end) as schools,
        count(case when not counted then 1 end) as schools_left_out,
        count(case when pupils = 0 then 1 end) as schools_without_pupils,
        count(case when counted and pupils is null then 1 end) as schools_pupils_missing,
        sum(pupils) as pupils,
        count(teaching_area_basic) as teaching_area_basic_schools,
        sum(case when teaching_area_basic is not null then pupils end) as teaching_area_basic_pupils,
        sum(teaching_area_basic) as teaching_area_basic_total,
        count(teaching_area_quality) as teaching_area_quality_schools,
        sum(case when teaching_area_quality is not null then pupils end) as teaching_area_quality_pupils,
        sum(teaching_area_quality) as teaching_area_quality_total,
        count(sports_area) as sports_area_schools,
        sum(case when sports_area is not null then pupils end) as sports_area_pupils,
        sum(sports_area) as sports_area_total,
        count(equipment_value) as equipment_value_schools,
        sum(case when equipment_value is not null then pupils end) as equipment_value_pupils,
        sum(equipment_value) as equipment_value_total,
        count(computers) as computers_schools,
        sum(case when computers is not null then pupils end) as computers_pupils,
        sum(computers) as computers_total,
        count(books) as books_schools,
        sum(case when books is not null then pupils end) as books_pupils,
        sum(books) as books_total,
        count(multimedia_rooms) as multimedia_rooms_schools,
        sum(case when multimedia_rooms is not null then pupils end) as multimedia_rooms_pupils,
        sum(multimedia_rooms) as multimedia_rooms_total,
        count(teachers) as teachers_schools,
        sum(case when teachers is not null then pupils end) as teachers_pupils,
        sum(teachers) as teachers_total,
        count(higher_degree_teachers) as higher_degree_teachers_schools,
        sum(case when higher_degree_teachers is not null then pupils end) as higher_degree_teachers_pupils,
        sum(higher_degree_teachers) as higher_degree_teachers_total,
        count(mid_title_teachers) as mid_title_teachers_schools,
        sum(case when mid_title_teachers is not null then pupils end) as mid_title_teachers_pupils,
        sum(mid_title_teachers) as mid_title_teachers_total,
        count(backbone_teachers) as backbone_teachers_schools,
        sum(case when backbone_teachers is not null then pupils end) as backbone_teachers_pupils,
        sum(backbone_teachers) as backbone_teachers_total,
        count(arts_sports_teachers) as arts_sports_teachers_schools,
        sum(case when arts_sports_teachers is not null then pupils end) as arts_sports_teachers_pupils,
        sum(arts_sports_teachers) as arts_sports_teachers_total
    from fact
    group by county_code, school_year, stage
),
mean as (
    select
        county_code,
        school_year,
        stage,
        teaching_area_basic_total / teaching_area_basic_pupils as teaching_area_basic_mean,
        teaching_area_quality_total / teaching_area_quality_pupils as teaching_area_quality_mean,
        sports_area_total / sports_area_pupils as sports_area_mean,
        equipment_value_total / equipment_value_pupils as equipment_value_mean,
        computers_total / computers_pupils as computers_mean,
        books_total / books_pupils as books_mean,
        multimedia_rooms_total / multimedia_rooms_pupils as multimedia_rooms_mean,
        teachers_total / teachers_pupils as teachers_mean,
        higher_degree_teachers_total / higher_degree_teachers_pupils as higher_degree_teachers_mean,
        mid_title_teachers_total / mid_title_teachers_pupils as mid_title_teachers_mean,
        backbone_teachers_total / backbone_teachers_pupils as backbone_teachers_mean,
        arts_sports_teachers_total / arts_sports_teachers_pupils as arts_sports_teachers_mean
    from total
),
deviation as (
    select
        fact.county_code,
        fact.school_year,
        fact.stage,
        fact.pupils,
        fact.teaching_area_basic / fact.pupils - mean.teaching_area_basic_mean as teaching_area_basic,
        fact.teaching_area_quality / fact.pupils - mean.teaching_area_quality_mean as teaching_area_quality,
        fact.sports_area / fact.pupils - mean.sports_area_mean as sports_area,
        fact.equipment_value / fact.pupils - mean.equipment_value_mean as equipment_value,
        fact.computers / fact.pupils - mean.computers_mean as computers,
        fact.books / fact.pupils - mean.books_mean as books,
        fact.multimedia_rooms / fact.pupils - mean.multimedia_rooms_mean as multimedia_rooms,
        fact.teachers / fact.pupils - mean.teachers_mean as teachers,
        fact.higher_degree_teachers / fact.pupils - mean.higher_degree_teachers_mean as higher_degree_teachers,
        fact.mid_title_teachers / fact.pupils - mean.mid_title_teachers_mean as mid_title_teachers,
        fact.backbone_teachers / fact.pupils - mean.backbone_teachers_mean as backbone_teachers,
        fact.arts_sports_teachers / fact.pupils - mean.arts_sports_teachers_mean as arts_sports_teachers
    from fact
    join mean
        on mean.county_code = fact.county_code
        and mean.school_year = fact.school_year
        and mean.stage = fact.stage
    where fact.pupils > 0
),
spread as (
    select
        county_code,
        school_year,
        stage,
        sum(pupils * teaching_area_basic * teaching_area_basic) as teaching_area_basic_spread,
        sum(pupils * teaching_area_quality * teaching_area_quality) as teaching_area_quality_spread,
        sum(pupils * sports_area * sports_area) as sports_area_spread,
        sum(pupils * equipment_value * equipment_value) as equipment_value_spread,
        sum(pupils * computers * computers) as computers_spread,
        sum(pupils * books * books) as books_spread,
        sum(pupils * multimedia_rooms * multimedia_rooms) as multimedia_rooms_spread,
        sum(pupils * teachers * teachers) as teachers_spread,
        sum(pupils * higher_degree_teachers * higher_degree_teachers) as higher_degree_teachers_spread,
        sum(pupils * mid_title_teachers * mid_title_teachers) as mid_title_teachers_spread,
        sum(pupils * backbone_teachers * backbone_teachers) as backbone_teachers_spread,
        sum(pupils * arts_sports_teachers * arts_sports_teachers) as arts_sports_teachers_spread
    from deviation
    group by county_code, school_year, stage
),
unidentified as (
    select coalesce(reported.county_code, '000000') as county_code, bad.school_year, stage.stage, count(*) as schools
    from returns.quarantine as bad
    join (values ('primary'), ('junior')) as stage (stage) on coalesce(bad.stage, stage.stage) = stage.stage
    left join core.reported_county as reported
        on reported.reported_code = bad.county_code and reported.school_year = bad.school_year
    where
        bad.form = 'enrolment'
        and bad.school_year is not null
        and not coalesce(regexp_matches(bad.school_code, '^[0-9]{10}$'), false)
    group by 1, 2, 3
)
select
    county_code,
    school_year,
    stage,
    coalesce(total.schools, 0) as schools,
    coalesce(total.schools_left_out, 0) as schools_left_out,
    coalesce(total.schools_without_pupils, 0) as schools_without_pupils,
    coalesce(total.schools_pupils_missing, 0) as schools_pupils_missing,
    greatest(coalesce(unidentified.schools, 0) - coalesce(total.schools_pupils_missing, 0), 0) as schools_unidentified,
    cast(coalesce(total.pupils, 0) as bigint) as pupils,
    coalesce(total.teaching_area_basic_schools, 0) as teaching_area_basic_schools,
    cast(coalesce(total.teaching_area_basic_pupils, 0) as bigint) as teaching_area_basic_pupils,
    total.teaching_area_basic_total,
    mean.teaching_area_basic_mean,
    case
        when spread.teaching_area_basic_spread <= total.teaching_area_basic_pupils * power(mean.teaching_area_basic_mean * 1e-12, 2) then 0
        else spread.teaching_area_basic_spread / total.teaching_area_basic_pupils
    end as teaching_area_basic_variance,
    coalesce(total.teaching_area_quality_schools, 0) as teaching_area_quality_schools,
    cast(coalesce(total.teaching_area_quality_pupils, 0) as bigint) as teaching_area_quality_pupils,
    total.teaching_area_quality_total,
    mean.teaching_area_quality_mean,
    case
        when spread.teaching_area_quality_spread <= total.teaching_area_quality_pupils * power(mean.teaching_area_quality_mean * 1e-12, 2) then 0
        else spread.teaching_area_quality_spread / total.teaching_area_quality_pupils
    end as teaching_area_quality_variance,
    coalesce(total.sports_area_schools, 0) as sports_area_schools,
    cast(coalesce(total.sports_area_pupils, 0) as bigint) as sports_area_pupils,
    total.sports_area_total,
    mean.sports_area_mean,
    case
        when spread.sports_area_spread <= total.sports_area_pupils * power(mean.sports_area_mean * 1e-12, 2) then 0
        else spread.sports_area_spread / total.sports_area_pupils
    end as sports_area_variance,
    coalesce(total.equipment_value_schools, 0) as equipment_value_schools,
    cast(coalesce(total.equipment_value_pupils, 0) as bigint) as equipment_value_pupils,
    total.equipment_value_total,
    mean.equipment_value_mean,
    case
        when spread.equipment_value_spread <= total.equipment_value_pupils * power(mean.equipment_value_mean * 1e-12, 2) then 0
        else spread.equipment_value_spread / total.equipment_value_pupils
    end as equipment_value_variance,
    coalesce(total.computers_schools, 0) as computers_schools,
    cast(coalesce(total.computers_pupils, 0) as bigint) as computers_pupils,
    total.computers_total,
    mean.computers_mean,
    case
        when spread.computers_spread <= total.computers_pupils * power(mean.computers_mean * 1e-12, 2) then 0
        else spread.computers_spread / total.computers_pupils
    end as computers_variance,
    coalesce(total.books_schools, 0) as books_schools,
    cast(coalesce(total.books_pupils, 0) as bigint) as books_pupils,
    total.books_total,
    mean.books_mean,
    case
        when spread.books_spread <= total.books_pupils * power(mean.books_mean * 1e-12, 2) then 0
        else spread.books_spread / total.books_pupils
    end as books_variance,
    coalesce(total.multimedia_rooms_schools, 0) as multimedia_rooms_schools,
    cast(coalesce(total.multimedia_rooms_pupils, 0) as bigint) as multimedia_rooms_pupils,
    total.multimedia_rooms_total,
    mean.multimedia_rooms_mean,
    case
        when spread.multimedia_rooms_spread <= total.multimedia_rooms_pupils * power(mean.multimedia_rooms_mean * 1e-12, 2) then 0
        else spread.multimedia_rooms_spread / total.multimedia_rooms_pupils
    end as multimedia_rooms_variance,
    coalesce(total.teachers_schools, 0) as teachers_schools,
    cast(coalesce(total.teachers_pupils, 0) as bigint) as teachers_pupils,
    total.teachers_total,
    mean.teachers_mean,
    case
        when spread.teachers_spread <= total.teachers_pupils * power(mean.teachers_mean * 1e-12, 2) then 0
        else spread.teachers_spread / total.teachers_pupils
    end as teachers_variance,
    coalesce(total.higher_degree_teachers_schools, 0) as higher_degree_teachers_schools,
    cast(coalesce(total.higher_degree_teachers_pupils, 0) as bigint) as higher_degree_teachers_pupils,
    total.higher_degree_teachers_total,
    mean.higher_degree_teachers_mean,
    case
        when spread.higher_degree_teachers_spread <= total.higher_degree_teachers_pupils * power(mean.higher_degree_teachers_mean * 1e-12, 2) then 0
        else spread.higher_degree_teachers_spread / total.higher_degree_teachers_pupils
    end as higher_degree_teachers_variance,
    coalesce(total.mid_title_teachers_schools, 0) as mid_title_teachers_schools,
    cast(coalesce(total.mid_title_teachers_pupils, 0) as bigint) as mid_title_teachers_pupils,
    total.mid_title_teachers_total,
    mean.mid_title_teachers_mean,
    case
        when spread.mid_title_teachers_spread <= total.mid_title_teachers_pupils * power(mean.mid_title_teachers_mean * 1e-12, 2) then 0
        else spread.mid_title_teachers_spread / total.mid_title_teachers_pupils
    end as mid_title_teachers_variance,
    coalesce(total.backbone_teachers_schools, 0) as backbone_teachers_schools,
    cast(coalesce(total.backbone_teachers_pupils, 0) as bigint) as backbone_teachers_pupils,
    total.backbone_teachers_total,
    mean.backbone_teachers_mean,
    case
        when spread.backbone_teachers_spread <= total.backbone_teachers_pupils * power(mean.backbone_teachers_mean * 1e-12, 2) then 0
        else spread.backbone_teachers_spread / total.backbone_teachers_pupils
    end as backbone_teachers_variance,
    coalesce(total.arts_sports_teachers_schools, 0) as arts_sports_teachers_schools,
    cast(coalesce(total.arts_sports_teachers_pupils, 0) as bigint) as arts_sports_teachers_pupils,
    total.arts_sports_teachers_total,
    mean.arts_sports_teachers_mean,
    case
        when spread.arts_sports_teachers_spread <= total.arts_sports_teachers_pupils * power(mean.arts_sports_teachers_mean * 1e-12, 2) then 0
        else spread.arts_sports_teachers_spread / total.arts_sports_teachers_pupils
    end as arts_sports_teachers_variance
from total
left join mean using (county_code, school_year, stage)
left join spread using (county_code, school_year, stage)
full join unidentified using (county_code, school_year, stage)
