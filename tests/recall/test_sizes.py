"""What is told of a value per pupil that changes, by how much it changes: nothing ordinary, nearly all that is not."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.recall.sizes import CHANGES, LEVELS, ordinary_changes, planted_and_told, sized

SEED = 7
#: Share that is found at least (measured: docs/recall.md).
FOUND = 0.9


@pytest.mark.parametrize(("names", "factors"), [(CHANGES, (3.0, 4.0, 6.0)), (LEVELS, (8.0, 12.0, 25.0))])
def test_a_great_change_is_told_as_what_it_is(
    tmp_path: Path, names: tuple[str, ...], factors: tuple[float, ...]
) -> None:
    planted, told = planted_and_told(sized(names, factors), SEED, tmp_path)
    assert planted.height > 100
    kind = "jump" if names == CHANGES else "far_from_peers"
    right = told.filter(suspicion=kind)
    found = planted.join(right, on=["school_code", "school_year", "field"], how="semi")
    assert found.height >= FOUND * planted.height
    elsewhere = told.join(planted, on=["school_code", "field"], how="anti")  # a change up is told as one back, at times
    assert elsewhere.is_empty(), elsewhere


def test_an_ordinary_change_is_not_told(tmp_path: Path) -> None:
    planted, told = planted_and_told(sized(CHANGES, (1.3, 1.6)), SEED, tmp_path)
    assert planted.height > 100 and told.is_empty()
    assert ordinary_changes(SEED).select(pl.col("own").abs().max()).item() < 0.4  # log10 of ×2.5, the limit
