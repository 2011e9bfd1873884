"""Where things lie, and that the environment is read in one place only."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.home import Home


def test_defaults_to_a_data_folder_where_the_command_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.from_environment({})
    assert home.root == tmp_path / "data"
    assert home.ledger_url == f"sqlite:///{tmp_path}/data/ledger.sqlite"


def test_keeps_its_place_when_the_working_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home(Path("here"))
    monkeypatch.chdir("/")
    assert home.landing == tmp_path / "here" / "landing"


def test_reads_both_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "h"))
    monkeypatch.setenv("JUNHENG_LEDGER", "postgresql+psycopg://ledger")
    home = Home.from_environment()
    assert home.root == tmp_path / "h"
    assert home.ledger_url == "postgresql+psycopg://ledger"


def test_a_home_made_of_a_path_does_not_reach_the_ledger_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_LEDGER", "postgresql+psycopg://production")
    assert Home(tmp_path).ledger_url.startswith("sqlite:///")


def test_ensure_makes_every_folder_and_may_be_repeated(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "b").ensure().ensure()
    expected = {"landing", "inbox", "staging", "marts", "releases", "dashboards", "dagster", "cache"}
    assert {path.name for path in home.root.iterdir() if path.is_dir()} == expected
    assert home.marts == tmp_path / "a" / "b" / "marts"
