-- zh: 已销号的整改问题在验证学年的数据中不应再出现
-- en: The figures of the year after the re-check no longer show a problem that was declared closed
-- severity: query
-- guidance_zh: 核对整改成效；数据仍不达标的问题应重新列入台账。
-- guidance_en: Check what the measure achieved; a problem that the figures still show is open again.
select
    'rectification' as form,
    'closed' as field,
    problem.school_year,
    ledger.county_code,
    problem.school_code,
    problem.stage,
    concat(problem.problem_id, ' ', cast(problem.proof_year as varchar)) as value,
    cast(null as varchar) as expected,
    ledger.submission_id,
    ledger.sheet,
    ledger.row_number,
    ledger.block
from trends.rectification_problem as problem
join core.reported_county as reported
    on reported.county_code = problem.county_code and reported.school_year = problem.school_year
join returns.rectification as ledger
    on ledger.county_code = reported.reported_code
    and ledger.school_year = problem.school_year
    and ledger.problem_id = problem.problem_id
where problem.status = 'still_failing'
