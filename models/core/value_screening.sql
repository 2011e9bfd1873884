-- zh: 生均值筛查（与同县同类学校及本校前后年比较，只列可疑值）
-- en: Per-pupil values that look strange beside the county's peers or the school's own neighbouring years; only these.
-- For every figure of land, buildings, books, computers, rooms, equipment (by the pupils of all stages: stage 'all'), teachers
-- and classes (by the pupils of their stage), y = log10(figure ÷ pupils) of schools with enough pupils.
-- Levels differ much between schools (that is what the coefficients measure); changes do not. So a value is judged by its change:
-- own change = (y − y of the year before) − median of that among the county's schools of the year and stage. Robust z = own change ÷ spread, spread = 1.4826 × median
-- |deviation| (not under a floor), once among the county's schools in that year and once among the school's own years; each where
-- there are enough to compare with, and one at least. A change is great where it is beyond the factor and both z beyond
-- theirs, where the figure itself changed (not only the pupils) and is no mere handful, and where the school took no others over
-- in that year (core.school_carried): a merger explains a jump.
-- Which of the two years is strange: the later one; but the earlier one, where no year before it agrees with it, if it is the one
-- that lies off the school's usual distance from the peers (of two years alone: farther from the peers).
-- All limits are rows of rulebook.rule_parameter (rule value_screening). suspicion is the first that applies:
-- * unit_slip: changed greatly, and the figure by a power of ten (×10, ×10⁴) from the year before and to the year after (one of
--   them may be missing); or changed so together with the county's median (a whole column in another unit), unless it only
--   comes back from such a change;
-- * not_possible: above the most that can be, whatever the peers have;
-- * jump: changed greatly;
-- * far_from_peers: strange beside the year after, no year before to compare with, and farther from the county's median than a
--   factor; or no other year at all, enough pupils (few share a school), and the distance from the peers beyond factor and z.
--   What a school has for years is inequality, and no slip of the pen.
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
--   z: 稳健标准分（与同县学校水平比较） | Distance from the peers' median in robust spreads
--   change_factor: 比上年倍数 | Per-pupil value ÷ that of the year before (null: none)
--   change_z: 变化的稳健标准分（与同县学校的变化比较） | Own change in robust spreads of the changes of the county (null: too few)
--   own_z: 变化的稳健标准分（与本校历年变化比较） | Own change in robust spreads of the school's changes (null: too few)
--   suspicion: 可疑类型 | unit_slip, not_possible, jump or far_from_peers
with
limits as (
    select
        max(case when parameter = 'minimum_pupils' then value end) as minimum_pupils,
        max(case when parameter = 'minimum_peers' then value end) as minimum_peers,
        max(case when parameter = 'minimum_history' then value end) as minimum_history,
        max(case when parameter = 'peer_minimum_pupils' then value end) as peer_minimum_pupils,
        max(case when parameter = 'slip_tolerance' then log10(value) end) as slip_tolerance,
        max(case when parameter = 'spread_floor' then log10(value) end) as spread_floor,
        max(case when parameter = 'jump_factor' then log10(value) end) as jump_factor,
        max(case when parameter = 'jump_z' then value end) as jump_z,
        max(case when parameter = 'jump_figure_factor' then log10(value) end) as jump_figure_factor,
        max(case when parameter = 'jump_least_figure' then log10(value) end) as jump_least_figure,
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
changed as (
    select
        now.*,
        log10(cast(now.pupils as double) / before.pupils) as pupils_change,
        now.site_area_m2 - before.site_area_m2 as site_area_m2_change,
        now.sports_ground_m2 - before.sports_ground_m2 as sports_ground_m2_change,
        now.teaching_area_m2 - before.teaching_area_m2 as teaching_area_m2_change,
        now.books - before.books as books_change,
        now.teaching_computers - before.teaching_computers as teaching_computers_change,
        now.multimedia_rooms - before.multimedia_rooms as multimedia_rooms_change,
        now.equipment_value_yuan - before.equipment_value_yuan as equipment_value_yuan_change,
        now.teachers - before.teachers as teachers_change,
        now.classes - before.classes as classes_change
    from logged as now
    left join logged as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
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
    from changed
    group by 1, 2, 3
),
compared as (
    select
        changed.*,
        changed.site_area_m2 - peer.site_area_m2 as site_area_m2_distance,
        changed.sports_ground_m2 - peer.sports_ground_m2 as sports_ground_m2_distance,
        changed.teaching_area_m2 - peer.teaching_area_m2 as teaching_area_m2_distance,
        changed.books - peer.books as books_distance,
        changed.teaching_computers - peer.teaching_computers as teaching_computers_distance,
        changed.multimedia_rooms - peer.multimedia_rooms as multimedia_rooms_distance,
        changed.equipment_value_yuan - peer.equipment_value_yuan as equipment_value_yuan_distance,
        changed.teachers - peer.teachers as teachers_distance,
        changed.classes - peer.classes as classes_distance,
        changed.site_area_m2_change - county_change.site_area_m2 as site_area_m2_own_change,
        changed.sports_ground_m2_change - county_change.sports_ground_m2 as sports_ground_m2_own_change,
        changed.teaching_area_m2_change - county_change.teaching_area_m2 as teaching_area_m2_own_change,
        changed.books_change - county_change.books as books_own_change,
        changed.teaching_computers_change - county_change.teaching_computers as teaching_computers_own_change,
        changed.multimedia_rooms_change - county_change.multimedia_rooms as multimedia_rooms_own_change,
        changed.equipment_value_yuan_change - county_change.equipment_value_yuan as equipment_value_yuan_own_change,
        changed.teachers_change - county_change.teachers as teachers_own_change,
        changed.classes_change - county_change.classes as classes_own_change
    from changed
    join peer
        on peer.school_year = changed.school_year
        and peer.county_code = changed.county_code
        and peer.stage = changed.stage
    join county_change
        on county_change.school_year = changed.school_year
        and county_change.county_code = changed.county_code
        and county_change.stage = changed.stage
),
-- Only schools with something strange go on, so that spreads, years and the long form below are few.
strange as (
    select school_year, county_code, school_code, stage
    from compared
    cross join limits
    where
        abs(site_area_m2_own_change) > jump_factor
        or abs(sports_ground_m2_own_change) > jump_factor
        or abs(teaching_area_m2_own_change) > jump_factor
        or abs(books_own_change) > jump_factor
        or abs(teaching_computers_own_change) > jump_factor
        or abs(multimedia_rooms_own_change) > jump_factor
        or abs(equipment_value_yuan_own_change) > jump_factor
        or abs(teachers_own_change) > jump_factor
        or abs(classes_own_change) > jump_factor
        or abs(site_area_m2_change - site_area_m2_own_change) > jump_factor
        or abs(sports_ground_m2_change - sports_ground_m2_own_change) > jump_factor
        or abs(teaching_area_m2_change - teaching_area_m2_own_change) > jump_factor
        or abs(books_change - books_own_change) > jump_factor
        or abs(teaching_computers_change - teaching_computers_own_change) > jump_factor
        or abs(multimedia_rooms_change - multimedia_rooms_own_change) > jump_factor
        or abs(equipment_value_yuan_change - equipment_value_yuan_own_change) > jump_factor
        or abs(teachers_change - teachers_own_change) > jump_factor
        or abs(classes_change - classes_own_change) > jump_factor
        or (pupils_change is null and abs(site_area_m2_distance) > peer_factor)
        or (pupils_change is null and abs(sports_ground_m2_distance) > peer_factor)
        or (pupils_change is null and abs(teaching_area_m2_distance) > peer_factor)
        or (pupils_change is null and abs(books_distance) > peer_factor)
        or (pupils_change is null and abs(teaching_computers_distance) > peer_factor)
        or (pupils_change is null and abs(multimedia_rooms_distance) > peer_factor)
        or (pupils_change is null and abs(equipment_value_yuan_distance) > peer_factor)
        or (pupils_change is null and abs(teachers_distance) > peer_factor)
        or (pupils_change is null and abs(classes_distance) > peer_factor)
        or site_area_m2 > site_area_m2_most
        or sports_ground_m2 > sports_ground_m2_most
        or teaching_area_m2 > teaching_area_m2_most
        or books > books_most
        or teaching_computers > teaching_computers_most
        or multimedia_rooms > multimedia_rooms_most
        or equipment_value_yuan > equipment_value_yuan_most
        or teachers > teachers_most
        or classes > classes_most
),
school as (
    select distinct school_code, stage from strange
),
around as (
    select compared.*
    from compared
    join school on school.school_code = compared.school_code and school.stage = compared.stage
),
-- A change may be put down to the year before it.
place as (
    select school_year, county_code, stage from strange
    union
    select school_year - 1, county_code, stage from strange
),
spread as (
    select
        compared.school_year,
        compared.county_code,
        compared.stage,
        count(site_area_m2_own_change) as site_area_m2_changes,
        count(sports_ground_m2_own_change) as sports_ground_m2_changes,
        count(teaching_area_m2_own_change) as teaching_area_m2_changes,
        count(books_own_change) as books_changes,
        count(teaching_computers_own_change) as teaching_computers_changes,
        count(multimedia_rooms_own_change) as multimedia_rooms_changes,
        count(equipment_value_yuan_own_change) as equipment_value_yuan_changes,
        count(teachers_own_change) as teachers_changes,
        count(classes_own_change) as classes_changes,
        1.4826 * median(abs(site_area_m2_distance)) as site_area_m2,
        1.4826 * median(abs(sports_ground_m2_distance)) as sports_ground_m2,
        1.4826 * median(abs(teaching_area_m2_distance)) as teaching_area_m2,
        1.4826 * median(abs(books_distance)) as books,
        1.4826 * median(abs(teaching_computers_distance)) as teaching_computers,
        1.4826 * median(abs(multimedia_rooms_distance)) as multimedia_rooms,
        1.4826 * median(abs(equipment_value_yuan_distance)) as equipment_value_yuan,
        1.4826 * median(abs(teachers_distance)) as teachers,
        1.4826 * median(abs(classes_distance)) as classes,
        1.4826 * median(abs(site_area_m2_own_change)) as site_area_m2_change,
        1.4826 * median(abs(sports_ground_m2_own_change)) as sports_ground_m2_change,
        1.4826 * median(abs(teaching_area_m2_own_change)) as teaching_area_m2_change,
        1.4826 * median(abs(books_own_change)) as books_change,
        1.4826 * median(abs(teaching_computers_own_change)) as teaching_computers_change,
        1.4826 * median(abs(multimedia_rooms_own_change)) as multimedia_rooms_change,
        1.4826 * median(abs(equipment_value_yuan_own_change)) as equipment_value_yuan_change,
        1.4826 * median(abs(teachers_own_change)) as teachers_change,
        1.4826 * median(abs(classes_own_change)) as classes_change
    from compared
    join place
        on place.school_year = compared.school_year
        and place.county_code = compared.county_code
        and place.stage = compared.stage
    group by 1, 2, 3
),
wide as (
    select
        around.*,
        peer.site_area_m2_peers as site_area_m2_peers,
        peer.sports_ground_m2_peers as sports_ground_m2_peers,
        peer.teaching_area_m2_peers as teaching_area_m2_peers,
        peer.books_peers as books_peers,
        peer.teaching_computers_peers as teaching_computers_peers,
        peer.multimedia_rooms_peers as multimedia_rooms_peers,
        peer.equipment_value_yuan_peers as equipment_value_yuan_peers,
        peer.teachers_peers as teachers_peers,
        peer.classes_peers as classes_peers,
        coalesce(spread.site_area_m2_changes, 0) as site_area_m2_changes,
        coalesce(spread.sports_ground_m2_changes, 0) as sports_ground_m2_changes,
        coalesce(spread.teaching_area_m2_changes, 0) as teaching_area_m2_changes,
        coalesce(spread.books_changes, 0) as books_changes,
        coalesce(spread.teaching_computers_changes, 0) as teaching_computers_changes,
        coalesce(spread.multimedia_rooms_changes, 0) as multimedia_rooms_changes,
        coalesce(spread.equipment_value_yuan_changes, 0) as equipment_value_yuan_changes,
        coalesce(spread.teachers_changes, 0) as teachers_changes,
        coalesce(spread.classes_changes, 0) as classes_changes,
        spread.site_area_m2 as site_area_m2_spread,
        spread.sports_ground_m2 as sports_ground_m2_spread,
        spread.teaching_area_m2 as teaching_area_m2_spread,
        spread.books as books_spread,
        spread.teaching_computers as teaching_computers_spread,
        spread.multimedia_rooms as multimedia_rooms_spread,
        spread.equipment_value_yuan as equipment_value_yuan_spread,
        spread.teachers as teachers_spread,
        spread.classes as classes_spread,
        spread.site_area_m2_change as site_area_m2_change_spread,
        spread.sports_ground_m2_change as sports_ground_m2_change_spread,
        spread.teaching_area_m2_change as teaching_area_m2_change_spread,
        spread.books_change as books_change_spread,
        spread.teaching_computers_change as teaching_computers_change_spread,
        spread.multimedia_rooms_change as multimedia_rooms_change_spread,
        spread.equipment_value_yuan_change as equipment_value_yuan_change_spread,
        spread.teachers_change as teachers_change_spread,
        spread.classes_change as classes_change_spread
    from around
    join peer
        on peer.school_year = around.school_year
        and peer.county_code = around.county_code
        and peer.stage = around.stage
    left join spread
        on spread.school_year = around.school_year
        and spread.county_code = around.county_code
        and spread.stage = around.stage
),
long as (
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'premises' as form, 'site_area_m2' as field,
        site_area_m2 as y, site_area_m2_distance as distance, site_area_m2_change as change, site_area_m2_own_change as own_change, site_area_m2_most as most,
        site_area_m2_peers as peers, site_area_m2_spread as spread, site_area_m2_changes as changes, site_area_m2_change_spread as change_spread
    from wide
    cross join limits
    where site_area_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'premises' as form, 'sports_ground_m2' as field,
        sports_ground_m2 as y, sports_ground_m2_distance as distance, sports_ground_m2_change as change, sports_ground_m2_own_change as own_change, sports_ground_m2_most as most,
        sports_ground_m2_peers as peers, sports_ground_m2_spread as spread, sports_ground_m2_changes as changes, sports_ground_m2_change_spread as change_spread
    from wide
    cross join limits
    where sports_ground_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'premises' as form, 'teaching_area_m2' as field,
        teaching_area_m2 as y, teaching_area_m2_distance as distance, teaching_area_m2_change as change, teaching_area_m2_own_change as own_change, teaching_area_m2_most as most,
        teaching_area_m2_peers as peers, teaching_area_m2_spread as spread, teaching_area_m2_changes as changes, teaching_area_m2_change_spread as change_spread
    from wide
    cross join limits
    where teaching_area_m2 is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'equipment' as form, 'books' as field,
        books as y, books_distance as distance, books_change as change, books_own_change as own_change, books_most as most,
        books_peers as peers, books_spread as spread, books_changes as changes, books_change_spread as change_spread
    from wide
    cross join limits
    where books is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'equipment' as form, 'teaching_computers' as field,
        teaching_computers as y, teaching_computers_distance as distance, teaching_computers_change as change, teaching_computers_own_change as own_change, teaching_computers_most as most,
        teaching_computers_peers as peers, teaching_computers_spread as spread, teaching_computers_changes as changes, teaching_computers_change_spread as change_spread
    from wide
    cross join limits
    where teaching_computers is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'equipment' as form, 'multimedia_rooms' as field,
        multimedia_rooms as y, multimedia_rooms_distance as distance, multimedia_rooms_change as change, multimedia_rooms_own_change as own_change, multimedia_rooms_most as most,
        multimedia_rooms_peers as peers, multimedia_rooms_spread as spread, multimedia_rooms_changes as changes, multimedia_rooms_change_spread as change_spread
    from wide
    cross join limits
    where multimedia_rooms is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'equipment' as form, 'equipment_value_yuan' as field,
        equipment_value_yuan as y, equipment_value_yuan_distance as distance, equipment_value_yuan_change as change, equipment_value_yuan_own_change as own_change, equipment_value_yuan_most as most,
        equipment_value_yuan_peers as peers, equipment_value_yuan_spread as spread, equipment_value_yuan_changes as changes, equipment_value_yuan_change_spread as change_spread
    from wide
    cross join limits
    where equipment_value_yuan is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'teacher' as form, 'teachers' as field,
        teachers as y, teachers_distance as distance, teachers_change as change, teachers_own_change as own_change, teachers_most as most,
        teachers_peers as peers, teachers_spread as spread, teachers_changes as changes, teachers_change_spread as change_spread
    from wide
    cross join limits
    where teachers is not null
    union all
    select
        school_year, county_code, school_code, stage, pupils, pupils_change, 'class_size' as form, 'classes' as field,
        classes as y, classes_distance as distance, classes_change as change, classes_own_change as own_change, classes_most as most,
        classes_peers as peers, classes_spread as spread, classes_changes as changes, classes_change_spread as change_spread
    from wide
    cross join limits
    where classes is not null
),
history as (
    select
        school_code,
        stage,
        field,
        count(*) as years,
        count(own_change) as changes,
        median(own_change) as own_change,
        median(distance) as distance
    from long
    group by 1, 2, 3
),
volatility as (
    select
        long.school_code,
        long.stage,
        long.field,
        1.4826 * median(abs(long.own_change - history.own_change)) as spread
    from long
    join history
        on history.school_code = long.school_code and history.stage = long.stage and history.field = long.field
    group by 1, 2, 3
),
carrying as (
    select school_year, carried_code as school_code from core.school_carried group by 1, 2
),
measured as (
    select
        long.*,
        case when history.years > 2 then abs(long.distance - history.distance) else abs(long.distance) end as off,
        long.distance / greatest(long.spread, limits.spread_floor) as z,
        case when long.changes >= limits.minimum_peers then long.own_change / greatest(long.change_spread, limits.spread_floor) end as change_z,
        case
            when history.changes >= limits.minimum_history
                then (long.own_change - history.own_change) / greatest(volatility.spread, limits.spread_floor)
        end as own_z,
        long.change + long.pupils_change as figure_change,
        greatest(long.y, long.y - long.change - long.pupils_change) + log10(long.pupils) as larger_figure,
        carrying.school_code is not null as merged
    from long
    cross join limits
    join history
        on history.school_code = long.school_code and history.stage = long.stage and history.field = long.field
    join volatility
        on volatility.school_code = long.school_code and volatility.stage = long.stage and volatility.field = long.field
    left join carrying on carrying.school_year = long.school_year and carrying.school_code = long.school_code
),
slipping as (
    select
        measured.*,
        abs(abs(figure_change) - 1) <= slip_tolerance or abs(abs(figure_change) - 4) <= slip_tolerance as slipped
    from measured
    cross join limits
),
greatly_changed as (
    select
        slipping.*,
        coalesce(slipped and abs(change - own_change) > jump_factor, false) as all_slipped,
        coalesce(
            not merged
            and abs(own_change) > jump_factor
            and abs(figure_change) > jump_figure_factor
            and larger_figure >= jump_least_figure
            and coalesce(change_z, own_z) is not null
            and coalesce(abs(change_z) > jump_z, true)
            and coalesce(abs(own_z) > jump_z, true),
            false
        ) as great
    from slipping
    cross join limits
),
beside as (
    select
        *,
        lag(great) over (partition by school_code, stage, field order by school_year) as great_before,
        lag(all_slipped and change > 0) over (partition by school_code, stage, field order by school_year) as all_rose_before,
        lag(all_slipped and change < 0) over (partition by school_code, stage, field order by school_year) as all_fell_before,
        lag(own_change) over (partition by school_code, stage, field order by school_year) as own_change_before,
        lag(off) over (partition by school_code, stage, field order by school_year) as off_before,
        lead(change) over (partition by school_code, stage, field order by school_year) as next_change,
        lead(figure_change) over (partition by school_code, stage, field order by school_year) as next_figure_change,
        lead(slipped) over (partition by school_code, stage, field order by school_year) as next_slipped
    from greatly_changed
),
-- Is it the year before that is strange? Then the change away from it is not held against this year.
blamed as (
    select
        *,
        great
        and (own_change_before is null or (great_before and own_change_before * own_change < 0))
        and 2 * (off_before - off) > abs(own_change) as of_the_year_before
    from beside
),
judged as (
    select
        blamed.*,
        great and not of_the_year_before as against_before,
        coalesce(
            lead(of_the_year_before) over (partition by school_code, stage, field order by school_year), false
        ) as against_after
    from blamed
),
named as (
    select
        judged.*,
        case
            when
                all_slipped and not coalesce(case when change > 0 then all_fell_before else all_rose_before end, false)
                then 'unit_slip'
            when
                (against_before or against_after)
                and coalesce(slipped, true)
                and coalesce(next_slipped and (change is null or figure_change * next_figure_change < 0), true)
                then 'unit_slip'
            when y > most then 'not_possible'
            when against_before then 'jump'
            when against_after and peers >= minimum_peers and abs(distance) > peer_factor then 'far_from_peers'
            when against_after then 'jump'
            when
                change is null
                and next_change is null
                and peers >= minimum_peers
                and pupils >= peer_minimum_pupils
                and abs(z) > peer_z
                and abs(distance) > peer_factor
                then 'far_from_peers'
        end as suspicion
    from judged
    cross join limits
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
        when suspicion in ('unit_slip', 'jump')
            then power(10, case when against_before or all_slipped then y - change else y + next_change end)
        else power(10, y - distance)
    end as usual_per_pupil,
    peers,
    z,
    power(10, change) as change_factor,
    change_z,
    own_z,
    suspicion
from named
where suspicion is not null
