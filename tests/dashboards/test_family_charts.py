"""What the pictures of the families draw: values where the table has them, gaps, lines, intervals, notices, ribbons."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import bundle, dots, flow, grid, scale, series, stack
from pipelines.dashboards.charts.apart import apart
from pipelines.dashboards.charts.canvas import Pen
from pipelines.dashboards.facts import Point
from tests.dashboards.family_figures import YEARS, figures, percent


def _lines(figure: Figure, gid: str) -> list[Line2D]:
    return [line for line in figure.axes[0].lines if line.get_gid() == gid]


def _patches(figure: Figure, gid: str) -> list[Patch]:
    return [patch for patch in figure.axes[0].patches if patch.get_gid() == gid]


def test_a_rate_has_gaps_for_missing_years_and_its_line_only_where_it_holds(pen: Pen) -> None:
    figure = figures(pen)["rates"]
    value, _ = _lines(figure, series.VALUE_LINE)
    drawn = dict(zip(value.get_xdata(), value.get_ydata(), strict=True))
    assert [year for year in YEARS if math.isnan(drawn[year])] == [2012, 2013]
    assert 0.0 not in drawn.values()
    (band,) = _patches(figure, series.GAP_BAND)
    assert (band.get_x(), band.get_width()) == (2011.5, 2.0)  # type: ignore[attr-defined]
    (line,) = _lines(figure, series.THRESHOLD_LINE)
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([2015.5, 2023.5], [0.95, 0.95])
    assert len(_lines(figure, series.BREAK)) == 3


def test_every_line_and_threshold_is_named_at_its_end(pen: Pen) -> None:
    words = [text.get_text() for text in figures(pen)["three"].axes[0].texts]
    assert any(word.startswith("丙 99") for word in words)
    assert any(word.startswith("丁 95.0%") for word in words)


def test_intervals_and_a_projection_are_drawn_where_the_table_has_them(pen: Pen) -> None:
    figure = figures(pen)["intervals"]
    upright = [line for line in _lines(figure, series.INTERVAL) if line.get_xdata()[0] == line.get_xdata()[1]]
    assert [list(line.get_ydata()) for line in upright] == [[0.83, 0.87]] * len(YEARS)
    (crossing,) = [line for line in _lines(figure, series.INTERVAL) if line not in upright]
    # The upper end of the interval never gets there: it runs to the end of the axis.
    assert (list(crossing.get_xdata()), list(crossing.get_ydata())) == ([2025, 2028.5], [0.85, 0.85])
    (trend,) = _lines(figure, series.PROJECTION)
    assert list(trend.get_ydata()) == pytest.approx([0.9 + 0.005 * 7, 0.9 - 0.005 * 12])


def test_a_point_under_its_line_looks_another_way_than_one_above(pen: Pen) -> None:
    points = [Point(2019, 0.9, 0.85), Point(2020, 0.8, 0.85), Point(2021, 0.85, 0.85)]
    figure = series.draw(pen, [series.Series("", points, at_least=True)], title="t", subtitle="s",
                         written=numbers.share_against, ticks=percent)  # fmt: skip
    marked = {
        tuple(line.get_xdata()): line.get_marker() for line in figure.axes[0].lines if line.get_linestyle() == "None"
    }
    assert marked == {(2019, 2021): "o", (2020,): "D"}


def test_columns_are_as_high_as_their_parts_and_a_missing_year_is_a_gap(pen: Pen) -> None:
    figure = figures(pen)["stack"]
    heights: dict[int, float] = {}
    for patch in _patches(figure, stack.PART):
        year = round(patch.get_x() + 0.39)  # type: ignore[attr-defined]
        heights[year] = heights.get(year, 0.0) + patch.get_height()  # type: ignore[attr-defined]
    assert heights == {year: float((year % 3) * 10) for year in YEARS if year != 2014 and year % 3}
    (gap,) = _patches(figure, stack.GAP_BAND)
    assert gap.get_x() == 2013.5  # type: ignore[attr-defined]
    assert {line.get_ydata()[0] for line in _lines(figure, stack.MARK)} == {19.0, 15.2}
    assert {line.get_ydata()[0] for line in _lines(figure, stack.THRESHOLD_LINE)} == {15.0}


def test_a_grid_tells_verdicts_without_colour_and_marks_notices_and_absent_years(pen: Pen) -> None:
    figure = figures(pen)["grid"]
    tones = {tone: len(_patches(figure, tone)) for tone in (grid.MET, grid.FAILED, grid.OPEN, grid.ABSENT)}
    assert sum(tones.values()) == 3 * len(YEARS) and tones[grid.ABSENT] == 1
    assert len(_lines(figure, grid.NOTICE)) == 3
    texts = figure.axes[0].texts
    assert sum(text.get_weight() == "bold" for text in texts) == tones[grid.FAILED]
    assert sum(text.get_text().startswith("(") for text in texts) == tones[grid.OPEN]


def test_dots_lie_at_their_values_with_interval_line_and_second_value(pen: Pen) -> None:
    figure = figures(pen)["dots"]
    assert [line.get_xdata()[0] for line in _lines(figure, dots.VALUE)] == [0.93, 0.81, 0.88]
    assert [line.get_xdata()[0] for line in _lines(figure, dots.SECOND)] == [0.9, 0.6]
    assert [list(line.get_xdata()) for line in _lines(figure, dots.INTERVAL)] == [[0.9, 0.95], [0.7, 0.9]]
    assert {line.get_xdata()[0] for line in _lines(figure, dots.THRESHOLD_LINE)} == {0.85}
    assert [line.get_markerfacecolor() for line in _lines(figure, dots.VALUE)][2] == "white"


def test_ribbons_are_as_many_as_flows_and_bars_as_high_as_persons(pen: Pen) -> None:
    senders = [flow.Place("a", "甲", "#b04a00"), flow.Place("b", "乙", "#00705f")]
    receivers = [flow.Place("c", "丙", "#b04a00"), flow.Place("d", "丁", "#00705f")]
    figure = flow.draw(pen, senders, receivers, {("a", "c"): 5, ("a", "d"): 2, ("b", "d"): 3, ("b", "c"): 0}, title="t",
                       subtitle="s", heads=("甲", "乙"))  # fmt: skip
    assert len(_patches(figure, flow.RIBBON)) == 3
    for gid, persons in ((flow.SENDER, [7, 3]), (flow.RECEIVER, [5, 5])):
        high = [patch.get_height() / flow.PER_PERSON for patch in _patches(figure, gid)]  # type: ignore[attr-defined]
        assert high == pytest.approx(persons)


def test_a_bundle_has_a_line_a_county_with_gaps_and_names_those_chosen(pen: Pen) -> None:
    figure = figures(pen)["bundle"]
    grey, named = _lines(figure, bundle.COUNTY_LINE), _lines(figure, bundle.NAMED_LINE)
    # The fifth has no value in any year: neither line nor name.
    assert (len(grey), len(named)) == (40 - 5, 4)
    for line in (*grey, *named):
        drawn = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
        assert [year for year in YEARS if math.isnan(drawn[year])] == [2012, 2014]
        assert min(value for value in drawn.values() if not math.isnan(value)) >= 0.3
    # The year between two gaps would be no line at all.
    assert [list(line.get_xdata()) for line in _lines(figure, bundle.ALONE)] == [[2013]] * len(grey)
    (threshold,) = _lines(figure, bundle.THRESHOLD)
    assert set(threshold.get_ydata()) == {0.31} and threshold.get_linestyle() == "-"
    words = [text.get_text() for text in figure.axes[0].texts if text.get_gid() != scale.SCALE]
    assert len(words) == 5 and f"{pen.text('word.line')} 0.31" in words and not any("丙" in each for each in words)


@given(
    st.lists(st.tuples(st.floats(-5, 15), st.floats(0.1, 2.0)), min_size=1, max_size=12),
    st.floats(0, 1), st.floats(9, 11),
)  # fmt: skip
def test_labels_never_overlap_keep_their_order_and_stay_inside_where_there_is_room(
    labels: list[tuple[float, float]], low: float, high: float
) -> None:
    wanted, heights = [at for at, _ in labels], [height for _, height in labels]
    middles = apart(wanted, heights, low, high)
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], at))
    for a, b in itertools.pairwise(order):
        assert middles[b] - middles[a] >= (heights[a] + heights[b]) / 2 - 1e-9
    assert min(m - h / 2 for m, h in zip(middles, heights, strict=True)) >= low - 1e-9
    if sum(heights) <= high - low:
        assert max(m + h / 2 for m, h in zip(middles, heights, strict=True)) <= high + 1e-9


@given(st.floats(0, 1.2), st.floats(0, 1.2))
def test_a_share_is_written_on_its_own_side_of_the_line(value: float, line: float) -> None:
    shown = float(numbers.share_against(value, line).rstrip("%")) / 100
    if abs(value - line) > 1e-9:
        assert (shown > line) == (value > line)


@given(st.floats(-5, 5))
def test_a_growth_is_never_written_as_none_or_as_a_fall(value: float) -> None:
    shown = numbers.growth(value)
    if abs(value) > 1e-9:
        assert shown.startswith("+" if value > 0 else "−") and float(shown[1:].rstrip("%").replace(",", "")) != 0


@pytest.mark.parametrize(
    ("value", "line", "shown"),
    [(4.505, 4.51, "4.505"), (4.5096, 4.51, "4.5096"), (3.825, 3.825, "3.825"), (1999.7, 2000.0, "1,999.7"), (None, 1.0, "–")],
)  # fmt: skip
def test_a_value_near_its_line_keeps_the_digits_that_tell_them_apart(
    value: float | None, line: float, shown: str
) -> None:
    assert numbers.figure_against(value, line) == shown
