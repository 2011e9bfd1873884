"""Files that leave the house: forms of a county, export of a release."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest

from pipelines.cli import main
from pipelines.export import export_release
from warehouse.home import Home
from warehouse.releases import Releases

YEAR = 2020
COUNTY = "990101"


def _run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code if isinstance(ended.value.code, int) else 0 if ended.value.code is None else 1


@pytest.fixture
def forms(published: Home, tmp_path: Path) -> Path:
    """The self-assessment tables of the sample county."""
    path = tmp_path / "forms.xlsx"
    assert _run("forms", "--home", published.root, "--county", COUNTY, "--year", "2020/21", "-o", path) == 0
    return path


def _answers(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with Releases(home.releases).connect() as connection:
        return connection.execute(sql).fetchall()


def test_the_five_forms_are_there_with_place_year_and_release(forms: Path, published: Home) -> None:
    book = openpyxl.load_workbook(forms)
    assert {name[0] for name in book.sheetnames} == set("ⅠⅡⅢⅣⅤ")
    release = Releases(published.releases).current()
    assert release is not None
    for sheet in book:
        assert COUNTY in sheet["A2"].value
        assert sheet["D2"].value == "2020学年"
        assert sheet["B3"].value == release.release_id


def test_form_3_recomputed_by_hand_is_the_release(forms: Path, published: Home) -> None:
    """From the x and P that stand on the form, by the formula of the rule, to the coefficient of the release."""
    book = openpyxl.load_workbook(forms, data_only=True)
    seen = 0
    for sheet in (each for each in book if each.title.startswith("Ⅲ 基本均衡")):
        stage = "primary" if "小学" in sheet.title else "junior"
        published_values = _answers(
            published,
            "select i.zh, d.coefficient, c.composite from trends.differential_coefficient d"
            " join rulebook.indicator i using (standard, indicator)"
            " join trends.composite_coefficient c using (county_code, school_year, stage, standard)"
            f" where standard = 'basic_2012' and stage = '{stage}' and school_year = {YEAR} order by i.position",
        )
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7)]
        end = next(place for place, row in enumerate(rows) if row[0] == "合计 Σx")
        told = {row[0]: row for row in reversed(rows[end:]) if row[0]}
        titles = [cell.value for cell in sheet[5] if cell.value][0:8]
        for number, (title, row) in enumerate(zip(titles, published_values, strict=True)):
            name, coefficient, composite = row
            assert title.startswith(name)
            at = 3 + 2 * number
            known = [(row[2], row[at]) for row in rows[:end] if row[at] is not None and row[2]]
            everyone = sum(weight for weight, _ in known)
            mean = sum(amount for _, amount in known) / everyone
            square = sum(weight / everyone * (amount / weight - mean) ** 2 for weight, amount in known)
            if coefficient is not None:
                assert isclose(sqrt(square) / mean, coefficient, rel_tol=1e-9)
                seen += 1
            stored = next(row for row in rows[end:] if row[0] == "差异系数 CV")[at + 1]
            assert (stored or None) == coefficient
        assert (told["综合差异系数（算术平均）"][2] or None) == composite
    assert seen >= 8


def test_form_3_is_live(forms: Path) -> None:
    sheet = next(each for each in openpyxl.load_workbook(forms) if each.title.startswith("Ⅲ"))
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) > 50
    words = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert not [word for word in words if str(word).startswith("=")]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here to reckon the formulas")
def test_a_spreadsheet_reckons_what_the_release_says(forms: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(forms) as old, zipfile.ZipFile(bare, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            stored = entry.filename.startswith("xl/worksheets/")
            new.writestr(entry, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part) if stored else part)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(bare)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    ours, theirs = (openpyxl.load_workbook(path, data_only=True) for path in (forms, tmp_path / "out" / "bare.xlsx"))
    checked = 0
    for sheet in openpyxl.load_workbook(forms):
        for cell in (each for row in sheet.iter_rows() for each in row if each.data_type == "f"):
            one, other = (book[sheet.title][cell.coordinate].value for book in (ours, theirs))
            same = one == other or {one, other} <= {None, ""}
            assert same or isclose(one, other, rel_tol=1e-9), (sheet.title, cell.coordinate)
            checked += 1
    assert checked > 50


def test_a_county_or_year_without_figures_is_refused(published: Home, tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    for county, year in (("990199", "2020"), (COUNTY, "1999")):
        assert _run("forms", "--home", published.root, "--county", county, "--year", year, "-o", path) == 1
    assert not path.exists()


def test_the_export_holds_every_table_twice_with_its_meaning(published: Home, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert _run("export", "--home", published.root, folder) == 0
    tables = [name for (name,) in _answers(published, "select schema_name || '.' || table_name from duckdb_tables()")]
    assert {path.stem for path in (folder / "parquet").iterdir()} == set(tables)
    for name in ("trends.composite_coefficient", "returns.school", "rulebook.threshold"):
        typed = pl.read_parquet(folder / "parquet" / f"{name}.parquet")
        assert typed.rows() == [tuple(row) for row in _answers(published, f"select * from {name}")]
        content = (folder / "csv" / f"{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[0] == typed.columns and len(rows) == typed.height + 1
    words = list(csv.DictReader(io.StringIO((folder / "dictionary.csv").read_text(encoding="utf-8-sig"))))
    assert {row["table"] for row in words} == set(tables)
    assert next(row for row in words if row["column"] == "composite")["zh"] == "综合差异系数"
    assert json.loads((folder / "manifest.json").read_text())["rows"].keys() <= set(tables)
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert _run("export", "--home", published.root, folder) == 1  # not empty any more


def test_an_export_is_defused_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    releases = Releases(tmp_path / "releases")
    source = tmp_path / "names.parquet"
    duckdb.sql("select '=1+1' as school_name, -1.5 as change union all select '@x', 2 order by 2").write_parquet(
        str(source)
    )
    candidate = releases.build_candidate({"core.names": [source]})
    release = releases.publish(candidate, "r1", {"created_at": "2020-01-01"})
    export_release(releases, release, tmp_path / "export")
    rows = list(csv.reader(io.StringIO((tmp_path / "export/csv/core.names.csv").read_text(encoding="utf-8-sig"))))
    assert rows[1:] == [["'=1+1", "-1.5"], ["'@x", "2.0"]]
    release.path.unlink()
    with pytest.raises(Exception, match="r1"):
        export_release(releases, release, tmp_path / "again")
    assert not (tmp_path / "again").exists() and not list(tmp_path.glob(".again*"))
