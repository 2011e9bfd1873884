-- zh: 县音乐、美术专用教室配备
-- en: Music and art rooms of the schools of a county: which have at least one for every so many classes, by school year.
-- From trends.school_conditions; schools without classes are out. One school short decides against the county; while none is
-- and a figure is missing, the verdict is open. The rooms per unit of the county are its rooms over its classes, of the
-- schools that have both figures; rooms missing in one school do not make up for another.
-- reason: county_unknown; no_schools; missing_values; no_line.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   classes_per_room: 每间教室对应班数 | Classes for which the rulebook asks for one room of each kind
--   schools: 已判定学校数 | Schools with a verdict on both rooms, or short of one
--   schools_missing: 未判定学校数 | Schools whose classes or rooms are missing
--   schools_meeting: 达标学校数 | Schools with enough of both
--   schools_short_of_music: 音乐教室不足学校数 | Schools short of music rooms
--   schools_short_of_art: 美术教室不足学校数 | Schools short of art rooms
--   share: 达标率 | Schools with enough of both ÷ schools with a verdict
--   classes: 班数 | Classes of the schools that have all figures
--   music_rooms: 音乐教室间数 | Their music rooms
--   art_rooms: 美术教室间数 | Their art rooms
--   music_rooms_per_unit: 每单位班数音乐教室 | Music rooms for so many classes
--   art_rooms_per_unit: 每单位班数美术教室 | Art rooms for so many classes
--   meets: 是否达标 | Whether every school has enough; null where withheld
--   reason: 未判定原因 | Why there is no verdict
with
school as (
    select
        *,
        case
            when not music_met or not art_met then false
            when music_met and art_met then true
        end as met,
        classes > 0 and music_rooms is not null and art_rooms is not null as known
    from trends.school_conditions
    where classes is null or classes > 0
),
total as (
    select
        school.county_code,
        county.county_name,
        school.school_year,
        max(classes_per_room) as classes_per_room,
        count(met) as schools,
        count(*) - count(met) as schools_missing,
        count(case when met then 1 end) as schools_meeting,
        count(case when not music_met then 1 end) as schools_short_of_music,
        count(case when not art_met then 1 end) as schools_short_of_art,
        cast(sum(case when known then classes end) as bigint) as classes,
        sum(case when known then music_rooms end) as music_rooms,
        sum(case when known then art_rooms end) as art_rooms
    from school
    join core.county as county on county.county_code = school.county_code
    group by 1, 2, 3
),
decided as (
    select
        *,
        case
            when county_code = '000000' or classes_per_room is null then null
            when schools_meeting < schools then false
            when schools > 0 and schools_missing = 0 then true
        end as meets
    from total
)
select
    county_code,
    county_name,
    school_year,
    classes_per_room,
    schools,
    schools_missing,
    schools_meeting,
    schools_short_of_music,
    schools_short_of_art,
    schools_meeting / nullif(schools, 0) as share,
    classes,
    music_rooms,
    art_rooms,
    music_rooms * classes_per_room / nullif(classes, 0) as music_rooms_per_unit,
    art_rooms * classes_per_room / nullif(classes, 0) as art_rooms_per_unit,
    meets,
    case
        when meets is not null then null
        when county_code = '000000' then 'county_unknown'
        when schools + schools_missing = 0 then 'no_schools'
        when classes_per_room is null then 'no_line'
        else 'missing_values'
    end as reason
from decided
order by county_code, school_year
