"""Theil–Sen, Mann–Kendall and the projected crossing recomputed with fractions, without SQL and without floats.

Belongs here: the definitions, as slowly as they are plain. Does not belong here: expectations on particular series.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

Z = 1.959963984540054
Series = Sequence[tuple[int, Fraction]]


@dataclass(frozen=True)
class Trend:
    """Slope with its interval, S and its exact two-sided probability, and the point of the medians."""

    slope: Fraction
    lower: Fraction
    upper: Fraction
    kendall_s: int
    p_value: Fraction
    middle: tuple[Fraction, Fraction]

    def reaches(self, line: Fraction, slope: Fraction) -> Fraction:
        """Where the line of that slope through the medians meets ``line``."""
        year, value = self.middle
        return year + (line - value) / slope


def median(values: Sequence[Fraction]) -> Fraction:
    """The middle value, or the mean of the two middle ones."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def inversions(values: Sequence[Fraction]) -> list[int]:
    """How many of all distinct orders of ``values`` have 0, 1, 2 … inversions.

    Value by value: the copies of the next larger one are put among the smaller ones; placed so that i of the smaller
    follow, they add i inversions each, which counts partitions (a Gaussian binomial).
    """
    counts, placed = [1], 0
    for _, copies in sorted(Counter(values).items()):
        counts = _product(counts, _partitions(copies, placed))
        placed += copies
    return counts


def _partitions(parts: int, largest: int) -> list[int]:
    """Partitions into at most ``parts`` parts of at most ``largest``, by their sum."""
    if parts == 0 or largest == 0:
        return [1]
    without, one_less = _partitions(parts, largest - 1), _partitions(parts - 1, largest)
    out = [0] * (parts * largest + 1)
    for index, count in enumerate(one_less):
        out[index] += count
    for index, count in enumerate(without):
        out[index + parts] += count
    return out


def _product(left: Sequence[int], right: Sequence[int]) -> list[int]:
    out = [0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            out[i + j] += a * b
    return out


def trend(series: Series) -> Trend:
    """The trend of (year, value) pairs in order of the years."""
    years, values = [Fraction(year) for year, _ in series], [value for _, value in series]
    pairs = list(combinations(range(len(series)), 2))
    slopes = sorted((values[j] - values[i]) / (years[j] - years[i]) for i, j in pairs)
    s = sum((values[j] > values[i]) - (values[j] < values[i]) for i, j in pairs)
    ties = Counter(values).values()
    n = len(series)
    sigma = math.sqrt((n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18)
    low = max(round((len(pairs) - Z * sigma) / 2), 1)
    high = min(round((len(pairs) + Z * sigma) / 2) + 1, len(pairs))
    counts = inversions(values)
    untied = len(counts) - 1
    extreme = sum(count for k, count in enumerate(counts) if abs(untied - 2 * k) >= abs(s))
    return Trend(
        median(slopes),
        slopes[low - 1],
        slopes[high - 1],
        s,
        Fraction(extreme, sum(counts)),
        (median(years), median(values)),
    )
