"""Persons who move between places: senders at the left, receivers at the right, ribbons as wide as they are many.

Belongs here: the picture of flows. Does not belong here: which places are drawn singly and which are gathered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from pipelines.dashboards.charts.canvas import INK, MARGIN, MUTED, Pen, Sheet

WIDTH = 7.2
LABEL = 7.8
#: Inches: least height of a place (its name must fit), room between two, width of its bar.
LEAST, BETWEEN, BAR = 0.16, 0.07, 0.09
PER_PERSON = 0.045
NAME_ROOM = 1.75
SENDER, RECEIVER, RIBBON = "sender", "receiver", "ribbon"


@dataclass(frozen=True)
class Place:
    """A school, or all others of a kind: its name and colour."""

    key: str
    name: str
    colour: str


def draw(
    pen: Pen,
    senders: Sequence[Place],
    receivers: Sequence[Place],
    flows: Mapping[tuple[str, str], int],
    *,
    title: str,
    subtitle: str,
    heads: tuple[str, str],
    key: Sequence[tuple[str, str]] = (),
    width: float = WIDTH,
) -> Figure:
    """``flows`` are persons by (sender, receiver); every key is among the places. ``heads`` stand above the
    sides, ``key`` (colour, words) between them."""
    out = {one.key: sum(n for (a, _), n in flows.items() if a == one.key) for one in senders}
    into = {one.key: sum(n for (_, b), n in flows.items() if b == one.key) for one in receivers}
    name_room = min(NAME_ROOM, width * 0.3)
    tall = max(_height(out), _height(into))
    sheet = Sheet(pen, width=width, body=tall + 0.3, title=title, subtitle=subtitle)
    axes = sheet.axes(left=MARGIN, right=MARGIN, top=0.24, bottom=0.06)
    axes.set_xlim(0, width - 2 * MARGIN)
    axes.set_ylim(tall, 0)
    left, right = name_room + 0.06, width - 2 * MARGIN - name_room - 0.06
    starts = _side(pen, axes, senders, out, left - BAR, tall, name_room, SENDER)
    ends = _side(pen, axes, receivers, into, right, tall, name_room, RECEIVER)
    colours = {one.key: one.colour for one in senders}
    order = {one.key: at for at, one in enumerate(receivers)}
    for sender in senders:
        for (a, b), persons in sorted(flows.items(), key=lambda each: order[each[0][1]]):
            if a == sender.key and persons:
                y0, y1, thick = starts[a], ends[b], persons * PER_PERSON
                starts[a] += thick
                ends[b] += thick
                axes.add_patch(_ribbon(left, y0, right, y1, thick, colours[a]))
    for words, x, align in ((heads[0], MARGIN, "left"), (heads[1], width - MARGIN, "right")):
        sheet.write(x, 0.05, words, size=LABEL - 0.4, color=MUTED, ha=align, va="top")
    rooms = [pen.width(f"■ {words}", LABEL - 0.4) + 0.16 for _, words in key]
    x = (width - sum(rooms)) / 2
    for (colour, words), room in zip(key, rooms, strict=True):
        sheet.write(x, 0.05, f"■ {words}", size=LABEL - 0.4, color=colour, va="top")
        x += room
    return sheet.figure


def _height(persons: Mapping[str, int]) -> float:
    return sum(max(n * PER_PERSON, LEAST) + BETWEEN for n in persons.values())


def _side(
    pen: Pen, axes: Axes, places: Sequence[Place], persons: Mapping[str, int], x: float, tall: float,
    name_room: float, gid: str,
) -> dict[str, float]:  # fmt: skip
    """Bars and names of one side; returns where the ribbons of each place begin."""
    found: dict[str, float] = {}
    spare = (tall - _height(persons)) / max(len(places), 1)
    y = spare / 2
    for one in places:
        own = persons[one.key] * PER_PERSON
        slot = max(own, LEAST)
        begin = y + (slot - own) / 2
        axes.add_patch(Rectangle((x, begin), BAR, own, facecolor=one.colour, linewidth=0, gid=gid))
        words = pen.fit(f"{one.name}", LABEL, name_room - 0.3)
        if gid == SENDER:
            axes.text(x - 0.05, y + slot / 2, f"{words} {persons[one.key]}", ha="right", va="center", size=LABEL,
                      color=INK)  # fmt: skip
        else:
            axes.text(x + BAR + 0.05, y + slot / 2, f"{persons[one.key]} {words}", ha="left", va="center",
                      size=LABEL, color=INK)  # fmt: skip
        found[one.key] = begin
        y += slot + BETWEEN + spare
    return found


def _ribbon(x0: float, y0: float, x1: float, y1: float, thick: float, colour: str) -> PathPatch:
    half = (x0 + x1) / 2
    path = Path(
        [(x0, y0), (half, y0), (half, y1), (x1, y1), (x1, y1 + thick), (half, y1 + thick), (half, y0 + thick),
         (x0, y0 + thick), (x0, y0)],
        [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4,
         Path.CLOSEPOLY],
    )  # fmt: skip
    return PathPatch(path, facecolor=colour, alpha=0.42, linewidth=0, gid=RIBBON)
