"""How tests are shared out among the workers of ``pytest -n``.

Belongs here: which tests stay on one worker, and which begin first. Does not belong here: fixtures.

Tests that share a costly session fixture have to run in one process, or each of them makes it. ``--dist loadgroup`` would
do it by marks, but pytest 9.2 no longer has the attribute by which pytest-xdist 3.8 writes them into a test's id: it then
shares out test by test, without a word.
"""

from __future__ import annotations

from typing import Any

import pytest

#: Groups of folders and files that take long, the longest first: what begins last must not be long. The tests of a group
#: share a costly session fixture and stay together; all others stay together by file.
LONG = (
    ("tests/dashboards",),
    ("tests/pipelines/test_run.py", "tests/end_to_end/test_privacy.py"),  # the home that ``junheng run`` published
    ("tests/sample",),
    ("tests/real",),
    ("tests/explain",),
)


def group(nodeid: str) -> str:
    """Return what has to stay on one worker with a test: its group, or its file."""
    path = nodeid.partition("::")[0]
    folder = path.rpartition("/")[0]
    return next((members[0] for members in LONG if path in members or folder in members), path)


def rank(nodeid: str) -> int:
    """Return the place of a test's group: long ones first."""
    firsts = [members[0] for members in LONG]
    return firsts.index(group(nodeid)) if group(nodeid) in firsts else len(firsts)


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Return a scheduler that keeps groups together, in the order of collection."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return ByGroup(config, log)
