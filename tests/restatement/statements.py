"""Submissions made of a few dict rows: staged, superseded, modelled, and what the restatements among them did.

Belongs here: building the inputs and running the real code on them. Does not belong here: expectations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import sqrt
from pathlib import Path

import polars as pl

from models import rules
from models.returns import CONTRACTS
from pipelines.intake.judge import QUARANTINE_SCHEMA
from pipelines.intake.restate import RECEIVED_SCHEMA, restate, superseded_schema
from pipelines.intake.stage import Staged
from pipelines.intake.supersede import live
from pipelines.restatement.effects import Sources, restatement_tables
from tests.models.helpers import BALANCE, YEAR, Rows, all_models
from warehouse.engine import DuckDBEngine
from warehouse.replay import upstream

NOON = datetime(2020, 9, 20, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """The audit tables on restatements, and the marts of now."""

    tables: dict[str, pl.DataFrame]
    marts: dict[str, list[Path]]

    def table(self, name: str) -> pl.DataFrame:
        return self.tables[f"audit.{name}"]

    def coefficient(self, indicator: str, stage: str = "primary", county: str | None = None) -> float | None:
        frame = pl.read_parquet(self.marts["trends.differential_coefficient"]).filter(
            (pl.col("indicator") == indicator) & (pl.col("stage") == stage) & (pl.col("standard") == "basic_2012")
        )
        if county is not None:
            frame = frame.filter(pl.col("county_code") == county)
        value: float | None = frame["coefficient"].item()
        return value


def told(folder: Path, submissions: Sequence[Rows], years: Sequence[int] = (YEAR,)) -> Told:
    """Stage these submissions in order of receipt (``quarantine`` among the rows of one), run the models, compare."""
    staged = _staged(submissions)
    names = [f"s{number}" for number in range(len(submissions))]
    received = pl.DataFrame(
        [(name, n, f"{name}.xlsx", NOON + timedelta(hours=n)) for n, name in enumerate(names)],
        RECEIVED_SCHEMA,
        orient="row",
    )
    alive = [live(staged, {name: n for n, name in enumerate(names)}, year) for year in years]
    older = [restate(staged, received, year) for year in years]
    inputs = {name: [path] for name, path in rules.write(folder / "rulebook").items()}
    superseded: dict[str, list[Path]] = {}
    for form, contract in CONTRACTS.items():
        inputs[f"returns.{form}"] = [_written(folder / f"{form}.parquet", [each.rows[form] for each in alive])]
        empty = pl.DataFrame(schema=superseded_schema(contract))
        frames = [each.rows.get(form, empty) for each in older]
        superseded[f"superseded.{form}"] = [_written(folder / f"superseded_{form}.parquet", frames)]
    inputs["returns.quarantine"] = [_written(folder / "quarantine.parquet", [each.quarantine for each in alive])]
    superseded["superseded.quarantine"] = [
        _written(folder / "superseded_quarantine.parquet", [each.quarantine for each in older])
    ]
    models = {name: all_models()[name] for name in upstream(all_models(), BALANCE)}
    marts: dict[str, list[Path]] = {}
    with DuckDBEngine(threads=1) as engine:
        for name, paths in inputs.items():
            engine.bind(name, paths)
        for name, model in models.items():
            marts[name] = [folder / f"{name}.parquet"]
            engine.run(model.sql, marts[name][0], order_by=model.grain)
            engine.bind(name, marts[name])
    changes = pl.concat([each.changes for each in older])
    return Told(restatement_tables(changes, models, Sources(inputs, superseded, marts)), marts)


def _staged(submissions: Sequence[Rows]) -> Staged:
    rows: dict[str, list[dict[str, object]]] = {form: [] for form in CONTRACTS}
    bad: list[dict[str, object]] = []
    for number, submission in enumerate(submissions):
        for form, of_form in submission.items():
            for line, row in enumerate(of_form, start=5):
                where = {"submission_id": f"s{number}", "sheet": form, "row_number": line}
                if form == "quarantine":
                    key = "|".join(str(row[each]) for each in ("school_code", "stage") if row.get(each))
                    bad.append({**dict.fromkeys(QUARANTINE_SCHEMA), **row, **where, "row_key": key})
                else:
                    rows[form].append({**dict.fromkeys(CONTRACTS[form].staged_schema), **row, **where, "block": ""})
    return Staged(
        {form: pl.DataFrame(of_form, CONTRACTS[form].staged_schema) for form, of_form in rows.items()},
        pl.DataFrame(bad, QUARANTINE_SCHEMA),
    )


def _written(path: Path, frames: Sequence[pl.DataFrame]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.concat(frames).write_parquet(path)
    return path


def coefficient(schools: Sequence[tuple[int, int | None]]) -> float | None:
    """The differential coefficient of (pupils, resource) by exact fractions; schools without a value are left out."""
    present = [(Fraction(pupils), Fraction(value)) for pupils, value in schools if value is not None and pupils]
    pupils = sum((each for each, _ in present), Fraction(0))
    if not pupils or not sum(value for _, value in present):
        return None
    mean = sum((value for _, value in present), Fraction(0)) / pupils
    variance = sum((each * (value / each - mean) ** 2 for each, value in present), Fraction(0)) / pupils
    return sqrt(variance / mean**2)
