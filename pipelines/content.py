"""What makes the figures besides the returns: which version of code, contracts, layouts, rulebook and models.

Belongs here: digests of our own files and the version of the product. Does not belong here: digests of what counties
sent (the landing knows them).
"""

from __future__ import annotations

import hashlib
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import checks
import models
import pipelines
from pipelines.intake.definitions_digest import definitions_digest
from warehouse.sqlmodels import SqlModel, load_models

MODELS = Path(models.__file__).parent
RULEBOOK = MODELS / "rulebook"
LAYERS = ("core", "trends")

#: Everything a figure depends on. Pages, charts and the command line do not change figures.
_SOURCES = (
    (MODELS, ("*.py", "*.sql", "*.csv")),
    (Path(checks.__file__).parent, ("*.py", "*.sql", "*.csv")),
    (Path(pipelines.__file__).parent / "intake", ("*.py", "*.csv")),
)


def digest_of(files: Iterable[tuple[str, Path]]) -> str:
    """Return the SHA-256 over names and contents of files, in the order given."""
    total = hashlib.sha256()
    for name, path in files:
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def content_digest() -> str:
    """Return the digest of contracts, layouts, rulebook, SQL models, checks and the reader of returns."""
    found: list[tuple[str, Path]] = []
    for root, patterns in _SOURCES:
        paths = {path for pattern in patterns for path in root.rglob(pattern)}
        found += [(f"{root.name}/{path.relative_to(root).as_posix()}", path) for path in sorted(paths)]
    return digest_of(found)


def part_digests(sql: Mapping[str, SqlModel]) -> dict[str, str]:
    """Return a digest for each part that figures depend on besides the returns, so that one sees which of them changed.

    ``models``: the text of ``sql``. ``rulebook``: its CSVs. ``reading``: contracts, layouts, checks and the reader.
    """
    text = "".join(f"{name}\0{sql[name].sql}\0" for name in sorted(sql))
    return {
        "models": hashlib.sha256(text.encode()).hexdigest(),
        "rulebook": rulebook_digest(),
        "reading": definitions_digest(),
    }


def rulebook_digest(folder: Path = RULEBOOK) -> str:
    """Return the digest of the rulebook's CSVs."""
    return digest_of((path.name, path) for path in sorted(folder.glob("*.csv")))


@cache
def code_version() -> str:
    """Return the version of the product: as its source says where that is at hand, else as installed."""
    project = MODELS.parent / "pyproject.toml"
    if project.exists():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("junheng")


@cache
def git_commit() -> str | None:
    """Return the commit the code was taken from (``+`` where files differ from it); None outside a repository."""
    root = MODELS.parent
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    return result.stdout.strip()


@cache
def sql_models() -> dict[str, SqlModel]:
    """Return every SQL model, each after those it reads. ``warehouse.sqlmodels.SqlModelError`` names the faults."""
    return load_models(MODELS, LAYERS)
