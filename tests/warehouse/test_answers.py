"""Answers in the ledger: added, never changed, whoever records them and however often."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.warehouse.databases import database
from warehouse.answers import AnswerError, Answers, Explanation, Waiver
from warehouse.ledger import Ledger

NOON = datetime(2026, 9, 25, 4, tzinfo=UTC)


def explanation(subject: str = "x1", reason: str = "转学较多", **changes: Any) -> Explanation:
    values: dict[str, Any] = {
        "subject": subject, "occasion": "2026-09-20", "seen": "5 → 4", "rule": "r", "region": "990101", "period": 2026,
        "reason": reason, "explained_by": "王老师", "dated": date(2026, 9, 24), "recorded_at": NOON, "source": "a.xlsx",
    }  # fmt: skip
    return Explanation(**values | changes)


def waiver(**changes: Any) -> Waiver:
    values: dict[str, Any] = {
        "subject": "x1", "seen": "5 → 4", "rule": "r", "region": "990101", "period": 2026, "reason": "特殊情况",
        "approver": "李局长", "valid_from": NOON, "valid_until": NOON + timedelta(days=30), "recorded_at": NOON,
        "recorded_by": "test",
    }  # fmt: skip
    return Waiver(**values | changes)


@pytest.fixture
def answers(url: str) -> Iterator[Answers]:
    with Ledger.open(url) as ledger:
        yield ledger.answers


def test_an_explanation_comes_back_whole(answers: Answers) -> None:
    recorded, created = answers.explain(explanation(reason="  转学较多\n", explained_by=" 王老师 "))
    assert created
    assert recorded == replace(explanation(), explanation_id=recorded.explanation_id)
    assert answers.explanations() == [recorded]


@pytest.mark.parametrize(
    ("changes", "new"),
    [
        ({}, False),
        ({"recorded_at": NOON + timedelta(days=1), "source": "b.xlsx", "dated": None}, False),
        ({"reason": "另一理由"}, True),
        ({"occasion": "2026-10-20"}, True),
        ({"seen": "6 → 4"}, True),
        ({"explained_by": "赵老师"}, True),
    ],
)
def test_the_same_words_about_the_same_appearance_are_one_explanation(
    changes: dict[str, Any], new: bool, answers: Answers
) -> None:
    first, _ = answers.explain(explanation())
    again, created = answers.explain(explanation(**changes))
    assert created is new
    assert (again == first) is not new


def test_the_last_decision_counts_and_all_are_kept(answers: Answers, url: str) -> None:
    given, _ = answers.explain(explanation())
    assert given.accepted is None
    for number, verdict in enumerate((True, False, True)):
        moment = NOON + timedelta(days=number)
        arguments: dict[str, Any] = {"accepted": verdict, "decided_by": f"科长{number}", "decided_at": moment}
        assert answers.decide(given.explanation_id, remark=f"第{number}次", **arguments)
        assert not answers.decide(given.explanation_id, **arguments), "the same verdict again is no further row"
    (now,) = answers.explanations()
    assert (now.accepted, now.decided_by, now.remark) == (True, "科长2", "第2次")
    with database(url) as connection:
        assert connection.exec_driver_sql("select count(*) from explanation_decision").fetchone() == (3,)


def test_a_waiver_holds_from_its_beginning_to_its_end(answers: Answers) -> None:
    given, created = answers.waive(waiver())
    assert created and answers.waivers() == [given]
    assert answers.waive(waiver()) == (given, False)
    end = given.valid_until
    expected = {NOON - timedelta(seconds=1): False, NOON: True, end - timedelta(seconds=1): True, end: False}
    assert {moment: given.in_force(moment) for moment in expected} == expected


def test_a_revoked_waiver_holds_no_more_and_can_be_given_again(answers: Answers) -> None:
    given, _ = answers.waive(waiver())
    later = NOON + timedelta(days=2)
    assert answers.revoke(given.waiver_id, revoked_by="李局长", revoked_at=later, reason="已更正")
    assert not answers.revoke(given.waiver_id, revoked_by="赵", revoked_at=later, reason="再次")
    (revoked,) = answers.waivers()
    assert (revoked.revoked_by, revoked.revoked_reason) == ("李局长", "已更正")
    assert revoked.in_force(later - timedelta(seconds=1)) and not revoked.in_force(later)
    again, created = answers.waive(waiver())
    assert created and again.waiver_id != given.waiver_id and again.in_force(later)
    assert answers.waive(waiver()) == (again, False)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda a: a.explain(explanation(reason=" ")), "reason is blank"),
        (lambda a: a.explain(explanation(explained_by="")), "who explains is blank"),
        (lambda a: a.explain(explanation(recorded_at=datetime(2026, 1, 1))), "no time zone"),
        (lambda a: a.decide("e1", accepted=True, decided_by="x", decided_at=NOON), "no explanation 'e1'"),
        (lambda a: a.waive(waiver(approver=" ")), "approver is blank"),
        (lambda a: a.waive(waiver(valid_until=NOON)), "before it begins"),
        (lambda a: a.revoke("w1", revoked_by="x", revoked_at=NOON, reason="y"), "no waiver 'w1'"),
    ],
)
def test_what_cannot_be_recorded_is_said(broken: Any, message: str, answers: Answers) -> None:
    with pytest.raises(AnswerError, match=message):
        broken(answers)
    assert answers.explanations() == [] and answers.waivers() == []


def test_a_ledger_of_before_there_were_answers_opens(url: str) -> None:
    names = ("explanation_decision", "explanation", "waiver_revocation", "waiver")
    Ledger.open(url).close()
    with database(url) as connection:
        for name in names:
            connection.exec_driver_sql(f"drop table {name}")
    with Ledger.open(url) as ledger:
        assert ledger.answers.explain(explanation())[1]
        assert ledger.answers.waive(waiver())[1]


def test_a_process_that_dies_half_way_through_a_workbook_leaves_nothing_of_it(url: str) -> None:
    program = f"""
import os, sqlalchemy as sa
from tests.warehouse.test_answers import explanation
from warehouse.ledger import Ledger
ledger = Ledger.open({url!r})
ledger.answers.explain_all([explanation("x0")])
seen = []
def die(connection, cursor, statement, *rest):
    seen.append(statement)
    if sum(each.startswith("INSERT INTO explanation") for each in seen) == 3:
        os._exit(9)
sa.event.listen(ledger._engine, "after_cursor_execute", die)
ledger.answers.explain_all([explanation(f"x{{n}}") for n in range(1, 6)])
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    with Ledger.open(url) as ledger:
        assert [each.subject for each in ledger.answers.explanations()] == ["x0"]
        made = ledger.answers.explain_all([explanation(f"x{n}") for n in range(6)])
        assert [created for _, created in made] == [False, *[True] * 5]


def _answer_many(url: str, worker: int, start: Any) -> None:
    start.wait()
    with Ledger.open(url) as ledger:
        for number in range(15):
            shared, _ = ledger.answers.explain(explanation(f"shared {number}"))
            ledger.answers.explain(explanation(f"own {worker} {number}"))
            ledger.answers.decide(
                shared.explanation_id, accepted=bool((worker + number) % 2), decided_by=str(worker), decided_at=NOON
            )
            given, _ = ledger.answers.waive(waiver(subject=f"x{number}"))
            ledger.answers.revoke(given.waiver_id, revoked_by=str(worker), revoked_at=NOON, reason="…")


def test_processes_may_answer_at_the_same_time(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    workers = [context.Process(target=_answer_many, args=(url, worker, start)) for worker in range(2)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with Ledger.open(url) as ledger:
        given, waived = ledger.answers.explanations(), ledger.answers.waivers()
    assert len(given) == 15 + 2 * 15
    assert all((each.accepted is None) is each.subject.startswith("own") for each in given)
    assert len({each.waiver_id for each in waived}) == len(waived) and all(each.revoked_at for each in waived)
    with database(url) as connection:
        numbers = connection.exec_driver_sql(
            "select explanation_id, count(*), max(number) from explanation_decision group by 1"
        ).fetchall()
    assert all(count == last for _, count, last in numbers), "every decision has a number of its own"
