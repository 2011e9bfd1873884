"""Dates as people write them, and what is not taken for one."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.dates import date_of, is_unread

DAY = date(2020, 9, 1)


def _read(*cells: str | None) -> list[tuple[date | None, bool]]:
    frame = pl.DataFrame({"cell": pl.Series(cells, dtype=pl.String)})
    return frame.select(date_of(pl.col("cell")).alias("day"), is_unread(pl.col("cell")).alias("unread")).rows()


@pytest.mark.parametrize(
    "cell",
    [
        "2020-09-01", "2020-9-1", "2020/9/1", "2020.9.1", "2020.09.01", "2020年9月1日", "2020 年 9 月 1 日", "2020年9月1号",
        "20200901", "2020-09-01 00:00:00", "2020-09-01T00:00:00", "44075", "44075.0", "２０２０年９月１日", " 2020-09-01 ",
        "2020年9月", "2020-09", "2020/9", "2020.9", "2020.09",
    ],
)  # fmt: skip
def test_one_day_in_many_hands(cell: str) -> None:
    assert _read(cell) == [(DAY, False)]


@pytest.mark.parametrize(
    "cell",
    [
        "2020.1",  # October as a number cell of a workbook looks the same
        "2020", "20.9.1", "1-9-2020", "2020-13-01", "2020-02-30", "2020年秋", "去年", "2020-09-01 08:30:00", "2020-09-01至今",
        "1820-09-01", "12345", "99999", "202009",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(cell: str) -> None:
    assert _read(cell) == [(None, True)]


def test_blanks_are_no_dates_and_no_faults() -> None:
    assert _read(None, "", "—", "-", "/", "*") == [(None, False)] * 6


@given(st.dates(date(1955, 1, 1), date(2090, 12, 31)))
def test_every_day_is_read_back_from_every_way_of_writing_it(day: date) -> None:
    serial = (day - date(1899, 12, 30)) / timedelta(days=1)
    written = (
        day.isoformat(), f"{day:%Y%m%d}", f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日",
        f"{day.isoformat()} 00:00:00", f"{serial:.0f}",
    )  # fmt: skip
    assert _read(*written) == [(day, False)] * len(written)
