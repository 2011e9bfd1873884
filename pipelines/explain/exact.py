"""What a cell's text says, exactly: written apart from the reader of returns, so that each checks the other.

Belongs here: text of one cell to a fraction, a code or a day. Does not belong here: reading returns
(``pipelines.intake``), finding cells (``cells``). The rules it follows are those that are documented of the reader:
full width is plain, invisible characters and outer white space say nothing, dashes and stars are blank, a workbook
keeps 15 digits, a unit that is no power of ten (亩) is converted to six decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

_BLANK = frozenset(["", "-", "--", "---", "—", "——", "–", "…", "……", "/", "*", "**", "***"])
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\u202a\u202c\ufeff]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_WORKBOOK_DIGITS, _LONGEST_EXACT = 15, 16
_DECIMALS = 6
_DAY = re.compile(
    r"((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2})?)?日?号?(?:[T ]?00:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_COMPACT_DAY = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_SERIAL = re.compile(r"([2-6]\d{4})(?:\.0+)?", re.ASCII)
_YEAR = re.compile(r"(\d{2,4})(?:\.0+)?(?:[-—–/~至]\d{2,4})?(?:年|学年|學年|学年度|學年度|年度)?", re.ASCII)


def plain(text: str) -> str:
    """The text without ornament; empty where the cell says nothing."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text.translate(_NARROW))
    stripped = text.strip()
    return "" if stripped in _BLANK else stripped


def exact_text(text: str | None) -> str | None:
    """The words of a cell as they are written, wide forms too; None where it says nothing."""
    said = _INVISIBLE.sub("", text or "").strip()
    return said if plain(said) else None


def exact_number(
    text: str | None, factor: Fraction = Fraction(1), words: Mapping[str, str] | None = None, *, workbook: bool = False
) -> Fraction | None:
    """The number a cell says times ``factor``; None where it is blank or says no number."""
    if text is None:
        return None
    said = plain(words.get(text.strip(), text) if words else text)
    if said.isdecimal() and said.isascii() and (not workbook or len(said) <= _LONGEST_EXACT) and factor == 1:
        return Fraction(int(said))
    if _GROUPED.fullmatch(said):
        said = said.replace(",", "")
    if not _NUMBER.fullmatch(said):
        return None
    if workbook and len(said) > _LONGEST_EXACT:
        said = f"{float(said):.{_WORKBOOK_DIGITS}g}"
    value = Fraction(said) * factor
    return value if _is_power_of_ten(factor) else round(value, _DECIMALS)


def code_words(words: Mapping[str, str]) -> dict[str, str]:
    """Words and their codes, the words as ``exact_code`` compares them."""
    return {re.sub(r"\s", "", plain(word)): code for word, code in words.items()}


def exact_code(text: str | None, words: Mapping[str, str], prefix: str = "", suffix: str = "") -> str | None:
    """The code a cell says: no white space, no ``.0`` of a number cell, words (of ``code_words``) as codes."""
    if text is None:
        return None
    said = re.sub(r"\s", "", plain(text)).removeprefix("'")
    if not said:
        return None
    said = re.sub(r"^(\d+)\.0+$", r"\1", said)
    return prefix + words.get(said, said) + suffix


def exact_day(text: str | None) -> date | None:
    """The day a cell says; a month is its first day."""
    said = plain(text or "")
    said = said.replace(" ", "") if re.search("[年月]", said) else said
    found = _DAY.fullmatch(said) or _COMPACT_DAY.fullmatch(said)
    if found is not None:
        year, month, day = (int(part or 1) for part in found.groups())
        try:
            return date(year, month, day)
        except ValueError:
            return None
    serial = _SERIAL.fullmatch(said)
    return date(1899, 12, 30) + timedelta(days=int(serial[1])) if serial is not None else None


def exact_year(text: str | None, offset: int = 0) -> int | None:
    """The year a school year starts in, as a cell says it (``110`` with an offset of 1911 is 2021)."""
    found = _YEAR.fullmatch(re.sub(r"\s", "", plain(text or "")))
    if found is None:
        return None
    year = int(found[1])
    return year + offset if year < 1000 else year


def _is_power_of_ten(factor: Fraction) -> bool:
    top, bottom = str(factor.numerator), str(factor.denominator)
    return (bottom == "1" and top.rstrip("0") == "1") or (top == "1" and bottom.rstrip("0") == "1")
