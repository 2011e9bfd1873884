-- zh: 两列疑似互换：本年甲列与上年乙列、本年乙列与上年甲列相近
-- en: Two columns may stand in each other's place: a county's figures fit last year's only when the columns are exchanged
-- For pairs of columns that stand side by side or are mistaken for each other, the schools whose two figures differ enough
-- to tell. The year after a swap would look like one, too: it is not told.
-- severity: query
-- needs: any
-- guidance_zh: 核对两列的表头与数据，更正后重新报送。
-- guidance_en: Check headers and figures of the two columns, correct and send again.
with
limits as (
    select
        max(case when parameter = 'minimum_schools' then value end) as minimum_schools,
        max(case when parameter = 'smallest_share' then value end) as share,
        max(case when parameter = 'smallest_factor' then value end) as factor
    from rulebook.rule_parameter
    where rule = 'columns_stand_in_their_places'
),
counted as (
    select
        'premises' as form,
        'site_area_m2' as field,
        'sports_ground_m2' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.site_area_m2 / cast(before.sports_ground_m2 as double))) < abs(ln(now.site_area_m2 / cast(before.site_area_m2 as double)))
            and abs(ln(now.sports_ground_m2 / cast(before.site_area_m2 as double))) < abs(ln(now.sports_ground_m2 / cast(before.sports_ground_m2 as double)))
        then 1 end) as swapped
    from returns.premises as now
    join returns.premises as before
        on before.school_code = now.school_code
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.site_area_m2 > 0 and now.sports_ground_m2 > 0 and before.site_area_m2 > 0 and before.sports_ground_m2 > 0
        and (before.site_area_m2 > factor * before.sports_ground_m2 or before.sports_ground_m2 > factor * before.site_area_m2)
    group by 1, 2, 3, 4, 5
    union all
    select
        'premises' as form,
        'teaching_area_m2' as field,
        'living_area_m2' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.teaching_area_m2 / cast(before.living_area_m2 as double))) < abs(ln(now.teaching_area_m2 / cast(before.teaching_area_m2 as double)))
            and abs(ln(now.living_area_m2 / cast(before.teaching_area_m2 as double))) < abs(ln(now.living_area_m2 / cast(before.living_area_m2 as double)))
        then 1 end) as swapped
    from returns.premises as now
    join returns.premises as before
        on before.school_code = now.school_code
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.teaching_area_m2 > 0 and now.living_area_m2 > 0 and before.teaching_area_m2 > 0 and before.living_area_m2 > 0
        and (before.teaching_area_m2 > factor * before.living_area_m2 or before.living_area_m2 > factor * before.teaching_area_m2)
    group by 1, 2, 3, 4, 5
    union all
    select
        'equipment' as form,
        'books' as field,
        'teaching_computers' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.books / cast(before.teaching_computers as double))) < abs(ln(now.books / cast(before.books as double)))
            and abs(ln(now.teaching_computers / cast(before.books as double))) < abs(ln(now.teaching_computers / cast(before.teaching_computers as double)))
        then 1 end) as swapped
    from returns.equipment as now
    join returns.equipment as before
        on before.school_code = now.school_code
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.books > 0 and now.teaching_computers > 0 and before.books > 0 and before.teaching_computers > 0
        and (before.books > factor * before.teaching_computers or before.teaching_computers > factor * before.books)
    group by 1, 2, 3, 4, 5
    union all
    select
        'equipment' as form,
        'multimedia_rooms' as field,
        'teaching_computers' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.multimedia_rooms / cast(before.teaching_computers as double))) < abs(ln(now.multimedia_rooms / cast(before.multimedia_rooms as double)))
            and abs(ln(now.teaching_computers / cast(before.multimedia_rooms as double))) < abs(ln(now.teaching_computers / cast(before.teaching_computers as double)))
        then 1 end) as swapped
    from returns.equipment as now
    join returns.equipment as before
        on before.school_code = now.school_code
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.multimedia_rooms > 0 and now.teaching_computers > 0 and before.multimedia_rooms > 0 and before.teaching_computers > 0
        and (before.multimedia_rooms > factor * before.teaching_computers or before.teaching_computers > factor * before.multimedia_rooms)
    group by 1, 2, 3, 4, 5
    union all
    select
        'teacher' as form,
        'degree_bachelor' as field,
        'degree_associate' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.degree_bachelor / cast(before.degree_associate as double))) < abs(ln(now.degree_bachelor / cast(before.degree_bachelor as double)))
            and abs(ln(now.degree_associate / cast(before.degree_bachelor as double))) < abs(ln(now.degree_associate / cast(before.degree_associate as double)))
        then 1 end) as swapped
    from returns.teacher as now
    join returns.teacher as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.degree_bachelor > 0 and now.degree_associate > 0 and before.degree_bachelor > 0 and before.degree_associate > 0
        and (before.degree_bachelor > factor * before.degree_associate or before.degree_associate > factor * before.degree_bachelor)
    group by 1, 2, 3, 4, 5
    union all
    select
        'teacher' as form,
        'title_intermediate' as field,
        'title_assistant' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.title_intermediate / cast(before.title_assistant as double))) < abs(ln(now.title_intermediate / cast(before.title_intermediate as double)))
            and abs(ln(now.title_assistant / cast(before.title_intermediate as double))) < abs(ln(now.title_assistant / cast(before.title_assistant as double)))
        then 1 end) as swapped
    from returns.teacher as now
    join returns.teacher as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.title_intermediate > 0 and now.title_assistant > 0 and before.title_intermediate > 0 and before.title_assistant > 0
        and (before.title_intermediate > factor * before.title_assistant or before.title_assistant > factor * before.title_intermediate)
    group by 1, 2, 3, 4, 5
    union all
    select
        'enrolment' as form,
        'migrant_children' as field,
        'left_behind_children' as other_field,
        now.school_year,
        now.county_code,
        min(now.submission_id) as submission_id,
        min(now.sheet) as sheet,
        min(now.block) as block,
        count(*) as schools,
        count(case when
            abs(ln(now.migrant_children / cast(before.left_behind_children as double))) < abs(ln(now.migrant_children / cast(before.migrant_children as double)))
            and abs(ln(now.left_behind_children / cast(before.migrant_children as double))) < abs(ln(now.left_behind_children / cast(before.left_behind_children as double)))
        then 1 end) as swapped
    from returns.enrolment as now
    join returns.enrolment as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    cross join limits
    where
        now.migrant_children > 0 and now.left_behind_children > 0 and before.migrant_children > 0 and before.left_behind_children > 0
        and (before.migrant_children > factor * before.left_behind_children or before.left_behind_children > factor * before.migrant_children)
    group by 1, 2, 3, 4, 5
),
found as (
    select counted.*
    from counted
    cross join limits
    where counted.schools >= minimum_schools and counted.swapped > share * counted.schools
)
select
    found.form,
    found.field,
    found.school_year,
    found.county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    concat(cast(found.swapped as varchar), ' / ', cast(found.schools as varchar)) as value,
    concat('⇄ ', found.other_field) as expected,
    found.submission_id,
    found.sheet,
    cast(null as integer) as row_number,
    found.block
from found
left join found as before
    on before.form = found.form
    and before.field = found.field
    and before.other_field = found.other_field
    and before.county_code = found.county_code
    and before.school_year = found.school_year - 1
where before.form is null
