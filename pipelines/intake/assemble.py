"""Assembly: all submissions of one period staged, superseded rows left out, one Parquet file per return written.

Belongs here: the partition of a period on disk. Does not belong here: reading (``stage``), Dagster
(``pipelines.assets``).

``staging/returns/<form>/<period>.parquet`` holds live accepted rows; beside it are the rows they superseded
(``superseded/<form>``), quarantine, restatements, findings and columns (where each field stands in each sheet). A
fingerprint is written last: a crash leaves the period stale, and the next run makes it again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from checks.findings import FINDING_SCHEMA, concat
from checks.waivers import ROW_RULES, in_force
from models.returns import CONTRACTS
from pipelines.intake.contested import contested
from pipelines.intake.definitions_digest import definitions_digest
from pipelines.intake.judge import QUARANTINE_SCHEMA
from pipelines.intake.persons import Pseudonyms
from pipelines.intake.restate import RECEIVED_SCHEMA, RESTATEMENT_SCHEMA, restate, superseded_schema
from pipelines.intake.stage import COLUMNS_SCHEMA, stage, to_stage
from pipelines.intake.supersede import STATED_SCHEMA, live, stated
from warehouse import secret
from warehouse.files import replacing, write_bytes
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger, Submission


@dataclass(frozen=True)
class FormCounts:
    """Counts of one return in one period."""

    rows: int = 0
    quarantined: int = 0
    errors: int = 0
    queries: int = 0
    notes: int = 0


@dataclass(frozen=True)
class Assembled:
    """What an assembly gave: counts by return, and whether everything was up to date already (``fresh``)."""

    period: int
    submissions: int
    counts: dict[str, FormCounts] = field(default_factory=dict)
    fresh: bool = False


def _fingerprint(submissions: list[Submission], key: str | None, waivers: Sequence[str]) -> str:
    parts = [definitions_digest(), *(entry.submission_id for entry in submissions), *([key] if key else []), *waivers]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _about_persons(submissions: Sequence[Submission]) -> bool:
    return any(CONTRACTS[form].has_persons for entry in submissions for form, _ in entry.returns if form in CONTRACTS)


def person_key(home: Home, submissions: Sequence[Submission]) -> str | None:
    """Fingerprint of the key under which persons in these submissions are staged; ``None`` where there are none.

    Raises:
        SecretError: the key file cannot be used.
    """
    if not _about_persons(submissions):
        return None
    key = secret.read(home.person_key)
    return secret.fingerprint(key) if key is not None else "no key yet"


def _replaced(submissions: Sequence[Submission]) -> dict[str, dict[str, str]]:
    """Submissions of each listing that a later file of the same name replaces as a whole, and that later file."""
    replaced: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in submissions:
        for form, _ in entry.returns:
            if entry.supersedes and form in CONTRACTS and CONTRACTS[form].listing:
                replaced[form][entry.supersedes] = entry.submission_id
    return replaced


def _received(submissions: Sequence[Submission]) -> pl.DataFrame:
    return pl.DataFrame(
        [(entry.submission_id, entry.sequence or 0, entry.file_name, entry.received_at) for entry in submissions],
        schema=RECEIVED_SCHEMA,
        orient="row",
    )


def _marker(home: Home, period: int) -> Path:
    return home.staging / "fingerprints" / f"{period}.json"


def _partitions(home: Home, period: int) -> list[Path]:
    """The files of a period."""
    folders = [f"{kind}/{form}" for kind in ("returns", "superseded") for form in CONTRACTS]
    folders += ["quarantine", "superseded/quarantine", "restatements", "findings", "columns", "statements"]
    return [home.staging / folder / f"{period}.parquet" for folder in folders]


def _read_marker(home: Home, period: int) -> dict[str, object] | None:
    """What was written last, or ``None`` where nothing was or something of it is gone."""
    if not all(path.exists() for path in _partitions(home, period)):
        return None
    try:
        marker: dict[str, object] = json.loads(_marker(home, period).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return marker


def is_stale(home: Home, ledger: Ledger, period: int, *, now: datetime | None = None) -> bool:
    """Whether the staged period is not what the submissions, definitions and waivers of ``now`` would give."""
    marker = _read_marker(home, period)
    submissions = ledger.submissions(period=period, status="accepted")
    waivers = _waiver_ids(_waivers(ledger, period, now))
    return marker is None or marker.get("fingerprint") != _fingerprint(
        submissions, person_key(home, submissions), waivers
    )


def waivers_changed(home: Home, ledger: Ledger, *, now: datetime) -> list[int]:
    """Return the staged periods into which other waivers let rows than those in force at ``now``."""
    known = ledger.answers.waivers()
    markers = {period: _read_marker(home, period) for period in ledger.periods()}
    return [
        period
        for period, marker in markers.items()
        if marker is not None and marker.get("waivers", []) != _waiver_ids(in_force(known, now, period))
    ]


def _waivers(ledger: Ledger, period: int, now: datetime | None) -> pl.DataFrame:
    return in_force(ledger.answers.waivers(), now or datetime.now(UTC), period)


def _waiver_ids(waivers: pl.DataFrame) -> list[str]:
    """Those that can let a row in: of a rule that a row of a return can break."""
    rules = {rule.name for contract in CONTRACTS.values() for rule in contract.rules} | ROW_RULES
    return sorted(waivers.filter(pl.col("rule").is_in(list(rules)))["waiver_id"].to_list())


def assemble(
    home: Home,
    ledger: Ledger,
    period: int,
    *,
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
    force: bool = False,
) -> Assembled:
    """Stage a period and write its partitions.

    Args:
        home, ledger: where bytes, submissions and staging are.
        period: the school year (or fiscal year) to assemble.
        now: which waivers are in force (default: those of this moment).
        progress: called with submissions read and submissions in all.
        force: assemble even where the fingerprint says that nothing changed.
    """
    submissions = ledger.submissions(period=period, status="accepted")
    pseudonyms = Pseudonyms(secret.read_or_create(home.person_key)) if _about_persons(submissions) else None
    waivers = _waivers(ledger, period, now)
    fingerprint = _fingerprint(submissions, pseudonyms.fingerprint if pseudonyms else None, _waiver_ids(waivers))
    marker = _read_marker(home, period)
    if marker is not None and marker.get("fingerprint") == fingerprint and not force:
        counts = {form: FormCounts(**entry) for form, entry in dict(marker["counts"]).items()}  # type: ignore[call-overload]
        return Assembled(period, len(submissions), counts, fresh=True)
    landing = Landing(home.landing)
    total = len(submissions)
    staged = stage(
        to_stage(submissions, landing.read),
        pseudonyms=pseudonyms,
        waivers=waivers,
        progress=(lambda done: progress(done, total)) if progress is not None else None,
    )
    sequence = {entry.submission_id: entry.sequence or 0 for entry in submissions}
    names = {entry.submission_id: entry.file_name for entry in submissions}
    replaced = _replaced(submissions)
    statements = stated(staged, period)
    result = live(staged, sequence, period, names=names, replaced=replaced)
    restated = restate(staged, _received(submissions), period, replaced=replaced)
    result.findings = concat([result.findings, contested(staged, result, names, period)])
    _marker(home, period).unlink(missing_ok=True)  # until all is written, the period is stale
    for form, contract in CONTRACTS.items():
        frame = result.rows.get(form, pl.DataFrame(schema=contract.staged_schema))
        _write(frame, home.staging / "returns" / form / f"{period}.parquet")
        older = restated.rows.get(form, pl.DataFrame(schema=superseded_schema(contract)))
        _write(older, home.staging / "superseded" / form / f"{period}.parquet")
    _write(restated.quarantine, home.staging / "superseded" / "quarantine" / f"{period}.parquet")
    _write(restated.changes, home.staging / "restatements" / f"{period}.parquet")
    _write(result.quarantine, home.staging / "quarantine" / f"{period}.parquet")
    _write(result.findings, home.staging / "findings" / f"{period}.parquet")
    _write(result.columns, home.staging / "columns" / f"{period}.parquet")
    _write(statements, home.staging / "statements" / f"{period}.parquet")
    counts = _counts(result.rows, result.quarantine, result.findings)
    content = {
        "fingerprint": fingerprint,
        "waivers": _waiver_ids(waivers),
        "counts": {form: asdict(entry) for form, entry in counts.items()},
    }
    write_bytes(_marker(home, period), json.dumps(content, indent=1).encode())
    return Assembled(period, total, counts)


def _write(frame: pl.DataFrame, path: Path) -> None:
    with replacing(path) as temporary:
        frame.write_parquet(temporary, compression="zstd")


def _counts(rows: dict[str, pl.DataFrame], quarantine: pl.DataFrame, findings: pl.DataFrame) -> dict[str, FormCounts]:
    alive = findings.filter(~pl.col("superseded"))

    def of(form: str, severity: str) -> int:
        return alive.filter((pl.col("form") == form) & (pl.col("severity") == severity)).height

    return {
        form: FormCounts(
            rows=rows[form].height if form in rows else 0,
            quarantined=quarantine.filter(pl.col("form") == form).height,
            errors=of(form, "error"),
            queries=of(form, "query"),
            notes=of(form, "note"),
        )
        for form in CONTRACTS
    }


def bindings(home: Home) -> dict[str, list[Path]]:
    """Parquet files of every input table of the models: ``returns.<form>`` and ``returns.quarantine``.

    A return of which nothing was received is bound to an empty file with the right columns.
    """
    tables = {
        f"returns.{form}": _files(home, f"returns/{form}", contract.staged_schema)
        for form, contract in CONTRACTS.items()
    }
    tables["returns.quarantine"] = _files(home, "quarantine", QUARANTINE_SCHEMA)
    return tables


def audit_bindings(home: Home) -> dict[str, list[Path]]:
    """Parquet files of the audit tables that staging makes: ``audit.source_column``, and of ``audit.finding`` its part.

    Findings of rejected submissions are in ``staging/findings/rejected`` (see ``receive.rejected_findings``).
    """
    findings = _files(home, "findings", FINDING_SCHEMA)
    findings += sorted((home.staging / "findings" / "rejected").glob("*.parquet"))
    return {"audit.finding": findings, "audit.source_column": _files(home, "columns", COLUMNS_SCHEMA)}


def superseded_bindings(home: Home) -> dict[str, list[Path]]:
    """Parquet files of the rows that later statements superseded: ``superseded.<form>``, ``superseded.quarantine``."""
    tables = {
        f"superseded.{form}": _files(home, f"superseded/{form}", superseded_schema(contract))
        for form, contract in CONTRACTS.items()
    }
    tables["superseded.quarantine"] = _files(home, "superseded/quarantine", superseded_schema(None))
    return tables


def restatement_files(home: Home) -> list[Path]:
    """Parquet files of the figures that changed between submissions (``RESTATEMENT_SCHEMA``)."""
    return _files(home, "restatements", RESTATEMENT_SCHEMA)


def statement_files(home: Home) -> list[Path]:
    """Parquet files of which submission reported which return of which county (``supersede.STATED_SCHEMA``)."""
    return _files(home, "statements", STATED_SCHEMA)


def _files(home: Home, folder: str, schema: dict[str, object]) -> list[Path]:
    files = sorted((home.staging / folder).glob("*.parquet"))
    if files:
        return files
    empty = home.staging / "empty" / f"{folder.replace('/', '_')}.parquet"
    _write(pl.DataFrame(schema=schema), empty)  # type: ignore[arg-type]
    return [empty]
