-- zh: 县学校规模（超规模学校、小规模学校）
-- en: School sizes of a county: schools larger than the rulebook allows, and small schools, by school year and kind of school.
-- From trends.school_conditions; schools without pupils are out. A school over the limit decides against the county; while
-- none is and the pupils of a school are missing, the verdict is open.
-- reason: county_unknown; no_schools; missing_values; no_line.
-- grain: county_code, school_year, kind
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   kind: 学校类别 | primary, junior or combined (both stages)
--   schools: 学校数 | Counted schools with pupils
--   schools_missing: 学生数缺失学校数 | Schools whose pupils are missing
--   pupils: 在校生数 | Their pupils
--   largest: 最大规模 | Pupils of the largest school
--   size_limit: 规模上限 | Largest size the rulebook allows
--   schools_over: 超规模学校数 | Schools larger than that
--   share_within: 规模达标率 | Schools within the limit ÷ schools
--   margin: 距上限 | Limit less pupils of the largest school (negative: above)
--   schools_small: 小规模学校数 | Small schools
--   schools_small_rural: 乡村小规模学校数 | Of these small rural schools by the counting rules
--   pupils_small: 小规模学校学生数 | Pupils of the small schools
--   meets: 是否达标 | Whether no school is over the limit; null where withheld
--   reason: 未判定原因 | Why there is no verdict
with
total as (
    select
        school.county_code,
        county.county_name,
        school.school_year,
        school.kind,
        count(case when pupils > 0 then 1 end) as schools,
        count(case when pupils is null then 1 end) as schools_missing,
        cast(sum(pupils) as bigint) as pupils,
        max(pupils) as largest,
        max(size_limit) as size_limit,
        count(case when over_size then 1 end) as schools_over,
        count(case when small and pupils > 0 then 1 end) as schools_small,
        count(case when small and small_rural and pupils > 0 then 1 end) as schools_small_rural,
        cast(coalesce(sum(case when small then pupils end), 0) as bigint) as pupils_small
    from trends.school_conditions as school
    join core.county as county on county.county_code = school.county_code
    group by 1, 2, 3, 4
),
decided as (
    select
        *,
        case
            when county_code = '000000' or size_limit is null then null
            when schools_over > 0 then false
            when schools > 0 and schools_missing = 0 then true
        end as meets
    from total
)
select
    county_code,
    county_name,
    school_year,
    kind,
    schools,
    schools_missing,
    pupils,
    largest,
    size_limit,
    schools_over,
    case when size_limit is not null then (schools - schools_over) / nullif(schools, 0) end as share_within,
    size_limit - largest as margin,
    schools_small,
    schools_small_rural,
    pupils_small,
    meets,
    case
        when meets is not null then null
        when county_code = '000000' then 'county_unknown'
        when schools + schools_missing = 0 then 'no_schools'
        when size_limit is null then 'no_line'
        else 'missing_values'
    end as reason
from decided
order by county_code, school_year, kind
