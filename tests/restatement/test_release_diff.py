"""Two releases compared: every figure that differs, and the one change it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from models import rules
from models.returns import CONTRACTS
from pipelines.intake.judge import QUARANTINE_SCHEMA
from pipelines.release_diff import ReleaseDiff, diff, diff_is_due, figures, states, write_diff
from pipelines.release_diff import report as reporting
from pipelines.release_diff.sameness import Sameness
from pipelines.stored_models import models_frame
from tests.models.helpers import COUNTY, YEAR, Rows, all_models, code, rulebook_with, school, together
from tests.restatement.statements import coefficient
from warehouse.engine import DuckDBEngine
from warehouse.home import Home
from warehouse.releases import Release, Releases
from warehouse.replay import replay_one, upstream
from warehouse.sqlmodels import SqlModel

PUPILS = (45, 37, 89, 76, 55)
BOOKS = (279, 137, 935, 160, 402)
WANTED = ("trends.composite_coefficient", "trends.school_contribution")
OTHER = "990102"


def models() -> dict[str, SqlModel]:
    return {name: all_models()[name] for name in upstream(all_models(), WANTED)}


def county(submission: str, books: Sequence[int | None] = BOOKS, county_code: str = COUNTY, **more: Any) -> Rows:
    """The returns of five schools, all from one submission."""
    start = 1 + 10 * (int(county_code) - int(COUNTY))
    rows = together(
        *(
            school(code(n), p, county=county_code, equipment={"books": b}, **more)
            for n, (p, b) in enumerate(zip(PUPILS, books, strict=True), start)
        )
    )
    return of(submission, rows)


def of(submission: str, rows: Rows) -> Rows:
    return {form: [{**row, "submission_id": submission} for row in each] for form, each in rows.items()}


class Shelf:
    """Releases made of rows, as published with some models and some rulebook."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.releases, self.number = folder, Releases(folder / "releases"), 0
        self.known: dict[str, Release] = {}

    def publish(
        self,
        rows: Rows,
        submissions: Sequence[str] = ("s0",),
        *,
        sql: dict[str, SqlModel] | None = None,
        rulebook: Path = rules.FOLDER,
        reading: str = "r",
        with_models: bool = True,
    ) -> Release:
        made_of = repr((rows, submissions, sorted(sql or ()), rulebook, reading, with_models))
        if sql is None and made_of in self.known:
            return self.known[made_of]
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        changed = sql is not None
        sql = models() if sql is None else sql
        tables = {name: [path] for name, path in rules.write(folder / "rulebook", rulebook).items()}
        for form in (*CONTRACTS, "quarantine"):
            schema = QUARANTINE_SCHEMA if form == "quarantine" else CONTRACTS[form].staged_schema
            full = [
                {**dict.fromkeys(schema), "sheet": "表", "row_number": n, "block": "", **row}
                for n, row in enumerate(rows.get(form, []))
            ]
            frame = pl.DataFrame([{k: v for k, v in row.items() if k in schema} for row in full], schema)
            tables[f"returns.{form}"] = [self._write(folder / f"{form}.parquet", frame)]
        with DuckDBEngine(threads=1) as engine:
            for name, paths in tables.items():
                engine.bind(name, paths)
            for name, model in sql.items():
                tables[name] = [folder / f"{name}.parquet"]
                engine.run(model.sql, tables[name][0], order_by=model.grain)
                engine.bind(name, tables[name])
        known = [
            (name.split(">")[0], n, "accepted", name.partition(">")[2] or None) for n, name in enumerate(submissions)
        ]
        ledger = pl.DataFrame(known, ["submission_id", "sequence", "status", "supersedes"], orient="row").with_columns(
            pl.col("supersedes").cast(pl.String)
        )
        tables["audit.submission"] = [self._write(folder / "submission.parquet", ledger)]
        if with_models:
            tables["audit.model"] = [self._write(folder / "model.parquet", models_frame(sql))]
        digest = str(hash(tuple(sorted((name, model.sql) for name, model in sql.items()))))
        manifest = {
            "content": {"models": digest, "reading": reading, "rulebook": ""},
            "rulebook_version": rules.fingerprint(rulebook),
            "periods_not_staged": [],
            "duckdb_version": duckdb.__version__,
        }
        release = self.releases.publish(self.releases.build_candidate(tables), f"r{self.number}", manifest)
        if not changed:
            self.known[made_of] = release
        return release

    @staticmethod
    def _write(path: Path, frame: pl.DataFrame) -> Path:
        frame.write_parquet(path)
        return path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


def _move(found: ReleaseDiff, figure: str = "coefficient", **equal: Any) -> dict[str, Any]:
    frame = found.moves.filter(
        (pl.col("figure") == figure) & (pl.col("table_name") == "trends.differential_coefficient")
    )
    for name, value in equal.items():
        frame = frame.filter(pl.col(name) == value)
    books = frame.filter(pl.col("key").str.contains("primary / basic_2012 / books"))
    assert books.height == 1, found.moves
    return books.row(0, named=True)


def test_the_same_data_differ_in_nothing(shelf: Shelf) -> None:
    found = diff(shelf.publish(county("s0")), shelf.publish(county("s9"), ("s0", "s9")))
    assert found.nothing_changed
    assert (found.figures, found.causes, found.rows, found.notes) == (0, {}, [], [])
    assert found.moves.is_empty() and found.tables


def test_a_release_is_compared_with_itself(shelf: Shelf) -> None:
    release = shelf.publish(county("s0"))
    assert diff(release, release).nothing_changed


def _restated(books: int) -> Rows:
    rows = county("s0")
    for row in rows["equipment"]:
        if row["school_code"] == code(3):
            row |= {"books": books, "submission_id": "s1"}
    return rows


def test_a_restated_figure_moves_the_coefficient_as_fractions_say(shelf: Shelf) -> None:
    found = diff(shelf.publish(_restated(539) | {}, ("s0", "s1")), shelf.publish(county("s2"), ("s0", "s1", "s2")))
    assert found.rows == [{"form": "equipment", "period": YEAR, "cause": "restatement", "rows": 1}]
    assert found.causes.keys() == {"restatement"}
    move = _move(found)
    old = coefficient([(p, 539 if n == 2 else b) for n, (p, b) in enumerate(zip(PUPILS, BOOKS, strict=True))])
    assert move["old_value"] == pytest.approx(old, rel=1e-12)
    assert move["new_value"] == pytest.approx(0.515257, abs=5e-7)
    assert move["move"] == pytest.approx(move["new_value"] - move["old_value"], rel=1e-12)
    assert (move["status"], move["cause"], move["county_code"], move["school_year"]) == (
        "changed",
        "restatement",
        COUNTY,
        YEAR,
    )


def test_new_returns_make_new_figures(shelf: Shelf) -> None:
    both = together(county("s0"), county("s1", county_code=OTHER))
    found = diff(shelf.publish(county("s0")), shelf.publish(both, ("s0", "s1")))
    assert {row["cause"] for row in found.rows} == {"new_return"}
    new = found.moves.filter((pl.col("figure") == "") & (pl.col("table_name") == "trends.differential_coefficient"))
    assert set(new["status"]) == {"new"} and set(new["county_code"]) == {OTHER}
    assert set(found.moves["cause"]) == {"new_return"}


def test_withdrawn_returns_make_figures_vanish(shelf: Shelf) -> None:
    both = together(county("s0"), county("s1", county_code=OTHER))
    found = diff(shelf.publish(both, ("s0", "s1")), shelf.publish(county("s0"), ("s0",)))
    gone = found.moves.filter((pl.col("figure") == "") & (pl.col("table_name") == "trends.composite_coefficient"))
    assert set(gone["status"]) == {"vanished"} and set(gone["cause"]) == {"withdrawn"}


def _held(number: int, submission: str) -> Rows:
    """The same returns with the equipment of one school in quarantine."""
    rows = county(submission)
    kept = [row for row in rows["equipment"] if row["school_code"] != code(number)]
    row = {"form": "equipment", "school_year": YEAR, "county_code": COUNTY, "school_code": code(number)}
    return {**rows, "equipment": kept, "quarantine": [{**row, "submission_id": submission, "row_key": code(number)}]}


def test_a_row_out_of_quarantine_without_a_new_submission_was_explained_or_waived(shelf: Shelf) -> None:
    found = diff(shelf.publish(_held(3, "s0")), shelf.publish(county("s0")))
    assert found.rows == [{"form": "equipment", "period": YEAR, "cause": "explanation_or_waiver", "rows": 1}]
    assert found.causes.keys() == {"explanation_or_waiver"}
    gap = coefficient([(p, None if n == 2 else b) for n, (p, b) in enumerate(zip(PUPILS, BOOKS, strict=True))])
    assert _move(found)["old_value"] == pytest.approx(gap, rel=1e-12)


def test_a_row_out_of_quarantine_by_a_reader_that_changed_is_due_to_the_code(shelf: Shelf) -> None:
    found = diff(shelf.publish(_held(3, "s0")), shelf.publish(county("s0"), reading="other"))
    assert found.causes.keys() == {"code"}


def test_a_mended_row_is_a_restatement(shelf: Shelf) -> None:
    found = diff(shelf.publish(_held(3, "s0")), shelf.publish(_restated(935), ("s0", "s1")))
    assert found.causes.keys() == {"restatement"}


def test_a_rulebook_that_changed_is_the_cause_where_it_moved_something(shelf: Shelf) -> None:
    rows = county("s0", operator="999")
    left_out = rulebook_with(shelf.folder / "rulebook", {"choice": [_leave_out_private()]})
    mixed = together(rows, county("s0", county_code=OTHER))
    found = diff(shelf.publish(mixed), shelf.publish(mixed, rulebook=left_out))
    assert found.causes.keys() == {"rulebook"}
    assert found.rows == []
    assert set(found.moves["county_code"].drop_nulls()) == {COUNTY}, (
        "the other county counts its private schools as before"
    )


def _leave_out_private() -> str:
    header, *lines = (rules.FOLDER / "choice.csv").read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    line = next(line for line in lines if "private_schools" in line)
    values = dict(zip(names, line.split(","), strict=False))
    values |= {"region_code": COUNTY, "value": "leave_out"}
    return ",".join(values.get(name, "") for name in names)


def _changed_sql() -> dict[str, SqlModel]:
    """Models of which one counts otherwise: the standard deviation is doubled."""
    sql = models()
    name = "trends.differential_coefficient"
    text = sql[name].sql.replace("sqrt(long.variance) / long.mean end", "2 * sqrt(long.variance) / long.mean end")
    assert text != sql[name].sql
    sql[name] = replace(sql[name], sql=text)
    return sql


def test_models_that_changed_are_the_cause_where_they_moved_something(shelf: Shelf) -> None:
    found = diff(shelf.publish(county("s0")), shelf.publish(county("s0"), sql=_changed_sql()))
    assert found.causes.keys() == {"code"}
    assert _move(found)["new_value"] == pytest.approx(2 * 0.515257, abs=1e-6)
    assert "trends.school_contribution" not in set(found.moves["table_name"])


def test_several_causes_are_taken_apart_exactly(shelf: Shelf) -> None:
    """Models, a restatement and a new return at once: each county shows what moved it, one figure both."""
    a = shelf.publish(together(_restated(539), county("s0", (1, 2, 3, 4, 5), OTHER)), ("s0", "s1"))
    b = shelf.publish(
        together(county("s2"), county("s0", (1, 2, 3, 4, 5), OTHER), county("s3", county_code="990103")),
        ("s0", "s1", "s2", "s3"),
        sql=_changed_sql(),
    )
    found = diff(a, b, listed=None)
    assert found.steps == [["code"], ["new_return"], ["restatement"]]
    both = _move(found, county_code=COUNTY)
    assert (both["cause"], sorted(both["causes"])) == ("mixed", ["code", "restatement"])
    before, after = both["old_value"], coefficient(list(zip(PUPILS, BOOKS, strict=True)))
    assert after is not None
    assert both["effects"] == pytest.approx([before, 0.0, 2 * after - 2 * before], rel=1e-9, abs=1e-15)
    assert sum(both["effects"]) == pytest.approx(both["move"], rel=1e-9)
    assert _move(found, county_code=OTHER)["cause"] == "code"
    new = found.moves.filter(
        (pl.col("county_code") == "990103") & (pl.col("table_name") == "trends.differential_coefficient")
    )
    assert set(new["cause"]) == {"new_return"} and set(new["status"]) == {"new"}
    mean = found.moves.filter((pl.col("figure") == "mean") & (pl.col("county_code") == COUNTY))
    assert set(mean["cause"]) == {"restatement"}


def test_what_is_as_in_a_release_is_not_run_and_nothing_else_changes(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same moves, by the same causes, as when every model runs and every row is compared."""
    one = county("s0", (1, 2, 3, 4, 5), OTHER)
    before = together(_restated(539), one)
    after = together(county("s2"), one, county("s3", county_code="990103"))
    a = shelf.publish(before, ("s0", "s1"))
    b = shelf.publish(after, ("s0", "s1", "s2", "s3"))
    ran: list[str] = []

    def counted(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
        ran.append(model.name)
        replay_one(connection, model)

    monkeypatch.setattr(states, "replay_one", counted)
    found, few = diff(a, b, listed=None), set(ran)
    monkeypatch.setattr(Sameness, "of_model", lambda *_: frozenset())
    monkeypatch.setattr(figures, "_touched_groups", lambda *_: "")
    every = diff(a, b, listed=None)
    assert found.steps == every.steps == [["new_return"], ["restatement"]]
    assert found.causes == every.causes and found.causes.keys() == {"new_return", "restatement"}
    assert found.moves.equals(every.moves) and found.figures == every.figures > 20
    assert few < set(ran) and "core.county" not in few, "the rulebook and the counties' names are as they were"


def test_releases_that_do_not_hold_their_models_show_all_causes_together(shelf: Shelf) -> None:
    a = shelf.publish(_restated(539), ("s0", "s1"), with_models=False)
    b = shelf.publish(county("s2"), ("s0", "s1", "s2"), sql=_changed_sql(), with_models=False)
    found = diff(a, b)
    assert found.steps == [["code", "restatement"]]
    assert found.causes.keys() == {"mixed"}
    assert any("together" in note for note in found.notes)


def test_the_largest_moves_come_first_and_all_are_counted(shelf: Shelf) -> None:
    a, b = shelf.publish(_restated(539), ("s0", "s1")), shelf.publish(county("s2"), ("s0", "s1", "s2"))
    every, few = diff(a, b, listed=None), diff(a, b, listed=3)
    for name, of_table in few.moves.group_by("table_name", maintain_order=True):
        assert of_table.equals(every.moves.filter(pl.col("table_name") == name[0]).head(3))
    weights = few.moves.filter(pl.col("status") == "changed")["weight"].drop_nulls().to_list()
    assert weights == sorted(weights, reverse=True) and len(weights) > 3
    assert few.figures == every.figures == every.moves.height > 3
    assert (
        sum(each.get("changed", 0) for each in every.tables) == every.moves.filter(pl.col("status") == "changed").height
    )


def test_a_comparison_that_fails_is_written_down_and_the_release_stays(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise duckdb.IOException("no space left <b>|")

    shelf.publish(county("s0"))
    release = shelf.publish(county("s7", (1, 2, 3, 4, 5)), ("s0", "s7"))
    home = Home(shelf.folder)
    assert diff_is_due(home, release)
    with monkeypatch.context() as patched:
        patched.setattr(reporting, "diff", fail)
        found = write_diff(home, release)
    assert found is not None and "no space left" in found["failed"]
    assert Releases(home.releases).current() == release and not diff_is_due(home, release)
    assert "&lt;b>\\|" in (home.releases / f"{release.release_id}.diff.md").read_text(encoding="utf-8")
