"""Early warning: slope, exact test and projection against scipy, against fractions, and on plain cases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.exact_trend import inversions, trend
from tests.models.helpers import rulebook_with
from tests.models.one_model import run_one

TABLE = "trends.early_warning"
LINE = Fraction(1, 2)
Values = Mapping[int, float | Fraction]


def county(number: int) -> str:
    return f"{310000 + number}"


def warnings(
    folder: Path,
    series: Sequence[Values],
    *,
    direction: str = "at_most",
    line: float = 0.5,
    basis: Any = None,
    region: str = "",
    **more: Any,
) -> pl.DataFrame:
    """The row of each series, in order; each is a county's own, by school year."""
    rows = [
        {
            "county_code": county(number), "standard": "basic_2012", "stage": "all", "measure": "satisfaction",
            "indicator": "", "school_year": year, "value": float(value), "line": line, "binding": True,
            "direction": direction, "basis": basis(year) if basis else "",
        }
        for number, values in enumerate(series)
        for year, value in values.items()
    ]  # fmt: skip
    counties = [
        {"county_code": county(n), "county_name": f"县{n}", "rule_region": region, "last_year": 2030}
        for n in range(len(series))
    ]
    return run_one(folder, TABLE, {"core.warning_series": rows, "core.county": counties}, **more).sort("county_code")


def one(folder: Path, values: Values, **more: Any) -> dict[str, Any]:
    return warnings(folder, [values], **more).row(0, named=True)


def rising(first: float, step: float, years: range) -> dict[int, float]:
    return {year: first + step * (year - years[0]) for year in years}


def test_slope_interval_and_test_are_those_of_scipy(tmp_path: Path) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(20140901)
    series = []
    for number in range(60):
        years = sorted(rng.choice(np.arange(2009, 2024), size=5 + number % 11, replace=False).tolist())
        series.append({int(y): float(0.4 + rng.normal(0, 0.05) + (number % 5 - 2) * 0.01 * (y - 2009)) for y in years})
    frame = warnings(tmp_path, series).filter(pl.col("span") == "long")
    assert frame.height > 40
    for row in frame.iter_rows(named=True):
        values = series[int(row["county_code"]) - 310000]
        x, y = list(values), list(values.values())
        slope, _, low, high = stats.theilslopes(y, x, alpha=0.95)
        test = stats.kendalltau(x, y, method="exact")
        assert (row["slope"], row["slope_lower"], row["slope_upper"]) == pytest.approx((slope, low, high), rel=1e-9)
        assert row["p_value"] == pytest.approx(test.pvalue, abs=1e-12)
        assert row["kendall_s"] == round(test.statistic * len(x) * (len(x) - 1) / 2)


@pytest.mark.parametrize(
    "values", [(1, 2, 3, 4, 5), (1, 1, 2, 3, 3), (2, 2, 2, 1, 1), (1, 2, 2, 2, 3, 4), (5, 5, 5, 5, 6)]
)
def test_the_exact_distribution_is_that_of_all_orders(values: tuple[int, ...]) -> None:
    """What the SQL is compared with: counted out over every order of the values."""
    found: dict[int, int] = {}
    for order in set(permutations(values)):
        k = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
        found[k] = found.get(k, 0) + 1
    assert inversions([Fraction(value) for value in values]) == [found.get(k, 0) for k in range(max(found) + 1)]


SERIES = st.dictionaries(
    st.integers(2009, 2023), st.integers(0, 12).map(lambda n: Fraction(n, 16)), min_size=2, max_size=15
)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SERIES, min_size=30, max_size=40), st.sampled_from(["at_most", "at_least"]))
def test_every_figure_of_a_series_recomputed_with_fractions(
    tmp_path_factory: pytest.TempPathFactory, series: list[dict[int, Fraction]], direction: str
) -> None:
    """Gaps, ties and short series included: sixteenths are exact in binary, so that values tie as they should."""
    frame = warnings(tmp_path_factory.mktemp("series"), series, direction=direction)
    assert frame.height == len(series)
    turn = 1 if direction == "at_least" else -1
    for row, values in zip(frame.iter_rows(named=True), series, strict=True):
        ordered = sorted(values.items())
        last = ordered[-1][0]
        recent = [point for point in ordered if point[0] > last - 5]
        spans = {"long": ordered} | ({"recent": recent} if row["span"] == "recent" else {})
        points = spans[row["span"]]
        assert (row["points"], row["first_year"], row["last_year"]) == (len(points), points[0][0], last)
        assert row["gaps"] == last - points[0][0] + 1 - len(points)
        margin = turn * (ordered[-1][1] - LINE)
        assert row["margin"] == pytest.approx(float(margin))
        if len(ordered) < 5:
            assert row["slope"] is None and row["projected_year"] is None
            assert row["status"] == ("already_beyond" if margin < 0 else "too_few_points")
            continue
        exact = trend(points)
        assert (row["slope"], row["slope_lower"], row["slope_upper"]) == pytest.approx(
            (float(exact.slope), float(exact.lower), float(exact.upper))
        )
        assert (row["kendall_s"], row["p_value"]) == (exact.kendall_s, pytest.approx(float(exact.p_value), abs=1e-10))
        trending = exact.p_value <= Fraction(1, 20) and exact.slope != 0
        going = turn * exact.slope
        status = (
            "already_beyond" if margin < 0
            else "no_trend" if not trending
            else "worsening_towards_line" if going < 0
            else "improving"
        )  # fmt: skip
        assert row["status"] == status
        assert row["projected_year"] == _projected(
            exact.reaches(LINE, exact.slope) if exact.slope else None, trending, margin, going, last
        )
        if row["span"] == "recent":
            whole = trend(ordered)
            assert trending and not (whole.p_value <= Fraction(1, 20) and whole.slope * exact.slope > 0)


def _projected(at: Fraction | None, trending: bool, margin: Fraction, going: Fraction, last: int) -> int | None:
    if at is None or not trending or (margin >= 0) == (going > 0):
        return None
    first = math.floor(at) + 1 if margin >= 0 else math.ceil(at)
    return year if (year := max(first, last + 1)) <= last + 10 else None


def test_a_figure_that_nears_its_line_is_told_the_year_in_which_it_crosses(tmp_path: Path) -> None:
    row = one(tmp_path, rising(0.30, 0.02, range(2015, 2024)))
    assert (row["status"], row["crosses_to"], row["reason"]) == ("worsening_towards_line", "beyond", None)
    # 0.46 in 2023, 0.50 in 2025, which is within the line still
    assert (row["projected_year"], row["earliest_year"], row["latest_year"]) == (2026, 2026, 2026)
    assert (row["slope"], row["margin_slope"]) == (pytest.approx(0.02), pytest.approx(-0.02))
    assert row["p_value"] == pytest.approx(2 / math.factorial(9))


def test_at_least_is_the_mirror_of_at_most(tmp_path: Path) -> None:
    row = one(tmp_path, rising(0.70, -0.02, range(2015, 2024)), direction="at_least")
    assert (row["status"], row["projected_year"], row["margin"]) == (
        "worsening_towards_line",
        2026,
        pytest.approx(0.04),
    )


def test_the_interval_is_that_of_the_slope_and_open_where_it_never_gets_there(tmp_path: Path) -> None:
    wobble = dict(zip(range(2015, 2024), (0.22, 0.27, 0.26, 0.31, 0.36, 0.34, 0.41, 0.45, 0.44), strict=True))
    row = one(tmp_path / "a", wobble)
    exact = trend([(year, Fraction(str(value))) for year, value in wobble.items()])
    steep = math.floor(exact.reaches(LINE, exact.upper)) + 1
    assert (row["earliest_year"], row["projected_year"]) == (
        max(steep, 2024), math.floor(exact.reaches(LINE, exact.slope)) + 1,
    )  # fmt: skip
    assert row["earliest_year"] < row["projected_year"] < row["latest_year"]
    wilder = one(tmp_path / "b", dict(zip(range(2019, 2024), (0.30, 0.31, 0.45, 0.451, 0.452), strict=True)), line=0.5)
    assert wilder["significant"] and wilder["slope_lower"] < 0.002 and wilder["latest_year"] is None


def test_four_points_say_nothing_of_the_future(tmp_path: Path) -> None:
    row = one(tmp_path / "a", rising(0.40, 0.02, range(2020, 2024)))
    assert (row["status"], row["reason"], row["slope"], row["p_value"]) == (
        "too_few_points",
        "too_few_points",
        None,
        None,
    )
    beyond = one(tmp_path / "b", rising(0.60, 0.02, range(2020, 2024)))
    assert (beyond["status"], beyond["reason"]) == ("already_beyond", "too_few_points")
    book = rulebook_with(tmp_path / "book", {"choice": ["warning_minimum_points,,10,31,1980,,文件,来源"]})
    nine = rising(0.30, 0.02, range(2015, 2024))
    assert one(tmp_path / "c", nine, rulebook=book)["status"] == "worsening_towards_line"
    assert one(tmp_path / "d", nine, rulebook=book, region="31")["status"] == "too_few_points"


def test_a_missing_year_is_a_gap_and_no_nought(tmp_path: Path) -> None:
    whole = rising(0.26, 0.02, range(2012, 2024))
    gapped = {year: value for year, value in whole.items() if year not in (2015, 2016, 2019)}
    row = one(tmp_path, gapped)
    assert (row["points"], row["gaps"], row["slope"]) == (9, 3, pytest.approx(0.02))
    assert row["projected_year"] == 2025  # 0.48 in 2023, 0.50 in 2024


def test_beyond_the_line_and_improving_it_is_told_when_it_is_within_again(tmp_path: Path) -> None:
    row = one(tmp_path, rising(0.80, -0.03, range(2015, 2024)))
    assert (row["status"], row["crosses_to"], row["margin"]) == ("already_beyond", "within", pytest.approx(-0.06))
    assert row["projected_year"] == 2025  # 0.50, which is within


def test_moving_away_and_beyond_the_horizon_are_no_projections(tmp_path: Path) -> None:
    away, slow = warnings(
        tmp_path, [rising(0.40, -0.02, range(2015, 2024)), rising(0.10, 0.01, range(2015, 2024))]
    ).rows(named=True)
    assert (away["status"], away["reason"], away["crosses_to"]) == ("improving", "moving_away", None)
    assert (slow["status"], slow["reason"], slow["projected_year"]) == (
        "worsening_towards_line",
        "beyond_horizon",
        None,
    )


def test_a_figure_that_has_turned_is_not_hidden_by_its_past(tmp_path: Path) -> None:
    turned = {**rising(0.48, -0.04, range(2013, 2019)), **rising(0.30, 0.03, range(2019, 2024))}
    row = one(tmp_path, turned)
    assert (row["span"], row["points"], row["status"]) == ("recent", 5, "worsening_towards_line")
    assert row["slope"] == pytest.approx(0.03) and row["p_value"] == pytest.approx(1 / 60)


def test_figures_counted_otherwise_are_not_one_trend(tmp_path: Path) -> None:
    values = {**rising(0.10, 0.0, range(2014, 2018)), **rising(0.40, 0.01, range(2018, 2024))}
    row = one(tmp_path, values, basis=lambda year: "pooled" if year < 2018 else "weighted")
    assert (row["first_year"], row["points"], row["slope"]) == (2018, 6, pytest.approx(0.01))


def test_only_the_last_years_of_the_rulebook_count(tmp_path: Path) -> None:
    values = {**rising(0.90, 0.0, range(1990, 2009)), **rising(0.30, 0.01, range(2009, 2024))}
    assert one(tmp_path, values)["points"] == 15
