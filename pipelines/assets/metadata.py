"""Metadata of assets and checks: markdown tables, column schemas.

Belongs here: turning frames, documentation and lineage into what the Dagster UI shows. Does not belong here: what is
shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from models.returns.contract import PROVENANCE, Contract
from pipelines.column_lineage import parents
from pipelines.comments import both, field_text
from warehouse.lineage import TableColumn
from warehouse.sqlmodels import SqlModel

#: Cells longer than this are cut in markdown tables.
_WIDTH = 60


def markdown_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> dg.MarkdownMetadataValue:
    """Return rows as a markdown table (a dash where there are none)."""
    if not rows:
        return dg.MetadataValue.md("—")
    names = list(columns or rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]
    return dg.MetadataValue.md("\n".join(lines))


def frame_table(frame: pl.DataFrame, limit: int = 20) -> dg.MarkdownMetadataValue:
    """Return the first rows of a frame as a markdown table."""
    return markdown_table(frame.head(limit).to_dicts())


def contract_columns(contract: Contract) -> dg.TableSchema:
    """Return the column schema of a return from its contract."""
    columns = [dg.TableColumn(name, _plain(dtype)) for name, dtype in PROVENANCE.items()]
    columns += [
        dg.TableColumn(
            name,
            _plain(info.dtype),
            description=field_text(info),
            constraints=dg.TableColumnConstraints(nullable=not info.required),
        )
        for name, info in contract.staged_fields.items()
    ]
    return dg.TableSchema(columns)


def model_columns(model: SqlModel, path: Path | None = None) -> dg.TableSchema:
    """Return the column schema of a model from its header, with types where its Parquet file is there."""
    types = {name: _plain(dtype) for name, dtype in pl.read_parquet_schema(path).items()} if path else {}
    return dg.TableSchema(
        [
            dg.TableColumn(name, types.get(name, ""), description=both(doc.zh, doc.en))
            for name, doc in model.columns.items()
        ]
    )


def model_lineage(model: SqlModel) -> dg.TableColumnLineage:
    """Return from which columns of which assets each column of a model comes.

    The tables of the rulebook are one asset, so that its columns carry their table's name; a quarantined row belongs to
    no asset.
    """
    return dg.TableColumnLineage(
        {
            name: [_column_dep(each) for each in sorted(origins) if each.table != "returns.quarantine"]
            for name, origins in parents()[model.name].items()
        }
    )


def _column_dep(origin: TableColumn) -> dg.TableColumnDep:
    layer, table = origin.table.split(".")
    if layer == "rulebook":
        return dg.TableColumnDep(dg.AssetKey("rulebook"), f"{table}.{origin.column}")
    return dg.TableColumnDep(dg.AssetKey([layer, table]), origin.column)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("\r", " ")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _plain(dtype: Any) -> str:
    return str(dtype() if isinstance(dtype, type) else dtype)
