-- zh: 一县各校小学与初中的教师数据完全相同，疑似同一张表报送了两次
-- en: All schools of a county with both stages have the same teachers in both: one table may have been sent as two
-- severity: query
-- guidance_zh: 核对小学与初中两张教师表是否为同一张表。
-- guidance_en: Check whether the tables of primary and junior teachers are the same one.
with
limits as (
    select
        max(case when parameter = 'minimum_schools' then value end) as schools,
        max(case when parameter = 'largest_share_the_same' then value end) as share
    from rulebook.rule_parameter
    where rule = 'stages_have_figures_of_their_own'
),
two_stages as (
    select
        junior.school_year,
        junior.county_code,
        count(*) as schools,
        count(case when
            junior.teachers = primary_stage.teachers
            and junior.degree_bachelor = primary_stage.degree_bachelor
            and junior.degree_associate = primary_stage.degree_associate
            and junior.title_intermediate = primary_stage.title_intermediate
            and junior.title_assistant = primary_stage.title_assistant
        then 1 end) as the_same,
        min(junior.school_code) as school_code
    from returns.teacher as junior
    join returns.teacher as primary_stage
        on primary_stage.school_year = junior.school_year
        and primary_stage.school_code = junior.school_code
        and primary_stage.stage = 'primary'
    where junior.stage = 'junior' and junior.teachers > 0
    group by 1, 2
)
select
    'teacher' as form,
    'teachers' as field,
    two_stages.school_year,
    two_stages.county_code,
    two_stages.school_code,
    'junior' as stage,
    concat(cast(the_same as varchar), ' / ', cast(two_stages.schools as varchar)) as value,
    cast(null as varchar) as expected
from two_stages
cross join limits
where two_stages.schools >= limits.schools and the_same > limits.share * two_stages.schools
