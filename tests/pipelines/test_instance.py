"""Dagster's own storage."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.instance import open_instance, prepare
from warehouse.home import Home


def test_the_instance_is_persistent_quiet_and_below_the_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "JUNHENG_HOME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert Path(instance.root_directory) == home.dagster
        assert instance.is_persistent
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.tag_concurrency_limits == [{"key": "junheng/writes", "limit": 1}]


def test_settings_of_an_installation_are_kept(home: Home) -> None:
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    environment = prepare(home)
    assert environment["DAGSTER_HOME"] == str(home.dagster)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"
