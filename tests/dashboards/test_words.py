"""Words and numbers: both languages say the same, nothing is claimed that is withheld, rounding never lies."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from pipelines.dashboards import numbers, sentences
from pipelines.dashboards.facts import Composite, CountyBook, Frame, Standard, Term, is_above, joint_verdict, ranked
from pipelines.dashboards.text import FOLDER, load

ROW = Composite(
    county_code="990101", county_name="甲县", school_year=2020, stage="primary", standard="basic_2012", indicators=8,
    indicators_available=8, schools=20, enrolment=9000.0, composite=0.62, threshold=0.65, meets=True,
    every_indicator_meets=True, indicators_above=None, verdict=True, verdict_rule="composite", reason=None,
    change_from_last_year=-0.03, last_crossed_year=2019, years_since_crossing=1,
)  # fmt: skip
FRAME = Frame(
    years=(2019, 2020),
    stages=("primary",),
    standards={"basic_2012": Standard("basic_2012", {"zh": "基本均衡", "en": "Basic balance"}, "")},
    indicators={"basic_2012": (Term("books", {"zh": "图书", "en": "Books"}, {}),)},
    counties=(("990101", "甲县"), ("990102", "乙县"), ("990103", "丙县"), ("990104", "丁县")),
    unassigned={},
)


def test_both_languages_have_every_label_with_the_same_blanks() -> None:
    rows = []
    for path in FOLDER.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += list(csv.DictReader(lines))
    assert len({row["key"] for row in rows}) == len(rows)
    may_lack = {"word.sentence_gap"}
    optional = {"next", "unit"}
    for row in rows:
        assert None not in row, row
        blanks = [{name for _, name, _, _ in Formatter().parse(row[language]) if name} for language in ("zh", "en")]
        assert (row["zh"] and row["en"]) or row["key"] in may_lack, row["key"]
        assert not (blanks[0] ^ blanks[1]) - optional, row["key"]


@pytest.mark.parametrize("table", ["composite_coefficient", "differential_coefficient", "county_attainment"])
def test_every_reason_the_models_give_has_words(table: str) -> None:
    sql = (Path(models.__file__).parent / "trends" / f"{table}.sql").read_text(encoding="utf-8")
    header = " ".join(line[3:] for line in sql.splitlines() if line.startswith("-- "))
    named = re.search(r"reason: (.*?)\. grain:", header)
    assert named is not None
    reasons = {re.sub(r"\(.*?\)", "", part).strip() for part in re.sub(r"\([^)]*\)", "", named[1]).split(";")}
    assert len(reasons) > 2
    for language in ("zh", "en"):
        assert not [reason for reason in reasons if f"reason.{reason}" not in load(language).labels]


def test_every_choice_of_the_rulebook_and_every_way_to_score_has_words() -> None:
    rulebook = Path(models.__file__).parent / "rulebook"
    with (rulebook / "setting.csv").open(encoding="utf-8", newline="") as lines:
        wanted = [
            f"choice.{row['setting']}.{option}"
            for row in csv.DictReader(lines)
            if row["kind"] == "choice"
            for option in row["choices"].split("|")
        ]
    with (rulebook / "government_item_line.csv").open(encoding="utf-8", newline="") as lines:
        wanted += sorted({f"scoring.{row['scoring']}" for row in csv.DictReader(lines)})
    assert len(wanted) > 30
    assert not [key for key in wanted if key not in load("zh").labels]


@given(st.floats(0.0001, 3), st.sampled_from([0.65, 0.55, 0.5, 0.45]), st.floats(-1e-5, 1e-5))
def test_a_coefficient_never_rounds_across_its_line(value: float, line: float, near: float) -> None:
    for number in (value, line + near):
        if abs(number - line) > 1e-11:
            shown = float(numbers.coefficient(number, line))
            assert (shown > line) == (number > line) and shown != line


def test_numbers_are_written_as_the_rules_ask() -> None:
    assert numbers.coefficient(0.515257) == "0.515"
    assert numbers.coefficient(0.65, 0.65) == "0.650"
    assert numbers.coefficient(0.65 + 5e-13, 0.65) == "0.650"
    assert not is_above(0.65 + 5e-13, 0.65)
    assert numbers.coefficient(0.65004, 0.65) == "0.65004"
    assert numbers.coefficient(None) == "–"
    assert (numbers.line(0.5), numbers.line(0.65), numbers.line(0.625)) == ("0.50", "0.65", "0.625")
    assert (numbers.change(-0.0312), numbers.change(0.0312), numbers.change(-0.0001)) == ("−0.031", "+0.031", "0.000")
    assert (numbers.figure(0.06123), numbers.figure(6.3344), numbers.figure(2145.4)) == ("0.0612", "6.334", "2,145")
    assert (numbers.figure(0), numbers.share(0.1234), numbers.count(None)) == ("0", "12.3%", "–")
    assert numbers.moment("2020-11-20T10:15:00+00:00") == "2020-11-20 10:15"
    assert numbers.digest("a" * 64) == "a" * 12 and numbers.digest("0.1.0") == "0.1.0"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_title_never_gives_a_verdict_that_is_withheld(language: str) -> None:
    text = load(language)
    row = replace(ROW, verdict=None, meets=None, reason="missing_values")
    title = sentences.trend_title(text, "甲县", "primary", 2020, row)
    assert {"zh": "未作结论", "en": "withheld"}[language] in title
    assert not [words for words in ("以内", "达标", "within") if words in title]
    facts = sentences.county_facts(text, FRAME, _book(row), ("basic_2012", "primary"))
    assert text("reason.missing_values") in facts
    assert not [fact for fact in facts if "起达标" in fact or "since" in fact]


def test_facts_follow_the_rule_that_decides() -> None:
    text = load("zh")
    assert "自2019学年起达标" in sentences.county_facts(text, FRAME, _book(ROW), ("basic_2012", "primary"))
    every = replace(ROW, verdict_rule="every_indicator", verdict=False, indicators_above="books")
    facts = sentences.county_facts(text, FRAME, _book(every), ("basic_2012", "primary"))
    assert "高于标准线：图书" in facts
    assert not [fact for fact in facts if fact.startswith("自")]  # the mean's crossing is not the verdict's
    assert "8项指标中1项高于标准线" in sentences.trend_title(text, "甲县", "primary", 2020, every)


def test_the_ranking_puts_the_largest_gap_above_the_line_first() -> None:
    rows = [
        replace(ROW, county_code="990101", verdict=True, composite=0.5),
        replace(ROW, county_code="990102", verdict=False, composite=0.7),
        replace(ROW, county_code="990103", verdict=False, composite=0.9),
        replace(ROW, county_code="990101", school_year=2019, verdict=False, composite=0.99),
    ]
    assert [entry.code for entry in ranked(FRAME, rows)] == ["990103", "990102", "990104", "990101"]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [([True, True], True), ([True, False], False), ([None, False], False), ([True, None], None), ([], None)],
)
def test_a_county_meets_a_standard_when_every_stage_does(stages: list[bool | None], expected: bool | None) -> None:
    assert joint_verdict(stages) is expected


def _book(row: Composite) -> CountyBook:
    return CountyBook("990101", "甲县", {("basic_2012", "primary"): (row,)}, {}, {}, {}, {})
