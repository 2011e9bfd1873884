"""``junheng run``: what is stale is made, once; what is interrupted is made up for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta

import dagster as dg
import pytest

from pipelines.instance import open_instance
from pipelines.run import PROCESS, RunFailed, end_dead_runs, opened, plan, run
from pipelines.site import site_index
from tests.conftest import REPOSITORY
from tests.pipelines.places import NOW, PRINTED, without_pictures
from warehouse.home import Home
from warehouse.releases import Releases


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pictures(monkeypatch)


def test_what_was_received_is_published_with_its_dashboards_and_then_there_is_nothing_to_do(published: Home) -> None:
    first = Releases(published.releases).current()
    assert first is not None and first.manifest["periods_not_staged"] == []
    assert site_index(published, first).exists()
    told = (published.root / PRINTED).read_text(encoding="utf-8")
    assert not {"returns 2019", "returns 2020", "models", "dashboards"} - set(
        re.findall(r"^(\w+(?: \d{4})?)", told, re.M)
    )
    with opened(published) as ledger:
        again = run(published, ledger)
    assert again.plan.empty and again.runs == [] and not again.created
    assert again.release == first
    with open_instance(published) as instance:
        (record,) = instance.get_runs()
        assert record.status == dg.DagsterRunStatus.SUCCESS


def test_unbroken_years_are_one_run(received: Home) -> None:
    with opened(received) as ledger:
        assert plan(received, ledger, now=NOW).spans == [(2019, 2020)]


@pytest.mark.slow
def test_only_the_year_that_is_asked_for_is_staged(received: Home) -> None:
    with opened(received) as ledger:
        outcome = run(received, ledger, year=2019)
        assert outcome.plan.years == [2019]
        assert outcome.release is not None and outcome.release.manifest["periods_not_staged"] == [2020]
        assert plan(received, ledger, now=NOW).years == [2020], "the rest is still to do"


def test_all_stages_again_what_was_staged_and_publishes_nothing_new(published: Home) -> None:
    first = Releases(published.releases).current()
    marker = published.staging / "fingerprints" / "2019.json"
    before = marker.stat().st_mtime_ns
    with opened(published) as ledger:
        again = run(published, ledger, everything=True)
    assert marker.stat().st_mtime_ns > before
    assert again.runs and not again.created and again.release == first


@pytest.mark.parametrize("year", [1979, 2027])
def test_a_year_that_is_none_is_refused(year: int, received: Home) -> None:
    with opened(received) as ledger, pytest.raises(ValueError, match=str(year)):
        plan(received, ledger, year=year, now=NOW)


def test_a_year_that_has_not_begun_waits(received: Home) -> None:
    with opened(received) as ledger:
        todo = plan(received, ledger, now=NOW - timedelta(days=366 * 7))
    assert (todo.years, todo.early) == ([2019], [2020])


def test_a_step_that_fails_is_told_with_its_reason(received: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("pipelines.assets.models.run_models", fail)
    with opened(received) as ledger, pytest.raises(RunFailed, match="no space left"):
        run(received, ledger)


_KILLED = """
import sys
from pathlib import Path
from pipelines import progress
from pipelines.run import opened, run
from warehouse.home import Home

def say(what, done, total):
    print(what, flush=True)

home = Home(Path(sys.argv[1]))
with opened(home) as ledger, progress.listening(say):
    run(home, ledger)
"""


@pytest.mark.slow
def test_a_run_that_was_killed_is_ended_and_made_up_for(received: Home) -> None:
    """Killed when the models begin: the run stands as failed afterwards, and the next one publishes."""
    child = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(received.root)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("models"):
            break
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert Releases(received.releases).current() is None
    with opened(received) as ledger:
        outcome = run(received, ledger)
    assert outcome.created
    with open_instance(received) as instance:
        states = sorted(each.status.value for each in instance.get_runs())
    assert states == ["FAILURE", "SUCCESS"]


def test_a_run_whose_process_lives_is_not_ended(received: Home) -> None:
    from pipelines.run import _this_process

    with open_instance(received) as instance:
        for tags in ({PROCESS: _this_process()}, {}, {PROCESS: "another-host 1 1"}):
            instance.add_run(dg.DagsterRun("annual_monitoring", tags=tags, status=dg.DagsterRunStatus.STARTED))
        assert end_dead_runs(instance) == []


@pytest.mark.slow
def test_every_step_in_a_process_of_its_own(received: Home) -> None:
    """The multiprocess executor: returns and rulebook side by side, then models, then a release; nothing locks."""
    with open_instance(received):
        pass
    command = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", "pipelines.definitions"]
    result = subprocess.run(
        [
            *command,
            *(
                "--select",
                'group:"returns" or group:"rulebook" or group:"core" or group:"trends" or group:"audit" or group:"release"',
            ),
            *("--partition-range", "2019...2020"),
            *("--config-json", '{"execution": {"config": {"multiprocess": {"max_concurrent": 2}}}}'),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "JUNHENG_HOME": str(received.root)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert Releases(received.releases).current() is not None
    processes = set(re.findall(r"Executing step \"\w+\" in subprocess|STEP_WORKER_STARTED", result.stderr))
    assert processes, "each step has a process of its own"
