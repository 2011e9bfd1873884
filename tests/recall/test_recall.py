"""What is planted is found: all hard errors, all that a rule knows for certain, and most of what it can only suspect."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from checks.catalogue import catalogue
from checks.reading_rules import reading_rules
from checks.rules import load_rules
from models.returns import CONTRACTS
from pipelines.sample import write_many
from pipelines.sample.datafaults import all_data_faults
from tests.conftest import REPOSITORY
from tests.recall.everything import everything_found
from tests.recall.matching import Matched, match
from warehouse.home import Home

pytestmark = pytest.mark.slow

COUNTIES, YEARS, SEED = 3, range(2018, 2022), 11
#: Share of the faults of rules that can only suspect that are found at least (measured: docs/recall.md).
FLOOR = 0.8
KNOWN = {rule.name for rule in load_rules()} | reading_rules().keys()
KNOWN |= {rule.name for contract in CONTRACTS.values() for rule in contract.rules}


#: The measured table: severity, rule, planted.
_MEASURED = re.compile(r"^\| (?:error|query|note) \| (\w+) \| (\d+) \|", re.MULTILINE)
RECALL = REPOSITORY / "docs" / "recall.md"


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _suspecting() -> set[str]:
    """Rules that compare with what is usual, and so miss some; the others find all that is planted."""
    return {row["rule"] for row in _rows("suspecting.csv")}


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> Matched:
    folder = tmp_path_factory.mktemp("recall")
    sample = write_many(folder / "sample", counties=COUNTIES, years=YEARS, seed=SEED)
    assert sample.answer_key is not None
    key = pl.read_csv(sample.answer_key, infer_schema=False).filter(pl.col("rule").is_in([*KNOWN, "none"]))
    assert key.height > 150
    return match(everything_found(Home(folder / "home").ensure(), sample), key)


def test_every_hard_error_is_found(matched: Matched) -> None:
    errors = {name: tally for name, tally in matched.tallies.items() if tally.severity == "error"}
    assert sum(tally.planted for tally in errors.values()) > 60
    assert [line for line in matched.missed if line["severity"] == "error"] == []


def test_no_hard_error_is_raised_beside_the_faults(matched: Matched) -> None:
    wrong = matched.wrong.filter(pl.col("severity") == "error")
    assert wrong.select("rule", "file_name", "sheet", "cell", "school_code").to_dicts() == []


def test_what_a_rule_knows_is_found_and_what_it_suspects_as_often_as_measured(matched: Matched) -> None:
    suspecting = _suspecting()
    missed = [line for line in matched.missed if line["rule"] not in suspecting]
    assert missed == []
    suspected = [tally for name, tally in matched.tallies.items() if name in suspecting and tally.planted]
    planted, found = (sum(getattr(tally, count) for tally in suspected) for count in ("planted", "found"))
    assert found >= FLOOR * planted, (found, planted)


def test_every_fault_of_data_names_a_rule_that_there_is() -> None:
    assert {fault.rule for fault in all_data_faults()} - KNOWN == set()


def test_a_sample_without_faults_raises_only_what_its_counties_do_not_bear_out(tmp_path: Path) -> None:
    sample = write_many(tmp_path / "sample", counties=3, years=range(2019, 2022), seed=5, faults=False)
    assert sample.answer_key is not None
    key = pl.read_csv(sample.answer_key, infer_schema=False)
    matched = match(everything_found(Home(tmp_path / "home").ensure(), sample), key)
    assert matched.missed == [] and key["rule"].n_unique() == 3
    assert matched.wrong.select("rule", "file_name", "cell", "school_code").to_dicts() == []


def test_every_rule_has_a_measured_recall_or_a_reason_why_it_has_none() -> None:
    rules = {(row["kind"], row["rule"]) for row in catalogue().to_dicts()}
    reasons = {(row["kind"], row["rule"]): row["why"] for row in _rows("unplanted.csv")}
    planted = {rule: int(count) for rule, count in _MEASURED.findall(RECALL.read_text(encoding="utf-8"))}
    assert planted.keys() <= {rule for _, rule in rules}, "rules that are no more: measure again"
    bare = {(kind, rule) for kind, rule in rules if not planted.get(rule) and (kind, "*") not in reasons}
    assert bare == {each for each in reasons if each[1] != "*"}, "plant them, or give a reason in unplanted.csv"
    assert all(len(why) > 40 for why in reasons.values())
