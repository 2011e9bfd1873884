"""Satisfaction: worked examples, both sources, weights, and Wilson's interval against its definition."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import rules
from tests.models import helpers
from tests.models.helpers import COUNTY, YEAR, Results, Rows, rulebook_with, together

STANDARD = "basic_2012"
TABLE = "trends.satisfaction"


def run_models(folder: Path, rows: Rows, *, rulebook: Path = rules.FOLDER) -> Results:
    return helpers.run_models(folder, rows, only=[TABLE], rulebook=rulebook)


def totals(
    group: str, sent: int, returned: int, valid: int, satisfied: int, *, county: str = COUNTY, **more: Any
) -> Rows:
    """One row of the totals by group."""
    counts = {"sent": sent, "returned": returned, "valid": valid, "satisfied": satisfied}
    return {"satisfaction_group": [{"school_year": YEAR, "county_code": county, "group": group, **counts, **more}]}


def answers(group: str, *questionnaires: str, first: int = 1) -> Rows:
    """Questionnaires: a letter per question from 0 on (very, fairly, dissatisfied, no opinion, - blank)."""
    words = {"v": "very_satisfied", "f": "fairly_satisfied", "d": "dissatisfied", "n": "no_opinion", "-": None}
    return {
        "satisfaction_answer": [
            {"school_year": YEAR, "county_code": COUNTY, "respondent": f"{first + i:05d}", "group": group,
             "question": str(question), "answer": words[letter]}
            for i, letters in enumerate(questionnaires)
            for question, letter in enumerate(letters)
        ]
    }  # fmt: skip


def found(results: Results, group: str = "all", county: str = COUNTY, standard: str = STANDARD) -> dict[str, Any]:
    return results.row(TABLE, county_code=county, group=group, school_year=YEAR, standard=standard)


def wilson(satisfied: float, valid: float, z: float) -> tuple[float, float]:
    """The two p for which (p̂ − p)² = z² p(1 − p)⁄n: the roots of the quadratic, not the formula of the model."""
    share = satisfied / valid
    a, b, c = 1 + z * z / valid, -(2 * share + z * z / valid), share * share
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_a_published_survey(tmp_path: Path) -> None:
    """3,382 sent and 3,380 valid (domain §7); 94.26 % satisfied is above 85 %, and the sample settles it."""
    results = run_models(tmp_path, totals("parents", 3382, 3382, 3380, 3186, declared_rate=0.9426))
    whole = found(results)
    assert (whole["source"], whole["valid"], whole["sent"]) == ("totals", 3380, 3382)
    assert whole["satisfaction"] == pytest.approx(3186 / 3380) and round(whole["satisfaction"], 4) == 0.9426
    assert whole["valid_rate"] == pytest.approx(3380 / 3382)
    assert (whole["verdict"], whole["reason"], whole["line"], whole["line_in_interval"]) == (True, None, 0.85, False)
    assert whole["margin"] == pytest.approx(3186 / 3380 - 0.85)
    assert (whole["lower"], whole["upper"]) == pytest.approx((0.93430, 0.94996), abs=1e-4)
    assert found(results, "parents")["reason"] == "no_line", "a single group has no line"


def test_exactly_at_the_line_and_one_under_it(tmp_path: Path) -> None:
    rows = together(totals("parents", 500, 500, 500, 425), totals("parents", 500, 500, 500, 424, county="990102"))
    results = run_models(tmp_path, rows)
    assert found(results)["verdict"] is True
    other = found(results, county="990102")
    assert (other["verdict"], other["line_in_interval"]) == (False, True)


def test_groups_are_pooled_by_respondents_not_averaged(tmp_path: Path) -> None:
    rows = together(totals("teachers", 100, 100, 100, 50), totals("parents", 900, 900, 900, 882))
    whole = found(run_models(tmp_path, rows))
    assert whole["satisfaction"] == pytest.approx(932 / 1000), "not the mean 0.74 of the groups"
    assert (whole["weighting"], whole["effective_valid"]) == ("pooled", 1000)


WEIGHTED = {
    "choice": [f"satisfaction_overall,,weighted,{COUNTY},2020,2020,地方文件,测试"],
    "satisfaction_weight": [
        f"teachers,0.25,{COUNTY},2020,2020,地方文件,测试",
        f"parents,0.75,{COUNTY},2020,2020,地方文件,测试",
    ],
}


def test_groups_weighted_by_the_rulebook(tmp_path: Path) -> None:
    rows = together(totals("teachers", 100, 100, 100, 50), totals("parents", 900, 900, 900, 882))
    results = run_models(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", WEIGHTED))
    whole = found(results)
    assert whole["satisfaction"] == pytest.approx(0.25 * 0.5 + 0.75 * 0.98)
    effective = 1 / (0.25**2 / 100 + 0.75**2 / 900)
    assert whole["effective_valid"] == pytest.approx(effective)
    assert (whole["verdict"], whole["weighting"]) == (True, "weighted")
    assert (whole["lower"], whole["upper"]) == pytest.approx(wilson(whole["satisfaction"] * effective, effective, _z()))
    assert found(results, "teachers")["weight"] == 0.25


def test_a_weighted_group_that_is_missing_leaves_no_figure(tmp_path: Path) -> None:
    rows = totals("parents", 900, 900, 900, 882)
    whole = found(run_models(tmp_path / "run", rows, rulebook=rulebook_with(tmp_path / "rulebook", WEIGHTED)))
    assert (whole["satisfaction"], whole["verdict"], whole["reason"]) == (None, None, "groups_missing")


def test_which_questionnaires_are_valid_and_who_is_satisfied(tmp_path: Path) -> None:
    """Question 0 counts; fairly satisfied is satisfied; no opinion is an answer without a share in the rate."""
    rows = answers("parents", "vvv", "fdd", "dvv", "nvv", "v-v", "---")
    row = found(run_models(tmp_path, rows), "parents")
    assert (row["returned"], row["valid"], row["satisfied"]) == (6, 3, 2)
    assert row["satisfaction"] == pytest.approx(2 / 3)
    assert row["adequate"] is False


def test_all_answers_as_the_basis_and_fewer_answers_for_a_valid_questionnaire(tmp_path: Path) -> None:
    choices = [
        f"satisfaction_basis,,all_answers,{COUNTY},2020,2020,地方文件,测试",
        f"satisfaction_answered_share,,0.6,{COUNTY},2020,2020,地方文件,测试",
    ]
    book = rulebook_with(tmp_path / "rulebook", {"choice": choices})
    row = found(run_models(tmp_path / "run", answers("parents", "vvd", "nfd", "d-v", "v--"), rulebook=book), "parents")
    shares = [Fraction(2, 3), Fraction(1, 2), Fraction(1, 2)]
    assert row["valid"] == 3
    assert row["satisfaction"] == pytest.approx(float(sum(shares) / 3))


def test_both_sources_that_differ_are_told_and_the_rulebook_chooses(tmp_path: Path) -> None:
    rows = together(answers("parents", *["v"] * 440, *["d"] * 60), totals("parents", 520, 510, 500, 420))
    results = run_models(tmp_path / "one", rows)
    whole = found(results)
    assert (whole["source"], whole["verdict"]) == ("answers", True)
    assert (whole["answers_satisfaction"], whole["totals_satisfaction"]) == (0.88, 0.84)
    assert (whole["sources_differ"], whole["verdicts_differ"]) == (True, True)
    line = f"satisfaction_source,,totals,{COUNTY},2020,2020,地方文件,测试"
    other = found(run_models(tmp_path / "two", rows, rulebook=rulebook_with(tmp_path / "rulebook", {"choice": [line]})))
    assert (other["source"], other["verdict"], other["sources_differ"]) == ("totals", False, True)


def test_both_sources_that_agree(tmp_path: Path) -> None:
    rows = together(answers("parents", *["v"] * 440, *["d"] * 60), totals("parents", 520, 500, 500, 440))
    whole = found(run_models(tmp_path, rows))
    assert (whole["sources_differ"], whole["verdicts_differ"], whole["sent"]) == (False, False, 520)


def test_why_there_is_no_verdict(tmp_path: Path) -> None:
    bad = {
        "form": "satisfaction_group",
        "school_year": YEAR,
        "county_code": "990103",
        "submission_id": "s1",
        "sheet": "s",
    }
    rows = together(
        totals("parents", 449, 449, 449, 449),
        totals("parents", 500, 500, 0, 0, county="990102"),
        totals("parents", 900, 900, 900, 900, county="990103"),
        {"quarantine": [{**bad, "row_number": 5, "row_key": "990103|teachers"}]},
        {"government_work": [{"school_year": YEAR, "county_code": "990104", "item": "workload", "score": 1.0}]},
    )
    results = run_models(tmp_path, rows)
    reasons = {c: found(results, county=c)["reason"] for c in (COUNTY, "990102", "990103", "990104")}
    assert reasons == {
        COUNTY: "sample_too_small", "990102": "no_valid", "990103": "quarantined", "990104": "not_surveyed",
    }  # fmt: skip
    table = results.table(TABLE)
    assert table.filter(pl.col("verdict").is_null() == pl.col("reason").is_null()).is_empty()


def _z() -> float:
    choice = rules.load()["choice"].filter(pl.col("setting") == "satisfaction_z")
    return float(choice["value"][0])


def test_the_quantile_of_the_rulebook_belongs_to_its_confidence_level() -> None:
    choice = rules.load()["choice"].filter(pl.col("setting") == "satisfaction_confidence")
    assert NormalDist().inv_cdf(0.5 + float(choice["value"][0]) / 2) == pytest.approx(_z(), abs=1e-12)


counts = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(counts, min_size=1, max_size=6))
def test_the_interval_is_wilsons_and_the_figures_are_the_sums(
    tmp_path_factory: pytest.TempPathFactory, groups: list[tuple[int, int]]
) -> None:
    names = rules.load()["satisfaction_group"]["group"].to_list()
    rows = together(*(totals(name, n, n, n, k) for name, (n, k) in zip(names, groups, strict=False)))
    results = run_models(tmp_path_factory.mktemp("wilson"), rows)
    expected = [*zip(names, groups, strict=False), ("all", (sum(n for n, _ in groups), sum(k for _, k in groups)))]
    for name, (n, k) in expected:
        row = found(results, name)
        assert row["satisfaction"] == pytest.approx(k / n)
        lower, upper = wilson(k, n, _z())
        assert row["lower"] == pytest.approx(max(lower, 0), abs=1e-9)
        assert row["upper"] == pytest.approx(min(upper, 1), abs=1e-9)
        assert row["lower"] - 1e-12 <= row["satisfaction"] <= row["upper"] + 1e-12
    n, k = expected[-1][1]
    assert found(results)["verdict"] == (None if n < 450 else Fraction(k, n) >= Fraction(85, 100))
