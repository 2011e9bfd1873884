"""The workbook of a county's self-assessment tables.

Belongs here: layout of the five forms. Does not belong here: reading (``facts.py``).

Form Ⅲ is live: X, the county's mean X̄, S and the coefficient are formulas over the x and P of the schools, with the
figures of the release as their stored results, so that whoever checks the form can recompute it where it stands. The
formulas are ours; texts from files are texts by type (``pipelines.dashboards.takeaway``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from pipelines.dashboards.extract import Extract, worded
from pipelines.dashboards.tables import Column
from pipelines.dashboards.takeaway import FORMATS, sheet_names
from pipelines.dashboards.text import Text, load
from pipelines.defuse import defused
from pipelines.forms.facts import BalanceForm, FormsBook

NUMERALS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ", 5: "Ⅴ"}
_EPOCH = datetime(2000, 1, 1)
#: Rows of a sheet above its table: title, place and year, release.
_HEAD = 4


def forms_bytes(book: FormsBook, release_id: str, language: str = "zh", *, sample: bool = False) -> bytes:
    """The workbook (.xlsx) of a county and year in one language. The same release gives the same bytes."""
    text = load(language)
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as made:
        made.set_properties({"title": text("forms.title", county=book.county_name), "created": _EPOCH})
        layout = _Layout(made, text, book, release_id, sample)
        for number in NUMERALS:
            if number == 3:
                layout.balance(book.balance)
            else:
                layout.form(number, book.sheets[number])
    return buffer.getvalue()


class _Layout:
    """Writes the forms one after the other."""

    def __init__(self, made: Any, text: Text, book: FormsBook, release_id: str, sample: bool) -> None:
        self._made, self._text, self._book = made, text, book
        self._release, self._sample = release_id, sample
        self._title = made.add_format({"bold": True, "font_size": 14})
        self._small = made.add_format({"font_color": "#555555"})
        self._head = made.add_format(
            {"bold": True, "text_wrap": True, "border": 1, "bg_color": "#EEF2F5", "valign": "top"}
        )
        self._cells = {kind: made.add_format({"num_format": form, "border": 1}) for kind, form in FORMATS.items()}
        self._plain = made.add_format({"border": 1, "valign": "top"})
        self._quoted = made.add_format({"border": 1, "valign": "top", "quote_prefix": True})
        self._bold = made.add_format({"bold": True, "border": 1})
        self._exact = made.add_format({"bold": True, "border": 1, "num_format": "0.000000"})
        self._coefficient = made.add_format({"bold": True, "border": 1, "num_format": "0.000"})

    def form(self, number: int, extracts: tuple[Extract, ...]) -> None:
        """A form of plain tables, one under the other."""
        sheet, row = self._sheet(number, self._text(f"forms.{number}"))
        for extract in extracts:
            table = worded(extract, self._text, self._book.terms, caption=self._text(f"forms.{extract.name}"))
            sheet.write_string(row, 0, table.caption, self._title)
            row += 1
            for place, column in enumerate(table.columns):
                sheet.write_string(row, place, _title(column), self._head)
            for cells in table.rows:
                row += 1
                for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                    self._write(sheet, row, place, cell, column.kind)
            row += 3

    def balance(self, forms: tuple[BalanceForm, ...]) -> None:
        """Form Ⅲ: a sheet for each standard and stage."""
        for form in forms:
            if form.indicators:
                self._balance(form)

    def _balance(self, form: BalanceForm) -> None:
        text = self._text
        standard = self._book.terms.get("standard", {}).get(form.standard, {}).get(text.language, form.standard)
        title = f"{text('forms.3')} · {standard} · {text.stage(form.stage)}"
        sheet, top = self._sheet(3, title, f"{standard} {text.stage(form.stage)}")
        for place, word in enumerate((text("column.school"), text("column.school_code"), "P")):
            sheet.write_string(top + 1, place, word, self._head)
        for number, indicator in enumerate(form.indicators):
            place = 3 + 2 * number
            words, unit = indicator.title.get(text.language, ""), indicator.unit.get(text.language, "")
            sheet.merge_range(top, place, top, place + 1, f"{words} [{unit}]", self._head)
            sheet.write_string(top + 1, place, "x", self._head)
            sheet.write_string(top + 1, place + 1, "X", self._head)
        first, last = top + 2, top + 1 + len(form.schools)
        for offset, (name, code, pupils, *amounts) in enumerate(form.schools):
            row = first + offset
            for place, (cell, kind) in enumerate(((name, "text"), (code, "code"), (pupils, "number"))):
                self._write(sheet, row, place, cell, kind)
            for number, (amount, indicator) in enumerate(zip(amounts, form.indicators, strict=True)):
                place = 3 + 2 * number
                self._write(sheet, row, place, amount, "number")
                known = amount is not None and pupils
                x, weight = xl_rowcol_to_cell(row, place), xl_rowcol_to_cell(row, 2, col_abs=True)
                formula = f'=IF(AND(ISNUMBER({x}),{weight}>0),{x}/{weight}*{indicator.per:g},"")'
                result = amount / pupils * indicator.per if known else ""
                sheet.write_formula(row, place + 1, formula, self._cells["number"], result)
        self._sums(sheet, form, first, last)
        sheet.freeze_panes(first, 2)

    def _sums(self, sheet: Any, form: BalanceForm, first: int, last: int) -> None:
        """County's totals, mean, deviation, coefficient as formulas; line and verdicts as the release has them."""
        text, row = self._text, last + 1
        for offset, key in enumerate(("total", "mean", "deviation", "coefficient", "line", "verdict")):
            sheet.merge_range(row + offset, 0, row + offset, 1, text(f"forms.3.{key}"), self._head)
        weights = f"$C${first + 1}:$C${last + 1}"
        for number, indicator in enumerate(form.indicators):
            place = 3 + 2 * number
            amounts, values = (
                f"{xl_rowcol_to_cell(first, at, row_abs=True)}:{xl_rowcol_to_cell(last, at, row_abs=True)}"
                for at in (place, place + 1)
            )
            known = f"ISNUMBER({amounts})*({weights}>0)"
            total = sum(cells[3 + number] for cells in form.schools if cells[3 + number] is not None and cells[2])
            cell = [xl_rowcol_to_cell(row + offset, place + 1) for offset in range(4)]
            below = f"SUMPRODUCT({known},{weights})"
            mean = f'=IF({below}>0,SUMIF({weights},">0",{amounts})/{below}*{indicator.per:g},"")'
            deviation = (
                f"=IF({below}>0,SQRT(SUMPRODUCT({known},{weights},"
                f'(IF(ISNUMBER({values}),{values},{cell[1]})-{cell[1]})^2)/{below}),"")'
            )
            sheet.write_formula(row, place, f'=SUMIF({weights},">0",{amounts})', self._cells["number"], total)
            sheet.write_blank(row, place + 1, None, self._plain)
            sheet.write_formula(row + 1, place + 1, mean, self._exact, _stored(indicator.mean))
            sheet.write_array_formula(
                row + 2, place + 1, row + 2, place + 1, f"{{{deviation}}}", self._exact, _stored(indicator.deviation)
            )
            coefficient = f'=IF(N({cell[1]})>0,{cell[2]}/{cell[1]},"")'
            sheet.write_formula(row + 3, place + 1, coefficient, self._coefficient, _stored(indicator.coefficient))
            for offset in range(1, 6):
                sheet.write_blank(row + offset, place, None, self._plain)
            self._write(sheet, row + 4, place + 1, indicator.line, "line")
            verdict = text.reason(indicator.reason) if indicator.meets is None else _verdict(text, indicator.meets)
            sheet.write_string(row + 5, place + 1, verdict, self._plain)
        sheet.write_formula(
            row, 2, f"=SUM({weights})", self._cells["integer"], sum(each[2] or 0 for each in form.schools)
        )
        row += 7
        places = [xl_rowcol_to_cell(last + 4, 4 + 2 * number) for number in range(len(form.indicators))]
        count = f'=IF(COUNT({",".join(places)})={len(places)},AVERAGE({",".join(places)}),"")'
        sheet.merge_range(row, 0, row, 1, text("forms.3.composite"), self._head)
        sheet.write_formula(row, 2, count, self._coefficient, _stored(form.composite))
        sheet.merge_range(row + 1, 0, row + 1, 1, text("forms.3.line"), self._head)
        self._write(sheet, row + 1, 2, form.line, "line")
        sheet.merge_range(row + 2, 0, row + 2, 1, text("forms.3.verdict"), self._head)
        verdict = text.reason(form.reason) if form.verdict is None else _verdict(text, form.verdict)
        sheet.write_string(row + 2, 2, verdict or _verdict(text, None), self._bold)
        sheet.write_string(row + 4, 0, text("forms.3.note"), self._small)

    def _sheet(self, number: int, title: str, name: str | None = None) -> tuple[Any, int]:
        """A new sheet with its head; the row below."""
        text, book = self._text, self._book
        taken = [each.get_name() for each in self._made.worksheets()]
        wanted = sheet_names([*taken, f"{NUMERALS[number]} {name or text(f'forms.{number}')}"])[-1]
        sheet = self._made.add_worksheet(wanted)
        sheet.write_string(0, 0, f"{NUMERALS[number]} {title}", self._title)
        place = (
            f"{book.county_name}（{book.county_code}）"
            if text.language == "zh"
            else f"{book.county_name} ({book.county_code})"
        )
        sheet.write_string(1, 0, place, self._quoted if defused(place) != place else None)
        sheet.write_string(1, 3, text.year(book.school_year))
        sheet.write_string(2, 0, text("site.release"), self._small)
        sheet.write_string(2, 1, self._release, self._small)
        if self._sample:
            sheet.write_string(2, 3, text("chart.sample"), self._title)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 40, 13)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet, _HEAD

    def _write(self, sheet: Any, row: int, place: int, cell: Any, kind: str) -> None:
        form: Mapping[str, Any] = self._cells
        if cell is None:
            sheet.write_blank(row, place, None, self._plain)
        elif kind == "verdict":
            sheet.write_string(row, place, _verdict(self._text, cell), self._plain)
        elif isinstance(cell, bool):
            sheet.write_string(row, place, self._text("word.yes" if cell else "word.no"), self._plain)
        elif isinstance(cell, (int, float)):
            sheet.write_number(row, place, cell, form.get(kind, self._plain))
        else:
            words = str(cell)[:32_767]
            sheet.write_string(row, place, words, self._quoted if defused(words) != words else self._plain)


def _verdict(text: Text, value: bool | None) -> str:
    return text({True: "verdict.yes", False: "verdict.no", None: "verdict.withheld"}[value])


def _stored(value: float | None) -> float | str:
    return "" if value is None else value


def _title(column: Column) -> str:
    return f"{column.title} [{column.unit}]" if column.unit else column.title
