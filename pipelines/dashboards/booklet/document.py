"""A PDF document on which finished figures, words and rules can be put anywhere.

Belongs here: the file, its pages, the release id in it. Does not belong here: layout (``flow.py``), contents.

matplotlib's own PDF writer is used, one file for all pages, so that fonts are embedded once, as subsets, with text that
can be searched; several figures share a page by moving the origin before each is drawn.

The release id stands in one object, not compressed, in a font of its own (outlines of Noto Sans for the characters an
id may have). All ids are equally long, so renewing it is replacing bytes: nothing in the file moves (``stamp.py``).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_pdf import Name, Op, PdfFile, Reference, RendererPdf, pdfRepr
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.textpath import TextPath, TextToPath
from matplotlib.transforms import Affine2D

from pipelines.dashboards.charts.canvas import INK, MUTED
from pipelines.dashboards.charts.recording import Recording, Written
from pipelines.dashboards.fonts import ALWAYS, FontSet
from pipelines.dashboards.stamp import ALPHABET, BLANK

#: A4 in points.
WIDTH, HEIGHT = 595.28, 841.89
_RELEASE = Name("Release")
_EM = 1000


class Document:
    """A PDF in the making. Enter it, begin a page, put things on it; afterwards ``content`` holds the bytes."""

    def __init__(self, fonts: FontSet, title: str, release_id: str) -> None:
        self._fonts, self._title, self._release = fonts, title, release_id
        self._buffer = io.BytesIO()
        self._file: Any = None
        self._renderer: Any = None
        self._codes: dict[tuple[bool, str], tuple[bytes, bytes]] = {}
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
        if right:
            x -= width(self._fonts.families, words, size, bold)
        font = _font(self._fonts.families, size, bold)
        if self._typeset(x, HEIGHT - y, words, font, to_rgb(colour)):
            return
        context = self._renderer.new_gc()
        context.set_foreground(colour)
        self._renderer.draw_text(context, x, HEIGHT - y, words, font, 0)
        self._rest()

    def rule(self, x: float, y: float, length: float, *, colour: str = "#b9c1c8", thick: float = 0.5) -> None:
        """A horizontal line."""
        red, green, blue = to_rgb(colour)
        self._file.write(
            b"q %.3f %.3f %.3f RG %.2f w %.2f %.2f m %.2f %.2f l S Q\n"
            % (red, green, blue, thick, x, HEIGHT - y, x + length, HEIGHT - y)
        )

    def release(self, x: float, y: float, size: float) -> None:
        """The release id with its baseline at (x, y)."""
        self._place(x, HEIGHT - y, size / _EM)
        self._file.write(b"%.3f %.3f %.3f rg\n" % to_rgb(MUTED))
        self._file.output(_RELEASE, Op.use_xobject)
        self._file.output(Op.grestore)

    def figure(self, figure: Recording, x: float, y: float, scale: float = 1.0) -> None:
        """A picture with its upper left corner at (x, y); the blanks in its source line become the id."""
        self._place(x, HEIGHT - y - figure.height * 72 * scale, scale)
        renderer = RendererPdf(self._file, 72, figure.height, figure.width)

        def write(step: Written) -> bool:
            renderer.finalize()  # back to the state the picture began with: no clip, no colour
            return self._on_picture(step)

        figure.tell(renderer, write=write)
        renderer.finalize()
        self._file.output(Op.grestore)

    def _on_picture(self, step: Written) -> bool:
        """Words of a picture; a line that is cut within the id shows none of it."""
        head, blank, rest = step.words.partition(BLANK)
        context = step.context
        if step.angle or context.get_rgb()[3] != 1.0:
            return False
        told = self._typeset(step.x, step.y, head, step.font, context.get_rgb()[:3])
        if not blank:
            return told
        if not told:
            raise ValueError(f"a source line that cannot be set plainly: {step.words!r}")
        size = float(step.font.get_size_in_points())
        if len(blank + rest) == len(self._release):
            at = step.x + width(self._fonts.families, head, size)
            colour = context.get_rgb()[:3]
            self._file.write(
                b"q %.3f %.3f %.3f rg %.5f 0 0 %.5f %.2f %.2f cm\n" % (*colour, size / _EM, size / _EM, at, step.y)
            )
            self._file.output(_RELEASE, Op.use_xobject)
            self._file.output(Op.grestore)
        return True

    def _typeset(self, x: float, y: float, words: str, font: FontProperties, colour: Sequence[float]) -> bool:
        """Words set character by character, in the colour given; False for what needs more than that.

        matplotlib shapes every text anew and loads each of its glyphs, 1 ms a text. What is written in Chinese
        characters and plain Latin ones is one character after the other: our fonts have neither kerning nor ligatures.
        """
        if not all(_plain(character) for character in words):
            return False
        size = float(font.get_size_in_points())
        families, bold = tuple(font.get_family()), font.get_weight() == "bold"
        parts: list[bytes] = []
        chosen = b""
        for character in words:
            name, code = self._code(families, bold, character)
            if name != chosen:
                parts.append((b"> Tj " if parts else b"") + name + b" %.2f Tf <" % size)
                chosen = name
            parts.append(code)
        if parts:
            self._file.write(
                b"q %.3f %.3f %.3f rg BT %.2f %.2f Td " % (*colour, x, y) + b"".join(parts) + b"> Tj ET Q\n"
            )
        return True

    def _code(self, families: tuple[str, ...], bold: bool, character: str) -> tuple[bytes, bytes]:
        """Name of the font in this document and code of the character in it, in hexadecimal."""
        key = (bold, character)
        if key not in self._codes:
            face, glyph = _glyph(families, bold, character)
            subset, code = self._file._character_tracker.track_glyph(get_font(face), character, glyph)
            name = self._file.fontName(font_manager.FontPath(face, 0), subset)
            self._codes[key] = pdfRepr(name), b"%04x" % code
        return self._codes[key]

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


@cache
def _plain(character: str) -> bool:
    """Whether a character stands for itself in any text: no mark on another, not from right to left, no joining."""
    wide = unicodedata.east_asian_width(character) in "WF" and not unicodedata.combining(character)
    return wide or " " <= character <= "~" or "\xa0" < character < "\u0300" or character in ALWAYS


@lru_cache(maxsize=50_000)
def _glyph(families: tuple[str, ...], bold: bool, character: str) -> tuple[str, int]:
    """File of the font that draws a character, and the number of its glyph there."""
    found = font_manager.fontManager._find_fonts_by_props(_font(families, _EM, bold))
    font = get_font(found)
    font.set_size(_EM, 72)
    (item,) = font._layout(character, LoadFlags.NO_HINTING)
    return str(item.ft_object.fname), int(item.glyph_index)


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
