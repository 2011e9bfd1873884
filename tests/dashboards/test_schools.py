"""Pages of schools: every school has one, panels tell gaps from values, shares are those of the county's page."""

from __future__ import annotations

import csv
import itertools
import re
from xml.etree import ElementTree

import duckdb
import pytest

from pipelines.dashboards.charts import inline
from pipelines.dashboards.release_reader import ReleaseReader
from pipelines.dashboards.site import Site, county_page, school_page
from tests.dashboards.conftest import LONG, BuiltSite
from tests.dashboards.made_up_release import COUNTIES, HOSTILE, HOSTILE_COUNTY, SCHOOLS

PANEL = inline.Panel(
    years=range(2015, 2021), values=(None, 3.0, 3.5, None, 4.1, 4.2), means=(3.9, 4.0, 4.1, 4.2, 4.3, 4.4),
    lines=(None, 4.5, 4.5, 4.5, 4.5, 4.5), floors=(None, 3.825, 3.825, 3.825, 3.825, 3.825),
    labels=("4.2", f"县均 {HOSTILE}", "标准 4.5", "底线 3.825"), alt=f'{LONG} "{HOSTILE}"', tone="near",
)  # fmt: skip


def test_a_panel_has_gaps_points_and_labels_apart_and_escapes_every_text() -> None:
    root = ElementTree.fromstring(str(inline.svg(PANEL)))
    assert {element.tag for element in root.iter()} == {"svg", "rect", "path", "circle", "text"}
    assert root.attrib["aria-label"] == PANEL.alt
    own = next(path for path in root.iter("path") if path.get("class") == "own")
    assert own.attrib["d"].count("M") == 2
    assert len(list(root.iter("circle"))) == 4
    assert len([rect for rect in root.iter("rect") if rect.get("class") == "gap"]) == 2
    labels = [text for text in root.iter("text") if text.get("class") != "year"]
    assert [text.text for text in labels] == list(PANEL.labels)
    heights = sorted(float(text.attrib["y"]) for text in labels)
    assert all(b - a >= inline.LINE - 0.11 for a, b in itertools.pairwise(heights))
    assert heights[-1] <= inline.HEIGHT


def test_a_panel_of_one_year_or_of_nothing_is_drawn() -> None:
    none = (None,)
    one = inline.svg(inline.Panel((2020,), (1.0,), none, none, none, ("1", "", "", ""), "a", "plain"))
    assert 'text-anchor="middle">2020' in one and "<circle" in one
    empty = inline.svg(inline.Panel((2020,), none, none, none, none, ("", "", "", ""), "a", "plain"))
    assert "<circle" not in empty and "gap" in empty


def test_every_school_has_a_page_in_both_languages_with_its_data(built: BuiltSite) -> None:
    for county in COUNTIES:
        folder = county_page(county).removeprefix("county/")
        for prefix in ("", "en/"):
            assert len(list((built.root / prefix / "school" / folder).glob("*.html"))) == len(SCHOOLS)
    page = school_page("990101", "2133010000")
    with (built.root / f"files/zh/{page}.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["学年"] for row in rows} == {"2020"}
    assert len(rows) == 2 * 15
    assert {row["本校数值"] for row in rows if row["指标"] == "生均图书册数"} == {"6.0"}


def test_a_school_says_its_part_in_the_gap_as_the_page_of_its_county_does(
    connection: duckdb.DuckDBPyConnection, site: Site, built: BuiltSite
) -> None:
    assert site.frame is not None
    book, schools = ReleaseReader(connection).county_and_schools(site.frame, "990101")
    for key in site.frame.keys:
        county = {one.school_code: one.share for one in book.contributions[key]}
        own = {
            school.code: stage.shares[key[0]]
            for school in schools.schools
            for stage in school.stages
            if stage.stage == key[1]
        }
        assert own == pytest.approx(county)
        ranks = sorted(s.ranks[key[0]] for one in schools.schools for s in one.stages if s.stage == key[1])
        assert ranks == [(place, len(SCHOOLS)) for place in range(1, len(SCHOOLS) + 1)]


def test_hostile_and_long_names_are_text_on_the_pages_of_schools(built: BuiltSite) -> None:
    for path in (built.root / "school" / HOSTILE_COUNTY).glob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "<script>alert" not in html
        for found in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
            ElementTree.fromstring(found)


def test_a_page_of_a_school_leads_to_its_county_and_back(built: BuiltSite) -> None:
    page = built.root / "school" / "990101" / "2133010000.html"
    html = page.read_text(encoding="utf-8")
    assert 'href="../../county/990101.html"' in html and 'href="../../en/school/990101/2133010000.html"' in html
