"""A county and year of Taiwan walked back to its cells: the cells are those that the csv module finds in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from pipelines.audit import submission_frame
from pipelines.explain.cells import column_number
from pipelines.explain.context import Context
from pipelines.explain.walk import Document, explain
from pipelines.intake.assemble import audit_bindings
from tests.real.warehouse_of import warehouse_of
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger

FILE, YEAR, COUNTY = "109_basec.csv", 2020, "新北市"


@pytest.fixture(scope="module")
def walk(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    home = Home(tmp_path_factory.mktemp("explained")).ensure()
    connection, _ = warehouse_of(home, [shared / "taiwan_elementary" / FILE], layout="taiwan_elementary")
    with Ledger.open(home.ledger_url) as ledger:
        submissions = submission_frame(ledger.submissions())
    _add_audit(connection, home, submissions)
    keys = {"county": COUNTY, "year": YEAR, "stage": "primary", "standard": "basic_2012", "indicator": "teachers"}
    yield explain(Context.of(connection, Landing(home.landing)), "differential_coefficient", keys)
    connection.close()


def _add_audit(connection: duckdb.DuckDBPyConnection, home: Home, submissions: object) -> None:
    connection.execute("create schema audit")
    connection.register("submissions", submissions)
    connection.execute("create table audit.submission as select * from submissions")
    for name, files in audit_bindings(home).items():
        listed = ", ".join(f"'{path}'" for path in files)
        connection.execute(f"create view {name} as select * from read_parquet([{listed}])")


@pytest.fixture(scope="module")
def printed(shared: Path) -> list[list[str]]:
    """The rows of the file as the csv module reads them; the first is row 1."""
    path = shared / "taiwan_elementary" / FILE
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_every_cell_that_is_quoted_stands_in_the_file(walk: Document, printed: list[list[str]]) -> None:
    assert len(walk["cells"]) > 300
    assert all(cell.get("cell") or cell["note"] == "of_the_sheet" for cell in walk["cells"])
    for cell in (each for each in walk["cells"] if "cell" in each):
        letters = [part.rstrip("0123456789") for part in cell["cell"].split("+")]
        texts = [printed[cell["row"] - 1][column_number(each)] for each in letters]
        assert [text.strip() for text in cell["text"].split(" + ")] == [text.strip() for text in texts]
        assert cell["agrees"]


def test_the_coefficient_is_that_of_the_file_read_by_hand(walk: Document, printed: list[list[str]]) -> None:
    """Pupils are the sum of the grades, teachers of men and women: straight from the rows of the county."""
    head = printed[0]
    grades = [i for i, name in enumerate(head) if "學生數" in name]
    teachers = [i for i, name in enumerate(head) if "專任教師" in name]
    schools = [
        (sum(int(row[i]) for i in grades), sum(int(row[i]) for i in teachers))
        for row in printed[1:]
        if row[1].strip() == COUNTY
    ]
    pupils = sum(p for p, _ in schools)
    mean = Fraction(sum(x for _, x in schools), pupils)
    variance = sum((p * (Fraction(x, p) - mean) ** 2 for p, x in schools if p), Fraction(0)) / pupils
    assert walk["figure"]["value"] == pytest.approx(float(variance) ** 0.5 / float(mean), rel=1e-12)
    assert walk["recomputed"]["equal"]
    assert walk["figure"]["row"]["schools"] == len([p for p, _ in schools if p])
    assert {each["file_name"] for each in walk["files"]} == {FILE}
