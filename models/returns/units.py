"""Units printed on forms and what one of them is in the canonical unit. Facts live in ``units.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Unit:
    """A printed unit: one of it is ``factor`` of ``canonical``."""

    name: str
    canonical: str
    factor: Fraction


def _load(path: Path) -> dict[str, Unit]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["unit"]: Unit(row["unit"], row["canonical"], Fraction(row["factor"])) for row in csv.DictReader(file)
        }


UNITS: dict[str, Unit] = _load(Path(__file__).with_name("units.csv"))


@cache
def factor(source: str | None, target: str | None) -> Fraction | None:
    """What a value in ``source`` is multiplied by to be in ``target``; ``None`` where they do not convert.

    A missing source unit means that the value is in the target unit already.
    """
    if source is None or source == target:
        return Fraction(1)
    if target is None or source not in UNITS or target not in UNITS:
        return None
    if UNITS[source].canonical != UNITS[target].canonical:
        return None
    return UNITS[source].factor / UNITS[target].factor
