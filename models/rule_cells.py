"""What a cell of the rulebook's files may hold: text, numbers, years, codes, each with what is wrong in words.

Belongs here: kinds of columns. Does not belong here: which file has which columns (``rule_tables.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

Value = str | int | float | bool | None
Row = dict[str, Value]
Convert = Callable[[str], Value]


@dataclass(frozen=True)
class Column:
    """What a column may hold; ``convert`` raises ``ValueError`` with the reason where it may not."""

    dtype: type[pl.DataType]
    convert: Convert


@dataclass(frozen=True)
class Table:
    """One file: its columns in order, and the columns that identify a row (within its years, where it has years)."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]


def text(value: str) -> str:
    """Text that is not empty."""
    if not value:
        raise ValueError("is empty")
    return value


def matching(pattern: re.Pattern[str], what: str) -> Column:
    """Text of a pattern; ``what`` says it in words."""

    def convert(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        return value

    return Column(pl.String, convert)


def one_of(known: Iterable[str]) -> Column:
    """One of the words that are known."""
    choices = sorted(known)

    def convert(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is not known; known: {', '.join(each or '(empty)' for each in choices)}")
        return value

    return Column(pl.String, convert)


def whole(value: str) -> int:
    """A whole number."""
    if not re.fullmatch(r"-?\d+", value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def number(value: str) -> float:
    """A number with a decimal point, or none."""
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def positive(value: str) -> float:
    """A number above zero."""
    found = number(value)
    if found <= 0:
        raise ValueError(f"{value!r} is not above zero")
    return found


def flag(value: str) -> bool:
    """0 or 1."""
    if value not in ("0", "1"):
        raise ValueError(f"{value!r} is neither 0 nor 1")
    return value == "1"


def year(value: str) -> int:
    """A year from 1900 to 2199."""
    if not re.fullmatch(r"(19|20|21)\d{2}", value):
        raise ValueError(f"{value!r} is not a year")
    return int(value)


def open_whole(value: str) -> int | None:
    """A whole number, or nothing."""
    return whole(value) if value else None


def open_positive(value: str) -> float | None:
    """A number above zero, or nothing."""
    return positive(value) if value else None


def open_number(value: str) -> float | None:
    """A number, or nothing."""
    return number(value) if value else None


def open_year(value: str) -> int | None:
    """A year, or nothing."""
    return year(value) if value else None
