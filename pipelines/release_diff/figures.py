"""Which figures of two releases differ, and in which step.

Belongs here: joining the tables of the states and listing what differs. Does not belong here: making the states
(``states``), the report.

Equal is what differs by no more than 10⁻¹² of itself: sums of floats in another order. Moves of different columns are
made comparable by the mean size of the column: a move of 0.05 of a coefficient that is 0.3 on average weighs 1/6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import duckdb

from pipelines.release_diff.states import Step
from warehouse import duck

SAME = 1e-12
#: Differences of two nearly equal figures are noise below this.
NOISE = 1e-15

#: Columns of keys by which tables fall into groups that are compared as a whole.
_GROUPS = ("level", "region_code", "county_code", "school_year", "fiscal_year")

_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UINTEGER", "FLOAT", "DOUBLE", "DECIMAL")

#: ``status``: changed, new, vanished. ``figure`` is empty where the whole row is new or has vanished.
MOVE_COLUMNS = """
    table_name varchar, figure varchar, key varchar, county_code varchar, school_year bigint, status varchar,
    old_value double, new_value double, old_text varchar, new_text varchar, move double, weight double,
    hits boolean[], effects double[]
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty temporary table ``move``."""
    connection.execute(f"create or replace temp table move ({MOVE_COLUMNS})")


def compare_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    grain: Sequence[str],
    types: tuple[dict[str, str], dict[str, str]],
    steps: Sequence[Step],
) -> None:
    """Add to ``move`` what differs in ``table`` (schema.table) between ``a`` and ``b``.

    Args:
        connection: with ``a``, ``b`` and the states of the steps attached.
        table: there in both.
        grain: its key, in both.
        types: column types in ``a`` and in ``b``.
        steps: their states hold the table too, or do not know it (it is then as if it were empty).
    """
    figures = [name for name in types[1] if name in types[0] and name not in grain]
    numeric = {name: all(each[name].split("(")[0] in _NUMERIC for each in types) for name in figures}
    states = ["a", *(step.after for step in steps)]
    _join(connection, table, grain, figures, numeric, states)
    if not _rows(connection, "differing"):
        return
    key = (
        "concat_ws(' / ', " + ", ".join(f"coalesce(cast({duck.quoted(name)} as varchar), '–')" for name in grain) + ")"
    )
    county = "cast(county_code as varchar)" if "county_code" in grain else "null"
    period = next((name for name in ("school_year", "fiscal_year") if name in grain), None)
    where = f"{duck.literal(table)}, %s, {key}, {county}, {f'cast({period} as bigint)' if period else 'null'}"
    last = len(states) - 1
    flips = ", ".join(f"there_{n} <> there_{n + 1}" for n in range(last))
    connection.execute(
        f"""insert into move
            select {where % "''"}, case when there_0 then 'vanished' else 'new' end,
                null, null, null, null, null, null, [{flips}], null
            from differing where there_0 <> there_{last}"""
    )
    moved = _moved(connection, figures, numeric, last)
    scales = _scales(connection, table, [name for name in moved if numeric[name]])
    for number, name in enumerate(figures):
        if name not in moved:
            continue
        values = [f"v{number}_{n}" for n in range(last + 1)]
        differs = [_differ(one, other, numeric[name]) for one, other in pairwise(values)]
        old, new = values[0], values[-1]
        measured = (
            f"{old}, {new}, cast({old} as varchar), cast({new} as varchar), {new} - {old},"
            f" abs({new} - {old}) / cast(? as double)"
            if numeric[name]
            else f"null, null, {old}, {new}, null, null"
        )
        effects = (
            "[" + ", ".join(f"{other} - {one}" for one, other in pairwise(values)) + "]" if numeric[name] else "null"
        )
        connection.execute(
            f"""insert into move
                select {where % duck.literal(name)},
                    case when {old} is null then 'new' when {new} is null then 'vanished' else 'changed' end,
                    {measured}, [{", ".join(differs)}], {effects}
                from differing where there_0 and there_{last} and {_differ(old, new, numeric[name])}""",
            [scales[name]] if numeric[name] else [],
        )


def _moved(
    connection: duckdb.DuckDBPyConnection, figures: Sequence[str], numeric: Mapping[str, bool], last: int
) -> set[str]:
    """The figures that differ in any row."""
    if not figures:
        return set()
    counts = ", ".join(
        f"count(*) filter (there_0 and there_{last} and {_differ(f'v{n}_0', f'v{n}_{last}', numeric[name])})"
        for n, name in enumerate(figures)
    )
    row = connection.execute(f"select {counts} from differing").fetchone() or ()
    return {name for name, count in zip(figures, row, strict=True) if count}


def _scales(connection: duckdb.DuckDBPyConnection, table: str, figures: Sequence[str]) -> dict[str, float | None]:
    """The mean size of figures in ``b``; None where it is nought."""
    if not figures:
        return {}
    means = ", ".join(f"nullif(avg(abs({duck.quoted(name)})), 0)" for name in figures)
    row = connection.execute(f"select {means} from b.{table}").fetchone() or ()
    return dict(zip(figures, row, strict=True))


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    counted = connection.execute(f"select count(*) from {table}").fetchone()
    return int(counted[0]) if counted else 0


def _join(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    grain: Sequence[str],
    figures: Sequence[str],
    numeric: dict[str, bool],
    states: Sequence[str],
) -> None:
    """Make the temporary table ``differing``: the rows that differ, with the value of every figure in every state."""
    keys = ", ".join(map(duck.quoted, grain))
    cast = {name: f"cast({duck.quoted(name)} as {'double' if numeric[name] else 'varchar'})" for name in figures}
    last = len(states) - 1
    touched = _touched_groups(connection, table, grain, list(cast.values()), (states[0], states[last]))

    def read(state: str, number: int) -> str:
        values = "".join(f", {cast[name]} as v{n}_{number}" for n, name in enumerate(figures))
        return f"select {keys}{values}, true as there_{number} from {state}.{table} as given {touched}"

    on = " and ".join(f"one.{duck.quoted(key)} is not distinct from other.{duck.quoted(key)}" for key in grain)
    differ = " or ".join(
        ["one.there_0 is null", f"other.there_{last} is null"]
        + [_differ(f"one.v{n}_0", f"other.v{n}_{last}", numeric[name]) for n, name in enumerate(figures)]
    )
    both = ", ".join(
        f"coalesce(one.{duck.quoted(key)}, other.{duck.quoted(key)}) as {duck.quoted(key)}" for key in grain
    )
    values = "".join(f", one.v{n}_0, other.v{n}_{last}" for n in range(len(figures)))
    connection.execute(
        f"""create or replace temp table differing as
            select {both}{values}, one.there_0 is not null as there_0, other.there_{last} is not null as there_{last}
            from ({read("a", 0)}) as one full outer join ({read("b", last)}) as other on {on}
            where {differ}"""
    )
    if not _rows(connection, "differing"):
        return
    for number in range(1, last):
        known = connection.execute(
            "select 1 from duckdb_columns() where database_name = ? and schema_name || '.' || table_name = ?",
            [states[number], table],
        ).fetchone()
        if known is None:
            raise LookupError(f"{table} was not made in {states[number]}")
        connection.execute(
            f"""create or replace temp table differing as
                select one.*, other.* exclude ({keys}, there_{number}),
                    other.there_{number} is not null as there_{number}
                from differing as one left join ({read(states[number], number)}) as other on {on}"""
        )


def _touched_groups(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    grain: Sequence[str],
    figures: Sequence[str],
    ends: tuple[str, str],
) -> str:
    """The condition that keeps to counties and years in which anything differs, told by a sum of hashes of each.

    The columns of a group are part of the key, so that a row is in the same group in both.
    """
    by = [name for name in _GROUPS if name in grain]
    if not by:
        return ""
    group = ", ".join(map(duck.quoted, by))
    hashes = [
        f"select {group}, count(*) as rows, sum(hash({', '.join([*map(duck.quoted, grain), *figures])})) as hashes"
        f" from {state}.{table} group by {group}"
        for state in ends
    ]
    same = " and ".join(f"one.{duck.quoted(name)} is not distinct from other.{duck.quoted(name)}" for name in by)
    either = ", ".join(
        f"coalesce(one.{duck.quoted(name)}, other.{duck.quoted(name)}) as {duck.quoted(name)}" for name in by
    )
    connection.execute(
        f"""create or replace temp table touched_group as
            select {either} from ({hashes[0]}) as one full outer join ({hashes[1]}) as other on {same}
            where one.hashes is distinct from other.hashes or one.rows is distinct from other.rows"""
    )
    of_group = " and ".join(
        f"touched_group.{duck.quoted(name)} is not distinct from given.{duck.quoted(name)}" for name in by
    )
    return f"semi join touched_group on {of_group}"


def _differ(one: str, other: str, numeric: bool) -> str:
    if not numeric:
        return f"({one} is distinct from {other})"
    return (
        f"({one} is distinct from {other} and not coalesce(abs({one} - {other}) <="
        f" greatest({SAME} * greatest(abs({one}), abs({other})), {NOISE}), false))"
    )
