"""A corrected file goes the whole way: restatement in the release, comparison beside it, also after a crash."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines import publish as publishing
from pipelines.cli import main
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import inputs
from pipelines.release_diff import diff_is_due, read_diff
from pipelines.release_diff import report as reporting
from pipelines.rules import check_across
from pipelines.sample import SampleSummary
from tests.pipelines.places import NOW, balance_models, publish_balance
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Release, Releases

SHEET, COLUMN, ROW = "基础基522", 4, 8
MORE = 5000


def _publish(home: Home, ledger: Ledger, minutes: int) -> Release:
    run_models(home, balance_models(), inputs(home))
    check_across(home, ledger, balance_models(), inputs(home))
    return publish_balance(home, ledger, NOW + timedelta(minutes=minutes)).release


def _corrected(sample: SampleSummary, folder: Path) -> Path:
    """The county's workbook of 2019 with another number of books of one school."""
    (source,) = [path for path in sample.files if path.stem.endswith("_2019学年") and path.stem.count("_") == 2]
    book = openpyxl.load_workbook(source)
    cell = book[SHEET].cell(ROW, COLUMN)
    cell.value += MORE
    path = folder / source.name
    book.save(path)
    return path


def _correct(home: Home, ledger: Ledger, sample: SampleSummary, folder: Path) -> None:
    receive(home, ledger, [_corrected(sample, folder)], received_by="test", now=NOW + timedelta(minutes=1))
    assemble(home, ledger, 2019)


@pytest.fixture
def two(modelled: Home, books: Ledger, sample: SampleSummary, tmp_path: Path) -> tuple[Home, Release, Release]:
    """Two releases: as received, and after a correction."""
    first = _publish(modelled, books, 0)
    assert read_diff(modelled, first.release_id) is None, "the first release has nothing to be compared with"
    _correct(modelled, books, sample, tmp_path)
    return modelled, first, _publish(modelled, books, 5)


def _value(home: Home, release: Release, indicator: str = "books") -> tuple[Any, ...]:
    with Releases(home.releases).connect(release.release_id) as connection:
        row = connection.execute(
            """select county_code, stage, coefficient from trends.differential_coefficient
               where school_year = 2019 and standard = 'basic_2012' and indicator = ? and stage = 'primary'""",
            [indicator],
        ).fetchone()
    assert row is not None
    return row


def test_a_correction_is_told_in_the_release_beside_it_and_on_the_command_line(
    two: tuple[Home, Release, Release], books: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    home, first, second = two
    _, _, before = _value(home, first)
    county, _, after = _value(home, second)
    with Releases(home.releases).connect() as connection:
        told = connection.execute(
            """select county_code, field, new_value - old_value, old_sheet, old_cell, new_cell, effect_basis,
                      coefficient_old, coefficient_new
               from audit.restatement where field = 'books'"""
        ).fetchall()
        points = connection.execute(
            """select school_year, coefficient_first, coefficient from audit.restated_point where indicator = 'books'
               and stage = 'primary'"""
        ).fetchall()
    assert told == [
        (county, "books", float(MORE), SHEET, f"D{ROW}", f"D{ROW}", "figure", pytest.approx(before, rel=1e-12), after)
    ]
    assert points == [(2019, pytest.approx(before, rel=1e-12), after)]
    beside = read_diff(home, second.release_id)
    assert beside is not None and beside["causes"].keys() == {"restatement"} and not beside["nothing_changed"]
    (move,) = [
        m for m in beside["moves"] if m["figure"] == "coefficient" and "primary / basic_2012 / books" in m["key"]
    ]
    assert (move["old_value"], move["new_value"], move["cause"]) == (before, after, "restatement")
    text = (home.releases / f"{second.release_id}.diff.md").read_text(encoding="utf-8")
    assert "更正 restatement" in text and first.release_id in text
    assert _junheng(capsys, "restatements", "--county", county, "--year", "2019/20").count("equipment.books: ") == 1
    assert "0 restatements" in _junheng(capsys, "restatements", "--year", "2020")
    rows = list(csv.DictReader(io.StringIO(_junheng(capsys, "release", "diff", "--format", "csv"))))
    assert len(rows) == sum(beside["causes"].values()) and {row["cause"] for row in rows} == {"restatement"}
    again = json.loads(_junheng(capsys, "release", "diff", first.release_id, second.release_id, "--format", "json"))
    assert again["causes"] == beside["causes"]
    assert "Nothing changed" in _junheng(capsys, "release", "diff", second.release_id, second.release_id)
    assert "restatement" in _junheng(capsys, "release", "diff")
    file = home.releases / f"{second.release_id}.diff.json"
    stamp = file.stat().st_mtime_ns
    assert _publish(home, books, 9) == second, "the same again changes neither release nor comparison"
    assert file.stat().st_mtime_ns == stamp and not diff_is_due(home, second)


def _junheng(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code in (0, None)
    return capsys.readouterr().out


def test_a_crash_before_the_comparison_leaves_the_release_readable_and_the_next_run_makes_it(
    modelled: Home, books: Ledger, sample: SampleSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(modelled, books, 0)
    _correct(modelled, books, sample, tmp_path)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    for module, name in ((publishing, "write_diff"), (reporting, "as_markdown")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, die)
            with pytest.raises(KeyboardInterrupt):
                _publish(modelled, books, 5)
        release = Releases(modelled.releases).current()
        assert release is not None and release.manifest["previous"] is not None
        release.verify()
        assert _value(modelled, release)
        assert diff_is_due(modelled, release) and read_diff(modelled, release.release_id) is None
    assert _publish(modelled, books, 9) == release
    found = read_diff(modelled, release.release_id)
    assert found is not None and found["causes"].keys() == {"restatement"}
    assert not diff_is_due(modelled, release)
