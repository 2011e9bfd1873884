"""What makes two findings the same fault: everything but the file, the row and the cell that show it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from checks.findings import complete, shown
from pipelines.findings import finding_files
from warehouse.home import Home

ROW = {
    "rule": "r", "form": "exchange", "school_year": 2020, "county_code": "990101", "school_code": None, "stage": "primary",
    "field": "start_date", "row_key": "990101|p1", "submission_id": "s1", "file_name": "a.xlsx", "sheet": "名单",
    "cell": "C5", "row_number": 5, "value": "1",
}  # fmt: skip


def fault(**changes: Any) -> str:
    return str(complete(pl.DataFrame([ROW | changes]))["fault_id"][0])


@pytest.mark.parametrize(
    "changes",
    [
        {"submission_id": "s2", "file_name": "b.xlsx", "sheet": "名单2"},
        {"cell": "D9", "row_number": 9},
        {"value": "2", "expected": "3"},
    ],
)
def test_where_it_stands_and_what_it_shows_do_not_matter(changes: dict[str, Any]) -> None:
    assert fault(**changes) == fault()


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "q"}, {"form": "roster"}, {"school_year": 2019}, {"county_code": "990102"}, {"school_code": "2199"},
        {"stage": "junior"}, {"field": "end_date"}, {"row_key": "990101|p2"},
    ],
)  # fmt: skip
def test_what_it_is_about_matters(changes: dict[str, Any]) -> None:
    assert fault(**changes) != fault()


def test_a_sheet_is_known_by_its_name_and_an_unknown_file_by_its_own() -> None:
    sheet = {"row_key": None}
    assert fault(**sheet, sheet="名单2") != fault(**sheet) == fault(**sheet, file_name="b.xlsx", submission_id="s2")
    file = {**sheet, "form": None, "sheet": None}
    assert fault(**file, file_name="b.xlsx") != fault(**file) == fault(**file, submission_id="s2")


def test_what_is_shown_is_text() -> None:
    frame = pl.DataFrame({"value": ["5", None], "expected": [None, "4"]})
    assert frame.select(shown()).to_series().to_list() == ["5 → ", " → 4"]


def test_every_row_of_the_sample_is_a_fault_of_its_own(modelled_home: Home) -> None:
    """Only what is told twice of one thing (both rows of a duplicate, two columns of a sheet) shares a fault."""
    found = pl.concat([pl.read_parquet(path, glob=False) for path in finding_files(modelled_home)])
    shared = found.group_by("fault_id").agg(pl.col("rule").first(), pl.len()).filter(pl.col("len") > 1)
    assert set(shared["rule"]) <= {"duplicate_row", "ambiguous_column", "unmapped_column"}
    across = found.filter(pl.col("rule") == "roster_person_at_two_schools")
    assert across.height == across["fault_id"].n_unique() > 1
    assert across["row_key"].null_count() == 0
