"""Classes of the sample: how many a grade has, and how big they are.

Belongs here: dividing grades into classes. Does not belong here: pupils (``pupils``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.sample.pupils import GRADES, Ints, YearOfPupils

#: Most pupils in a class by place (urban, town, village), in the first year and after ten.
CAPS = {
    "primary": ((56, 50, 48), (46, 45, 44)),
    "junior": ((60, 56, 55), (50, 49, 49)),
}


def grade_classes(now: YearOfPupils, stage: str, place: Ints, age: int) -> Ints:
    """Classes by school and grade of a stage in the year ``age`` years after the first; ``place`` by school."""
    first, later = CAPS[stage]
    cap = np.array(first) + (np.array(later) - np.array(first)) * min(age / 10, 1.0)
    classes: Ints = np.ceil(now.grades[:, GRADES[stage]] / cap[place][:, None]).astype(np.int64)
    return classes


def class_sizes(grades: Ints, classes: Ints, bins: Sequence[tuple[int, int | None]]) -> Ints:
    """Classes by size (schools × bins): a grade's pupils are divided over its classes as evenly as possible."""
    upper = np.array([top for _, top in bins[:-1]])
    out = np.zeros((len(grades), len(bins)), dtype=np.int64)
    safe = np.maximum(classes, 1)
    small, bigger = grades // safe, grades % safe
    for size, number in ((small, classes - bigger), (small + 1, bigger)):
        position = np.searchsorted(upper, size)
        for grade in range(grades.shape[1]):
            np.add.at(
                out,
                (np.arange(len(grades)), position[:, grade]),
                np.where(classes[:, grade] > 0, number[:, grade], 0),
            )
    return out
