-- zh: 趋势表符合对其的全部期望，且每项都能检查
-- en: The tables of trends are what they are expected to be, and every expectation could be evaluated
-- guidance_zh: 发布表与其自身定义不符：请报告该问题并附上本报告；无法检查的项目见 crashed。
-- guidance_en: A table is not what it says it is: report it with this file; crashed says why something could not be evaluated.
select rule, table_name, columns, en, unexpected, observed, crashed, sample
from candidate.audit.expectation
where crashed is not null or (severity = 'error' and not success)
order by rule
