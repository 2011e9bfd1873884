"""What a walk is made from: one release, its rulebook, its returns with their cells, and the received files.

Belongs here: opening these, and remembering what several figures of one county share. Does not belong here: any
figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.content import sql_models
from pipelines.explain.cells import Evidence
from pipelines.explain.inforce import Rulebook
from pipelines.explain.received import ReceivedFiles
from pipelines.explain.school_stage import CountyYear, county_year
from pipelines.stored_models import stored_models
from warehouse.duck import quoted
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.releases import Releases
from warehouse.sqlmodels import SqlModel

#: Counties and years kept: a figure needs one or a few, a test goes through all of them in order.
_KEPT = 24


@dataclass(eq=False)
class Context:
    """One release and what was read of it.

    ``models``: those that made it. ``manifest``: its own; empty for a database that is no release. ``flows``,
    ``exchange`` and ``parts``: what ``flows``, ``stints`` and ``scorecard`` keep.
    """

    connection: duckdb.DuckDBPyConnection
    evidence: Evidence
    rulebook: Rulebook
    models: Mapping[str, SqlModel]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    flows: dict[tuple[str, str], Any] = field(default_factory=dict)
    exchange: dict[str, Any] = field(default_factory=dict)
    parts: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _years: dict[tuple[str, int], CountyYear] = field(default_factory=dict)

    @classmethod
    def of(
        cls, connection: duckdb.DuckDBPyConnection, landing: Landing | None, manifest: Mapping[str, Any] | None = None
    ) -> Context:
        """Make a context of a connection to a release; without ``landing`` there are no texts of cells."""
        hashes = dict(connection.execute("select submission_id, sha256 from audit.submission").fetchall())
        evidence = Evidence(connection, ReceivedFiles(landing, hashes))
        return cls(connection, evidence, Rulebook(connection), _models(connection), manifest or {})

    def county_year(self, county: str, year: int) -> CountyYear:
        """Return the schools of a county in a year, worked out again."""
        if (county, year) not in self._years:
            while len(self._years) >= _KEPT:
                del self._years[next(iter(self._years))]
            self._years[county, year] = county_year(self.evidence, self.rulebook, county, year)
        self.rulebook.note_again(self._years[county, year].used)
        return self._years[county, year]

    def reported_codes(self, county: str) -> dict[str, set[int]]:
        """Return the codes under which a county reported, each with its years."""
        rows = self.connection.execute(
            "select reported_code, school_year from core.reported_county where county_code = ?", [county]
        ).fetchall()
        codes: dict[str, set[int]] = {}
        for code, year in rows:
            codes.setdefault(code, set()).add(year)
        return codes


def _models(connection: duckdb.DuckDBPyConnection) -> Mapping[str, SqlModel]:
    """The models that made the release, as it keeps them; those of now where it is older than that."""
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    return stored_models(connection, quoted(catalog)) or sql_models()


@contextmanager
def open_context(home: Home, release_id: str | None = None) -> Iterator[Context]:
    """Open a release of a home (default: the current one); ``warehouse.releases.ReleaseError`` where there is none."""
    releases = Releases(home.releases)
    with releases.connect(release_id) as connection:
        release = releases.current() if release_id is None else releases.get(release_id)
        landing = Landing(home.landing) if home.landing.is_dir() else None
        yield Context.of(connection, landing, release.manifest if release is not None else {})
