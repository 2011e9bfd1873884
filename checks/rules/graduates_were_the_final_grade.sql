-- zh: 毕业生数（含结业）与上一学年毕业年级学生数相近
-- en: Graduates and completers are about as many as the final grade of the year before
-- Of a school into which others were merged in the year, or that was merged itself, nothing is said.
-- severity: query
-- guidance_zh: 核对毕业生数与上一学年毕业年级学生数；转学、休学、并班较多的请书面说明。
-- guidance_en: Check graduates against last year's final grade; explain many transfers or suspensions in writing.
with
limits as (
    select
        max(case when parameter = 'largest_share_of_difference' then value end) as share,
        max(case when parameter = 'largest_difference' then value end) as difference
    from rulebook.rule_parameter
    where rule = 'graduates_were_the_final_grade'
),
merged as (
    select school_year, carried_code as school_code from core.school_carried group by 1, 2
),
final_grade as (
    select
        enrolment.school_year,
        enrolment.school_code,
        enrolment.stage,
        case
            when enrolment.stage = 'junior' then enrolment.grade_9
            when setting.primary_years = 5 then enrolment.grade_5
            else enrolment.grade_6
        end as pupils
    from returns.enrolment as enrolment
    join core.county_setting as setting
        on setting.county_code = enrolment.county_code and setting.school_year = enrolment.school_year
    where enrolment.stage in ('primary', 'junior')
)
select
    'movement' as form,
    'graduates' as field,
    movement.school_year,
    movement.county_code,
    movement.school_code,
    movement.stage,
    cast(movement.graduates as varchar) as value,
    concat('≈ ', cast(final_grade.pupils as varchar)) as expected
from returns.movement as movement
join final_grade
    on final_grade.school_code = movement.school_code
    and final_grade.stage = movement.stage
    and final_grade.school_year = movement.school_year - 1
cross join limits
left join merged on merged.school_year = movement.school_year and merged.school_code = movement.school_code
where
    merged.school_code is null
    and abs(movement.graduates + coalesce(movement.completed, 0) - final_grade.pupils) > limits.difference
    and abs(movement.graduates + coalesce(movement.completed, 0) - final_grade.pupils) > limits.share * final_grade.pupils
