"""The sample as the demo writes it, made once for the tests of this folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.sample import SampleSummary, write_sample
from pipelines.sample.world import World, build_world

COUNTIES, YEARS, SEED = 6, range(2014, 2024), 7


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(COUNTIES, YEARS, SEED)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return write_sample(tmp_path_factory.mktemp("sample"), counties=COUNTIES, years=YEARS, seed=SEED)


@pytest.fixture(scope="session")
def answer_key(sample: SampleSummary) -> list[dict[str, str]]:
    assert sample.answer_key is not None
    with sample.answer_key.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def returns(sample: SampleSummary) -> Path:
    return sample.directory / "returns"
