"""The release: what it is made of, and what changed since the one before and why.

Belongs here: the page on the release. Does not belong here: publishing.
"""

from __future__ import annotations

from pipelines.dashboards import numbers
from pipelines.dashboards.books.release import ReleaseBook
from pipelines.dashboards.extract import worded
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheets
from pipelines.dashboards.site import Site
from pipelines.dashboards.text import load

SHOWN = 60


def files(site: Site, book: ReleaseBook) -> dict[str, bytes]:
    """Address → bytes of the page and its files in every language of the site."""
    found: dict[str, bytes] = {}
    for language in site.languages:
        text = load(language)
        sheets = Sheets(site, language, "release")
        terms = {**book.terms, "change": {kind: {language: text(f"change.{kind}")} for kind in CHANGES}}
        causes = sorted({text(f"change.{row[0]}") for row in book.changes.rows}) if book.changes else []
        listed = {
            name: sheets.add(worded(extract, text, terms, caption=text(CAPTIONS[name]), shown=SHOWN))
            for name, extract in (
                ("changes", book.changes),
                ("accepted", book.accepted if book.accepted.rows else None),
                ("findings", book.findings),
                ("rows", book.rows),
                ("submissions", book.submissions),
            )
            if extract is not None
        }
        facts = [(text.get(f"site.{key}", key), numbers.moment(value)) for key, value in book.facts.items()]
        address, html = render(
            site, language, "release", "release.html",
            facts=facts, previous=book.previous, causes=causes, listed=listed,
            counted=len(book.submissions.rows), changed=len(book.changes.rows) if book.changes else 0,
        )  # fmt: skip
        found |= {address: html, **sheets.files(text("release.title"))}
    return found


CAPTIONS = {
    "changes": "release.table.changes",
    "accepted": "release.accepted",
    "findings": "release.findings",
    "rows": "release.rows",
    "submissions": "release.submissions",
}
CHANGES = ("cause", "submission_new", "submission_gone", "rows", "findings")
