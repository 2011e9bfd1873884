"""The command line: ``junheng``.

Belongs here: commands, one module per group, and what they print. Does not belong here: the work (each command calls a
function of another module, which is imported when the command runs, so that ``junheng --help`` is quick).

Exit codes: 0 done; 1 something went wrong; 2 wrong usage; 3 files were rejected; 4 the gate refused the release.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (default: of this process) and exit."""
    from pipelines.cli.app import run_app

    run_app(arguments)
