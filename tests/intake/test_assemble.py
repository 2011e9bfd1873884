"""A period on disk: what is written, when it is stale, and that no crash leaves it half made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from checks.findings import FINDING_SCHEMA
from models.returns import CONTRACTS
from pipelines.intake import assemble as assembling
from pipelines.intake.assemble import assemble, audit_bindings, bindings, is_stale
from pipelines.intake.judge import QUARANTINE_SCHEMA
from pipelines.intake.receive import receive
from tests.intake.books import ENROLMENT_PATHS, enrolment, enrolment_row, sheet, xlsx
from warehouse.home import Home
from warehouse.ledger import Ledger

NOON = datetime(2020, 9, 20, 4, tzinfo=UTC)


def send(home: Home, ledger: Ledger, name: str, content: bytes) -> str:
    path = home.root / name
    path.write_bytes(content)
    (receipt,) = receive(home, ledger, [path], received_by="test", now=NOON)
    return receipt.submission.submission_id


def rows(home: Home, period: int = 2020) -> pl.DataFrame:
    return pl.read_parquet(home.staging / "returns" / "enrolment" / f"{period}.parquet")


def partitions(home: Home) -> dict[str, bytes]:
    return {str(path.relative_to(home.staging)): path.read_bytes() for path in home.staging.rglob("2020.parquet")}


MIXED = xlsx(
    sheet(ENROLMENT_PATHS, [enrolment_row(1), enrolment_row(2, boarders="x"), enrolment_row(3, boarders=None)])
)


def test_a_period_is_written_whole(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assert is_stale(home, ledger, 2020)
    done = assemble(home, ledger, 2020)
    assert (done.period, done.submissions, done.fresh) == (2020, 1, False)
    counts = done.counts["enrolment"]
    assert (counts.rows, counts.quarantined, counts.errors, counts.queries) == (2, 1, 1, 1)
    assert not is_stale(home, ledger, 2020)
    assert rows(home).schema == pl.Schema(CONTRACTS["enrolment"].staged_schema)
    bad = pl.read_parquet(home.staging / "quarantine" / "2020.parquet")
    assert bad.schema == pl.Schema(QUARANTINE_SCHEMA)
    assert bad["school_code"].to_list() == ["2199000002"]
    assert pl.read_parquet(home.staging / "findings" / "2020.parquet").schema == pl.Schema(FINDING_SCHEMA)


def test_a_fresh_period_is_left_alone_unless_forced(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    first = assemble(home, ledger, 2020)
    before = {path: path.stat().st_mtime_ns for path in home.staging.rglob("2020.parquet")}
    again = assemble(home, ledger, 2020)
    assert again.fresh
    assert again.counts == first.counts
    assert {path: path.stat().st_mtime_ns for path in home.staging.rglob("2020.parquet")} == before
    assert not assemble(home, ledger, 2020, force=True).fresh


def test_a_new_submission_makes_its_period_stale_and_no_other(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    assemble(home, ledger, 2019)
    send(home, ledger, "b.xlsx", xlsx(enrolment(1)))
    assert is_stale(home, ledger, 2020)
    assert not is_stale(home, ledger, 2019)


def test_a_refused_submission_makes_nothing_stale(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    send(home, ledger, "安平县2019学年.xlsx", xlsx(enrolment()))
    assert not is_stale(home, ledger, 2020)


def test_staging_can_be_deleted_and_is_made_again_byte_for_byte(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    send(home, ledger, "b.xlsx", xlsx(enrolment(30)))
    assemble(home, ledger, 2020)
    before = partitions(home)
    shutil.rmtree(home.staging)
    assert is_stale(home, ledger, 2020)
    assemble(home, ledger, 2020)
    assert partitions(home) == before


@pytest.mark.parametrize("folder", ["returns/enrolment", "quarantine", "findings", "columns"])
def test_a_partition_that_is_gone_makes_the_period_stale(home: Home, ledger: Ledger, folder: str) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    (home.staging / folder / "2020.parquet").unlink()
    assert is_stale(home, ledger, 2020)
    assert not assemble(home, ledger, 2020).fresh
    assert rows(home).height == 2


def test_a_change_of_definitions_makes_a_period_stale(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    monkeypatch.setattr(assembling, "definitions_digest", lambda: "another")
    assert is_stale(home, ledger, 2020)


@pytest.mark.parametrize("after", [0, 1, 3, 8, 11])
def test_a_crash_between_files_leaves_the_period_stale_and_the_next_run_finishes(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    send(home, ledger, "b.xlsx", xlsx(enrolment(5)))
    write, written = assembling._write, []

    def failing(frame: pl.DataFrame, path: Path) -> None:
        if len(written) == after:
            raise OSError("no space left on device")
        written.append(path)
        write(frame, path)

    with monkeypatch.context() as patched:
        patched.setattr(assembling, "_write", failing)
        with pytest.raises(OSError, match="no space"):
            assemble(home, ledger, 2020)
        with pytest.raises(OSError, match="no space"):  # and again while something is half written
            assemble(home, ledger, 2020, force=True)
    assert is_stale(home, ledger, 2020)
    assert not assemble(home, ledger, 2020).fresh
    assert rows(home)["school_code"].n_unique() == 5
    assert not list(home.staging.rglob("*.tmp*"))


KILLED = """
import os, sys
from pathlib import Path
from pipelines.intake import assemble as assembling
from warehouse.home import Home
from warehouse.ledger import Ledger

home, left = Home(Path(sys.argv[1])), [int(sys.argv[2])]
write = assembling._write

def dying(frame, path):
    if left[0] == 0:
        os._exit(9)
    left[0] -= 1
    write(frame, path)

assembling._write = dying
with Ledger.open(home.ledger_url) as ledger:
    assembling.assemble(home, ledger, 2020, force=True)
"""


def test_a_killed_process(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)  # forcing a fresh period must not leave it looking fresh when it dies
    repository = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    died = subprocess.run([sys.executable, "-c", KILLED, str(home.root), "4"], env=environment, check=False)
    assert died.returncode == 9
    assert is_stale(home, ledger, 2020)
    assert not assemble(home, ledger, 2020).fresh
    assert rows(home).height == 2


def test_progress(home: Home, ledger: Ledger) -> None:
    for number in (1, 2):
        send(home, ledger, f"{number}.xlsx", xlsx(enrolment(number)))
    seen: list[tuple[int, int]] = []
    assemble(home, ledger, 2020, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_period_without_submissions(home: Home, ledger: Ledger) -> None:
    done = assemble(home, ledger, 2020)
    assert done.submissions == 0
    assert rows(home).is_empty()


def test_bindings_cover_every_return(home: Home, ledger: Ledger) -> None:
    send(home, ledger, "a.xlsx", MIXED)
    assemble(home, ledger, 2020)
    tables = bindings(home)
    assert set(tables) == {"returns.quarantine", *(f"returns.{form}" for form in CONTRACTS)}
    for form, contract in CONTRACTS.items():
        frame = pl.concat([pl.read_parquet(path) for path in tables[f"returns.{form}"]])
        assert frame.schema == pl.Schema(contract.staged_schema)
    audits = audit_bindings(home)
    assert pl.read_parquet(audits["audit.finding"]).height == 2


def test_bindings_of_an_empty_home(home: Home) -> None:
    for paths in bindings(home).values():
        assert all(pl.read_parquet(path).is_empty() for path in paths)
