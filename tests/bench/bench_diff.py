"""What comparing two releases costs, beside running the models that made them, and whether it is linear.

Run ``python -m tests.bench.bench_diff --rows 200000``. Release ``b`` has one county's equipment restated (one cause: the
figures are compared, nothing is run) or another county's enrolment as well, which ``a`` did not have (two causes: what
each of them did is run). Belongs here: timing. Does not belong here: the data (``synthetic_returns``).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from models import rules
from pipelines.content import sql_models
from pipelines.release_diff import ReleaseDiff, diff
from pipelines.stored_models import models_frame
from tests.bench.synthetic_returns import FIRST_YEAR, YEARS, write_returns
from warehouse.assembly import Comments, assemble
from warehouse.engine import DuckDBEngine
from warehouse.releases import Release

_YEAR = FIRST_YEAR + YEARS - 2
Files = Mapping[str, Sequence[Path]]


def main() -> None:
    """Build releases of n and n/2 school-years, compare them, print seconds of processor time and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="school-years")
    parser.add_argument("--repeat", type=int, default=2, help="comparisons of each; the fastest counts")
    options = parser.parse_args()
    sql_models()
    told: dict[int, dict[str, float]] = {}
    for rows in (options.rows, options.rows // 2):
        with tempfile.TemporaryDirectory(prefix="junheng-bench-") as temporary:
            told[rows] = measure(Path(temporary), rows, options.repeat)
        for name, seconds in told[rows].items():
            print(f"{seconds:8.2f} s  {name}, {rows:,} school-years", flush=True)
    whole, half = told.values()
    run = "one run of the models"
    for name in whole:
        if name != run:
            print(f"{name} ÷ {run}: {whole[name] / whole[run]:.3f}")
        print(f"{name}: n ÷ n/2: {whole[name] / half[name]:.2f}")


def measure(folder: Path, rows: int, repeat: int) -> dict[str, float]:
    """Return processor seconds of running the models, and of comparing with one and with two causes."""
    later = write_returns(folder / "later", rows, counties=True)
    counties = pl.read_parquet(later["returns.equipment"])["county_code"].unique().sort()
    restated, new = counties[0], counties[1]
    submissions = {"restated": ["s0", "s1"], "both": ["s0", "s1", "s2"]}
    known = {"a": ["s0"], **submissions}
    returns: dict[str, Files] = {"both": later}
    # What was there before: the county's equipment as first stated, and without the other county's enrolment.
    before = _edited(later, "returns.equipment", folder / "equipment.parquet", _fewer_books(restated))
    returns["restated"] = _edited(later, "returns.enrolment", folder / "enrolment.parquet", _without(new))
    returns["a"] = {**before, "returns.enrolment": returns["restated"]["returns.enrolment"]}
    returns["restated"] = _edited(
        returns["restated"], "returns.equipment", folder / "e1.parquet", _sent(restated, "s1")
    )
    returns["both"] = {
        **returns["restated"],
        **_edited(later, "returns.enrolment", folder / "e2.parquet", _sent(new, "s2")),
    }
    returns["both"] = {**returns["both"], "returns.equipment": returns["restated"]["returns.equipment"]}
    rulebook = {name: [path] for name, path in rules.write(folder / "rulebook").items()}
    releases, seconds = {}, []
    for name, of in returns.items():
        start = time.process_time()
        marts = run_models({**of, **rulebook}, folder / name)
        seconds.append(time.process_time() - start)
        releases[name] = _release({**of, **rulebook, **marts}, known[name], folder / f"{name}.duckdb")
    told = {"one run of the models": min(seconds)}
    for name, causes in (("restated", {"restatement"}), ("both", {"new_return", "restatement"})):
        times = []
        for _ in range(repeat):
            start = time.process_time()
            found = diff(releases["a"], releases[name])
            times.append(time.process_time() - start)
            _check(found, causes)
        told[f"a comparison with {len(causes)} cause{'s'[: len(causes) - 1]}"] = min(times)
    return told


def _check(found: ReleaseDiff, causes: set[str]) -> None:
    assert {each["cause"] for each in found.rows} == causes, found.rows
    assert set(found.causes) - {"mixed"} == causes and found.figures > 100 and not found.notes, found


def run_models(bound: Files, folder: Path) -> dict[str, list[Path]]:
    """Run every model; return the files by table."""
    made = {}
    with DuckDBEngine() as engine:
        for name, files in bound.items():
            engine.bind(name, files)
        for name, model in sql_models().items():
            made[name] = [folder / f"{name}.parquet"]
            engine.run(model.sql, made[name][0], order_by=model.grain)
            engine.bind(name, made[name])
    return made


def _edited(bound: Files, table: str, path: Path, sql: str) -> dict[str, Sequence[Path]]:
    """The files with one table replaced by one file, made from it by a query on ``given``."""
    with duckdb.connect() as connection:
        files = ", ".join(f"'{file}'" for file in bound[table])
        connection.execute(f"create view given as select * from read_parquet([{files}])")
        connection.execute(f"copy ({sql}) to '{path}' (compression zstd)")
    return {**bound, table: [path]}


def _of(county: str) -> str:
    return f"county_code = '{county}' and school_year = {_YEAR}"


def _fewer_books(county: str) -> str:
    return f"select * replace (case when {_of(county)} then books // 2 else books end as books) from given"


def _without(county: str) -> str:
    return f"select * from given where not ({_of(county)})"


def _sent(county: str, submission: str) -> str:
    said = f"case when {_of(county)} then '{submission}' else submission_id end as submission_id"
    return f"select * replace ({said}) from given"


def _release(tables: Files, submissions: Sequence[str], path: Path) -> Release:
    models = path.with_suffix(".models.parquet")
    models_frame(sql_models()).write_parquet(models)
    assemble(path, {**tables, "audit.model": [models]}, Comments(), None)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """create table audit.submission as
               select submission_id, 0::bigint as sequence, 'accepted' as status, null::varchar as supersedes
               from (select distinct submission_id from returns.school where submission_id not in ('s1', 's2'))"""
        )
        for number, name in enumerate(submissions):
            connection.execute("insert into audit.submission values (?, ?, 'accepted', null)", [name, number])
    manifest = {
        "content": {"models": "m", "reading": "r", "rulebook": "b"},
        "rulebook_version": "b",
        "duckdb_version": duckdb.__version__,
    }
    return Release(path.stem, path, manifest)


if __name__ == "__main__":
    main()
