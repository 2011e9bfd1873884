"""A release with many counties: an overview by region, and each region a page of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.dashboards import build
from pipelines.dashboards.pages import overview
from pipelines.dashboards.site import Site
from pipelines.dashboards.units import seen_by
from tests.dashboards import made_up_release
from tests.dashboards.conftest import MANIFEST, RELEASE

COUNTIES = {"990101": "安平县", "990102": "清河县", "990103": "桐山县", "990201": "云溪县", "990202": "望川县"}
STANDARD, STAGE = "basic_2012", "junior"
PICTURE = f"charts/zh/overview/{STANDARD}-{STAGE}.svg"
TABLE = f"files/zh/overview/{STANDARD}-{STAGE}-region-years.csv"


@dataclass
class Drawn:
    """The overview and the pages of the regions: address → bytes."""

    site: Site
    files: dict[str, bytes]
    connection: duckdb.DuckDBPyConnection

    def rows(self, address: str) -> list[dict[str, str]]:
        """A CSV file of the site, by the keys of its columns."""
        return list(csv.DictReader(io.StringIO(self.files[address].decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def drawn(fonts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(made_up_release, "COUNTIES", COUNTIES)
        patched.setattr(build, "ONE_OVERVIEW", 4)
        path = made_up_release.build(tmp_path_factory.mktemp("regions") / "release.duckdb")
        with duckdb.connect(path, read_only=True) as connection:
            site = build.prepare_site(connection, release_id=RELEASE, manifest=MANIFEST, fonts=fonts)
            files: dict[str, bytes] = {}
            for unit in build.site_units(connection, site, MANIFEST, None)[1]:
                if unit.kind in ("overview", "region"):
                    files |= overview.files(seen_by(site, unit), unit.book)
            yield Drawn(site, files, connection)


def test_every_region_and_year_is_counted_as_the_release_has_it(drawn: Drawn) -> None:
    wanted = drawn.connection.execute(
        "select left(county_code, 4), school_year, count(*) filter (verdict), count(*) filter (not verdict)"
        " from trends.composite_coefficient where standard = ? and stage = ? group by all order by all",
        [STANDARD, STAGE],
    ).fetchall()
    rows = drawn.rows(TABLE)
    assert len(rows) == 2 * len(made_up_release.YEARS)
    keys = list(rows[0])
    found = sorted((row[keys[1]], int(row[keys[2]]), int(row[keys[4]]), int(row[keys[5]])) for row in rows)
    assert found == wanted
    assert any(met and missed for _, _, met, missed in wanted), "a region where some meet and some do not"


def test_the_picture_tells_where_all_meet_and_where_not(drawn: Drawn) -> None:
    for language in drawn.site.languages:
        assert PICTURE.replace("/zh/", f"/{language}/") in drawn.files
    page = drawn.files["index.html"].decode()
    counted = drawn.rows(TABLE)
    keys = list(counted[0])
    latest = [row for row in counted if row[keys[2]] == str(made_up_release.YEARS[-1])]
    whole = sum(int(row[keys[4]]) > 0 and int(row[keys[5]]) == 0 for row in latest)
    assert f"2020学年初中：2个地区中{whole}个地区有结论的县全部达标。" in page
    assert 'href="region/9901.html#basic_2012-junior"' in page


def test_a_regions_page_has_its_counties_and_no_others(drawn: Drawn) -> None:
    for region, other in (("9901", "9902"), ("9902", "9901")):
        page = drawn.files[f"region/{region}.html"].decode()
        for code, name in COUNTIES.items():
            assert (name in page) == code.startswith(region)
        assert f"county/{other}" not in page and f"charts/zh/region/{region}/{STANDARD}-{STAGE}.svg" in page


def test_more_regions_than_a_page_can_hold_have_no_picture(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST_REGIONS", 1)
    monkeypatch.setattr(build, "ONE_OVERVIEW", 4)
    units = build.site_units(drawn.connection, drawn.site, MANIFEST, None)[1]
    files = overview.files(drawn.site, next(unit for unit in units if unit.kind == "overview").book)
    assert TABLE in files and PICTURE not in files and b"<img" not in files["index.html"]
