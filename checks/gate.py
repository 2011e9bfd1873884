"""The gate: rules a candidate must pass before it is published.

Belongs here: reading the rule files, running them on a candidate beside the previous release, telling what they found.
Does not belong here: building the candidate and publishing it (``pipelines.publish``), judging single returns
(``checks.contracts``).

A rule is a file ``checks/gate/<name>.sql`` whose SELECT returns the rows that offend: no row, no objection. Tables of
the candidate are named ``candidate.<schema>.<table>``, those of the release that is current now ``previous.…``; a rule
that compares with a table the current release does not have is not applied. What the grain of a table says needs no
file: repeated keys are looked for in every table whose grain is given.

A rule that cannot be run is an objection too (``crashed``): what was not checked is not known to be good. A rule whose
header says ``acceptable: yes`` may be overruled with a reason; the others mean that a figure would be wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from warehouse import duck

RULES = Path(__file__).parent / "gate"

#: Rows of an objection that are told; all are counted.
SAMPLE = 20

_HEADER = ("zh", "en", "guidance_zh", "guidance_en")
_LINE = re.compile(r"--\s*(\w+):\s*(.*\S)\s*")


class GateRuleError(Exception):
    """A rule file that cannot be used; the message names the file."""


@dataclass(frozen=True)
class GateRule:
    """One rule: what must hold (zh, en), what to do where it does not, and the SELECT of the offending rows."""

    name: str
    zh: str
    en: str
    guidance_zh: str
    guidance_en: str
    sql: str
    acceptable: bool = False
    previous: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objection:
    """A rule that does not hold: how many rows offend, the first of them, or the error that kept it from running."""

    rule: str
    zh: str
    en: str
    guidance_zh: str
    guidance_en: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    crashed: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)


class GateRefused(Exception):
    """A candidate that must not be published; ``objections`` say why. The release before it is still current."""

    def __init__(self, objections: Sequence[Objection], report: Path | None = None) -> None:
        self.objections = tuple(objections)
        self.report = report
        super().__init__(told(objections) + (f"\nreport: {report}" if report else ""))


def told(objections: Sequence[Objection]) -> str:
    """Return objections as lines of text: rule, what it says, the first rows, what to do."""
    lines = [f"the gate refused the release: {', '.join(each.rule for each in objections)}"]
    for each in objections:
        lines.append(f"* {each.rule}: {each.en} / {each.zh}")
        if each.crashed:
            lines.append(f"    the rule could not be run: {each.crashed}")
        else:
            lines.append(f"    {each.count} row(s); first:")
            lines += ["    " + ", ".join(f"{key}={value}" for key, value in row.items()) for row in each.rows[:3]]
        lines.append(f"    {each.guidance_en} / {each.guidance_zh}")
    return "\n".join(lines)


def load_rules(folder: Path = RULES) -> list[GateRule]:
    """Read all rule files, by name. ``GateRuleError`` for one without full header or with more than one SELECT."""
    return [_read(path) for path in sorted(folder.glob("*.sql"))]


def grain_rule(table: str, grain: Sequence[str]) -> GateRule:
    """Return the rule that no two rows of ``table`` (schema.table) have the same grain."""
    keys = ", ".join(f'"{column}"' for column in grain)
    schema, name = table.split(".")
    return GateRule(
        name=f"grain_repeated.{table}",
        zh=f"{table} 每个主键（{', '.join(grain)}）只有一行",
        en=f"{table} has one row for each {', '.join(grain)}",
        guidance_zh="同一对象出现多行说明汇总口径有误，请报告该问题并附上本报告。",
        guidance_en="Rows for the same thing mean that something is counted twice; report it with this file.",
        sql=f'select {keys}, count(*) as rows from candidate."{schema}"."{name}" group by {keys} having count(*) > 1',
        reads=(table,),
    )


def judge(
    candidate: Path, previous: Path | None, rules: Sequence[GateRule], *, memory_limit: str | None = None
) -> list[Objection]:
    """Run rules on the files of a candidate and of the current release (both opened read-only)."""
    skipped = not_applied(previous, rules)
    with duck.connect(memory_limit=memory_limit) as connection:
        _attach(connection, candidate, "candidate")
        if previous is not None:
            _attach(connection, previous, "previous")
        found = [_run(connection, rule) for rule in rules if rule.name not in skipped]
    return [each for each in found if each is not None]


def not_applied(previous: Path | None, rules: Sequence[GateRule]) -> set[str]:
    """Return the rules that compare with tables which the current release does not have."""
    known: set[str] = set()
    if previous is not None:
        with duck.connect() as connection:
            _attach(connection, previous, "previous")
            known = _tables(connection, "previous")
    return {rule.name for rule in rules if not set(rule.previous) <= known}


def _read(path: Path) -> GateRule:
    text = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and match[1] in (*_HEADER, "acceptable"):
            header[match[1]] = match[2]
    missing = [key for key in _HEADER if key not in header]
    if missing:
        raise GateRuleError(f"{path}: header lacks {', '.join(missing)}")
    statements = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise GateRuleError(f"{path}: one SELECT is expected")
    tables = [table for table in statements[0].find_all(exp.Table) if table.catalog]
    acceptable = header.pop("acceptable", "no") == "yes"
    return GateRule(
        path.stem,
        **header,
        sql=text.rstrip().rstrip(";"),
        acceptable=acceptable,
        previous=tuple(sorted({f"{table.db}.{table.name}" for table in tables if table.catalog == "previous"})),
        reads=tuple(sorted({f"{table.db}.{table.name}" for table in tables})),
    )


def _run(connection: duckdb.DuckDBPyConnection, rule: GateRule) -> Objection | None:
    words = (rule.name, rule.zh, rule.en, rule.guidance_zh, rule.guidance_en)
    try:
        connection.execute(f"create or replace temp table offending as {rule.sql}")
        counted = connection.execute("select count(*) from offending").fetchone()
        count = int(counted[0]) if counted else 0
        cursor = connection.execute(f"select * from offending limit {SAMPLE}")
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    except duckdb.Error as error:
        return Objection(*words, count=0, crashed=str(error))
    return Objection(*words, count=count, rows=rows) if count else None


def _plain(value: Any) -> Any:
    """A cell as JSON can hold it: numbers that are none (infinite, not a number) and dates become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    connection.execute(f"attach {duck.literal(str(path))} as {name} (read_only)")


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?", [catalog]
    ).fetchall()
    return {row[0] for row in rows}
