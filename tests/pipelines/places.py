"""Installations at different stations of the way, made once and copied for each test that changes them.

Fixtures: import them into the ``conftest.py`` of a folder that needs them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.gate import load_rules
from pipelines.content import sql_models
from pipelines.expectations import write_expectations
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import Published, inputs, publish
from pipelines.rules import check_across
from pipelines.sample import SampleSummary, write_sample
from tests.conftest import once
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel

NOW = datetime(2026, 11, 21, 15, 59, 10, tzinfo=UTC)
YEARS, SEED = range(2019, 2021), 7
#: File in ``published_home`` with what ``junheng run`` printed.
PRINTED = "printed.txt"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """A made-up county over two school years, with planted faults."""
    return write_sample(tmp_path_factory.mktemp("sample"), counties=1, years=YEARS, seed=SEED)


@pytest.fixture(scope="session")
def received_home(sample: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Files received, nothing staged. Not to be changed: copy it."""

    def make(folder: Path) -> None:
        home = Home(folder / "home").ensure()
        with Ledger.open(home.ledger_url) as ledger:
            receive(home, ledger, sorted(sample.files), received_by="test", now=NOW)

    return Home(once(tmp_path_factory, "received", make) / "home")


@pytest.fixture(scope="session")
def modelled_home(received_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Returns staged and models run, nothing published. Not to be changed: copy it."""

    def make(folder: Path) -> None:
        home = copied(received_home, folder)
        with Ledger.open(home.ledger_url) as ledger:
            for period in ledger.periods():
                assemble(home, ledger, period)
            run_models(home, sql_models(), inputs(home))
            check_across(home, ledger, sql_models(), inputs(home))
        write_expectations(home, sql_models())  # evaluated once for all copies

    return Home(once(tmp_path_factory, "modelled", make) / "home")


@pytest.fixture(scope="session")
def published_home(received_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Everything run and published by ``junheng run``, with what it printed. Not to be changed: copy it."""

    def make(folder: Path) -> None:
        home = copied(received_home, folder)
        (home.root / PRINTED).write_text(printed(home, "run"), encoding="utf-8")

    return Home(once(tmp_path_factory, "published", make) / "home")


def printed(home: Home, *arguments: str) -> str:
    """What a command of ``junheng``, in a process of its own, prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        env={**os.environ, "JUNHENG_HOME": str(home.root), "DAGSTER_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr  # 3: a file was rejected
    return done.stdout + done.stderr


def balance_models() -> dict[str, SqlModel]:
    """The models of the differential coefficients and of attainment, and what they read: a quarter of all."""
    known = sql_models()
    return {name: known[name] for name in upstream(known, ["trends.composite_coefficient", "trends.county_attainment"])}


def publish_balance(home: Home, ledger: Ledger, now: datetime, **options: Any) -> Published:
    """Publish ``balance_models`` alone; the gate is asked only what reads no other model."""
    others = sql_models().keys() - balance_models().keys()
    asked = [rule for rule in load_rules() if not others & set(rule.reads)]
    with pytest.MonkeyPatch.context() as patched:
        for place in (
            "checks.gate",
            "pipelines.publish",
        ):  # where it is defined (the catalogue asks there), and imported
            patched.setattr(f"{place}.load_rules", lambda: asked)
        return publish(home, ledger, balance_models(), now=now, **options)


def without_pictures(patched: pytest.MonkeyPatch) -> None:
    """Leave the pictures out of runs: they take long and are tested on their own."""
    patched.setattr("pipelines.run.site_is_due", lambda *_: False)
    patched.setattr("pipelines.assets.dashboards.build_site", lambda *_: None)


def copied(home: Home, folder: Path) -> Home:
    """Return a copy of an installation under ``folder``, with the times of its files kept."""
    shutil.copytree(home.root, folder / "home")
    return Home(folder / "home")


@pytest.fixture
def received(received_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Its own copy of ``received_home``, also the home of this process."""
    return _entered(copied(received_home, tmp_path), monkeypatch)


@pytest.fixture
def modelled(modelled_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Its own copy of ``modelled_home``, also the home of this process."""
    return _entered(copied(modelled_home, tmp_path), monkeypatch)


def _entered(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("JUNHENG_HOME", str(home.root))
    monkeypatch.delenv("JUNHENG_LEDGER", raising=False)
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    return home


@pytest.fixture
def published(published_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Its own copy of ``published_home``, also the home of this process."""
    return _entered(copied(published_home, tmp_path), monkeypatch)


@pytest.fixture
def books(modelled: Home) -> Iterator[Ledger]:
    """The ledger of ``modelled``."""
    with Ledger.open(modelled.ledger_url) as opened:
        yield opened


def withdraw(home: Home, wanted: Callable[[str], bool]) -> None:
    """Take submissions out of the ledger whose file name is ``wanted``, as no command can."""
    import sqlite3

    with sqlite3.connect(home.root / "ledger.sqlite") as connection:
        names = [row[0] for row in connection.execute("select file_name from submission")]
        for name in filter(wanted, names):
            connection.execute("update submission set status = 'rejected' where file_name = ?", [name])
