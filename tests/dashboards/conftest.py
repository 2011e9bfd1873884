"""The made-up release, read once and drawn once for all tests of the dashboards."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest

from pipelines.dashboards.build import SiteSummary, build_site, prepare_site
from pipelines.dashboards.charts.canvas import Pen
from pipelines.dashboards.fonts import prepare
from pipelines.dashboards.site import Site
from pipelines.dashboards.text import LANGUAGES, load
from tests.dashboards import made_up_release

RELEASE = "r20201120T101500-1a2b3c4d"
MANIFEST = {"created_at": "2020-11-20T10:15:00.123456+00:00", "code_version": "0.1.0", "rows": {"ignored": 1}}


LONG = "东岭市经济技术开发区和高新技术产业示范园区联合管理委员会代管区 with a very long English name as well" * 2
#: What the tests of the charts draw besides labels.
DRAWN = (LONG, "甲乙丙丁县")


@dataclass(frozen=True)
class BuiltSite:
    """A site on disk: its folder (with the release id as name) and what the builder said of it."""

    root: Path
    summary: SiteSummary


@pytest.fixture(scope="session")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the made-up release."""
    path = made_up_release.build(tmp_path_factory.mktemp("release") / "release.duckdb")
    with duckdb.connect(path, read_only=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of fonts for the session."""
    return tmp_path_factory.mktemp("fonts")


@pytest.fixture(scope="session")
def built(connection: duckdb.DuckDBPyConnection, fonts: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """The site, drawn in this process with every warning (a missing glyph is one) turned into an error."""
    out = tmp_path_factory.mktemp("site")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = build_site(connection, release_id=RELEASE, manifest=MANIFEST, out=out, fonts=fonts, workers=1)
    return BuiltSite(out / RELEASE, summary)


@pytest.fixture(scope="session")
def site(connection: duckdb.DuckDBPyConnection, fonts: Path) -> Site:
    """What all pages share."""
    return prepare_site(connection, release_id=RELEASE, manifest=MANIFEST, fonts=fonts)


@pytest.fixture(params=["zh", "en"])
def pen(site: Site, fonts: Path, request: pytest.FixtureRequest) -> Iterator[Pen]:
    """A pen of each language, its fonts in force, every warning an error."""
    labels = [words for language in LANGUAGES for words in load(language).labels.values()]
    made = replace(site, fonts=prepare([*labels, *DRAWN], fonts))
    with made.fonts.active(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield made.pen(request.param)
