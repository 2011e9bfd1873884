"""Cells to numbers, codes, names and years."""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.intake.coerce import code_of, read_codes, read_numbers, read_years, text_of

MU = Fraction(2000, 3)


def one(cell: str | None, factor: Fraction = Fraction(1), *, workbook: bool = False) -> tuple[float | None, bool, bool]:
    read = read_numbers(pl.Series([cell], dtype=pl.String), factor, workbook=workbook)
    bad = read.bad is not None and bool(read.bad[0])
    starred = read.starred is not None and bool(read.starred[0])
    value = read.values[0]
    return value, bad, starred


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", 0.0),
        ("12", 12.0),
        ("-3", -3.0),
        ("+3", 3.0),
        ("007", 7.0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e5", 1e5),
        ("1.2E+3", 1200.0),
        (" 5 ", 5.0),
        ("\t5\n", 5.0),
        ("5\u00a0", 5.0),
        ("\u3000５", 5.0),
        ("１２３", 123.0),
        ("１，２３４．５", 1234.5),
        ("－５", -5.0),
        ("1,234", 1234.0),
        ("1,234,567.89", 1234567.89),
        ("\u200b5\ufeff", 5.0),
        ("\u200e5", 5.0),
    ],
)
def test_accepted_notations(cell: str, value: float) -> None:
    assert one(cell) == (value, False, False)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "--", "—", "——", "–", "－", "…", "……", "/", "\u00a0", " - "])
def test_blanks(cell: str | None) -> None:
    assert one(cell) == (None, False, False)


@pytest.mark.parametrize("cell", ["*", " * ", "**", "＊", "*\u00a0"])
def test_stars(cell: str) -> None:
    assert one(cell) == (None, False, True)


@pytest.mark.parametrize(
    "cell",
    [
        "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e999", "1e", "e5", "--5", "5-", "1-2", "1/2", "1:2",
        "12人", "约12", "12%", "95.5％", "¥12", "$12", "(12)", "（12）", "12 34", "1\u00a0234", "1 234", "12,34",
        "1,2345", ",123", "1,234,", "1,,234", "1.2.3", "1_000", "0x10", "true", "false", "TRUE", "是", "无", "N/A",
        "#DIV/0!", "#N/A", "#REF!", "2020-09-01 00:00:00", "2020/9/1", "一", "十二", "①", "12①", "12³", "5²", "½",
        "Ⅳ", "١٢", "१२", "12\n13", "\u202e321", "😀", "abc", "'12", "１２３a", ".", "+", "-.", "1 e5", "9" * 400,
    ],
)  # fmt: skip
def test_everything_else_is_bad(cell: str) -> None:
    value, bad, starred = one(cell)
    assert (value, bad, starred) == (None, True, False)


def test_a_column_reads_each_cell_on_its_own() -> None:
    cells = pl.Series(["1", "１", None, "x", "*", "-", "1,000", "2"])
    read = read_numbers(cells)
    assert read.values.to_list() == [1, 1, None, None, None, None, 1000, 2]
    assert read.bad is not None
    assert read.bad.to_list() == [False, False, False, True, False, False, False, False]
    assert read.starred is not None
    assert read.starred.to_list() == [False, False, False, False, True, False, False, False]


def test_words_for_numbers() -> None:
    assert read_numbers(pl.Series(["是", "否 ", "1", "x"]), mapping={"是": "1", "否": "0"}).values.to_list() == [
        1,
        0,
        1,
        None,
    ]


@pytest.mark.parametrize(
    ("cell", "factor", "value"),
    [
        ("12.3456", Fraction(10000), 123456.0),
        ("0.07", Fraction(10000), 700.0),
        ("98765432.1234", Fraction(10000), 987654321234.0),
        ("1,234.5678", Fraction(10000), 12345678.0),
        ("１２．３４", Fraction(10000), 123400.0),
        ("1e2", Fraction(10000), 1000000.0),
        ("95.7", Fraction(1, 100), 0.957),
        ("3", MU, 2000.0),
        ("10", MU, 6666.666667),
        ("1,000", MU, 666666.666667),
        ("x", Fraction(10000), None),
        ("1e305", Fraction(10000), None),
        ("1e-99999999", Fraction(10000), 0.0),
        ("1e99999999", Fraction(10000), None),
    ],
)
def test_units_are_converted_exactly(cell: str, factor: Fraction, value: float | None) -> None:
    assert one(cell, factor)[0] == value


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**13), min_size=50, max_size=50))
def test_ten_thousands_of_yuan_are_the_nearest_float(yuan: list[int]) -> None:
    cells = pl.Series([f"{value // 10000}.{value % 10000:04d}" for value in yuan])
    assert read_numbers(cells, Fraction(10000)).values.to_list() == [float(value) for value in yuan]


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**9), min_size=50, max_size=50))
def test_mu_are_right_to_six_decimals(hundredths: list[int]) -> None:
    cells = pl.Series([f"{value // 100}.{value % 100:02d}" for value in hundredths])
    for value, read in zip(hundredths, read_numbers(cells, MU).values.to_list(), strict=True):
        exact = Fraction(value, 100) * MU
        assert abs(Fraction(read) - exact) <= Fraction(1, 10**6) + abs(exact) * Fraction(1, 2**52)


def test_workbooks_keep_fifteen_digits() -> None:
    # fastexcel writes 98765432.1234 out of a workbook as 98765432.123400003
    assert one("98765432.123400003", workbook=True)[0] == 98765432.1234
    assert one("98765432.123400003")[0] == 98765432.123400003
    assert one("12345678901234567", workbook=True)[0] == 12345678901234600


FULL_WIDTH = str.maketrans("0123456789+-.,", "０１２３４５６７８９＋－．，")


def grouped(digits: str) -> str:
    """Digits with thousands separators."""
    return f"{int(digits):,}"


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, str]:
    """A number as a person may type it, and the plain decimal text of the same number."""
    sign = draw(st.sampled_from(["", "-", "+"]))
    whole = str(draw(st.integers(0, 10**12)))
    decimals = draw(st.from_regex(r"\A(\.[0-9]{0,6})?\Z"))
    plain = sign + whole + decimals
    shown = sign + (grouped(whole) if draw(st.booleans()) else whole) + decimals
    if draw(st.booleans()):
        shown = shown.translate(FULL_WIDTH)
    blank = st.sampled_from(["", " ", "\t", "\u00a0", "\u3000", "\u200b", "\n"])
    return draw(blank) + shown + draw(blank), plain


@settings(max_examples=30)
@given(st.lists(typed(), min_size=30, max_size=30))
def test_any_number_a_person_could_type_is_the_same_float(cells: list[tuple[str, str]]) -> None:
    read = read_numbers(pl.Series([shown for shown, _ in cells]))
    assert read.values.to_list() == [float(plain) for _, plain in cells]
    assert read.bad is None or not read.bad.any()


#: Characters of which an accepted number or a mark for "none" can be made.
SPEAKING = set("0123456789+-.,eE*/—–…") | {chr(ord(c) + 0xFEE0) for c in "0123456789+-.,eE*/"}
INVISIBLE = set("\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202c\ufeff")


@settings(max_examples=40)
@given(st.lists(st.text(max_size=12), min_size=30, max_size=30))
@example(["1_0", "infinity", "1d", "٣", "1①", "²"])
def test_any_other_text_is_bad_and_never_a_number(cells: list[str]) -> None:
    read = read_numbers(pl.Series(cells))
    bad = [False] * len(cells) if read.bad is None else read.bad.to_list()
    for cell, value, is_bad in zip(cells, read.values.to_list(), bad, strict=True):
        assert value is None or (math.isfinite(value) and not is_bad)
        if set(cell.strip()) - SPEAKING - INVISIBLE:
            assert (value, is_bad) == (None, True), cell


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="0123456789.,+-eE ５，", max_size=8), min_size=30, max_size=30))
def test_what_is_read_is_what_python_reads(cells: list[str]) -> None:
    for cell, value in zip(cells, read_numbers(pl.Series(cells)).values.to_list(), strict=True):
        text = cell.translate(str.maketrans("５，", "5,")).strip()
        try:
            expected: float | None = float(text.replace(",", ""))
        except ValueError:
            expected = None
        if value is not None:
            assert value == expected, cell
        elif expected is not None and "," not in text:
            assert not math.isfinite(expected), cell


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2199000001", "2199000001"),
        (" 2199000001 ", "2199000001"),
        ("2199000001.0", "2199000001"),
        ("２１９９０００００１", "2199000001"),
        ("21 99 000001", "2199000001"),
        ("'2199000001", "2199000001"),
        ("2199000001\u200b", "2199000001"),
        ("0101", "0101"),
        ("小学", "211"),
        ("小 学", "211"),
        (" 九年一贯制（学校） ", "312"),
        ("九年一贯制(学校)", "312"),
        ("2199000001①", "2199000001①"),
        ("A1.0", "A1.0"),
        ("-", None),
        ("*", None),
        ("", None),
        (None, None),
    ],
)
def test_codes(cell: str | None, code: str | None) -> None:
    mapping = {"小学": "211", "九年一贯制（学校）": "312"}
    cells = pl.Series([cell], dtype=pl.String)
    assert read_codes(cells, mapping).to_list() == [code]
    assert pl.DataFrame({"c": cells}).select(code_of(pl.col("c"), mapping)).to_series().to_list() == [code]


def test_codes_of_a_column_with_few_distinct_texts() -> None:
    cells = pl.Series(["小学", None, "2", " 小学"] * 5)
    assert read_codes(cells, {"小学": "211"}, "a", "b").to_list() == ["a211b", None, "a2b", "a211b"] * 5


def test_plain_codes_stay_as_they_are() -> None:
    assert read_codes(pl.Series(["0101", None, "2"]), {}).to_list() == ["0101", None, "2"]
    assert read_codes(pl.Series(["01"]), {}, "71").to_list() == ["7101"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (" 安平县\u00a0第一 小学　", "安平县\u00a0第一 小学"),
        ("第１小学（总校）", "第１小学（总校）"),
        ("\u200b安平\ufeff", "安平"),
        ("-", None),
        ("＊", None),
        ("😀小学", "😀小学"),
        ("", None),
    ],
)
def test_names_stay_as_written(cell: str, name: str | None) -> None:
    assert pl.DataFrame({"c": [cell]}).select(text_of(pl.col("c"))).to_series().to_list() == [name]


@pytest.mark.parametrize(
    ("cell", "offset", "year"),
    [
        ("2020", 0, 2020),
        ("2020.0", 0, 2020),
        (" ２０２０ ", 0, 2020),
        ("2020学年", 0, 2020),
        ("2020-2021学年", 0, 2020),
        ("2020/21", 0, 2020),
        ("2020年", 0, 2020),
        ("103", 1911, 2014),
        ("103學年度", 1911, 2014),
        ("2020-2022", 0, None),
        ("2020-2020", 0, None),
        ("2020-09-01 00:00:00", 0, None),
        ("2020.5", 0, None),
        ("2O20", 0, None),
        ("20201", 0, None),
        ("", 0, None),
        ("*", 0, None),
    ],
)
def test_years(cell: str, offset: int, year: int | None) -> None:
    assert read_years(pl.Series([cell]), offset).to_list() == [year]
