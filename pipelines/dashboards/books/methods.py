"""The page on methods: the rulebook in force, table by table.

Belongs here: its queries. Does not belong here: formulas and their worked example (``pages/methods.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.dashboards.books.words import terms
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts
from pipelines.dashboards.tables import Kind

#: Headings of the rulebook's columns.
_RULES = {
    key: f"field.{key}"
    for key in (
        "standard", "measure", "indicator", "stage", "value", "binding", "region_code", "from_year", "document",
        "source", "setting", "school_type", "weight", "school_standard", "item", "points", "line", "scoring", "test",
    )
}  # fmt: skip
#: Section of the methods page → table of the rulebook, its keys, what it lays down.
_RULE_TABLES: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "thresholds": ("threshold", ("standard", "measure", "indicator", "stage"), ("value", "binding")),
    "choices": ("choice", ("setting", "standard"), ("value",)),
    "weights": ("stage_weight", ("school_type", "stage"), ("weight",)),
    "school-lines": ("school_standard_line", ("school_standard", "indicator", "stage"), ("value",)),
    "government-lines": ("government_item_line", ("item",), ("points", "line", "scoring")),
    "funding-lines": ("funding_line", ("test", "stage"), ("value", "binding")),
}


@dataclass(frozen=True)
class MethodsBook:
    """Thresholds, weights and choices of the rulebook, each with its document."""

    tables: Mapping[str, Extract]
    terms: Terms
    regions: Mapping[str, str]


def methods_book(extracts: Extracts, latest: int) -> MethodsBook:
    """The rulebook in force in the school year ``latest``: lines, weights, choices, by region."""
    in_force = f"from_year <= {latest} and (to_year is null or to_year >= {latest})"
    found = {}
    for name, (table, keys, figures) in _RULE_TABLES.items():
        if extracts.has(f"rulebook.{table}"):
            columns = (*keys, *figures, "region_code", "from_year", "document", "source")
            kinds: dict[str, Kind] = dict.fromkeys(figures, "number")
            kinds["source"] = kinds["scoring"] = "words"
            if table == "choice":
                kinds["value"] = "words"
            found[name] = extracts.query(
                name,
                f"select {', '.join(columns)} from rulebook.{table} where {in_force}"
                f" order by {', '.join(keys)}, region_code",
                of=f"rulebook.{table}", labels=_RULES, kinds={**kinds, **dict.fromkeys(keys, "text")},
            )  # fmt: skip
    regions: dict[str, str] = {}
    if extracts.has("core.region", "rule_region"):
        regions = {
            str(code): str(name)
            for code, name in extracts.rows("select region_code, any_value(region_name) from core.region group by 1")
        }
    return MethodsBook(found, terms(extracts), regions)
