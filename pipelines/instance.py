"""Dagster's own storage: the instance that ``junheng run``, ``junheng dev`` and the daemon share.

Belongs here: dagster.yaml and opening the instance of a home. Does not belong here: what is run on it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from warehouse.files import write_bytes
from warehouse.home import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance

#: Runs with this tag write marts and a release; one of them at a time is enough, more would wait for each other.
WRITES = "junheng/writes"

#: Written once; an installation may change it (PostgreSQL storage, more runs at a time) and keeps its changes.
DAGSTER_YAML = f"""\
# Written by junheng the first time; yours to change, it is not written again.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      - key: {WRITES}
        limit: 1
run_monitoring:
  enabled: true
  max_resume_run_attempts: 0
"""


def prepare(home: Home) -> dict[str, str]:
    """Make Dagster's folder with its settings; return the environment variables that lead Dagster there."""
    home.ensure()
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        write_bytes(settings, DAGSTER_YAML.encode())
    return {
        "DAGSTER_HOME": str(home.dagster),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "JUNHENG_HOME": str(home.root),
        **({"JUNHENG_LEDGER": home.ledger} if home.ledger else {}),
    }


def open_instance(home: Home) -> DagsterInstance:
    """Open the persistent instance of a home; use it in a ``with``. The environment variables are set as well."""
    os.environ.update(prepare(home))
    from dagster import DagsterInstance

    return DagsterInstance.from_config(str(home.dagster))
