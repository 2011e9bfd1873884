"""The trend of the rules over several releases: counts of each, what the gate said, and what survives a deletion."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.gate import GateRefused
from pipelines.cli import main
from pipelines.dashboards.books.quality import quality_book
from pipelines.dashboards.extract import Extracts
from pipelines.rule_trend import COLUMNS, TABLE, read_trend, refusals
from tests.findings.office import ASKED, BAD, GOOD, HARD, QUERY, Office
from tests.intake.books import enrolment_row
from tests.pipelines.places import copied
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

FIGURES = ("failing", "open", "explained", "waived", "fixed")


def of(home: Home, rule: str) -> list[tuple[Any, ...]]:
    """The figures of a rule, oldest release first."""
    return read_trend(home).filter(pl.col("rule") == rule).select(FIGURES).rows()


def corrected(office: Office) -> None:
    """The school with the hard error sends it right."""
    office.send(enrolment_row(GOOD), enrolment_row(BAD), enrolment_row(ASKED, boarders=None), name="更正.xlsx")


@pytest.fixture(scope="module")
def history(begun: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Three releases: as sent, corrected, and with a waiver. Not to be changed."""
    home = copied(begun, tmp_path_factory.mktemp("history"))
    with Ledger.open(home.ledger_url) as ledger:
        office = Office(home, ledger)
        office.wait(hours=3)
        corrected(office)
        office.run()
        waived(office)
        office.run()
        yield office


def waived(office: Office) -> None:
    office.waive(str(office.findings(QUERY)["finding_id"][0]))


def test_the_newest_release_holds_what_every_rule_found_in_each(history: Office) -> None:
    home = history.home
    assert of(home, HARD) == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)]
    assert [row[:4] for row in of(home, QUERY)] == [(1, 1, 0, 0), (1, 1, 0, 0), (1, 0, 0, 1)]
    trend = read_trend(home)
    assert trend.height == trend.select("release_id", "rule").n_unique()
    releases = Releases(home.releases).list()
    assert trend["release_id"].unique(maintain_order=True).to_list() == [each.release_id for each in releases]
    assert {"reading", "contract", "rule", "gate", "expectation"} <= set(trend["kind"])
    assert [each.rows[TABLE] for each in releases] == [read_rows(history, each.release_id) for each in releases]


def read_rows(office: Office, release_id: str) -> int:
    with Releases(office.home.releases).connect(release_id) as connection:
        (rows,) = connection.execute(f"select count(*) from {TABLE}").fetchone() or (0,)
    return int(rows)


def test_counts_are_those_of_the_findings(history: Office) -> None:
    """Recounted row by row from the release's own tables."""
    office = history
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
    assert gate(0) == first
    assert refusals(office.home, office.now, office.now + timedelta(days=1)) == {}, "a refusal counts once"


def test_history_outlives_the_files_of_old_releases(history: Office, tmp_path: Path) -> None:
    home = copied(history.home, tmp_path)
    for release in Releases(home.releases).list()[:2]:
        release.path.unlink()
    with Ledger.open(home.ledger_url) as ledger:
        office = Office(home, ledger)
        office.wait(days=60)  # the waiver has ended
        office.run()
    assert [row[0] for row in of(home, HARD)] == [1, 0, 0, 0]
    assert [row[1] for row in of(home, QUERY)] == [1, 1, 0, 1]


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
    history: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["rules", "--trend", *arguments, "--home", str(history.home.root)])
        assert not ended.value.code
        return capsys.readouterr().out

    lines = [line.split() for line in said().splitlines()]
    assert [HARD, "contract", "error", "1", "(1)", "0", "(0)", "0", "(0)"] in lines
    assert all({"(1)", "applied"} & set(line) for line in lines[1:]), "what found nothing is left out"
    assert [HARD, "contract", "error", "0", "(0)"] not in [line.split() for line in said("--last", "1").splitlines()]
    assert len(said("--rule", HARD).splitlines()) == 4
    rows = list(csv.DictReader(said("--format", "csv", "--kind", "contract").splitlines()))
    assert {row["kind"] for row in rows} == {"contract"} and len({row["release_id"] for row in rows}) == 3
    assert datetime.fromisoformat(rows[0]["published_at"]).astimezone(UTC) < history.now
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--trend", "--rule", "no_such_rule", "--home", str(history.home.root)])
    assert ended.value.code == 2


def test_the_page_sets_the_releases_side_by_side(history: Office, begun: Home) -> None:
    with Releases(history.home.releases).connect() as connection:
        trend = quality_book(Extracts(connection)).trend
    assert trend is not None
    # What is asked in both languages, severity, a column a release, the rule's id.
    assert [row[3:-1] for row in trend.rows if row[-1] == HARD] == [(1, 0, 0)]
    assert all(any(row[3:-1]) and row[0] not in ("", row[-1]) for row in trend.rows)
    assert len({each.title["zh"] for each in trend.fields[3:-1]}) == 3
    with Releases(begun.releases).connect() as connection:
        assert quality_book(Extracts(connection)).trend is None, "one release has no trend"
