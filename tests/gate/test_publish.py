"""Publishing: once for the same returns, never against the gate, complete after a crash."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import polars as pl
import pytest

from checks.gate import GateRefused
from models.returns import CONTRACTS
from pipelines import publish as publishing
from pipelines.content import sql_models
from pipelines.intake.assemble import assemble
from pipelines.marts import MartsStale, run_models, stale_marts
from pipelines.publish import Published, inputs, is_due, publish
from pipelines.rules import check_across
from tests.pipelines.places import NOW, balance_models, publish_balance, withdraw
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases


@pytest.fixture
def books(books: Ledger, modelled: Home) -> Ledger:
    """The ledger of ``modelled``, where the rules have been run on the few models that these tests publish."""
    check_across(modelled, books, balance_models(), inputs(modelled))
    return books


def _publish(home: Home, ledger: Ledger, minutes: int = 0, **accept: str) -> Published:
    return publish_balance(home, ledger, NOW + timedelta(minutes=minutes), accept=accept)


def _lose_a_year(home: Home, ledger: Ledger) -> None:
    """Bring staging and marts to the state of one school year less."""
    withdraw(home, lambda name: "2020" in name)
    assemble(home, ledger, 2020)
    _make(home, ledger)


def _make(home: Home, ledger: Ledger) -> None:
    """Run models and rules."""
    run_models(home, balance_models(), inputs(home))
    check_across(home, ledger, balance_models(), inputs(home))


def test_a_release_holds_every_table_with_comments_and_says_what_it_is_made_of(modelled: Home, books: Ledger) -> None:
    assert is_due(modelled, books)
    check_across(modelled, books, sql_models(), inputs(modelled))
    published = publish(modelled, books, sql_models(), now=NOW)
    assert published.created
    assert not is_due(modelled, books)
    release = published.release
    assert release.release_id == f"r20261121T155910-{published.digest[:8]}"
    assert Releases(modelled.releases).current() == release
    with Releases(modelled.releases).connect() as connection:
        tables = {
            row[0]
            for row in connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        }
        comments = connection.execute(
            "select comment from duckdb_columns() where schema_name = 'returns' and table_name = 'premises'"
            " and column_name = 'sports_ground_m2'"
        ).fetchone()
        uncommented = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where comment is null and not internal and schema_name <> 'rulebook'"
        ).fetchall()
    assert {f"returns.{form}" for form in CONTRACTS} | sql_models().keys() <= tables
    assert {"rulebook.threshold", "audit.finding", "audit.submission", "audit.return_count"} <= tables
    assert comments is not None and "㎡" in comments[0]
    assert uncommented == []
    manifest = release.manifest
    live = {each["submission_id"] for each in manifest["submissions"]}
    staged = pl.concat(
        [
            pl.read_parquet(file, columns=["submission_id"])
            for files in inputs(modelled).values()
            for file in files
            if "returns" in file.parts
        ]
    )
    assert set(staged["submission_id"]) <= live
    assert manifest["rulebook_version"] and manifest["code_version"]
    assert {each["severity"] for each in manifest["findings"]} >= {"error"}
    assert [each.release_id for each in books.releases()] == [release.release_id]


def test_the_same_returns_are_published_once(modelled: Home, books: Ledger) -> None:
    first = _publish(modelled, books)
    _make(modelled, books)
    second = _publish(modelled, books, minutes=5)
    assert not second.created
    assert second.release == first.release
    assert len(Releases(modelled.releases).list()) == 1


def test_a_refusal_leaves_the_old_release_current_and_no_candidate(modelled: Home, books: Ledger) -> None:
    first = _publish(modelled, books).release
    _lose_a_year(modelled, books)
    with pytest.raises(GateRefused, match="coverage_shrank") as refused:
        _publish(modelled, books, minutes=5)
    releases = Releases(modelled.releases)
    current = releases.current()
    assert current == first
    first.verify()
    assert not list(modelled.releases.glob("candidate-*"))
    (objection,) = refused.value.objections
    assert {row["school_year"] for row in objection.rows} == {2020}
    assert refused.value.report is not None
    report = json.loads(refused.value.report.read_text(encoding="utf-8"))
    assert report["current_release"] == first.release_id
    assert report["objections"][0]["rule"] == "coverage_shrank"
    assert "--accept coverage_shrank" in str(refused.value)


def test_what_may_be_accepted_is_published_with_the_reason(modelled: Home, books: Ledger) -> None:
    first = _publish(modelled, books).release
    _lose_a_year(modelled, books)
    second = _publish(modelled, books, minutes=5, coverage_shrank="2020 was sent by mistake")
    assert second.created
    assert second.release.manifest["previous"] == first.release_id
    (accepted,) = second.release.manifest["accepted"]
    assert accepted["rule"] == "coverage_shrank"
    assert accepted["reason"] == "2020 was sent by mistake"


@pytest.mark.parametrize(
    ("rule", "reason"), [("composite_is_the_mean", "x"), ("no_such", "x"), ("coverage_shrank", " ")]
)
def test_what_may_not_be_accepted_is_refused_at_once(rule: str, reason: str, modelled: Home, books: Ledger) -> None:
    with pytest.raises(ValueError, match=rule):
        _publish(modelled, books, **{rule: reason})


def test_marts_of_other_returns_are_not_published(modelled: Home, books: Ledger) -> None:
    withdraw(modelled, lambda name: "2020" in name)
    assemble(modelled, books, 2020)
    assert "core.school_stage" in stale_marts(modelled, balance_models(), inputs(modelled))
    with pytest.raises(MartsStale, match=r"core\.school_stage"):
        _publish(modelled, books)
    assert Releases(modelled.releases).current() is None


def test_returns_that_change_while_the_candidate_is_built_are_not_published(
    modelled: Home, books: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Releases.build_candidate

    def build_and_meddle(self: Releases, *arguments: object, **more: object) -> object:
        withdraw(modelled, lambda name: "2020" in name)
        assemble(modelled, books, 2020)
        return build(self, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Releases, "build_candidate", build_and_meddle)
    with pytest.raises(MartsStale, match="changed while"):
        _publish(modelled, books)
    assert Releases(modelled.releases).current() is None
    assert not list(modelled.releases.glob("candidate-*"))


def test_a_publisher_that_dies_before_the_ledger_is_made_up_for(
    modelled: Home, books: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            _publish(modelled, books)
    release = Releases(modelled.releases).current()
    assert release is not None
    assert books.releases() == []
    assert not _publish(modelled, books, minutes=5).created
    assert [each.release_id for each in books.releases()] == [release.release_id]


def test_old_releases_stay_as_they_were(modelled: Home, books: Ledger) -> None:
    first = _publish(modelled, books).release
    with duckdb.connect(str(first.path), read_only=True) as reader:
        before = reader.execute("select count(*) from trends.composite_coefficient").fetchone()
        _lose_a_year(modelled, books)
        _publish(modelled, books, minutes=5, coverage_shrank="meant")
        assert reader.execute("select count(*) from trends.composite_coefficient").fetchone() == before
    first.verify()
