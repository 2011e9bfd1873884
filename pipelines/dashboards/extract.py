"""Tables of a release as they are: rows with the titles that the release itself gives its columns.

Belongs here: reading any published table or query with titles (the comments in the release) and kinds of its columns.
Does not belong here: figures that pages reckon with (``release_reader.py``), words of pages.

An extract is plain data in both languages at once; :func:`worded` gives the table of one language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.dashboards.codes import Terms, word
from pipelines.dashboards.tables import Column, Kind, Table, table
from pipelines.dashboards.text import LANGUAGES, Text, load

if TYPE_CHECKING:
    import duckdb

if TYPE_CHECKING:  # workers get extracts as plain data and would pay for the import
    import duckdb

#: Kind of a column by its type in DuckDB; names say the rest (``_KINDS_BY_NAME``).
_KINDS_BY_TYPE: dict[str, Kind] = {
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
    "SMALLINT": "integer",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DECIMAL": "number",
    "DATE": "moment",
    "TIMESTAMP": "moment",
    "TIMESTAMP WITH TIME ZONE": "moment",
}
_KINDS_BY_NAME: tuple[tuple[str, Kind], ...] = (
    (r"^(school_|from_|to_)?year$|(?<!_last)_year$|_(since|in)$", "year"),
    (r"_code$|_id$|^sha256$|^cell$|^rule$", "code"),
    (r"(^|_)(share|rate|satisfaction)(_|$)", "share"),
    (r"(^|_)(coefficient|composite)(_|$)", "coefficient"),
)
#: Letters of a title that may stand over a column; titles in English are often whole sentences.
LONGEST = 30
#: Units that titles of the models end with.
_UNITS = ("m²", "yuan")
#: A year that is no school year is a plain number to the eye.
_PLAIN_YEARS = frozenset({"fiscal_year", "year"})


@dataclass(frozen=True)
class Field:
    """A column: its title in both languages as the release has it, or the label of the pages' own words for it."""

    key: str
    kind: Kind
    title: Mapping[str, str] = field(default_factory=dict)
    unit: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    def titled(self, text: Text) -> str:
        """The heading in one language: the label, else the title up to its colon, without what ends it in brackets.

        Where that is a sentence, a list of codes or nothing, the key in words, with the unit that ends the sentence.
        """
        if self.label:
            return text(self.label)
        title = re.sub(r" \([^()]*\)$", "", self.title.get(text.language, "")).partition(": ")[0]
        if 0 < len(title) <= LONGEST and not title[0].islower():
            return title
        words, (_, _, unit) = self.key.replace("_", " ").capitalize(), title.rpartition(", ")
        return f"{words}, {unit}" if unit in _UNITS and not words.endswith(unit) else words

    def column(self, text: Text, kind: Kind | None = None, *, title: str = "", unit: str | None = None) -> Column:
        """The column of a table in one language; what is given takes the place of the field's own."""
        other = load(next(each for each in LANGUAGES if each != text.language))
        return Column(
            self.key,
            title or self.titled(text),
            kind or self.kind,
            self.unit.get(text.language, "") if unit is None else unit,
            self.titled(other) if self.label or other.language in self.title else "",
            self.title.get(text.language, ""),
        )


@dataclass(frozen=True)
class Extract:
    """Rows with their columns; ``title`` says what the table is, by language, where the release says it."""

    name: str
    title: Mapping[str, str]
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]

    def column(self, key: str) -> list[Any]:
        """Cells of one column."""
        place = [each.key for each in self.fields].index(key)
        return [row[place] for row in self.rows]


def two(comment: str | None, fallback: str) -> dict[str, str]:
    """The languages of a comment (``zh | en`` on its first line); ``fallback`` where there is none."""
    if not comment:
        return {"zh": fallback, "en": fallback}
    zh, _, rest = comment.splitlines()[0].partition(" | ")
    en = rest.partition(" | ")[0]
    return {"zh": zh, "en": en or zh}


class Extracts:
    """Reads tables of one release. ``connection`` may be read-only; it is used by one thread at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._types: dict[str, dict[str, str]] = {}
        self._titles: dict[tuple[str, str], dict[str, str]] = {}
        rows = connection.execute(
            "select schema_name || '.' || table_name, column_name, data_type, comment from duckdb_columns()"
            " where not internal order by schema_name, table_name, column_index"
        ).fetchall()
        for name, column, kind, comment in rows:
            self._types.setdefault(name, {})[column] = kind
            self._titles[name, column] = two(comment, column)
        self._comments = {
            f"{schema}.{name}": two(comment, f"{schema}.{name}")
            for schema, name, comment in connection.execute(
                "select schema_name, table_name, comment from duckdb_tables() where not internal"
            ).fetchall()
        }

    def has(self, name: str, *columns: str) -> bool:
        """Whether the release holds the table, with these columns."""
        return name in self._types and set(columns) <= self._types[name].keys()

    def tables(self, schema: str) -> list[str]:
        """Names of the tables of a schema, in order."""
        return sorted(name for name in self._types if name.startswith(f"{schema}."))

    def title(self, name: str) -> dict[str, str]:
        """What a table is."""
        return self._comments.get(name, {"zh": name, "en": name})

    def columns(self, name: str) -> list[str]:
        """Columns of a table."""
        return list(self._types[name])

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of any query; decimals become floats."""
        found = self._connection.execute(sql, list(values)).fetchall()
        return [tuple(float(cell) if isinstance(cell, Decimal) else cell for cell in row) for row in found]

    def characters(self, schemas: Sequence[str]) -> list[str]:
        """Every character in the texts of these schemas and in the titles of all tables and columns."""
        texts = [words for titles in (*self._titles.values(), *self._comments.values()) for words in titles.values()]
        for name, columns in self._types.items():
            if name.partition(".")[0] in schemas:
                for column in (each for each, kind in columns.items() if kind == "VARCHAR"):
                    texts += [
                        str(row[0])
                        for row in self.rows(
                            f"select distinct unnest(string_split(t, '')) from (select distinct {_quoted(column)} as t"
                            f" from {name} where {_quoted(column)} is not null)"
                        )
                    ]
        return sorted({character for text in texts for character in text})

    def query(
        self,
        name: str,
        sql: str,
        values: Sequence[Any] = (),
        *,
        of: str,
        labels: Mapping[str, str] | None = None,
        kinds: Mapping[str, Kind] | None = None,
    ) -> Extract:
        """Rows of ``sql``; a column that bears the name of one of the table ``of`` has its title, else a label."""
        cursor = self._connection.execute(sql, list(values))
        described = [(str(column[0]), str(column[1])) for column in cursor.description or ()]
        rows = tuple(
            tuple(float(cell) if isinstance(cell, Decimal) else cell for cell in row) for row in cursor.fetchall()
        )
        own, given = labels or {}, kinds or {}
        fields = tuple(
            Field(
                key,
                given.get(key) or kind_of(key, kind),
                self._titles.get((of, key)) or two(None, key),
                label=own.get(key, ""),
            )
            for key, kind in described
        )
        return Extract(name, self.title(of), fields, rows)

    def whole(self, table_name: str, *, limit: int = 5_000, name: str | None = None) -> Extract:
        """A table as it stands, at most ``limit`` rows, in the order of its columns."""
        return self.query(
            name or table_name.replace(".", "-"),
            f"select * from {table_name} order by all limit {limit}",
            of=table_name,
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def kind_of(key: str, type_name: str) -> Kind:
    """Kind of a column by name and type."""
    if type_name.upper().startswith("BOOL"):
        return "verdict" if key.endswith("verdict") or key == "meets" else "text"
    base = _KINDS_BY_TYPE.get(type_name.upper().split("(")[0])
    if base is None and type_name.upper() == "NUMBER":
        base = "number"
    if key in _PLAIN_YEARS:
        return "code"
    for pattern, kind in _KINDS_BY_NAME:
        if re.search(pattern, key) and (kind == "code" or base is not None):
            return kind
    return base or "text"


def worded(
    extract: Extract,
    text: Text,
    terms: Terms,
    *,
    caption: str | None = None,
    links: Mapping[int, str] | None = None,
    shown: int | None = None,
    note: str = "",
) -> Table:
    """The table of one language: titles, and words for cells that hold codes."""
    columns = [each.column(text) for each in extract.fields]
    translated = {
        place: each.key for place, each in enumerate(extract.fields) if each.key in terms or _labelled(each.key)
    }
    rows = [
        tuple(
            word(text, terms, translated[at], cell) if at in translated and isinstance(cell, str) else cell
            for at, cell in enumerate(row)
        )
        for row in extract.rows
    ]
    return table(
        extract.name, caption or extract.title.get(text.language, extract.name), columns, rows,
        links=links, shown=shown, note=note,
    )  # fmt: skip


def _labelled(key: str) -> bool:
    return key in ("stage", "reason", "severity", "standing", "standard", "school_standard", "filing_status", "scoring")
