"""Rules across the rows of a period: what they find, and what is said of a rule that cannot be used."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from checks.rules import RULES, Rule, RuleError, broken, load_rules
from models.returns import CONTRACTS

SCHEMA = CONTRACTS["funding"].staged_schema


def _funding(*rows: dict[str, object]) -> dict[str, pl.DataFrame]:
    key = {"submission_id": "s1", "sheet": "表", "block": "", "fiscal_year": 2020, "county_code": "990101"}
    full = [{**dict.fromkeys(SCHEMA), **key, "row_number": n, **row} for n, row in enumerate(rows, start=5)]
    return {"funding": pl.DataFrame(full, schema=SCHEMA)}


def _row(item: str, value: float, prior: float | None = None, stage: str = "primary") -> dict[str, object]:
    return {"item": item, "stage": stage, "value_yuan": value, "prior_value_yuan": prior}


def _found(rows: dict[str, pl.DataFrame]) -> list[tuple[str, int]]:
    return [(rule.name, n) for rule, frame in broken(rows) for n in frame["row_number"]]


SAME, WITHIN = "funding_same_figures_for_two_items", "funding_public_use_within_expenditure"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([_row("expenditure_per_pupil", 9000, 8000), _row("public_use_per_pupil", 3000, 2500)], []),
        ([_row("expenditure_per_pupil", 9000, 8000), _row("public_use_per_pupil", 9000, 8000)], [(SAME, 5), (SAME, 6)]),
        ([_row("expenditure_per_pupil", 9000, 8000), _row("public_use_per_pupil", 9000, 7999)], []),
        ([_row("expenditure_per_pupil", 9000), _row("public_use_per_pupil", 9000)], []),
        ([_row("expenditure_per_pupil", 9000), _row("public_use_per_pupil", 9001)], [(WITHIN, 6)]),
        ([_row("expenditure_per_pupil", 9000), _row("public_use_per_pupil", 9001, stage="junior")], []),
        ([], []),
    ],
)
def test_what_is_found(rows: list[dict[str, object]], found: list[tuple[str, int]]) -> None:
    assert _found(_funding(*rows)) == found


def test_rules_of_the_house_are_whole() -> None:
    assert {rule.name for rule in load_rules()} == {path.stem for path in RULES.glob("*.sql")}
    assert all(rule.forms and set(rule.forms) <= set(CONTRACTS) for rule in load_rules())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-- zh: 甲\n-- en: a\nselect 1", "header lacks severity, guidance_zh, guidance_en"),
        ("-- zh: 甲\n-- en: a\n-- severity: error\n-- guidance_zh: 甲\n-- guidance_en: a\nselect 1", "query or note"),
        (
            "-- zh: 甲\n-- en: a\n-- severity: note\n-- guidance_zh: 甲\n-- guidance_en: a\nselect 1; select 2",
            "one SELECT",
        ),
    ],
)
def test_a_rule_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "odd.sql").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=told) as error:
        load_rules(tmp_path)
    assert "odd.sql" in str(error.value)


@pytest.mark.parametrize("sql", ["select nothing from returns.funding", "select county_code from returns.funding"])
def test_a_rule_that_does_not_run_is_no_rule_that_finds_nothing(sql: str) -> None:
    rule = Rule("odd", "甲", "a", "query", "甲", "a", sql, ("funding",))
    with pytest.raises(RuleError, match=r"odd\.sql"):
        broken(_funding(_row("gdp", 1)), [rule])
    assert broken({}, [rule]) == [], "and without its return it is not applied"
