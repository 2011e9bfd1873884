"""The whole asset graph as data, so that every change of structure shows in review.

``python -m tests.pipelines.asset_graph`` writes ``asset_graph.json`` beside this file anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.definitions import defs

SNAPSHOT = Path(__file__).with_name("asset_graph.json")


def asset_graph() -> dict[str, Any]:
    """Keys, dependencies, groups, partitions and steps of assets; checks; jobs; schedules; sensors."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    assets = {}
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: key.to_user_string()):
        node = graph.get(key)
        partitions = node.partitions_def
        assets[key.to_user_string()] = {
            "group": node.group_name,
            "step": node.assets_def.op.name,
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "kinds": sorted(node.kinds),
            "owners": sorted(node.owners),
            "partitions": None if partitions is None else str(partitions),
            "backfill": None if node.backfill_policy is None else node.backfill_policy.policy_type.name,
        }
    checks = {}
    for check in sorted(graph.asset_check_keys, key=lambda check: (check.asset_key.to_user_string(), check.name)):
        node = graph.get(check)
        checks[f"{check.asset_key.to_user_string()}:{check.name}"] = {
            "blocking": node.blocking,
            "partitioned": node.partitions_def is not None,
        }
    job = defs.resolve_job_def("annual_monitoring")
    return {
        "assets": assets,
        "checks": checks,
        "jobs": {
            "annual_monitoring": {
                "assets": sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys),
                "executor": job.executor_def.name,
                "tags": dict(sorted(job.tags.items())),
            }
        },
        "schedules": {
            each.name: {
                "cron": each.cron_schedule,
                "timezone": each.execution_timezone,
                "job": each.job_name,
                "status": each.default_status.value,
            }
            for each in sorted(repository.schedule_defs, key=lambda each: each.name)
        },
        "sensors": {
            each.name: {
                "job": each.job_name,
                "seconds": each.minimum_interval_seconds,
                "status": each.default_status.value,
            }
            for each in sorted(repository.sensor_defs, key=lambda each: each.name)
        },
    }


def as_text() -> str:
    """The graph as JSON, as it is kept: an entry a line, so that a change is a changed line."""
    sections = []
    for name, entries in asset_graph().items():
        lines = [f'  "{key}": {json.dumps(entry, ensure_ascii=False)}' for key, entry in entries.items()]
        sections.append(f' "{name}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(), encoding="utf-8")
