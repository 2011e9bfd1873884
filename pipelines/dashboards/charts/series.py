"""One or several figures over the years against their lines: rates, shares, scores, satisfaction with its interval.

Belongs here: lines by year with direct labels. Does not belong here: coefficients on a common scale (``lines.py``),
which years or figures are shown, words.

Every line and every threshold is named at its right end. A year without any value is a gap under a hatched band; a
point without a verdict is hollow; a break (another form, a restated year) is a dotted rule with its word on top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil, nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.apart import apart
from pipelines.dashboards.charts.canvas import (
    ABOVE,
    BELOW,
    FAINT,
    HATCH,
    INK,
    LEADING,
    MARGIN,
    MUTED,
    Pen,
    Sheet,
)  # fmt: skip
from pipelines.dashboards.charts.recording import POINTS
from pipelines.dashboards.facts import Point

Written = Callable[[float | None, float | None], str]
"""A value, with the line that it must not be rounded across, as text."""

WIDTH, BODY = 4.2, 2.05
LABEL = 7.8
#: Names at the right end take at most this much of the width, in inches.
NAME_ROOM = 1.35
VALUE_LINE, THRESHOLD_LINE, GAP_BAND, INTERVAL, BREAK, PROJECTION = (
    "value", "threshold", "no-data", "interval", "break", "projection",
)  # fmt: skip
YEARS_PER_INCH = 3.2

#: Told apart with every common colour blindness, and by their markers in grey.
COLOURS = (BELOW, "#b04a00", "#00705f", "#7a3f8f")
MARKERS = ("o", "D", "s", "^")


@dataclass(frozen=True)
class Series:
    """A figure over the years. ``intervals`` are (lower, upper) by year; ``faint`` is shown beside the one that counts.

    ``verdicts`` colours the points by the side of the line they lie on, for a single series: True where a value at or
    above its line is good, False where one at or below is, None for the colour of the series.
    """

    name: str
    points: Sequence[Point]
    line_name: str = ""
    binding: bool = True
    intervals: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    faint: bool = False
    at_least: bool | None = None


@dataclass(frozen=True)
class Break:
    """What makes the figures from ``year`` on differ from those before (``between``), or marks that year alone."""

    year: int
    words: str
    between: bool = True


def changes(words: Mapping[int, str]) -> list[Break]:
    """Breaks between a year and the one before, from words by year."""
    return [Break(year, each) for year, each in words.items()]


@dataclass(frozen=True)
class Projection:
    """When a trend crosses the line at ``height``: in ``year``, between ``earliest`` and ``latest`` (None: never).

    ``trend`` is (year, value, slope) of the straight line, drawn from ``since`` to ``until``, the end of the axis.
    """

    year: int
    height: float
    earliest: int | None
    latest: int | None
    until: int
    since: int
    trend: tuple[float, float, float] | None = None


def draw(
    pen: Pen,
    series: Sequence[Series],
    *,
    title: str,
    subtitle: str,
    written: Written,
    ticks: Callable[[float], str],
    zero: bool = True,
    breaks: Sequence[Break] = (),
    projection: Projection | None = None,
    width: float = WIDTH,
    body: float = BODY,
) -> Figure:
    """``series`` over the same years. ``written`` is a value (with its line) at full precision, ``ticks`` on the axis.

    ``zero`` False lets the axis begin where the values do (rates that lie close to 100 %).
    """
    years = [point.year for point in series[0].points]
    last = max(years[-1], projection.until if projection else years[-1])
    names = _names(pen, series, written, values=projection is None)
    names_room = max((pen.width(words, LABEL) for _, words, _ in names), default=0.0)
    top_room = 0.2 if breaks else 0.08
    sheet = Sheet(pen, width=width, body=body, title=title, subtitle=subtitle)
    low, high = _range(series, zero, projection)
    locator = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])
    marks = [mark for mark in locator.tick_values(low, high) if low <= mark <= high]
    left = MARGIN + max((pen.width(ticks(mark), LABEL - 0.5) for mark in marks), default=0.0) + 0.06
    axes = sheet.axes(left=left, right=names_room + 0.14 + MARGIN, bottom=0.22, top=top_room)
    axes.set_xlim(years[0] - 0.5, last + 0.5)
    axes.set_ylim(low, high)
    scale.beside(axes, [(mark, ticks(mark)) for mark in marks], size=LABEL - 0.5, grid=True)
    step = max(1, ceil((last - years[0] + 1) / (width - left - names_room - 0.3) / YEARS_PER_INCH))
    scale.below(axes, scale.every(range(years[0], last + 1), step), size=LABEL - 0.5)
    axes.spines["bottom"].set(visible=True, color=HATCH)
    _gaps(axes, series, years)
    _breaks(pen, axes, breaks)
    for place, one in enumerate(series):
        _threshold(axes, one, colour_of(place, series))
    if projection is not None:
        _projection(axes, projection)
        known = [point for point in series[0].points if point.value is not None]
        if known:
            last_known = known[-1]
            axes.annotate(
                written(last_known.value, last_known.line), (last_known.year, last_known.value or 0.0), xytext=(0, -6),
                textcoords="offset points", ha="center", va="top", size=LABEL, zorder=5,
                color=_tint(last_known, series[0], colour_of(0, series)),
            )  # fmt: skip
    for place, one in enumerate(series):
        _value(axes, one, place, colour_of(place, series))
    _label(pen, axes, names, body - 0.22 - top_room, low, high)
    return sheet.figure


def colour_of(place: int, series: Sequence[Series]) -> str:
    """Colour of the series at ``place``; a faint one is grey."""
    return MUTED if series[place].faint else COLOURS[place % len(COLOURS)]


def _range(series: Sequence[Series], zero: bool, projection: Projection | None) -> tuple[float, float]:
    known = [
        number for one in series for point in one.points for number in (point.value, point.line) if number is not None
    ]
    known += [end for one in series for pair in one.intervals.values() for end in pair]
    if projection is not None and projection.trend is not None:
        at, value, slope = projection.trend
        known += [value + slope * (year - at) for year in (projection.since, projection.until)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if zero:
        low = min(0.0, low)
    room = (high - low) * 0.12 or abs(high) * 0.05 or 0.5
    return (low if zero and low == 0 else low - room), high + room


def _gaps(axes: Axes, series: Sequence[Series], years: list[int]) -> None:
    known = {point.year for one in series for point in one.points if point.value is not None}
    for missing, run in groupby(years, key=lambda year: year not in known):
        if missing:
            gap = list(run)
            axes.axvspan(
                gap[0] - 0.5, gap[-1] + 0.5, facecolor="none", edgecolor=FAINT, hatch="////", linewidth=0, zorder=0.5,
                gid=GAP_BAND,
            )  # fmt: skip


def _breaks(pen: Pen, axes: Axes, breaks: Sequence[Break]) -> None:
    """Rules with their words above the axes; a word without room to its left neighbour is left to the subtitle."""
    width = axes.get_position().width * float(axes.figure.get_figwidth())  # type: ignore[union-attr]
    first, last = axes.get_xlim()
    inch = width / (last - first)
    free = 0.0
    for one in sorted(breaks, key=lambda each: each.year):
        x = one.year - (0.5 if one.between else 0.0)
        axes.plot([x, x], [0, 1], transform=axes.get_xaxis_transform(), color=MUTED, linewidth=0.8, zorder=1,
                  linestyle=(0, (1, 2)), gid=BREAK)  # fmt: skip
        room = pen.width(one.words, LABEL - 1)
        begin = min(max((x - first) * inch - room / 2, 0.0), width - room)
        if begin >= free:
            axes.text(
                (begin + room / 2) / width, 1.0, one.words, transform=axes.transAxes, ha="center", va="bottom",
                size=LABEL - 1, color=MUTED,
            )  # fmt: skip
            free = begin + room + 0.06


def _threshold(axes: Axes, one: Series, colour: str) -> None:
    for line, run in groupby(one.points, key=lambda point: point.line):
        held = [point.year for point in run]
        if line is None:
            continue
        axes.plot(
            [held[0] - 0.5, held[-1] + 0.5], [line, line], color=INK if colour == BELOW else colour, zorder=2,
            linewidth=1.0, linestyle="-" if one.binding else (0, (4, 3)), solid_capstyle="butt", gid=THRESHOLD_LINE,
        )  # fmt: skip


def _projection(axes: Axes, one: Projection) -> None:
    """The trend as a dashed line; where it crosses as a cross on the line, within its interval."""
    if one.trend is not None:
        at, value, slope = one.trend
        ends = [one.since, one.until]
        axes.plot(
            ends,
            [value + slope * (year - at) for year in ends],
            color=MUTED,
            linewidth=1.2,
            linestyle=(0, (3, 2)),
            zorder=2.5,
            gid=PROJECTION,
        )
    begin = one.year if one.earliest is None else one.earliest
    end = one.until + 0.5 if one.latest is None else min(one.latest, one.until + 0.5)
    axes.plot(
        [one.since, one.until + 0.5],
        [one.height, one.height],
        color=INK,
        linewidth=0.8,
        linestyle=(0, (4, 3)),
        zorder=1.8,
    )
    axes.plot([begin, end], [one.height, one.height], color=ABOVE, linewidth=4.5, alpha=0.4, zorder=2.8, gid=INTERVAL,
              solid_capstyle="butt")  # fmt: skip
    axes.plot([one.year], [one.height], marker="X", markersize=7, color=ABOVE, linestyle="none", zorder=5)


def _value(axes: Axes, one: Series, place: int, colour: str) -> None:
    years = [point.year for point in one.points]
    values = [nan if point.value is None else point.value for point in one.points]
    axes.plot(years, values, color=colour, linewidth=1.0 if one.faint else 1.7, zorder=3, gid=VALUE_LINE,
              linestyle=(0, (1, 1.5)) if one.faint else "-")  # fmt: skip
    for point in one.points:
        if point.value is not None and point.year in one.intervals:
            lower, upper = one.intervals[point.year]
            axes.plot([point.year, point.year], [lower, upper], color=colour, linewidth=2.6, alpha=0.4, zorder=2.6,
                      gid=INTERVAL, solid_capstyle="butt")  # fmt: skip
    if one.faint:
        return
    for tint in dict.fromkeys(_tint(point, one, colour) for point in one.points):
        for withheld in (False, True):
            chosen = [
                (point.year, point.value)
                for point in one.points
                if point.value is not None and point.withheld is withheld and _tint(point, one, colour) == tint
            ]
            if chosen:
                axes.plot(
                    [year for year, _ in chosen], [value for _, value in chosen], linestyle="none",
                    marker=MARKERS[place % len(MARKERS)] if tint == colour else "D", markersize=4.6, color=tint,
                    markerfacecolor="white" if withheld else tint, zorder=4,
                )  # fmt: skip


def _tint(point: Point, one: Series, colour: str) -> str:
    if one.at_least is None or point.value is None or point.line is None:
        return colour
    good = point.above is not False or point.value >= point.line if one.at_least else not point.above
    return colour if good else ABOVE


def _names(pen: Pen, series: Sequence[Series], written: Written, *, values: bool) -> list[tuple[float, str, str]]:
    """(height, words, colour) of every name at the right end; a line that several share is named once, in ink.

    ``values`` False leaves the values out (they do not end at the right where a trend is drawn on).
    """
    found: list[tuple[float, str, str]] = []
    lines: set[float] = set()
    for place, one in enumerate(series):
        colour = colour_of(place, series)
        known = [point for point in one.points if point.value is not None]
        if known and values:
            last = known[-1]
            value = last.value or 0.0
            year = "" if last.year == one.points[-1].year else f"{last.year} "
            words = f"{one.name} {year}{written(value, last.line)}".strip()
            found.append((value, pen.fit(words, LABEL, NAME_ROOM), _tint(last, one, colour)))
        held = [point.line for point in one.points if point.line is not None]
        if held and one.line_name and held[-1] not in lines:
            lines.add(held[-1])
            words = f"{one.line_name} {written(held[-1], None)}"
            shared = sum(one.points[-1].line == held[-1] for one in series) > 1
            found.append((held[-1], pen.fit(words, LABEL, NAME_ROOM), INK if colour == BELOW or shared else colour))
    return found


def _label(pen: Pen, axes: Axes, names: list[tuple[float, str, str]], inches: float, low: float, high: float) -> None:
    height = LABEL * LEADING / POINTS * (high - low) / inches
    room = (high - low) * 0.04
    placed = apart([y for y, _, _ in names], [height] * len(names), low - room, high + room)
    for (_, words, colour), y in zip(names, placed, strict=True):
        axes.annotate(
            words, (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
            ha="left", va="center", size=LABEL, color=colour, annotation_clip=False,
        )  # fmt: skip
