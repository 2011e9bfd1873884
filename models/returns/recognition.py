"""Recognition (县域认定): the school year in which the state recognised a county by a standard, or withdrew it.

Every filing of a county lists all of its recognitions, those withdrawn included; the latest filing counts as a whole
(``core.recognition``), so that a date told wrongly is corrected by the next one.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.attainment_plan import STANDARDS
from models.returns.common import STATISTICS, SUPERVISION
from models.returns.contract import Contract, RowRule, date, field


class Recognition(pa.DataFrameModel):
    """One row per county, standard and recognition, as it stood in the school year of the filing."""

    school_year: int = field(
        "学年",
        "School year of the filing (the year it starts)",
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
    standard: str = field("标准", "Standard", owner=SUPERVISION, kind="code", required=True, choices=STANDARDS)
    recognised_year: int = field(
        "认定学年",
        "School year in which the state recognised the county",
        owner=SUPERVISION,
        kind="year",
        required=True,
        ge=1980,
        le=2100,
    )
    recognised_on: pl.Date = date("认定日期", "Day of the recognition", owner=SUPERVISION, expected=False)
    document: str = field("认定文件", "Document of the recognition", owner=SUPERVISION, kind="text")
    withdrawn_year: int = field(
        "撤销认定学年",
        "School year from which the recognition is withdrawn",
        owner=SUPERVISION,
        kind="year",
        ge=1980,
        le=2100,
        expected=False,
    )
    withdrawal_document: str = field(
        "撤销认定文件", "Document of the withdrawal", owner=SUPERVISION, kind="text", expected=False
    )
    note: str = field("备注", "Note", owner=SUPERVISION, kind="text", expected=False)

    class Config:
        strict = False
        coerce = False


CONTRACT = Contract(
    name="recognition",
    zh="县域义务教育均衡发展认定情况",
    en="Recognition by the state",
    model=Recognition,
    grain=("school_year", "county_code", "standard", "recognised_year"),
    listing=True,
    rules=(
        RowRule(
            name="a_recognition_is_not_of_the_future",
            severity="error",
            fields=("recognised_year", "school_year"),
            holds=pl.col("recognised_year") <= pl.col("school_year"),
            zh="认定学年不晚于填报学年",
            en="A recognition lies in the school year of the filing or before",
            guidance_zh="核对认定学年；尚未认定的不填报。",
            guidance_en="Check the school year; a county that is not recognised yet files no row.",
        ),
        RowRule(
            name="a_withdrawal_follows_the_recognition",
            severity="error",
            fields=("withdrawn_year", "recognised_year"),
            holds=pl.col("withdrawn_year") >= pl.col("recognised_year"),
            zh="撤销认定学年不早于认定学年",
            en="A recognition is not withdrawn before it was given",
            guidance_zh="核对两个学年。",
            guidance_en="Check both school years.",
        ),
        RowRule(
            name="a_recognition_is_dated_within_its_year",
            severity="query",
            fields=("recognised_on", "recognised_year"),
            holds=(pl.col("recognised_on").dt.year() - pl.col("recognised_year")).is_between(0, 1),
            zh="认定日期应在认定学年之内",
            en="The day of the recognition lies in its school year",
            guidance_zh="学年自9月1日起；核对日期与学年。",
            guidance_en="A school year begins on 1 September; check day and school year.",
        ),
        RowRule(
            name="a_recognition_names_its_document",
            severity="query",
            fields=("document",),
            holds=pl.col("document").is_not_null(),
            zh="认定须注明文件",
            en="A recognition names its document",
            guidance_zh="补填国家认定公布文件的文号。",
            guidance_en="Enter the number of the document by which the state announced it.",
        ),
    ),
)
