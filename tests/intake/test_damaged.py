"""Good files damaged at random: the reader never crashes, makes nothing up, and loses nothing without a word.

2,000 of them: ``python -m tests.recall.damaged`` (part of ``make recall``).
"""

from __future__ import annotations

import io
import random
import zipfile

import polars as pl
import pytest

from pipelines.intake.identify import identify
from pipelines.intake.stage import Staged
from tests.intake.books import ENROLMENT_PATHS, enrolment_row, sheet, stage_files, text, xls, xlsx
from tests.intake.damage import FORMS, SCHOOLS, damaged_file, good_sheets, workbook
from tests.intake.outcome import Record, by_submission, judge, records

BATCH, BATCHES = 100, 5


@pytest.fixture(scope="module")
def good() -> dict[tuple[str, str, str], Record]:
    """The rows of the good workbook."""
    return records(stage_files({"a.xlsx": workbook(good_sheets())}))


def test_the_good_workbook_is_good() -> None:
    for content in (workbook(good_sheets()), xlsx(*good_sheets())):
        staged = stage_files({"a.xlsx": content})
        assert staged.findings.select("rule", "cell", "field").rows() == []
        assert {form: frame.height for form, frame in staged.rows.items()} == dict.fromkeys(FORMS, SCHOOLS)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_files(batch: int, good: dict[tuple[str, str, str], Record]) -> None:
    files = [damaged_file(seed) for seed in range(batch * BATCH, (batch + 1) * BATCH)]
    parts = by_submission(stage_files({file.name: file.content for file in files}, year=2020))
    outcomes = {file.name: judge(file, parts.get(f"s{n}", Staged()), good) for n, file in enumerate(files)}
    assert {name: outcome.problems for name, outcome in outcomes.items() if outcome.problems} == {}
    kinds = {outcome.kind for outcome in outcomes.values()}
    assert {"found", "harmless"} <= kinds


def test_the_account_notices_what_is_lost_changed_or_made_up(good: dict[tuple[str, str, str], Record]) -> None:
    """What a faulty reader would give is a problem: this test of the test can fail."""
    file = next(
        file for seed in range(500) if (file := damaged_file(seed)).done[0] == "xlsx" and file.done[1:] == ["sort_rows"]
    )

    def problems(change: pl.Expr | None = None, rows: pl.Expr | None = None) -> list[str]:
        staged = stage_files({file.name: file.content}, year=2020)
        frame = staged.rows["enrolment"]
        frame = frame.with_columns(change) if change is not None else frame
        staged.rows["enrolment"] = frame.filter(rows) if rows is not None else frame
        return judge(file, staged, good).problems

    assert problems() == []
    assert len(problems(rows=pl.col("school_code") != "2199000003")) == 1
    assert (
        len(problems(pl.when(pl.col("school_code") == "2199000003").then(None).otherwise("grade_3").alias("grade_3")))
        == 1
    )
    assert len(problems((pl.col("grade_3") + 1).alias("grade_3"))) == SCHOOLS
    assert len(problems(pl.lit("2199000009").alias("school_code"))) >= SCHOOLS


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "zip"])
def test_damaged_bytes(kind: str) -> None:
    """Bytes cut, changed, and parts of the archive changed: a workbook, or a finding, never a crash."""
    drawn = sheet(ENROLMENT_PATHS, [enrolment_row(n) for n in (1, 2)])
    whole = {"xlsx": xlsx(drawn), "zip": xlsx(drawn), "xls": xls(drawn), "csv": text(drawn, "gbk")}[kind]
    for seed in range(60):
        rnd = random.Random(f"{kind}{seed}")
        content = repacked(whole, rnd) if kind == "zip" else broken(whole, rnd)
        identified = identify(content, f"a.{kind}", declared_year=2020)
        assert identified.sheets or identified.rejected
        if identified.rejected:
            assert identified.findings.filter(severity="error").height >= 1
        staged = stage_files({f"a.{kind}": content}, year=2020)
        accepted = sum(frame.height for frame in staged.rows.values())
        assert accepted or not staged.findings.is_empty()


def broken(content: bytes, rnd: random.Random) -> bytes:
    if rnd.random() < 0.4:
        return content[: rnd.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(rnd.randint(1, 20)):
        changed[rnd.randrange(len(changed))] = rnd.randrange(256)
    return bytes(changed)


def repacked(content: bytes, rnd: random.Random) -> bytes:
    """The archive with one part missing or changed."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    victim = rnd.choice(source.namelist())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            part = bytearray(source.read(name))
            if name == victim and rnd.random() < 0.25:
                continue
            if name == victim:
                for _ in range(rnd.randint(1, 8)):
                    part[rnd.randrange(len(part))] = rnd.choice(b'<>"/&0123456789ABZ=')
            archive.writestr(name, bytes(part))
    return target.getvalue()
