"""The release id on finished pages and pictures: drawn as a blank, filled in afterwards, renewed for the next release.

Belongs here: finding and replacing what tells one release from another. Does not belong here: drawing.

A page whose figures did not change is the same in the next release but for the id on the page, on each picture and in
each workbook, and for the foot of the page. Drawing takes seconds a county, this takes milliseconds (``docs/adr``).

* Pages: the foot stands between two comments. Text from files cannot contain these: it is escaped.
* Pictures: the id is drawn as :data:`BLANK` characters, as wide as a digit. :func:`prepared` gives the picture the
  outlines of every character an id may have; then character *n* of the id is the *n*-th reference to one of them.
* PNG: the rows of the source line are a part of the compressed pixels of their own (``charts/raster.py``).
* Workbooks: the id is a cell of its own among the shared strings.
* Booklets: the id is one object of fixed length that is not compressed (``booklet/document.py``).

The result does not depend on the way: stamping a new drawing and renewing an old one give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from pipelines.dashboards.charts.canvas import Pen
    from pipelines.dashboards.charts.raster import Sheet

#: Stands for one character of an id while a picture is drawn; as wide as a digit in Noto Sans.
BLANK = "¤"
#: What ids are made of (``pipelines.publish.release_id``); others are drawn once and never renewed.
ALPHABET = "0123456789abcdefrT-"

#: A space has an outline without a path.
_OUTLINE = re.compile(r'<path id="([^"]+)"(?: d="([^"]*)")? transform="scale\(([0-9.]+)\)"/>')
_REFERENCE = re.compile(r'xlink:href="#r([0-9a-f]+)"')
_FOOT = re.compile(rb"(?<=<!--release-->).*?(?=<!--/release-->)", re.DOTALL)
_STRINGS = "xl/sharedStrings.xml"
#: Width of a digit in thousandths of an em, hundredths of which are the unit of matplotlib's outlines.
_CELL = 55.5


@dataclass(frozen=True)
class Glyph:
    """Outline of a character: path, scale, width (all as matplotlib writes them)."""

    path: str
    scale: str
    width: float


def blank_for(release_id: str) -> str:
    """What is drawn in place of an id; the id itself where it has other characters than ids of releases have."""
    return BLANK * len(release_id) if set(release_id) <= set(ALPHABET) else release_id


@dataclass(frozen=True)
class Stamp:
    """What is put on the files of a release.

    ``feet``: foot of pages by prefix of the address ("", "en/"); ``pens``: by language, with blanks in the source line.
    """

    release_id: str
    feet: Mapping[str, str]
    pens: Mapping[str, Pen] = field(default_factory=dict)

    def on(self, address: str, content: bytes, present: str) -> bytes:
        """``content`` with this release on it instead of ``present`` (an id, or the blank)."""
        change = self._changes().get(address.rpartition(".")[2])
        return change(address, content, present) if change else content

    @staticmethod
    def concerns(address: str) -> bool:
        """Whether a file carries the id at all; one that does not is the same in every release."""
        return address.rpartition(".")[2] in ("html", "svg", "png", "xlsx", "pdf")

    def _changes(self) -> dict[str, Callable[[str, bytes, str], bytes]]:
        return {
            "html": self._page, "svg": self._picture, "png": self._pixels, "xlsx": self._workbook, "pdf": self._booklet
        }  # fmt: skip

    def _page(self, address: str, content: bytes, present: str) -> bytes:
        prefix = max((each for each in self.feet if address.startswith(each)), key=len)
        foot = self.feet[prefix].encode()
        return _FOOT.sub(lambda _: foot, content, count=1)

    def _picture(self, address: str, content: bytes, present: str) -> bytes:
        characters = cycle(self.release_id)
        return _REFERENCE.sub(lambda _: f'xlink:href="#r{ord(next(characters)):x}"', content.decode()).encode()

    def _pixels(self, address: str, content: bytes, present: str) -> bytes:
        from pipelines.dashboards.charts.raster import sheet_of, with_foot

        pen = self.pens[address.split("/")[1]]
        return with_foot(content, _foot(_Source(pen), sheet_of(content), self.release_id))

    def _booklet(self, address: str, content: bytes, present: str) -> bytes:
        before, after = (b"(%s) Tj" % each.encode("latin-1") for each in (present, self.release_id))
        return content.replace(before, after)

    def _workbook(self, address: str, content: bytes, present: str) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                part = old.read(entry)
                if entry.filename == _STRINGS:
                    before, after = (f"<t>{escape(each)}</t>".encode() for each in (present, self.release_id))
                    part = part.replace(before, after)
                new.writestr(entry, part)
        return made.getvalue()


def prepared(svg: bytes, glyphs: Mapping[str, Glyph], blank: Glyph) -> bytes:
    """A picture whose outlines have short lasting names, with the blanks of the id ready to be filled.

    matplotlib names an outline by font and place in it, which both depend on the other names in the release; here they
    are numbered as they come. ``glyphs``: outlines of the characters of ids, ``blank``: that of :data:`BLANK`.
    """
    text = svg.decode()
    names: dict[str, str] = {}
    for name, path, _ in _OUTLINE.findall(text):
        names[name] = "ra4" if path == blank.path else f"g{len(names)}"
    text = re.sub(
        r'(<path id="|xlink:href="#)([^"]+)"', lambda found: f'{found[1]}{names.get(found[2], found[2])}"', text
    )
    if "ra4" in names.values():
        every = "".join(
            f'<path id="r{ord(character):x}" d="{glyph.path}"'
            f' transform="translate({(_CELL - glyph.width) / 2:g} 0) scale({glyph.scale})"/>'
            for character, glyph in glyphs.items()
        )
        text = re.sub(r'<path id="ra4"[^>]*/>', lambda _: every, text, count=1)
    return text.encode()


@dataclass(frozen=True)
class _Source:
    """A pen, known by what its source line depends on."""

    pen: Pen

    def __hash__(self) -> int:
        return hash(self._known())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self._known() == other._known()

    def _known(self) -> tuple[object, ...]:
        return self.pen.fonts, self.pen.source, self.pen.short_source


@lru_cache(maxsize=256)
def _foot(source: _Source, sheet: Sheet, release_id: str) -> Any:
    from pipelines.dashboards.charts.canvas import foot_alone, recorded
    from pipelines.dashboards.charts.raster import shades

    with source.pen.fonts.active():
        return shades(recorded(foot_alone(source.pen, sheet.width, release_id, BLANK)), sheet)


@lru_cache(maxsize=8)
def glyphs(families: tuple[str, ...]) -> tuple[Mapping[str, Glyph], Glyph]:
    """Outlines of the characters of ids, and that of the blank, in the first of ``families``."""
    from matplotlib.figure import Figure

    from pipelines.dashboards.charts.canvas import recorded, svg

    found: dict[str, Glyph] = {}
    for character in (*ALPHABET, BLANK):
        figure = Figure(figsize=(1, 1))
        figure.text(0, 0, character, size=10, family=list(families))
        drawn = _OUTLINE.search(svg(recorded(figure), "").decode())
        if drawn is None:
            raise ValueError(f"no outline of {character!r} in {families[0]}")
        found[character] = Glyph(drawn[2], drawn[3], _width(families, character))
    return {character: found[character] for character in ALPHABET}, found[BLANK]


def _width(families: tuple[str, ...], character: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=list(families), size=100)
    # The advance, not the ink: the difference a second character makes.
    both, one = (
        TextToPath().get_text_width_height_descent(words, font, ismath=False)[0] for words in (character * 2, character)
    )
    return float(both - one)
