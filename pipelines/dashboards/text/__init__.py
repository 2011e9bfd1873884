"""Words of the dashboards in both languages, read from the CSV files beside this one (the one place where they stand).

Belongs here: looking a label up and filling its blanks. Does not belong here: titles of indicators
(the rulebook owns them), sentences composed from figures (``sentences.py``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Text:
    """Labels of one language; call it with a key and the values of its blanks."""

    language: str
    labels: dict[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The label ``key`` with its blanks filled. Raises ``KeyError`` for an unknown key or an unfilled blank."""
        return self.labels[key].format(**values)

    def get(self, key: str, default: str) -> str:
        """The label ``key``, or ``default`` for keys that come from data (a reason, a stage) and have no label yet."""
        return self.labels.get(key, default)

    def year(self, school_year: int) -> str:
        """A school year as readers write it: 2020学年, 2020/21."""
        return self("year.school", year=school_year, next=f"{(school_year + 1) % 100:02d}")

    def stage(self, stage: str) -> str:
        """Title of a stage code."""
        return self.get(f"stage.{stage}", stage)

    def join(self, items: list[str]) -> str:
        """Items as a list within a sentence."""
        return self("word.list").join(items)

    def reason(self, reason: str | None) -> str:
        """A reason code in words; a code without words is shown as it stands, an absent one as nothing."""
        return self.get(f"reason.{reason}", reason) if reason else ""


@cache
def load(language: str) -> Text:
    """Labels of ``language``. Raises ``ValueError`` for a language that is none, or a key that stands twice."""
    if language not in LANGUAGES:
        raise ValueError(f"no labels in {language!r}; there are {', '.join(LANGUAGES)}")
    labels: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["key"] in labels:
                    raise ValueError(f"{path.name}: the label {row['key']} stands twice")
                labels[row["key"]] = row[language]
    return Text(language, labels)
