-- zh: 学校交流轮岗事实（填报数、名单数、名册所示）
-- en: Exchange by school: what it declares, what the list holds of it, and what consecutive rosters show.
-- One row for each stage of a school that declares something, from which somebody was exchanged, that is on a roster of
-- this year or the one before, or that counts (core.school_stage), is not private and is in a county that reports on
-- exchange in that year.
-- A count that is blank is missing, not nought.
-- eligible_by_roster: persons of the roster of the year before (at schools that this one carries on, too) who are
-- permanent, teach or head the school, have no reason to stay, and will have been there for the years of the rulebook.
-- Staff of a school that was closed for good is nobody's.
-- grain: county_code, school_year, school_code, stage
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   school_year: 学年 | School year (the year it starts)
--   school_code: 学校（机构）标识码 | School code
--   school_name: 学校（机构）名称 | School name
--   stage: 学段 | Stage: primary or junior
--   area: 城乡类别 | urban, town or rural
--   is_private: 是否民办 | Whether the school is private: then it is in no figure
--   is_expected: 是否应填报 | Whether the school should declare, and have a roster
--   declares: 是否填报 | Whether it declares how many are eligible
--   in_town_or_good: 是否城镇或优质学校 | In a city or town, or a good school; null where not known
--   permanent_staff: 在编教师数 | Permanent staff
--   long_enough: 任教达到规定年限人数 | At the school for the years locally set
--   exempt: 不交流人数 | Exempt for any reason
--   eligible: 符合交流条件人数 | Eligible as declared
--   should_exchange: 应交流名单人数 | On the list of those who should be exchanged
--   exchanged_declared: 填报交流人数 | Exchanged as declared
--   backbone_declared: 填报交流骨干教师数 | Backbone teachers among them as declared
--   principals_eligible: 符合交流条件的校长数 | Eligible principals as declared
--   principals_declared: 填报交流校长数 | Principals exchanged as declared
--   exchanged_listed: 名单交流人数 | Exchanged by the list (persons that count)
--   moved_by_rosters: 名册所示交流人数 | Moved away by two consecutive rosters, without those who returned
--   on_roster: 名册人数 | Persons on the roster of the year
--   on_roster_before: 上年名册人数 | Persons on the roster of the year before
--   eligible_by_roster: 按名册推算的符合条件人数 | Eligible by the roster of the year before; null without one
--   eligible_by_roster_unknown: 无法推算人数 | Persons of whom the first day, or whether they are permanent, is missing
with
declared as (
    select
        county.county_code,
        eligible.school_year,
        eligible.school_code,
        eligible.school_name,
        eligible.stage,
        eligible.good_school,
        eligible.permanent_staff,
        eligible.long_enough,
        eligible.exempt_nursing + eligible.exempt_illness + eligible.exempt_retirement + eligible.exempt_other as exempt,
        eligible.eligible,
        eligible.should_exchange,
        eligible.exchanged,
        eligible.backbone_exchanged,
        eligible.principals_eligible,
        eligible.principals_exchanged
    from returns.exchange_eligible as eligible
    join core.reported_county as county
        on county.reported_code = coalesce(eligible.county_code, '000000')
        and county.school_year = eligible.school_year
    where eligible.stage in ('primary', 'junior')
),
expected as (
    select stage.county_code, stage.school_year, stage.school_code, stage.stage
    from core.school_stage as stage
    join core.exchange_county as reporting
        on reporting.county_code = stage.county_code
        and reporting.school_year = stage.school_year
    left join core.school_place as place
        on place.school_code = stage.school_code and place.school_year = stage.school_year
    where stage.counted and not coalesce(place.is_private, false)
),
-- The list may name the school left by the code it had until then.
listed as (
    select county_code, school_year, from_current_code as school_code, stage, count(distinct person) as persons
    from core.exchange_stint
    where counted
    group by 1, 2, 3, 4
),
moved as (
    select county_code, school_year, from_school_code as school_code, stage, count(*) as persons
    from core.roster_move
    where moved and not returned and stage in ('primary', 'junior')
    group by 1, 2, 3, 4
),
person as (
    select
        county.county_code,
        roster.school_year,
        roster.school_code,
        roster.stage,
        coalesce(carried.carried_code, roster.school_code) as next_school_code,
        ended.school_code is not null and carried.carried_code is null as ended,
        roster.permanent = 1 and roster.post <> 'staff' and roster.exempt is null as in_question,
        roster.school_year + 1 - year(roster.arrived_date)
        - case when month(roster.arrived_date) > setting.count_month then 1 else 0 end as years,
        case when roster.post = 'teacher' then setting.eligible_years else setting.principal_years end as needed
    from returns.roster as roster
    join core.reported_county as county
        on county.reported_code = coalesce(roster.county_code, '000000') and county.school_year = roster.school_year
    left join core.exchange_setting as setting
        on setting.county_code = county.county_code and setting.school_year = roster.school_year + 1
    left join core.school_carried as carried
        on carried.school_code = roster.school_code and carried.school_year = roster.school_year + 1
    left join returns.school_succession as ended
        on ended.school_code = roster.school_code and ended.school_year = roster.school_year + 1
    where roster.stage in ('primary', 'junior')
),
on_roster as (
    select county_code, school_year, school_code, stage, count(*) as persons from person group by 1, 2, 3, 4
),
before as (
    select
        county_code,
        school_year + 1 as school_year,
        next_school_code as school_code,
        stage,
        count(*) as persons,
        count(case when in_question and years >= needed then 1 end) as eligible,
        count(case when in_question is null or (in_question and years is null) then 1 end) as unknown
    from person
    where not ended
    group by 1, 2, 3, 4
),
keys as (
    select county_code, school_year, school_code, stage from declared
    union
    select county_code, school_year, school_code, stage from expected
    union
    select county_code, school_year, school_code, stage from listed
    union
    select county_code, school_year, school_code, stage from moved
    union
    select county_code, school_year, school_code, stage from on_roster
    union
    select before.county_code, before.school_year, before.school_code, before.stage
    from before
    join core.exchange_county as reporting
        on reporting.county_code = before.county_code and reporting.school_year = before.school_year
)
select
    keys.county_code,
    keys.school_year,
    keys.school_code,
    coalesce(place.school_name, declared.school_name) as school_name,
    keys.stage,
    place.area,
    coalesce(place.is_private, false) as is_private,
    expected.school_code is not null as is_expected,
    declared.eligible is not null as declares,
    case when declared.good_school = 1 then true else place.area in ('urban', 'town') end as in_town_or_good,
    declared.permanent_staff,
    declared.long_enough,
    declared.exempt,
    declared.eligible,
    declared.should_exchange,
    declared.exchanged as exchanged_declared,
    declared.backbone_exchanged as backbone_declared,
    declared.principals_eligible,
    declared.principals_exchanged as principals_declared,
    coalesce(listed.persons, 0) as exchanged_listed,
    coalesce(moved.persons, 0) as moved_by_rosters,
    coalesce(on_roster.persons, 0) as on_roster,
    coalesce(before.persons, 0) as on_roster_before,
    before.eligible as eligible_by_roster,
    coalesce(before.unknown, 0) as eligible_by_roster_unknown
from keys
left join declared
    on declared.county_code = keys.county_code
    and declared.school_year = keys.school_year
    and declared.school_code = keys.school_code
    and declared.stage = keys.stage
left join expected
    on expected.county_code = keys.county_code
    and expected.school_year = keys.school_year
    and expected.school_code = keys.school_code
    and expected.stage = keys.stage
left join listed
    on listed.county_code = keys.county_code
    and listed.school_year = keys.school_year
    and listed.school_code = keys.school_code
    and listed.stage = keys.stage
left join moved
    on moved.county_code = keys.county_code
    and moved.school_year = keys.school_year
    and moved.school_code = keys.school_code
    and moved.stage = keys.stage
left join on_roster
    on on_roster.county_code = keys.county_code
    and on_roster.school_year = keys.school_year
    and on_roster.school_code = keys.school_code
    and on_roster.stage = keys.stage
left join before
    on before.county_code = keys.county_code
    and before.school_year = keys.school_year
    and before.school_code = keys.school_code
    and before.stage = keys.stage
left join core.school_place as place
    on place.school_code = keys.school_code and place.school_year = keys.school_year
order by keys.county_code, keys.school_year, keys.school_code, keys.stage
