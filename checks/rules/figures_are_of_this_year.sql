-- zh: 一县某张报表几乎所有学校的数字都与上一学年完全相同，疑似报送了上年的文件
-- en: Nearly all schools of a county's return have the figures of the year before: last year's file may have been sent again
-- Returns whose figures change every year: pupils, movement, teachers. Schools with pupils or teachers in both years.
-- severity: query
-- needs: any
-- owner: statistics
-- guidance_zh: 核对报送的文件是否为本学年数据；误报的请报送本学年文件。
-- guidance_en: Check whether the file is of this school year; if not, send the right one.
with
limits as (
    select
        max(case when parameter = 'minimum_schools' then value end) as schools,
        max(case when parameter = 'largest_share_the_same' then value end) as share
    from rulebook.rule_parameter
    where rule = 'figures_are_of_this_year'
),
compared as (
    select
        'enrolment' as form,
        'pupils' as field,
        now.school_year,
        now.county_code,
        now.submission_id,
        now.sheet,
        now.block,
        now.pupils is not distinct from before.pupils
        and now.entrants is not distinct from before.entrants
        and now.grade_1 is not distinct from before.grade_1
        and now.grade_2 is not distinct from before.grade_2
        and now.grade_5 is not distinct from before.grade_5
        and now.grade_7 is not distinct from before.grade_7
        and now.grade_8 is not distinct from before.grade_8
        and now.female_pupils is not distinct from before.female_pupils as the_same
    from returns.enrolment as now
    join returns.enrolment as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    where now.pupils > 0 and before.pupils > 0
    union all
    select
        'movement',
        'pupils',
        now.school_year,
        now.county_code,
        now.submission_id,
        now.sheet,
        now.block,
        now.pupils_last_year is not distinct from before.pupils_last_year
        and now.entrants is not distinct from before.entrants
        and now.graduates is not distinct from before.graduates
        and now.transferred_in is not distinct from before.transferred_in
        and now.transferred_out is not distinct from before.transferred_out
        and now.pupils is not distinct from before.pupils
    from returns.movement as now
    join returns.movement as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    where coalesce(now.pupils, now.graduates) > 0 and coalesce(before.pupils, before.graduates) > 0
    union all
    select
        'teacher',
        'teachers',
        now.school_year,
        now.county_code,
        now.submission_id,
        now.sheet,
        now.block,
        now.teachers is not distinct from before.teachers
        and now.staff is not distinct from before.staff
        and now.female_teachers is not distinct from before.female_teachers
        and now.degree_postgraduate is not distinct from before.degree_postgraduate
        and now.degree_bachelor is not distinct from before.degree_bachelor
        and now.title_associate_senior is not distinct from before.title_associate_senior
        and now.title_intermediate is not distinct from before.title_intermediate
        and now.backbone_teachers is not distinct from before.backbone_teachers
    from returns.teacher as now
    join returns.teacher as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    where now.teachers > 0 and before.teachers > 0
),
counted as (
    select
        form,
        field,
        school_year,
        county_code,
        submission_id,
        sheet,
        block,
        count(*) as schools,
        count(case when the_same then 1 end) as the_same
    from compared
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    form,
    field,
    school_year,
    county_code,
    cast(null as varchar) as school_code,
    cast(null as varchar) as stage,
    concat(cast(the_same as varchar), ' / ', cast(counted.schools as varchar)) as value,
    cast(null as varchar) as expected,
    submission_id,
    sheet,
    cast(null as integer) as row_number,
    block
from counted
cross join limits
where counted.schools >= limits.schools and the_same > limits.share * counted.schools
