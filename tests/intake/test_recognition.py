"""Recognition as it is filed: the county's table read back, its rules, and a later file in the place of an earlier one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.contracts import apply
from models.returns import CONTRACTS
from pipelines.intake.assemble import assemble, bindings
from pipelines.intake.receive import Receipt, receive
from pipelines.sample import names
from pipelines.sample.supervision import Row, Supervision
from pipelines.sample.supervisiontables import write_supervision
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger

YEAR = 2021
COUNTY = names.county(1)
BASIC: Row = {
    "standard": "basic_2012", "recognised_year": 2016, "recognised_on": date(2017, 3, 27), "document": "国教督办〔2017〕1号",
}  # fmt: skip
WITHDRAWN: Row = {
    "standard": "quality_2017", "recognised_year": 2018, "document": "教督〔2019〕5号", "withdrawn_year": 2020,
    "withdrawal_document": "教督〔2021〕2号", "note": "监测复查未通过",
}  # fmt: skip


def filed(folder: Path, *rows: Row) -> Path:
    """The supervision workbook of a county that holds nothing but its recognitions."""
    folder.mkdir()
    write_supervision(folder, COUNTY, YEAR, Supervision(recognition=list(rows)), set())
    (path,) = folder.iterdir()
    return path


def send(home: Home, ledger: Ledger, path: Path) -> Receipt:
    (receipt,) = receive(home, ledger, [path], received_by="test", now=RECEIVED)
    return receipt


def staged(home: Home, ledger: Ledger) -> pl.DataFrame:
    for period in ledger.periods():
        assemble(home, ledger, period)
    return pl.read_parquet(bindings(home)["returns.recognition"])


def test_the_table_of_a_county_is_read_back(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    receipt = send(home, ledger, filed(tmp_path / "a", BASIC, WITHDRAWN))
    assert receipt.findings.select("rule", "field", "value").rows() == []
    assert receipt.submission.returns == (("recognition", YEAR),)
    rows = staged(home, ledger)
    for row, told in zip(rows.sort("standard").to_dicts(), (BASIC, WITHDRAWN), strict=True):
        fields = CONTRACTS["recognition"].fields
        assert {name: row[name] for name in fields} == {
            **dict.fromkeys(fields), "school_year": YEAR, "county_code": COUNTY.code, **told,
        }  # fmt: skip


def test_a_later_file_of_the_county_takes_the_place_of_the_earlier_one(
    home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    """A recognition that is no longer listed is no longer told: it was told wrongly."""
    send(home, ledger, filed(tmp_path / "a", BASIC, WITHDRAWN))
    send(home, ledger, filed(tmp_path / "b", {**BASIC, "recognised_year": 2017}))
    assert staged(home, ledger).select("standard", "recognised_year").rows() == [("basic_2012", 2017)]


@pytest.mark.parametrize(
    ("changed", "rule", "severity"),
    [
        ({"recognised_year": YEAR + 1, "recognised_on": None}, "a_recognition_is_not_of_the_future", "error"),
        ({"withdrawn_year": 2015}, "a_withdrawal_follows_the_recognition", "error"),
        ({"recognised_on": date(2016, 1, 1)}, None, ""),
        ({"recognised_on": date(2018, 1, 1)}, "a_recognition_is_dated_within_its_year", "query"),
        ({"document": None}, "a_recognition_names_its_document", "query"),
        ({"recognised_on": None, "withdrawn_year": None}, None, ""),
    ],
)
def test_rules_of_a_row(changed: dict[str, Any], rule: str | None, severity: str) -> None:
    contract = CONTRACTS["recognition"]
    row = {**dict.fromkeys(contract.staged_schema), "school_year": YEAR, "county_code": COUNTY.code, **BASIC, **changed}
    failures = apply(contract, pl.DataFrame([row], schema=contract.staged_schema)).failures
    assert failures.select("rule", "severity").rows() == ([(rule, severity)] if rule else [])
