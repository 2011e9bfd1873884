"""Starting and ending: help comes at once, ``junheng dev`` leaves no process behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

_HEAVY = ("dagster", "polars", "pandas", "duckdb", "pandera", "matplotlib", "sqlalchemy", "sqlglot", "rich.progress")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pipelines.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {_HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
    assert "receive" in done.stdout and "Exit codes" in done.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    """``junheng dictionary | head -1``."""
    code = "from pipelines.cli import main; main(['dictionary'])"
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    told = child.stderr.read()
    assert child.wait(60) == 0, told
    assert "Traceback" not in told and "BrokenPipe" not in told


def _group(leader: int) -> list[int]:
    """Processes whose session is that of ``leader``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _children(parent: int) -> list[int]:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(each) for each in path.read_text().split()] if path.exists() else []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_dev_answers_on_the_loopback_and_ends_with_all_it_started(ending: signal.Signals, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from pipelines.cli import main; main(['dev', '--port', '{port}', '--home', {str(tmp_path)!r}])"
    log = (tmp_path / "log").open("wb")
    child = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5) as answer:
                    assert b"dagster" in answer.read()
                break
            except OSError:
                assert child.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.5)
        (dagster,) = _children(child.pid)
        assert len(_group(dagster)) >= 3
        os.kill(child.pid, ending)
        child.wait(60)
        assert _group(dagster) == []
    finally:
        if child.poll() is None:
            child.kill()
        log.close()
