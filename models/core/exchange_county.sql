-- zh: 报送交流轮岗资料的县与学年
-- en: Counties and school years with any return on exchange, or a quarantined row of one.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   school_year: 学年 | School year (the year it starts)
--   listed_rows: 交流名单行数 | Rows of the list of the exchanged
--   listed_quarantined: 交流名单被隔离行数 | Rows of the list that were quarantined and not corrected since
--   eligible_rows: 应交流情况表行数 | Rows of the return on the eligible
--   roster_rows: 名册行数 | Rows of the roster
--   roster_quarantined: 名册被隔离行数 | Rows of the roster that were quarantined
with
-- A quarantined row of the list whose person cannot be read is not known to be corrected by any later row; it counts as
-- long as its submission has live rows, or the county has no other list.
said as (
    select coalesce(county_code, '000000') as reported_code, school_year, submission_id, count(*) as rows
    from returns.exchange
    group by 1, 2, 3
),
quarantined as (
    select
        case when regexp_matches(county_code, '^[0-9]{6}$') then county_code else '000000' end as reported_code,
        school_year,
        form,
        submission_id,
        count(*) as rows
    from returns.quarantine
    where form in ('exchange', 'exchange_eligible', 'roster') and school_year is not null
    group by 1, 2, 3, 4
),
counted as (
    select
        reported_code, school_year, rows as listed_rows, 0 as listed_quarantined, 0 as eligible_rows, 0 as roster_rows,
        0 as roster_quarantined
    from said
    union all
    select coalesce(county_code, '000000'), school_year, 0, 0, count(*), 0, 0
    from returns.exchange_eligible
    group by 1, 2
    union all
    select coalesce(county_code, '000000'), school_year, 0, 0, 0, count(*), 0 from returns.roster group by 1, 2
    union all
    select
        quarantined.reported_code,
        quarantined.school_year,
        0,
        case when quarantined.form = 'exchange' and (own.rows is not null or every.rows is null) then quarantined.rows else 0 end,
        0,
        0,
        case when quarantined.form = 'roster' then quarantined.rows else 0 end
    from quarantined
    left join said as own
        on own.reported_code = quarantined.reported_code
        and own.school_year = quarantined.school_year
        and own.submission_id = quarantined.submission_id
    left join (select reported_code, school_year, sum(rows) as rows from said group by 1, 2) as every
        on every.reported_code = quarantined.reported_code and every.school_year = quarantined.school_year
)
select
    county.county_code,
    counted.school_year,
    cast(sum(counted.listed_rows) as bigint) as listed_rows,
    cast(sum(counted.listed_quarantined) as bigint) as listed_quarantined,
    cast(sum(counted.eligible_rows) as bigint) as eligible_rows,
    cast(sum(counted.roster_rows) as bigint) as roster_rows,
    cast(sum(counted.roster_quarantined) as bigint) as roster_quarantined
from counted
join core.reported_county as county
    on county.reported_code = counted.reported_code and county.school_year = counted.school_year
group by 1, 2
order by 1, 2
