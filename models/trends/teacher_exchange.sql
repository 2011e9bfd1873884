-- zh: 教师校长交流轮岗（按县、学年、学段）
-- en: Exchange of teachers and principals by county, school year and stage, with the verdict on the whole county.
-- rate = exchanged ÷ eligible; backbone_share = backbone teachers among the exchanged ÷ exchanged. Who is eligible is
-- counted in four ways, all shown; the rulebook chooses one (denominator) and whether the list or what schools declare says
-- who was exchanged (source). whole_county: the eligible of all public schools. town_and_good: the eligible of schools in
-- cities and towns and of good schools, against those exchanged from them. should_exchange: the list of those who should
-- be exchanged. roster: computed from the roster of the year before and the years set by the rulebook.
-- Persons are counted once, however many stints they have. No list is no nought: without any row of the list the number of
-- the exchanged is missing, unless every school declares nought. Of a missing part no sum is made.
-- The lines are for the county as a whole: the verdict stands at stage compulsory, the stages are shown for comparison.
-- Within the line is at or above it; 10^-12 is rounding. A rate below its line decides alone.
-- reason: county_unknown; nobody_eligible_known (nothing declared, or no roster before); missing_values (schools or figures
-- are missing); no_list; list_incomplete (rows of the list are in quarantine); nobody_eligible; no_line;
-- backbone_missing; whole_county_only (a stage).
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | primary, junior or compulsory (both)
--   schools: 填报学校数 | Schools that declare who is eligible
--   schools_missing: 未填报学校数 | Schools that should and do not
--   permanent_staff: 在编教师数 | Permanent staff as declared
--   long_enough: 任教达到规定年限人数 | At their school for the years locally set, as declared
--   exempt: 不交流人数 | Exempt for any reason, as declared
--   denominator: 分母口径 | Denominator that the rulebook chooses
--   source: 交流人数来源 | Whose count of the exchanged the rulebook chooses: list or declared
--   eligible: 符合交流条件人数 | Eligible, by the denominator chosen
--   exchanged: 交流人数 | Exchanged, by the source and for the denominator chosen
--   rate: 交流比例 | Exchanged ÷ eligible
--   threshold: 交流比例标准线 | Line of the rate
--   margin: 与标准线之差 | Rate − line
--   rate_meets: 交流比例是否达标 | Whether the rate is at or above the line; null where withheld
--   backbone_exchanged: 交流骨干教师数 | Backbone teachers among the exchanged
--   backbone_share: 骨干教师占比 | Backbone teachers ÷ exchanged
--   backbone_threshold: 骨干教师占比标准线 | Line of the share
--   backbone_margin: 骨干教师占比与标准线之差 | Share − line
--   backbone_meets: 骨干教师占比是否达标 | Whether the share is at or above the line; null where withheld
--   verdict: 判定 | Whether both meet (stage compulsory)
--   reason: 未判定原因 | Why there is no verdict
--   exchanged_listed: 名单交流人数 | Exchanged by the list
--   exchanged_declared: 填报交流人数 | Exchanged as schools declare
--   eligible_whole_county: 全县符合条件人数 | Eligible of all public schools
--   rate_whole_county: 交流比例（全县） | Rate by it
--   eligible_town_and_good: 城镇及优质学校符合条件人数 | Eligible of schools in cities and towns and good schools
--   exchanged_town_and_good: 城镇及优质学校交流人数 | Exchanged from these schools
--   rate_town_and_good: 交流比例（城镇及优质学校） | Rate by these
--   eligible_should_exchange: 应交流名单人数 | On the list of those who should be exchanged
--   rate_should_exchange: 交流比例（应交流名单） | Rate by it
--   eligible_roster: 按上年名册推算的符合条件人数 | Eligible by the roster of the year before
--   rate_roster: 交流比例（按名册） | Rate by it
--   principals_eligible: 符合交流条件的校长数 | Eligible principals as declared
--   principals_exchanged: 交流校长数 | Principals and vice principals exchanged, by the source chosen
--   principals_rate: 校长交流比例 | Principals exchanged ÷ eligible
--   urban_to_town: 城区到镇区 | Exchanged by the list from city to town
--   urban_to_rural: 城区到乡村 | From city to countryside
--   town_to_rural: 镇区到乡村 | From town to countryside
--   rural_to_town: 乡村到镇区 | From countryside to town
--   rural_to_urban: 乡村到城区 | From countryside to city
--   town_to_urban: 镇区到城区 | From town to city
--   same_area: 同类地区之间 | Between schools of the same kind of area
--   direction_unknown: 流向不明 | Area of a school unknown
--   to_other_county: 跨县 | To a school of another county
--   early_returns: 提前结束人次 | Stints that ended in the year before the day planned, whenever they began
--   quarantined: 名单隔离行数 | Rows of the list that were quarantined
with
stage as (
    select stage.stage, stage.whole
    from (values ('primary', 'primary'), ('junior', 'junior'), ('primary', 'compulsory'), ('junior', 'compulsory'))
        as stage (stage, whole)
),
places as (
    select county.county_code, county.school_year, whole.whole as stage
    from core.exchange_county as county
    cross join (select distinct whole from stage) as whole
),
school as (
    select
        school.county_code,
        school.school_year,
        stage.whole as stage,
        count(case when declares then 1 end) as schools,
        count(case when is_expected and not declares then 1 end) as schools_missing,
        count(case when declares and in_town_or_good is null then 1 end) as schools_unplaced,
        count(case when declares and permanent_staff is null then 1 end) as permanent_missing,
        sum(case when declares then permanent_staff end) as permanent_staff,
        count(case when declares and long_enough is null then 1 end) as long_missing,
        sum(case when declares then long_enough end) as long_enough,
        count(case when declares and exempt is null then 1 end) as exempt_missing,
        sum(case when declares then exempt end) as exempt,
        sum(eligible) as eligible,
        sum(case when in_town_or_good then eligible end) as eligible_town_and_good,
        count(case when declares and should_exchange is null then 1 end) as should_missing,
        sum(should_exchange) as should_exchange,
        count(case when declares and exchanged_declared is null then 1 end) as declared_missing,
        sum(exchanged_declared) as exchanged_declared,
        sum(case when in_town_or_good then exchanged_declared end) as declared_town_and_good,
        count(case when declares and backbone_declared is null then 1 end) as backbone_missing,
        sum(backbone_declared) as backbone_declared,
        sum(case when in_town_or_good then backbone_declared end) as backbone_declared_town_and_good,
        count(case when declares and principals_eligible is null then 1 end) as principals_missing,
        sum(principals_eligible) as principals_eligible,
        count(case when declares and principals_declared is null then 1 end) as principals_declared_missing,
        sum(principals_declared) as principals_declared,
        sum(eligible_by_roster) as eligible_roster,
        sum(eligible_by_roster_unknown) as roster_unknown
    from core.exchange_school as school
    join stage on stage.stage = school.stage
    where not school.is_private
    group by 1, 2, 3
),
-- Schools of the year before that should have been on its rosters.
unrostered as (
    select school.county_code, school.school_year + 1 as school_year, stage.whole as stage, count(*) as schools
    from core.exchange_school as school
    join stage on stage.stage = school.stage
    where school.is_expected and not school.is_private and school.on_roster = 0
    group by 1, 2, 3
),
listed as (
    select
        stint.county_code,
        stint.school_year,
        stage.whole as stage,
        count(distinct person) as persons,
        count(distinct case when in_town_or_good then person end) as persons_town_and_good,
        count(distinct case when is_backbone then person end) as backbone,
        count(distinct case when is_backbone and in_town_or_good then person end) as backbone_town_and_good,
        count(distinct case when is_backbone is null then person end) as backbone_missing,
        count(distinct case when is_principal then person end) as principals,
        count(distinct case when in_town_or_good is null then person end) as unplaced,
        count(distinct case when direction = 'urban_to_town' then person end) as urban_to_town,
        count(distinct case when direction = 'urban_to_rural' then person end) as urban_to_rural,
        count(distinct case when direction = 'town_to_rural' then person end) as town_to_rural,
        count(distinct case when direction = 'rural_to_town' then person end) as rural_to_town,
        count(distinct case when direction = 'rural_to_urban' then person end) as rural_to_urban,
        count(distinct case when direction = 'town_to_urban' then person end) as town_to_urban,
        count(distinct case when from_area = to_area then person end) as same_area,
        count(distinct case when direction is null then person end) as direction_unknown,
        count(distinct case when to_county_code <> stint.county_code then person end) as to_other_county
    from (
        select stint.*, school.in_town_or_good
        from core.exchange_stint as stint
        left join core.exchange_school as school
            on school.county_code = stint.county_code
            and school.school_year = stint.school_year
            and school.school_code = stint.from_current_code
            and school.stage = stint.stage
        where stint.counted
    ) as stint
    join stage on stage.stage = stint.stage
    group by 1, 2, 3
),
unreadable as (
    select stint.county_code, stint.school_year, stage.whole as stage, count(*) as starts_missing
    from core.exchange_stint as stint
    join stage on stage.stage = stint.stage
    where stint.reason = 'start_missing'
    group by 1, 2, 3
),
-- A stint may stand in the lists of several years; its early end is told by whichever list tells it.
early as (
    select county_code, ended_year, stage, count(*) as stints
    from (
        select distinct
            stint.county_code, stint.ended_year, stage.whole as stage, person, from_school_code, to_school_code, start_date
        from core.exchange_stint as stint
        join stage on stage.stage = stint.stage
        where ended_early and (counted or reason = 'begun_earlier')
    ) as once
    group by 1, 2, 3
),
figure as (
    select
        places.county_code,
        places.school_year,
        places.stage,
        setting.denominator,
        setting.source,
        setting.minimum_coverage,
        setting.rate_line,
        setting.backbone_line,
        coalesce(school.schools, 0) as schools,
        coalesce(school.schools_missing, 0) as schools_missing,
        case when school.permanent_missing = 0 then school.permanent_staff end as permanent_staff,
        case when school.long_missing = 0 then school.long_enough end as long_enough,
        case when school.exempt_missing = 0 then school.exempt end as exempt,
        school.eligible as eligible_whole_county,
        case when school.schools > 0 and school.schools_unplaced = 0 then coalesce(school.eligible_town_and_good, 0) end
            as eligible_town_and_good,
        case when school.should_missing = 0 then school.should_exchange end as eligible_should_exchange,
        case
            when unrostered.schools is null and school.roster_unknown = 0 and coalesce(before.roster_quarantined, 0) = 0
                then school.eligible_roster
        end as eligible_roster,
        case when school.declared_missing = 0 then school.exchanged_declared end as exchanged_declared,
        case when school.declared_missing = 0 and school.schools_unplaced = 0
            then coalesce(school.declared_town_and_good, 0)
        end as declared_town_and_good,
        case when school.backbone_missing = 0 then school.backbone_declared end as backbone_declared,
        case when school.backbone_missing = 0 and school.schools_unplaced = 0
            then coalesce(school.backbone_declared_town_and_good, 0)
        end as backbone_declared_town_and_good,
        case when school.principals_missing = 0 then school.principals_eligible end as principals_eligible,
        case when school.principals_declared_missing = 0 then school.principals_declared end as principals_declared,
        county.listed_rows > 0 as has_list,
        coalesce(unreadable.starts_missing, 0) as starts_missing,
        case
            when county.listed_rows > 0 then coalesce(listed.persons, 0)
            when school.declared_missing = 0 and school.exchanged_declared = 0 and county.listed_quarantined = 0 then 0
        end as exchanged_listed,
        coalesce(listed.persons_town_and_good, 0) as listed_town_and_good,
        coalesce(listed.unplaced, 0) as listed_unplaced,
        case when coalesce(listed.backbone_missing, 0) = 0 then coalesce(listed.backbone, 0) end as backbone_listed,
        case when coalesce(listed.backbone_missing, 0) = 0 then coalesce(listed.backbone_town_and_good, 0) end
            as backbone_listed_town_and_good,
        coalesce(listed.principals, 0) as principals_listed,
        coalesce(listed.urban_to_town, 0) as urban_to_town,
        coalesce(listed.urban_to_rural, 0) as urban_to_rural,
        coalesce(listed.town_to_rural, 0) as town_to_rural,
        coalesce(listed.rural_to_town, 0) as rural_to_town,
        coalesce(listed.rural_to_urban, 0) as rural_to_urban,
        coalesce(listed.town_to_urban, 0) as town_to_urban,
        coalesce(listed.same_area, 0) as same_area,
        coalesce(listed.direction_unknown, 0) as direction_unknown,
        coalesce(listed.to_other_county, 0) as to_other_county,
        coalesce(early.stints, 0) as early_returns,
        county.listed_quarantined as quarantined
    from places
    join core.exchange_county as county
        on county.county_code = places.county_code and county.school_year = places.school_year
    join core.exchange_setting as setting
        on setting.county_code = places.county_code and setting.school_year = places.school_year
    left join core.exchange_county as before
        on before.county_code = places.county_code and before.school_year = places.school_year - 1
    left join school
        on school.county_code = places.county_code
        and school.school_year = places.school_year
        and school.stage = places.stage
    left join unrostered
        on unrostered.county_code = places.county_code
        and unrostered.school_year = places.school_year
        and unrostered.stage = places.stage
    left join listed
        on listed.county_code = places.county_code
        and listed.school_year = places.school_year
        and listed.stage = places.stage
    left join unreadable
        on unreadable.county_code = places.county_code
        and unreadable.school_year = places.school_year
        and unreadable.stage = places.stage
    left join early
        on early.county_code = places.county_code
        and early.ended_year = places.school_year
        and early.stage = places.stage
),
sourced as (
    select
        figure.*,
        case when source = 'declared' then exchanged_declared else exchanged_listed end as exchanged_all,
        case
            when source = 'declared' then declared_town_and_good
            when exchanged_listed is not null and listed_unplaced = 0 then listed_town_and_good
        end as exchanged_town_and_good,
        case when source = 'declared' then backbone_declared when exchanged_listed is not null then backbone_listed end
            as backbone_all,
        case
            when source = 'declared' then backbone_declared_town_and_good
            when exchanged_listed is not null then backbone_listed_town_and_good
        end as backbone_town_and_good,
        case when source = 'declared' then principals_declared when exchanged_listed is not null then principals_listed end
            as principals_exchanged
    from figure
),
chosen as (
    select
        sourced.*,
        case denominator
            when 'town_and_good' then eligible_town_and_good
            when 'should_exchange' then eligible_should_exchange
            when 'roster' then eligible_roster
            else eligible_whole_county
        end as eligible,
        case when denominator = 'town_and_good' then exchanged_town_and_good else exchanged_all end as exchanged,
        case when denominator = 'town_and_good' then backbone_town_and_good else backbone_all end as backbone_exchanged
    from sourced
),
rated as (
    select
        *,
        exchanged / nullif(eligible, 0) as rate,
        backbone_exchanged / nullif(exchanged, 0) as backbone_share,
        case
            when county_code = '000000' then 'county_unknown'
            when schools = 0 and (denominator <> 'roster' or eligible is null) then 'nobody_eligible_known'
            when denominator <> 'roster' and schools + 1e-9 < minimum_coverage * (schools + schools_missing) then 'missing_values'
            when source = 'list' and exchanged_listed is null then 'no_list'
            when source = 'list' and quarantined > 0 then 'list_incomplete'
            when source = 'list' and starts_missing > 0 then 'missing_values'
            when eligible is null or exchanged is null then 'missing_values'
            when eligible = 0 then 'nobody_eligible'
            when rate_line is null then 'no_line'
        end as withheld
    from chosen
),
judged as (
    select
        *,
        case when withheld is null then rate >= rate_line - 1e-12 end as rate_meets,
        case when withheld is null and backbone_line is not null then backbone_share >= backbone_line - 1e-12 end
            as backbone_meets
    from rated
)
select
    judged.county_code,
    county.county_name,
    judged.school_year,
    judged.stage,
    judged.schools,
    judged.schools_missing,
    cast(judged.permanent_staff as bigint) as permanent_staff,
    cast(judged.long_enough as bigint) as long_enough,
    cast(judged.exempt as bigint) as exempt,
    judged.denominator,
    judged.source,
    cast(judged.eligible as bigint) as eligible,
    cast(judged.exchanged as bigint) as exchanged,
    judged.rate,
    judged.rate_line as threshold,
    judged.rate - judged.rate_line as margin,
    judged.rate_meets,
    cast(judged.backbone_exchanged as bigint) as backbone_exchanged,
    judged.backbone_share,
    judged.backbone_line as backbone_threshold,
    judged.backbone_share - judged.backbone_line as backbone_margin,
    judged.backbone_meets,
    case when judged.stage = 'compulsory' then case
        when not judged.rate_meets or judged.backbone_line is null then judged.rate_meets
        else judged.backbone_meets
    end end as verdict,
    case
        when judged.withheld is not null then judged.withheld
        when judged.stage <> 'compulsory' then 'whole_county_only'
        when judged.rate_meets and judged.backbone_line is not null and judged.backbone_meets is null
            then 'backbone_missing'
    end as reason,
    judged.exchanged_listed,
    cast(judged.exchanged_declared as bigint) as exchanged_declared,
    cast(judged.eligible_whole_county as bigint) as eligible_whole_county,
    judged.exchanged_all / nullif(judged.eligible_whole_county, 0) as rate_whole_county,
    cast(judged.eligible_town_and_good as bigint) as eligible_town_and_good,
    cast(judged.exchanged_town_and_good as bigint) as exchanged_town_and_good,
    judged.exchanged_town_and_good / nullif(judged.eligible_town_and_good, 0) as rate_town_and_good,
    cast(judged.eligible_should_exchange as bigint) as eligible_should_exchange,
    judged.exchanged_all / nullif(judged.eligible_should_exchange, 0) as rate_should_exchange,
    cast(judged.eligible_roster as bigint) as eligible_roster,
    judged.exchanged_all / nullif(judged.eligible_roster, 0) as rate_roster,
    cast(judged.principals_eligible as bigint) as principals_eligible,
    cast(judged.principals_exchanged as bigint) as principals_exchanged,
    judged.principals_exchanged / nullif(judged.principals_eligible, 0) as principals_rate,
    judged.urban_to_town,
    judged.urban_to_rural,
    judged.town_to_rural,
    judged.rural_to_town,
    judged.rural_to_urban,
    judged.town_to_urban,
    judged.same_area,
    judged.direction_unknown,
    judged.to_other_county,
    judged.early_returns,
    judged.quarantined
from judged
join core.county as county on county.county_code = judged.county_code
order by judged.county_code, judged.school_year, judged.stage
