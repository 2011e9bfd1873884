-- zh: 义务教育优质均衡评估计分卡（按县、学年）
-- en: Scorecard of quality balance (教督〔2017〕6号), one line per county and school year: entry conditions and four parts.
-- Resource allocation: every school attains (the rulebook's number of lines met and no value under the floor), and the
-- coefficient of every indicator is within its line. Government assurance and education quality: all of their items.
-- Social recognition: satisfaction. Entry: basic balance recognised for so many years, its composite coefficients within the
-- lines of entry in each of so many last years. verdict is true when entry conditions and all four parts hold, false as
-- soon as one fails, else null; content_verdict is of the four parts alone, and so are standing and retreat: a county that
-- is recognised is not asked for the entry conditions again. Each part by stage: trends.scorecard_part.
-- reason: open_parts names the parts that keep the verdict open; reason is why the first of them is.
-- grain: county_code, school_year
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   verdict: 判定 | Whether entry conditions and all four parts hold; null where undecided
--   entry_verdict: 前置条件判定 | Whether the entry conditions hold
--   content_verdict: 四部分判定 | Whether the four parts hold
--   parts_met: 达到部分数 | Of the four parts, those that hold
--   parts_failed: 未达到部分数 | Of the four parts, those that fail
--   parts_open: 未判定部分数 | Of the four parts, those without a verdict
--   failed_parts: 未达到部分 | Parts and entry conditions that fail, as part/stage, comma-separated
--   open_parts: 未判定部分 | Parts and entry conditions without a verdict, as part/stage, comma-separated
--   reason: 未判定原因 | Why there is no verdict
--   resources_verdict: 资源配置判定 | Resource allocation: every school attains, every coefficient is within its line
--   school_attainment_verdict: 学校达标判定 | Whether every school attains
--   coefficient_verdict: 差异系数判定 | Whether the coefficients are within their lines
--   assurance_verdict: 政府保障判定 | Whether all items of government assurance are met
--   education_quality_verdict: 教育质量判定 | Whether all items of education quality are met
--   satisfaction_verdict: 社会认可度判定 | Whether social recognition reaches its line
--   school_share_primary: 小学资源配置达标率 | Share of the primary schools that attain
--   school_share_junior: 初中资源配置达标率 | Share of the junior schools that attain
--   coefficient_primary: 小学最接近标准线的差异系数 | Coefficient that lies highest against its line, primary
--   coefficient_junior: 初中最接近标准线的差异系数 | Coefficient that lies highest against its line, junior
--   assurance_met: 政府保障达到项数 | Items of government assurance met
--   education_quality_met: 教育质量达到项数 | Items of education quality met
--   satisfaction: 社会认可度 | Satisfaction, a fraction
--   weakest_part: 最弱部分 | Of the four parts, the one with the least relative margin, as part/stage
--   weakest_margin: 最弱部分相对距离 | Its relative margin (negative: short of the line)
--   failing_since: 连续不达标起始学年 | First of the school years in a row, among those with a verdict, in which the four parts failed
--   recognised_since: 认定学年 | School year in which the state recognised quality balance
--   recognition_document: 认定文件 | Document of the recognition
--   withdrawn_in: 撤销认定学年 | School year in which the recognition was withdrawn
--   verdict_when_recognised: 认定学年的判定 | Verdict of the figures (four parts) of the school year of recognition
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
            order by case when entry then 1 else 0 end, relative_margin nulls last, position
        ) as weakness
    from trends.scorecard_part
    where standard = 'quality_2017'
),
wide as (
    select
        county_code,
        county_name,
        school_year,
        case
            when bool_or(entry and coalesce(not verdict, false)) then false
            when not bool_or(entry and verdict is null) then true
        end as entry_verdict,
        case
            when bool_or(part = 'school_attainment' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'school_attainment' and verdict is null) then true
        end as school_attainment_verdict,
        case
            when bool_or(part = 'indicator_coefficient' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'indicator_coefficient' and verdict is null) then true
        end as coefficient_verdict,
        case
            when bool_or(part = 'government_assurance' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'government_assurance' and verdict is null) then true
        end as assurance_verdict,
        case
            when bool_or(part = 'education_quality' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'education_quality' and verdict is null) then true
        end as education_quality_verdict,
        case
            when bool_or(part = 'satisfaction' and coalesce(not verdict, false)) then false
            when not bool_or(part = 'satisfaction' and verdict is null) then true
        end as satisfaction_verdict,
        max(case when part = 'school_attainment' and stage = 'primary' then value end) as school_share_primary,
        max(case when part = 'school_attainment' and stage = 'junior' then value end) as school_share_junior,
        max(case when part = 'indicator_coefficient' and stage = 'primary' then value end) as coefficient_primary,
        max(case when part = 'indicator_coefficient' and stage = 'junior' then value end) as coefficient_junior,
        cast(max(case when part = 'government_assurance' and stage = 'all' then value end) as bigint) as assurance_met,
        cast(max(case when part = 'education_quality' and stage = 'all' then value end) as bigint) as education_quality_met,
        max(case when part = 'satisfaction' and stage = 'all' then value end) as satisfaction,
        string_agg(case when not verdict then name end, ',' order by position) as failed_parts,
        string_agg(case when verdict is null then name end, ',' order by position) as open_parts,
        arg_min(case when verdict is null then reason end, case when verdict is null then position end) as first_reason,
        max(case when weakness = 1 and relative_margin is not null then name end) as weakest_part,
        max(case when weakness = 1 then relative_margin end) as weakest_margin,
        string_agg(case when retreat then name end, ',' order by position) as retreat_parts
    from part
    group by 1, 2, 3
),
settled as (
    select
        *,
        case
            when not school_attainment_verdict or not coefficient_verdict then false
            else school_attainment_verdict and coefficient_verdict
        end as resources_verdict
    from wide
)
select
    wide.county_code,
    wide.county_name,
    wide.school_year,
    case
        when not wide.entry_verdict or not standing.verdict then false
        when wide.entry_verdict and standing.verdict then true
    end as verdict,
    wide.entry_verdict,
    standing.verdict as content_verdict,
    case when wide.resources_verdict then 1 else 0 end
    + case when wide.assurance_verdict then 1 else 0 end
    + case when wide.education_quality_verdict then 1 else 0 end
    + case when wide.satisfaction_verdict then 1 else 0 end as parts_met,
    case when not wide.resources_verdict then 1 else 0 end
    + case when not wide.assurance_verdict then 1 else 0 end
    + case when not wide.education_quality_verdict then 1 else 0 end
    + case when not wide.satisfaction_verdict then 1 else 0 end as parts_failed,
    case when wide.resources_verdict is null then 1 else 0 end
    + case when wide.assurance_verdict is null then 1 else 0 end
    + case when wide.education_quality_verdict is null then 1 else 0 end
    + case when wide.satisfaction_verdict is null then 1 else 0 end as parts_open,
    wide.failed_parts,
    wide.open_parts,
    case
        when not wide.entry_verdict or not standing.verdict then null
        when wide.entry_verdict and standing.verdict then null
        else wide.first_reason
    end as reason,
    wide.resources_verdict,
    wide.school_attainment_verdict,
    wide.coefficient_verdict,
    wide.assurance_verdict,
    wide.education_quality_verdict,
    wide.satisfaction_verdict,
    wide.school_share_primary,
    wide.school_share_junior,
    wide.coefficient_primary,
    wide.coefficient_junior,
    wide.assurance_met,
    wide.education_quality_met,
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
from settled as wide
join core.scorecard_standing as standing
    on standing.standard = 'quality_2017'
    and standing.part = 'all'
    and standing.county_code = wide.county_code
    and standing.school_year = wide.school_year
order by wide.county_code, wide.school_year
