"""The returns of the sample while faults of data are put into them: one frame per return, changed in place.

Belongs here: finding, changing, dropping and adding rows. Does not belong here: which faults there are (``datakinds``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

Row = dict[str, Any]


class Tables:
    """Frames by return, as in ``World.returns``. Rows are named by values they are to have: ``school_year=2020``."""

    def __init__(self, returns: Mapping[str, pl.DataFrame]) -> None:
        self.frames = dict(returns)

    def rows(self, form: str, **where: object) -> list[Row]:
        """The rows of a return that have these values."""
        return self.frames[form].filter(_having(where)).to_dicts()

    def row(self, form: str, **where: object) -> Row | None:
        """The one row that has these values, or ``None`` where none or several do."""
        found = self.rows(form, **where)
        return found[0] if len(found) == 1 else None

    def put(self, form: str, values: Mapping[str, object], **where: object) -> None:
        """Give the rows that have these values other ones."""
        frame = self.frames[form]
        hit = _having(where)
        changed = [
            pl.when(hit).then(pl.lit(value, dtype=frame.schema[name])).otherwise(pl.col(name)).alias(name)
            for name, value in values.items()
        ]
        self.frames[form] = frame.with_columns(changed)

    def drop(self, form: str, **where: object) -> None:
        """Take rows out."""
        self.frames[form] = self.frames[form].filter(~_having(where))

    def add(self, form: str, rows: list[Row]) -> None:
        """Add rows; columns they do not name are null."""
        frame = self.frames[form]
        if rows:
            self.frames[form] = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema)])


def _having(where: Mapping[str, object]) -> pl.Expr:
    tests = [
        pl.col(name).is_in(list(value)) if isinstance(value, (list, tuple, set)) else pl.col(name) == value
        for name, value in where.items()
    ]
    return pl.all_horizontal(tests).fill_null(False)
