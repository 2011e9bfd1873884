"""Words for codes: of the rulebook of the release where it has some, else of the pages' own labels.

Belongs here: a code, or a list of codes, in one language. Does not belong here: which columns hold codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.dashboards.text import Text

Terms = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Group (often a column's key) → code → language → words."""


def word(text: Text, terms: Terms, group: str, code: Any) -> str:
    """A code in words; as it stands where nobody has words for it, nothing for nothing (unless there are words)."""
    code = "" if code is None else str(code)
    return terms.get(group, {}).get(code, {}).get(text.language) or text.get(f"{group}.{code}", code)


def words(text: Text, terms: Terms, group: str, codes: str | None) -> str:
    """Comma-separated codes as a list within a sentence; ``part/stage`` becomes part (stage)."""
    found = []
    for code in filter(None, map(str.strip, (codes or "").split(","))):
        name, _, stage = code.partition("/")
        named = word(text, terms, group, name)
        whole = not stage or stage == "all"
        found.append(named if whole else text("word.with_stage", words=named, stage=text.stage(stage)))
    return text.join(found)
