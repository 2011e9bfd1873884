-- zh: 全县初中招生数一般不大于小学毕业生数
-- en: The junior entrants of a county do not normally exceed its primary graduates
-- Only where every school of the county that filed gave the figure.
-- severity: query
-- guidance_zh: 核对全县小学毕业生数与初中招生数；外来生源较多的请书面说明。
-- guidance_en: Check primary graduates and junior entrants of the county; explain in writing where many come from outside.
with
limits as (
    select max(case when parameter = 'largest_excess' then value end) as excess
    from rulebook.rule_parameter
    where rule = 'junior_entrants_within_primary_graduates'
)
select
    'enrolment' as form,
    'entrants' as field,
    junior.school_year,
    junior.county_code,
    cast(null as varchar) as school_code,
    'junior' as stage,
    cast(junior.entrants as varchar) as value,
    concat('≤ ', cast(primary_stage.graduates_reported as varchar)) as expected
from core.county_flow as junior
join core.county_flow as primary_stage
    on primary_stage.county_code = junior.county_code
    and primary_stage.school_year = junior.school_year
    and primary_stage.stage = 'primary'
cross join limits
where
    junior.stage = 'junior'
    and junior.entrants_missing = 0
    and primary_stage.graduates_reported_missing = 0
    and junior.entrants > primary_stage.graduates_reported * (1 + limits.excess)
