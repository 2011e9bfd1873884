"""The catalogue of rules in words: ``docs/rules.md`` and ``docs/rules.zh-CN.md``.

Belongs here: laying out as Markdown what rules say about themselves. Does not belong here: any of the words of a rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from checks.catalogue import KINDS, catalogue
from models import rules as rulebook
from pipelines.dictionary import markdown_table

Language = Literal["zh", "en"]

#: The file of each language, in ``docs/``.
FILES: dict[Language, str] = {"en": "rules.md", "zh": "rules.zh-CN.md"}

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Rules: what is checked",
        "about": "Made by `junheng rules --catalogue docs` from the rules themselves; do not edit. `error` keeps a row "
        "(of a file or contract) or a release (across returns, gate) from counting, `query` counts and asks for an "
        "explanation in writing, `note` tells. In a release: `audit.rule`, how often each was broken in which school "
        "year: `audit.rule_run`, every finding with its cell: `audit.finding`.",
        "reading": "Files, sheets and cells",
        "contract": "One row of a return",
        "rule": "Across rows, returns and years",
        "gate": "A release before it is published",
        "parameters": "Limits of the rules",
        "about_parameters": "Rows of `models/rulebook/rule_parameter.csv`; `value_screening` is the model "
        "`core.value_screening`, which four rules read.",
        "columns": "rule|severity|owner|what it says|what to do|reads",
        "parameter_columns": "rule|limit|value|what it is",
        "field": "the field's",
    },
    "zh": {
        "title": "审核规则一览",
        "about": "由 `junheng rules --catalogue docs` 根据规则本身生成，请勿手工修改。"
        "`error`：该行（文件、单表规则）不计入，或不予发布（跨表规则、发布关口）；"
        "`query`：照常计入，须书面说明；`note`：提示。发布库中：规则见 `audit.rule`，"
        "各学年违反次数见 `audit.rule_run`，逐条发现及其单元格见 `audit.finding`。",
        "reading": "文件、工作表与单元格",
        "contract": "单表单行",
        "rule": "跨行、跨表、跨年",
        "gate": "发布之前",
        "parameters": "规则参数",
        "about_parameters": "即 `models/rulebook/rule_parameter.csv`；`value_screening` 为模型 `core.value_screening`，"
        "供四条规则使用。",
        "columns": "规则|级别|责任科室|内容|处理办法|读取的表",
        "parameter_columns": "规则|参数|取值|含义",
        "field": "字段责任科室",
    },
}


def rule_catalogue(language: Language) -> str:
    """Return the catalogue as Markdown."""
    words = _WORDS[language]
    tables = rulebook.load()
    departments = dict(tables["department"].select("department", language).iter_rows())
    rules = catalogue()
    counted = dict(rules.group_by("kind").len().iter_rows())
    parts = [f"# {words['title']}", words["about"]]
    for kind in KINDS:
        rows = [
            (
                f"`{row['rule']}`",
                row["severity"],
                departments.get(row["owner"] or "", words["field"]),
                row[language],
                row[f"guidance_{language}"],
                ", ".join(f"`{table}`" for table in row["reads"].split(", ") if table),
            )
            for row in rules.filter(pl.col("kind") == kind).iter_rows(named=True)
        ]
        parts.append(f"## {words[kind]} ({counted[kind]})")
        parts.append(markdown_table(words["columns"].split("|"), rows))
    parts += [f"## {words['parameters']}", words["about_parameters"]]
    parameters = tables["rule_parameter"].select("rule", "parameter", "value", language).rows()
    parts.append(
        markdown_table(
            words["parameter_columns"].split("|"),
            [(f"`{rule}`", f"`{name}`", f"{value:g}", text) for rule, name, value, text in parameters],
        )
    )
    return "\n\n".join(parts) + "\n"


def write_catalogue(folder: Path) -> list[Path]:
    """Write the catalogue in both languages into ``folder``; return the files."""
    written = []
    for language, name in FILES.items():
        path = folder / name
        path.write_text(rule_catalogue(language), encoding="utf-8")
        written.append(path)
    return written
