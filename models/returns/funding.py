"""Funding (教财): what a county had and spent on education in a calendar year, one figure per row (domain §3).

The base of a growth is often restated, so a row carries the year before *as printed this year* beside the figure; the
year before as published then is the row of that year. What the county itself declares (growth, gap, share) is kept to
be compared, never used where it can be computed.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from models.returns.common import FUNDING, STATISTICS
from models.returns.contract import Contract, RowRule, amount, field

#: ``all`` is the county as a whole. Levels outside compulsory education are known so that official tables can be read
#: whole.
LEVELS = {
    "all": "全县",
    "kindergarten": "幼儿园",
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
    "vocational": "中等职业学校",
    "special": "特殊教育学校",
}

ITEMS = {
    "education_funds": "一般公共预算教育经费",
    "regular_revenue": "财政经常性收入",
    "expenditure_per_pupil": "生均一般公共预算教育事业费支出",
    "public_use_per_pupil": "生均一般公共预算公用经费支出",
    "teacher_wage": "教师年人均工资",
    "education_expenditure": "一般公共预算教育支出",
    "education_expenditure_per_pupil": "生均一般公共预算教育支出",
    "budget_spending": "一般公共预算支出",
    "fiscal_education_funds": "财政性教育经费",
    "gdp": "地区生产总值",
    "public_use_funds": "公用经费支出",
    "wage_bill": "教职工工资总额",
    "training_funds": "教师培训经费",
}

_RATE = "小数"


class Funding(pa.DataFrameModel):
    """One row per county, calendar year, level and item; money in 元, rates as fractions."""

    fiscal_year: int = field(
        "年度",
        "Fiscal year (calendar year)",
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
    county_name: str = field("县（市、区）", "County", owner=STATISTICS, kind="text", expected=False)
    stage: str = field(
        "学段", "Level (all: the whole county)", owner=FUNDING, kind="code", required=True, choices=LEVELS
    )
    item: str = field("项目", "Item", owner=FUNDING, kind="code", required=True, choices=ITEMS)
    value_yuan: float = amount("本年数", "Figure of the year", owner=FUNDING, unit="元")
    prior_value_yuan: float = amount(
        "上年数",
        "Year before, as printed this year (restated)",
        owner=FUNDING,
        unit="元",
        note="按本年同口径 / on the basis of this year",
    )
    declared_growth: float = field(
        "本年比上年增长",
        "Growth as declared",
        owner=FUNDING,
        unit=_RATE,
        kind="number",
        ge=-1,
        expected=False,
    )
    compared_growth: float = field(
        "对比项目增长",
        "Growth of what it is compared with (of regular revenue), as declared",
        owner=FUNDING,
        unit=_RATE,
        kind="number",
        ge=-1,
        expected=False,
        note="一般公共预算教育经费与财政经常性收入比较 / education funds are compared with regular revenue",
    )
    declared_gap: float = field(
        "增长幅度比较",
        "Growth less the growth it is compared with, as declared",
        owner=FUNDING,
        unit=_RATE,
        kind="number",
        expected=False,
    )
    declared_share: float = field(
        "占比",
        "Share as declared",
        owner=FUNDING,
        unit=_RATE,
        kind="number",
        ge=0,
        le=1,
        expected=False,
        note="教育经费占一般公共预算支出；财政性教育经费占地区生产总值；培训经费占公用经费 / "
        "of budget spending; of GDP; of public-use funds",
    )
    basis: str = field("口径", "Basis of the figures", owner=FUNDING, kind="text", expected=False)

    class Config:
        strict = False
        coerce = False


#: Rates are printed with two decimals of a percent: half of the last one, and a float's error.
_HALF_DIGIT = 0.00005 + 1e-9
_VALUE, _PRIOR = pl.col("value_yuan"), pl.col("prior_value_yuan")
_GROWTH, _SHARE = pl.col("declared_growth"), pl.col("declared_share")


def _step() -> pl.Expr:
    """The last printed digit of both figures, in 元: 亿元 and 万元 are printed with two decimals."""

    def all_multiples_of(step: float) -> pl.Expr:
        return pl.all_horizontal([((x / step) - (x / step).round()).abs() < 1e-6 for x in (_VALUE, _PRIOR)])

    return pl.when(all_multiples_of(1e6)).then(1e6).when(all_multiples_of(100)).then(100.0).otherwise(0.01)


def _is_growth(rate: pl.Expr, now: pl.Expr = _VALUE, before: pl.Expr = _PRIOR) -> pl.Expr:
    """Whether ``rate`` is the growth from ``before`` to ``now``, as exactly as both were printed."""
    slack = _step() / 2 * (before + now) / (before * before)
    return pl.when(before > 0).then((now / before - 1 - rate).abs() <= _HALF_DIGIT + slack)


def _makes_the_gap(rate: pl.Expr) -> pl.Expr:
    """Whether the declared gap is ``rate`` less the compared growth; each of the three may have been rounded."""
    return (rate - pl.col("compared_growth") - pl.col("declared_gap")).abs() <= 3 * _HALF_DIGIT


def _instead(right: pl.Expr, wrong: pl.Expr) -> pl.Expr:
    """``wrong`` does what ``right`` should do and does not."""
    return ~right.fill_null(True) & wrong.fill_null(False)


_SHARE_IS_THE_GROWTH = _instead(_makes_the_gap(_GROWTH), _makes_the_gap(_SHARE)) | _instead(
    _is_growth(_GROWTH), _is_growth(_SHARE)
)
_YEARS_ARE_SWAPPED = _instead(_is_growth(_GROWTH), _is_growth(_GROWTH, _PRIOR, _VALUE)) & ~_SHARE_IS_THE_GROWTH
_EXPLAINED = _SHARE_IS_THE_GROWTH | _YEARS_ARE_SWAPPED

CONTRACT = Contract(
    name="funding",
    zh="教育经费情况",
    en="Education funding",
    model=Funding,
    grain=("fiscal_year", "county_code", "stage", "item"),
    forms={"教财": "分析1, 分析2"},
    period="fiscal_year",
    rules=(
        RowRule(
            name="share_and_growth_in_each_others_place",
            severity="error",
            fields=("declared_growth", "declared_share", "compared_growth", "declared_gap"),
            holds=~_SHARE_IS_THE_GROWTH,
            expected=_SHARE,
            zh="增长率与占比两列疑似互换：占比栏的数才是增长率",
            en="Growth and share stand in each other's column: it is the share that fits as growth",
            guidance_zh="核对“占比”与“本年比上年增长”两列的列名与数据，更正后重新报送。",
            guidance_en="Check headers and figures of the two columns (share and growth), correct and send again.",
        ),
        RowRule(
            name="years_in_each_others_place",
            severity="error",
            fields=("value_yuan", "prior_value_yuan", "declared_growth"),
            holds=~_YEARS_ARE_SWAPPED,
            expected=_PRIOR,
            zh="本年数与上年数疑似互换：换过来才与增长率相符",
            en="This year and the year before stand in each other's column: only so the growth fits",
            guidance_zh="核对“本年数”与“上年数”两列，更正后重新报送。",
            guidance_en="Check the two columns, correct and send again.",
        ),
        RowRule(
            name="declared_growth_is_the_growth",
            severity="error",
            fields=("declared_growth", "value_yuan", "prior_value_yuan"),
            holds=_is_growth(_GROWTH) | _EXPLAINED,
            expected=pl.when(_PRIOR > 0).then((_VALUE / _PRIOR - 1).round(6)),
            zh="增长率 =（本年数 − 上年数）÷ 上年数，保留两位小数",
            en="Declared growth = (figure − year before) ÷ year before, to two decimals of a percent",
            guidance_zh="核对本年数、同口径上年数与增长率，更正后重新报送。",
            guidance_en="Check the figure, the restated year before and the growth; correct and send again.",
        ),
        RowRule(
            name="declared_gap_is_the_difference",
            severity="error",
            fields=("declared_gap", "declared_growth", "compared_growth"),
            holds=_makes_the_gap(_GROWTH) | _EXPLAINED,
            expected=(_GROWTH - pl.col("compared_growth")).round(6),
            zh="增长幅度比较 = 本项增长率 − 对比项目增长率",
            en="Declared gap = growth − the growth it is compared with",
            guidance_zh="核对两个增长率及其差，更正后重新报送。",
            guidance_en="Check both growths and their difference; correct and send again.",
        ),
    ),
)
