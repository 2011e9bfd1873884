"""The whole site as a reader gets it: pages, links, pictures, escaping, the same bytes again."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import pytest

from pipelines.dashboards.pages.html import MENU
from tests.dashboards.conftest import RELEASE, BuiltSite
from tests.dashboards.made_up_release import COUNTIES, HOSTILE, LATE_COUNTY, RARE, SCHOOLS, WITHHELD_COUNTY, indicators


class Page(HTMLParser):
    """Addresses, ids, images and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.ids: list[str] = []
        self.images: list[dict[str, str]] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "img":
            self.images.append(found)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def pages(built: BuiltSite) -> dict[str, Page]:
    """Every page by its address."""
    return {path.relative_to(built.root).as_posix(): Page(path) for path in sorted(built.root.rglob("*.html"))}


def test_every_page_is_there_in_both_languages(pages: dict[str, Page], built: BuiltSite) -> None:
    expected = {*(f"{name}.html" for name in MENU), *(f"county/{code}.html" for code in COUNTIES)}
    for standard in ("basic_2012", "quality_2017"):
        expected |= {f"indicator/{standard}/{indicator}.html" for indicator in indicators(standard)}
    expected |= {f"school/{code}/21330{code[-1]}{at:04d}.html" for code in COUNTIES for at in range(len(SCHOOLS))}
    assert pages.keys() == expected | {f"en/{address}" for address in expected}
    assert built.summary.pages == len(pages)
    pictures = {path.with_suffix("") for path in built.root.rglob("*.svg")}
    assert built.summary.pictures == len(pictures)
    assert pictures == {path.with_suffix("") for path in built.root.rglob("*.png")}
    for page in pages.values():
        shown = {image["src"] for image in page.images}
        assert {each.removesuffix("svg") + "png" for each in shown} | shown <= set(page.links)
    assert "县域义务教育均衡总览" in pages["index.html"].words
    assert "Overview of balance within counties" in pages["en/index.html"].words


def test_every_link_leads_somewhere(pages: dict[str, Page]) -> None:
    by_path = {page.path.resolve(): page for page in pages.values()}
    seen = 0
    for page in pages.values():
        for address in page.links:
            if address == "data:,":
                continue
            target, fragment = urldefrag(address)
            path = (page.path.parent / unquote(target)).resolve() if target else page.path.resolve()
            assert path.is_file(), f"{page.path}: {address}"
            if fragment:
                assert fragment in by_path[path].ids, f"{page.path}: {address}"
            seen += 1
    assert seen > 300


def test_nothing_comes_from_elsewhere(pages: dict[str, Page], built: BuiltSite) -> None:
    for page in pages.values():
        assert not [link for link in page.links if re.match(r"[a-z]+:|//|/", link) and link != "data:,"]
    style = (built.root / "assets" / "site.css").read_text(encoding="utf-8")
    for address in re.findall(r'url\("([^"]*)"\)', style):
        assert (built.root / "assets" / address).is_file()
    assert (built.root / "assets" / "OFL.txt").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE") >= 1


def test_every_image_says_what_it_shows(pages: dict[str, Page]) -> None:
    for address, page in pages.items():
        assert page.images or not re.search(r"index\.|county/|indicator/", address)
        alts = [image["alt"] for image in page.images]
        assert all(len(alt) > 10 and int(image["width"]) > 100 for alt, image in zip(alts, page.images, strict=True))
        assert len(set(alts)) == len(alts), address
        if not address.startswith("en/"):
            assert all("年" in alt for alt in alts)


def test_ids_are_unique(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert len(set(page.ids)) == len(page.ids)


def test_hostile_names_are_text(pages: dict[str, Page], built: BuiltSite) -> None:
    for address, page in pages.items():
        # The site's own script, once, from its own folder.
        assert page.tags.count("script") == 1, address
        assert [link for link in page.links if link.endswith(".js")] == [
            "../" * address.count("/") + "assets/site.js"
        ], address
    assert HOSTILE in pages["quality.html"].words
    assert HOSTILE in pages["index.html"].words
    for path in built.root.rglob("*.svg"):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert tags <= {"svg", "title", "defs", "style", "g", "path", "use", "clipPath", "rect", "pattern"}, path


def test_rare_characters_stand_on_the_pages_as_they_are(pages: dict[str, Page]) -> None:
    assert RARE in pages["index.html"].words
    assert RARE in pages["en/county/990102.html"].words


def test_every_page_and_picture_carries_the_release_and_the_sample_mark(pages: dict[str, Page]) -> None:
    for address, page in pages.items():
        assert RELEASE in page.words
        assert ("Sample data" if address.startswith("en/") else "样例数据") in page.words
        assert "2020-11-20 10:15" in page.words


def test_a_withheld_verdict_is_said_with_its_reason(pages: dict[str, Page]) -> None:
    words = pages[f"county/{WITHHELD_COUNTY}.html"].words
    assert "未作结论" in words
    assert "学校数据不全，低于规则要求的覆盖率" in words
    assert "data of schools are missing" in pages[f"en/county/{WITHHELD_COUNTY}.html"].words


def test_a_county_without_a_composite_says_so_instead_of_drawing_nothing(pages: dict[str, Page]) -> None:
    page = pages["county/990105.html"]
    assert "任何学年都算不出校际差异系数综合值" in page.words
    assert not [image for image in page.images if image["src"].endswith("trend.svg")]
    assert [image for image in page.images if image["src"].endswith("-teachers.svg")]


def test_years_before_a_county_began_have_no_numbers(pages: dict[str, Page]) -> None:
    html = pages[f"county/{LATE_COUNTY}.html"].path.read_text(encoding="utf-8")
    html = html[html.index('id="basic_2012-primary"') :]  # other families have years of their own
    row = re.search(r'<th scope="row"[^>]*>2013学年</th>(.*?)</tr>', html, re.DOTALL)
    assert row is not None
    assert "–" in row[1]
    assert not re.search(r"\d\.\d", row[1])


def test_the_root_leads_to_the_site(built: BuiltSite) -> None:
    html = (built.root.parent / "index.html").read_text(encoding="utf-8")
    assert f'content="0; url={RELEASE}/index.html"' in html
    assert built.summary.index == built.root / "index.html"


def test_who_owes_what_is_told_by_name_with_state_and_delay(built: BuiltSite) -> None:
    for prefix, state, department in (("", "未报", "人事科"), ("en/", "missing", "Personnel")):
        for name in ("index", "quality"):
            html = (built.root / f"{prefix}{name}.html").read_text(encoding="utf-8")
            table = re.search(r'id="table-not-filed".*?</table>', html, re.DOTALL)
            assert table is not None, name
            (row,) = re.findall(r"<tr>(?:(?!</tr>).)*990101.*?</tr>", table[0].partition("<tbody>")[2], re.DOTALL)
            assert COUNTIES["990101"] in row and state in row and department in row and ">61<" in row
    quality = (built.root / "quality.html").read_text(encoding="utf-8")
    assert "名称与上年一致" in quality and "made_up" in quality
