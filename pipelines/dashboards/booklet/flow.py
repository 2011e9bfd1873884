"""Words, figures and tables one after the other over as many pages as they need.

Belongs here: where things go on A4. Does not belong here: which things (``county.py``), the file (``document.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards.booklet.document import HEIGHT, WIDTH, Document
from pipelines.dashboards.charts.canvas import ABOVE, BELOW, INK, MUTED, Pen
from pipelines.dashboards.charts.recording import Recording
from pipelines.dashboards.tables import Column, Table, shown

LEFT, TOP, BOTTOM = 42.0, 46.0, 44.0
ROOM = WIDTH - 2 * LEFT
LEADING = 1.4
BODY = 9.0
#: Cells of tables, in points; a table that is too wide is set smaller, then in several parts.
CELL, SMALLEST = 7.0, 6.0
GAP = 6.0
#: Widest a figure is that counts as a panel, in points.
PANEL = 200.0
#: Widest a column of words gets before it is broken into lines.
WIDEST = 120.0


class Flow:
    """Puts one thing after the other; ``title`` stands at the foot of every page."""

    def __init__(self, document: Document, pen: Pen, title: str) -> None:
        self._document, self._pen, self._title = document, pen, title
        self._y = HEIGHT

    def new_page(self) -> None:
        """Begin a page with its foot."""
        self._document.page()
        base = HEIGHT - 26
        self._document.rule(LEFT, base - 10, ROOM)
        self._document.words(LEFT, base, self._pen.fit(self._title, 7, (ROOM - 150) / 72), 7, colour=MUTED)
        self._document.words(WIDTH - LEFT, base, str(self._document.pages), 7, colour=MUTED, right=True)
        self._document.release(WIDTH - LEFT - 120, base, 7)
        self._y = TOP

    def heading(self, words: str, size: float, *, keep: float = 90.0) -> None:
        """A heading that does not stand alone at the end of a page: ``keep`` points must be left below it."""
        lines = self._pen.wrap(words, size, ROOM / 72, bold=True)
        self._need(len(lines) * size * LEADING + size * 0.8 + keep)
        self._y += size * 0.8
        for line in lines:
            self._y += size * LEADING
            self._document.words(LEFT, self._y - size * 0.3, line, size, bold=True)
        self._y += 2

    def paragraph(self, words: str, *, colour: str = INK, size: float = BODY) -> None:
        """Words in full width."""
        for line in self._pen.wrap(words, size, ROOM / 72, lines=40):
            self._need(size * LEADING)
            self._y += size * LEADING
            self._document.words(LEFT, self._y - size * 0.3, line, size, colour=colour)
        self._y += 3

    def figures(self, figures: Sequence[Recording]) -> None:
        """Figures side by side as many as fit, at their own size; one that is too wide or high is made smaller."""
        row: list[tuple[Recording, float]] = []
        used = 0.0
        widest = max((figure.width * 72 for figure in figures), default=0.0)
        # Panels are made a little smaller where that puts three of them side by side.
        third = (ROOM - 2 * GAP) / 3 / widest if len(figures) >= 3 and widest <= PANEL else 1.0
        for figure in figures:
            wide, high = figure.width * 72, figure.height * 72
            scale = min(1.0, third, ROOM / wide, (HEIGHT - TOP - BOTTOM) / high)
            if row and used + GAP + wide * scale > ROOM + 0.5:
                self._row(row)
                row, used = [], 0.0
            used += (GAP if row else 0.0) + wide * scale
            row.append((figure, scale))
        if row:
            self._row(row)

    def _row(self, row: Sequence[tuple[Recording, float]]) -> None:
        height = max(figure.height * 72 * scale for figure, scale in row)
        self._need(height)
        x = LEFT
        for figure, scale in row:
            wide, high = figure.width * 72 * scale, figure.height * 72 * scale
            self._document.figure(figure, x, self._y + height - high, scale)
            x += wide + GAP
        self._y += height + GAP

    def table(self, table: Table, *, most: int = 60) -> None:
        """A table in full width, at most ``most`` rows; wide ones in parts that repeat the first column."""
        rows = table.rows[:most]
        columns = [
            place for place, column in enumerate(table.columns) if any(row[place] not in (None, "") for row in rows)
        ]
        if not rows or not columns:
            return
        for part in self._parts(table, rows, columns):
            self._part(table, rows, part)
        if len(table.rows) > len(rows):
            words = self._pen.text("table.more", count=len(table.rows) - len(rows))
            self.paragraph(words, colour=MUTED, size=CELL)

    def _parts(self, table: Table, rows: Sequence[Sequence[object]], columns: list[int]) -> list[list[int]]:
        parts: list[list[int]] = [[columns[0]]]
        used = first = self._wide(table, rows, columns[0], SMALLEST)
        for place in columns[1:]:
            wide = self._wide(table, rows, place, SMALLEST)
            if used + wide > ROOM and len(parts[-1]) > 1:
                parts.append([columns[0]])
                used = first
            parts[-1].append(place)
            used += wide
        return parts

    def _wide(self, table: Table, rows: Sequence[Sequence[object]], place: int, size: float) -> float:
        column = table.columns[place]
        title = max((self._width(line, size, True) for line in self._title_lines(column, size)), default=0.0)
        cells = max((self._width(self._cell(column, row[place]), size) for row in rows), default=0.0)
        return min(WIDEST, max(title, cells, 18.0)) + GAP

    def _part(self, table: Table, rows: Sequence[Sequence[object]], part: list[int]) -> None:
        size = CELL
        widths = [self._wide(table, rows, place, size) for place in part]
        if sum(widths) > ROOM:
            size = SMALLEST
            widths = [self._wide(table, rows, place, size) for place in part]
        if sum(widths) > ROOM:
            widths = [wide * ROOM / sum(widths) for wide in widths]
        lead = size * LEADING
        caption = self._pen.wrap(table.caption, CELL + 0.5, ROOM / 72, bold=True)
        titles = [self._title_lines(table.columns[place], size) for place in part]
        head = max(map(len, titles)) * lead + 5
        self._need(len(caption) * lead + head + 3 * lead)
        for line in caption:
            self._y += lead + 1
            self._document.words(LEFT, self._y - 2, line, CELL + 0.5, bold=True, colour=MUTED)
        self._head(table, part, widths, titles, size, head)
        for row in rows:
            cells = [
                self._pen.wrap(self._cell(table.columns[place], row[place]), size, (wide - GAP + 1) / 72, lines=6)
                for place, wide in zip(part, widths, strict=True)
            ]
            height = max(map(len, cells)) * lead + 2
            if self._y + height > HEIGHT - BOTTOM:
                self.new_page()
                self._head(table, part, widths, titles, size, head)
            self._line(table, part, widths, cells, size, row)
            self._y += height
            self._document.rule(LEFT, self._y, sum(widths), colour="#e3e7ea", thick=0.4)
        self._y += 10

    def _head(
        self, table: Table, part: list[int], widths: list[float], titles: list[list[str]], size: float, height: float
    ) -> None:
        x = LEFT
        for place, wide, lines in zip(part, widths, titles, strict=True):
            right = table.columns[place].numeric
            for number, line in enumerate(reversed(lines)):
                base = self._y + height - 5 - number * size * LEADING
                self._document.words(x + wide - GAP if right else x, base, line, size, bold=True, right=right)
            x += wide
        self._y += height
        self._document.rule(LEFT, self._y, sum(widths), colour=INK, thick=0.8)
        self._y += 1

    def _line(
        self,
        table: Table,
        part: list[int],
        widths: list[float],
        cells: list[list[str]],
        size: float,
        row: Sequence[object],
    ) -> None:
        x = LEFT
        for place, wide, lines in zip(part, widths, cells, strict=True):
            column = table.columns[place]
            verdict = column.kind == "verdict" and row[place] is not None
            colour = INK if not verdict else BELOW if row[place] else ABOVE
            for number, line in enumerate(lines):
                base = self._y + (number + 1) * size * LEADING - size * 0.25
                self._document.words(
                    x + wide - GAP if column.numeric else x, base, line, size, colour=colour, right=column.numeric,
                    bold=verdict or place == part[0],
                )  # fmt: skip
            x += wide

    def _cell(self, column: Column, value: object) -> str:
        return shown(self._pen.text, column.kind, value)

    def _title_lines(self, column: Column, size: float) -> list[str]:
        words = f"{column.title} [{column.unit}]" if column.unit else column.title
        return self._pen.wrap(words, size, 46 / 72, lines=4, bold=True)

    def _width(self, words: str, size: float, bold: bool = False) -> float:
        return self._pen.width(self._pen.fonts.drawable(words), size, bold=bold) * 72

    def _need(self, height: float) -> None:
        """Begin a new page where ``height`` points are not left on this one."""
        if self._y + height > HEIGHT - BOTTOM:
            self.new_page()
