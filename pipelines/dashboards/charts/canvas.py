"""The sheet every picture is drawn on: palette, measured text, title, source line, bytes.

Belongs here: what all kinds of pictures share. Does not belong here: any one kind of picture.

Layout is in inches and measured beforehand, because ``bbox_inches="tight"`` costs half as much again and lets
long names push things about. Sizes are chosen for 1 inch = 96 CSS pixels.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from pipelines.dashboards.charts.compact import compact
from pipelines.dashboards.charts.recording import FOOT, POINTS, Recording, record
from pipelines.dashboards.fonts import FontSet
from pipelines.dashboards.text import Text

INK = "#1a1a1a"
MUTED = "#5c6670"
FAINT = "#e3e7ea"
HATCH = "#b9c1c8"
#: Blue and orange are told apart with every common colour blindness; their lightness differs from the ground too.
BELOW = "#1f5f99"
ABOVE = "#b04a00"

MARGIN = 0.12
LEADING = 1.32
FOOT_SIZE = 6.5
#: Marks that must not begin a line of Chinese text.
_CLINGING = set("，。：；、）》”！？%),.:;!?…")
_SALT = "junheng"


@dataclass(frozen=True)
class Pen:
    """How pictures of one release are drawn in one language; plain data."""

    text: Text
    fonts: FontSet
    source: str
    short_source: str

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """Width of ``words`` on one line, in inches."""
        return _width(self.fonts.families, words, size, "bold" if bold else "normal") / POINTS

    def fit(self, words: str, size: float, room: float, *, bold: bool = False) -> str:
        """``words`` cut to ``room`` inches, with an ellipsis where something was cut off."""
        words = self.fonts.drawable(words)
        if self.width(words, size, bold=bold) <= room:
            return words
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(words[:middle].rstrip() + "…", size, bold=bold) <= room:
                low = middle
            else:
                high = middle - 1
        return words[:low].rstrip() + "…"

    def wrap(self, words: str, size: float, room: float, *, lines: int = 3, bold: bool = False) -> list[str]:
        """``words`` broken to lines of at most ``room`` inches; what goes beyond ``lines`` is cut, with an ellipsis.

        Chinese breaks between characters, Latin words at spaces; a Latin word longer than a line is cut into pieces.
        """
        found: list[str] = []
        current = ""
        pieces = _pieces(self.fonts.drawable(words))
        for place, piece in enumerate(pieces):
            if self.width((current + piece).rstrip(), size, bold=bold) <= room or not current:
                current += piece
                continue
            if len(found) == lines - 1:
                current += "".join(pieces[place:])
                break
            found.append(current.rstrip())
            current = piece.lstrip()
        found.append(current.rstrip())
        return [self.fit(line, size, room, bold=bold) for line in found]


class Sheet:
    """A figure with its title above, source line below, and a body between for the picture."""

    def __init__(
        self, pen: Pen, *, width: float, body: float, title: str, subtitle: str = "", title_size: float = 10.5
    ) -> None:
        self.pen = pen
        self.width = width
        self.body = body
        room = width - 2 * MARGIN
        small = title_size * 0.78
        blocks = [(pen.wrap(title, title_size, room, bold=True), title_size, INK, "bold")]
        if subtitle:
            blocks.append((pen.wrap(subtitle, small, room), small, MUTED, "normal"))
        footer = source_lines(pen, width)
        head = MARGIN + sum(len(lines) * size * LEADING / POINTS for lines, size, _, _ in blocks) + 0.06
        foot = foot_height(footer)
        self.height = head + body + foot
        self.bottom = foot
        self.figure = Figure(figsize=(width, self.height), facecolor="white", label=title)
        y = self.height - MARGIN
        for lines, size, colour, weight in blocks:
            for line in lines:
                self._write(MARGIN, y, line, size=size, color=colour, weight=weight, va="top")
                y -= size * LEADING / POINTS
        _foot(self.figure, footer)

    def axes(self, *, left: float = 0.0, right: float = 0.0, top: float = 0.0, bottom: float = 0.0) -> Axes:
        """Axes in the body, inset by inches; without frame, ticks and grid (``scale.py`` draws scales)."""
        box = (
            left / self.width,
            (self.bottom + bottom) / self.height,
            (self.width - left - right) / self.width,
            (self.body - top - bottom) / self.height,
        )
        axes = self.figure.add_axes(box)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.xaxis.set_visible(False)
        axes.yaxis.set_visible(False)
        return axes

    def write(self, x: float, y: float, words: str, **style: Any) -> None:
        """Words at ``x`` inches from the left and ``y`` inches below the top of the body."""
        self._write(x, self.bottom + self.body - y, words, **style)

    def _write(self, x: float, y: float, words: str, **style: Any) -> None:
        self.figure.text(x / self.width, y / self.height, words, **style)


def source_lines(pen: Pen, width: float) -> list[str]:
    """The source line of a sheet ``width`` inches wide, short or in two lines where it is narrow."""
    room = width - 2 * MARGIN
    fits = pen.width(pen.source, FOOT_SIZE) <= room
    return pen.wrap(pen.source if fits else pen.short_source, FOOT_SIZE, room, lines=2)


def foot_height(lines: list[str]) -> float:
    """Height of the foot in inches."""
    return 0.08 + len(lines) * FOOT_SIZE * LEADING / POINTS


def foot_alone(pen: Pen, width: float, release_id: str, blank: str) -> Figure:
    """The foot of a sheet ``width`` inches wide as a figure of its own, black on white.

    Lines break where the pen breaks them; afterwards the characters ``blank`` are replaced by those of the id.
    """
    characters = iter(release_id)
    lines = [
        "".join(next(characters, "") if character == blank else character for character in line)
        for line in source_lines(pen, width)
    ]
    figure = Figure(figsize=(width, foot_height(lines)), facecolor="white")
    _foot(figure, lines, "black")
    return figure


def _foot(figure: Figure, lines: list[str], colour: str = MUTED) -> None:
    """The source line in the last rows of a figure, where nothing else is drawn."""
    width, height = (float(inches) for inches in figure.get_size_inches())
    y = foot_height(lines) - 0.03
    for line in lines:
        figure.text(MARGIN / width, y / height, line, size=FOOT_SIZE, color=colour, va="top", gid=FOOT)
        y -= FOOT_SIZE * LEADING / POINTS


def recorded(figure: Figure) -> Recording:
    """A finished sheet, laid out; its foot is as high as its words of that name."""
    lines = sum(words.get_gid() == FOOT for words in figure.texts)
    return record(figure, foot_height([""] * lines) if lines else 0.0)


def svg(recording: Recording, title: str) -> bytes:
    """A picture as SVG with text as paths; the same picture gives the same bytes on every run."""
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": _SALT}):
        buffer = io.StringIO()
        about = {"Date": None, "Creator": "junheng", "Title": title}
        renderer: Any = RendererSVG(  # type: ignore[no-untyped-call]
            recording.width * POINTS, recording.height * POINTS, buffer, metadata=about
        )
        recording.tell(renderer)
        renderer.finalize()
    return compact(buffer.getvalue().encode())


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    for character in words:
        wide = unicodedata.east_asian_width(character) in "WF"
        if pieces and (
            character in _CLINGING
            or (not wide and not pieces[-1].endswith(" ") and not _wide(pieces[-1][-1]) and len(pieces[-1]) < 24)
        ):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=20_000)
def _width(families: tuple[str, ...], words: str, size: float, weight: str) -> float:
    if not words:
        return 0.0
    font = FontProperties(family=list(families), size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(words, font, ismath=False)
    return float(width)
