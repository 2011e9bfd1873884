-- zh: 政府工作评估得分（按县、学年、标准、板块）
-- en: Scores of government work by county, school year, standard and block; block 'all' is the standard as a whole.
-- Scores are summed over the items that count. While one of them has none, there is a partial sum and no score: a partial
-- score is never called a total. best_possible adds what the missing items could bring at most (their points; where these
-- are not set, the rest of the block): a county whose best is under the line fails already. A block above its own points
-- has no score. Of a standard without points the items themselves are the verdict: every one is met.
-- reason: items_missing; above_points (a block exceeds its points); no_line (the rule has none for a block).
-- grain: county_code, school_year, standard, block
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   block: 板块 | Block, or all
--   position: 序号 | Position of the block (all: 0)
--   items: 项目数 | Items that count
--   items_missing: 缺项数 | Items without a score (without a verdict, where the standard has no points)
--   missing: 缺项 | These items, comma-separated
--   items_met: 达到项数 | Items whose verdict is met
--   items_failed: 未达到项数 | Items whose verdict is not met
--   failed: 未达到项目 | These items, comma-separated
--   items_computed: 计算取数项数 | Items that rest on what the warehouse computes
--   items_differing: 申报与计算不符项数 | Items whose declared and computed figures differ
--   differing: 不符项目 | These items, comma-separated (parts included)
--   evidence_missing: 缺佐证项数 | Items declared without evidence
--   points: 分值 | Points of the block, or of all blocks
--   score: 得分 | Score; null while an item is missing
--   partial_score: 已有项目得分 | Sum of the scores there are
--   best_possible: 最高可能得分 | What it can come to at most
--   declared_score: 自评得分 | Sum of the declared scores; null while one is missing
--   line: 合格线 | Line of the score
--   verdict: 判定 | Whether the score reaches its line, or every item is met; null where undecided
--   margin: 距合格线 | Score less line, points
--   reason: 未判定原因 | Why there is no verdict
with
item as (
    select
        *,
        case when standard = 'basic_2012' then score is null else verdict is null end as lacks
    from trends.government_work
    where counts and part_of = ''
),
-- A part that differs is told with its item's block.
differing as (
    select
        county_code,
        school_year,
        standard,
        block,
        count(*) as items_differing,
        string_agg(item, ',' order by position) as differing
    from trends.government_work
    where differs
    group by 1, 2, 3, 4
),
summed as (
    select
        county_code,
        county_name,
        school_year,
        standard,
        block,
        count(*) as items,
        count(case when lacks then 1 end) as items_missing,
        string_agg(case when lacks then item end, ',' order by position) as missing,
        count(case when verdict then 1 end) as items_met,
        count(case when not verdict then 1 end) as items_failed,
        string_agg(case when not verdict then item end, ',' order by position) as failed,
        count(case when source = 'computed' then 1 end) as items_computed,
        count(case when evidence_missing then 1 end) as evidence_missing,
        sum(score) as partial_score,
        sum(case when lacks then points end) as missing_points,
        count(case when lacks and points is null then 1 end) as missing_unknown,
        case when count(declared_score) = count(*) then sum(declared_score) end as declared_score
    from item
    group by 1, 2, 3, 4, 5
),
ranked as (
    select
        summed.*,
        rule.points,
        rule.position,
        row_number() over (
            partition by summed.county_code, summed.school_year, summed.standard, summed.block
            order by length(rule.region_code) desc
        ) as rank
    from summed
    join rulebook.government_block as rule
        on rule.standard = summed.standard
        and rule.block = summed.block
        and starts_with(summed.county_code, rule.region_code)
        and summed.school_year >= rule.from_year
        and summed.school_year <= coalesce(rule.to_year, summed.school_year)
),
block as (
    select
        ranked.*,
        coalesce(differing.items_differing, 0) as items_differing,
        differing.differing,
        partial_score > points + 1e-9 as above_points,
        case
            when points is null then null
            when items_missing = 0 then partial_score
            when missing_unknown > 0 then points
            else least(points, coalesce(partial_score, 0) + missing_points)
        end as best_possible
    from ranked
    left join differing
        on differing.county_code = ranked.county_code
        and differing.school_year = ranked.school_year
        and differing.standard = ranked.standard
        and differing.block = ranked.block
    where rank = 1
),
whole as (
    select
        county_code,
        max(county_name) as county_name,
        school_year,
        standard,
        'all' as block,
        0 as position,
        sum(items) as items,
        sum(items_missing) as items_missing,
        string_agg(missing, ',' order by position) as missing,
        sum(items_met) as items_met,
        sum(items_failed) as items_failed,
        string_agg(failed, ',' order by position) as failed,
        sum(items_computed) as items_computed,
        sum(items_differing) as items_differing,
        string_agg(differing, ',' order by position) as differing,
        sum(evidence_missing) as evidence_missing,
        sum(points) as points,
        sum(partial_score) as partial_score,
        sum(best_possible) as best_possible,
        case when count(declared_score) = count(*) then sum(declared_score) end as declared_score,
        bool_or(coalesce(above_points, false)) as above_points
    from block
    group by 1, 3, 4
    union all
    select
        county_code, county_name, school_year, standard, block, position, items, items_missing, missing, items_met,
        items_failed, failed, items_computed, items_differing, differing, evidence_missing, points, partial_score,
        best_possible, declared_score, coalesce(above_points, false)
    from block
),
judged as (
    select
        whole.*,
        line.line,
        case when whole.points is not null and whole.items_missing = 0 and not whole.above_points then whole.partial_score end
            as score
    from whole
    join core.county as county on county.county_code = whole.county_code
    left join core.region_line as line
        on line.measure = 'government_score'
        and line.stage = 'compulsory'
        and whole.block = 'all'
        and line.rule_region = county.rule_region
        and line.school_year = whole.school_year
        and line.standard = whole.standard
),
decided as (
    select
        *,
        case
            when points is null and items_failed > 0 then false
            when points is null then case when items_missing = 0 then true end
            when score is not null then score >= line - 1e-9
            when not above_points and best_possible < line - 1e-9 then false
        end as verdict
    from judged
)
select
    county_code,
    county_name,
    school_year,
    standard,
    block,
    position,
    cast(items as bigint) as items,
    cast(items_missing as bigint) as items_missing,
    missing,
    cast(items_met as bigint) as items_met,
    cast(items_failed as bigint) as items_failed,
    failed,
    cast(items_computed as bigint) as items_computed,
    cast(items_differing as bigint) as items_differing,
    differing,
    cast(evidence_missing as bigint) as evidence_missing,
    points,
    score,
    partial_score,
    best_possible,
    declared_score,
    line,
    verdict,
    score - line as margin,
    case
        when verdict is not null then null
        when above_points then 'above_points'
        when items_missing > 0 then 'items_missing'
        else 'no_line'
    end as reason
from decided
order by county_code, school_year, standard, position
