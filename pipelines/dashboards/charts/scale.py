"""Words and faint lines along the edges of axes: the years below (or above), the values to the left.

Belongs here: scales of all kinds of pictures. Does not belong here: what is drawn between them.

They are plain words at known places. Matplotlib's own ticks are made, styled and measured one by one on every drawing;
without them a county's page takes a tenth less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from pipelines.dashboards.charts.canvas import FAINT, MUTED
from pipelines.dashboards.charts.recording import POINTS

#: Name (``gid``) of words and lines of a scale.
SCALE = "scale"
#: A value on an edge and its words.
Mark = tuple[float, str]


def below(axes: Axes, marks: Iterable[Mark], *, size: float, pad: float = 2.0) -> None:
    """Words below the axes, ``pad`` points away."""
    _across(axes, marks, size, -pad, 0.0, "top")


def above(axes: Axes, marks: Iterable[Mark], *, size: float, pad: float = 2.0) -> None:
    """Words above the axes, ``pad`` points away."""
    _across(axes, marks, size, pad, 1.0, "bottom")


def beside(
    axes: Axes, marks: Iterable[Mark], *, size: float, pad: float = 2.0, colour: str = MUTED, grid: bool = False,
    spacing: float = 1.2,
) -> None:  # fmt: skip
    """Words to the left of the axes, ``pad`` points away; ``grid`` draws a faint line at each."""
    x = -pad / POINTS / (axes.get_position().width * axes.get_figure(root=True).get_size_inches()[0])  # type: ignore[union-attr]
    for value, words in _within(marks, axes.get_ylim()):
        axes.text(
            x, value, words, transform=axes.get_yaxis_transform(), size=size, color=colour, ha="right",
            va="center_baseline", linespacing=spacing, gid=SCALE,
        )  # fmt: skip
        if grid:
            axes.axhline(value, color=FAINT, linewidth=0.7, zorder=0.4, gid=SCALE)


def values(low: float, high: float, most: int) -> list[Mark]:
    """Round values from ``low`` to ``high``, about ``most``, as short as they can be written."""
    places = MaxNLocator(most).tick_values(low, high)
    return [(float(place), f"{place:.2f}".rstrip("0").rstrip(".")) for place in places]


def every(years: Sequence[int], step: int) -> list[Mark]:
    """Every ``step``-th year, counted from the last."""
    return [(year, str(year)) for year in years[::-1][::step][::-1]]


def _across(axes: Axes, marks: Iterable[Mark], size: float, pad: float, edge: float, align: str) -> None:
    y = edge + pad / POINTS / (axes.get_position().height * axes.get_figure(root=True).get_size_inches()[1])  # type: ignore[union-attr]
    for value, words in _within(marks, axes.get_xlim()):
        axes.text(
            value, y, words, transform=axes.get_xaxis_transform(), size=size, color=MUTED, ha="center", va=align,
            gid=SCALE,
        )  # fmt: skip


def _within(marks: Iterable[Mark], ends: Sequence[float]) -> list[Mark]:
    low, high = min(ends), max(ends)
    room = 1e-9 * (high - low)
    return [(value, words) for value, words in marks if low - room <= value <= high + room]
