"""Enrolment by grade (基础基312/313, 教基3112/3115): pupils on 1 September, entrants of the new year."""

from __future__ import annotations

import polars as pl

from models.returns.common import GENERAL, StageReturn
from models.returns.contract import Contract, RowRule, count, not_above, sum_identity

_FORMS = {"基础基": "312, 313", "教基": "3112, 3115"}


class Enrolment(StageReturn):
    """One row per school and stage. Grades are counted through: 7–9 are junior."""

    pupils: int = count("在校生数", "Pupils", owner=GENERAL, forms=_FORMS)
    grade_1: int = count("一年级", "Pupils in grade 1", owner=GENERAL, forms=_FORMS, expected=False)
    grade_2: int = count("二年级", "Pupils in grade 2", owner=GENERAL, forms=_FORMS, expected=False)
    grade_3: int = count("三年级", "Pupils in grade 3", owner=GENERAL, forms=_FORMS, expected=False)
    grade_4: int = count("四年级", "Pupils in grade 4", owner=GENERAL, forms=_FORMS, expected=False)
    grade_5: int = count("五年级", "Pupils in grade 5", owner=GENERAL, forms=_FORMS, expected=False)
    grade_6: int = count("六年级", "Pupils in grade 6", owner=GENERAL, forms=_FORMS, expected=False)
    grade_7: int = count("七年级", "Pupils in grade 7", owner=GENERAL, forms=_FORMS, expected=False)
    grade_8: int = count("八年级", "Pupils in grade 8", owner=GENERAL, forms=_FORMS, expected=False)
    grade_9: int = count("九年级", "Pupils in grade 9", owner=GENERAL, forms=_FORMS, expected=False)
    entrants: int = count("招生数", "Entrants", owner=GENERAL, forms=_FORMS)
    female_pupils: int = count("女生数", "Girls", owner=GENERAL, forms=_FORMS, expected=False)
    boarders: int = count("寄宿生数", "Boarders", owner=GENERAL, forms=_FORMS)
    migrant_children: int = count("进城务工人员随迁子女数", "Children of migrant workers", owner=GENERAL, forms=_FORMS)
    left_behind_children: int = count("农村留守儿童数", "Left-behind children", owner=GENERAL, forms=_FORMS)


_GRADES = tuple(f"grade_{g}" for g in range(1, 10))

CONTRACT = Contract(
    name="enrolment",
    zh="分年级学生数",
    en="Enrolment by grade",
    model=Enrolment,
    grain=("school_year", "school_code", "stage"),
    forms=_FORMS,
    rules=(
        sum_identity(
            "pupils_are_the_sum_of_grades",
            "pupils",
            _GRADES,
            zh="在校生数等于各年级之和",
            en="Pupils equal the sum of the grades",
            proves_zeros=False,
        ),
        not_above(
            "boarders_within_pupils",
            "boarders",
            "pupils",
            zh="寄宿生数不大于在校生数",
            en="Boarders do not exceed pupils",
        ),
        not_above(
            "girls_within_pupils",
            "female_pupils",
            "pupils",
            zh="女生数不大于在校生数",
            en="Girls do not exceed pupils",
        ),
        not_above(
            "migrant_children_within_pupils",
            "migrant_children",
            "pupils",
            zh="随迁子女数不大于在校生数",
            en="Migrants' children do not exceed pupils",
        ),
        not_above(
            "left_behind_children_within_pupils",
            "left_behind_children",
            "pupils",
            zh="留守儿童数不大于在校生数",
            en="Left-behind children do not exceed pupils",
        ),
        RowRule(
            name="entrants_equal_first_grade",
            severity="query",
            fields=("entrants", "grade_1", "grade_7"),
            holds=pl.col("entrants")
            == pl.when(pl.col("stage") == "primary")
            .then(pl.col("grade_1"))
            .when(pl.col("stage") == "junior")
            .then(pl.col("grade_7")),
            expected=pl.when(pl.col("stage") == "primary").then(pl.col("grade_1")).otherwise(pl.col("grade_7")),
            zh="招生数应等于起始年级学生数",
            en="Entrants equal the pupils of the first grade",
            guidance_zh="有复读、插班等情况的请书面说明，否则更正。",
            guidance_en="Explain repeaters or late joiners in writing, otherwise correct.",
        ),
    ),
)
