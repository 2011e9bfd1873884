"""The SQL model files: one documented SELECT each, and the order in which they can run.

Belongs here: reading ``<root>/<layer>/<table>.sql``, its dependencies, and whether its documentation is true.
Does not belong here: the grammar of the header comment (``headers``), running anything (``engine``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from warehouse.duck import split_table, until_semicolon
from warehouse.headers import ColumnDoc, Fault, Header, parse_header

__all__ = ["ColumnDoc", "SqlModel", "SqlModelError", "check_columns", "load_models"]

_DIALECT = "duckdb"


class SqlModelError(Exception):
    """Model files that cannot be used; the message has a line for every fault: file, line, what to do."""


@dataclass(frozen=True)
class SqlModel:
    """One table: the query that makes it and what it says about itself.

    ``sql`` is the text of the file (header included, so that line numbers in an engine's messages fit) up to the
    semicolon, if there is one. ``depends`` are all tables it reads, ``schema.table``, sorted: other models and inputs.
    """

    name: str
    path: Path
    sql: str
    title_zh: str
    title_en: str
    description: str
    grain: tuple[str, ...]
    columns: dict[str, ColumnDoc]
    depends: tuple[str, ...]


def load_models(root: Path, layers: Sequence[str]) -> dict[str, SqlModel]:
    """Read every model of these layers; return them by name, each after all models it reads.

    The order is the same whenever the files are. Raises ``SqlModelError`` that tells the faults of all files together:
    header missing or broken, not exactly one SELECT, a table named without schema or unknown in a layer, documented
    columns that are not the produced ones (where the projection has no star; else see ``check_columns``), cycles.
    """
    models: dict[str, SqlModel] = {}
    complaints: list[str] = []
    for layer in layers:
        if not (root / layer).is_dir():
            complaints.append(f"{root / layer}: no such folder of models")
        for path in sorted((root / layer).glob("*.sql")):
            model, faults = _read(path, f"{layer}.{path.stem}")
            complaints += _told(path, faults)
            if model is not None:
                models[model.name] = model
    known = {f"{layer}.{path.stem}" for layer in layers for path in (root / layer).glob("*.sql")}
    for model in models.values():
        complaints += _told(model.path, _unknown_tables(model, known, layers))
    if complaints:
        raise SqlModelError("\n".join(complaints))
    return {name: models[name] for name in _order(models)}


def check_columns(model: SqlModel, produced: Iterable[str]) -> None:
    """Raise ``SqlModelError`` unless the ``produced`` names are the documented ones.

    They come from ``Engine.describe`` or from a Parquet file. This is the check that also holds for ``select *``; it
    needs the tables bound, but no rows.
    """
    header, _ = parse_header(model.sql)
    faults = _column_faults(header, list(produced))
    if faults:
        raise SqlModelError("\n".join(_told(model.path, faults)))


def _read(path: Path, name: str) -> tuple[SqlModel | None, list[Fault]]:
    try:
        split_table(name)
        text = path.read_text(encoding="utf-8-sig")
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            return None, [Fault(0, f"not UTF-8 (byte {error.start}); save the file as UTF-8")]
        return None, [Fault(0, str(error))]
    header, faults = parse_header(text)
    try:
        sql = until_semicolon(text)
        statements = [each for each in sqlglot.parse(text, read=_DIALECT) if _is_statement(each)]
    except SqlglotError as error:
        return None, [*faults, _syntax_fault(error)]
    query = statements[0] if len(statements) == 1 else None
    if not isinstance(query, exp.Query) or isinstance(query, exp.Values):
        found = ", ".join(type(each).__name__.upper() for each in statements) or "none"
        return None, [*faults, Fault(0, f"the file must hold exactly one SELECT; found: {found}")]
    depends, table_faults = _tables(query)
    faults += table_faults
    produced, projection_faults = _projection(query)
    faults += projection_faults
    if produced is not None and header.columns:
        faults += _column_faults(header, produced)
    model = SqlModel(
        name=name,
        path=path,
        sql=sql,
        title_zh=header.title_zh,
        title_en=header.title_en,
        description=header.description,
        grain=header.grain,
        columns=header.columns,
        depends=tuple(sorted(depends)),
    )
    return model, faults


def _is_statement(tree: exp.Expr | None) -> bool:
    return tree is not None and not isinstance(tree, exp.Semicolon)


def _syntax_fault(error: SqlglotError) -> Fault:
    details = getattr(error, "errors", None) or [{}]
    line = details[0].get("line") or 0
    what = details[0].get("description") or str(error).splitlines()[0]
    return Fault(line, f"the SQL cannot be parsed: {what}")


def _tables(query: exp.Query) -> tuple[set[str], list[Fault]]:
    """Return the tables the query reads; a name without schema must be a WITH name that can be seen from there."""
    depends: set[str] = set()
    faults: list[Fault] = []
    for table in query.find_all(exp.Table):
        line = table.this.meta.get("line", 0)
        if not isinstance(table.this, exp.Identifier):
            if not isinstance(table.this, exp.GenerateSeries):
                call = table.sql(dialect=_DIALECT)
                faults.append(Fault(line, f"reads {call}: a model reads tables only; bind the data as schema.table"))
        elif table.catalog:
            faults.append(Fault(line, f"table {table.sql(dialect=_DIALECT)}: write schema.table, without a database"))
        elif table.db:
            depends.add(f"{table.db}.{table.name}".lower())
        elif table.name.lower() not in _visible_ctes(table):
            faults.append(Fault(line, f"table {table.name}: write schema.table (no WITH of this name is visible here)"))
    return depends, faults


def _visible_ctes(table: exp.Table) -> set[str]:
    names: set[str] = set()
    node: exp.Expr | None = table
    while node is not None:
        if isinstance(node, exp.Query):
            names |= {cte.alias_or_name.lower() for cte in node.ctes}
        node = node.parent
    return names


def _projection(query: exp.Query) -> tuple[list[str] | None, list[Fault]]:
    """Return the names the query produces, or None where only an engine that knows the tables can tell."""
    node: exp.Expr = query
    while isinstance(node, exp.SetOperation | exp.Subquery):
        if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
            return None, []
        node = node.this
    if not isinstance(node, exp.Select) or node.is_star:
        return None, []
    names: list[str] = []
    faults: list[Fault] = []
    for projection in node.expressions:
        if projection.find(exp.Columns, exp.Unnest, exp.Explode) is not None:
            return None, []
        names.append(projection.name if isinstance(projection, exp.Column) else projection.alias)
        if not names[-1]:
            text = projection.sql(dialect=_DIALECT)
            faults.append(Fault(0, f"column {len(names)} of the result has no name: write `{text} as …`"))
    return (None, faults) if faults else (names, [])


def _column_faults(header: Header, produced: list[str]) -> list[Fault]:
    faults = [
        Fault(
            header.lines.get(name, 0),
            f"column {name} is documented but the query does not produce it{_hint(name, rest)}",
        )
        for rest in [[name for name in produced if name not in header.columns]]
        for name in header.columns
        if name not in produced
    ]
    for name in dict.fromkeys(produced):
        if name not in header.columns:
            told = (
                f"column {name} is produced but not documented: add `--   {name}: 中文 | English` under `-- columns:`"
            )
            faults.append(Fault(0, told))
        if produced.count(name) > 1:
            faults.append(
                Fault(0, f"column {name} is produced {produced.count(name)} times: give the others a new name")
            )
    return faults


def _unknown_tables(model: SqlModel, known: set[str], layers: Sequence[str]) -> list[Fault]:
    faults = []
    for name in model.depends:
        schema, _, table = name.partition(".")
        if schema in layers and name not in known:
            where = model.path.parent.parent / schema / f"{table}.sql"
            faults.append(Fault(0, f"reads {name}, but there is no {where}{_hint(name, sorted(known))}"))
    return faults


def _order(models: dict[str, SqlModel]) -> list[str]:
    sorter = TopologicalSorter({name: [d for d in model.depends if d in models] for name, model in models.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        told = " ← ".join(cycle)
        files = "\n".join(f"{models[name].path}: reads {before}" for before, name in pairwise(cycle))
        raise SqlModelError(f"models read each other in a circle, break it in one of them: {told}\n{files}") from error
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _hint(name: str, others: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, others, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _told(path: Path, faults: Iterable[Fault]) -> list[str]:
    return [f"{path}:{fault.line}: {fault.message}" if fault.line else f"{path}: {fault.message}" for fault in faults]
