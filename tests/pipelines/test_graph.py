"""What Dagster loads: valid, and structured as the snapshot says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from models.returns import CONTRACTS
from pipelines.content import sql_models
from pipelines.definitions import defs
from tests.conftest import REPOSITORY
from tests.pipelines.asset_graph import SNAPSHOT, as_text


def test_dagster_definitions_validate(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(tmp_path),
        "JUNHENG_HOME": str(tmp_path / "home"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    result = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Validation successful for code location junheng" in result.stdout + result.stderr


def test_the_asset_graph_is_that_of_the_snapshot() -> None:
    assert as_text() == SNAPSHOT.read_text(encoding="utf-8"), (
        "the structure of the asset graph changed; if that is meant: python -m tests.pipelines.asset_graph"
    )


def test_every_asset_can_be_read_in_the_ui() -> None:
    graph = defs.get_repository_def().asset_graph
    keys = graph.get_all_asset_keys()
    assert {("returns", form) for form in CONTRACTS} <= {tuple(key.path) for key in keys}
    assert {tuple(name.split(".")) for name in sql_models()} <= {tuple(key.path) for key in keys}
    for key in keys:
        node = graph.get(key)
        assert node.is_materializable, f"{key.to_user_string()} has no step: a dependency is misspelt"
        assert node.description and len(node.description) > 10, key
        assert node.group_name != "default" and node.owners and node.kinds, key


@pytest.mark.parametrize("table", ["enrolment", "premises"])
def test_the_column_schema_of_a_return_is_that_of_its_contract(table: str) -> None:
    spec = defs.get_repository_def().asset_graph.get(dg.AssetKey(["returns", table])).metadata
    columns = {column.name: column for column in spec["dagster/column_schema"].columns}
    for name, info in CONTRACTS[table].fields.items():
        assert info.zh in (columns[name].description or "")
        assert columns[name].constraints.nullable == (not info.required)
