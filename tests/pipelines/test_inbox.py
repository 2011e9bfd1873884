"""The inbox sensor: files that have settled are received once, put away, and make one run for each school year."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from pipelines import inbox as inboxes
from pipelines import sensors
from pipelines.resources import ClockResource, HomeResource
from pipelines.sample import SampleSummary
from tests.pipelines.places import NOW
from warehouse.home import Home
from warehouse.ledger import Ledger

Tick = Callable[[str | None], dg.SensorResult]


@pytest.fixture
def tick(home: Home) -> Tick:
    """Tick the sensor with a cursor."""
    resources = {"home": HomeResource(root=str(home.root)), "clock": ClockResource(fixed=NOW.isoformat())}

    def evaluate(cursor: str | None) -> dg.SensorResult:
        result = sensors.inbox(dg.build_sensor_context(cursor=cursor, resources=resources))
        assert isinstance(result, dg.SensorResult)
        return result

    return evaluate


def _of(sample: SampleSummary, part: str) -> Path:
    return next(path for path in sorted(sample.files) if path.stem.endswith(part))


def test_a_file_is_received_when_it_has_settled_and_put_away(home: Home, sample: SampleSummary, tick: Tick) -> None:
    source = _of(sample, "2020学年")
    shutil.copy(source, home.inbox)
    first = tick(None)
    assert first.run_requests == [] or first.run_requests is None
    assert (home.inbox / source.name).exists()
    second = tick(first.cursor)
    assert second.run_requests is not None
    (request,) = second.run_requests
    assert request.partition_key == "2020"
    with Ledger.open(home.ledger_url) as ledger:
        (submission,) = ledger.submissions()
    assert submission.received_by == "inbox" and submission.received_at == NOW
    kept = home.inbox / ".received" / submission.submission_id / source.name
    assert kept.read_bytes() == source.read_bytes()
    assert inboxes.waiting(home) == []
    third = tick(second.cursor)
    assert not third.run_requests


def test_the_same_file_again_asks_for_the_same_run(home: Home, sample: SampleSummary, tick: Tick) -> None:
    """Dagster runs a key once; a crash before putting away is made up for without a second run."""
    keys = []
    for _ in range(2):
        shutil.copy(_of(sample, "2020学年"), home.inbox)
        requests = tick(tick(None).cursor).run_requests
        assert requests is not None
        keys += [request.run_key for request in requests]
    assert keys[0] == keys[1]
    with Ledger.open(home.ledger_url) as ledger:
        assert len(ledger.submissions()) == 1


def test_a_file_still_being_written_waits(home: Home, sample: SampleSummary, tick: Tick) -> None:
    content = _of(sample, "2020学年").read_bytes()
    path = home.inbox / "growing.xlsx"
    path.write_bytes(content[:1000])
    cursor = tick(None).cursor
    path.write_bytes(content)
    second = tick(cursor)
    assert not second.run_requests
    assert path.exists()
    assert tick(second.cursor).run_requests


def test_a_file_that_cannot_be_used_is_put_aside_with_the_reason(home: Home, sample: SampleSummary, tick: Tick) -> None:
    source = _of(sample, "扫描件")
    shutil.copy(source, home.inbox)
    assert not tick(tick(None).cursor).run_requests
    (text,) = (home.inbox / ".rejected").rglob("*.findings.txt")
    told = text.read_text(encoding="utf-8")
    assert "wrong_file_type" in told and "→" not in told
    assert (text.parent / source.name).read_bytes() == source.read_bytes()
    with Ledger.open(home.ledger_url) as ledger:
        assert [each.status for each in ledger.submissions()] == ["rejected"]


def test_a_folder_names_the_layout_and_an_unknown_one_is_told_once(
    home: Home, sample: SampleSummary, tick: Tick
) -> None:
    for name in ("jichuji", "no_such_layout"):
        (home.inbox / name).mkdir()
        shutil.copy(_of(sample, "2020学年"), home.inbox / name)
    second = tick(tick(None).cursor)
    assert second.run_requests and len(second.run_requests) == 1
    with Ledger.open(home.ledger_url) as ledger:
        assert [each.layout for each in ledger.submissions()] == ["jichuji"]
        assert (home.inbox / "no_such_layout" / _of(sample, "2020学年").name).exists()
        tick_again = inboxes.look(home, ledger, second.cursor, now=NOW)
    assert tick_again.troubled == {} and tick_again.waiting == 1


def test_one_run_for_each_school_year_and_no_more_files_than_the_limit(home: Home, sample: SampleSummary) -> None:
    for part in ("2019学年", "2020学年"):
        shutil.copy(_of(sample, part), home.inbox)
    with Ledger.open(home.ledger_url) as ledger:
        cursor = inboxes.look(home, ledger, None, now=NOW).cursor
        first = inboxes.look(home, ledger, cursor, now=NOW, limit=1)
        assert (first.received, first.waiting) == (1, 1)
        second = inboxes.look(home, ledger, first.cursor, now=NOW, limit=1)
    assert [*first.years, *second.years] == [2019, 2020]


def test_hidden_and_unfinished_files_are_left_alone(home: Home) -> None:
    for name in ("~$open.xlsx", ".hidden.xlsx", "half.xlsx.part", "a.tmp"):
        (home.inbox / name).write_bytes(b"x")
    assert inboxes.waiting(home) == []


def test_a_broken_cursor_only_costs_a_tick(home: Home, sample: SampleSummary, tick: Tick) -> None:
    shutil.copy(_of(sample, "2020学年"), home.inbox)
    again = tick("not json")
    assert not again.run_requests
    assert tick(again.cursor).run_requests
