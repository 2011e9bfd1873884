"""The commands around findings as a person uses them: list, explain, accept, waive, revoke, workbooks."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.answers.book import HEADER_ROW
from pipelines.cli import main
from tests.findings.office import HARD, QUERY, Office

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def junheng(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the office's home; exit code, output, messages."""
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--home", str(office.home.root)])
        captured = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), captured.out, captured.err

    return run


def listed(junheng: Run, *options: str) -> dict[str, dict[str, str]]:
    code, out, error = junheng("findings", "--format", "csv", *options)
    assert code == 0, error
    return {row["rule"]: row for row in csv.DictReader(out.splitlines())}


def test_listing(junheng: Run, office: Office) -> None:
    rows = listed(junheng)
    assert set(rows) == {HARD, QUERY}
    hard = rows[HARD]
    assert (hard["status"], hard["file_name"], hard["value"]) == ("open", "安平县.xlsx", "999")
    assert hard["cell"] and hard["guidance_zh"] and hard["fault_id"].startswith("x")
    for options, found in (
        (("--severity", "query"), {QUERY}),
        (("--rule", HARD), {HARD}),
        (("--county", "9901"), {HARD, QUERY}),
        (("--county", "990102"), set()),
        (("--year", "2020/21"), {HARD, QUERY}),
        (("--year", "2019"), set()),
        (("--status", "fixed"), set()),
        (("--status", "open", "--status", "waived"), {HARD, QUERY}),
        (("--owner", "personnel"), set()),
    ):
        assert set(listed(junheng, *options)) == found, options
    code, out, _ = junheng("findings", "--format", "json", "--language", "en")
    assert code == 0 and "guidance_en" in json.loads(out)[0]
    code, out, error = junheng("findings")
    assert code == 0 and "安平县.xlsx" in out and "2 open" in error
    code, _, error = junheng("findings", "--status", "wrong")
    assert code == 2 and "there are: open, answered" in error


def test_explain_accept_reject(junheng: Run) -> None:
    finding = listed(junheng)[QUERY]["finding_id"]
    explain = ("explain-finding", finding, "--reason", "无寄宿生", "--by", "王")
    code, out, _ = junheng(*explain)
    assert code == 0 and "recorded" in out
    explanation = out.split()[0]
    assert "known already" in junheng(*explain)[1]
    assert listed(junheng)[QUERY]["status"] == "answered"
    assert "accepted" in junheng("accept-explanation", explanation, "--by", "李")[1]
    assert listed(junheng)[QUERY]["status"] == "explained"
    assert "was accepted already" in junheng("accept-explanation", finding)[1]
    assert "rejected" in junheng("accept-explanation", finding, "--reject", "--remark", "再核")[1]
    assert listed(junheng)[QUERY]["status"] == "open"
    assert "rejected: give another reason" in junheng(*explain)[1]


def test_waive_and_revoke(junheng: Run, office: Office) -> None:
    finding = listed(junheng)[HARD]["finding_id"]
    code, out, error = junheng("waive", finding, "--approver", "李局长", "--until", "2999-12-31", "--reason", "已核")
    assert code == 0, error
    waiver = out.split()[0]
    assert listed(junheng)[HARD]["status"] == "waived" and listed(junheng)[HARD]["waiver_id"] == waiver
    assert "revoked" in junheng("revoke", finding, "--reason", "误批")[1]
    assert listed(junheng)[HARD]["status"] == "open"
    rule = ("--rule", HARD, "--county", "990101", "--year", "2020")
    assert junheng("waive", *rule, "--approver", "李局长", "--until", "2999-12-31", "--reason", "…")[0] == 0
    assert listed(junheng)[HARD]["status"] == "waived"
    code, _, error = junheng("revoke", finding, "--reason", "…")
    assert code == 1 and "it is covered by w" in error


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (("explain-finding", "{hard}", "--reason", "r", "--by", "b"), 1, "is a hard error"),
        (("explain-finding", "f000", "--reason", "r", "--by", "b"), 1, "no finding 'f000'"),
        (("explain-finding", "{query}", "--reason", " ", "--by", "b"), 1, "the reason is blank"),
        (("accept-explanation", "e000"), 1, "no explanation 'e000'"),
        (("accept-explanation", "{query}"), 1, "has no explanation that holds"),
        (("waive", "{hard}", "--approver", "a", "--until", "2001-01-01", "--reason", "r"), 1, "would end"),
        (("waive", "{hard}", "--approver", "a", "--until", "morgen", "--reason", "r"), 2, "is no day"),
        (("waive", "--approver", "a", "--until", "2999-01-01", "--reason", "r"), 2, "--rule and --county"),
        (
            ("waive", "--rule", "no_rule", "--county", "990101", "--approver", "a", "--until", "2999-01-01", "--reason", "r"),
            1,
            "no rule 'no_rule'",
        ),
        (
            ("waive", "--rule", "missing_key", "--county", "990101", "--approver", "a", "--until", "2999-01-01", "--reason", "r"),
            1,
            "nobody can say what would be approved",
        ),
        (("revoke", "w000", "--reason", "r"), 1, "no waiver 'w000'"),
        (("revoke", "{query}", "--reason", "r"), 1, "no waiver of its own"),
    ],
)  # fmt: skip
def test_misuse_is_told(command: tuple[str, ...], code: int, message: str, junheng: Run, office: Office) -> None:
    ids = {"hard": office.findings(HARD)["finding_id"][0], "query": office.findings(QUERY)["finding_id"][0]}
    ended, _, error = junheng(*(part.format(**ids) for part in command))
    assert ended == code and message in " ".join(error.replace("│", " ").split())
    assert office.ledger.answers.explanations() == [] and office.ledger.answers.waivers() == []


def test_workbooks_there_and_back(junheng: Run, office: Office, tmp_path: Path) -> None:
    code, out, error = junheng("findings", "--export", tmp_path / "out")
    assert code == 0 and "2 findings in 1 workbooks" in error
    (path,) = map(Path, out.split())
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[HEADER_ROW + 1]}
    for row in range(HEADER_ROW + 2, sheet.max_row + 1):
        sheet.cell(row, place["答复方式"], "说明")
        sheet.cell(row, place["说明"], "已核实")
        sheet.cell(row, place["说明人"], "王")
    book.save(path)
    code, out, _ = junheng("receive-answers", path)
    assert code == 3 and "1 explanations recorded, 0 known already" in out
    assert "错误不能只作说明" in out
    assert "0 explanations recorded, 1 known already" in junheng("receive-answers", path)[1]
    assert listed(junheng)[QUERY]["status"] == "answered"
    assert office.findings().filter(pl.col("status") == "open").height == 1
