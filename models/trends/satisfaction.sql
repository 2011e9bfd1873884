-- zh: 公众满意度（按县、学年、标准、调查对象）
-- en: Public satisfaction by county, school year, standard and group of respondents; group 'all' is the county.
-- From the answers, questionnaire by questionnaire: valid is one that answers at least the rulebook's share of the questions
-- asked in the county and has an answer that counts; its satisfaction is 0 or 1 on the question on satisfaction overall
-- (number 0), or the share of its answers that are satisfied, as the rulebook chooses. From the totals: satisfied ÷ valid.
-- Where both were filed the rulebook says which counts; both stand here, and sources_differ where they are not the same.
-- All groups are pooled (every questionnaire weighs the same), or weighted by group where the rulebook says so; with a
-- weighted group missing there is no figure. The interval is Wilson's with n valid questionnaires (of weighted groups
-- n = 1 ÷ Σ w²⁄n, w being the shares of the weights): p̂ = share, z from the rulebook,
--   (p̂ + z²⁄2n ± z √(p̂(1−p̂)⁄n + z²⁄4n²)) ÷ (1 + z²⁄n).
-- With fewer valid questionnaires than the rulebook asks for the verdict is withheld. Compared unrounded.
-- reason: several_codes; not_surveyed; no_valid; groups_missing; quarantined (a row of the totals cannot be used);
-- sample_too_small; no_line (a single group has none).
-- grain: county_code, school_year, standard, group
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   school_year: 学年 | School year (the year it starts)
--   standard: 标准 | Standard whose line it is held against
--   group: 调查对象 | Group of respondents, or all
--   source: 数据来源 | answers or totals
--   sent: 发放问卷数 | Questionnaires sent (of the totals; of all groups: null where that of one is missing)
--   returned: 收回问卷数 | Questionnaires returned
--   valid: 有效问卷数 | Valid questionnaires
--   satisfied: 满意人数 | Satisfied respondents (of all questions: the sum of their shares)
--   return_rate: 回收率 | Returned ÷ sent
--   valid_rate: 有效率 | Valid ÷ returned
--   satisfaction: 满意度 | Satisfaction, a fraction
--   lower: 区间下限 | Lower end of the interval
--   upper: 区间上限 | Upper end of the interval
--   confidence: 置信水平 | Confidence level of the interval
--   effective_valid: 折合有效问卷数 | n of the interval
--   weighting: 合并方式 | pooled or weighted (of all)
--   weight: 权重 | Weight of the group, where weighted
--   minimum_valid: 最低有效问卷数 | Valid questionnaires needed
--   adequate: 样本是否充足 | Whether there are as many
--   answers_valid: 答卷有效数 | Valid questionnaires by the answers
--   answers_satisfaction: 答卷满意度 | Satisfaction by the answers
--   totals_valid: 汇总有效数 | Valid questionnaires by the totals
--   totals_satisfaction: 汇总满意度 | Satisfaction by the totals
--   declared_rate: 申报满意度 | Satisfaction as declared with the totals
--   sources_differ: 两种来源是否不同 | Whether answers and totals were both filed and differ
--   verdicts_differ: 两种来源判定是否不同 | Whether their verdicts differ
--   line: 标准线 | Line
--   verdict: 判定 | Whether satisfaction reaches the line; null where withheld
--   margin: 距标准线 | Satisfaction less line
--   line_in_interval: 标准线是否在区间内 | Whether the line lies in the interval: the sample alone does not settle it
--   reason: 未判定原因 | Why there is no verdict
with
county_year as (
    select reported.county_code, county.county_name, county.rule_region, reported.school_year
    from core.reported_county as reported
    join core.county as county on county.county_code = reported.county_code
    where reported.county_code <> '000000'
    group by 1, 2, 3, 4
),
surveyed as (
    select county_code as reported_code, school_year from returns.satisfaction_answer group by 1, 2
    union
    select county_code, school_year from returns.satisfaction_group group by 1, 2
    union
    select county_code, school_year from returns.quarantine
    where form in ('satisfaction_answer', 'satisfaction_group') and school_year is not null
),
survey as (
    select county.county_code, surveyed.school_year, count(distinct surveyed.reported_code) as codes
    from surveyed
    join core.reported_county as county
        on county.reported_code = coalesce(surveyed.reported_code, '000000') and county.school_year = surveyed.school_year
    group by 1, 2
),
chosen as (
    select
        year.county_code,
        year.school_year,
        choice.setting,
        arg_max(choice.value, length(choice.region_code)) as value
    from county_year as year
    join survey on survey.county_code = year.county_code and survey.school_year = year.school_year
    join rulebook.choice as choice
        on starts_with(choice.setting, 'satisfaction_')
        and starts_with(year.rule_region, choice.region_code)
        and year.school_year >= choice.from_year
        and year.school_year <= coalesce(choice.to_year, year.school_year)
    group by 1, 2, 3
),
setting as (
    select
        county_code,
        school_year,
        max(case when setting = 'satisfaction_source' then value end) as preferred,
        max(case when setting = 'satisfaction_basis' then value end) as basis,
        max(case when setting = 'satisfaction_overall' then value end) as weighting,
        cast(max(case when setting = 'satisfaction_answered_share' then value end) as double) as answered_share,
        cast(max(case when setting = 'satisfaction_minimum_valid' then value end) as double) as minimum_valid,
        cast(max(case when setting = 'satisfaction_minimum_valid_group' then value end) as double) as minimum_valid_group,
        cast(max(case when setting = 'satisfaction_confidence' then value end) as double) as confidence,
        cast(max(case when setting = 'satisfaction_z' then value end) as double) as z
    from chosen
    group by 1, 2
),
scale as (
    select
        setting.county_code,
        setting.school_year,
        scale.answer,
        arg_max(scale.satisfied, length(scale.region_code)) as satisfied,
        arg_max(scale.counts, length(scale.region_code)) as counts
    from setting
    join rulebook.satisfaction_scale as scale
        on starts_with(setting.county_code, scale.region_code)
        and setting.school_year >= scale.from_year
        and setting.school_year <= coalesce(scale.to_year, setting.school_year)
    group by 1, 2, 3
),
answer as (
    select
        county.county_code,
        answer.school_year,
        answer.county_code || '|' || answer.respondent as respondent,
        answer."group",
        answer.question,
        answer.answer,
        coalesce(scale.satisfied, false) as satisfied,
        coalesce(scale.counts, false) as counts
    from returns.satisfaction_answer as answer
    join core.reported_county as county
        on county.reported_code = answer.county_code and county.school_year = answer.school_year
    left join scale
        on scale.county_code = county.county_code
        and scale.school_year = answer.school_year
        and scale.answer = answer.answer
),
asked as (
    select county_code, school_year, count(distinct question) as questions from answer group by 1, 2
),
questionnaire as (
    select
        answer.county_code,
        answer.school_year,
        answer."group",
        answer.respondent,
        case
            when count(answer.answer) >= setting.answered_share * asked.questions - 1e-9
            then case
                when setting.basis = 'all_answers'
                then cast(count(case when answer.counts and answer.satisfied then 1 end) as double)
                    / nullif(count(case when answer.counts then 1 end), 0)
                else max(
                    case when answer.counts and cast(answer.question as integer) = 0 then case when answer.satisfied then 1.0 else 0.0 end end
                )
            end
        end as satisfaction
    from answer
    join setting on setting.county_code = answer.county_code and setting.school_year = answer.school_year
    join asked on asked.county_code = answer.county_code and asked.school_year = answer.school_year
    group by 1, 2, 3, 4, setting.answered_share, setting.basis, asked.questions
),
by_answers as (
    select
        county_code,
        school_year,
        "group",
        cast(count(*) as double) as returned,
        cast(count(satisfaction) as double) as valid,
        coalesce(sum(satisfaction), 0) as satisfied
    from questionnaire
    group by 1, 2, 3
),
by_totals as (
    select
        county.county_code,
        total.school_year,
        total."group",
        cast(sum(total.sent) as double) as sent,
        cast(sum(total.returned) as double) as returned,
        case when total.satisfied is null then null else cast(total.valid as double) end as valid,
        cast(total.satisfied as double) as satisfied,
        max(total.declared_rate) as declared_rate
    from returns.satisfaction_group as total
    join core.reported_county as county
        on county.reported_code = total.county_code and county.school_year = total.school_year
    group by county.county_code, total.school_year, total."group", total.county_code, total.valid, total.satisfied
),
bad as (
    select county.county_code, quarantine.school_year
    from returns.quarantine as quarantine
    join core.reported_county as county
        on county.reported_code = coalesce(quarantine.county_code, '000000') and county.school_year = quarantine.school_year
    where quarantine.form = 'satisfaction_group'
    group by 1, 2
),
-- Each source as it is, by group and together; the source that counts is chosen for the county as a whole.
groups as (
    select
        setting.county_code,
        setting.school_year,
        known."group",
        answers.returned as answers_returned,
        answers.valid as answers_valid,
        answers.satisfied as answers_satisfied,
        totals.sent,
        totals.returned as totals_returned,
        totals.valid as totals_valid,
        totals.satisfied as totals_satisfied,
        totals.declared_rate
    from setting
    cross join rulebook.satisfaction_group as known
    left join by_answers as answers
        on answers.county_code = setting.county_code
        and answers.school_year = setting.school_year
        and answers."group" = known."group"
    left join by_totals as totals
        on totals.county_code = setting.county_code
        and totals.school_year = setting.school_year
        and totals."group" = known."group"
    where answers.county_code is not null or totals.county_code is not null
),
weight as (
    select
        setting.county_code,
        setting.school_year,
        weight."group",
        arg_max(weight.weight, length(weight.region_code)) as weight
    from setting
    join rulebook.satisfaction_weight as weight
        on setting.weighting = 'weighted'
        and starts_with(setting.county_code, weight.region_code)
        and setting.school_year >= weight.from_year
        and setting.school_year <= coalesce(weight.to_year, setting.school_year)
    group by 1, 2, 3
),
weighed as (
    select
        weight.county_code,
        weight.school_year,
        bool_or(coalesce(groups.answers_valid, 0) = 0) as answers_missing,
        sum(weight.weight * groups.answers_satisfied / nullif(groups.answers_valid, 0)) / sum(weight.weight) as answers_satisfaction,
        power(sum(weight.weight), 2) / sum(power(weight.weight, 2) / nullif(groups.answers_valid, 0)) as answers_effective,
        bool_or(coalesce(groups.totals_valid, 0) = 0) as totals_missing,
        sum(weight.weight * groups.totals_satisfied / nullif(groups.totals_valid, 0)) / sum(weight.weight) as totals_satisfaction,
        power(sum(weight.weight), 2) / sum(power(weight.weight, 2) / nullif(groups.totals_valid, 0)) as totals_effective
    from weight
    left join groups
        on groups.county_code = weight.county_code
        and groups.school_year = weight.school_year
        and groups."group" = weight."group"
    group by 1, 2
),
every as (
    select
        groups.county_code, groups.school_year, groups."group", weight.weight, false as whole, false as withheld,
        answers_returned, answers_valid, answers_satisfied, answers_satisfied / nullif(answers_valid, 0) as answers_satisfaction,
        answers_valid as answers_effective,
        sent, totals_returned, totals_valid, totals_satisfied, totals_satisfied / nullif(totals_valid, 0) as totals_satisfaction,
        totals_valid as totals_effective, declared_rate
    from groups
    left join weight
        on weight.county_code = groups.county_code
        and weight.school_year = groups.school_year
        and weight."group" = groups."group"
    union all
    select
        groups.county_code, groups.school_year, 'all', null, true,
        bool_or(groups.totals_returned is not null and groups.totals_valid is null),
        sum(groups.answers_returned), sum(groups.answers_valid), sum(groups.answers_satisfied),
        case
            when max(setting.weighting) <> 'weighted' then sum(groups.answers_satisfied) / nullif(sum(groups.answers_valid), 0)
            when not bool_or(weighed.answers_missing) then max(weighed.answers_satisfaction)
        end,
        case
            when max(setting.weighting) <> 'weighted' then sum(groups.answers_valid)
            when not bool_or(weighed.answers_missing) then max(weighed.answers_effective)
        end,
        case when count(groups.sent) = count(*) then sum(groups.sent) end, sum(groups.totals_returned), sum(groups.totals_valid), sum(groups.totals_satisfied),
        case
            when max(setting.weighting) <> 'weighted' then sum(groups.totals_satisfied) / nullif(sum(groups.totals_valid), 0)
            when not bool_or(weighed.totals_missing) then max(weighed.totals_satisfaction)
        end,
        case
            when max(setting.weighting) <> 'weighted' then sum(groups.totals_valid)
            when not bool_or(weighed.totals_missing) then max(weighed.totals_effective)
        end,
        null
    from groups
    join setting on setting.county_code = groups.county_code and setting.school_year = groups.school_year
    left join weighed on weighed.county_code = groups.county_code and weighed.school_year = groups.school_year
    group by 1, 2
),
source as (
    select
        groups.county_code,
        groups.school_year,
        case
            when setting.preferred = 'answers' and count(groups.answers_returned) > 0 then 'answers'
            when count(groups.totals_returned) > 0 then 'totals'
            when count(groups.answers_returned) > 0 then 'answers'
        end as source
    from groups
    join setting on setting.county_code = groups.county_code and setting.school_year = groups.school_year
    group by 1, 2, setting.preferred
),
-- A county and year without any survey is here with one row, so that it is seen.
figure as (
    select
        year.county_code,
        year.county_name,
        year.school_year,
        standard.standard,
        coalesce(every."group", 'all') as "group",
        coalesce(every.whole, true) as whole,
        source.source,
        every.weight,
        every.sent,
        case when source.source = 'answers' then every.answers_returned else every.totals_returned end as returned,
        case when source.source = 'answers' then every.answers_valid else every.totals_valid end as valid,
        case when source.source = 'answers' then every.answers_satisfied else every.totals_satisfied end as satisfied,
        case when source.source = 'answers' then every.answers_satisfaction else every.totals_satisfaction end as satisfaction,
        case when source.source = 'answers' then every.answers_effective else every.totals_effective end as effective_valid,
        every.answers_valid,
        every.answers_satisfaction,
        every.totals_valid,
        every.totals_satisfaction,
        every.declared_rate,
        setting.weighting,
        setting.confidence,
        setting.z,
        case when coalesce(every.whole, true) then setting.minimum_valid else setting.minimum_valid_group end as minimum_valid,
        coalesce(survey.codes, 0) as codes,
        source.source = 'totals' and (coalesce(every.withheld, false) or bad.county_code is not null) as withheld,
        case when coalesce(every.whole, true) then line.line end as line
    from county_year as year
    join rulebook.standard as standard on standard.from_year <= year.school_year
    left join survey on survey.county_code = year.county_code and survey.school_year = year.school_year
    left join setting on setting.county_code = year.county_code and setting.school_year = year.school_year
    left join every on every.county_code = year.county_code and every.school_year = year.school_year
    left join source on source.county_code = year.county_code and source.school_year = year.school_year
    left join bad on bad.county_code = year.county_code and bad.school_year = year.school_year
    left join core.region_line as line
        on line.measure = 'satisfaction'
        and line.stage = 'compulsory'
        and line.rule_region = year.rule_region
        and line.school_year = year.school_year
        and line.standard = standard.standard
),
ends as (
    select
        *,
        (satisfaction + z * z / (2 * effective_valid)) / (1 + z * z / effective_valid) as middle,
        z * sqrt(greatest(satisfaction * (1 - satisfaction), 0) / effective_valid + z * z / (4 * effective_valid * effective_valid))
            / (1 + z * z / effective_valid) as half,
        valid >= minimum_valid as adequate
    from figure
),
judged as (
    select
        *,
        greatest(middle - half, 0) as lower,
        least(middle + half, 1) as upper,
        case when codes = 1 and not withheld and adequate then satisfaction >= line - 1e-12 end as verdict
    from ends
)
select
    county_code,
    county_name,
    school_year,
    standard,
    "group",
    source,
    cast(sent as bigint) as sent,
    cast(returned as bigint) as returned,
    cast(valid as bigint) as valid,
    satisfied,
    returned / nullif(sent, 0) as return_rate,
    valid / nullif(returned, 0) as valid_rate,
    satisfaction,
    lower,
    upper,
    confidence,
    effective_valid,
    case when whole then weighting end as weighting,
    weight,
    minimum_valid,
    adequate,
    cast(answers_valid as bigint) as answers_valid,
    answers_satisfaction,
    cast(totals_valid as bigint) as totals_valid,
    totals_satisfaction,
    declared_rate,
    coalesce(answers_valid <> totals_valid or abs(answers_satisfaction - totals_satisfaction) > 1e-9, false) as sources_differ,
    coalesce((answers_satisfaction >= line - 1e-12) <> (totals_satisfaction >= line - 1e-12), false) as verdicts_differ,
    line,
    verdict,
    satisfaction - line as margin,
    line >= lower and line <= upper as line_in_interval,
    case
        when verdict is not null then null
        when codes > 1 then 'several_codes'
        when withheld then 'quarantined'
        when source is null then case when codes > 0 then 'quarantined' else 'not_surveyed' end
        when coalesce(valid, 0) = 0 then 'no_valid'
        when satisfaction is null then 'groups_missing'
        when not adequate then 'sample_too_small'
        else 'no_line'
    end as reason
from judged
order by county_code, school_year, standard, whole desc, "group"
