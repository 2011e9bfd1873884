"""Each rule of the gate: silent on a sound candidate, objecting to one that was broken in the one way it is about."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from checks.gate import GateRuleError, judge, load_rules
from pipelines.comments import release_comments
from pipelines.content import sql_models
from pipelines.publish import gate_rules, release_tables
from tests.pipelines.places import NOW
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

_FIRST = "rowid = (select min(rowid) from trends.differential_coefficient where coefficient is not null)"

BROKEN = {
    "nothing_to_publish": "delete from trends.differential_coefficient",
    "coefficient_not_possible": f"update trends.differential_coefficient set coefficient = 'nan' where {_FIRST}",
    "composite_is_the_mean": "update trends.composite_coefficient set composite = composite + 1e-6",
    "verdict_without_coverage": "update trends.differential_coefficient set schools_missing = 5, meets = true",
    "coverage_shrank": "delete from trends.differential_coefficient where school_year = 2020",
    "quarantined_share": "update audit.return_count set rows_quarantined = 10 * rows_accepted + 1",
    "returns_do_not_contradict": "insert into audit.finding (rule, severity, superseded)"
    " values ('movement_ends_at_the_enrolment', 'error', false)",
    "scorecard_follows_its_parts": "update trends.basic_scorecard set verdict = true",
    "projection_without_a_trend": (
        "insert into trends.early_warning (county_code, standard, stage, measure, indicator, points, last_year, "
        "projected_year) values ('990101', 'basic_2012', 'all', 'satisfaction', '', 4, 2020, 2022)"
    ),
    "persons_are_pseudonyms": "insert into returns.exchange (school_year, person) values (2020, 'T0012')",
    "expectations_hold": "update audit.expectation set success = false where expectation = 'coefficients_not_negative'",
    "grain_repeated.trends.county_attainment": "insert into trends.county_attainment from trends.county_attainment",
    "grain_repeated.returns.enrolment": "insert into returns.enrolment from returns.enrolment limit 1",
    "grain_repeated.audit.submission": "insert into audit.submission from audit.submission limit 1",
}


@pytest.fixture(scope="module")
def sound(modelled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a candidate with nothing wrong."""
    folder = tmp_path_factory.mktemp("sound")
    with Ledger.open(modelled_home.ledger_url) as ledger:
        tables = release_tables(modelled_home, ledger, sql_models(), now=NOW)
    releases = Releases(folder / "releases")
    candidate = releases.build_candidate(tables, release_comments(sql_models()))
    shutil.copy(candidate.path, folder / "sound.duckdb")
    releases.discard(candidate)
    return folder / "sound.duckdb"


def test_every_rule_file_has_a_test() -> None:
    assert {rule.name for rule in load_rules()} <= BROKEN.keys()


def test_a_sound_candidate_passes_alone_and_beside_its_like(sound: Path) -> None:
    rules = gate_rules(sql_models())
    assert judge(sound, None, rules) == []
    assert judge(sound, sound, rules) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_candidate_meets_the_objection(rule: str, sound: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    shutil.copy(sound, broken)
    with duckdb.connect(str(broken)) as connection:
        connection.execute(BROKEN[rule])
    found = {each.rule: each for each in judge(broken, sound, gate_rules(sql_models()))}
    assert rule in found
    assert found[rule].crashed is None
    assert found[rule].count >= len(found[rule].rows) > 0


def test_what_was_not_there_before_is_not_missed(sound: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.duckdb"
    with duckdb.connect(str(before)) as connection:
        connection.execute("create schema core")
    assert judge(sound, before, gate_rules(sql_models())) == []


def test_a_rule_that_cannot_be_run_objects(sound: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    shutil.copy(sound, broken)
    with duckdb.connect(str(broken)) as connection:
        connection.execute("drop table trends.composite_coefficient")
    found = {each.rule: each for each in judge(broken, None, gate_rules(sql_models()))}
    assert "composite_coefficient" in (found["composite_is_the_mean"].crashed or "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- zh: 一\n-- en: one\nselect 1", "guidance_zh, guidance_en"),
        ("-- zh: 一\n-- en: one\n-- guidance_zh: 一\n-- guidance_en: one\nselect 1; select 2", "one SELECT"),
        ("-- zh: 一\n-- en: one\n-- guidance_zh: 一\n-- guidance_en: one\ndrop table x", "one SELECT"),
    ],
)
def test_a_rule_file_that_cannot_be_used_is_named(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "odd.sql").write_text(text, encoding="utf-8")
    with pytest.raises(GateRuleError, match=rf"odd\.sql.*{fault}"):
        load_rules(tmp_path)
