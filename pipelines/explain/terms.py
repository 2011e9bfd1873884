"""Terms: a recomputed value with how it was made and from which cells, all the way down.

Belongs here: exact arithmetic on values that know where they come from; what is missing stays missing. Does not
belong here: which arithmetic a figure needs (the families beside this module), where cells are found (``cells``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.explain.cells import Cell

#: An exact number, a word or a verdict; None is missing.
Value = Fraction | str | bool | None


@dataclass
class Term:
    """One step of a walk.

    ``name`` says what it is: a field of a return (``equipment.books``), a word of ``words.csv``, or a code.
    ``how`` is the formula in the names of the parts. ``facts`` are values beside the main one (P, x, share …).
    ``included`` and ``reason`` say whether and why it counts in the term above; None where that is no question.
    """

    name: str
    value: Value = None
    how: str = ""
    title: str = ""
    parts: Sequence[Term] = ()
    cell: Cell | None = None
    note: str = ""
    included: bool | None = None
    reason: str | None = None
    facts: dict[str, Value] = field(default_factory=dict)

    @property
    def number(self) -> Fraction | None:
        """The value where it is a number."""
        return self.value if isinstance(self.value, Fraction) else None

    def every(self) -> Iterator[Term]:
        """Yield the term and all below it, parts that stand in two places once for each."""
        yield self
        for part in self.parts:
            yield from part.every()

    def cells(self) -> list[Cell]:
        """Return every cell the term is made from, once, in order."""
        found: dict[int, Cell] = {}
        for term in self.every():
            if term.cell is not None:
                found.setdefault(id(term.cell), term.cell)
        return list(found.values())


def number(term: Term | None) -> Fraction | None:
    """The number a term says; None where it is missing."""
    return None if term is None else term.number


def total(name: str, parts: Sequence[Term], *, how: str = "", title: str = "") -> Term:
    """The sum of the parts; missing as soon as one of them is (a sum of nothing is missing, too)."""
    numbers = [part.number for part in parts]
    known = [each for each in numbers if each is not None]
    value = sum(known, Fraction(0)) if parts and len(known) == len(parts) else None
    return Term(name, value, how or " + ".join(part.name for part in parts), title, parts)


def difference(name: str, whole: Term, part: Term) -> Term:
    """``whole − part``."""
    value = None if whole.number is None or part.number is None else whole.number - part.number
    return Term(name, value, f"{whole.name} − {part.name}", parts=(whole, part))


def product(name: str, factor: Term, of: Term) -> Term:
    """``factor × of``; a factor of one leaves the term as it is."""
    if factor.number == 1:
        return of
    value = None if factor.number is None or of.number is None else factor.number * of.number
    return Term(name, value, f"{factor.name} × {of.name}", parts=(factor, of))


def quotient(name: str, above: Term, below: Term) -> Term:
    """``above ÷ below``; missing where there is nothing to divide by."""
    value = None if above.number is None or not below.number else above.number / below.number
    return Term(name, value, f"{above.name} ÷ {below.name}", parts=(above, below))


def constant(name: str, value: Value, note: str = "") -> Term:
    """A value that no cell holds: a weight of the rulebook, what a layout says."""
    return Term(name, value, note=note)


def facts_of(values: Mapping[str, Value]) -> dict[str, Value]:
    """Facts without those that are missing."""
    return {name: value for name, value in values.items() if value is not None}
