"""Expectations on the tables of trends: derived as documented, evaluated rightly, told with keys, and the gate heeds them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from checks import evaluation
from checks.answers import Answer, as_findings, as_frame
from checks.evaluation import SAMPLE, WINDOW, evaluate
from checks.expectations import Expectation, lines, reasons, suites
from checks.gate import GateRefused
from models import rules
from pipelines.content import sql_models
from pipelines.expectations import write_expectations
from pipelines.marts import run_models
from pipelines.publish import inputs, publish
from pipelines.rules import check_across
from tests.pipelines.places import NOW, balance_models
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

TABLE = "trends.made_up"


@pytest.fixture(scope="module")
def all_suites() -> dict[str, list[Expectation]]:
    return suites(sql_models(), rules.load())


def test_every_table_of_trends_has_a_suite_with_its_keys_and_grain(all_suites: dict[str, list[Expectation]]) -> None:
    assert set(all_suites) == {name for name in sql_models() if name.startswith("trends.")}
    for table, suite in all_suites.items():
        grain = sql_models()[table].grain
        assert {each.columns[0] for each in suite if each.name == "keys_given"} == set(grain)
        assert [each.columns for each in suite if each.kind == "unique"] == [grain]


def test_every_line_of_the_catalogue_is_used_on_every_table_it_names(all_suites: dict[str, list[Expectation]]) -> None:
    for line in lines():
        for pattern in line["tables"].split():
            matching = [table for table in all_suites if fnmatchcase(table, pattern)]
            assert matching, f"{line['name']}: there is no table {pattern}"
            used = [each for table in matching for each in all_suites[table] if each.name.startswith(line["name"])]
            assert used, f"{line['name']}: no expectation came of it on {pattern}"
    names = [each.rule for suite in all_suites.values() for each in suite]
    assert len(names) == len(set(names))


def test_every_table_with_a_verdict_and_a_reason_holds_them_against_each_other(
    all_suites: dict[str, list[Expectation]],
) -> None:
    verdicts = {"verdict", "meets", "all_attain", "attains"}
    #: Where a reason is about something else than the verdict (see their headers).
    others = {"trends.government_measure", "trends.government_work"}
    for table, model in sql_models().items():
        if table in all_suites and "reason" in model.columns and verdicts & model.columns.keys():
            names = {each.name for each in all_suites[table]}
            assert table in others or {"verdict_or_reason_not_both", "verdict_or_reason_not_neither"} <= names, table


def test_reasons_are_read_from_the_header() -> None:
    models = sql_models()
    assert reasons(models["trends.county_attainment"], models) == {
        "county_unknown", "no_schools", "no_line", "missing_values",
    }  # fmt: skip
    consolidation = models["trends.consolidation"]
    assert reasons(consolidation, models, "annual_reason") == reasons(consolidation, models)
    assert reasons(models["trends.three_increases"], models) == reasons(models["core.funding_verdict"], models)
    assert reasons(models["trends.government_measure"], models) is None  # "or that of the trend table"
    documented = [name for name, model in models.items() if name.startswith("trends.") and "reason" in model.columns]
    # Those of others, told in words ("that of the trend table", "why the first open test has no verdict").
    assert {name for name in documented if not reasons(models[name], models)} == {
        "trends.government_measure", "trends.funding_verdict", "trends.basic_scorecard", "trends.quality_scorecard",
        "trends.scorecard_part",
    }  # fmt: skip


def _expected(kind: str, *columns: str, severity: str = "error", **parts: Any) -> Expectation:
    return Expectation(f"is_{kind}", TABLE, kind, severity, "应当", "should", columns, **parts)  # type: ignore[arg-type]


#: One of each kind, and SQL that counts the rows that break it.
KINDS: list[tuple[Expectation, str]] = [
    (_expected("not_null", "word"), "word is null"),
    (_expected("in_set", "word", values=("a", "b")), "word not in ('a', 'b')"),
    (_expected("in_set", "x", values=(0.5, 0.25)), "x not in (0.5, 0.25)"),
    (_expected("between", "x", low=0.0), "x < 0"),
    (_expected("between", "y", high=0.7), "y > 0.7"),
    (_expected("between", "x", low=0.0, high=0.7), "x < 0 or x > 0.7"),
    (_expected("at_most", "x", "y"), "x > y"),
    (_expected("equal", "x", "y"), "x <> y"),
    (_expected("within", "x", "y", where="good"), "good and x > y + 1e-11"),
    (_expected("beyond", "x", "y", where="not good"), "not good and x <= y"),
    (_expected("null_where", "word", where="good is not null"), "good is not null and word is not null"),
    (_expected("not_null_where", "word", where="good is null"), "good is null and word is null"),
    (_expected("unique", "number"), "number in (select number from made group by all having count(*) > 1)"),
    (
        _expected("unique", "number", "word"),
        "(number, coalesce(word, '-')) in (select number, coalesce(word, '-') from made group by all having count(*) > 1)",
    ),
]


def _made_up(folder: Path, rows: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    x = rng.choice([-0.5, 0.25, 0.5, 0.6, 0.8], rows)
    frame = pl.DataFrame(
        {
            "key": np.arange(rows),
            "number": rng.integers(0, rows * 4, rows),
            "word": rng.choice(["a", "b", "c"], rows),
            "x": x,
            "y": np.where(rng.random(rows) < 0.4, x, rng.choice([0.25, 0.6, 0.9], rows)),
            "good": rng.random(rows) < 0.5,
        }
    )
    gaps = [
        pl.when(pl.Series(rng.random(rows) > 0.15)).then(pl.col(name)).alias(name) for name in ("word", "x", "good")
    ]
    path = folder / f"{seed}.parquet"
    frame.with_columns(gaps).write_parquet(path)
    return path


@pytest.mark.parametrize("seed", range(3))
def test_every_kind_counts_what_sql_counts_and_names_rows_that_break_it(seed: int, tmp_path: Path) -> None:
    path = _made_up(tmp_path, 300, seed)
    answers = evaluate({TABLE: [each for each, _ in KINDS]}, {TABLE: [path]}, {TABLE: ["key"]})
    with duckdb.connect() as connection:
        connection.execute(f"create table made as select * from '{path}'")
        for answer, (each, broken) in zip(answers, KINDS, strict=True):
            keys = {row[0] for row in connection.execute(f"select key from made where {broken}").fetchall()}
            assert answer.crashed is None, (each, answer.crashed)
            assert (answer.unexpected, answer.success) == (len(keys), not keys), each
            assert {key["key"] for key in answer.sample} <= keys, each
            assert len(answer.sample) == min(SAMPLE, len(keys)), each


def test_what_cannot_be_evaluated_has_crashed_and_does_not_pass_for_failed(tmp_path: Path) -> None:
    path = _made_up(tmp_path, 50, 1)
    suite = [
        _expected("between", "word", low=0.0),
        _expected("not_null", "key"),
        _expected("rows", count="select 1 from nowhere"),
    ]
    crashed, held, uncounted = evaluate({TABLE: suite}, {TABLE: [path]}, {TABLE: ["key"]})
    assert held.success and held.checked == 50
    for each in (crashed, uncounted):
        assert not each.success and each.crashed and each.unexpected == 0
    (missing,) = evaluate({TABLE: [_expected("not_null", "no_such_column")]}, {TABLE: [path]}, {TABLE: ["key"]})
    assert missing.crashed and "no_such_column" in missing.crashed
    findings = as_findings(as_frame([replace(crashed, expectation=replace(crashed.expectation, severity="query"))]))
    assert findings.select("severity", "field").rows() == [("error", "word")]


def test_a_table_without_rows_holds_everything_but_a_number_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    pl.read_parquet(_made_up(tmp_path, 5, 1)).clear().write_parquet(path)
    suite = [
        _expected("not_null", "key"),
        _expected("rows", count="select 0"),
        replace(_expected("rows", count="select 3"), name="three"),
    ]
    told = evaluate({TABLE: suite}, {TABLE: [path]}, {TABLE: ["key"]})
    assert [(each.success, each.checked) for each in told[:2]] == [(True, 0), (True, 0)]
    assert not told[2].success and told[2].observed == "0 (expected 3)"


def test_a_mass_of_failures_takes_no_minute_and_keeps_few_keys(tmp_path: Path) -> None:
    path = _made_up(tmp_path, 20 * WINDOW, 1)
    suite = [_expected("between", "y", high=-1.0), _expected("not_null", "word"), _expected("unique", "number")]
    evaluate(
        {TABLE: suite[:1]}, {TABLE: [_made_up(tmp_path, 5, 2)]}, {TABLE: ["key"]}
    )  # imported before the clock starts
    begun = time.monotonic()
    answers = evaluate({TABLE: suite}, {TABLE: [path]}, {TABLE: ["key"]})
    assert time.monotonic() - begun < 15
    assert answers[0].unexpected == 20 * WINDOW
    assert [len(each.sample) for each in answers] == [SAMPLE] * 3


def test_failed_expectations_are_findings_with_table_and_key() -> None:
    each = Expectation("shares", TABLE, "between", "query", "比例", "Shares", ("share",), low=0.0)
    key = {"county_code": "110101", "school_year": 2020, "stage": "primary", "share": -0.5}
    answers = [
        Answer(each, False, None, 10, 2, None, (key, {**key, "county_code": "110102"})),
        Answer(replace(each, name="fine"), True, None, 10, 0),
    ]
    findings = as_findings(as_frame(answers))
    assert findings["finding_id"].n_unique() == 2
    assert findings.row(0, named=True) | {"rule": "expectation.trends.made_up.shares.share", "severity": "query",
        "county_code": "110101", "school_year": 2020, "stage": "primary", "sheet": TABLE, "value": "-0.5",
        "cell": "county_code=110101, school_year=2020, stage=primary, share=-0.5"} == findings.row(0, named=True)  # fmt: skip


def test_the_sample_holds_everything_that_is_expected(modelled: Home) -> None:
    answers, findings = map(pl.read_parquet, write_expectations(modelled, sql_models()))
    assert answers.height > 350
    assert answers.filter(~pl.col("success")).to_dicts() == []
    assert answers.filter(pl.col("checked") > 0).height > 250
    assert findings.is_empty()


def test_answers_are_kept_until_a_mart_or_an_expectation_changes(
    modelled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[str]] = []

    def counting(due: dict[str, list[Expectation]], *rest: Any) -> list[Answer]:
        asked.append(set(due))
        return evaluate(due, *rest)

    monkeypatch.setattr(evaluation, "evaluate", counting)
    write_expectations(modelled, sql_models())
    assert asked == []  # the home they were copied from has them
    models = dict(sql_models())
    attainment = models["trends.county_attainment"]
    models["trends.county_attainment"] = replace(attainment, sql=attainment.sql + "\n-- changed")
    run_models(modelled, models, inputs(modelled))
    write_expectations(modelled, models)
    assert asked == []  # made again, and the same
    names = ", ".join("schools + 1 as schools" if name == "schools" else name for name in attainment.columns)
    query = f"select {names} from (\n{attainment.sql}\n) as was"
    models["trends.county_attainment"] = replace(attainment, sql=_with_header(attainment.sql, query))
    run_models(modelled, models, inputs(modelled))
    before, _ = map(pl.read_parquet, write_expectations(modelled, models))
    assert "trends.county_attainment" in asked[0] and "trends.school_attainment" not in asked[0]
    assert before["rule"].to_list() == [each.rule for suite in suites(models, rules.load()).values() for each in suite]


def test_a_wrong_figure_is_refused_with_its_key(modelled: Home, books: Ledger) -> None:
    table, expected = "trends.composite_coefficient", "composite_met_is_within_its_line"
    models = balance_models()
    model = models[table]
    names = ", ".join("composite + 1 as composite" if name == "composite" else name for name in model.columns)
    wrong = replace(model, sql=f"select {names} from (\n{model.sql}\n) as was")
    models = {**models, table: replace(wrong, sql=_with_header(model.sql, wrong.sql))}
    run_models(modelled, models, inputs(modelled))
    check_across(modelled, books, models, inputs(modelled))
    with pytest.raises(GateRefused) as refused:
        publish(modelled, books, models, now=NOW)
    objection = next(each for each in refused.value.objections if each.rule == "expectations_hold")
    rule = f"expectation.{table}.{expected}.composite"
    row = next(row for row in objection.rows if row["rule"] == rule)
    assert row["unexpected"] > 0
    assert {"county_code", "school_year", "stage"} <= json.loads(row["sample"])[0].keys()
    assert refused.value.report is not None and rule in refused.value.report.read_text(encoding="utf-8")
    assert Releases(modelled.releases).current() is None


def _with_header(original: str, query: str) -> str:
    """A query under the header comment of another one."""
    header = [line for line in original.splitlines() if line.startswith("--")]
    return "\n".join([*header, query])


def test_a_release_tells_what_was_expected_of_it(modelled: Home, books: Ledger) -> None:
    check_across(modelled, books, sql_models(), inputs(modelled))
    release = publish(modelled, books, sql_models(), now=NOW).release
    assert release.manifest["expectations"]["failed"] == 0
    with Releases(modelled.releases).connect() as connection:
        rows = connection.execute("select count(*), count(distinct table_name) from audit.expectation").fetchone()
    assert rows is not None
    assert rows[0] == release.manifest["expectations"]["evaluated"]
    assert rows[1] == sum(name.startswith("trends.") for name in sql_models())
