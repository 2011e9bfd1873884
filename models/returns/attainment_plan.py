"""Plan: the year by which a county or a school must attain a standard (domain §7)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, RowRule, field

STANDARDS = {"basic_2012": "基本均衡", "quality_2017": "优质均衡"}
PLAN_STAGES = {"primary": "小学", "junior": "初中", "all": "全部学段"}


class AttainmentPlan(pa.DataFrameModel):
    """One row per county or school, standard and stage, as planned in that school year."""

    school_year: int = field(
        "学年",
        "School year in which the plan was filed (the year it starts)",
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
    target_code: str = field(
        "规划对象代码",
        "Code of the school (ten digits) or of the county (six)",
        owner=SUPERVISION,
        kind="code",
        required=True,
        str_matches=r"^(\d{6}|\d{10})$",
    )
    target_name: str = field("规划对象名称", "School or county", owner=SUPERVISION, kind="text", expected=False)
    standard: str = field("标准", "Standard", owner=SUPERVISION, kind="code", required=True, choices=STANDARDS)
    stage: str = field("学段", "Stage", owner=SUPERVISION, kind="code", required=True, choices=PLAN_STAGES)
    target_year: int = field(
        "规划达标学年",
        "School year by which it must attain",
        owner=SUPERVISION,
        kind="year",
        required=True,
        ge=1980,
        le=2100,
    )
    note: str = field("备注", "Note", owner=SUPERVISION, kind="text", expected=False)

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="attainment_plan",
    zh="义务教育均衡发展达标规划",
    en="Plan of attainment",
    model=AttainmentPlan,
    grain=("school_year", "county_code", "target_code", "standard", "stage"),
    rules=(
        RowRule(
            name="a_planned_county_is_the_one_that_files",
            severity="error",
            fields=("target_code", "county_code"),
            holds=(pl.col("target_code").str.len_chars() != 6) | (pl.col("target_code") == pl.col("county_code")),
            expected=pl.col("county_code"),
            zh="规划对象为县时应为填报县本身",
            en="A plan for a county is filed by that county",
            guidance_zh="更正规划对象代码：学校填十位标识码，县填本县六位代码。",
            guidance_en="Correct the code: ten digits of a school, or the six digits of the county that files.",
        ),
    ),
)
