"""Small pictures for the Dagster UI."""

from __future__ import annotations

import duckdb

from pipelines.assets.dashboards import PAGES
from pipelines.dashboards.preview import previews
from pipelines.dashboards.site import Site
from pipelines.dashboards.units import KINDS


def test_each_kind_of_picture_has_a_preview_that_is_small(connection: duckdb.DuckDBPyConnection, site: Site) -> None:
    found = previews(connection, site)
    assert found.keys() == {"overview", "county", "indicator"}
    assert all(png.startswith(b"\x89PNG") and 2_000 < len(png) < 120_000 for png in found.values())
    assert found == previews(connection, site)


def test_an_empty_release_has_none(site: Site) -> None:
    with duckdb.connect() as empty:
        assert previews(empty, Site(site.release_id, {}, False, ("zh",), None, site.fonts)) == {}


def test_every_asset_is_a_kind_of_page() -> None:
    assert PAGES.keys() <= KINDS.keys()
