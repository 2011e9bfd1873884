"""How the tables of the sample are set: titles, units, of-which marks, words for codes.

The data are ``tables.csv`` and ``fillers.csv``. Belongs here: everything of a printed table that is not a figure. Does
not belong here: figures (``sheets``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.returns.layout import ROOT as LAYOUTS
from pipelines.sample import names
from pipelines.sample.sheet import PrintedColumn

_HERE = Path(__file__).parent
_UNIT_NAMES = {"㎡": "平方米"}


@dataclass(frozen=True)
class Setting:
    """A row of ``tables.csv``."""

    title: str
    units: str
    total: str
    numbering: bool
    of_which: frozenset[str]
    not_applicable: str | None


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def settings() -> dict[tuple[str, str], Setting]:
    """``tables.csv`` by layout and table."""
    return {
        (row["layout"], row["table"]): Setting(
            title=row["title"],
            units=row["units"],
            total=row["total"],
            numbering=row["numbering"] == "1",
            of_which=frozenset(row["of_which"].split(";")) - {""},
            not_applicable=row["not_applicable"] or None,
        )
        for row in _rows("tables.csv")
    }


@cache
def fillers() -> dict[tuple[str, str, str], dict[str, str]]:
    """``fillers.csv`` by layout, table and header: what stands in columns that no return takes.

    ``of`` a field, ``times`` a factor; without a factor the field itself, without a field ``text``.
    """
    return {(row["layout"], row["table"], row["header"]): row for row in _rows("fillers.csv")}


@cache
def words_for(layout: str, name: str) -> dict[str, str]:
    """Stored code → the word that the layout prints for it (its own words first)."""
    with (LAYOUTS / "values.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["field"] == name and row["layout"] in (layout, "")]
    words: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row["layout"] == ""):
        words.setdefault(row["value"], row["source"])
    return words


def printed_levels(layout: str, header: str, setting: Setting, unit: str | None) -> tuple[str, ...]:
    """Header levels as the form prints them: of-which marks, full-width brackets, the unit in brackets."""
    levels = header.split("/")
    if levels[-1] in setting.of_which:
        levels[-1] = ("其中：" if layout == "jichuji" else "#") + levels[-1]
    elif layout == "jichuji":
        levels = [level.replace("合计", "合　计").replace("(", "（").replace(")", "）") for level in levels]
    if unit and setting.units == "brackets":
        levels[-1] += f"（{_UNIT_NAMES.get(unit, unit) if layout == 'jiaoji' else unit}）"
    return tuple(levels)


def unit_row(setting: Setting, columns: list[PrintedColumn]) -> list[str] | None:
    """The row of units under the header, where the form has one."""
    if setting.units not in ("row", "bracket_row"):
        return None
    form = "{}" if setting.units == "row" else "（{}）"
    return [form.format(column.unit) if column.unit and column.numeric else "" for column in columns]


def preamble(
    layout: str, table: str, setting: Setting, county: names.County, year: int, columns: list[PrintedColumn]
) -> list[str]:
    """The lines above the header: title with the table's number, who reports, for when, in which unit."""
    who = f"填报单位：{county.name}　　行政区划代码：{county.code}"
    units = dict.fromkeys(column.unit for column in columns if column.unit and column.numeric)
    unit = f"　　单位：{next(iter(units))}" if setting.units == "line" and units else ""
    if layout == "jichuji":
        title = f"{setting.title}（{names.MARK}数据）"
        return [title, f"表　号：{table}", f"{who}　　学年：{year}-{year + 1}学年{unit}"]
    return [f"{table} {setting.title}（{names.MARK}数据）", f"统计时点：{year}年9月1日", who + unit]
