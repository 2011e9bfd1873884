"""County-government work: the self-review sheet of the evaluation, one row per item (domain §1.5 and §2).

The items are those of the rulebook (``government_item.csv``). An item that carries points is declared with a score, one
with a line with a value; where neither fits, whether it is met. What the warehouse can compute is set beside it
(``trends.government_work``), never here.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandera.polars as pa
import polars as pl

from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, RowRule, amount, field

#: Where the items stand: the rulebook, which says for each of them what it asks for.
ITEMS = Path(__file__).parent.parent / "rulebook" / "government_item.csv"


def items() -> dict[str, str]:
    """Items of the rulebook: key → Chinese title."""
    with ITEMS.open(encoding="utf-8-sig", newline="") as file:
        return {row["item"]: row["zh"] for row in csv.DictReader(file)}


class GovernmentWork(pa.DataFrameModel):
    """One row per county, school year and item."""

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
    item: str = field("评估内容", "Item", owner=SUPERVISION, kind="code", required=True, choices=items())
    score: float = amount(
        "自评得分", "Score as declared", owner=SUPERVISION, unit="分", le=100, expected=False,
        note="基本均衡各项；优质均衡各项填“*” / of items that carry points",
    )  # fmt: skip
    rate: float = field(
        "指标值（比率）",
        "Rate as declared",
        owner=SUPERVISION,
        unit="小数",
        kind="number",
        ge=0,
        expected=False,
        note="标准线为比率的项目 / where the line is a rate",
    )
    value: float = field(
        "指标值（数量）",
        "Figure as declared",
        owner=SUPERVISION,
        kind="number",
        ge=0,
        expected=False,
        note="标准线为数量的项目 / where the line is no rate",
    )
    met: int = field(
        "是否达到",
        "Met (1) or not (0), as declared",
        owner=SUPERVISION,
        kind="count",
        isin=[0, 1],
        expected=False,
    )
    evidence: str = field("佐证材料", "Evidence: its reference in the files", owner=SUPERVISION, kind="text")
    note: str = field("说明", "Note", owner=SUPERVISION, kind="text", expected=False)

    class Config:
        strict = False
        coerce = False


_SAID = ("score", "rate", "value", "met")

CONTRACT = Contract(
    name="government_work",
    zh="县级人民政府推进义务教育均衡发展工作评估",
    en="County-government work for balanced compulsory education",
    model=GovernmentWork,
    grain=("school_year", "county_code", "item"),
    rules=(
        RowRule(
            name="a_government_item_is_declared",
            severity="error",
            fields=_SAID,
            holds=pl.any_horizontal([pl.col(name).is_not_null() for name in _SAID]),
            zh="自评得分、指标值（比率或数量）、是否达到至少填一项",
            en="Score, rate, figure or whether it is met: one of them is declared",
            guidance_zh="补填自评得分；有量化标准的填指标值，其他填是否达到。",
            guidance_en="Enter the score; where the item has a line its value, else whether it is met.",
        ),
        RowRule(
            name="a_government_item_names_its_evidence",
            severity="query",
            fields=("evidence",),
            holds=pl.col("evidence").is_not_null(),
            zh="每项须注明佐证材料编号",
            en="Every item names its evidence",
            guidance_zh="补填佐证材料的卷号或文号。",
            guidance_en="Enter the reference of the file that proves it.",
        ),
    ),
)
