"""Columns of parts by year: class sizes, ledgers of rectification, scores by block, directions of exchange.

Belongs here: stacked columns with direct labels. Does not belong here: which parts there are, words.

A year without figures is a hatched gap. Every part is named at the right of the last column that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.apart import apart
from pipelines.dashboards.charts.canvas import FAINT, HATCH, INK, LEADING, MARGIN, MUTED, Pen, Sheet
from pipelines.dashboards.charts.recording import POINTS

WIDTH, BODY = 4.2, 2.3
LABEL = 7.8
NAME_ROOM = 1.5
PART, GAP_BAND, THRESHOLD_LINE, MARK = "part", "no-data", "threshold", "mark"


@dataclass(frozen=True)
class Layer:
    """A part of every column: its values by year (absent: none) and its colour."""

    name: str
    values: Mapping[int, float]
    colour: str


@dataclass(frozen=True)
class Bound:
    """A line across the columns: its height by year, what it is called, whether it decides."""

    heights: Mapping[int, float]
    name: str
    binding: bool = True


def draw(
    pen: Pen,
    years: Sequence[int],
    layers: Sequence[Layer],
    *,
    title: str,
    subtitle: str,
    written: Callable[[float], str],
    bound: Bound | None = None,
    marks: Mapping[int, float] | None = None,
    marks_name: str = "",
    top: float | None = None,
    width: float = WIDTH,
    body: float = BODY,
) -> Figure:
    """Columns of ``layers`` from the bottom up. ``marks`` are ticks beside the columns (what was declared, say).

    ``top`` fixes the upper end of the axis (1 for shares).
    """
    shown = [layer for layer in layers if any(layer.values.values())]
    held = {year for layer in layers for year in layer.values}
    totals = {year: sum(layer.values.get(year, 0.0) for layer in layers) for year in held}
    bounds = list(bound.heights.values()) if bound else []
    high = top or max([*totals.values(), *bounds, *(marks or {}).values()], default=0.0) * 1.08 or 1.0
    last = max(held, default=years[-1])
    names = _names(pen, shown, last, written, bound, marks, marks_name, bool(top))
    room = max((pen.width(words, LABEL) for _, words, _ in names), default=0.0) + 0.2
    sheet = Sheet(pen, width=width, body=body, title=title, subtitle=subtitle)
    axes = sheet.axes(left=MARGIN + 0.06, right=room + MARGIN, bottom=0.22, top=0.1)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    axes.set_ylim(0, high)
    step = max(1, ceil(len(years) / (width - room - 2 * MARGIN) / 3.2))
    scale.below(axes, scale.every(years, step), size=LABEL - 0.5)
    axes.spines["bottom"].set(visible=True, color=HATCH)
    column = (width - room - 2 * MARGIN) / len(years) * 0.78
    tall = (body - 0.32) / high
    for year in years:
        if year not in held:
            axes.axvspan(year - 0.5, year + 0.5, facecolor="none", edgecolor=FAINT, hatch="////", linewidth=0,
                         gid=GAP_BAND, zorder=0.5)  # fmt: skip
            continue
        base = 0.0
        for layer in shown:
            value = layer.values.get(year, 0.0)
            if value:
                _part(pen, axes, year, base, value, layer, written, column, tall)
            base += value
        if marks and year in marks:
            axes.plot([year - 0.45, year + 0.45], [marks[year], marks[year]], color=INK, linewidth=1.6, zorder=4,
                      gid=MARK, solid_capstyle="butt")  # fmt: skip
    if bound is not None:
        for year, height in bound.heights.items():
            axes.plot([year - 0.5, year + 0.5], [height, height], color=INK, linewidth=1.0, zorder=3,
                      linestyle="-" if bound.binding else (0, (4, 3)), gid=THRESHOLD_LINE)  # fmt: skip
    height = LABEL * LEADING / POINTS / tall
    placed = apart([y for y, _, _ in names], [height] * len(names), -0.06 * high, high * 1.06)
    for (_, words, colour), y in zip(names, placed, strict=True):
        axes.annotate(words, (1, y), xycoords=("axes fraction", "data"), xytext=(15, 0), textcoords="offset points",
                      ha="left", va="center", size=LABEL, color=INK if colour else MUTED,
                      annotation_clip=False)  # fmt: skip
        if colour:
            axes.annotate("■", (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
                          ha="left", va="center", size=LABEL, color=colour, annotation_clip=False)  # fmt: skip
    return sheet.figure


def ink_on(colour: str) -> str:
    """White or black, whichever is read on ``colour``."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return "white" if 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2] < 0.18 else INK


def _part(
    pen: Pen, axes: Axes, year: int, base: float, value: float, layer: Layer, written: Callable[[float], str],
    column: float, tall: float,
) -> None:  # fmt: skip
    axes.add_patch(Rectangle((year - 0.39, base), 0.78, value, facecolor=layer.colour, edgecolor="white",
                             linewidth=0.6, gid=PART, zorder=2))  # fmt: skip
    words = written(value)
    if value * tall > 0.13 and pen.width(words, 6.2) < column - 0.02:
        axes.text(year, base + value / 2, words, ha="center", va="center_baseline", size=6.2,
                  color=ink_on(layer.colour), zorder=3)  # fmt: skip


def _names(
    pen: Pen, layers: Sequence[Layer], last: int, written: Callable[[float], str], bound: Bound | None,
    marks: Mapping[int, float] | None, marks_name: str, share: bool,
) -> list[tuple[float, str, str]]:  # fmt: skip
    """(height, words, colour; no colour for lines) at the right of the last column."""
    found: list[tuple[float, str, str]] = []
    base = 0.0
    for layer in layers:
        value = layer.values.get(last, 0.0)
        words = f"{layer.name} {written(value)}"
        found.append((base + value / 2, pen.fit(words, LABEL, NAME_ROOM), layer.colour))
        base += value
    if bound is not None and bound.heights:
        height = bound.heights[max(bound.heights)]
        found.append((height, pen.fit(f"{bound.name} {written(height)}", LABEL, NAME_ROOM), ""))
    if marks:
        height = marks[max(marks)]
        found.append((height, pen.fit(f"{marks_name} {written(height)}", LABEL, NAME_ROOM), ""))
    return found
