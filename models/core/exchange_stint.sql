-- zh: 交流名单逐人明细（计入与否及原因）
-- en: Stints of the list of the exchanged: whether and why each counts, direction, early end.
-- One row per person and stint of each school year's list. Persons are pseudonyms.
-- A stint counts in the school year in which it begins: the year whose calendar year its first day lies in, from the month
-- that the rulebook says on, else the year before. ended_year is reckoned from the month of the roster.
-- reason, where not counted: county_unknown; stage_not_compulsory; private_school (the school left is private);
-- kind_not_counted (rulebook.exchange_kind); school_carried_on (the school served at carries on the one left, so nobody
-- moved); start_missing; begun_earlier, begins_later (in another school year than that of the list).
-- grain: school_year, county_code, person, from_school_code, to_school_code
-- columns:
--   school_year: 学年 | School year of the list
--   county_code: 县级行政区划代码 | County code of today
--   person: 人员（假名） | Person (pseudonym)
--   from_school_code: 原任职学校标识码 | School left
--   from_current_code: 原任职学校当年标识码 | School left, by the code that carries it on in that year
--   to_school_code: 交流任职学校标识码 | School served at
--   to_county_code: 交流任职学校所在县 | County of the school served at (null: not in the register)
--   stage: 学段 | Stage
--   role: 交流人员身份 | principal, vice_principal or teacher
--   is_principal: 是否校长 | Whether the person is a principal or vice principal
--   is_backbone: 是否骨干教师 | Whether the person is a backbone teacher
--   exchange_kind: 交流形式 | Kind of exchange
--   start_date: 开始时间 | First day
--   planned_end_date: 计划结束时间 | Last day as planned
--   actual_end_date: 实际结束时间 | Last day in fact
--   start_year: 开始学年 | School year in which it begins
--   ended_year: 结束学年 | School year in which it ended in fact
--   ended_early: 是否提前结束 | Whether it ended before the day planned
--   on_next_roster: 是否应见于当年名册 | Whether it began by the day of the roster of its school year
--   from_area: 原学校城乡类别 | urban, town or rural
--   to_area: 交流学校城乡类别 | urban, town or rural
--   direction: 流向 | from and to, e.g. urban_to_rural; null where an area is unknown
--   counted: 是否计入 | Whether it counts as an exchange of that year
--   reason: 未计入原因 | Why it does not
with
kind as (
    select
        setting.county_code,
        setting.school_year,
        kind.exchange_kind,
        arg_max(kind.counts, length(kind.region_code)) as counts
    from core.exchange_setting as setting
    join rulebook.exchange_kind as kind
        on starts_with(setting.rule_region, kind.region_code)
        and setting.school_year >= kind.from_year
        and setting.school_year <= coalesce(kind.to_year, setting.school_year)
    group by 1, 2, 3
),
stint as (
    select
        county.county_code,
        exchange.school_year,
        exchange.person,
        exchange.from_school_code,
        exchange.to_school_code,
        exchange.stage,
        exchange.role,
        exchange.backbone,
        exchange.exchange_kind,
        exchange.start_date,
        exchange.planned_end_date,
        exchange.actual_end_date,
        year(start_date) - case when month(start_date) < setting.first_month then 1 else 0 end as start_year,
        year(actual_end_date) - case when month(actual_end_date) < setting.count_month then 1 else 0 end as ended_year,
        setting.count_month
    from returns.exchange as exchange
    join core.reported_county as county
        on county.reported_code = coalesce(exchange.county_code, '000000')
        and county.school_year = exchange.school_year
    join core.exchange_setting as setting
        on setting.county_code = county.county_code and setting.school_year = exchange.school_year
),
placed as (
    select
        stint.*,
        origin.area as from_area,
        target.area as to_area,
        target.county_code as to_county_code,
        coalesce(origin.is_private, false) as from_private,
        coalesce(kind.counts, false) as kind_counts,
        coalesce(carried.carried_code, stint.from_school_code) as from_current_code
    from stint
    left join kind
        on kind.county_code = stint.county_code
        and kind.school_year = stint.school_year
        and kind.exchange_kind = stint.exchange_kind
    left join core.school_place as origin
        on origin.school_code = stint.from_school_code and origin.school_year = stint.school_year
    left join core.school_place as target
        on target.school_code = stint.to_school_code and target.school_year = stint.school_year
    left join core.school_carried as carried
        on carried.school_code = stint.from_school_code and carried.school_year = stint.school_year
),
reasoned as (
    select
        *,
        case
            when county_code = '000000' then 'county_unknown'
            when stage not in ('primary', 'junior') then 'stage_not_compulsory'
            when from_private then 'private_school'
            when not kind_counts then 'kind_not_counted'
            when from_current_code = to_school_code then 'school_carried_on'
            when start_year is null then 'start_missing'
            when start_year < school_year then 'begun_earlier'
            when start_year > school_year then 'begins_later'
        end as reason
    from placed
)
select
    school_year,
    county_code,
    person,
    from_school_code,
    from_current_code,
    to_school_code,
    to_county_code,
    stage,
    role,
    role in ('principal', 'vice_principal') as is_principal,
    backbone = 1 as is_backbone,
    exchange_kind,
    start_date,
    planned_end_date,
    actual_end_date,
    start_year,
    ended_year,
    coalesce(actual_end_date < planned_end_date, false) as ended_early,
    coalesce(
        year(start_date) < school_year
        or (year(start_date) = school_year and month(start_date) <= count_month),
        false
    ) as on_next_roster,
    from_area,
    to_area,
    from_area || '_to_' || to_area as direction,
    reason is null as counted,
    reason
from reasoned
order by school_year, county_code, person, from_school_code, to_school_code
