-- zh: 跨表审核规则的错误（报表之间互相矛盾）已全部解决
-- en: No finding of a rule across returns that is an error is open
-- guidance_zh: 按审核发现更正并重报其中一张报表；确认无误的用 junheng waive 豁免；整批放行用 --accept returns_do_not_contradict=理由。
-- guidance_en: Correct and resend one of the returns, or waive the finding (junheng waive); to publish all the same, use --accept returns_do_not_contradict=REASON.
-- acceptable: yes
select
    finding.finding_id,
    finding.rule,
    finding.school_year,
    finding.county_code,
    finding.school_code,
    finding.stage,
    finding.file_name,
    finding.sheet,
    finding.cell,
    finding.value,
    finding.expected
from candidate.audit.finding as finding
join candidate.audit.rule as rule on rule.rule = finding.rule and rule.kind = 'rule'
where finding.severity = 'error' and not finding.superseded and finding.status is distinct from 'waived'
order by finding.school_year, finding.county_code, finding.school_code, finding.finding_id
