"""All counties' lines of one figure in one picture: where the bundle runs, and who stands out.

Belongs here: the bundle of lines. Does not belong here: choosing the counties that are named (the caller does).

A grey line a county; the few that are named in colour, with their name at the right end; the threshold labelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

from matplotlib.figure import Figure

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.apart import apart
from pipelines.dashboards.charts.canvas import ABOVE, BELOW, HATCH, INK, MARGIN, MUTED, Pen, Sheet
from pipelines.dashboards.charts.lines import top_of
from pipelines.dashboards.facts import Point

WIDTH, BODY = 7.4, 3.1
NAME_SIZE = 8.0
NAME_ROOM = 1.75
#: Least distance between the names at the right end, in inches.
APART = 0.155
COUNTY_LINE, NAMED_LINE, THRESHOLD, ALONE = "county-line", "named-line", "threshold-line", "county-point"


def draw(
    pen: Pen,
    lines: Mapping[str, Sequence[Point]],
    named: Sequence[tuple[str, str]],
    *,
    title: str,
    subtitle: str,
    binding: bool,
) -> Figure:
    """``lines`` by county code, each with the same years; ``named``: (code, name) of those that are coloured."""
    sheet = Sheet(pen, width=WIDTH, body=BODY, title=title, subtitle=subtitle)
    axes = sheet.axes(left=MARGIN + 0.36, right=NAME_ROOM + 0.1, bottom=0.26, top=0.06)
    every = [point for points in lines.values() for point in points]
    years = sorted({point.year for point in every})
    top = top_of(every)
    axes.set_xlim(years[0] - 0.4, years[-1] + 0.4)
    axes.set_ylim(0, top)
    step = max(1, -(-len(years) // 12))
    scale.below(axes, scale.every(years, step), size=NAME_SIZE - 0.5)
    scale.beside(axes, scale.values(0, top, 6), size=NAME_SIZE - 0.5, grid=True)
    axes.spines["bottom"].set(visible=True, color=HATCH)
    chosen = dict(named)
    for code, points in lines.items():
        values = [nan if point.value is None else point.value for point in points]
        known = [point for point in points if point.value is not None]
        if not known:
            continue
        coloured = code in chosen
        colour = (ABOVE if known[-1].above else BELOW) if coloured else "#c3cad0"
        axes.plot(
            years, values, color=colour, linewidth=1.6 if coloured else 0.7, zorder=3 if coloured else 1.5,
            marker="o" if coloured else None, markersize=2.6, gid=NAMED_LINE if coloured else COUNTY_LINE,
        )  # fmt: skip
        alone = [] if coloured else _alone(points)
        if alone:
            axes.plot(
                [point.year for point in alone], [point.value or 0.0 for point in alone], color=colour,
                linestyle="none", marker="o", markersize=2.6, zorder=1.5, gid=ALONE,
            )  # fmt: skip
    by_year = {point.year: point.line for point in every if point.line is not None}
    if by_year:
        held = [by_year.get(year, nan) for year in years]
        style = "-" if binding else (0, (4, 3))
        axes.plot(
            years, held, color=INK if binding else MUTED, linewidth=1.0, linestyle=style, zorder=2.5, gid=THRESHOLD
        )
    ends = [
        (known[-1].value or 0.0, f"{chosen[code]} {numbers.coefficient(known[-1].value, known[-1].line)}",
         ABOVE if known[-1].above else BELOW)
        for code in chosen
        if (known := [point for point in lines.get(code, ()) if point.value is not None])
    ]  # fmt: skip
    if by_year:
        word = pen.text("word.line" if binding else "word.reference")
        ends.append((by_year[max(by_year)], f"{word} {numbers.line(by_year[max(by_year)])}", INK))
    height = APART * top / (BODY - 0.32)
    placed = apart([y for y, _, _ in ends], [height] * len(ends), -height / 2, top + height / 2)
    for (_, words, colour), y in zip(ends, placed, strict=True):
        axes.annotate(
            pen.fit(words, NAME_SIZE, NAME_ROOM), (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", size=NAME_SIZE, color=colour, va="center", ha="left",
        )  # fmt: skip
    return sheet.figure


def _alone(points: Sequence[Point]) -> list[Point]:
    """Points between two gaps, which no line reaches."""
    around = [None, *(point.value for point in points), None]
    return [
        point
        for place, point in enumerate(points)
        if point.value is not None and around[place] is None and around[place + 2] is None
    ]
