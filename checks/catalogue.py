"""The catalogue of all rules: what is checked, how severely, who answers, and what to do.

Belongs here: one row per rule, of every kind, as a table. Does not belong here: the rules, how the catalogue is printed
(``pipelines.catalogue``).

Kinds, in the order in which data meet them: ``reading`` (a file, a sheet, a cell), ``contract`` (one row of a return),
``rule`` (across rows, returns and years), ``gate`` (a candidate of a release). A release also lists ``expectation``:
what is expected of its own tables, which depends on its models and rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from checks import gate
from checks.answers import GUIDANCE
from checks.expectations import Expectation
from checks.reading_rules import reading_rules
from checks.rules import load_rules
from models.returns import CONTRACTS

KINDS = ("reading", "contract", "rule", "gate")

#: Who answers for a rule that is about files as such, or about what was made of them.
_OWNER = "statistics"

CATALOGUE_SCHEMA = {
    "rule": pl.String,
    "kind": pl.String,
    "severity": pl.String,
    "owner": pl.String,
    "reads": pl.String,
    "zh": pl.String,
    "en": pl.String,
    "guidance_zh": pl.String,
    "guidance_en": pl.String,
}


def catalogue() -> pl.DataFrame:
    """Return every rule (``CATALOGUE_SCHEMA``), by kind and, within a kind, as they are written down.

    ``owner`` is null where the department of the field answers; ``reads`` holds tables, comma-separated (empty: files).
    """
    rows = [*_reading(), *_contracts(), *_across(), *_gate()]
    return pl.DataFrame(rows, schema=CATALOGUE_SCHEMA, orient="row")


def expectation_catalogue(suite_of: Mapping[str, Sequence[Expectation]]) -> pl.DataFrame:
    """Return the expectations of ``checks.expectations.suites`` as rules (``CATALOGUE_SCHEMA``)."""
    rows = [
        (each.rule, "expectation", each.severity, _OWNER, each.table, each.zh, each.en, *GUIDANCE[each.severity])
        for suite in suite_of.values()
        for each in suite
    ]
    return pl.DataFrame(rows, schema=CATALOGUE_SCHEMA, orient="row")


_Row = tuple[str | None, ...]


def _reading() -> Iterator[_Row]:
    for each in reading_rules().values():
        texts = (each.zh, each.en, each.guidance_zh, each.guidance_en)
        yield (each.rule, "reading", each.severity, each.owner, "", *texts)


def _contracts() -> Iterator[_Row]:
    for form, contract in CONTRACTS.items():
        for rule in contract.rules:
            owner = contract.fields[rule.fields[0]].owner
            texts = (rule.zh, rule.en, rule.guidance_zh, rule.guidance_en)
            yield (rule.name, "contract", rule.severity, owner, f"returns.{form}", *texts)


def _across() -> Iterator[_Row]:
    for rule in load_rules():
        texts = (rule.zh, rule.en, rule.guidance_zh, rule.guidance_en)
        yield (rule.name, "rule", rule.severity, rule.owner, ", ".join(rule.reads), *texts)


def _gate() -> Iterator[_Row]:
    for rule in gate.load_rules():
        texts = (rule.zh, rule.en, rule.guidance_zh, rule.guidance_en)
        yield (rule.name, "gate", "error", _OWNER, ", ".join(rule.reads), *texts)
    grain = gate.grain_rule("every.table", ("主键",))
    texts = (
        "每张表的每个主键只有一行",
        "Every table has one row for each of its keys",
        grain.guidance_zh,
        grain.guidance_en,
    )
    yield ("grain_repeated", "gate", "error", _OWNER, "", *texts)
