"""The status of findings: single transitions as a reader of the rules would list them, and random histories of
submissions, explanations and waivers against an interpreter that goes through them one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.findings import complete, empty
from checks.status import RECEIVED_SCHEMA, STATUS_SCHEMA, explanation_frame, with_status
from checks.waivers import in_force
from pipelines.intake.superseded_findings import STATEMENT_SCHEMA, superseding
from warehouse.answers import Explanation, Waiver

START = datetime(2020, 9, 1, tzinfo=UTC)
COUNTY, YEAR = "990101", 2020
RULES = {"error": "girls_within_pupils", "query": "teachers_within_staff", "note": "unmapped_column"}
KEYS = ("2199000001|primary", "2199000002|primary")


def at(step: int) -> datetime:
    return START + timedelta(hours=step)


@dataclass
class History:
    """A county's submissions and what was answered, one event an hour."""

    severity: str = "query"
    step: int = 0
    files: list[tuple[int, dict[str, str | None]]] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)

    def tick(self) -> None:
        self.step += 1

    def send(self, says: dict[str, str | None]) -> None:
        """A file with these rows; a row shows the fault with a value, or None: it is in order."""
        self.tick()
        self.files.append((self.step, says))

    def fault(self, key: str) -> str:
        return str(complete(pl.DataFrame([self._finding("s", key, "1")]))["fault_id"][0])

    def explain(self, key: str, value: str) -> None:
        self.tick()
        self.explanations.append(
            Explanation(
                explanation_id=f"e{len(self.explanations)}", subject=self.fault(key), occasion="", seen=f"{value} → ",
                rule=RULES[self.severity], reason="…", explained_by="…", recorded_at=at(self.step), source="test",
            )
        )  # fmt: skip

    def decide(self, number: int, accepted: bool) -> None:
        self.tick()
        self.explanations[number] = replace(self.explanations[number], accepted=accepted)

    def waive(self, key: str | None, value: str | None, hours: int) -> None:
        self.tick()
        self.waivers.append(
            Waiver(
                waiver_id=f"w{len(self.waivers)}", subject=None if key is None else self.fault(key),
                seen=None if key is None else f"{value} → ", rule=RULES[self.severity], region=COUNTY, period=None,
                reason="…", approver="…", valid_from=at(self.step), valid_until=at(self.step + hours),
                recorded_at=at(self.step), recorded_by="…",
            )
        )  # fmt: skip

    def revoke(self, number: int) -> None:
        self.tick()
        if self.waivers[number].revoked_at is None:
            self.waivers[number] = replace(self.waivers[number], revoked_at=at(self.step))

    def _finding(self, submission: str, key: str, value: str) -> dict[str, Any]:
        return {
            "rule": RULES[self.severity], "severity": self.severity, "form": "enrolment", "school_year": YEAR,
            "county_code": COUNTY, "school_code": key.split("|")[0], "stage": "primary", "field": "pupils",
            "row_key": key, "submission_id": submission, "sheet": submission, "cell": f"C{submission[1:]}",
            "value": value,
        }  # fmt: skip

    @property
    def received(self) -> pl.DataFrame:
        rows = [(f"s{step}", step, at(step)) for step, _ in self.files]
        return pl.DataFrame(rows, schema=RECEIVED_SCHEMA, orient="row")

    def findings(self) -> pl.DataFrame:
        """Every occurrence, superseded as staging says."""
        shown = [self._finding(f"s{n}", key, value) for n, says in self.files for key, value in says.items() if value]
        rows = [("enrolment", key, key.split("|")[0], f"s{n}", n) for n, says in self.files for key in says]
        statements = pl.DataFrame(rows, schema=STATEMENT_SCHEMA, orient="row")
        frame = complete(pl.DataFrame(shown)) if shown else empty()
        return superseding(frame, statements, self.received.drop("received_at"), {}, {})

    def judged(self, *, previous: pl.DataFrame | None = None, only_alive: bool = False) -> pl.DataFrame:
        found = self.findings()
        return with_status(
            found.filter(~pl.col("superseded")) if only_alive else found,
            self.received,
            explanation_frame(self.explanations),
            in_force(self.waivers, at(self.step)),
            now=at(self.step),
            previous=previous,
            release_id=f"r{self.step}",
        )


def status(judged: pl.DataFrame) -> dict[str, str]:
    """The status by row key; all occurrences of a fault must agree."""
    told = judged.group_by("row_key").agg(pl.col("status").unique())
    assert all(len(each) == 1 for each in told["status"])
    return {key: each[0] for key, each in told.rows()}


def interpreted(history: History) -> dict[str, str]:
    """The same, by going through the history event by event with nothing but dictionaries."""
    values: dict[str, str | None] = {}
    since: dict[str, int] = {}
    for step, says in history.files:
        for key, value in says.items():
            if value is not None and values.get(key) is None:
                since[key] = step
            if value is not None or key in values:
                values[key] = value
    result = {}
    for key, value in values.items():
        if value is None:
            result[key] = "fixed"
            continue
        waived = any(
            each.valid_from <= at(history.step) < each.valid_until
            and each.revoked_at is None
            and (each.subject is None or (each.subject == history.fault(key) and each.seen == f"{value} → "))
            for each in history.waivers
        )
        verdicts = [
            each.accepted
            for each in history.explanations
            if each.subject == history.fault(key)
            and each.seen == f"{value} → "
            and each.recorded_at >= at(since[key])
            and each.accepted is not False
        ]
        if history.severity == "note":
            result[key] = "noted"
        elif waived:
            result[key] = "waived"
        elif history.severity == "query" and verdicts:
            result[key] = "explained" if True in verdicts else "answered"
        else:
            result[key] = "open"
    return result


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, list[tuple[Any, ...]]]:
    key, value = st.sampled_from(KEYS), st.sampled_from(["1", "2"])
    event = st.one_of(
        st.tuples(st.just("send"), st.dictionaries(key, st.one_of(st.none(), value), min_size=1)),
        st.tuples(st.just("explain"), key, value),
        st.tuples(st.just("decide"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("waive"), st.one_of(st.none(), key), value, st.integers(1, 4)),
        st.tuples(st.just("revoke"), st.integers(0, 9)),
        st.tuples(st.just("tick")),
    )
    return draw(st.sampled_from(["query", "query", "error", "note"])), draw(st.lists(event, max_size=12))


def happen(history: History, event: tuple[Any, ...]) -> None:
    name, *arguments = event
    if name in ("decide", "revoke"):
        known = history.explanations if name == "decide" else history.waivers
        if not known:
            return
        arguments[0] %= len(known)
    getattr(history, name)(*arguments)


@settings(max_examples=150, deadline=None)
@given(steps())
def test_random_histories(drawn: tuple[str, list[tuple[Any, ...]]]) -> None:
    severity, events = drawn
    history = History(severity)
    for event in events:
        happen(history, event)
    assert status(history.judged()) == interpreted(history)


#: Answered, sent again unchanged, and another release without any news.
SENT_AGAIN = [("send", {KEYS[0]: "1"}), ("explain", KEYS[0], "1"), ("send", {KEYS[0]: "1"}), ("tick",)]


@settings(max_examples=60, deadline=None)
@given(steps())
@example(("query", SENT_AGAIN))
def test_random_histories_of_what_only_the_releases_remember(drawn: tuple[str, list[tuple[Any, ...]]]) -> None:
    """Rules across returns find what is there now only; with a release after each event nothing is lost."""
    severity, events = drawn
    history = History(severity)
    previous = None
    for event in events:
        happen(history, event)
        previous = history.judged(previous=previous, only_alive=True)
    if previous is not None:
        assert status(previous) == interpreted(history)


K = KEYS[0]


def test_a_query_is_answered_explained_and_fixed() -> None:
    history = History()
    history.send({K: "5"})
    assert status(history.judged()) == {K: "open"}
    history.explain(K, "5")
    assert status(history.judged()) == {K: "answered"}
    history.decide(0, accepted=True)
    assert status(history.judged()) == {K: "explained"}
    history.send({K: None})
    judged = history.judged()
    assert status(judged) == {K: "fixed"}
    row = judged.row(0, named=True)
    assert (row["first_seen"], row["last_seen"], row["fixed_at"]) == (at(1), at(1), at(4))
    assert row["superseded_by"] == "s4"


def test_it_is_open_again_when_it_comes_back() -> None:
    history = History()
    history.send({K: "5"})
    history.explain(K, "5")
    history.decide(0, accepted=True)
    history.send({K: None})
    history.send({K: "5"})
    judged = history.judged()
    assert status(judged) == {K: "open"}
    assert judged["since"].unique().to_list() == [at(5)]
    assert judged["first_seen"].unique().to_list() == [at(1)]
    history.explain(K, "5")
    assert status(history.judged()) == {K: "answered"}


def test_the_same_fault_sent_again_stays_explained_and_another_figure_does_not() -> None:
    history = History()
    history.send({K: "5"})
    history.explain(K, "5")
    history.decide(0, accepted=True)
    history.send({K: "5"})
    judged = history.judged()
    assert status(judged) == {K: "explained"}
    assert judged["fault_id"].n_unique() == 1 and judged["finding_id"].n_unique() == 2
    history.send({K: "6"})
    assert status(history.judged()) == {K: "open"}


def test_a_rejected_explanation_leaves_it_open() -> None:
    history = History()
    history.send({K: "5"})
    history.explain(K, "5")
    history.decide(0, accepted=False)
    assert status(history.judged()) == {K: "open"}
    history.explain(K, "5")
    assert status(history.judged()) == {K: "answered"}


def test_a_hard_error_is_not_explained_away() -> None:
    history = History("error")
    history.send({K: "5"})
    history.explain(K, "5")
    history.decide(0, accepted=True)
    assert status(history.judged()) == {K: "open"}
    history.waive(K, "5", hours=2)
    assert status(history.judged()) == {K: "waived"}
    history.tick()
    history.tick()
    assert status(history.judged()) == {K: "open"}, "the waiver has expired"


def test_a_waiver_of_a_rule_holds_for_its_county_only() -> None:
    history = History("error")
    history.send(dict.fromkeys(KEYS, "5"))
    history.waive(None, None, hours=9)
    assert status(history.judged()) == dict.fromkeys(KEYS, "waived")
    history.waivers = [replace(history.waivers[0], region="990102")]
    assert status(history.judged()) == dict.fromkeys(KEYS, "open")
    history.waivers = [replace(history.waivers[0], region=COUNTY, period=YEAR - 1)]
    assert status(history.judged()) == dict.fromkeys(KEYS, "open")


@pytest.mark.parametrize("rule", ["unreadable_value", "missing_key", "duplicate_row", "unknown_code"])
def test_a_row_without_usable_values_cannot_be_waived(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "error", rule)
    history = History("error")
    history.send({K: "5"})
    history.waive(K, "5", hours=9)
    history.waive(None, None, hours=9)
    assert status(history.judged()) == {K: "open"}


def test_the_first_release_that_shows_a_fault_is_remembered() -> None:
    history = History()
    history.send({K: "5"})
    first = history.judged()
    history.send({K: "6"})
    second = history.judged(previous=first)
    assert second["first_release"].unique().to_list() == ["r1"]
    assert second.schema == first.schema and set(STATUS_SCHEMA) <= set(second.columns)


def test_a_release_from_before_findings_had_a_status_is_no_history() -> None:
    history = History()
    history.send({K: "5"})
    old = history.judged().drop("status", "since")
    assert status(history.judged(previous=old)) == {K: "open"}


def test_what_a_rule_across_returns_finds_again_in_an_old_file_is_open_again() -> None:
    """Another return settled it and another one brought it back: no submission speaks of the row itself in between."""
    history = History()
    history.send({K: "5"})
    history.explain(K, "5")
    history.decide(0, accepted=True)
    first = history.judged(only_alive=True)
    assert status(first) == {K: "explained"}
    history.tick()
    gone = with_status(
        empty(), history.received, explanation_frame(history.explanations), in_force([], at(history.step)),
        now=at(history.step), previous=first,
    )  # fmt: skip
    assert status(gone) == {K: "fixed"} and gone["fixed_at"].to_list() == [at(4)]
    history.tick()
    again = history.judged(previous=gone, only_alive=True)
    assert status(again) == {K: "open"} and again["since"].to_list() == [at(4)]
