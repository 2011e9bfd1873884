"""The SQL models inside a release: the table ``audit.model``, so that a release can be computed again from itself.

Belongs here: models as rows, and rows as models. Does not belong here: reading model files (``warehouse.sqlmodels``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.headers import parse_header
from warehouse.sqlmodels import SqlModel

TABLE = "audit.model"
TITLE = ("计算模型", "The SQL that made each table of core and trends, in the order in which it ran")
COLUMNS = {
    "table_name": ("表", "Table it makes"),
    "position": ("运行顺序", "Order in which it ran"),
    "depends": ("读取的表", "Tables it reads, comma-separated"),
    "sql": ("SQL", "Text of the model, its header included"),
}


def models_frame(models: Mapping[str, SqlModel]) -> pl.DataFrame:
    """Return models (in dependency order) as the rows of ``audit.model``."""
    schema: dict[str, Any] = {"table_name": pl.String, "position": pl.Int32, "depends": pl.String, "sql": pl.String}
    rows = [(name, n, ",".join(model.depends), model.sql) for n, (name, model) in enumerate(models.items(), start=1)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def stored_models(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, SqlModel] | None:
    """Return the models of the release attached as ``catalog``; None where it keeps none (an older release)."""
    try:
        rows = connection.execute(
            f"select table_name, depends, sql from {catalog}.{TABLE} order by position"
        ).fetchall()
    except duckdb.CatalogException:
        return None
    models = {}
    for name, depends, sql in rows:
        header, _ = parse_header(sql)
        models[name] = SqlModel(
            name=name,
            path=Path(f"{name}.sql"),
            sql=sql,
            title_zh=header.title_zh,
            title_en=header.title_en,
            description=header.description,
            grain=header.grain,
            columns=header.columns,
            depends=tuple(depends.split(",")) if depends else (),
        )
    return models
