"""One verdict of a county on the three increases: over tests and stages, over the run of years, on both bases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.helpers import COUNTY
from tests.models.one_model import run_one

TABLE, TESTS = "trends.funding_verdict", "core.funding_verdict"
#: The tests whose lines count, in their order.
BINDING = (
    ("funds_over_revenue", "all"), ("expenditure_per_pupil", "junior"), ("expenditure_per_pupil", "primary"),
    ("public_use_per_pupil", "junior"), ("public_use_per_pupil", "primary"), ("teacher_wage", "junior"),
    ("teacher_wage", "primary"),
)  # fmt: skip
POSITION = {name: place for place, name in enumerate(dict.fromkeys(name for name, _ in BINDING), start=1)}


def row(year: int, test: str, stage: str, verdict: bool | None, **more: Any) -> dict[str, Any]:
    return {
        "county_code": COUNTY, "county_name": "县", "fiscal_year": year, "stage": stage, "family": "three_increases",
        "test": test, "position": POSITION.get(test, 1), "binding": True, "verdict": verdict, "meets_restated": verdict,
        "meets_published": verdict, "verdicts_differ": False, "run_years": 3, "run_verdict": verdict, "years_met": int(bool(verdict)),
        "margin_points": None if verdict is None else 1.5 if verdict else -0.5,
        "reason": "value_missing" if verdict is None else None, **more,
    }  # fmt: skip


def verdict(folder: Path, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return run_one(folder, TABLE, {TESTS: rows}).sort("fiscal_year")


def test_one_test_that_is_not_met_decides_and_is_named(tmp_path: Path) -> None:
    rows = [row(2020, *name, name != ("teacher_wage", "junior")) for name in BINDING]
    rows[1] |= {"verdict": None, "reason": "no_base", "margin_points": None}
    told = verdict(tmp_path, rows).row(0, named=True)
    assert (told["verdict"], told["tests"], told["tests_met"], told["tests_failed"]) == (False, 7, 5, 1)
    assert (told["failed"], told["open_tests"]) == ("teacher_wage/junior", "expenditure_per_pupil/junior")
    assert (told["weakest_test"], told["weakest_margin_points"], told["reason"]) == ("teacher_wage/junior", -0.5, None)


def test_a_test_for_reference_decides_nothing(tmp_path: Path) -> None:
    rows = [row(2020, *name, True) for name in BINDING] + [row(2020, "teacher_wage", "all", False, binding=False)]
    assert verdict(tmp_path, rows)["verdict"].to_list() == [True]


def test_the_county_whose_verdict_flips_on_the_restated_base(tmp_path: Path) -> None:
    """As the national figure of 2021: junior expenditure −0.18 % as published, +1.74 % on the same basis."""
    rows = [row(2021, *name, True) for name in BINDING]
    rows[1] |= {"meets_published": False, "verdicts_differ": True, "margin_points": 1.74}
    told = verdict(tmp_path, rows).row(0, named=True)
    assert (told["verdict"], told["meets_restated"], told["meets_published"]) == (True, True, False)
    assert (told["verdicts_differ"], told["differing_tests"]) == (True, "expenditure_per_pupil/junior")


def test_two_tests_that_differ_in_opposite_directions_leave_the_county_where_it_is(tmp_path: Path) -> None:
    rows = [row(2021, *name, True) for name in BINDING]
    rows[0] |= {"meets_published": False, "verdicts_differ": True}
    rows[1] |= {"verdict": False, "meets_restated": False, "meets_published": True, "verdicts_differ": True}
    told = verdict(tmp_path, rows).row(0, named=True)
    assert (told["meets_restated"], told["meets_published"], told["verdicts_differ"]) == (False, False, False)
    assert told["differing_tests"] == "funds_over_revenue/all,expenditure_per_pupil/junior"


def test_the_two_that_only_increase_stand_beside_it(tmp_path: Path) -> None:
    only = {"family": "two_only_increase", "position": 1}
    rows = [row(y, *name, True) for y in (2017, 2018) for name in BINDING]
    rows += [
        row(2018, "education_expenditure", "all", True, **only),
        row(2018, "education_expenditure_per_pupil", "junior", False, **only),
    ]
    told = verdict(tmp_path, rows)
    assert told["verdict"].to_list() == [True, True]
    assert told["only_increase_verdict"].to_list() == [None, False]
    assert told["only_increase_failed"].to_list() == [None, "education_expenditure_per_pupil/junior"]


KNOWN = st.sampled_from([True, True, True, False, None])
YEAR = st.tuples(*[st.tuples(KNOWN, KNOWN)] * len(BINDING))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(YEAR, min_size=4, max_size=8))
def test_every_verdict_is_that_of_its_tests(tmp_path_factory: Any, drawn: list[Any]) -> None:
    rows = [
        row(2012 + index, *name, met, run_verdict=run)
        for index, year in enumerate(drawn)
        for name, (met, run) in zip(BINDING, year, strict=True)
    ]
    failing: int | None = None
    for told, (index, year) in zip(
        verdict(tmp_path_factory.mktemp("f"), rows).to_dicts(), enumerate(drawn), strict=True
    ):
        for column, place in (("verdict", 0), ("run_verdict", 1)):
            values = [each[place] for each in year]
            assert told[column] is (False if False in values else None if None in values else True)
        assert (told["failed"] or "") == ",".join(
            f"{t}/{s}" for (t, s), (met, _) in zip(BINDING, year, strict=True) if met is False
        )
        assert told["run_met"] == sum(run is True for _, run in year)
        if told["verdict"] is False:
            failing = failing or 2012 + index
            assert told["failing_since"] == failing
        elif told["verdict"] is True:
            failing = None
