"""Methods: formulas with a worked example, and the lines and choices of the rulebook in force, with their sources.

Belongs here: the page on methods. Does not belong here: any line or choice (the rulebook of the release has them).
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.dashboards.books.methods import MethodsBook
from pipelines.dashboards.extract import Extract, worded
from pipelines.dashboards.pages.html import render
from pipelines.dashboards.pages.sheets import Sheets
from pipelines.dashboards.site import Site
from pipelines.dashboards.tables import Column, Table, table
from pipelines.dashboards.text import Text, load
from pipelines.dashboards.worked_example import NINE_YEAR, NINE_YEAR_BOOKS, Example, example, split

#: Type of a nine-year school in the rulebook's weights.
NINE_YEAR_TYPE = "312"


def files(site: Site, book: MethodsBook) -> dict[str, bytes]:
    """Address → bytes of the page and its files in every language of the site."""
    found: dict[str, bytes] = {}
    for language in site.languages:
        text = load(language)
        sheets = Sheets(site, language, "methods")
        shown = example()
        worked = sheets.add(_worked(text, shown))
        terms = {
            **book.terms,
            "region_code": {
                "": {language: text("region.everywhere")},
                **{code: {language: text("forms.place", county=name, code=code)} for code, name in book.regions.items()
                   if code},
            },
            "indicator": {**book.terms.get("school_indicator", {}), **book.terms.get("indicator", {})},
            "measure": {name: {language: text.get(f"measure.{name}", name)} for name in _measures(book)},
        }  # fmt: skip
        listed = {
            name: sheets.add(worded(_chosen(text, extract), text, terms, caption=text(f"methods.{name}")))
            for name, extract in book.tables.items()
        }
        shares = _shares(book)
        address, html = render(
            site, language, "methods", "methods.html",
            worked=worked, example=shown, listed=listed, shares=shares, nine_year=NINE_YEAR,
            nine_year_books=NINE_YEAR_BOOKS, latest=site.frame.latest if site.frame else None,
        )  # fmt: skip
        found |= {address: html, **sheets.files(text("methods.title"))}
    return found


def _worked(text: Text, shown: Example) -> Table:
    columns = (
        Column("school", text("column.school")),
        Column("pupils", text("methods.example.pupils"), "integer"),
        Column("books", text("methods.example.books"), "integer"),
        Column("value", text("methods.example.value"), "number"),
        Column("square", text("methods.example.square"), "number"),
    )
    rows = [(chr(ord("A") + place), s.pupils, s.books, s.value, s.square) for place, s in enumerate(shown.steps)]
    rows.append((text("methods.example.county"), shown.pupils, shown.books, shown.mean, shown.deviation**2))
    return table("worked-example", text("methods.example"), columns, rows)


def _shares(book: MethodsBook) -> dict[str, float] | None:
    """Books of the nine-year school of the example by stage, with the weights of the release's rulebook."""
    extract = book.tables.get("weights")
    if extract is None:
        return None
    rows = [dict(zip((each.key for each in extract.fields), row, strict=True)) for row in extract.rows]
    weights = {
        str(row["stage"]): float(row["weight"])
        for row in rows
        if row["school_type"] == NINE_YEAR_TYPE and not row["region_code"]
    }
    return split(weights, NINE_YEAR, NINE_YEAR_BOOKS) if weights.keys() >= NINE_YEAR.keys() else None


def _chosen(text: Text, extract: Extract) -> Extract:
    """The choices with what is chosen in words; any other table as it is."""
    if extract.name != "choices":
        return extract
    at = {each.key: place for place, each in enumerate(extract.fields)}
    rows = [list(row) for row in extract.rows]
    for row in rows:
        row[at["value"]] = text.get(f"choice.{row[at['setting']]}.{row[at['value']]}", row[at["value"]])
    return replace(extract, rows=tuple(map(tuple, rows)))


def _measures(book: MethodsBook) -> list[str]:
    extract: Extract | None = book.tables.get("thresholds")
    return sorted(set(extract.column("measure"))) if extract else []
