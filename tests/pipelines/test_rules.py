"""The rules on an installation: fresh or stale, what is kept of a run, and an error that keeps a release back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from checks.gate import GateRefused
from checks.rules import RuleError, load_rules
from models.returns import CONTRACTS
from pipelines import rules as running
from pipelines.audit import GRAINS, write_audit
from pipelines.catalogue import FILES, rule_catalogue, write_catalogue
from pipelines.content import sql_models
from pipelines.intake.assemble import bindings
from pipelines.marts import MartsStale, run_models
from pipelines.publish import inputs, publish
from pipelines.rules import check_across, read_rules_run, rules_are_stale
from tests.conftest import REPOSITORY
from tests.pipelines.places import NOW, YEARS
from warehouse.home import Home
from warehouse.ledger import Ledger


def _contradicting(home: Home) -> tuple[str, int]:
    """Change column 15 of a movement return that is staged; the school and the right number."""
    path = home.staging / "returns" / "movement" / "2020.parquet"
    rows = pl.read_parquet(path, glob=False)
    first = pl.int_range(pl.len()) == 0
    rows.with_columns(pl.when(first).then(pl.col("pupils") + 1).otherwise("pupils").alias("pupils")).write_parquet(path)
    return rows["school_code"][0], rows["pupils"][0]


def test_results_are_kept_until_something_changes(modelled: Home, books: Ledger) -> None:
    models = sql_models()
    assert not rules_are_stale(modelled, models, inputs(modelled))
    _contradicting(modelled)
    assert rules_are_stale(modelled, models, inputs(modelled))
    with pytest.raises(MartsStale, match="run the models first"):
        check_across(modelled, books, models, inputs(modelled))
    run_models(modelled, models, inputs(modelled))
    with pytest.raises(MartsStale, match="run the rules"):
        publish(modelled, books, models, now=NOW)
    check_across(modelled, books, models, inputs(modelled))
    assert not rules_are_stale(modelled, models, inputs(modelled))
    (modelled.marts / "audit" / "rule_looked.parquet").unlink()
    assert rules_are_stale(modelled, models, inputs(modelled))
    with pytest.raises(MartsStale, match="never run"):
        read_rules_run(modelled)


def test_a_rule_that_crashes_leaves_nothing_that_looks_done(
    modelled: Home, books: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuleError("checks/rules/odd.sql: no such column")

    monkeypatch.setattr(running, "run_rules", crash)
    with pytest.raises(RuleError, match=r"odd\.sql"):
        check_across(modelled, books, sql_models(), inputs(modelled))
    assert rules_are_stale(modelled, sql_models(), inputs(modelled))


def test_an_error_keeps_a_release_back_unless_it_is_accepted_with_a_reason(modelled: Home, books: Ledger) -> None:
    models = sql_models()
    school, right = _contradicting(modelled)
    run_models(modelled, models, inputs(modelled))
    found = check_across(modelled, books, models, inputs(modelled)).findings.filter(pl.col("severity") == "error")
    assert found.select("rule", "school_code", "value", "expected", "field").rows() == [
        ("movement_ends_at_the_enrolment", school, str(right + 1), str(right), "pupils")
    ]
    assert found["cell"].null_count() == 0 and found["file_name"].null_count() == 0
    with pytest.raises(GateRefused, match="returns_do_not_contradict") as refused:
        publish(modelled, books, models, now=NOW)
    assert [row["school_code"] for row in refused.value.objections[0].rows] == [school]
    accept = {"returns_do_not_contradict": "the school is closed, nobody can correct it"}
    release = publish(modelled, books, models, now=NOW + timedelta(minutes=1), accept=accept).release
    assert [each["rule"] for each in release.manifest["accepted"]] == ["returns_do_not_contradict"]


def test_every_rule_tells_by_school_year_what_it_looked_at_and_found(modelled: Home, books: Ledger) -> None:
    tables = write_audit(modelled, books, inputs(modelled), sql_models())
    runs = pl.read_parquet(tables["audit.rule_run"][0], glob=False)
    rules = pl.read_parquet(tables["audit.rule"][0], glob=False)
    findings = pl.concat([pl.read_parquet(path, glob=False) for path in tables["audit.finding"]])
    assert not runs.select(GRAINS["audit.rule_run"]).is_duplicated().any()
    assert set(runs["rule"]) <= set(rules["rule"]) and runs["kind"].null_count() == 0
    assert runs["findings"].sum() == findings.filter(~pl.col("superseded")).height > 0
    assert runs["superseded"].sum() == findings.filter("superseded").height
    for rule in load_rules():
        of_rule = runs.filter(pl.col("rule") == rule.name)
        if of_rule["not_applied"].null_count() == 0:
            assert of_rule["school_year"].to_list() == [None]
        else:
            assert set(YEARS) <= set(of_rule["school_year"]) and (of_rule["rows_looked_at"] > 0).all(), rule.name
    reasons = {row["rule"]: row["not_applied"] for row in runs.iter_rows(named=True) if row["not_applied"]}
    assert reasons == {"county_totals_are_the_published": "no rows: returns.county_summary"}
    staged = pl.read_parquet(bindings(modelled)["returns.enrolment"], glob=False).filter(pl.col("school_year") == 2020)
    held = pl.read_parquet(bindings(modelled)["returns.quarantine"], glob=False)
    held = held.filter((pl.col("school_year") == 2020) & (pl.col("form") == "enrolment"))
    looked = runs.filter((pl.col("rule") == "boarders_within_pupils") & (pl.col("school_year") == 2020))
    assert looked["rows_looked_at"].to_list() == [staged.height + held.height]
    assert {f"returns.{form}" for form in CONTRACTS} >= set(rules.filter(pl.col("kind") == "contract")["reads"])


@pytest.mark.parametrize("language", FILES)
def test_the_committed_catalogue_is_what_the_rules_say(language: str, tmp_path: Path) -> None:
    committed = (REPOSITORY / "docs" / FILES[language]).read_text(encoding="utf-8")  # type: ignore[index]
    assert committed == rule_catalogue(language), "run `junheng rules --catalogue docs`"  # type: ignore[arg-type]
    assert {path.name for path in write_catalogue(tmp_path)} == set(FILES.values())
