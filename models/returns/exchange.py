"""Exchange of teachers and principals (交流轮岗): the list of those who serve at another school, one row per stint.

The yearly statistical return has no exchange flag (domain §5); this list is a return of its own. The list of a school
year holds the stints that begin in it, and may go on holding those that last.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.common import PERSONNEL, STAGES, STATISTICS
from models.returns.contract import Contract, RowRule, date, field, name_of_person, person

ROLES = {"principal": "校长", "vice_principal": "副校长", "teacher": "教师"}
#: Which of these count as exchange is said by ``rulebook/exchange_kind.csv``.
KINDS = {
    "rotation": "定期交流",
    "transfer": "调动交流",
    "support": "支教",
    "group": "集团（学区）内交流",
    "itinerant": "走教",
    "training": "跟岗学习",
}


class Exchange(pa.DataFrameModel):
    """One row per person and stint."""

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
        str_matches=r"^\d{6}$",
        expected=False,
    )
    person: str = person("身份证件号或教职工编号", "ID number or staff number", owner=PERSONNEL)
    name: str = name_of_person("姓名", "Name", owner=PERSONNEL)
    from_school_code: str = field(
        "原任职学校标识码",
        "Code of the school left",
        owner=PERSONNEL,
        kind="code",
        required=True,
        str_matches=r"^\d{10}$",
    )
    from_school_name: str = field("原任职学校名称", "School left", owner=PERSONNEL, kind="text", expected=False)
    to_school_code: str = field(
        "交流任职学校标识码",
        "Code of the school served at",
        owner=PERSONNEL,
        kind="code",
        required=True,
        str_matches=r"^\d{10}$",
    )
    to_school_name: str = field("交流任职学校名称", "School served at", owner=PERSONNEL, kind="text", expected=False)
    stage: str = field("学段", "Stage", owner=PERSONNEL, kind="code", required=True, choices=STAGES)
    role: str = field("交流人员身份", "Role", owner=PERSONNEL, kind="code", required=True, choices=ROLES)
    subject: str = field("任教学科", "Subject", owner=PERSONNEL, kind="text", expected=False)
    backbone: int = field("是否骨干教师", "Backbone teacher (1) or not (0)", owner=PERSONNEL, kind="count", isin=[0, 1])
    exchange_kind: str = field(
        "交流形式", "Kind of exchange", owner=PERSONNEL, kind="code", required=True, choices=KINDS
    )
    start_date: pl.Date = date("交流开始时间", "First day", owner=PERSONNEL)
    planned_end_date: pl.Date = date("计划结束时间", "Last day as planned", owner=PERSONNEL, expected=False)
    actual_end_date: pl.Date = date("实际结束时间", "Last day in fact", owner=PERSONNEL, expected=False)

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="exchange",
    zh="教师校长交流轮岗名单",
    en="Exchange of teachers and principals",
    model=Exchange,
    grain=("school_year", "person", "from_school_code", "to_school_code"),
    listing=True,
    rules=(
        RowRule(
            name="an_exchange_leads_to_another_school",
            severity="error",
            fields=("to_school_code", "from_school_code"),
            holds=pl.col("to_school_code") != pl.col("from_school_code"),
            zh="交流任职学校不能是原任职学校",
            en="An exchange leads to another school",
            guidance_zh="更正学校标识码；未交流的删去该行。",
            guidance_en="Correct the codes; take the row out where nobody was exchanged.",
        ),
        RowRule(
            name="a_stint_is_planned_to_end_after_it_begins",
            severity="error",
            fields=("planned_end_date", "start_date"),
            holds=pl.col("planned_end_date") > pl.col("start_date"),
            zh="计划结束时间应晚于开始时间",
            en="A stint is planned to end after it begins",
            guidance_zh="核对两个日期，更正后重新报送。",
            guidance_en="Check both dates, correct and send again.",
        ),
        RowRule(
            name="a_stint_ends_after_it_begins",
            severity="error",
            fields=("actual_end_date", "start_date"),
            holds=pl.col("actual_end_date") >= pl.col("start_date"),
            zh="实际结束时间不应早于开始时间",
            en="A stint does not end before it begins",
            guidance_zh="核对两个日期，更正后重新报送。",
            guidance_en="Check both dates, correct and send again.",
        ),
        RowRule(
            name="a_stint_lies_in_the_school_year",
            severity="query",
            fields=("start_date", "school_year", "planned_end_date", "actual_end_date"),
            holds=(pl.col("start_date") < pl.date(pl.col("school_year") + 1, 9, 1))
            & (
                pl.coalesce("actual_end_date", "planned_end_date", pl.lit(None, dtype=pl.Date))
                >= pl.date(pl.col("school_year"), 7, 1)
            ).fill_null(True),
            zh="交流时间应与本学年有交集",
            en="A stint lies, at least in part, in the school year of its list",
            guidance_zh="核对日期与名单的学年。",
            guidance_en="Check the dates and the school year of the list.",
        ),
    ),
)
