-- zh: 政府工作评估（按县、学年、项目）
-- en: Government work by county, school year and item: declared, computed, and where the two differ.
-- 教督〔2012〕3号: 17 items in four blocks that carry points (an item's points are set locally: without them only what is
-- declared can be scored). 教督〔2017〕6号: 15 items of assurance and 9 of quality that are met or not. An item that a
-- province adds is a row of the rulebook for its region. An item may have parts (part_of), each with its line; the item is
-- met when all of its parts are, and not met as soon as one is not.
-- What the warehouse can compute is computed (trends.government_measure); the rulebook says whether that or what was
-- declared counts where both exist. A line of the item itself goes before the verdict of the trend table. Scoring:
-- all_or_nothing gives the points when met; proportional gives value ÷ line of them, at most all.
-- differs: the declared and the computed verdict, score or value (beyond the rulebook's tolerance) are not the same.
-- reason, of the score (basic) or the verdict (quality): several_codes; quarantined; above_points (the score exceeds the
-- points of the item); not_reported; value_missing; no_line.
-- grain: county_code, school_year, item
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   block: 板块 | Block
--   item: 项目 | Item
--   part_of: 所属项目 | Item that this is a part of (empty: an item of its own)
--   position: 序号 | Position
--   counts: 是否计入 | Whether the item counts
--   points: 分值 | Points of the item (null: not set, or none)
--   line: 标准线 | Line of the item, where it is a rate or a figure
--   comparison: 比较方式 | at_least, at_most, above or below
--   declared_score: 自评得分 | Score as declared
--   declared_value: 申报值 | Value as declared
--   declared_meets: 申报判定 | Whether the declared value reaches the line, else whether it was declared met
--   evidence: 佐证材料 | Evidence: its reference
--   evidence_missing: 是否缺佐证 | Whether something was declared without evidence
--   note: 说明 | Note
--   computed_from: 计算来源 | Measure of trends.government_measure, or declared
--   computed_value: 计算值 | Value as computed
--   computed_meets: 计算判定 | Verdict as computed
--   computed_score: 计算得分 | Score that follows from it
--   computed_reason: 未计算原因 | Why nothing was computed (not_computed: the warehouse has no data on it)
--   score_difference: 得分差 | Declared less computed score
--   value_difference: 数值差 | Declared less computed value
--   differs: 申报与计算是否不符 | Whether declared and computed differ (null: not both are there)
--   source: 取数 | What counts: computed or declared
--   score: 得分 | Score that counts
--   value: 采用值 | Value that counts
--   verdict: 判定 | Whether the item is met; null where it is only scored, or open
--   margin: 距标准线 | Value less line, turned so that negative is short of it
--   reason: 未判定原因 | Why there is no score (basic) or no verdict (quality)
--   document: 依据文件 | Rule document
with
county_year as (
    select reported.county_code, county.county_name, reported.school_year
    from core.reported_county as reported
    join core.county as county on county.county_code = reported.county_code
    where reported.county_code <> '000000'
    group by 1, 2, 3
),
-- Rows of the rulebook for the regions that have any of their own; the longest code that holds a county stands for all.
region as (
    select '' as region_code
    union
    select region_code from rulebook.government_item_line
    union
    select region_code from rulebook.choice where setting in ('government_work_source', 'government_value_tolerance')
),
county_region as (
    select county_year.county_code, arg_max(region.region_code, length(region.region_code)) as region_code
    from county_year
    join region on starts_with(county_year.county_code, region.region_code)
    group by 1
),
year as (
    select school_year from county_year group by 1
),
ranked as (
    select
        region.region_code,
        year.school_year,
        line.item,
        line.points,
        line.line,
        line.scoring,
        line.counts,
        line.document,
        row_number() over (
            partition by region.region_code, year.school_year, line.item
            order by length(line.region_code) desc
        ) as rank
    from region
    cross join year
    join rulebook.government_item_line as line
        on starts_with(region.region_code, line.region_code)
        and year.school_year >= line.from_year
        and year.school_year <= coalesce(line.to_year, year.school_year)
),
chosen as (
    select
        region.region_code,
        year.school_year,
        choice.setting,
        arg_max(choice.value, length(choice.region_code)) as value
    from region
    cross join year
    join rulebook.choice as choice
        on choice.setting in ('government_work_source', 'government_value_tolerance')
        and starts_with(region.region_code, choice.region_code)
        and year.school_year >= choice.from_year
        and year.school_year <= coalesce(choice.to_year, year.school_year)
    group by 1, 2, 3
),
setting as (
    select
        region_code,
        school_year,
        max(case when setting = 'government_work_source' then value end) as source,
        cast(max(case when setting = 'government_value_tolerance' then value end) as double) as tolerance
    from chosen
    group by 1, 2
),
rule as (
    select ranked.*, item.standard, item.block, item.part_of, item.position, item.unit, item.comparison, item.computed_from
    from ranked
    join rulebook.government_item as item on item.item = ranked.item
    where ranked.rank = 1
),
bad as (
    select
        county.county_code,
        quarantine.school_year,
        split_part(quarantine.row_key, '|', 2) as item
    from returns.quarantine as quarantine
    join core.reported_county as county
        on county.reported_code = split_part(quarantine.row_key, '|', 1)
        and county.school_year = quarantine.school_year
    where quarantine.form = 'government_work' and quarantine.row_key is not null
    group by 1, 2, 3
),
said as (
    select
        county.county_code,
        work.school_year,
        work.item,
        count(*) as codes,
        max(work.score) as score,
        max(work.rate) as rate,
        max(work.value) as value,
        max(work.met) as met,
        max(work.evidence) as evidence,
        max(work.note) as note
    from returns.government_work as work
    join core.reported_county as county
        on county.reported_code = work.county_code and county.school_year = work.school_year
    group by 1, 2, 3
),
figure as (
    select
        county_year.county_code,
        county_year.county_name,
        county_year.school_year,
        rule.standard,
        rule.block,
        rule.item,
        rule.part_of,
        rule.position,
        rule.counts,
        rule.points,
        rule.line,
        rule.comparison,
        rule.scoring,
        rule.computed_from,
        rule.document,
        setting.source as preferred,
        setting.tolerance,
        bad.item is not null as quarantined,
        coalesce(said.codes, 0) as codes,
        said.score as stated_score,
        case
            when said.codes = 1 and bad.item is null and (rule.points is null or said.score <= rule.points + 1e-9)
            then said.score
        end as declared_score,
        case when said.codes = 1 and bad.item is null then case when rule.unit = 'share' then said.rate else said.value end end
            as declared_value,
        case when said.codes = 1 and bad.item is null then said.met = 1 end as declared_met,
        said.evidence,
        said.note,
        measure.value as computed_value,
        measure.meets as measure_meets,
        case
            when rule.computed_from = 'declared' or measure.measure is null then 'not_computed'
            else measure.reason
        end as computed_reason
    from county_year
    join county_region on county_region.county_code = county_year.county_code
    join rule on rule.region_code = county_region.region_code and rule.school_year = county_year.school_year
    join setting
        on setting.region_code = county_region.region_code and setting.school_year = county_year.school_year
    left join said
        on said.county_code = county_year.county_code
        and said.school_year = county_year.school_year
        and said.item = rule.item
    left join bad
        on bad.county_code = county_year.county_code
        and bad.school_year = county_year.school_year
        and bad.item = rule.item
    left join trends.government_measure as measure
        on measure.county_code = county_year.county_code
        and measure.school_year = county_year.school_year
        and measure.measure = rule.computed_from
),
compared as (
    select
        *,
        case
            when line is null or declared_value is null then declared_met
            when comparison = 'at_least' then declared_value >= line - 1e-12
            when comparison = 'at_most' then declared_value <= line + 1e-12
            when comparison = 'above' then declared_value > line + 1e-12
            else declared_value < line - 1e-12
        end as own_declared_meets,
        case
            when line is null or computed_value is null then measure_meets
            when comparison = 'at_least' then computed_value >= line - 1e-12
            when comparison = 'at_most' then computed_value <= line + 1e-12
            when comparison = 'above' then computed_value > line + 1e-12
            else computed_value < line - 1e-12
        end as own_computed_meets
    from figure
),
-- What is known of the parts of an item, declared and computed together by the choice of the rulebook.
part as (
    select
        county_code,
        school_year,
        part_of as item,
        count(*) as parts,
        count(case when preferred = 'computed' then coalesce(own_computed_meets, own_declared_meets) else own_declared_meets end)
            as decided,
        bool_and(case when preferred = 'computed' then coalesce(own_computed_meets, own_declared_meets) else own_declared_meets end)
            as all_met,
        count(own_declared_meets) as declared_decided,
        bool_and(own_declared_meets) as declared_all_met,
        count(own_computed_meets) as computed_decided,
        bool_and(own_computed_meets) as computed_all_met
    from compared
    where part_of <> ''
    group by 1, 2, 3
),
joined as (
    select
        compared.*,
        part.parts,
        case
            when part.parts is null then own_declared_meets
            when not part.declared_all_met or part.declared_decided = part.parts then part.declared_all_met
            else own_declared_meets
        end as declared_meets,
        case
            when part.parts is null then own_computed_meets
            when not part.computed_all_met or part.computed_decided = part.parts then part.computed_all_met
        end as computed_meets,
        case when not part.all_met or part.decided = part.parts then part.all_met end as parts_verdict,
        coalesce(part.decided, 0) as parts_decided
    from compared
    left join part
        on part.county_code = compared.county_code
        and part.school_year = compared.school_year
        and part.item = compared.item
),
scored as (
    select
        *,
        case
            when points is null or scoring = 'declared' then null
            when scoring = 'proportional' and line > 0 and computed_value is not null
            then points * least(1, computed_value / line)
            when computed_meets then points
            when not computed_meets then 0
        end as computed_score
    from joined
),
settled as (
    select
        *,
        case when preferred = 'computed' then coalesce(computed_score, declared_score) else declared_score end as score,
        case when preferred = 'computed' then coalesce(computed_value, declared_value) else declared_value end as value,
        case
            when parts is not null then coalesce(parts_verdict, case when parts_decided = 0 then declared_meets end)
            when preferred = 'computed' then coalesce(computed_meets, declared_meets)
            else declared_meets
        end as verdict,
        case
            when preferred = 'computed' and (computed_score is not null or computed_meets is not null or computed_value is not null)
            then 'computed'
            when declared_score is not null or declared_meets is not null or declared_value is not null then 'declared'
        end as source
    from scored
)
select
    county_code,
    county_name,
    school_year,
    standard,
    block,
    item,
    part_of,
    position,
    counts,
    points,
    line,
    comparison,
    declared_score,
    declared_value,
    declared_meets,
    evidence,
    codes > 0 and evidence is null as evidence_missing,
    note,
    computed_from,
    computed_value,
    computed_meets,
    computed_score,
    computed_reason,
    declared_score - computed_score as score_difference,
    declared_value - computed_value as value_difference,
    case
        when abs(declared_score - computed_score) > 1e-9 then true
        when abs(declared_value - computed_value) > tolerance + 1e-12 then true
        when declared_meets <> computed_meets then true
        when declared_score is not null and computed_score is not null then false
        when declared_value is not null and computed_value is not null then false
        when declared_meets is not null and computed_meets is not null then false
    end as differs,
    source,
    score,
    value,
    verdict,
    case when comparison in ('at_least', 'above') then value - line else line - value end as margin,
    case
        when standard = 'basic_2012' and score is not null then null
        when standard <> 'basic_2012' and verdict is not null then null
        when codes > 1 then 'several_codes'
        when quarantined then 'quarantined'
        when stated_score > points + 1e-9 then 'above_points'
        when codes = 0 and parts_decided = 0 then 'not_reported'
        when value is not null and line is null then 'no_line'
        else 'value_missing'
    end as reason,
    document
from settled
order by county_code, school_year, position
