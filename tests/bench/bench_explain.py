"""How long a walk takes: of one figure, in a small warehouse and in one of 3,000,000 school-years.

Run ``python -m tests.bench.bench_explain --rows 3000000``. A walk reads the rows of its county and year: the ratio of both
says whether it does, or goes through everything. Belongs here: timing. Does not belong here: the data
(``synthetic_returns``; they have no received files, so that texts of cells are not part of this).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from models import rules
from pipelines.content import sql_models
from pipelines.explain.context import Context
from pipelines.explain.walk import explain
from tests.bench.bench_models import BALANCE
from tests.bench.synthetic_returns import FIRST_YEAR, YEARS, write_returns
from warehouse.assembly import Comments, assemble
from warehouse.engine import DuckDBEngine
from warehouse.replay import upstream

SMALL = 30_000
TABLES = ("returns.school", "returns.enrolment", "returns.teacher", "returns.premises", "returns.equipment")
_YEAR = FIRST_YEAR + YEARS - 2


def main() -> None:
    """Build both releases, explain a figure in each, print seconds and ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="school-years")
    parser.add_argument("--repeat", type=int, default=3, help="walks of each; the fastest counts")
    options = parser.parse_args()
    sql_models()
    seconds = {}
    for rows in (SMALL, options.rows):
        with tempfile.TemporaryDirectory(prefix="junheng-bench-") as temporary:
            release = build(Path(temporary), rows)
            seconds[rows], cells, scan = measure(release, options.repeat)
            print(f"{seconds[rows]:8.2f} s  one walk of {cells} cells, {rows:,} school-years")
            print(f"{scan:8.2f} s  a scan of the same columns of all of them")
    print(f"walk in {options.rows:,} ÷ walk in {SMALL:,} school-years: {seconds[options.rows] / seconds[SMALL]:.2f}")


def build(folder: Path, rows: int) -> Path:
    """Return a DuckDB file like a release, with the tables of balance between schools."""
    bound = write_returns(folder / "returns", rows)
    bound |= {name: [path] for name, path in rules.write(folder / "rulebook").items()}
    models = sql_models()
    tables: dict[str, Sequence[Path]] = dict(bound)
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        for name in upstream(models, BALANCE):
            path = folder / f"{name}.parquet"
            engine.run(models[name].sql, path, order_by=models[name].grain)
            engine.bind(name, [path])
            tables[name] = [path]
    release = folder / "release.duckdb"
    assemble(release, tables, Comments(), None)
    _audit(release, bound)
    return release


def _audit(release: Path, bound: Mapping[str, Sequence[Path]]) -> None:
    """Where each field stands: a column of its own in the sheet of its return, one submission per county."""
    with duckdb.connect(str(release)) as connection:
        connection.execute("create schema audit")
        connection.execute(
            """create table audit.submission as select submission_id, row_number() over () as sequence,
               submission_id || '.xlsx' as file_name, repeat('0', 64) as sha256, 1 as size, timestamp '2026-09-20' as
               received_at, 'bench' as received_by, null::varchar as supersedes
               from (select distinct submission_id from returns.school)"""
        )
        connection.execute(
            """create table audit.source_column (submission_id varchar, sheet varchar, form varchar, block varchar, field
               varchar, columns varchar, header varchar, factor varchar, layout varchar, table_number varchar)"""
        )
        for form in sorted(name.split(".")[1] for name in bound if name in TABLES):
            connection.execute(
                f"""insert into audit.source_column select submission_id, '{form}', '{form}', '', column_name,
                    chr(65 + (row_number() over (partition by submission_id order by column_name) % 26)::integer),
                    column_name, '1', 'template', 'junheng:{form}'
                    from audit.submission cross join (select column_name from (describe returns.{form}))
                    where column_name not in ('submission_id', 'sheet', 'row_number', 'block')
                    order by submission_id"""
            )
        connection.execute(
            """create table audit.finding (finding_id varchar, rule varchar, severity varchar, submission_id varchar,
               sheet varchar, cell varchar, row_number integer)"""
        )


def measure(release: Path, repeat: int) -> tuple[float, int, float]:
    """Return seconds of the fastest walk, its cells, and seconds of a scan of all rows."""
    times, cells = [], 0
    with duckdb.connect(str(release), read_only=True) as connection:
        county = connection.execute("select county_code from core.county order by 1 limit 1 offset 1").fetchone()
        assert county is not None
        keys = {"county_code": county[0], "school_year": _YEAR, "stage": "primary", "indicator": "books"}
        for _ in range(repeat):
            start = time.perf_counter()
            walk = explain(Context.of(connection, None), "trends.differential_coefficient", keys)
            times.append(time.perf_counter() - start)
            cells = walk["recomputed"]["cells"]
            assert walk["recomputed"]["equal"], walk["recomputed"]["differences"]
        start = time.perf_counter()
        connection.execute(
            "select sum(books), sum(pupils) from returns.equipment join returns.enrolment using (school_year, school_code)"
        ).fetchall()
        return min(times), cells, time.perf_counter() - start


if __name__ == "__main__":
    main()
