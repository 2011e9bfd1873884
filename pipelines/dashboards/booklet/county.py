"""The booklet of a county: what its page shows, in the same order.

Belongs here: which sections, pictures and tables go onto paper. Does not belong here: making any of them, layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards.booklet.document import Document
from pipelines.dashboards.booklet.flow import Flow
from pipelines.dashboards.charts.canvas import MUTED
from pipelines.dashboards.families.coefficients import Block
from pipelines.dashboards.families.desk import Desk, Section
from pipelines.dashboards.pages.sheets import Sheet
from pipelines.dashboards.sentences import verdict_word
from pipelines.dashboards.site import Picture, Site


def booklet_bytes(
    site: Site, desk: Desk, cards: Section, blocks: Sequence[Block], sections: Sequence[Section], schools: Section
) -> bytes:
    """The booklet as PDF (A4) in the language of the desk, from the figures that were drawn for the page."""
    text, book, frame = desk.text, desk.book, desk.frame
    title = text("county.title", county=book.name)
    document = Document(site.fonts, title, site.release_id)
    with document.made():
        flow = _Page(document, desk, f"{text('site.name')} · {title}")
        flow.new_page()
        flow.heading(title, 18)
        flow.paragraph(f"{text('column.county_code')}{text('word.colon')}{book.code}", colour=MUTED)
        if site.sample:
            flow.paragraph(text("site.sample"))
        flow.section(cards)
        flow.heading(text("county.headline", year=text.year(frame.latest)), 13)
        for block in blocks:
            flow.heading(f"{block.title}{text('word.colon')}{verdict_word(text, block.verdict)}", BLOCK, keep=20)
            for fact in block.facts:
                flow.paragraph(fact)
        for block in blocks:
            flow.block(block)
        for section in sections:
            flow.section(section)
        flow.section(schools)
        flow.paragraph(text("method.cv"), colour=MUTED)
        flow.paragraph(text("method.missing"), colour=MUTED)
    return document.content


BLOCK = 10.5
#: Rows of a table on paper; the rest is counted, and is in the files of the page.
ROWS = 20


class _Page(Flow):
    """The flow of a booklet with the parts that a county's page consists of."""

    def __init__(self, document: Document, desk: Desk, title: str) -> None:
        super().__init__(document, desk.pen, title)
        self._desk = desk

    def section(self, section: Section) -> None:
        """A family: heading with its verdict, sentences, pictures, tables."""
        text = self._desk.text
        verdict = f"{text('word.colon')}{verdict_word(text, section.verdict)}" if section.judged else ""
        self.heading(f"{section.title}{verdict}", 13)
        for sentence in section.sentences:
            self.paragraph(sentence)
        for exhibit in section.exhibits:
            if exhibit.title:
                self.heading(exhibit.title, BLOCK)
            self.pictures(exhibit.pictures)
            for note in exhibit.notes:
                self.paragraph(note, colour=MUTED)
            # Folded tables repeat what the pictures say; on paper they would be most of the pages.
            for sheet in () if exhibit.folded and exhibit.pictures else exhibit.sheets:
                self.sheet(sheet)

    def block(self, block: Block) -> None:
        """The coefficients of a standard and stage."""
        text = self._desk.text
        self.heading(block.title, 13)
        self.pictures([each for each in (block.trend, block.gap) if each])
        self.sheet(block.trend_sheet)
        if block.panels:
            self.heading(text("county.indicators"), BLOCK, keep=150)
            self.paragraph(text("county.indicators.note"), colour=MUTED)
            self.pictures(block.panels)
        if block.absent:
            self.paragraph(text("county.indicators.absent", indicators=text.join(block.absent)), colour=MUTED)
        for sheet in (block.detail_sheet, block.gap_sheet, block.missing, block.attainment):
            if sheet is not None:
                self.sheet(sheet)

    def pictures(self, pictures: Sequence[Picture]) -> None:
        """The pictures of the page, as they were laid out for it."""
        self.figures([self._desk.pictures.recordings[each.address] for each in pictures])

    def sheet(self, sheet: Sheet) -> None:
        """The table of a sheet, as far as paper is the place for it."""
        self.table(sheet.table, most=ROWS)
