"""The walk from a figure to its cells, as one document.

Belongs here: putting a figure, its rules, its terms, cells, files, findings and the recomputation together, as plain
data that every format is made from (see ``docs/walk.md``). Does not belong here: how it looks (``show_*``), how a
figure is worked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pipelines.explain.cells import Cell
from pipelines.explain.context import Context
from pipelines.explain.families import FAMILIES
from pipelines.explain.figure import Figure, find
from pipelines.explain.inforce import Recording, RuleInForce
from pipelines.explain.recomputed import TOLERANCE, Recomputed, differences
from pipelines.explain.replay import Replayed, replay
from pipelines.explain.terms import Term

#: Version of the document's shape; it grows when something is taken away or changes its meaning.
VERSION = 1
Document = dict[str, Any]


def explain(context: Context, table: str, keys: Mapping[str, Any], *, column: str | None = None) -> Document:
    """Return the walk of one figure.

    Args:
        context: an open release (``context.open_context``).
        table, keys, column: which figure, as ``figure.find`` takes them.

    Raises:
        pipelines.explain.figure.ExplainError: the figure cannot be found as it was asked for.
    """
    figure = find(context.connection, context.models, table, keys, column)
    with context.rulebook.recording() as used:
        family = FAMILIES.get(figure.table)
        made = family(context, figure.row) if family is not None else None
        if made is None or (column is not None and column not in made.values):
            return _replayed(context, figure, replay(context, figure), used)
    return _document(context, figure, made, used, column or made.column)


def _document(context: Context, figure: Figure, made: Recomputed, used: Recording, column: str) -> Document:
    cells = made.cells()
    numbers = {id(cell): number for number, cell in enumerate(cells, start=1)}
    unlike = differences(made, figure.row)
    return {
        **_head(context, figure, column),
        "rules": _rules(used),
        "how": made.how,
        "terms": [_term(each, numbers) for each in made.parts],
        **_evidence(context, cells),
        "recomputed": {
            "by": "cells",
            "value": plain(made.values.get(column)),
            "published": plain(figure.row[column]),
            "cells": sum(bool(cell.address) for cell in cells),
            "cells_read_again": sum(bool(cell.address) and cell.texts is not None for cell in cells),
            "columns": len([name for name in made.values if name in figure.row]),
            "tolerance": TOLERANCE,
            "equal": not unlike,
            "differences": [
                {"column": each.column, "published": plain(each.published), "recomputed": plain(each.recomputed)}
                for each in unlike
            ],
        },
    }


def _replayed(context: Context, figure: Figure, replayed: Replayed, used: Recording) -> Document:
    """The walk of a figure that no family works out: the models run again on its cells alone."""
    return {
        **_head(context, figure, figure.column),
        "rules": _rules(used),
        "how": f"the models {', '.join(replayed.models)}, run again on these cells alone",
        "sql": figure.model.sql,
        "inputs": [
            {
                "table": each.table,
                "columns": each.columns,
                "count": each.count,
                "rows": [plain_row(row) for row in each.rows],
            }
            for each in replayed.inputs
        ],
        "terms": [],
        **_evidence(context, replayed.shown),
        "recomputed": {
            "by": "models",
            "value": plain(replayed.row.get(figure.column)) if replayed.row is not None else None,
            "published": plain(figure.row[figure.column]),
            "cells": replayed.cells,
            "cells_read_again": replayed.cells_read_again,
            "columns": len(figure.row),
            "tolerance": TOLERANCE,
            "equal": not replayed.differences,
            "differences": [
                {"column": name, "published": plain(published), "recomputed": plain(again)}
                for name, published, again in replayed.differences
            ],
        },
    }


def _head(context: Context, figure: Figure, column: str) -> Document:
    model, manifest = figure.model, context.manifest
    return {
        "walk_version": VERSION,
        "release": {
            name: manifest.get(name)
            for name in ("release_id", "created_at", "code_version", "rulebook_version", "sha256")
        },
        "figure": {
            "table": figure.table,
            "zh": model.title_zh,
            "en": model.title_en,
            "keys": plain_row(figure.keys),
            "column": column,
            "column_zh": model.columns[column].zh,
            "column_en": model.columns[column].en,
            "value": plain(figure.row[column]),
            "row": plain_row(figure.row),
        },
    }


def _rules(used: Recording) -> list[Document]:
    return [_rule(used[key]) for key in sorted(used)]


def _rule(rule: RuleInForce) -> Document:
    return {
        "table": f"rulebook.{rule.table}",
        "purpose": rule.purpose,
        "row": plain_row(rule.row),
        "overrides": [plain_row(each) for each in rule.overrides],
    }


def _term(term: Term, numbers: Mapping[int, int]) -> Document:
    """A term without what it does not have, so that the document stays small."""
    said: Document = {
        "name": term.name,
        "title": term.title,
        "value": plain(term.value),
        "how": term.how if term.parts else "",
        "note": term.note,
        "included": term.included,
        "reason": term.reason,
        "facts": {name: plain(value) for name, value in term.facts.items()},
        "cell": numbers[id(term.cell)] if term.cell is not None else None,
        "parts": [_term(part, numbers) for part in term.parts],
    }
    return {name: value for name, value in said.items() if value not in (None, "", {}, [])}


def _evidence(context: Context, cells: Sequence[Cell]) -> Document:
    """Cells, the files they stand in, and what was found about their rows."""
    rows = {(cell.submission_id, cell.sheet, cell.row_number) for cell in cells}
    ids = sorted({cell.submission_id for cell in cells})
    return {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells, start=1)],
        "files": [_file(context, each) for each in _submissions(context, ids)],
        "findings": _findings(context, ids, rows),
    }


def _cell(number: int, cell: Cell) -> Document:
    said: Document = {
        "id": number,
        "form": cell.form,
        "field": cell.field,
        "submission": cell.submission_id,
        "sheet": cell.sheet,
        "cell": cell.address,
        "row": cell.row_number,
        "header": cell.header,
        "factor": cell.factor if cell.factor != "1" else "",
        "text": None if cell.texts is None else " + ".join(text or "" for text in cell.texts),
        "value": plain(cell.value),
        "agrees": cell.agrees,
        "note": cell.note,
    }
    return {name: value for name, value in said.items() if value not in (None, "") or name in ("text", "value")}


def _submissions(context: Context, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    if not ids:
        return []
    found = context.connection.execute(
        f"""select submission_id, file_name, sha256, size, received_at, received_by, supersedes
            from audit.submission where submission_id in ({", ".join("?" * len(ids))}) order by sequence""",
        list(ids),
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _file(context: Context, row: Mapping[str, Any]) -> Document:
    missing = context.evidence.files.missing.get(row["submission_id"])
    at_hand = context.evidence.files.landing is not None and missing is None
    return {**plain_row(row), "at_hand": at_hand, "why_not": missing}


def _findings(context: Context, ids: Sequence[str], rows: set[tuple[str, str, int]]) -> list[Document]:
    """Findings about the rows of the walk, and those about their sheets as a whole."""
    if not ids:
        return []
    found = context.connection.execute(
        f"select * from audit.finding where submission_id in ({', '.join('?' * len(ids))}) order by finding_id",
        list(ids),
    )
    names = [column[0] for column in found.description or ()]
    sheets = {(submission, sheet) for submission, sheet, _ in rows}
    every = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    wanted = (
        "finding_id", "rule", "severity", "status", "form", "school_code", "submission_id", "sheet", "cell", "field",
        "value", "expected", "message_zh", "message_en", "superseded",
    )  # fmt: skip
    return [
        {name: plain(each[name]) for name in wanted if each.get(name) is not None}
        for each in every
        if (each["submission_id"], each["sheet"], each["row_number"]) in rows
        or (each["cell"] is None and (each["submission_id"], each["sheet"]) in sheets)
    ]


def plain_row(row: Mapping[str, Any]) -> Document:
    """Return a row as plain data."""
    return {name: plain(value) for name, value in row.items()}


def plain(value: Any) -> Any:
    """Return a value as JSON has it: an exact number is the nearest float, whole ones are whole."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value
