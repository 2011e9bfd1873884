"""A figure of any table made again by the models themselves, from nothing but the cells of its county.

Belongs here: choosing the rows that a county's figures are made of, typing their cells anew, running the models that
lead to the table on them in memory, and comparing the row. Does not belong here: figures that are worked out by hand
(``families``), which is a stronger test: this one shows that the cells are all that is needed, not that the SQL is
right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import Contract
from pipelines.column_lineage import leaves
from pipelines.explain.cells import Cell, Row, typed_again
from pipelines.explain.context import Context
from pipelines.explain.figure import ExplainError, Figure
from pipelines.explain.recomputed import TOLERANCE
from warehouse.duck import literal
from warehouse.lineage import TableColumn
from warehouse.replay import inputs_of, upstream
from warehouse.replay import replay as run_again

#: Rows of an input that a walk shows, and cells.
SHOWN_ROWS, SHOWN_CELLS = 20, 2000
#: Counties whose cells one walk goes through.
MOST_COUNTIES = 20
#: Tables of returns that are not rows of one county.
_SUCCESSION = "school_succession"


@dataclass(frozen=True)
class Input:
    """A table the figure's model reads: the columns of it that the figure comes from, and the rows of its keys."""

    table: str
    columns: list[str]
    count: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Replayed:
    """The row as the models make it again (None: they do not), what it was made from and where it differs."""

    row: Mapping[str, Any] | None
    differences: list[tuple[str, Any, Any]]
    models: list[str]
    inputs: list[Input]
    cells: int
    cells_read_again: int
    shown: list[Cell]


@dataclass(frozen=True)
class Sandbox:
    """Models that were run again: their tables in ``connection``, the cells they were made from, the rows of these."""

    connection: duckdb.DuckDBPyConnection
    models: list[str]
    cells: list[Cell]
    rows: Mapping[str, list[Row]]


def replay(context: Context, figure: Figure) -> Replayed:
    """Run the models again that lead to a figure, on the cells of the counties it is about.

    Raises:
        ExplainError: the figure is one of more counties than a walk goes through.
    """
    counties = _counties(context, figure)
    if len(counties) > MOST_COUNTIES:
        raise ExplainError(
            f"this figure is made of {len(counties)} counties; a walk goes down to the cells of {MOST_COUNTIES}; "
            f"explain the counties: {', '.join(counties[:5])} …"
        )
    with sandbox(context, [figure.table], counties) as made:
        again = _row(made.connection, figure)
        return Replayed(
            again,
            _differences(figure.row, again),
            made.models,
            [_input(context, figure, name) for name in figure.model.depends],
            len(made.cells),
            sum(cell.texts is not None for cell in made.cells),
            _of_the_row(made, figure),
        )


@contextmanager
def sandbox(context: Context, tables: Sequence[str], counties: Sequence[str]) -> Iterator[Sandbox]:
    """Run the models that lead to ``tables`` on nothing but the cells of some counties, in memory."""
    needed = upstream(context.models, tables)
    forms = [_RETURNS[name] for name in inputs_of(context.models, tables) if name in _RETURNS]
    rows = {form: _rows(context, CONTRACTS[form], counties) for form in forms}
    with duckdb.connect() as connection:
        cells = _bind(context, connection, rows, _fields(context, tables), counties)
        run_again(connection, context.models, tables)
        yield Sandbox(connection, needed, cells, rows)


_RETURNS = {f"returns.{form}": form for form in CONTRACTS}


def _fields(context: Context, tables: Sequence[str]) -> dict[str, set[str]]:
    """The fields of returns that any column of the tables comes from, by form: as the release says, if it does."""
    try:
        origins = context.connection.execute(
            """select distinct from_table, from_column from audit.column_lineage
               where relation = 'origin' and list_contains(?, table_name)""",
            [list(tables)],
        ).fetchall()
    except duckdb.CatalogException:  # a release of an older version
        every = [origins for table in tables for origins in leaves()[table].values()]
        origins = [tuple(each) for each in frozenset[TableColumn]().union(*every)]
    fields: dict[str, set[str]] = {}
    for name, column in origins:
        if name in _RETURNS:
            fields.setdefault(_RETURNS[name], set()).add(column)
    return fields


def _counties(context: Context, figure: Figure) -> list[str]:
    """The counties of today that a row is about: its own, or all of its region."""
    row = figure.row
    if row.get("county_code") is not None:
        region = str(row["county_code"])
    elif row.get("region_code") is not None:
        region = str(row["region_code"])
    elif row.get("rule_region") is not None:
        region = str(row["rule_region"])
    else:
        region = ""
    found = context.connection.execute(
        "select county_code from core.county where starts_with(county_code, ?) order by 1", [region]
    ).fetchall()
    return [code for (code,) in found]


def _rows(context: Context, contract: Contract, counties: Sequence[str]) -> list[Row]:
    """The rows of a return that are about the counties; what is about no county is read whole."""
    if contract.name == _SUCCESSION or "county_code" not in contract.fields:
        return context.evidence.rows(contract.name, "true")
    return context.evidence.rows(contract.name, _about(context, counties, "school_code" in contract.fields))


def _about(context: Context, counties: Sequence[str], of_schools: bool) -> str:
    """The condition for rows about counties: filed under one of their codes, or about one of their schools."""
    codes = sorted({code for county in counties for code in context.reported_codes(county)})
    conditions = [f"county_code in ({', '.join(map(literal, codes))})"] if codes else []
    if "000000" in codes:
        conditions.append("county_code is null")
    if of_schools:
        listed = ", ".join(map(literal, counties))
        schools = f"select school_code from core.school_stage where county_code in ({listed})"
        conditions.append(f"school_code in ({schools})")
    return f"({' or '.join(conditions)})" if conditions else "false"


def _bind(
    context: Context,
    connection: duckdb.DuckDBPyConnection,
    evidence: Mapping[str, list[Row]],
    wanted: Mapping[str, set[str]],
    counties: Sequence[str],
) -> list[Cell]:
    """Make the tables that the models read; return the cells that the figure comes from.

    These are typed again. What only tells rows apart or chooses them is as the release has it.
    """
    connection.execute("create schema returns; create schema rulebook")
    read: list[Cell] = []
    for form, contract in CONTRACTS.items():
        names = [name for name in contract.staged_fields if name in wanted.get(form, ())]
        rows = []
        for row in evidence.get(form, ()):
            cells = {name: row.cell(name) for name in names}
            read += [cell for cell in cells.values() if cell.value is not None and cell.address]
            again = {name: typed_again(cell) for name, cell in cells.items()}
            rows.append(tuple({**row.values, **again}[name] for name in contract.staged_schema))
        frame = pl.DataFrame(rows, schema=contract.staged_schema, orient="row", strict=False)
        connection.register("made", frame.to_arrow())
        connection.execute(f"create table returns.{form} as select * from made")
        connection.unregister("made")
    _copy(context, connection, "returns.quarantine", _about(context, counties, of_schools=True))
    for (name,) in context.connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'rulebook'"
    ).fetchall():
        _copy(context, connection, f"rulebook.{name}", "true")
    return read


def _copy(context: Context, connection: duckdb.DuckDBPyConnection, table: str, where: str) -> None:
    connection.register("made", context.connection.sql(f"select * from {table} where {where}").to_arrow_table())
    connection.execute(f"create table {table} as select * from made")
    connection.unregister("made")


def _row(connection: duckdb.DuckDBPyConnection, figure: Figure) -> dict[str, Any] | None:
    where = " and ".join(f'"{name}" is not distinct from ?' for name in figure.keys) or "true"
    found = connection.execute(f"select * from {figure.table} where {where}", list(figure.keys.values()))
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    return dict(zip(names, rows[0], strict=True)) if len(rows) == 1 else None


def _differences(published: Mapping[str, Any], again: Mapping[str, Any] | None) -> list[tuple[str, Any, Any]]:
    if again is None:
        return [(name, value, None) for name, value in published.items()]
    return [(name, value, again[name]) for name, value in published.items() if not _equal(value, again[name])]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
    return bool(one == other)


def _input(context: Context, figure: Figure, table: str) -> Input:
    """The rows of a table that share the figure's keys, as far as it has them."""
    columns = [row[0] for row in context.connection.execute(f"select column_name from (describe {table})").fetchall()]
    shared = {name: value for name, value in figure.keys.items() if name in columns and value is not None}
    where = " and ".join(f'"{name}" = ?' for name in shared) or "true"
    values = list(shared.values())
    counted = context.connection.execute(f"select count(*) from {table} where {where}", values).fetchone()
    found = context.connection.execute(f"select * from {table} where {where} limit {SHOWN_ROWS}", values)
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    return Input(table, columns, int(counted[0]) if counted is not None else 0, rows)


def _of_the_row(made: Sandbox, figure: Figure) -> list[Cell]:
    """Cells of the rows that share the figure's keys, of each return as many as fit."""
    stages = CONTRACTS["enrolment"].fields["stage"].choices or {}
    keys = {
        name: value
        for name, value in figure.keys.items()
        if name not in ("county_code", "region_code", "level", "standard", "indicator")
        and (name != "stage" or value in stages)
    }
    near = set()
    for form, rows in made.rows.items():
        period = CONTRACTS[form].period
        for row in rows:
            own = {**row.values, "school_year": row.values.get(period)}
            if all(own[name] == value for name, value in keys.items() if name in own and own[name] is not None):
                near.add((form, row["submission_id"], row["sheet"], row["row_number"]))
    shown: dict[str, list[Cell]] = {}
    for cell in made.cells:
        if (cell.form, cell.submission_id, cell.sheet, cell.row_number) in near:
            shown.setdefault(cell.form, []).append(cell)
    each = SHOWN_CELLS // max(1, len(shown))
    return [cell for cells in shown.values() for cell in cells[:each]]
