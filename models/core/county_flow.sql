-- zh: 县学生流动合计（按学年、学段）
-- en: Pupils by grade and what came and went, summed over the schools of a county, by school year and stage.
-- The sums of core.school_flow over the schools whose figure is present, with the number of schools that lack it beside them.
-- in_k, out_k (closed_out included) and died_k are the parts of the flows of the school year before that fall to the
-- pupils who began it in the k-th grade; transferred_in, transferred_out and died are the flows of all grades. Flows of
-- a school count where all of them are present, and their parts where the grades are, too.
-- grain: county_code, school_year, stage
-- columns:
--   county_code: 县级行政区划代码 | County code
--   school_year: 学年 | School year (the year it starts)
--   stage: 学段 | Stage: primary or junior
--   schools: 学校数 | Schools (a school in the year after its last included)
--   schools_not_filing: 未填报学校数 | Schools without any return between years with returns, or that disappeared
--   pupils: 在校生数 | Pupils
--   grade_1: 第1年级学生数 | Pupils of the first grade of the stage
--   grade_2: 第2年级学生数 | Pupils of the second grade of the stage
--   grade_3: 第3年级学生数 | Pupils of the third grade of the stage
--   grade_4: 第4年级学生数 | Pupils of the fourth grade of the stage
--   grade_5: 第5年级学生数 | Pupils of the fifth grade of the stage
--   grade_6: 第6年级学生数 | Pupils of the sixth grade of the stage
--   grades_missing: 缺年级数据的填报学校数 | Schools that filed without pupils by grade
--   graduates_reported: 填报毕业生数 | Graduates as reported
--   graduates_reported_missing: 缺毕业生数的填报学校数 | Schools that filed without graduates
--   entrants: 招生数 | Entrants
--   entrants_missing: 缺招生数学校数 | Schools without it
--   first_year_pupils: 起始年级学生数 | Pupils of the first grade
--   first_year_pupils_missing: 缺起始年级学生数学校数 | Schools without it
--   final_year_pupils: 毕业年级学生数 | Pupils of the final grade
--   final_year_pupils_missing: 缺毕业年级学生数学校数 | Schools without it
--   graduates: 毕业生数（含撤并学校） | Graduates, with those of codes that ended
--   graduates_missing: 缺毕业生数学校数 | Schools without it
--   transferred_in: 转入 | Transferred in, all grades
--   transferred_out: 转出 | Transferred out, all grades
--   closed_out: 撤并转出 | Pupils of codes that ended, taken over by no return
--   died: 死亡 | Died, all grades
--   flows_missing: 缺变动数据学校数 | Schools without transfers or deaths
--   shares_missing: 缺分摊基数学校数 | Schools whose flows cannot be shared out by grade
--   in_1: 第1年级转入 | Transferred in, part of grade 1
--   in_2: 第2年级转入 | Transferred in, part of grade 2
--   in_3: 第3年级转入 | Transferred in, part of grade 3
--   in_4: 第4年级转入 | Transferred in, part of grade 4
--   in_5: 第5年级转入 | Transferred in, part of grade 5
--   in_6: 第6年级转入 | Transferred in, part of grade 6
--   out_1: 第1年级转出（含撤并） | Transferred out or closed out, part of grade 1
--   out_2: 第2年级转出（含撤并） | Transferred out or closed out, part of grade 2
--   out_3: 第3年级转出（含撤并） | Transferred out or closed out, part of grade 3
--   out_4: 第4年级转出（含撤并） | Transferred out or closed out, part of grade 4
--   out_5: 第5年级转出（含撤并） | Transferred out or closed out, part of grade 5
--   out_6: 第6年级转出（含撤并） | Transferred out or closed out, part of grade 6
--   died_1: 第1年级死亡 | Died, part of grade 1
--   died_2: 第2年级死亡 | Died, part of grade 2
--   died_3: 第3年级死亡 | Died, part of grade 3
--   died_4: 第4年级死亡 | Died, part of grade 4
--   died_5: 第5年级死亡 | Died, part of grade 5
--   died_6: 第6年级死亡 | Died, part of grade 6
--   dropouts: 辍学 | Dropouts of the schools that filed
--   dropouts_base: 上学年初在校生数 | Their pupils at the beginning of the school year before
--   dropouts_missing: 缺辍学数据学校数 | Schools that filed without dropouts or the pupils a year ago
--   dropouts_pupils_missing: 缺辍学数据学校学生数 | Their pupils, where known
with
flow as (
    select
        *,
        grade_1 as first_year_pupils,
        transferred_in + transferred_out + closed_out + died as moved
    from core.school_flow
)
select
    county_code,
    school_year,
    stage,
    count(*) as schools,
    count(case when codes = 0 and pupils is null then 1 end) as schools_not_filing,
    cast(sum(pupils) as bigint) as pupils,
    cast(sum(grade_1) as bigint) as grade_1,
    cast(sum(grade_2) as bigint) as grade_2,
    cast(sum(grade_3) as bigint) as grade_3,
    cast(sum(grade_4) as bigint) as grade_4,
    cast(sum(grade_5) as bigint) as grade_5,
    cast(sum(grade_6) as bigint) as grade_6,
    count(case when codes > 0 and grade_1 is null then 1 end) as grades_missing,
    cast(sum(graduates_reported) as bigint) as graduates_reported,
    count(case when codes > 0 and graduates_reported is null then 1 end) as graduates_reported_missing,
    cast(sum(entrants) as bigint) as entrants,
    count(*) - count(entrants) as entrants_missing,
    cast(sum(first_year_pupils) as bigint) as first_year_pupils,
    count(*) - count(first_year_pupils) as first_year_pupils_missing,
    cast(sum(final_year_pupils) as bigint) as final_year_pupils,
    count(*) - count(final_year_pupils) as final_year_pupils_missing,
    cast(sum(graduates) as bigint) as graduates,
    count(*) - count(graduates) as graduates_missing,
    cast(sum(case when moved is not null then transferred_in end) as bigint) as transferred_in,
    cast(sum(case when moved is not null then transferred_out end) as bigint) as transferred_out,
    cast(sum(case when moved is not null then closed_out end) as bigint) as closed_out,
    cast(sum(case when moved is not null then died end) as bigint) as died,
    count(*) - count(moved) as flows_missing,
    count(*) - count(case when moved = 0 then 0 else moved * share_1 end) as shares_missing,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_1 end) as in_1,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_2 end) as in_2,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_3 end) as in_3,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_4 end) as in_4,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_5 end) as in_5,
    sum(case when moved = 0 then 0 when moved > 0 then transferred_in * share_6 end) as in_6,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_1 end) as out_1,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_2 end) as out_2,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_3 end) as out_3,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_4 end) as out_4,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_5 end) as out_5,
    sum(case when moved = 0 then 0 when moved > 0 then (transferred_out + closed_out) * share_6 end) as out_6,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_1 end) as died_1,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_2 end) as died_2,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_3 end) as died_3,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_4 end) as died_4,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_5 end) as died_5,
    sum(case when moved = 0 then 0 when moved > 0 then died * share_6 end) as died_6,
    cast(sum(case when pupils_last_year is not null then dropouts end) as bigint) as dropouts,
    cast(sum(case when dropouts is not null then pupils_last_year end) as bigint) as dropouts_base,
    count(case when (codes > 0 or pupils is null) and (dropouts is null or pupils_last_year is null) then 1 end) as dropouts_missing,
    cast(sum(case when dropouts is null or pupils_last_year is null then pupils end) as bigint) as dropouts_pupils_missing
from flow
group by 1, 2, 3
order by 1, 2, 3
