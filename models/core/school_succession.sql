-- zh: 学校标识码承继（归并到最后的承继学校）
-- en: School codes that were carried on, each with the last code of its chain.
-- A chain never goes back in time (a code that was given away and later taken over again ends where the years end),
-- and stops before it would close a circle within one year. A code with several rows follows its latest one; a closure
-- without successor ends as itself and is not listed.
-- grain: school_code
-- columns:
--   school_code: 原学校标识码 | Code that ended
--   trend_school_code: 最后承继学校标识码 | Last code of the chain
--   steps: 承继次数 | Steps from one to the other
with recursive
latest as (
    select
        school_code,
        successor_code,
        school_year,
        row_number() over (partition by school_code order by school_year desc, successor_code) as rank
    from returns.school_succession
    where successor_code is not null and successor_code <> school_code
),
succession as (
    select school_code, successor_code, school_year from latest where rank = 1
),
chain as (
    select
        school_code,
        successor_code as code,
        school_year,
        1 as steps,
        concat(school_code, ' ', successor_code) as path
    from succession
    union all
    select
        chain.school_code,
        next.successor_code,
        next.school_year,
        chain.steps + 1,
        concat(chain.path, ' ', next.successor_code)
    from chain
    join succession as next
        on next.school_code = chain.code
        and (
            next.school_year > chain.school_year
            or (next.school_year = chain.school_year and not contains(chain.path, next.successor_code))
        )
)
select school_code, arg_max(code, steps) as trend_school_code, max(steps) as steps
from chain
group by school_code
order by school_code
