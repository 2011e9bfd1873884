-- zh: 相邻两年名册所示的人员变动
-- en: What two consecutive rosters of a county show of each teacher and principal on both.
-- A person stayed if one of the schools of this year's roster is one of last year's, or carries it on this year
-- (core.school_carried): whose school was merged, recoded or changed its type was not exchanged. A person who went back
-- to the school left by a stint of an earlier list (or the code that carries it on) returned.
-- grain: county_code, school_year, person
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   school_year: 学年 | School year of the later roster
--   person: 人员（假名） | Person (pseudonym)
--   stage: 学段 | Stage on the later roster
--   from_school_code: 上年学校标识码 | School of the year before (of several the first), as carried on this year
--   to_school_code: 本年学校标识码 | School of this year (of several the first)
--   moved: 是否更换学校 | Whether the person serves at another school than the year before
--   returned: 是否回原校 | Whether the move leads back to the school left by an earlier stint
with
roster as (
    select
        county.county_code,
        roster.school_year,
        roster.person,
        roster.school_code,
        roster.stage
    from returns.roster as roster
    join core.reported_county as county
        on county.reported_code = coalesce(roster.county_code, '000000') and county.school_year = roster.school_year
    where roster.post <> 'staff'
),
pair as (
    select
        now.county_code,
        now.school_year,
        now.person,
        now.stage,
        now.school_code as to_school_code,
        coalesce(carried.carried_code, before.school_code) as from_school_code,
        now.school_code = before.school_code or coalesce(now.school_code = carried.carried_code, false) as same
    from roster as now
    join roster as before
        on before.county_code = now.county_code
        and before.person = now.person
        and before.school_year = now.school_year - 1
    left join core.school_carried as carried
        on carried.school_code = before.school_code and carried.school_year = now.school_year
),
person as (
    select
        county_code,
        school_year,
        person,
        min(stage) as stage,
        min(from_school_code) as from_school_code,
        min(to_school_code) as to_school_code,
        not bool_or(same) as moved
    from pair
    group by 1, 2, 3
),
-- Stints of earlier lists, by the school left as it is called at the end of its chain.
left_school as (
    select
        stint.county_code,
        stint.person,
        coalesce(succession.trend_school_code, stint.from_school_code) as trend_school_code,
        min(stint.start_year) as start_year
    from core.exchange_stint as stint
    left join core.school_succession as succession on succession.school_code = stint.from_school_code
    group by 1, 2, 3
)
select
    person.county_code,
    person.school_year,
    person.person,
    person.stage,
    person.from_school_code,
    person.to_school_code,
    person.moved,
    person.moved and left_school.person is not null as returned
from person
left join core.school_succession as succession on succession.school_code = person.to_school_code
left join left_school
    on left_school.county_code = person.county_code
    and left_school.person = person.person
    and left_school.trend_school_code = coalesce(succession.trend_school_code, person.to_school_code)
    and left_school.start_year < person.school_year
order by person.county_code, person.school_year, person.person
