"""Faults planted in the tables of the sample, each with a line of the answer key.

What is planted where is data (``faults.csv``). Belongs here: choosing the rows. Does not belong here: how each kind is
put into a table (``faultkinds``), faults that are whole files (``faultfiles``).
"""

from __future__ import annotations

import copy
import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from pipelines.sample.faultkinds import CELL, WHOLE_COLUMN, Fault, Planted, Spot, blank_figures, line_of
from pipelines.sample.sheet import Cell, Sheet

#: Faults that move columns come first, then those that move rows, false totals last: so recorded addresses stay right.
_ORDER = {
    "drop_column": 0,
    "extra_column": 0,
    "twin_column": 0,
    "lost_column": 1,
    "unit": 0,
    "extra_sheet": 0,
    "hidden_sheet": 0,
    "duplicate": 1,
    "total": 3,
}
_SPECIAL_SCHOOL = "51"


@cache
def all_faults() -> tuple[Fault, ...]:
    """The faults of ``faults.csv`` in their order."""
    with Path(__file__).with_name("faults.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Fault(**row) for row in csv.DictReader(file))


class Planter:
    """Plants faults into the tables of one county and year, at most one in a row, in as few schools as it can.

    ``places`` gives for each table the file and sheet it will be written to. ``extra_sheets`` collects the sheets to be
    added to the county's workbook, ``hidden_sheets`` the tables that stand in it out of sight. Rows of the schools to
    ``avoid`` are left as they are.
    """

    def __init__(
        self,
        sheets: list[Sheet],
        places: dict[str, tuple[str, str]],
        rng: np.random.Generator,
        avoid: Collection[str] = (),
    ) -> None:
        self.sheets = sheets
        self.places = places
        self.extra_sheets: dict[str, list[list[Cell]]] = {}
        self.hidden_sheets: list[Sheet] = []
        self._avoid = frozenset(avoid)
        self._used: set[tuple[str, int]] = set()
        self._faults_of: Counter[str] = Counter()
        codes = sorted({key.school_code for sheet in sheets for key in sheet.keys})
        self._rank = {codes[i]: rank for rank, i in enumerate(rng.permutation(len(codes)))}

    def plant(self, faults: Sequence[Fault]) -> list[Planted]:
        """Plant what can be planted here; a fault that finds no cell of its kind is left out."""
        planted = []
        for fault in sorted(faults, key=lambda fault: _ORDER.get(fault.how, 2)):
            if (done := self._plant(fault)) is not None:
                planted.append(done)
        return planted

    def _plant(self, fault: Fault) -> Planted | None:
        if fault.how == "extra_sheet":
            return self._extra_sheet(fault)
        for sheet in self.sheets:
            if sheet.form != fault.form:
                continue
            if fault.how == "hidden_sheet":
                return self._hidden_sheet(sheet, fault)
            if fault.how in WHOLE_COLUMN:
                if (done := WHOLE_COLUMN[fault.how](sheet, fault)) is not None:
                    return self._placed(sheet, done)
                continue
            spots = [
                spot
                for spot in _spots(sheet, fault)
                if (sheet.table, spot.row) not in self._used and sheet.keys[spot.row].school_code not in self._avoid
            ]
            spots.sort(key=lambda spot: self._preference(sheet.keys[spot.row].school_code))
            for spot in spots:
                if (done := self._plant_cell(sheet, fault, spot)) is not None:
                    return self._placed(sheet, done)
        return None

    def _preference(self, code: str) -> tuple[bool, bool, int]:
        return code.startswith(_SPECIAL_SCHOOL), not self._faults_of[code], self._rank[code]

    def _plant_cell(self, sheet: Sheet, fault: Fault, spot: Spot) -> Planted | None:
        original = sheet.body[spot.row][spot.column]
        code = sheet.keys[spot.row].school_code
        if fault.how == "duplicate":
            sheet.body.insert(spot.row + 1, list(sheet.body[spot.row]))
            sheet.keys.insert(spot.row + 1, sheet.keys[spot.row])
            self._used = {(t, r + (t == sheet.table and r > spot.row)) for t, r in self._used}
            self._used |= {(sheet.table, spot.row), (sheet.table, spot.row + 1)}
            spot, value = replace(spot, row=spot.row + 1), original
        elif fault.how == "blank_row":
            blank_figures(sheet, spot.row)
            self._used.add((sheet.table, spot.row))
            value = None
        else:
            value = CELL[fault.how](sheet, fault, spot, original)
            if value is original or str(value) == str(original):
                return None
            sheet.body[spot.row][spot.column] = value
            self._used.add((sheet.table, spot.row))
        self._faults_of[code] += 1
        cell = sheet.address(sheet.body_row + spot.row, spot.column)
        return line_of(fault, sheet, cell, original, value, code, spot.stage or "")

    def _extra_sheet(self, fault: Fault) -> Planted:
        self.extra_sheets[fault.argument] = [
            ["示例数据"],
            ["姓名", "电话"],
            ["张三", "0000-0000000"],
            ["李四", "0000-0000001"],
        ]
        file = next(file for file, sheet in self.places.values() if sheet)
        first = self.sheets[0]
        line = line_of(fault, first, "", None, fault.argument)
        return replace(line, file=file, sheet=fault.argument)

    def _hidden_sheet(self, sheet: Sheet, fault: Fault) -> Planted:
        hidden = copy.deepcopy(sheet)
        hidden.name = fault.argument
        self.hidden_sheets.append(hidden)
        return replace(self._placed(sheet, line_of(fault, sheet, "", None, fault.argument)), sheet=fault.argument)

    def _placed(self, sheet: Sheet, line: Planted) -> Planted:
        file, name = self.places[sheet.table]
        return replace(line, file=file, sheet=name)


def _spots(sheet: Sheet, fault: Fault) -> Iterator[Spot]:
    """Filled cells that alone make the fault's field, in rows of the fault's stage."""
    for row, key in enumerate(sheet.keys):
        for block, stage in key.blocks:
            column = sheet.column_of(fault.field, block)
            if column is None or sheet.body[row][column] is None or (fault.stage and stage != fault.stage):
                continue
            if fault.only and not _prints(sheet, row, block, fault.only):
                continue
            yield Spot(row, column, stage, block)


def _prints(sheet: Sheet, row: int, block: str, only: str) -> bool:
    name, _, texts = only.partition(":")
    column = sheet.column_of(name, block)
    return column is not None and sheet.body[row][column] in texts.split(";")
