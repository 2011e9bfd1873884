"""The supervision tables of a county and year as printed, and the faults planted in them.

Belongs here: rows and columns (the inverse of the layout ``dudao``), and the workbook in which they are sent.
Does not belong here: what a county declares (``supervision``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from models.returns import CONTRACTS
from models.returns.layout import Column, Table, load_layouts
from models.returns.units import factor
from pipelines.sample import names
from pipelines.sample.datakinds import UNKNOWN_CODE
from pipelines.sample.faultkinds import Planted, planted_at
from pipelines.sample.printing import words_for
from pipelines.sample.sheet import Cell, PrintedColumn, Sheet, tidy
from pipelines.sample.supervision import Case, Row, Supervision
from pipelines.sample.workbook import write_workbook

LAYOUT = "dudao"
_RUNNING_NUMBER = "序号"


@dataclass(frozen=True)
class _Fault:
    """A fault: in that row of the table of ``form`` the cell of ``field`` becomes ``value``; ``blank`` is emptied."""

    rule: str
    severity: str
    form: str
    row: int
    field: str
    value: Cell
    blank: tuple[str, ...] = ()


#: One fault for each rule of the returns, each in a row of its own.
_FAULTS = (
    _Fault("a_government_item_is_declared", "error", "government_work", 0, "score", None),
    _Fault("a_government_item_names_its_evidence", "query", "government_work", 1, "evidence", None),
    _Fault("returned_questionnaires_within_sent", "error", "satisfaction_group", 0, "sent", 11),
    _Fault("valid_questionnaires_within_returned", "error", "satisfaction_group", 1, "returned", 9),
    _Fault("satisfied_within_valid", "error", "satisfaction_group", 2, "satisfied", 61, ("declared_rate",)),
    _Fault("declared_satisfaction_is_satisfied_of_valid", "query", "satisfaction_group", 3, "declared_rate", 71.5),
    _Fault("a_planned_county_is_the_one_that_files", "error", "attainment_plan", 0, "target_code", "990199"),
    _Fault("a_closed_problem_was_rechecked", "error", "rectification", 0, "recheck_result", "不合格"),
    _Fault("a_deadline_follows_the_finding", "error", "rectification", 1, "deadline", "2011-03-31"),
)
#: Planted where the ledger has a second closed problem, in the other slots.
_EVIDENCE = _Fault("a_closed_problem_names_its_evidence", "query", "rectification", 0, "evidence", None)
#: Planted where the county is recognised: queries in its row, errors in two rows of a recognition it never had.
_RECOGNITION = (
    _Fault("a_recognition_is_dated_within_its_year", "query", "recognition", 0, "recognised_on", "2011-12-01"),
    _Fault("a_recognition_names_its_document", "query", "recognition", 0, "document", None),
    _Fault("a_recognition_is_not_of_the_future", "error", "recognition", 1, "recognised_year", 2099),
    _Fault("a_withdrawal_follows_the_recognition", "error", "recognition", 2, "withdrawn_year", 2011),
)


#: Faults that only other returns show; no row is held back by them, so that what is computed is whole. The score is
#: that of training funds, which rests on the funding of the year alone.
_UNFOUNDED = (
    _Fault("government_score_within_its_points", "query", "government_work", 0, "score", 12),
    _Fault("government_score_is_the_computed", "query", "government_work", 11, "score", 0),
    _Fault("planned_school_is_registered", "query", "attainment_plan", 1, "target_code", UNKNOWN_CODE),
)


def write_supervision(
    returns: Path, county: names.County, year: int, filed: Supervision, slots: set[str]
) -> list[Planted]:
    """Write the supervision workbook of a county and year; the lines of the answer key for what ``slots`` planted.

    Slot ``cases`` plants nothing, and lists what the county files of itself that is not borne out.
    """
    path = returns / f"{county.code}_{county.name}_{year}学年_督导评估.xlsx"
    if "second" in slots and filed.recognition:
        filed = replace(filed, recognition=[*filed.recognition, *_never_recognised(year)])
    tables = load_layouts()[LAYOUT].tables
    sheets = [_sheet(table, county, year, getattr(filed, table.forms[0])) for table in tables]
    sheets = [sheet for sheet in sheets if sheet.body]
    faults = [*_FAULTS] if "first" in slots else [_EVIDENCE] if slots & {"second", "text"} else []
    faults += _RECOGNITION if "second" in slots else ()
    faults += _UNFOUNDED if "third" in slots else ()
    planted = [_plant(sheet, path.name, fault) for fault in faults for sheet in sheets if sheet.form == fault.form]
    if "cases" in slots:
        planted += [
            _case(sheet, path.name, case) for case in filed.cases for sheet in sheets if sheet.form == case.form
        ]
    write_workbook(path, sheets)
    return planted


def _never_recognised(year: int) -> list[Row]:
    """Two rows that only faults are planted in: their errors keep them out of the figures."""
    quality = {"standard": "quality_2017", "document": f"国教督办〔{year}〕示例99号"}
    return [
        {**quality, "recognised_year": year},
        {**quality, "recognised_year": year - 1, "withdrawn_year": year, "withdrawal_document": quality["document"]},
    ]


def _sheet(table: Table, county: names.County, year: int, rows: Sequence[Row]) -> Sheet:
    form = table.forms[0]
    who = f"填报单位：{county.name}　　行政区划代码：{county.code}　　学年：{year}-{year + 1}学年"
    return Sheet(
        layout=LAYOUT,
        table=table.name,
        form=form,
        name=table.name,
        county_code=county.code,
        school_year=year,
        preamble=[f"{CONTRACTS[form].zh}（{names.MARK}数据）", f"表　号：{table.name}", who],
        columns=[_column(line) for line in table.columns],
        body=[[_cell(line, _whole(row), number) for line in table.columns] for number, row in enumerate(rows, start=1)],
        keys=[],
        notes=[f"注：本表为{names.MARK}数据，{names.PREFECTURE}及所属各县均为虚构。"],
    )


def _whole(row: Row) -> Row:
    """A row with the rate that goes with its counts."""
    if "satisfied" in row:
        return {**row, "declared_rate": round(row["satisfied"] / row["valid"], 4)}
    return row


def _column(line: Column) -> PrintedColumn:
    levels = (line.header or "").split("/")
    if line.unit:
        levels[-1] += f"（{line.unit}）"
    feeds = ((line.block, line.field),) if line.field else ()
    return PrintedColumn(tuple(levels), feeds, numeric=line.unit is not None, unit=line.unit)


def _cell(line: Column, row: Row, number: int) -> Cell:
    if line.field is None:
        return number if line.header == _RUNNING_NUMBER else None
    value: Any = row.get(line.field)
    info = CONTRACTS[line.form].fields[line.field]
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()
    words = {**(info.choices or {}), **words_for(LAYOUT, line.field)}
    if str(value) in words:
        return words[str(value)]
    if info.numeric and info.kind != "year":
        times = factor(line.unit, info.unit)
        assert times is not None
        return tidy(round(value * times.denominator / times.numerator, 4))
    return str(value)


def _plant(sheet: Sheet, file: str, fault: _Fault) -> Planted:
    column = sheet.column_of(fault.field)
    assert column is not None
    cells = sheet.body[fault.row]
    original, cells[column] = cells[column], fault.value
    for name in fault.blank:
        cells[sheet.column_of(name) or 0] = None
    return _line(sheet, file, fault.rule, fault.severity, fault.row, fault.field, original)


def _case(sheet: Sheet, file: str, case: Case) -> Planted:
    return _line(sheet, file, case.rule, "query", case.row, case.field, None)


def _line(sheet: Sheet, file: str, rule: str, severity: str, row: int, field: str, original: Cell) -> Planted:
    column = sheet.column_of(field)
    assert column is not None
    return planted_at(
        sheet, row, column, fault=f"supervision_{rule}", rule=rule, severity=severity, file=file, field=field,
        original=original,
    )  # fmt: skip
