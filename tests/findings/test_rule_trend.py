"""The trend of the rules over several releases: counts of each, what the gate said, and what survives a deletion."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from checks.gate import GateRefused
from pipelines.cli import main
from pipelines.rule_trend import COLUMNS, TABLE, read_trend
from tests.findings.office import ASKED, BAD, GOOD, HARD, QUERY, Office
from tests.intake.books import enrolment_row
from warehouse.home import Home
from warehouse.releases import Releases

FIGURES = ("failing", "open", "explained", "waived", "fixed")


def of(home: Home, rule: str) -> list[tuple[Any, ...]]:
    """The figures of a rule, oldest release first."""
    return read_trend(home).filter(pl.col("rule") == rule).select(FIGURES).rows()


def corrected(office: Office) -> None:
    """The school with the hard error sends it right."""
    office.send(enrolment_row(GOOD), enrolment_row(BAD), enrolment_row(ASKED, boarders=None), name="更正.xlsx")


def test_the_newest_release_holds_what_every_rule_found_in_each(office: Office) -> None:
    assert of(office.home, HARD) == [(1, 1, 0, 0, 0)]
    corrected(office)
    office.run()
    assert of(office.home, HARD) == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 1)]
    office.waive(str(office.findings(QUERY)["finding_id"][0]))
    office.run()
    assert of(office.home, HARD) == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)]
    assert [row[:4] for row in of(office.home, QUERY)] == [(1, 1, 0, 0), (1, 1, 0, 0), (1, 0, 0, 1)]
    trend = read_trend(office.home)
    assert trend.height == trend.select("release_id", "rule").n_unique()
    assert trend["release_id"].unique(maintain_order=True).to_list() == [
        each.release_id for each in Releases(office.home.releases).list()
    ]
    kinds = dict(trend.group_by("kind").len().rows())
    assert {"reading", "contract", "rule", "gate", "expectation"} <= kinds.keys()
    for release in Releases(office.home.releases).list():
        assert release.rows[TABLE] == read_rows(office, release.release_id)


def read_rows(office: Office, release_id: str) -> int:
    with Releases(office.home.releases).connect(release_id) as connection:
        (rows,) = connection.execute(f"select count(*) from {TABLE}").fetchone() or (0,)
    return int(rows)


def test_counts_are_those_of_the_ledger_of_findings(office: Office) -> None:
    """Recounted row by row from the release's own tables."""
    corrected(office)
    office.run()
    found = [dict(zip(("rule", "status", "superseded", "fault"), row, strict=True)) for row in office.ask(
        "select rule, status, superseded, fault_id from audit.finding"
    )]  # fmt: skip
    newest = Releases(office.home.releases).current()
    assert newest is not None
    told = read_trend(office.home).filter(pl.col("release_id") == newest.release_id, pl.col("kind") != "gate")
    for row in told.iter_rows(named=True):
        alive = [each for each in found if each["rule"] == row["rule"] and not each["superseded"]]
        assert (
            row["failing"]
            == len(alive)
            == sum(row[name] for name in ("open", "answered", "explained", "waived", "noted"))
        )
        assert row["open"] == sum(each["status"] == "open" for each in alive)
        assert row["fixed"] == len({e["fault"] for e in found if e["rule"] == row["rule"] and e["status"] == "fixed"})
    assert told["failing"].sum() > 0 < told["fixed"].sum()
    checked = dict(told.select("rule", "checked").rows())
    assert checked[HARD] == 3


def test_the_gate_has_its_rows_also_of_what_it_refused_and_what_was_accepted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gate(number: int) -> dict[str, tuple[Any, ...]]:
        release = Releases(office.home.releases).list()[number]
        frame = read_trend(office.home).filter(pl.col("release_id") == release.release_id, pl.col("kind") == "gate")
        return {
            row["rule"]: (row["failing"], row["refused"], row["not_applied"]) for row in frame.iter_rows(named=True)
        }

    first = gate(0)
    assert first["coverage_shrank"] == (0, 0, "there was no release to compare with")
    assert first["grain_repeated"] == (0, 0, None)
    office.send(enrolment_row(GOOD, female_pupils=999), enrolment_row(BAD, female_pupils=999), name="坏.xlsx")
    with pytest.raises(GateRefused) as refused:
        office.run()
    rules = {each.rule: "办学情况已核实" for each in refused.value.objections}
    assert "quarantined_share" in rules or "coverage_shrank" in rules
    office.wait(hours=1)
    office.run(accept=rules)
    second = gate(1)
    for rule in rules:
        failing, times, not_applied = second[rule]
        assert failing > 0 and times == 1 and not_applied is None, rule
    assert second["grain_repeated"] == (0, 0, None)
    office.send(enrolment_row(GOOD), enrolment_row(BAD), enrolment_row(ASKED), name="好.xlsx")
    office.run()
    assert all(times == 0 and failing == 0 for failing, times, _ in gate(2).values()), "refusals count once"
    assert gate(1) == second and gate(0) == first


def test_history_outlives_the_files_of_old_releases(office: Office) -> None:
    releases = Releases(office.home.releases)
    (first,) = releases.list()
    corrected(office)
    office.run()
    first.path.unlink()
    office.waive(str(office.findings(QUERY)["finding_id"][0]))
    office.run()
    assert [row[0] for row in of(office.home, HARD)] == [1, 0, 0]


def test_releases_of_a_version_without_a_trend_are_counted_from_their_files(office: Office) -> None:
    """The current release does not hold them: as if it were made before there was such a table."""
    before = read_trend(office.home)
    without_trend(office.home)
    corrected(office)
    office.run()
    after = read_trend(office.home).filter(pl.col("release_id") == before["release_id"][0])
    told = [name for name in COLUMNS if name not in ("checked", "not_applied")]
    assert after.select(told).equals(before.select(told))
    rules = before.filter(pl.col("kind") != "gate")
    assert after.filter(pl.col("kind") != "gate").equals(rules)


def without_trend(home: Home) -> None:
    """Take the table out of the current release, manifest and file."""
    import json

    import duckdb

    release = Releases(home.releases).current()
    assert release is not None
    release.path.chmod(0o644)
    with duckdb.connect(str(release.path)) as connection:
        connection.execute(f"drop table {TABLE}")
    path = release.path.with_suffix(".json")
    manifest = json.loads(path.read_bytes())
    del manifest["rows"][TABLE]
    path.chmod(0o644)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_the_command_shows_a_column_a_release(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    corrected(office)
    office.run()

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["rules", "--trend", *arguments, "--home", str(office.home.root)])
        assert not ended.value.code
        return capsys.readouterr().out

    lines = said().splitlines()
    (hard,) = [line for line in lines if line.strip().startswith(HARD)]
    assert hard.split()[1:] == ["contract", "error", "1", "(1)", "0", "(0)"]
    assert not any("girls_within_pupils" not in line and " 0 (0)  0 (0)" in line for line in lines)
    assert len(said("--rule", HARD).splitlines()) == 3
    rows = list(csv.DictReader(said("--format", "csv", "--kind", "contract").splitlines()))
    assert {row["kind"] for row in rows} == {"contract"} and len({row["release_id"] for row in rows}) == 2
    assert datetime.fromisoformat(rows[0]["published_at"]).astimezone(UTC) < office.now
