"""Every planted fault of the sample prefecture is found where it is, and nothing is found that was not planted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines.content import sql_models
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive, rejected_findings
from pipelines.marts import run_models
from pipelines.publish import inputs
from pipelines.rules import check_across
from pipelines.sample import SampleSummary, write_sample
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger

COUNTIES, YEARS = 3, range(2018, 2024)
#: What the sample tells on purpose, with or without planted faults: see ``pipelines.sample.supervision``.
STORY = {
    "government_score_is_the_computed",
    "satisfaction_totals_are_the_answers",
    "closed_problem_does_not_come_back",
}
#: Rules that rightly find a planted fault once more, in another return of the same school, stage and year.
ALSO = {"entrants_equal_first_grade": "movement_entrants_are_the_entrants"}


def _findings(home: Home, sample: SampleSummary) -> pl.DataFrame:
    with Ledger.open(home.ledger_url) as ledger:
        receive(home, ledger, sample.files, received_by="test", now=RECEIVED)
        periods = ledger.periods()
        for period in periods:
            assemble(home, ledger, period)
        run_models(home, sql_models(), inputs(home))
        across = check_across(home, ledger, sql_models(), inputs(home)).findings
        frames = [pl.read_parquet(home.staging / "findings" / f"{period}.parquet", glob=False) for period in periods]
        return pl.concat([*frames, rejected_findings(home, ledger), across])


@pytest.fixture(scope="module", params=[1])
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Findings and answer key of a sample with faults."""
    folder = tmp_path_factory.mktemp("planted")
    sample = write_sample(folder / "sample", counties=COUNTIES, years=YEARS, seed=request.param)
    assert sample.answer_key is not None
    key = pl.read_csv(sample.answer_key, infer_schema=False)
    return _findings(Home(folder / "home").ensure(), sample), key


def _matches(findings: pl.DataFrame, fault: dict[str, str | None]) -> pl.DataFrame:
    """Findings that answer to a line of the key: the rule, the file and, where the file was read, sheet and row."""
    hits = findings.filter((pl.col("rule") == fault["rule"]) & (pl.col("file_name") == fault["file"]))
    if fault["sheet"] and hits["sheet"].null_count() == 0:
        hits = hits.filter(pl.col("sheet") == fault["sheet"])
    if fault["school_code"] and hits["school_code"].null_count() == 0:
        by_school = hits.filter(pl.col("school_code") == fault["school_code"])
        by_cell = hits.filter(pl.col("cell") == fault["cell"])  # the code itself may be what was damaged
        hits = by_school if by_school.height else by_cell
    return hits


def test_every_planted_fault_is_found(planted: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    findings, key = planted
    faults = key.filter(pl.col("rule") != "none")
    assert faults.height > 40
    missed = [fault["fault"] for fault in faults.to_dicts() if _matches(findings, fault).is_empty()]
    assert missed == []


def test_nothing_else_is_found(planted: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    findings, key = planted
    answered = pl.concat(
        [_matches(findings, fault).select("finding_id") for fault in key.filter(pl.col("rule") != "none").to_dicts()]
    )
    left = findings.join(answered, on="finding_id", how="anti")
    # A refused file also tells of its other sheets, which is no fault of the data.
    left = left.filter(~pl.col("rule").is_in(["unknown_sheet", *STORY]))
    again = key.filter(pl.col("rule").is_in(list(ALSO))).select(
        pl.col("rule").replace_strict(ALSO), "school_code", pl.col("school_year").cast(pl.Int32), "stage"
    )
    assert again.join(left, on=again.columns, how="anti").is_empty(), "found in the other return, too"
    left = left.join(again, on=again.columns, how="anti")
    assert left.select("rule", "file_name", "sheet", "cell", "field").to_dicts() == []


def test_findings_say_where_what_who_and_what_to_do(planted: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    findings, _ = planted
    for name in ("finding_id", "rule", "severity", "submission_id", "file_name", "owner", "message_zh", "message_en"):
        assert findings[name].null_count() == 0, name
    told = findings.filter(pl.col("guidance_zh").is_null() | pl.col("guidance_en").is_null())
    assert told["rule"].to_list() == []
    of_cells = findings.filter(pl.col("field").is_not_null() & (pl.col("rule") != "missing_column"))
    assert of_cells["cell"].null_count() == 0
    assert findings["finding_id"].is_unique().all()


def test_the_clean_sample_raises_nothing(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "sample", counties=COUNTIES, years=YEARS, seed=3, faults=False)
    assert sample.answer_key is None
    findings = _findings(Home(tmp_path / "home").ensure(), sample)
    assert set(findings["severity"]) == {"query"}
    findings = findings.filter(~pl.col("rule").is_in(list(STORY)))
    assert findings.select("rule", "file_name", "cell").to_dicts() == []
