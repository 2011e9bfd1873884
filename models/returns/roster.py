"""Roster of staff: who serves at which school on 1 September. Two consecutive ones show who moved (domain §5)."""

from __future__ import annotations

import polars as pl

from models.returns.common import PERSONNEL, StageReturn
from models.returns.contract import Contract, RowRule, date, field, name_of_person, person

POSTS = {"principal": "校长", "vice_principal": "副校长", "teacher": "专任教师", "staff": "其他教职工"}
EXEMPTIONS = {"nursing": "孕产哺乳", "illness": "重大疾病", "retirement": "临近退休", "other": "其他"}


class Roster(StageReturn):
    """One row per person and school at which the person serves (not: to which the post belongs)."""

    person: str = person("身份证件号或教职工编号", "ID number or staff number", owner=PERSONNEL)
    name: str = name_of_person("姓名", "Name", owner=PERSONNEL)
    post: str = field("岗位", "Post", owner=PERSONNEL, kind="code", required=True, choices=POSTS)
    subject: str = field("任教学科", "Subject", owner=PERSONNEL, kind="text", expected=False)
    permanent: int = field("是否在编", "Permanent staff (1) or not (0)", owner=PERSONNEL, kind="count", isin=[0, 1])
    backbone: int = field("是否骨干教师", "Backbone teacher (1) or not (0)", owner=PERSONNEL, kind="count", isin=[0, 1])
    arrived_date: pl.Date = date("到本校任教时间", "First day at this school", owner=PERSONNEL)
    exempt: str = field(
        "不参加交流原因",
        "Why the person is not exchanged (blank: no such reason)",
        owner=PERSONNEL,
        kind="code",
        choices=EXEMPTIONS,
        expected=False,
    )


CONTRACT = Contract(
    name="roster",
    zh="教职工名册",
    en="Roster of staff",
    model=Roster,
    grain=("school_year", "person", "school_code"),
    listing=True,
    rules=(
        RowRule(
            name="on_the_roster_since_before_its_day",
            severity="query",
            fields=("arrived_date", "school_year"),
            holds=pl.col("arrived_date") <= pl.date(pl.col("school_year"), 9, 1),
            zh="到校时间不应晚于名册统计时点",
            en="Who is on the roster arrived before its day",
            guidance_zh="核对到校时间与名册的学年。",
            guidance_en="Check the date and the school year of the roster.",
        ),
    ),
)
