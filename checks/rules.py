"""Rules across rows, returns and years: what one row of a return cannot show, found among all rows that count.

Belongs here: reading the rule files and running them. Does not belong here: rules of a single row (``models.returns``,
applied by ``checks.contracts``), addresses in files and when rules run (``pipelines.rules``), rules on a candidate
(``checks.gate``).

A rule is a file ``checks/rules/<name>.sql`` whose SELECT returns what breaks it. It reads ``returns.<form>`` (all rows
that count, of all periods), the models and the rulebook, and gives for each broken value:

* ``form``, ``field``: the figure it is about; ``field`` may be null where it is about a whole sheet or a missing one;
* ``school_year`` (of funding the fiscal year), ``county_code``, ``school_code``, ``stage``: whose it is;
* ``value`` and ``expected``, as text;
* ``submission_id``, ``sheet``, ``row_number``, ``block``: the row. A rule about a row of a school's return may leave
  all four out: they are then those of the row of that form, school year, school and stage (``placed``).

Its header says what must hold (``zh``, ``en``), ``severity``, what to do (``guidance_zh``, ``guidance_en``) and, where
it is not the field's own department that answers, ``owner``; ``needs: any`` where any of the returns it reads will do.
The rows have been accepted, so a rule never quarantines: ``error`` is a contradiction that keeps a release from being
published, ``query`` asks for an explanation, ``note`` tells. Limits are rows of ``rulebook/rule_parameter.csv``; a rule
that names one that is not there, or leaves one unused, is not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from models import rules as rulebook
from models.returns import CONTRACTS
from warehouse.engine import Engine, EngineError

RULES = Path(__file__).parent / "rules"

#: What a rule's SELECT must produce.
BROKEN_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "field": pl.String,
    "school_year": pl.Int32,
    "county_code": pl.String,
    "school_code": pl.String,
    "stage": pl.String,
    "value": pl.String,
    "expected": pl.String,
}
#: What it may produce besides, all or none.
ROW_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int32,
    "block": pl.String,
}
SEVERITIES = ("error", "query", "note")

#: Ended codes and quarantined rows: that there are none is a fact, and not a return that nobody sent.
_MAY_BE_EMPTY = ("returns.school_succession", "returns.quarantine")

_HEADER = ("zh", "en", "severity", "guidance_zh", "guidance_en")
_LINE = re.compile(r"--\s*(\w+):\s*(.*\S)\s*")
_OF_RULE = re.compile(r"\brule = '(\w*)'")
_PARAMETER = re.compile(r"\bparameter = '(\w*)'")


class RuleError(Exception):
    """Rule files that cannot be used or run; the message has a line for each and names its file."""


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold (zh, en), what to do where it does not, the SELECT and the tables it reads.

    ``owner``: the department that answers; ``None``: the one that answers for the field. ``needs``: whether ``all`` of
    the returns it reads must hold rows, or ``any`` will do (a rule that looks at each of several returns by itself).
    """

    name: str
    zh: str
    en: str
    severity: str
    guidance_zh: str
    guidance_en: str
    sql: str
    reads: tuple[str, ...]
    owner: str | None = None
    needs: str = "all"


@dataclass(frozen=True)
class Ran:
    """What became of a rule: the rows that break it, or why it was not applied (in words, naming the tables)."""

    rule: Rule
    broken: pl.DataFrame
    not_applied: str | None = None


@cache
def load_rules(folder: Path = RULES) -> tuple[Rule, ...]:
    """Read all rule files, by name.

    Raises:
        RuleError: a file without full header, with more than one SELECT, or whose parameters are not the rulebook's.
    """
    parameters = rulebook.load()["rule_parameter"].select("rule", "parameter").rows()
    return tuple(_read(path, set(parameters)) for path in sorted(folder.glob("*.sql")))


def run_rules(
    engine: Engine,
    tables: Mapping[str, int],
    out: Path,
    rules: Sequence[Rule] | None = None,
    *,
    through: Mapping[str, Collection[str]] | None = None,
) -> list[Ran]:
    """Run the rules; one whose tables are missing or empty is not applied, and says so.

    Args:
        engine: with every table of ``tables`` bound.
        tables: rows by table name. Only returns must hold rows for a rule to be applied.
        out: a folder for what the rules give (one Parquet file each).
        through: by rule that reads no return itself, the returns that its models read: one of them must hold rows.

    Raises:
        RuleError: rules that cannot be run or give other columns (which is not: find nothing), all told together.
    """
    ran: list[Ran] = []
    crashed: list[str] = []
    for rule in load_rules() if rules is None else rules:
        if (reason := _not_applicable(rule, tables, (through or {}).get(rule.name, ()))) is not None:
            ran.append(Ran(rule, pl.DataFrame(schema=BROKEN_SCHEMA), reason))
            continue
        try:
            _check_columns(rule, {name for name, _ in engine.describe(rule.sql)})
            path = out / f"{rule.name}.parquet"
            engine.run(rule.sql, path)
        except (EngineError, RuleError) as error:
            crashed.append(f"checks/rules/{rule.name}.sql: {error}")
            continue
        ran.append(Ran(rule, _typed(pl.read_parquet(path, glob=False))))
    if crashed:
        raise RuleError("\n".join(crashed))
    return ran


def placed(engine: Engine, ran: Sequence[Ran], out: Path) -> pl.DataFrame:
    """Put all broken rows together, each with the row of the return it stands in (where there is one).

    ``engine``: as for ``run_rules``. ``out``: a folder for intermediate files.

    Returns:
        ``rule`` and all columns of ``BROKEN_SCHEMA`` and ``ROW_SCHEMA``; ``county_code`` as that row reports it.
    """
    frames = [
        each.broken.with_columns(pl.lit(each.rule.name).alias("rule")) for each in ran if not each.broken.is_empty()
    ]
    wanted = ["rule", *BROKEN_SCHEMA, *ROW_SCHEMA]
    done = [frame.select(wanted) for frame in frames if "submission_id" in frame.columns]
    open_ = [frame for frame in frames if "submission_id" not in frame.columns]
    if open_:
        for (form,), rows in pl.concat(open_).group_by(["form"], maintain_order=True):
            done.append(_looked_up(engine, str(form), rows, out).select(wanted))
    schema = {"rule": pl.String, **BROKEN_SCHEMA, **ROW_SCHEMA}
    return pl.concat(done).sort(wanted, nulls_last=True) if done else pl.DataFrame(schema=schema)


def _looked_up(engine: Engine, form: str, rows: pl.DataFrame, out: Path) -> pl.DataFrame:
    """The rows with those of the return that have the same school year, school and stage."""
    contract = CONTRACTS[form]
    keys = [key for key in ("school_year", "school_code", "stage") if key in contract.fields]
    if {*keys} != {*contract.grain}:
        raise RuleError(f"a row of {form} is not found by its school: the rule must say in which row it stands")
    path = out / f"broken-{form}.parquet"
    rows.write_parquet(path)
    engine.bind("broken.value", [path])
    same = " and ".join(f"row.{key} = found.{key}" for key in keys)
    fields = ", ".join(f"found.{name}" for name in ("rule", *BROKEN_SCHEMA) if name != "county_code")
    engine.run(
        f"""select {fields}, coalesce(row.county_code, found.county_code) as county_code,
            {", ".join(f"row.{name}" for name in ROW_SCHEMA)}
        from broken.value as found left join returns.{form} as row on {same}""",
        result := out / f"placed-{form}.parquet",
    )
    return _typed(pl.read_parquet(result, glob=False))


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    known = {**BROKEN_SCHEMA, **ROW_SCHEMA}
    return frame.select([pl.col(name).cast(known.get(name, pl.String)) for name in frame.columns])


def _check_columns(rule: Rule, produced: Collection[str]) -> None:
    if set(produced) not in (set(BROKEN_SCHEMA), {*BROKEN_SCHEMA, *ROW_SCHEMA}):
        raise RuleError(
            f"the columns must be {', '.join(BROKEN_SCHEMA)}, with {', '.join(ROW_SCHEMA)} or without; "
            f"found {', '.join(sorted(produced))}"
        )


def _not_applicable(rule: Rule, tables: Mapping[str, int], through: Collection[str]) -> str | None:
    missing = [name for name in rule.reads if name not in tables]
    if missing:
        return f"not there: {', '.join(missing)}"
    returns = [name for name in rule.reads if name.startswith("returns.") and name not in _MAY_BE_EMPTY]
    needed = returns or [name for name in through if name not in _MAY_BE_EMPTY]
    empty = [name for name in needed if not tables[name]]
    enough = len(empty) < len(needed) if rule.needs == "any" or not returns else not empty
    return None if enough or not needed else f"no rows: {', '.join(empty)}"


def _read(path: Path, parameters: set[tuple[str, str]]) -> Rule:
    text = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and match[1] in (*_HEADER, "owner", "needs"):
            header[match[1]] = match[2]
    if missing := [key for key in _HEADER if key not in header]:
        raise RuleError(f"{path}: header lacks {', '.join(missing)}")
    if header["severity"] not in SEVERITIES:
        raise RuleError(f"{path}: severity is {', '.join(SEVERITIES)}, not {header['severity']}")
    if header.get("needs", "all") not in ("all", "any"):
        raise RuleError(f"{path}: needs is all or any, not {header['needs']}")
    statements = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise RuleError(f"{path}: one SELECT is expected")
    _check_parameters(path, text, parameters)
    reads = sorted({f"{table.db}.{table.name}" for table in statements[0].find_all(exp.Table) if table.db})
    return Rule(path.stem, **header, sql=text.rstrip().rstrip(";"), reads=tuple(reads))


def _check_parameters(path: Path, text: str, parameters: set[tuple[str, str]]) -> None:
    """A parameter that is not there would be null, and a comparison with null finds nothing."""
    if others := set(_OF_RULE.findall(text)) - {path.stem}:
        raise RuleError(f"{path}: takes parameters of {', '.join(sorted(others))}; a rule has its own")
    named = set(_PARAMETER.findall(text))
    given = {parameter for rule, parameter in parameters if rule == path.stem}
    if unknown := named - given:
        raise RuleError(f"{path}: {', '.join(sorted(unknown))} of this rule is not in rule_parameter.csv")
    if unused := given - named:
        raise RuleError(f"{path}: {', '.join(sorted(unused))} of rule_parameter.csv is not used by this rule")
