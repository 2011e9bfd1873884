"""No reader meets half a site: failures, repetitions, several releases, an empty release."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.dashboards.build import build_site
from pipelines.dashboards.pages.html import MENU
from pipelines.dashboards.publish import sites, workspace
from tests.dashboards.conftest import RELEASE


def _empty(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(tmp_path / "empty.duckdb")


def test_a_failure_leaves_what_was_there(connection: duckdb.DuckDBPyConnection, fonts: Path, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, total: int, what: str) -> None:
        raise StoppedError

    out = tmp_path / "out"
    kept = out / RELEASE / "index.html"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    with pytest.raises(StoppedError):
        build_site(
            connection, release_id=RELEASE, manifest={}, out=out, fonts=fonts, languages=("zh",), workers=1,
            progress=stop,
        )  # fmt: skip
    assert kept.read_text() == "kept"
    assert [path.name for path in out.iterdir()] == [RELEASE]


def test_a_release_without_county_figures_has_a_page_that_says_so(fonts: Path, tmp_path: Path) -> None:
    summary = build_site(_empty(tmp_path), release_id="r0", manifest={}, out=tmp_path / "out", fonts=fonts)
    assert (summary.counties, summary.pages) == (0, 2 * len(MENU))
    assert "本次发布没有可显示的县级数据" in summary.index.read_text(encoding="utf-8")
    assert "样例数据" not in summary.index.read_text(encoding="utf-8")


def test_the_newest_release_comes_first_whatever_was_built_last(fonts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with _empty(tmp_path) as connection:
        for release, created in (("b", "2020-01-01"), ("a", "2021-01-01"), ("c", "2019-01-01"), ("a", "2021-01-01")):
            manifest = {"created_at": created}
            build_site(connection, release_id=release, manifest=manifest, out=out, fonts=fonts)
    assert sites(out) == ["a", "b", "c"]
    assert "url=a/index.html" in (out / "index.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in out.iterdir()) == ["a", "b", "c", "index.html"]


def test_what_dead_processes_left_is_swept_and_what_living_ones_write_is_not(fonts: Path, tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    out = tmp_path / "out"
    for pid in (dead.pid, os.getppid()):
        (out / f".r-1-{pid}-0123abcd.tmp" / "county").mkdir(parents=True)
    with workspace(out, "r0") as folder:
        assert folder.is_dir()
    assert [path.name for path in out.iterdir()] == [f".r-1-{os.getppid()}-0123abcd.tmp"]
