"""Pictures of the families with everything awkward in them, for the tests that hold for every picture.

Belongs here: made-up input of the charts. Does not belong here: assertions (``test_charts.py``, ``test_family_charts.py``).
"""

from __future__ import annotations

from matplotlib.figure import Figure

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import bundle, dots, flow, grid, series, stack
from pipelines.dashboards.charts.canvas import Pen
from pipelines.dashboards.facts import Point
from tests.dashboards.conftest import LONG

YEARS = list(range(2009, 2024))


def percent(mark: float) -> str:
    """A tick of a share."""
    return f"{mark * 100:g}%"


def figures(pen: Pen) -> dict[str, Figure]:
    """A picture of every kind and every awkward case, by name."""
    rate = [Point(y, None if y in (2012, 2013) else 0.98 + 0.001 * (y % 7), 0.95 if y > 2015 else None) for y in YEARS]
    raw = [Point(y, None if p.value is None else p.value + 0.01, None) for y, p in zip(YEARS, rate, strict=True)]
    close = [Point(y, 0.8499 if y % 2 else 0.8501, 0.85, withheld=y == 2020) for y in YEARS]
    bars = dict.fromkeys(YEARS, (0.83, 0.87))
    fan = series.Projection(2026, 0.85, 2025, None, 2028, 2009, (2016.0, 0.9, -0.005))
    breaks = [series.Break(2012, LONG), series.Break(2021, "甲乙"), series.Break(2022, "丙丁", between=False)]
    parts = [
        stack.Layer(f"{name}", {y: float(at * (y % 3)) for y in YEARS if y != 2014}, colour)
        for at, (name, colour) in enumerate(
            [("甲", "#0b4f8a"), ("乙", "#5b95c6"), (LONG, "#a9c4dc"), ("丙", "#7a8791"), ("丁", "#6b2c00")]
        )
    ]
    cells = {
        (row, y): grid.Cell(numbers.points(-3.5 + at), [True, False, None][(y + at) % 3], notice=y == 2020)
        for at, row in enumerate("abc")
        for y in YEARS
        if (row, y) != ("b", 2015)
    }
    key = [(grid.MET, "甲"), (grid.FAILED, LONG[:30]), (grid.OPEN, "乙"), (grid.ABSENT, "丙"), (grid.NOTICE, "丁")]
    rows = [
        dots.Dot(LONG, 0.93, "93.0%", True, interval=(0.9, 0.95), line=0.85),
        dots.Dot("甲", 0.81, LONG, False, interval=(0.7, 0.9), second=0.9, line=0.85),
        dots.Dot("乙", None, "–", None),
        dots.Dot("丙", 0.88, "88.0%", None, second=0.6, line=0.85),
    ]
    senders = [flow.Place(str(at), LONG if at == 1 else f"甲{at}", "#b04a00") for at in range(9)]
    receivers = [flow.Place(str(at), LONG if at == 2 else f"乙{at}", "#00705f") for at in range(7)]
    persons = {(a.key, b.key): (int(a.key) * 3 + int(b.key)) % 4 for a in senders for b in receivers}
    many = {
        str(at): [
            Point(y, None if y in (2012, 2014) or at == 5 else 0.3 + 0.004 * at + 0.01 * (y % 5), 0.31) for y in YEARS
        ]
        for at in range(40)
    }
    named = [("39", LONG), ("38", "甲"), ("37", "乙"), ("5", "丙"), ("0", "丁")]
    return {
        "bundle": bundle.draw(pen, many, named, title=LONG, subtitle=LONG, binding=True),
        "rates": series.draw(
            pen, [series.Series("甲", rate, "丙", at_least=True), series.Series("乙", raw, faint=True)], title=LONG,
            subtitle=LONG, written=numbers.share_against, ticks=percent, zero=False, breaks=breaks,
        ),
        "intervals": series.draw(
            pen, [series.Series("", close, "丙", at_least=True, intervals=bars)], title="t", subtitle="s",
            written=numbers.share_against, ticks=percent, zero=False, projection=fan,
        ),
        "three": series.draw(
            pen, [series.Series(LONG, close, LONG), series.Series("乙", rate, "丁", False), series.Series("丙", raw)],
            title="t", subtitle="s", written=numbers.share_against, ticks=percent,
        ),
        "one year": series.draw(
            pen, [series.Series("甲", [Point(2020, 0.5, 0.5)], "丙")], title="t", subtitle="s",
            written=numbers.share_against, ticks=percent,
        ),
        "stack": stack.draw(
            pen, YEARS, parts, title=LONG, subtitle="s", written=numbers.count,
            bound=stack.Bound(dict.fromkeys(YEARS, 15.0), "丙"), marks={2020: 19.0, 2022: 15.2}, marks_name="丁",
        ),
        "grid": grid.draw(
            pen, [("a", LONG), ("b", "甲"), ("c", "乙")], YEARS, cells, title=LONG, subtitle="s", key=key
        ),
        "dots": dots.draw(pen, rows, title=LONG, subtitle=LONG, line_name="丙", key=("甲", "乙")),
        "dots of one line": dots.draw(pen, rows[:1], title="t", subtitle="s", high=1.0, line_name="丙"),
        "flow": flow.draw(
            pen, senders, receivers, persons, title=LONG, subtitle="s", heads=("甲", "乙"), key=[("#b04a00", "丙")]
        ),
    }  # fmt: skip
