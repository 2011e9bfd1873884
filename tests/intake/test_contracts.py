"""Contracts applied to rows: hard errors, queries, proven zeros."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from checks import contracts
from models.returns import CONTRACTS
from models.returns.contract import Contract

ENROLMENT, TEACHER, SCHOOL = CONTRACTS["enrolment"], CONTRACTS["teacher"], CONTRACTS["school"]

PUPILS: dict[str, Any] = {
    "school_year": 2020,
    "county_code": "990101",
    "school_code": "2199000001",
    "school_name": "甲",
    "stage": "primary",
    "pupils": 60,
    **{f"grade_{i}": 10 for i in range(1, 7)},
    "entrants": 10,
    "female_pupils": 30,
    "boarders": 0,
    "migrant_children": 0,
    "left_behind_children": 0,
}
TEACHERS: dict[str, Any] = {
    "school_year": 2020,
    "school_code": "2199000001",
    "stage": "primary",
    "teachers": 10,
    "degree_bachelor": 6,
    "degree_associate": 4,
    "title_intermediate": 10,
}


def frame(contract: Contract, *rows: dict[str, Any]) -> pl.DataFrame:
    schema = {name: info.dtype for name, info in contract.fields.items()}
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def failures(contract: Contract, *rows: dict[str, Any]) -> list[tuple[int, str, str, str | None]]:
    applied = contracts.apply(contract, frame(contract, *rows))
    return sorted(applied.failures.select("index", "rule", "severity", "field").rows())


def test_a_good_row() -> None:
    assert failures(ENROLMENT, PUPILS) == []


@pytest.mark.parametrize(
    ("changed", "rule", "severity", "field"),
    [
        ({"pupils": 61}, "pupils_are_the_sum_of_grades", "error", "pupils"),
        ({"boarders": 61}, "boarders_within_pupils", "error", "boarders"),
        ({"female_pupils": 61}, "girls_within_pupils", "error", "female_pupils"),
        ({"entrants": 9}, "entrants_equal_first_grade", "query", "entrants"),
        ({"boarders": -1}, "value_out_of_range", "error", "boarders"),
        ({"school_code": None}, "missing_key", "error", "school_code"),
        ({"school_code": "21990000"}, "malformed_code", "error", "school_code"),
        ({"stage": "college"}, "unknown_code", "error", "stage"),
        ({"stage": None}, "missing_key", "error", "stage"),
        ({"school_year": 1911}, "value_out_of_range", "error", "school_year"),
        ({"school_year": None}, "missing_key", "error", "school_year"),
        ({"county_code": "9901"}, "malformed_code", "error", "county_code"),
    ],
)
def test_rules_of_a_row(changed: dict[str, Any], rule: str, severity: str, field: str) -> None:
    assert failures(ENROLMENT, {**PUPILS, "school_code": "2199000002"}, {**PUPILS, **changed}) == [
        (1, rule, severity, field)
    ]


def test_texts_and_expectations() -> None:
    applied = contracts.apply(ENROLMENT, frame(ENROLMENT, {**PUPILS, "pupils": 61}))
    row = applied.failures.row(0, named=True)
    assert (row["value"], row["expected"]) == ("61", "60")
    assert row["message_zh"]
    assert row["message_en"]
    assert row["guidance_zh"]
    assert row["guidance_en"]
    unknown = contracts.apply(ENROLMENT, frame(ENROLMENT, {**PUPILS, "stage": "x"})).failures.row(0, named=True)
    assert "小学" in unknown["expected"]


def test_missing_components_are_no_failures() -> None:
    assert failures(ENROLMENT, {**PUPILS, "pupils": None, "entrants": None}) == []
    assert failures(ENROLMENT, {**PUPILS, **{f"grade_{i}": None for i in range(1, 7)}, "entrants": None}) == []


def test_every_row_of_a_duplicate_is_told() -> None:
    other = {**PUPILS, "stage": "junior", **{f"grade_{i}": None for i in range(1, 7)}, "grade_7": 60, "entrants": 60}
    assert failures(ENROLMENT, PUPILS, other, PUPILS) == [
        (0, "duplicate_row", "error", "school_code"),
        (2, "duplicate_row", "error", "school_code"),
    ]


def test_rows_without_a_code_are_told_of_that_only() -> None:
    nobody = {**PUPILS, "school_code": None}
    assert failures(ENROLMENT, nobody, nobody) == [
        (0, "missing_key", "error", "school_code"),
        (1, "missing_key", "error", "school_code"),
    ]


def test_uniqueness_within_a_submission() -> None:
    rows = frame(ENROLMENT, PUPILS, PUPILS).with_columns(pl.Series("submission_id", ["a", "b"]))
    assert contracts.apply(ENROLMENT, rows, within=("submission_id",)).failures.is_empty()
    assert contracts.apply(ENROLMENT, rows).failures.height == 2


def test_applying_a_contract_leaves_no_trace_in_it() -> None:
    rows = frame(ENROLMENT, {**PUPILS, "pupils": 61}).with_columns(pl.lit("a").alias("submission_id"))
    first = contracts.apply(ENROLMENT, rows, within=("submission_id",)).failures
    for _ in range(3):
        assert contracts.apply(ENROLMENT, rows, within=("submission_id",)).failures.equals(first)
    assert len(ENROLMENT.schema.checks) == len(ENROLMENT.rules)
    assert ENROLMENT.schema.unique == list(ENROLMENT.grain)


def test_proven_zeros() -> None:
    applied = contracts.apply(TEACHER, frame(TEACHER, TEACHERS))
    row = applied.rows.row(0, named=True)
    assert (row["degree_postgraduate"], row["degree_below"], row["title_none"]) == (0, 0, 0)
    assert applied.failures.is_empty()


@pytest.mark.parametrize("changed", [{"teachers": 11}, {"teachers": None}])
def test_blanks_that_nothing_proves_stay_missing(changed: dict[str, Any]) -> None:
    row = contracts.fill_proven_zeros(TEACHER, frame(TEACHER, {**TEACHERS, **changed})).row(0, named=True)
    assert row["degree_postgraduate"] is None
    assert row["title_none"] is None


def test_grades_of_another_stage_stay_missing() -> None:
    row = contracts.fill_proven_zeros(ENROLMENT, frame(ENROLMENT, PUPILS)).row(0, named=True)
    assert row["grade_7"] is None


@pytest.mark.parametrize("total", [0, None])
def test_a_total_of_nothing(total: int | None) -> None:
    blank = {name: None for name in TEACHERS if name.startswith(("degree", "title"))}
    row = contracts.fill_proven_zeros(TEACHER, frame(TEACHER, {**TEACHERS, **blank, "teachers": total})).row(
        0, named=True
    )
    assert row["degree_bachelor"] == total  # a printed 0 proves zeros, a blank proves nothing


def test_a_rule_that_cannot_run_is_a_crash_not_a_finding() -> None:
    with pytest.raises(Exception, match="pupils"):
        contracts.apply(ENROLMENT, frame(ENROLMENT, PUPILS).drop("pupils"))


@pytest.mark.parametrize("name", list(CONTRACTS))
def test_no_rows(name: str) -> None:
    assert contracts.apply(CONTRACTS[name], frame(CONTRACTS[name])).failures.is_empty()


def test_counted_as_school_is_yes_or_no() -> None:
    row = {"school_year": 2020, "school_code": "2199000001", "school_type": "211", "counted_as_school": 2}
    assert ("unknown_code", "counted_as_school") in [(r, f) for _, r, _, f in failures(SCHOOL, row)]
