"""What tables and columns of a release mean, as comments in its DuckDB file.

Belongs here: deriving comments from contracts, model headers, the rulebook and the audit tables. Does not belong here:
the words themselves: each stands once, with what it describes.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.returns import CONTRACTS
from models.returns.contract import PROVENANCE, FieldInfo
from pipelines import audit
from warehouse.releases import Comments
from warehouse.sqlmodels import SqlModel

_PROVENANCE = {
    "submission_id": ("报送编号", "Submission the row comes from"),
    "sheet": ("工作表", "Sheet it stands in"),
    "row_number": ("行号", "Row in the sheet"),
    "block": ("块", "Block of the layout it was read by"),
}


def both(zh: str, en: str) -> str:
    """Return a text in both languages on one line."""
    return f"{zh} | {en}" if zh != en else zh


def field_text(info: FieldInfo) -> str:
    """Return title, unit, paper form and code list of a contract's field."""
    unit = f"（{info.unit}）" if info.unit else ""
    text = both(info.zh + unit, info.en)
    if info.forms:
        text += " | " + "; ".join(f"{generation} {number}" for generation, number in info.forms.items())
    if info.choices:
        text += " | " + ", ".join(f"{code}={title}" for code, title in info.choices.items())
    return text


def release_comments(models: Mapping[str, SqlModel]) -> Comments:
    """Return the comments of every table a release may hold."""
    tables = {name: both(*words) for name, words in audit.TABLES.items()}
    columns = {name: {key: both(*words) for key, words in docs.items()} for name, docs in audit.COLUMNS.items()}
    provenance = {name: both(*_PROVENANCE[name]) for name in PROVENANCE}
    for form, contract in CONTRACTS.items():
        tables[f"returns.{form}"] = both(contract.zh, contract.en)
        fields = {name: field_text(info) for name, info in contract.staged_fields.items()}
        columns[f"returns.{form}"] = {**provenance, **fields}
    for name, model in models.items():
        tables[name] = "\n".join(part for part in (both(model.title_zh, model.title_en), model.description) if part)
        columns[name] = {column: both(doc.zh, doc.en) for column, doc in model.columns.items()}
    return Comments(tables, columns)
