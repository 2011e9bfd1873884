"""Which fields feed a table, read off its SQL."""

from __future__ import annotations

from dataclasses import replace

from pipelines.restatement.feeding import feeding_fields
from tests.models.helpers import all_models

COMPOSITE = "trends.composite_coefficient"


def test_the_fields_of_the_coefficients_are_found_and_those_of_other_figures_are_not() -> None:
    found = feeding_fields(all_models(), [COMPOSITE])
    assert {"books", "teaching_computers", "equipment_value_yuan", "multimedia_rooms"} <= found["equipment"]
    assert {"teaching_area_m2", "gymnasium_m2", "sports_ground_m2"} <= found["premises"]
    assert {"teachers", "degree_bachelor", "title_intermediate", "backbone_teachers", "pe_teachers"} <= found["teacher"]
    assert {"school_type", "operator", "counted_as_school", "central_school_code", "county_code"} <= found["school"]
    assert "pupils" in found["enrolment"] and "boarders" not in found["enrolment"]
    assert "exchange" not in found and "funding" not in found


def test_a_star_reads_every_field() -> None:
    models = dict(all_models())
    name = "core.school_stage"
    sql = models[name].sql.replace(
        "select school_year, school_code, classes from returns.class_size", "select * from returns.class_size"
    )
    assert sql != models[name].sql
    models[name] = replace(models[name], sql=sql)
    assert len(feeding_fields(models, [COMPOSITE])["class_size"]) > len(
        feeding_fields(all_models(), [COMPOSITE])["class_size"]
    )
