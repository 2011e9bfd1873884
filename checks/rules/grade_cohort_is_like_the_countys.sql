-- zh: 各年级学生数与上一学年低一年级相比，不应与全县明显不同
-- en: A grade is what the grade below was a year ago, give or take what the county's other schools gained or lost
-- For every grade the ratio to last year's grade below, against the median ratio of the county. Of a school the grade that
-- is farthest off is told. A merger explains a jump; so does a year before that was itself out of line: then the grade is
-- what it should be after the one two years ago.
-- severity: query
-- guidance_zh: 核对各年级学生数；有并校、分校、大量转学的请书面说明。
-- guidance_en: Check the pupils by grade; explain mergers, new branches or many transfers in writing.
with
limits as (
    select
        max(case when parameter = 'minimum_pupils' then value end) as minimum_pupils,
        max(case when parameter = 'minimum_schools' then value end) as minimum_schools,
        max(case when parameter = 'largest_factor' then value end) as factor,
        max(case when parameter = 'largest_difference' then value end) as difference
    from rulebook.rule_parameter
    where rule = 'grade_cohort_is_like_the_countys'
),
cohort as (
    select
        now.school_year,
        now.county_code,
        now.school_code,
        now.stage,
        case when before.grade_1 >= minimum_pupils then before.grade_1 end as before_2,
        case when before.grade_2 >= minimum_pupils then before.grade_2 end as before_3,
        case when before.grade_3 >= minimum_pupils then before.grade_3 end as before_4,
        case when before.grade_4 >= minimum_pupils then before.grade_4 end as before_5,
        case when before.grade_5 >= minimum_pupils then before.grade_5 end as before_6,
        case when before.grade_7 >= minimum_pupils then before.grade_7 end as before_8,
        case when before.grade_8 >= minimum_pupils then before.grade_8 end as before_9,
        now.grade_2 as now_2,
        now.grade_3 as now_3,
        now.grade_4 as now_4,
        now.grade_5 as now_5,
        now.grade_6 as now_6,
        now.grade_8 as now_8,
        now.grade_9 as now_9
    from returns.enrolment as now
    join returns.enrolment as before
        on before.school_code = now.school_code
        and before.stage = now.stage
        and before.school_year = now.school_year - 1
    cross join limits
),
county as (
    select
        school_year,
        county_code,
        stage,
        count(now_2 + before_2) as schools_2,
        count(now_3 + before_3) as schools_3,
        count(now_4 + before_4) as schools_4,
        count(now_5 + before_5) as schools_5,
        count(now_6 + before_6) as schools_6,
        count(now_8 + before_8) as schools_8,
        count(now_9 + before_9) as schools_9,
        median(cast(now_2 as double) / before_2) as ratio_2,
        median(cast(now_3 as double) / before_3) as ratio_3,
        median(cast(now_4 as double) / before_4) as ratio_4,
        median(cast(now_5 as double) / before_5) as ratio_5,
        median(cast(now_6 as double) / before_6) as ratio_6,
        median(cast(now_8 as double) / before_8) as ratio_8,
        median(cast(now_9 as double) / before_9) as ratio_9
    from cohort
    group by 1, 2, 3
),
expected as (
    select
        cohort.*,
        case when schools_2 >= minimum_schools then ratio_2 * before_2 end as expected_2,
        case when schools_3 >= minimum_schools then ratio_3 * before_3 end as expected_3,
        case when schools_4 >= minimum_schools then ratio_4 * before_4 end as expected_4,
        case when schools_5 >= minimum_schools then ratio_5 * before_5 end as expected_5,
        case when schools_6 >= minimum_schools then ratio_6 * before_6 end as expected_6,
        case when schools_8 >= minimum_schools then ratio_8 * before_8 end as expected_8,
        case when schools_9 >= minimum_schools then ratio_9 * before_9 end as expected_9
    from cohort
    join county
        on county.school_year = cohort.school_year
        and county.county_code = cohort.county_code
        and county.stage = cohort.stage
    cross join limits
),
off as (
    select expected.*
    from expected
    cross join limits
    where
        abs(now_2 - expected_2) > difference
        or abs(now_3 - expected_3) > difference
        or abs(now_4 - expected_4) > difference
        or abs(now_5 - expected_5) > difference
        or abs(now_6 - expected_6) > difference
        or abs(now_8 - expected_8) > difference
        or abs(now_9 - expected_9) > difference
),
graded as (
    select school_year, county_code, school_code, stage, 2 as grade, now_2 as pupils, expected_2 as expected from off
    union all
    select school_year, county_code, school_code, stage, 3 as grade, now_3 as pupils, expected_3 as expected from off
    union all
    select school_year, county_code, school_code, stage, 4 as grade, now_4 as pupils, expected_4 as expected from off
    union all
    select school_year, county_code, school_code, stage, 5 as grade, now_5 as pupils, expected_5 as expected from off
    union all
    select school_year, county_code, school_code, stage, 6 as grade, now_6 as pupils, expected_6 as expected from off
    union all
    select school_year, county_code, school_code, stage, 8 as grade, now_8 as pupils, expected_8 as expected from off
    union all
    select school_year, county_code, school_code, stage, 9 as grade, now_9 as pupils, expected_9 as expected from off
),
suspicious as (
    select graded.*, limits.factor
    from graded
    cross join limits
    where
        abs(pupils - expected) > difference
        and (pupils > factor * expected or expected > factor * pupils)
),
carrying as (
    select school_year, carried_code as school_code from core.school_carried group by 1, 2
),
told as (
    select
        suspicious.*,
        row_number() over (
            partition by suspicious.school_year, suspicious.school_code, suspicious.stage
            order by abs(pupils - expected) desc, grade
        ) as rank
    from suspicious
    left join carrying
        on carrying.school_year = suspicious.school_year and carrying.school_code = suspicious.school_code
    left join (
        select
            school_year,
            school_code,
            stage,
            grade_1,
            grade_2,
            grade_3,
            grade_4,
            grade_7
        from returns.enrolment
    ) as earlier
        on earlier.school_code = suspicious.school_code
        and earlier.stage = suspicious.stage
        and earlier.school_year = suspicious.school_year - 2
    where
        carrying.school_code is null
        and not coalesce(
            suspicious.pupils <= suspicious.factor * case suspicious.grade
                when 3 then grade_1 when 4 then grade_2 when 5 then grade_3 when 6 then grade_4 when 9 then grade_7 end
            and suspicious.factor * suspicious.pupils >= case suspicious.grade
                when 3 then grade_1 when 4 then grade_2 when 5 then grade_3 when 6 then grade_4 when 9 then grade_7 end,
            false
        )
)
select
    'enrolment' as form,
    concat('grade_', cast(grade as varchar)) as field,
    school_year,
    county_code,
    school_code,
    stage,
    cast(pupils as varchar) as value,
    concat('≈ ', cast(round(expected, 0) as varchar)) as expected
from told
where rank = 1
