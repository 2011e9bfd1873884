-- zh: 生均值筛查（与同县同类学校及本校前后年比较，只列可疑值）
-- en: Per-pupil values that look strange beside the county's peers or the school's own neighbouring years; only these.
-- For every figure of land, buildings, books, computers, rooms, equipment (by the pupils of all stages: stage 'all'), teachers
-- and classes (by the pupils of their stage), y = log10(figure ÷ pupils) of schools with enough pupils. Peers are the schools
-- of the county, year and stage: distance = y − median, spread = 1.4826 × median |distance| (not under a floor), and
-- z = distance ÷ spread. Change is y less y of the year before, against the median change of the county.
-- All limits are rows of rulebook.rule_parameter (rule value_screening). suspicion is the first that applies:
-- * unit_slip: a power of ten (×10, ×10⁴) away from the year before and from the year after (one of them may be missing), and
--   away from the peers in the same direction;
-- * not_possible: above the most that can be, whatever the peers have;
-- * jump: changed by more than a factor against the change of the county, away from the peers, with z beyond its limit, and
--   not in a year in which the school took others over (core.school_carried): a merger explains a jump;
-- * far_from_peers: z and factor beyond their limits, and in no neighbouring year as far: what a school has for years is
--   inequality, which the coefficients measure, and no slip of the pen. Only schools with more pupils: few share a school.
-- Where fewer peers than the limit have the figure, nothing is said about peers.
-- grain: school_year, school_code, stage, field
-- columns:
--   school_year: 学年 | School year (the year it starts)
--   county_code: 县级行政区划代码 | County code of today
--   school_code: 学校（机构）标识码 | School code
--   stage: 学段 | Stage of the figure; all: of the school as a whole
--   form: 报表 | Return the figure stands in
--   field: 字段 | Field of that return
--   figure: 数值 | The figure
--   pupils: 学生数 | Pupils it is divided by
--   per_pupil: 生均值 | Figure ÷ pupils
--   usual_per_pupil: 参照生均值 | What would be usual: of the year before, else of the year after, for slips and jumps; else of the peers
--   peers: 同类学校数 | Peers with the figure, the school included
--   z: 稳健标准分 | Distance from the peers' median in robust spreads
--   change_factor: 比上年倍数 | Per-pupil value ÷ that of the year before (null: none)
--   suspicion: 可疑类型 | unit_slip, not_possible, jump or far_from_peers
with
limits as (
    select
        max(case when parameter = 'minimum_pupils' then value end) as minimum_pupils,
        max(case when parameter = 'minimum_peers' then value end) as minimum_peers,
        max(case when parameter = 'peer_minimum_pupils' then value end) as peer_minimum_pupils,
        max(case when parameter = 'slip_tolerance' then log10(value) end) as slip_tolerance,
        max(case when parameter = 'slip_distance' then log10(value) end) as slip_distance,
        max(case when parameter = 'spread_floor' then log10(value) end) as spread_floor,
        max(case when parameter = 'jump_factor' then log10(value) end) as jump_factor,
        max(case when parameter = 'jump_z' then value end) as jump_z,
        max(case when parameter = 'peer_factor' then log10(value) end) as peer_factor,
        max(case when parameter = 'peer_z' then value end) as peer_z,
        max(case when parameter = 'most_site_area_m2' then log10(value) end) as site_area_m2_most,
        max(case when parameter = 'most_sports_ground_m2' then log10(value) end) as sports_ground_m2_most,
        max(case when parameter = 'most_teaching_area_m2' then log10(value) end) as teaching_area_m2_most,
        max(case when parameter = 'most_books' then log10(value) end) as books_most,
        max(case when parameter = 'most_teaching_computers' then log10(value) end) as teaching_computers_most,
        max(case when parameter = 'most_multimedia_rooms' then log10(value) end) as multimedia_rooms_most,
        max(case when parameter = 'most_equipment_value_yuan' then log10(value) end) as equipment_value_yuan_most,
        max(case when parameter = 'most_teachers' then log10(value) end) as teachers_most,
        max(case when parameter = 'most_classes' then log10(value) end) as classes_most
    from rulebook.rule_parameter
    where rule = 'value_screening'
),
pupils as (
    select
        school_year,
        school_code,
        max(county_code) as county_code,
        case when count(pupils) = count(*) then cast(sum(pupils) as bigint) end as pupils
    from returns.enrolment
    group by 1, 2
),
figure as (
    select
        pupils.school_year,
        pupils.county_code,
        pupils.school_code,
        'all' as stage,
        pupils.pupils,
        cast(premises.site_area_m2 as double) as site_area_m2,
        cast(premises.sports_ground_m2 as double) as sports_ground_m2,
        cast(premises.teaching_area_m2 as double) as teaching_area_m2,
        cast(equipment.books as double) as books,
        cast(equipment.teaching_computers as double) as teaching_computers,
        cast(equipment.multimedia_rooms as double) as multimedia_rooms,
        cast(equipment.equipment_value_yuan as double) as equipment_value_yuan,
        cast(null as double) as teachers,
        cast(null as double) as classes
    from pupils
    cross join limits
    left join returns.premises as premises
        on premises.school_year = pupils.school_year and premises.school_code = pupils.school_code
    left join returns.equipment as equipment
        on equipment.school_year = pupils.school_year and equipment.school_code = pupils.school_code
    where pupils.pupils >= limits.minimum_pupils
    union all
    select
        enrolment.school_year,
        enrolment.county_code,
        enrolment.school_code,
        enrolment.stage,
        enrolment.pupils,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        cast(teacher.teachers as double),
        cast(class_size.classes as double)
    from returns.enrolment as enrolment
    cross join limits
    left join returns.teacher as teacher
        on teacher.school_year = enrolment.school_year
        and teacher.school_code = enrolment.school_code
        and teacher.stage = enrolment.stage
    left join returns.class_size as class_size
        on class_size.school_year = enrolment.school_year
        and class_size.school_code = enrolment.school_code
        and class_size.stage = enrolment.stage
    where enrolment.pupils >= limits.minimum_pupils
),
logged as (
    select
        figure.school_year,
        reported.county_code,
        figure.school_code,
        figure.stage,
        figure.pupils,
        case when site_area_m2 > 0 then log10(site_area_m2 / figure.pupils) end as site_area_m2,
        case when sports_ground_m2 > 0 then log10(sports_ground_m2 / figure.pupils) end as sports_ground_m2,
        case when teaching_area_m2 > 0 then log10(teaching_area_m2 / figure.pupils) end as teaching_area_m2,
        case when books > 0 then log10(books / figure.pupils) end as books,
        case when teaching_computers > 0 then log10(teaching_computers / figure.pupils) end as teaching_computers,
        case when multimedia_rooms > 0 then log10(multimedia_rooms / figure.pupils) end as multimedia_rooms,
        case when equipment_value_yuan > 0 then log10(equipment_value_yuan / figure.pupils) end as equipment_value_yuan,
        case when teachers > 0 then log10(teachers / figure.pupils) end as teachers,
        case when classes > 0 then log10(classes / figure.pupils) end as classes
    from figure
    join core.reported_county as reported
        on reported.reported_code = coalesce(figure.county_code, '000000')
        and reported.school_year = figure.school_year
),
peer as (
    select
        school_year,
        county_code,
        stage,
        count(site_area_m2) as site_area_m2_peers,
        count(sports_ground_m2) as sports_ground_m2_peers,
        count(teaching_area_m2) as teaching_area_m2_peers,
        count(books) as books_peers,
        count(teaching_computers) as teaching_computers_peers,
        count(multimedia_rooms) as multimedia_rooms_peers,
        count(equipment_value_yuan) as equipment_value_yuan_peers,
        count(teachers) as teachers_peers,
        count(classes) as classes_peers,
        median(site_area_m2) as site_area_m2,
        median(sports_ground_m2) as sports_ground_m2,
        median(teaching_area_m2) as teaching_area_m2,
        median(books) as books,
        median(teaching_computers) as teaching_computers,
        median(multimedia_rooms) as multimedia_rooms,
        median(equipment_value_yuan) as equipment_value_yuan,
        median(teachers) as teachers,
        median(classes) as classes
    from logged
    group by 1, 2, 3
),
distant as (
    select
        logged.*,
        logged.site_area_m2 - peer.site_area_m2 as site_area_m2_distance,
        logged.sports_ground_m2 - peer.sports_ground_m2 as sports_ground_m2_distance,
        logged.teaching_area_m2 - peer.teaching_area_m2 as teaching_area_m2_distance,
        logged.books - peer.books as books_distance,
        logged.teaching_computers - peer.teaching_computers as teaching_computers_distance,
        logged.multimedia_rooms - peer.multimedia_rooms as multimedia_rooms_distance,
        logged.equipment_value_yuan - peer.equipment_value_yuan as equipment_value_yuan_distance,
        logged.teachers - peer.teachers as teachers_distance,
        logged.classes - peer.classes as classes_distance
    from logged
    join peer
        on peer.school_year = logged.school_year
        and peer.county_code = logged.county_code
        and peer.stage = logged.stage
),
spread as (
    select
        school_year,
        county_code,
        stage,
        1.4826 * median(abs(site_area_m2_distance)) as site_area_m2,
        1.4826 * median(abs(sports_ground_m2_distance)) as sports_ground_m2,
        1.4826 * median(abs(teaching_area_m2_distance)) as teaching_area_m2,
        1.4826 * median(abs(books_distance)) as books,
        1.4826 * median(abs(teaching_computers_distance)) as teaching_computers,
        1.4826 * median(abs(multimedia_rooms_distance)) as multimedia_rooms,
        1.4826 * median(abs(equipment_value_yuan_distance)) as equipment_value_yuan,
        1.4826 * median(abs(teachers_distance)) as teachers,
        1.4826 * median(abs(classes_distance)) as classes
    from distant
    group by 1, 2, 3
),
neighbouring as (
    select
        now.*,
        now.site_area_m2 - before.site_area_m2 as site_area_m2_change,
        now.sports_ground_m2 - before.sports_ground_m2 as sports_ground_m2_change,
        now.teaching_area_m2 - before.teaching_area_m2 as teaching_area_m2_change,
        now.books - before.books as books_change,
        now.teaching_computers - before.teaching_computers as teaching_computers_change,
        now.multimedia_rooms - before.multimedia_rooms as multimedia_rooms_change,
        now.equipment_value_yuan - before.equipment_value_yuan as equipment_value_yuan_change,
        now.teachers - before.teachers as teachers_change,
        now.classes - before.classes as classes_change,
        before.site_area_m2_distance as site_area_m2_before,
        before.sports_ground_m2_distance as sports_ground_m2_before,
        before.teaching_area_m2_distance as teaching_area_m2_before,
        before.books_distance as books_before,
        before.teaching_computers_distance as teaching_computers_before,
        before.multimedia_rooms_distance as multimedia_rooms_before,
        before.equipment_value_yuan_distance as equipment_value_yuan_before,
        before.teachers_distance as teachers_before,
        before.classes_distance as classes_before,
        after.site_area_m2 - now.site_area_m2 as site_area_m2_next_change,
        after.sports_ground_m2 - now.sports_ground_m2 as sports_ground_m2_next_change,
        after.teaching_area_m2 - now.teaching_area_m2 as teaching_area_m2_next_change,
        after.books - now.books as books_next_change,
        after.teaching_computers - now.teaching_computers as teaching_computers_next_change,
        after.multimedia_rooms - now.multimedia_rooms as multimedia_rooms_next_change,
        after.equipment_value_yuan - now.equipment_value_yuan as equipment_value_yuan_next_change,
        after.teachers - now.teachers as teachers_next_change,
        after.classes - now.classes as classes_next_change,
        after.site_area_m2_distance as site_area_m2_after,
        after.sports_ground_m2_distance as sports_ground_m2_after,
        after.teaching_area_m2_distance as teaching_area_m2_after,
        after.books_distance as books_after,
        after.teaching_computers_distance as teaching_computers_after,
        after.multimedia_rooms_distance as multimedia_rooms_after,
        after.equipment_value_yuan_distance as equipment_value_yuan_after,
        after.teachers_distance as teachers_after,
        after.classes_distance as classes_after
    from distant as now
    left join distant as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    left join distant as after
        on after.school_code = now.school_code
        and after.stage = now.stage
        and after.school_year = now.school_year + 1
),
county_change as (
    select
        school_year,
        county_code,
        stage,
        median(site_area_m2_change) as site_area_m2,
        median(sports_ground_m2_change) as sports_ground_m2,
        median(teaching_area_m2_change) as teaching_area_m2,
        median(books_change) as books,
        median(teaching_computers_change) as teaching_computers,
        median(multimedia_rooms_change) as multimedia_rooms,
        median(equipment_value_yuan_change) as equipment_value_yuan,
        median(teachers_change) as teachers,
        median(classes_change) as classes
    from neighbouring
    group by 1, 2, 3
),
-- Only rows with something strange go on, so that the long form below is small.
strange as (
    select
        now.*,
        peer.site_area_m2_peers as site_area_m2_peers,
        peer.sports_ground_m2_peers as sports_ground_m2_peers,
        peer.teaching_area_m2_peers as teaching_area_m2_peers,
        peer.books_peers as books_peers,
        peer.teaching_computers_peers as teaching_computers_peers,
        peer.multimedia_rooms_peers as multimedia_rooms_peers,
        peer.equipment_value_yuan_peers as equipment_value_yuan_peers,
        peer.teachers_peers as teachers_peers,
        peer.classes_peers as classes_peers,
        now.site_area_m2_distance / greatest(spread.site_area_m2, limits.spread_floor) as site_area_m2_z,
        now.sports_ground_m2_distance / greatest(spread.sports_ground_m2, limits.spread_floor) as sports_ground_m2_z,
        now.teaching_area_m2_distance / greatest(spread.teaching_area_m2, limits.spread_floor) as teaching_area_m2_z,
        now.books_distance / greatest(spread.books, limits.spread_floor) as books_z,
        now.teaching_computers_distance / greatest(spread.teaching_computers, limits.spread_floor) as teaching_computers_z,
        now.multimedia_rooms_distance / greatest(spread.multimedia_rooms, limits.spread_floor) as multimedia_rooms_z,
        now.equipment_value_yuan_distance / greatest(spread.equipment_value_yuan, limits.spread_floor) as equipment_value_yuan_z,
        now.teachers_distance / greatest(spread.teachers, limits.spread_floor) as teachers_z,
        now.classes_distance / greatest(spread.classes, limits.spread_floor) as classes_z,
        now.site_area_m2_change - county_change.site_area_m2 as site_area_m2_own_change,
        now.sports_ground_m2_change - county_change.sports_ground_m2 as sports_ground_m2_own_change,
        now.teaching_area_m2_change - county_change.teaching_area_m2 as teaching_area_m2_own_change,
        now.books_change - county_change.books as books_own_change,
        now.teaching_computers_change - county_change.teaching_computers as teaching_computers_own_change,
        now.multimedia_rooms_change - county_change.multimedia_rooms as multimedia_rooms_own_change,
        now.equipment_value_yuan_change - county_change.equipment_value_yuan as equipment_value_yuan_own_change,
        now.teachers_change - county_change.teachers as teachers_own_change,
        now.classes_change - county_change.classes as classes_own_change
    from neighbouring as now
    cross join limits
    join peer
        on peer.school_year = now.school_year and peer.county_code = now.county_code and peer.stage = now.stage
    join spread
        on spread.school_year = now.school_year and spread.county_code = now.county_code and spread.stage = now.stage
    join county_change
        on county_change.school_year = now.school_year
        and county_change.county_code = now.county_code
        and county_change.stage = now.stage
    where
        abs(now.site_area_m2_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.sports_ground_m2_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.teaching_area_m2_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.books_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.teaching_computers_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.multimedia_rooms_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.equipment_value_yuan_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.teachers_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.classes_distance) > least(limits.slip_distance, limits.peer_factor)
        or abs(now.site_area_m2_change - county_change.site_area_m2) > limits.jump_factor
        or abs(now.sports_ground_m2_change - county_change.sports_ground_m2) > limits.jump_factor
        or abs(now.teaching_area_m2_change - county_change.teaching_area_m2) > limits.jump_factor
        or abs(now.books_change - county_change.books) > limits.jump_factor
        or abs(now.teaching_computers_change - county_change.teaching_computers) > limits.jump_factor
        or abs(now.multimedia_rooms_change - county_change.multimedia_rooms) > limits.jump_factor
        or abs(now.equipment_value_yuan_change - county_change.equipment_value_yuan) > limits.jump_factor
        or abs(now.teachers_change - county_change.teachers) > limits.jump_factor
        or abs(now.classes_change - county_change.classes) > limits.jump_factor
        or now.site_area_m2 > limits.site_area_m2_most
        or now.sports_ground_m2 > limits.sports_ground_m2_most
        or now.teaching_area_m2 > limits.teaching_area_m2_most
        or now.books > limits.books_most
        or now.teaching_computers > limits.teaching_computers_most
        or now.multimedia_rooms > limits.multimedia_rooms_most
        or now.equipment_value_yuan > limits.equipment_value_yuan_most
        or now.teachers > limits.teachers_most
        or now.classes > limits.classes_most
),
long as (
    select
        school_year, county_code, school_code, stage, pupils, 'premises' as form, 'site_area_m2' as field, site_area_m2 as y, site_area_m2_peers as peers,
        site_area_m2_distance as distance, site_area_m2_before as before, site_area_m2_after as after, site_area_m2_z as z, site_area_m2_change as change,
        site_area_m2_next_change as next_change, site_area_m2_own_change as own_change, site_area_m2_most as most
    from strange
    cross join limits
    where site_area_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'premises' as form, 'sports_ground_m2' as field, sports_ground_m2 as y, sports_ground_m2_peers as peers,
        sports_ground_m2_distance as distance, sports_ground_m2_before as before, sports_ground_m2_after as after, sports_ground_m2_z as z, sports_ground_m2_change as change,
        sports_ground_m2_next_change as next_change, sports_ground_m2_own_change as own_change, sports_ground_m2_most as most
    from strange
    cross join limits
    where sports_ground_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'premises' as form, 'teaching_area_m2' as field, teaching_area_m2 as y, teaching_area_m2_peers as peers,
        teaching_area_m2_distance as distance, teaching_area_m2_before as before, teaching_area_m2_after as after, teaching_area_m2_z as z, teaching_area_m2_change as change,
        teaching_area_m2_next_change as next_change, teaching_area_m2_own_change as own_change, teaching_area_m2_most as most
    from strange
    cross join limits
    where teaching_area_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'equipment' as form, 'books' as field, books as y, books_peers as peers,
        books_distance as distance, books_before as before, books_after as after, books_z as z, books_change as change,
        books_next_change as next_change, books_own_change as own_change, books_most as most
    from strange
    cross join limits
    where books is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'equipment' as form, 'teaching_computers' as field, teaching_computers as y, teaching_computers_peers as peers,
        teaching_computers_distance as distance, teaching_computers_before as before, teaching_computers_after as after, teaching_computers_z as z, teaching_computers_change as change,
        teaching_computers_next_change as next_change, teaching_computers_own_change as own_change, teaching_computers_most as most
    from strange
    cross join limits
    where teaching_computers is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'equipment' as form, 'multimedia_rooms' as field, multimedia_rooms as y, multimedia_rooms_peers as peers,
        multimedia_rooms_distance as distance, multimedia_rooms_before as before, multimedia_rooms_after as after, multimedia_rooms_z as z, multimedia_rooms_change as change,
        multimedia_rooms_next_change as next_change, multimedia_rooms_own_change as own_change, multimedia_rooms_most as most
    from strange
    cross join limits
    where multimedia_rooms is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'equipment' as form, 'equipment_value_yuan' as field, equipment_value_yuan as y, equipment_value_yuan_peers as peers,
        equipment_value_yuan_distance as distance, equipment_value_yuan_before as before, equipment_value_yuan_after as after, equipment_value_yuan_z as z, equipment_value_yuan_change as change,
        equipment_value_yuan_next_change as next_change, equipment_value_yuan_own_change as own_change, equipment_value_yuan_most as most
    from strange
    cross join limits
    where equipment_value_yuan is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'teacher' as form, 'teachers' as field, teachers as y, teachers_peers as peers,
        teachers_distance as distance, teachers_before as before, teachers_after as after, teachers_z as z, teachers_change as change,
        teachers_next_change as next_change, teachers_own_change as own_change, teachers_most as most
    from strange
    cross join limits
    where teachers is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, 'class_size' as form, 'classes' as field, classes as y, classes_peers as peers,
        classes_distance as distance, classes_before as before, classes_after as after, classes_z as z, classes_change as change,
        classes_next_change as next_change, classes_own_change as own_change, classes_most as most
    from strange
    cross join limits
    where classes is not null
),
carrying as (
    select school_year, carried_code as school_code from core.school_carried group by 1, 2
),
judged as (
    select
        long.*,
        case
            when
                peers >= minimum_peers
                and abs(distance) > slip_distance
                and coalesce(change, next_change) is not null
                and coalesce(change * distance > 0 and (
                    abs(abs(change) - 1) <= slip_tolerance or abs(abs(change) - 4) <= slip_tolerance), true)
                and coalesce(next_change * distance < 0 and (
                    abs(abs(next_change) - 1) <= slip_tolerance or abs(abs(next_change) - 4) <= slip_tolerance), true)
                then 'unit_slip'
            when y > most then 'not_possible'
            when
                peers >= minimum_peers
                and carrying.school_code is null
                and abs(own_change) > jump_factor
                and abs(z) > jump_z
                and change * distance > 0
                and abs(distance) > abs(before)
                then 'jump'
            when
                peers >= minimum_peers
                and pupils >= peer_minimum_pupils
                and abs(z) > peer_z
                and abs(distance) > peer_factor
                and coalesce(abs(distance - before) > peer_factor, true)
                and coalesce(abs(distance - after) > peer_factor, true)
                then 'far_from_peers'
        end as suspicion
    from long
    cross join limits
    left join carrying on carrying.school_year = long.school_year and carrying.school_code = long.school_code
)
select
    school_year,
    county_code,
    school_code,
    stage,
    form,
    field,
    power(10, y) * pupils as figure,
    pupils,
    power(10, y) as per_pupil,
    case
        when suspicion in ('unit_slip', 'jump') then power(10, coalesce(y - change, y + next_change))
        else power(10, y - distance)
    end as usual_per_pupil,
    peers,
    z,
    power(10, change) as change_factor,
    suspicion
from judged
where suspicion is not null
