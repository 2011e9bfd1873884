-- zh: 班额分布（按县、学年、学段）
-- en: Classes by size, by county, school year and stage, against the line of class size and those of large classes.
-- Every school of the county that files classes of the stage counts, private ones and teaching points included, special
-- education not (core.school_stage). The bounds of the bins of the form stand in rulebook.class_size_bin: a bin at most at the
-- line is within it, one beginning above is over it, one across the line is neither (classes_undecided). large are all
-- classes from the line of large classes on, oversize ones included. A class over the line decides against the county.
-- reason: county_unknown; no_classes; missing_values (a school without classes by size, or classes undecided); no_line.
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   schools: 学校数 | Schools with classes by size
--   schools_missing: 数据缺失学校数 | Schools with pupils that lack them
--   pupils: 在校生数 | Pupils of the schools with classes by size
--   classes: 班数 | Classes
--   classes_upto_25: 25人及以下班数 | Classes of up to 25 pupils
--   classes_26_30: 26-30人班数 | Classes of 26–30 pupils
--   classes_31_35: 31-35人班数 | Classes of 31–35 pupils
--   classes_36_40: 36-40人班数 | Classes of 36–40 pupils
--   classes_41_45: 41-45人班数 | Classes of 41–45 pupils
--   classes_46_50: 46-50人班数 | Classes of 46–50 pupils
--   classes_51_55: 51-55人班数 | Classes of 51–55 pupils
--   classes_56_60: 56-60人班数 | Classes of 56–60 pupils
--   classes_61_65: 61-65人班数 | Classes of 61–65 pupils
--   classes_from_66: 66人及以上班数 | Classes of 66 and more pupils
--   mean_size: 平均班额 | Pupils ÷ classes, of the schools that have both
--   size_limit: 班额标准 | Largest class the rulebook allows
--   classes_within: 标准班额内班数 | Classes within the line
--   classes_over: 超过标准班额班数 | Classes over the line
--   classes_undecided: 跨线班数 | Classes in a bin that lies across the line
--   share_within: 标准班额比例 | Classes within ÷ classes
--   large_from: 大班额界线 | Pupils from which a class is large
--   large_classes: 大班额班数 | Large classes
--   large_share: 大班额比例 | Large classes ÷ classes
--   oversize_from: 超大班额界线 | Pupils from which a class is oversize
--   oversize_classes: 超大班额班数 | Oversize classes
--   oversize_share: 超大班额比例 | Oversize classes ÷ classes
--   schools_over: 有超标班额的学校数 | Schools with a class over the line
--   meets: 是否达标 | Whether no class is over the line; null where withheld
--   reason: 未判定原因 | Why there is no verdict
with
line as (
    select
        rule_region,
        school_year,
        stage,
        max(case when measure = 'class_size_limit' then line end) as size_limit,
        max(case when measure = 'large_class_from' then line end) as large_from,
        max(case when measure = 'oversize_class_from' then line end) as oversize_from
    from core.region_line
    where measure in ('class_size_limit', 'large_class_from', 'oversize_class_from')
    group by 1, 2, 3
),
-- Which bins begin above the line, wide, so that schools can be told from their own row.
over as (
    select
        line.rule_region,
        line.school_year,
        line.stage,
        max(case when bin = 'classes_upto_25' and fewest > size_limit then 1 else 0 end) as over_upto_25,
        max(case when bin = 'classes_26_30' and fewest > size_limit then 1 else 0 end) as over_26_30,
        max(case when bin = 'classes_31_35' and fewest > size_limit then 1 else 0 end) as over_31_35,
        max(case when bin = 'classes_36_40' and fewest > size_limit then 1 else 0 end) as over_36_40,
        max(case when bin = 'classes_41_45' and fewest > size_limit then 1 else 0 end) as over_41_45,
        max(case when bin = 'classes_46_50' and fewest > size_limit then 1 else 0 end) as over_46_50,
        max(case when bin = 'classes_51_55' and fewest > size_limit then 1 else 0 end) as over_51_55,
        max(case when bin = 'classes_56_60' and fewest > size_limit then 1 else 0 end) as over_56_60,
        max(case when bin = 'classes_61_65' and fewest > size_limit then 1 else 0 end) as over_61_65,
        max(case when bin = 'classes_from_66' and fewest > size_limit then 1 else 0 end) as over_from_66
    from line
    cross join rulebook.class_size_bin as bin
    group by 1, 2, 3
),
school as (
    select
        fact.county_code,
        fact.school_year,
        fact.stage,
        enrolment.pupils,
        size.classes,
        size.classes_upto_25,
        size.classes_26_30,
        size.classes_31_35,
        size.classes_36_40,
        size.classes_41_45,
        size.classes_46_50,
        size.classes_51_55,
        size.classes_56_60,
        size.classes_61_65,
        size.classes_from_66,
        coalesce(size.classes_upto_25, 0) + coalesce(size.classes_26_30, 0) + coalesce(size.classes_31_35, 0) + coalesce(size.classes_36_40, 0) + coalesce(size.classes_41_45, 0) + coalesce(size.classes_46_50, 0) + coalesce(size.classes_51_55, 0) + coalesce(size.classes_56_60, 0) + coalesce(size.classes_61_65, 0) + coalesce(size.classes_from_66, 0) as in_bins,
        coalesce(size.classes_upto_25, 0) * over_upto_25 + coalesce(size.classes_26_30, 0) * over_26_30 + coalesce(size.classes_31_35, 0) * over_31_35 + coalesce(size.classes_36_40, 0) * over_36_40 + coalesce(size.classes_41_45, 0) * over_41_45 + coalesce(size.classes_46_50, 0) * over_46_50 + coalesce(size.classes_51_55, 0) * over_51_55 + coalesce(size.classes_56_60, 0) * over_56_60 + coalesce(size.classes_61_65, 0) * over_61_65 + coalesce(size.classes_from_66, 0) * over_from_66 as classes_over
    from core.school_stage as fact
    left join returns.class_size as size
        on size.school_code = fact.school_code and size.school_year = fact.school_year and size.stage = fact.stage
    left join returns.enrolment as enrolment
        on enrolment.school_code = fact.school_code
        and enrolment.school_year = fact.school_year
        and enrolment.stage = fact.stage
    left join core.county_setting as setting
        on setting.county_code = fact.county_code and setting.school_year = fact.school_year
    left join over
        on over.rule_region = setting.rule_region
        and over.school_year = fact.school_year
        and over.stage = fact.stage
    where fact.reason not in ('special_education', 'vocational', 'senior_only', 'stage_not_provided') or size.classes > 0
),
-- Bins that do not make up the classes are not known.
total as (
    select
        county_code,
        school_year,
        stage,
        count(case when classes = in_bins then 1 end) as schools,
        count(case when classes is null and coalesce(pupils, 1) > 0 or classes <> in_bins then 1 end) as schools_missing,
        cast(sum(case when classes = in_bins then pupils end) as bigint) as pupils,
        cast(sum(case when classes = in_bins then classes end) as bigint) as classes,
        cast(sum(case when classes = in_bins and pupils is not null then classes end) as bigint) as classes_of_pupils,
        cast(coalesce(sum(case when classes = in_bins then classes_upto_25 end), 0) as bigint) as classes_upto_25,
        cast(coalesce(sum(case when classes = in_bins then classes_26_30 end), 0) as bigint) as classes_26_30,
        cast(coalesce(sum(case when classes = in_bins then classes_31_35 end), 0) as bigint) as classes_31_35,
        cast(coalesce(sum(case when classes = in_bins then classes_36_40 end), 0) as bigint) as classes_36_40,
        cast(coalesce(sum(case when classes = in_bins then classes_41_45 end), 0) as bigint) as classes_41_45,
        cast(coalesce(sum(case when classes = in_bins then classes_46_50 end), 0) as bigint) as classes_46_50,
        cast(coalesce(sum(case when classes = in_bins then classes_51_55 end), 0) as bigint) as classes_51_55,
        cast(coalesce(sum(case when classes = in_bins then classes_56_60 end), 0) as bigint) as classes_56_60,
        cast(coalesce(sum(case when classes = in_bins then classes_61_65 end), 0) as bigint) as classes_61_65,
        cast(coalesce(sum(case when classes = in_bins then classes_from_66 end), 0) as bigint) as classes_from_66,
        count(case when classes = in_bins and classes_over > 0 then 1 end) as schools_over
    from school
    group by 1, 2, 3
),
-- By county there are few enough to be turned into rows.
bins as (
    select county_code, school_year, stage, bin, classes_in_bin
    from total
    unpivot (classes_in_bin for bin in (classes_upto_25, classes_26_30, classes_31_35, classes_36_40, classes_41_45, classes_46_50, classes_51_55, classes_56_60, classes_61_65, classes_from_66))
),
judged as (
    select
        bins.county_code,
        bins.school_year,
        bins.stage,
        line.size_limit,
        line.large_from,
        line.oversize_from,
        cast(sum(case when bin.most <= line.size_limit then classes_in_bin else 0 end) as bigint) as classes_within,
        cast(sum(case when bin.fewest > line.size_limit then classes_in_bin else 0 end) as bigint) as classes_over,
        cast(sum(
            case when bin.fewest <= line.size_limit and coalesce(bin.most > line.size_limit, true) then classes_in_bin else 0 end
        ) as bigint) as classes_undecided,
        cast(sum(case when bin.fewest >= line.large_from then classes_in_bin else 0 end) as bigint) as large_classes,
        cast(sum(case when bin.fewest >= line.oversize_from then classes_in_bin else 0 end) as bigint) as oversize_classes
    from bins
    join rulebook.class_size_bin as bin on bin.bin = bins.bin
    join core.county_setting as setting
        on setting.county_code = bins.county_code and setting.school_year = bins.school_year
    left join line
        on line.rule_region = setting.rule_region
        and line.school_year = bins.school_year
        and line.stage = bins.stage
    group by 1, 2, 3, 4, 5, 6
),
decided as (
    select
        total.*,
        county.county_name,
        judged.size_limit,
        judged.large_from,
        judged.oversize_from,
        case when judged.size_limit is not null then judged.classes_within end as classes_within,
        case when judged.size_limit is not null then judged.classes_over end as classes_over,
        case when judged.size_limit is not null then judged.classes_undecided end as classes_undecided,
        case when judged.large_from is not null then judged.large_classes end as large_classes,
        case when judged.oversize_from is not null then judged.oversize_classes end as oversize_classes,
        case
            when total.county_code = '000000' or judged.size_limit is null then null
            when judged.classes_over > 0 then false
            when total.classes > 0 and total.schools_missing = 0 and judged.classes_undecided = 0 then true
        end as meets
    from total
    join core.county as county on county.county_code = total.county_code
    join judged
        on judged.county_code = total.county_code
        and judged.school_year = total.school_year
        and judged.stage = total.stage
)
select
    county_code,
    county_name,
    school_year,
    stage,
    schools,
    schools_missing,
    pupils,
    classes,
    classes_upto_25,
    classes_26_30,
    classes_31_35,
    classes_36_40,
    classes_41_45,
    classes_46_50,
    classes_51_55,
    classes_56_60,
    classes_61_65,
    classes_from_66,
    pupils / nullif(classes_of_pupils, 0) as mean_size,
    size_limit,
    classes_within,
    classes_over,
    classes_undecided,
    classes_within / nullif(classes, 0) as share_within,
    large_from,
    large_classes,
    large_classes / nullif(classes, 0) as large_share,
    oversize_from,
    oversize_classes,
    oversize_classes / nullif(classes, 0) as oversize_share,
    case when size_limit is not null then schools_over end as schools_over,
    meets,
    case
        when meets is not null then null
        when county_code = '000000' then 'county_unknown'
        when schools + schools_missing = 0 or (classes = 0 and schools_missing = 0) then 'no_classes'
        when size_limit is null then 'no_line'
        else 'missing_values'
    end as reason
from decided
order by county_code, school_year, stage
