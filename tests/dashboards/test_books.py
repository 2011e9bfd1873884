"""What the pages on data quality and on the release are made of, from a few rows of the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.dashboards.books.quality import rule_trend
from pipelines.dashboards.books.release import release_book
from pipelines.dashboards.extract import Extracts, worded
from pipelines.dashboards.text import load


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(
            "create schema audit; create table audit.rule (rule varchar, form varchar, zh varchar, en varchar);"
            " insert into audit.rule values ('much', 'a', '多的规则', 'The rule of many'), ('much', 'b', '多的规则', 'The rule of many');"
            " create table audit.rule_trend (release_id varchar, published_at timestamptz, rule varchar, severity varchar, failing bigint);"
            " comment on table audit.rule_trend is '历次发布 | Every release'"
        )
        opened.executemany(
            "insert into audit.rule_trend values (?, ?, ?, ?, ?)",
            [
                ("r1", "2020-01-01 00:00:00+00", "few", "query", 2), ("r1", "2020-01-01 00:00:00+00", "none", "note", 0),
                ("r2", "2021-01-01 00:00:00+00", "few", "query", 1), ("r2", "2021-01-01 00:00:00+00", "much", "error", 7),
                ("r2", "2021-01-01 00:00:00+00", "none", "note", 0),
            ],
        )  # fmt: skip
        yield opened


def test_the_trend_of_rules_has_a_column_a_release_and_says_what_is_asked(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    extract = rule_trend(Extracts(connection))
    assert extract is not None
    assert [each.key for each in extract.fields] == [
        "asked_zh", "asked_en", "severity", "release_r1", "release_r2", "rule"
    ]  # fmt: skip
    # The most of the latest release first; a rule that never found anything is left out, one without words is its id.
    assert extract.rows == (
        ("多的规则", "The rule of many", "error", None, 7, "much"),
        ("few", "few", "query", 2, 1, "few"),
    )


def test_one_release_has_no_trend(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from audit.rule_trend where release_id = 'r1'")
    assert rule_trend(Extracts(connection)) is None


def test_what_changed_since_the_release_before_is_told_in_words(connection: duckdb.DuckDBPyConnection) -> None:
    before: dict[str, Any] = {
        "release_id": "r1", "git_commit": "a" * 40, "rows": {"audit.rule_trend": 2, "audit.gone": 1},
        "findings": [{"rule": "much", "severity": "error", "count": 1}],
        "submissions": [{"submission_id": "s1", "file_name": "甲.xlsx"}],
    }  # fmt: skip
    after = {
        **before, "release_id": "r2", "git_commit": "b" * 40, "rows": {"audit.rule_trend": 5},
        "findings": [{"rule": "much", "severity": "error", "count": 7}],
        "submissions": [{"submission_id": "s2", "file_name": "乙.xlsx", "received_at": "2021-01-01T08:30:00+00:00"}],
    }  # fmt: skip
    book = release_book(Extracts(connection), after, before)
    assert book.changes is not None and book.previous == "r1"
    told = worded(book.changes, load("en"), book.terms).rows
    assert [(row[1], *row[2:]) for row in told] == [
        ("Commit", "a" * 12, "b" * 12),
        ("乙.xlsx", "", "s2"),
        ("甲.xlsx", "s1", ""),
        ("audit.gone", "1", "0"),
        ("Every release (audit.rule_trend)", "2", "5"),
        ("much (error)", "1", "7"),
    ]
    assert worded(book.findings, load("zh"), book.terms).rows == (("多的规则（much）", "错误", 7),)
    assert book.submissions.rows[0][:2] == ("乙.xlsx", "2021-01-01 08:30")
