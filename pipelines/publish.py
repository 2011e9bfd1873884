"""From marts to a published release: candidate, gate, file, pointer.

Belongs here: what a release is made of, when a new one is due, what its manifest says. Does not belong here: Dagster
(``pipelines.assets.release``), the rules (``checks.gate``), how files get their place (``warehouse.releases``), the
comparison with the release before (``pipelines.release_diff``).

A release has a digest over everything its figures depend on: the version of the code, our own definitions
(``pipelines.content``), the submissions whose rows are in it, in order of receipt, and the written answers that hold.
While the digest is that of the current release there is nothing to publish.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from checks.gate import GateRefused, GateRule, Objection, grain_rule, judge, load_rules, not_applied
from models import rules
from models.returns import CONTRACTS
from pipelines import audit, rule_trend
from pipelines.comments import release_comments
from pipelines.completeness import summary, told_of
from pipelines.content import code_version, content_digest, git_commit, part_digests
from pipelines.expectations import write_expectations
from pipelines.findings import answer_tables, answers_in_force, judged, previous_findings
from pipelines.intake.assemble import bindings, is_stale, person_key, waivers_changed
from pipelines.marts import MartsStale, exclusive, mart_bindings, mart_keys, stale_marts
from pipelines.release_diff import write_diff
from pipelines.rulebook import rulebook_bindings
from pipelines.rules import rules_are_stale
from warehouse.files import write_bytes
from warehouse.home import Home
from warehouse.ledger import Ledger, Submission
from warehouse.releases import Candidate, Release, Releases
from warehouse.sqlmodels import SqlModel

Step = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """The release that is current now, and whether it was published by this call (``created``)."""

    release: Release
    created: bool
    digest: str


def inputs(home: Home) -> dict[str, list[Path]]:
    """Return the files of all tables the models read that are no models: returns and rulebook."""
    return {**bindings(home), **rulebook_bindings(home)}


def live_submissions(home: Home, ledger: Ledger) -> list[Submission]:
    """Return the submissions of which a row (accepted or quarantined) is in the staged returns, in order of receipt."""
    scans = [pl.scan_parquet(list(files), glob=False).select("submission_id") for files in bindings(home).values()]
    live = set(pl.concat(scans).unique().collect()["submission_id"].to_list())
    return [each for each in ledger.submissions(status="accepted") if each.submission_id in live]


def release_digest(submissions: list[Submission], key: str | None = None, answers: Sequence[str] = ()) -> str:
    """Return the digest of a release of these submissions by the present code.

    ``key``: fingerprint of the key of the pseudonyms, where the submissions are about persons. ``answers``:
    explanations and waivers that hold (``pipelines.findings.answers_in_force``).
    """
    parts = [code_version(), content_digest(), *(each.submission_id for each in submissions), *([key] if key else [])]
    parts += answers
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_due(home: Home, ledger: Ledger, *, now: datetime | None = None) -> bool:
    """Say whether the current release is not what would be published now (false where there is nothing to publish).

    ``now``: which waivers are in force (default: those of this moment).
    """
    submissions = live_submissions(home, ledger)
    current = Releases(home.releases).current()
    if current is None:
        return bool(submissions)
    answers = answers_in_force(ledger, now=now or datetime.now(UTC))
    return current.manifest.get("digest") != release_digest(submissions, person_key(home, submissions), answers)


def publish(
    home: Home,
    ledger: Ledger,
    models: Mapping[str, SqlModel],
    *,
    now: datetime,
    accept: Mapping[str, str] | None = None,
    step: Step = lambda _: None,
) -> Published:
    """Publish the marts as a new release, unless the current one is made of the same.

    Args:
        models: in dependency order; their marts must be up to date.
        now: time of publication (with time zone).
        accept: reasons by rule of the gate that may be overruled; they are kept in the manifest.
        step: told in words what is being done.

    Raises:
        MartsStale: marts do not fit their inputs, before or while the candidate was built; run the models.
        GateRefused: a rule of the gate objects. The current release is untouched, the candidate gone, a report kept.
        ValueError: ``accept`` names a rule that is none or cannot be overruled.
    """
    reasons = dict(accept or {})
    gate = gate_rules(models)
    _check_accepted(gate, reasons)
    releases = Releases(home.releases)
    with exclusive(home):
        _require_fresh(home, ledger, models, now)
        submissions = live_submissions(home, ledger)
        digest = release_digest(submissions, person_key(home, submissions), answers_in_force(ledger, now=now))
        previous = releases.current()
        if previous is not None and previous.manifest.get("digest") == digest:
            _record(ledger, previous)
            write_diff(home, previous)
            return Published(previous, False, digest)
        before = mart_keys(models, inputs(home))
        step("checking what is expected of the tables")
        tables = release_tables(home, ledger, models, now=now, release_id=release_id(now, digest), previous=previous)
        step("assembling the candidate")
        candidate = releases.build_candidate(tables, release_comments(models))
        try:
            if mart_keys(models, inputs(home)) != before:
                raise MartsStale("the returns changed while the candidate was assembled; run again")
            step("asking the gate")
            accepted = _pass_gate(home, candidate, previous, gate, reasons, now, digest)
            ran = rule_trend.GateRun(
                rule_trend.gate_reads(gate),
                candidate.rows,
                accepted,
                rule_trend.refusals(home, _published_at(previous), now),
                not_applied(previous.path if previous else None, gate),
            )
            candidate = rule_trend.enter_gate(candidate, release_id(now, digest), now, ran)
            step("publishing")
            manifest = _manifest(home, ledger, models, candidate, submissions, digest, now, accepted)
            release = releases.publish(candidate, release_id(now, digest), manifest)
        except BaseException:
            releases.discard(candidate)
            raise
    _record(ledger, release)
    step("comparing with the release before")
    write_diff(home, release)
    return Published(release, True, digest)


def release_id(now: datetime, digest: str) -> str:
    """Return the id of a release: the UTC second of its publication and the beginning of its digest."""
    return f"r{now.astimezone(UTC):%Y%m%dT%H%M%S}-{digest[:8]}"


def release_tables(
    home: Home,
    ledger: Ledger,
    models: Mapping[str, SqlModel],
    *,
    now: datetime,
    release_id: str | None = None,
    previous: Release | None = None,
) -> dict[str, list[Path]]:
    """Return the files of every table of a release: returns, rulebook, marts, audit.

    Args:
        now: the moment for which the status of findings and of returns that are owed is told.
        release_id: of the release that is being made.
        previous: the release that is current.
    """
    given = inputs(home)
    marts = mart_bindings(home, models)
    audited = audit.write_audit(home, ledger, given, models)
    answers, failed = write_expectations(home, models)
    audited["audit.expectation"] = [answers]
    files = [*audited["audit.finding"], failed]
    findings = judged(files, ledger, previous_findings(previous), now=now, release_id=release_id)
    settled = {"audit.finding": findings, **answer_tables(ledger, findings, now=now)}
    if {"core.county", "core.reported_county"} <= marts.keys():
        counts = pl.read_parquet(audited["audit.return_count"], glob=False)
        owed = told_of(home, ledger, counts, marts, now=now)
        settled |= {"audit.completeness": owed, "audit.completeness_summary": summary(owed)}
    tables = {**given, **marts, **audited, **audit.write_tables(home, settled)}
    kept = Releases(home.releases).list() if previous is not None else []
    trend = rule_trend.rule_trend(tables, release_id or "", now, kept, home, previous)
    return {**tables, **audit.write_tables(home, {rule_trend.TABLE: trend})}


def gate_rules(models: Mapping[str, SqlModel]) -> list[GateRule]:
    """Return the rules of the gate: the files of ``checks/gate`` and the grain of every table that has one."""
    grains = {f"returns.{form}": contract.grain for form, contract in CONTRACTS.items()}
    grains |= {name: model.grain for name, model in models.items()} | audit.GRAINS
    return [*load_rules(), *(grain_rule(table, grain) for table, grain in grains.items() if grain)]


def _check_accepted(gate: list[GateRule], reasons: Mapping[str, str]) -> None:
    acceptable = sorted(rule.name for rule in gate if rule.acceptable)
    for name, reason in reasons.items():
        if name not in acceptable:
            raise ValueError(f"rule {name!r} cannot be accepted; those that can be: {', '.join(acceptable)}")
        if not reason.strip():
            raise ValueError(f"rule {name!r} is accepted without a reason; say why")


def _require_fresh(home: Home, ledger: Ledger, models: Mapping[str, SqlModel], now: datetime) -> None:
    if changed := waivers_changed(home, ledger, now=now):
        years = ", ".join(map(str, changed))
        raise MartsStale(
            f"waivers were given, revoked or have expired since these years were staged: {years}; run them"
        )
    stale = stale_marts(home, models, inputs(home))
    if stale:
        raise MartsStale(f"the marts do not fit the returns, rulebook or models of now: {', '.join(stale)}; run them")
    if rules_are_stale(home, models, inputs(home)):
        raise MartsStale("what the rules across returns found does not fit the marts; run the rules (audit/rule_run)")


def _pass_gate(
    home: Home,
    candidate: Candidate,
    previous: Release | None,
    gate: list[GateRule],
    reasons: Mapping[str, str],
    now: datetime,
    digest: str,
) -> list[dict[str, Any]]:
    """Return the objections that were accepted, with their reasons; raise ``GateRefused`` for any other."""
    objections = judge(candidate.path, previous.path if previous else None, gate)
    refusing = [each for each in objections if each.rule not in reasons or each.crashed]
    if refusing:
        raise GateRefused(refusing, _report(home, refusing, previous, now, digest))
    return [{**each.as_dict(), "reason": reasons[each.rule]} for each in objections]


def _report(home: Home, objections: list[Objection], previous: Release | None, now: datetime, digest: str) -> Path:
    path = home.releases / "refused" / f"{release_id(now, digest)}.json"
    report = {
        "refused_at": now.isoformat(),
        "digest": digest,
        "current_release": previous.release_id if previous else None,
        "objections": [each.as_dict() for each in objections],
    }
    write_bytes(path, json.dumps(report, ensure_ascii=False, indent=2).encode())
    return path


def _manifest(
    home: Home,
    ledger: Ledger,
    models: Mapping[str, SqlModel],
    candidate: Candidate,
    submissions: list[Submission],
    digest: str,
    now: datetime,
    accepted: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "created_at": now.isoformat(),
        "digest": digest,
        "code_version": code_version(),
        "git_commit": git_commit(),
        "rulebook_version": rules.fingerprint(),
        "content": part_digests(models),
        "duckdb_version": duckdb.__version__,
        "person_key": person_key(home, submissions),
        "submissions": [
            {
                "submission_id": each.submission_id,
                "sha256": each.sha256,
                "file_name": each.file_name,
                "received_at": each.received_at.isoformat(),
                "returns": [{"form": form, "period": period} for form, period in each.returns],
            }
            for each in submissions
        ],
        "periods_not_staged": [period for period in ledger.periods() if is_stale(home, ledger, period, now=now)],
        "findings": finding_counts(candidate),
        "expectations": expectation_counts(candidate),
        "finding_status": status_counts(candidate),
        "waivers": [each.waiver_id for each in ledger.answers.waivers() if each.in_force(now)],
        "explanations": [
            {"explanation_id": each.explanation_id, "accepted": each.accepted} for each in ledger.answers.explanations()
        ],
        "accepted": accepted,
    }


def finding_counts(candidate: Candidate) -> list[dict[str, Any]]:
    """Return the live findings of a candidate by rule and severity, the most frequent first."""
    with candidate.connect() as connection:
        rows = connection.execute(
            "select rule, severity, count(*) from audit.finding where not superseded group by all order by 3 desc, 1, 2"
        ).fetchall()
    return [{"rule": rule, "severity": severity, "count": count} for rule, severity, count in rows]


def expectation_counts(candidate: Candidate) -> dict[str, int]:
    """Return how many expectations on the tables of a candidate were evaluated, and how many of them do not hold."""
    with candidate.connect() as connection:
        rows = connection.execute("select count(*), count(*) filter (not success) from audit.expectation").fetchall()
    return {"evaluated": rows[0][0], "failed": rows[0][1]}


def status_counts(candidate: Candidate) -> dict[str, int]:
    """Return the number of findings of a candidate that count, by status."""
    with candidate.connect() as connection:
        rows = connection.execute(
            "select status, count(*) from audit.finding where not superseded group by all order by 1"
        ).fetchall()
    return dict(rows)


def _published_at(release: Release | None) -> datetime | None:
    return None if release is None else datetime.fromisoformat(str(release.manifest["created_at"]))


def _record(ledger: Ledger, release: Release) -> None:
    """Enter the release into the ledger; also one whose publisher died between the two, and then nothing changes."""
    created_at = datetime.fromisoformat(str(release.manifest["created_at"]))
    ledger.record_release(release.release_id, created_at, str(release.manifest["digest"]))
