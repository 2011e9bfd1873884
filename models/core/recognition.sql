-- zh: 县域认定状态（按县、标准、学年）
-- en: Whether a county was recognised by the state, by standard and school year, as its latest filing tells it.
-- Of a standard the last filing counts as a whole; it tells the past too, so that a county that files in 2023 was recognised
-- in 2016 where it says so. A recognition holds from its school year up to the one before that of its withdrawal. A county made of
-- several former ones that filed in the same school year is recognised where all of these were.
-- status: unreported (the county never filed a recognition by this standard); not_recognised (not yet); recognised; withdrawn.
-- grain: county_code, standard, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   school_year: 学年 | School year (the year it starts)
--   filed_in: 填报学年 | School year of the filing that counts
--   status: 状态 | unreported, not_recognised, recognised or withdrawn
--   recognised_since: 认定学年 | School year of the recognition that holds
--   document: 认定文件 | Its document
--   withdrawn_in: 撤销认定学年 | School year in which the last recognition was withdrawn, where it is
with
filed as (
    select
        reported.county_code,
        told.county_code as reported_code,
        told.standard,
        told.school_year as filed_in,
        told.recognised_year,
        told.withdrawn_year,
        told.document
    from returns.recognition as told
    join core.reported_county as reported
        on reported.reported_code = told.county_code and reported.school_year = told.school_year
),
last_filed as (
    select county_code, standard, max(filed_in) as filed_in from filed group by 1, 2
),
latest as (
    select filed.*
    from filed
    join last_filed
        on last_filed.county_code = filed.county_code
        and last_filed.standard = filed.standard
        and last_filed.filed_in = filed.filed_in
),
codes as (
    select county_code, standard, max(filed_in) as filed_in, count(distinct reported_code) as codes from latest group by 1, 2
),
county_year as (
    select county_code, school_year from core.reported_county where county_code <> '000000' group by 1, 2
),
held as (
    select
        year.county_code,
        latest.standard,
        year.school_year,
        count(distinct case when coalesce(latest.withdrawn_year > year.school_year, true) then latest.reported_code end) as codes_held,
        max(case when coalesce(latest.withdrawn_year > year.school_year, true) then latest.recognised_year end) as recognised_since,
        max(case when latest.withdrawn_year <= year.school_year then latest.withdrawn_year end) as withdrawn_in
    from county_year as year
    join latest on latest.county_code = year.county_code and latest.recognised_year <= year.school_year
    group by 1, 2, 3
),
decided as (
    select
        year.county_code,
        standard.standard,
        year.school_year,
        codes.filed_in,
        case
            when codes.codes is null then 'unreported'
            when held.codes_held = codes.codes then 'recognised'
            when held.withdrawn_in is not null then 'withdrawn'
            else 'not_recognised'
        end as status,
        held.recognised_since,
        held.withdrawn_in
    from county_year as year
    cross join rulebook.standard as standard
    left join codes on codes.county_code = year.county_code and codes.standard = standard.standard
    left join held
        on held.county_code = year.county_code
        and held.standard = standard.standard
        and held.school_year = year.school_year
),
document as (
    select county_code, standard, recognised_year, max(document) as document from latest group by 1, 2, 3
)
select
    decided.county_code,
    decided.standard,
    decided.school_year,
    decided.filed_in,
    decided.status,
    case when decided.status = 'recognised' then decided.recognised_since end as recognised_since,
    document.document,
    case when decided.status = 'withdrawn' then decided.withdrawn_in end as withdrawn_in
from decided
left join document
    on document.county_code = decided.county_code
    and document.standard = decided.standard
    and document.recognised_year = decided.recognised_since
    and decided.status = 'recognised'
order by 1, 2, 3
