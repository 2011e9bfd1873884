"""Answering on a real installation: what an answer does to status, to published rows and to figures, and its end."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.gate import GateRefused, GateRule
from pipelines.answers.give import AnswerRefused, decide, explain, revoke, waive, waive_rule
from pipelines.intake.assemble import is_stale, waivers_changed
from pipelines.intake.receive import receive
from pipelines.marts import MartsStale
from pipelines.publish import is_due, publish
from tests.findings.office import ASKED, BAD, GOOD, HARD, QUERY, Office
from tests.intake.books import enrolment_row


def test_explain_accept_status(office: Office) -> None:
    assert (office.status(HARD), office.status(QUERY)) == ("open", "open")
    (finding,) = office.findings(QUERY)["finding_id"]
    given = explain(
        office.ledger.answers,
        office.findings(),
        finding,
        reason="该校无寄宿",
        by="王",
        source="command",
        now=office.now,
    )
    assert [created for _, created in given.explanations] == [True]
    assert office.status(QUERY) == "answered"
    assert is_due(office.home, office.ledger, now=office.now), "an answer is published"
    decide(office.ledger.answers, office.findings(), finding, accepted=True, by="李", remark="", now=office.now)
    assert office.status(QUERY) == "explained"
    first = office.run()
    assert first.created and not office.run().created
    told = "select status, explanation_id is not null, since = first_seen from audit.finding where rule = '{}'"
    assert office.ask(told.format(QUERY)) == [("explained", True, True)]
    assert office.ask("select reason, accepted, holds from audit.explanation") == [("该校无寄宿", True, True)]
    assert first.release.manifest["finding_status"] == {"explained": 1, "open": 1}
    assert office.ask(told.format(HARD)) == [("open", False, True)]
    decide(office.ledger.answers, office.findings(), finding, accepted=False, by="李", remark="再核", now=office.now)
    assert office.status(QUERY) == "open"
    assert office.run().created


def test_a_correction_fixes_and_a_relapse_reopens(office: Office) -> None:
    office.send(enrolment_row(BAD))
    office.run()
    assert office.status(HARD) == "fixed"
    assert office.ask(f"select status, superseded, fixed_at > first_seen from audit.finding where rule = '{HARD}'") == [
        ("fixed", True, True)
    ]
    with pytest.raises(AnswerRefused, match="settled"):
        office.waive(office.findings(HARD)["finding_id"][0])
    office.send(enrolment_row(BAD, female_pupils=998))
    office.stage()
    assert office.status(HARD) == "open"
    assert office.findings(HARD)["fault_id"].n_unique() == 1


def test_a_waiver_lets_the_row_in_until_it_is_revoked(office: Office) -> None:
    figure = "select max(enrolment_missing) from trends.differential_coefficient"
    before = office.ask(figure)
    assert office.schools == [GOOD, ASKED]
    waiver = office.waive(office.findings(HARD)["finding_id"][0])
    assert office.status(HARD) == "waived"
    assert is_stale(office.home, office.ledger, 2020, now=office.now)
    assert not is_stale(office.home, office.ledger, 2020, now=office.now - timedelta(days=1))
    with pytest.raises(MartsStale, match="waivers"):
        publish(office.home, office.ledger, office.models, now=office.now)
    released = office.run()
    assert released.created and office.schools == [GOOD, BAD, ASKED] and office.ask(figure) != before
    assert released.release.manifest["waivers"] == [waiver]
    assert office.ask(f"select status, waiver_id from audit.finding where rule = '{HARD}'") == [("waived", waiver)]
    assert office.ask("select in_force, findings from audit.waiver") == [(True, 1)]
    assert office.ask("select rows_accepted, rows_quarantined from audit.return_count") == [(3, 0)]
    revoke(office.ledger.answers, office.findings(), waiver, by="李局长", reason="误批", now=office.now)
    assert office.status(HARD) == "open"
    assert office.run().created and office.schools == [GOOD, ASKED] and office.ask(figure) == before
    assert office.ask("select in_force, revoked_reason from audit.waiver") == [(False, "误批")]


def test_an_expired_waiver_falls_out_at_the_next_run(office: Office) -> None:
    office.waive(office.findings(HARD)["finding_id"][0], days=2)
    office.stage()
    assert office.schools == [GOOD, BAD, ASKED]
    assert waivers_changed(office.home, office.ledger, now=office.now) == []
    office.wait(days=4)
    assert office.status(HARD) == "open"
    assert waivers_changed(office.home, office.ledger, now=office.now) == [2020]
    office.stage()
    assert office.schools == [GOOD, ASKED]


def test_a_waiver_is_for_the_figure_that_was_approved(office: Office) -> None:
    office.waive(office.findings(HARD)["finding_id"][0])
    office.send(enrolment_row(BAD, female_pupils=999), name="again.xlsx")
    office.stage()
    assert office.schools == [GOOD, BAD, ASKED], "the same figure in another file is the one that was approved"
    office.send(enrolment_row(BAD, female_pupils=5000))
    office.stage()
    assert office.schools == [GOOD, ASKED]
    assert office.findings(HARD).filter(~pl.col("superseded"))["status"].to_list() == ["open"]


def test_every_error_of_the_row_must_be_waived(office: Office) -> None:
    office.send(enrolment_row(BAD, female_pupils=999, boarders=998))
    office.stage()
    office.waive(office.findings(HARD).filter(~pl.col("superseded"))["finding_id"][0])
    office.stage()
    assert office.schools == [GOOD, ASKED]
    waive_rule(
        office.ledger.answers, ["boarders_within_pupils"], "boarders_within_pupils", "990101", year=None,
        approver="李局长", reason="…", first=office.now.date(), last=date(2021, 1, 1), by="test", now=office.now,
    )  # fmt: skip
    office.stage()
    assert office.schools == [GOOD, BAD, ASKED]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"boarders": "x"}, "without a usable value"), ({"school_code": "12"}, "without a usable value")],
)
def test_a_row_that_cannot_be_used_is_not_waived(change: dict[str, Any], message: str, office: Office) -> None:
    office.send(enrolment_row(4, **change), name="other.xlsx")
    office.stage()
    rules = ["unreadable_value", "malformed_code"]
    (finding,) = office.findings().filter(pl.col("rule").is_in(rules))["finding_id"]
    with pytest.raises(AnswerRefused, match=message):
        office.waive(finding)


def test_misuse_is_told(office: Office) -> None:
    findings, answers = office.findings(), office.ledger.answers
    (hard,) = office.findings(HARD)["finding_id"]
    words: dict[str, Any] = {"reason": "r", "by": "b", "source": "s", "now": office.now}
    with pytest.raises(AnswerRefused, match=r"hard error.*junheng waive"):
        explain(answers, findings, hard, **words)
    with pytest.raises(AnswerRefused, match="no finding 'f0'"):
        explain(answers, findings, "f0", **words)
    with pytest.raises(AnswerRefused, match="no explanation that holds"):
        decide(answers, findings, hard, accepted=True, by="b", remark="", now=office.now)
    with pytest.raises(AnswerRefused, match="no waiver of its own"):
        revoke(answers, findings, hard, by="b", reason="r", now=office.now)
    with pytest.raises(AnswerRefused, match="is over"):
        waive(
            answers, findings, hard, approver="a", reason="r", first=date(2019, 1, 1), last=date(2019, 2, 1), by="b",
            now=office.now,
        )  # fmt: skip
    assert answers.explanations() == [] and answers.waivers() == []


BLOCKING = GateRule(
    name="errors_are_settled",
    zh="跨表错误已解决",
    en="No error that keeps a release back is open",
    guidance_zh="更正或豁免",
    guidance_en="Correct it or have it waived",
    sql="select finding_id from candidate.audit.finding where severity = 'error' and status = 'open'",
)


def test_the_gate_passes_an_error_that_is_waived(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rule of the gate needs to know of an error is its status in the candidate."""
    from pipelines import publish as publishing

    gate = publishing.gate_rules
    monkeypatch.setattr(publishing, "gate_rules", lambda models: [*gate(models), BLOCKING])
    office.wait(hours=1)
    office.send(enrolment_row(5), name="more.xlsx")
    with pytest.raises(GateRefused, match="errors_are_settled"):
        office.run()
    office.waive(office.findings(HARD)["finding_id"][0])
    assert office.run().created


def test_a_rejected_file_is_settled_by_the_next_of_its_name(office: Office) -> None:
    path = office.home.root / "扫描.xlsx"
    path.write_bytes(b"not a workbook")
    receive(office.home, office.ledger, [path], received_by="test", now=office.now)
    rejected = office.findings().filter(pl.col("file_name") == "扫描.xlsx")
    assert set(rejected.filter(pl.col("severity") == "error")["status"]) == {"open"}
    office.send(enrolment_row(6), name="扫描.xlsx")
    assert set(office.findings().filter(pl.col("file_name") == "扫描.xlsx")["status"]) == {"fixed"}


def test_what_a_rule_across_returns_found_is_remembered(office: Office, tmp_path: Path) -> None:
    """Such rules look at rows that count only: once corrected, only the release before knows of the fault."""
    staged = office.home.staging / "findings" / "2020.parquet"
    extra = pl.read_parquet(staged).filter(pl.col("rule") == QUERY).with_columns(rule=pl.lit("a_rule_across"))
    extra.write_parquet(office.home.staging / "findings" / "rejected.parquet")
    office.send(enrolment_row(7), name="seven.xlsx")
    office.run()
    assert office.status("a_rule_across") == "open"
    (office.home.staging / "findings" / "rejected.parquet").unlink()
    office.wait(hours=1)
    assert office.status("a_rule_across") == "fixed"
    office.send(enrolment_row(8), name="eight.xlsx")
    office.run()
    assert office.ask("select status, fixed_at is not null from audit.finding where rule = 'a_rule_across'") == [
        ("fixed", True)
    ]
