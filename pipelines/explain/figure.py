"""Which row of which table is asked about; what is missing to say it, and what there is instead.

Belongs here: keys of a table, their values, near misses. Does not belong here: how the figure came about.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.duck import quoted
from warehouse.sqlmodels import SqlModel

#: Values of a key that a message lists.
_LISTED = 20
#: Keys under the names that people say, by the column they may stand for.
_SAID = {
    "county": ("county_code", "region_code"),
    "year": ("school_year", "fiscal_year"),
    "school": ("school_code", "trend_school_code", "from_school_code"),
}


class ExplainError(ValueError):
    """A figure that cannot be explained as it was asked for; the message says what is there."""


class KeysMissing(ExplainError):
    """The keys given fit several rows."""


class NoSuchFigure(ExplainError):
    """The keys given fit no row."""


@dataclass(frozen=True)
class Figure:
    """A published row: its table, the keys that identify it, all its columns, and the column that is asked about."""

    model: SqlModel
    keys: Mapping[str, Any]
    row: Mapping[str, Any]
    column: str

    @property
    def table(self) -> str:
        """``schema.table``."""
        return self.model.name


def find(
    connection: duckdb.DuckDBPyConnection,
    models: Mapping[str, SqlModel],
    table: str,
    said: Mapping[str, Any],
    column: str | None = None,
) -> Figure:
    """Return the row that keys identify.

    Args:
        connection: a release.
        models: those that made it, by table.
        table: ``trends.…`` or ``core.…``; without a schema, trends is meant.
        said: values by key; ``county`` (code or name), ``year`` and ``school`` stand for the column of the table.
        column: the figure that is asked about (default: what the table is about).

    Raises:
        ExplainError: unknown table, key or column; keys are missing (a key with only one value may be left out); there
            is no such row. The message lists what there is.
    """
    model = _model(models, table)
    keys = _keys(connection, model, said)
    rows = _rows(connection, model, keys)
    if not rows:
        raise NoSuchFigure(_nearest(connection, model, keys))
    if len(rows) > 1:
        raise KeysMissing(_missing(connection, model, keys))
    row = rows[0]
    wanted = column or main_column(model)
    if wanted not in row:
        raise ExplainError(f"{model.name} has no column {wanted!r}; it has: {', '.join(row)}")
    return Figure(model, {name: row[name] for name in model.grain}, row, wanted)


def main_column(model: SqlModel) -> str:
    """The column a table is about: the first of the usual ones, else the first that is no key."""
    usual = ("coefficient", "composite", "share", "rate", "satisfaction", "score", "margin_points", "share_within",
             "attains", "verdict", "meets")  # fmt: skip
    return next((name for name in usual if name in model.columns), None) or next(
        name for name in model.columns if name not in model.grain
    )


def _model(models: Mapping[str, SqlModel], table: str) -> SqlModel:
    name = table if "." in table else f"trends.{table}"
    if name not in models:
        close = difflib.get_close_matches(name, list(models), n=3)
        listed = close or [each for each in models if each.startswith("trends.")]
        raise ExplainError(
            f"there is no table {table!r}; {'did you mean' if close else 'there are'}: {', '.join(listed)}"
        )
    return models[name]


def _keys(connection: duckdb.DuckDBPyConnection, model: SqlModel, said: Mapping[str, Any]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for name, value in said.items():
        if value is None:
            continue
        column = next((each for each in _SAID.get(name, (name,)) if each in model.columns), None)
        if column is None:
            raise ExplainError(f"{model.name} has no key {name!r}; its keys are: {', '.join(model.grain)}")
        if name == "county":
            value = _county(connection, str(value))
            if column == "region_code" and "level" in model.grain:
                keys["level"] = "county" if len(value) == 6 else "prefecture" if len(value) == 4 else "province"
        keys[column] = value
    return keys


def _county(connection: duckdb.DuckDBPyConnection, said: str) -> str:
    """A county's code of today, given by any code it reported under or by its name."""
    if said.isdigit():
        row = connection.execute(
            "select county_code from core.county where list_contains(string_split(reported_codes, ','), ?)", [said]
        ).fetchone()
        return str(row[0]) if row is not None else said
    rows = connection.execute("select county_code, county_name from core.county order by 1").fetchall()
    found = [code for code, name in rows if name == said]
    if len(found) == 1:
        return str(found[0])
    listed = ", ".join(f"{code} {name}" for code, name in rows[:_LISTED])
    raise NoSuchFigure(f"there is {'more than one' if found else 'no'} county named {said!r}; there are: {listed}")


def _rows(connection: duckdb.DuckDBPyConnection, model: SqlModel, keys: Mapping[str, Any]) -> list[dict[str, Any]]:
    where, values = _where(keys)
    try:
        found = connection.execute(f"select * from {model.name} where {where} limit 2", values)
    except duckdb.ConversionException as error:
        raise ExplainError(f"{model.name}: {str(error).splitlines()[0]}") from error
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _where(keys: Mapping[str, Any]) -> tuple[str, list[Any]]:
    return " and ".join(f"{quoted(name)} = ?" for name in keys) or "true", list(keys.values())


def _values(connection: duckdb.DuckDBPyConnection, model: SqlModel, name: str, keys: Mapping[str, Any]) -> list[Any]:
    where, values = _where(keys)
    found = connection.execute(f"select distinct {quoted(name)} from {model.name} where {where} order by 1", values)
    return [row[0] for row in found.fetchall()]


def _told(values: Sequence[Any]) -> str:
    more = f" … ({len(values)} in all)" if len(values) > _LISTED else ""
    return ", ".join(str(each) for each in values[:_LISTED]) + more


def _missing(connection: duckdb.DuckDBPyConnection, model: SqlModel, keys: Mapping[str, Any]) -> str:
    open_keys = {name: _values(connection, model, name, keys) for name in model.grain if name not in keys}
    told = "; ".join(f"{name} ({_told(values)})" for name, values in open_keys.items() if len(values) > 1)
    return f"{model.name}: these keys fit several figures; say also: {told}"


def _nearest(connection: duckdb.DuckDBPyConnection, model: SqlModel, keys: Mapping[str, Any]) -> str:
    """What there is when one of the keys is given up, the nearest values first."""
    told = []
    for name, value in keys.items():
        others = _values(connection, model, name, {key: each for key, each in keys.items() if key != name})
        if others:
            told.append(f"{name}: {_told(_by_nearness(others, value))}")
    asked = ", ".join(f"{name} = {value}" for name, value in keys.items())
    if not told:
        every = [f"{name}: {_told(_values(connection, model, name, {}))}" for name in keys]
        return f"{model.name} has no figure for {asked}, nor for all of these but one; it has {'; '.join(every)}"
    return f"{model.name} has no figure for {asked}; with the other keys it has {'; '.join(told)}"


def _by_nearness(values: Sequence[Any], wanted: Any) -> list[Any]:
    if isinstance(wanted, int) and all(isinstance(each, int) for each in values):
        return sorted(values, key=lambda each: (abs(each - wanted), each))
    matcher = difflib.SequenceMatcher(b=str(wanted))

    def unlikeness(value: Any) -> float:
        matcher.set_seq1(str(value))
        return -matcher.ratio()

    return sorted(values, key=unlikeness)
