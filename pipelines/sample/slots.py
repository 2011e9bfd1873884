"""Which county and year of the sample get faults, so that most figures stay whole.

Belongs here: the choice of places. Does not belong here: planting (``faults``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sample.sheets import generation

#: The county that sends some tables as text files.
TEXT_COUNTY = 2


@dataclass(frozen=True)
class Slots:
    """County number and year for each slot of ``faults.csv``; a slot without a place gets no faults."""

    places: dict[str, tuple[int, int]]

    def of(self, county: int, year: int) -> set[str]:
        """The slots whose place is that county and year."""
        return {slot for slot, place in self.places.items() if place == (county, year)}


def slots_for(counties: int, years: range) -> Slots:
    """Faults in the rows of a return go to one county and year of each form generation, never to the last year if
    there is another, so that the newest figures are whole."""
    old = [year for year in years if generation(year) == "jichuji"]
    new = [year for year in years if generation(year) == "jiaoji"]
    fourth, fifth = min(4, counties), min(5, counties)
    places: dict[str, tuple[int, int]] = {}
    first, second = (_middle(old) if old else None), (_middle(new) if new else None)
    if first is None:
        first = new[0]
    if second is None:
        second = old[-2] if len(old) > 1 else old[-1]
    places["first"], places["second"] = (fourth, first), (fifth, second)
    if counties >= TEXT_COUNTY:
        places["text"] = (TEXT_COUNTY, years[len(years) // 4])
    return Slots(places)


def _middle(years: Sequence[int]) -> int:
    return years[(len(years) - 1) // 2]
