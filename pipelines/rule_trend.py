"""The trend of the rules: what each of them found in every release, all in the newest one.

Belongs here: ``audit.rule_trend``: counting a release, carrying the rows of older ones forward, entering what the gate
said. Does not belong here: running rules, the status of findings (``checks.status``), printing
(``pipelines.cli``).

The rows of older releases are taken from the current release, which holds them all; releases that are kept and not in
it (those of a version that had no trend) are counted from their files. So no deletion of old releases loses history,
and there is no second store that could say something else (``docs/adr/0023``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from checks.gate import GateRule
from checks.status import STATUSES
from warehouse import duck
from warehouse.home import Home
from warehouse.releases import Candidate, Release, ReleaseError, Releases

TABLE = "audit.rule_trend"
TITLE = (
    "审核规则历次发布执行情况",
    "Trend of the rules: what each of them looked at and found in every release up to this one",
)
GRAIN = ("release_id", "rule")
_STATUS_WORDS = {
    "open": ("待处理", "Of these open"),
    "answered": ("已说明待审定", "Of these explained, not decided"),
    "explained": ("已采纳说明", "Of these explained and accepted"),
    "waived": ("已豁免", "Of these waived"),
    "noted": ("仅供知悉", "Of these notes, of which nothing is asked"),
    "fixed": ("已更正", "Faults that were shown before and are settled by then"),
}
COLUMNS: dict[str, tuple[str, str]] = {
    "release_id": ("发布版本", "Release"),
    "published_at": ("发布时间", "When it was published (UTC)"),
    "rule": ("规则", "Rule"),
    "kind": ("类别", "reading, contract, rule, gate or expectation (null: the rule was not in the catalogue by then)"),
    "severity": ("级别", "error, query (to be explained) or note"),
    "checked": ("检查行数", "Rows it looked at, of all school years (null: not known)"),
    "failing": ("不符数", "Findings that no later submission had settled; of the gate rows that were accepted"),
    "schools": ("涉及学校数", "Schools with such findings"),
    **_STATUS_WORDS,
    "accepted": ("放行数", "Rows of an objection of the gate that was overruled with a reason"),
    "refused": ("拒绝发布次数", "How often the gate refused a candidate for it since the release before"),
    "not_applied": ("未执行原因", "Why the rule was not applied (null: it was)"),
}
_COUNTS = [name for name in COLUMNS if name not in ("release_id", "published_at", "rule", "kind", "severity",
                                                    "not_applied")]  # fmt: skip
SCHEMA: dict[str, Any] = {
    name: pl.Int64 if name in _COUNTS else pl.Datetime("us", "UTC") if name == "published_at" else pl.String
    for name in COLUMNS
}
#: Tables that a release must have to be counted, with the columns that tell it from one of a version too old.
_NEEDED = {
    "audit.finding": {"rule", "status", "superseded", "fault_id", "school_code"},
    "audit.rule": {"rule", "kind", "severity", "reads"},
    "audit.rule_run": {"rule", "rows_looked_at", "not_applied"},
    "audit.expectation": {"rule", "checked", "crashed"},
}


@dataclass(frozen=True)
class GateRun:
    """What the gate said of a release: its rules and what they read, rows by table, what was overruled or not applied.

    ``reads``: tables by rule; None where that is not known. ``refused``: refusals by rule since the release before.
    """

    reads: Mapping[str, Sequence[str] | None]
    rows: Mapping[str, int]
    accepted: Sequence[Mapping[str, Any]]
    refused: Mapping[str, int]
    not_applied: Collection[str] = ()


def rule_trend(
    tables: Mapping[str, Sequence[Path]],
    release_id: str,
    now: datetime,
    kept: Sequence[Release],
    home: Home,
    current: Release | None,
) -> pl.DataFrame:
    """Return ``audit.rule_trend`` of a release that is being made, without what the gate will say of it.

    Args:
        tables: files of its ``audit.*`` tables.
        release_id, now: of the release.
        kept: releases whose files are there, oldest first.
        home: where refusals of the gate are reported.
        current: the release whose rows are carried forward.
    """
    with duck.connect() as connection:
        for name in _NEEDED:
            connection.execute(f"create schema if not exists {duck.split_table(name)[0]}")
            connection.execute(f"create view {name} as select * from {duck.scan(connection, tables[name])}")
        own = _counted(connection, "audit", release_id, now)
    carried = _carried(current)
    known = set(carried["release_id"].unique())
    published = {each.release_id: _published_at(each) for each in kept}
    older = [
        _of_release(each, refusals(home, published.get(str(each.manifest.get("previous"))), published[each.release_id]))
        for each in kept
        if each.release_id not in known
    ]
    return _sorted(pl.concat([carried, *older, own]))


def enter_gate(candidate: Candidate, release_id: str, now: datetime, run: GateRun) -> Candidate:
    """Add what the gate said of a candidate to its ``audit.rule_trend``; return the candidate as it is then."""
    rows = _gate_rows(release_id, now, run)
    with duck.connect(candidate.path) as connection:
        connection.register("gate_rows", rows.to_arrow())
        connection.execute(f"insert into {TABLE} by name select * from gate_rows")
        connection.unregister("gate_rows")
        connection.execute("checkpoint")
    return replace(candidate, rows={**candidate.rows, TABLE: candidate.rows[TABLE] + rows.height})


def gate_reads(gate: Sequence[GateRule]) -> dict[str, list[str]]:
    """Return the tables that the rules of the gate read, by their name in the catalogue."""
    reads: dict[str, list[str]] = {}
    for rule in gate:
        reads.setdefault(_catalogued(rule.name), []).extend(rule.reads)
    return reads


def refusals(home: Home, since: datetime | None, until: datetime) -> dict[str, int]:
    """Count, by rule, the reports of refused candidates between two moments (after ``since``, not after ``until``)."""
    counts: dict[str, int] = {}
    for path in sorted((home.releases / "refused").glob("*.json")):
        try:
            report = json.loads(path.read_bytes())
            at = datetime.fromisoformat(report["refused_at"])
            rules = {_catalogued(str(each["rule"])) for each in report["objections"]}
        except (ValueError, KeyError, TypeError):
            continue  # somebody's own file, or a damaged one: the trend of the rules is no place to fail for it
        if (since is None or at > since) and at <= until:
            counts |= {rule: counts.get(rule, 0) + 1 for rule in rules}
    return counts


def _catalogued(rule: str) -> str:
    """The rule as the catalogue lists it: ``grain_repeated`` is one rule of every table."""
    return rule.split(".")[0]


def _gate_rows(release_id: str, now: datetime, run: GateRun) -> pl.DataFrame:
    overruled: dict[str, int] = {}
    for each in run.accepted:
        name = _catalogued(str(each["rule"]))
        overruled[name] = overruled.get(name, 0) + int(each["count"])
    rows = [
        {
            "release_id": release_id,
            "published_at": now.astimezone(UTC),
            "rule": rule,
            "kind": "gate",
            "severity": "error",
            "checked": None if reads is None else sum(run.rows.get(table, 0) for table in reads),
            "failing": overruled.get(rule, 0),
            "accepted": overruled.get(rule, 0),
            "refused": run.refused.get(rule, 0),
            "not_applied": "there was no release to compare with" if rule in run.not_applied else None,
        }
        for rule, reads in run.reads.items()
    ]
    return _shaped(pl.DataFrame(rows, schema={name: SCHEMA[name] for name in (rows[0] if rows else {})}))


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    none = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in frame.columns]
    return frame.with_columns(none).select([pl.col(name).cast(kind) for name, kind in SCHEMA.items()])


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("published_at", "release_id", "rule")


def _counted(connection: duckdb.DuckDBPyConnection, schema: str, release_id: str, now: datetime) -> pl.DataFrame:
    """Count findings by rule and status; rules that found nothing have a row too."""
    statuses = ", ".join(
        f"count(*) filter (not superseded and status = '{each}') as {each}" for each in STATUSES if each != "fixed"
    )
    frame: pl.DataFrame = connection.sql(
        f"""with found as (
                select rule, count(*) filter (not superseded) as failing,
                    count(distinct school_code) filter (not superseded) as schools, {statuses},
                    count(distinct fault_id) filter (status = 'fixed') as fixed
                from {schema}.finding group by rule
            ),
            ran as (
                select rule, sum(rows_looked_at) as checked, max(not_applied) as not_applied
                from {schema}.rule_run group by rule
                union all
                select rule, checked, crashed from {schema}.expectation
            ),
            known as (select rule, kind, severity from {schema}.rule where kind <> 'gate')
            select coalesce(known.rule, ran.rule, found.rule) as rule, known.kind, known.severity,
                coalesce(ran.checked, 0) as checked,
                {", ".join(f"coalesce(found.{name}, 0) as {name}" for name in ("failing", "schools", *STATUSES))},
                ran.not_applied
            from known
            full outer join ran on ran.rule = known.rule
            full outer join found on found.rule = coalesce(known.rule, ran.rule)"""
    ).pl()
    return _shaped(
        frame.with_columns(
            pl.lit(release_id).alias("release_id"),
            pl.lit(now.astimezone(UTC), SCHEMA["published_at"]).alias("published_at"),
        )
    )


def _carried(current: Release | None) -> pl.DataFrame:
    """The rows that the current release holds; none where it is of a version that had no trend."""
    if current is None or TABLE not in current.rows:
        return pl.DataFrame(schema=SCHEMA)
    with duck.connect() as connection:
        connection.execute(f"attach {duck.literal(str(current.path))} as release (read_only)")
        return _shaped(connection.sql(f"select * from release.{TABLE}").pl())


def _published_at(release: Release) -> datetime:
    return datetime.fromisoformat(str(release.manifest["created_at"]))


def _of_release(release: Release, refused: Mapping[str, int]) -> pl.DataFrame:
    """Count a kept release from its file and its manifest; no rows where it is of a version that does not tell."""
    at = _published_at(release)
    with duck.connect() as connection:
        connection.execute(f"attach {duck.literal(str(release.path))} as release (read_only)")
        there: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'release'"
        ).fetchall():
            there.setdefault(table, set()).add(column)
        if any(not columns <= there.get(table, set()) for table, columns in _NEEDED.items()):
            return pl.DataFrame(schema=SCHEMA)
        counted = _counted(connection, "release.audit", release.release_id, at)
        gate = connection.execute("select rule, reads from release.audit.rule where kind = 'gate'").fetchall()
    run = GateRun(
        {rule: reads.split(", ") if reads else None for rule, reads in gate},
        release.rows,
        release.manifest.get("accepted", ()),
        refused,
    )
    return pl.concat([counted, _gate_rows(release.release_id, at, run)])


def read_trend(home: Home) -> pl.DataFrame:
    """Return ``audit.rule_trend`` of the current release, oldest first; ``ReleaseError`` where there is none."""
    releases = Releases(home.releases)
    current = releases.current()
    if current is None or TABLE not in current.rows:
        raise ReleaseError("no release tells the trend of its rules yet: junheng run")
    return _sorted(_carried(current))


def across(trend: pl.DataFrame, last: int) -> pl.DataFrame:
    """Return the rules that found something in the last releases: a row a rule, a column a release, the newest last.

    A cell is the number of findings and, in brackets, of those that are open; empty where the release had no such rule.
    """
    releases = trend.select("published_at", "release_id").unique().sort("published_at", "release_id").tail(last)
    recent = trend.join(releases, on="release_id", how="semi")
    ever = (pl.col("failing").max() > 0) | (pl.col("refused").max() > 0) | pl.col("not_applied").is_not_null().any()
    told = recent.filter(ever.over("rule")).with_columns(
        pl.when(pl.col("not_applied").is_not_null())
        .then(pl.lit("not applied"))
        .when(pl.col("refused") > 0)
        .then(pl.format("{} (refused {}×)", "failing", "refused"))
        .when(pl.col("open").is_null())
        .then(pl.col("failing").cast(pl.String))
        .otherwise(pl.format("{} ({})", "failing", "open"))
        .alias("told")
    )
    names = told.group_by("rule").agg(pl.col("kind").last(), pl.col("severity").last(), pl.col("failing").last())
    wide = names.sort(["failing", "rule"], descending=[True, False], nulls_last=True).drop("failing")
    for at, release in releases.iter_rows():
        cells = told.filter(pl.col("release_id") == release).select("rule", pl.col("told").alias(release))
        name = f"{at:%Y-%m-%d %H:%M}"
        wide = wide.join(cells, on="rule", how="left", maintain_order="left").rename(
            {release: name if name not in wide.columns else release}
        )
    return wide
