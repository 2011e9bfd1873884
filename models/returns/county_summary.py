"""County summary: a yearbook's table of schools, pupils and staff by county, for comparison with the returns."""

from __future__ import annotations

import pandera.polars as pa

from models.returns.common import GENERAL, PERSONNEL, STATISTICS
from models.returns.contract import Contract, count, field, not_above


class CountySummary(pa.DataFrameModel):
    """One row per county and level as printed; ``secondary`` is junior and senior together."""

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
    )
    county_name: str = field("县（市、区）", "County", owner=STATISTICS, kind="text")
    level: str = field(
        "层次",
        "Level",
        owner=STATISTICS,
        kind="code",
        required=True,
        choices={"primary": "小学", "junior": "初中", "senior": "高中", "secondary": "普通中学"},
    )
    schools: int = count("学校数", "Schools", owner=STATISTICS, unit="所", expected=False)
    graduates: int = count("毕业生数", "Graduates", owner=GENERAL)
    entrants: int = count("招生数", "Entrants", owner=GENERAL)
    pupils: int = count("在校学生数", "Pupils", owner=GENERAL)
    staff: int = count("教职员工数", "Staff", owner=PERSONNEL, expected=False)
    teachers: int = count("专任教师数", "Full-time teachers", owner=PERSONNEL, expected=False)

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="county_summary",
    zh="县域教育汇总（年鉴）",
    en="County summary (yearbook)",
    model=CountySummary,
    grain=("school_year", "county_code", "level"),
    rules=(
        not_above(
            "summary_teachers_within_staff",
            "teachers",
            "staff",
            severity="query",
            zh="专任教师数一般不大于教职员工数",
            en="Full-time teachers do not normally exceed staff",
        ),
    ),
)
