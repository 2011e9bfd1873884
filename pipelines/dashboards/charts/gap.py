"""The schools that make the gap: bars of the share of the county's variance, largest first.

Belongs here: the ranked bars. Does not belong here: computing a share (``trends.school_contribution`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pipelines.dashboards import numbers
from pipelines.dashboards.charts.canvas import BELOW, INK, MARGIN, MUTED, Pen, Sheet

WIDTH = 4.6
ROW = 0.5
PALE = "#a9c4dc"
BAR, TOP_PART = "share", "largest-indicator"


@dataclass(frozen=True)
class Bar:
    """A school: its share of the gap (fraction), the part of it that comes from one indicator, and what to say."""

    name: str
    share: float
    top_part: float
    note: str


def draw(pen: Pen, bars: Sequence[Bar], *, title: str, subtitle: str) -> Figure:
    """Bars in the order given; lengths are relative to the longest."""
    sheet = Sheet(pen, width=WIDTH, body=ROW * len(bars) + 0.08, title=title, subtitle=subtitle)
    room = WIDTH - 2 * MARGIN
    number_room = pen.width("100.0%", 8.5, bold=True) + 0.08
    longest = max((bar.share for bar in bars), default=0.0) or 1.0
    for place, bar in enumerate(bars):
        y = 0.06 + place * ROW
        sheet.write(MARGIN, y, pen.fit(bar.name, 8.5, room), size=8.5, color=INK, va="top")
        length = (room - number_room) * bar.share / longest
        _bar(sheet, y + 0.18, length, PALE, BAR)
        _bar(sheet, y + 0.18, length * (bar.top_part / bar.share if bar.share else 0.0), BELOW, TOP_PART)
        sheet.write(
            MARGIN + length + 0.05, y + 0.235, numbers.share(bar.share), size=8.5, weight="bold", color=INK,
            va="center_baseline",
        )  # fmt: skip
        sheet.write(MARGIN, y + 0.3, pen.fit(bar.note, 7, room), size=7, color=MUTED, va="top")
    return sheet.figure


def _bar(sheet: Sheet, y: float, length: float, colour: str, gid: str) -> None:
    corner = (MARGIN / sheet.width, (sheet.bottom + sheet.body - y - 0.1) / sheet.height)
    sheet.figure.add_artist(
        Rectangle(corner, length / sheet.width, 0.1 / sheet.height, facecolor=colour, linewidth=0, gid=gid)
    )
