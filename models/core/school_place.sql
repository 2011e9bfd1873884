-- zh: 学校所在地类别（城、镇、乡）与举办者性质，按学年
-- en: Whether a school lies in a city, a town or the countryside, and whether it is private, by school year.
-- From the school register of the year; in a year without register row, from the latest one that there is. Only schools of
-- counties that report on exchange, and schools that somebody was exchanged to.
-- grain: school_year, school_code
-- columns:
--   school_year: 学年 | School year (the year it starts)
--   school_code: 学校（机构）标识码 | School code
--   county_code: 县级行政区划代码 | County code of today
--   school_name: 学校（机构）名称 | School name
--   area: 城乡类别 | urban, town or rural; null where the register does not say
--   is_private: 是否民办 | Whether the school is private
with
register as (
    select
        register.school_year,
        register.school_code,
        county.county_code,
        register.school_name,
        place.area,
        coalesce(operator.is_private, false) as is_private
    from returns.school as register
    left join core.reported_county as county
        on county.reported_code = coalesce(register.county_code, '000000')
        and county.school_year = register.school_year
    left join rulebook.urban_rural as place on place.urban_rural = register.urban_rural
    left join rulebook.operator as operator on operator.operator = register.operator
    where
        county.county_code in (select county_code from core.exchange_county)
        or register.school_code in (select to_school_code from returns.exchange)
),
latest as (
    select
        school_code,
        arg_max(county_code, school_year) as county_code,
        arg_max(school_name, school_year) as school_name,
        arg_max(area, school_year) as area,
        arg_max(is_private, school_year) as is_private
    from register
    group by school_code
),
years as (
    select distinct school_year from core.exchange_county
)
select
    years.school_year,
    latest.school_code,
    coalesce(register.county_code, latest.county_code) as county_code,
    coalesce(register.school_name, latest.school_name) as school_name,
    coalesce(register.area, latest.area) as area,
    coalesce(register.is_private, latest.is_private) as is_private
from latest
cross join years
left join register on register.school_code = latest.school_code and register.school_year = years.school_year
order by years.school_year, latest.school_code
