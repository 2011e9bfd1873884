-- zh: 学校学年学段事实（计入与否及原因）
-- en: What every school has for its pupils, by school year and stage, and whether and why it counts.
-- One row for each compulsory stage that a school provides for by its type, or reports on in any return, or had a row
-- quarantined for. A school that no return gives a stage to stands under the stage its code tells, else under both.
-- Missing is null and stays null: a sum with a missing part is missing, a blank is never a nought.
--
-- Material resources (one stock per school) are shared between the stages by weighted pupils (core.region_weight); where
-- the pupils of one of its stages are missing, or a stage has pupils that the type of school does not provide for (no
-- agreed weight), the shares of all its stages are missing. A school with one stage keeps the whole stock. Of a school
-- whose register row is quarantined the type is unknown: what it has is missing.
-- Computers are teaching computers; where the return leaves them blank the total of computers does not stand in.
-- Teaching points (type with that role, or 是否计校数 = 0; 是否计校数 = 1 makes a school of its own) are merged into their
-- central school where the rulebook says so: the figures of the central school then include theirs.
--
-- reason, where counted: school; point_on_its_own; point_without_central (no such school of that stage in the county);
-- stage_not_provided (has pupils the type does not provide for); not_in_register; register_quarantined.
-- reason, where not counted: special_education; vocational; senior_only; private_left_out; merged_into_central;
-- point_left_out (too small to count on its own); stage_not_provided (and no pupils).
-- grain: school_year, school_code, stage
-- columns:
--   school_year: 学年 | School year (the year it starts)
--   county_code: 县级行政区划代码 | County code of today
--   school_code: 学校（机构）标识码 | School code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_name: 学校（机构）名称 | School name
--   stage: 学段 | Stage: primary or junior
--   school_type: 办学类型 | Type of school
--   counted: 是否计入 | Whether the school counts in the figures of the county
--   reason: 计入或不计入的原因 | Why it counts or does not
--   merged_points: 并入教学点数 | Teaching points whose figures are included
--   small_rural: 是否乡村小规模学校 | Whether it is a small rural school by its own pupils
--   pupils: 在校生数 | Pupils, teaching points included
--   teaching_area_basic: 教学及辅助用房面积（基本均衡口径）㎡ | Teaching rooms as basic balance counts them, m²
--   teaching_area_quality: 教学及辅助用房面积（优质均衡口径）㎡ | Teaching rooms as quality balance counts them, m²
--   sports_area: 体育运动场馆面积 ㎡ | Sports grounds and gymnasium, m²
--   equipment_value: 教学仪器设备值 元 | Teaching equipment, yuan
--   computers: 教学用计算机台数 | Computers for teaching
--   books: 图书册数 | Printed books
--   multimedia_rooms: 网络多媒体教室间数 | Networked multimedia rooms
--   site_area: 占地面积 ㎡ | Site area, m²
--   music_rooms: 音乐教室间数 | Music rooms
--   art_rooms: 美术教室间数 | Art rooms
--   classes: 班数 | Classes
--   teachers: 师生比所计教师数 | Teachers of the teacher ratio (full-time or all staff, by the rulebook)
--   higher_degree_teachers: 高于规定学历教师数 | Teachers above the required degree
--   mid_title_teachers: 中级及以上职务教师数 | Teachers of intermediate title and above
--   backbone_teachers: 县级以上骨干教师数 | Backbone teachers
--   arts_sports_teachers: 体育、艺术专任教师数 | Sports and arts teachers
with
primary_teacher as (
    select
        school_year,
        school_code,
        county_code,
        staff,
        teachers,
        degree_postgraduate + degree_bachelor + degree_associate as higher_degree_teachers,
        title_full_senior + title_associate_senior + title_intermediate as mid_title_teachers,
        backbone_teachers,
        pe_teachers + music_teachers + fine_art_teachers + arts_teachers as arts_sports_teachers
    from returns.teacher
    where stage = 'primary'
),
junior_teacher as (
    select
        school_year,
        school_code,
        county_code,
        staff,
        teachers,
        degree_postgraduate + degree_bachelor as higher_degree_teachers,
        title_full_senior + title_associate_senior + title_intermediate as mid_title_teachers,
        backbone_teachers,
        pe_teachers + music_teachers + fine_art_teachers + arts_teachers as arts_sports_teachers
    from returns.teacher
    where stage = 'junior'
),
primary_pupils as (
    select school_year, school_code, county_code, school_name, pupils, true as present
    from returns.enrolment
    where stage = 'primary'
),
junior_pupils as (
    select school_year, school_code, county_code, school_name, pupils, true as present
    from returns.enrolment
    where stage = 'junior'
),
senior_pupils as (
    select school_year, school_code, county_code, school_name, pupils, true as present
    from returns.enrolment
    where stage = 'senior'
),
register as (
    select
        school_year, school_code, county_code, school_name, school_type, urban_rural, operator, counted_as_school,
        central_school_code
    from returns.school
),
building as (
    select school_year, school_code, county_code, site_area_m2, teaching_area_m2, gymnasium_m2, sports_ground_m2
    from returns.premises
),
stock as (
    select
        school_year, school_code, county_code, books, teaching_computers, multimedia_rooms, equipment_value_yuan,
        music_rooms, art_rooms
    from returns.equipment
),
primary_classes as (
    select school_year, school_code, classes from returns.class_size where stage = 'primary'
),
junior_classes as (
    select school_year, school_code, classes from returns.class_size where stage = 'junior'
),
quarantined as (
    select
        school_year,
        school_code,
        max(case when regexp_matches(county_code, '^[0-9]{6}$') then county_code end) as county_code,
        bool_or(form = 'school') as register,
        bool_or(coalesce(stage = 'primary', false)) as primary_present,
        bool_or(coalesce(stage = 'junior', false)) as junior_present,
        bool_or(coalesce(stage = 'senior', false)) as senior_present
    from returns.quarantine
    where
        school_year is not null
        and regexp_matches(school_code, '^[0-9]{10}$')
        and form not in ('exchange', 'exchange_eligible', 'roster')
    group by 1, 2
),
rule as (
    select
        reported.reported_code,
        reported.school_year,
        reported.county_code,
        setting.rule_region,
        setting.gymnasium_basic,
        setting.gymnasium_quality,
        setting.teacher_ratio_staff,
        setting.teaching_points,
        setting.teaching_point_minimum_pupils,
        setting.small_rural_school_minimum_pupils,
        setting.small_rural_school_below_pupils,
        setting.private_schools
    from core.reported_county as reported
    join core.county_setting as setting
        on setting.county_code = reported.county_code and setting.school_year = reported.school_year
),
-- Every school of every year that any return or quarantined row knows of.
known as (
    select
        school_year,
        school_code,
        coalesce(
            register.county_code, primary_pupils.county_code, junior_pupils.county_code, senior_pupils.county_code,
            primary_teacher.county_code, junior_teacher.county_code, building.county_code, stock.county_code,
            quarantined.county_code, '000000'
        ) as reported_code,
        coalesce(
            register.school_name, primary_pupils.school_name, junior_pupils.school_name, senior_pupils.school_name
        ) as school_name,
        register.school_type,
        register.urban_rural,
        register.operator,
        register.counted_as_school,
        register.central_school_code,
        register.school_type is null and coalesce(quarantined.register, false) as register_quarantined,
        primary_pupils.pupils as primary_pupils,
        junior_pupils.pupils as junior_pupils,
        senior_pupils.pupils as senior_pupils,
        coalesce(
            primary_pupils.present, primary_teacher.school_year is not null, false
        ) or coalesce(quarantined.primary_present, false) as primary_present,
        coalesce(
            junior_pupils.present, junior_teacher.school_year is not null, false
        ) or coalesce(quarantined.junior_present, false) as junior_present,
        coalesce(senior_pupils.present, quarantined.senior_present, false) as senior_present,
        building.site_area_m2,
        building.teaching_area_m2,
        building.gymnasium_m2,
        building.sports_ground_m2,
        stock.books,
        stock.teaching_computers,
        stock.multimedia_rooms,
        stock.equipment_value_yuan,
        stock.music_rooms,
        stock.art_rooms,
        primary_classes.classes as primary_classes,
        junior_classes.classes as junior_classes,
        primary_teacher.staff as primary_staff,
        primary_teacher.teachers as primary_teachers,
        primary_teacher.higher_degree_teachers as primary_higher_degree_teachers,
        primary_teacher.mid_title_teachers as primary_mid_title_teachers,
        primary_teacher.backbone_teachers as primary_backbone_teachers,
        primary_teacher.arts_sports_teachers as primary_arts_sports_teachers,
        junior_teacher.staff as junior_staff,
        junior_teacher.teachers as junior_teachers,
        junior_teacher.higher_degree_teachers as junior_higher_degree_teachers,
        junior_teacher.mid_title_teachers as junior_mid_title_teachers,
        junior_teacher.backbone_teachers as junior_backbone_teachers,
        junior_teacher.arts_sports_teachers as junior_arts_sports_teachers
    from register
    full join primary_pupils using (school_year, school_code)
    full join junior_pupils using (school_year, school_code)
    full join senior_pupils using (school_year, school_code)
    full join primary_teacher using (school_year, school_code)
    full join junior_teacher using (school_year, school_code)
    full join building using (school_year, school_code)
    full join stock using (school_year, school_code)
    full join quarantined using (school_year, school_code)
    left join primary_classes using (school_year, school_code)
    left join junior_classes using (school_year, school_code)
),
-- What the rules of the county and the type of school make of it. A school without register row has no type: it
-- provides for the stages it reports on, else for those its code tells, else for both.
judged as (
    select
        known.*,
        rule.county_code,
        rule.gymnasium_basic,
        rule.gymnasium_quality,
        rule.teacher_ratio_staff,
        rule.teaching_points,
        rule.teaching_point_minimum_pupils,
        rule.small_rural_school_minimum_pupils,
        rule.small_rural_school_below_pupils,
        coalesce(type.role, 'school') as role,
        coalesce(urban_rural.area = 'rural', false) as rural,
        coalesce(operator.is_private, false) and rule.private_schools = 'leave_out' as private_left_out,
        coalesce(type.role, 'school') in ('school', 'teaching_point')
        and coalesce(known.counted_as_school, case when type.role = 'teaching_point' then 0 else 1 end) = 0 as is_point,
        coalesce(type.has_primary, known.primary_present or (not_told and coalesce(kind.has_primary, true))) as primary_provided,
        coalesce(type.has_junior, known.junior_present or (not_told and coalesce(kind.has_junior, true))) as junior_provided,
        coalesce(type.has_senior, known.senior_present) as senior_provided,
        weight.primary_weight,
        weight.junior_weight,
        weight.senior_weight
    from (
        select
            *,
            school_type is null and not (primary_present or junior_present or senior_present) as not_told
        from known
    ) as known
    left join rule on rule.reported_code = known.reported_code and rule.school_year = known.school_year
    left join rulebook.school_type as type on type.school_type = known.school_type
    left join rulebook.urban_rural as urban_rural on urban_rural.urban_rural = known.urban_rural
    left join rulebook.operator as operator on operator.operator = known.operator
    left join rulebook.school_code_kind as kind
        on known.not_told and kind.kind = substr(known.school_code, 1, 2)
    left join core.region_weight as weight
        on weight.rule_region = rule.rule_region
        and weight.school_year = known.school_year
        and weight.school_type = known.school_type
),
-- A stage has a part in the resources when the school provides for it or has pupils in it.
shared as (
    select
        *,
        primary_provided or coalesce(primary_pupils > 0, false) as primary_part,
        junior_provided or coalesce(junior_pupils > 0, false) as junior_part,
        senior_provided or coalesce(senior_pupils > 0, false) as senior_part
    from judged
),
weighted as (
    select
        *,
        case when primary_part then 1 else 0 end
        + case when junior_part then 1 else 0 end
        + case when senior_part then 1 else 0 end as parts,
        case when primary_part then primary_weight * primary_pupils else 0 end
        + case when junior_part then junior_weight * junior_pupils else 0 end
        + case when senior_part then senior_weight * senior_pupils else 0 end as weighted_pupils
    from shared
),
staged as (
    select
        weighted.*,
        stage.stage,
        stage.stage = 'primary' as is_primary,
        case when stage.stage = 'primary' then primary_provided else junior_provided end as provided,
        case when stage.stage = 'primary' then primary_pupils else junior_pupils end as pupils,
        case
            when register_quarantined then null
            when parts = 1 and case when stage.stage = 'primary' then primary_part else junior_part end then 1.0
            when stage.stage = 'primary' then primary_weight * primary_pupils / nullif(weighted_pupils, 0)
            else junior_weight * junior_pupils / nullif(weighted_pupils, 0)
        end as share
    from weighted
    cross join (values ('primary'), ('junior')) as stage (stage)
    where
        (stage.stage = 'primary' and (primary_present or (primary_provided and role in ('school', 'teaching_point'))))
        or (stage.stage = 'junior' and (junior_present or (junior_provided and role in ('school', 'teaching_point'))))
),
fact as (
    select
        school_year,
        county_code,
        school_code,
        school_name,
        stage,
        school_type,
        role,
        provided,
        private_left_out,
        is_point,
        teaching_points,
        teaching_point_minimum_pupils,
        central_school_code,
        register_quarantined,
        rural and coalesce(
            pupils >= small_rural_school_minimum_pupils and pupils < small_rural_school_below_pupils, false
        ) as small_rural,
        pupils,
        share * (teaching_area_m2 - case when gymnasium_basic = 'out' then gymnasium_m2 else 0 end)
            as teaching_area_basic,
        share * (teaching_area_m2 - case when gymnasium_quality = 'out' then gymnasium_m2 else 0 end)
            as teaching_area_quality,
        share * (sports_ground_m2 + gymnasium_m2) as sports_area,
        share * equipment_value_yuan as equipment_value,
        share * teaching_computers as computers,
        share * books as books,
        share * multimedia_rooms as multimedia_rooms,
        share * site_area_m2 as site_area,
        share * music_rooms as music_rooms,
        share * art_rooms as art_rooms,
        case when register_quarantined then null when is_primary then primary_classes else junior_classes end as classes,
        case
            when register_quarantined then null
            when teacher_ratio_staff = 'all_staff' then case when is_primary then primary_staff else junior_staff end
            when is_primary then primary_teachers
            else junior_teachers
        end as teachers,
        case when register_quarantined then null when is_primary then primary_higher_degree_teachers else junior_higher_degree_teachers end
            as higher_degree_teachers,
        case when register_quarantined then null when is_primary then primary_mid_title_teachers else junior_mid_title_teachers end
            as mid_title_teachers,
        case when register_quarantined then null when is_primary then primary_backbone_teachers else junior_backbone_teachers end
            as backbone_teachers,
        case when register_quarantined then null when is_primary then primary_arts_sports_teachers else junior_arts_sports_teachers end
            as arts_sports_teachers
    from staged
),
-- Sums over the points of one central school; a part that is missing makes the sum missing.
points as (
    select
        school_year,
        county_code,
        stage,
        central_school_code,
        count(*) as points,
        case when count(pupils) = count(*) then cast(sum(pupils) as bigint) end as pupils,
        case when count(teaching_area_basic) = count(*) then sum(teaching_area_basic) end as teaching_area_basic,
        case when count(teaching_area_quality) = count(*) then sum(teaching_area_quality) end as teaching_area_quality,
        case when count(sports_area) = count(*) then sum(sports_area) end as sports_area,
        case when count(equipment_value) = count(*) then sum(equipment_value) end as equipment_value,
        case when count(computers) = count(*) then sum(computers) end as computers,
        case when count(books) = count(*) then sum(books) end as books,
        case when count(multimedia_rooms) = count(*) then sum(multimedia_rooms) end as multimedia_rooms,
        case when count(site_area) = count(*) then sum(site_area) end as site_area,
        case when count(music_rooms) = count(*) then sum(music_rooms) end as music_rooms,
        case when count(art_rooms) = count(*) then sum(art_rooms) end as art_rooms,
        case when count(classes) = count(*) then cast(sum(classes) as bigint) end as classes,
        case when count(teachers) = count(*) then sum(teachers) end as teachers,
        case when count(higher_degree_teachers) = count(*) then sum(higher_degree_teachers) end as higher_degree_teachers,
        case when count(mid_title_teachers) = count(*) then sum(mid_title_teachers) end as mid_title_teachers,
        case when count(backbone_teachers) = count(*) then sum(backbone_teachers) end as backbone_teachers,
        case when count(arts_sports_teachers) = count(*) then sum(arts_sports_teachers) end as arts_sports_teachers
    from fact
    where is_point and provided and teaching_points = 'merge' and central_school_code is not null and not private_left_out
    group by 1, 2, 3, 4
),
central as (
    select fact.school_year, fact.county_code, fact.stage, fact.school_code
    from fact
    join points
        on points.school_year = fact.school_year
        and points.county_code = fact.county_code
        and points.stage = fact.stage
        and points.central_school_code = fact.school_code
    where not fact.is_point and fact.provided and fact.role = 'school' and not fact.private_left_out
),
merging as (
    select points.*
    from points
    join central
        on central.school_year = points.school_year
        and central.county_code = points.county_code
        and central.stage = points.stage
        and central.school_code = points.central_school_code
),
decided as (
    select
        fact.school_year,
        fact.county_code,
        fact.school_code,
        fact.school_name,
        fact.stage,
        fact.school_type,
        fact.small_rural,
        coalesce(merging.points, 0) as merged_points,
        case
            when fact.role not in ('school', 'teaching_point') and not (fact.role = 'senior_only') then fact.role
            when not fact.provided and coalesce(fact.pupils, 0) = 0
                then case when fact.role = 'senior_only' then 'senior_only' else 'stage_not_provided' end
            when fact.private_left_out then 'private_left_out'
            when not fact.provided then 'stage_not_provided'
            when fact.is_point then case
                when fact.teaching_points = 'own' then 'point_on_its_own'
                when central.school_code is not null then 'merged_into_central'
                when fact.pupils < fact.teaching_point_minimum_pupils then 'point_left_out'
                when fact.teaching_points = 'merge' then 'point_without_central'
                else 'point_on_its_own'
            end
            when fact.register_quarantined then 'register_quarantined'
            when fact.school_type is null then 'not_in_register'
            else 'school'
        end as reason,
        fact.pupils as own_pupils,
        case when merging.points is null then fact.pupils else fact.pupils + merging.pupils end as pupils,
        case when merging.points is null then fact.teaching_area_basic else fact.teaching_area_basic + merging.teaching_area_basic end as teaching_area_basic,
        case when merging.points is null then fact.teaching_area_quality else fact.teaching_area_quality + merging.teaching_area_quality end as teaching_area_quality,
        case when merging.points is null then fact.sports_area else fact.sports_area + merging.sports_area end as sports_area,
        case when merging.points is null then fact.equipment_value else fact.equipment_value + merging.equipment_value end as equipment_value,
        case when merging.points is null then fact.computers else fact.computers + merging.computers end as computers,
        case when merging.points is null then fact.books else fact.books + merging.books end as books,
        case when merging.points is null then fact.multimedia_rooms else fact.multimedia_rooms + merging.multimedia_rooms end as multimedia_rooms,
        case when merging.points is null then fact.site_area else fact.site_area + merging.site_area end as site_area,
        case when merging.points is null then fact.music_rooms else fact.music_rooms + merging.music_rooms end as music_rooms,
        case when merging.points is null then fact.art_rooms else fact.art_rooms + merging.art_rooms end as art_rooms,
        case when merging.points is null then fact.classes else fact.classes + merging.classes end as classes,
        case when merging.points is null then fact.teachers else fact.teachers + merging.teachers end as teachers,
        case when merging.points is null then fact.higher_degree_teachers else fact.higher_degree_teachers + merging.higher_degree_teachers end as higher_degree_teachers,
        case when merging.points is null then fact.mid_title_teachers else fact.mid_title_teachers + merging.mid_title_teachers end as mid_title_teachers,
        case when merging.points is null then fact.backbone_teachers else fact.backbone_teachers + merging.backbone_teachers end as backbone_teachers,
        case when merging.points is null then fact.arts_sports_teachers else fact.arts_sports_teachers + merging.arts_sports_teachers end as arts_sports_teachers
    from fact
    left join merging
        on merging.school_year = fact.school_year
        and merging.county_code = fact.county_code
        and merging.stage = fact.stage
        and merging.central_school_code = fact.school_code
    left join central
        on fact.is_point
        and fact.provided
        and central.school_year = fact.school_year
        and central.county_code = fact.county_code
        and central.stage = fact.stage
        and central.school_code = fact.central_school_code
)
select
    decided.school_year,
    decided.county_code,
    decided.school_code,
    coalesce(succession.trend_school_code, decided.school_code) as trend_school_code,
    decided.school_name,
    decided.stage,
    decided.school_type,
    decided.reason in ('school', 'point_on_its_own', 'point_without_central', 'not_in_register', 'register_quarantined')
    or (decided.reason = 'stage_not_provided' and coalesce(decided.own_pupils, 0) > 0) as counted,
    decided.reason,
    decided.merged_points,
    decided.small_rural,
    decided.pupils,
    decided.teaching_area_basic,
    decided.teaching_area_quality,
    decided.sports_area,
    decided.equipment_value,
    decided.computers,
    decided.books,
    decided.multimedia_rooms,
    decided.site_area,
    decided.music_rooms,
    decided.art_rooms,
    decided.classes,
    decided.teachers,
    decided.higher_degree_teachers,
    decided.mid_title_teachers,
    decided.backbone_teachers,
    decided.arts_sports_teachers
from decided
left join core.school_succession as succession on succession.school_code = decided.school_code
