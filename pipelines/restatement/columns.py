"""The audit tables on restatements: their titles, grains and columns.

Belongs here: what each column holds and means, in both languages. Does not belong here: filling them (``effects``).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.intake.restate import RESTATEMENT_SCHEMA

TABLES = {
    "audit.restatement": (
        "更正记录",
        "Restatements: every figure that a later submission stated differently, with both cells and its effect",
    ),
    "audit.restatement_effect": (
        "单项更正对差异系数的影响",
        "What one restated figure alone does to each coefficient: older in place of newer, all else as now. Where a "
        "submission restated more than a dozen of a county and year, they are not looked at alone: "
        "audit.submission_effect",
    ),
    "audit.submission_effect": (
        "一次更正报送对差异系数的影响",
        "What all that one submission restated of another does to each coefficient: older in place of newer, "
        "all else as now",
    ),
    "audit.restated_point": (
        "经更正的趋势点",
        "Points of trend lines that restatements moved: as first stated and now; effects of single ones need not add "
        "up to it",
    ),
}

GRAINS = {
    "audit.restatement": ("form", "school_year", "row_key", "field", "new_submission_id"),
    "audit.restatement_effect": (
        "form", "row_key", "field", "new_submission_id", "county_code", "school_year", "stage", "standard", "indicator",
    ),
    "audit.submission_effect": (
        "old_submission_id", "new_submission_id", "county_code", "school_year", "stage", "standard", "indicator",
    ),
    "audit.restated_point": ("county_code", "school_year", "stage", "standard", "indicator"),
}  # fmt: skip

Column = tuple[Any, str, str]

_POINT: dict[str, Column] = {
    "county_code": (pl.String, "县级行政区划代码", "County code of today"),
    "county_name": (pl.String, "县（市、区）", "County"),
    "school_year": (pl.Int32, "学年", "School year (the year it starts)"),
    "stage": (pl.String, "学段", "Stage: primary or junior"),
    "standard": (pl.String, "标准", "Standard: basic_2012 or quality_2017"),
    "indicator": (pl.String, "指标", "Indicator; composite: the composite coefficient"),
}
_SIDES: dict[str, Column] = {
    "coefficient_old": (pl.Float64, "更正前差异系数", "Coefficient with the older statement, all else as now"),
    "coefficient_new": (pl.Float64, "更正后差异系数", "Coefficient with the newer statement, all else as now"),
    "effect": (pl.Float64, "影响", "Newer less older; null where one of them has no coefficient"),
    "meets_old": (pl.Boolean, "更正前是否达标", "Whether it met the line before (of the composite: the verdict)"),
    "meets_new": (pl.Boolean, "更正后是否达标", "Whether it meets the line with the newer statement"),
}
_PAIR: dict[str, Column] = {
    "old_submission_id": (pl.String, "原报送编号", "Submission with the older statement"),
    "new_submission_id": (pl.String, "更正报送编号", "Submission with the newer statement"),
}
_FIGURE: dict[str, Column] = {
    "form": (pl.String, "报表", "Return"),
    "row_key": (pl.String, "行标识", "What identifies the row in its return and period (parts divided by |)"),
    "field": (pl.String, "字段", "Field of the return; empty: the row as a whole"),
}

_RESTATEMENT: dict[str, tuple[str, str]] = {
    "form": _FIGURE["form"][1:],
    "school_year": ("学年（经费为年度）", "School year (the year it starts); of funding the fiscal year"),
    "county_code": ("县级行政区划代码", "County code as reported"),
    "school_code": ("学校（机构）标识码", "School code"),
    "school_name": ("学校（机构）名称", "School name"),
    "stage": ("学段", "Stage"),
    "row_key": _FIGURE["row_key"][1:],
    "field": ("字段", "Field; empty where a listing gained or lost the row"),
    "change": (
        "变化类型",
        "restated, became_usable (was in quarantine), became_unusable, row_added or row_removed (of a listing)",
    ),
    "old_value": ("原值", "Older value as a number; null where missing, no number, or not usable"),
    "new_value": ("现值", "Newer value as a number; null where missing, no number, or not usable"),
    "old_text": ("原值（文本）", "Older value as text; of a quarantined row what stands in the cell at fault"),
    "new_text": ("现值（文本）", "Newer value as text; of a quarantined row what stands in the cell at fault"),
    "old_submission_id": _PAIR["old_submission_id"][1:],
    "old_file_name": ("原文件", "Its file"),
    "old_sheet": ("原工作表", "Its sheet"),
    "old_cell": ("原单元格", "Its cell (several are summed)"),
    "old_received_at": ("原接收时间", "When it was received (UTC)"),
    "new_submission_id": _PAIR["new_submission_id"][1:],
    "new_file_name": ("更正文件", "Its file"),
    "new_sheet": ("更正工作表", "Its sheet"),
    "new_cell": ("更正单元格", "Its cell (several are summed)"),
    "received_at": ("更正接收时间", "When the newer statement was received (UTC)"),
    "superseded": ("是否又被更正", "Whether a still later statement superseded the newer one"),
}

_COLUMNS: dict[str, dict[str, Column]] = {
    "audit.restatement": {
        **{name: (RESTATEMENT_SCHEMA[name], *words) for name, words in _RESTATEMENT.items()},
        "effect_basis": (
            pl.String,
            "影响口径",
            "figure (this figure, or row, alone), submission (all it restated together), none (feeds no coefficient)",
        ),
        "effect_county_code": (pl.String, "受影响的县", "County of today whose coefficient moved most"),
        "effect_stage": (pl.String, "受影响的学段", "Stage of that coefficient"),
        "effect_standard": (pl.String, "受影响的标准", "Standard of that coefficient"),
        "effect_indicator": (
            pl.String,
            "受影响最大的指标",
            "Its indicator: of the single ones, the one that moved most",
        ),
        **{name: _SIDES[name] for name in ("coefficient_old", "coefficient_new", "effect")},
        "composite_old": (pl.Float64, "更正前综合差异系数", "Composite of that county, stage and standard before"),
        "composite_new": (pl.Float64, "更正后综合差异系数", "The same with the newer statement"),
        "verdict_old": (pl.Boolean, "更正前判定", "Verdict on that composite before (null: withheld, or no line)"),
        "verdict_new": (pl.Boolean, "更正后判定", "The same with the newer statement"),
        "flips": (
            pl.Int32,
            "翻转的综合判定数",
            "Verdicts on composites that it changes, in any county, stage and standard (null: feeds no coefficient)",
        ),
        "feeds": (
            pl.String,
            "用到该字段的趋势表",
            "Tables of trends with a column that comes from this field (of a row as a whole: from any of its fields)",
        ),
    },
    "audit.restatement_effect": {**_FIGURE, **_PAIR, **_POINT, **_SIDES},
    "audit.submission_effect": {
        **_PAIR,
        **_POINT,
        "figures": (pl.Int32, "更正项数", "Figures (and whole rows) restated of the county and year that may count"),
        **_SIDES,
    },
    "audit.restated_point": {
        **_POINT,
        "coefficient_first": (pl.Float64, "首报差异系数", "Coefficient with every row as it was first stated"),
        "coefficient": (pl.Float64, "现差异系数", "Coefficient now"),
        "change": (pl.Float64, "变化", "Now less first; null where one of them has no coefficient"),
        "meets_first": (pl.Boolean, "首报是否达标", "Whether it met the line as first stated (composite: the verdict)"),
        "meets": (pl.Boolean, "现是否达标", "Whether it meets the line now"),
        "figures": (pl.Int32, "更正项数", "Figures (and whole rows) restated of the county and year that may count"),
        "received_at": (pl.Datetime("us", "UTC"), "最近更正接收时间", "When the last restatement was received (UTC)"),
    },
}

#: What each column means, zh and en, by table.
COLUMNS = {table: {name: (zh, en) for name, (_, zh, en) in columns.items()} for table, columns in _COLUMNS.items()}


def schema_of(table: str) -> dict[str, Any]:
    """Return the polars schema of one of these tables."""
    return {name: column[0] for name, column in _COLUMNS[table].items()}
