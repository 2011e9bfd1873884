"""Column lineage: from which columns of which tables each column of a model comes, by reading its SQL.

Belongs here: walking the scopes of a query (sqlglot), and putting models together down to the tables that are none.
Does not belong here: reading model files (``sqlmodels``), what the tables mean.

A column comes from the columns in the expressions that make its value, through every WITH, join and UNPIVOT. What
only chooses rows (WHERE, the condition of a join, GROUP BY) makes no value and is not in it. A column that is made of
nothing but counts (``count(*)``) comes from the keys of the tables whose rows are counted. A literal has no origin.

sqlglot's own ``lineage`` gives the same leaves, column by column without memory (90 s for the models of this house);
here a query is qualified once and every (scope, column) is walked once (2 s).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from warehouse.sqlmodels import SqlModel

_DIALECT = "duckdb"


class TableColumn(NamedTuple):
    """A column of a table, ``schema.table`` and its name."""

    table: str
    column: str


Origins = frozenset[TableColumn]
_NOWHERE: Origins = frozenset()


def column_parents(
    models: Mapping[str, SqlModel], inputs: Mapping[str, Sequence[str]], keys: Mapping[str, Sequence[str]] | None = None
) -> dict[str, dict[str, Origins]]:
    """Return, for each column of each model, the columns of the tables its query reads that its value is made of.

    Args:
        models: the models by name.
        inputs: the columns of every table that is read and is no model.
        keys: the columns that identify a row, by table, for what counts rows; models have their grain.

    Raises:
        KeyError: a model reads a table that is neither a model nor among ``inputs``.
    """
    columns = {**inputs, **{name: list(model.columns) for name, model in models.items()}}
    identity = {**(keys or {}), **{name: model.grain for name, model in models.items() if model.grain}}
    return {name: _of_model(model, columns, identity) for name, model in models.items()}


def column_leaves(parents: Mapping[str, Mapping[str, Origins]]) -> dict[str, dict[str, Origins]]:
    """Return, for each column of each model, the columns of tables that are no models that it comes from in the end.

    Args:
        parents: what ``column_parents`` gave; models need not be in order.
    """
    known: dict[TableColumn, Origins] = {}

    def leaves(column: TableColumn) -> Origins:
        if column.table not in parents:
            return frozenset({column})
        if column not in known:
            found = parents[column.table].get(column.column, _NOWHERE)
            known[column] = frozenset().union(*(leaves(each) for each in found))
        return known[column]

    return {table: {name: leaves(TableColumn(table, name)) for name in columns} for table, columns in parents.items()}


def _of_model(
    model: SqlModel, columns: Mapping[str, Sequence[str]], identity: Mapping[str, Sequence[str]]
) -> dict[str, Origins]:
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for name in model.depends:
        layer, _, table = name.partition(".")
        tables.setdefault(layer, {})[table] = dict.fromkeys(columns[name], "text")
    query = qualify(
        sqlglot.parse_one(model.sql, read=_DIALECT),
        schema=dict(tables.items()),
        dialect=_DIALECT,
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    scope = build_scope(query)
    if scope is None:
        raise ValueError(f"{model.name}: not a query")
    values, counts = _Walk(None), _Walk({name: identity.get(name, ()) for name in model.depends})
    return {name: values.column(scope, name) or counts.column(scope, name) for name in model.columns}


@dataclass
class _Walk:
    """One pass over a query; remembers what each scope's columns come from.

    ``keys``: columns that identify the rows of each table, where ``count(*)`` comes from them.
    """

    keys: Mapping[str, Sequence[str]] | None
    _known: dict[tuple[int, str], Origins] = field(default_factory=dict)
    _rows: dict[int, Origins] = field(default_factory=dict)

    def column(self, scope: Scope, name: str) -> Origins:
        """Where the output column ``name`` of a scope comes from."""
        place = (id(scope), name.lower())
        if place not in self._known:
            self._known[place] = _NOWHERE  # a recursive query reads itself: what it adds comes from its first part
            self._known[place] = self._column(scope, name)
        return self._known[place]

    def _column(self, scope: Scope, name: str) -> Origins:
        if isinstance(scope.expression, exp.SetOperation):
            position = _position(scope, name)
            parts = [(part, _outputs(part)) for part in scope.set_operation_scopes]
            return self._all(self.column(part, names[position]) for part, names in parts if position is not None)
        if not isinstance(scope.expression, exp.Select):
            return _NOWHERE
        made = next((each for each in scope.expression.selects if each.alias_or_name.lower() == name.lower()), None)
        return _NOWHERE if made is None else self.value(scope, made)

    def value(self, scope: Scope, made: exp.Expr) -> Origins:
        """Where an expression in a scope comes from."""
        found: set[TableColumn] = set()
        for node in made.walk(prune=lambda each: isinstance(each, exp.Query) and each is not made):
            if isinstance(node, exp.Column):
                found |= self.reference(scope, node)
            elif self.keys is not None and isinstance(node, exp.Count):
                found |= self.rows(scope)
            elif isinstance(node, exp.Query):
                inner = next((each for each in scope.subquery_scopes if each.expression is node.unnest()), None)
                if inner is not None:
                    found |= self._all(self.column(inner, name) for name in _outputs(inner))
        return frozenset(found)

    def reference(self, scope: Scope, column: exp.Column) -> Origins:
        """Where a column that a scope names comes from."""
        pivot = next((each for each in scope.pivots if each.alias_or_name == column.table), None)
        if pivot is not None:
            return self._pivoted(scope, pivot, column.name)
        if column.table in scope.sources:
            return self.of_source(scope.sources[column.table], column.name)
        if not column.table:
            return self._all(self.of_source(source, column.name) for source in self._read(scope))
        return _NOWHERE

    def of_source(self, source: exp.Expr | Scope, name: str) -> Origins:
        """Where a column of something a scope reads comes from."""
        if isinstance(source, Scope):
            return self.column(source, name)
        if isinstance(source, exp.Table) and source.db:
            return frozenset({TableColumn(f"{source.db}.{source.name}".lower(), name.lower())})
        return _NOWHERE

    def rows(self, scope: Scope) -> Origins:
        """What identifies the rows that a scope reads."""
        if id(scope) not in self._rows:
            self._rows[id(scope)] = _NOWHERE
            self._rows[id(scope)] = self._all(self._rows_of(source) for source in self._read(scope))
        return self._rows[id(scope)]

    def _rows_of(self, source: exp.Expr | Scope) -> Origins:
        if isinstance(source, Scope):
            parts = source.set_operation_scopes if isinstance(source.expression, exp.SetOperation) else [source]
            return self._all(self.rows(part) for part in parts)
        if isinstance(source, exp.Table) and source.db:
            table = f"{source.db}.{source.name}".lower()
            return frozenset(TableColumn(table, key) for key in (self.keys or {}).get(table, ()))
        return _NOWHERE

    def _pivoted(self, scope: Scope, pivot: exp.Pivot, name: str) -> Origins:
        """A column of an UNPIVOT: of a value, all columns it is taken from; of the name, nothing; else the column."""
        source = _unpivoted(scope, pivot)
        position = next((i for i, each in enumerate(_names(pivot.expressions)) if each == name.lower()), None)
        if position is not None:
            lists = [_items(each) for each in pivot.args["fields"][0].expressions]
            return self._all(self.of_source(source, each[position].name) for each in lists)
        if name.lower() in (each.name.lower() for each in (entry.this for entry in pivot.args["fields"])):
            return _NOWHERE
        return self.of_source(source, name)

    @staticmethod
    def _read(scope: Scope) -> Iterator[exp.Expr | Scope]:
        for _, (_, source) in scope.selected_sources.items():
            yield source
        for pivot in scope.pivots:
            yield _unpivoted(scope, pivot)

    @staticmethod
    def _all(parts: Iterable[Origins]) -> Origins:
        return frozenset().union(*parts)


def _outputs(scope: Scope) -> list[str]:
    query = scope.expression
    return [each.alias_or_name for each in query.selects] if isinstance(query, exp.Query) else []


def _position(scope: Scope, name: str) -> int | None:
    names = [each.lower() for each in _outputs(scope)]
    return names.index(name.lower()) if name.lower() in names else None


def _unpivoted(scope: Scope, pivot: exp.Pivot) -> exp.Expr | Scope:
    """What an UNPIVOT is applied to."""
    holder = pivot.parent
    if isinstance(holder, exp.Table):
        return holder if holder.db else scope.cte_sources.get(holder.name, holder)
    return scope.sources.get(holder.alias_or_name, exp.Table()) if holder is not None else exp.Table()


def _names(expressions: Sequence[exp.Expr]) -> list[str]:
    return [each.name.lower() for expression in expressions for each in _items(expression)]


def _items(expression: exp.Expr) -> list[exp.Expr]:
    """The columns of one entry of an UNPIVOT's list: one, or as many as there are values."""
    inner = expression.this if isinstance(expression, exp.PivotAlias) else expression
    return list(inner.expressions) if isinstance(inner, exp.Tuple) else [inner]
