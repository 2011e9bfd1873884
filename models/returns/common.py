"""Fields and code lists that several returns share.

Belongs here: identity of a school row (year, county, school, stage) and the national code lists.
Does not belong here: fields of one return only.
"""

from __future__ import annotations

import pandera.polars as pa

from models.returns.contract import field

STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}

#: Departments that own figures (domain §7); titles in ``rulebook/department.csv``.
GENERAL = "general_education"
FUNDING = "infrastructure_finance"
PERSONNEL = "personnel"
EQUIPMENT = "education_technology"
STATISTICS = "statistics"
SUPERVISION = "supervision"


class SchoolReturn(pa.DataFrameModel):
    """Columns by which every school-level return says whose row it is."""

    school_year: int = field(
        "学年",
        "School year (the year it starts; 2020 = 2020/21)",
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
    school_code: str = field(
        "学校（机构）标识码",
        "School code (ten digits)",
        owner=STATISTICS,
        kind="code",
        required=True,
        str_matches=r"^\d{10}$",
    )
    school_name: str = field("学校（机构）名称", "School name", owner=STATISTICS, kind="text", expected=False)

    class Config:
        strict = False
        coerce = False


class StageReturn(SchoolReturn):
    """A school-level return with one row per stage taught."""

    stage: str = field("学段", "Stage", owner=STATISTICS, kind="code", required=True, choices=STAGES)
