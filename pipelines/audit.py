"""The audit tables of a release: what was received, how many rows of it count, what was found.

Belongs here: ``audit.submission``, ``audit.return_count``, ``audit.rule`` and ``audit.rule_run``, and what all audit
tables and their columns mean. Does not belong here: ``audit.source_column`` itself (``pipelines.intake.assemble``),
restatements (``pipelines.restatement``), findings with their status, and answers (``pipelines.findings``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from checks.catalogue import catalogue, expectation_catalogue
from checks.expectations import suites
from models import rules as rulebook
from models.returns import CONTRACTS
from pipelines import column_lineage, rule_trend, stored_models
from pipelines.intake.assemble import audit_bindings, restatement_files, superseded_bindings
from pipelines.marts import mart_bindings
from pipelines.restatement import columns as restatement
from pipelines.restatement.effects import Sources, restatement_tables
from pipelines.rules import LOOKED_SCHEMA, read_rules_run, rule_findings
from warehouse.files import replacing
from warehouse.home import Home
from warehouse.ledger import Ledger, Submission
from warehouse.sqlmodels import SqlModel

TABLES = {
    "audit.submission": ("收到的报表文件", "Files received: every submission, accepted or rejected"),
    "audit.return_count": (
        "各报表各学年各县行数",
        "Rows that count, rows held back and findings, by return and county",
    ),
    "audit.finding": ("审核发现", "Findings: what is wrong, where it stands, who answers for it and what to do"),
    "audit.rule": ("审核规则", "Rules: what is checked, how severely, who answers for it and what to do"),
    "audit.rule_run": (
        "审核规则执行情况（按学年）",
        "What each rule looked at and found, by school year; a rule that was not applied has a row that says why",
    ),
    rule_trend.TABLE: rule_trend.TITLE,
    "audit.explanation": ("书面说明", "Explanations: every one given, and what was decided about it"),
    "audit.waiver": ("豁免", "Waivers: every one given, also expired and revoked ones"),
    "audit.completeness": (
        "报送完整性（应报报表逐县逐年）",
        "Returns that are owed: due when, received when, and what became of them",
    ),
    "audit.completeness_summary": ("报送完整性汇总", "Returns that are owed, counted by school year and return"),
    "audit.source_column": ("字段来源列", "Where each field of a return stands in each sheet"),
    **restatement.TABLES,
    stored_models.TABLE: stored_models.TITLE,
    column_lineage.TABLE: column_lineage.TITLE,
    "returns.quarantine": ("因硬性错误被隔离的行", "Rows held back for a hard error; their schools count as missing"),
    "audit.expectation": (
        "对趋势表的期望及其检查结果",
        "What is expected of the tables of trends, and whether it holds (checked before the release)",
    ),
}

GRAINS = {
    "audit.expectation": ("rule",),
    "audit.submission": ("submission_id",),
    "audit.return_count": ("form", "school_year", "county_code"),
    "audit.rule": ("rule",),
    "audit.rule_run": ("rule", "school_year"),
    rule_trend.TABLE: rule_trend.GRAIN,
    **restatement.GRAINS,
    stored_models.TABLE: ("table_name",),
    column_lineage.TABLE: column_lineage.GRAIN,
    "audit.explanation": ("explanation_id",),
    "audit.waiver": ("waiver_id",),
    "audit.completeness": ("county_code", "school_year", "form"),
    "audit.completeness_summary": ("school_year", "form"),
}

_SEEN = {
    "form": ("报表", "Return"),
    "school_year": ("学年", "School year (the year it starts)"),
    "county_code": ("县级行政区划代码", "County code as reported"),
    "submission_id": ("报送编号", "Submission"),
    "file_name": ("文件名", "File name"),
    "sheet": ("工作表", "Sheet"),
}
_FAULT = {"fault_id": ("问题编号", "Fault: the same whichever submission shows it; answers are given to it")}
_SHOWN = ("所见内容", "Value → expected value for which the answer was given (null: for any)")
COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "audit.submission": {
        "submission_id": ("报送编号", "Submission"),
        "sequence": ("接收顺序", "Order of receipt"),
        "sha256": ("文件 SHA-256", "SHA-256 of the file"),
        "file_name": ("文件名", "File name"),
        "size": ("字节数", "Bytes"),
        "layout": ("表样", "Layout it was declared to have (null: recognised)"),
        "declared_year": ("申报学年", "School year declared with it"),
        "declared_county": ("申报县码", "County code declared with it"),
        "received_at": ("接收时间", "When it was received (UTC)"),
        "received_by": ("接收人", "Who received it"),
        "status": ("状态", "accepted or rejected"),
        "reason": ("拒收原因", "Why it was rejected"),
        "supersedes": ("替代的报送", "Submission it replaces"),
        "returns": ("所含报表", "Returns in it (form:year)"),
    },
    "audit.return_count": {
        "form": _SEEN["form"],
        "school_year": _SEEN["school_year"],
        "county_code": _SEEN["county_code"],
        "rows_accepted": ("计入行数", "Rows that count"),
        "rows_quarantined": ("隔离行数", "Rows held back for a hard error"),
        "errors": ("硬性错误数", "Findings that are hard errors"),
        "queries": ("待说明数", "Findings that ask for an explanation"),
    },
    "audit.finding": {
        **_SEEN,
        "finding_id": ("发现编号", "Finding; the same on every run"),
        "rule": ("规则", "Rule"),
        "severity": ("级别", "error (row held back), query (to be explained) or note"),
        "school_code": ("学校（机构）标识码", "School code"),
        "stage": ("学段", "Stage"),
        "cell": ("单元格", "Cell"),
        "row_number": ("行号", "Row in the sheet"),
        "field": ("字段", "Field of the return"),
        "value": ("原值", "Value as it stands in the file"),
        "expected": ("应为", "What it should have been, where that is known"),
        "owner": ("责任科室", "Department that answers for it"),
        "message_zh": ("说明（中文）", "Message, Chinese"),
        "message_en": ("说明（英文）", "Message, English"),
        "guidance_zh": ("处理办法（中文）", "What to do, Chinese"),
        "guidance_en": ("处理办法（英文）", "What to do, English"),
        "superseded": ("是否已被替代", "Whether a later submission has settled it"),
        **_FAULT,
        "row_key": ("行标识", "What identifies the row in its return and period (null: about a sheet or a file)"),
        "superseded_by": ("替代它的报送", "Next submission that speaks of the same"),
        "waiver_id": ("豁免编号", "Waiver in force that covers it"),
        "status": ("状态", "open, answered (explanation not decided), explained (accepted), waived, fixed or noted"),
        "first_seen": ("首次出现", "When the first submission that shows the fault was received (UTC)"),
        "last_seen": ("最近出现", "When the last submission that shows it was received (UTC)"),
        "since": ("本次起始", "When it last appeared: answers given before do not hold any more (UTC)"),
        "fixed_at": ("更正时间", "When it was settled (UTC); null while it is there"),
        "first_release": ("首见发布版本", "First release that shows it"),
        "explanation_id": ("说明编号", "Explanation that holds for it, accepted or not decided"),
    },
    "audit.explanation": {
        "explanation_id": ("说明编号", "Explanation"),
        **_FAULT,
        "rule": ("规则", "Rule"),
        "county_code": ("县级行政区划代码", "County code as reported"),
        "school_year": ("学年", "School year (the year it starts)"),
        "seen": _SHOWN,
        "reason": ("说明", "Reason in writing"),
        "explained_by": ("说明人", "Who explains"),
        "dated": ("说明日期", "Day written on it"),
        "recorded_at": ("登记时间", "When it was recorded (UTC)"),
        "source": ("来源", "Workbook or command it came by"),
        "accepted": ("是否采纳", "Whether it was accepted (false: rejected; null: not decided)"),
        "decided_by": ("审定人", "Who decided"),
        "decided_at": ("审定时间", "When it was decided (UTC)"),
        "remark": ("审定意见", "Remark on the decision"),
        "holds": ("是否有效", "Whether a finding stands as answered or explained by it"),
    },
    "audit.waiver": {
        "waiver_id": ("豁免编号", "Waiver"),
        "fault_id": ("问题编号", "Fault it is about (null: a rule in a county)"),
        "rule": ("规则", "Rule"),
        "county_code": ("县级行政区划代码", "County code as reported"),
        "school_year": ("学年", "School year (null: every one)"),
        "seen": _SHOWN,
        "reason": ("理由", "Reason"),
        "approver": ("批准人", "Who approved it"),
        "valid_from": ("生效时间", "From when it holds (UTC)"),
        "valid_until": ("失效时间", "When it ends (UTC)"),
        "recorded_at": ("登记时间", "When it was recorded (UTC)"),
        "recorded_by": ("登记人", "Who recorded it"),
        "revoked_by": ("撤销人", "Who revoked it"),
        "revoked_at": ("撤销时间", "When it was revoked (UTC)"),
        "revoked_reason": ("撤销理由", "Why it was revoked"),
        "in_force": ("是否有效", "Whether it held when the release was made"),
        "findings": ("涉及发现数", "Findings it covers in this release"),
    },
    "audit.completeness": {
        "county_code": ("县级行政区划代码", "County code of today"),
        "county_name": ("县（市、区）", "County"),
        "school_year": ("学年（经费为年度）", "School year (the year it starts); of funding the fiscal year"),
        "form": _SEEN["form"],
        "owner": ("责任科室", "Department that files it"),
        "due": ("截止日", "Day by which it is due"),
        "first_received": ("首次收到时间", "When it was first received (UTC)"),
        "last_received": ("最近收到时间", "When it was last received (UTC)"),
        "submissions": ("报送次数", "Submissions that hold it"),
        "rows_accepted": ("计入行数", "Rows that count"),
        "rows_quarantined": ("隔离行数", "Rows held back for a hard error"),
        "share_accepted": ("计入比例", "Share of the rows that count"),
        "status": (
            "状态",
            "not_due, missing, rejected (missing, and a file of that county and year was rejected), quarantined (all "
            "rows held back), partly_quarantined, late or filed",
        ),
        "days_late": ("逾期天数", "Days from the due day to the first receipt, or to the day of the release"),
    },
    "audit.completeness_summary": {
        "school_year": ("学年（经费为年度）", "School year (the year it starts); of funding the fiscal year"),
        "form": _SEEN["form"],
        "owed": ("应报县数", "Counties that owe it"),
        "not_due": ("未到期", "Not received, not due yet"),
        "missing": ("缺报", "Missing"),
        "rejected": ("已拒收", "Missing, and a file of that county and year was rejected"),
        "quarantined": ("全部隔离", "Received, every row held back"),
        "partly_quarantined": ("部分隔离", "Received, some rows held back"),
        "late": ("迟报", "Received late"),
        "filed": ("按时报送", "Received in time, every row counts"),
        "in_time": ("按时收到", "Received in time, whatever its rows"),
        "share_received": ("收到比例", "Share of the counties that sent it"),
    },
    "audit.rule": {
        "rule": ("规则", "Rule"),
        "kind": (
            "类别",
            "reading (files), contract (a row of a return), rule (across rows), gate (a release) or expectation",
        ),
        "severity": ("级别", "error, query (to be explained) or note"),
        "owner": ("责任科室", "Department that answers for it (null: that of the field)"),
        "reads": ("读取的表", "Tables it reads, comma-separated (empty: the files themselves)"),
        "zh": ("规则（中文）", "What must hold, Chinese"),
        "en": ("规则（英文）", "What must hold, English"),
        "guidance_zh": ("处理办法（中文）", "What to do, Chinese"),
        "guidance_en": ("处理办法（英文）", "What to do, English"),
    },
    "audit.rule_run": {
        "rule": ("规则", "Rule"),
        "kind": ("类别", "Kind of the rule"),
        "severity": ("级别", "Severity of the rule"),
        "school_year": (
            "学年",
            "School year (of funding the fiscal year; null: no year is known, or not applied)",
        ),
        "rows_looked_at": (
            "检查行数",
            "Rows it looked at: of the return, or of the largest return it reads (reading: of all returns)",
        ),
        "findings": ("发现数", "Findings that no later submission has settled"),
        "superseded": ("已被替代的发现数", "Findings that a later submission has settled"),
        "schools": ("涉及学校数", "Schools with such findings"),
        "not_applied": ("未执行原因", "Why the rule was not applied (null: it was)"),
    },
    rule_trend.TABLE: rule_trend.COLUMNS,
    "audit.source_column": {
        "submission_id": _SEEN["submission_id"],
        "sheet": _SEEN["sheet"],
        "form": _SEEN["form"],
        "block": ("块", "Block of the layout"),
        "field": ("字段", "Field of the return"),
        "columns": ("列", "Columns of the sheet (several are summed)"),
        "header": ("表头", "Header text"),
        "factor": ("单位系数", "Factor from the printed unit to the stored one"),
        "layout": ("表样", "Layout"),
        "table_number": ("表号", "Table number"),
    },
    **restatement.COLUMNS,
    stored_models.TABLE: stored_models.COLUMNS,
    column_lineage.TABLE: column_lineage.COLUMNS,
    "returns.quarantine": {
        **{name: _SEEN[name] for name in ("form", "school_year", "county_code", "submission_id", "sheet")},
        "school_code": ("学校（机构）标识码", "School code (null where it could not be read)"),
        "stage": ("学段", "Stage (null where it could not be read)"),
        "row_number": ("行号", "Row in the sheet"),
        "row_key": ("行标识", "What identifies the row in its return and period (parts divided by |)"),
        "rules": ("违反的规则", "Rules it breaks"),
    },
    "audit.expectation": {
        "rule": ("规则", "Rule: table, expectation and column"),
        "table_name": ("表", "Table it is about"),
        "expectation": ("期望", "Expectation"),
        "columns": ("列", "Columns it is about"),
        "severity": ("级别", "error (the gate refuses) or query (to be explained)"),
        "success": ("是否成立", "Whether it holds"),
        "crashed": ("无法检查的原因", "Why it could not be evaluated (null: it was)"),
        "checked": ("检查行数", "Rows looked at (0: the table is empty)"),
        "unexpected": ("不符行数", "Rows that fail"),
        "observed": ("实际值", "What was observed, where rows are counted"),
        "sample": ("不符行示例", "Keys of the first rows that fail (JSON)"),
        "zh": ("说明（中文）", "What must hold, Chinese"),
        "en": ("说明（英文）", "What must hold, English"),
    },
}

_COUNT_KEYS = {"form": pl.String, "school_year": pl.Int32, "county_code": pl.String}


def write_audit(
    home: Home, ledger: Ledger, inputs: Mapping[str, Sequence[Path]], models: Mapping[str, SqlModel]
) -> dict[str, list[Path]]:
    """Write the audit tables to the marts; return the files of all of them by table name.

    ``inputs``: files of ``returns.*`` and ``rulebook.*``. ``models``: those whose marts are to be published.
    """
    made = audit_bindings(home)
    made["audit.finding"].append(rule_findings(home))
    counts = return_counts(inputs, made["audit.finding"])
    changes = pl.read_parquet(restatement_files(home), glob=False)
    sources = Sources(inputs, superseded_bindings(home), mart_bindings(home, models))
    frames = {
        "audit.submission": submission_frame(ledger.submissions()),
        "audit.return_count": counts,
        "audit.rule": pl.concat([catalogue(), expectation_catalogue(suites(models, rulebook.load()))]),
        "audit.rule_run": rule_runs(counts, made["audit.finding"], read_rules_run(home).looked),
        stored_models.TABLE: stored_models.models_frame(models),
        **restatement_tables(changes, models, sources, temp_directory=home.cache / "duckdb"),
        column_lineage.TABLE: column_lineage.lineage_frame(models),
    }
    return {**made, **write_tables(home, frames)}


def write_tables(home: Home, frames: Mapping[str, pl.DataFrame]) -> dict[str, list[Path]]:
    """Write audit tables beside the marts; return the file of each."""
    made = {}
    for name, frame in frames.items():
        path = home.marts / "audit" / f"{name.removeprefix('audit.')}.parquet"
        with replacing(path) as temporary:
            frame.write_parquet(temporary, compression="zstd")
        made[name] = [path]
    return made


def submission_frame(submissions: Sequence[Submission]) -> pl.DataFrame:
    """Return submissions as a table, in order of receipt."""
    schema: dict[str, Any] = dict.fromkeys(COLUMNS["audit.submission"], pl.String)
    schema |= {"sequence": pl.Int64, "size": pl.Int64, "declared_year": pl.Int64}
    schema["received_at"] = pl.Datetime("us", "UTC")
    rows = [
        {name: getattr(each, name) for name in schema if name != "returns"}
        | {"returns": ", ".join(f"{form}:{period}" for form, period in each.returns)}
        for each in submissions
    ]
    return pl.DataFrame(rows, schema=schema)


def return_counts(inputs: Mapping[str, Sequence[Path]], findings: Sequence[Path]) -> pl.DataFrame:
    """Count accepted and quarantined rows and live findings by return, period and reported county."""
    parts = [
        _counted(
            pl.scan_parquet(list(inputs[f"returns.{form}"]), glob=False), "rows_accepted", pl.lit(form), contract.period
        )
        for form, contract in CONTRACTS.items()
    ]
    parts.append(_counted(pl.scan_parquet(list(inputs["returns.quarantine"]), glob=False), "rows_quarantined"))
    alive = pl.scan_parquet(list(findings), glob=False).filter(~pl.col("superseded") & pl.col("form").is_not_null())
    for severity, name in (("error", "errors"), ("query", "queries")):
        parts.append(_counted(alive.filter(pl.col("severity") == severity), name))
    measures = list(COLUMNS["audit.return_count"])[len(_COUNT_KEYS) :]
    return (
        pl.concat(parts, how="diagonal")
        .group_by(*_COUNT_KEYS)
        .agg(pl.col(name).sum().cast(pl.Int64) for name in measures)
        .sort(*_COUNT_KEYS, nulls_last=False)
        .collect()
    )


def rule_runs(counts: pl.DataFrame, findings: Sequence[Path], looked: pl.DataFrame) -> pl.DataFrame:
    """Return what every rule of reading, of contracts and across rows looked at and found, by school year.

    Args:
        counts: ``audit.return_count``.
        findings: files of ``audit.finding``.
        looked: what the rules across rows looked at (``pipelines.rules.LOOKED_SCHEMA``).
    """
    rules = catalogue().filter(pl.col("kind") != "gate")
    rows = counts.group_by("form", "school_year").agg(
        (pl.col("rows_accepted") + pl.col("rows_quarantined")).sum().alias("rows_looked_at")
    )
    of_forms = (
        rules.filter(pl.col("kind") == "contract")
        .with_columns(form=pl.col("reads").str.strip_prefix("returns."))
        .join(rows, on="form")
    )
    of_files = rules.filter(pl.col("kind") == "reading").join(
        rows.group_by("school_year").agg(pl.col("rows_looked_at").sum()), how="cross"
    )
    at = pl.concat(
        [
            looked.select([pl.col(name).cast(kind) for name, kind in LOOKED_SCHEMA.items()]),
            *(each.select("rule", "school_year", "rows_looked_at") for each in (of_forms, of_files)),
        ],
        how="diagonal_relaxed",
    ).filter(pl.col("rows_looked_at").gt(0) | pl.col("not_applied").is_not_null())
    alive = ~pl.col("superseded")
    found = (
        pl.scan_parquet(list(findings), glob=False)
        .group_by("rule", pl.col("school_year").cast(pl.Int32))
        .agg(
            alive.sum().cast(pl.Int64).alias("findings"),
            pl.col("superseded").sum().cast(pl.Int64),
            pl.col("school_code").filter(alive).drop_nulls().n_unique().cast(pl.Int64).alias("schools"),
        )
        .collect()
    )
    return (
        at.join(found, on=["rule", "school_year"], how="full", coalesce=True, nulls_equal=True)
        .join(rules.select("rule", "kind", "severity"), on="rule", how="left")
        .with_columns(pl.col("rows_looked_at", "findings", "superseded", "schools").fill_null(0))
        .select(list(COLUMNS["audit.rule_run"]))
        .sort("rule", "school_year", nulls_last=False)
    )


def _counted(rows: pl.LazyFrame, name: str, form: pl.Expr | None = None, period: str = "school_year") -> pl.LazyFrame:
    form = pl.col("form") if form is None else form
    keyed = rows.select(
        form.cast(pl.String).alias("form"),
        pl.col(period).cast(pl.Int32).alias("school_year"),
        pl.col("county_code").cast(pl.String),
    )
    return keyed.group_by(*_COUNT_KEYS).agg(pl.len().cast(pl.Int64).alias(name))
