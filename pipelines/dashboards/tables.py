"""Tables as they are shown and taken away: typed, unrounded rows with what each column means.

Belongs here: the shape of a table and how a cell of each kind is written for the eye. Does not belong here: HTML,
files (``takeaway.py``), queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pipelines.dashboards import numbers
from pipelines.dashboards.text import Text

Kind = Literal[
    "text", "code", "words", "year", "integer", "number", "coefficient", "change", "line", "share", "growth", "points",
    "verdict", "moment",
]  # fmt: skip
"""``code`` is text that looks like a number; ``words`` may be long; ``verdict`` is a boolean or unknown; ``growth``
is a signed fraction, ``points`` are percentage points; ``moment`` is a day or a time."""

NUMERIC = frozenset({"integer", "number", "coefficient", "change", "line", "share", "growth", "points"})


@dataclass(frozen=True)
class Column:
    """A column: ``key`` lasts and is the same in every language, ``title``, ``unit``, ``definition`` are in one.

    ``other``: its title in the other language; ``definition``: its title in the release, where that may be longer.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    other: str = ""
    definition: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are set to the right."""
        return self.kind in NUMERIC

    @property
    def css(self) -> str:
        """Class of its cells, or nothing."""
        return "number" if self.numeric else "" if self.kind == "verdict" else self.kind


@dataclass(frozen=True)
class Table:
    """A table of a page.

    ``name`` is unique on its page and lasts: it is part of addresses. ``rows`` hold typed, unrounded values in the
    order of ``columns``. ``links`` lead from the first cell of a row to an address (from the root of the site, with
    fragment), by row number. ``shown`` is how many rows stand on the page; the files hold all of them.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    links: Mapping[int, str] = field(default_factory=dict)
    shown: int | None = None
    note: str = ""

    @property
    def visible(self) -> tuple[tuple[Any, ...], ...]:
        """The rows that stand on the page."""
        return self.rows if self.shown is None else self.rows[: self.shown]

    @property
    def places(self) -> tuple[int, ...]:
        """The columns that stand on the page: all but those of words in which no visible row says anything."""
        return tuple(
            place
            for place, column in enumerate(self.columns)
            if place == 0
            or column.kind not in ("text", "words", "code")
            or any(row[place] not in (None, "") for row in self.visible)
        )

    @property
    def hidden(self) -> int:
        """How many rows stand only in the files."""
        return len(self.rows) - len(self.visible)


def table(
    name: str,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    links: Mapping[int, str] | None = None,
    shown: int | None = None,
    note: str = "",
) -> Table:
    """A table from any rows. Raises ``ValueError`` where a row is not as wide as the columns."""
    found = tuple(tuple(row) for row in rows)
    for row in found:
        if len(row) != len(columns):
            raise ValueError(f"{name}: a row of {len(row)} cells under {len(columns)} columns")
    return Table(name, caption, tuple(columns), found, dict(links or {}), shown, note)


def shown(text: Text, kind: Kind, value: Any) -> str:
    """A cell for the eye; unknown is an en dash (words: nothing)."""
    if value is None or value == "":
        return text("verdict.withheld") if kind == "verdict" else "" if kind in ("text", "words") else numbers.NONE
    if kind == "verdict":
        return text("verdict.yes" if value else "verdict.no")
    if isinstance(value, bool):
        return text("word.yes" if value else "word.no")
    if kind == "year":
        return text.year(int(value))
    if isinstance(value, datetime):
        return numbers.moment(value.isoformat())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)) and kind in _WRITTEN:
        return _WRITTEN[kind](float(value))
    return str(value)


def sort_value(value: Any) -> str:
    """What a cell is sorted by in the browser: the unrounded number, or nothing where it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return repr(value) if isinstance(value, (int, float)) else str(value)


_WRITTEN = {
    "integer": numbers.count,
    "number": numbers.figure,
    "coefficient": numbers.coefficient,
    "change": numbers.change,
    "line": numbers.line,
    "share": numbers.share,
    "growth": numbers.growth,
    "points": numbers.points,
}
