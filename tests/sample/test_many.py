"""The sample with many faults: its answer key is true, and it is the same for the same seed."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from pipelines.sample import SampleSummary, write_many
from pipelines.sample.datafaults import all_data_faults
from pipelines.sample.datakinds import KINDS
from tests.sample.test_faults import WITHOUT_CELL

Line = dict[str, str]
COUNTIES, YEARS = 2, range(2019, 2022)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return write_many(tmp_path_factory.mktemp("many"), counties=COUNTIES, years=YEARS, seed=3)


@pytest.fixture(scope="module")
def key(many: SampleSummary) -> list[Line]:
    assert many.answer_key is not None
    with many.answer_key.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_kind_of_fault_of_data_is_used_and_known() -> None:
    assert {fault.how for fault in all_data_faults()} == KINDS.keys()
    names = Counter(fault.fault for fault in all_data_faults())
    assert max(names.values()) == 1


def test_every_planted_value_stands_in_its_cell(many: SampleSummary, key: list[Line]) -> None:
    books: dict[str, openpyxl.Workbook] = {}
    wrong, looked = [], 0
    for line in key:
        if not line["cell"] or not line["file"].endswith(".xlsx") or line["fault"] in WITHOUT_CELL or not line["sheet"]:
            continue
        if line["file"] not in books:
            books[line["file"]] = openpyxl.load_workbook(many.directory / "returns" / line["file"])
        value = books[line["file"]][line["sheet"]][line["cell"]].value
        looked += 1
        if ("" if value is None else str(value)) != line["planted"]:
            wrong.append((line, value))
    assert looked > 15
    assert wrong == []


def test_a_school_has_one_fault_of_data_and_no_other(key: list[Line]) -> None:
    data = [line for line in key if not line["file"] and line["school_code"]]
    codes = [code for line in data for code in line["school_code"].split("|")]
    assert len(codes) == len(set(codes)) >= 10
    in_cells = {
        line["school_code"]
        for line in key
        if line["file"] and line["cell"] and line["fault"] != "school_reported_by_the_neighbour"
    }
    assert (
        set(codes) & (in_cells - {line["school_code"] for line in key if line["fault"] == "a_row_above_the_header"})
        == set()
    )


def test_the_same_seed_gives_the_same_bytes(many: SampleSummary, tmp_path: Path) -> None:
    again = write_many(tmp_path, counties=COUNTIES, years=YEARS, seed=3)
    assert [path.name for path in again.files] == [path.name for path in many.files]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(again.files, many.files, strict=True))
    assert many.answer_key is not None and again.answer_key is not None
    assert again.answer_key.read_bytes() == many.answer_key.read_bytes()
