"""The worked examples of the methods page, reckoned step by step when the page is made.

Belongs here: the published examples of the explanatory notes (教督〔2012〕3号) and the arithmetic that shows them.
Does not belong here: any figure of a release (the SQL models reckon those).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

#: Pupils and books of five schools, as in the published example.
PUPILS = (45, 37, 89, 76, 55)
BOOKS = (279, 137, 935, 160, 402)

#: A nine-year school with its pupils by stage and its books, as in the published example.
NINE_YEAR = {"primary": 166, "junior": 210}
NINE_YEAR_BOOKS = 23_226


@dataclass(frozen=True)
class Step:
    """One school of the example: pupils P, books x, value X = x / P, its weighted square (P / ΣP)·(X − X̄)²."""

    pupils: int
    books: int
    value: float
    square: float


@dataclass(frozen=True)
class Example:
    """The example reckoned: county mean X̄, standard deviation S, coefficient CV; nothing is rounded."""

    steps: tuple[Step, ...]
    pupils: int
    books: int
    mean: float
    deviation: float
    coefficient: float


def example(pupils: tuple[int, ...] = PUPILS, books: tuple[int, ...] = BOOKS) -> Example:
    """Reckon the coefficient of one indicator over some schools, weighted by pupils."""
    everyone, all_books = sum(pupils), sum(books)
    mean = all_books / everyone
    steps = tuple(
        Step(weight, amount, amount / weight, weight / everyone * (amount / weight - mean) ** 2)
        for weight, amount in zip(pupils, books, strict=True)
    )
    deviation = sqrt(sum(step.square for step in steps))
    return Example(steps, everyone, all_books, mean, deviation, deviation / mean)


def split(weights: dict[str, float], pupils: dict[str, int], amount: float) -> dict[str, float]:
    """What each stage of a school has of ``amount``, by pupils weighted by stage."""
    whole = sum(weights[stage] * count for stage, count in pupils.items())
    return {stage: amount * weights[stage] * count / whole for stage, count in pupils.items()}
