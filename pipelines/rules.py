"""Running the rules across rows on what is staged and modelled: findings, and what each rule looked at.

Belongs here: binding the tables, remembering from what the results were made, writing them. Does not belong here: the
rules (``checks/rules``), cells and owners (``pipelines.intake.across``), Dagster (``pipelines.assets.rules``).

They run after the models, on all years at once: a chain of movement, a school that vanished or last year's file sent
again are seen neither in one return nor in one year. What they find lies beside the marts and is part of
``audit.finding`` of a release; like a mart it has a key, and a release is made only of results that fit the marts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from checks.rules import Ran, Rule, load_rules, placed, run_rules
from models.returns import CONTRACTS
from pipelines.intake.across import across
from pipelines.intake.assemble import audit_bindings
from pipelines.marts import Bindings, MartsStale, digest, exclusive, mart_bindings, note, stale_marts, state, table_keys
from warehouse.engine import DuckDBEngine
from warehouse.files import replacing
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.sqlmodels import SqlModel

#: What rules looked at, by school year; a rule that was not applied has one row without year, and the reason.
LOOKED_SCHEMA: dict[str, Any] = {
    "rule": pl.String,
    "school_year": pl.Int32,
    "rows_looked_at": pl.Int64,
    "not_applied": pl.String,
}

_STATE = "audit.rule_finding"


@dataclass(frozen=True)
class RulesRun:
    """What a run gave: the findings (``checks.findings.FINDING_SCHEMA``) and what was looked at (``LOOKED_SCHEMA``)."""

    findings: pl.DataFrame
    looked: pl.DataFrame


def check_across(home: Home, ledger: Ledger, models: Mapping[str, SqlModel], inputs: Bindings) -> RulesRun:
    """Run all rules on the marts of ``models`` and on ``inputs``, and write what they find.

    Raises:
        MartsStale: the marts do not fit the returns; run the models.
        checks.rules.RuleError: rules that could not be run; nothing is written then.
    """
    with exclusive(home):
        if stale := stale_marts(home, models, inputs):
            raise MartsStale(f"the marts do not fit the returns of now: {', '.join(stale)}; run the models first")
        note(home, {_STATE: None})
        tables = {**inputs, **mart_bindings(home, models)}
        rules = load_rules()
        names = {each.submission_id: each.file_name for each in ledger.submissions(status="accepted")}
        with (
            DuckDBEngine(temp_directory=home.cache / "duckdb") as engine,
            tempfile.TemporaryDirectory(prefix="rules-", dir=home.cache) as folder,
        ):
            rows = _bind(engine, rules, tables)
            read = {rule.name: _returns_read(rule, models) for rule in rules}
            ran = run_rules(engine, rows, Path(folder), through=read)
            broken = placed(engine, ran, Path(folder))
        columns = pl.scan_parquet(list(audit_bindings(home)["audit.source_column"]), glob=False)
        staged = {form: pl.scan_parquet(list(tables[f"returns.{form}"]), glob=False) for form in CONTRACTS}
        done = RulesRun(across(broken, rules, columns, names, staged), _looked(ran, read, tables))
        for path, frame in zip(_paths(home), (done.findings, done.looked), strict=True):
            with replacing(path) as temporary:
                frame.write_parquet(temporary, compression="zstd")
        note(home, {_STATE: _key(models, inputs)})
    return done


def rules_are_stale(home: Home, models: Mapping[str, SqlModel], inputs: Bindings) -> bool:
    """Say whether the findings of the rules are not what they would give now."""
    return state(home).get(_STATE) != _key(models, inputs) or not all(path.exists() for path in _paths(home))


def read_rules_run(home: Home) -> RulesRun:
    """Return what the last run gave; ``MartsStale`` where there was none."""
    try:
        return RulesRun(*(pl.read_parquet(path, glob=False) for path in _paths(home)))
    except FileNotFoundError as error:
        raise MartsStale("the rules across returns were never run; run them after the models") from error


def rule_findings(home: Home) -> Path:
    """Return the file of the findings; ``MartsStale`` where the rules were never run."""
    if not rule_finding_path(home).exists():
        raise MartsStale("the rules across returns were never run; run them after the models")
    return rule_finding_path(home)


def rule_finding_path(home: Home) -> Path:
    """Return where the findings of the rules lie, if they were ever run."""
    return _paths(home)[0]


def _paths(home: Home) -> tuple[Path, Path]:
    folder = home.marts / "audit"
    return folder / "rule_finding.parquet", folder / "rule_looked.parquet"


def _key(models: Mapping[str, SqlModel], inputs: Bindings) -> str:
    keys = table_keys(models, inputs)
    rules = load_rules()
    read = sorted({table for rule in rules for table in rule.reads})
    return digest(*map(repr, rules), *(f"{table}={keys.get(table)}" for table in read))


def _bind(engine: DuckDBEngine, rules: tuple[Rule, ...], tables: Bindings) -> dict[str, int]:
    """Bind every table that a rule reads; return the rows of each."""
    wanted = {table for rule in rules for table in rule.reads} | {f"returns.{form}" for form in CONTRACTS}
    rows: dict[str, int] = {}
    for name in sorted(wanted & tables.keys()):
        engine.bind(name, tables[name])
        rows[name] = pl.scan_parquet(list(tables[name]), glob=False).select(pl.len()).collect().item()
    return rows


def _returns_read(rule: Rule, models: Mapping[str, SqlModel]) -> list[str]:
    """Returns that a rule reads: itself, else those that its models read, else those that theirs read, and so on."""
    level = set(rule.reads)
    while level:
        if returns := sorted(name for name in level if name.startswith("returns.")):
            return returns
        level = {name for model in level & models.keys() for name in models[model].depends}
    return []


def _looked(ran: list[Ran], read: Mapping[str, list[str]], tables: Bindings) -> pl.DataFrame:
    """Of each rule the rows, by school year, of the largest return it reads: there it could have found something."""
    years: dict[str, pl.DataFrame] = {}
    frames = [pl.DataFrame(schema=LOOKED_SCHEMA)]
    for each in ran:
        if each.not_applied is not None:
            row = {"rule": each.rule.name, "school_year": None, "rows_looked_at": 0, "not_applied": each.not_applied}
            frames.append(pl.DataFrame([row], schema=LOOKED_SCHEMA))
            continue
        for name in read[each.rule.name]:
            if name not in years:
                years[name] = _by_year(pl.scan_parquet(list(tables[name]), glob=False))
        counted = pl.concat([years[name] for name in read[each.rule.name]])
        largest = counted.group_by("school_year").agg(pl.col("rows_looked_at").max())
        frames.append(
            largest.with_columns(rule=pl.lit(each.rule.name), not_applied=pl.lit(None, pl.String)).select(
                [pl.col(name).cast(kind) for name, kind in LOOKED_SCHEMA.items()]
            )
        )
    return pl.concat(frames).sort("rule", "school_year")


def _by_year(table: pl.LazyFrame) -> pl.DataFrame:
    names = table.collect_schema().names()
    period = next((name for name in ("school_year", "fiscal_year") if name in names), None)
    if period is None:
        return pl.DataFrame(schema={"school_year": pl.Int32, "rows_looked_at": pl.Int64})
    counted = table.group_by(pl.col(period).cast(pl.Int32).alias("school_year")).len("rows_looked_at")
    return counted.with_columns(pl.col("rows_looked_at").cast(pl.Int64)).drop_nulls("school_year").collect()
