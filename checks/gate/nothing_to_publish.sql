-- zh: 发布内容不为空
-- en: A release holds rows of at least one return, and coefficients where pupils were reported
-- guidance_zh: 尚无可用的学校报表：先接收报表，或查看被隔离的行。
-- guidance_en: No usable return: receive returns first, or look at the quarantined rows.
select 'returns' as empty
where coalesce((select sum(rows_accepted) from candidate.audit.return_count), 0) = 0
union all
select 'trends.differential_coefficient' as empty
where exists (select 1 from candidate.returns.enrolment where stage in ('primary', 'junior'))
    and not exists (select 1 from candidate.trends.differential_coefficient)
