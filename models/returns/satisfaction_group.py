"""Satisfaction survey, counted by group: questionnaires sent, returned, valid, and respondents who are satisfied."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, RowRule, count, field, not_above

#: Whom a survey asks (domain §7).
GROUPS = {
    "congress_deputies": "人大代表",
    "consultative_members": "政协委员",
    "principals": "校长",
    "teachers": "教师",
    "parents": "学生家长",
    "others": "其他群众",
}


class SatisfactionGroup(pa.DataFrameModel):
    """One row per county, school year and group."""

    school_year: int = field(
        "学年",
        "School year (the year it starts)",
        owner=STATISTICS,
        kind="year",
        required=True,
        ge=1980,
        le=2100,
        expected=False,
    )
    county_code: str = field(
        "县级行政区划代码",
        "County code (six digits)",
        owner=STATISTICS,
        kind="code",
        required=True,
        str_matches=r"^\d{6}$",
        expected=False,
    )
    group: str = field("调查对象", "Group", owner=SUPERVISION, kind="code", required=True, choices=GROUPS)
    sent: int = count("发放问卷数", "Questionnaires sent", owner=SUPERVISION, unit="份")
    returned: int = count("收回问卷数", "Questionnaires returned", owner=SUPERVISION, unit="份")
    valid: int = count("有效问卷数", "Valid questionnaires", owner=SUPERVISION, unit="份")
    satisfied: int = count("满意人数", "Respondents who are satisfied", owner=SUPERVISION, unit="人")
    declared_rate: float = field(
        "满意率", "Satisfaction as declared", owner=SUPERVISION, unit="小数", kind="number", ge=0, le=1, expected=False
    )

    class Config:
        strict = False
        coerce = False


#: A rate is printed with two decimals of a percent: half of the last one, and a float's error.
_HALF_DIGIT = 0.00005 + 1e-9

CONTRACT = Contract(
    name="satisfaction_group",
    zh="公众满意度调查汇总",
    en="Satisfaction survey: totals by group",
    model=SatisfactionGroup,
    grain=("school_year", "county_code", "group"),
    rules=(
        not_above(
            "returned_questionnaires_within_sent",
            "returned",
            "sent",
            zh="收回问卷数不大于发放问卷数",
            en="Questionnaires returned do not exceed those sent",
        ),
        not_above(
            "valid_questionnaires_within_returned",
            "valid",
            "returned",
            zh="有效问卷数不大于收回问卷数",
            en="Valid questionnaires do not exceed those returned",
        ),
        not_above(
            "satisfied_within_valid",
            "satisfied",
            "valid",
            zh="满意人数不大于有效问卷数",
            en="Satisfied respondents do not exceed the valid questionnaires",
        ),
        RowRule(
            name="declared_satisfaction_is_satisfied_of_valid",
            severity="query",
            fields=("declared_rate", "satisfied", "valid"),
            holds=pl.when(pl.col("valid") > 0).then(
                (pl.col("satisfied") / pl.col("valid") - pl.col("declared_rate")).abs() <= _HALF_DIGIT
            ),
            expected=pl.when(pl.col("valid") > 0).then((pl.col("satisfied") / pl.col("valid")).round(6)),
            zh="满意率 = 满意人数 ÷ 有效问卷数，保留两位小数",
            en="Declared satisfaction = satisfied ÷ valid, to two decimals of a percent",
            guidance_zh="核对满意人数、有效问卷数与满意率；按其他口径计算的请书面说明。",
            guidance_en="Check the three figures; explain in writing where another definition was used.",
        ),
    ),
)
