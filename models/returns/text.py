"""How header texts are compared: one normal form, used by layouts and by the reader alike.

Belongs here: pure functions on header text. Does not belong here: cell values (``pipelines.intake.coerce``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from models.returns.units import UNITS

_SPACE = re.compile("[\\s\\u200b\\u200c\\u200d\\ufeff]+")
_OF_WHICH = re.compile(r"^(?:[#＃]|其中[:：、,]?)+")
_BRACKET_END = re.compile(r"^(?P<text>.*?)[(\[](?P<unit>[^()\[\]]*)[)\]]$")


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """NFKC without any white space or zero-width characters."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=65536)
def header_key(text: str | None) -> tuple[str, str | None]:
    """A header cell as (normal form, unit printed in it or ``None``).

    White space, a leading ``#``/``其中`` and a known unit in brackets at the end are taken off:
    ``"# 专任教师（人）"`` → ``("专任教师", "人")``; a cell that holds only a unit gives ``("", unit)``.
    """
    if not text:
        return "", None
    key = _OF_WHICH.sub("", squeeze(text))
    unit = None
    if match := _BRACKET_END.match(key):
        inside = match["unit"].removeprefix("单位:").removeprefix("单位")
        if inside in UNITS:
            key, unit = match["text"], inside
    elif key.startswith("单位:") and key.removeprefix("单位:") in UNITS:
        key, unit = "", key.removeprefix("单位:")
    return key, unit


def path_key(path: str) -> str:
    """Normal form of a header path whose levels are joined with ``/``."""
    return "/".join(part for part in (header_key(level)[0] for level in path.split("/")) if part)
