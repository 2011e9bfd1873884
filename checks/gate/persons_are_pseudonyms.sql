-- zh: 发布内容中的人员只以假名出现
-- en: Persons are in a release as pseudonyms only
-- guidance_zh: 人员标识未经假名化：不得发布，请报告该问题。
-- guidance_en: A person's number was not made a pseudonym: it must not be published; report it.
select 'returns.exchange' as found_in, school_year, count(*) as rows
from candidate.returns.exchange
where not coalesce(regexp_full_match(person, 'p[0-9a-f]{24}'), false)
group by all
union all
select 'returns.roster', school_year, count(*)
from candidate.returns.roster
where not coalesce(regexp_full_match(person, 'p[0-9a-f]{24}'), false)
group by all
