"""What ``junheng run`` does: find what received files made stale, materialise it through Dagster, publish.

Belongs here: the plan of a run and executing it in this process on the persistent instance, so that the Dagster UI
shows it like any other run. Does not belong here: the command line (``pipelines.cli``), the steps.

Unbroken spans of school years are one run each (a range of partitions); all but the last stage returns only, the last
one goes on to the release.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.gate import GateRefused
from pipelines.content import sql_models
from pipelines.instance import open_instance
from pipelines.intake.assemble import is_stale
from pipelines.marts import stale_marts
from pipelines.partitions import known_years, ranges
from pipelines.publish import inputs, is_due
from pipelines.release_diff import diff_is_due
from pipelines.rulebook import rulebook_is_stale
from pipelines.rules import rules_are_stale
from pipelines.site import site_is_due
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Release, Releases

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterInstance

#: Which process executes a run: host, process id, when that process began.
PROCESS = "junheng/process"

_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"


class RunFailed(Exception):
    """A run that failed for another reason than the gate; the message names the run and what went wrong."""


@dataclass(frozen=True)
class Plan:
    """What is to be done: school years to stage (in ``spans``), and whether something is to be made after them.

    ``early``: years with returns that are no school years yet; they wait until they begin.
    """

    years: list[int]
    early: list[int]
    rest: bool

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The years as unbroken spans."""
        return ranges(self.years)

    @property
    def empty(self) -> bool:
        """Whether everything is as it should be."""
        return not self.years and not self.rest


@dataclass(frozen=True)
class Outcome:
    """What a run did: its plan, the Dagster runs, the release that is current now, whether that is a new one."""

    plan: Plan
    release: Release | None
    created: bool
    runs: list[str] = field(default_factory=list)


def plan(home: Home, ledger: Ledger, *, year: int | None = None, everything: bool = False, now: datetime) -> Plan:
    """Find what has to be done.

    Args:
        year: only this school year is staged, whether stale or not.
        everything: every school year with returns is staged again.

    Raises:
        ValueError: ``year`` is no school year, or has not begun.
    """
    known = known_years(now)
    if year is not None and year not in known:
        raise ValueError(f"{year} is not a school year between {known.start} and {known.stop - 1}")
    periods = ledger.periods()
    early = [period for period in periods if period not in known]
    wanted = [year] if year is not None else [period for period in periods if period in known]
    years = [each for each in wanted if everything or year is not None or is_stale(home, ledger, each, now=now)]
    return Plan(years, early, rest=bool(years) or bool(periods and _rest_is_stale(home, ledger, now)))


def run(
    home: Home,
    ledger: Ledger,
    *,
    year: int | None = None,
    everything: bool = False,
    accept: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Do what is to be done (see ``plan``); nothing is run and nothing published where nothing is.

    Raises:
        GateRefused: the gate refused the release; the one before is still current.
        RunFailed: anything else went wrong in a step.
    """
    moment = now or datetime.now(UTC)
    todo = plan(home, ledger, year=year, everything=everything, now=moment)
    before = Releases(home.releases).current()
    if todo.empty:
        return Outcome(todo, before, False)
    runs: list[str] = []
    with open_instance(home) as instance:
        end_dead_runs(instance)
        spans: list[tuple[int, int] | None] = [*todo.spans] or [None]
        for number, span in enumerate(spans, start=1):
            last = number == len(spans)
            runs.append(_execute(instance, span, last, force=everything, accept=dict(accept or {})))
    after = Releases(home.releases).current()
    return Outcome(todo, after, after is not None and (before is None or before.release_id != after.release_id), runs)


def _rest_is_stale(home: Home, ledger: Ledger, now: datetime) -> bool:
    """Whether rulebook, marts, findings of the rules, release, its comparison or dashboards are not up to date."""
    given = inputs(home)
    if rulebook_is_stale(home) or stale_marts(home, sql_models(), given) or rules_are_stale(home, sql_models(), given):
        return True
    if is_due(home, ledger, now=now):
        return True
    release = Releases(home.releases).current()
    return release is not None and (diff_is_due(home, release) or site_is_due(home, release))


def _execute(
    instance: DagsterInstance, span: tuple[int, int] | None, to_the_end: bool, *, force: bool, accept: dict[str, str]
) -> str:
    """Execute the job for a span of school years (None: no returns); return the id of the run."""
    import dagster as dg

    from pipelines.definitions import defs
    from pipelines.jobs import ANNUAL_MONITORING

    job = defs.resolve_job_def(ANNUAL_MONITORING)
    keys = set(job.asset_layer.executable_asset_keys)
    returns = {key for key in keys if key.path[0] == "returns"}
    selection = (returns if span else set()) | (keys - returns if to_the_end else set())
    tags = {PROCESS: _this_process()}
    if span is not None:
        tags |= {_RANGE_START: str(span[0]), _RANGE_END: str(span[1])}
    try:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=sorted(selection),
            run_config=_config(selection, force=force, accept=accept),
            tags=tags,
            raise_on_error=True,
        )
    except dg.Failure as failure:
        if isinstance(failure.__cause__, GateRefused):
            raise failure.__cause__ from None
        raise RunFailed(str(failure.description)) from failure
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    except Exception as error:
        raise RunFailed(f"{type(error).__name__}: {error}") from error
    return result.run_id


def _config(selection: set[AssetKey], *, force: bool, accept: dict[str, str]) -> dict[str, Any]:
    ops: dict[str, Any] = {}
    if force and any(key.path[0] == "returns" for key in selection):
        ops["returns"] = {"config": {"force": True}}
    if accept:
        ops["release"] = {"config": {"accept": accept}}
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def end_dead_runs(instance: DagsterInstance) -> list[str]:
    """Mark runs of this command as failed whose process is gone (killed, power cut); return their ids.

    They would count as under way for ever, and the daemon starts no other while one is.
    """
    import dagster as dg

    under_way = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
    ended = []
    for each in instance.get_runs(under_way):
        process = each.tags.get(PROCESS)
        if process is not None and not _is_alive(process):
            instance.report_run_failed(each, "the process that executed this run has ended")
            ended.append(each.run_id)
    return ended


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()} {_begun(os.getpid())}"


def _is_alive(process: str) -> bool:
    host, pid, begun = process.split(" ")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _begun(int(pid)) == begun


def _begun(pid: int) -> str:
    """When a process began, in ticks since the machine did; "?" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "?"


@contextmanager
def opened(home: Home) -> Iterator[Ledger]:
    """Open the ledger of a home whose folders are made."""
    with Ledger.open(home.ensure().ledger_url) as ledger:
        yield ledger
