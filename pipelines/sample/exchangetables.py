"""The exchange tables of a county and year as printed (layout ``jiaoliu``), and the files they are sent in.

Two tables go into a workbook of their own; the roster is a text file in GBK, as a personnel system exports it. Belongs
here: rows, columns, files and lines of the answer key. Does not belong here: people and their moves (``exchange``),
which faults there are (``exchangefaults``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from models.returns.layout import Table, load_layouts
from pipelines.sample import exchangefaults, names
from pipelines.sample.exchange import YearOfExchange
from pipelines.sample.exchangefaults import PlantedAt, Row
from pipelines.sample.faultkinds import Planted, planted_at
from pipelines.sample.printing import words_for
from pipelines.sample.sheet import Cell, PrintedColumn, Sheet
from pipelines.sample.textfile import write_text
from pipelines.sample.workbook import write_workbook

LAYOUT = "jiaoliu"
ENCODING = "gbk"
_RUNNING_NUMBER = "序号"
_NONE = "—"


def write_exchange(
    returns: Path, county: names.County, year: int, staff: YearOfExchange, slots: set[str]
) -> list[Planted]:
    """Write workbook and roster of a county and year; the lines of the answer key for what ``slots`` planted."""
    rows: dict[str, list[Row]] = {
        "exchange": list(staff.exchange),
        "exchange_eligible": list(staff.eligible),
        "roster": list(staff.roster),
    }
    planted = exchangefaults.plant(rows, slots)
    tables = {table.forms[0]: table for table in load_layouts()[LAYOUT].tables}
    sheets = {form: _sheet(tables[form], county, year, of_form) for form, of_form in rows.items()}
    stem = f"{county.code}_{county.name}_{year}学年"
    book, text = f"{stem}_教师交流.xlsx", f"{stem}_教职工名册.csv"
    write_workbook(returns / book, [sheets["exchange"], sheets["exchange_eligible"]])
    write_text(returns / text, sheets["roster"], ENCODING)
    return [
        _line(at, sheets[at.fault.form], tables[at.fault.form], text if at.fault.form == "roster" else book)
        for at in planted
    ]


def _sheet(table: Table, county: names.County, year: int, rows: list[Row]) -> Sheet:
    columns = [
        PrintedColumn(
            tuple((line.header or "").replace("(", "（").replace(")", "）").split("/")),
            (("", line.field),) if line.field else (),
            numeric=line.unit is not None,
            unit=line.unit,
        )
        for line in table.columns
    ]
    form = table.forms[0]
    return Sheet(
        layout=LAYOUT,
        table=table.name,
        form=form,
        name=table.name,
        county_code=county.code,
        school_year=year,
        preamble=[
            f"{table.name}（{names.MARK}数据）",
            f"填报单位：{county.name}　　行政区划代码：{county.code}　　学年：{year}-{year + 1}学年",
        ],
        columns=columns,
        body=[
            [number if line.header == _RUNNING_NUMBER else _cell(row, line.field, form, year) for line in table.columns]
            for number, row in enumerate(rows, start=1)
        ],
        keys=[],
        total="last" if form == "exchange_eligible" else "",
        notes=[f"注：本表为{names.MARK}数据，人员、学校均为虚构。"],
    )


def _cell(row: Row, field: str | None, form: str, year: int) -> Cell:
    value = row[field] if field else None
    if isinstance(value, date):
        return _day(value, form, year)
    if value is None:
        return _NONE if field and field.endswith("_date") else None
    words = words_for(LAYOUT, field or "")
    return words[str(value)] if words else value


def _day(day: date, form: str, year: int) -> str:
    """Days as they are written in the text file, in the older and in the newer lists."""
    if form == "roster":
        return f"{day.year}.{day.month}.{day.day}"
    return f"{day.year}年{day.month}月{day.day}日" if year <= 2020 else day.isoformat()


def _line(at: PlantedAt, sheet: Sheet, table: Table, file: str) -> Planted:
    column = next(i for i, line in enumerate(table.columns) if line.field == at.fault.field)
    before = _cell(at.before, at.fault.field, sheet.form, sheet.school_year)
    return planted_at(
        sheet, at.position, column, fault=f"exchange_{at.fault.fault}", rule=at.fault.rule, severity=at.fault.severity,
        file=file, field=at.fault.field, original=before,
    )  # fmt: skip
