"""Satisfaction survey, answer by answer: a row per respondent and question. Anonymous: a serial number and a group."""

from __future__ import annotations

import pandera.polars as pa

from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, field
from models.returns.satisfaction_group import GROUPS

#: Which of these count as satisfied is said by ``rulebook/satisfaction_scale.csv``.
ANSWERS = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "fairly_satisfied": "基本满意",
    "dissatisfied": "不满意",
    "very_dissatisfied": "非常不满意",
    "no_opinion": "不了解",
}


class SatisfactionAnswer(pa.DataFrameModel):
    """One row per respondent and question."""

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
    respondent: str = field(
        "答卷序号",
        "Serial number of the questionnaire",
        owner=SUPERVISION,
        kind="code",
        required=True,
        str_matches=r"^[0-9A-Za-z-]{1,12}$",
        note="不得填写姓名、身份证号、电话 / never a name or number of a person",
    )
    group: str = field("调查对象", "Group", owner=SUPERVISION, kind="code", required=True, choices=GROUPS)
    question: str = field(
        "题号", "Question (0: satisfaction overall)", owner=SUPERVISION, kind="code", required=True,
        str_matches=r"^\d{1,2}$",
    )  # fmt: skip
    answer: str = field("回答", "Answer (blank: not answered)", owner=SUPERVISION, kind="code", choices=ANSWERS)

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="satisfaction_answer",
    zh="公众满意度调查答卷",
    en="Satisfaction survey: answers",
    model=SatisfactionAnswer,
    grain=("school_year", "county_code", "respondent", "question"),
    listing=True,
)
