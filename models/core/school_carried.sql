-- zh: 学校标识码在当年的承继
-- en: The code that carries on a school in the year its own code is gone.
-- For each code that ended before a school year: who carries it on in that year, through several steps of the same year.
-- Unlike core.school_succession (the end of the whole chain) it says nothing of later years: somebody who moved from A to
-- B years before A was merged into B did move.
-- grain: school_year, school_code
-- columns:
--   school_year: 学年 | First school year of the successor
--   school_code: 原学校标识码 | Code that ended
--   carried_code: 当年承继学校标识码 | Code that carries it on in that year
with recursive
chain as (
    select
        school_year,
        school_code,
        successor_code as code,
        1 as steps,
        concat(school_code, ' ', successor_code) as path
    from returns.school_succession
    where successor_code is not null and successor_code <> school_code
    union all
    select
        chain.school_year,
        chain.school_code,
        next.successor_code,
        chain.steps + 1,
        concat(chain.path, ' ', next.successor_code)
    from chain
    join returns.school_succession as next
        on next.school_year = chain.school_year
        and next.school_code = chain.code
        and not contains(chain.path, next.successor_code)
)
select school_year, school_code, arg_max(code, steps) as carried_code
from chain
group by 1, 2
order by 1, 2
