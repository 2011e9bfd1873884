"""Counties × school years: the composite against the line, a number in every cell that has one.

Belongs here: the heat map and its key. Does not belong here: which counties are shown, in which order.

Colour says how far a value lies from its own line (blue within, orange above); bold says "above" without colour;
brackets say that the verdict is withheld; a hatched empty cell says that there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.canvas import HATCH, INK, MARGIN, MUTED, Pen, Sheet
from pipelines.dashboards.facts import Point

CELL = (0.47, 0.28)
KEY_HEIGHT = 0.34
AXIS_HEIGHT = 0.24
#: Counties after which the years stand below as well.
TALL = 25
LABEL_SIZE = 8.5
NAME_ROOM = 1.7
VALUE_CELL, EMPTY_CELL = "value", "no-data"

#: The colour is full at half as much again as the line, and at half of it.
FULL = 0.5
SCALE = LinearSegmentedColormap.from_list("line", ["#2f74b5", "#a9cde6", "#f4f4f2", "#f8c48c", "#c65d0b"])


def draw(
    pen: Pen,
    counties: Sequence[tuple[str, str]],
    years: Sequence[int],
    cells: Mapping[tuple[str, int], Point],
    *,
    title: str,
    subtitle: str,
    binding: bool,
) -> Figure:
    """A row a county (code, name), a column a year; ``cells`` by (county code, year), absent means no value.

    ``binding`` False says in the key that the line is only a guide.
    """
    names = {code: pen.fit(name, LABEL_SIZE, NAME_ROOM) for code, name in counties}
    left = MARGIN + max(pen.width(name, LABEL_SIZE) for name in names.values()) + 0.1
    width = max(left + CELL[0] * len(years) + MARGIN, 4.6)
    key_rows = _key_rows(pen, width, binding)
    top = len(key_rows) * 0.2 + 0.12 + AXIS_HEIGHT
    bottom = 0.05 + (AXIS_HEIGHT if len(counties) > TALL else 0.0)
    sheet = Sheet(pen, width=width, body=top + CELL[1] * len(counties) + bottom, title=title, subtitle=subtitle)
    _key(sheet, key_rows)
    axes = sheet.axes(left=left, right=width - left - CELL[0] * len(years), top=top, bottom=bottom)
    axes.set_xlim(-0.5, len(years) - 0.5)
    axes.set_ylim(len(counties) - 0.5, -0.5)
    scale.above(axes, enumerate(map(str, years)), size=8)
    if len(counties) > TALL:
        scale.below(axes, enumerate(map(str, years)), size=8)
    scale.beside(axes, enumerate(names[code] for code, _ in counties), size=LABEL_SIZE, pad=4, colour=INK)
    for row, (code, _) in enumerate(counties):
        for column, year in enumerate(years):
            _cell(axes, column, row, cells.get((code, year)))
    return sheet.figure


def _cell(axes: Axes, column: int, row: int, point: Point | None) -> None:
    corner = (column - 0.5, row - 0.5)
    if point is None or point.value is None:
        axes.add_patch(
            Rectangle(corner, 1, 1, facecolor="white", edgecolor=HATCH, hatch="////", linewidth=0, gid=EMPTY_CELL)
        )
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor="white", linewidth=1.5))
        return
    colour = colour_of(point)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5, gid=VALUE_CELL))
    shown = numbers.coefficient(point.value, point.line)
    axes.text(
        column, row, f"({shown})" if point.withheld else shown,
        ha="center", va="center_baseline", size=7.4 if len(shown) < 7 else 6,
        color=_ink_on(colour), weight="bold" if point.above else "normal",
    )  # fmt: skip


def colour_of(point: Point) -> tuple[float, float, float]:
    """Colour of a value by its relative distance from its line; the middle grey where it has no line."""
    away = 0.0 if point.value is None or not point.line else (point.value / point.line - 1) / FULL
    red, green, blue, _ = SCALE(0.5 + 0.5 * float(numpy.clip(away, -1, 1)))
    return (float(red), float(green), float(blue))


def _ink_on(colour: tuple[float, float, float]) -> str:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return "white" if luminance < 0.18 else INK


_SWATCHES = (
    ("heat.key.below", 0.12),
    ("heat.key.above", 0.88),
    ("heat.key.withheld", None),
    ("heat.key.missing", -1.0),
)


def _key_rows(pen: Pen, width: float, binding: bool) -> list[list[tuple[float, str, float | None]]]:
    """Key entries as rows of (x in inches, words, place on the scale | None: no swatch | −1: hatched)."""
    rows: list[list[tuple[float, str, float | None]]] = [[]]
    x = MARGIN
    for key, place in _SWATCHES:
        words = pen.text(key, line=pen.text("word.line" if binding else "word.reference"))
        room = (0.0 if place is None else 0.24) + pen.width(words, 7.5) + 0.18
        if rows[-1] and x + room > width:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, words, place))
        x += room
    return rows


def _key(sheet: Sheet, rows: list[list[tuple[float, str, float | None]]]) -> None:
    for number, row in enumerate(rows):
        y = 0.1 + number * 0.2
        for x, words, place in row:
            if place is not None:
                hatched = place < 0
                sheet.figure.add_artist(
                    Rectangle(
                        (x / sheet.width, (sheet.bottom + sheet.body - y - 0.06) / sheet.height),
                        0.19 / sheet.width, 0.12 / sheet.height,
                        facecolor="white" if hatched else SCALE(place), edgecolor=HATCH, linewidth=0.4,
                        hatch="/////" if hatched else None,
                    )
                )  # fmt: skip
            sheet.write(x + (0 if place is None else 0.24), y, words, size=7.5, color=MUTED, va="center")
