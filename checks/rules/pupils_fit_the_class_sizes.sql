-- zh: 在校生数应在各班额班数所能容纳的范围内
-- en: The pupils of a school fit into its classes by size
-- Fewest and most pupils by the bounds of the bins; the last bin has no upper bound.
-- severity: query
-- guidance_zh: 核对分班额班数与在校生数；有复式班、巡回点等情况的请书面说明。
-- guidance_en: Check classes by size and pupils; explain multi-grade or visiting classes in writing.
with
bound as (
    select
        max(case when bin = 'classes_upto_25' then most end) as most_25,
        max(case when bin = 'classes_26_30' then fewest end) as fewest_26,
        max(case when bin = 'classes_26_30' then most end) as most_30,
        max(case when bin = 'classes_31_35' then fewest end) as fewest_31,
        max(case when bin = 'classes_31_35' then most end) as most_35,
        max(case when bin = 'classes_36_40' then fewest end) as fewest_36,
        max(case when bin = 'classes_36_40' then most end) as most_40,
        max(case when bin = 'classes_41_45' then fewest end) as fewest_41,
        max(case when bin = 'classes_41_45' then most end) as most_45,
        max(case when bin = 'classes_46_50' then fewest end) as fewest_46,
        max(case when bin = 'classes_46_50' then most end) as most_50,
        max(case when bin = 'classes_51_55' then fewest end) as fewest_51,
        max(case when bin = 'classes_51_55' then most end) as most_55,
        max(case when bin = 'classes_56_60' then fewest end) as fewest_56,
        max(case when bin = 'classes_56_60' then most end) as most_60,
        max(case when bin = 'classes_61_65' then fewest end) as fewest_61,
        max(case when bin = 'classes_61_65' then most end) as most_65,
        max(case when bin = 'classes_from_66' then fewest end) as fewest_66
    from rulebook.class_size_bin
),
room as (
    select
        size.school_year,
        size.county_code,
        size.school_code,
        size.stage,
        enrolment.pupils,
        classes_26_30 * fewest_26 + classes_31_35 * fewest_31 + classes_36_40 * fewest_36 + classes_41_45 * fewest_41
        + classes_46_50 * fewest_46 + classes_51_55 * fewest_51 + classes_56_60 * fewest_56 + classes_61_65 * fewest_61
        + classes_from_66 * fewest_66 as fewest,
        case when classes_from_66 = 0 then
            classes_upto_25 * most_25 + classes_26_30 * most_30 + classes_31_35 * most_35 + classes_36_40 * most_40
            + classes_41_45 * most_45 + classes_46_50 * most_50 + classes_51_55 * most_55 + classes_56_60 * most_60
            + classes_61_65 * most_65
        end as most
    from returns.class_size as size
    join returns.enrolment as enrolment
        on enrolment.school_year = size.school_year
        and enrolment.school_code = size.school_code
        and enrolment.stage = size.stage
    cross join bound
)
select
    'class_size' as form,
    'classes' as field,
    school_year,
    county_code,
    school_code,
    stage,
    cast(pupils as varchar) as value,
    concat(cast(fewest as varchar), '–', coalesce(cast(most as varchar), '')) as expected
from room
where pupils < fewest or pupils > most
