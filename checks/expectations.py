"""Expectations: what a supervisor may rely on in a published table of trends, as suites of expectations on each.

Belongs here: which expectations there are. What a model's header says is taken from there (keys, grain, stages,
reasons), lines and choices from the rulebook; the rest is ``expectations.csv``. Does not belong here: evaluating them
(``checks.evaluation``), whether a candidate may be published (``checks.gate``).

An ``error`` holds whatever was reported: where it does not, a figure is wrong, and the gate refuses. A ``query``
depends on what was reported and asks for an explanation.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
import sqlglot
from sqlglot import exp

from checks.findings import Severity
from warehouse.sqlmodels import SqlModel

CATALOGUE = Path(__file__).with_name("expectations.csv")
LAYER = "trends"

Kind = Literal[
    "not_null", "unique", "in_set", "between", "at_most", "equal", "within", "beyond", "null_where", "not_null_where",
    "rows",
]  # fmt: skip

#: A suite's line that becomes two: the verdict is null exactly where the reason is not.
_VERDICT_OR_REASON = "verdict_or_reason"
_STAGES = re.compile(r"\b(?:primary|junior|senior|compulsory|all)\b")
_REASONS = re.compile(r"\breason((?:, \w+)*)[^:]*: ")
_REASON = re.compile(r"([a-z]\w*)(?: \([^)]*\))?([;,.]) ?")
_SEE = re.compile(r"what reason says: see (\w+\.\w+)")
_NO_COUNTY = "county_unknown"


class ExpectationError(Exception):
    """A line of the catalogue that cannot be used; the message names it."""


@dataclass(frozen=True)
class Expectation:
    """One expectation on one table.

    ``columns`` are those it speaks of (of a pair the smaller first); ``where`` is SQL that keeps it to some rows;
    ``values`` are those allowed, ``low`` and ``high`` bounds that are allowed themselves, ``count`` is SQL for the
    number of rows.
    """

    name: str
    table: str
    kind: Kind
    severity: Severity
    zh: str
    en: str
    columns: tuple[str, ...] = ()
    where: str | None = None
    values: tuple[str | float, ...] = ()
    low: float | None = None
    high: float | None = None
    count: str | None = None

    @property
    def rule(self) -> str:
        """Its name among all rules: ``expectation.trends.consolidation.capped_within_raw.rate_a_capped``."""
        first = self.columns[:1] if self.kind != "unique" else ()
        return ".".join(("expectation", self.table, self.name, *first))


def suites(models: Mapping[str, SqlModel], rulebook: Mapping[str, pl.DataFrame]) -> dict[str, list[Expectation]]:
    """Return the expectations on every table of trends, by table.

    Args:
        models: models by name; what the catalogue says of others is left out.
        rulebook: its tables by stem (``models.rules.load``).

    Raises:
        ExpectationError: a line of the catalogue that cannot be used.
    """
    found: dict[str, list[Expectation]] = {name: [] for name in models if name.startswith(f"{LAYER}.")}
    for name, expectations in found.items():
        expectations += _derived(models[name], models)
    for line in lines():
        for table in found:
            if any(fnmatchcase(table, pattern) for pattern in line["tables"].split()):
                found[table] += _of_line(line, models[table], rulebook)
    for expectations in found.values():
        expectations[:] = [each for each in expectations if counted_tables(each) <= models.keys()]
    return found


def counted_tables(each: Expectation) -> frozenset[str]:
    """Return the tables whose rows an expectation counts besides its own."""
    if each.count is None:
        return frozenset()
    tables = sqlglot.parse_one(each.count, read="duckdb").find_all(exp.Table)
    return frozenset(f"{table.db}.{table.name}" for table in tables)


def reasons(model: SqlModel, models: Mapping[str, SqlModel], column: str = "reason") -> frozenset[str] | None:
    """Return the codes that a model's header lists for a column of reasons; ``None`` where it lists none or not all."""
    prose = " ".join(model.description.split())
    if (other := _SEE.search(prose)) and other[1] in models:
        return reasons(models[other[1]], models, column)
    match = _REASONS.search(prose)
    if match is None or (column != "reason" and column not in match[1].split(", ")):
        return None
    codes, position = set(), match.end()
    while code := _REASON.match(prose, position):
        codes.add(code[1])
        position = code.end()
        if code[2] == ".":
            return frozenset(codes)
    return None  # the list goes on with words: "or that of the trend table"


def _derived(model: SqlModel, models: Mapping[str, SqlModel]) -> Iterator[Expectation]:
    """What the header of a model says of every row."""
    known = {name: codes for name in model.columns if (codes := _reasons_of(model, models, name))}
    without_county = _NO_COUNTY in known.get("reason", ())
    for key in model.grain:
        where = f"reason is distinct from '{_NO_COUNTY}'" if key == "county_code" and without_county else None
        severity: Severity = "query" if key == "county_code" and not without_county else "error"
        yield Expectation(
            "keys_given", model.name, "not_null", severity, f"{key} 不为空", f"{key} is given", (key,), where
        )
    grain = ", ".join(model.grain)
    each = f"每个（{grain}）只有一行", f"One row for each {grain}"
    yield Expectation("grain_unique", model.name, "unique", "error", *each, model.grain)
    stages = _STAGES.findall(model.columns["stage"].en) if "stage" in model.columns else []
    if len(stages) > 1:
        told = f"学段为 {'、'.join(stages)} 之一", f"Stages are {', '.join(stages)}"
        yield Expectation(
            "stages_as_documented", model.name, "in_set", "error", *told, ("stage",), values=tuple(stages)
        )
    told = "未判定原因为已说明的代码", "Reasons are those documented"
    for column, codes in known.items():
        yield Expectation(
            "reasons_as_documented", model.name, "in_set", "error", *told, (column,), values=tuple(sorted(codes))
        )


def _reasons_of(model: SqlModel, models: Mapping[str, SqlModel], column: str) -> frozenset[str] | None:
    return reasons(model, models, column) if column == "reason" or column.endswith("_reason") else None


@cache
def lines() -> tuple[dict[str, str], ...]:
    """Return the lines of the catalogue. ``ExpectationError`` for one that has too many or too few cells."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        read = tuple(csv.DictReader(file, strict=True))
    for line in read:
        if None in line or None in line.values() or line["severity"] not in ("error", "query", "note"):
            raise _fault(line, "cells are missing or too many (is a comma not within quotation marks?)")
    return read


def _of_line(line: Mapping[str, str], model: SqlModel, rulebook: Mapping[str, pl.DataFrame]) -> Iterator[Expectation]:
    """The expectations of a line of the catalogue on one table."""
    kind, words = line["kind"], line["columns"].split()
    argument = line["argument"]

    def made(kind: Kind, columns: tuple[str, ...], part: str = "", **given: object) -> Expectation:
        return Expectation(
            line["name"] + part, model.name, kind, line["severity"], line["zh"], line["en"], columns, **given  # type: ignore[arg-type]
        )  # fmt: skip

    if kind == "rows":
        yield made("rows", (), count=argument)
    elif kind in ("at_most", "equal", "within", "beyond", _VERDICT_OR_REASON):
        if set(words) <= set(model.columns):
            pair = (words[0], words[1])
            if kind == _VERDICT_OR_REASON:
                yield made("null_where", pair[::-1], "_not_both", where=f'"{pair[0]}" is not null')
                yield made("not_null_where", pair[::-1], "_not_neither", where=f'"{pair[0]}" is null')
            else:
                yield made(kind, pair, where=argument or None)  # type: ignore[arg-type]
    else:
        for column in [name for name in model.columns if any(fnmatchcase(name, word) for word in words)]:
            if kind == "between":
                low, _, high = argument.partition("..")
                yield made("between", (column,), low=float(low) if low else None, high=float(high) if high else None)
            elif kind == "in_set":
                yield made("in_set", (column,), values=_values(line, argument, rulebook))
            elif kind == "null_where":
                yield made("null_where", (column,), where=argument)
            else:
                raise _fault(line, f"kind {kind!r} is not known")


def _values(line: Mapping[str, str], argument: str, rulebook: Mapping[str, pl.DataFrame]) -> tuple[str | float, ...]:
    """``rulebook:<table>.<column>`` (and more values behind bars) or ``choice:<setting>``."""
    source, _, rest = argument.partition(":")
    name, *more = rest.split("|")
    try:
        if source == "choice":
            choices = rulebook["setting"].filter(pl.col("setting") == name)["choices"].item()
            return tuple(str(choices).split("|"))
        table, _, column = name.partition(".")
        return (*rulebook[table][column].drop_nulls().unique().sort().to_list(), *more)
    except (KeyError, ValueError, pl.exceptions.PolarsError) as error:
        raise _fault(line, f"{argument}: {error}") from error


def _fault(line: Mapping[str, str], message: str) -> ExpectationError:
    return ExpectationError(f"{CATALOGUE.name}: {line['name']}: {message}")
