"""Tables on a page with the files under them.

Belongs here: addresses of these files and gathering the tables of one page. Does not belong here: the bytes
(``takeaway.py``), HTML (``templates/sheets.html``).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.dashboards.site import Site
from pipelines.dashboards.tables import Table
from pipelines.dashboards.takeaway import csv_bytes, workbook_bytes
from pipelines.dashboards.text import load


@dataclass(frozen=True)
class Sheet:
    """A table with the addresses of its CSV and of the workbook of its page, from the root of the site."""

    table: Table
    csv: str
    workbook: str


class Sheets:
    """The tables of one page in one language, in the order in which they are added."""

    def __init__(self, site: Site, language: str, page: str) -> None:
        self._site = site
        self._text = load(language)
        self._folder = f"files/{language}/{page}"
        self._tables: dict[str, Table] = {}

    def add(self, table: Table) -> Sheet:
        """Take a table onto the page. Raises ``ValueError`` for a name that is taken."""
        if table.name in self._tables:
            raise ValueError(f"two tables {table.name} in {self._folder}")
        self._tables[table.name] = table
        return Sheet(table, f"{self._folder}/{table.name}.csv", f"{self._folder}.xlsx")

    def files(self, title: str) -> dict[str, bytes]:
        """Address → bytes of every CSV and of the workbook called ``title``."""
        if not self._tables:
            return {}
        found = {f"{self._folder}/{name}.csv": csv_bytes(table) for name, table in self._tables.items()}
        book = workbook_bytes(self._text, title, self._site.release_id, list(self._tables.values()))
        return {**found, f"{self._folder}.xlsx": book}
