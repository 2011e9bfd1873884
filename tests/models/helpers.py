"""Small returns for tests of the models: a few dict rows become all bound tables, and all models run on them.

Belongs here: building inputs and running the real SQL on DuckDB. Does not belong here: expectations.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from models import rules
from models.returns import CONTRACTS
from tests.models import kept
from tests.models.kept import Maker
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel, load_models

Rows = dict[str, list[dict[str, Any]]]

MODELS = Path(rules.__file__).parent
LAYERS = ("core", "trends")
COUNTY = "990101"
YEAR = 2020
#: The tables of balance between schools.
BALANCE = (
    "trends.differential_coefficient",
    "trends.composite_coefficient",
    "trends.school_contribution",
    "trends.school_attainment",
    "trends.county_attainment",
)

QUARANTINE_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "school_year": pl.Int64,
    "county_code": pl.String,
    "school_code": pl.String,
    "stage": pl.String,
    "submission_id": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int32,
    "row_key": pl.String,
}
_PROVENANCE = {"submission_id": "s000000000000", "sheet": "sheet", "row_number": 1, "block": ""}


def code(number: int, kind: int = 21) -> str:
    """A school code: ten digits, the first two its kind."""
    return f"{kind}99{number:06d}"


def school(
    school_code: str,
    pupils: Mapping[str, int | None] | int | None = None,
    *,
    year: int = YEAR,
    county: str | None = COUNTY,
    school_type: str | None = "211",
    teacher: Mapping[str, Any] | None = None,
    premises: Mapping[str, Any] | None = None,
    equipment: Mapping[str, Any] | None = None,
    **register: Any,
) -> Rows:
    """The returns of one school in one year.

    Args:
        pupils: by stage; a bare number is of primary pupils. No stage, no enrolment row.
        school_type: ``None`` leaves out the register row.
        teacher: fields of the teacher return of every stage, or by stage; ``None`` leaves the return out.
        premises, equipment: fields of these returns; ``None`` leaves the return out.
        register: further fields of the register.
    """
    stages = dict(pupils) if isinstance(pupils, Mapping) else {} if pupils is None else {"primary": pupils}
    who = {"school_year": year, "county_code": county, "school_code": school_code, "school_name": f"学校{school_code}"}
    rows: Rows = {
        "enrolment": [{**who, "stage": stage, "pupils": count} for stage, count in stages.items()],
    }
    if school_type is not None:
        rows["school"] = [{**who, "school_type": school_type, "county_name": f"县{county}", **register}]
    if teacher is not None:
        by_stage = teacher if set(teacher) & {"primary", "junior", "senior"} else dict.fromkeys(stages, teacher)
        rows["teacher"] = [{**who, "stage": stage, **fields} for stage, fields in by_stage.items()]
    if premises is not None:
        rows["premises"] = [{**who, **premises}]
    if equipment is not None:
        rows["equipment"] = [{**who, **equipment}]
    return rows


def quarantined(form: str, school_code: str | None, *, stage: str | None = None, year: int = YEAR, **more: Any) -> Rows:
    """A quarantined row of a form."""
    row = {"form": form, "school_year": year, "county_code": COUNTY, "school_code": school_code, "stage": stage}
    return {"quarantine": [{**row, "submission_id": "s000000000000", "sheet": "sheet", "row_number": 9, **more}]}


def together(*parts: Rows) -> Rows:
    """All rows of the parts, form by form."""
    rows: Rows = {}
    for part in parts:
        for form, more in part.items():
            rows.setdefault(form, []).extend(more)
    return rows


def full_teacher(teachers: int = 10, **fields: Any) -> dict[str, Any]:
    """A teacher return without blanks; ``fields`` replace its figures."""
    return {
        "staff": teachers + 2,
        "teachers": teachers,
        "degree_postgraduate": 1,
        "degree_bachelor": teachers // 2,
        "degree_associate": teachers // 4,
        "title_full_senior": 0,
        "title_associate_senior": 1,
        "title_intermediate": teachers // 3,
        "backbone_teachers": teachers // 5,
        "pe_teachers": 1,
        "music_teachers": 1,
        "fine_art_teachers": 1,
        "arts_teachers": 0,
        **fields,
    }


def full_premises(**fields: Any) -> dict[str, Any]:
    """A premises return without blanks; ``fields`` replace its figures."""
    return {"teaching_area_m2": 1000.0, "gymnasium_m2": 100.0, "sports_ground_m2": 2000.0, **fields}


def full_equipment(**fields: Any) -> dict[str, Any]:
    """An equipment return without blanks; ``fields`` replace its figures."""
    return {
        "books": 3000,
        "computers": 60,
        "teaching_computers": 50,
        "multimedia_rooms": 12,
        "equipment_value_yuan": 250000.0,
        **fields,
    }


@dataclass(frozen=True)
class Results:
    """The Parquet files that the models made."""

    files: Mapping[str, Path]

    def table(self, name: str, **equal: Any) -> pl.DataFrame:
        """The rows of a table whose columns have the given values."""
        frame = pl.read_parquet(self.files[name])
        for column, value in equal.items():
            frame = frame.filter(pl.col(column).eq_missing(pl.lit(value)))
        return frame

    def row(self, name: str, **equal: Any) -> dict[str, Any]:
        """The one row of a table whose columns have the given values."""
        return (
            self.table(name, **equal).row(0, named=True)
            if self.table(name, **equal).height == 1
            else _fail(name, equal, self.table(name, **equal).height)
        )


def write_returns(folder: Path, rows: Rows) -> dict[str, list[Path]]:
    """Write every return (empty where there are no rows) and the quarantine; the files by table name."""
    unknown = set(rows) - set(CONTRACTS) - {"quarantine"}
    if unknown:
        raise ValueError(f"no such return: {', '.join(sorted(unknown))}")
    folder.mkdir(parents=True, exist_ok=True)
    schemas: dict[str, dict[str, Any]] = {name: contract.staged_schema for name, contract in CONTRACTS.items()}
    schemas["quarantine"] = QUARANTINE_SCHEMA
    bound: dict[str, list[Path]] = {}
    for form, schema in schemas.items():
        path = folder / f"{form}.parquet"
        full = [{**dict.fromkeys(schema), **_provenance(form), **row} for row in rows.get(form, [])]
        for row in full:
            if strange := set(row) - set(schema):
                raise ValueError(f"{form} has no field {', '.join(sorted(strange))}")
        pl.DataFrame(full, schema=schema).write_parquet(path)
        bound[f"returns.{form}"] = [path]
    return bound


def run_models(
    folder: Path, rows: Rows, *, rulebook: Path = rules.FOLDER, only: Iterable[str] | None = None
) -> Results:
    """Run all models (or ``only`` these and what they need) over ``rows`` in ``folder``; the tables they make."""
    wanted = upstream(all_models(), all_models() if only is None else list(only))
    bound: dict[str, list[Path]] = write_returns(folder / "returns", rows)
    if rulebook == rules.FOLDER:
        bound |= kept.rulebook()
    else:
        bound |= {name: [path] for name, path in rules.write(folder / "rulebook", rulebook).items()}
    with Maker(bound) as maker:
        for name in wanted:
            maker.make(name, all_models()[name], folder / f"{name}.parquet")
    return Results(maker.files)


def run_balance(folder: Path, rows: Rows, *, rulebook: Path = rules.FOLDER) -> Results:
    """Run the models of balance between schools and what they need."""
    return run_models(folder, rows, rulebook=rulebook, only=BALANCE)


def rulebook_with(folder: Path, additions: Mapping[str, Iterable[str]]) -> Path:
    """A copy of the rulebook with lines added to some of its files."""
    shutil.copytree(rules.FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, lines in additions.items():
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


@cache
def all_models() -> dict[str, SqlModel]:
    """Every model, in the order in which they run."""
    return load_models(MODELS, LAYERS)


def _provenance(form: str) -> dict[str, Any]:
    return {} if form == "quarantine" else _PROVENANCE


def _fail(name: str, equal: Mapping[str, Any], height: int) -> dict[str, Any]:
    raise AssertionError(f"{name}: {height} rows with {dict(equal)}, expected one")
