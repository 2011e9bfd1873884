"""Running only the models that a test looks at, and those they read: most tables do not matter to a survey.

Belongs here: choosing models. Does not belong here: building inputs (``helpers``).
"""

from __future__ import annotations

from pathlib import Path

from models import rules
from tests.models.helpers import Results, Rows, all_models, write_returns
from warehouse.engine import DuckDBEngine


def needed(*tables: str) -> list[str]:
    """The tables and all that they read, in the order in which they run."""
    models, wanted = all_models(), set(tables)
    for name in reversed(list(models)):
        if name in wanted:
            wanted |= set(models[name].depends)
    return [name for name in models if name in wanted]


def run_some(folder: Path, rows: Rows, *tables: str, rulebook: Path = rules.FOLDER) -> Results:
    """Run ``tables`` and what they read over ``rows`` in ``folder``."""
    bound: dict[str, list[Path]] = write_returns(folder / "returns", rows)
    bound |= {name: [path] for name, path in rules.write(folder / "rulebook", rulebook).items()}
    files: dict[str, Path] = {}
    with DuckDBEngine(threads=1) as engine:
        for name, paths in bound.items():
            engine.bind(name, paths)
        for name in needed(*tables):
            files[name] = folder / f"{name}.parquet"
            engine.run(all_models()[name].sql, files[name])
            engine.bind(name, [files[name]])
    return Results(files)
