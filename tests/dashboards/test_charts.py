"""What is drawn: gaps, lines at the table's value, verdict marks, nothing on top of anything else."""

from __future__ import annotations

import io
import itertools
import math

import numpy
import pytest
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Words

from pipelines.dashboards.charts import gap, heat, lines, scale
from pipelines.dashboards.charts.canvas import Pen, recorded, svg
from pipelines.dashboards.facts import Point
from tests.dashboards import family_figures
from tests.dashboards.conftest import LONG, RELEASE

#: Lines that no rule has, so that a line drawn from anywhere but the data is noticed.
STEPPED = [
    Point(2011, 0.91, 0.731),
    Point(2012, 0.80, 0.731),
    Point(2013, None, 0.731),
    Point(2014, None, None),
    Point(2015, 0.70, 0.643),
    Point(2016, 0.641, 0.643, withheld=True),
    Point(2017, 0.52, 0.643),
]


def _lines(figure: Figure, gid: str) -> list[Line2D]:
    return [line for line in figure.axes[0].lines if line.get_gid() == gid]


def _draw(pen: Pen, points: list[Point], size: lines.Size = lines.TREND, *, binding: bool = True) -> Figure:
    return lines.draw(pen, points, size=size, title="t", top=lines.top_of(points), binding=binding)


def test_a_missing_year_is_a_gap_and_never_a_zero(pen: Pen) -> None:
    figure = _draw(pen, STEPPED)
    (line,) = _lines(figure, lines.VALUE_LINE)
    years, values = (numpy.asarray(data, dtype=float) for data in line.get_data())
    assert years.tolist() == [point.year for point in STEPPED]
    assert [None if math.isnan(value) else value for value in values] == [point.value for point in STEPPED]
    marked = [
        y for gid in (lines.POINT_BELOW, lines.POINT_ABOVE) for line in _lines(figure, gid) for y in line.get_ydata()
    ]
    assert sorted(marked) == sorted(point.value for point in STEPPED if point.value is not None)
    (band,) = [patch for patch in figure.axes[0].patches if patch.get_gid() == lines.GAP_BAND]
    assert (band.get_window_extent().width > 0) and (band.get_x(), band.get_width()) == (2012.5, 2.0)


def test_thresholds_stand_at_the_value_of_the_table_and_step_with_it(pen: Pen) -> None:
    drawn = [
        (tuple(line.get_xdata()), tuple(line.get_ydata())) for line in _lines(_draw(pen, STEPPED), lines.THRESHOLD_LINE)
    ]
    assert drawn == [((2010.5, 2013.5), (0.731, 0.731)), ((2014.5, 2017.5), (0.643, 0.643))]


@pytest.mark.parametrize("binding", [True, False])
def test_a_line_that_decides_is_solid_and_a_guide_dashed(pen: Pen, binding: bool) -> None:
    figure = _draw(pen, STEPPED, binding=binding)
    assert {line.get_linestyle() for line in _lines(figure, lines.THRESHOLD_LINE)} == {"-" if binding else "--"}
    words = [text.get_text() for text in figure.axes[0].texts]
    assert f"{pen.text('word.line' if binding else 'word.reference')}\n0.643" in words


def test_a_break_is_a_dotted_rule_with_its_word_and_a_restated_value_keeps_the_first_one(pen: Pen) -> None:
    figure = lines.draw(
        pen, STEPPED, size=lines.TREND, title="t", top=1.2, binding=True, breaks={2015: "甲"},
        firsts={2016: 0.72, 2013: 0.5},
    )  # fmt: skip
    (rule,) = _lines(figure, lines.BREAK)
    assert list(rule.get_xdata()) == [2014.5, 2014.5]
    assert "甲" in [text.get_text() for text in figure.axes[0].texts]
    # The year 2013 has no value any more: nothing to hang the first one on.
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in _lines(figure, lines.FIRST)] == [(2016, 0.72)]


def test_a_withheld_point_is_hollow(pen: Pen) -> None:
    figure = _draw(pen, STEPPED)
    hollow = [line for line in figure.axes[0].lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_xdata()) for line in hollow] == [[2016]]


def test_the_heat_map_has_a_number_for_every_value_and_none_for_a_missing_year(pen: Pen) -> None:
    counties = [("1", "甲县"), ("2", LONG)]
    cells = {("1", point.year): point for point in STEPPED}
    years = [point.year for point in STEPPED]
    figure = heat.draw(pen, counties, years, cells, title="t", subtitle="s", binding=True)
    axes = figure.axes[0]
    assert len([patch for patch in axes.patches if patch.get_gid() == heat.EMPTY_CELL]) == 2 + len(years)
    scales = [text.get_text() for text in axes.texts if text.get_gid() == scale.SCALE]
    assert scales[: len(years)] == [str(year) for year in years] and scales[len(years)] == "甲县"
    inside = [text for text in axes.texts if text.get_gid() != scale.SCALE]
    shown = {(round(x), round(y)): text for text in inside for x, y in [text.get_position()]}
    assert {place: text.get_text() for place, text in shown.items()} == {
        (0, 0): "0.910", (1, 0): "0.800", (4, 0): "0.700", (5, 0): "(0.641)", (6, 0): "0.520",
    }  # fmt: skip
    assert [text.get_weight() for _, text in sorted(shown.items())] == ["bold", "bold", "bold", "normal", "normal"]


@pytest.mark.parametrize(("counties", "times"), [(3, 1), (heat.TALL, 1), (heat.TALL + 1, 2)])
def test_a_tall_heat_map_has_its_years_at_both_ends(pen: Pen, counties: int, times: int) -> None:
    rows = [(str(each), f"甲{each}县") for each in range(counties)]
    cells = {("0", 2020): Point(2020, 0.5, 0.65)}
    figure = heat.draw(pen, rows, [2019, 2020], cells, title="t", subtitle="s", binding=True)
    years = [text for text in figure.axes[0].texts if text.get_text() == "2020"]
    assert len(years) == times
    edges = [text.get_window_extent() for text in (*years, figure.texts[-1])]
    assert all(one.y0 >= other.y1 or other.y0 >= one.y1 for one, other in itertools.combinations(edges, 2))


def test_the_colour_of_a_cell_goes_by_its_own_line() -> None:
    within, above = heat.colour_of(Point(2020, 0.40, 0.50)), heat.colour_of(Point(2020, 0.40, 0.30))
    assert within[2] > within[0] and above[0] > above[2]
    red, _, blue = heat.colour_of(Point(2020, 0.50, 0.50))
    assert abs(red - blue) < 0.02
    assert heat.colour_of(Point(2020, 9.0, 0.5)) == heat.colour_of(Point(2020, 1.0, 0.5))


def test_bars_are_as_long_as_their_shares(pen: Pen) -> None:
    bars = [gap.Bar("甲", 0.4, 0.1, "n"), gap.Bar("乙", 0.2, 0.2, "n"), gap.Bar("丙", 0.0, 0.0, "n")]
    figure = gap.draw(pen, bars, title="t", subtitle="s")

    def widths(gid: str) -> list[float]:
        return [a.get_width() for a in figure.artists if isinstance(a, Rectangle) and a.get_gid() == gid]

    full, top = widths(gap.BAR), widths(gap.TOP_PART)
    assert full[1] == pytest.approx(full[0] / 2) and full[2] == 0
    assert top == pytest.approx([full[0] / 4, full[1], 0])


def _figures(pen: Pen) -> dict[str, Figure]:
    years = list(range(2006, 2024))
    points = [Point(y, 0.9 - 0.02 * (y - 2006) - (0.2 if y == 2012 else 0), 0.65) for y in years]
    cells = {(code, p.year): Point(p.year, p.value, p.line, code == "2") for p in points for code in "123"}
    counties = [("1", "甲县"), ("2", LONG), ("3", "乙县"), ("4", "丙县")]
    bars = [gap.Bar(LONG, 0.3 / place, 0.1 / place, LONG) for place in range(1, 11)]
    return {
        "trend": lines.draw(
            pen, points, size=lines.TREND, title=LONG, subtitle=LONG, top=lines.top_of(points), binding=True,
            breaks={2012: "甲乙", 2021: "丙"}, firsts={2010: 0.9},
        ),
        "close": lines.draw(
            pen, [Point(2020, 0.6499, 0.65), Point(2021, 0.6502, 0.65)], size=lines.PANEL, title=LONG, top=0.8,
            binding=False,
        ),
        "panel": lines.draw(pen, points, size=lines.PANEL, title=LONG, top=lines.top_of(points), binding=False),
        "single": lines.draw(pen, [Point(2020, 0.3, None)], size=lines.PANEL, title="t", top=1.0, binding=False),
        "gap": gap.draw(pen, bars, title=LONG, subtitle=LONG),
        "heat": heat.draw(pen, counties, years, cells, title=LONG, subtitle=LONG, binding=False),
        **family_figures.figures(pen),
    }  # fmt: skip


def _drawn(figure: Figure) -> list[Words]:
    """All words of a picture."""
    assert not any(axis.get_visible() for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)), (
        "scale.py draws them"
    )
    found = [*figure.texts, *(words for axes in figure.axes for words in axes.texts)]
    return [text for text in found if text.get_text().strip()]


def test_no_words_are_cut_off_or_lie_on_other_words(pen: Pen) -> None:
    for name, figure in _figures(pen).items():
        figure.set_dpi(72)
        width, height = figure.get_size_inches() * 72
        renderer = RendererSVG(width, height, io.StringIO())
        figure.draw(renderer)
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in _drawn(figure)]
        for words, box in boxes:
            inside = box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1
            assert inside, f"{name}: {words!r} runs out of the picture"
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            down = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < 1.5 or down < 2.5, f"{name}: {one!r} lies on {other!r}"


def test_every_picture_carries_source_and_release(pen: Pen) -> None:
    for name, figure in _figures(pen).items():
        foot = "".join(text.get_text() for text in figure.texts)
        assert RELEASE in foot.replace(" ", ""), name
        assert pen.text("chart.sample")[:6] in foot, name


def test_a_picture_is_the_same_bytes_twice(pen: Pen) -> None:
    first, second = ({name: svg(recorded(figure), name) for name, figure in _figures(pen).items()} for _ in range(2))
    assert first == second


def test_wrapped_words_keep_to_their_room_and_lose_nothing_that_fits(pen: Pen) -> None:
    wrapped = pen.wrap("义务教育均衡 composite coefficient，标准线", 9, 1.2, lines=9)
    assert "".join(wrapped).replace(" ", "") == "义务教育均衡compositecoefficient，标准线"
    assert all(pen.width(line, 9) <= 1.2 for line in wrapped)
    assert not any(line.startswith("，") for line in wrapped)
    cut = pen.wrap(LONG, 9, 1.2, lines=2)
    assert len(cut) == 2 and cut[-1].endswith("…")


def test_scales_have_round_values_within_their_ends_and_every_step_from_the_last_year() -> None:
    figure = Figure(figsize=(4, 2))
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    axes.set_xlim(2010, 2020)
    axes.set_ylim(0, 0.93)
    scale.below(axes, scale.every(range(2008, 2021), 3), size=8)
    scale.beside(axes, scale.values(0, 0.93, 4), size=8, grid=True)
    words = [(text.get_text(), *text.get_position()) for text in axes.texts]
    assert [word for word, _, y in words if y < 0] == ["2011", "2014", "2017", "2020"]
    values = [(word, y) for word, x, y in words if x < 0]
    assert values == [("0", 0.0), ("0.25", 0.25), ("0.5", 0.5), ("0.75", 0.75)]
    assert [line.get_ydata()[0] for line in axes.lines] == [y for _, y in values]
