"""The way from one release to another, one cause after the other: what the figures were after each step.

Belongs here: composing the inputs of a step and running the models on them. Does not belong here: why rows differ
(``rows``), comparing the results (``figures``).

    a as published → the models of b → its rulebook → its rows, one cause after the other → b as published

Only the steps whose part differs are taken, and the last one needs no run: it ends at what was published. The models of
``b`` are those that its file holds, so the split does not depend on the code that happens to be installed.

Within a step a model is run only where it must be: one that reads nothing but what is as in a release, by the same SQL,
makes what stands in that release already; and a table that was made and is as in a release counts as such in turn
(``sameness``). So a step costs what lies downstream of what several causes touch together, not a run of everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from models.returns import CONTRACTS
from pipelines.release_diff.rows import QUARANTINE_KEY, row_key, tables_of
from pipelines.release_diff.sameness import Sameness
from warehouse import duck
from warehouse.replay import ReplayError, inputs_of, replay_one, upstream
from warehouse.sqlmodels import SqlModel


@dataclass(frozen=True)
class Step:
    """One step: the causes that cannot be told apart in it, and the database that holds the figures after it."""

    causes: tuple[str, ...]
    after: str


@dataclass(frozen=True)
class Inputs:
    """What a state is made of: whether the rulebook is that of ``b`` (else of ``a``), and the causes whose rows are."""

    rulebook_of_b: bool
    rows_of_b: tuple[str, ...] = field(default=())


def walk(
    connection: duckdb.DuckDBPyConnection,
    models: Mapping[str, SqlModel] | None,
    causes: Sequence[str],
    wanted: Sequence[str],
    models_of_a: Mapping[str, SqlModel] | None = None,
) -> tuple[list[Step], list[str]]:
    """Return the steps from ``a`` to ``b`` and what could not be told apart, with the reason.

    Args:
        connection: with the releases attached as ``a`` and ``b`` and the table ``row_change`` of ``rows``.
        models: of ``b``; None where they are not known: then there is one step for all causes.
        causes: ``models``, ``rulebook`` and causes of rows, those that differ, in the order of the steps.
        wanted: tables of figures that are to be compared.
        models_of_a: of ``a``; None where they are not known.
    """
    steps: list[Step] = []
    sameness = Sameness(connection, {"a": models_of_a or {}, "b": models or {}})
    told: list[str] = []
    pending: list[str] = []
    for number, cause in enumerate(causes):
        pending.append(cause)
        if number == len(causes) - 1:
            break
        if models is None:
            continue
        done = causes[: number + 1]
        # Rows read by other models than their own: with the rulebook of a until the step of the rulebook.
        inputs = Inputs(
            "rulebook" in done or "rulebook" not in causes, tuple(each for each in done if each not in _PARTS)
        )
        state = f"state_{number}"
        try:
            _run(connection, state, models, inputs, wanted, sameness)
        except ReplayError as error:
            told.append(str(error))
            continue
        steps.append(Step(tuple(pending), state))
        pending = []
    if models is None and len(causes) > 1:
        told.append("release b does not hold its models")
    return [*steps, Step(tuple(pending), "b")], told


_PARTS = ("models", "rulebook")


def _run(
    connection: duckdb.DuckDBPyConnection,
    state: str,
    models: Mapping[str, SqlModel],
    inputs: Inputs,
    wanted: Sequence[str],
    sameness: Sameness,
) -> None:
    """Make the ``wanted`` tables in a new database in memory; those that are as in a release are views of it."""
    known = {catalog: tables_of(connection, catalog) for catalog in ("a", "b")}
    connection.execute(f"attach ':memory:' as {state}")
    connection.execute(f"use {state}")
    try:
        as_in: dict[str, frozenset[str]] = {}
        for name in inputs_of(models, [table for table in wanted if table in models]):
            is_rulebook = name.startswith("rulebook.")
            _view(connection, name, _rulebook(name, known, inputs) if is_rulebook else _rows(name, known, inputs))
            as_in[name] = sameness.of_rulebook(name, inputs.rulebook_of_b) if is_rulebook else sameness.of_rows(
                state, name, inputs.rows_of_b
            )  # fmt: skip
        for name in upstream(models, wanted):
            as_in[name] = sameness.of_model(name, as_in)
            if as_in[name]:
                _view(connection, name, f"select * from {min(as_in[name])}.{name}")
            else:
                replay_one(connection, models[name])
                as_in[name] = sameness.of_table(state, name)
    except BaseException as error:
        connection.execute("use memory")
        connection.execute(f"detach {state}")
        if isinstance(error, duckdb.Error):
            raise ReplayError(str(error)) from error
        raise
    connection.execute("use memory")


def _view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    schema, table = duck.split_table(name)
    connection.execute(f"create schema if not exists {duck.quoted(schema)}")
    connection.execute(f"create view {duck.quoted(schema)}.{duck.quoted(table)} as {query}")


def _rulebook(name: str, known: dict[str, dict[str, dict[str, str]]], inputs: Inputs) -> str:
    catalog = "b" if inputs.rulebook_of_b else "a"
    if name not in known[catalog]:
        raise ReplayError(f"the rulebook of release {catalog} has no {name}")
    return f"select * from {catalog}.{name}"


def _rows(name: str, known: dict[str, dict[str, dict[str, str]]], inputs: Inputs) -> str:
    """The rows of ``a``, those of the causes taken so far replaced by the rows of ``b``."""
    form = name.split(".")[1]
    shape = f"select * from b.{name} limit 0" if name in known["b"] else f"select * from a.{name} limit 0"
    there = {catalog: name in known[catalog] for catalog in ("a", "b")}
    if form == "quarantine":
        period, key, of_form = "coalesce(given.school_year, 0)", QUARANTINE_KEY, "row_change.form = given.form"
    elif form in CONTRACTS:
        period, key = f"given.{duck.quoted(CONTRACTS[form].period)}", row_key(CONTRACTS[form])
        of_form = f"row_change.form = {duck.literal(form)}"
    else:  # a return that this code does not know: its rows cannot be told apart
        return f"select * from {'a' if there['a'] else 'b'}.{name}"
    taken = ", ".join(map(duck.literal, inputs.rows_of_b)) or "''"
    changed = f"""
        select 1 from memory.main.row_change as row_change
        where {of_form} and row_change.period = {period} and row_change.row_key = given.found_key
            and row_change.cause in ({taken})
    """
    parts = [f"({shape})"]
    for catalog, word in (("a", "not exists"), ("b", "exists")):
        if there[catalog]:
            keyed = f"(select *, {key} as found_key from {catalog}.{name}) as given"
            parts.append(f"select given.* exclude (found_key) from {keyed} where {word} ({changed})")
    return " union all by name ".join(parts)
