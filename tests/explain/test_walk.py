"""The document of a walk, what it shows of hostile texts, and what happens when something is not as it should be."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from pipelines.explain.context import Context
from pipelines.explain.figure import ExplainError, KeysMissing, NoSuchFigure, find
from pipelines.explain.show import FORMATS, as_csv, as_html, as_text, as_xlsx, format_of
from pipelines.explain.walk import explain
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.releases import Releases

COEFFICIENT = "trends.differential_coefficient"
KEYS = {"county": "990101", "year": 2020, "stage": "primary", "indicator": "books"}
HOSTILE = "=cmd|' /C calc'!A1<script>alert(1)</script>"


def test_the_walk_goes_down_to_the_cell_that_openpyxl_finds_in_the_received_file(
    context: Context, explained: Home
) -> None:
    walk = explain(context, COEFFICIENT, KEYS)
    books = [cell for cell in walk["cells"] if cell["field"] == "books"]
    assert len(books) > 10
    files = {each["submission_id"]: each for each in walk["files"]}
    for cell in books[:5]:
        content = Landing(explained.landing).read(files[cell["submission"]]["sha256"])
        sheet = openpyxl.load_workbook(io.BytesIO(content))[cell["sheet"]]
        assert str(sheet[cell["cell"]].value) == cell["text"]
        assert float(cell["text"]) == cell["value"]


def test_the_walk_adds_up(context: Context) -> None:
    walk = explain(context, COEFFICIENT, KEYS)
    row, terms = walk["figure"]["row"], walk["terms"]
    inside = [term for term in terms if term["included"]]
    assert len(inside) == row["schools"]
    assert sum(term["facts"]["P"] for term in inside) == row["enrolment"]
    assert sum(term["facts"]["share"] for term in inside) == pytest.approx(1)
    assert {term["reason"] for term in terms if not term["included"]} <= {"merged_into_central", "special_education"}
    assert all(0 < part["cell"] <= len(walk["cells"]) for term in terms for part in term["parts"] if "cell" in part)
    choices = {rule["purpose"]: rule["row"]["value"] for rule in walk["rules"] if rule["table"] == "rulebook.choice"}
    assert choices["teaching_points"] == "merge"
    assert walk["recomputed"]["equal"]
    assert walk["recomputed"]["cells_read_again"] == walk["recomputed"]["cells"] == len(walk["cells"])


def test_the_document_is_small_and_stable(context: Context) -> None:
    walk = explain(context, COEFFICIENT, KEYS)
    assert json.loads(json.dumps(walk)) == walk, "plain data"
    assert len(json.dumps(walk, ensure_ascii=False)) < 100_000
    assert json.dumps(walk) == json.dumps(explain(context, COEFFICIENT, KEYS))
    assert list(walk) == [
        "walk_version", "release", "figure", "rules", "how", "terms", "cells", "files", "findings", "recomputed",
    ]  # fmt: skip


def test_without_the_received_files_addresses_and_typed_values_are_left(context: Context, explained: Home) -> None:
    with Releases(explained.releases).connect() as connection:
        walk = explain(Context.of(connection, None), COEFFICIENT, KEYS)
    assert walk["recomputed"]["equal"]
    assert walk["recomputed"]["cells_read_again"] == 0
    assert all(cell["text"] is None and cell["cell"] for cell in walk["cells"])
    assert not any(each["at_hand"] for each in walk["files"])


def test_a_figure_that_is_not_what_its_cells_say_is_told(context: Context, explained: Home, tmp_path: Path) -> None:
    with tampered(
        explained, tmp_path, "update trends.differential_coefficient set coefficient = coefficient + 1e-9"
    ) as to:
        walk = explain(to, COEFFICIENT, KEYS)
    assert not walk["recomputed"]["equal"]
    assert [each["column"] for each in walk["recomputed"]["differences"]] == ["coefficient"]
    assert "NOT the published figure" in as_text(walk, "en").decode()


def test_a_typed_value_that_is_not_the_text_is_told(context: Context, explained: Home, tmp_path: Path) -> None:
    change = "update returns.equipment set books = books + 1 where school_year = 2020 and county_code = '990101'"
    with tampered(explained, tmp_path, change) as to:
        walk = explain(to, COEFFICIENT, KEYS)
    assert {cell["agrees"] for cell in walk["cells"] if cell["field"] == "books"} == {False}
    assert walk["recomputed"]["equal"], "the figure is worked out from the texts, and they did not change"


class tampered:
    """A copy of the release with a change that nobody could publish."""

    def __init__(self, home: Home, folder: Path, sql: str) -> None:
        release = Releases(home.releases).current()
        assert release is not None
        copy = folder / "tampered.duckdb"
        shutil.copyfile(release.path, copy)
        copy.chmod(0o644)
        self._connection = duckdb.connect(str(copy))
        self._connection.execute(sql)
        self._landing = Landing(home.landing)

    def __enter__(self) -> Context:
        return Context.of(self._connection, self._landing)

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@pytest.fixture
def hostile(explained: Home, tmp_path: Path) -> Iterator[Context]:
    """A release whose schools and files have names that a spreadsheet or a browser would run."""
    change = f"""update returns.school set school_name = '{HOSTILE.replace("'", "''")}';
        update audit.submission set file_name = '{HOSTILE.replace("'", "''")}.xlsx'"""
    with tampered(explained, tmp_path, change) as to:
        yield to


def test_names_in_files_are_harmless_in_every_format(hostile: Context) -> None:
    walk = explain(hostile, COEFFICIENT, KEYS)
    page = as_html(walk, "zh").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    rows = list(csv.reader(io.StringIO(as_csv(walk, "zh").decode("utf-8-sig"))))
    assert any(cell.startswith("'=cmd") for row in rows for cell in row)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(walk, "en")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(str(cell.value).startswith("'=cmd") for cell in cells)


def test_a_terminal_is_not_given_control_characters(explained: Home, tmp_path: Path) -> None:
    with tampered(explained, tmp_path, "update returns.school set school_name = 'a' || chr(27) || '[2Jb'") as to:
        assert b"\x1b" not in as_text(explain(to, COEFFICIENT, KEYS), "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_in_both_languages(name: str, language: str, context: Context) -> None:
    for table, keys in (
        (COEFFICIENT, KEYS),
        ("school_size", {"county": "990101", "year": 2020, "kind": "primary"}),
        ("satisfaction", {"county": "990101", "year": 2020, "group": "all", "standard": "basic_2012"}),
    ):
        content = FORMATS[name](explain(context, table, keys), language)
        assert len(content) > 200


def test_missing_keys_are_listed_with_their_values(context: Context) -> None:
    with pytest.raises(KeysMissing, match=r"school_year \(2019, 2020, 2021\).*stage \(junior, primary\)"):
        find(context.connection, context.models, COEFFICIENT, {"county": "990101", "indicator": "books"})


def test_a_key_with_one_value_may_be_left_out(context: Context) -> None:
    figure = find(context.connection, context.models, COEFFICIENT, KEYS)
    assert figure.keys["standard"] == "basic_2012", "only basic balance has books"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"year": 2031}, "school_year: 2021, 2020, 2019"),
        ({"indicator": "book"}, "indicator: books"),
        ({"county": "990109"}, r"county_code: 99010\d"),
        ({"county": "没有这个县"}, "there is no county named '没有这个县'; there are: 990101"),
    ],
)
def test_a_figure_that_does_not_exist_says_so_with_the_nearest(
    change: dict[str, object], told: str, context: Context
) -> None:
    with pytest.raises(NoSuchFigure, match=told):
        find(context.connection, context.models, COEFFICIENT, {**KEYS, **change})


def test_a_county_can_be_named(context: Context) -> None:
    (name,) = context.connection.execute(
        "select county_name from core.county where county_code = '990101'"
    ).fetchone() or ("",)
    assert (
        find(context.connection, context.models, COEFFICIENT, {**KEYS, "county": name}).keys["county_code"] == "990101"
    )


def test_unknown_tables_keys_and_columns(context: Context) -> None:
    with pytest.raises(ExplainError, match=r"did you mean: trends\.differential_coefficient"):
        find(context.connection, context.models, "differential_coeficient", {})
    with pytest.raises(ExplainError, match="has no key 'group'; its keys are: county_code"):
        find(context.connection, context.models, COEFFICIENT, {"group": "all"})
    with pytest.raises(ExplainError, match="has no column 'x'"):
        find(context.connection, context.models, COEFFICIENT, KEYS, "x")


def test_persons_stay_pseudonyms(context: Context) -> None:
    keys = {"county": "990101", "year": 2020, "stage": "compulsory"}
    walk = explain(context, "teacher_exchange", keys)
    persons = [cell for cell in walk["cells"] if cell["field"] == "person"]
    assert persons
    assert all(cell["text"] is None and cell["value"].startswith("p") for cell in persons)
    assert walk["recomputed"]["equal"]


def test_the_format_is_what_is_said_or_what_the_file_is_called() -> None:
    assert format_of(Path("a.XLSX"), None) == "xlsx"
    assert format_of(Path("a.txt"), None) == format_of(None, None) == "text"
    assert format_of(Path("a.csv"), "json") == "json"
    with pytest.raises(ValueError, match="no format 'pdf'; there are text"):
        format_of(Path("a.pdf"), None)
