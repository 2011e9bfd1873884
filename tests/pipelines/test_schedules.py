"""The schedules: the school year comes from the time the tick was due."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.resources import HomeResource
from pipelines.schedules import OUTSTANDING_TAG, after_deadline, late_sweep
from tests.pipelines.places import NOW
from warehouse.home import Home
from warehouse.ledger import Ledger, Submission, submission_id_for

_DUE = {
    after_deadline: ("2026-09-21T03:00:00+08:00", "2026"),
    late_sweep: ("2026-11-01T03:00:00+08:00", "2026"),
}


def _receive(home: Home, year: int) -> None:
    sha256 = f"{year:064d}"
    with Ledger.open(home.ensure().ledger_url) as ledger:
        ledger.record(
            Submission(
                submission_id=submission_id_for(sha256),
                sha256=sha256,
                file_name="x.xlsx",
                size=1,
                received_at=NOW,
                received_by="test",
                status="accepted",
                returns=(("enrolment", year),),
            )
        )


def _tick(schedule: dg.ScheduleDefinition, root: Path, due: str) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime.fromisoformat(due), resources={"home": HomeResource(root=str(root))}
    )
    result = schedule(context)
    assert isinstance(result, (dg.RunRequest, dg.SkipReason))
    return result


@pytest.mark.parametrize("schedule", _DUE, ids=lambda each: each.name)
def test_a_tick_runs_the_school_year_it_was_due_in(schedule: dg.ScheduleDefinition, tmp_path: Path) -> None:
    due, year = _DUE[schedule]
    _receive(Home(tmp_path), int(year))
    request = _tick(schedule, tmp_path, due)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == year
    assert request.run_key is not None and year in request.run_key


@pytest.mark.parametrize("schedule", _DUE, ids=lambda each: each.name)
def test_a_tick_is_skipped_where_nothing_of_its_year_was_received(
    schedule: dg.ScheduleDefinition, tmp_path: Path
) -> None:
    due, year = _DUE[schedule]
    _receive(Home(tmp_path), int(year) - 1)
    skipped = _tick(schedule, tmp_path, due)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message is not None and year in skipped.skip_message


@pytest.mark.parametrize("schedule", _DUE, ids=lambda each: each.name)
def test_ticks_fall_on_their_day_at_three_in_china(schedule: dg.ScheduleDefinition) -> None:
    due, _ = _DUE[schedule]
    from dagster._utils.schedules import schedule_execution_time_iterator

    moment = datetime.fromisoformat(due)
    first = next(
        schedule_execution_time_iterator(
            moment.timestamp() - 86400 * 30, str(schedule.cron_schedule), schedule.execution_timezone
        )
    )
    assert first == moment


@pytest.mark.parametrize("schedule", _DUE, ids=lambda each: each.name)
def test_a_tick_tells_what_has_not_come(schedule: dg.ScheduleDefinition, modelled: Home) -> None:
    due, year = _DUE[schedule]
    skipped = _tick(schedule, modelled.root, due)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message is not None and "7 returns of 1 counties are overdue" in skipped.skip_message
    _receive(modelled, int(year))
    request = _tick(schedule, modelled.root, due)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[OUTSTANDING_TAG] == "7 returns of 1 counties"
