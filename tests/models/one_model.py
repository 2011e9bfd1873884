"""Running one model on made-up rows of the tables it reads: what is told of a figure without the returns behind it.

Belongs here: typed inputs for one model. Does not belong here: models run one after the other (``helpers``,
``some_models``), expectations.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from models import rules
from tests.models.helpers import all_models
from tests.models.some_models import run_some
from warehouse.engine import DuckDBEngine

Table = Sequence[Mapping[str, Any]]


@cache
def schema_of(name: str) -> pl.Schema:
    """Columns and types of a table of the models, as it comes out of empty returns."""
    return _schemas()[name]


@cache
def _schemas() -> dict[str, pl.Schema]:
    with tempfile.TemporaryDirectory() as folder:
        files = run_some(Path(folder), {}, *all_models()).files
        return {name: pl.read_parquet_schema(path) for name, path in files.items()}


def run_one(folder: Path, name: str, tables: Mapping[str, Table], *, rulebook: Path = rules.FOLDER) -> pl.DataFrame:
    """The rows that the model ``name`` makes of ``tables``; columns left out are null, tables left out are empty.

    Args:
        tables: rows by name of the table (``trends.satisfaction``); only tables that the model reads.
    """
    model = all_models()[name]
    if strange := set(tables) - set(model.depends):
        raise ValueError(f"{name} does not read {', '.join(sorted(strange))}")
    folder.mkdir(parents=True, exist_ok=True)
    rulebook_files = rules.write(folder / "rulebook", rulebook)
    out = folder / "out.parquet"
    with DuckDBEngine(threads=1) as engine:
        for table in model.depends:
            path = rulebook_files.get(table, folder / f"{table}.parquet")
            if table not in rulebook_files:
                schema = schema_of(table)
                if unknown := {column for row in tables.get(table, []) for column in row} - set(schema):
                    raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
                rows = [{**dict.fromkeys(schema), **row} for row in tables.get(table, [])]
                pl.DataFrame(rows, schema=schema).write_parquet(path)
            engine.bind(table, [path])
        engine.run(model.sql, out, order_by=model.grain)
    return pl.read_parquet(out)
