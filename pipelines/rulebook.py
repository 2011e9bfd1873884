"""The rulebook as tables beside the marts, so that models and releases read it like anything else.

Belongs here: writing the checked rulebook to the home. Does not belong here: what it says and what it may say
(``models.rules``).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from models import rules
from warehouse.files import replacing
from warehouse.home import Home


def write_rulebook(home: Home) -> dict[str, pl.DataFrame]:
    """Check the rulebook, write it as Parquet, return its tables; ``models.rules.RulebookError`` names faults."""
    tables = rules.load()
    for name, frame in tables.items():
        with replacing(_path(home, name)) as temporary:
            frame.write_parquet(temporary, compression="zstd")
    return tables


def rulebook_bindings(home: Home) -> dict[str, list[Path]]:
    """Return the files of the rulebook by table name; writes them where there are none yet."""
    names = sorted(path.stem for path in rules.FOLDER.glob("*.csv"))
    if not all(_path(home, name).exists() for name in names):
        write_rulebook(home)
    return {f"rulebook.{name}": [_path(home, name)] for name in names}


def rulebook_is_stale(home: Home) -> bool:
    """Say whether the tables in the home are not what the CSVs say now."""
    if not all(_path(home, path.stem).exists() for path in rules.FOLDER.glob("*.csv")):
        return True
    return any(not frame.equals(pl.read_parquet(_path(home, name), glob=False)) for name, frame in rules.load().items())


def _path(home: Home, name: str) -> Path:
    return home.marts / "rulebook" / f"{name}.parquet"
