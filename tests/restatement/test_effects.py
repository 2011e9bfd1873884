"""What a restatement did to the coefficients, against exact fractions."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.models.helpers import COUNTY, YEAR, Rows, code, quarantined, together
from tests.models.helpers import school as full_school
from tests.restatement.statements import coefficient, told

#: The worked example of the rule (domain §1.2): pupils and books of five schools, coefficient 0.515257.
PUPILS = (45, 37, 89, 76, 55)
BOOKS = (279, 137, 935, 160, 402)


def school(number: int, pupils: int | None = None, books: int | None = None, county: str = COUNTY) -> Rows:
    """The returns of a school: register, enrolment, equipment with nothing but books."""
    return full_school(code(number), pupils, county=county, equipment={"books": books})


def county(books: tuple[int | None, ...] = BOOKS, county_code: str = COUNTY, start: int = 1) -> Rows:
    return together(*(school(n, p, b, county_code) for n, (p, b) in enumerate(zip(PUPILS, books, strict=True), start)))


def books(number: int, value: int | None, county_code: str = COUNTY) -> Rows:
    """A correction that states the books of one school again, and nothing else."""
    return {"equipment": school(number, 1, value, county_code)["equipment"]}


def _one(frame: pl.DataFrame, **equal: Any) -> dict[str, Any]:
    for name, value in equal.items():
        frame = frame.filter(pl.col(name) == value)
    assert frame.height == 1, frame
    return frame.row(0, named=True)


def test_one_restated_figure_moves_the_worked_example_as_fractions_say(tmp_path: Path) -> None:
    wrong = (279, 137, 539, 160, 402)  # digits swapped: 935 was meant
    found = told(tmp_path, [county(wrong), books(3, 935)])
    before, after = (
        coefficient(list(zip(PUPILS, wrong, strict=True))),
        coefficient(list(zip(PUPILS, BOOKS, strict=True))),
    )
    assert before is not None and after is not None
    assert after == pytest.approx(0.515257, abs=5e-7)
    row = _one(found.table("restatement"))
    assert (row["school_code"], row["field"], row["old_value"], row["new_value"]) == (code(3), "books", 539.0, 935.0)
    assert (row["effect_basis"], row["effect_indicator"], row["effect_standard"]) == ("figure", "books", "basic_2012")
    assert row["coefficient_old"] == pytest.approx(before, rel=1e-12)
    assert row["coefficient_new"] == pytest.approx(after, rel=1e-12)
    assert row["effect"] == pytest.approx(after - before, rel=1e-9)
    for table in ("restatement_effect", "submission_effect"):
        effect = _one(found.table(table))
        assert (effect["county_code"], effect["school_year"], effect["stage"]) == (COUNTY, YEAR, "primary")
        assert effect["coefficient_old"] == pytest.approx(before, rel=1e-12)
    point = _one(found.table("restated_point"), indicator="books")
    assert (point["coefficient_first"], point["coefficient"]) == (row["coefficient_old"], row["coefficient_new"])
    assert point["figures"] == 1 and point["received_at"] == row["received_at"]


def test_a_figure_that_feeds_both_standards_has_an_effect_on_both(tmp_path: Path) -> None:
    def premises(number: int, area: float) -> Rows:
        return full_school(code(number), 100 * number, premises={"teaching_area_m2": area, "gymnasium_m2": 0.0})

    found = told(
        tmp_path, [together(premises(1, 800.0), premises(2, 900.0)), {"premises": premises(2, 1000.0)["premises"]}]
    )
    effects = found.table("restatement_effect").filter(pl.col("indicator") == "teaching_area")
    assert sorted(effects["standard"]) == ["basic_2012", "quality_2017"]
    for row in effects.to_dicts():
        assert row["coefficient_old"] == pytest.approx(coefficient([(100, 800), (200, 900)]), rel=1e-12)
        assert row["coefficient_new"] == pytest.approx(coefficient([(100, 800), (200, 1000)]), rel=1e-12)


def test_figures_that_feed_no_coefficient_have_none(tmp_path: Path) -> None:
    again: Rows = {"enrolment": [{**school(1, 45)["enrolment"][0], "boarders": 3}]}
    found = told(tmp_path, [county(), again])
    row = _one(found.table("restatement"))
    assert (row["field"], row["effect_basis"], row["effect"]) == ("boarders", "none", None)
    assert found.table("restated_point").is_empty()


def test_a_restated_figure_can_have_no_effect(tmp_path: Path) -> None:
    again: Rows = {"class_size": [{**school(1)["school"][0], "stage": "primary", "classes": 9}]}
    first: Rows = {"class_size": [{**school(1)["school"][0], "stage": "primary", "classes": 8}]}
    for rows in (first, again):
        rows["class_size"] = [
            {k: v for k, v in row.items() if k in _fields("class_size")} for row in rows["class_size"]
        ]
    row = _one(told(tmp_path, [together(county(), first), again]).table("restatement"))
    assert (row["field"], row["effect_basis"], row["effect"], row["effect_indicator"]) == (
        "classes",
        "figure",
        0.0,
        None,
    )


def _fields(form: str) -> set[str]:
    from models.returns import CONTRACTS

    return set(CONTRACTS[form].staged_schema)


def test_several_figures_of_one_submission_are_told_together_and_each_alone(tmp_path: Path) -> None:
    first = (300, 100, 900, 160, 402)
    found = told(tmp_path, [county(first), together(books(1, 279), books(2, 137), books(3, 935))])
    joint = _one(found.table("submission_effect"), indicator="books")
    assert joint["figures"] == 3
    assert joint["coefficient_old"] == pytest.approx(coefficient(list(zip(PUPILS, first, strict=True))), rel=1e-12)
    alone = found.table("restatement_effect").filter(pl.col("indicator") == "books").sort("row_key")
    for place, row in enumerate(alone.to_dicts()):
        swapped = [old if n == place else now for n, (old, now) in enumerate(zip(first, BOOKS, strict=True))]
        assert row["coefficient_old"] == pytest.approx(coefficient(list(zip(PUPILS, swapped, strict=True))), rel=1e-12)
        assert row["coefficient_new"] == joint["coefficient_new"]
    assert alone.height == 3


def test_a_submission_that_restates_many_figures_has_one_effect_for_all(tmp_path: Path) -> None:
    many = [school(n, 50 + n, 500 + 10 * n) for n in range(1, 15)]
    again = [books(n, 500 + 11 * n) for n in range(1, 15)]
    found = told(tmp_path, [together(*many), together(*again)])
    assert found.table("restatement_effect").is_empty()
    assert set(found.table("restatement")["effect_basis"]) == {"submission"}
    joint = _one(found.table("submission_effect"), indicator="books")
    assert joint["coefficient_old"] == pytest.approx(
        coefficient([(50 + n, 500 + 10 * n) for n in range(1, 15)]), rel=1e-12
    )
    assert joint["coefficient_new"] == pytest.approx(
        coefficient([(50 + n, 500 + 11 * n) for n in range(1, 15)]), rel=1e-12
    )
    assert set(found.table("restatement")["effect"]) == {joint["effect"]}


def test_each_link_of_a_chain_has_its_own_effect(tmp_path: Path) -> None:
    values = (100, 500, None, 935)
    found = told(tmp_path, [county((279, 137, values[0], 160, 402)), *(books(3, value) for value in values[1:])])

    def with_books(value: int | None) -> float | None:
        return coefficient([(p, value if n == 2 else b) for n, (p, b) in enumerate(zip(PUPILS, BOOKS, strict=True))])

    effects = found.table("submission_effect").filter(pl.col("indicator") == "books").sort("new_submission_id")
    expected = [with_books(value) for value in values]
    assert effects["coefficient_old"].to_list() == pytest.approx(expected[:-1], rel=1e-12)
    assert effects["coefficient_new"].to_list() == pytest.approx(expected[1:], rel=1e-12)
    point = _one(found.table("restated_point"), indicator="books")
    assert point["change"] == pytest.approx(sum(effects["effect"]), rel=1e-9)
    assert point["coefficient_first"] == pytest.approx(expected[0], rel=1e-12)


@pytest.mark.parametrize("mended", [True, False])
def test_a_row_that_becomes_usable_or_unusable_is_one_effect(mended: bool, tmp_path: Path) -> None:
    bad = quarantined("equipment", code(3))
    without: Rows = {**county(), "equipment": [row for row in county()["equipment"] if row["school_code"] != code(3)]}
    sent = [together(without, bad), books(3, 935)] if mended else [county(), bad]
    found = told(tmp_path, sent)
    gap = [(p, None if n == 2 else b) for n, (p, b) in enumerate(zip(PUPILS, BOOKS, strict=True))]
    with_and_without = [coefficient(list(zip(PUPILS, BOOKS, strict=True))), coefficient(gap)]
    old, new = reversed(with_and_without) if mended else with_and_without
    row = _one(found.table("restatement"))
    assert (row["change"], row["field"]) == ("became_usable" if mended else "became_unusable", "books")
    assert (row["old_value"], row["new_value"]) == ((None, 935.0) if mended else (935.0, None))
    assert row["coefficient_old"] == pytest.approx(old, rel=1e-12)
    assert row["coefficient_new"] == pytest.approx(new, rel=1e-12)
    assert found.coefficient("books") == pytest.approx(new, rel=1e-12)


def test_one_file_may_restate_several_counties(tmp_path: Path) -> None:
    other = "990102"
    sent = [together(county(), county((1, 2, 3, 4, 5), other, start=11)), together(books(1, 300), books(11, 7, other))]
    effects = told(tmp_path, sent).table("submission_effect").filter(pl.col("indicator") == "books").sort("county_code")
    old = [coefficient(list(zip(PUPILS, each, strict=True))) for each in (BOOKS, (1, 2, 3, 4, 5))]
    new = [coefficient(list(zip(PUPILS, each, strict=True))) for each in ((300, *BOOKS[1:]), (7, 2, 3, 4, 5))]
    assert effects["county_code"].to_list() == [COUNTY, other]
    assert effects["coefficient_old"].to_list() == pytest.approx(old, rel=1e-12)
    assert effects["coefficient_new"].to_list() == pytest.approx(new, rel=1e-12)


def test_a_school_that_moves_to_another_county_changes_both(tmp_path: Path) -> None:
    other = "990102"
    sent = [together(county(), county((1, 2, 3, 4, 5), other, start=11)), school(5, 55, 402, other)]
    found = told(tmp_path, sent)
    effects = found.table("submission_effect").filter(pl.col("indicator") == "books").sort("county_code")
    first = [coefficient(list(zip(PUPILS, each, strict=True))) for each in (BOOKS, (1, 2, 3, 4, 5))]
    now = [
        coefficient(list(zip(PUPILS[:4], BOOKS[:4], strict=True))),
        coefficient([*zip(PUPILS, (1, 2, 3, 4, 5), strict=True), (55, 402)]),
    ]
    assert effects["coefficient_old"].to_list() == pytest.approx(first, rel=1e-12)
    assert effects["coefficient_new"].to_list() == pytest.approx(now, rel=1e-12)


def test_pupils_restated_move_every_indicator(tmp_path: Path) -> None:
    again = {"enrolment": school(2, 73, None)["enrolment"]}
    found = told(tmp_path, [county(), again])
    (book,) = found.table("restatement_effect").filter(pl.col("indicator") == "books").to_dicts()
    assert book["coefficient_old"] == pytest.approx(0.515257, abs=5e-7)
    now = [(73 if n == 1 else p, b) for n, (p, b) in enumerate(zip(PUPILS, BOOKS, strict=True))]
    assert book["coefficient_new"] == pytest.approx(coefficient(now), rel=1e-12)


_CORRECTION = st.dictionaries(st.integers(1, 5), st.one_of(st.none(), st.integers(1, 999)), max_size=5)
_COUNTIES = 25


@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(corrections=st.lists(st.lists(_CORRECTION, min_size=_COUNTIES, max_size=_COUNTIES), min_size=3, max_size=3))
def test_old_and_effects_make_new(
    corrections: list[list[dict[int, int | None]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every coefficient with and without a restatement is that of exact fractions, whatever was restated when.

    Three files, each of all counties: what was restated of one county is as different from another's as chance makes it.
    """
    codes = [f"99{number:04d}" for number in range(1, _COUNTIES + 1)]
    starts = {county_code: 1 + 10 * n for n, county_code in enumerate(codes)}
    sent = [together(*(county(BOOKS, county_code, start) for county_code, start in starts.items()))]
    for file in corrections:
        of_county = zip(codes, file, strict=True)
        sent.append(together(*(books(starts[c] + n - 1, v, c) for c, each in of_county for n, v in each.items())))
    found = told(tmp_path_factory.mktemp("restated"), sent)
    effects = found.table("submission_effect").filter(pl.col("indicator") == "books")
    points = found.table("restated_point").filter(pl.col("indicator") == "books")
    for place, county_code in enumerate(codes):
        here = pl.col("county_code") == county_code
        _recompute([each[place] for each in corrections], effects.filter(here), points.filter(here))


def _recompute(corrections: list[dict[int, int | None]], effects: pl.DataFrame, points: pl.DataFrame) -> None:
    said: dict[int, list[tuple[str, int | None]]] = {n: [("s0", value)] for n, value in enumerate(BOOKS, start=1)}
    for number, each in enumerate(corrections, start=1):
        for n, value in each.items():
            said[n].append((f"s{number}", value))
    now = {n: statements[-1][1] for n, statements in said.items()}

    def computed(restated: dict[int, int | None]) -> float | None:
        return coefficient([(PUPILS[n - 1], value) for n, value in sorted((now | restated).items())])

    pairs: dict[tuple[str, str], dict[int, tuple[int | None, int | None]]] = {}
    for n, statements in said.items():
        for (old_id, old), (new_id, new) in pairwise(statements):
            if old != new:
                pairs.setdefault((old_id, new_id), {})[n] = (old, new)
    expected = {
        pair: tuple(computed({n: values[side] for n, values in rows.items()}) for side in (0, 1))
        for pair, rows in pairs.items()
    }
    found = {
        (row["old_submission_id"], row["new_submission_id"]): (
            row["coefficient_old"],
            row["coefficient_new"],
            row["effect"],
        )
        for row in effects.to_dicts()
    }
    for pair, (old, new) in expected.items():
        if pair not in found:
            assert _same(old, new), f"{pair}: {old} became {new}, which is not told"
            continue
        assert _same(found[pair][0], old) and _same(found[pair][1], new)
        if old is not None and new is not None:
            assert found[pair][0] + found[pair][2] == pytest.approx(new, rel=1e-12)
    assert found.keys() <= expected.keys()
    first = computed({n: statements[0][1] for n, statements in said.items()})
    if points.is_empty():
        assert _same(first, computed({}))
    else:
        assert _same(points["coefficient_first"].item(), first) and _same(points["coefficient"].item(), computed({}))


def _same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else one == pytest.approx(other, rel=1e-12, abs=1e-12)
