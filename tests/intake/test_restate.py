"""What a later file says differently: every changed figure with both cells, chains, mended rows, listings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.returns import CONTRACTS
from pipelines.intake.restate import RECEIVED_SCHEMA, restate
from pipelines.intake.stage import Staged
from pipelines.intake.supersede import live
from tests.intake.books import code, enrolment_row
from tests.intake.test_supersede import Office
from warehouse.home import Home
from warehouse.ledger import Ledger

NOON = datetime(2020, 9, 20, 4, tzinfo=UTC)


@pytest.fixture
def office(home: Home, ledger: Ledger) -> Office:
    return Office(home, ledger)


def _changes(office: Office, *columns: str) -> list[tuple[Any, ...]]:
    return office.frame("restatements").select(*columns).rows()


def test_each_changed_figure_is_told_with_both_values_both_cells_and_when(office: Office) -> None:
    first = office.send(enrolment_row(1, boarders=3), enrolment_row(2, boarders=4))
    second = office.send(enrolment_row(2, boarders=7), name="更正.xlsx")
    (row,) = office.frame("restatements").to_dicts()
    assert (row["form"], row["school_year"], row["county_code"], row["school_code"], row["stage"]) == (
        "enrolment", 2020, "990101", code(2), "primary",
    )  # fmt: skip
    assert (row["field"], row["change"], row["superseded"]) == ("boarders", "restated", False)
    assert (row["old_value"], row["new_value"], row["old_text"], row["new_text"]) == (4.0, 7.0, "4", "7")
    assert (row["old_submission_id"], row["new_submission_id"]) == (first, second)
    assert (row["old_file_name"], row["old_sheet"], row["old_cell"]) == ("安平县.xlsx", "Sheet1", "M8")
    assert (row["new_file_name"], row["new_sheet"], row["new_cell"]) == ("更正.xlsx", "Sheet1", "M7")
    assert (row["old_received_at"].hour, row["received_at"].hour) == (5, 6)
    kept = office.frame("superseded/enrolment")
    assert kept.select("school_code", "boarders", "submission_id", "superseded_by").rows() == [
        (code(2), 4, first, second)
    ]


def test_a_file_that_says_the_same_again_restates_nothing(office: Office) -> None:
    office.send(enrolment_row(1, boarders=3))
    office.send(enrolment_row(1, boarders=3), enrolment_row(2), name="b.xlsx")
    assert office.frame("restatements").is_empty()
    assert office.frame("superseded/enrolment").height == 1


def test_a_chain_of_corrections_is_told_step_by_step(office: Office) -> None:
    sent = [office.send(enrolment_row(1, boarders=boarders)) for boarders in (1, 2, None, 4)]
    assert _changes(office, "old_submission_id", "new_submission_id", "old_value", "new_value", "superseded") == [
        (sent[0], sent[1], 1.0, 2.0, True),
        (sent[1], sent[2], 2.0, None, True),
        (sent[2], sent[3], None, 4.0, False),
    ]
    assert office.frame("superseded/enrolment")["superseded_by"].to_list() == sent[1:]


def test_mending_a_row_restates_its_figures_from_not_usable(office: Office) -> None:
    office.send(enrolment_row(1, boarders="x"))
    office.send(enrolment_row(1, boarders=5))
    told = office.frame("restatements")
    assert set(told["change"]) == {"became_usable"}
    assert told["old_value"].null_count() == told.height
    boarders = told.filter(pl.col("field") == "boarders").row(0, named=True)
    assert (boarders["old_text"], boarders["old_cell"], boarders["new_value"]) == ("x", "M7", 5.0)
    pupils = told.filter(pl.col("field") == "pupils").row(0, named=True)
    assert (pupils["old_text"], pupils["old_cell"], pupils["new_cell"]) == (None, "E7", "E7")
    assert office.frame("superseded/quarantine")["school_code"].to_list() == [code(1)]


def test_a_correction_that_cannot_be_used_restates_to_not_usable(office: Office) -> None:
    office.send(enrolment_row(1, boarders=5))
    office.send(enrolment_row(1, boarders="x"))
    told = office.frame("restatements")
    assert set(told["change"]) == {"became_unusable"}
    boarders = told.filter(pl.col("field") == "boarders").row(0, named=True)
    assert (boarders["old_value"], boarders["new_value"], boarders["new_text"]) == (5.0, None, "x")
    assert "county_code" not in told["field"].to_list()


def _listing(*files: tuple[str, dict[str, str]]) -> Staged:
    """Exchange lists: of each file the persons and what each of them teaches."""
    schema = CONTRACTS["exchange"].staged_schema
    rows = [
        {
            **dict.fromkeys(schema), "submission_id": submission, "sheet": "表", "row_number": n, "block": "",
            "school_year": 2020, "county_code": "990101", "person": person, "subject": subject,
            "from_school_code": code(1), "to_school_code": code(9),
        }
        for submission, people in files
        for n, (person, subject) in enumerate(people.items(), start=5)
    ]  # fmt: skip
    return Staged({"exchange": pl.DataFrame(rows, schema)})


def _received(*names: str) -> pl.DataFrame:
    rows = [(name, n, f"{name}.xlsx", NOON) for n, name in enumerate(names, start=1)]
    return pl.DataFrame(rows, RECEIVED_SCHEMA, orient="row")


def test_rows_that_appear_in_and_vanish_from_a_later_listing() -> None:
    staged = _listing(("a1", {"p1": "语文", "p2": "数学"}), ("b", {"p5": "英语"}), ("a2", {"p2": "体育", "p3": "音乐"}))
    told = restate(staged, _received("a1", "b", "a2"), 2020, replaced={"exchange": {"a1": "a2"}}).changes
    assert sorted(told.select("change", "field", "old_submission_id", "new_submission_id").rows()) == [
        ("restated", "subject", "a1", "a2"),
        ("row_added", "", "a1", "a2"),
        ("row_removed", "", "a1", "a2"),
    ]
    keys = dict(told.select("change", pl.col("row_key").str.extract(r"(p\d)")).rows())
    assert (keys["row_added"], keys["row_removed"]) == ("p3", "p1")


def test_a_row_that_a_listing_lost_is_what_another_file_says_again() -> None:
    staged = _listing(("b", {"p1": "英语"}), ("a1", {"p1": "语文"}), ("a2", {"p2": "数学"}))
    told = restate(staged, _received("b", "a1", "a2"), 2020, replaced={"exchange": {"a1": "a2"}}).changes
    subject = told.filter(pl.col("field") == "subject").select("old_text", "new_text", "new_submission_id").rows()
    assert subject == [("英语", "语文", "a1"), ("语文", "英语", "a2")]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("1234"), st.tuples(st.integers(0, 3), st.booleans()), min_size=1),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_the_last_statement_of_every_chain_is_the_live_one(files: list[dict[str, tuple[int, bool]]]) -> None:
    """From the first statements, step by step through the restatements, one arrives at what is live."""
    schema = CONTRACTS["enrolment"].staged_schema
    rows, bad = [], []
    first: dict[str, int | None] = {}
    for n, file in enumerate(files):
        for school, (pupils, usable) in file.items():
            where = {"submission_id": f"s{n}", "sheet": "表", "row_number": int(school), "school_year": 2020}
            key = {"school_code": code(int(school)), "stage": "primary"}
            if usable:
                rows.append({**dict.fromkeys(schema), **where, **key, "block": "", "pupils": pupils})
            else:
                bad.append({**where, **key, "form": "enrolment", "row_key": f"{code(int(school))}|primary"})
            first.setdefault(code(int(school)), pupils if usable else None)
    blank = Staged()
    quarantine = pl.DataFrame(
        [{**dict.fromkeys(blank.quarantine.schema), **row} for row in bad], blank.quarantine.schema
    )
    staged = Staged({"enrolment": pl.DataFrame(rows, schema)}, quarantine)
    names = [f"s{n}" for n in range(len(files))]
    result = restate(staged, _received(*names), 2020)
    alive = live(staged, {name: n for n, name in enumerate(names, start=1)}, 2020)
    now = dict(alive.rows["enrolment"].select("school_code", "pupils").rows())
    values = dict(first)
    steps = result.changes.filter(pl.col("field") == "pupils").join(
        _received(*names), left_on="new_submission_id", right_on="submission_id"
    )
    for school, old, new in steps.sort("sequence").select("school_code", "old_value", "new_value").rows():
        assert values[school] == old
        values[school] = new
    assert {school: value for school, value in values.items() if value is not None} == now
    superseded = sum(frame.height for frame in result.rows.values()) + result.quarantine.height
    assert superseded + alive.rows["enrolment"].height + alive.quarantine.height == len(rows) + len(bad)
