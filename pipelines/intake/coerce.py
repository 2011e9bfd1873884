"""Text cells to values: vectorised, column by column; what cannot be read is reported, never dropped.

Belongs here: how a number or a code is written in a cell. Does not belong here: whether a value makes sense
(``checks.contracts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import polars as pl

#: Cells that say "nothing here"; a star says "not applicable" and asks for no figure.
BLANKS = ("", "-", "--", "---", "—", "——", "–", "－", "…", "……", "/", "*")
STARS = ("*", "**", "***")

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_GROUPED = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$"
_INVISIBLE = "[\\u200b\\u200c\\u200d\\ufeff\\u00a0]"


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: values (null where blank or bad), and masks over the same rows."""

    values: pl.Series
    bad: pl.Series
    starred: pl.Series


def clean(text: pl.Expr) -> pl.Expr:
    """Full-width forms made plain, invisible characters and outer white space taken off, blanks made null."""
    cleaned = text.str.normalize("NFKC").str.replace_all(_INVISIBLE, "").str.strip_chars()
    return pl.when(cleaned.is_in([*BLANKS, *STARS])).then(None).otherwise(cleaned)


def read_numbers(cells: pl.Series, factor: Fraction = Fraction(1), mapping: dict[str, str] | None = None) -> Numbers:
    """Read a text column as numbers in the field's unit.

    Plain figures take a fast path; only distinct odd ones (full-width digits, thousands separators, blank marks)
    are looked at closely. ``factor`` converts the printed unit. ``mapping`` gives numbers for words (是 → 1).
    """
    if mapping:
        cells = cells.str.strip_chars().replace(mapping)
    values = cells.cast(pl.Float64, strict=False)
    odd = cells.is_not_null() & (values.is_null() | ~values.is_finite())
    bad = pl.repeat(False, len(cells), dtype=pl.Boolean, eager=True)
    starred = bad
    if odd.any():
        distinct = pl.DataFrame({"cell": cells.filter(odd).unique()}).with_columns(clean(pl.col("cell")).alias("text"))
        plain = (
            pl.when(pl.col("text").str.contains(_GROUPED))
            .then(pl.col("text").str.replace_all(",", ""))
            .otherwise(pl.col("text"))
        )
        distinct = distinct.with_columns(plain.alias("plain")).with_columns(
            pl.when(pl.col("plain").str.contains(_PLAIN))
            .then(pl.col("plain").cast(pl.Float64, strict=False))
            .alias("value"),
            pl.col("cell").str.strip_chars().is_in(STARS).alias("starred"),
        )
        joined = pl.DataFrame({"cell": cells}).join(distinct, on="cell", how="left", maintain_order="left")
        values = pl.select(pl.when(odd).then(joined["value"]).otherwise(values)).to_series()
        values = pl.select(pl.when(values.is_finite()).then(values)).to_series()
        bad = odd & joined["text"].is_not_null() & values.is_null()
        starred = odd & joined["starred"].fill_null(False)
    if factor != 1:
        values = (values * factor.numerator / factor.denominator).round(6)
    return Numbers(values, bad, starred)


def read_codes(cells: pl.Series, mapping: dict[str, str], prefix: str = "", suffix: str = "") -> pl.Series:
    """Read a text column as codes: no inner white space, no ``.0`` of a number cell, words mapped to codes."""
    code = clean(pl.col("cell")).str.replace_all(r"\s", "").str.strip_prefix("'").str.replace(r"\.0+$", "")
    if mapping:
        code = code.replace(mapping)
    return pl.DataFrame({"cell": cells}).select(prefix + code + suffix).to_series()


def read_texts(cells: pl.Series) -> pl.Series:
    """Read a text column as names: outer white space and invisible characters taken off, the rest as written."""
    text = pl.col("cell").str.replace_all(_INVISIBLE, "").str.strip_chars(" \t\r\n　")
    return (
        pl.DataFrame({"cell": cells})
        .select(pl.when(text.is_in([*BLANKS, *STARS])).then(None).otherwise(text))
        .to_series()
    )


def read_years(cells: pl.Series, offset: int) -> pl.Series:
    """Read a text column as the years school years start in: ``110`` (with an offset), ``2020学年``, ``2020-2021``."""
    digits = clean(pl.col("cell")).str.extract(r"^(\d{2,4})(?:\.0+)?(?:\D.*)?$").cast(pl.Int64, strict=False)
    year = pl.when(digits < 1000).then(digits + offset).otherwise(digits)
    return pl.DataFrame({"cell": cells}).select(year).to_series()
