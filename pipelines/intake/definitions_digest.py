"""A digest of all that staging depends on besides the received bytes: contracts, layouts, rules, the reader itself.

Belongs here: telling whether staged Parquet is still what today's code would make. Does not belong here: the digest of
a release (``pipelines.publish``).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import checks
import models.returns
import pipelines.intake
from models.returns import government_work


@cache
def definitions_digest() -> str:
    """SHA-256 over the contracts, layouts, reading rules and reader, by relative path and content."""
    digest = hashlib.sha256()
    for package in (models.returns, checks, pipelines.intake):
        root = Path(str(package.__file__)).parent
        files = (
            root.rglob("*")
            if package is not checks
            else [root / name for name in ("contracts.py", "findings.py", "reading_rules.py", "reading_rules.csv")]
        )
        for path in sorted(files):
            if path.suffix in (".py", ".csv"):
                digest.update(f"{package.__name__}/{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    digest.update(government_work.ITEMS.read_bytes())  # the items are codes of that return
    return digest.hexdigest()
