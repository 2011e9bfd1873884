"""What is planted is found: all hard errors, all that a rule knows for certain, and most of what it can only suspect."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from checks.reading_rules import reading_rules
from checks.rules import load_rules
from models.returns import CONTRACTS
from pipelines.sample import write_many, write_sample
from pipelines.sample.datafaults import all_data_faults
from tests.recall.everything import everything_found
from tests.recall.matching import Matched, match
from warehouse.home import Home

pytestmark = pytest.mark.slow

COUNTIES, YEARS, SEED = 3, range(2018, 2022), 11
#: Share of the faults of rules that can only suspect that are found at least (measured: docs/recall.md).
FLOOR = 0.4
KNOWN = {rule.name for rule in load_rules()} | reading_rules().keys()
KNOWN |= {rule.name for contract in CONTRACTS.values() for rule in contract.rules}


def _suspecting() -> set[str]:
    """Rules that compare with what is usual, and so miss some; the others find all that is planted."""
    with Path(__file__).with_name("suspecting.csv").open(encoding="utf-8", newline="") as file:
        return {row["rule"] for row in csv.DictReader(file)}


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


def test_the_clean_sample_raises_no_error(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "sample", counties=2, years=range(2019, 2022), seed=5, faults=False)
    findings = everything_found(Home(tmp_path / "home").ensure(), sample)
    assert findings.filter(pl.col("severity") == "error").to_dicts() == []
