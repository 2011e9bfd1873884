"""Words of a release for the codes in tables, as the books of pages carry them.

Belongs here: reading them. Does not belong here: which of them is shown (``codes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.text import LANGUAGES, load


def terms(extracts: Extracts) -> Terms:
    """Words for the codes in tables: returns, departments, standards, indicators, settings."""
    found: dict[str, dict[str, Mapping[str, str]]] = {"form": {}, "owner": {}, "standard": {}, "indicator": {}}
    for name in extracts.tables("returns"):
        found["form"][name.removeprefix("returns.")] = extracts.title(name)
    for key, table, code in (
        ("owner", "department", "department"), ("standard", "standard", "standard"), ("setting", "setting", "setting"),
        ("indicator", "indicator", "indicator"), ("item", "government_item", "item"), ("test", "funding_test", "test"),
        ("school_type", "school_type", "school_type"),
    ):  # fmt: skip
        if extracts.has(f"rulebook.{table}", code, "zh", "en"):
            rows = extracts.rows(f"select {code}, zh, en from rulebook.{table} order by all")
            found.setdefault(key, {}).update({str(name): {"zh": zh, "en": en} for name, zh, en in rows})
    return found


def asked_of(extracts: Extracts) -> str:
    """A query in brackets: what each rule asks (rule, zh, en); no rows where the release has no list of rules."""
    if extracts.has("audit.rule", "rule", "zh", "en"):
        return "(select rule, min(zh) as zh, min(en) as en from audit.rule group by rule)"
    return "(select null as rule, null as zh, null as en where false)"


def asked(extracts: Extracts) -> dict[str, dict[str, str]]:
    """What a rule asks, by rule and language."""
    return {
        rule: {"zh": zh, "en": en} for rule, zh, en in extracts.rows(f"select rule, zh, en from {asked_of(extracts)}")
    }


def with_code(words: Mapping[str, str], code: str) -> dict[str, str]:
    """Words in every language with the code they stand for; the code alone where there are none."""
    return {
        language: load(language)("word.with_code", words=words[language], code=code) if words.get(language) else code
        for language in LANGUAGES
    }
