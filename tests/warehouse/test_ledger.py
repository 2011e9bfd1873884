"""The ledger: what is recorded once stays, whoever records it and however often."""

from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.warehouse.databases import database
from warehouse.ledger import Ledger, LedgerError, Status, Submission, submission_id_for

NOON = datetime(2026, 9, 20, 12, tzinfo=UTC)


def submission(content: str = "a", *, status: Status = "accepted", **changes: Any) -> Submission:
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    identity = {key: changes.get(key) for key in ("layout", "declared_year", "declared_county")}
    values: dict[str, Any] = {
        "submission_id": submission_id_for(sha256, status=status, **identity),
        "sha256": sha256,
        "file_name": f"{content}.xlsx",
        "size": 10,
        "received_at": NOON,
        "received_by": "county office",
        "status": status,
        "returns": (("enrolment", 2020),),
    }
    return Submission(**values | changes)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger.open(url) as ledger:
        yield ledger


def test_the_id_is_fixed_for_all_time() -> None:
    assert submission_id_for("0" * 64) == "s73679ef0b2c7"
    assert submission_id_for("0" * 64, layout="l", declared_year=2020, declared_county="990101") == "sbff7c017a398"


def test_comes_back_whole_also_after_opening_again(ledger: Ledger, url: str) -> None:
    sent = submission(
        layout="jcj",
        declared_year=2020,
        declared_county="990101",
        reason="年份不一致",
        returns=(("teachers", 2021), ("enrolment", 2020), ("enrolment", 2020)),
        received_at=datetime(2026, 9, 20, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8))),
    )
    recorded, created = ledger.record(sent)
    assert created
    assert recorded == replace(sent, sequence=1, returns=(("enrolment", 2020), ("teachers", 2021)))
    assert recorded.received_at.utcoffset() == timedelta(0)
    with Ledger.open(url) as other:
        assert other.get(sent.submission_id) == recorded


def test_the_same_file_again_is_the_first_submission(ledger: Ledger) -> None:
    first, _ = ledger.record(submission(file_name="first.xlsx"))
    again, created = ledger.record(submission(file_name="copy.xlsx", received_at=NOON + timedelta(days=1)))
    assert not created
    assert again == first
    assert ledger.submissions() == [first]


@pytest.mark.parametrize("changes", [{"layout": "x"}, {"declared_year": 2021}, {"declared_county": "990102"}])
def test_the_same_bytes_declared_differently_are_another_submission(ledger: Ledger, changes: dict[str, Any]) -> None:
    ledger.record(submission())
    _, created = ledger.record(submission(**changes))
    assert created
    assert len(ledger.submissions()) == 2


def test_a_rejected_file_can_be_accepted_later_and_not_the_other_way_round(ledger: Ledger) -> None:
    rejected, _ = ledger.record(submission(status="rejected", reason="unknown_layout", returns=()))
    assert not ledger.record(submission(status="rejected", reason="unknown_layout", returns=()))[1]
    accepted, created = ledger.record(submission())
    assert created
    assert ledger.submissions() == [rejected, accepted]
    assert ledger.record(submission(status="rejected", reason="other", returns=())) == (accepted, False)
    assert ledger.submissions(status="rejected") == [rejected]


def test_order_is_time_of_receipt_then_order_of_recording(ledger: Ledger) -> None:
    late, early, tie = (
        submission("late", received_at=NOON + timedelta(hours=1)),
        # earlier although its clock shows more
        submission("early", received_at=(NOON - timedelta(hours=1)).astimezone(timezone(timedelta(hours=8)))),
        submission("tie", received_at=NOON + timedelta(hours=1)),
    )
    for each in (late, early, tie):
        ledger.record(each)
    assert [each.file_name for each in ledger.submissions()] == ["early.xlsx", "late.xlsx", "tie.xlsx"]


def test_filters_hold_for_one_and_the_same_return(ledger: Ledger) -> None:
    both, _ = ledger.record(submission("both", returns=(("enrolment", 2020), ("teachers", 2021))))
    one, _ = ledger.record(submission("one", returns=(("teachers", 2020),)))
    ledger.record(submission("bad", status="rejected", returns=(("teachers", 2022),)))
    assert ledger.submissions(period=2020) == [both, one]
    assert ledger.submissions(period=2020, form="teachers") == [one]
    assert ledger.submissions(form="teachers", status="accepted") == [both, one]
    assert ledger.submissions(period=1999) == []
    assert ledger.periods() == [2020, 2021]


def test_supersedes_must_name_a_known_submission(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"(?i)foreign key"):
        ledger.record(submission("new", supersedes="s000000000000"))
    assert ledger.submissions() == []
    old, _ = ledger.record(submission("old"))
    new, _ = ledger.record(submission("new", supersedes=old.submission_id))
    assert new.supersedes == old.submission_id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"submission_id": "s000000000000"}, "does not fit its identity"),
        ({"received_at": datetime(2026, 9, 20)}, "no time zone"),
        ({"size": None}, r"(?i)not.null"),
    ],
)
def test_contradictions_are_refused(ledger: Ledger, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        ledger.record(submission(**changes))
    assert ledger.submissions() == []


def test_two_files_under_one_id_are_told_apart(ledger: Ledger, url: str) -> None:
    sent = submission("a")
    ledger.record(sent)
    with database(url) as connection:
        connection.exec_driver_sql(f"update submission set sha256 = '{'f' * 64}'")
    with pytest.raises(LedgerError, match="are different but have the same id"):
        ledger.record(sent)


def test_unknown_submission(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="no submission 'x'"):
        ledger.get("x")


def test_releases_are_recorded_once(ledger: Ledger) -> None:
    assert ledger.record_release("r2", NOON + timedelta(1), "d2", "second")
    assert ledger.record_release("r1", NOON, "d1")
    assert not ledger.record_release("r1", NOON, "d1")
    assert [(each.release_id, each.digest, each.note) for each in ledger.releases()] == [
        ("r1", "d1", ""),
        ("r2", "d2", "second"),
    ]
    assert ledger.releases()[0].created_at == NOON
    with pytest.raises(LedgerError, match="recorded with the digest d1, not d9"):
        ledger.record_release("r1", NOON, "d9")
    with pytest.raises(LedgerError, match="no time zone"):
        ledger.record_release("r3", datetime(2026, 1, 1), "d")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "must lie in a file"),
        ("mysql://host/db", "SQLite or PostgreSQL, not in mysql"),
        ("nonsense", "cannot be opened"),
        ("postgresql+no_such_driver://host/db", "cannot be opened"),
        ("postgresql+pg8000://host/db", r"the extra 'postgres' and write postgresql\+psycopg://"),
        ("sqlite:////proc/nowhere/ledger.sqlite", "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_said(url: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        Ledger.open(url)


def _record_many(url: str, worker: int, start: Any) -> None:
    start.wait()
    with Ledger.open(url) as ledger:
        for number in range(40):
            ledger.record(submission(f"shared {number}", received_by=str(worker)))
            ledger.record(submission(f"own {worker} {number}", returns=(("f", 2000 + worker), ("g", 2000 + worker))))


def test_processes_may_create_the_ledger_and_record_at_the_same_time(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    workers = [context.Process(target=_record_many, args=(url, worker, start)) for worker in range(3)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with Ledger.open(url) as ledger:
        recorded = ledger.submissions()
    assert len(recorded) == 40 + 3 * 40
    assert len({each.sequence for each in recorded}) == len(recorded)
    assert all(len(each.returns) == (2 if each.file_name.startswith("own") else 1) for each in recorded)


def test_what_was_recorded_survives_the_death_of_the_process_and_half_a_record_does_not(url: str) -> None:
    program = f"""
import os, sqlalchemy as sa
from tests.warehouse.test_ledger import submission
from warehouse.ledger import Ledger
ledger = Ledger.open({url!r})
ledger.record(submission("whole"))
def die(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO submission_return"):
        os._exit(9)
sa.event.listen(ledger._engine, "after_cursor_execute", die)
ledger.record(submission("half"))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    with Ledger.open(url) as ledger:
        assert [each.file_name for each in ledger.submissions()] == ["whole.xlsx"]
        assert ledger.record(submission("half"))[1]
        assert ledger.submissions(period=2020)[-1].file_name == "half.xlsx"
