"""What a sheet says of itself above its table: school year, county, unit.

Belongs here: reading the lines above the header, and the file's name. Does not belong here: deciding between
contradicting sources (``identify``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from models.returns.text import squeeze
from models.returns.units import UNITS

_STRONG_YEARS = (
    re.compile(r"(?<!\d)(\d{4})(?:[-—–/~至](?:\d{4}|\d{2}))?学年"),
    re.compile(r"学年(?:度)?[:：] ?(\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(\d{4})年0?9月0?1日"),
)
_WEAK_YEARS = (
    re.compile(r"[(\[](\d{4})年?[)\]]"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})年(?!\d)"),
)
_DATE_OF_FILLING = re.compile(r"填报日期|填报时间|填表日期|制表|打印|上报日期|导出|更新")
_NAME_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_COUNTY_CODE = re.compile(r"(?:行政区划代码|区划代码|县级代码)[:：]? ?(\d{6})(?!\d)")
_COUNTY_NAME = re.compile(
    r"(?:填报单位|填报地区|县\(市、区\)|地区)[:：] ?([^:：(\[\s]+?)(?:教育局|教育体育局|教体局)?"
    r"(?=[(\[:：\s]|行政|区划|学年|统计|单位|$)"
)
_UNIT = re.compile(r"(?:计量)?单位[:：]([^\s,，;；、:：()]+)")


@dataclass(frozen=True)
class Preamble:
    """What the lines above a table say."""

    text: str
    school_years: frozenset[int]
    county_code: str | None
    county_name: str | None
    unit: str | None


def read_preamble(cells: list[str], year_offset: int = 0) -> Preamble:
    """Read title and preamble cells of a sheet (sheet name included).

    ``year_offset`` is added to years of another era that stand before 學年/学年 with two or three digits.
    """
    texts = [squeeze(cell) for cell in cells]
    joined = " ".join(texts)
    county = _COUNTY_CODE.search(joined)
    name = _COUNTY_NAME.search(joined)
    units = [match[1] for text in texts if (match := _UNIT.search(text)) and match[1] in UNITS]
    return Preamble(
        text=joined,
        school_years=frozenset(_years(texts, year_offset)),
        county_code=county[1] if county else None,
        county_name=name[1] if name else None,
        unit=units[0] if len(set(units)) == 1 else None,
    )


def _years(texts: list[str], year_offset: int) -> set[int]:
    joined = " ".join(texts)
    strong = {int(match) for pattern in _STRONG_YEARS for match in pattern.findall(joined)}
    if year_offset:
        era = re.compile(r"(?<!\d)(\d{2,3})學?学?年")
        strong |= {int(match) + year_offset for match in era.findall(joined)}
    if strong:
        return strong
    undated = [text for text in texts if not _DATE_OF_FILLING.search(text)]
    return {int(match) for text in undated for pattern in _WEAK_YEARS for match in pattern.findall(text)}


def file_name_year(file_name: str, pattern: str | None, year_offset: int) -> int | None:
    """The school year that a file's name declares, or ``None`` where it names none or several.

    ``pattern`` is the layout's own (one group; ``-`` where its names carry no year); without it
    ``2020学年``, ``2020-2021`` or a lone 2020 is read.
    """
    stem = squeeze(PurePath(file_name).stem)
    if pattern == "-":
        return None
    if pattern:
        match = re.search(pattern, stem)
        return int(match[1]) + year_offset if match else None
    strong = {int(found) for found in _STRONG_YEARS[0].findall(stem)}
    if not strong:
        span = re.search(r"(?<!\d)((?:19|20)\d{2})[-—–_](?:19|20)?\d{2}(?!\d)", stem)
        strong = {int(span[1])} if span else {int(found) for found in _NAME_YEAR.findall(stem)}
    return strong.pop() if len(strong) == 1 else None
