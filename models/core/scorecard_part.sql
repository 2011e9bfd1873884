-- zh: 评估计分卡各部分的数值与判定（按县、学年、标准、部分、学段）
-- en: The parts of the scorecards with value, line, margin, verdict and reason, each taken from the table that judges it.
-- Every county has every part of a standard in force, so that what was not reported is seen (reason not_reported).
-- school_standard, school_attainment: value is the share of the schools with a verdict that attain, the line is all of them; fails are
-- the indicators below their line in a school (most schools first), of quality balance in a school that does not attain.
-- composite_coefficient, indicator_coefficient: the composite where the rulebook judges by it, else the indicator that lies highest
-- against its line; fails are the indicators above their lines (those of basic balance are for reference).
-- government_score: the score; where the score is open and already lost, margin is that of the best it can come to.
-- government_assurance, education_quality: items met of all items, margin is less the number of items not met.
-- satisfaction: of all groups; fails are the groups below the line.
-- entry_recognition: full school years since basic balance was recognised. entry_coefficient: the highest composite coefficient
-- of basic balance of the last years the rulebook asks for, this one included; fails are the years above the line.
-- reason: not_reported; that of the table; recognition_unreported; years_missing (no judged coefficient in one of the years).
-- grain: county_code, school_year, standard, part, stage
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   part: 部分 | Part of the scorecard
--   stage: 学段 | primary, junior or all
--   position: 序号 | Place of the part on the scorecard
--   entry: 是否前置条件 | Whether it is a condition of applying, not one of the four parts
--   value: 数值 | Value
--   line: 标准线 | Line of the value
--   margin: 距标准线 | Distance from the line in the unit of value; negative is short of it
--   verdict: 判定 | Whether the part holds; null where undecided
--   failed: 未达到数 | Schools, indicators, items, groups or years that fall short
--   undecided: 未判定数 | Those without a verdict
--   total: 总数 | All of them
--   fails: 不达标内容 | What falls short, comma-separated
--   reason: 未判定原因 | Why there is no verdict
with
part as (
    select standard, part, stage, position, entry
    from (
        values
            ('basic_2012', 'school_standard', 'primary', 1, false),
            ('basic_2012', 'school_standard', 'junior', 2, false),
            ('basic_2012', 'composite_coefficient', 'primary', 3, false),
            ('basic_2012', 'composite_coefficient', 'junior', 4, false),
            ('basic_2012', 'government_score', 'all', 5, false),
            ('basic_2012', 'satisfaction', 'all', 6, false),
            ('quality_2017', 'entry_recognition', 'all', 1, true),
            ('quality_2017', 'entry_coefficient', 'primary', 2, true),
            ('quality_2017', 'entry_coefficient', 'junior', 3, true),
            ('quality_2017', 'school_attainment', 'primary', 4, false),
            ('quality_2017', 'school_attainment', 'junior', 5, false),
            ('quality_2017', 'indicator_coefficient', 'primary', 6, false),
            ('quality_2017', 'indicator_coefficient', 'junior', 7, false),
            ('quality_2017', 'government_assurance', 'all', 8, false),
            ('quality_2017', 'education_quality', 'all', 9, false),
            ('quality_2017', 'satisfaction', 'all', 10, false)
    ) as part (standard, part, stage, position, entry)
),
county_year as (
    select reported.county_code, county.county_name, county.rule_region, reported.school_year
    from core.reported_county as reported
    join core.county as county on county.county_code = reported.county_code
    where reported.county_code <> '000000'
    group by 1, 2, 3, 4
),
-- A province may hold its schools to several standards: each has to be met by every school.
standard_share as (
    select
        county_code,
        school_year,
        stage,
        min(share) as share,
        case
            when bool_or(coalesce(not all_attain, false)) then false
            when count(all_attain) = count(*) then true
        end as verdict,
        sum(schools - schools_attaining) as failed,
        sum(schools_missing) as undecided,
        sum(schools + schools_missing) as total,
        max(reason) as reason
    from trends.county_standard
    group by 1, 2, 3
),
standard_below as (
    select county_code, school_year, stage, indicator, sum(schools_below) as schools
    from trends.county_standard_indicator
    where schools_below > 0
    group by 1, 2, 3, 4
),
standard_fails as (
    select county_code, school_year, stage, string_agg(indicator, ',' order by schools desc, indicator) as fails
    from standard_below
    group by 1, 2, 3
),
short as (
    select
        county_code,
        school_year,
        stage,
        count(case when not higher_degree_teachers_met then 1 end) as higher_degree_teachers,
        count(case when not backbone_teachers_met then 1 end) as backbone_teachers,
        count(case when not arts_sports_teachers_met then 1 end) as arts_sports_teachers,
        count(case when not teaching_area_met then 1 end) as teaching_area,
        count(case when not sports_area_met then 1 end) as sports_area,
        count(case when not equipment_value_met then 1 end) as equipment_value,
        count(case when not multimedia_rooms_met then 1 end) as multimedia_rooms
    from trends.school_attainment
    where not attains
    group by 1, 2, 3
),
short_of as (
    select county_code, school_year, stage, indicator, schools
    from short
    unpivot (
        schools for indicator in (
            higher_degree_teachers, backbone_teachers, arts_sports_teachers, teaching_area, sports_area, equipment_value,
            multimedia_rooms
        )
    )
    where schools > 0
),
attainment_fails as (
    select county_code, school_year, stage, string_agg(indicator, ',' order by schools desc, indicator) as fails
    from short_of
    group by 1, 2, 3
),
-- The indicator that lies highest against its line decides where every indicator is judged.
ranked as (
    select
        county_code,
        school_year,
        stage,
        standard,
        coefficient,
        threshold,
        row_number() over (
            partition by county_code, school_year, stage, standard
            order by coefficient / threshold desc nulls last, indicator
        ) as rank
    from trends.differential_coefficient
),
counted as (
    select
        county_code,
        school_year,
        stage,
        standard,
        count(case when coefficient > threshold + 1e-12 then 1 end) as failed,
        count(case when coefficient is null or threshold is null then 1 end) as undecided
    from trends.differential_coefficient
    group by 1, 2, 3, 4
),
coefficient as (
    select
        composite.county_code,
        composite.school_year,
        composite.standard,
        case when composite.standard = 'basic_2012' then 'composite_coefficient' else 'indicator_coefficient' end as part,
        composite.stage,
        case when composite.verdict_rule = 'composite' then composite.composite else ranked.coefficient end as value,
        case when composite.verdict_rule = 'composite' then composite.threshold else ranked.threshold end as line,
        composite.verdict,
        counted.failed,
        counted.undecided,
        composite.indicators as total,
        composite.indicators_above as fails,
        composite.reason
    from trends.composite_coefficient as composite
    join counted
        on counted.county_code = composite.county_code
        and counted.school_year = composite.school_year
        and counted.stage = composite.stage
        and counted.standard = composite.standard
    join ranked
        on ranked.rank = 1
        and ranked.county_code = composite.county_code
        and ranked.school_year = composite.school_year
        and ranked.stage = composite.stage
        and ranked.standard = composite.standard
),
unsatisfied as (
    select
        each.county_code,
        each.school_year,
        each.standard,
        count(case when each.satisfaction < whole.line - 1e-12 then 1 end) as failed,
        count(case when each.satisfaction is null then 1 end) as undecided,
        count(*) as total,
        string_agg(case when each.satisfaction < whole.line - 1e-12 then each."group" end, ',' order by each."group") as fails
    from trends.satisfaction as each
    join trends.satisfaction as whole
        on whole."group" = 'all'
        and whole.county_code = each.county_code
        and whole.school_year = each.school_year
        and whole.standard = each.standard
    where each."group" <> 'all'
    group by 1, 2, 3
),
-- The last years of basic balance by which a county may apply, each with the line of entry of the year of applying.
entry_line as (
    select
        rule_region,
        school_year,
        max(case when measure = 'entry_recognised_years' then line end) as recognised_years,
        max(case when measure = 'entry_coefficient_years' then line end) as coefficient_years,
        max(case when measure = 'entry_coefficient' and stage = 'primary' then line end) as primary_line,
        max(case when measure = 'entry_coefficient' and stage = 'junior' then line end) as junior_line
    from core.region_line
    where standard = 'quality_2017'
    group by 1, 2
),
entry_year as (
    select
        year.county_code,
        year.school_year,
        past.stage,
        max(line.coefficient_years) as years,
        max(case when past.stage = 'primary' then line.primary_line else line.junior_line end) as line,
        max(past.composite) as value,
        count(past.composite) as known,
        count(case
            when past.composite > case when past.stage = 'primary' then line.primary_line else line.junior_line end + 1e-12 then 1
        end) as failed,
        string_agg(case
            when past.composite > case when past.stage = 'primary' then line.primary_line else line.junior_line end + 1e-12
            then cast(past.school_year as varchar)
        end, ',' order by past.school_year) as fails
    from county_year as year
    join entry_line as line on line.rule_region = year.rule_region and line.school_year = year.school_year
    join trends.composite_coefficient as past
        on past.standard = 'basic_2012'
        and past.meets is not null
        and past.county_code = year.county_code
        and past.school_year <= year.school_year
        and past.school_year > year.school_year - line.coefficient_years
    group by 1, 2, 3
),
entry_recognition as (
    select
        year.county_code,
        year.school_year,
        case
            when recognition.status = 'recognised' then year.school_year - recognition.recognised_since
            when recognition.status <> 'unreported' then 0
        end as value,
        line.recognised_years as line
    from county_year as year
    join core.recognition as recognition
        on recognition.standard = 'basic_2012'
        and recognition.county_code = year.county_code
        and recognition.school_year = year.school_year
    left join entry_line as line on line.rule_region = year.rule_region and line.school_year = year.school_year
),
judged as (
    select
        share.county_code, share.school_year, 'basic_2012' as standard, 'school_standard' as part, share.stage,
        share.share as value, cast(1 as double) as line, share.share - 1 as margin, share.verdict,
        cast(share.failed as bigint) as failed, cast(share.undecided as bigint) as undecided,
        cast(share.total as bigint) as total, standard_fails.fails, share.reason
    from standard_share as share
    left join standard_fails
        on standard_fails.county_code = share.county_code
        and standard_fails.school_year = share.school_year
        and standard_fails.stage = share.stage
    union all
    select
        share.county_code, share.school_year, 'quality_2017', 'school_attainment', share.stage,
        share.share, cast(1 as double), share.share - 1, share.all_attain,
        share.schools - share.schools_attaining, share.schools_missing, share.schools + share.schools_missing,
        attainment_fails.fails, share.reason
    from trends.county_attainment as share
    left join attainment_fails
        on attainment_fails.county_code = share.county_code
        and attainment_fails.school_year = share.school_year
        and attainment_fails.stage = share.stage
    union all
    select
        county_code, school_year, standard, part, stage, value, line, line - value, verdict, failed, undecided, total, fails, reason
    from coefficient
    union all
    select
        county_code, school_year, standard, 'government_score', 'all', score, line,
        coalesce(margin, case when not verdict then best_possible - line end), verdict,
        items_failed, items_missing, items, failed, reason
    from trends.government_score
    where standard = 'basic_2012' and block = 'all'
    union all
    select
        county_code, school_year, standard, case block when 'assurance' then 'government_assurance' else block end, 'all',
        cast(items_met as double), cast(items as double), cast(-items_failed as double), verdict,
        items_failed, items_missing, items, failed, reason
    from trends.government_score
    where standard = 'quality_2017' and block <> 'all'
    union all
    select
        whole.county_code, whole.school_year, whole.standard, 'satisfaction', 'all',
        whole.satisfaction, whole.line, whole.margin, whole.verdict,
        unsatisfied.failed, unsatisfied.undecided, unsatisfied.total, unsatisfied.fails, whole.reason
    from trends.satisfaction as whole
    left join unsatisfied
        on unsatisfied.county_code = whole.county_code
        and unsatisfied.school_year = whole.school_year
        and unsatisfied.standard = whole.standard
    where whole."group" = 'all'
    union all
    select
        county_code, school_year, 'quality_2017', 'entry_recognition', 'all',
        cast(value as double), line, value - line, value >= line,
        null, null, null, null,
        case when value is null then 'recognition_unreported' when line is null then 'no_line' end
    from entry_recognition
    union all
    select
        county_code, school_year, 'quality_2017', 'entry_coefficient', stage,
        value, line, line - value,
        case when failed > 0 then false when known >= years and line is not null then true end,
        failed, cast(years as bigint) - known, cast(years as bigint), fails,
        case when failed > 0 then null when line is null then 'no_line' when known < years then 'years_missing' end
    from entry_year
)
select
    year.county_code,
    year.county_name,
    year.school_year,
    part.standard,
    part.part,
    part.stage,
    part.position,
    part.entry,
    judged.value,
    judged.line,
    judged.margin,
    judged.verdict,
    judged.failed,
    judged.undecided,
    judged.total,
    judged.fails,
    case when judged.verdict is null then coalesce(judged.reason, 'not_reported') end as reason
from county_year as year
join rulebook.standard as standard on standard.from_year <= year.school_year
join part on part.standard = standard.standard
left join judged
    on judged.county_code = year.county_code
    and judged.school_year = year.school_year
    and judged.standard = part.standard
    and judged.part = part.part
    and judged.stage = part.stage
order by year.county_code, year.school_year, part.standard, part.position
