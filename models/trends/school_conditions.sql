-- zh: 学校办学条件（规模、班额、音乐美术教室）
-- en: Size, class size, and music and art rooms of every counted school, by school year, against the lines of the rulebook.
-- Whole schools: their compulsory stages together, merged teaching points included (core.school_stage); of a school with
-- senior classes its compulsory share of the rooms. combined are schools with both compulsory stages. A class bin that lies
-- across the line counts neither within nor above it. Rooms suffice with at least one for every so many classes as
-- the rulebook says: rooms × that number ≥ classes. With a part missing the figure is missing.
-- grain: school_year, school_code
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_code: 学校（机构）标识码 | School code
--   trend_school_code: 趋势学校标识码 | School code at the end of the chain of succession
--   school_name: 学校（机构）名称 | School name
--   school_year: 学年 | School year (the year it starts)
--   kind: 学校类别 | primary, junior or combined (both stages)
--   pupils: 在校生数 | Pupils of the compulsory stages
--   size_limit: 规模上限 | Largest size the rulebook allows
--   over_size: 是否超规模 | Whether the school is larger
--   small: 是否小规模 | Whether it is small (fewer pupils than the line of small schools)
--   small_rural: 是否乡村小规模学校 | Whether it is a small rural school
--   classes: 班数 | Classes
--   music_rooms: 音乐教室间数 | Music rooms
--   art_rooms: 美术教室间数 | Art rooms
--   classes_per_room: 每间教室对应班数 | Classes for which the rulebook asks for one room of each kind
--   music_rooms_per_unit: 每单位班数音乐教室 | Music rooms for so many classes
--   art_rooms_per_unit: 每单位班数美术教室 | Art rooms for so many classes
--   music_met: 音乐教室是否达标 | Whether the music rooms suffice
--   art_met: 美术教室是否达标 | Whether the art rooms suffice
with
line as (
    select
        rule_region,
        school_year,
        max(case when measure = 'school_size_limit' and stage = 'primary' then line end) as primary_limit,
        max(case when measure = 'school_size_limit' and stage = 'junior' then line end) as junior_limit,
        max(case when measure = 'combined_school_size_limit' then line end) as combined_limit,
        max(case when measure = 'small_school_below' and stage = 'primary' then line end) as primary_small,
        max(case when measure = 'small_school_below' and stage = 'junior' then line end) as junior_small,
        max(case when measure = 'small_school_below' and stage = 'compulsory' then line end) as combined_small,
        max(case when measure = 'classes_per_special_room' then line end) as classes_per_room
    from core.region_line
    where measure in ('school_size_limit', 'combined_school_size_limit', 'small_school_below', 'classes_per_special_room')
    group by 1, 2
),
county_line as (
    select setting.county_code, line.*
    from core.county_setting as setting
    join line on line.rule_region = setting.rule_region and line.school_year = setting.school_year
),
primary_part as (
    select * from core.school_stage where counted and stage = 'primary'
),
junior_part as (
    select * from core.school_stage where counted and stage = 'junior'
),
school as (
    select
        school_year,
        school_code,
        coalesce(primary_part.county_code, junior_part.county_code) as county_code,
        coalesce(primary_part.trend_school_code, junior_part.trend_school_code) as trend_school_code,
        coalesce(primary_part.school_name, junior_part.school_name) as school_name,
        case
            when junior_part.counted is null then 'primary'
            when primary_part.counted is null then 'junior'
            else 'combined'
        end as kind,
        case when primary_part.counted is null then 0 else primary_part.pupils end
        + case when junior_part.counted is null then 0 else junior_part.pupils end as pupils,
        coalesce(primary_part.small_rural, false) or coalesce(junior_part.small_rural, false) as small_rural,
        case when primary_part.counted is null then 0 else primary_part.classes end
        + case when junior_part.counted is null then 0 else junior_part.classes end as classes,
        case when primary_part.counted is null then 0 else primary_part.music_rooms end
        + case when junior_part.counted is null then 0 else junior_part.music_rooms end as music_rooms,
        case when primary_part.counted is null then 0 else primary_part.art_rooms end
        + case when junior_part.counted is null then 0 else junior_part.art_rooms end as art_rooms
    from primary_part
    full join junior_part using (school_year, school_code)
)
select
    school.county_code,
    school.school_code,
    school.trend_school_code,
    school.school_name,
    school.school_year,
    school.kind,
    school.pupils,
    case school.kind when 'primary' then primary_limit when 'junior' then junior_limit else combined_limit end as size_limit,
    school.pupils
    > case school.kind when 'primary' then primary_limit when 'junior' then junior_limit else combined_limit end as over_size,
    school.pupils
    < case school.kind when 'primary' then primary_small when 'junior' then junior_small else combined_small end as small,
    school.small_rural,
    school.classes,
    school.music_rooms,
    school.art_rooms,
    line.classes_per_room,
    school.music_rooms * line.classes_per_room / nullif(school.classes, 0) as music_rooms_per_unit,
    school.art_rooms * line.classes_per_room / nullif(school.classes, 0) as art_rooms_per_unit,
    case when school.classes > 0 then school.music_rooms * line.classes_per_room >= school.classes - 1e-9 end as music_met,
    case when school.classes > 0 then school.art_rooms * line.classes_per_room >= school.classes - 1e-9 end as art_met
from school
left join county_line as line
    on line.county_code = school.county_code and line.school_year = school.school_year
