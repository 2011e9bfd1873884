"""Of several statements about a school the latest counts; the earlier ones stay in the landing and the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from tests.intake.books import ENROLMENT_PATHS, PREAMBLE, Row, code, enrolment_row, sheet, xlsx
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger

NOON = datetime(2020, 9, 20, 4, tzinfo=UTC)


class Office:
    """A county office that sends files, and what is live after each."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self.home, self.ledger, self.sent = home, ledger, 0
        self.made: dict[str, bytes] = {}  # a workbook saved again has other bytes: its time of saving is in it

    def send(self, *rows: Row, name: str = "安平县.xlsx", preamble: list[Row] = PREAMBLE) -> str:
        self.sent += 1
        path = self.home.root / name
        drawn = sheet(ENROLMENT_PATHS, rows, preamble=preamble)
        path.write_bytes(self.made.setdefault(repr(drawn), xlsx(drawn)))
        now = NOON + timedelta(hours=self.sent)
        (receipt,) = receive(self.home, self.ledger, [path], received_by="test", now=now)
        assert receipt.submission.status == "accepted"
        assemble(self.home, self.ledger, 2020)
        return receipt.submission.submission_id

    def frame(self, what: str) -> pl.DataFrame:
        return pl.read_parquet(self.home.staging / what / "2020.parquet")

    @property
    def boarders(self) -> dict[str, int]:
        return dict(self.frame("returns/enrolment").select("school_code", "boarders").rows())

    @property
    def quarantined(self) -> list[str | None]:
        return self.frame("quarantine")["school_code"].to_list()

    def findings(self) -> list[tuple[str, str | None, bool]]:
        frame = self.frame("findings").sort("submission_id", "row_number", "cell")
        return [tuple(row) for row in frame.select("rule", "school_code", "superseded").rows()]  # type: ignore[misc]


@pytest.fixture
def office(home: Home, ledger: Ledger) -> Office:
    return Office(home, ledger)


def test_a_corrected_file_supersedes_the_older_one_for_its_schools_only(office: Office) -> None:
    first = office.send(*[enrolment_row(n, boarders=n) for n in (1, 2, 3)])
    second = office.send(enrolment_row(2, boarders=20))
    assert office.boarders == {code(1): 1, code(2): 20, code(3): 3}
    live = office.frame("returns/enrolment")
    assert dict(live.select("school_code", "submission_id").rows()) == {code(1): first, code(2): second, code(3): first}
    assert len(office.ledger.submissions(status="accepted")) == 2
    for entry in office.ledger.submissions():
        assert Landing(office.home.landing).read(entry.sha256)


def test_the_name_of_the_file_does_not_matter(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1))
    office.send(enrolment_row(1, boarders=2), name="更正.xlsx")
    assert office.boarders == {code(1): 2}


def test_three_corrections(office: Office) -> None:
    for boarders in (1, 2, 3):
        office.send(enrolment_row(1, boarders=boarders), enrolment_row(2, boarders=boarders))
    assert office.boarders == {code(1): 3, code(2): 3}


def test_an_older_file_that_comes_again_does_not_come_back(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1))
    office.send(enrolment_row(1, boarders=2))
    office.send(enrolment_row(1, boarders=1))
    assert office.boarders == {code(1): 2}
    assert len(office.ledger.submissions()) == 2


def test_a_correction_that_is_itself_bad_makes_the_school_missing(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1), enrolment_row(2, boarders=1))
    office.send(enrolment_row(1, boarders="x"))
    assert office.boarders == {code(2): 1}
    assert office.quarantined == [code(1)]
    office.send(enrolment_row(1, boarders=5))
    assert office.boarders == {code(1): 5, code(2): 1}
    assert office.quarantined == []


def test_a_bad_row_is_mended_by_a_later_file(office: Office) -> None:
    office.send(enrolment_row(1, boarders="x"), enrolment_row(2, boarders="y"))
    assert office.findings() == [("unreadable_value", code(1), False), ("unreadable_value", code(2), False)]
    office.send(enrolment_row(1, boarders=1), name="b.xlsx")
    assert office.boarders == {code(1): 1}
    assert office.quarantined == [code(2)]
    assert sorted(office.findings()) == [("unreadable_value", code(1), True), ("unreadable_value", code(2), False)]


def test_queries_of_superseded_rows_are_marked(office: Office) -> None:
    office.send(enrolment_row(1, boarders=None), enrolment_row(2))
    office.send(enrolment_row(1))
    assert office.findings() == [("value_missing", code(1), True)]


def test_a_row_that_lost_its_code_supersedes_nobody(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1))
    office.send(enrolment_row(1, boarders=2, school_code=None), enrolment_row(2))
    assert office.boarders == {code(1): 1, code(2): 3}
    assert office.quarantined == [None]


def test_findings_about_a_whole_file_are_superseded_with_it(office: Office) -> None:
    total: Row = ["合计", None, None, None, 999, *[None] * 10]
    office.send(enrolment_row(1), enrolment_row(2), total)
    assert office.findings() == [("printed_total_differs", None, False)]
    office.send(enrolment_row(1, boarders=4), enrolment_row(2, boarders=4))
    assert office.findings() == [("printed_total_differs", None, True)]


def test_another_year_is_left_alone(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1))
    office.send(enrolment_row(1, boarders=2), preamble=[["基础基312 2019学年 行政区划代码：990101"]], name="c.xlsx")
    assert office.boarders == {code(1): 1}


def test_files_received_at_the_same_moment_count_in_order_of_receipt(home: Home, ledger: Ledger) -> None:
    paths = []
    for name, boarders in (("b.xlsx", 1), ("a.xlsx", 2)):
        path = home.root / name
        path.write_bytes(xlsx(sheet(ENROLMENT_PATHS, [enrolment_row(1, boarders=boarders)])))
        paths.append(path)
    receive(home, ledger, paths, received_by="test", now=NOON)
    assemble(home, ledger, 2020)
    assert Office(home, ledger).boarders == {code(1): 2}


def test_a_school_that_two_counties_report_is_told(office: Office) -> None:
    office.send(enrolment_row(1, boarders=1), enrolment_row(2))
    other: list[Row] = [["基础基312 2020学年 行政区划代码：990102"]]
    office.send(enrolment_row(1, boarders=2), enrolment_row(3), preamble=other, name="乙县.xlsx")
    assert office.boarders == {code(1): 2, code(2): 3, code(3): 3}
    found = office.frame("findings").row(0, named=True)
    assert (found["rule"], found["severity"], found["file_name"]) == ("school_of_two_counties", "query", "乙县.xlsx")
    assert (found["school_code"], found["county_code"], found["cell"]) == (code(1), "990102", "B5")
    assert "990101" in found["message_zh"]
    assert office.frame("findings").height == 1
