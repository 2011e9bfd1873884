-- zh: 评估计分卡：各部分（按县、学年、标准、部分、学段）
-- en: Scorecards part by part: verdict, what fails, how far from the line, and what became of it since the recognition.
-- The parts of both standards, by stage where the rule asks for stages (else stage all). Basic balance (教督〔2012〕3号):
-- school_standard, composite_coefficient, government_score, satisfaction. Quality balance (教督〔2017〕6号): school_attainment
-- and indicator_coefficient (together resource allocation), government_assurance, education_quality, satisfaction (社会认可度);
-- entry_recognition and entry_coefficient are asked once, when a county applies (entry true). core.scorecard_part says
-- how value, line and reason of a part come about.
-- margin is in the unit of value and turned so that a negative one is short of the line, whichever way the line looks:
-- value less line where at least the line is asked for, line less value where at most. relative_margin is margin ÷ line, so
-- that parts can be compared. Of items that are all to be met, margin is less the number that are not.
-- standing, of the recognition of this standard (core.recognition): unreported (no recognition return by this county);
-- not_recognised (not yet); recognised (the school year of the recognition); held (met, never under the line since);
-- retreat (recognised in an earlier year and not met in this one); recovered (met again after a retreat); open (recognised,
-- no verdict in this year); withdrawn. Years without a verdict neither end nor begin a retreat. The entry conditions have none.
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
--   value: 数值 | Value (share of schools, coefficient, points, items met, satisfaction, years)
--   line: 标准线 | Line of the value
--   margin: 距标准线 | Distance from the line in the unit of value; negative is short of it
--   relative_margin: 相对距离 | Margin ÷ line
--   margin_change: 距离比上学年变化 | Change of the margin from the school year before; negative is towards or away beyond the line
--   verdict: 判定 | Whether the part holds; null where undecided
--   failed: 未达到数 | Schools, indicators, items or groups that fall short
--   undecided: 未判定数 | Those without a verdict
--   total: 总数 | All of them
--   fails: 不达标内容 | What falls short: indicators, items or groups, comma-separated (a part can hold all the same)
--   reason: 未判定原因 | Why there is no verdict
--   failing_since: 连续不达标起始学年 | First of the school years in a row, among those with a verdict, in which it failed
--   recognised_since: 认定学年 | School year in which the state recognised the county by this standard
--   verdict_when_recognised: 认定学年的判定 | What the figures of that school year say of this part
--   standing: 认定后状态 | unreported, not_recognised, recognised, held, retreat, recovered, open or withdrawn
--   retreat: 认定后是否滑坡 | Whether a recognised county is under the line in this year
--   retreat_since: 滑坡起始学年 | First school year of the retreat that goes on, or was the last one to end
--   retreat_years: 滑坡年数 | School years from then to this one, while it goes on
--   recovered_in: 恢复学年 | First school year in which it was met again
with
margins as (
    select
        *,
        lag(margin) over (partition by county_code, standard, part, stage order by school_year) as margin_before,
        lag(school_year) over (partition by county_code, standard, part, stage order by school_year) as year_before
    from core.scorecard_part
)
select
    part.county_code,
    part.county_name,
    part.school_year,
    part.standard,
    part.part,
    part.stage,
    part.position,
    part.entry,
    part.value,
    part.line,
    part.margin,
    part.margin / nullif(part.line, 0) as relative_margin,
    case when part.year_before = part.school_year - 1 then part.margin - part.margin_before end as margin_change,
    part.verdict,
    part.failed,
    part.undecided,
    part.total,
    part.fails,
    part.reason,
    standing.failing_since,
    standing.recognised_since,
    standing.verdict_when_recognised,
    standing.standing,
    standing.retreat,
    standing.retreat_since,
    standing.retreat_years,
    standing.recovered_in
from margins as part
left join core.scorecard_standing as standing
    on standing.county_code = part.county_code
    and standing.school_year = part.school_year
    and standing.standard = part.standard
    and standing.part = part.part
    and standing.stage = part.stage
order by part.county_code, part.school_year, part.standard, part.position
