"""Comparing two releases: everything of ``rows``, ``states`` and ``figures`` put together.

Belongs here: ``diff`` and what it returns. Does not belong here: printing it and writing it beside releases
(``report``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.release_diff import figures, rows
from pipelines.release_diff.states import Step, walk
from pipelines.stored_models import stored_models
from warehouse import duck
from warehouse.headers import parse_header
from warehouse.releases import Release
from warehouse.sqlmodels import SqlModel

#: Moves that are listed of each table; all are counted.
LISTED = 100

MIXED = "mixed"
#: How the causes of steps are called; ``models`` and a changed reader are both the code.
_LABELS = {"models": "code"}
_REPORTED = """
    table_name, figure, key, county_code, school_year, status, old_value, new_value, old_text, new_text, move, weight,
    cause, causes, effects
"""
_VERDICT = "coalesce(old_text, new_text) in ('true', 'false')"


@dataclass(frozen=True)
class ReleaseDiff:
    """What changed from release ``a`` to release ``b``.

    Attributes:
        a, b: ids of the releases.
        steps: the causes in the order in which their effects were taken; several in one could not be told apart.
        causes: number of figures by cause (``mixed``: several, which are listed with each move).
        rows: rows of the returns that differ, by ``form``, ``period`` and ``cause``.
        tables: by table the figures changed, new, vanished, and its grain; also tables that only one release has.
        moves: the figures, largest moves first (``weight``), no more of each table than were asked for. ``effects`` are
            the moves in each step, null where the figure is no number.
        verdicts: in the same way the verdicts (true or false) that differ.
        figures: how many figures differ in all.
        notes: what could not be done exactly, and why.
    """

    a: str
    b: str
    steps: list[list[str]] = field(default_factory=list)
    causes: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    moves: pl.DataFrame = field(default_factory=pl.DataFrame)
    verdicts: pl.DataFrame = field(default_factory=pl.DataFrame)
    figures: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def nothing_changed(self) -> bool:
        """Whether every figure of every table is the same in both releases."""
        return self.figures == 0 and not any(each["only_in"] for each in self.tables)


def diff(a: Release, b: Release, *, listed: int | None = LISTED, temp_directory: Path | None = None) -> ReleaseDiff:
    """Compare the trends tables of two releases and say what each difference comes from.

    Args:
        a, b: usually the older and the newer one.
        listed: how many moves of each table are returned (None: all).
        temp_directory: where DuckDB may spill.
    """
    if a.release_id == b.release_id:
        return ReleaseDiff(a.release_id, b.release_id)
    with duck.connect(temp_directory=temp_directory) as connection:
        for name, release in (("a", a), ("b", b)):
            connection.execute(f"attach {duck.literal(str(release.path))} as {name} (read_only)")
        return _compare(connection, a, b, listed)


def _compare(connection: duckdb.DuckDBPyConnection, a: Release, b: Release, listed: int | None) -> ReleaseDiff:
    models = stored_models(connection, "b")
    models_of_a = stored_models(connection, "a")
    differing, notes = _differing_parts(a, b, models_of_a, models)
    connection.execute("create table not_staged (period bigint)")
    for period in a.manifest.get("periods_not_staged", []):
        connection.execute("insert into not_staged values (?)", [period])
    rows.find_changed_rows(connection, "reading" in differing)
    found = connection.execute("select distinct cause from row_change").fetchall()
    present = {cause for (cause,) in found}
    if rows.OTHER in present:
        notes.append("rows of the returns differ although submissions, code and waivers do not tell why: cause other")
    causes: list[str] = [part for part in ("models", "rulebook") if part in differing]
    causes += [cause for cause in rows.ORDER if cause in present]
    known = tuple(rows.tables_of(connection, catalog) for catalog in ("a", "b"))
    grains = _grains(connection, models)
    tables, comparable = _tables(known[0], known[1], grains, models)
    steps, told = walk(connection, models, causes or ["other"], comparable, models_of_a)
    notes += [f"causes could not be told apart, they stand together: {reason}" for reason in told]
    figures.prepare(connection)
    for name in comparable:
        figures.compare_table(connection, name, grains[name], (known[0][name], known[1][name]), steps)
    return _collect(connection, a, b, steps, tables, listed, notes)


def _differing_parts(
    a: Release, b: Release, models_a: Mapping[str, SqlModel] | None, models_b: Mapping[str, SqlModel] | None
) -> tuple[set[str], list[str]]:
    """Which of models, rulebook and reading differ; what is not known counts as different, and is noted."""
    notes = []
    parts = [each.manifest.get("content") or {} for each in (a, b)]
    differing = {part for part in ("models", "reading") if parts[0].get(part) != parts[1].get(part)}
    if not all(parts):
        notes.append("one of the releases does not say what its code was; the code counts as changed")
        differing |= {"models", "reading"}
    if models_a is not None and models_b is not None:
        same = {name: each.sql for name, each in models_a.items()} == {
            name: each.sql for name, each in models_b.items()
        }
        differing = differing - {"models"} if same else differing | {"models"}
    if a.manifest.get("rulebook_version") != b.manifest.get("rulebook_version"):
        differing.add("rulebook")
    engines = {str(each.manifest.get("duckdb_version")) for each in (a, b)} | {duckdb.__version__}
    if len(engines) > 1:
        notes.append(f"computed by different versions of DuckDB: {', '.join(sorted(engines))}")
    return differing, notes


def _grains(connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel] | None) -> dict[str, tuple[str, ...]]:
    """The key of every table: from the header of its model, else from what the code at hand says of it."""
    if models is not None:
        return {name: parse_header(model.sql)[0].grain for name, model in models.items()}
    from pipelines.content import sql_models

    return {name: model.grain for name, model in sql_models().items()}


def _tables(
    in_a: dict[str, dict[str, str]],
    in_b: dict[str, dict[str, str]],
    grains: Mapping[str, tuple[str, ...]],
    models: Mapping[str, SqlModel] | None,
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """All tables of figures, and the names of those that can be compared row by row."""
    names = sorted(name for name in in_a.keys() | in_b.keys() if name.startswith("trends."))
    tables: dict[str, dict[str, Any]] = {}
    comparable = []
    for name in names:
        only = "b" if name not in in_a else "a" if name not in in_b else None
        grain = grains.get(name, ())
        columns = {
            side: sorted(mine.get(name, {}).keys() - other.get(name, {}).keys()) if only is None else []
            for side, mine, other in (("a", in_a, in_b), ("b", in_b, in_a))
        }
        tables[name] = {
            "table": name,
            "grain": list(grain),
            "only_in": only,
            "columns_only_in_a": columns["a"],
            "columns_only_in_b": columns["b"],
        }
        if only is None and grain and set(grain) <= in_a[name].keys() & in_b[name].keys():
            comparable.append(name)
        elif only is None:
            tables[name]["only_in"] = "other key"
    return tables, comparable


def _collect(
    connection: duckdb.DuckDBPyConnection,
    a: Release,
    b: Release,
    steps: list[Step],
    tables: dict[str, dict[str, Any]],
    listed: int | None,
    notes: list[str],
) -> ReleaseDiff:
    labels = [_labels(step) for step in steps]
    names = ", ".join("[" + ", ".join(map(duck.literal, each)) + "]" for each in labels)
    connection.execute(
        f"""create or replace temp view caused as
            select *, case when len(causes) = 1 then causes[1] else '{MIXED}' end as cause
            from (
                select *, list_distinct(flatten(list_filter([{names}], lambda _, i: hits[i] or not list_bool_or(hits))))
                    as causes
                from move
            )"""
    )
    counted = connection.execute("select cause, count(*) from caused group by 1 order by 2 desc, 1").fetchall()
    for name, status, cause, count in connection.execute(
        "select table_name, status, cause, count(*) from caused group by 1, 2, 3 order by 1, 2, 3"
    ).fetchall():
        tables[name][status] = tables[name].get(status, 0) + count
        tables[name].setdefault("causes", {})
        tables[name]["causes"][cause] = tables[name]["causes"].get(cause, 0) + count
    order = "order by status <> 'changed', weight desc nulls last, table_name, key, figure"
    limit = (
        f"qualify row_number() over (partition by table_name {order}) <= {int(listed)}" if listed is not None else ""
    )
    moves, verdicts = (
        pl.DataFrame(
            connection.sql(f"select {_REPORTED} from caused where {condition} {limit} {order}").to_arrow_table()
        )
        for condition in ("true", _VERDICT)
    )
    changed = connection.execute(
        "select form, period, cause, count(*) from row_change group by all order by 1, 2, 3"
    ).fetchall()
    return ReleaseDiff(
        a=a.release_id,
        b=b.release_id,
        steps=labels,
        causes=dict(counted),
        rows=[dict(zip(("form", "period", "cause", "rows"), row, strict=True)) for row in changed],
        tables=list(tables.values()),
        moves=moves,
        verdicts=verdicts,
        figures=sum(count for _, count in counted),
        notes=notes,
    )


def _labels(step: Step) -> list[str]:
    """The causes of a step as they are called in the report, each once."""
    found = [part for cause in step.causes for part in _LABELS.get(cause, cause).split(",")]
    return list(dict.fromkeys(found))
