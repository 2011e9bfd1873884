"""The page of one county: what holds and what does not at a glance, then a section a family of figures.

Belongs here: the order of the sections and what stands above them. Does not belong here: what a section shows
(``families/``), comparison with other counties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.dashboards.booklet.county import booklet_bytes
from pipelines.dashboards.facts import CountyBook, Frame
from pipelines.dashboards.families import (
    class_sizes,
    coefficients,
    consolidation,
    early_warning,
    exchange,
    funding_shares,
    government,
    plan,
    rectification,
    satisfaction,
    school_sizes,
    school_standard,
    scorecard,
    special_rooms,
    three_increases,
    two_only_increase,
)
from pipelines.dashboards.families.desk import Desk, Exhibit, Section
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheets
from pipelines.dashboards.site import Pictures, Site, booklet_file, county_page, forms_file, school_page
from pipelines.dashboards.tables import Column, table

#: Sections after the scorecards and the coefficients, in the order of the rule documents.
SECTIONS: tuple[Callable[[Desk], Section], ...] = (
    school_standard.section,
    government.section,
    satisfaction.section,
    three_increases.section,
    two_only_increase.section,
    funding_shares.section,
    consolidation.section,
    exchange.section,
    class_sizes.section,
    school_sizes.section,
    special_rooms.section,
    plan.section,
    rectification.section,
    early_warning.section,
)


@dataclass(frozen=True)
class Line:
    """A line of the overview at the top of the page: where it leads, its verdict, the first thing it says."""

    anchor: str
    title: str
    judged: bool
    verdict: bool | None
    sentence: str


def files(site: Site, book: CountyBook) -> dict[str, bytes]:
    """Address → bytes of a county's page, its pictures and the files under its tables, in every language."""
    found: dict[str, bytes] = {}
    if site.frame is None:
        return found
    with site.fonts.active():
        for language in site.languages:
            found.update(_page(site, site.frame, book, language))
    return found


def _page(site: Site, frame: Frame, book: CountyBook, language: str) -> dict[str, bytes]:
    name = county_page(book.code)
    links = {
        code: site.page(language, school_page(book.code, school.code))
        for school in book.schools
        for code in school.codes
    }
    desk = Desk(frame, book, site.pen(language), Pictures(language, name), Sheets(site, language, name), links)
    text = desk.text
    cards = scorecard.section(desk)
    blocks = coefficients.blocks(desk)
    sections = [one(desk) for one in SECTIONS]
    schools = _schools(desk)
    title = text("county.title", county=book.name)
    lines = [
        *(Line(block.anchor, block.title, True, block.verdict, text.join(block.facts[:1])) for block in blocks),
        *(
            Line(one.key, one.title, one.judged, one.verdict, one.sentences[0] if one.sentences else "")
            for one in sections
        ),
    ]
    booklet = booklet_file(site, language, book.code)
    address, html = render(
        site, language, name, "county.html",
        booklet=booklet, forms=forms_file(site, language, book.code) if book.has_forms else None,
        frame=frame, book=book, cards=cards, blocks=blocks, sections=sections, lines=lines, schools=schools,
    )  # fmt: skip
    paper = {booklet: booklet_bytes(site, desk, cards, blocks, sections, schools)}
    return {address: html, **desk.pictures.files, **desk.sheets.files(title), **paper}


def _schools(desk: Desk) -> Section:
    """Every school of the county with the way to its page."""
    text = desk.text
    rows: list[tuple[object, ...]] = []
    links: dict[int, str] = {}
    for school in desk.book.schools:
        links[len(rows)] = desk.school_links[school.code]
        rows.append((
            school.name, school.code, text.stage(school.stage), school.latest, school.pupils, school.standard_attains,
            school.attains, *(school.shares.get(key) for key in desk.frame.standards),
        ))  # fmt: skip
    if not rows:
        return Section("schools", text("school.list"), [text("school.list.none")])
    columns = (
        Column("school_name", text("column.school")),
        Column("school_code", text("column.school_code"), "code"),
        Column("stage", text("column.stage")),
        Column("latest", text("school.latest"), "year"),
        Column("pupils", text("column.pupils"), "integer"),
        Column("standard_attains", text("school.standard"), "verdict"),
        Column("attains", text("school.seven"), "verdict"),
        *(
            Column(f"share_{key}", text("school.share", standard=desk.word("standard", key)), "share")
            for key in desk.frame.standards
        ),
    )
    sheet = desk.sheets.add(table("schools", text("school.list"), columns, rows, links=links))
    return Section("schools", text("school.list"), exhibits=[Exhibit(sheets=[sheet])])
