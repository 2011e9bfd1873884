-- zh: 计分卡的判定须与其各部分相符
-- en: The verdict of a scorecard is that of its parts: false as soon as one fails, true when all hold, else none
-- guidance_zh: 计分卡与各部分的判定不符：请报告该问题并附上本报告。
-- guidance_en: A scorecard does not fit its parts: report it with this file.
with card as (
    select county_code, school_year, 'basic_2012' as standard, verdict from candidate.trends.basic_scorecard
    union all
    select county_code, school_year, 'quality_2017', verdict from candidate.trends.quality_scorecard
)
select card.county_code, card.school_year, card.standard, card.verdict,
    count(case when part.verdict then 1 end) as met, count(case when not part.verdict then 1 end) as failed,
    count(part.part) as parts
from card
left join candidate.trends.scorecard_part as part using (county_code, school_year, standard)
group by all
having count(part.part) = 0
    or card.verdict is distinct from case
        when count(case when not part.verdict then 1 end) > 0 then false
        when count(part.verdict) = count(*) then true
    end
