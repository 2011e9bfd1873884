"""Words of a walk in both languages, from ``words.csv`` (the one place where they stand).

Belongs here: looking words up, numbers as people read them. Does not belong here: titles of fields (contracts), of
models and of the rulebook, reasons of published tables (``dashboards/text``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.returns import CONTRACTS
from pipelines.dashboards import text as dashboards

LANGUAGES = dashboards.LANGUAGES
#: Significant digits of a number that is shown; the document has all of them.
_DIGITS = 12


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str
    known: dict[str, str]

    def __call__(self, key: str, /, **blanks: object) -> str:
        """The words under a key with their blanks filled; ``KeyError`` for an unknown key."""
        return self.known[key].format(**blanks)

    def of(self, kind: str, key: str | None) -> str:
        """Words for something that data say (a reason, a note, a fact): as it stands where there are none."""
        if not key:
            return ""
        if f"{kind}.{key}" in self.known:
            return self.known[f"{kind}.{key}"]
        return dashboards.load(self.language).reason(key) if kind == "reason" else key

    def pick(self, zh: str, en: str) -> str:
        """The one of two texts that is in this language."""
        return zh if self.language == "zh" else en

    def term(self, name: str) -> str:
        """What a term is: a field by its title, else the word for it, else as it stands."""
        form, _, field = name.partition(".")
        if form in CONTRACTS and field in CONTRACTS[form].fields:
            info = CONTRACTS[form].fields[field]
            return self.pick(info.zh, info.en)
        return self.of("term", name)

    def value(self, value: Any) -> str:
        """A value as people read it; what is missing is a dash."""
        if value is None:
            return "—"
        if isinstance(value, bool):
            return self.pick("是", "yes") if value else self.pick("否", "no")
        if isinstance(value, float):
            return f"{value:.{_DIGITS}g}"
        return str(value)


@cache
def load(language: str) -> Words:
    """The words of a language; ``ValueError`` for one that there is not."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in {language!r}; there are {', '.join(LANGUAGES)}")
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as lines:
        return Words(language, {row["key"]: row[language] for row in csv.DictReader(lines)})
