"""Files that are no returns: exports of the national statistics site. None may crash the reader or be half-read."""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive, rejected_findings
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger


def test_every_export_ends_as_a_clear_finding(shared: Path, home: Home, ledger: Ledger) -> None:
    folder = shared / "nbs_exports"
    with (folder / "expected_files.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["file"]: row for row in csv.DictReader(file)}
    files = sorted(path for path in folder.iterdir() if path.name in listed)
    assert len(files) == len(listed) == 23
    receipts = receive(home, ledger, files, received_by="test", now=RECEIVED)
    for path, receipt in zip(files, receipts, strict=True):
        assert receipt.submission.status == "rejected", path.name
        rules = set(receipt.findings["rule"])
        assert "not_a_known_return" in rules, path.name
        disguised = listed[path.name]["extension"] == "xlsx" and listed[path.name]["actual"].startswith("text")
        assert ("extension_differs_from_content" in rules) == disguised, path.name
        errors = receipt.findings.filter(receipt.findings["severity"] == "error")
        assert errors.height == 1
        assert errors["file_name"][0] == path.name
        assert errors["guidance_zh"][0]
        assert errors["guidance_en"][0]
    assert ledger.periods() == []
    assert rejected_findings(home, ledger)["submission_id"].n_unique() == 23


def test_rejected_findings_can_be_made_again(shared: Path, home: Home, ledger: Ledger) -> None:
    path = shared / "nbs_exports" / "WangshuXC_教育.xlsx"
    receive(home, ledger, [path], received_by="test", now=RECEIVED)
    before = rejected_findings(home, ledger)
    for file in (home.staging / "findings" / "rejected").iterdir():
        file.unlink()
    assert rejected_findings(home, ledger).equals(before)
    assert not before.is_empty()


def test_a_rejected_file_leaves_the_year_untouched(shared: Path, home: Home, ledger: Ledger) -> None:
    good = shared / "taiwan_elementary" / "103_basec.csv"
    receive(home, ledger, [good], layout="taiwan_elementary", received_by="test", now=RECEIVED)
    receive(home, ledger, [good], layout="taiwan_elementary", year=2020, received_by="test", now=RECEIVED)
    assert [entry.status for entry in ledger.submissions()] == ["accepted", "rejected"]
    assert set(rejected_findings(home, ledger)["rule"]) == {"school_year_conflict"}
    assert ledger.periods() == [2014]
    assert assemble(home, ledger, 2014).counts["enrolment"].rows == 2670
