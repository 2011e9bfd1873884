"""A process that dies before its n-th file operation, for every n: python -m tests.warehouse.crash SCENARIO BASE WORK.

Copies the folder BASE to WORK/1, WORK/2, …; in each a forked child runs the scenario and dies (``os._exit``, nothing is
cleaned up) just before file operation 1, 2, … until one comes to its end. That last one writes its operations to
WORK/trace.json as [name, path] or [name, source, target]. DuckDB's own writes are not counted.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouse.engine import DuckDBEngine
from warehouse.landing import Landing
from warehouse.releases import Releases

COUNTED = (
    "open", "mkdir", "write", "pwrite", "ftruncate", "chmod", "fchmod", "fsync", "replace", "rename", "unlink",
)  # fmt: skip


def publish(folder: Path) -> None:
    releases = Releases(folder / "releases")
    candidate = releases.build_candidate({"core.t": [folder / "2.parquet"]})
    releases.publish(candidate, "r2", {"note": "第2版"})


def store(folder: Path) -> None:
    Landing(folder / "landing").store(b"return" * 1000)


def run(folder: Path) -> None:
    with DuckDBEngine(threads=1) as engine:
        engine.run("select 'new' as state, range as n from range(1000)", folder / "marts" / "core" / "t.parquet")


SCENARIOS: dict[str, Callable[[Path], None]] = {"publish": publish, "store": store, "run": run}


def die_before(step: int) -> list[list[str]]:
    """Replace the counted functions of ``os``; return the list in which their calls are kept."""
    trace: list[list[str]] = []

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            trace.append(
                [name, *(_path(argument) for argument in arguments[: 2 if name in ("replace", "rename") else 1])]
            )
            if len(trace) == step:
                os._exit(9)
            return original(*arguments, **options)

        return call

    for name in COUNTED:
        setattr(os, name, counted(name))
    return trace


def _path(argument: Any) -> str:
    return str(Path(f"/proc/self/fd/{argument}").readlink()) if isinstance(argument, int) else str(argument)


def main(scenario: str, base: Path, work: Path) -> None:
    step, status = 0, 9
    while status == 9:
        step += 1
        folder = work / str(step)
        shutil.copytree(base, folder)
        child = os.fork()
        if child == 0:
            trace = die_before(step)
            SCENARIOS[scenario](folder)
            (work / "trace.json").write_text(json.dumps(trace))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
