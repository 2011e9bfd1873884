"""School register (基础基111/112, 教基1001): what each school is, on 1 September."""

from __future__ import annotations

import polars as pl

from models.returns.common import STATISTICS, SchoolReturn
from models.returns.contract import Contract, RowRule, field

#: 办学类型 (domain §6) that occur in compulsory education or must be recognised to be left out.
SCHOOL_TYPES = {
    "211": "小学",
    "218": "小学教学点",
    "311": "初级中学",
    "312": "九年一贯制学校",
    "341": "完全中学",
    "342": "高级中学",
    "345": "十二年一贯制学校",
    "361": "职业初中",
    "511": "特殊教育学校",
}
URBAN_RURAL = {
    "111": "主城区",
    "112": "城乡结合区",
    "121": "镇中心区",
    "122": "镇乡结合区",
    "123": "特殊区域",
    "210": "乡中心区",
    "220": "村庄",
}


class School(SchoolReturn):
    """One row per school."""

    school_type: str = field(
        "办学类型",
        "Type of school",
        owner=STATISTICS,
        kind="code",
        required=True,
        forms={"基础基": "111", "教基": "1001"},
        choices=SCHOOL_TYPES,
    )
    county_name: str = field("县（市、区）", "County", owner=STATISTICS, kind="text", expected=False)
    township: str = field("乡镇（街道）", "Township", owner=STATISTICS, kind="text", expected=False)
    urban_rural: str = field(
        "城乡分类代码",
        "Urban–rural class",
        owner=STATISTICS,
        kind="code",
        forms={"基础基": "111", "教基": "1001"},
        choices=URBAN_RURAL,
    )
    operator: str = field(
        "举办者代码",
        "Operator (999 = private)",
        owner=STATISTICS,
        kind="code",
        str_matches=r"^\d{3}$",
        forms={"基础基": "111", "教基": "1001"},
    )
    counted_as_school: int = field(
        "是否计校数",
        "Counted as a school of its own (1) or not (0)",
        owner=STATISTICS,
        kind="count",
        isin=[0, 1],
        forms={"基础基": "111", "教基": "1001"},
    )
    central_school_code: str = field(
        "所属中心校标识码",
        "Code of the central school a teaching point belongs to",
        owner=STATISTICS,
        kind="code",
        str_matches=r"^\d{10}$",
        expected=False,
    )


CONTRACT = Contract(
    name="school",
    zh="学校（机构）基本情况",
    en="School register",
    model=School,
    grain=("school_year", "school_code"),
    forms={"基础基": "111", "教基": "1001"},
    rules=(
        RowRule(
            name="teaching_point_names_its_central_school",
            severity="query",
            fields=("central_school_code", "school_type"),
            holds=(pl.col("school_type") != "218") | pl.col("central_school_code").is_not_null(),
            zh="教学点应填写所属中心校标识码",
            en="A teaching point names its central school",
            guidance_zh="补填所属中心校标识码；无中心校的请说明。",
            guidance_en="Give the code of the central school, or explain why there is none.",
        ),
    ),
)
