"""Recognition and what became of it: worked cases, and every standing recomputed by a plain walk through the years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.helpers import COUNTY, Rows, run_models, together
from tests.models.one_model import run_one
from tests.models.plain_walk import States, walk

RECOGNITION, STANDING = "core.recognition", "core.scorecard_standing"
YEARS = range(2012, 2024)


def filing(year: int, recognised: int, withdrawn: int | None = None, *, county: str = COUNTY, **more: Any) -> Rows:
    row = {
        "school_year": year, "county_code": county, "standard": "basic_2012", "recognised_year": recognised,
        "withdrawn_year": withdrawn, "document": f"文{recognised}", **more,
    }  # fmt: skip
    return {"recognition": [row]}


def present(county: str = COUNTY, years: range = YEARS) -> Rows:
    """A county that reports something every year, so that the years are there."""
    return {
        "satisfaction_group": [
            {"school_year": y, "county_code": county, "group": "parents", "sent": 9, "returned": 9, "valid": 9, "satisfied": 9}
            for y in years
        ]
    }  # fmt: skip


def status(folder: Path, *filings: Rows, county: str = COUNTY) -> dict[int, tuple[Any, ...]]:
    table = run_models(folder, together(*filings), only=[RECOGNITION]).table(
        RECOGNITION, county_code=county, standard="basic_2012"
    )
    return {
        row["school_year"]: (row["status"], row["recognised_since"], row["withdrawn_in"]) for row in table.to_dicts()
    }


def test_a_filing_tells_the_past_too(tmp_path: Path) -> None:
    told = status(tmp_path, present(), filing(2023, 2016))
    assert {year: each[0] for year, each in told.items()} == {
        year: "not_recognised" if year < 2016 else "recognised" for year in YEARS
    }
    assert told[2020] == ("recognised", 2016, None)


def test_the_latest_filing_counts_as_a_whole(tmp_path: Path) -> None:
    told = status(tmp_path, present(), filing(2018, 2014), filing(2020, 2015))
    assert told[2014][0] == "not_recognised" and told[2015] == ("recognised", 2015, None)


def test_withdrawn_and_given_again(tmp_path: Path) -> None:
    told = status(tmp_path, present(), filing(2022, 2014, 2017), filing(2022, 2020))
    assert told[2016] == ("recognised", 2014, None)
    assert told[2018] == ("withdrawn", None, 2017)
    assert told[2021] == ("recognised", 2020, None)


def test_a_county_that_never_filed_is_unreported_and_not_unrecognised(tmp_path: Path) -> None:
    assert set(status(tmp_path, present()).values()) == {("unreported", None, None)}


def test_a_county_made_of_two_is_recognised_where_both_were(tmp_path: Path) -> None:
    """崇文区 and 东城区 are 东城区 since 2010."""
    old, new = "110103", "110101"
    rows = (present(new, range(2005, 2010)), present(old, range(2005, 2010)))
    first, second = filing(2008, 2006, county=new), filing(2008, 2008, county=old)
    told = status(tmp_path, *rows, first, second, county=new)
    assert [told[year][0] for year in range(2005, 2010)] == ["not_recognised"] * 3 + ["recognised"] * 2
    assert told[2009][1] == 2008


def standing(folder: Path, verdicts: dict[int, bool | None], states: States) -> pl.DataFrame:
    """The rows of one part of a county; ``states`` are status and year of recognition by school year."""
    key = {"county_code": COUNTY, "standard": "basic_2012"}
    parts = [
        {**key, "school_year": year, "part": "satisfaction", "stage": "all", "entry": False, "verdict": verdict}
        for year, verdict in verdicts.items()
    ]
    states_rows = [
        {**key, "school_year": year, "status": states[year][0], "recognised_since": states[year][1]}
        for year in verdicts
    ]
    table = run_one(folder, STANDING, {"core.scorecard_part": parts, RECOGNITION: states_rows})
    whole, part = table.filter(pl.col("part") == "all"), table.filter(pl.col("part") == "satisfaction")
    assert whole.drop("part", "stage").equals(part.drop("part", "stage")), "one part alone is the whole"
    return part.sort("school_year")


def recognised_from(first: int) -> States:
    return {year: ("recognised", first) if year >= first else ("not_recognised", None) for year in YEARS}


def test_a_recognised_county_falls_back_recovers_and_falls_back_again(tmp_path: Path) -> None:
    given_verdicts = [True, True, True, False, None, False, True, None, True, True, False, False]
    frame = standing(tmp_path, dict(zip(YEARS, given_verdicts, strict=True)), recognised_from(2013))
    assert frame["standing"].to_list() == [
        "not_recognised", "recognised", "held", "retreat", "open", "retreat", "recovered", "open", "recovered", "recovered",
        "retreat", "retreat",
    ]  # fmt: skip
    assert frame["retreat_since"].to_list()[3:] == [2015] * 7 + [2022, 2022]
    assert frame["retreat_years"].drop_nulls().to_list() == [1, 3, 1, 2]
    assert frame["recovered_in"].drop_nulls().to_list() == [2018, 2018, 2018]
    assert set(frame.filter(pl.col("school_year") >= 2013)["verdict_when_recognised"]) == {True}
    assert frame["failing_since"].to_list() == [None] * 3 + [2015, None, 2015] + [None] * 4 + [2022, 2022]


def test_failing_before_and_in_the_year_of_the_recognition_is_no_retreat(tmp_path: Path) -> None:
    verdicts = {year: year > 2015 for year in YEARS}
    frame = standing(tmp_path, verdicts, recognised_from(2014))
    told = dict(zip(frame["school_year"], frame["standing"], strict=True))
    assert [told[year] for year in (2013, 2014, 2015, 2016)] == ["not_recognised", "recognised", "retreat", "recovered"]
    assert frame["verdict_when_recognised"].drop_nulls().unique().to_list() == [False]
    assert frame["failing_since"].to_list()[:4] == [2012] * 4


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([True, False, None]), min_size=len(YEARS), max_size=len(YEARS)),
    st.integers(2011, 2023), st.one_of(st.none(), st.integers(2013, 2023)), st.one_of(st.none(), st.integers(2015, 2023)),
)  # fmt: skip
def test_every_standing_is_that_of_a_walk_through_the_years(
    tmp_path_factory: pytest.TempPathFactory,
    verdicts: list[bool | None],
    first: int,
    end: int | None,
    second: int | None,
) -> None:
    states: States = {}
    for year in YEARS:
        if second is not None and end is not None and second >= end and year >= second:
            states[year] = ("recognised", second)
        elif end is not None and end > first and year >= end:
            states[year] = ("withdrawn", None)
        else:
            states[year] = ("recognised", first) if year >= first else ("not_recognised", None)
    by_year = dict(zip(YEARS, verdicts, strict=True))
    frame = standing(tmp_path_factory.mktemp("walk"), by_year, states)
    columns = ("standing", "retreat_since", "retreat_years", "recovered_in")
    assert frame.select(columns).rows() == walk(by_year, states)
    assert frame["retreat"].to_list() == [name == "retreat" for name in frame["standing"]]
