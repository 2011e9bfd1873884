-- zh: 校际交流流量（按学年）
-- en: Flows between schools: persons exchanged from one school to another, by school year.
-- Persons of the list that count (core.exchange_stint), of all compulsory stages. trend codes are those at the end of the
-- chain of succession, so that the flows of many years can be added up.
-- grain: county_code, school_year, from_school_code, to_school_code
-- columns:
--   county_code: 县级行政区划代码 | County code of the list
--   school_year: 学年 | School year (the year it starts)
--   from_school_code: 原任职学校标识码 | School left
--   from_school_name: 原任职学校名称 | Its name
--   from_trend_school_code: 原任职学校趋势标识码 | Its code at the end of the chain of succession
--   from_area: 原学校城乡类别 | urban, town or rural
--   to_school_code: 交流任职学校标识码 | School served at
--   to_school_name: 交流任职学校名称 | Its name
--   to_trend_school_code: 交流任职学校趋势标识码 | Its code at the end of the chain of succession
--   to_area: 交流学校城乡类别 | urban, town or rural
--   to_county_code: 交流任职学校所在县 | County of the school served at
--   direction: 流向 | e.g. urban_to_rural; null where an area is unknown
--   persons: 交流人数 | Persons
--   primary_persons: 小学人数 | Persons of the primary stage
--   junior_persons: 初中人数 | Persons of the junior stage
--   backbone_persons: 骨干教师数 | Backbone teachers among them
--   principals: 校长数 | Principals and vice principals among them
--   ended_early: 提前结束人数 | Persons whose stint is known to have ended before the day planned
select
    stint.county_code,
    stint.school_year,
    stint.from_school_code,
    max(origin.school_name) as from_school_name,
    max(coalesce(origin_chain.trend_school_code, stint.from_school_code)) as from_trend_school_code,
    max(stint.from_area) as from_area,
    stint.to_school_code,
    max(target.school_name) as to_school_name,
    max(coalesce(target_chain.trend_school_code, stint.to_school_code)) as to_trend_school_code,
    max(stint.to_area) as to_area,
    max(stint.to_county_code) as to_county_code,
    max(stint.direction) as direction,
    count(distinct stint.person) as persons,
    count(distinct case when stint.stage = 'primary' then stint.person end) as primary_persons,
    count(distinct case when stint.stage = 'junior' then stint.person end) as junior_persons,
    count(distinct case when stint.is_backbone then stint.person end) as backbone_persons,
    count(distinct case when stint.is_principal then stint.person end) as principals,
    count(distinct case when stint.ended_early then stint.person end) as ended_early
from core.exchange_stint as stint
left join core.school_place as origin
    on origin.school_code = stint.from_school_code and origin.school_year = stint.school_year
left join core.school_place as target
    on target.school_code = stint.to_school_code and target.school_year = stint.school_year
left join core.school_succession as origin_chain on origin_chain.school_code = stint.from_school_code
left join core.school_succession as target_chain on target_chain.school_code = stint.to_school_code
where stint.counted
group by stint.county_code, stint.school_year, stint.from_school_code, stint.to_school_code
order by stint.county_code, stint.school_year, stint.from_school_code, stint.to_school_code
