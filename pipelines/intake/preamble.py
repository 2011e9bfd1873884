"""What a sheet says of itself above its table: school year, county, unit.

Belongs here: reading the lines above the header, and the file's name. Does not belong here: deciding between
contradicting sources (``identify``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from models.returns.units import UNITS


def _spaced(words: str) -> str:
    """A pattern for words whose characters may be set apart (学　年)."""
    return r"\s*".join(map(re.escape, words))


def _any_of(*words: str) -> str:
    return "(?:" + "|".join(map(_spaced, words)) + ")"


_COLON, _DASH = r"\s*:\s*", r"\s*[-—–/~至_]\s*"
_YEAR, _SPAN = r"(?<!\d)(\d{4})(?!\d)", rf"(?:\s*年)?(?:{_DASH}(\d{{4}}|\d{{2}})(?!\d)(?:\s*年(?!\s*\d))?)?"
_SCHOOL_YEAR = r"\s*[学學]\s*年"
_STRONG_YEARS = (
    re.compile(rf"(?<!\d)(\d{{4}}){_SPAN}{_SCHOOL_YEAR}"),
    re.compile(rf"{_SCHOOL_YEAR}(?:\s*度)?{_COLON}(\d{{4}})(?!\d){_SPAN}"),
    re.compile(r"(?<!\d)(\d{4})\s*年\s*0?9\s*月\s*0?1\s*日()"),
    re.compile(rf"{_spaced('统计时点')}(?:{_COLON}|\s*)(\d{{4}})[-./]0?9[-./]0?1(?!\d)()"),
)
_WEAK_YEARS = (
    re.compile(r"[(\[]\s*(\d{4})\s*年?\s*[)\]]"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年(?!\s*\d)"),
    re.compile(rf"(?<![学學])年\s*度{_COLON}(\d{{4}})(?!\d)"),
)
_DATE = r"\d{4}\s*[年./-]\s*(?:\d{1,2}(?!\d)\s*[月./-]?\s*(?:\d{1,2}(?!\d)\s*日?)?)?"
#: Years that are not the return's: when it was filled in, the number and term of the form's approval.
_OTHER_DATES = ("填报", "填表", "上报", "制表", "打印", "导出", "更新", "生成", "有效期", "截止", "批准", "备案")
_OTHER_YEARS = re.compile(
    rf"(?:{_any_of(*_OTHER_DATES)}[^\d单]{{0,8}}{_DATE})|(?:[〔\[(]\s*(?:19|20)\d{{2}}\s*[〕\])]\s*第?\s*\d+\s*号)"
)
_NAME_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d{2}(?:[-._]\d{1,2}){1,2}(?!\d)|(?<!\d)(?:19|20)\d{2}年\d{1,2}月(?:\d{1,2}日)?"
)
_NAME_SPAN = re.compile(r"(?<!\d)((?:19|20)\d{2})[-—–_~至]((?:19|20)\d{2}|\d{2})(?!\d)")
_NAME_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_COUNTY_CODE = re.compile(rf"{_any_of('区划代码', '县级代码')}\s*:?\s*(\d{{6}})(?:0{{6}})?(?!\d)")
_COUNTY_NAME = re.compile(
    rf"{_any_of('填报单位', '填报地区', '县(市、区)', '地区')}{_COLON}(?!{_any_of('行政', '学年', '统计', '单位')})"
    rf"([^:(\[\s]+?)(?:教育局|教育体育局|教体局)?(?=[(\[:\s]|{_any_of('行政', '区划', '学年', '统计', '单位')}|$)"
)
_UNIT_NAMES = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
_UNIT = re.compile(
    rf"(?<!填报)(?<!报送)(?<!编制)(?<!制表)单\s*位{_COLON}({_UNIT_NAMES})(?=$|[\s,;、:()|]|学|填|行|统|表)"
)


@dataclass(frozen=True)
class Preamble:
    """What the lines above a table say."""

    text: str
    school_years: frozenset[int]
    county_codes: frozenset[str]
    county_name: str | None
    unit: str | None


def read_preamble(cells: list[str], year_offset: int = 0) -> Preamble:
    """Read title and preamble cells of a sheet (sheet name included).

    ``year_offset`` is added to years of another era that stand before 學年/学年 with two or three digits.
    """
    return _read("\n".join(_plain(cell) for cell in cells), year_offset)


@lru_cache(maxsize=4096)
def _read(text: str, year_offset: int) -> Preamble:
    name = _COUNTY_NAME.search(text)
    units = set(_UNIT.findall(text))
    return Preamble(
        text=text,
        school_years=frozenset(_years(_OTHER_YEARS.sub(" ", text), year_offset)),
        county_codes=frozenset(_COUNTY_CODE.findall(text)),
        county_name=name[1] if name else None,
        unit=units.pop() if len(units) == 1 else None,
    )


def _plain(cell: str) -> str:
    """NFKC with white space made single blanks."""
    return " ".join(unicodedata.normalize("NFKC", cell).split())


def _years(text: str, year_offset: int) -> set[int]:
    strong = {year for pattern in _STRONG_YEARS for match in pattern.findall(text) for year in _span(*match)}
    if year_offset:
        era = re.compile(r"(?<!\d)(\d{2,3})\s*[学學]?\s*年")
        strong |= {int(match) + year_offset for match in era.findall(text)}
    return strong or {int(match) for pattern in _WEAK_YEARS for match in pattern.findall(text)}


def _span(first: str, last: str) -> set[int]:
    """The year that ``2020-2021`` starts in; both years that a span of another length could mean."""
    start = int(first)
    if not last or int(last) % 100 == (start + 1) % 100:
        return {start}
    end = int(last) if len(last) == 4 else start - start % 100 + int(last)
    return {start, end - 1}


@lru_cache(maxsize=4096)
def file_name_year(file_name: str, pattern: str | None, year_offset: int) -> int | None:
    """The school year that a file's name declares, or ``None`` where it names none or several.

    ``pattern`` is the layout's own (one group; ``-`` where its names carry no year); without it
    ``2020学年``, ``2020-2021`` or a lone 2020 that is not part of a date is read.
    """
    stem = _plain(PurePath(file_name).stem)
    if pattern == "-":
        return None
    if pattern:
        match = re.search(pattern, stem)
        return int(match[1]) + year_offset if match else None
    years = {year for match in _STRONG_YEARS[0].findall(stem) for year in _span(*match)}
    years = years or {int(a) for a, b in _NAME_SPAN.findall(stem) if int(b) % 100 == (int(a) + 1) % 100}
    years = years or {int(found) for found in _NAME_YEAR.findall(_NAME_DATE.sub(" ", stem))}
    return years.pop() if len(years) == 1 else None
