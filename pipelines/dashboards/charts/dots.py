"""A row a group, an item or a school: a dot on a common scale, with its interval, a second value, its line.

Belongs here: rows of dots. Does not belong here: order and choice of the rows, words.

A row is named above its scale, so that long names keep their room on a phone; the value stands at the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.dashboards.charts.canvas import ABOVE, BELOW, FAINT, INK, MARGIN, MUTED, Pen, Sheet

WIDTH = 4.2
ROW = 0.41
LABEL = 7.8
VALUE, SECOND, INTERVAL, THRESHOLD_LINE, BETWEEN = "value", "second", "interval", "threshold", "between"


@dataclass(frozen=True)
class Dot:
    """A row: its value (None: no dot, ``words`` say why), verdict (None: hollow), interval, second value, line."""

    name: str
    value: float | None
    words: str
    verdict: bool | None = None
    judged: bool = True
    interval: tuple[float, float] | None = None
    second: float | None = None
    line: float | None = None


def draw(
    pen: Pen,
    rows: Sequence[Dot],
    *,
    title: str,
    subtitle: str,
    low: float | None = None,
    high: float | None = None,
    line_name: str = "",
    key: tuple[str, str] | None = None,
) -> Figure:
    """``rows`` from top to bottom on one scale; ``low`` and ``high`` fix its ends. ``key``: (value, second value)."""
    known = [
        number
        for row in rows
        for number in (row.value, row.second, row.line, *(row.interval or ()))
        if number is not None
    ]
    begin = min(known, default=0.0) if low is None else low
    end = max(known, default=1.0) if high is None else high
    if end <= begin:
        end = begin + 1.0
    words_room = max((pen.width(row.words, LABEL, bold=True) for row in rows), default=0.0)
    words_room = min(words_room, WIDTH * 0.42) + 0.1
    head = 0.2 if line_name or key else 0.04
    sheet = Sheet(pen, width=WIDTH, body=head + ROW * len(rows) + 0.06, title=title, subtitle=subtitle)
    axes = sheet.axes(left=MARGIN + 0.05, right=MARGIN + words_room, top=head, bottom=0.06)
    span = end - begin
    axes.set_xlim(begin - 0.02 * span, end + 0.02 * span)
    axes.set_ylim(len(rows), 0)
    for at, row in enumerate(rows):
        _row(axes, at, row, begin, end)
        y = head + at * ROW
        sheet.write(MARGIN + 0.02, y + 0.02, pen.fit(row.name, LABEL, WIDTH - 2 * MARGIN - words_room), size=LABEL,
                    color=INK, va="top")  # fmt: skip
        failed = row.verdict is False
        sheet.write(WIDTH - MARGIN, y + 0.02, pen.fit(row.words, LABEL, words_room), size=LABEL, ha="right", va="top",
                    color=ABOVE if failed else INK, weight="bold" if failed else "normal")  # fmt: skip
    _head(pen, sheet, axes, rows, line_name, key, begin, end)
    return sheet.figure


def _row(axes: Axes, at: int, row: Dot, begin: float, end: float) -> None:
    y = at + 0.6
    axes.plot([begin, end], [y, y], color=FAINT, linewidth=1.0, zorder=1)
    if row.line is not None:
        axes.plot([row.line, row.line], [at + 0.44, at + 0.76], color=INK, linewidth=1.2, zorder=2, gid=THRESHOLD_LINE)
    if row.value is None:
        return
    colour = MUTED if row.verdict is None and row.judged else ABOVE if row.verdict is False else BELOW
    if row.interval is not None:
        axes.plot(list(row.interval), [y, y], color=colour, linewidth=3.0, alpha=0.4, zorder=2.5, gid=INTERVAL,
                  solid_capstyle="butt")  # fmt: skip
    if row.second is not None:
        axes.plot([row.value, row.second], [y, y], color=colour, linewidth=1.0, zorder=2.5, gid=BETWEEN)
        axes.plot([row.second], [y], marker="s", markersize=4.6, color=MUTED, markerfacecolor="white", zorder=3,
                  gid=SECOND)  # fmt: skip
    axes.plot([row.value], [y], marker="D" if row.verdict is False else "o", markersize=5.0, color=colour, zorder=4,
              markerfacecolor="white" if row.verdict is None and row.judged else colour, gid=VALUE)  # fmt: skip


def _head(
    pen: Pen, sheet: Sheet, axes: Axes, rows: Sequence[Dot], line_name: str, key: tuple[str, str] | None,
    begin: float, end: float,
) -> None:  # fmt: skip
    """The name of the line above where it stands (if all rows share it), else the key; both where both fit."""
    x = MARGIN
    if key is not None:
        words = f"● {key[0]}   □ {key[1]}"
        sheet.write(x, 0.02, pen.fit(words, 7.0, WIDTH - 2 * MARGIN), size=7.0, color=MUTED, va="top")
        x += pen.width(words, 7.0) + 0.2
    lines = {row.line for row in rows if row.line is not None}
    if line_name and lines:
        words = f"| {line_name}"
        room = pen.width(words, 7.0)
        if len(lines) == 1 and key is None:
            box = axes.get_position()
            first, last = axes.get_xlim()
            at = (box.x0 + box.width * (next(iter(lines)) - first) / (last - first)) * WIDTH
            x = min(max(at - 0.02, MARGIN), WIDTH - MARGIN - room)
        if x + room <= WIDTH - MARGIN:
            sheet.write(x, 0.02, words, size=7.0, color=INK, va="top")
