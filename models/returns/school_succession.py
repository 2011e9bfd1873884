"""School succession: which school carries on which, so that a trend does not break (domain §6)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.common import STATISTICS
from models.returns.contract import Contract, RowRule, field


class SchoolSuccession(pa.DataFrameModel):
    """One row per school code that ended."""

    school_year: int = field(
        "学年",
        "First school year of the successor",
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
        "原学校标识码", "Code that ended", owner=STATISTICS, kind="code", required=True, str_matches=r"^\d{10}$"
    )
    successor_code: str = field(
        "承继学校标识码", "Code that carries on", owner=STATISTICS, kind="code", str_matches=r"^\d{10}$"
    )
    reason: str = field(
        "变更原因",
        "Reason",
        owner=STATISTICS,
        kind="code",
        required=True,
        choices={"merged": "合并", "type_changed": "变更办学类型", "recoded": "更换标识码", "closed": "撤销"},
    )

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="school_succession",
    zh="学校标识码变更承继表",
    en="School succession",
    model=SchoolSuccession,
    grain=("school_year", "school_code"),
    rules=(
        RowRule(
            name="a_school_does_not_succeed_itself",
            severity="error",
            fields=("successor_code", "school_code"),
            holds=pl.col("successor_code") != pl.col("school_code"),
            zh="承继学校不能是原学校本身",
            en="A school does not succeed itself",
            guidance_zh="填写承继学校的标识码；撤销且无承继的留空。",
            guidance_en="Give the successor's code, or leave it blank for a closure without successor.",
        ),
        RowRule(
            name="only_a_closure_lacks_a_successor",
            severity="error",
            fields=("successor_code", "reason"),
            holds=pl.col("successor_code").is_not_null() | (pl.col("reason") == "closed"),
            zh="除撤销外须填写承继学校标识码",
            en="Only a closure may lack a successor",
            guidance_zh="补填承继学校标识码。",
            guidance_en="Give the successor's code.",
        ),
    ),
)
