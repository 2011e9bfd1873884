"""A row worked out again, and how it compares with the published one.

Belongs here: comparing exact values with typed ones. Does not belong here: working out (the families).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.explain.cells import Cell
from pipelines.explain.terms import Term, Value

#: Largest difference, relative to the figure (absolute below one), that is the rounding of floats.
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Recomputed:
    """``values``: by column of the published row. ``column``: the figure that the walk is about, made by ``how``."""

    values: Mapping[str, Value]
    column: str
    how: str
    parts: Sequence[Term]

    def cells(self) -> list[Cell]:
        """Return every cell it was made from, once."""
        return Term("", parts=self.parts).cells()


@dataclass(frozen=True)
class Difference:
    """A column whose published and recomputed values are not the same."""

    column: str
    published: Any
    recomputed: Value


def differences(made: Recomputed, published: Mapping[str, Any], tolerance: float = TOLERANCE) -> list[Difference]:
    """Return the columns of the published row that the recomputation does not confirm."""
    return [
        Difference(column, published[column], value)
        for column, value in made.values.items()
        if column in published and not equal(published[column], value, tolerance)
    ]


def equal(published: Any, value: Value, tolerance: float = TOLERANCE) -> bool:
    """Whether a published value is the exact one, as far as floats can say."""
    if isinstance(value, Fraction) and isinstance(published, (int, float)) and not isinstance(published, bool):
        return abs(Fraction(published) - value) <= Fraction(tolerance) * max(Fraction(1), abs(value))
    return bool(published == value) and isinstance(published, bool) == isinstance(value, bool)
