-- zh: 认定后状态（按县、学年、标准、部分、学段）
-- en: What became of every part of a scorecard, and of the scorecard as a whole (part all), since the state recognised the county.
-- The whole is met where all parts but the entry conditions are, and not met as soon as one is not. trends.scorecard_part says
-- what the standings mean. A recognition that is given again after a withdrawal begins anew.
-- grain: county_code, school_year, standard, part, stage
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard: basic_2012 or quality_2017
--   part: 部分 | Part of the scorecard, or all
--   stage: 学段 | primary, junior or all
--   verdict: 判定 | Whether it is met; null where undecided
--   failing_since: 连续不达标起始学年 | First of the school years in a row, among those with a verdict, in which it failed
--   recognised_since: 认定学年 | School year in which the state recognised the county by this standard
--   document: 认定文件 | Document of the recognition
--   withdrawn_in: 撤销认定学年 | School year in which the recognition was withdrawn
--   verdict_when_recognised: 认定学年的判定 | Verdict of the figures of that school year
--   standing: 认定后状态 | unreported, not_recognised, recognised, held, retreat, recovered, open or withdrawn
--   retreat: 认定后是否滑坡 | Whether a recognised county is under the line in this year
--   retreat_since: 滑坡起始学年 | First school year of the retreat that goes on, or was the last one to end
--   retreat_years: 滑坡年数 | School years from then to this one, while it goes on
--   recovered_in: 恢复学年 | First school year in which it was met again
with
judged as (
    select county_code, school_year, standard, part, stage, verdict from core.scorecard_part where not entry
    union all
    select
        county_code,
        school_year,
        standard,
        'all',
        'all',
        case when bool_or(not verdict) then false when count(verdict) = count(*) then true end
    from core.scorecard_part
    where not entry
    group by 1, 2, 3
),
recognised as (
    select
        judged.*,
        recognition.status,
        recognition.recognised_since,
        recognition.document,
        recognition.withdrawn_in,
        coalesce(judged.school_year > recognition.recognised_since, false) as after
    from judged
    join core.recognition as recognition
        on recognition.county_code = judged.county_code
        and recognition.standard = judged.standard
        and recognition.school_year = judged.school_year
),
counted as (
    select
        *,
        sum(case when verdict then 1 else 0 end) over (
            partition by county_code, standard, part, stage
            order by school_year
            rows between unbounded preceding and current row
        ) as met_so_far,
        sum(case when after and not verdict then 1 else 0 end) over (
            partition by county_code, standard, part, stage, recognised_since
            order by school_year
            rows between unbounded preceding and current row
        ) as failed_so_far,
        bool_or(case when school_year = recognised_since then verdict end) over (
            partition by county_code, standard, part, stage, recognised_since
        ) as verdict_when_recognised
    from recognised
),
begun as (
    select
        *,
        min(case when not verdict then school_year end) over (
            partition by county_code, standard, part, stage, met_so_far
        ) as failing_since,
        min(case when after and not verdict then school_year end) over (
            partition by county_code, standard, part, stage, recognised_since, met_so_far
        ) as retreat_begun,
        min(case when after and verdict then school_year end) over (
            partition by county_code, standard, part, stage, recognised_since, failed_so_far
        ) as met_again
    from counted
),
followed as (
    select
        *,
        after and not verdict as retreat_now,
        max(case when after and not verdict then retreat_begun end) over (
            partition by county_code, standard, part, stage, recognised_since
            order by school_year
            rows between unbounded preceding and current row
        ) as last_retreat
    from begun
)
select
    county_code,
    school_year,
    standard,
    part,
    stage,
    verdict,
    case when not verdict then failing_since end as failing_since,
    recognised_since,
    document,
    withdrawn_in,
    verdict_when_recognised,
    case
        when status <> 'recognised' then status
        when not after then 'recognised'
        when verdict is null then 'open'
        when not verdict then 'retreat'
        when failed_so_far > 0 then 'recovered'
        else 'held'
    end as standing,
    coalesce(retreat_now, false) as retreat,
    case when status = 'recognised' then last_retreat end as retreat_since,
    case when retreat_now then school_year - last_retreat + 1 end as retreat_years,
    case when after and verdict and failed_so_far > 0 then met_again end as recovered_in
from followed
order by county_code, school_year, standard, part, stage
