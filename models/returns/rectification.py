"""Rectification ledger (整改台账): every problem with its measure, owner, deadline, evidence and re-check (domain §7).

The ledger of a school year lists what is open and what was closed in it. A problem raised from a verdict names it by
standard, stage and indicator (and school): it is closed only when the figures no longer show it
(``trends.rectification_problem``).
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.attainment_plan import STANDARDS
from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, RowRule, date, field

CATEGORIES = {
    "resources": "办学条件",
    "balance": "校际均衡",
    "funding": "经费保障",
    "teachers": "教师队伍",
    "enrolment": "入学与巩固",
    "quality": "质量与管理",
    "satisfaction": "社会认可",
    "other": "其他",
}
FAILING_STAGES = {"primary": "小学", "junior": "初中", "all": "不分学段"}
RESULTS = {"passed": "合格", "failed": "不合格"}


class Rectification(pa.DataFrameModel):
    """One row per problem, as the ledger of the school year shows it."""

    school_year: int = field(
        "学年",
        "School year of the ledger (the year it starts)",
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
    problem_id: str = field(
        "问题编号",
        "Problem number, the same in every year",
        owner=SUPERVISION,
        kind="code",
        required=True,
        str_matches=r"^[0-9A-Za-z-]{1,20}$",
    )
    category: str = field("问题类别", "Category", owner=SUPERVISION, kind="code", required=True, choices=CATEGORIES)
    problem: str = field("存在问题", "Problem", owner=SUPERVISION, kind="text")
    standard: str = field(
        "标准", "Standard of the verdict", owner=SUPERVISION, kind="code", expected=False, choices=STANDARDS
    )
    stage: str = field(
        "学段", "Stage of the verdict", owner=SUPERVISION, kind="code", expected=False, choices=FAILING_STAGES
    )
    indicator: str = field(
        "指标",
        "What failed: an indicator of trends.verdict",
        owner=SUPERVISION,
        kind="code",
        expected=False,
        str_matches=r"^[a-z][a-z0-9_]*$",
        note="由判定结果产生的问题填写 / of a problem raised from a verdict",
    )
    school_code: str = field(
        "学校标识码", "School, where the problem is one school's", owner=SUPERVISION, kind="code", expected=False,
        str_matches=r"^\d{10}$",
    )  # fmt: skip
    measure: str = field("整改措施", "Measure", owner=SUPERVISION, kind="text")
    responsible: str = field("责任单位", "Unit responsible", owner=SUPERVISION, kind="text")
    found_on: pl.Date = date("发现日期", "Day it was found", owner=SUPERVISION)
    deadline: pl.Date = date("整改期限", "Deadline", owner=SUPERVISION)
    evidence: str = field(
        "佐证材料", "Evidence: its reference in the files", owner=SUPERVISION, kind="text", expected=False
    )
    recheck_on: pl.Date = date("复查日期", "Day of the re-check", owner=SUPERVISION, expected=False)
    recheck_result: str = field(
        "复查结果", "Result of the re-check", owner=SUPERVISION, kind="code", expected=False, choices=RESULTS
    )
    closed: int = field("是否销号", "Closed (1) or open (0)", owner=SUPERVISION, kind="count", isin=[0, 1])

    class Config:
        strict = False
        coerce = False


_CLOSED = pl.col("closed") == 1

CONTRACT = Contract(
    name="rectification",
    zh="督导问题整改台账",
    en="Rectification ledger",
    model=Rectification,
    grain=("school_year", "county_code", "problem_id"),
    rules=(
        RowRule(
            name="a_closed_problem_was_rechecked",
            severity="error",
            fields=("closed", "recheck_on", "recheck_result"),
            holds=~_CLOSED
            | (pl.col("recheck_on").is_not_null() & (pl.col("recheck_result") == "passed").fill_null(False)),
            zh="销号的问题须经复查合格",
            en="A problem is closed only after a re-check that it passed",
            guidance_zh="补填复查日期与结果；未经复查合格的不得销号。",
            guidance_en="Enter day and result of the re-check; without a passed re-check the problem stays open.",
        ),
        RowRule(
            name="a_deadline_follows_the_finding",
            severity="error",
            fields=("deadline", "found_on"),
            holds=pl.col("deadline") >= pl.col("found_on"),
            zh="整改期限不早于发现日期",
            en="The deadline is not before the day it was found",
            guidance_zh="核对两个日期。",
            guidance_en="Check both dates.",
        ),
        RowRule(
            name="a_closed_problem_names_its_evidence",
            severity="query",
            fields=("evidence", "closed"),
            holds=~_CLOSED | pl.col("evidence").is_not_null(),
            zh="销号的问题须注明佐证材料",
            en="A closed problem names its evidence",
            guidance_zh="补填佐证材料的卷号或文号。",
            guidance_en="Enter the reference of the file that proves it.",
        ),
    ),
)
