"""The published summary of a county and year (layout ``huizong``): the sums over its schools, and the faults in it.

Belongs here: sums, rows, the workbook and its lines of the answer key. Does not belong here: what schools file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from models.returns import CONTRACTS
from models.returns.layout import load_layouts
from pipelines.sample import names
from pipelines.sample.faultkinds import Planted, planted_at
from pipelines.sample.sheet import Cell, PrintedColumn, Sheet
from pipelines.sample.workbook import write_workbook

LAYOUT, FORM = "huizong", "county_summary"
LEVELS = ("primary", "junior")
#: Share of the pupils that a planted summary does not have.
_LACKING = 0.03


def write_summary(
    returns: Path, county: names.County, year: int, frames: Mapping[str, pl.DataFrame], *, faults: bool
) -> list[Planted]:
    """Write the summary of what the schools file (``frames`` by return), with a fault in each of its rows or none."""
    path = returns / f"{county.code}_{county.name}_{year}学年_事业汇总.xlsx"
    sheet = _sheet(county, year, frames)
    planted = []
    if faults:
        staff, teachers = (sheet.column_of(name) for name in ("staff", "teachers"))
        assert staff is not None and teachers is not None
        fewer = int(sheet.body[0][teachers] or 0) - 3
        planted.append(_put(sheet, path.name, 0, "staff", fewer, "summary_teachers_within_staff"))
        pupils = sheet.column_of("pupils")
        assert pupils is not None
        lacking = round(int(sheet.body[1][pupils] or 0) * (1 - _LACKING))
        planted.append(_put(sheet, path.name, 1, "pupils", lacking, "county_totals_are_the_published"))
    write_workbook(path, [sheet])
    return planted


def _sheet(county: names.County, year: int, frames: Mapping[str, pl.DataFrame]) -> Sheet:
    (table,) = load_layouts()[LAYOUT].tables
    words = CONTRACTS[FORM].fields["level"].choices or {}
    body: list[list[Cell]] = []
    for number, level in enumerate(LEVELS, start=1):
        sums = {
            **_sums(frames, level),
            "county_code": county.code,
            "county_name": county.name,
            "level": words[level],
        }
        body.append([sums[line.field] if line.field else number for line in table.columns])
    return Sheet(
        layout=LAYOUT,
        table=table.name,
        form=FORM,
        name=table.name,
        county_code=county.code,
        school_year=year,
        preamble=[
            f"{table.name}（{names.MARK}数据）",
            f"填报单位：{county.name}　　行政区划代码：{county.code}　　学年：{year}-{year + 1}学年",
        ],
        columns=[
            PrintedColumn(
                (line.header or "",), (("", line.field),) if line.field else (), line.unit is not None, line.unit
            )
            for line in table.columns
        ],
        body=body,
        keys=[],
        notes=[f"注：本表为{names.MARK}数据，{names.PREFECTURE}及所属各县均为虚构。"],
    )


def _sums(frames: Mapping[str, pl.DataFrame], level: str) -> dict[str, Cell]:
    of = {form: frames[form].filter(pl.col("stage") == level) for form in ("enrolment", "movement", "teacher")}
    return {
        "schools": of["enrolment"].filter(pl.col("pupils") > 0).height,
        "pupils": int(of["enrolment"]["pupils"].sum()),
        "entrants": int(of["enrolment"]["entrants"].sum()),
        "graduates": int(of["movement"]["graduates"].sum()),
        "staff": int(of["teacher"]["staff"].sum()),
        "teachers": int(of["teacher"]["teachers"].sum()),
    }


def _put(sheet: Sheet, file: str, row: int, field: str, value: int, rule: str) -> Planted:
    column = sheet.column_of(field)
    assert column is not None
    original, sheet.body[row][column] = sheet.body[row][column], value
    return planted_at(
        sheet, row, column, fault=f"summary_{rule}", rule=rule, severity="query", file=file, field=field,
        original=original, stage=LEVELS[row],
    )  # fmt: skip
