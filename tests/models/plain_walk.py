"""What became of a verdict since a recognition, told by a walk through the years: the definition without windows.

Belongs here: the walk. Does not belong here: expectations.
"""

from __future__ import annotations

from typing import Any

#: Status and school year of the recognition, by school year.
States = dict[int, tuple[str, int | None]]


def walk(verdicts: dict[int, bool | None], states: States) -> list[tuple[Any, ...]]:
    """Standing, since when, for how long and recovered in, year by year with nothing but the years before in mind."""
    told: list[tuple[Any, ...]] = []
    spell: int | None = None
    since: int | None = None
    again: int | None = None
    retreating = False
    for year in sorted(verdicts):
        (name, first), verdict = states[year], verdicts[year]
        if first != spell:
            spell, since, again, retreating = first, None, None, False
        if name != "recognised" or first is None:
            told.append((name, None, None, None))
            continue
        if year == first:
            told.append(("recognised", None, None, None))
            continue
        if verdict is None:
            told.append(("open", since, None, None))
        elif not verdict:
            since = since if retreating else year
            retreating, again = True, None
            told.append(("retreat", since, year - (since or year) + 1, None))
        else:
            again = year if retreating else again
            retreating = False
            told.append(("held" if since is None else "recovered", since, None, again))
    return told
