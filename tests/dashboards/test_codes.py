"""No raw codes on pages: every reason that any model can give, and every code of the rulebook, has words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

import models
from pipelines.dashboards.text import LANGUAGES, load

MODELS = Path(models.__file__).parent


def _given(path: Path) -> set[str]:
    """Texts that a model's own ``case`` puts into a column of reasons."""
    found: set[str] = set()
    for named in sqlglot.parse_one(path.read_text(encoding="utf-8"), read="duckdb").find_all(exp.Alias):
        if named.alias != "why" and not named.alias.endswith("reason"):
            continue
        for case in named.this.find_all(exp.Case):
            ends = [*(each.args["true"] for each in case.args["ifs"]), case.args.get("default")]
            found |= {str(end.this) for end in ends if isinstance(end, exp.Literal) and end.is_string}
    return found


#: Why a school or a stint is counted or not: on no page, only in the counts that other models make of it.
NOT_SHOWN = {"school_stage", "exchange_stint"}
REASONS = {
    path: given for path in sorted(MODELS.glob("*/*.sql")) if path.stem not in NOT_SHOWN and (given := _given(path))
}


def test_the_models_give_reasons() -> None:
    assert len(REASONS) > 10
    assert {"run_incomplete", "missing_values", "no_line"} <= set.union(*REASONS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_every_model_has_words(language: str) -> None:
    known = load(language).labels
    raw = {
        f"{path.stem}: {reason}"
        for path, reasons in REASONS.items()
        for reason in reasons
        if f"reason.{reason}" not in known
    }
    assert raw == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("table", "column"), [("school_standard", "school_standard"), ("threshold", "measure"), ("threshold", "stage")]
)
def test_codes_of_the_rulebook_without_a_title_there_have_words(language: str, table: str, column: str) -> None:
    with (MODELS / "rulebook" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
        codes = {row[column] for row in csv.DictReader(lines)}
    assert codes and {code for code in codes if f"{column}.{code}" not in load(language).labels} == set()


def test_a_count_of_last_year_is_no_year() -> None:
    from pipelines.dashboards.extract import kind_of

    assert kind_of("pupils_last_year", "BIGINT") == "integer"
    assert {kind_of(name, "BIGINT") for name in ("school_year", "last_fall_year", "data_since", "crosses_in")} == {
        "year"
    }


def test_a_column_of_words_that_says_nothing_is_left_to_the_files() -> None:
    from pipelines.dashboards.tables import Column, table

    columns = [Column("a", "a"), Column("b", "b", "words"), Column("c", "c", "share"), Column("d", "d")]
    made = table("t", "t", columns, [("x", None, None, ""), ("y", "", None, "z")])
    # A figure that is missing everywhere is told: it is a gap.
    assert made.places == (0, 2, 3)
