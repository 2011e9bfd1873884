"""Only what changed is drawn, and nobody can tell: a renewed site has the bytes of one drawn afresh."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboards import workers
from pipelines.dashboards.build import SiteSummary, build_site, prepare_site, site_units
from pipelines.dashboards.keys import key_of
from pipelines.dashboards.pages.html import MENU
from pipelines.dashboards.stamp import ALPHABET, Stamp
from pipelines.dashboards.workers import made
from tests.dashboards import made_up_release
from tests.dashboards.conftest import MANIFEST, RELEASE, BuiltSite
from tests.dashboards.made_up_release import COUNTIES

LATER = "r20211119T083000-ffee0099"
#: Every indicator has a page, every county has one, and so have its schools.
UNITS = len(MENU) + 15 + 2 * len(COUNTIES)
#: Units that are drawn again: some that the change is seen in, some that are taken from the site before.
AFRESH = {
    "overview",
    "county/990101",
    "school/990101",
    "county/990105",
    "indicator/basic_2012/books",
    "quality",
    "methods",
}


@pytest.fixture
def out(built: BuiltSite, tmp_path: Path) -> Path:
    """A folder of sites with the one of the made-up release in it."""
    shutil.copytree(built.root, tmp_path / "out" / RELEASE)
    return tmp_path / "out"


def _build(path: Path, out: Path, fonts: Path, release: str, workers: int, **manifest: str) -> SiteSummary:
    with duckdb.connect(path, read_only=True) as connection:
        return build_site(
            connection, release_id=release, manifest={**MANIFEST, **manifest}, out=out, fonts=fonts, workers=workers
        )  # fmt: skip


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_release_of_the_same_figures_redraws_nothing_but_its_manifest(out: Path, fonts: Path, tmp_path: Path) -> None:
    release = made_up_release.build(tmp_path / "same.duckdb")
    summary = _build(release, out, fonts, LATER, 1)
    assert (summary.drawn, summary.reused) == (0, UNITS)
    assert (out / RELEASE / "files/zh/overview.xlsx").stat().st_size > 0
    _carries(out / LATER, LATER, RELEASE)
    again = _build(release, out, fonts, "r20221119T083000-00000000", 1, created_at="2022-11-19T08:30:00+00:00")
    assert (again.drawn, again.reused) == (1, UNITS - 1)


def _carries(root: Path, present: str, gone: str) -> None:
    """Every page, picture and workbook carries the present release and none a former one."""
    for name, content in _files(root).items():
        if name.endswith(".html"):
            assert content.decode().count(present) == 1, name
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(book.read(part) for part in book.namelist())
            assert present.encode() in content, name
        if name.endswith(".pdf"):
            assert content.count(present.encode()) == 1, name
        if name.endswith(".png"):
            continue  # pixels: compared with those of a fresh drawing, and read in test_png.py
        if name.endswith(".svg"):
            assert content.count(b'xlink:href="#r') == len(present), name
        assert gone.encode() not in content, name
        if name.endswith((".html", ".svg", ".xlsx", ".csv", ".js")):
            assert "¤".encode() not in content, name


def test_a_renewed_site_has_the_bytes_of_one_drawn_afresh_by_other_processes_with_other_fonts(
    out: Path, fonts: Path, tmp_path: Path
) -> None:
    changed = made_up_release.build(tmp_path / "changed.duckdb")
    with duckdb.connect(changed) as connection:
        connection.execute(
            "update trends.school_contribution set school_name = '龘镇小学' where county_code = '990101' and"
            " school_code like '%0005'"
        )
        connection.execute(
            "update trends.composite_coefficient set composite = composite + 0.01 where county_code = '990101'"
            " and school_year = 2020 and standard = 'basic_2012' and stage = 'primary'"
        )
    renewed = _build(changed, out, fonts, LATER, 1)
    # The county, its schools and the overview; no indicator's coefficient changed.
    assert (renewed.drawn, renewed.reused) == (3, UNITS - 3)
    drawn = _afresh(changed, tmp_path)
    assert drawn == dict.fromkeys(AFRESH, 1)
    one, other = _files(out / LATER), _files(tmp_path / "afresh")
    assert one.keys() >= other.keys() and len(other) > 200
    # A booklet embeds the fonts under their names, which say what else the release holds; its words are the same.
    assert [name for name in other if one[name] != other[name] and not name.endswith(".pdf")] == []


def test_a_site_in_which_nothing_changed_is_renewed_without_another_process(
    out: Path, fonts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("a process begins")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", begun)
    same = made_up_release.build(tmp_path / "same.duckdb")
    assert _build(same, out, fonts, LATER, 2).reused == UNITS
    monkeypatch.setattr(workers, "ALONE", 3)  # from a certain number on others help
    with pytest.raises(AssertionError, match="a process begins"):
        _build(same, out, fonts, "r20221119T083000-00000000", 2)
    monkeypatch.undo()
    monkeypatch.setattr(workers, "ALONE", 3)
    assert _build(same, out, fonts, "r20221119T083000-00000000", 2).reused == UNITS
    _carries(out / "r20221119T083000-00000000", "r20221119T083000-00000000", LATER)


def _afresh(release: Path, folder: Path) -> dict[str, int]:
    """Draw some units of a release in two processes, with fonts of their own; how many pages were drawn of each."""
    with duckdb.connect(release, read_only=True) as connection:
        site = prepare_site(connection, release_id=LATER, manifest=MANIFEST, fonts=folder / "fonts")
        units = [
            replace(unit, title=unit.name)
            for unit in site_units(connection, site, MANIFEST, None)[1]
            if unit.name in AFRESH
        ]
    return {name: built.drawn for name, built in made(site, iter(units), folder / "afresh", None, 2)}


def test_a_file_that_is_gone_is_drawn_again(out: Path, fonts: Path, tmp_path: Path) -> None:
    (out / RELEASE / "en" / "methods.html").unlink()
    summary = _build(made_up_release.build(tmp_path / "same.duckdb"), out, fonts, LATER, 1)
    assert (summary.drawn, summary.reused) == (1, UNITS - 1)
    assert (out / LATER / "en" / "methods.html").is_file()


IDS = st.text(ALPHABET, min_size=25, max_size=25)


@given(first=IDS, second=IDS)
def test_stamps_replace_one_another(first: str, second: str) -> None:
    page = b"<footer><!--release--><!--/release--></footer> \\1"
    picture = b'<use xlink:href="#g1"/>' + b'<use xlink:href="#ra4"/>' * 25
    stamps = [Stamp(each, {"": f"<p>{each} \\g</p>"}) for each in (first, second)]
    for name, blank in (("index.html", page), ("a.svg", picture)):
        once = stamps[1].on(name, blank, "")
        assert stamps[1].on(name, stamps[0].on(name, blank, ""), first) == once
        assert second.encode() in once or name == "a.svg"


@given(st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())))
def test_keys_tell_apart_what_differs(values: list[object]) -> None:
    assert key_of(values) == key_of(tuple(values))
    assert key_of(values) != key_of([*values, None])
    assert key_of([values]) != key_of(values)
    assert key_of(1) != key_of(True) != key_of(1.0) != key_of("1")


def test_what_cannot_be_keyed_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        key_of({"a": object()})
