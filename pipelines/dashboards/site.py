"""A site in the making: what every page of one release shares, where pages and pictures lie, how links run.

Belongs here: addresses and the plain data that goes to worker processes. Does not belong here: contents of pages.

Addresses last: ``index.html`` and ``county/<code>.html`` in the first language, the same under ``<language>/`` in
the others, pictures under ``charts/<language>/``. All links are relative, so a site works from ``file://``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname, relpath

from matplotlib import rcParams
from matplotlib.figure import Figure

from pipelines.dashboards import stamp
from pipelines.dashboards.charts.canvas import MUTED, Pen, recorded, svg
from pipelines.dashboards.charts.raster import png
from pipelines.dashboards.charts.recording import Recording
from pipelines.dashboards.facts import Frame
from pipelines.dashboards.fonts import FontSet
from pipelines.dashboards.text import load

#: County codes kept free by the code list, so that made-up counties cannot be taken for real ones.
SAMPLE_PREFIX = "99"
PIXELS = 96
#: CSS pixels that a picture may be wide on a phone; a wider one is moved in its frame.
PHONE = 336


@dataclass(frozen=True)
class Site:
    """What all pages of one release share; plain data."""

    release_id: str
    about: Mapping[str, str]
    sample: bool
    languages: tuple[str, ...]
    frame: Frame | None
    fonts: FontSet

    def page(self, language: str, name: str) -> str:
        """Address of a page (``index``, ``county/990101``) from the root of the site."""
        prefix = "" if language == self.languages[0] else f"{language}/"
        return f"{prefix}{name}.html"

    def pen(self, language: str) -> Pen:
        """The pen for pictures in a language: they carry release id and, where it is due, the sample mark."""
        text = load(language)
        mark = text("chart.sample") + " · " if self.sample else ""
        long, short = (text(key, release=self.release_id) for key in ("chart.source", "chart.source.short"))
        return Pen(text, self.fonts, mark + long, mark + short)


def is_sample(frame: Frame | None) -> bool:
    """Whether any county of the release is a made-up one."""
    return frame is not None and any(code.startswith(SAMPLE_PREFIX) for code, _ in frame.counties)


def county_page(code: str) -> str:
    """Name of a county's page; a code that is no plain word is spelt in hexadecimal."""
    plain = re.fullmatch(r"[0-9A-Za-z]+", code) is not None
    return f"county/{code}" if plain else f"county/x-{code.encode().hex()}"


def forms_file(site: Site, language: str, code: str) -> str:
    """Address of a county's self-assessment tables for the latest year."""
    return site.page(language, "forms/" + county_page(code).removeprefix("county/")).removesuffix(".html") + ".xlsx"


def booklet_file(site: Site, language: str, code: str) -> str:
    """Address of a county's booklet."""
    return site.page(language, "booklet/" + county_page(code).removeprefix("county/")).removesuffix(".html") + ".pdf"


def school_pages(county_code: str) -> str:
    """What the names of the pages of a county's schools begin with: no codes of two counties can clash."""
    return "school/" + county_page(county_code).removeprefix("county/")


def school_page(county_code: str, school_code: str) -> str:
    """Name of a school's page; a code that is no plain word is spelt in hexadecimal."""
    return f"{school_pages(county_code)}/{county_page(school_code).removeprefix('county/')}"


def region_page(code: str) -> str:
    """Name of the overview of a region."""
    return "region/" + county_page(code).removeprefix("county/")


def indicator_page(standard: str, indicator: str) -> str:
    """Name of the page of an indicator across counties."""
    return f"indicator/{standard}/{indicator}"


def link(source: str, target: str) -> str:
    """Relative address of ``target`` for a page at ``source``, both from the root of the site."""
    return relpath(target, dirname(source) or ".")


@dataclass(frozen=True)
class Picture:
    """A picture on a page: its address from the root, its title, what it says, its size in CSS pixels."""

    address: str
    title: str
    alt: str
    width: int
    height: int

    @property
    def wide(self) -> bool:
        """Whether it is wider than the page on a phone."""
        return self.width > PHONE

    @property
    def pixels(self) -> str:
        """Address of the same picture as PNG."""
        return pixels_of(self.address)


def pixels_of(address: str) -> str:
    """Address of the PNG beside the SVG at ``address``."""
    return address.removesuffix("svg") + "png"


class Pictures:
    """Pictures of one page in one language, drawn as they are added.

    ``files`` holds their bytes by address (SVG and PNG), ``recordings`` what they were written from.
    """

    def __init__(self, language: str, page: str) -> None:
        self._folder = f"charts/{language}/{page}"
        self.files: dict[str, bytes] = {}
        self.recordings: dict[str, Recording] = {}

    def add(self, name: str, figure: Figure, alt: str) -> Picture:
        """Draw ``figure``, labelled with its title, as ``name`` (unique on its page)."""
        address = f"{self._folder}/{name}.svg"
        if address in self.files:
            raise ValueError(f"two pictures at {address}")
        drawn = self.recordings[address] = recorded(figure)
        self.files[address] = stamp.prepared(svg(drawn, alt), *stamp.glyphs(tuple(rcParams["font.family"])))
        self.files[pixels_of(address)] = png(drawn, MUTED)
        title = str(figure.get_label())
        return Picture(address, title, alt, round(drawn.width * PIXELS), round(drawn.height * PIXELS))
