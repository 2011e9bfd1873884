"""Labels that keep clear of one another along one direction.

Belongs here: moving labels apart. Does not belong here: what they say, how they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence


def apart(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Middles of labels of ``heights``, close to those ``wanted``, in their order, none over another.

    They stay between ``low`` and ``high`` as long as there is room for all of them; without it they are packed from
    ``low`` upwards and stand out above. Units are the caller's.
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    middles = [0.0] * len(wanted)
    edge = low
    for place in order:
        middles[place] = max(wanted[place], edge + heights[place] / 2)
        edge = middles[place] + heights[place] / 2
    edge = max(high, low + sum(heights))
    for place in reversed(order):
        middles[place] = min(middles[place], edge - heights[place] / 2)
        edge = middles[place] - heights[place] / 2
    return middles
