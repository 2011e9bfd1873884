"""Fonts of the pictures: static instances of Noto Sans SC that hold just the characters a release needs.

Belongs here: making, caching and registering font files, and knowing which characters nobody can draw.
Does not belong here: sizes and colours (``charts/canvas.py``), fonts of the HTML text (the reader's system).

The dependency ships a variable font whose default instance is Thin; matplotlib can only draw the default. All
30,890 glyphs take 13 s to instantiate. A release needs some hundreds of characters, and subsetting *before*
instancing takes 0.3 s a weight, so the subset is exact: every character of the labels and of the release's
names. A character that Noto Sans SC lacks is looked for in its TC, JP and KR sisters, then in DejaVu Sans
(which comes with matplotlib); what none of them holds is drawn as 〓, the printers' mark for a missing sort.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib import font_manager

#: Tried in this order; (short name, file inside the package ``justmytype_intl_cjk``).
SOURCES = (
    ("SC", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"),
    ("TC", "fonts/ofl/notosanstc/NotoSansTC[wght].ttf"),
    ("JP", "fonts/ofl/notosansjp/NotoSansJP[wght].ttf"),
    ("KR", "fonts/ofl/notosanskr/NotoSansKR[wght].ttf"),
)
LICENCE = "fonts/ofl/notosanssc/OFL.txt"
WEIGHTS = (("Regular", 400), ("Bold", 700))
FALLBACK = "DejaVu Sans"
GETA = "〓"
#: Changes whenever :func:`_instantiate` would write other bytes for the same characters.
RECIPE = 2
#: Present in every instance, whatever a release says: printable ASCII, Latin-1, the marks charts put in themselves.
ALWAYS = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100)))) | frozenset("…—–−≤≥·〓（）■□●▲△※→")

_DROPPED_TABLES = ["GSUB", "GPOS", "GDEF", "BASE", "HVAR", "VVAR", "MVAR", "STAT", "vhea", "vmtx", "prep", "gasp"]
_LICENCE_NAMES = (0, 13, 14)


class FontError(RuntimeError):
    """The font package is missing or a font file cannot be made."""


@dataclass(frozen=True)
class FontSet:
    """Fonts made for one set of characters; plain data, so it can be sent to another process.

    ``families`` are in order of fallback, ``paths`` the files to register, ``missing`` the characters no font holds.
    """

    families: tuple[str, ...]
    paths: tuple[Path, ...]
    missing: frozenset[str]

    def register(self) -> None:
        """Make the families known to matplotlib in this process (idempotent)."""
        known = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
        for path in self.paths:
            if path not in known:
                font_manager.fontManager.addfont(path)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Draw with these fonts; inside, ``$`` is a dollar sign and never begins a formula."""
        self.register()
        with matplotlib.rc_context({"font.family": list(self.families), "text.parse_math": False}):
            yield

    def faces(self) -> list[tuple[str, int, Path]]:
        """(family, weight, file) of every file, in order of fallback (for web pages)."""
        return [
            (family, weight, path)
            for place, family in enumerate(self.families[:-1])
            for (_, weight), path in zip(WEIGHTS, self.paths[place * len(WEIGHTS) :], strict=False)
        ]

    def drawable(self, text: str) -> str:
        """``text`` on one line, without control or direction marks, characters nobody can draw replaced by 〓."""
        return "".join(GETA if character in self.missing else character for character in plain(text))


def plain(text: str) -> str:
    """``text`` on one line, without control, surrogate, private-use or direction-override characters."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if unicodedata.category(character)[0] != "C").strip()


def prepare(characters: Iterable[str], cache: Path) -> FontSet:
    """Fonts for ``characters`` (any strings), made on first use and kept in ``cache``.

    Safe when several processes ask at once: each writes a file of its own and renames it into place; the bytes
    do not depend on who wins. Raises :class:`FontError` when the font package is not installed.
    """
    wanted = set(ALWAYS)
    for text in characters:
        wanted.update(plain(text))
    families: list[str] = []
    paths: list[Path] = []
    for short, resource in SOURCES:
        source = _source(resource)
        held = {character for character in wanted if ord(character) in _coverage(source)}
        if not held:
            continue
        family = f"Junheng{short}{_key(resource, held)}"
        paths += [_cached(source, held, family, weight, cache) for weight in WEIGHTS]
        families.append(family)
        wanted -= held
        if not wanted:
            break
    families.append(FALLBACK)
    return FontSet(tuple(families), tuple(paths), frozenset(c for c in wanted if ord(c) not in _fallback_coverage()))


def licence() -> bytes:
    """The licence of the font files (OFL 1.1), which goes wherever they go."""
    return _source(LICENCE).read_bytes()


def _source(resource: str) -> Path:
    try:
        path = Path(str(files("justmytype_intl_cjk").joinpath(resource)))
    except ModuleNotFoundError as error:
        raise FontError("the package justmytype-intl-cjk (Noto Sans CJK, OFL) is not installed") from error
    if not path.is_file():
        raise FontError(f"justmytype-intl-cjk does not contain {resource}")
    return path


@cache
def _coverage(source: Path) -> frozenset[int]:
    with TTFont(source, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _fallback_coverage() -> frozenset[int]:
    return _coverage(Path(font_manager.findfont(FALLBACK, fallback_to_default=False)))


def _key(resource: str, characters: Iterable[str]) -> str:
    made_of = (RECIPE, resource, version("justmytype-intl-cjk"), version("fonttools"), "".join(sorted(characters)))
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:8]


def _cached(source: Path, characters: set[str], family: str, weight: tuple[str, int], cache: Path) -> Path:
    final = cache / f"{family}-{weight[0]}.ttf"
    if not final.exists():
        cache.mkdir(parents=True, exist_ok=True)
        temporary = cache / f".{final.stem}-{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp"
        try:
            with _instantiate(source, characters, family, weight) as font:
                font.save(temporary)
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
    return final


def _instantiate(source: Path, characters: set[str], family: str, weight: tuple[str, int]) -> Any:
    """A static font of ``characters`` at one weight, renamed (the licence records stay)."""
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += _DROPPED_TABLES
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = list(_LICENCE_NAMES)
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options, dontLoadGlyphNames=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(font)
    name, value = weight
    instancer.instantiateVariableFont(
        font, {"wght": value}, inplace=True, optimize=False,
        overlap=instancer.OverlapMode.KEEP_AND_DONT_SET_FLAGS,
    )  # fmt: skip
    _rename(font, family, name, value)
    return font


def _rename(font: Any, family: str, style: str, weight: int) -> None:
    postscript = f"{family}-{style}"
    for identifier, value in ((1, family), (2, style), (4, f"{family} {style}"), (6, postscript)):
        font["name"].setName(value, identifier, 3, 1, 0x409)
        font["name"].setName(value, identifier, 1, 0, 0)
    bold = weight >= 700
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 0x20 if bold else 0x40
    font["head"].macStyle = 1 if bold else 0
