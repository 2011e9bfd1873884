"""Returns to printed tables: the inverse of the layouts.

Belongs here: which figures stand in which printed column of which table. Does not belong here:
how a table is set (``printing``) and file formats.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from models.returns import CONTRACTS
from models.returns.layout import Column, Layout, Table, load_layouts
from models.returns.units import factor
from pipelines.sample import names
from pipelines.sample.printing import Setting, fillers, preamble, printed_levels, settings, unit_row, words_for
from pipelines.sample.sheet import Cell, PrintedColumn, RowKey, Sheet, tidy

GENERATIONS = ("jichuji", "jiaoji")
_RUNNING_NUMBER = "序号"


def generation(year: int) -> str:
    """Layout of the forms of a school year."""
    for name in GENERATIONS:
        layout = load_layouts()[name]
        if layout.from_year <= year <= layout.to_year:
            return name
    raise ValueError(f"no form generation for school year {year}; known: 2012 on")


def county_sheets(returns: dict[str, pl.DataFrame], county: names.County, year: int) -> list[Sheet]:
    """All tables of a county and school year that have rows, in the order of the layout.

    ``returns`` holds the rows of that county and year by form.
    """
    layout = load_layouts()[generation(year)]
    sheets = (_sheet(layout, table, returns[table.forms[0]], county, year) for table in layout.tables)
    return [sheet for sheet in sheets if sheet.body]


def _sheet(layout: Layout, table: Table, rows: pl.DataFrame, county: names.County, year: int) -> Sheet:
    setting = settings()[layout.name, table.name]
    form = table.forms[0]
    lines = [line for line in table.columns if line.holds_in(year)]
    blocks = list(dict.fromkeys(line.block for line in lines))
    keys, aligned = _align(rows, lines, blocks)
    by_header: dict[str, list[Column]] = defaultdict(list)
    for line in lines:
        if line.header is not None:
            by_header[line.header].append(line)
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for header, feeding in by_header.items():
        for line in feeding:
            if line.field:
                parts[line.block, line.field].append(header)
    columns, values = [], []
    for header, feeding in by_header.items():
        feeds = tuple((line.block, line.field) for line in feeding if line.field)
        numeric = _is_numeric(layout, table, form, header, feeds)
        unit = feeding[0].unit
        columns.append(
            PrintedColumn(
                printed_levels(layout.name, header, setting, unit),
                feeds,
                numeric,
                unit,
                whole=len(feeds) == 1 and len(parts[feeds[0]]) == 1,
            )
        )
        if feeds:
            values.append(_values(layout, form, header, feeding, parts, aligned, setting))
        else:
            values.append(_filler(layout, table, header, aligned, len(keys)))
    return Sheet(
        layout=layout.name,
        table=table.name,
        form=form,
        name=table.name,
        county_code=county.code,
        school_year=year,
        preamble=preamble(layout.name, table.name, setting, county, year, columns),
        columns=columns,
        body=[list(line) for line in zip(*values, strict=True)],
        keys=keys,
        unit_row=unit_row(setting, columns),
        numbering=setting.numbering,
        total=setting.total,  # type: ignore[arg-type]
        notes=[f"注：本表为{names.MARK}数据，{names.PREFECTURE}及所属各县、各校均为虚构。"],
    )


def _align(rows: pl.DataFrame, lines: list[Column], blocks: list[str]) -> tuple[list[RowKey], dict[str, pl.DataFrame]]:
    """One printed row per school (and stage, where no block says the stage), and each block's figures in that order."""
    frames = {}
    for block in blocks:
        stage = next((line.constant for line in lines if line.block == block and line.field == "stage"), None)
        frames[block] = rows if stage is None else rows.filter(pl.col("stage") == stage)
    if blocks == [""]:
        frame = frames[""]
        stages = frame["stage"].to_list() if "stage" in frame.columns else [None] * frame.height
        keys = [
            RowKey(code, (("", stage),)) for code, stage in zip(frame["school_code"].to_list(), stages, strict=True)
        ]
        return keys, {"": frame}
    codes = pl.concat([frame.select("school_code") for frame in frames.values()]).unique().sort("school_code")
    aligned = {
        block: codes.join(frame, on="school_code", how="left", maintain_order="left") for block, frame in frames.items()
    }
    stages_of = {block: frame["stage"].to_list() for block, frame in aligned.items()}
    keys = [
        RowKey(code, tuple((block, stages_of[block][i]) for block in blocks if stages_of[block][i] is not None))
        for i, code in enumerate(codes["school_code"].to_list())
    ]
    return keys, aligned


def _is_numeric(layout: Layout, table: Table, form: str, header: str, feeds: tuple[tuple[str, str], ...]) -> bool:
    if feeds:
        info = CONTRACTS[form].fields[feeds[0][1]]
        return info.numeric and not words_for(layout.name, feeds[0][1])
    filler = fillers().get((layout.name, table.name, header))
    return filler is not None and bool(filler["times"])


def _values(
    layout: Layout,
    form: str,
    header: str,
    feeding: list[Column],
    parts: dict[tuple[str, str], list[str]],
    aligned: dict[str, pl.DataFrame],
    setting: Setting,
) -> list[Cell]:
    """What a column prints. A column that several fields share is printed for the field that it makes alone."""
    own = [line for line in feeding if line.field]
    line = next((line for line in own if len(parts[line.block, line.field or ""]) == 1), own[0])
    assert line.field is not None
    frame = aligned[line.block]
    info = CONTRACTS[form].fields[line.field]
    if not info.numeric or words_for(layout.name, line.field):
        words = words_for(layout.name, line.field)
        texts = frame[line.field]
        if frame[line.field].null_count() and len(aligned) > 1:
            texts = _from_any(aligned, line.field)
        return [None if text is None else words.get(str(text), text) for text in texts.to_list()]
    values = _part(header, line.block, line.field, parts, frame)
    times = factor(line.unit, info.unit)
    assert times is not None
    absent = setting.not_applicable if line.block else None
    return [
        absent if value is None else tidy(round(value * times.denominator / times.numerator, 4))
        for value in values.to_list()
    ]


def _from_any(aligned: dict[str, pl.DataFrame], name: str) -> pl.Series:
    """A text column from whichever block has the row."""
    return pl.select(pl.coalesce([frame[name] for frame in aligned.values()])).to_series()


def _part(
    header: str, block: str, name: str, parts: dict[tuple[str, str], list[str]], frame: pl.DataFrame
) -> pl.Series:
    """A column's part of its field: what another field says of a summed column stands, the rest is shared evenly."""
    headers = parts[block, name]
    if len(headers) == 1:
        return frame[name]
    named = {
        other[0]: field_name
        for (other_block, field_name), other in parts.items()
        if other_block == block and len(other) == 1 and other[0] in headers
    }
    rest = frame[name]
    for field_name in named.values():
        rest = rest - frame[field_name]
    free = [other for other in headers if other not in named]
    position, whole = free.index(header), rest.cast(pl.Int64)
    return whole // len(free) + (whole % len(free) > position).cast(pl.Int64)


def _filler(layout: Layout, table: Table, header: str, aligned: dict[str, pl.DataFrame], height: int) -> list[Cell]:
    if header == _RUNNING_NUMBER:
        return list(range(1, height + 1))
    row = fillers()[layout.name, table.name, header]
    if not row["of"]:
        return [row["text"] or None] * height
    source = next(frame for frame in aligned.values())[row["of"]]
    if not row["times"]:
        return list(source.to_list())
    return [None if value is None else int(value * float(row["times"])) for value in source.to_list()]
