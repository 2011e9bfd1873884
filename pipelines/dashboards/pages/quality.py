"""Data quality: what the checks found, by rule, department and year; what was filed, and what was not.

Belongs here: the page on quality. Does not belong here: the checks.
"""

from __future__ import annotations

from pipelines.dashboards.books.quality import QualityBook
from pipelines.dashboards.extract import Extract, worded
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheet, Sheets
from pipelines.dashboards.site import Site, county_page
from pipelines.dashboards.text import load

#: Rows that stand on the page; the files hold all.
SHOWN = 50


def files(site: Site, book: QualityBook) -> dict[str, bytes]:
    """Address → bytes of the page and its files in every language of the site."""
    found: dict[str, bytes] = {}
    for language in site.languages:
        found.update(_page(site, book, language))
    return found


def _page(site: Site, book: QualityBook, language: str) -> dict[str, bytes]:
    text = load(language)
    sheets = Sheets(site, language, "quality")
    known = {code for code, _ in site.frame.counties} if site.frame else set()

    def add(extract: Extract | None, caption: str | None = None, note: str = "") -> Sheet | None:
        if extract is None:
            return None
        other = "en" if language == "zh" else "zh"
        keep = [place for place, each in enumerate(extract.fields) if not each.key.endswith(f"_{other}")]
        kept = Extract(
            extract.name,
            extract.title,
            tuple(extract.fields[place] for place in keep),
            tuple(tuple(row[place] for place in keep) for row in extract.rows),
        )
        links = {}
        if kept.fields and kept.fields[0].key == "county_code":
            links = {
                place: site.page(language, county_page(str(code)))
                for place, code in enumerate(kept.column("county_code"))
                if str(code) in known
            }
        table = worded(kept, text, book.terms, caption=caption, links=links, shown=SHOWN, note=note)
        return sheets.add(table)

    content = {
        "by_rule": add(book.by_rule, text("quality.by_rule")),
        "trend": add(book.trend, text("quality.trend"), text("quality.trend.note")),
        "by_owner": add(book.by_owner, text("quality.by_owner")),
        "not_filed": add(book.not_filed, text("quality.not_filed"), text("quality.not_filed.note")),
        "returns": add(book.returns, text("quality.returns")),
        "findings": add(book.findings, text("quality.findings")),
        "more": [each for extract in book.others if (each := add(extract)) is not None],
    }
    address, html = render(site, language, "quality", "quality.html", totals=book.totals, **content)
    return {address: html, **sheets.files(text("quality.title"))}
