"""Models run once for all tests of a process that give them the same tables.

Belongs here: keeping what models made, by the content of what they read. Does not belong here: rows (``helpers``).

Most tests leave most returns empty and the rulebook as it is, so that most of the models they need give what they gave
before; planning their SQL is what took the time.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from models import rules
from warehouse.engine import DuckDBEngine
from warehouse.sqlmodels import SqlModel


class Maker:
    """An engine of one thread with its tables bound, and the models made over them."""

    def __init__(self, bound: Mapping[str, Sequence[Path]]) -> None:
        self.engine = DuckDBEngine(threads=1)
        self.files: dict[str, Path] = {}
        self._unbound = {name: list(files) for name, files in bound.items()}
        self._keys = {name: _digest(*map(_content, files)) for name, files in bound.items()}

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()

    def make(self, name: str, model: SqlModel, out: Path) -> None:
        """Write the table of a model to ``out`` and let its name mean it."""
        kept = _folder() / _digest(model.sql, *model.grain, *(self._keys[table] for table in model.depends))
        if not kept.exists():
            self.bind(model.depends)
            self.engine.run(model.sql, out, order_by=model.grain)
            shutil.copyfile(out, kept)
        else:
            shutil.copyfile(kept, out)
        self.files[name] = out
        self._unbound[name] = [out]
        self._keys[name] = _content(out)

    def bind(self, names: Iterable[str]) -> None:
        """Let these names mean their tables in the engine."""
        for name in names:
            if name in self._unbound:
                self.engine.bind(name, self._unbound.pop(name))


@cache
def rulebook() -> dict[str, list[Path]]:
    """The files of the rulebook as it is, by table."""
    return {table: [path] for table, path in rules.write(_folder() / "rulebook").items()}


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="junheng-kept-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
