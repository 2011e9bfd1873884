"""Small pictures of a site for the Dagster UI: one of each kind of page, as PNG.

Belongs here: drawing them again from the release, small. Does not belong here: Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
from matplotlib.figure import Figure

from pipelines.dashboards import sentences
from pipelines.dashboards.books.indicators import indicator_books
from pipelines.dashboards.charts import bundle, heat, lines
from pipelines.dashboards.charts.canvas import recorded
from pipelines.dashboards.charts.raster import small_png
from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.facts import Frame, Key, Point
from pipelines.dashboards.release_reader import ReleaseReader
from pipelines.dashboards.site import Site

DPI = 80
#: Counties in the preview of the overview.
MOST = 12


def previews(connection: duckdb.DuckDBPyConnection, site: Site) -> dict[str, bytes]:
    """PNG by kind of page (overview, county, indicator), of what the release can show."""
    frame = site.frame
    if frame is None or not frame.keys:
        return {}
    with site.fonts.active():
        drawn = {"overview": _overview(connection, site, frame), "county": _county(connection, site, frame),
                 "indicator": _indicator(connection, site, frame)}  # fmt: skip
        return {name: small_png(recorded(figure), DPI) for name, figure in drawn.items() if figure is not None}


def _overview(connection: duckdb.DuckDBPyConnection, site: Site, frame: Frame) -> Figure | None:
    pen, book = site.pen(site.languages[0]), ReleaseReader(connection).overview()
    key = _first(frame, book.composite)
    if key is None:
        return None
    rows = book.composite[key]
    cells = {
        (row.county_code, row.school_year): Point(row.school_year, row.composite, row.threshold, row.verdict is None)
        for row in rows
    }
    title, binding = sentences.heat_title(pen.text, frame, key, rows), rows[-1].binding
    subtitle = pen.text("heat.subtitle", measure=sentences.measure(pen.text, rows))
    return heat.draw(pen, frame.counties[:MOST], frame.years, cells, title=title, subtitle=subtitle, binding=binding)


def _county(connection: duckdb.DuckDBPyConnection, site: Site, frame: Frame) -> Figure | None:
    pen = site.pen(site.languages[0])
    book = ReleaseReader(connection).county(frame, frame.counties[0][0])
    key = _first(frame, book.composite)
    if key is None:
        return None
    points, rows = book.points(key, frame.years), book.composite[key]
    if all(point.value is None for point in points):
        return None
    latest = next((row for row in rows if row.school_year == frame.latest), None)
    title = sentences.trend_title(pen.text, book.name, key[1], frame.latest, latest)
    return lines.draw(pen, points, size=lines.TREND, title=title, top=lines.top_of(points), binding=rows[-1].binding)


def _indicator(connection: duckdb.DuckDBPyConnection, site: Site, frame: Frame) -> Figure | None:
    pen = site.pen(site.languages[0])
    book = next(indicator_books(Extracts(connection), frame), None)
    if book is None:
        return None
    found = book.points[frame.stages[0]]
    if all(point.value is None for points in found.values() for point in points):
        return None
    title = sentences.indicator_title(pen.text, frame.term(book.standard, book.indicator))
    subtitle = pen.text("indicator.subtitle")
    return bundle.draw(pen, found, frame.counties[:3], title=title, subtitle=subtitle, binding=book.binding)


def _first(frame: Frame, present: Mapping[Key, object]) -> Key | None:
    return next((key for key in frame.keys if key in present), None)
