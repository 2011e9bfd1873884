"""Scorecards: published counties, the entry conditions, what is open, and what is told of a part that fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.helpers import COUNTY, Results
from tests.models.one_model import Table, run_these

PART, BASIC, QUALITY = "trends.scorecard_part", "trends.basic_scorecard", "trends.quality_scorecard"
CHAIN = ("core.scorecard_part", "core.scorecard_standing", PART, BASIC, QUALITY)
STAGES = ("primary", "junior")
Tables = dict[str, list[dict[str, Any]]]


def together(*parts: Mapping[str, Table]) -> Tables:
    rows: Tables = {}
    for part in parts:
        for table, more in part.items():
            rows.setdefault(table, []).extend(dict(row) for row in more)
    return rows


def county(year: int, code: str = COUNTY, **recognition: Any) -> Tables:
    """A county in a year; ``recognition`` by standard is (status, recognised since)."""
    return {
        "core.reported_county": [{"reported_code": code, "county_code": code, "school_year": year}],
        "core.recognition": [
            {
                "county_code": code, "school_year": year, "standard": standard,
                "status": recognition.get(standard, ("unreported", None))[0],
                "recognised_since": recognition.get(standard, ("unreported", None))[1],
            }
            for standard in ("basic_2012", "quality_2017")
        ],
        "core.region_line": [
            {"rule_region": "", "school_year": year, "standard": "quality_2017", "measure": measure, "stage": stage,
             "indicator": "", "line": line, "binding": True}
            for measure, stage, line in (
                ("entry_recognised_years", "compulsory", 3.0), ("entry_coefficient_years", "compulsory", 3.0),
                ("entry_coefficient", "primary", 0.60), ("entry_coefficient", "junior", 0.50),
            )
        ],
    }  # fmt: skip


def named(code: str = COUNTY) -> Tables:
    return {"core.county": [{"county_code": code, "county_name": f"县{code}", "rule_region": ""}]}


def coefficient(
    year: int, stage: str, value: float | None, line: float, standard: str = "basic_2012", **more: Any
) -> Tables:
    verdict = more.pop("verdict", None if value is None else value <= line)
    key = {"county_code": COUNTY, "school_year": year, "stage": stage, "standard": standard}
    return {
        "trends.composite_coefficient": [
            {**key, "composite": value, "threshold": line, "meets": verdict, "verdict": verdict, "indicators": 8,
             "verdict_rule": "composite", "reason": None if verdict is not None else "missing_values", **more}
        ],
        "trends.differential_coefficient": [
            {**key, "indicator": "books", "coefficient": value, "threshold": line, "threshold_binding": False}
        ],
    }  # fmt: skip


def schools(year: int, stage: str, attaining: int, of: int, *, quality: bool = False, missing: int = 0) -> Tables:
    verdict = False if attaining < of else True if not missing else None
    row = {
        "county_code": COUNTY, "school_year": year, "stage": stage, "schools": of, "schools_attaining": attaining,
        "schools_missing": missing, "share": attaining / of, "all_attain": verdict,
        "reason": "missing_values" if verdict is None else None,
    }  # fmt: skip
    return (
        {"trends.county_attainment": [row]}
        if quality
        else {"trends.county_standard": [{**row, "school_standard": "s"}]}
    )


def score(year: int, points: float | None, **more: Any) -> Tables:
    row = {
        "county_code": COUNTY, "school_year": year, "standard": "basic_2012", "block": "all", "score": points, "line": 85.0,
        "verdict": None if points is None else points >= 85, "margin": None if points is None else points - 85,
        "items": 17, "items_failed": 0, "items_missing": 0 if points is not None else 2,
        "reason": None if points is not None else "items_missing", **more,
    }  # fmt: skip
    return {"trends.government_score": [row]}


def block(year: int, name: str, items: int, failed: str = "", missing: int = 0) -> Tables:
    short = len(failed.split(",")) if failed else 0
    row = {
        "county_code": COUNTY, "school_year": year, "standard": "quality_2017", "block": name, "items": items,
        "items_failed": short, "items_missing": missing, "items_met": items - short - missing, "failed": failed or None,
        "verdict": False if short else None if missing else True, "reason": "items_missing" if missing and not short else None,
    }  # fmt: skip
    return {"trends.government_score": [row]}


def satisfied(year: int, rate: float | None, standard: str = "basic_2012") -> Tables:
    row = {
        "county_code": COUNTY, "school_year": year, "standard": standard, "group": "all", "satisfaction": rate,
        "line": 0.85, "verdict": None if rate is None else rate >= 0.85, "margin": None if rate is None else rate - 0.85,
        "reason": "not_surveyed" if rate is None else None,
    }  # fmt: skip
    return {"trends.satisfaction": [row]}


def basic(year: int, primary: float, junior: float, points: float | None, rate: float | None) -> Tables:
    """The four parts of a county whose schools all meet the provincial standard."""
    return together(
        *(schools(year, stage, 20, 20) for stage in STAGES),
        coefficient(year, "primary", primary, 0.65), coefficient(year, "junior", junior, 0.55),
        score(year, points), satisfied(year, rate),
    )  # fmt: skip


def run(folder: Path, *parts: Mapping[str, Table]) -> Results:
    return run_these(folder, CHAIN, together(named(), *parts))


#: What a state team reported of three counties in 2013: coefficients, score, satisfaction.
@pytest.mark.parametrize(
    ("primary", "junior", "points", "rate", "weakest"),
    [
        (0.291, 0.280, 99.0, 0.9566, ("satisfaction", 0.1066 / 0.85)),
        (0.276, 0.465, 97.0, 0.9426, ("satisfaction", 0.0926 / 0.85)),
        (0.549, 0.253, 97.0, 0.9155, ("satisfaction", 0.0655 / 0.85)),
    ],
)
def test_three_published_counties(
    tmp_path: Path, primary: float, junior: float, points: float, rate: float, weakest: tuple[str, float]
) -> None:
    results = run(tmp_path, county(2013), basic(2013, primary, junior, points, rate))
    row = results.row(BASIC, school_year=2013)
    assert (row["verdict"], row["parts_met"], row["parts_failed"], row["parts_open"], row["reason"]) == (
        True,
        4,
        0,
        0,
        None,
    )
    assert (row["composite_primary"], row["composite_junior"], row["government_score"]) == (primary, junior, points)
    margins = {(p["part"], p["stage"]): p["margin"] for p in results.table(PART).to_dicts()}
    assert margins == pytest.approx({
        ("school_standard", "primary"): 0, ("school_standard", "junior"): 0,
        ("composite_coefficient", "primary"): 0.65 - primary, ("composite_coefficient", "junior"): 0.55 - junior,
        ("government_score", "all"): points - 85, ("satisfaction", "all"): rate - 0.85,
    })  # fmt: skip
    # Every school meets the standard: there nothing is left between the county and the line.
    assert (row["weakest_part"], row["weakest_margin"]) == ("school_standard/primary", 0)
    relative = results.table(PART, part=weakest[0])["relative_margin"].item()
    assert relative == pytest.approx(weakest[1])


def test_one_part_that_fails_decides_and_is_named_while_others_are_open(tmp_path: Path) -> None:
    rows = together(
        county(2020), schools(2020, "primary", 17, 20), schools(2020, "junior", 9, 9, missing=1),
        coefficient(2020, "primary", 0.66, 0.65, indicators_above="books,computers"), coefficient(2020, "junior", None, 0.55),
        score(2020, None), satisfied(2020, 0.84),
        {"trends.county_standard_indicator": [
            {"county_code": COUNTY, "school_year": 2020, "stage": "primary", "school_standard": "s", "indicator": name,
             "schools_below": below} for name, below in (("books", 1), ("sports_area", 3), ("teachers", 0))
        ]},
    )  # fmt: skip
    results = run(tmp_path, rows)
    row = results.row(BASIC, school_year=2020)
    assert row["verdict"] is False and row["reason"] is None
    assert (row["parts_met"], row["parts_failed"], row["parts_open"]) == (0, 3, 1)
    assert row["failed_parts"] == "school_standard/primary,composite_coefficient/primary,satisfaction"
    assert row["open_parts"] == "school_standard/junior,composite_coefficient/junior,government_score"
    assert (row["school_standard_verdict"], row["coefficient_verdict"], row["government_verdict"]) == (
        False,
        False,
        None,
    )
    part = results.row(PART, part="school_standard", stage="primary")
    assert (part["fails"], part["failed"], part["total"]) == ("sports_area,books", 3, 20)
    assert part["margin"] == pytest.approx(-0.15)
    assert results.row(PART, part="composite_coefficient", stage="primary")["fails"] == "books,computers"


@pytest.mark.parametrize(
    "gone",
    ["trends.county_standard", "trends.composite_coefficient", "trends.government_score", "trends.satisfaction"],
)
def test_a_part_that_nobody_reported_leaves_the_verdict_open(tmp_path: Path, gone: str) -> None:
    rows = basic(2020, 0.3, 0.3, 99.0, 0.95)
    del rows[gone]
    row = run(tmp_path, county(2020), rows).row(BASIC, school_year=2020)
    assert (row["verdict"], row["parts_open"], row["reason"]) == (None, 1, "not_reported")


def test_a_score_that_is_lost_already_fails_with_the_best_it_can_come_to(tmp_path: Path) -> None:
    rows = together(county(2020), score(2020, None, verdict=False, best_possible=82.5, reason=None))
    part = run(tmp_path, rows).row(PART, part="government_score")
    assert (part["verdict"], part["value"], part["margin"]) == (False, None, -2.5)


def quality(year: int, *, assurance: str = "", missing: int = 0, share: int = 20) -> Tables:
    """A county that holds quality balance in every part, but for what is told."""
    return together(
        *(schools(year, stage, share, 20, quality=True) for stage in STAGES),
        *(coefficient(year, stage, 0.30, 0.50, "quality_2017") for stage in STAGES),
        block(year, "assurance", 15, assurance, missing), block(year, "education_quality", 9),
        satisfied(year, 0.9, "quality_2017"),
    )  # fmt: skip


def entering(year: int, since: int, primary: tuple[float | None, ...] = (0.5, 0.55, 0.6)) -> Tables:
    """Recognised since, with the composite coefficients of the last three years."""
    return together(
        county(year, basic_2012=("recognised", since)),
        *(
            coefficient(year - 2 + index, stage, value, 0.65)
            for index, value in enumerate(primary)
            for stage in STAGES[:1]
        ),
        *(coefficient(year - 2 + index, "junior", 0.4, 0.55) for index in range(3)),
    )


@pytest.mark.parametrize(
    ("since", "primary", "entry"),
    [
        (2019, (0.50, 0.55, 0.60), True),
        (2020, (0.50, 0.55, 0.60), False),
        (2019, (0.601, 0.55, 0.50), False),
        (2019, (None, 0.55, 0.50), None),
        (2020, (None, 0.55, 0.50), False),
    ],
)
def test_entry_asks_for_three_years_of_recognition_and_of_coefficients(
    tmp_path: Path, since: int, primary: tuple[float | None, ...], entry: bool | None
) -> None:
    results = run(tmp_path, entering(2022, since, primary), quality(2022))
    row = results.row(QUALITY, school_year=2022)
    assert (row["entry_verdict"], row["content_verdict"], row["verdict"]) == (entry, True, entry)
    recognised = results.row(PART, part="entry_recognition")
    assert (recognised["value"], recognised["line"], recognised["margin"]) == (2022 - since, 3, 2022 - since - 3)
    assert recognised["standing"] is None and recognised["entry"]
    of_years = results.row(PART, part="entry_coefficient", stage="primary")
    assert of_years["value"] == max(value for value in primary if value is not None)
    if primary[0] == 0.601:
        assert (of_years["fails"], of_years["failed"], of_years["margin"]) == ("2020", 1, pytest.approx(-0.001))
    if entry is None:
        assert (row["reason"], of_years["reason"], of_years["undecided"]) == ("years_missing", "years_missing", 1)


def test_without_a_filing_of_the_recognition_entry_is_open(tmp_path: Path) -> None:
    row = run(tmp_path, county(2022), quality(2022)).row(QUALITY, school_year=2022)
    assert (row["entry_verdict"], row["verdict"], row["reason"]) == (None, None, "recognition_unreported")


def test_items_that_are_not_met_are_counted_and_named(tmp_path: Path) -> None:
    rows = quality(2022, assurance="class_size,music_art_rooms", missing=1, share=19)
    results = run(tmp_path, entering(2022, 2016), rows)
    row = results.row(QUALITY, school_year=2022)
    assert (row["verdict"], row["parts_failed"], row["parts_met"], row["assurance_met"]) == (False, 2, 2, 12)
    assert row["failed_parts"] == "school_attainment/primary,school_attainment/junior,government_assurance"
    assert (row["resources_verdict"], row["school_attainment_verdict"], row["coefficient_verdict"]) == (
        False,
        False,
        True,
    )
    part = results.row(PART, part="government_assurance")
    assert (part["value"], part["line"], part["margin"], part["undecided"]) == (12, 15, -2, 1)
    assert part["fails"] == "class_size,music_art_rooms"


def test_the_indicator_highest_against_its_line_speaks_for_the_coefficients(tmp_path: Path) -> None:
    key = {"county_code": COUNTY, "school_year": 2022, "stage": "primary", "standard": "quality_2017"}
    rows: Tables = {
        "trends.composite_coefficient": [
            {**key, "composite": 0.3, "threshold": 0.5, "verdict": False, "verdict_rule": "every_indicator", "indicators": 3,
             "indicators_above": "b"}
        ],
        "trends.differential_coefficient": [
            {**key, "indicator": name, "coefficient": value, "threshold": line, "threshold_binding": True}
            for name, value, line in (("a", 0.58, 0.60), ("b", 0.51, 0.50), ("c", None, 0.5))
        ],
    }  # fmt: skip
    part = run(tmp_path, county(2022), rows).row(PART, part="indicator_coefficient", stage="primary")
    assert (part["value"], part["line"], part["margin"]) == (0.51, 0.5, pytest.approx(-0.01))
    assert (part["failed"], part["undecided"], part["total"], part["fails"]) == (1, 1, 3, "b")


def test_quality_balance_once_recognised_is_not_asked_for_entry_again(tmp_path: Path) -> None:
    states = {"basic_2012": ("recognised", 2014), "quality_2017": ("recognised", 2020)}
    years = {2020: 20, 2021: 20, 2022: 19, 2023: 20}
    rows = together(*(county(year, **states) for year in years), *(quality(year, share=s) for year, s in years.items()))
    table = run(tmp_path, rows).table(QUALITY).sort("school_year")
    assert table["entry_verdict"].to_list() == [None] * 4, "no coefficients of basic balance"
    assert table["verdict"].to_list() == [None, None, False, None]
    assert table["standing"].to_list() == ["recognised", "held", "retreat", "recovered"]
    assert table["retreat_parts"].to_list() == [None, None, "school_attainment/primary,school_attainment/junior", None]


def test_the_margin_is_followed_from_year_to_year_and_not_over_a_gap(tmp_path: Path) -> None:
    values = {2018: 0.40, 2019: 0.44, 2021: 0.50}
    rows = together(*(county(y) for y in values), *(coefficient(y, "primary", v, 0.65) for y, v in values.items()))
    part = run(tmp_path, rows).table(PART, part="composite_coefficient", stage="primary").sort("school_year")
    assert part["margin_change"].to_list() == [None, pytest.approx(-0.04), None]


VERDICT = st.sampled_from([True, False, None])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(*[VERDICT] * 6), min_size=8, max_size=8))
def test_the_verdict_is_that_of_its_parts(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[bool | None, ...]]
) -> None:
    """False as soon as one fails, true when all hold, else open; the parts are counted and named as they are."""
    rows, order = [], ("school_standard/primary", "school_standard/junior", "composite_coefficient/primary",
                       "composite_coefficient/junior", "government_score", "satisfaction")  # fmt: skip
    for year, six in enumerate(drawn, start=2012):
        rows.append(county(year))
        for name, verdict in zip(order, six, strict=True):
            part, _, stage = name.partition("/")
            made = {
                "school_standard": lambda y, s, v: schools(y, s, 19 if v is False else 20, 20, missing=int(v is None)),
                "composite_coefficient": lambda y, s, v: coefficient(
                    y, s, None if v is None else 0.1 if v else 0.9, 0.6
                ),
                "government_score": lambda y, s, v: score(y, None if v is None else 90 if v else 80),
                "satisfaction": lambda y, s, v: satisfied(y, None if v is None else 0.9 if v else 0.8),
            }[part](year, stage, verdict)
            rows.append(made)
    table = run(tmp_path_factory.mktemp("card"), *rows).table(BASIC).sort("school_year")
    for row, six in zip(table.to_dicts(), drawn, strict=True):
        expected = False if False in six else None if None in six else True
        assert row["verdict"] is expected
        four = [six[0:2], six[2:4], six[4:5], six[5:6]]
        whole = [False if False in each else None if None in each else True for each in four]
        assert (row["parts_met"], row["parts_failed"], row["parts_open"]) == tuple(
            whole.count(v) for v in (True, False, None)
        )
        for column, value in (("failed_parts", False), ("open_parts", None)):
            assert (row[column] or "") == ",".join(n for n, v in zip(order, six, strict=True) if v is value)
        assert (row["reason"] is None) == (row["verdict"] is not None)
