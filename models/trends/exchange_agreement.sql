-- zh: 交流人数三方核对（填报数、名单、相邻两年名册）
-- en: Agreement between what schools declare, what the list holds and what two consecutive rosters show.
-- Rosters count on one day: a stint that begins after it is seen by the roster a year later only (listed_after_roster) and
-- is not looked for. Who went back to the school left earlier did not move anew. Moves are matched to stints person by
-- person; a school that carries on the one named is taken for it. Somebody on the list for several stints is one person.
-- reason, where agrees is null: county_unknown; no_declaration; no_list; no_rosters (not of both years); list_incomplete,
-- rosters_incomplete (rows in quarantine, which may be the difference).
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | primary, junior or compulsory (both)
--   declared: 填报交流人数 | Exchanged as schools declare
--   listed: 名单交流人数 | Exchanged by the list
--   moved: 名册所示交流人数 | Moved by the rosters, without those who returned
--   declared_less_listed: 填报与名单之差 | Declared − listed
--   listed_less_moved: 名单与名册之差 | Listed − moved
--   schools_declaring_otherwise: 填报与名单不符的学校数 | Schools that declare another number than the list holds of them
--   confirmed: 名册印证人数 | On the list, and moved so by the rosters
--   listed_but_stayed: 名单有而名册未变人数 | On the list, and at the same school on both rosters
--   listed_but_elsewhere: 去向不符人数 | On the list, and moved to another school than the list says
--   listed_not_on_rosters: 名单有而名册查无人数 | On the list, and not on both rosters
--   listed_after_roster: 名册统计日后开始人数 | On the list for a stint that began after the day of the roster
--   moved_not_listed: 名册变动而名单无人数 | Moved by the rosters, and not on the list
--   returned: 返回原校人数 | Returned to the school left earlier
--   agrees: 三方是否一致 | Whether the three say the same, school by school and person by person
--   reason: 无法核对原因 | Why they cannot be compared
with
stage as (
    select stage.stage, stage.whole
    from (values ('primary', 'primary'), ('junior', 'junior'), ('primary', 'compulsory'), ('junior', 'compulsory'))
        as stage (stage, whole)
),
places as (
    select
        county.county_code,
        county.school_year,
        whole.whole as stage,
        county.listed_rows > 0 as has_list,
        county.eligible_rows > 0 as declares,
        county.roster_rows > 0 and coalesce(before.roster_rows, 0) > 0 as has_rosters,
        county.listed_quarantined > 0 as list_incomplete,
        county.roster_quarantined + coalesce(before.roster_quarantined, 0) > 0 as rosters_incomplete
    from core.exchange_county as county
    cross join (select distinct whole from stage) as whole
    left join core.exchange_county as before
        on before.county_code = county.county_code and before.school_year = county.school_year - 1
),
school as (
    select
        school.county_code,
        school.school_year,
        stage.whole as stage,
        sum(exchanged_declared) as declared,
        count(
            case
                when exchanged_declared is distinct from exchanged_listed and (declares or exchanged_listed > 0) then 1
            end
        ) as otherwise
    from core.exchange_school as school
    join stage on stage.stage = school.stage
    where not is_private
    group by 1, 2, 3
),
-- One row per person of the list: the best that can be said of any of the stints.
person as (
    select
        stint.county_code,
        stint.school_year,
        stage.whole as stage,
        stint.person,
        max(
            case
                when not stint.on_next_roster then 1
                when move.person is null then 2
                when not move.moved then 3
                when coalesce(moved_to.trend_school_code, move.to_school_code)
                    <> coalesce(sent_to.trend_school_code, stint.to_school_code)
                    then 4
                else 5
            end
        ) as outcome
    from core.exchange_stint as stint
    join stage on stage.stage = stint.stage
    left join core.roster_move as move
        on move.county_code = stint.county_code
        and move.school_year = stint.school_year
        and move.person = stint.person
    left join core.school_succession as moved_to on moved_to.school_code = move.to_school_code
    left join core.school_succession as sent_to on sent_to.school_code = stint.to_school_code
    where stint.counted
    group by 1, 2, 3, 4
),
listed as (
    select
        county_code,
        school_year,
        stage,
        count(*) as listed,
        count(case when outcome = 5 then 1 end) as confirmed,
        count(case when outcome = 4 then 1 end) as elsewhere,
        count(case when outcome = 3 then 1 end) as stayed,
        count(case when outcome = 2 then 1 end) as not_on_rosters,
        count(case when outcome = 1 then 1 end) as after_roster
    from person
    group by 1, 2, 3
),
-- On the list of that year or, for a stint that began after the day of the roster, of the year before.
known as (
    select distinct county_code, school_year, person from core.exchange_stint
    union
    select distinct county_code, school_year + 1, person from core.exchange_stint where not on_next_roster
),
moved as (
    select
        move.county_code,
        move.school_year,
        stage.whole as stage,
        count(case when not move.returned then 1 end) as moved,
        count(case when move.returned then 1 end) as returned,
        count(case when not move.returned and known.person is null then 1 end) as not_listed
    from core.roster_move as move
    join stage on stage.stage = move.stage
    left join core.school_place as place
        on place.school_code = move.from_school_code and place.school_year = move.school_year
    left join known
        on known.county_code = move.county_code
        and known.school_year = move.school_year
        and known.person = move.person
    where move.moved and not coalesce(place.is_private, false)
    group by 1, 2, 3
),
together as (
    select
        places.*,
        case when places.declares then cast(coalesce(school.declared, 0) as bigint) end as declared,
        case
            when places.has_list then coalesce(listed.listed, 0)
            when places.declares and coalesce(school.declared, 0) = 0 then 0
        end as listed,
        case when places.has_rosters then coalesce(moved.moved, 0) end as moved,
        case when places.declares then coalesce(school.otherwise, 0) end as schools_declaring_otherwise,
        case when places.has_rosters then coalesce(listed.confirmed, 0) end as confirmed,
        case when places.has_rosters then coalesce(listed.stayed, 0) end as listed_but_stayed,
        case when places.has_rosters then coalesce(listed.elsewhere, 0) end as listed_but_elsewhere,
        case when places.has_rosters then coalesce(listed.not_on_rosters, 0) end as listed_not_on_rosters,
        coalesce(listed.after_roster, 0) as listed_after_roster,
        case when places.has_rosters then coalesce(moved.not_listed, 0) end as moved_not_listed,
        case when places.has_rosters then coalesce(moved.returned, 0) end as returned
    from places
    left join school
        on school.county_code = places.county_code
        and school.school_year = places.school_year
        and school.stage = places.stage
    left join listed
        on listed.county_code = places.county_code
        and listed.school_year = places.school_year
        and listed.stage = places.stage
    left join moved
        on moved.county_code = places.county_code
        and moved.school_year = places.school_year
        and moved.stage = places.stage
),
reasoned as (
    select
        *,
        case
            when county_code = '000000' then 'county_unknown'
            when not declares then 'no_declaration'
            when listed is null then 'no_list'
            when not has_rosters then 'no_rosters'
            when list_incomplete then 'list_incomplete'
            when rosters_incomplete then 'rosters_incomplete'
        end as reason
    from together
)
select
    reasoned.county_code,
    county.county_name,
    reasoned.school_year,
    reasoned.stage,
    reasoned.declared,
    reasoned.listed,
    reasoned.moved,
    reasoned.declared - reasoned.listed as declared_less_listed,
    reasoned.listed - reasoned.moved as listed_less_moved,
    reasoned.schools_declaring_otherwise,
    reasoned.confirmed,
    reasoned.listed_but_stayed,
    reasoned.listed_but_elsewhere,
    reasoned.listed_not_on_rosters,
    reasoned.listed_after_roster,
    reasoned.moved_not_listed,
    reasoned.returned,
    case when reasoned.reason is null then
        schools_declaring_otherwise + listed_but_stayed + listed_but_elsewhere + listed_not_on_rosters
        + moved_not_listed = 0
    end as agrees,
    reasoned.reason
from reasoned
join core.county as county on county.county_code = reasoned.county_code
order by reasoned.county_code, reasoned.school_year, reasoned.stage
