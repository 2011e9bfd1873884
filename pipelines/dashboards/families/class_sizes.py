"""Class sizes (班额): how many classes are within the line, large or oversize, over the years.

Belongs here: this family's section. Does not belong here: sizes of schools (``school_sizes.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import stack
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, title_of, years_of
from pipelines.dashboards.site import Picture

_BIN = re.compile(r"classes_(?:upto_(?P<upto>\d+)|from_(?P<least>\d+)|(?P<low>\d+)_(?P<high>\d+))$")
WITHIN, OVER = (
    ("#0b4f8a", "#3f7fb8", "#7fb0d6", "#b5d2e8", "#dbe9f4"),
    ("#fbdcbf", "#f0b27a", "#d9802f", "#a64500", "#6b2c00"),
)
COLUMNS = (
    "stage", "school_year", "schools", "classes", "mean_size", "size_limit", "classes_within", "classes_over",
    "classes_undecided", "share_within", "large_classes", "large_share", "oversize_classes", "oversize_share",
    "schools_over", "meets", "schools_missing", "reason",
)  # fmt: skip


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("class_size")
    if not rows:
        return desk.absent("class_sizes", "class_size")
    text = desk.text
    years = years_of(rows)
    sentences: list[str] = []
    pictures: list[Picture] = []
    verdicts: list[bool | None] = []
    for stage in dict.fromkeys(row["stage"] for row in rows):
        own = [row for row in rows if row["stage"] == stage]
        sentences.append(sentence(desk, own[-1]))
        verdicts.append(own[-1]["meets"])
        if any(row["classes"] for row in own):
            pictures.append(_picture(desk, stage, own, years))
    bins = [key for key in rows[0] if _BIN.match(key)]
    ordered = sorted(rows, key=lambda row: (row["stage"], -row["school_year"]))
    sheets = [
        desk.sheet("class-sizes", "class_size", COLUMNS, ordered, text("table.class_size"), kinds={"meets": "verdict"}),
        desk.sheet("class-size-bins", "class_size", ["stage", "school_year", "classes", *bins], ordered,
                   text("table.class_size_bins")),
    ]  # fmt: skip
    verdict = False if False in verdicts else None if None in verdicts else True
    return Section(
        "class_sizes", text("family.class_sizes"), sentences,
        [Exhibit(pictures=pictures), Exhibit(sheets=sheets, folded=True)], judged=True, verdict=verdict,
    )  # fmt: skip


def sentence(desk: Desk, row: Row) -> str:
    """How many classes of a stage are within the line in its latest year."""
    text = desk.text
    words = {
        "county": desk.book.name, "stage": text.stage(row["stage"]), "year": text.year(row["school_year"]),
        "classes": numbers.count(row["classes"]), "over": numbers.count(row["classes_over"]),
        "share": numbers.share_against(row["share_within"], 1.0), "limit": numbers.count(row["size_limit"]),
        "schools": numbers.count(row["schools_over"]), "large": numbers.count(row["large_classes"]),
        "reason": text.reason(row["reason"]),
    }  # fmt: skip
    if row["meets"] is None and row["classes_over"] is None:
        return text("class_sizes.open", **words)
    return text(
        "class_sizes.met"
        if row["meets"]
        else "class_sizes.missed"
        if row["meets"] is False
        else "class_sizes.withheld",
        **words,
    )


def _picture(desk: Desk, stage: str, rows: Sequence[Row], years: Sequence[int]) -> Picture:
    text = desk.text
    limits = [row["size_limit"] for row in rows if row["size_limit"] is not None]
    large = next((row["large_from"] for row in reversed(rows) if row["large_from"] is not None), None)
    layers = []
    for name, bins, colour in _bins(desk, rows[0], limits[-1] if limits else None, large):
        values = {
            row["school_year"]: sum(row[one] or 0 for one in bins) / row["classes"] for row in rows if row["classes"]
        }
        layers.append(stack.Layer(name, values, colour))
    title = title_of(sentence(desk, rows[-1]))
    subtitle = text("class_sizes.subtitle" if limits else "class_sizes.subtitle.noline")
    figure = stack.draw(desk.pen, years, layers, title=title, subtitle=subtitle, written=_percent, top=1.0)
    last = rows[-1]["school_year"]
    parts = [f"{layer.name} {_percent(layer.values[last])}" for layer in layers if layer.values.get(last)]
    alt = title + text("word.sentence_end") + text("word.sentence_gap") + text.join(parts) + text("word.sentence_end")
    return desk.picture(f"class-sizes-{stage}", figure, alt)


def _percent(value: float) -> str:
    return f"{value * 100:.1f}%" if 0 < value < 0.1 else f"{value * 100:.0f}%"


def _bins(desk: Desk, row: Row, limit: float | None, large: float | None) -> list[tuple[str, list[str], str]]:
    """(name, columns, colour) from the smallest classes up; the bins of one side of a line are drawn as few layers.

    The bounds of the bins are those of the form, which their columns bear in their names; what is within and what is
    large is the rulebook's.
    """
    bounds: list[tuple[int, int | None, str]] = []
    for key in row:
        found = _BIN.match(key)
        if found:
            if found["upto"]:
                bounds.append((0, int(found["upto"]), key))
            elif found["least"]:
                bounds.append((int(found["least"]), None, key))
            else:
                bounds.append((int(found["low"]), int(found["high"]), key))
    bounds.sort()
    groups: list[tuple[int, list[tuple[int, int | None, str]]]] = []
    for bound in bounds:
        low, high, _ = bound
        if limit is not None and high is not None and high <= limit:
            side = 0 if high <= limit - 10 else 1
        elif large is not None and low >= large:
            side = 4 if high is None else 3
        else:
            side = 2
        if groups and groups[-1][0] == side:
            groups[-1][1].append(bound)
        else:
            groups.append((side, [bound]))
    colours = {0: WITHIN[1], 1: WITHIN[3], 2: OVER[1] if limit is not None else "#cfd6db", 3: OVER[2], 4: OVER[4]}
    named = []
    for side, parts in groups:
        low, high = parts[0][0], parts[-1][1]
        name = (
            desk.text("class_sizes.from", low=low) if high is None
            else desk.text("class_sizes.upto", high=high) if low == 0
            else desk.text("class_sizes.between", low=low, high=high)
        )  # fmt: skip
        named.append((name, [key for _, _, key in parts], colours[side]))
    return named
