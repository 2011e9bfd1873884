"""The two funding tables of a county and year as printed (教财分析1, 教财分析2), and the faults planted in them.

Belongs here: rows and columns, and the workbook of its own in which they are sent. Does not belong here: the figures
(``funding``).
"""

from __future__ import annotations

from pathlib import Path

from models.returns.funding import ITEMS, LEVELS
from pipelines.sample import funding, names
from pipelines.sample.faultkinds import Planted, planted_at
from pipelines.sample.funding import Figure, Figures
from pipelines.sample.sheet import Cell, PrintedColumn, Sheet, tidy
from pipelines.sample.workbook import write_workbook

TOTALS, BY_STAGE = "教财分析1", "教财分析2"
_COMPARED = "education_funds"
_SHARES = {"education_funds": "budget_spending", "fiscal_education_funds": "gdp", "training_funds": "public_use_funds"}
_ITEM, _VALUE, _PRIOR, _GROWTH, _REVENUE, _GAP, _SHARE, _BASIS = range(8)


def write_funding(returns: Path, county: names.County, year: int, figures: Figures, slots: set[str]) -> list[Planted]:
    """Write the funding workbook of a county and year; the lines of the answer key for what ``slots`` planted in it."""
    path = returns / f"{county.code}_{county.name}_{year}年度_教育经费.xlsx"
    sheets = [_totals(county, year, figures), _by_stage(county, year, figures)]
    planted = _plant(sheets[0], slots, path.name)
    write_workbook(path, sheets)
    return planted


def _percent(rate: float) -> float:
    return round(rate * 100, 2)


def _growth(figure: Figure) -> Cell:
    return tidy(_percent(figure.growth))


def _sheet(county: names.County, year: int, table: str, title: str, columns: list[PrintedColumn]) -> Sheet:
    who = f"填报单位：{county.name}　　行政区划代码：{county.code}　　年度：{year}"
    return Sheet(
        layout="jiaocai",
        table=table,
        form="funding",
        name=table,
        county_code=county.code,
        school_year=year,
        preamble=[f"{title}（{names.MARK}数据）", f"表　号：{table}", who],
        columns=columns,
        body=[],
        keys=[],
        notes=[f"注：本表为{names.MARK}数据，{names.PREFECTURE}及所属各县均为虚构；上年数为同口径数。"],
    )


def _columns(*levels: tuple[str, ...]) -> list[PrintedColumn]:
    return [PrintedColumn(each, (), numeric=index > 0) for index, each in enumerate(levels)]


def _totals(county: names.County, year: int, figures: Figures) -> Sheet:
    columns = _columns(
        ("项目",), ("本年数（万元）",), ("上年数（同口径）（万元）",), ("本年比上年增长（%）",),
        ("财政经常性收入增长（%）",), ("增长幅度比较（百分点）",), ("占比（%）",), ("口径说明",),
    )  # fmt: skip
    sheet = _sheet(county, year, TOTALS, "教育经费总量及增长情况", columns)
    revenue = figures["all", "regular_revenue"].growth
    for item in funding.TOTALS:
        figure = figures["all", item]
        row: list[Cell] = [ITEMS[item], _wan(figure.value), _wan(figure.prior), _growth(figure), None, None, None, None]
        if item == _COMPARED:
            row[_REVENUE] = tidy(_percent(revenue))
            row[_GAP] = tidy(round(_percent(figure.growth) - _percent(revenue), 2))
        if whole := _SHARES.get(item):
            row[_SHARE] = tidy(_percent(figure.value / figures["all", whole].value))
        row[_BASIS] = figure.basis
        sheet.body.append(row)
    return sheet


def _wan(yuan: float) -> Cell:
    return tidy(round(yuan / 10_000, 2))


def _by_stage(county: names.County, year: int, figures: Figures) -> Sheet:
    heads = [
        (ITEMS[item], leaf) for item in funding.PER_HEAD for leaf in ("本年（元）", "上年（同口径）（元）", "增长（%）")
    ]
    sheet = _sheet(county, year, BY_STAGE, "生均教育经费及教师工资增长情况", _columns(("学段",), *heads, ("口径说明",)))
    for stage in funding.STAGES:
        row: list[Cell] = [LEVELS[stage]]
        for item in funding.PER_HEAD:
            figure = figures[stage, item]
            row += [tidy(figure.value), tidy(figure.prior), _growth(figure)]
        row.append(next((f.basis for item in funding.PER_HEAD if (f := figures[stage, item]).basis), None))
        sheet.body.append(row)
    return sheet


def _plant(sheet: Sheet, slots: set[str], file: str) -> list[Planted]:
    """Faults of the rules of the return: three in the first slot, one each in the others; each in a row of its own."""
    planted = []
    if "first" in slots:
        planted += [
            _swap(sheet, file, _COMPARED, _GROWTH, _SHARE, "share_and_growth_in_each_others_place", "declared_growth"),
            _swap(sheet, file, "wage_bill", _VALUE, _PRIOR, "years_in_each_others_place", "value_yuan"),
            _raise(sheet, file, "gdp", _GROWTH, 1.5, "declared_growth_is_the_growth", "declared_growth"),
        ]
    elif "third" in slots:
        planted.append(
            _raise(
                sheet, file, "training_funds", _SHARE, 0.8, "funding_share_is_the_computed", "declared_share", "query"
            )
        )
    elif "second" in slots:
        planted.append(_raise(sheet, file, _COMPARED, _GAP, 0.4, "declared_gap_is_the_difference", "declared_gap"))
    return planted


def _swap(sheet: Sheet, file: str, item: str, one: int, other: int, rule: str, field: str) -> Planted:
    row = funding.TOTALS.index(item)
    cells = sheet.body[row]
    original = cells[one]
    cells[one], cells[other] = cells[other], cells[one]
    return _line(sheet, file, row, one, rule, field, original)


def _raise(
    sheet: Sheet, file: str, item: str, column: int, by: float, rule: str, field: str, severity: str = "error"
) -> Planted:
    row = funding.TOTALS.index(item)
    original = sheet.body[row][column]
    assert isinstance(original, int | float)
    sheet.body[row][column] = tidy(round(original + by, 2))
    return _line(sheet, file, row, column, rule, field, original, severity)


def _line(
    sheet: Sheet, file: str, row: int, column: int, rule: str, field: str, original: Cell, severity: str = "error"
) -> Planted:
    return planted_at(
        sheet, row, column, fault=f"funding_{rule}", rule=rule, severity=severity, file=file, field=field,
        original=original, stage="all",
    )  # fmt: skip
