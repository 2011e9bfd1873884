"""Headings of columns are short in both languages; what was cut stands in the dictionary."""

from __future__ import annotations

import pytest

from pipelines.dashboards.codes import word, words
from pipelines.dashboards.extract import Field
from pipelines.dashboards.pages.html import breakable
from pipelines.dashboards.text import load

SENTENCE = "Whether the share is at or above the line; null where withheld"


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Rate by formula a", "Rate by formula a"),
        (SENTENCE, "Rate meets"),
        ("capped or raw", "Rate meets"),
        ("Evidence: its reference", "Evidence"),
        ("Level (all: the whole county)", "Level"),
        ("Points of the item (null: not set, or none)", "Points of the item"),
        ("Fiscal year (calendar year)", "Fiscal year"),
        ("", "Rate meets"),
        ("Teaching rooms as basic balance counts them, m²", "Rate meets, m²"),
    ],
)
def test_a_sentence_or_a_list_of_codes_is_no_heading(title: str, heading: str) -> None:
    column = Field("rate_meets", "verdict", {"zh": "是否达标", "en": title}).column(load("en"))
    assert (column.title, column.definition, column.other) == (heading, title, "是否达标")


def test_a_label_goes_before_the_title_and_keeps_its_definition() -> None:
    column = Field("owner", "text", {"zh": "由谁答复", "en": SENTENCE}, label="field.owner").column(load("zh"))
    assert (column.title, column.definition) == ("责任科室", "由谁答复")


def test_codes_are_words_of_the_release_then_of_the_pages_then_themselves() -> None:
    text = load("en")
    terms = {"part": {"satisfaction": {"en": "What people say"}}}
    assert word(text, terms, "part", "satisfaction") == "What people say"
    assert words(text, terms, "part", "satisfaction/all, composite_coefficient/primary,unheard_of") == (
        "What people say, Composite coefficient (Primary), unheard_of"
    )
    assert word(text, terms, "part", None) == "" and words(text, terms, "part", None) == ""


def test_a_code_may_break_at_its_underscores_and_stays_escaped() -> None:
    assert breakable("a_<b>_c") == "a_<wbr>&lt;b&gt;_<wbr>c"
