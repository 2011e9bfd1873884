"""The lineage of the real models: known leaves, nothing without an origin, and what is shown of it."""

from __future__ import annotations

import pytest

from pipelines.assets.metadata import model_lineage
from pipelines.column_lineage import input_columns, leaves, lineage_frame, parents
from pipelines.content import sql_models
from pipelines.dictionary import data_dictionary

#: Columns that are words of the models themselves (literals), in whatever table they stand.
LITERAL = {
    "entry", "family", "level", "measure", "missing_components", "part", "path", "position", "span", "stage", "standard",
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "origins"),
    [
        ("trends.school_attainment", "pupils", {"returns.enrolment.pupils"}),
        ("trends.class_size", "size_limit", {"rulebook.threshold.value"}),
        (
            "trends.differential_coefficient",
            "coefficient",
            {"returns.equipment.books", "returns.premises.gymnasium_m2"},
        ),
        ("trends.differential_coefficient", "coefficient", {"rulebook.stage_weight.weight", "rulebook.choice.value"}),
        ("trends.composite_coefficient", "threshold", {"rulebook.threshold.value", "rulebook.threshold.region_code"}),
        ("trends.three_increases", "growth_restated", {"returns.funding.prior_value_yuan"}),
        ("trends.consolidation", "rate_a_raw", {"returns.movement.graduates", "returns.enrolment.entrants"}),
        ("trends.teacher_exchange", "rate", {"returns.exchange.person", "returns.exchange_eligible.eligible"}),
        (
            "trends.satisfaction",
            "satisfaction",
            {"returns.satisfaction_answer.answer", "rulebook.satisfaction_scale.satisfied"},
        ),
        ("trends.government_score", "score", {"returns.government_work.score", "rulebook.government_item_line.points"}),
    ],
)
def test_known_origins(table: str, column: str, origins: set[str]) -> None:
    assert origins <= {".".join(each) for each in leaves()[table][column]}


def test_books_do_not_come_from_what_has_nothing_to_do_with_them() -> None:
    """No origin of one column strays into those of another."""
    origins = {".".join(each) for each in leaves()["core.school_stage"]["books"]}
    assert "returns.equipment.books" in origins
    assert not {"returns.equipment.teaching_computers", "returns.premises.gymnasium_m2"} & origins


def test_every_column_of_the_trends_has_an_origin_or_is_a_word_of_the_model() -> None:
    without = {
        (table, column)
        for table, columns in leaves().items()
        if table.startswith("trends.")
        for column, origins in columns.items()
        if not origins
    }
    assert {column for _, column in without} <= LITERAL


def test_every_parent_and_every_leaf_is_a_column_that_exists() -> None:
    known = {**input_columns(), **{name: list(model.columns) for name, model in sql_models().items()}}
    for lineage in (parents(), leaves()):
        for columns in lineage.values():
            assert all(each.column in known[each.table] for origins in columns.values() for each in origins)
    assert all(
        not each.table.startswith(("core.", "trends."))
        for columns in leaves().values()
        for origins in columns.values()
        for each in origins
    )


def test_dagster_is_told_asset_and_column() -> None:
    told = model_lineage(sql_models()["trends.differential_coefficient"]).deps_by_column
    assert ("rulebook", "indicator.indicator") in {
        (each.asset_key.to_user_string(), each.column_name) for each in told["indicator"]
    }
    assert {each.asset_key.to_user_string() for each in told["coefficient"]} == {"core/county_stage"}


def test_the_table_of_the_release_has_parents_and_origins() -> None:
    frame = lineage_frame(sql_models())
    assert set(frame["relation"]) == {"parent", "origin"}
    assert not frame.is_duplicated().any()


def test_the_dictionary_says_where_a_column_comes_from() -> None:
    assert "returns.equipment: books" in data_dictionary()
