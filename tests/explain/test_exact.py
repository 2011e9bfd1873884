"""What a cell says, read exactly; and that it is what the reader of returns makes of it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.explain.cells import column_number
from pipelines.explain.exact import code_words, exact_code, exact_day, exact_number, exact_year
from pipelines.intake.coerce import read_numbers
from pipelines.intake.grid import column_letter


@pytest.mark.parametrize(
    ("text", "factor", "number"),
    [
        ("45", 1, Fraction(45)),
        ("4.505", 1, Fraction(4505, 1000)),
        ("１２，３４５．６", 1, Fraction(123456, 10)),
        ("12.34", 10000, Fraction(123400)),
        ("3.5", Fraction(2000, 3), Fraction("2333.333333")),
        ("0.30000000000000004", 1, Fraction("0.3")),
        ("-", 1, None),
        ("*", 1, None),
        ("", 1, None),
        (None, 1, None),
        ("约120", 1, None),
    ],
)
def test_numbers(text: str | None, factor: int | Fraction, number: Fraction | None) -> None:
    assert exact_number(text, Fraction(factor), workbook=True) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_a_number_is_what_the_reader_of_returns_reads(value: object) -> None:
    for text in (str(value), f" {value} "):
        for factor in (Fraction(1), Fraction(10000), Fraction(1, 100)):
            (read,) = read_numbers(pl.Series([text], dtype=pl.String), factor).values.to_list()
            exact = exact_number(text, factor)
            assert exact is not None
            assert float(exact) == pytest.approx(read, rel=1e-15)


def test_words_codes_days_and_years() -> None:
    words = code_words({"九年一贯制学校": "312"})
    assert exact_code(" 九年一贯制 学校", words) == "312"
    assert exact_code("2199010001.0", {}) == "2199010001"
    assert exact_code("9", {}, prefix="71") == "719"
    assert exact_day("2020年9月1日") == exact_day("20200901") == exact_day("44075") == date(2020, 9, 1)
    assert exact_day("2020年9月") == date(2020, 9, 1)
    assert exact_day("2020-13-01") is None
    assert exact_year("110", 1911) == 2021
    assert exact_year("2020-2021学年") == 2020


@given(st.integers(min_value=0, max_value=20_000))
def test_letters_and_numbers_of_columns(index: int) -> None:
    assert column_number(column_letter(index)) == index
