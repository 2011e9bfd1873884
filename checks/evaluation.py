"""Evaluating expectations on the marts.

Belongs here: frames of the marts, which rows are looked at, keys of failing rows. Does not belong here: which
expectations there are (``checks.expectations``), what follows from a failed one (``checks.gate``).

Keys of failing rows are asked for in a second round, of what failed only and of few rows: with half of a large table
failing, all keys would take the better part of a minute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from checks import gx
from checks.answers import Answer
from checks.expectations import Expectation
from warehouse import duck

if TYPE_CHECKING:
    import pandas as pd

#: Failing rows whose keys are kept.
SAMPLE = 20
#: Rows that are looked through at a time for keys of failing rows.
WINDOW = 5_000


def evaluate(
    suites: Mapping[str, Sequence[Expectation]],
    tables: Mapping[str, Sequence[Path]],
    grains: Mapping[str, Sequence[str]],
) -> list[Answer]:
    """Evaluate suites on their tables; one answer for every expectation, in order.

    Args:
        suites: expectations by table.
        tables: Parquet files of every table, also of those that expectations only count.
        grains: key columns by table.

    A table without rows holds everything but a number of rows; Great Expectations is not asked about it.
    """
    answers: list[Answer] = []
    with duck.connect() as connection:
        for name, files in tables.items():
            schema, table = duck.split_table(name)
            connection.execute(f"create schema if not exists {duck.quoted(schema)}")
            source = duck.scan(connection, files)
            connection.execute(f"create view {duck.quoted(schema)}.{duck.quoted(table)} as select * from {source}")
        for name, suite in suites.items():
            answers += _of_table(connection, name, suite, grains[name])
    return answers


def _of_table(
    connection: duckdb.DuckDBPyConnection, table: str, suite: Sequence[Expectation], grain: Sequence[str]
) -> list[Answer]:
    answers: dict[int, Answer] = {}
    sizes: dict[int, int] = {}
    for number, each in enumerate(suite):
        if each.count is not None:
            try:
                sizes[number] = _count(connection, each.count)
            except duckdb.Error as error:
                answers[number] = Answer(each, False, str(error), 0, 0)
    try:
        rows = _count(connection, f"select count(*) from {table}")
        if rows == 0:
            asked: dict[int, Expectation] = {n: suite[n] for n, size in sizes.items() if size}
            answers |= {n: Answer(e, True, None, 0, 0) for n, e in enumerate(suite) if n not in (*asked, *answers)}
        else:
            asked = {number: each for number, each in enumerate(suite) if number not in answers}
        if asked:
            frame = connection.execute(_select(table, asked, grain)).df()
            answers |= _asked(frame, asked, sizes, list(grain))
    except duckdb.Error as error:
        told = str(error)
        answers |= {n: Answer(e, False, told, 0, 0) for n, e in enumerate(suite) if n not in answers}
    return [answers[number] for number in range(len(suite))]


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _select(table: str, asked: Mapping[int, Expectation], grain: Sequence[str]) -> str:
    """The columns that are needed, with a column for each difference and each condition (``_gap3``, ``_where3``)."""
    columns = dict.fromkeys((*grain, *(column for each in asked.values() for column in each.columns)))
    parts = [duck.quoted(column) for column in columns]
    for number, each in asked.items():
        if each.kind in ("within", "beyond"):
            smaller, larger = map(duck.quoted, each.columns)
            parts.append(f"{smaller} - {larger} as _gap{number}")
        if each.where is not None:
            parts.append(f"coalesce({each.where}, false) as _where{number}")
    return f"select {', '.join(parts)} from {table}"


def _asked(
    frame: pd.DataFrame, asked: Mapping[int, Expectation], sizes: Mapping[int, int], grain: list[str]
) -> dict[int, Answer]:
    """Ask Great Expectations; of what failed, ask again for keys."""
    put = {number: gx.put(number, each, sizes.get(number)) for number, each in asked.items()}
    answers: dict[int, Answer] = {}
    for number, result in gx.validated(frame, put, "BASIC").items():
        each, found = asked[number], result.result
        crashed = gx.crash(result)
        failing = 0 if crashed else int(found.get("unexpected_count") or 0)
        observed = found.get("observed_value")
        answers[number] = Answer(
            each,
            bool(result.success),
            crashed,
            int(found.get("element_count") or (0 if crashed else len(frame))),
            failing,
            None if observed is None else f"{observed} (expected {sizes.get(number)})",
            _keys(frame, number, each, put[number], grain) if failing else (),
        )
    return answers


def _keys(
    frame: pd.DataFrame, number: int, each: Expectation, put: Mapping[str, Any], grain: list[str]
) -> tuple[Mapping[str, object], ...]:
    """Keys of the first rows that fail: windows of the frame are looked through until one has such rows."""
    if each.kind == "unique":
        repeated = frame[frame.duplicated(list(each.columns), keep=False)]
        frame = repeated.sort_values(list(each.columns), kind="stable")
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": grain}
    for start in range(0, len(frame), WINDOW):
        window = frame.iloc[start : start + WINDOW].reset_index(drop=True)
        result = gx.validated(window, {number: put}, wanted)[number]
        if found := result.result.get("unexpected_index_list"):
            return tuple({key: _plain(value) for key, value in row.items()} for row in found[:SAMPLE])
    return ()


def _plain(value: Any) -> object:
    """A value of a pandas frame as JSON has it."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, (str, int)):
        return value
    return None if value is None or str(value) in ("<NA>", "NaT") else str(value)
