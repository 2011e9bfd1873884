"""The expectations on the marts of a release: evaluated where something changed, kept beside the marts.

Belongs here: which answers still hold, and the tables ``audit.expectation`` and ``audit.finding`` get of them. Does not
belong here: the expectations (``checks.expectations``) and Great Expectations (``checks.evaluation``).

An answer holds as long as the mart (its bytes), the expectations on it and this code are the same, so that a refused
release that is published again, or new pages over the same figures, cost no second evaluation and no import of seconds,
and a corrected return costs that of the tables in which it changed a figure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import polars as pl

from checks import answers as shapes
from checks import evaluation, gx
from checks.answers import EVALUATION_SCHEMA, as_findings, as_frame
from checks.expectations import Expectation, counted_tables, suites
from models import rules
from pipelines.marts import Bindings, mart_bindings
from warehouse.files import replacing, write_bytes
from warehouse.home import Home
from warehouse.sqlmodels import SqlModel


def write_expectations(home: Home, models: Mapping[str, SqlModel]) -> tuple[Path, Path]:
    """Evaluate what has to be evaluated; return the files of ``audit.expectation`` and of the findings that follow.

    Args:
        models: those of the release; their marts must be up to date.

    Raises:
        checks.expectations.ExpectationError: the catalogue of expectations cannot be used.
    """
    suite_of = suites(models, rules.load())
    marts = mart_bindings(home, models)
    keys = _keys(suite_of, marts)
    answers_path, findings_path = home.marts / "audit" / "expectation.parquet", expectation_finding_path(home)
    kept = _kept(home, answers_path)
    known = kept.filter(pl.concat_str("table_name", "_key", separator="=").is_in([f"{t}={k}" for t, k in keys.items()]))
    due = {table: suite for table, suite in suite_of.items() if table not in set(known["table_name"])}
    grains = {table: models[table].grain for table in due}
    made = as_frame(evaluation.evaluate(due, marts, grains) if due else [])
    position = {table: number for number, table in enumerate(suite_of)}
    answers = pl.concat([known.drop("_key"), made]).sort(
        pl.col("table_name").replace_strict(position, return_dtype=pl.Int64), maintain_order=True
    )
    for frame, path in ((answers, answers_path), (as_findings(answers), findings_path)):
        with replacing(path) as temporary:
            frame.write_parquet(temporary, compression="zstd")
    crashed = set(answers.filter(pl.col("crashed").is_not_null())["table_name"])
    sound = {table: key for table, key in keys.items() if table not in crashed}
    write_bytes(_state(home), json.dumps(sound, indent=1, sort_keys=True).encode())
    return answers_path, findings_path


def expectation_finding_path(home: Home) -> Path:
    """Return where the findings that follow from the expectations lie, if they were evaluated."""
    return home.marts / "audit" / "expectation_finding.parquet"


def _keys(suite_of: Mapping[str, Sequence[Expectation]], marts: Bindings) -> dict[str, str]:
    """What the answers on each table depend on."""
    contents: dict[str, str] = {}
    sources = (Path(str(module.__file__)).read_bytes() for module in (evaluation, gx, shapes))
    code = b"".join([*sources, metadata.version("great-expectations").encode()])
    keys = {}
    for table, suite in suite_of.items():
        counted = {name for each in suite for name in counted_tables(each)}
        for name in {table, *counted} - contents.keys():
            contents[name] = " ".join(_digest(path) for path in marts[name])
        parts = [*(contents[name] for name in sorted({table, *counted})), *map(repr, suite)]
        keys[table] = hashlib.sha256("\n".join(parts).encode() + code).hexdigest()
    return keys


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _state(home: Home) -> Path:
    return home.marts / "audit" / "expectation.json"


def _kept(home: Home, path: Path) -> pl.DataFrame:
    """The answers of the last time, each with the key under which it was given."""
    empty = pl.DataFrame(schema={**EVALUATION_SCHEMA, "_key": pl.String})
    try:
        state: dict[str, str] = json.loads(_state(home).read_bytes())
        frame = pl.read_parquet(path, glob=False)
    except (FileNotFoundError, ValueError, pl.exceptions.PolarsError):
        return empty
    if frame.schema != EVALUATION_SCHEMA or not state:
        return empty
    return frame.with_columns(
        pl.col("table_name").replace_strict(state, default=None, return_dtype=pl.String).alias("_key")
    )
