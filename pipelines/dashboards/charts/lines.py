"""A coefficient over the years against its line: the large trend and the small panels.

Belongs here: lines by school year. Does not belong here: which years or indicators are shown.

A year without a value is a gap in the line under a pale hatched band, never a point at zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, nan
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.canvas import ABOVE, BELOW, FAINT, HATCH, INK, MUTED, Pen, Sheet
from pipelines.dashboards.facts import Point

#: ``gid`` of the artists, so that tests (and style sheets) can find them.
VALUE_LINE = "coefficient"
THRESHOLD_LINE = "threshold"
GAP_BAND = "no-data"
POINT_BELOW, POINT_ABOVE = "within", "above"
BREAK, FIRST = "break", "first-stated"
NOTHING: Mapping[int, Any] = MappingProxyType({})

#: Years that can be written side by side.
LABELS_PER_INCH = 3.2
#: Ground under a label. (An outline around the letters would write every letter out twice more.)
_WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.4}


@dataclass(frozen=True)
class Size:
    """Measures of one kind of line chart, inches and points."""

    width: float
    body: float
    left: float
    right: float
    bottom: float
    title: float
    label: float
    line: float
    marker: float
    ticks: int


TREND = Size(4.6, 1.95, 0.46, 0.66, 0.24, 10.5, 8.0, 1.8, 5.5, 4)
PANEL = Size(2.5, 1.12, 0.36, 0.52, 0.20, 8.5, 7.0, 1.4, 3.8, 3)


def top_of(points: Sequence[Point]) -> float:
    """Upper end of the axis that holds every value and line with room for a label; 1 where there is nothing."""
    known = [number for point in points for number in (point.value, point.line) if number is not None]
    return max(known, default=0.0) * 1.22 or 1.0


def draw(
    pen: Pen,
    points: Sequence[Point],
    *,
    size: Size,
    title: str,
    subtitle: str = "",
    top: float,
    binding: bool,
    breaks: Mapping[int, str] = NOTHING,
    firsts: Mapping[int, float] = NOTHING,
) -> Figure:
    """Values of ``points`` (one a year, in order) against their lines, from zero to ``top``.

    ``binding`` False draws the line dashed and calls it a guide: it does not decide the verdict. ``breaks``: by the
    first year after it, what makes the figures differ from those before (in words in large charts only). ``firsts``: by
    year, the value as it was first stated, where it has been restated since.
    """
    sheet = Sheet(pen, width=size.width, body=size.body, title=title, subtitle=subtitle, title_size=size.title)
    told = size is TREND and bool(breaks)
    axes = sheet.axes(left=size.left, right=size.right, bottom=size.bottom, top=0.2 if told else 0.06)
    years = [point.year for point in points]
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_ylim(0, top)
    _ground(axes, years, size, top)
    _gaps(pen, axes, points, size, top)
    _threshold(pen, axes, points, size, binding)
    values = [nan if point.value is None else point.value for point in points]
    axes.plot(years, values, color=INK, linewidth=size.line, zorder=3, gid=VALUE_LINE, solid_capstyle="round")
    for above, colour, shape in ((False, BELOW, "o"), (True, ABOVE, "D"), (None, MUTED, "o")):
        for withheld in (False, True):
            chosen = [
                (point.year, point.value)
                for point in points
                if point.value is not None and point.above is above and point.withheld is withheld
            ]
            if chosen:
                axes.plot(
                    [year for year, _ in chosen], [value for _, value in chosen],
                    linestyle="none", marker=shape, markersize=size.marker, color=colour, zorder=4,
                    markerfacecolor="white" if withheld else colour, gid=POINT_ABOVE if above else POINT_BELOW,
                )  # fmt: skip
    _restated(axes, points, firsts, size)
    _labels(axes, points, size, top)
    for year, words in breaks.items():
        axes.axvline(year - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1, gid=BREAK)
        if told:
            left = (year - 0.5 - years[0] + 0.6) / (years[-1] - years[0] + 1.2) < 0.5
            axes.text(
                year - 0.5, top, words, ha="left" if left else "right", va="bottom", size=size.label - 1, color=MUTED
            )
    return sheet.figure


def _restated(axes: Axes, points: Sequence[Point], firsts: Mapping[int, float], size: Size) -> None:
    """What was stated first, as an open triangle, and how far the figure moved since."""
    for point in points:
        first = firsts.get(point.year)
        if first is not None and point.value is not None:
            axes.plot([point.year, point.year], [first, point.value], color=MUTED, linewidth=0.9, zorder=2.4)
            axes.plot([point.year], [first], marker="^", markersize=size.marker, color=MUTED, markerfacecolor="white",
                      linestyle="none", zorder=3.5, gid=FIRST)  # fmt: skip


def _ground(axes: Axes, years: list[int], size: Size, top: float) -> None:
    step = max(1, ceil(len(years) / (size.width - size.left - size.right) / LABELS_PER_INCH))
    scale.below(axes, scale.every(years, step), size=size.label - 0.5)
    scale.beside(axes, scale.values(0, top, size.ticks), size=size.label - 0.5, grid=True)
    axes.spines["bottom"].set(visible=True, color=HATCH)


def _gaps(pen: Pen, axes: Axes, points: Sequence[Point], size: Size, top: float) -> None:
    named = False
    for missing, run in groupby(points, key=lambda point: point.value is None):
        if not missing:
            continue
        gap = [point.year for point in run]
        axes.axvspan(
            gap[0] - 0.5, gap[-1] + 0.5, facecolor="none", edgecolor=FAINT, hatch="////", linewidth=0, zorder=0.5,
            gid=GAP_BAND,
        )  # fmt: skip
        if size is TREND and not named:
            axes.text(
                (gap[0] + gap[-1]) / 2, top * 0.5, pen.text("word.no_data"),
                rotation=90, ha="center", va="center", size=size.label - 1, color=MUTED, zorder=2,
                bbox=_WHITE,
            )  # fmt: skip
            named = True


def _threshold(pen: Pen, axes: Axes, points: Sequence[Point], size: Size, binding: bool) -> None:
    last = None
    for line, run in groupby(points, key=lambda point: point.line):
        held = [point.year for point in run]
        if line is None:
            continue
        axes.plot(
            [held[0] - 0.5, held[-1] + 0.5], [line, line], color=INK if binding else MUTED, zorder=2,
            gid=THRESHOLD_LINE, linewidth=1.0, linestyle="-" if binding else (0, (4, 3)), solid_capstyle="butt",
        )  # fmt: skip
        last = line
    if last is not None:
        words = f"{pen.text('word.line' if binding else 'word.reference')}\n{numbers.line(last)}"
        axes.annotate(
            words, (1, last), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
            ha="left", va="center", size=size.label - 0.5, color=INK if binding else MUTED, linespacing=1.1,
        )  # fmt: skip


def _labels(axes: Axes, points: Sequence[Point], size: Size, top: float) -> None:
    """Values at the first, the last and (in large charts) the highest point, on the far side of the threshold."""
    known = [point for point in points if point.value is not None]
    if not known:
        return
    chosen = {known[-1].year: known[-1]}
    apart = 2 if size is TREND else 4
    if known[-1].year - known[0].year >= apart:
        chosen[known[0].year] = known[0]
    highest = max(known, key=lambda point: point.value or 0.0)
    if size is TREND and all(abs(highest.year - year) >= apart for year in chosen):
        chosen[highest.year] = highest
    for point in chosen.values():
        value = point.value or 0.0
        over = point.above is not False or point is highest or value < 0.16 * top
        if over and point.line is not None and 0 < point.line - value < 0.17 * top and value >= 0.16 * top:
            over = False
        side = {known[0].year: ("left", -size.marker), known[-1].year: ("right", size.marker)}
        align, shift = side.get(point.year, ("center", 0)) if len(known) > 1 else ("center", 0)
        axes.annotate(
            numbers.coefficient(value, point.line), (point.year, value), xytext=(shift, 5 if over else -5),
            textcoords="offset points", ha=align, va="bottom" if over else "top", size=size.label,
            color=ABOVE if point.above else BELOW if point.above is False else INK, zorder=5,
            bbox=_WHITE,
        )  # fmt: skip
