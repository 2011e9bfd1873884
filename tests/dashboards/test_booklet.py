"""The booklet: A4, embedded fonts, words over as many pages as they need, the same bytes, a release id that can be renewed."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.dashboards.booklet.document import Document
from pipelines.dashboards.booklet.flow import Flow
from pipelines.dashboards.charts import lines
from pipelines.dashboards.charts.canvas import Pen, recorded
from pipelines.dashboards.facts import Point
from pipelines.dashboards.site import Site
from pipelines.dashboards.stamp import Stamp, blank_for
from pipelines.dashboards.tables import Column, table
from tests.dashboards.conftest import LONG, RELEASE, BuiltSite
from tests.dashboards.made_up_release import COUNTIES

POINTS = [Point(2011 + n, None if n == 3 else 0.7 - n / 50, 0.65) for n in range(8)]


def _booklet(pen: Pen, release: str) -> tuple[bytes, int]:
    """A heading, words, two figures, a long and wide table."""
    columns = [Column("name", "甲县"), *(Column(f"c{n}", f"丙县 {n}", "integer") for n in range(30))]
    long = table("long", "乙县", columns, [(LONG, *range(30)) for _ in range(120)])
    document = Document(pen.fonts, "丁县", release)
    with document.made():
        flow = Flow(document, pen, "丁县")
        flow.new_page()
        flow.heading("甲乙丙丁县", 18)
        flow.paragraph(LONG * 3)
        figure = lines.draw(pen, POINTS, size=lines.PANEL, title="甲县", top=1.0, binding=True)
        flow.figures([recorded(figure)] * 3)
        flow.table(long, most=100)
    return document.content, document.pages


@pytest.fixture
def blank_pen(pen: Pen, site: Site) -> Pen:
    """A pen whose source line holds the blanks of an id."""
    made = replace(site, release_id=blank_for(RELEASE), fonts=pen.fonts).pen(pen.text.language)
    return replace(made, fonts=pen.fonts)


def _pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", content))


def test_a_booklet_is_a4_with_its_fonts_in_it_and_the_same_again(blank_pen: Pen) -> None:
    content, pages = _booklet(blank_pen, blank_for(RELEASE))
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert content == _booklet(blank_pen, blank_for(RELEASE))[0]
    assert pages == _pages(content) > 3
    assert {tuple(map(float, box.split()[2:])) for box in re.findall(rb"/MediaBox \[ ([^\]]*) \]", content)} == {
        (595.28, 841.89)
    }
    assert content.count(b"/FontFile2") >= 2 and b"/CreationDate" not in content


def test_the_id_is_renewed_without_moving_anything(blank_pen: Pen) -> None:
    blank, pages = _booklet(blank_pen, blank_for(RELEASE))
    stamp = Stamp(RELEASE, {})
    first = stamp.on("booklet/a.pdf", blank, blank_for(RELEASE))
    assert first.count(RELEASE.encode()) == 1 and len(first) == len(blank)
    later = "r20211119T083000-ffee0099"
    second = Stamp(later, {}).on("booklet/a.pdf", first, RELEASE)
    assert second == Stamp(later, {}).on("booklet/a.pdf", blank, blank_for(RELEASE))
    # Every page and every figure shows it.
    streams = [zlib.decompress(part) for part in re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", blank, re.DOTALL)
               if part[:1] == b"x"]  # fmt: skip
    assert sum(stream.count(b"/Release Do") for stream in streams) == pages + 3


def test_every_county_has_a_booklet_in_both_languages(built: BuiltSite) -> None:
    for prefix in ("", "en/"):
        for code in COUNTIES:
            path: Path = built.root / f"{prefix}booklet/{code}.pdf"
            content = path.read_bytes()
            assert content.count(RELEASE.encode()) == 1
            assert 2 <= _pages(content) <= 60
            assert len(content) < 1_500_000
