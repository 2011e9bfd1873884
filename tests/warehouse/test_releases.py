"""Releases: built with comments, published whole, read while the next one is made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from warehouse import files
from warehouse.releases import Candidate, Comments, ReleaseError, Releases


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "releases")


def table(folder: Path, value: int) -> dict[str, list[Path]]:
    path = folder / f"{value}.parquet"
    pl.DataFrame({"v": [value] * 3}).write_parquet(path)
    return {"core.t": [path]}


def publish(releases: Releases, value: int, release_id: str | None = None) -> None:
    candidate = releases.build_candidate(table(releases.root.parent, value))
    releases.publish(candidate, release_id or f"r{value}", {"note": f"第{value}版"})


def value(releases: Releases, release_id: str | None = None) -> Any:
    with releases.connect(release_id) as connection:
        return connection.execute("select any_value(v) from core.t").fetchall()[0][0]


def names(releases: Releases) -> list[str]:
    return sorted(path.name for path in releases.root.iterdir() if path.name != ".lock")


def test_before_the_first_release(releases: Releases) -> None:
    assert releases.current() is None
    assert releases.list() == []
    with pytest.raises(ReleaseError, match="nothing has been published"):
        releases.connect()
    with pytest.raises(ReleaseError, match=r"no release 'x' in .*there are: none"):
        releases.get("x")
    assert not releases.root.exists()


def test_publishes_one_after_the_other_and_keeps_all(releases: Releases) -> None:
    for number in (1, 2, 3):
        publish(releases, number)
        assert value(releases) == number
    assert [each.release_id for each in releases.list()] == ["r1", "r2", "r3"]
    assert value(releases, "r1") == 1
    current = releases.current()
    assert current == releases.get("r3") and current is not None
    assert current.manifest == {
        "release_id": "r3",
        "previous": "r2",
        "file": "r3.duckdb",
        "size": current.path.stat().st_size,
        "sha256": current.sha256,
        "rows": {"core.t": 3},
        "note": "第3版",
    }
    assert current.rows == {"core.t": 3}
    current.verify()
    assert names(releases) == ["current.json", *(f"r{n}.{kind}" for n in (1, 2, 3) for kind in ("duckdb", "json"))]
    assert current.path.stat().st_mode & 0o222 == 0


def test_tables_and_comments(releases: Releases, tmp_path: Path) -> None:
    parts = []
    for part in range(2):
        parts.append(tmp_path / f"part's {part}.parquet")
        pl.DataFrame({"a": [part, 5], '选 "列': ["x", None]}).write_parquet(parts[-1])
    nasty = '县\'的"代码"; drop table core.t; -- \\ \n第二行'
    comments = Comments(
        tables={"core.t": nasty, "core.not_built": "ignored"},
        columns={"core.t": {"a": nasty, '选 "列': "列"}, "core.not_built": {"x": "ignored"}},
    )
    candidate = releases.build_candidate({"core.t": parts, "trends.empty": table(tmp_path, 1)["core.t"]}, comments)
    assert candidate.rows == {"core.t": 4, "trends.empty": 3}
    with candidate.connect() as connection:
        assert connection.execute("select a from core.t").fetchall() == [(0,), (5,), (1,), (5,)]
        tables = "select schema_name || '.' || table_name, comment from duckdb_tables() order by 1"
        assert connection.execute(tables).fetchall() == [("core.t", nasty), ("trends.empty", None)]
        columns = "select column_name, comment from duckdb_columns() where table_name = 't' order by 1"
        assert connection.execute(columns).fetchall() == [("a", nasty), ('选 "列', "列")]
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("create table core.x (a int)")
    releases.discard(candidate)
    releases.discard(candidate)
    assert names(releases) == ["current.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"core.t": []}, r"table core\.t: no Parquet file given"),
        ({"core.t": [Path("absent.parquet")]}, r"table core\.t: .*absent\.parquet: no such file"),
        ({"no_schema": []}, "not a table name"),
    ],
)
def test_a_candidate_that_cannot_be_built_leaves_nothing(
    releases: Releases, change: dict[str, list[Path]], message: str
) -> None:
    with pytest.raises(ReleaseError, match=message):
        releases.build_candidate(change)
    assert names(releases) == ["current.json"]


def test_a_comment_on_a_column_that_is_not_there_is_an_error(releases: Releases, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"core\.t: a comment is given for w"):
        releases.build_candidate(table(tmp_path, 1), Comments(columns={"core.t": {"w": "x"}}))


@pytest.mark.parametrize("release_id", ["", "a/b", "../r", "current", "candidate-1", ".hidden", "r\n", "数"])
def test_an_id_is_a_plain_file_name(releases: Releases, tmp_path: Path, release_id: str) -> None:
    candidate = releases.build_candidate(table(tmp_path, 1))
    with pytest.raises(ReleaseError, match="not a release id"):
        releases.publish(candidate, release_id, {})
    releases.publish(candidate, "2026-09-20T12.00_a", {})
    assert value(releases) == 1


def test_a_release_is_never_overwritten(releases: Releases, tmp_path: Path) -> None:
    publish(releases, 1)
    publish(releases, 2)
    before = releases.get("r1").path.read_bytes()
    candidate = releases.build_candidate(table(tmp_path, 3))
    with pytest.raises(ReleaseError, match="r1 exists already"):
        releases.publish(candidate, "r1", {})
    # nor is a file somebody put there
    (releases.root / "mine.duckdb").write_bytes(b"mine")
    with pytest.raises(ReleaseError, match=r"mine\.duckdb exists although it was not published"):
        releases.publish(candidate, "mine", {})
    assert releases.get("r1").path.read_bytes() == before
    assert (releases.root / "mine.duckdb").read_bytes() == b"mine"
    assert value(releases) == 2
    releases.publish(candidate, "r3", {})
    with pytest.raises(ReleaseError, match="candidate is gone"):
        releases.publish(candidate, "r4", {})


def test_the_manifest_does_not_contradict_the_file(releases: Releases, tmp_path: Path) -> None:
    candidate = releases.build_candidate(table(tmp_path, 1))
    with pytest.raises(ReleaseError, match="must not hold rows, sha256"):
        releases.publish(candidate, "r1", {"sha256": "0", "rows": {}})
    assert releases.current() is None


def test_a_damaged_file_is_noticed(releases: Releases) -> None:
    publish(releases, 1)
    release = releases.get("r1")
    release.path.chmod(0o644)
    with release.path.open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"x")
    with pytest.raises(ReleaseError, match=r"r1\.duckdb: damaged"):
        release.verify()


def test_a_release_whose_files_are_gone_is_not_listed_and_says_so(releases: Releases) -> None:
    publish(releases, 1)
    publish(releases, 2)
    (releases.root / "r1.duckdb").unlink()
    assert [each.release_id for each in releases.list()] == ["r2"]
    with pytest.raises(ReleaseError, match=r"r1\.duckdb is gone"):
        releases.get("r1")


@pytest.mark.parametrize("pointer", [b"", b"{", b"[]", b"{}", b'{"release_id": "r1"}', None])
def test_a_lost_pointer_is_an_error_and_costs_no_release(
    releases: Releases, tmp_path: Path, pointer: bytes | None
) -> None:
    publish(releases, 1)
    path = releases.root / "current.json"
    good = path.read_bytes()
    path.unlink() if pointer is None else path.write_bytes(pointer)
    for action in (releases.current, releases.list, lambda: releases.build_candidate(table(tmp_path, 2))):
        with pytest.raises(ReleaseError, match=r"current\.json: (damaged|missing)"):
            action()
    path.write_bytes(good)
    assert value(releases) == 1


def test_a_reader_keeps_its_release_while_the_next_one_is_published(releases: Releases) -> None:
    publish(releases, 1)
    with releases.connect() as reader, releases.connect() as other:
        assert other.execute("select v from core.t").fetchall() == [(1,)] * 3
        publish(releases, 2)
        assert value(releases) == 2
        assert reader.execute("select v from core.t").fetchall() == [(1,)] * 3


READER = """
import sys
from pathlib import Path
from warehouse.releases import Releases
with Releases(Path(sys.argv[1])).connect() as connection:
    print("open", flush=True)
    sys.stdin.readline()
    print(connection.execute("select sum(v) from core.t").fetchall()[0][0], flush=True)
"""


@pytest.fixture
def reader(releases: Releases) -> Iterator[subprocess.Popen[str]]:
    publish(releases, 1)
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(releases.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def test_a_reader_in_another_process_neither_blocks_nor_is_disturbed(
    releases: Releases, reader: subprocess.Popen[str]
) -> None:
    assert reader.stdout is not None and reader.stdin is not None
    assert reader.stdout.readline() == "open\n"
    publish(releases, 2)
    reader.stdin.write("\n")
    reader.stdin.flush()
    assert reader.stdout.readline() == "3\n"
    assert reader.wait(timeout=20) == 0
    assert value(releases) == 2


def test_several_may_publish_at_the_same_time(releases: Releases, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            publish(releases, number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    listed = releases.list()
    assert sorted(each.release_id for each in listed) == ["r0", "r1", "r2", "r3"]
    assert [each.manifest["previous"] for each in listed] == [None, *(each.release_id for each in listed[:-1])]


def test_only_candidates_of_dead_processes_are_swept(releases: Releases, tmp_path: Path) -> None:
    publish(releases, 1)
    living = releases.build_candidate(table(tmp_path, 2))
    program = (
        "import os, sys; from pathlib import Path; from warehouse.releases import Releases\n"
        "Releases(Path(sys.argv[1])).build_candidate({'core.t': [Path(sys.argv[2])]}); os._exit(9)\n"
    )
    arguments = [sys.executable, "-c", program, str(releases.root), str(tmp_path / "1.parquet")]
    assert subprocess.run(arguments, check=False).returncode == 9
    assert sum(name.startswith("candidate-") for name in names(releases)) == 4
    another = releases.build_candidate(table(tmp_path, 3))
    left = {name for name in names(releases) if name.startswith("candidate-")}
    assert left == {f"{each.path.stem}.{kind}" for each in (living, another) for kind in ("duckdb", "lock")}
    releases.publish(another, "r3", {})
    releases.publish(living, "r2", {})
    assert [each.release_id for each in releases.list()] == ["r1", "r3", "r2"]


def test_a_failure_in_the_same_process_leaves_nothing_and_the_id_free(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(releases, 1)
    before = names(releases)
    for failing in ("_point", "_note"):
        candidate = releases.build_candidate(table(tmp_path, 2))
        with monkeypatch.context() as patch:
            target: Any = Releases if failing == "_point" else sys.modules["warehouse.releases"]
            patch.setattr(target, failing, _no_space)
            with pytest.raises(OSError, match="No space"):
                releases.publish(candidate, "r2", {})
        releases.discard(candidate)
        assert names(releases) == before
        assert value(releases) == 1
    publish(releases, 2)
    assert value(releases) == 2


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_held_candidate_lock_ends_with_the_candidate(releases: Releases, tmp_path: Path) -> None:
    candidate: Candidate = releases.build_candidate(table(tmp_path, 1))
    lock = candidate.path.with_suffix(".lock")
    assert files.is_held(lock)
    releases.publish(candidate, "r1", {})
    assert not lock.exists()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(candidate.lock)
    assert json.loads((releases.root / "current.json").read_text()) == {"release_id": "r1", "published": ["r1"]}
