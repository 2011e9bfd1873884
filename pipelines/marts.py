"""Running the SQL models: Parquet in, Parquet out, and knowing which of the results still fit their inputs.

Belongs here: binding tables to files, running models in order, remembering from what each mart was made.
Does not belong here: what the models say (``models``), publishing them (``pipelines.publish``).

A mart's *key* is a digest of its SQL, the version of the engine and the keys of everything it reads, down to the files
of the returns. ``state.json`` beside the marts holds the key with which each was made. A release is only assembled from
marts whose keys are those of today: after a crash half-way, or while another run replaces the returns, a mixture of old
and new tables cannot be published.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.engine import DuckDBEngine
from warehouse.files import locked, make_folder, write_bytes
from warehouse.home import Home
from warehouse.sqlmodels import SqlModel, check_columns

Bindings = Mapping[str, Sequence[Path]]

_SMALL = 1 << 20


class MartsStale(Exception):
    """Marts that do not fit the returns, the rulebook or the models of now; the message names them."""


@dataclass(frozen=True)
class Mart:
    """A table that was made: its rows, where it lies, how long it took."""

    name: str
    path: Path
    rows: int
    seconds: float


def mart_path(home: Home, table: str) -> Path:
    """Return where the mart ``layer.table`` lies."""
    layer, name = table.split(".")
    return home.marts / layer / f"{name}.parquet"


@contextmanager
def exclusive(home: Home) -> Iterator[None]:
    """Hold the marts alone: while they are written, and while a release is assembled from them."""
    make_folder(home.marts)
    with locked(home.marts / ".lock"):
        yield


def run_models(
    home: Home,
    models: Mapping[str, SqlModel],
    inputs: Bindings,
    *,
    selected: Collection[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Mart]:
    """Make marts, in order; models that are not ``selected`` are read as they were made before.

    Args:
        models: in dependency order (``warehouse.sqlmodels.load_models``).
        inputs: Parquet files of every table that is not a model.
        progress: told (table, number done, number of all) before each table and once at the end.

    Raises:
        MartsStale: a model that is needed but not selected was never made.
        warehouse.engine.EngineError, warehouse.sqlmodels.SqlModelError: a query fails or gives undocumented columns.
    """
    wanted = [name for name in models if selected is None or name in selected]
    made: list[Mart] = []
    with exclusive(home), DuckDBEngine(temp_directory=home.cache / "duckdb") as engine:
        keys = mart_keys(models, inputs)
        for name in {table for model in wanted for table in models[model].depends} - models.keys():
            engine.bind(name, inputs[name])
        for name in _upstream(models, wanted):
            if not mart_path(home, name).exists():
                raise MartsStale(f"{name} was never made but {', '.join(wanted)} need it; run the models it stands for")
            engine.bind(name, [mart_path(home, name)])
        note(home, dict.fromkeys(wanted))  # whatever happens now, no old key vouches for a new file
        try:
            for number, name in enumerate(wanted):
                if progress is not None:
                    progress(name, number, len(wanted))
                model, path, start = models[name], mart_path(home, name), time.monotonic()
                check_columns(model, [column for column, _ in engine.describe(model.sql)])
                rows = engine.run(model.sql, path, order_by=model.grain)
                engine.bind(name, [path])
                made.append(Mart(name, path, rows, time.monotonic() - start))
        finally:
            note(home, {mart.name: keys[mart.name] for mart in made})
        if progress is not None:
            progress("", len(wanted), len(wanted))
    return made


def mart_keys(models: Mapping[str, SqlModel], inputs: Bindings) -> dict[str, str]:
    """Return the key each mart would have if it were made now."""
    keys = table_keys(models, inputs)
    return {name: keys[name] for name in models}


def table_keys(models: Mapping[str, SqlModel], inputs: Bindings) -> dict[str, str]:
    """Return the key of every table: of inputs by the files they lie in, of marts as they would be made now."""
    keys = {name: digest(*(_stamp(path) for path in files)) for name, files in inputs.items()}
    for name, model in models.items():
        keys[name] = digest(duckdb.__version__, model.sql, *(f"{table}={keys[table]}" for table in model.depends))
    return keys


def stale_marts(home: Home, models: Mapping[str, SqlModel], inputs: Bindings) -> list[str]:
    """Return the marts that are missing or were made from something else than what is there now."""
    made = state(home)
    keys = mart_keys(models, inputs)
    return [name for name in models if made.get(name) != keys[name] or not mart_path(home, name).exists()]


def mart_bindings(home: Home, models: Mapping[str, SqlModel]) -> dict[str, list[Path]]:
    """Return the file of every mart."""
    return {name: [mart_path(home, name)] for name in models}


def _upstream(models: Mapping[str, SqlModel], wanted: Collection[str]) -> list[str]:
    """Models that are read by wanted ones and are not made in this run."""
    read = {table for name in wanted for table in models[name].depends}
    return sorted((read & models.keys()) - set(wanted))


def _stamp(path: Path) -> str:
    """What tells one content of a file from another: the content itself where it is small, else size and time."""
    status = path.stat()
    if status.st_size <= _SMALL:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"


def digest(*parts: str) -> str:
    """Return the SHA-256 of some texts, told apart."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def state(home: Home) -> dict[str, str]:
    """Return the key with which each mart was made."""
    try:
        made: dict[str, str] = json.loads((home.marts / "state.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return made


def note(home: Home, keys: Mapping[str, str | None]) -> None:
    """Write down with which keys marts were made; None forgets one."""
    made = {name: key for name, key in {**state(home), **keys}.items() if key is not None}
    write_bytes(home.marts / "state.json", json.dumps(made, indent=1, sort_keys=True).encode())
