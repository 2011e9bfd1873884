"""What a section of a county's page is made with, and what it consists of.

Belongs here: the rows at hand, adding pictures and tables to the page, words for codes. Does not belong here: any
family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure

from pipelines.dashboards import codes
from pipelines.dashboards.charts.canvas import Pen
from pipelines.dashboards.extract import Field
from pipelines.dashboards.facts import CountyBook, Frame, Point
from pipelines.dashboards.pages.sheets import Sheet, Sheets
from pipelines.dashboards.site import Picture, Pictures
from pipelines.dashboards.tables import Kind, table
from pipelines.dashboards.text import Text

#: Rows of a table that stand on the page; its files hold all of them.
MOST = 60


class Row(dict[str, Any]):
    """A row by column; a column that the release does not have is None in every row."""

    def __missing__(self, key: str) -> None:
        return None


@dataclass(frozen=True)
class Exhibit:
    """Pictures with the tables under them, under a small heading; any of them may be absent."""

    title: str = ""
    pictures: Sequence[Picture] = ()
    sheets: Sequence[Sheet] = ()
    notes: Sequence[str] = ()
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """One family on a county's page. ``verdict`` is shown where ``judged``; ``sentences`` come before the pictures."""

    key: str
    title: str
    sentences: Sequence[str] = ()
    exhibits: Sequence[Exhibit] = ()
    judged: bool = False
    verdict: bool | None = None


@dataclass(frozen=True)
class Desk:
    """What the sections of one county's page in one language are made with."""

    frame: Frame
    book: CountyBook
    pen: Pen
    pictures: Pictures
    sheets: Sheets
    school_links: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """Words of the page's language."""
        return self.pen.text

    def rows(self, name: str, **equal: Any) -> list[Row]:
        """Rows of a table whose columns have the values ``equal``; none where the release lacks the table."""
        extract = self.book.families.get(name)
        if extract is None:
            return []
        keys = [each.key for each in extract.fields]
        found = (Row(zip(keys, row, strict=True)) for row in extract.rows)
        return [row for row in found if all(row.get(key) == value for key, value in equal.items())]

    def absent(self, key: str, *names: str) -> Section:
        """The section of a family without rows: says whether the release lacks the table or the county the rows."""
        lacking = all(name not in self.book.families for name in names)
        words = self.text("family.no_table" if lacking else "family.no_rows", county=self.book.name)
        return Section(key, self.text(f"family.{key}"), [words])

    def word(self, group: str, code: Any) -> str:
        """A code in words (``codes.word``)."""
        return codes.word(self.text, self.frame.terms, group, code)

    def words(self, group: str, listed: str | None) -> str:
        """Comma-separated codes in words (``codes.words``)."""
        return codes.words(self.text, self.frame.terms, group, listed)

    def points(
        self, rows: Iterable[Row], years: Sequence[int], value: str, line: str | None = None, *,
        verdict: str | None = None, year: str = "school_year",
    ) -> list[Point]:  # fmt: skip
        """A figure over ``years``; a year without a row is a gap. ``verdict``: the column that is null
        where it is withheld."""
        by_year = {row[year]: row for row in rows}
        found = []
        for at in years:
            row = by_year.get(at)
            if row is None:
                found.append(Point(at, None, None))
                continue
            withheld = verdict is not None and row[verdict] is None and line is not None and row[line] is not None
            found.append(Point(at, row[value], row[line] if line else None, withheld))
        return found

    def form_breaks(self) -> dict[int, str]:
        """School years from which the county's returns came on other forms than before, with the word for it."""
        rows = self.rows("form_generation")
        return {
            row["school_year"]: self.text("break.forms")
            for before, row in pairwise(rows)
            if before["layout"] != row["layout"]
        }

    def picture(self, name: str, figure: Figure, alt: str) -> Picture:
        """Add a picture to the page."""
        return self.pictures.add(name, figure, alt)

    def sheet(
        self,
        name: str,
        source: str,
        keys: Sequence[str],
        rows: Sequence[Row],
        caption: str,
        *,
        codes: Mapping[str, str] | None = None,
        lists: Mapping[str, str] | None = None,
        kinds: Mapping[str, Kind] | None = None,
        units: Mapping[str, str] | None = None,
        gaps: Sequence[str] = (),
        titles: Mapping[str, str] | None = None,
        shown: int | None = None,
        school: str | None = None,
    ) -> Sheet:
        """Add a table of ``rows`` to the page: the columns ``keys`` of the table ``source`` that the release has.

        Titles come from the release. ``codes`` and ``lists`` say by which group of words a column's codes are read
        (``stage``, ``reason`` and ``standard`` by their own name); ``school`` is the column whose school the first cell
        leads to. ``gaps`` are columns with a difference of two fractions: it is told in percentage points.
        """
        units = dict.fromkeys(gaps, self.text("unit.points")) | dict(units or {})
        told: dict[str, Kind] = {**dict.fromkeys(gaps, "points"), **(kinds or {})}
        rows = [Row(row, **{key: 100 * row[key] for key in gaps if row.get(key) is not None}) for row in rows]
        fields: dict[str, Field] = {each.key: each for each in self.book.families[source].fields}
        fields |= {key: Field(key, "text", {}) for key in titles or {} if key not in fields}
        present = [key for key in keys if key in fields]
        read = {key: key for key in ("stage", "reason", "standard", "status")} | dict(codes or {})
        columns = [
            fields[key].column(
                self.text,
                told.get(key) or ("text" if key in read or key in (lists or {}) else None),
                title=(titles or {}).get(key, ""),
                unit=units.get(key, ""),
            )
            for key in present
        ]
        cells = [
            tuple(
                self.words((lists or {})[key], row[key]) if key in (lists or {})
                else self.word(read[key], row.get(key)) if key in read
                else row.get(key)
                for key in present
            )
            for row in rows
        ]  # fmt: skip
        links = {}
        if school is not None:
            links = {
                at: self.school_links[row[school]] for at, row in enumerate(rows) if row[school] in self.school_links
            }
        return self.sheets.add(table(name, caption, columns, cells, links=links, shown=min(shown or MOST, MOST)))

    def finding(
        self,
        subject: str,
        year: str,
        value: float | None,
        line: float | None,
        verdict: bool | None,
        reason: str | None,
        written: Callable[[float | None, float | None], str],
        *,
        binding: bool = True,
    ) -> str:
        """What a figure of one year says against its line: never a verdict that the row withholds."""
        words = {"subject": subject, "year": year, "value": written(value, line), "line": written(line, None),
                 "kind": self.text("word.line" if binding else "word.reference"),
                 "reason": self.text.reason(reason) or self.text("word.no_data")}  # fmt: skip
        if value is None:
            return self.text("finding.none", **words)
        if line is None:
            return self.text("finding.noline", **words)
        if verdict is None:
            return self.text("finding.open", **words)
        return self.text("finding.met" if verdict else "finding.missed", **words)

    def series_alt(
        self,
        title: str,
        lines: Sequence[tuple[str, Sequence[Point]]],
        written: Callable[[float | None, float | None], str],
    ) -> str:
        """The finding, then where each line began and ended, then the years without data."""
        parts = [title + self.text("word.sentence_end")]
        for name, points in lines:
            known = [point for point in points if point.value is not None]
            if known:
                first, last = known[0], known[-1]
                parts.append(self.text(
                    "alt.series", name=name, from_year=first.year, from_value=written(first.value, first.line),
                    to_year=last.year, to_value=written(last.value, last.line),
                ))  # fmt: skip
        years = [point.year for point in lines[0][1]] if lines else []
        empty = [str(y) for at, y in enumerate(years) if all(points[at].value is None for _, points in lines)]
        if empty and len(empty) < len(years):
            parts.append(self.text("alt.missing", years=self.text.join(empty)))
        return self.text("word.sentence_gap").join(parts)


def title_of(sentence: str) -> str:
    """A sentence as the title of a picture: without its full stop."""
    return sentence.rstrip().rstrip("。.")


def years_of(rows: Iterable[Row], key: str = "school_year") -> list[int]:
    """The run of years of ``rows`` from first to last, without a hole."""
    found = sorted({int(row[key]) for row in rows})
    return list(range(found[0], found[-1] + 1)) if found else []


def latest_of(rows: Sequence[Row], key: str = "school_year") -> Row | None:
    """The row of the latest year."""
    return max(rows, key=lambda row: row[key]) if rows else None
