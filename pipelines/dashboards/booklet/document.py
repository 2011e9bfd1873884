"""A PDF document on which finished figures, words and rules can be put anywhere.

Belongs here: the file, its pages, the release id in it. Does not belong here: layout (``flow.py``), contents.

matplotlib's own PDF writer is used, one file for all pages, so that fonts are embedded once, as subsets, with text that
can be searched; several figures share a page by moving the origin before each is drawn.

The release id stands in one object, not compressed, in a font of its own (outlines of Noto Sans for the characters an
id may have). All ids are equally long, so renewing it is replacing bytes: nothing in the file moves (``stamp.py``).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_pdf import Name, Op, PdfFile, Reference, RendererPdf, pdfRepr
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath, TextToPath
from matplotlib.transforms import Affine2D

from pipelines.dashboards.charts.canvas import INK
from pipelines.dashboards.fonts import FontSet
from pipelines.dashboards.stamp import ALPHABET, BLANK

#: A4 in points.
WIDTH, HEIGHT = 595.28, 841.89
_RELEASE = Name("Release")
_EM = 1000
_WHERE_CAPITALS_BEGIN = 0.93


class Document:
    """A PDF in the making. Enter it, begin a page, put things on it; afterwards ``content`` holds the bytes."""

    def __init__(self, fonts: FontSet, title: str, release_id: str) -> None:
        self._fonts, self._title, self._release = fonts, title, release_id
        self._buffer = io.BytesIO()
        self._file: Any = None
        self._renderer: Any = None
        self.pages = 0

    @contextmanager
    def made(self) -> Iterator[Document]:
        """Write the document; it is complete when the block ends."""
        with self._fonts.active(), matplotlib.rc_context({"pdf.fonttype": 42, "pdf.compression": 6}):
            about = {"Title": self._title, "Creator": "junheng", "Producer": None, "CreationDate": None}
            self._file = _File(self._buffer, about, self._release)
            yield self
            self._file.finalize()
            self._file.close()

    @property
    def content(self) -> bytes:
        """The bytes of the finished document."""
        return self._buffer.getvalue()

    def page(self) -> None:
        """Begin a page."""
        self._file.newPage(WIDTH / 72, HEIGHT / 72)
        self._renderer = RendererPdf(self._file, 72, HEIGHT / 72, WIDTH / 72)
        self.pages += 1

    def words(
        self, x: float, y: float, words: str, size: float, *, bold: bool = False, colour: str = INK, right: bool = False
    ) -> None:
        """Words with their baseline at (x, y) points from the upper left corner; ``right``: they end at x."""
        words = self._fonts.drawable(words)
        if not words:
            return
        prop = _font(self._fonts.families, size, bold)
        if right:
            x -= width(self._fonts.families, words, size, bold)
        context = self._renderer.new_gc()
        context.set_foreground(colour)
        self._renderer.draw_text(context, x, HEIGHT - y, words, prop, 0)
        self._rest()

    def rule(self, x: float, y: float, length: float, *, colour: str = "#b9c1c8", thick: float = 0.5) -> None:
        """A horizontal line."""
        context = self._renderer.new_gc()
        context.set_foreground(colour)
        context.set_linewidth(thick)
        path = Outline([(x, HEIGHT - y), (x + length, HEIGHT - y)])
        self._renderer.draw_path(context, path, Affine2D(), None)
        self._rest()

    def release(self, x: float, y: float, size: float) -> None:
        """The release id with its baseline at (x, y)."""
        self._place(x, HEIGHT - y, size / _EM)
        self._file.output(_RELEASE, Op.use_xobject)
        self._file.output(Op.grestore)

    def figure(self, figure: Figure, x: float, y: float, scale: float = 1.0) -> None:
        """A finished figure with its upper left corner at (x, y); the blanks in its source line become the id."""
        wide, high = figure.get_size_inches()
        self._place(x, HEIGHT - y - high * 72 * scale, scale)
        marks = list(_marks(figure, self._fonts, len(self._release)))
        dpi, figure.dpi = figure.dpi, 72
        inner: Any = MixedModeRenderer(figure, wide, high, 72, RendererPdf(self._file, 72, high, wide))
        figure.draw(inner)
        inner.finalize()
        figure.dpi = dpi
        for at, base, size in marks:
            self._file.output(Op.gsave)
            self._file.output(size / _EM, 0, 0, size / _EM, at, base, Op.concat_matrix)
            self._file.output(_RELEASE, Op.use_xobject)
            self._file.output(Op.grestore)
        self._file.output(Op.grestore)

    def _place(self, x: float, y: float, scale: float) -> None:
        self._rest()
        self._file.output(Op.gsave)
        self._file.output(scale, 0, 0, scale, x, y, Op.concat_matrix)

    def _rest(self) -> None:
        """Write back the graphics state the page began with."""
        self._renderer.finalize()
        self._renderer = RendererPdf(self._file, 72, HEIGHT / 72, WIDTH / 72)


def width(families: tuple[str, ...], words: str, size: float, bold: bool = False) -> float:
    """Width of words on one line, in points."""
    from pipelines.dashboards.charts.canvas import _width

    return _width(families, words, size, "bold" if bold else "normal")


def _font(families: tuple[str, ...], size: float, bold: bool) -> FontProperties:
    return FontProperties(family=list(families), size=size, weight="bold" if bold else "normal")


def _marks(figure: Figure, fonts: FontSet, length: int) -> Iterator[tuple[float, float, float]]:
    """(x, baseline, size) in points of each id on a figure; the artist that drew blanks keeps what is before them."""
    _, high = figure.get_size_inches()
    wide = figure.get_size_inches()[0]
    for artist in figure.texts:
        head, blank, rest = artist.get_text().partition(BLANK)
        if not blank:
            continue
        artist.set_text(head)
        x, y = artist.get_position()
        size = float(artist.get_fontsize())
        base = y * high * 72 - size * _WHERE_CAPITALS_BEGIN
        artist.set_verticalalignment("baseline")
        artist.set_y(base / 72 / high)
        if len(blank + rest) == length:
            yield x * wide * 72 + width(fonts.families, head, size), base, size


def _written(step: Any) -> bytes:
    return step if isinstance(step, bytes) else pdfRepr(step)


class _File(PdfFile):
    """matplotlib's file with the object that holds the release id."""

    def __init__(self, target: io.BytesIO, about: Mapping[str, Any], release_id: str) -> None:
        super().__init__(target, metadata=dict(about))
        font = self._letters(sorted({*ALPHABET, *release_id} - {BLANK}))
        self._mark = self.reserveObject("release id")
        with matplotlib.rc_context({"pdf.compression": 0}):
            self.outputStream(
                self._mark,
                b"BT /Id %d Tf (%s) Tj ET" % (_EM, release_id.encode("latin-1")),
                extra={
                    "Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, -_EM, 40 * _EM, _EM],
                    "Resources": {"Font": {"Id": font}},
                },
            )  # fmt: skip

    def writeObject(self, object: Reference, contents: Any) -> None:
        """Add the release id to the external objects that pages may use."""
        if object is self.XObjectObject:
            contents = {**contents, _RELEASE: self._mark}
        super().writeObject(object, contents)

    def _letters(self, characters: list[str]) -> Reference:
        """A Type 3 font of these characters, all as wide as they are."""
        prop, drawer = FontProperties(family=matplotlib.rcParams["font.family"], size=_EM), TextToPath()
        outlines, widths = {}, dict.fromkeys(range(256), 0.0)
        for character in characters:
            both, one = (
                drawer.get_text_width_height_descent(words, prop, ismath=False)[0]
                for words in (character * 2, character)
            )
            widths[ord(character)] = round(float(both - one), 1)
            stream = self.reserveObject("outline")
            path = TextPath((0, 0), character, prop=prop, usetex=False)
            steps = b"".join(
                (
                    step
                    if isinstance(step, bytes)
                    else step.pdfRepr()
                    if hasattr(step, "pdfRepr")
                    else str(step).encode()
                )
                + b" "
                for step in self.pathOperations(path, Affine2D(), simplify=False)
            )
            self.outputStream(stream, b"%.1f 0 d0 " % widths[ord(character)] + steps + b" f")
            outlines[Name(f"c{ord(character)}")] = stream
        codes = sorted(ord(character) for character in characters)
        differences: list[Any] = []
        for code in codes:
            differences += [code, Name(f"c{code}")]
        font: Reference = self.reserveObject("letters")
        self.writeObject(
            font,
            {
                "Type": Name("Font"), "Subtype": Name("Type3"), "FontBBox": [0, -300, 1100, 1000],
                "FontMatrix": [1 / _EM, 0, 0, 1 / _EM, 0, 0], "CharProcs": outlines, "Resources": {},
                "Encoding": {"Type": Name("Encoding"), "Differences": differences},
                "FirstChar": codes[0], "LastChar": codes[-1],
                "Widths": [widths[code] for code in range(codes[0], codes[-1] + 1)],
            },
        )  # fmt: skip
        return font
