"""Verdicts by year: a row a test, a part or a target, a column a year, a few characters in every cell.

Belongs here: the grid and its key. Does not belong here: which rows there are, what is written in them.

The tone of a cell is told by its colour and again by its mark, so that it is read without colour: met plain on blue,
failed bold on orange, open in brackets on grey; a year without a row is hatched; a dot in the corner is a notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pipelines.dashboards.charts import scale
from pipelines.dashboards.charts.canvas import HATCH, INK, MARGIN, MUTED, Pen, Sheet

LABEL = 7.8
CELL_HEIGHT, TALL_CELL = 0.27, 0.33
NAME_ROOM = 2.0
LEAST_CELL = 0.36
MET, FAILED, OPEN, ABSENT = "met", "failed", "open", "absent"
FILL = {MET: "#cfe1f1", FAILED: "#f6c59b", OPEN: "#eceff1"}
NOTICE = "notice"


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, its verdict (None: open) and whether it carries a notice."""

    words: str
    verdict: bool | None
    notice: bool = False

    @property
    def tone(self) -> str:
        """Kind of the cell, which is also the ``gid`` of its patch."""
        return {True: MET, False: FAILED, None: OPEN}[self.verdict]


def draw(
    pen: Pen,
    rows: Sequence[tuple[str, str]],
    years: Sequence[int],
    cells: Mapping[tuple[str, int], Cell],
    *,
    title: str,
    subtitle: str,
    key: Sequence[tuple[str, str]],
) -> Figure:
    """``rows`` are (key, name); ``cells`` by (key, year), absent means no row; ``key`` is (tone, words) to explain."""
    size = 6.6
    names = {row: pen.wrap(name, LABEL, NAME_ROOM, lines=2) for row, name in rows}
    left = MARGIN + max((pen.width(line, LABEL) for each in names.values() for line in each), default=0.0) + 0.08
    tall = TALL_CELL if any(len(each) > 1 for each in names.values()) else CELL_HEIGHT
    widest = max((pen.width(cell.words, size, bold=True) for cell in cells.values()), default=0.0) + 0.1
    column = max(widest, LEAST_CELL)
    width = max(left + column * len(years) + MARGIN, 4.6)
    column = (width - left - MARGIN) / len(years)
    key_rows = _key_rows(pen, width, key)
    top = 0.2 * len(key_rows) + 0.06 + 0.2
    sheet = Sheet(pen, width=width, body=top + tall * len(rows) + 0.04, title=title, subtitle=subtitle)
    _key(sheet, key_rows)
    axes = sheet.axes(left=left, right=MARGIN, top=top, bottom=0.04)
    axes.set_xlim(-0.5, len(years) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    scale.above(axes, enumerate(map(str, years)), size=LABEL - 0.6, pad=1)
    told = enumerate("\n".join(names[row]) for row, _ in rows)
    scale.beside(axes, told, size=LABEL, pad=3, colour=INK, spacing=1.05)
    for at, (row, _) in enumerate(rows):
        for column_at, year in enumerate(years):
            _cell(axes, column_at, at, cells.get((row, year)), size)
    return sheet.figure


def _cell(axes: Axes, x: int, y: int, cell: Cell | None, size: float) -> None:
    corner = (x - 0.5, y - 0.5)
    if cell is None:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="white", edgecolor=HATCH, hatch="////", linewidth=0,
                                 gid=ABSENT))  # fmt: skip
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor="white", linewidth=1.5))
        return
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=FILL[cell.tone], edgecolor="white", linewidth=1.5, gid=cell.tone))
    words = f"({cell.words})" if cell.verdict is None and cell.words else cell.words
    axes.text(x, y, words, ha="center", va="center_baseline", size=size, color=INK,
              weight="bold" if cell.verdict is False else "normal")  # fmt: skip
    if cell.notice:
        axes.plot([x + 0.4], [y - 0.3], marker="o", markersize=3.2, color=INK, linestyle="none", gid=NOTICE)


def _key_rows(pen: Pen, width: float, key: Sequence[tuple[str, str]]) -> list[list[tuple[float, str, str]]]:
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = MARGIN
    for tone, words in key:
        room = 0.24 + pen.width(words, 7.0) + 0.16
        if rows[-1] and x + room > width:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, tone, words))
        x += room
    return rows


def _key(sheet: Sheet, rows: list[list[tuple[float, str, str]]]) -> None:
    for number, row in enumerate(rows):
        y = 0.09 + number * 0.2
        for x, tone, words in row:
            if tone == NOTICE:
                sheet.write(x + 0.095, y, "•", size=9, color=INK, va="center", ha="center")
            else:
                box = ((x / sheet.width), (sheet.bottom + sheet.body - y - 0.06) / sheet.height)
                sheet.figure.add_artist(
                    Rectangle(box, 0.19 / sheet.width, 0.12 / sheet.height, facecolor=FILL.get(tone, "white"),
                              edgecolor=HATCH, linewidth=0.4, hatch="/////" if tone == ABSENT else None)
                )  # fmt: skip
            sheet.write(x + 0.24, y, words, size=7.0, color=MUTED, va="center")
