"""Small panels as inline SVG, for pages that there are many of: one indicator of a school over the years.

Belongs here: the geometry of a panel, as markup. Does not belong here: colours (``static/site.css``), words; drawing
with matplotlib, which takes 100 ms and 60 KB for what is 1 ms and 3 KB here, times schools, stages and languages
(``docs/adr``).

The text is text in the font of the page, so a panel is read aloud, copied and searched; years without a value are gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from pipelines.dashboards.charts.apart import apart

WIDTH, HEIGHT = 232.0, 104.0
LEFT, RIGHT, TOP, BOTTOM = 6.0, 150.0, 8.0, 86.0
LABEL_X = 156.0
#: Height of a label's line.
LINE = 12.5
#: Room above the highest value, as a part of the axis.
ABOVE = 0.08


@dataclass(frozen=True)
class Panel:
    """What a panel draws, a value a year; labels are complete words (``县均 4.2``), empty: no label."""

    years: Sequence[int]
    values: Sequence[float | None]
    means: Sequence[float | None]
    lines: Sequence[float | None]
    floors: Sequence[float | None]
    labels: Sequence[str]
    alt: str
    tone: str


def svg(panel: Panel) -> Markup:
    """The panel as markup. ``labels`` name the ends of value, mean, line and floor in this order."""
    known = [v for each in (panel.values, panel.means, panel.lines, panel.floors) for v in each if v is not None]
    top = max(known, default=0.0) * (1 + ABOVE) or 1.0
    low = min(0.0, min(known, default=0.0))
    step = (RIGHT - LEFT) / max(len(panel.years) - 1, 1)

    def x(at: int) -> float:
        return LEFT + at * step if len(panel.years) > 1 else (LEFT + RIGHT) / 2

    def y(value: float) -> float:
        return BOTTOM - (value - low) / (top - low) * (BOTTOM - TOP)

    parts = [
        f'<svg class="panel {panel.tone}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img"'
        f' aria-label="{escape(panel.alt)}">'
    ]
    parts += _gaps(panel.values, x, step)
    parts.append(f'<path class="axis" d="M{LEFT:g} {BOTTOM:g}H{RIGHT:g}"/>')
    for name, values in (("floor", panel.floors), ("line", panel.lines), ("mean", panel.means), ("own", panel.values)):
        path = _path(values, x, y)
        if path:
            parts.append(f'<path class="{name}" d="{path}"/>')
    parts += [
        f'<circle cx="{_n(x(at))}" cy="{_n(y(value))}" r="2.2"/>'
        for at, value in enumerate(panel.values)
        if value is not None
    ]
    for at, anchor in ((0, "start"), (len(panel.years) - 1, "end")) if len(panel.years) > 1 else ((0, "middle"),):
        parts.append(
            f'<text class="year" x="{_n(x(at))}" y="{HEIGHT - 5:g}" text-anchor="{anchor}">{panel.years[at]}</text>'
        )
    parts += _labels(panel, y)
    return Markup("".join([*parts, "</svg>"]))


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _path(values: Sequence[float | None], x: object, y: object) -> str:
    """A line with gaps; a single year between gaps is a short dash."""
    assert callable(x) and callable(y)
    pieces = []
    for missing, run in groupby(enumerate(values), key=lambda each: each[1] is None):
        if missing:
            continue
        points = [(x(at), y(value)) for at, value in run]
        if len(points) == 1:
            (at, height), half = points[0], 4.0
            points = [(at - half, height), (at + half, height)]
        pieces.append("M" + "L".join(f"{_n(a)} {_n(b)}" for a, b in points))
    return "".join(pieces)


def _gaps(values: Sequence[float | None], x: object, step: float) -> list[str]:
    assert callable(x)
    found = []
    for missing, run in groupby(enumerate(values), key=lambda each: each[1] is None):
        if missing:
            places = [at for at, _ in run]
            begin = max(x(places[0]) - step / 2, LEFT)
            end = min(x(places[-1]) + step / 2, RIGHT)
            found.append(
                f'<rect class="gap" x="{_n(begin)}" y="{TOP:g}" width="{_n(end - begin)}" height="{BOTTOM - TOP:g}"/>'
            )
    return found


def _labels(panel: Panel, y: object) -> list[str]:
    """Names at the right end, at the height of the last value of each, kept apart."""
    assert callable(y)
    named = []
    for name, words, values in zip(
        ("own", "mean", "line", "floor"),
        panel.labels,
        (panel.values, panel.means, panel.lines, panel.floors),
        strict=True,
    ):
        last = next((value for value in reversed(values) if value is not None), None)
        if words and last is not None:
            named.append((name, words, y(last)))
    middles = apart([at for _, _, at in named], [LINE] * len(named), TOP - 6, HEIGHT - 2)
    return [
        f'<text class="{name}" x="{LABEL_X:g}" y="{_n(at + 3.5)}">{escape(words)}</text>'
        for (name, words, _), at in zip(named, middles, strict=True)
    ]
