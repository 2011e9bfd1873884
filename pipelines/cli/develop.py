"""``junheng dev``.

Belongs here: opening Dagster on this machine and ending it with everything it started. Does not belong here: Dagster.

``dagster dev`` starts four processes of its own and was measured not to end on SIGTERM. They get a process group of
their own here; when this command is asked to end, so is the group, and what is left after ten seconds is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, error_console, open_home

_PATIENCE = 10.0


def dev(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
    home: HomeOption = None,
) -> None:
    """Open Dagster's UI on 127.0.0.1, with schedules and the inbox sensor at work. Ctrl-C ends it."""
    from pipelines.instance import prepare

    place = open_home(home)
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "pipelines.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    error_console().print(f"Dagster on http://127.0.0.1:{port} (home {place.root})", markup=False, soft_wrap=True)
    child = subprocess.Popen(command, env={**os.environ, **prepare(place)}, start_new_session=True)

    def ask_to_end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_end)
    try:
        raise SystemExit(child.wait())
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_group(child)


def end_group(child: subprocess.Popen[bytes], patience: float = _PATIENCE) -> None:
    """End every process of the child's group: asked with SIGINT, then killed after ``patience`` seconds."""
    for number, wait in ((signal.SIGINT, patience), (signal.SIGKILL, patience)):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            child.poll()
            try:
                os.killpg(child.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.1)
