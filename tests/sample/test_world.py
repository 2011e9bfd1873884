"""The clean world keeps every identity of the forms, year by year and from year to year."""

from __future__ import annotations

import polars as pl
import pytest

from models.returns import CONTRACTS
from pipelines.sample.world import World

SUMS = [
    ("enrolment", "pupils", [f"grade_{g}" for g in range(1, 10)], pl.col("stage") != "senior"),
    ("movement", "increase", ["entrants", "returned", "transferred_in", "other_increase"], pl.lit(True)),
    (
        "movement",
        "decrease",
        ["graduates", "completed", "suspended", "withdrew", "died", "transferred_out", "other_decrease"],
        pl.lit(True),
    ),
    (
        "class_size",
        "classes",
        [
            f"classes_{b}"
            for b in ["upto_25", "26_30", "31_35", "36_40", "41_45", "46_50", "51_55", "56_60", "61_65", "from_66"]
        ],
        pl.lit(True),
    ),
    (
        "teacher",
        "teachers",
        [f"degree_{d}" for d in ("postgraduate", "bachelor", "associate", "secondary", "below")],
        pl.lit(True),
    ),
    (
        "teacher",
        "teachers",
        [f"title_{t}" for t in ("full_senior", "associate_senior", "intermediate", "assistant", "junior", "none")],
        pl.lit(True),
    ),
    (
        "premises",
        "building_area_m2",
        ["teaching_area_m2", "administrative_area_m2", "living_area_m2", "other_area_m2"],
        pl.lit(True),
    ),
]
PARTS = [
    ("enrolment", "boarders", "pupils"),
    ("enrolment", "female_pupils", "pupils"),
    ("enrolment", "migrant_children", "pupils"),
    ("enrolment", "left_behind_children", "pupils"),
    ("teacher", "backbone_teachers", "teachers"),
    ("teacher", "female_teachers", "teachers"),
    ("teacher", "teachers", "staff"),
    ("premises", "gymnasium_m2", "teaching_area_m2"),
    ("premises", "dangerous_area_m2", "building_area_m2"),
    ("premises", "sports_ground_m2", "site_area_m2"),
    ("equipment", "teaching_computers", "computers"),
]
KEY = ["school_code", "stage"]


@pytest.mark.parametrize(("form", "total", "parts", "where"), SUMS, ids=[f"{s[0]}.{s[1]}={s[2][0]}+" for s in SUMS])
def test_totals_are_the_sums_of_their_parts(
    world: World, form: str, total: str, parts: list[str], where: pl.Expr
) -> None:
    rows = world.returns[form].filter(where)
    assert rows.height > 1000
    assert rows.filter(pl.col(total) != sum((pl.col(p).fill_null(0) for p in parts), start=pl.lit(0))).is_empty()


@pytest.mark.parametrize(("form", "part", "whole"), PARTS)
def test_of_which_figures_stay_within_their_whole(world: World, form: str, part: str, whole: str) -> None:
    rows = world.returns[form].filter(pl.col(part).is_not_null())
    assert rows[part].sum() > 0
    assert rows.filter(pl.col(part) > pl.col(whole)).is_empty()


def test_no_figure_is_negative_and_no_key_repeats(world: World) -> None:
    for form, rows in world.returns.items():
        assert not rows.select(CONTRACTS[form].grain).is_duplicated().any(), form
        for name, info in CONTRACTS[form].fields.items():
            if info.kind in ("count", "number"):
                assert (rows[name].drop_nulls() >= 0).all(), (form, name)


def test_movement_leads_from_last_years_pupils_to_this_years(world: World) -> None:
    movement = world.returns["movement"]
    wrong = movement.filter(pl.col("pupils") != pl.col("pupils_last_year") + pl.col("increase") - pl.col("decrease"))
    assert wrong.is_empty()
    enrolment = world.returns["enrolment"].filter(pl.col("stage") != "senior")
    beside = movement.join(enrolment, on=["school_year", *KEY], suffix="_enrolled")
    assert beside.height == movement.height == enrolment.height
    assert (beside["pupils"] == beside["pupils_enrolled"]).all()
    assert (beside["entrants"] == beside["entrants_enrolled"]).all()


def test_column_1_is_last_years_column_15_also_across_a_change_of_code(world: World) -> None:
    movement = world.returns["movement"].select("school_year", *KEY, "pupils_last_year", "pupils")
    carried = world.returns["school_succession"].filter(pl.col("reason").is_in(["type_changed", "recoded"]))
    assert carried.height >= 2
    before = (
        movement.select(pl.col("school_year") + 1, *KEY, pl.col("pupils").alias("had"))
        .join(
            carried.select("school_year", "school_code", "successor_code"),
            on=["school_year", "school_code"],
            how="left",
        )
        .with_columns(pl.coalesce("successor_code", "school_code").alias("school_code"))
    )
    later = movement.filter(pl.col("school_year") > min(world.years))
    linked = later.join(before, on=["school_year", *KEY], how="left").with_columns(pl.col("had").fill_null(0))
    assert (linked["pupils_last_year"] == linked["had"]).all()
    unlinked = linked.filter(pl.col("had") == 0)
    assert 0 < unlinked.height < 40, "only new schools and new stages begin with no pupils"


def test_entrants_are_the_first_grade_and_junior_entrants_do_not_exceed_primary_graduates(world: World) -> None:
    enrolment = world.returns["enrolment"]
    first = pl.when(pl.col("stage") == "primary").then("grade_1").otherwise("grade_7")
    assert enrolment.filter((pl.col("stage") != "senior") & (pl.col("entrants") != first)).is_empty()
    flows = (
        world.returns["movement"]
        .group_by("county_code", "school_year")
        .agg(
            pl.col("graduates").filter(pl.col("stage") == "primary").sum(),
            pl.col("entrants").filter(pl.col("stage") == "junior").sum(),
        )
    )
    assert flows.filter(pl.col("entrants") > pl.col("graduates")).is_empty()
    assert flows.filter(pl.col("entrants") < 0.9 * pl.col("graduates")).is_empty()


def test_a_grade_is_last_years_grade_below_give_or_take_those_who_moved(world: World) -> None:
    rows = world.returns["enrolment"].filter(pl.col("stage") == "primary")
    county = rows.group_by("county_code", "school_year").agg(pl.col(f"grade_{g}").sum() for g in range(1, 7))
    pairs = county.join(
        county.with_columns(pl.col("school_year") + 1), on=["county_code", "school_year"], suffix="_before"
    )
    assert pairs.height == 6 * 9
    for grade in range(2, 7):
        kept = pairs[f"grade_{grade}"] / pairs[f"grade_{grade - 1}_before"]
        assert kept.min() > 0.97 and kept.max() < 1.03, grade  # type: ignore[operator]


def test_class_sizes_fit_the_pupils(world: World) -> None:
    bounds = {"upto_25": (1, 25), "from_66": (66, 90)}
    bounds |= {f"{low}_{low + 4}": (low, low + 4) for low in range(26, 62, 5)}
    rows = world.returns["class_size"].join(
        world.returns["enrolment"].select("school_year", *KEY, "pupils"), on=["school_year", *KEY]
    )
    least = sum((pl.col(f"classes_{b}") * low for b, (low, _) in bounds.items()), start=pl.lit(0))
    most = sum((pl.col(f"classes_{b}") * high for b, (_, high) in bounds.items()), start=pl.lit(0))
    assert rows.filter((pl.col("pupils") < least) | (pl.col("pupils") > most)).is_empty()


def test_schools_open_merge_change_type_and_close(world: World) -> None:
    reasons = set(world.returns["school_succession"]["reason"])
    assert reasons == {"merged", "type_changed", "recoded", "closed"}
    register = world.returns["school"].select("school_year", "school_code")
    ended = world.returns["school_succession"].select("school_year", "school_code", "successor_code")
    assert ended.join(register, on=["school_year", "school_code"]).is_empty()
    assert (
        ended.join(register.with_columns(pl.col("school_year") + 1), on=["school_year", "school_code"]).height
        == ended.height
    )
    named = ended.filter(pl.col("successor_code").is_not_null())
    assert (
        named.join(register, left_on=["school_year", "successor_code"], right_on=["school_year", "school_code"]).height
        == named.height
    )
    opened = (
        register.group_by("school_code")
        .agg(pl.col("school_year").min())
        .filter(pl.col("school_year") > min(world.years))
    )
    assert opened.join(ended, left_on="school_code", right_on="successor_code", how="anti").height >= 6


def test_counties_have_schools_of_every_kind(world: World) -> None:
    register = world.returns["school"]
    sizes = register.group_by("county_code", "school_year").len()["len"]
    assert sizes.min() >= 25 and sizes.max() <= 50  # type: ignore[operator]
    assert set(register["school_type"]) == {"211", "218", "311", "312", "341", "345", "511"}
    assert "999" in set(register["operator"])
    assert register["school_code"].str.contains(r"^\d{2}99\d{6}$").all()
    assert register["county_code"].str.starts_with("9901").all()
    assert register["school_name"].str.contains("示例").all() and register["county_name"].str.contains("示例").all()
    points = register.filter(pl.col("school_type") == "218")
    assert (points["counted_as_school"] == 0).all()
    centres = points.join(
        register, left_on=["school_year", "central_school_code"], right_on=["school_year", "school_code"]
    )
    assert centres.height == points.height
    mixed = world.returns["enrolment"].group_by("school_year", "school_code").agg(pl.col("stage").sort())
    assert {tuple(stages) for stages in mixed["stage"]} == {
        ("primary",),
        ("junior",),
        ("junior", "primary"),
        ("junior", "senior"),
        ("junior", "primary", "senior"),
    }


def _spread(world: World, form: str, column: str) -> pl.DataFrame:
    """Pupil-weighted coefficient of variation between pure primary schools, by county and year."""
    primary = world.returns["school"].filter(pl.col("school_type") == "211").select("school_year", "school_code")
    pupils = (
        world.returns["enrolment"].filter(pl.col("stage") == "primary").select("school_year", "school_code", "pupils")
    )
    rows = (
        world.returns[form]
        .join(primary, on=["school_year", "school_code"])
        .join(pupils, on=["school_year", "school_code"])
        .filter(pl.col("pupils") > 0)
    )
    mean = pl.col(column).sum() / pl.col("pupils").sum()
    squared = (pl.col("pupils") * (pl.col(column) / pl.col("pupils") - mean) ** 2).sum() / pl.col("pupils").sum()
    return rows.group_by("county_code", "school_year").agg((squared.sqrt() / mean).alias("cv")).sort("school_year")


@pytest.mark.parametrize("column", ["books", "teaching_computers", "equipment_value_yuan"])
def test_schools_converge_but_in_one_county_drift_apart_again(world: World, column: str) -> None:
    spread = _spread(world, "equipment", column).pivot("school_year", index="county_code", values="cv")
    first, middle, last = (spread[str(year)] for year in (2014, 2019, 2023))
    assert first.min() > 0.2 and first.max() < 1.5  # type: ignore[operator]
    worse = spread["county_code"] == "990103"
    assert (last < 0.8 * first).filter(~worse).all()
    assert (last > 1.1 * middle).filter(worse).all()
