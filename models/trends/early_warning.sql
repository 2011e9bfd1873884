-- zh: 预警：趋势与预计跨线学年（按县、标准、学段、测度、指标）
-- en: Early warning: the trend of every figure that has a line, and the school year in which it would cross that line.
-- One row per series (core.warning_series). A year without a figure that can be judged is a gap, never a nought, and years in
-- which it was counted otherwise than in the last one (another formula, denominator or weighting) are left out. The trend is that of the
-- span of years the rulebook looks at (span long); where the last few of them (span recent) have a significant trend and the
-- long span has none, or one in the other direction, theirs is taken: a figure that has turned is not hidden by its past.
-- slope is Theil–Sen's, the median of the slopes of all pairs of years; its interval is Sen's, by the variance of Kendall's S
-- with ties, of the slopes ranked from (N − z·σ) ÷ 2 to (N + z·σ) ÷ 2. p_value is that of the Mann–Kendall test on both sides, exact: of all
-- orders of the values, ties included, the share whose |S| is at least as large. (The generating function of S is a
-- quotient of q-factorials; it is summed over the 1024th roots of −1, so there is no approximation for few years.)
-- projected_year is the first school year in which the line through the medians, with that slope, lies beyond the threshold
-- (crosses_to beyond), or within it again (crosses_to within, of a figure beyond it that improves); earliest_year and latest_year are
-- the same for the ends of the slope's interval, with the same medians: the interval is of the slope alone, not of what a
-- single year may bring. latest_year is empty where one end of the interval never gets there, or only after the horizon.
-- There is no projection from fewer years than the rulebook asks for, without a significant trend, or beyond its horizon.
-- status: already_beyond (the last figure lies beyond the line); too_few_points; worsening_towards_line; improving (both with a
-- significant trend); no_trend. margin and margin_slope are turned so that negative is bad, whichever way the line looks.
-- reason, why there is no projected year: too_few_points; no_trend; moving_away (from the line, which is good within it and
-- bad beyond it); beyond_horizon.
-- grain: county_code, standard, stage, measure, indicator
-- columns:
--   county_code: 县级行政区划代码 | County code of today
--   county_name: 县（市、区） | County
--   standard: 标准 | Standard whose line it is
--   stage: 学段 | primary, junior or all
--   measure: 测度 | composite_coefficient, indicator_coefficient, government_score, satisfaction, consolidation_rate, exchange_rate, exchange_backbone_share or training_of_public_use
--   indicator: 指标 | Indicator of the coefficient (empty: the measure has none)
--   direction: 方向 | at_most or at_least
--   line: 标准线 | Line in force in the last year of the series
--   binding: 是否具约束力 | Whether the line decides (false: for reference only)
--   span: 趋势区间 | long or recent: the years whose trend is told
--   points: 数据点数 | School years of the span with a figure
--   gaps: 缺失年数 | School years between the first and the last without one
--   first_year: 最早学年 | First school year of the span with a figure
--   last_year: 最近学年 | Last school year of the series
--   last_value: 最近数值 | Its figure
--   margin: 距标准线 | Distance of that figure from the line; negative is beyond it
--   slope: 趋势斜率 | Theil–Sen slope, per school year, in the unit of the figure
--   slope_lower: 斜率下限 | Lower end of its interval
--   slope_upper: 斜率上限 | Upper end of its interval
--   confidence: 置信水平 | Confidence level of the interval
--   margin_slope: 距离变化率 | Change of the margin per school year: the slope, turned so that negative is bad
--   kendall_s: 曼-肯德尔统计量 | S of Mann and Kendall: pairs of years that rise less pairs that fall
--   p_value: 显著性概率 | Its exact two-sided probability where there is no trend
--   significant: 趋势是否显著 | Whether that is at most the significance level of the rulebook
--   status: 预警状态 | already_beyond, worsening_towards_line, improving, no_trend or too_few_points
--   crosses_to: 跨线方向 | beyond or within (null: no projection)
--   projected_year: 预计跨线学年 | First school year projected to lie on the other side of the line
--   earliest_year: 预计最早学年 | The same with the steepest slope of the interval
--   latest_year: 预计最晚学年 | The same with the flattest (null: not within the horizon, or never)
--   reason: 未预测原因 | Why there is no projected year
with
chosen as (
    select county.county_code, choice.setting, arg_max(choice.value, length(choice.region_code)) as value
    from core.county as county
    join rulebook.choice as choice
        on starts_with(choice.setting, 'warning_')
        and starts_with(county.rule_region, choice.region_code)
        and county.last_year >= choice.from_year
        and county.last_year <= coalesce(choice.to_year, county.last_year)
    group by 1, 2
),
setting as (
    select
        county_code,
        cast(max(case when setting = 'warning_years' then value end) as double) as long_years,
        cast(max(case when setting = 'warning_recent_years' then value end) as double) as recent_years,
        cast(max(case when setting = 'warning_minimum_points' then value end) as double) as minimum_points,
        cast(max(case when setting = 'warning_significance' then value end) as double) as significance,
        cast(max(case when setting = 'warning_confidence' then value end) as double) as confidence,
        cast(max(case when setting = 'warning_z' then value end) as double) as z,
        cast(max(case when setting = 'warning_horizon' then value end) as double) as horizon
    from chosen
    group by 1
),
last as (
    select
        row_number() over (order by county_code, measure, indicator, stage, standard) as series,
        county_code,
        standard,
        stage,
        measure,
        indicator,
        max(school_year) as last_year,
        arg_max(value, school_year) as last_value,
        arg_max(line, school_year) as line,
        arg_max(binding, school_year) as binding,
        arg_max(direction, school_year) as direction,
        arg_max(basis, school_year) as basis
    from core.warning_series
    group by county_code, standard, stage, measure, indicator
),
-- Beyond 45 points the roots below would be too few; no return is that old.
span as (
    select
        2 * last.series + case kind.span when 'long' then 0 else 1 end as run,
        kind.span,
        last.*,
        last.last_year - case kind.span when 'long' then least(setting.long_years, 45) else setting.recent_years end as after_year
    from last
    join setting on setting.county_code = last.county_code
    cross join (values ('long'), ('recent')) as kind (span)
),
point as (
    select span.run, figure.school_year, round(figure.value, 12) as value
    from core.warning_series as figure
    join span
        on span.county_code = figure.county_code
        and span.standard = figure.standard
        and span.stage = figure.stage
        and span.measure = figure.measure
        and span.indicator = figure.indicator
        and span.basis = figure.basis
        and figure.school_year > span.after_year
),
placed as (
    select
        *,
        row_number() over (partition by run order by school_year) as year_rank,
        row_number() over (partition by run order by value) as value_rank,
        count(*) over (partition by run) as points
    from point
),
middle as (
    select
        run,
        max(points) as points,
        min(school_year) as first_year,
        avg(case when 2 * year_rank between points and points + 2 then school_year end) as median_year,
        avg(case when 2 * value_rank between points and points + 2 then value end) as median_value
    from placed
    group by run
),
pair as (
    select
        earlier.run,
        sign(later.value - earlier.value) as rise,
        (later.value - earlier.value) / (later.school_year - earlier.school_year) as slope
    from point as earlier
    join point as later on later.run = earlier.run and later.school_year > earlier.school_year
),
ranked as (
    select
        *,
        row_number() over (partition by run order by slope) as rank,
        count(*) over (partition by run) as pairs
    from pair
),
trend as (
    select
        run,
        max(pairs) as pairs,
        sum(rise) as kendall_s,
        avg(case when 2 * rank between pairs and pairs + 2 then slope end) as slope
    from ranked
    group by run
),
-- Values that occur several times, as a shape: series of one length and the same ties have the same distribution of S.
tie as (
    select run, value, count(*) as size from point group by 1, 2
),
shape as (
    select
        run,
        string_agg(cast(size as varchar), ' ' order by size) as ties,
        sum(size * (size - 1)) / 2 as tied_pairs,
        sum(size * (size - 1) * (2 * size + 5)) as tie_variance
    from tie
    group by run
),
test as (
    select
        trend.*,
        middle.points,
        middle.first_year,
        middle.median_year,
        middle.median_value,
        shape.ties,
        trend.pairs - shape.tied_pairs as untied_pairs,
        sqrt(greatest(middle.points * (middle.points - 1) * (2 * middle.points + 5) - shape.tie_variance, 0) / 18) as sigma
    from trend
    join middle on middle.run = trend.run
    join shape on shape.run = trend.run
),
-- P(S) of untied pairs = inversions: the coefficients of Π(1 − q^j), j to n, ÷ Π Π(1 − q^j), j to the size of each tie. On the unit
-- circle 1 − q^j has the length 2·sin(jθ/2); the powers of each j are the same for all series of one shape.
example as (
    select ties, max(points) as points, min(run) as run from test group by ties
),
power as (
    select
        example.ties,
        placed.year_rank as j,
        1 - count(case when tie.size >= placed.year_rank then 1 end) as power
    from example
    join placed on placed.run = example.run
    join tie on tie.run = example.run
    group by 1, 2
),
root as (
    select pi() * (2 * step + 1) / 2048 as half_angle
    from (select unnest(generate_series(0, 511)) as step) as steps
),
amplitude as (
    select
        power.ties,
        root.half_angle,
        exp(sum(power.power * (ln(abs(sin(power.j * root.half_angle))) - ln(power.j))))
            * case when sum(case when sin(power.j * root.half_angle) < 0 then abs(power.power) else 0 end) % 2 = 0 then 1 else -1 end
            as amplitude
    from power
    cross join root
    group by 1, 2
),
tail as (
    select ties, untied_pairs, abs(kendall_s) as distance, (untied_pairs - abs(kendall_s)) / 2 as inversions
    from test
    group by 1, 2, 3, 4
),
probability as (
    select
        tail.ties,
        tail.distance,
        case
            when tail.distance = 0 then 1
            else least(1, greatest(0, 4 * sum(
                amplitude.amplitude
                * sin((tail.inversions + 1) * amplitude.half_angle) / sin(amplitude.half_angle)
                * cos((tail.untied_pairs - tail.inversions) * amplitude.half_angle)
            ) / 1024))
        end as p_value
    from tail
    join amplitude on amplitude.ties = tail.ties
    group by tail.ties, tail.distance
),
bound as (
    select
        test.run,
        max(case
            when ranked.rank = greatest(cast(round((test.pairs - setting.z * test.sigma) / 2) as bigint), 1) then ranked.slope
        end) as slope_lower,
        max(case
            when ranked.rank = least(cast(round((test.pairs + setting.z * test.sigma) / 2) as bigint) + 1, test.pairs) then ranked.slope
        end) as slope_upper
    from test
    join span on span.run = test.run
    join setting on setting.county_code = span.county_code
    join ranked on ranked.run = test.run
    group by test.run
),
turned as (
    select
        span.*,
        setting.minimum_points,
        setting.confidence,
        setting.horizon,
        middle.points,
        middle.first_year,
        middle.median_year,
        test.kendall_s,
        test.slope,
        bound.slope_lower,
        bound.slope_upper,
        probability.p_value,
        probability.p_value <= setting.significance as significant,
        case when span.direction = 'at_least' then 1 else -1 end as turn,
        case when span.direction = 'at_least' then 1 else -1 end * (span.last_value - span.line) as margin,
        case when span.direction = 'at_least' then 1 else -1 end * (middle.median_value - span.line) as median_margin
    from span
    join setting on setting.county_code = span.county_code
    join middle on middle.run = span.run
    left join test on test.run = span.run and middle.points >= setting.minimum_points
    left join bound on bound.run = test.run
    left join probability on probability.ties = test.ties and probability.distance = abs(test.kendall_s)
),
judged as (
    select
        *,
        margin < -1e-12 as beyond,
        turn * slope as margin_slope,
        least(turn * slope_lower, turn * slope_upper) as least_slope,
        greatest(turn * slope_lower, turn * slope_upper) as greatest_slope,
        coalesce(significant and slope <> 0, false) as trending
    from turned
),
signed as (
    select
        *,
        max(case when span = 'long' and trending then sign(margin_slope) else 0 end) over (partition by series)
            + min(case when span = 'long' and trending then sign(margin_slope) else 0 end) over (partition by series) as long_sign
    from judged
),
chosen_span as (
    select
        *,
        row_number() over (
            partition by series
            order by case
                when span = 'recent' and trending and sign(margin_slope) <> long_sign then 0
                when span = 'long' then 1
                else 2
            end
        ) as preference
    from signed
),
aimed as (
    select
        *,
        case
            when not trending then null
            when not beyond and margin_slope < 0 then 'beyond'
            when beyond and margin_slope > 0 then 'within'
        end as crosses_to
    from chosen_span
    where preference = 1
),
-- Where the line through the medians meets the threshold: with the slope itself, the steepest and the flattest of the interval.
crossed as (
    select
        *,
        median_year - median_margin / margin_slope as middle_at,
        median_year - median_margin / case crosses_to when 'beyond' then least_slope else greatest_slope end as steep_at,
        case
            when crosses_to = 'beyond' and greatest_slope < 0 then median_year - median_margin / greatest_slope
            when crosses_to = 'within' and least_slope > 0 then median_year - median_margin / least_slope
        end as flat_at
    from aimed
),
dated as (
    select
        *,
        case
            when middle_at is null then null
            when crosses_to = 'beyond' then cast(greatest(floor(middle_at + 1e-9) + 1, last_year + 1) as bigint)
            when crosses_to = 'within' then cast(greatest(ceil(middle_at - 1e-9), last_year + 1) as bigint)
        end as middle_year,
        case
            when steep_at is null then null
            when crosses_to = 'beyond' then cast(greatest(floor(steep_at + 1e-9) + 1, last_year + 1) as bigint)
            when crosses_to = 'within' then cast(greatest(ceil(steep_at - 1e-9), last_year + 1) as bigint)
        end as steep_year,
        case
            when flat_at is null then null
            when crosses_to = 'beyond' then cast(greatest(floor(flat_at + 1e-9) + 1, last_year + 1) as bigint)
            when crosses_to = 'within' then cast(greatest(ceil(flat_at - 1e-9), last_year + 1) as bigint)
        end as flat_year
    from crossed
)
select
    county.county_code,
    county.county_name,
    dated.standard,
    dated.stage,
    dated.measure,
    dated.indicator,
    direction,
    line,
    binding,
    span,
    points,
    dated.last_year - dated.first_year + 1 - points as gaps,
    dated.first_year,
    dated.last_year,
    last_value,
    margin,
    slope,
    slope_lower,
    slope_upper,
    case when slope is not null then confidence end as confidence,
    margin_slope,
    cast(kendall_s as bigint) as kendall_s,
    p_value,
    significant,
    case
        when beyond then 'already_beyond'
        when points < minimum_points then 'too_few_points'
        when not trending then 'no_trend'
        when margin_slope < 0 then 'worsening_towards_line'
        else 'improving'
    end as status,
    case when middle_year <= dated.last_year + horizon then crosses_to end as crosses_to,
    case when middle_year <= dated.last_year + horizon then middle_year end as projected_year,
    case when middle_year <= dated.last_year + horizon then steep_year end as earliest_year,
    case when middle_year <= dated.last_year + horizon and flat_year <= dated.last_year + horizon then flat_year end as latest_year,
    case
        when middle_year <= dated.last_year + horizon then null
        when points < minimum_points then 'too_few_points'
        when not trending then 'no_trend'
        when crosses_to is null then 'moving_away'
        else 'beyond_horizon'
    end as reason
from dated
join core.county as county on county.county_code = dated.county_code
order by county.county_code, measure, indicator, stage, standard
