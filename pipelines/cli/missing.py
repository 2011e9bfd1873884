"""``junheng missing``.

Belongs here: the command and the reminder list as a file. Does not belong here: what is owed
(``pipelines.completeness``).
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipelines.cli.common import HomeOption, console, error_console, open_home, year_of
from pipelines.cli.printing import Format, write
from pipelines.defuse import defused

if TYPE_CHECKING:
    import polars as pl

_COLUMNS = {
    "county_code": ("县码", "County code"),
    "county_name": ("县（市、区）", "County"),
    "department": ("责任科室", "Department"),
    "return": ("报表", "Return"),
    "school_year": ("学年", "School year"),
    "due": ("截止日", "Due"),
    "status": ("状态", "Status"),
    "days_late": ("逾期天数", "Days late"),
    "rows_quarantined": ("隔离行数", "Rows held back"),
}
_STATUS = {
    "missing": ("缺报", "missing"),
    "rejected": ("已拒收", "rejected"),
    "quarantined": ("全部隔离", "all rows held back"),
    "partly_quarantined": ("部分隔离", "some rows held back"),
}


def missing(
    year: Annotated[
        str | None, typer.Option(help="School year; `all` for every one (default: the last of which something is due).")
    ] = None,
    county: Annotated[str | None, typer.Option(help="County code, or the beginning of codes.")] = None,
    today: Annotated[str | None, typer.Option(help="As seen from this day (2020-10-08; default: today).")] = None,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of the list.")] = "zh",
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = "table",
    export: Annotated[Path | None, typer.Option(help="Write the list to this .xlsx or .csv file instead.")] = None,
    home: HomeOption = None,
) -> None:
    """List who is to be reminded of what: returns that did not come or cannot be used, with department and days late.

    Tables of all returns that are owed: `junheng query "from audit.completeness"`.
    """
    from pipelines.completeness import completeness_now, latest_due, reminders
    from pipelines.days import day_of, end_of
    from pipelines.run import opened

    now = datetime.now(UTC)
    if today is not None:
        try:
            now = end_of(date.fromisoformat(today)) - timedelta(seconds=1)
        except ValueError:
            raise typer.BadParameter(f"{today!r} is no day; write it like 2020-10-08") from None
    if export is not None and export.suffix.lower() not in (".xlsx", ".csv"):
        raise typer.BadParameter(f"{export}: the list is written as .xlsx or .csv")
    place = open_home(home)
    with opened(place) as ledger:
        told = completeness_now(place, ledger, now=now)
    wanted = latest_due(told, day_of(now)) if year is None else None if year == "all" else year_of(year)
    found = _readable(reminders(told, year=wanted, county=county), language)
    if export is None:
        write(output, found.columns, found.iter_rows())
    else:
        _export(found, export, language)
    seen = "all school years" if wanted is None else f"school year {wanted}"
    error_console().print(
        f"{seen}, as of {day_of(now)}: {found.height} returns of {found['county_code'].n_unique()} counties",
        markup=False,
    )


def _readable(found: pl.DataFrame, language: str) -> pl.DataFrame:
    """The reminder list with names instead of keys."""
    import polars as pl

    from models import rules
    from models.returns import CONTRACTS

    departments = dict(rules.load()["department"].select("department", language).rows())
    forms = {name: contract.zh if language == "zh" else contract.en for name, contract in CONTRACTS.items()}
    status = {name: words[language == "en"] for name, words in _STATUS.items()}
    return found.with_columns(
        pl.col("owner").replace(departments).alias("department"),
        pl.col("form").replace(forms).alias("return"),
        pl.col("status").replace(status),
    ).select(list(_COLUMNS))


def _export(found: pl.DataFrame, path: Path, language: str) -> None:
    from warehouse.files import make_folder, replacing

    titles = [words[language == "en"] for words in _COLUMNS.values()]
    make_folder(path.absolute().parent)
    with replacing(path) as temporary:
        if path.suffix.lower() == ".csv":
            with temporary.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets know UTF-8 by its mark
                writer = csv.writer(file)
                writer.writerow(titles)
                writer.writerows([defused(c) if isinstance(c, str) else c for c in row] for row in found.iter_rows())
        else:
            _write_book(found, temporary, titles)
    console().print(str(path), markup=False, soft_wrap=True)


def _write_book(found: pl.DataFrame, path: Path, titles: list[str]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bg_color": "#DCE9F5", "border": 1})
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        for column, (title, width) in enumerate(zip(titles, (9, 16, 18, 28, 8, 12, 14, 9, 9), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        for number, row in enumerate(found.iter_rows(), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell, text)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day))
                else:
                    sheet.write(number, column, cell)
        sheet.autofilter(0, 0, max(found.height, 1), len(titles) - 1)
        sheet.freeze_panes(1, 0)
