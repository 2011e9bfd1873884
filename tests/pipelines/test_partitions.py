"""School years as partitions."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.partitions import SCHOOL_YEARS, known_years, ranges, school_year_of


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        ("2026-09-01T00:00:00+08:00", 2026),
        ("2026-08-31T23:59:59+08:00", 2025),
        ("2026-08-31T16:00:00+00:00", 2026),  # midnight in China
        ("2027-01-15T00:00:00+08:00", 2026),
    ],
)
def test_a_moment_belongs_to_the_school_year_of_china(moment: str, year: int) -> None:
    assert school_year_of(datetime.fromisoformat(moment)) == year


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        school_year_of(datetime(2026, 9, 1))


def test_a_school_year_is_a_partition_on_its_first_day() -> None:
    last_day, first_day = datetime(2026, 8, 31, 15, 59, tzinfo=UTC), datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
    for moment, last in ((last_day, "2025"), (first_day, "2026")):
        keys = SCHOOL_YEARS.get_partition_keys(current_time=moment)
        assert (keys[0], keys[-1]) == ("1980", last)
        assert [int(key) for key in keys] == list(known_years(moment))


def test_a_partition_spans_september_to_august() -> None:
    window = SCHOOL_YEARS.time_window_for_partition_key("2020")
    assert window.start.isoformat() == "2020-09-01T00:00:00+08:00"
    assert window.end.isoformat() == "2021-09-01T00:00:00+08:00"


@given(st.sets(st.integers(1980, 2040)))
def test_ranges_are_unbroken_apart_and_complete(years: set[int]) -> None:
    found = ranges(sorted(years))
    assert {year for first, last in found for year in range(first, last + 1)} == years
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
