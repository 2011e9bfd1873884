"""Replacement of files: whole or not at all, also beside other writers and after dead ones."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from warehouse import files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "数 [1]*.txt"
    files.write_bytes(target, b"old")
    with pytest.raises(RuntimeError), files.replacing(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError("disk full")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == [target.name]


def test_the_leftover_of_a_killed_writer_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    target = tmp_path / "t"
    program = (
        "import os, sys; from pathlib import Path; from warehouse import files\n"
        "with files.replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_bytes(b'half'); os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(target)], check=False).returncode == 9
    assert len(names(tmp_path)) == 1 and not target.exists()
    with files.replacing(target) as living:
        assert names(tmp_path) == [living.name]
        files.write_bytes(target, b"other")
        assert names(tmp_path) == [living.name, "t"]
        living.write_bytes(b"mine")
    assert target.read_bytes() == b"mine"
    assert names(tmp_path) == ["t"]


def _write_often(target: Path, letter: bytes, times: int) -> None:
    for _ in range(times):
        files.write_bytes(target, letter * 10_000)


def test_readers_never_see_a_mixture_while_several_processes_write(tmp_path: Path) -> None:
    target = tmp_path / "t"
    files.write_bytes(target, b"a" * 10_000)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(target, letter, 60)) for letter in (b"a", b"b", b"c")]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        content = target.read_bytes()
        assert len(content) == 10_000 and len(set(content)) == 1
        seen.add(content[:1])
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(seen) > 1
    assert names(tmp_path) == ["t"]


def test_a_file_put_in_the_place_of_the_locked_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"never synced")
    expected = pytest.raises(RuntimeError, match="another file was put in its place")
    with expected, files.replacing(tmp_path / "t") as temporary:
        (tmp_path / "other").replace(temporary)
    assert names(tmp_path) == []


def test_read_only_takes_away_write_permission_but_gives_none(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        files.write_bytes(tmp_path / "t", b"x", read_only=True)
    finally:
        os.umask(before)
    assert (tmp_path / "t").stat().st_mode & 0o777 == 0o440


def test_a_lock_lets_one_in_at_a_time(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            with files.locked(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 200 and max(most) == 1


def test_a_held_lock_is_seen_and_ends_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not files.is_held(path)
    handle = files.hold(path)
    assert files.is_held(path)
    os.close(handle)
    assert not files.is_held(path)
