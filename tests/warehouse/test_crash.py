"""Killed before any file operation, a process leaves the old state readable and the next run comes to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.warehouse.crash import publish as publish_second
from tests.warehouse.crash import run as run_new
from tests.warehouse.crash import store as store_again
from warehouse import duck
from warehouse.assembly import Comments, assemble
from warehouse.landing import Landing, LandingError
from warehouse.releases import Releases


def crash_everywhere(scenario: str, base: Path, work: Path) -> list[Path]:
    """Return the folders in which the scenario was killed; the last one is where it came to its end."""
    work.mkdir()
    arguments = [sys.executable, "-m", "tests.warehouse.crash", scenario, str(base), str(work)]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return sorted((path for path in work.iterdir() if path.is_dir()), key=lambda path: int(path.name))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / "base"
    base.mkdir()
    for number in (1, 2):
        pl.DataFrame({"v": [number] * 3}).write_parquet(base / f"{number}.parquet")
    return base


def value(releases: Releases) -> int | None:
    if releases.current() is None:
        return None
    with releases.connect() as connection:
        return int(connection.execute("select any_value(v) from core.t").fetchall()[0][0])


@pytest.mark.parametrize("first", [True, False])
def test_publishing(tmp_path: Path, base: Path, first: bool) -> None:
    if not first:
        releases = Releases(base / "releases")
        releases.publish(releases.build_candidate({"core.t": [base / "1.parquet"]}), "r1", {})
    old = [] if first else ["r1"]
    folders = crash_everywhere("publish", base, tmp_path / "work")
    assert len(folders) > 25
    states = []
    for folder in folders:
        releases = Releases(folder / "releases")
        listed = [each.release_id for each in releases.list()]
        assert listed in (old, [*old, "r2"])
        states.append(listed != old)
        assert value(releases) == (2 if states[-1] else None if first else 1)
        for release in releases.list():
            release.verify()
        if not states[-1]:
            publish_second(folder)
        else:
            releases.publish(releases.build_candidate({"core.t": [folder / "1.parquet"]}), "r3", {})
        done = [*old, "r2", "r3"] if states[-1] else [*old, "r2"]
        assert [each.release_id for each in releases.list()] == done
        assert value(releases) == (1 if states[-1] else 2)
        left = {path.name for path in releases.root.iterdir()}
        assert left == {".lock", "current.json", *(f"{each}.{kind}" for each in done for kind in ("json", "duckdb"))}
    # published from one step on and never before
    assert states == sorted(states) and states[-1] and not states[0]


def test_every_file_is_on_the_disk_before_it_gets_its_name_and_the_name_before_the_next(
    tmp_path: Path, base: Path
) -> None:
    last = crash_everywhere("publish", base, tmp_path / "work")[-1]
    trace = json.loads((tmp_path / "work" / "trace.json").read_text())
    renames = [index for index, operation in enumerate(trace) if operation[0] in ("replace", "rename")]
    named = [Path(trace[index][2]).name for index in renames]
    assert named == ["current.json", "r2.json", "r2.duckdb", "current.json"]
    root = str(last / "releases")
    for index, following in zip(renames, [*renames[1:], len(trace)], strict=True):
        assert ["fsync", trace[index][1]] in trace[:index]
        assert ["fsync", root] in trace[index:following]
    # what is about to appear was noted before
    note = next(i for i, (name, path, *_) in enumerate(trace) if name == "pwrite" and path.endswith(".lock"))
    assert note < renames[1] and trace[note + 1] == ["fsync", trace[note][1]]


def test_storing_bytes(tmp_path: Path, base: Path) -> None:
    folders = crash_everywhere("store", base, tmp_path / "work")
    assert len(folders) > 8
    content = b"return" * 1000
    sha256 = Landing(base).store(content)
    found = []
    for folder in folders:
        landing = Landing(folder / "landing")
        try:
            found.append(landing.read(sha256) == content)
        except LandingError as error:
            assert "no such bytes" in str(error)
            found.append(False)
        store_again(folder)
        assert landing.read(sha256) == content
        assert [path for path in landing.root.rglob("*") if path.is_file()] == [landing.path(sha256)]
    assert found == sorted(found) and found[-1] and not found[0]


def test_running_a_query(tmp_path: Path, base: Path) -> None:
    out = base / "marts" / "core" / "t.parquet"
    out.parent.mkdir(parents=True)
    pl.DataFrame({"state": ["old"], "n": [0]}).write_parquet(out)
    folders = crash_everywhere("run", base, tmp_path / "work")
    assert len(folders) > 5
    states = []
    for folder in folders:
        mart = folder / "marts" / "core" / "t.parquet"
        read = pl.read_parquet(mart)
        states.append(read["state"][0])
        assert len(read) == (1000 if states[-1] == "new" else 1)
        run_new(folder)
        assert pl.read_parquet(mart)["n"].to_list() == list(range(1000))
        assert [path.name for path in mart.parent.iterdir()] == ["t.parquet"]
    assert states == sorted(states, reverse=True) and states[0] == "old" and states[-1] == "new"


def test_a_release_file_that_was_not_finished_holds_nothing(tmp_path: Path, base: Path) -> None:
    """Killed after the first of two tables: there is no half of a release that could be taken for one."""
    path = tmp_path / "half.duckdb"
    child = os.fork()
    if child == 0:
        tables = {"core.a": [base / "1.parquet"], "core.b": [base / "2.parquet"]}
        duck.scan = _dying(duck.scan)  # type: ignore[assignment]
        assemble(path, tables, Comments(), None)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    with duck.connect(path) as connection:
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == []


def _dying(scan: Callable[..., str]) -> Callable[..., str]:
    calls = []

    def call(*arguments: Any) -> str:
        calls.append(arguments)
        return os._exit(9) if len(calls) == 2 else scan(*arguments)

    return call
