"""Answers to expectations: what came of each, as rows of ``audit.expectation`` and as findings.

Belongs here: the shape of answers. Does not belong here: how they are come by (``checks.evaluation``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from checks.expectations import Expectation
from checks.findings import complete, concat, empty

EVALUATION_SCHEMA: dict[str, Any] = {
    "rule": pl.String,
    "table_name": pl.String,
    "expectation": pl.String,
    "columns": pl.String,
    "severity": pl.String,
    "success": pl.Boolean,
    "crashed": pl.String,
    "checked": pl.Int64,
    "unexpected": pl.Int64,
    "observed": pl.String,
    "sample": pl.String,
    "zh": pl.String,
    "en": pl.String,
}
GUIDANCE = {
    "error": (
        "发布表与其自身定义不符，数值可能有误：请勿使用并报告该问题。",
        "A published table is not what it says it is: do not use the figure and report it.",
    ),
    "note": ("供参考。", "For information."),
    "query": (
        "请核对所列县、学年的原始报表，更正或书面说明。",
        "Check the returns behind the rows named; correct or explain in writing.",
    ),
}


@dataclass(frozen=True)
class Answer:
    """What came of one expectation: rows looked at, rows that fail, keys of the first, why it could not be run."""

    expectation: Expectation
    success: bool
    crashed: str | None
    checked: int
    unexpected: int
    observed: str | None = None
    sample: tuple[Mapping[str, object], ...] = ()


def as_frame(answers: Sequence[Answer]) -> pl.DataFrame:
    """Answers as the table ``audit.expectation``."""
    rows = [
        {
            "rule": answer.expectation.rule,
            "table_name": answer.expectation.table,
            "expectation": answer.expectation.name,
            "columns": ", ".join(answer.expectation.columns),
            "severity": answer.expectation.severity,
            "success": answer.success,
            "crashed": answer.crashed,
            "checked": answer.checked,
            "unexpected": answer.unexpected,
            "observed": answer.observed,
            "sample": json.dumps(answer.sample, ensure_ascii=False) if answer.sample else None,
            "zh": answer.expectation.zh,
            "en": answer.expectation.en,
        }
        for answer in answers
    ]
    return pl.DataFrame(rows, schema=EVALUATION_SCHEMA)


def as_findings(answers: pl.DataFrame) -> pl.DataFrame:
    """Failed expectations (``EVALUATION_SCHEMA``) as findings: one for each row that is named, or one for the table."""
    failed = answers.filter(~pl.col("success")).to_dicts()
    found = [_finding(answer, key) for answer in failed for key in json.loads(answer["sample"] or "[{}]")]
    return concat([complete(pl.DataFrame(found, infer_schema_length=None))]) if found else empty()


def _finding(answer: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
    severity = "error" if answer["crashed"] else answer["severity"]
    value = next((str(key[column]) for column in answer["columns"].split(", ") if key.get(column) is not None), None)
    zh, en = GUIDANCE[severity]
    crash = ("：无法检查", ": could not be evaluated") if answer["crashed"] else ("", "")
    return {
        "rule": answer["rule"],
        "severity": severity,
        **{name: key.get(name) for name in ("school_year", "county_code", "school_code", "stage")},
        "sheet": answer["table_name"],
        "cell": ", ".join(f"{name}={held}" for name, held in key.items()) or None,
        "field": answer["columns"] or None,
        "value": answer["crashed"] or value or answer["observed"],
        "owner": "statistics",
        "message_zh": answer["zh"] + crash[0],
        "message_en": answer["en"] + crash[1],
        "guidance_zh": zh,
        "guidance_en": en,
    }
