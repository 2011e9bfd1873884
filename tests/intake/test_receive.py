"""What happens when a file arrives: bytes kept, a submission recorded once, refusals told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.returns.layout import LayoutError
from pipelines.intake.receive import Receipt, receive, rejected_findings
from tests.intake.books import enrolment, text, xlsx
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger

NOON = datetime(2020, 9, 20, 4, tzinfo=UTC)
SILENT = [["基础基312"], ["行政区划代码：990101"]]


def put(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def take(home: Home, ledger: Ledger, *files: Path, **more: Any) -> list[Receipt]:
    return receive(home, ledger, files, received_by="test", now=NOON, **more)


def test_a_good_file(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    content = xlsx(enrolment())
    (receipt,) = take(home, ledger, put(tmp_path / "in", "安平县.xlsx", content))
    entry = receipt.submission
    assert receipt.created
    assert receipt.findings.is_empty()
    assert (entry.status, entry.reason, entry.file_name, entry.size) == ("accepted", None, "安平县.xlsx", len(content))
    assert entry.returns == (("enrolment", 2020),)
    assert entry.received_at == NOON
    assert Landing(home.landing).read(entry.sha256) == content
    assert ledger.submissions(period=2020, form="enrolment") == [entry]


def test_the_same_bytes_twice_are_one_submission(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    content = xlsx(enrolment())
    first = put(tmp_path / "in", "a.xlsx", content)
    other = put(tmp_path / "in", "另一个名字.xlsx", content)
    (one,) = take(home, ledger, first)
    again, renamed = take(home, ledger, first, other)
    assert (one.created, again.created, renamed.created) == (True, False, False)
    assert again.submission == renamed.submission == one.submission
    assert len(ledger.submissions()) == 1


def test_the_same_bytes_for_another_year_are_another_submission(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    path = put(tmp_path / "in", "a.xlsx", xlsx(enrolment(preamble=SILENT)))
    (one,), (other,) = take(home, ledger, path, year=2020), take(home, ledger, path, year=2019)
    assert one.created
    assert other.created
    assert (one.submission.returns, other.submission.returns) == ((("enrolment", 2020),), (("enrolment", 2019),))


def test_a_year_that_only_the_name_says_is_kept(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    content = xlsx(enrolment(preamble=SILENT))
    (one,) = take(home, ledger, put(tmp_path / "in", "安平县2020学年.xlsx", content))
    (other,) = take(home, ledger, put(tmp_path / "in", "安平县2019学年.xlsx", content))
    assert (one.submission.declared_year, other.submission.declared_year) == (2020, 2019)
    assert other.created


def test_refused_files_are_recorded_kept_and_told(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    bad = [
        put(folder, "空.xlsx", b""),
        put(folder, "a.pdf", b"%PDF-1.4"),
        put(folder, "安平县2019学年.xlsx", xlsx(enrolment())),
    ]
    good = put(folder, "b.csv", text(enrolment(), "gbk"))
    receipts = take(home, ledger, *bad, good)
    assert [entry.submission.reason for entry in receipts] == [
        "empty_file",
        "wrong_file_type",
        "school_year_conflict",
        None,
    ]
    assert [entry.submission.status for entry in receipts] == ["rejected"] * 3 + ["accepted"]
    told = rejected_findings(home, ledger)
    assert sorted(told["rule"].to_list()) == ["empty_file", "school_year_conflict", "wrong_file_type"]
    assert set(told["submission_id"]) == {entry.submission.submission_id for entry in receipts[:3]}
    assert Landing(home.landing).read(receipts[1].submission.sha256) == b"%PDF-1.4"


def test_findings_of_refused_files_are_made_again_where_staging_is_gone(
    home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    take(home, ledger, put(tmp_path / "in", "安平县2019学年.xlsx", xlsx(enrolment())))
    before = rejected_findings(home, ledger)
    for path in (home.staging / "findings" / "rejected").glob("*"):
        path.unlink()
    assert rejected_findings(home, ledger).equals(before)


def test_a_refused_file_that_comes_again_is_one_submission(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    path = put(tmp_path / "in", "a.pdf", b"%PDF-1.4")
    (first,), (again,) = take(home, ledger, path), take(home, ledger, path)
    assert (first.created, again.created) == (True, False)
    assert rejected_findings(home, ledger).height == 1


def test_a_correction_names_what_it_supersedes(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    (old,) = take(home, ledger, put(tmp_path / "in", "a.xlsx", xlsx(enrolment(2))))
    (new,) = take(home, ledger, put(tmp_path / "in", "a.xlsx", xlsx(enrolment(3))))
    assert new.submission.supersedes == old.submission.submission_id
    assert len(ledger.submissions(status="accepted")) == 2


def test_an_unknown_layout_is_refused_before_anything_is_recorded(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="known"):
        take(home, ledger, put(tmp_path / "in", "a.xlsx", xlsx(enrolment())), layout="nowhere")
    assert ledger.submissions() == []


def test_a_file_that_is_not_there(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        take(home, ledger, tmp_path / "gone.xlsx")
    assert ledger.submissions() == []


def test_progress(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    files = [put(tmp_path / "in", f"{n}.xlsx", xlsx(enrolment(n))) for n in (1, 2, 3)]
    seen: list[int] = []
    take(home, ledger, *files, progress=seen.append)
    assert seen == [1, 2, 3]


def test_findings_carry_the_submission(home: Home, ledger: Ledger, tmp_path: Path) -> None:
    (receipt,) = take(home, ledger, put(tmp_path / "in", "a.xlsx", text(enrolment())))
    assert receipt.findings.select("rule", "submission_id").rows() == [
        ("extension_differs_from_content", receipt.submission.submission_id)
    ]
    assert receipt.findings["finding_id"].null_count() == 0
    assert receipt.findings.schema["superseded"] == pl.Boolean


@pytest.mark.parametrize("county", ["", "99010", "9901011", "99010a", "安平县", "９９０１０１"])
def test_a_county_that_is_no_code_is_refused_before_anything_is_kept(
    county: str, home: Home, ledger: Ledger, tmp_path: Path
) -> None:
    path = put(tmp_path / "in", "a.xlsx", xlsx(enrolment()))
    with pytest.raises(ValueError, match="county code"):
        take(home, ledger, path, county=county)
    assert ledger.submissions() == []
