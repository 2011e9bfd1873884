"""Telling the person at the command line how far long work is.

Belongs here: the hook through which a step says how far it is. Does not belong here: drawing it (``pipelines.cli``).

A step runs in the process of ``junheng run`` or in a process of Dagster. It tells ``report`` in either case; only where
somebody listens in this process (``listening``) is anything done with it. Dagster's own logs are written besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Listener(Protocol):
    """Told what is being done, how much of it is done, how much there is."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show it."""


_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear every report of this process inside the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def report(what: str, done: int, total: int) -> None:
    """Say that ``done`` of ``total`` parts of ``what`` are done."""
    for listener in _listeners:
        listener(what, done, total)
