-- zh: 义务教育基本均衡评估计分卡（按县、学年）
-- en: Scorecard of basic balance (教督〔2012〕3号), one line per county and school year: four parts, all of which must hold.
-- Every school meets the provincial standard; the composite differential coefficient of each stage is within its line; the
-- government's work scores enough; the public is satisfied. verdict is true when all four hold, false as soon as one fails,
-- else null. A part of two stages holds when both do. Each part by stage, with line and margin: trends.scorecard_part, which also
-- says what standing and retreat mean; here they are of the scorecard as a whole (of the verdict).
-- reason: open_parts names the parts that keep the verdict open; reason is why the first of them is.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   verdict: 判定 | Whether all four parts hold; null where undecided
--   parts_met: 达到部分数 | Parts that hold
--   parts_failed: 未达到部分数 | Parts that fail
--   parts_open: 未判定部分数 | Parts without a verdict
--   failed_parts: 未达到部分 | Parts that fail, as part/stage, comma-separated
--   open_parts: 未判定部分 | Parts without a verdict, as part/stage, comma-separated
--   reason: 未判定原因 | Why there is no verdict
--   school_standard_verdict: 学校办学标准判定 | Whether every school meets the provincial standard
--   coefficient_verdict: 差异系数判定 | Whether the composite coefficients are within their lines
--   government_verdict: 政府工作判定 | Whether the government's work scores enough
--   satisfaction_verdict: 公众满意度判定 | Whether the public is satisfied
--   school_share_primary: 小学办学标准达标率 | Share of the primary schools that meet the standard
--   school_share_junior: 初中办学标准达标率 | Share of the junior schools that meet the standard
--   composite_primary: 小学综合差异系数 | Composite coefficient, primary
--   composite_junior: 初中综合差异系数 | Composite coefficient, junior
--   government_score: 政府工作得分 | Score of government work
--   satisfaction: 公众满意度 | Satisfaction, a fraction
--   weakest_part: 最弱部分 | Part with the least relative margin, as part/stage
--   weakest_margin: 最弱部分相对距离 | Its relative margin (negative: short of the line)
--   failing_since: 连续不达标起始学年 | First of the school years in a row, among those with a verdict, in which it failed
--   recognised_since: 认定学年 | School year in which the state recognised basic balance
--   recognition_document: 认定文件 | Document of the recognition
--   withdrawn_in: 撤销认定学年 | School year in which the recognition was withdrawn
--   verdict_when_recognised: 认定学年的判定 | Verdict of the figures of the school year of recognition
--   standing: 认定后状态 | unreported, not_recognised, recognised, held, retreat, recovered, open or withdrawn
--   retreat: 认定后是否滑坡 | Whether a recognised county fails in this year
--   retreat_since: 滑坡起始学年 | First school year of the retreat that goes on, or was the last one to end
--   retreat_years: 滑坡年数 | School years from then to this one, while it goes on
--   retreat_parts: 滑坡部分 | Parts in retreat, as part/stage, comma-separated
--   recovered_in: 恢复学年 | First school year in which all parts held again
with
part as (
    select
        *,
        case when stage = 'all' then part else part || '/' || stage end as name,
        row_number() over (
            partition by county_code, school_year
            order by relative_margin nulls last, position
        ) as weakness
    from trends.scorecard_part
    where standard = 'basic_2012'
),
wide as (
    select
        county_code,
        county_name,
        school_year,
        case
            when bool_or(part = 'school_standard' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'school_standard' and verdict is null) then true
        end as school_standard_verdict,
        case
            when bool_or(part = 'composite_coefficient' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'composite_coefficient' and verdict is null) then true
        end as coefficient_verdict,
        case
            when bool_or(part = 'government_score' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'government_score' and verdict is null) then true
        end as government_verdict,
        case
            when bool_or(part = 'satisfaction' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'satisfaction' and verdict is null) then true
        end as satisfaction_verdict,
        max(case when part = 'school_standard' and stage = 'primary' then value end) as school_share_primary,
        max(case when part = 'school_standard' and stage = 'junior' then value end) as school_share_junior,
        max(case when part = 'composite_coefficient' and stage = 'primary' then value end) as composite_primary,
        max(case when part = 'composite_coefficient' and stage = 'junior' then value end) as composite_junior,
        max(case when part = 'government_score' and stage = 'all' then value end) as government_score,
        max(case when part = 'satisfaction' and stage = 'all' then value end) as satisfaction,
        string_agg(case when not verdict then name end, ',' order by position) as failed_parts,
        string_agg(case when verdict is null then name end, ',' order by position) as open_parts,
        arg_min(case when verdict is null then reason end, case when verdict is null then position end) as first_reason,
        max(case when weakness = 1 and relative_margin is not null then name end) as weakest_part,
        max(case when weakness = 1 then relative_margin end) as weakest_margin,
        string_agg(case when retreat then name end, ',' order by position) as retreat_parts
    from part
    group by 1, 2, 3
)
select
    wide.county_code,
    wide.county_name,
    wide.school_year,
    standing.verdict,
    case when wide.school_standard_verdict then 1 else 0 end
    + case when wide.coefficient_verdict then 1 else 0 end
    + case when wide.government_verdict then 1 else 0 end
    + case when wide.satisfaction_verdict then 1 else 0 end as parts_met,
    case when not wide.school_standard_verdict then 1 else 0 end
    + case when not wide.coefficient_verdict then 1 else 0 end
    + case when not wide.government_verdict then 1 else 0 end
    + case when not wide.satisfaction_verdict then 1 else 0 end as parts_failed,
    case when wide.school_standard_verdict is null then 1 else 0 end
    + case when wide.coefficient_verdict is null then 1 else 0 end
    + case when wide.government_verdict is null then 1 else 0 end
    + case when wide.satisfaction_verdict is null then 1 else 0 end as parts_open,
    wide.failed_parts,
    wide.open_parts,
    case when standing.verdict is null then wide.first_reason end as reason,
    wide.school_standard_verdict,
    wide.coefficient_verdict,
    wide.government_verdict,
    wide.satisfaction_verdict,
    wide.school_share_primary,
    wide.school_share_junior,
    wide.composite_primary,
    wide.composite_junior,
    wide.government_score,
    wide.satisfaction,
    wide.weakest_part,
    wide.weakest_margin,
    standing.failing_since,
    standing.recognised_since,
    standing.document as recognition_document,
    standing.withdrawn_in,
    standing.verdict_when_recognised,
    standing.standing,
    standing.retreat,
    standing.retreat_since,
    standing.retreat_years,
    wide.retreat_parts,
    standing.recovered_in
from wide
join core.scorecard_standing as standing
    on standing.standard = 'basic_2012'
    and standing.part = 'all'
    and standing.county_code = wide.county_code
    and standing.school_year = wide.school_year
order by wide.county_code, wide.school_year
