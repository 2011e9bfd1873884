"""Running one model, or a few, on made-up rows of the tables they read: a verdict without the returns behind it.

Belongs here: typed inputs for models in the middle of the way. Does not belong here: the way from the returns
(``helpers``), expectations.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from models import rules
from models.returns import CONTRACTS
from tests.models.helpers import QUARANTINE_SCHEMA, Results, all_models, run_models
from warehouse.engine import DuckDBEngine

Table = Sequence[Mapping[str, Any]]


@cache
def schema_of(name: str) -> pl.Schema:
    """Columns and types of a return as it is staged, or of a table of the models as it comes out of empty returns."""
    layer, _, table = name.partition(".")
    if layer == "returns":
        return pl.Schema(QUARANTINE_SCHEMA if table == "quarantine" else CONTRACTS[table].staged_schema)
    return _schemas()[name]


@cache
def _schemas() -> dict[str, pl.Schema]:
    with tempfile.TemporaryDirectory() as folder:
        files = run_models(Path(folder), {}, only=all_models()).files
        return {name: pl.read_parquet_schema(path) for name, path in files.items()}


def run_one(folder: Path, name: str, tables: Mapping[str, Table], *, rulebook: Path = rules.FOLDER) -> pl.DataFrame:
    """The rows that the model ``name`` makes of ``tables`` (see ``run_these``)."""
    return run_these(folder, [name], tables, rulebook=rulebook).table(name)


def run_these(
    folder: Path, names: Sequence[str], tables: Mapping[str, Table], *, rulebook: Path = rules.FOLDER
) -> Results:
    """Run the models ``names``, in that order; columns left out are null, tables left out are empty.

    Args:
        tables: rows by name of the table (``trends.satisfaction``); only tables that one of the models reads and none
            of them makes.
    """
    models = [all_models()[name] for name in names]
    inputs = {table for model in models for table in model.depends} - set(names)
    if strange := set(tables) - inputs:
        raise ValueError(f"{', '.join(names)} do not read {', '.join(sorted(strange))}")
    folder.mkdir(parents=True, exist_ok=True)
    files = rules.write(folder / "rulebook", rulebook)
    with DuckDBEngine(threads=1) as engine:
        for table in sorted(inputs):
            path = files.get(table) or _written(folder / f"{table}.parquet", schema_of(table), tables.get(table, []))
            engine.bind(table, [path])
        for model in models:
            files[model.name] = folder / f"{model.name}.parquet"
            engine.run(model.sql, files[model.name], order_by=model.grain)
            engine.bind(model.name, [files[model.name]])
    return Results(files)


def _written(path: Path, schema: pl.Schema, rows: Table) -> Path:
    if unknown := {column for row in rows for column in row} - set(schema):
        raise ValueError(f"{path.stem} has no column {', '.join(sorted(unknown))}")
    pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema).write_parquet(path)
    return path
