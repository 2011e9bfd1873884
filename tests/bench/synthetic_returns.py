"""Synthetic returns of any size, made by DuckDB: input of the benchmark of the models.

Belongs here: plausible figures in the staged schema of the contracts, deterministic by row. Does not belong here: a
story that holds together (see ``pipelines.sample``), workbooks, faults other than missing cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from models.returns import CONTRACTS
from models.returns.class_size import BINS
from tests.bench.synthetic_counties import SOURCES

FIRST_YEAR = 2012
YEARS = 10
SCHOOLS_PER_COUNTY = 105

_SQL_TYPES: Mapping[object, str] = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Int32: "integer",
    pl.Date: "date",
}

#: School types by share of 1,000 schools, up to and including the bound.
_TYPE = """case when h % 1000 < 600 then '211' when h % 1000 < 800 then '311' when h % 1000 < 880 then '312'
    when h % 1000 < 900 then '341' when h % 1000 < 910 then '345' when h % 1000 < 980 then '218'
    when h % 1000 < 995 then '342' else '511' end"""


def _grade(stage: str, years: int, position: int) -> str:
    """Pupils of a grade: an equal share, the first grade with the rest; null for the other stage."""
    share = f"pupils // {years}" if position > 1 else f"pupils - pupils // {years} * {years - 1}"
    return f"case when stage = '{stage}' then {share} end"


_FIELDS: dict[str, dict[str, str]] = {
    "school": {
        "school_type": "school_type",
        "county_name": "'县' || county_code",
        "township": "'乡镇' || (h % 17)",
        "urban_rural": "['111', '121', '210', '220'][1 + h % 4]",
        "operator": "case when h % 37 = 0 then '999' else '811' end",
        "counted_as_school": "case when school_type = '218' then 0 else 1 end",
        "central_school_code": "case when school_type = '218' then central_code end",
    },
    "enrolment": {
        "pupils": "pupils",
        **{f"grade_{n}": _grade("primary", 6, n) for n in range(1, 7)},
        **{f"grade_{n}": _grade("junior", 3, n - 6) for n in range(7, 10)},
        "entrants": "case stage when 'primary' then pupils - pupils // 6 * 5 else pupils - pupils // 3 * 2 end",
        "female_pupils": "pupils // 2 - least(g % 17, pupils // 2)",
        "boarders": "pupils // 9",
    },
    "movement": {
        "pupils_last_year": "pupils_before",
        "increase": "pupils // 5 + greatest(pupils - pupils_before, 0)",
        "entrants": "case stage when 'primary' then pupils - pupils // 6 * 5 else pupils - pupils // 3 * 2 end",
        "returned": "0",
        "transferred_in": "pupils // 50 + g % 3",
        "other_increase": "0",
        "decrease": "pupils // 5 + greatest(pupils_before - pupils, 0)",
        "graduates": "case when g % 4003 = 0 then null when stage = 'primary' then pupils_before // 6 else pupils_before // 3 end",
        "completed": "0",
        "suspended": "h % 2",
        "withdrew": "g % 3",
        "died": "case when g % 997 = 0 then 1 else 0 end",
        "transferred_out": "pupils // 60 + h % 4",
        "other_decrease": "0",
        "pupils": "pupils",
    },
    "class_size": {
        "classes": "1 + pupils // 40",
        **dict.fromkeys(BINS, "0"),
        "classes_upto_25": "case when pupils % 40 <= 25 then 1 else 0 end",
        "classes_26_30": "case when pupils % 40 between 26 and 30 then 1 else 0 end",
        "classes_31_35": "case when pupils % 40 between 31 and 35 then 1 else 0 end",
        "classes_36_40": "pupils // 40 + case when pupils % 40 >= 36 then 1 else 0 end",
    },
    "teacher": {
        "teachers": "teachers",
        "staff": "teachers + h % 7",
        "degree_postgraduate": "teachers // 20",
        "degree_bachelor": "teachers // 2 + g % 3",
        "degree_associate": "teachers // 4",
        "degree_secondary": "teachers // 9",
        "degree_below": "0",
        "title_full_senior": "h % 2",
        "title_associate_senior": "teachers // 7",
        "title_intermediate": "teachers // 3 + g % 4",
        "backbone_teachers": "case when g % 5000 = 0 then null else teachers // 8 + g % 3 end",
        "pe_teachers": "teachers // 15 + g % 2",
        "music_teachers": "teachers // 20",
        "fine_art_teachers": "teachers // 22 + h % 2",
        "arts_teachers": "h % 2",
    },
    "premises": {
        "sports_ground_m2": "round(300 + pupils_all * (5 + (g % 1000) / 150.0), 1)",
        "site_area_m2": "round(900 + pupils_all * (14 + (g % 1000) / 70.0), 1)",
        "teaching_area_m2": "round(200 + pupils_all * (3 + (h % 1000) / 250.0), 1)",
        "gymnasium_m2": "case when h % 9 = 0 then 420.5 else 0 end",
    },
    "equipment": {
        "books": "case when g % 4001 = 0 then null else pupils_all * (18 + g % 15) + h % 500 end",
        "computers": "pupils_all // 7 + h % 11",
        "teaching_computers": "pupils_all // 8 + h % 9",
        "multimedia_rooms": "pupils_all // 45 + g % 5",
        "music_rooms": "pupils_all // 400 + h % 2",
        "art_rooms": "pupils_all // 400 + g % 2",
        "equipment_value_yuan": "round(pupils_all * (900 + h % 2400) + g % 9999, 2)",
    },
}


def write_returns(folder: Path, rows: int, *, counties: bool = False) -> dict[str, list[Path]]:
    """Write ``rows`` school-years of every form under ``folder``, one file per form and year.

    Args:
        counties: also the forms of counties, teachers and persons (``synthetic_counties``).

    Returns:
        The files by table name (``returns.<form>``), to be bound to an engine; forms without data are empty files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    schools = max(1, rows // YEARS)
    connection.execute(f"""
        create table school as
        select i, h, lpad(cast(990000 + i // {SCHOOLS_PER_COUNTY} as varchar), 6, '1') as county_code,
            lpad(cast((case when i % {SCHOOLS_PER_COUNTY} >= 5 and h % 1000 between 600 and 799 then 3100000000
                else 2100000000 end) + i as varchar), 10, '0') as school_code,
            lpad(cast(2100000000 + i - i % {SCHOOLS_PER_COUNTY} + h % 5 as varchar), 10, '0') as central_code,
            case when i % {SCHOOLS_PER_COUNTY} < 5 then '211' else {_TYPE} end as school_type
        from (select range as i, cast(hash(range) >> 8 as bigint) as h from range({schools}))""")
    connection.execute(f"""
        create table county as
        select distinct county_code, i // {SCHOOLS_PER_COUNTY} as n, cast(hash(county_code) >> 8 as bigint) as h from school""")
    connection.execute(f"create macro schools_per_county() as {SCHOOLS_PER_COUNTY}")
    bound: dict[str, list[Path]] = {}
    for offset in range(YEARS):
        year = FIRST_YEAR + offset
        connection.execute(f"""
            create or replace table school_year as
            select *, cast(hash(i, {year}) >> 8 as bigint) as g, cast(case when school_type = '218' then 5 + h % 60
                else 80 + h % 1500 + cast(hash(i, {year}) % 40 as bigint) end as bigint) as pupils_all,
                cast(case when school_type = '218' then 5 + h % 60
                else 80 + h % 1500 + cast(hash(i, {year - 1}) % 40 as bigint) end as bigint) as pupils_all_before
            from school""")
        connection.execute("""
            create or replace table school_stage as
            select s.*, t.stage, cast(case when s.g % 3001 = 0 then null when s.g % 2003 = 0 then 0
                else s.pupils_all // t.parts end as bigint) as pupils,
                cast(s.pupils_all_before // t.parts as bigint) as pupils_before,
                cast(3 + s.pupils_all // t.parts // 16 as bigint) as teachers
            from school_year s join (values ('211', 'primary', 1), ('218', 'primary', 1), ('311', 'junior', 1),
                ('312', 'primary', 2), ('312', 'junior', 2), ('341', 'junior', 2), ('341', 'senior', 2),
                ('345', 'primary', 3), ('345', 'junior', 3), ('345', 'senior', 3), ('342', 'senior', 1),
                ('511', 'primary', 1)) t (school_type, stage, parts) using (school_type) order by i, stage""")
        for form, contract in CONTRACTS.items():
            fields = _FIELDS.get(form, {})
            source = "school_stage" if "stage" in contract.fields else "school_year"
            order = "i, stage" if source == "school_stage" else "i"
            if counties and form in SOURCES:
                source = f"({SOURCES[form].format(year=year)})"
                told = connection.execute(f"select * from {source} limit 0").description
                fields = dict.fromkeys(contract.fields, "null") | {name: f'"{name}"' for name, *_ in told}
                fields |= {"row_number": "1", contract.period: str(year)}
                order = ", ".join(f'"{name}"' for name in contract.grain if name != contract.period)
            given = {
                "submission_id": "'s' || substr(md5(county_code), 1, 12)",
                "sheet": f"'{form}'",
                "row_number": "5 + i % 105",
                "block": "''",
                contract.period: str(year),
                "county_code": "county_code",
                "school_code": "school_code",
                "school_name": "'第' || school_code || '号学校（样本）'",
                "stage": "stage",
                **fields,
            }
            columns = ", ".join(
                f'cast({given.get(name, "null")} as {_SQL_TYPES[_plain(dtype)]}) as "{name}"'
                for name, dtype in contract.staged_schema.items()
            )
            path = folder / f"{form}-{year}.parquet"
            empty = "" if fields else " limit 0"
            connection.execute(
                f"copy (select {columns} from {source} order by {order}{empty}) to '{path}' (compression zstd)"
            )
            bound.setdefault(f"returns.{form}", []).append(path)
    quarantine = folder / "quarantine.parquet"
    connection.execute(
        f"""copy (select 'premises' as form, cast({FIRST_YEAR} as bigint) as school_year, county_code, school_code,
            cast(null as varchar) as stage, 's0' as submission_id, 'premises' as sheet,
            cast(1 as integer) as row_number, cast(null as varchar) as row_key
            from school where i % 5003 = 7) to '{quarantine}' (compression zstd)"""
    )
    bound["returns.quarantine"] = [quarantine]
    connection.close()
    return bound


def _plain(dtype: object) -> object:
    return dtype if isinstance(dtype, type) else type(dtype)
