"""Cells to days.

Belongs here: how a date is written in a cell. Does not belong here: whether it makes sense (``models.returns``).

Read are 2020-09-01, 2020/9/1, 2020.9.1, 2020年9月1日, 20200901, a date cell of a workbook (2020-09-01 00:00:00), its
serial number (44075), and months (2020年9月, 2020-09, 2020.09, 2020.9), which stand for their first day. Not read are
two-digit years, and 2020.1: a workbook writes October 2020 (2020.10) in a number cell just like January.
"""

from __future__ import annotations

import polars as pl

from pipelines.intake.coerce import clean

_YEAR = r"((?:19|20)[0-9]{2})"
_FORMS = (
    rf"^{_YEAR}[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})[日号]?(?:[T ]?00:00(?::00(?:\.0+)?)?)?$",
    rf"^{_YEAR}([0-9]{{2}})([0-9]{{2}})$",
    rf"^{_YEAR}[-/年]([0-9]{{1,2}})()月?$",
    rf"^{_YEAR}\.([0-9]{{2}}|[2-9])()$",
)
#: Day 0 of a workbook's serial numbers from March 1900 on, and the days that are taken for such (1954 to 2091).
_EPOCH = pl.date(1899, 12, 30)
_SERIAL = r"^([2-6][0-9]{4})(?:\.0+)?$"


def date_of(cell: pl.Expr) -> pl.Expr:
    """A cell as a day; null where it is blank or cannot be read."""
    text = clean(cell).str.replace_all(r"\s+", " ")
    text = pl.when(text.str.contains(r"[年月]")).then(text.str.replace_all(" ", "")).otherwise(text)
    days = []
    for form in _FORMS:
        parts = text.str.extract_groups(form)
        year, month, day = (parts.struct.field(str(n)) for n in (1, 2, 3))
        day = pl.when(day == "").then(pl.lit("1")).otherwise(day)
        written = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
        days.append(written.str.to_date("%Y-%m-%d", strict=False))
    serial = text.str.extract(_SERIAL).cast(pl.Int64, strict=False)
    days.append(_EPOCH + pl.duration(days=serial))
    return pl.coalesce(days).cast(pl.Date)


def is_unread(cell: pl.Expr) -> pl.Expr:
    """Whether a cell says something that is no day."""
    return clean(cell).is_not_null() & date_of(cell).is_null()
