"""Text cells to values: vectorised, column by column; what cannot be read is reported, never dropped.

Belongs here: how a number or a code is written in a cell. Does not belong here: whether a value makes sense
(``checks.contracts``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

#: Cells that say "nothing here"; a star says "not applicable" and asks for no figure.
BLANKS = ("", "-", "--", "---", "—", "——", "–", "…", "……", "/")
STARS = ("*", "**", "***")

_PLAIN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_PLAIN_CODE = r"^[0-9]+$"
_GROUPED = r"^[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?$"
_YEAR = r"^([0-9]{2,4})(?:\.0+)?(?:[-—–/~至]([0-9]{4}|[0-9]{2}))?(?:年|学年|學年|学年度|學年度|年度)?$"
#: Zero-width characters and direction marks that show nothing (overrides, which change what is shown, are no such).
_INVISIBLE = "[\\u200b-\\u200f\\u2060\\u202a\\u202c\\ufeff]"
#: Full-width forms only: NFKC would also turn ``12³`` into 123 and ``1①`` into 11.
_FULL_WIDTH = {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_TRANSLATION = str.maketrans(_FULL_WIDTH)
#: A text this long may be a number as fastexcel writes it out of a workbook: off by a bit in its last digits.
_LONGEST_EXACT = 16
#: Digits that Excel keeps of a number that is typed in.
_EXCEL_DIGITS = 15
#: Values are rounded to this many decimals after a conversion that is not a power of ten (亩), as far as floats hold.
_DECIMALS, _ROUNDED_BELOW = 6, 1e9
#: Between these an exact fraction is cheap.
_TINY, _HUGE = 1e-30, 1e30


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: values (null where blank or bad), and masks over the same rows (``None``: nowhere)."""

    values: pl.Series
    bad: pl.Series | None = None
    starred: pl.Series | None = None


def clean(text: pl.Expr) -> pl.Expr:
    """Full-width forms made plain, invisible characters and outer white space taken off, blanks made null."""
    cleaned = (
        text.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))
        .str.replace_all(_INVISIBLE, "")
        .str.strip_chars()
    )
    return pl.when(cleaned.is_in([*BLANKS, *STARS])).then(None).otherwise(cleaned)


def is_star(text: pl.Expr) -> pl.Expr:
    """Whether a cell says "not applicable"."""
    return text.str.replace_all("＊", "*").str.replace_all(_INVISIBLE, "").str.strip_chars().is_in(STARS)


def read_numbers(
    cells: pl.Series,
    factor: Fraction = Fraction(1),
    mapping: Mapping[str, str] | None = None,
    *,
    workbook: bool = False,
) -> Numbers:
    """Read one text column as numbers (see ``read_number_columns``)."""
    return read_number_columns([cells], [factor], [mapping], workbook=workbook)[0]


def read_number_columns(
    columns: Sequence[pl.Series],
    factors: Sequence[Fraction],
    mappings: Sequence[Mapping[str, str] | None],
    *,
    workbook: bool = False,
) -> list[Numbers]:
    """Read text columns of the same length as numbers in their fields' units.

    Plain figures take a fast path, all columns at once; only distinct odd cells (full-width digits, thousands
    separators, blank marks) are looked at closely.

    Args:
        columns: the cells.
        factors: what the printed figures are multiplied by. A power of ten is applied to the decimal text, so that
            the result is the float nearest to what was printed.
        mappings: numbers for words (是 → 1), by column.
        workbook: cells come out of a workbook, where numbers have at most 15 digits that mean anything.
    """
    if not columns:
        return []
    cells = pl.DataFrame([column.alias(f"c{i}") for i, column in enumerate(columns)])
    replaced = [
        pl.col(f"c{i}").str.strip_chars().replace(dict(mapping)) for i, mapping in enumerate(mappings) if mapping
    ]
    if replaced:
        cells = cells.with_columns(replaced)
    quick = cells.select([_quick(f"c{i}", factor) for i, factor in enumerate(factors)])
    odd = cells.hstack(quick.rename(lambda name: f"{name}:")).select(
        [_odd(name, workbook).alias(name) for name in cells.columns]
    )
    some_odd = odd.select(pl.all().any()).row(0)
    return [
        _closely(cells[name], quick[name], odd[name], factor, workbook) if is_odd else Numbers(quick[name])
        for name, factor, is_odd in zip(cells.columns, factors, some_odd, strict=True)
    ]


def _odd(name: str, workbook: bool) -> pl.Expr:
    """Cells that the fast path did not read, or may have read with a bit of error."""
    cell, value = pl.col(name), pl.col(f"{name}:")
    odd = cell.is_not_null() & ~value.is_finite().fill_null(False)
    return odd | (cell.str.len_bytes() > _LONGEST_EXACT).fill_null(False) if workbook else odd


def _power_of_ten(factor: Fraction) -> int | None:
    """The exponent of a factor that is a power of ten."""
    for number, sign in ((factor.numerator, 1), (factor.denominator, -1)):
        text = str(number)
        if factor == Fraction(10) ** (sign * (len(text) - 1)):
            return sign * (len(text) - 1)
    return None


def _quick(name: str, factor: Fraction) -> pl.Expr:
    exponent = _power_of_ten(factor)
    if exponent is None:
        return _scaled(pl.col(name).cast(pl.Float64, strict=False), factor)
    text = pl.col(name) + f"e{exponent}" if exponent else pl.col(name)
    return text.cast(pl.Float64, strict=False).alias(name)


def _scaled(value: pl.Expr, factor: Fraction) -> pl.Expr:
    scaled = value * factor.numerator / factor.denominator
    return pl.when(scaled.abs() < _ROUNDED_BELOW).then(scaled.round(_DECIMALS)).otherwise(scaled)


def _closely(cells: pl.Series, quick: pl.Series, odd: pl.Series, factor: Fraction, workbook: bool) -> Numbers:
    """Read the odd cells of a column, each distinct text once."""
    distinct = pl.DataFrame({"cell": cells.filter(odd).unique()}).with_columns(clean(pl.col("cell")).alias("text"))
    readings = {}
    for cell, text in distinct.rows():
        readings[cell] = None if text is None else _exact(text, factor, workbook)
    seen = pl.DataFrame(
        {
            "cell": pl.Series(list(readings), dtype=pl.String),
            "value": pl.Series(list(readings.values()), dtype=pl.Float64),
        }
    ).join(distinct, on="cell", how="left")
    joined = pl.DataFrame({"cell": cells, "quick": quick, "odd": odd}).join(
        seen, on="cell", how="left", maintain_order="left"
    )
    result = joined.select(
        pl.when("odd").then("value").otherwise("quick").alias("values"),
        (pl.col("odd") & pl.col("text").is_not_null() & pl.col("value").is_null()).alias("bad"),
        (pl.col("odd") & is_star(pl.col("cell"))).fill_null(False).alias("starred"),
    )
    return Numbers(result["values"], result["bad"], result["starred"])


def _exact(text: str, factor: Fraction, workbook: bool) -> float | None:
    """The number that a cleaned text says, or ``None``."""
    if re.match(_GROUPED, text):
        text = text.replace(",", "")
    if not re.match(_PLAIN, text):
        return None
    value = float(text)
    if workbook and len(text) > _LONGEST_EXACT:
        text = f"{value:.{_EXCEL_DIGITS}g}"
        value = float(text)
    if factor != 1 and _TINY < abs(value) < _HUGE:
        scaled = Fraction(text) * factor
        return float(scaled if _power_of_ten(factor) is not None else round(scaled, _DECIMALS))
    value *= float(factor)
    return value if math.isfinite(value) else None


def _code_words(mapping: Mapping[str, str]) -> dict[str, str]:
    """The words of a mapping as cells are compared with them."""
    return {re.sub(r"\s", "", word.translate(_TRANSLATION)): code for word, code in mapping.items()}


def code_of(cell: pl.Expr, mapping: Mapping[str, str], prefix: str = "", suffix: str = "") -> pl.Expr:
    """A cell as a code: no inner white space, no ``.0`` of a number cell, words mapped to codes."""
    code = clean(cell).str.replace_all(r"\s", "").str.strip_prefix("'").str.replace(r"^([0-9]+)\.0+$", "$1")
    if mapping:
        code = code.replace(_code_words(mapping))
    return prefix + code + suffix if prefix or suffix else code


def read_codes(cells: pl.Series, mapping: Mapping[str, str], prefix: str = "", suffix: str = "") -> pl.Series:
    """``code_of`` for a column, each distinct text once unless every cell is a plain number."""
    if not mapping and not prefix and not suffix and bool(cells.str.contains(_PLAIN_CODE).all()):
        return cells
    distinct = pl.DataFrame({"cell": cells.unique()})
    if distinct.height * 4 > len(cells):
        return pl.DataFrame({"cell": cells}).select(code_of(pl.col("cell"), mapping, prefix, suffix)).to_series()
    distinct = distinct.with_columns(code_of(pl.col("cell"), mapping, prefix, suffix).alias("code"))
    joined = pl.DataFrame({"cell": cells}).join(
        distinct, on="cell", how="left", maintain_order="left", nulls_equal=True
    )
    return joined["code"]


def text_of(cell: pl.Expr) -> pl.Expr:
    """A cell as a name: outer white space and invisible characters taken off, the rest as written."""
    text = cell.str.replace_all(_INVISIBLE, "").str.strip_chars()
    return pl.when(text.is_in([*BLANKS, "－", *STARS, "＊"])).then(None).otherwise(text)


def year_of(cell: pl.Expr, offset: int) -> pl.Expr:
    """A cell as the year a school year starts in: ``110`` (with an offset), ``2020学年``, ``2020-2021``.

    Anything else (a date, 2020.5, a span of more than one year) is null.
    """
    text = clean(cell).str.replace_all(r"\s", "")
    parts = text.str.extract_groups(_YEAR)
    first = parts.struct.field("1").cast(pl.Int64, strict=False)
    last = parts.struct.field("2").cast(pl.Int64, strict=False)
    one_year = last.is_null() | (last % 100 == (first + 1) % 100)
    return pl.when(one_year).then(pl.when(first < 1000).then(first + offset).otherwise(first))


def read_years(cells: pl.Series, offset: int) -> pl.Series:
    """``year_of`` for a column."""
    return pl.DataFrame({"cell": cells}).select(year_of(pl.col("cell"), offset)).to_series()
