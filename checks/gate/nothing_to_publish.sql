-- zh: 发布内容不为空
-- en: A release holds coefficients of at least one county
-- guidance_zh: 尚无可用的学校报表：先接收报表，或查看被隔离的行。
-- guidance_en: No usable return: receive returns first, or look at the quarantined rows.
select 'trends.differential_coefficient' as empty_table
where not exists (select 1 from candidate.trends.differential_coefficient)
