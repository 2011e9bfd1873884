"""Rules across rows: what one row of a return cannot show, found among all live rows of a period.

Belongs here: reading the rule files and running them. Does not belong here: rules of a single row (``models.returns``,
applied by ``checks.contracts``), addresses in files (``pipelines.intake.across``), rules on what is published
(``checks.gate``).

A rule is a file ``checks/rules/<name>.sql`` whose SELECT returns the rows that break it: ``form``, ``field``,
``submission_id``, ``sheet``, ``row_number``, ``block``, ``value``, ``expected``, ``county_code``, ``school_code`` and
``stage`` of each. It reads ``returns.<form>``: the live accepted rows of one period. The rows have been accepted, so a
rule asks for an explanation (``query``) or tells something (``note``); it never quarantines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from warehouse import duck

RULES = Path(__file__).parent / "rules"

#: What a rule's SELECT must produce.
BROKEN_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "field": pl.String,
    "submission_id": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int32,
    "block": pl.String,
    "value": pl.String,
    "expected": pl.String,
    "county_code": pl.String,
    "school_code": pl.String,
    "stage": pl.String,
}
_HEADER = ("zh", "en", "severity", "guidance_zh", "guidance_en")
_LINE = re.compile(r"--\s*(\w+):\s*(.*\S)\s*")


class RuleError(Exception):
    """A rule file that cannot be used or run; the message names the file."""


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold (zh, en), what to do where it does not, the SELECT and the returns it reads."""

    name: str
    zh: str
    en: str
    severity: str
    guidance_zh: str
    guidance_en: str
    sql: str
    forms: tuple[str, ...]


@cache
def load_rules(folder: Path = RULES) -> tuple[Rule, ...]:
    """Read all rule files, by name. ``RuleError`` for one without full header or with more than one SELECT."""
    return tuple(_read(path) for path in sorted(folder.glob("*.sql")))


def broken(rows: Mapping[str, pl.DataFrame], rules: Sequence[Rule] | None = None) -> list[tuple[Rule, pl.DataFrame]]:
    """Run the rules on the rows of a period, by return; a rule that lacks a return is not applied.

    Returns:
        For each rule that is broken, the rows that break it (``BROKEN_SCHEMA``).

    Raises:
        RuleError: a rule cannot be run or produces other columns (which is not the same as: finds nothing).
    """
    applied = [
        rule
        for rule in (load_rules() if rules is None else rules)
        if all(form in rows and not rows[form].is_empty() for form in rule.forms)
    ]
    if not applied:
        return []
    found = []
    with duck.connect() as connection:
        connection.execute("create schema returns")
        for form in sorted({form for rule in applied for form in rule.forms}):
            connection.register(f"rows_of_{form}", rows[form].to_arrow())
            connection.execute(f"create table returns.{duck.quoted(form)} as select * from rows_of_{form}")
        for rule in applied:
            try:
                table = connection.sql(rule.sql).to_arrow_table()
            except duckdb.Error as error:
                raise RuleError(f"checks/rules/{rule.name}.sql: {error}") from error
            frame = pl.DataFrame(table)
            if set(frame.columns) != set(BROKEN_SCHEMA):
                raise RuleError(f"checks/rules/{rule.name}.sql: the columns must be {', '.join(BROKEN_SCHEMA)}")
            if not frame.is_empty():
                found.append((rule, frame.select([pl.col(name).cast(kind) for name, kind in BROKEN_SCHEMA.items()])))
    return found


def _read(path: Path) -> Rule:
    text = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and match[1] in _HEADER:
            header[match[1]] = match[2]
    if missing := [key for key in _HEADER if key not in header]:
        raise RuleError(f"{path}: header lacks {', '.join(missing)}")
    if header["severity"] not in ("query", "note"):
        raise RuleError(f"{path}: severity is query or note, not {header['severity']}")
    statements = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise RuleError(f"{path}: one SELECT is expected")
    forms = sorted({table.name for table in statements[0].find_all(exp.Table) if table.db == "returns"})
    return Rule(path.stem, **header, sql=text.rstrip().rstrip(";"), forms=tuple(forms))
