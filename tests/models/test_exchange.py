"""Exchange of teachers and principals: who is eligible, who was exchanged, whether list and rosters say the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks import contracts
from models.returns import CONTRACTS
from tests.models.exchange_rows import county, eligible, on_roster, person, place, run, stint, succession
from tests.models.helpers import COUNTY, YEAR, Rows, code, quarantined, rulebook_with, together

CITY, TOWN, VILLAGE = code(1), code(2), code(3)
PLACES = together(place(CITY, "111"), place(TOWN, "121"), place(VILLAGE, "220"))
AGREEMENT = "trends.exchange_agreement"


def _rulebook(folder: Path, *choices: str) -> Path:
    lines = [f"{choice},地方文件,测试" for choice in choices]
    return rulebook_with(folder / "own", {"choice": lines})


def worked_example() -> Rows:
    """40 eligible, four exchanged, one of them a backbone teacher and one a principal."""
    return together(
        PLACES,
        eligible(CITY, 20, 3, backbone_exchanged=1, principals_eligible=2, principals_exchanged=1),
        eligible(TOWN, 10, 1, should_exchange=2),
        eligible(VILLAGE, 10, 0),
        stint(1, CITY, VILLAGE, backbone=1),
        stint(2, CITY, VILLAGE, role="principal"),
        stint(3, CITY, TOWN),
        stint(4, TOWN, VILLAGE, actual_end_date=date(YEAR + 1, 2, 1)),
        stint(5, VILLAGE, CITY, exchange_kind="training"),
    )


def test_worked_example(tmp_path: Path) -> None:
    found = county(run(tmp_path, worked_example()))
    assert (found["eligible"], found["exchanged"], found["rate"]) == (40, 4, 0.1)
    assert (found["threshold"], found["margin"], found["rate_meets"]) == (0.10, 0.0, True)
    assert (found["backbone_exchanged"], found["backbone_share"], found["backbone_meets"]) == (1, 0.25, True)
    assert found["backbone_margin"] == pytest.approx(0.05)
    assert (found["verdict"], found["reason"], found["denominator"]) == (True, None, "whole_county")
    assert (found["eligible_town_and_good"], found["exchanged_town_and_good"]) == (30, 4)
    assert found["rate_town_and_good"] == pytest.approx(4 / 30)
    assert (found["eligible_should_exchange"], found["eligible_roster"]) == (None, None)
    assert (found["principals_eligible"], found["principals_exchanged"], found["principals_rate"]) == (4, 1, 0.25)
    directions = {"urban_to_rural": 2, "urban_to_town": 1, "town_to_rural": 1, "rural_to_urban": 0, "same_area": 0}
    assert {name: found[name] for name in directions} == directions
    assert (found["early_returns"], found["quarantined"], found["schools"], found["schools_missing"]) == (1, 0, 3, 0)
    stage = county(run(tmp_path, worked_example()), stage="primary")
    assert (stage["rate"], stage["rate_meets"], stage["verdict"]) == (0.1, True, None)
    assert stage["reason"] == "whole_county_only"
    assert county(run(tmp_path, worked_example()), stage="junior")["eligible"] is None


def test_a_rate_below_its_line_decides_alone(tmp_path: Path) -> None:
    rows = together(PLACES, eligible(CITY, 20, 1), eligible(TOWN, 10), eligible(VILLAGE, 10), stint(1, CITY, VILLAGE))
    found = county(run(tmp_path, rows))
    assert (found["rate"], found["rate_meets"], found["verdict"]) == (0.025, False, False)
    assert found["margin"] == pytest.approx(-0.075)


def test_too_few_backbone_teachers_fail_a_county_that_exchanges_enough(tmp_path: Path) -> None:
    rows = together(PLACES, eligible(CITY, 5, 1), eligible(TOWN, 1), eligible(VILLAGE, 1), stint(1, CITY, VILLAGE))
    found = county(run(tmp_path, rows))
    assert (found["rate_meets"], found["backbone_share"], found["backbone_meets"], found["verdict"]) == (
        True, 0.0, False, False,
    )  # fmt: skip
    unknown = together(PLACES, eligible(CITY, 5, 1), eligible(TOWN, 1), eligible(VILLAGE, 1))
    unknown = together(unknown, stint(1, CITY, VILLAGE, backbone=None))
    found = county(run(tmp_path / "unknown", unknown))
    assert (found["rate_meets"], found["backbone_share"], found["verdict"]) == (True, None, None)
    assert found["reason"] == "backbone_missing"


@pytest.mark.parametrize(
    ("denominator", "eligible_count", "exchanged", "verdict"),
    [("whole_county", 40, 4, True), ("town_and_good", 30, 4, True), ("should_exchange", 45, 4, False)],
)
def test_the_rulebook_chooses_the_denominator(
    tmp_path: Path, denominator: str, eligible_count: int, exchanged: int, verdict: bool
) -> None:
    rows = worked_example()
    for row in rows["exchange_eligible"]:
        row["should_exchange"] = 15
    rulebook = _rulebook(tmp_path, f"exchange_denominator,,{denominator},9901,2020,2020")
    found = county(run(tmp_path / "run", rows, rulebook=rulebook))
    assert (found["denominator"], found["eligible"], found["exchanged"], found["verdict"]) == (
        denominator, eligible_count, exchanged, verdict,
    )  # fmt: skip
    assert (found["eligible_whole_county"], found["eligible_should_exchange"]) == (40, 45)


def test_the_rule_of_2014_counts_schools_in_towns_and_good_schools_only(tmp_path: Path) -> None:
    rows = together(
        *(place(each, area, year=2015) for each, area in ((CITY, "111"), (VILLAGE, "220"), (TOWN, "210"))),
        eligible(CITY, 10, 1, year=2015),
        eligible(VILLAGE, 90, 5, year=2015),
        eligible(TOWN, 10, 1, year=2015, good_school=1),
        stint(1, CITY, VILLAGE, year=2015, backbone=1),
        stint(2, TOWN, VILLAGE, year=2015),
        *(stint(n, VILLAGE, CITY, year=2015) for n in range(3, 8)),
    )
    found = county(run(tmp_path, rows), year=2015)
    assert (found["denominator"], found["eligible"], found["exchanged"]) == ("town_and_good", 20, 2)
    assert (found["rate"], found["backbone_share"], found["verdict"]) == (0.1, 0.5, True)
    assert found["rate_whole_county"] == pytest.approx(7 / 110)
    before = together(place(CITY, year=2013), eligible(CITY, 10, 1, year=2013), stint(1, CITY, TOWN, year=2013))
    none_yet = county(run(tmp_path / "before", before), year=2013)
    assert (none_yet["rate"], none_yet["verdict"], none_yet["reason"]) == (0.1, None, "no_line")


def test_declared_counts_decide_where_the_rulebook_says_so(tmp_path: Path) -> None:
    rows = together(PLACES, eligible(CITY, 20, 5, backbone_exchanged=2), eligible(TOWN, 10), eligible(VILLAGE, 10))
    assert county(run(tmp_path / "list", rows))["reason"] == "no_list"
    rulebook = _rulebook(tmp_path, "exchange_source,,declared,99,2020,")
    found = county(run(tmp_path / "declared", rows, rulebook=rulebook))
    assert (found["source"], found["exchanged"], found["rate"], found["verdict"]) == ("declared", 5, 0.125, True)
    assert (found["backbone_share"], found["exchanged_listed"]) == (0.4, None)


def test_no_list_is_no_nought_unless_every_school_declares_nought(tmp_path: Path) -> None:
    rows = together(PLACES, eligible(CITY, 20), eligible(TOWN, 10), eligible(VILLAGE, 10))
    found = county(run(tmp_path / "nought", rows))
    assert (found["exchanged"], found["rate"], found["verdict"], found["reason"]) == (0, 0.0, False, None)
    rows["exchange_eligible"][0]["exchanged"] = None
    found = county(run(tmp_path / "blank", rows))
    assert (found["exchanged"], found["rate"], found["verdict"], found["reason"]) == (None, None, None, "no_list")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exchange_eligible": []}, "nobody_eligible_known"),
        ({"drop": VILLAGE}, "missing_values"),
        ({"blank": VILLAGE}, "missing_values"),
        ({"quarantine": "exchange"}, "list_incomplete"),
        ({"start": None}, "missing_values"),
        ({"noughts": True}, "nobody_eligible"),
    ],
)
def test_the_verdict_is_withheld_with_its_reason(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    rows = worked_example()
    if "exchange_eligible" in change:
        rows["exchange_eligible"] = []
    if gone := change.get("drop"):
        rows["exchange_eligible"] = [row for row in rows["exchange_eligible"] if row["school_code"] != gone]
    if blank := change.get("blank"):
        for row in rows["exchange_eligible"]:
            row["eligible"] = None if row["school_code"] == blank else row["eligible"]
    if change.get("noughts"):
        for row in rows["exchange_eligible"]:
            row["eligible"] = 0
    if "start" in change:
        rows["exchange"][0]["start_date"] = None
    if form := change.get("quarantine"):
        rows = together(rows, quarantined(form, None))
    found = county(run(tmp_path, rows))
    assert (found["verdict"], found["rate_meets"], found["reason"]) == (None, None, reason)
    if reason == "missing_values" and "start" not in change:
        assert (found["schools"], found["schools_missing"], found["rate"]) == (2, 1, pytest.approx(4 / 30))


def test_a_quarantined_row_of_a_list_that_was_replaced_does_not_count(tmp_path: Path) -> None:
    """The corrected list came under another submission; nothing of the first one is live but the unreadable row."""
    rows = together(worked_example(), quarantined("exchange", None, submission_id="s_first"))
    found = county(run(tmp_path, rows))
    assert (found["quarantined"], found["verdict"]) == (0, True)


def test_private_schools_points_and_minor_kinds_are_left_out(tmp_path: Path) -> None:
    private, point = code(8), code(9)
    rows = together(
        worked_example(),
        place(private, "111"),
        place(point, "220", school_type="218", counted_as_school=0, central_school_code=VILLAGE),
        eligible(private, 50, 9),
        stint(20, private, VILLAGE),
        stint(21, CITY, TOWN, exchange_kind="itinerant"),
        stint(22, CITY, TOWN, stage="senior"),
    )
    rows["school"][-2]["operator"] = "999"
    results = run(tmp_path, rows)
    found = county(results)
    assert (found["eligible"], found["exchanged"], found["schools"], found["schools_missing"]) == (40, 4, 3, 0)
    reasons = dict(results.table("core.exchange_stint").select("person", "reason").rows())
    assert [reasons[person(n)] for n in (20, 21, 22, 5, 1)] == [
        "private_school", "kind_not_counted", "stage_not_compulsory", "kind_not_counted", None,
    ]  # fmt: skip
    line = "training,跟岗学习,Work shadowing,1,9901,2020,,地方文件,测试"
    rulebook = rulebook_with(tmp_path / "own", {"exchange_kind": [line]})
    assert county(run(tmp_path / "run", rows, rulebook=rulebook))["exchanged"] == 5


def test_a_stint_counts_in_the_year_it_begins(tmp_path: Path) -> None:
    rows = together(
        worked_example(),
        stint(30, CITY, TOWN, start_date=date(YEAR, 7, 15)),
        stint(31, CITY, TOWN, start_date=date(YEAR + 1, 3, 1)),
        stint(32, CITY, TOWN, start_date=date(YEAR - 1, 9, 1)),
        stint(33, CITY, TOWN, start_date=date(YEAR, 6, 30)),
        stint(34, CITY, TOWN, start_date=date(YEAR + 1, 7, 1)),
        stint(1, CITY, TOWN, start_date=date(YEAR + 1, 3, 1)),  # the same person again
    )
    results = run(tmp_path, rows)
    assert county(results)["exchanged"] == 4 + 2
    reasons = dict(results.table("core.exchange_stint").select("person", "reason").rows())
    assert [reasons[person(n)] for n in (30, 31, 32, 33, 34)] == [
        None, None, "begun_earlier", "begun_earlier", "begins_later",
    ]  # fmt: skip


def test_an_early_end_is_told_once_in_the_year_it_happens(tmp_path: Path) -> None:
    ended = {"planned_end_date": date(YEAR + 3, 7, 31), "actual_end_date": date(YEAR + 1, 12, 31)}
    rows = together(
        worked_example(),
        *(place(each, year=YEAR + 1) for each in (CITY, TOWN, VILLAGE)),
        stint(40, CITY, TOWN, planned_end_date=ended["planned_end_date"]),
        stint(40, CITY, TOWN, year=YEAR + 1, start_date=date(YEAR, 9, 1), **ended),
        stint(41, CITY, TOWN, planned_end_date=date(YEAR + 1, 7, 31), actual_end_date=date(YEAR + 1, 7, 31)),
    )
    results = run(tmp_path, rows)
    assert county(results)["early_returns"] == 1  # only that of the worked example
    assert county(results, year=YEAR + 1)["early_returns"] == 1
    assert county(results, year=YEAR + 1)["exchanged_listed"] == 0


def test_who_is_eligible_by_the_roster_of_the_year_before(tmp_path: Path) -> None:
    before = YEAR - 1
    rows = together(
        PLACES,
        *(place(each, area, year=before) for each, area in ((CITY, "111"), (TOWN, "121"), (VILLAGE, "220"))),
        on_roster(1, CITY, year=before, arrived=2014),  # six years on 1 September 2020
        on_roster(2, CITY, year=before, arrived=2015),  # five
        on_roster(3, CITY, year=before, arrived=2014, arrived_date=date(2014, 10, 1)),  # not quite six
        on_roster(4, CITY, year=before, permanent=0),
        on_roster(5, CITY, year=before, exempt="nursing"),
        on_roster(6, CITY, year=before, post="staff"),
        on_roster(7, CITY, year=before, arrived=2011, post="principal"),  # nine of ten years
        on_roster(8, CITY, year=before, arrived=2010, post="principal"),
        on_roster(9, TOWN, year=before, arrived=2000),
        on_roster(10, VILLAGE, year=before, arrived=2019),
        stint(1, CITY, TOWN, backbone=1),
    )
    rulebook = _rulebook(tmp_path, "exchange_denominator,,roster,,2020,2021")
    lines = (rulebook / "choice.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (rulebook / "choice.csv").write_text(
        "".join(line.replace(",whole_county,,2016,,", ",whole_county,,2016,2019,") for line in lines), encoding="utf-8"
    )
    found = county(run(tmp_path / "run", rows, rulebook=rulebook))
    assert (found["eligible_roster"], found["eligible"], found["exchanged"]) == (3, 3, 1)
    assert (found["rate"], found["verdict"], found["reason"]) == (pytest.approx(1 / 3), True, None)
    nine = _rulebook(tmp_path / "nine", "exchange_eligible_years,,9,990101,2020,")
    assert county(run(tmp_path / "run9", rows, rulebook=nine))["eligible_roster"] == 2
    held_back = together(rows, quarantined("roster", CITY, year=before))
    assert county(run(tmp_path / "held_back", held_back))["eligible_roster"] is None
    rows["roster"][8]["arrived_date"] = None
    assert county(run(tmp_path / "unknown", rows))["eligible_roster"] is None


def test_whose_school_was_merged_was_not_exchanged(tmp_path: Path) -> None:
    before, gone, recoded = YEAR - 1, code(10), code(11)
    rows = together(
        PLACES,
        *(place(each, year=before) for each in (CITY, TOWN, VILLAGE, gone, recoded)),
        succession(gone, VILLAGE),
        succession(recoded, gone, reason="recoded"),  # through two steps of the same year
        on_roster(1, gone, year=before),
        on_roster(1, VILLAGE),
        on_roster(2, recoded, year=before),
        on_roster(2, VILLAGE),
        on_roster(3, gone, year=before),
        on_roster(3, CITY),
        on_roster(4, CITY, year=before),
        on_roster(4, CITY),
        eligible(CITY, 10),
        eligible(TOWN, 10),
        eligible(VILLAGE, 10, 1),
        stint(1, gone, VILLAGE),
        stint(3, gone, CITY),
    )
    results = run(tmp_path, rows)
    assert county(results)["exchanged"] == 1
    found = county(results, table=AGREEMENT)
    assert (found["declared"], found["listed"], found["moved"], found["confirmed"]) == (1, 1, 1, 1)
    assert (found["agrees"], found["reason"], found["schools_declaring_otherwise"]) == (True, None, 0)


def test_a_move_before_a_later_merger_was_a_move(tmp_path: Path) -> None:
    """A was merged into B in 2022; who went from A to B in 2020 was exchanged."""
    rows = together(
        *(place(each, year=year) for each in (CITY, TOWN) for year in (YEAR - 1, YEAR)),
        succession(CITY, TOWN, year=YEAR + 2),
        on_roster(1, CITY, year=YEAR - 1),
        on_roster(1, TOWN),
        eligible(CITY, 5, 1),
        eligible(TOWN, 5),
        stint(1, CITY, TOWN),
    )
    results = run(tmp_path, rows)
    assert county(results)["exchanged"] == 1
    found = county(results, table=AGREEMENT)
    assert (found["moved"], found["confirmed"], found["agrees"]) == (1, 1, True)


def test_agreement_names_every_kind_of_difference(tmp_path: Path) -> None:
    before = YEAR - 1
    rows = together(
        PLACES,
        *(place(each, year=before) for each in (CITY, TOWN, VILLAGE)),
        *(on_roster(n, CITY, year=before) for n in range(1, 8)),
        on_roster(1, VILLAGE),
        on_roster(2, CITY),
        on_roster(3, TOWN),
        on_roster(5, CITY),
        on_roster(6, TOWN),
        on_roster(7, TOWN),
        stint(1, CITY, VILLAGE),  # as the rosters show
        stint(2, CITY, VILLAGE),  # stayed
        stint(3, CITY, VILLAGE),  # went elsewhere
        stint(4, CITY, VILLAGE),  # on one roster only
        stint(5, CITY, VILLAGE, start_date=date(YEAR + 1, 3, 1)),  # after the day of the roster
        stint(7, TOWN, CITY, year=YEAR - 3),  # 7 goes back, 6 moved without being on the list
        eligible(CITY, 30, 4),
        eligible(TOWN, 30, 0),
        eligible(VILLAGE, 30, 0),
    )
    found = county(run(tmp_path, rows), table=AGREEMENT)
    expected = {
        "declared": 4, "listed": 5, "moved": 3, "declared_less_listed": -1, "listed_less_moved": 2,
        "schools_declaring_otherwise": 1, "confirmed": 1, "listed_but_stayed": 1, "listed_but_elsewhere": 1,
        "listed_not_on_rosters": 1, "listed_after_roster": 1, "moved_not_listed": 1, "returned": 1, "agrees": False,
        "reason": None,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    held_back = county(run(tmp_path, together(rows, quarantined("roster", CITY))), table=AGREEMENT)
    assert (held_back["agrees"], held_back["reason"], held_back["moved"]) == (None, "rosters_incomplete", 3)
    year_before = county(run(tmp_path, rows), table=AGREEMENT, year=before)
    assert (year_before["agrees"], year_before["reason"]) == (None, "no_declaration")


def test_a_direction_is_unknown_where_an_area_is(tmp_path: Path) -> None:
    result = run(tmp_path, together(worked_example(), stint(7, VILLAGE, code(9))))
    found = county(result)
    assert (found["direction_unknown"], found["exchanged"]) == (1, 5)
    assert result.table("trends.exchange_flow").filter(pl.col("to_school_code") == code(9))["direction"].to_list() == [
        None
    ]


def test_flows_between_schools(tmp_path: Path) -> None:
    rows = together(worked_example(), stint(6, CITY, VILLAGE, stage="junior"), succession(VILLAGE, TOWN, year=YEAR + 5))
    flows = run(tmp_path, rows).table("trends.exchange_flow")
    assert flows.select("from_school_code", "to_school_code", "persons").rows() == [
        (CITY, TOWN, 1), (CITY, VILLAGE, 3), (TOWN, VILLAGE, 1),
    ]  # fmt: skip
    both = flows.row(1, named=True)
    assert (both["primary_persons"], both["junior_persons"], both["backbone_persons"], both["principals"]) == (
        2,
        1,
        1,
        1,
    )
    assert (both["direction"], both["to_trend_school_code"], both["from_school_name"]) == (
        "urban_to_rural", TOWN, f"学校{CITY}",
    )  # fmt: skip


_PERSON = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.sampled_from(["rotation", "support", "training"]), st.integers(0, 1),
    st.sampled_from(["primary", "junior"]), st.sampled_from(["teacher", "principal"]), st.integers(0, 4),
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PERSON, min_size=1, max_size=60), st.lists(st.integers(1, 40), min_size=5, max_size=5))
def test_figures_of_any_list_are_those_counted_by_hand(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[Any, ...]], counts: list[int]
) -> None:
    codes = [code(n) for n in range(5)]
    areas = ["111", "112", "121", "210", "220"]
    kind_of_area = dict(zip(codes, ("urban", "urban", "town", "rural", "rural"), strict=True))
    rows = together(*(place(each, area) for each, area in zip(codes, areas, strict=True)))
    for each, count in zip(codes, counts, strict=True):
        rows = together(rows, eligible(each, count, 1))
    counted: dict[str, set[int]] = defaultdict(set)
    directions: dict[str, set[int]] = defaultdict(set)
    flows: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, (left, served, kind, backbone, stage, role, again) in enumerate(people):
        if left == served:
            continue
        for target in {codes[served], codes[again]} - {codes[left]}:
            more = {"exchange_kind": kind, "backbone": backbone, "stage": stage, "role": role}
            rows = together(rows, stint(number, codes[left], target, **more))
            if kind == "training":
                continue
            for whole in (stage, "compulsory"):
                counted[whole].add(number)
                counted[f"{whole} backbone"] |= {number} if backbone else set()
                counted[f"{whole} principal"] |= {number} if role == "principal" else set()
            directions[f"{kind_of_area[codes[left]]}_to_{kind_of_area[target]}"].add(number)
            flows[codes[left], target].add(number)
    results = run(tmp_path_factory.mktemp("property"), rows)
    has_list = bool(rows.get("exchange"))
    for stage in ("compulsory", "primary", "junior"):
        found = county(results, stage=stage)
        listed = len(counted[stage]) if has_list else None
        assert found["exchanged_listed"] == listed
        if stage == "junior" or not has_list:
            continue
        assert found["eligible"] == sum(counts)
        assert found["rate"] == pytest.approx(len(counted[stage]) / sum(counts))
        assert found["backbone_exchanged"] == len(counted[f"{stage} backbone"])
        assert found["principals_exchanged"] == len(counted[f"{stage} principal"])
        assert 0 <= (found["backbone_share"] or 0) <= 1
    if has_list:
        whole = county(results)
        for name in ("urban_to_town", "urban_to_rural", "town_to_rural", "rural_to_town", "rural_to_urban"):
            assert whole[name] == len(directions[name]), name
        meets = len(counted["compulsory"]) >= 0.1 * sum(counts) - 1e-9
        share = len(counted["compulsory backbone"]) >= 0.2 * len(counted["compulsory"]) - 1e-9
        assert whole["verdict"] == (meets and share)
    made = {row[:2]: row[2] for row in results.table("trends.exchange_flow").select(
        "from_school_code", "to_school_code", "persons").rows()}  # fmt: skip
    assert made == {pair: len(numbers) for pair, numbers in flows.items()}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.lists(st.integers(0, 5), max_size=2), st.lists(st.integers(0, 5), max_size=2)), max_size=50)
)
def test_moves_of_any_two_rosters_are_those_counted_by_hand(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[list[int], list[int]]]
) -> None:
    """School 0 is merged into 1, and 2 goes on as 3: who follows them stays."""
    codes, carried = [code(n) for n in range(6)], {0: 1, 2: 3}
    rows = together(
        *(place(each, year=year) for each in codes for year in (YEAR - 1, YEAR)),
        succession(codes[0], codes[1]),
        succession(codes[2], codes[3], reason="recoded"),
        eligible(codes[1], 10),
    )
    moved = 0
    for number, (before, now) in enumerate(people):
        for each in set(before):
            rows = together(rows, on_roster(number, codes[each], year=YEAR - 1))
        for each in set(now):
            rows = together(rows, on_roster(number, codes[each]))
        kept = {*before, *(carried[each] for each in before if each in carried)}
        moved += bool(before and now and not kept & set(now))
    found = county(run(tmp_path_factory.mktemp("moves"), rows), table=AGREEMENT)
    both = any(before for before, _ in people) and any(now for _, now in people)
    assert found["moved"] == (moved if both else None)


def _broken(form: str, rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    contract = CONTRACTS[form]
    schema = {name: info.dtype for name, info in contract.staged_fields.items()}
    frame = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)
    return sorted(contracts.apply(contract, frame).failures.select("index", "rule").rows())


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"to_school_code": CITY}, "an_exchange_leads_to_another_school"),
        ({"planned_end_date": date(YEAR, 9, 1)}, "a_stint_is_planned_to_end_after_it_begins"),
        ({"actual_end_date": date(YEAR, 8, 31)}, "a_stint_ends_after_it_begins"),
        ({"actual_end_date": date(YEAR, 9, 1)}, None),
        ({"start_date": date(YEAR + 1, 9, 1)}, "a_stint_lies_in_the_school_year"),
        (
            {"start_date": date(YEAR - 3, 9, 1), "planned_end_date": date(YEAR, 6, 30)},
            "a_stint_lies_in_the_school_year",
        ),
        ({"start_date": date(YEAR - 3, 9, 1), "planned_end_date": date(YEAR, 7, 1)}, None),
        ({"planned_end_date": None}, None),
        ({"start_date": None}, None),
        ({"person": "110105194912310021"}, "malformed_code"),
        ({"person": None}, "missing_key"),
        ({"exchange_kind": "借调"}, "unknown_code"),
        ({"backbone": 2}, "unknown_code"),
    ],
)
def test_rules_of_a_stint(change: dict[str, Any], rule: str | None) -> None:
    row = {**stint(1, CITY, TOWN)["exchange"][0], **change}
    assert [name for _, name in _broken("exchange", [row])] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"long_enough": 21, "exempt_other": 1}, "long_enough_within_permanent_staff"),
        ({"exempt_illness": 1}, "eligible_are_those_long_enough_less_the_exempt"),
        ({"exempt_illness": None, "eligible": 3, "exchanged": 0}, None),
        ({"backbone_exchanged": 4}, "backbone_exchanged_within_exchanged"),
        ({"principals_eligible": 21}, "principals_eligible_within_eligible"),
        ({"principals_exchanged": 4}, "principals_exchanged_within_exchanged"),
        ({"exchanged": 21}, "exchanged_within_eligible"),
    ],
)
def test_rules_of_the_eligible(change: dict[str, Any], rule: str | None) -> None:
    row = {**eligible(CITY, 20, 3)["exchange_eligible"][0], **change}
    assert [name for _, name in _broken("exchange_eligible", [row])] == ([rule] if rule else [])


def test_rules_of_the_roster() -> None:
    rows = [on_roster(1, CITY)["roster"][0], on_roster(2, CITY, arrived_date=date(YEAR, 9, 2))["roster"][0]]
    assert _broken("roster", rows) == [(1, "on_the_roster_since_before_its_day")]
    assert _broken("roster", [rows[0], rows[0]]) == [(0, "duplicate_row"), (1, "duplicate_row")]


def test_county_codes_of_former_days_lead_to_the_county_of_today(tmp_path: Path) -> None:
    rows = worked_example()
    for form in rows.values():
        for row in form:
            row["county_code"] = "110103"  # 崇文区, part of 110101 since 2010
    found = run(tmp_path, rows).row("trends.teacher_exchange", county_code="110101", stage="compulsory")
    assert (found["exchanged"], found["verdict"]) == (4, True)
    assert COUNTY != "110101"
