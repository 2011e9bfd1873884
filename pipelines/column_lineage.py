"""Column lineage of our models: from which columns of returns and rulebook every published column comes.

Belongs here: what the lineage needs to know of our tables, and the table ``audit.column_lineage``. Does not belong
here: reading it out of SQL (``warehouse.lineage``), showing it (assets, dictionary, ``pipelines.explain``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import polars as pl

from models import rules
from models.returns import CONTRACTS
from pipelines.content import sql_models
from pipelines.intake.judge import QUARANTINE_SCHEMA
from warehouse.lineage import Origins, column_leaves, column_parents

TABLE = "audit.column_lineage"
TITLE = ("列血缘", "From which columns each column of a model comes: one table back, and in the end")
COLUMNS = {
    "table_name": ("表", "Table of the model"),
    "column_name": ("列", "Its column"),
    "relation": ("关系", "parent (read by the model itself) or origin (a return or the rulebook, in the end)"),
    "from_table": ("来源表", "Table it comes from"),
    "from_column": ("来源列", "Column it comes from"),
}
GRAIN = tuple(COLUMNS)


def input_columns() -> dict[str, list[str]]:
    """Return the columns of every table that models read and that is no model."""
    columns = {f"returns.{form}": list(contract.staged_schema) for form, contract in CONTRACTS.items()}
    columns["returns.quarantine"] = list(QUARANTINE_SCHEMA)
    return columns | {f"rulebook.{name}": frame.columns for name, frame in rules.load().items()}


@cache
def parents() -> dict[str, dict[str, Origins]]:
    """Return where each column of each model comes from, one table back."""
    keys = {f"returns.{form}": contract.grain for form, contract in CONTRACTS.items()}
    return column_parents(sql_models(), input_columns(), keys)


@cache
def leaves() -> dict[str, dict[str, Origins]]:
    """Return the columns of returns and rulebook that each column of each model comes from in the end."""
    return column_leaves(parents())


def lineage_frame(tables: Collection[str]) -> pl.DataFrame:
    """Return ``audit.column_lineage`` of some tables: one row per column, relation and column it comes from."""
    rows = [*_rows("parent", parents(), tables), *_rows("origin", leaves(), tables)]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def _rows(
    relation: str, lineage: Mapping[str, Mapping[str, Origins]], tables: Collection[str]
) -> list[tuple[str, ...]]:
    return [
        (table, column, relation, origin.table, origin.column)
        for table, columns in lineage.items()
        if table in tables
        for column, origins in columns.items()
        for origin in sorted(origins)
    ]
