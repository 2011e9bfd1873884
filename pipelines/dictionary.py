"""The data dictionary: every table and column of a release, in words.

Belongs here: laying out as Markdown what contracts, model headers, rulebook and audit tables say about themselves.
Does not belong here: any of the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models import rules
from models.returns import CONTRACTS
from models.returns.contract import Contract
from pipelines import audit
from pipelines.column_lineage import leaves
from pipelines.content import sql_models
from warehouse.sqlmodels import SqlModel

#: Origins of a column that are told; ``audit.column_lineage`` of a release has them all.
_ORIGINS = 12


def data_dictionary() -> str:
    """Return the data dictionary as Markdown, in Chinese and English."""
    parts = [
        "# 数据字典 Data dictionary",
        "Made by `junheng dictionary` from the return contracts, the headers of the SQL models and the rulebook; "
        "do not edit. School years are named by the year they start (2020 = 2020/21).",
        "## returns — 报表 Returns\n\nEvery row also carries `submission_id`, `sheet`, `row_number`, `block`: "
        "where it was read.",
        *(_contract(contract) for contract in CONTRACTS.values()),
    ]
    titles = {"core": "学校与县级事实 Facts of schools and counties", "trends": "趋势 Trends"}
    for layer, title in titles.items():
        parts.append(f"## {layer} — {title}")
        parts += [_model(model) for name, model in sql_models().items() if name.startswith(f"{layer}.")]
    parts.append("## rulebook — 规则库 Rulebook")
    parts += [
        f"### rulebook.{name}\n\n" + ", ".join(f"`{column}`" for column in frame.columns)
        for name, frame in rules.load().items()
    ]
    parts.append("## audit — 审计 Audit")
    parts += [_audit(name) for name in audit.TABLES]
    return "\n\n".join(parts) + "\n"


def _contract(contract: Contract) -> str:
    rows = [
        (
            f"`{info.name}`",
            info.zh,
            info.en,
            info.unit or "",
            "; ".join(f"{generation} {number}" for generation, number in info.forms.items()),
            info.owner,
            ", ".join(f"{code} {title}" for code, title in (info.choices or {}).items()),
        )
        for info in contract.staged_fields.values()
    ]
    text = _title(f"returns.{contract.name}", contract.zh, contract.en, contract.grain)
    text += "\n\n" + markdown_table(("column", "中文", "English", "unit", "form", "owner", "codes"), rows)
    if contract.rules:
        told = [(f"`{rule.name}`", rule.severity, rule.zh, rule.en) for rule in contract.rules]
        text += "\n\n" + markdown_table(("rule", "severity", "中文", "English"), told)
    return text


def _model(model: SqlModel) -> str:
    rows = [(f"`{name}`", doc.zh, doc.en, _comes_from(model.name, name)) for name, doc in model.columns.items()]
    text = _title(model.name, model.title_zh, model.title_en, model.grain)
    if model.description:
        text += "\n\n" + model.description
    return text + "\n\n" + markdown_table(("column", "中文", "English", "comes from"), rows)


def _comes_from(table: str, column: str) -> str:
    """The columns of returns (and only without any, of the rulebook) that a column is made of in the end."""
    origins = sorted(leaves()[table][column])
    told = [each for each in origins if each.table.startswith("returns.")] or origins
    by_table: dict[str, list[str]] = {}
    for each in told[:_ORIGINS]:
        by_table.setdefault(each.table, []).append(each.column)
    text = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in by_table.items())
    return text + (f" … (+{len(told) - _ORIGINS})" if len(told) > _ORIGINS else "")


def _audit(name: str) -> str:
    columns: Mapping[str, tuple[str, str]] = audit.COLUMNS[name]
    rows = [(f"`{column}`", *words) for column, words in columns.items()]
    text = _title(name, *audit.TABLES[name], audit.GRAINS.get(name, ()))
    return text + "\n\n" + markdown_table(("column", "中文", "English"), rows)


def _title(table: str, zh: str, en: str, grain: Sequence[str]) -> str:
    text = f"### {table}\n\n**{zh}** {en}"
    return text + (f"\n\nOne row for each {', '.join(f'`{key}`' for key in grain)}." if grain else "")


def markdown_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
