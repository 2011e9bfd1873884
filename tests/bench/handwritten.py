"""What the models are measured against: the coefficients alone, written by hand for DuckDB and for pandas.

Belongs here: the shortest way from the synthetic returns to the fifteen coefficients of every county, year and stage.
It knows what the models have to find out (the register is complete, every central school is there and counts, one set
of rules holds everywhere), so that it is a lower bound. Does not belong here: anything the product uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

MATERIAL = (
    "teaching_area_basic",
    "teaching_area_quality",
    "sports_area",
    "equipment_value",
    "computers",
    "books",
    "multimedia_rooms",
)
STAFF = ("teachers", "higher_degree_teachers", "mid_title_teachers", "backbone_teachers", "arts_sports_teachers")
RESOURCES = (*MATERIAL, *STAFF)
KEYS = ["county_code", "school_year", "stage"]

_FACT = """
with
weight (school_type, stage, weight) as (
    values ('312', 'primary', 1.0::double), ('312', 'junior', 1.1), ('341', 'junior', 1.0), ('341', 'senior', 1.2),
        ('345', 'primary', 1.0), ('345', 'junior', 1.1), ('345', 'senior', 1.32)
),
mixed as (
    select school_year, school_code, case when count(pupils) = count(*) then sum(weight * pupils) end as whole
    from returns.enrolment join returns.school using (school_year, school_code) join weight using (school_type, stage)
    group by 1, 2
),
fact as (
    select s.county_code, s.school_year, e.stage, s.school_code, s.school_type, s.central_school_code, e.pupils,
        case when s.school_type not in ('312', '341', '345') then 1
            else e.pupils * case when e.stage = 'junior' and s.school_type <> '341' then 1.1 else 1 end
                / nullif(m.whole, 0) end as f,
        f * p.teaching_area_m2 as teaching_area_basic,
        f * (p.teaching_area_m2 - p.gymnasium_m2) as teaching_area_quality,
        f * (p.sports_ground_m2 + p.gymnasium_m2) as sports_area,
        f * q.equipment_value_yuan as equipment_value,
        f * q.teaching_computers as computers,
        f * q.books as books,
        f * q.multimedia_rooms as multimedia_rooms,
        t.teachers,
        t.degree_postgraduate + t.degree_bachelor + case when e.stage = 'primary' then t.degree_associate else 0 end
            as higher_degree_teachers,
        t.title_full_senior + t.title_associate_senior + t.title_intermediate as mid_title_teachers,
        t.backbone_teachers,
        t.pe_teachers + t.music_teachers + t.fine_art_teachers + t.arts_teachers as arts_sports_teachers
    from returns.enrolment e
    join returns.school s using (school_year, school_code)
    left join returns.teacher t using (school_year, school_code, stage)
    left join returns.premises p using (school_year, school_code)
    left join returns.equipment q using (school_year, school_code)
    left join mixed m using (school_year, school_code)
    where e.stage <> 'senior' and s.school_type not in ('511', '342')
),
"""


def duckdb_sql() -> str:
    """One statement over ``returns.*``: county_code, school_year, stage and the coefficient of every resource."""

    def each(form: str) -> str:
        return ", ".join(form.format(r=r) for r in RESOURCES)

    return f"""{_FACT}
points as (
    select school_year, stage, central_school_code as school_code,
        case when count(pupils) = count(*) then sum(pupils) end as pupils,
        {each("case when count({r}) = count(*) then sum({r}) end as {r}")}
    from fact where school_type = '218' group by 1, 2, 3
),
merged as (
    select fact.county_code, fact.school_year, fact.stage,
        case when points.school_code is null then fact.pupils else fact.pupils + points.pupils end as pupils,
        {each("case when points.school_code is null then fact.{r} else fact.{r} + points.{r} end as {r}")}
    from fact left join points using (school_year, stage, school_code)
    where fact.school_type <> '218'
),
present as (select * from merged where pupils > 0),
mean as (
    select county_code, school_year, stage, {each("sum({r}) / sum(case when {r} is not null then pupils end) as {r}")}
    from present group by 1, 2, 3
)
select present.county_code, present.school_year, present.stage,
    {
        each(
            "sqrt(sum(present.pupils * power(present.{r} / present.pupils - mean.{r}, 2))"
            " / sum(case when present.{r} is not null then present.pupils end)) / any_value(mean.{r}) as {r}"
        )
    }
from present join mean using (county_code, school_year, stage)
group by 1, 2, 3"""


def pandas_coefficients(bound: Mapping[str, Sequence[Path]]) -> pd.DataFrame:
    """The same from the same files with pandas: one row per county, year and stage, a column per resource."""

    def read(form: str, columns: list[str]) -> pd.DataFrame:
        tables = [pq.read_table(path, columns=["school_year", "school_code", *columns]) for path in bound[form]]
        frames: list[pd.DataFrame] = [table.to_pandas() for table in tables]
        return pd.concat(frames, ignore_index=True)

    school_key = ["school_year", "school_code"]
    stage_key = [*school_key, "stage"]
    pupils = read("returns.enrolment", ["stage", "pupils"])
    school = read("returns.school", ["county_code", "school_type", "central_school_code"])
    frame = pupils.merge(school, on=school_key)
    weights = pd.DataFrame(
        [
            ("312", "primary", 1.0),
            ("312", "junior", 1.1),
            ("341", "junior", 1.0),
            ("341", "senior", 1.2),
            ("345", "primary", 1.0),
            ("345", "junior", 1.1),
            ("345", "senior", 1.32),
        ],
        columns=["school_type", "stage", "weight"],
    )
    frame = frame.merge(weights, on=["school_type", "stage"], how="left")
    frame["weighted"] = frame["pupils"] * frame["weight"]
    mixed = frame[frame["weight"].notna()]
    whole = mixed.groupby(school_key)["weighted"].sum(min_count=1).rename("whole")
    blank = mixed.groupby(school_key)["weighted"].count() < mixed.groupby(school_key).size()
    frame = frame.merge(whole.mask(blank).reset_index(), on=school_key, how="left")
    frame = frame[(frame["stage"] != "senior") & ~frame["school_type"].isin(["511", "342"])]
    share = (frame["weighted"] / frame["whole"].where(frame["whole"] != 0)).where(frame["weight"].notna(), 1.0)
    frame = frame.assign(share=share)
    frame = frame.merge(
        read("returns.premises", ["teaching_area_m2", "gymnasium_m2", "sports_ground_m2"]), on=school_key, how="left"
    )
    frame = frame.merge(
        read("returns.equipment", ["books", "teaching_computers", "multimedia_rooms", "equipment_value_yuan"]),
        on=school_key,
        how="left",
    )
    staff = [
        "teachers", "degree_postgraduate", "degree_bachelor", "degree_associate", "title_full_senior",
        "title_associate_senior", "title_intermediate", "backbone_teachers", "pe_teachers", "music_teachers",
        "fine_art_teachers", "arts_teachers",
    ]  # fmt: skip
    frame = frame.merge(read("returns.teacher", ["stage", *staff]), on=stage_key, how="left")
    frame = _numerators(frame)
    values = ["pupils", *RESOURCES]
    points = frame[frame["school_type"] == "218"]
    merge_key = ["school_year", "stage", "central_school_code"]
    grouped = points.groupby(merge_key)[values]
    added = grouped.sum().where(grouped.count().eq(points.groupby(merge_key).size(), axis=0))
    added = added.add_suffix("_added").assign(added=True).reset_index()
    frame = frame[frame["school_type"] != "218"].merge(
        added.rename(columns={"central_school_code": "school_code"}), on=stage_key, how="left"
    )
    has = frame["added"].notna()
    for name in values:
        frame[name] = frame[name].where(~has, frame[name] + frame[f"{name}_added"])
    return _coefficients(frame[frame["pupils"] > 0])


def pandas_from_facts(school_stage: Path) -> pd.DataFrame:
    """The same from the facts of core.school_stage: what core.county_stage and the coefficients do in SQL."""
    columns = [*KEYS, "counted", "pupils", *RESOURCES]
    frame: pd.DataFrame = pq.read_table(school_stage, columns=columns).to_pandas()
    return _coefficients(frame[frame["counted"] & (frame["pupils"] > 0)])


def _numerators(frame: pd.DataFrame) -> pd.DataFrame:
    share = frame["share"]
    above = frame["degree_postgraduate"] + frame["degree_bachelor"]
    made: dict[str, Any] = {
        "teaching_area_basic": share * frame["teaching_area_m2"],
        "teaching_area_quality": share * (frame["teaching_area_m2"] - frame["gymnasium_m2"]),
        "sports_area": share * (frame["sports_ground_m2"] + frame["gymnasium_m2"]),
        "equipment_value": share * frame["equipment_value_yuan"],
        "computers": share * frame["teaching_computers"],
        "books": share * frame["books"],
        "multimedia_rooms": share * frame["multimedia_rooms"],
        "higher_degree_teachers": above.where(frame["stage"] != "primary", above + frame["degree_associate"]),
        "mid_title_teachers": frame["title_full_senior"]
        + frame["title_associate_senior"]
        + frame["title_intermediate"],
        "arts_sports_teachers": frame["pe_teachers"]
        + frame["music_teachers"]
        + frame["fine_art_teachers"]
        + frame["arts_teachers"],
    }
    keep = [*KEYS, "school_code", "school_type", "central_school_code", "pupils", "teachers", "backbone_teachers"]
    return frame[keep].assign(**made)


def _coefficients(frame: pd.DataFrame) -> pd.DataFrame:
    pupils = frame["pupils"]
    keys = [frame[key] for key in KEYS]
    values = frame[list(RESOURCES)]
    present = values.notna().mul(pupils, axis=0)
    whole = present.groupby(keys).sum()
    mean = values.groupby(keys).sum(min_count=1) / whole
    expanded = mean.reindex(pd.MultiIndex.from_frame(frame[KEYS])).to_numpy()
    spread = (values.div(pupils, axis=0) - expanded) ** 2
    variance = spread.mul(pupils, axis=0).groupby(keys).sum(min_count=1) / whole
    return (variance**0.5 / mean).reset_index()
