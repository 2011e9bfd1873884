"""The commands as a person uses them: what they print, what they write, how they end."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from checks.catalogue import catalogue
from checks.rules import load_rules
from models.returns import CONTRACTS
from pipelines.cli import main
from pipelines.content import sql_models
from pipelines.sample import SampleSummary
from tests.pipelines.places import withdraw, without_pictures
from warehouse.home import Home
from warehouse.releases import Releases


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    error: str


class Junheng:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Ended:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)


@pytest.fixture
def junheng(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Junheng:
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "from_environment"))
    monkeypatch.setenv("COLUMNS", "200")
    without_pictures(monkeypatch)
    return Junheng(capsys)


def _value(text: str, label: str) -> str:
    return next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith(f"{label}:"))


def test_the_way_from_files_to_a_release(junheng: Junheng, sample: SampleSummary, tmp_path: Path) -> None:
    home = ("--home", tmp_path / "installation")
    good = [path for path in sample.files if re.fullmatch(r"\d{6}_[^_]+_\d{4}学年", path.stem)]
    nothing = junheng("run", *home)
    assert nothing.code == 0 and "junheng receive" in nothing.out
    received = junheng("receive", *good, *home)
    assert received.code == 0, received.error
    assert f"{len(good)} files: {len(good)} new, 0 rejected" in received.out
    again = junheng("receive", *good, *home)
    assert "known already" in again.out and "0 new" in again.out
    before = junheng("status", *home)
    assert "release: none" in before.out and "would stage 2019, 2020 and publish" in before.out
    ran = junheng("run", *home)
    assert ran.code == 0, ran.error
    assert "published r" in ran.out and "2019–2020 staged" in ran.out
    assert "returns 2019" in ran.error and "models" in ran.error, "progress is told where there is no terminal"
    assert Path(_value(ran.out, "release")).exists()
    assert "nothing to do" in junheng("run", *home).out
    assert "up to date" in junheng("status", *home).out
    path = junheng("release", "path", *home)
    assert path.out.strip() == _value(ran.out, "release")
    assert not (tmp_path / "from_environment").exists(), "--home goes before JUNHENG_HOME"


def test_rejected_files_are_told_with_what_to_do_and_by_the_exit_code(
    junheng: Junheng, sample: SampleSummary, tmp_path: Path
) -> None:
    ended = junheng("receive", *sample.files, "--home", tmp_path)
    assert ended.code == 3
    assert "rejected" in ended.out and "→" in ended.out
    assert "rejected files:" in junheng("status", "--home", tmp_path).out


def test_a_folder_is_received_whole(junheng: Junheng, sample: SampleSummary, tmp_path: Path) -> None:
    folder = sorted(sample.files)[0].parent
    ended = junheng("receive", folder, "--home", tmp_path)
    assert f"{len(list(folder.iterdir()))} files" in ended.out


def test_the_gates_refusal_has_its_own_exit_code_and_can_be_overruled(
    junheng: Junheng, published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Releases(published.releases).current()
    withdraw(published, lambda name: "2020" in name)
    refused = junheng("run", "--year", "2020", "--home", published.root)
    assert refused.code == 4
    assert "coverage_shrank" in refused.error and "--accept" in refused.error and "Traceback" not in refused.error
    assert Releases(published.releases).current() == before
    assert "would publish" in junheng("status", "--home", published.root).out, "a refused release is still due"
    accepted = junheng("run", "--accept", "coverage_shrank=sent by mistake", "--home", published.root)
    assert accepted.code == 0
    assert "sent by mistake" in junheng("release", "show", "--home", published.root).out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["receive", "no_such_file.xlsx"], "no such file"),
        (["receive"], "Missing argument"),
        (["run", "--year", "20"], "not a school year"),
        (["run", "--year", "2020", "--all"], "exclude each other"),
        (["run", "--accept", "rule"], "RULE=REASON"),
        (["template", "no_such_form"], "enrolment"),
        (["sample", "x", "--years", "2020"], "2013-2022"),
        (["query", "select 1", "--format", "xml"], "csv"),
        (["no_such_command"], "No such command"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: list[str], told: str, junheng: Junheng) -> None:
    ended = junheng(*arguments)
    assert ended.code == 2
    assert told in " ".join(ended.error.split())
    assert "Traceback" not in ended.error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["query", "select 1"], "nothing has been published"),
        (["release", "path"], "junheng run"),
        (["release", "show", "r1"], "no release 'r1'"),
        (["receive", "--layout", "no_such_layout", __file__], "no_such_layout"),
    ],
)
def test_what_cannot_be_done_says_why_without_a_traceback(arguments: list[str], told: str, junheng: Junheng) -> None:
    ended = junheng(*arguments)
    assert ended.code == 1
    assert told in ended.error and "Traceback" not in ended.error


def test_releases_are_listed_and_shown(junheng: Junheng, published: Home) -> None:
    release = Releases(published.releases).current()
    assert release is not None
    listed = junheng("release", "list", "--home", published.root)
    assert "*" in listed.out and release.release_id in listed.out
    shown = junheng("release", "show", "--home", published.root)
    assert release.sha256 in shown.out and "trends.composite_coefficient" in shown.out
    as_json = junheng("release", "show", release.release_id, "--json", "--home", published.root)
    assert json.loads(as_json.out) == release.manifest


def _query(junheng: Junheng, home: Home, sql: str, output: str = "csv") -> Ended:
    return junheng("query", sql, "--format", output, "--home", home.root)


def test_a_query_gives_all_digits_as_csv_and_json(junheng: Junheng, published: Home) -> None:
    sql = "select county_code, school_year, composite from trends.composite_coefficient order by all"
    with Releases(published.releases).connect() as connection:
        expected = connection.execute(sql).fetchall()
    rows = list(csv.reader(io.StringIO(_query(junheng, published, sql).out)))
    assert rows[0] == ["county_code", "school_year", "composite"]
    assert [(code, int(year), float(value)) for code, year, value in rows[1:] if value] == [
        row for row in expected if row[2] is not None
    ]
    found = json.loads(_query(junheng, published, sql, "json").out)
    assert [tuple(each.values()) for each in found] == expected
    assert str(expected[0][1]) in _query(junheng, published, sql, "table").out


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@x", "\tx", "＝1"])
def test_text_that_a_spreadsheet_would_execute_is_defused(text: str, junheng: Junheng, published: Home) -> None:
    out = _query(junheng, published, f"select '{text}' as name, -1.5 as number, null as nothing").out
    assert list(csv.reader(io.StringIO(out)))[1] == [f"'{text}", "-1.5", ""]
    assert json.loads(_query(junheng, published, f"select '{text}' as name", "json").out) == [{"name": text}]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from trends.composite_coefficient",
        "select 1; select 2",
        "copy (select 1) to 'x.csv'",
        "select * from read_csv('pyproject.toml')",
        "select * from 'pyproject.toml'",
        "attach 'x.duckdb'",
        "set enable_external_access = true",
        "select * from no_such_table",
    ],
)
def test_a_query_reads_the_release_and_nothing_else(sql: str, junheng: Junheng, published: Home) -> None:
    release = Releases(published.releases).current()
    assert release is not None
    ended = _query(junheng, published, sql)
    assert ended.code == 1 and ended.error.startswith("error:") and ended.out == ""
    release.verify()


def test_infinity_is_no_json_number(junheng: Junheng, published: Home) -> None:
    assert json.loads(_query(junheng, published, "select 'inf'::double as a, 0.1 as b", "json").out) == [
        {"a": None, "b": 0.1}
    ]


def test_a_query_from_standard_input(junheng: Junheng, published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select 42 as answer"))
    assert _query(junheng, published, "-").out == "answer\n42\n"


@pytest.mark.parametrize("form", CONTRACTS)
def test_a_template_of_every_return(form: str, junheng: Junheng, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    assert junheng("template", form, "-o", path, "--year", "2020").code == 0
    sheet = openpyxl.load_workbook(path).worksheets[0]
    printed = {str(cell.value) for row in sheet.iter_rows(max_row=5) for cell in row}
    assert any(CONTRACTS[form].zh in text for text in printed)


def test_the_dictionary_tells_every_table_and_column(junheng: Junheng, tmp_path: Path) -> None:
    path = tmp_path / "docs" / "dictionary.md"
    assert junheng("dictionary", "-o", path).code == 0
    text = path.read_text(encoding="utf-8")
    assert text == junheng("dictionary").out
    for form, contract in CONTRACTS.items():
        assert f"### returns.{form}\n" in text
        for info in contract.staged_fields.values():
            assert f"| `{info.name}` | {info.zh} | {info.en} |" in text
    for name, model in sql_models().items():
        assert f"### {name}\n" in text and all(f"| `{column}` |" in text for column in model.columns)


def test_rules_are_listed_in_both_languages_and_written_as_a_catalogue(junheng: Junheng, tmp_path: Path) -> None:
    listed = junheng("rules").out.splitlines()
    assert len(listed) == catalogue().height
    across = junheng("rules", "--kind", "rule", "--english").out
    assert len(across.splitlines()) == len(load_rules())
    for rule in load_rules():
        assert f"{rule.severity:<6} {rule.name}: {rule.en}\n" in across
        assert any(line.endswith(f"{rule.name}: {rule.zh}") for line in listed)
    assert junheng("rules", "--kind", "rumour").code == 2
    assert junheng("rules", "--catalogue", tmp_path / "docs").code == 0
    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"rules.md", "rules.zh-CN.md"}


def test_a_sample_is_the_same_for_the_same_seed(junheng: Junheng, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        ended = junheng("sample", tmp_path / folder, "--counties", 1, "--years", "2020-2020", "--seed", 5, "--clean")
        assert ended.code == 0, ended.error
    one, two = (sorted((tmp_path / folder / "returns").iterdir()) for folder in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_layouts_are_listed_with_how_to_name_them(junheng: Junheng) -> None:
    out = junheng("layouts").out
    assert "taiwan_elementary" in out and "--layout taiwan_elementary" in out


@pytest.mark.parametrize("county", ["99010", "安平县", "9901011"])
def test_a_county_that_is_no_code_is_a_mistake_of_usage(county: str, junheng: Junheng, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n", encoding="utf-8")
    ended = junheng("receive", tmp_path / "a.csv", "--county", county)
    assert ended.code == 2
    assert "county code" in ended.error
