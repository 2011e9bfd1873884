"""The what-if runs: today's models on today's returns with some rows as they were stated before.

Belongs here: the tables of a round and running the models on them. Does not belong here: which rows (``scenarios``),
what the figures mean; there is no second implementation of any formula.

Only the counties concerned are run: every row of every school that counts in one of them, or was restated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import PROVENANCE, Contract
from pipelines.restatement.scenarios import LIVE, Scenarios
from warehouse import duck
from warehouse.replay import inputs_of, replay
from warehouse.sqlmodels import SqlModel

COEFFICIENTS = "trends.differential_coefficient"
COMPOSITE = "trends.composite_coefficient"
#: ``indicator`` of the composite coefficient in tables that hold both.
COMPOSITE_INDICATOR = "composite"

FIGURES = f"""
    select county_code, cast(school_year as integer) as school_year, stage, standard, indicator, coefficient, meets
    from {COEFFICIENTS}
    union all
    select
        county_code, cast(school_year as integer), stage, standard, '{COMPOSITE_INDICATOR}', composite, verdict
    from {COMPOSITE}
"""

Files = Mapping[str, Sequence[Path]]


def run_rounds(
    planned: Scenarios,
    models: Mapping[str, SqlModel],
    inputs: Files,
    superseded: Files,
    schools: pl.DataFrame,
    codes: pl.DataFrame,
    *,
    temp_directory: Path | None = None,
) -> pl.DataFrame:
    """Run the models once for each round; return the coefficients of every reading.

    Args:
        planned: rows to be replaced and counties to be read.
        models: with the two tables of coefficients among them.
        inputs: files of ``returns.*`` and ``rulebook.*``.
        superseded: files of ``superseded.*`` (``pipelines.intake.assemble.superseded_bindings``).
        schools: ``school_year`` and ``school_code`` of every school that is run.
        codes: ``reported_code`` of every county that is run.
        temp_directory: where DuckDB may spill.

    Returns:
        ``kind``, ``id``, ``side`` of the scenario; ``county_code``, ``school_year``, ``stage``, ``standard``,
        ``indicator`` (``composite``: the composite); ``coefficient`` and ``meets`` (of the composite: the verdict).
    """
    with duck.connect(temp_directory=temp_directory) as connection:
        tables = [name for name in inputs_of(models, [COMPOSITE]) if name in inputs]
        for name in ("base", "statement", *sorted({name.split(".")[0] for name in tables})):
            connection.execute(f"create schema if not exists {duck.quoted(name)}")
        connection.register("all_touches", planned.touches.to_arrow())
        connection.register("all_readings", planned.readings.to_arrow())
        connection.execute("create temp table touch as select * from all_touches limit 0")
        touched = set(planned.touches["form"].unique())
        for name in tables:
            _bind(connection, name, inputs, superseded, schools, codes, touched)
        results = []
        for number in planned.readings["round"].unique().sort():
            connection.execute("delete from touch")
            connection.execute("insert into touch select * from all_touches where round = ?", [number])
            replay(connection, models, [COMPOSITE])
            results.append(
                pl.DataFrame(
                    connection.sql(
                        f"""select reading.kind, reading.id, reading.side, figure.*
                            from ({FIGURES}) as figure
                            join all_readings as reading
                                on reading.round = ? and reading.county_code = figure.county_code
                                and reading.school_year = figure.school_year""",
                        params=[number],
                    ).to_arrow_table()
                )
            )
    return pl.concat(results)


def _bind(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    inputs: Files,
    superseded: Files,
    schools: pl.DataFrame,
    codes: pl.DataFrame,
    touched: set[str],
) -> None:
    """Let an input table mean its rows, of the counties that are run, with the touched ones replaced."""
    schema, table = name.split(".")
    view = f"{duck.quoted(schema)}.{duck.quoted(table)}"
    files = pl.scan_parquet(list(inputs[name]), glob=False)
    if schema == "rulebook":
        _create(connection, view, files)
        return
    base = f"base.{duck.quoted(table)}"
    if table == "quarantine":
        usable = pl.col("county_code").str.contains(r"^\d{6}$").fill_null(False)
        there = files.with_columns(pl.when(usable).then("county_code").otherwise(pl.lit("000000")).alias("code"))
        by_school = there.join(schools.lazy(), on=["school_year", "school_code"], how="semi")
        by_code = there.join(schools.lazy(), on=["school_year", "school_code"], how="anti").join(
            codes.lazy(), left_on="code", right_on="reported_code", how="semi"
        )
        _create(connection, base, pl.concat([by_school, by_code]).drop("code"))
        _create(
            connection, "statement.quarantine", pl.scan_parquet(list(superseded["superseded.quarantine"]), glob=False)
        )
        connection.execute(f"create view {view} as {_quarantine_sql()}")
        return
    contract = CONTRACTS[table]
    rows = _of_counties(files, contract, schools, codes)
    _create(connection, base, rows.with_columns(contract.row_key.alias("row_key")))
    if table not in touched:
        connection.execute(f"create view {view} as select * exclude (row_key) from {base}")
        return
    older = pl.scan_parquet(list(superseded[f"superseded.{table}"]), glob=False).drop("superseded_by")
    statements = pl.concat(
        [
            rows.with_columns(pl.lit(LIVE).alias("statement")),
            *(frame.with_columns(pl.col("submission_id").alias("statement")) for frame in (rows, older)),
        ]
    )
    _create(connection, f"statement.{duck.quoted(table)}", statements.with_columns(contract.row_key.alias("row_key")))
    connection.execute(f"create view {view} as {_rows_sql(contract)}")


def _of_counties(files: pl.LazyFrame, contract: Contract, schools: pl.DataFrame, codes: pl.DataFrame) -> pl.LazyFrame:
    if "school_code" in contract.staged_fields:
        keys = schools.lazy().with_columns(pl.col("school_year").cast(contract.staged_schema[contract.period]))
        return files.join(
            keys, left_on=[contract.period, "school_code"], right_on=["school_year", "school_code"], how="semi"
        )
    if "county_code" in contract.staged_fields:
        return files.join(codes.lazy(), left_on="county_code", right_on="reported_code", how="semi")
    return files


def _create(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.LazyFrame) -> None:
    connection.register("rows_to_create", rows.collect().to_arrow())
    connection.execute(f"create table {table} as select * from rows_to_create")
    connection.unregister("rows_to_create")


def _rows_sql(contract: Contract) -> str:
    """The rows of a return: those not touched as they are, the others as the touch says."""
    form, table = duck.literal(contract.name), duck.quoted(contract.name)
    period = duck.quoted(contract.period)
    names = [*PROVENANCE, *contract.staged_fields]
    plain = ", ".join(f"base.{duck.quoted(name)}" for name in names)
    mixed = ", ".join(
        f"case when touch.field = {duck.literal(name)} then older.{column} else stated.{column} end as {column}"
        for name, column in zip(names, map(duck.quoted, names), strict=True)
    )
    return f"""
        select {plain} from base.{table} as base
        where not exists (
            select 1 from touch
            where touch.form = {form} and touch.school_year = base.{period} and touch.row_key = base.row_key
        )
        union all
        select {mixed}
        from touch
        join statement.{table} as stated
            on stated.{period} = touch.school_year and stated.row_key = touch.row_key and stated.statement = touch.base
        left join statement.{table} as older
            on older.{period} = touch.school_year and older.row_key = touch.row_key
            and older.statement = touch.field_base
        where touch.form = {form}
    """


def _quarantine_sql() -> str:
    """The quarantine: without the rows that are touched, with those that the older statements put there."""
    return """
        select base.* from base.quarantine as base
        where not exists (
            select 1 from touch
            where touch.form = base.form and touch.school_year = base.school_year and touch.row_key = base.row_key
        )
        union all
        select stated.* exclude (superseded_by)
        from (select distinct form, school_year, row_key, base from touch where field is null) as touch
        join statement.quarantine as stated
            on stated.form = touch.form and stated.school_year = touch.school_year
            and stated.row_key = touch.row_key and stated.submission_id = touch.base
    """
