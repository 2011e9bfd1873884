"""The mechanism of the rules across returns: what can be used, what is applied, what is said of one that cannot run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from checks.catalogue import KINDS, catalogue
from checks.rules import RULES, Rule, RuleError, load_rules, placed, run_rules
from models.returns import CONTRACTS
from models.rules import load as load_rulebook
from pipelines.content import sql_models
from tests.models.helpers import all_models, write_returns
from warehouse.engine import DuckDBEngine

HEADER = "-- zh: 甲\n-- en: a\n-- severity: note\n-- guidance_zh: 甲\n-- guidance_en: a\n"
COLUMNS = "'a' as value, 'b' as expected, 'funding' as form, 'value_yuan' as field, 2020 as school_year, '1' as stage"
KEYS = "'990101' as county_code, null as school_code"


def _rule(sql: str, *reads: str, needs: str = "all") -> Rule:
    return Rule("odd", "甲", "a", "query", "甲", "a", sql, reads, needs=needs)


def _run(tmp_path: Path, rule: Rule, **rows: int) -> list[str | None]:
    with DuckDBEngine(threads=1) as engine:
        for table, files in write_returns(tmp_path / "returns", {}).items():
            engine.bind(table, files)
        counts = {f"returns.{form}": rows.get(form, 0) for form in CONTRACTS}
        return [each.not_applied for each in run_rules(engine, counts, tmp_path, [rule])]


def test_rules_of_the_house_are_whole() -> None:
    rules = load_rules()
    assert {rule.name for rule in rules} == {path.stem for path in RULES.glob("*.sql")}
    known = {f"returns.{form}" for form in CONTRACTS} | {"returns.quarantine"} | all_models().keys()
    known |= {f"rulebook.{name}" for name in load_rulebook()}
    assert {table for rule in rules for table in rule.reads} <= known
    departments = set(load_rulebook()["department"]["department"])
    assert {rule.owner for rule in rules} - {None} <= departments


def test_no_limit_stands_in_a_rule() -> None:
    """Numbers of a rule are rows of the rulebook; in SQL stand years apart, zero, rounding and the widths of codes."""
    allowed = {*map(str, range(11)), "0.005", "1e-9"}
    for rule in load_rules():
        numbers = {
            each.name for each in sqlglot.parse_one(rule.sql, read="duckdb").find_all(exp.Literal) if each.is_number
        }
        assert numbers <= allowed, rule.name


def test_every_limit_belongs_to_a_rule_or_a_model() -> None:
    named = set(load_rulebook()["rule_parameter"]["rule"])
    models = {name.split(".")[1] for name, model in sql_models().items() if "rulebook.rule_parameter" in model.depends}
    assert named <= {rule.name for rule in load_rules()} | models
    for name in models:
        sql = sql_models()[f"core.{name}"].sql
        for parameter in load_rulebook()["rule_parameter"].filter(pl.col("rule") == name)["parameter"]:
            assert f"parameter = '{parameter}'" in sql, "a limit that nobody reads"
        assert sql.count("parameter = '") == load_rulebook()["rule_parameter"].filter(pl.col("rule") == name).height


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-- zh: 甲\n-- en: a\nselect 1", "header lacks severity, guidance_zh, guidance_en"),
        (HEADER.replace("note", "fatal") + "select 1", "error, query, note"),
        (HEADER + "select 1; select 2", "one SELECT"),
        (HEADER + "-- needs: some\nselect 1", "all or any"),
        (
            HEADER + "select value from rulebook.rule_parameter where rule = 'odd' and parameter = 'z'",
            "z of this rule is not",
        ),
        (HEADER + "select value from rulebook.rule_parameter where rule = 'value_screening'", "a rule has its own"),
    ],
)
def test_a_rule_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "odd.sql").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=told) as error:
        load_rules(tmp_path)
    assert "odd.sql" in str(error.value)


def test_a_limit_that_the_rule_does_not_use_is_told(tmp_path: Path) -> None:
    (tmp_path / "funding_does_not_jump.sql").write_text(HEADER + "select 1", encoding="utf-8")
    with pytest.raises(RuleError, match=r"largest_factor of rule_parameter\.csv is not used"):
        load_rules(tmp_path)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select nothing from returns.funding", "nothing"),
        ("select county_code from returns.funding", "the columns must be"),
        (f"select {COLUMNS}, {KEYS}, 's' as sheet from returns.funding", "the columns must be"),
        ("select * from returns.no_such_return", "no_such_return"),
    ],
)
def test_a_rule_that_does_not_run_is_no_rule_that_finds_nothing(tmp_path: Path, sql: str, told: str) -> None:
    rule = _rule(sql, "returns.funding")
    with pytest.raises(RuleError, match=told) as error:
        _run(tmp_path, rule, funding=1)
    assert "odd.sql" in str(error.value)


def test_all_that_crashed_are_told_together_and_the_others_are_run(tmp_path: Path) -> None:
    with DuckDBEngine(threads=1) as engine:
        for table, files in write_returns(tmp_path / "returns", {}).items():
            engine.bind(table, files)
        sound = replace(_rule(f"select {COLUMNS}, {KEYS} from returns.gdp", "returns.funding"), name="first")
        with pytest.raises(RuleError, match=r"first\.sql[\s\S]*second\.sql"):
            run_rules(engine, {"returns.funding": 1}, tmp_path, [sound, replace(sound, name="second")])


@pytest.mark.parametrize(
    ("needs", "rows", "reason"),
    [
        ("all", {"funding": 1, "school": 1}, None),
        ("all", {"funding": 1}, "no rows: returns.school"),
        ("any", {"funding": 1}, None),
        ("any", {}, "no rows: returns.funding, returns.school"),
    ],
)
def test_without_its_returns_a_rule_is_not_applied_and_says_so(
    tmp_path: Path, needs: str, rows: dict[str, int], reason: str | None
) -> None:
    sql = f"select {COLUMNS}, {KEYS} from returns.funding"
    assert _run(tmp_path, _rule(sql, "returns.funding", "returns.school", needs=needs), **rows) == [reason]
    through = _rule(f"select {COLUMNS}, {KEYS} from returns.funding", "core.county")
    with DuckDBEngine(threads=1) as engine:
        (ran,) = run_rules(
            engine,
            {"core.county": 3, "returns.funding": 0, "returns.school": 0},
            tmp_path,
            [through],
            through={"odd": ["returns.funding", "returns.school"]},
        )
    assert ran.not_applied == "no rows: returns.funding, returns.school"
    missing = _rule(sql, "returns.funding", "core.no_such_model")
    assert _run(tmp_path, missing, funding=1) == ["not there: core.no_such_model"]


def test_a_row_that_is_no_schools_is_not_looked_up(tmp_path: Path) -> None:
    with DuckDBEngine(threads=1) as engine:
        for table, files in write_returns(tmp_path / "returns", {}).items():
            engine.bind(table, files)
        rule = _rule(f"select {COLUMNS}, {KEYS}", "returns.funding")
        ran = run_rules(engine, {"returns.funding": 1}, tmp_path, [rule])
        with pytest.raises(RuleError, match="funding is not found by its school"):
            placed(engine, ran, tmp_path)


def test_the_catalogue_has_every_rule_once_in_words() -> None:
    rules = catalogue()
    assert set(rules["kind"]) == set(KINDS)
    assert rules["rule"].is_unique().all()
    for column in ("severity", "zh", "en", "guidance_zh", "guidance_en"):
        assert rules[column].null_count() == 0 and (rules[column].str.len_chars() > 0).all(), column
    contracts = sum(len(contract.rules) for contract in CONTRACTS.values())
    assert rules.filter(pl.col("kind") == "contract").height == contracts
