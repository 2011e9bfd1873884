"""Words of the workbook of findings in both languages, read from ``words.csv``.

Belongs here: looking words up. Does not belong here: the sheet (``book``), reading it back (``receive``).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")

#: Columns that are filled in.
FILLED_IN = ("answer", "reason", "by", "dated")
#: Ways to answer.
ANSWERS = ("explanation", "correction", "waiver")


@cache
def words(language: str) -> dict[str, str]:
    """The words of a language by key; ``ValueError`` for one that there is not."""
    if language not in LANGUAGES:
        raise ValueError(f"no workbook in {language!r}; there are {', '.join(LANGUAGES)}")
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row[language] for row in csv.DictReader(lines)}


def in_any_language(prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    """What each name is called in either language: ``{"说明": "explanation", "explanation": "explanation", …}``."""
    return {words(language)[f"{prefix}.{name}"].lower(): name for language in LANGUAGES for name in names}
