"""Who owed what by when: every status by an example, and random counties against a count with dictionaries."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import rules
from models.returns import CONTRACTS
from pipelines.audit import COLUMNS
from pipelines.cli import main
from pipelines.completeness import (
    COMPLETENESS_SCHEMA,
    SUMMARY_SCHEMA,
    completeness,
    completeness_now,
    known_counties,
    latest_due,
    reminders,
    summary,
)
from pipelines.intake.supersede import STATED_SCHEMA
from tests.findings.office import Office
from tests.intake.books import enrolment_row
from warehouse.ledger import Submission

A, B, OLD, NEW = "990101", "990102", "990103", "980101"
DUE = datetime(2020, 9, 20, 15, 59, 59, tzinfo=UTC)  # the last second of 20 September in China
EXPECTED = rules.load()["expected_return"].filter(pl.col("form").is_in(["enrolment", "funding"]))

_COUNTS = {"form": pl.String, "school_year": pl.Int32, "county_code": pl.String, "rows_accepted": pl.Int64, "rows_quarantined": pl.Int64}  # fmt: skip
_CODES = {"reported_code": pl.String, "school_year": pl.Int64, "county_code": pl.String}


def submission(number: int, received_at: datetime, **changes: Any) -> Submission:
    values: dict[str, Any] = {
        "submission_id": f"s{number}", "sha256": f"{number:064d}", "file_name": f"{number}.xlsx", "size": 1,
        "received_at": received_at, "received_by": "test", "status": "accepted", "sequence": number,
    }  # fmt: skip
    return Submission(**values | changes)


def told(
    rows: list[tuple[str, int, str, int, int]],
    stated: list[tuple[str, int, str, str]],
    submissions: list[Submission],
    *,
    now: datetime = datetime(2021, 3, 1, tzinfo=UTC),
    counties: tuple[str, ...] = (A,),
    codes: list[tuple[str, int, str]] | None = None,
    expected: pl.DataFrame = EXPECTED,
    years: dict[str, tuple[int | None, int | None]] | None = None,
) -> pl.DataFrame:
    spans = [(years or {}).get(each, (None, None)) for each in counties]
    return completeness(
        expected,
        pl.DataFrame(
            {"county_code": counties, "county_name": counties, "from_year": [a for a, _ in spans], "to_year": [b for _, b in spans]},
            schema_overrides={"county_code": pl.String, "county_name": pl.String, "from_year": pl.Int64, "to_year": pl.Int64},
        ),
        pl.DataFrame(rows, schema=_COUNTS, orient="row"),
        pl.DataFrame([(*each, 1) for each in stated], schema=STATED_SCHEMA, orient="row"),
        submissions,
        pl.DataFrame(codes or [], schema=_CODES, orient="row"),
        now=now,
    )  # fmt: skip


def one(frame: pl.DataFrame, form: str = "enrolment", year: int = 2020, county: str = A) -> dict[str, Any]:
    key = (pl.col("form") == form) & (pl.col("school_year") == year) & (pl.col("county_code") == county)
    return frame.filter(key).row(0, named=True)


@pytest.mark.parametrize(
    ("accepted", "quarantined", "received_at", "status", "days_late"),
    [
        (10, 0, DUE, "filed", 0),
        (10, 0, DUE + timedelta(seconds=1), "late", 1),
        (10, 0, DUE + timedelta(days=9, seconds=1), "late", 10),
        (9, 1, DUE, "partly_quarantined", 0),
        (9, 1, DUE + timedelta(days=5), "partly_quarantined", 5),
        (0, 4, DUE, "quarantined", 0),
    ],
)
def test_what_was_received(accepted: int, quarantined: int, received_at: datetime, status: str, days_late: int) -> None:
    frame = told(
        [("enrolment", 2020, A, accepted, quarantined)], [("enrolment", 2020, A, "s1")], [submission(1, received_at)]
    )
    row = one(frame)
    assert (row["status"], row["days_late"], row["due"]) == (status, days_late, date(2020, 9, 20))
    assert row["share_accepted"] == accepted / (accepted + quarantined)
    assert frame.schema == pl.Schema(COMPLETENESS_SCHEMA)


def test_a_correction_does_not_make_it_late() -> None:
    both = [submission(1, DUE), submission(2, DUE + timedelta(days=40))]
    stated = [("enrolment", 2020, A, "s1"), ("enrolment", 2020, A, "s2")]
    row = one(told([("enrolment", 2020, A, 3, 0)], stated, both))
    assert (row["status"], row["submissions"], row["last_received"]) == ("filed", 2, DUE + timedelta(days=40))


def test_what_did_not_come() -> None:
    known = [("enrolment", 2019, A, 3, 0)]
    noon = datetime(2020, 9, 20, 4, tzinfo=UTC)
    assert one(told(known, [], [], now=noon))["status"] == "not_due"
    row = one(told(known, [], [], now=noon + timedelta(days=3)))
    assert (row["status"], row["days_late"], row["share_accepted"]) == ("missing", 3, None)
    funding = one(told(known, [], [], now=noon), "funding")
    assert (funding["status"], funding["due"]) == ("not_due", date(2021, 6, 30))


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": f"{A}_安平县_2020学年_扫描件.xlsx"},
        {"file_name": "x.xlsx", "declared_county": A, "declared_year": 2020},
        {"file_name": f"{A}-2020.xlsx"},
    ],
)
def test_a_rejected_file_of_the_county_is_told(changes: dict[str, Any]) -> None:
    rejected = submission(1, DUE, status="rejected", **changes)
    frame = told([("enrolment", 2019, A, 3, 0), ("enrolment", 2019, B, 3, 0)], [], [rejected], counties=(A, B))
    assert one(frame)["status"] == "rejected"
    assert one(frame, county=B)["status"] == one(frame, year=2019)["status"] == "missing"


def test_a_county_under_an_old_code_is_one_county() -> None:
    frame = told(
        [("enrolment", 2019, OLD, 5, 0), ("enrolment", 2020, A, 6, 1)],
        [("enrolment", 2019, OLD, "s1"), ("enrolment", 2020, A, "s2")],
        [submission(1, datetime(2019, 9, 1, tzinfo=UTC)), submission(2, DUE)],
        codes=[(OLD, 2019, A), (A, 2020, A)],
    )
    assert [one(frame, year=year)["status"] for year in (2019, 2020)] == ["filed", "partly_quarantined"]


def test_the_most_specific_region_says_what_is_owed(tmp_path: Path) -> None:
    own = EXPECTED.filter(pl.col("form") == "enrolment").with_columns(
        region_code=pl.lit("9901"), due_month=pl.lit(10, dtype=pl.Int64), owner=pl.lit("statistics")
    )
    none = own.with_columns(region_code=pl.lit("990102"), owed=pl.lit(False))
    frame = told(
        [("enrolment", 2020, A, 1, 0)], [], [], counties=(A, B, NEW), expected=pl.concat([EXPECTED, own, none])
    )
    assert (one(frame)["due"], one(frame)["owner"]) == (date(2020, 10, 20), "statistics")
    assert frame.filter((pl.col("county_code") == B) & (pl.col("form") == "enrolment")).is_empty()
    assert one(frame, county=NEW)["due"] == date(2020, 9, 20)


def test_a_county_of_the_roster_owes_its_years() -> None:
    known = known_counties(
        pl.DataFrame({"county_code": ["000000", A], "county_name": ["（未填县级代码）", "安平县"]}),
        pl.DataFrame(
            [(A, "安平", 2019, None, "s"), (NEW, "新设区", 2018, 2019, "s")],
            schema=rules.load()["county_roster"].schema,
            orient="row",
        ),
    )
    assert known.sort("county_code").rows() == [(NEW, "新设区", 2018, 2019), (A, "安平县", 2019, None)]
    frame = told([("enrolment", 2017, A, 1, 0)], [], [], counties=(A, NEW), years={A: (2019, None), NEW: (2018, 2019)})
    years = frame.filter(pl.col("form") == "enrolment").group_by("county_code").agg(pl.col("school_year").sort())
    assert dict(years.rows()) == {A: [2019, 2020], NEW: [2018, 2019]}


def test_nothing_received_nothing_owed_before_now() -> None:
    frame = told([], [], [], counties=())
    assert frame.is_empty() and summary(frame).is_empty() and latest_due(frame, date(2021, 1, 1)) is None


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[tuple[str, int], tuple[int, int, list[int]]], int]:
    """For county and year: rows that count, rows held back, and the days (from 1 September) on which files came."""
    days = st.lists(st.integers(0, 60), min_size=1, max_size=3)
    cell = st.tuples(st.integers(0, 3), st.integers(0, 3), days)
    keys = st.tuples(st.sampled_from([A, B, NEW]), st.sampled_from([2018, 2019, 2020]))
    return draw(st.dictionaries(keys, cell, min_size=1)), draw(st.integers(0, 90))


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_random_worlds(world: tuple[dict[tuple[str, int], tuple[int, int, list[int]]], int]) -> None:
    cells, passed = world
    now = datetime(2020, 9, 1, 4, tzinfo=UTC) + timedelta(days=passed)
    rows, stated, submissions = [], [], []
    for (county, year), (accepted, quarantined, days) in cells.items():
        rows.append(("enrolment", year, county, accepted, quarantined))
        for day in days:
            number = len(submissions) + 1
            submissions.append(submission(number, datetime(year, 9, 1, 4, tzinfo=UTC) + timedelta(days=day)))
            stated.append(("enrolment", year, county, f"s{number}"))
    frame = told(rows, stated, submissions, now=now, counties=(A, B, NEW)).filter(pl.col("form") == "enrolment")
    expected = {}
    for county in (A, B, NEW):
        for year in range(min(year for _, year in cells), 2021):
            due = date(year, 9, 20)
            if (county, year) not in cells:
                today = now.date()
                expected[county, year] = ("not_due", 0) if today <= due else ("missing", (today - due).days)
                continue
            accepted, quarantined, days = cells[county, year]
            late = max(0, min(days) - 19)
            held = "quarantined" if not accepted else "partly_quarantined"
            expected[county, year] = (held if quarantined else "late" if late else "filed", late)
    got = {(row["county_code"], row["school_year"]): (row["status"], row["days_late"]) for row in frame.to_dicts()}
    assert got == expected
    counted = summary(frame)
    assert counted.schema == pl.Schema(SUMMARY_SCHEMA)
    for row in counted.to_dicts():
        of_year = [status for (_, year), (status, _) in expected.items() if year == row["school_year"]]
        assert row["owed"] == len(of_year) == sum(of_year.count(each) for each in set(of_year))
        assert all(row[status] == of_year.count(status) for status in set(of_year))


def test_every_column_is_documented() -> None:
    assert list(COLUMNS["audit.completeness"]) == list(COMPLETENESS_SCHEMA)
    assert list(COLUMNS["audit.completeness_summary"]) == list(SUMMARY_SCHEMA)


def test_of_an_installation(office: Office) -> None:
    office.send(enrolment_row(2))
    office.run()
    frame = completeness_now(office.home, office.ledger, now=office.now)
    assert one(frame)["status"] == "late" and one(frame)["submissions"] == 2
    assert one(frame)["days_late"] == 5, "received on 25 September"
    assert one(frame, "teacher")["status"] == "missing"
    assert office.ask("select form, status from audit.completeness where form in ('enrolment', 'teacher') order by 1") == [
        ("enrolment", "late"), ("teacher", "missing")
    ]  # fmt: skip
    assert "enrolment" not in reminders(frame)["form"].to_list()
    assert latest_due(frame, date(2020, 10, 1)) == 2020


def test_the_reminder_list(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(*arguments: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["missing", "--home", str(office.home.root), *map(str, arguments)])
        assert not ended.value.code, capsys.readouterr().err
        return capsys.readouterr().out

    listed = list(csv.DictReader(missing("--today", "2020-10-08", "--format", "csv").splitlines()))
    assert {row["school_year"] for row in listed} == {"2020"}
    by_return, enrolment = {row["return"]: row for row in listed}, CONTRACTS["enrolment"].zh
    assert (by_return[enrolment]["status"], by_return[enrolment]["days_late"]) == ("部分隔离", "5")
    assert by_return[CONTRACTS["teacher"].zh]["status"] == "缺报"
    early = missing("--today", "2020-09-20", "--format", "csv", "--year", "2020")
    assert "缺报" not in early, "not due yet"
    for path in (tmp_path / "催报.xlsx", tmp_path / "催报.csv"):
        missing("--today", "2020-10-08", "--export", path, "--language", "en")
    sheet = openpyxl.load_workbook(tmp_path / "催报.xlsx").active
    assert sheet is not None and sheet.max_row == len(listed) + 1
    rows = list(csv.reader((tmp_path / "催报.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][0] == "County code" and len(rows) == len(listed) + 1
    assert all(isinstance(cell.value, datetime) for cell in sheet["F"][1:])
