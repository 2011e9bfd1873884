"""What a page is made from, as one digest: a page whose key did not change need not be drawn again.

Belongs here: digests of facts and of our own code. Does not belong here: which facts make a page (``units.py``).

A key covers the facts, the code of the dashboards (with labels, templates and styles), the rules of rounding of the
libraries that draw, and what of the site's frame the page sees. It does not cover what is stamped on (``stamp.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

#: Libraries whose version may change a page.
LIBRARIES = ("matplotlib", "fonttools", "justmytype-intl-cjk", "jinja2", "xlsxwriter", "numpy", "pillow")
_ROOT = Path(__file__).parent
#: What pages and their files depend on besides the dashboards themselves.
_OTHERS = ("forms", "defuse.py")


def key_of(*parts: Any) -> str:
    """A digest over any facts. Raises ``TypeError`` for a value whose text might not tell all of it."""
    total = hashlib.sha256()
    for part in parts:
        _feed(total, part)
    return total.hexdigest()


@cache
def code_key() -> str:
    """A digest over the code of the dashboards and the versions of the libraries that draw."""
    total = hashlib.sha256()
    places = (_ROOT, *(_ROOT.parent / name for name in _OTHERS))
    paths = sorted(path for place in places for path in (place.rglob("*") if place.is_dir() else [place]))
    for path in (each for each in paths if each.is_file() and each.suffix != ".pyc"):
        total.update(path.relative_to(_ROOT.parent).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for library in LIBRARIES:
        total.update(f"{library} {version(library)}\0".encode())
    return total.hexdigest()


def _feed(total: Any, value: Any) -> None:
    """Every value goes in with its type and length, so that no two facts read the same."""
    if value is None or isinstance(value, (bool, int, float, str, bytes, date, datetime)):
        text = repr(value).encode()
        total.update(b"%d:" % len(text) + text)
    elif is_dataclass(value) and not isinstance(value, type):
        total.update(f"<{type(value).__name__}".encode())
        for each in fields(value):
            total.update(each.name.encode() + b"=")
            _feed(total, getattr(value, each.name))
        total.update(b">")
    elif isinstance(value, Mapping):
        total.update(b"{%d" % len(value))
        for key, each in value.items():
            _feed(total, key)
            _feed(total, each)
    elif isinstance(value, (tuple, list)):
        total.update(b"[%d" % len(value))
        for each in value:
            _feed(total, each)
    elif isinstance(value, (set, frozenset)):
        _feed(total, sorted(value))
    elif _is_frame(value):
        _feed(total, [(name, str(kind)) for name, kind in value.schema.items()])
        _feed(total, value.rows())
    elif isinstance(value, Path):
        _feed(total, value.as_posix())
    else:
        raise TypeError(f"a page cannot be keyed by a {type(value).__name__}")


def _is_frame(value: Any) -> bool:
    """Whether it is a polars frame (which is not imported to find out: workers pay for every import)."""
    return type(value).__module__.startswith("polars.") and type(value).__name__ == "DataFrame"
