"""Which tables of a step are as in one of the releases, so that nothing has to be run to know what they hold.

Belongs here: telling that without running, or by the content of what was run. Does not belong here: running
(``states``), which figures differ (``figures``: there, sums of floats in another order are equal, too; here they only
cost a run).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from pipelines.release_diff.rows import tables_of
from warehouse import duck
from warehouse.sqlmodels import SqlModel

Releases = frozenset[str]
_BOTH: Releases = frozenset({"a", "b"})
_NONE: Releases = frozenset()


@dataclass
class Sameness:
    """``connection``: with ``a`` and ``b`` attached and the table ``row_change``. ``models``: those that made each."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Mapping[str, SqlModel]]
    _columns: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _digests: dict[tuple[str, str, tuple[str, ...]], tuple[int, int]] = field(default_factory=dict)

    def of_rulebook(self, name: str, rulebook_of_b: bool) -> Releases:
        """Of a table of the rulebook, taken from one of them."""
        own = "b" if rulebook_of_b else "a"
        return _BOTH if self._equal("a", "b", name) else frozenset({own})

    def of_rows(self, state: str, name: str, rows_of_b: Collection[str]) -> Releases:
        """Of a return, with the rows of some causes as in ``b`` and all others as in ``a``."""
        form = name.split(".")[1]
        if form == "quarantine":  # it is small, and its rows are of all returns
            return self.of_table(state, name)
        found = self.connection.execute(
            "select distinct cause from memory.main.row_change where form = ?", [form]
        ).fetchall()
        causes = {cause for (cause,) in found}
        return frozenset(
            release
            for release, same in (("a", not causes & set(rows_of_b)), ("b", causes <= set(rows_of_b)))
            if same and name in self._known(release)
        )

    def of_model(self, name: str, as_in: Mapping[str, Releases]) -> Releases:
        """Of a model that has not been run: as in a release in which all it reads is the same, and its SQL."""
        own = self.models["b"][name]
        return frozenset(
            release
            for release in _BOTH.intersection(*(as_in.get(table, _NONE) for table in own.depends))
            if name in self._known(release)
            and name in self.models[release]
            and self.models[release][name].sql == own.sql
        )

    def of_table(self, state: str, name: str) -> Releases:
        """Of a table that is there: by its content."""
        return frozenset(release for release in _BOTH if self._equal(state, release, name))

    def _equal(self, one: str, other: str, name: str) -> bool:
        columns = [self._known(each).get(name) for each in (one, other)]
        return columns[0] is not None and columns[0] == columns[1] and len(
            {self._digest(each, name, tuple(sorted(columns[0]))) for each in (one, other)}
        ) == 1  # fmt: skip

    def _digest(self, catalog: str, name: str, columns: tuple[str, ...]) -> tuple[int, int]:
        """Rows and the sum of their hashes, whatever their order; of a release it is asked for once."""
        key = (catalog, name, columns)
        if key not in self._digests:
            row = self.connection.execute(
                f"select count(*), coalesce(sum(hash({', '.join(map(duck.quoted, columns))})), 0) from {catalog}.{name}"
            ).fetchone()
            assert row is not None
            self._digests[key] = (int(row[0]), int(row[1]))
        return self._digests[key]

    def _known(self, catalog: str) -> dict[str, dict[str, str]]:
        if catalog not in _BOTH:
            return tables_of(self.connection, catalog)
        if catalog not in self._columns:
            self._columns[catalog] = tables_of(self.connection, catalog)
        return self._columns[catalog]
