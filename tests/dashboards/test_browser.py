"""The site in a real browser, from file://: no errors, nothing from elsewhere, keyboard, phone, axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from pipelines.serve import site_server
from tests.dashboards.browser import PHONE, WIDE, Window, browser, window
from tests.dashboards.conftest import BuiltSite
from tests.dashboards.made_up_release import HOSTILE, HOSTILE_COUNTY


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def wide(chrome: Browser) -> Iterator[Window]:
    """A window as wide as a desk's."""
    context = chrome.new_context(viewport=WIDE, accept_downloads=True)  # type: ignore[arg-type]
    yield window(context)
    context.close()


@pytest.fixture(scope="module")
def phone(chrome: Browser) -> Iterator[Window]:
    """A window as wide as a small phone's."""
    context = chrome.new_context(viewport=PHONE, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield window(context)
    context.close()


def _pages(built: BuiltSite) -> list[Path]:
    """Every page, and of the schools the one with hostile names of each county: they are of one kind, and many."""
    pages = sorted(built.root.rglob("*.html"))
    return [path for path in pages if path.parents[1].name != "school" or path.stem.endswith("0002")]


def test_every_page_loads_without_a_fault(built: BuiltSite, wide: Window) -> None:
    for path in _pages(built):
        page = wide.open(path)
        # Pictures are loaded lazily; all of them have to be there.
        page.evaluate("() => document.querySelectorAll('img').forEach(each => { each.loading = 'eager' })")
        page.wait_for_function("() => [...document.images].every(each => each.complete)")
        broken = page.evaluate("() => [...document.images].filter(each => !each.naturalWidth).map(each => each.src)")
        assert broken == [], path
    assert wide.faults == []


def test_no_page_is_wider_than_a_phone(built: BuiltSite, phone: Window) -> None:
    wider = {}
    for path in _pages(built):
        phone.open(path)
        if phone.overflow() > 0:
            wider[path.relative_to(built.root).as_posix()] = phone.overflow()
    assert wider == {}


def test_a_picture_wider_than_a_phone_keeps_its_size_and_says_its_title_in_words(
    built: BuiltSite, phone: Window, wide: Window
) -> None:
    size = "() => [...document.querySelectorAll('.picture .frame img')].map(each => [each.clientWidth, each.width])"
    for screen, shown in ((phone, True), (wide, False)):
        page = screen.open(built.root / "county" / "990101.html")
        titles = page.locator(".picture figcaption")
        assert titles.count() > 5
        assert {titles.nth(at).is_visible() for at in range(titles.count())} == {shown}
        assert len(titles.first.inner_text().strip()) > 5 or not shown
        if shown:
            assert all(seen == own > 336 for seen, own in page.evaluate(size))


def test_on_paper_a_head_without_buttons_can_be_printed_on_every_page(built: BuiltSite, wide: Window) -> None:
    """Chromium prints a head again on the next page only where it may be split from nothing and holds no button."""
    page = wide.open(built.root / "quality.html")
    seen = "() => getComputedStyle(document.querySelector('table.sortable thead button')).display"
    kept = "() => getComputedStyle(document.querySelector('table.sortable thead')).breakInside"
    assert page.evaluate(seen) != "contents"
    page.emulate_media(media="print")
    assert (page.evaluate(seen), page.evaluate(kept)) == ("contents", "avoid")
    page.emulate_media(media="screen")


#: A page of each kind; the county is the one with hostile names.
KINDS = ("index", "indicators", "indicator/quality_2017/teaching_area", "quality", "release", "methods",
         f"county/{HOSTILE_COUNTY}")  # fmt: skip


@pytest.mark.parametrize("name", [*KINDS, "en/index", f"en/county/{HOSTILE_COUNTY}"])
def test_axe_finds_nothing_serious(built: BuiltSite, wide: Window, name: str) -> None:
    wide.open(built.root / f"{name}.html")
    assert wide.axe() == []


def test_language_switch_leads_to_the_same_page_and_back(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "county" / "990101.html")
    page.click("a.language")
    assert page.url.endswith("/en/county/990101.html")
    assert page.get_attribute("html", "lang") == "en"
    page.click("a.language")
    assert page.url.endswith("/county/990101.html") and "/en/" not in page.url


def test_search_finds_counties_and_schools_by_keyboard_alone(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "en" / "quality.html")
    box = page.locator("form.search input")
    box.focus()
    box.type("=1+1")
    page.wait_for_selector("form.search li a")
    assert page.inner_text("form.search li a").startswith("=1+1小学")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/en/school/" in url)
    assert "=1+1小学" in page.inner_text("h1")
    box = page.locator("form.search input")
    box.fill("安平")
    page.wait_for_selector("form.search li a")
    assert page.inner_text("form.search [role=status]") == "1 found"
    box.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/en/county/990101.html"))
    box = page.locator("form.search input")
    box.fill("没有这样的学校")
    assert page.locator("form.search li").count() == 0
    assert wide.faults == []


def test_hostile_names_are_only_shown(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "index.html")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.locator("form.search input").fill("<script>")
    page.wait_for_selector("form.search li a")
    assert HOSTILE in page.inner_text("form.search li a")
    assert page.locator("script").count() <= 3  # the site's own: behaviour, index, names
    assert page.evaluate("() => getComputedStyle(document.querySelector('th bdi')).unicodeBidi") == "isolate"
    assert dialogs == []


def test_tables_are_sorted_by_keyboard_and_say_so(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "index.html")
    region = page.locator("#table-basic_2012-primary-ranking")
    button = region.locator("thead button").nth(3)

    def values() -> list[str]:
        found = region.locator("tbody tr td:nth-child(4)").evaluate_all("cells => cells.map(each => each.dataset.v)")
        return [str(each) for each in found]

    button.focus()
    page.keyboard.press("Enter")
    assert region.locator("thead th").nth(3).get_attribute("aria-sort") == "ascending"
    known = [float(each) for each in values() if each]
    assert known == sorted(known) and len(known) > 2
    assert "" not in values()[: len(known)]  # unknown values stay last
    page.keyboard.press("Enter")
    assert region.locator("thead th").nth(3).get_attribute("aria-sort") == "descending"
    assert [float(each) for each in values() if each] == known[::-1]
    assert "" not in values()[: len(known)]


def test_files_under_a_table_are_downloaded(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "index.html")
    for name, start in (("CSV", b"\xef\xbb\xbf"), ("XLSX", b"PK")):
        link = page.locator("#table-basic_2012-primary-ranking + p.files a", has_text=name).first
        target = page.evaluate("link => link.href", link.element_handle())
        # From file:// the browser opens the file or saves it; what matters is that the link leads to it.
        assert Path(unquote(urlsplit(target).path)).read_bytes().startswith(start)


def test_keyboard_reaches_everything(built: BuiltSite, wide: Window) -> None:
    page = wide.open(built.root / "indicator" / "basic_2012" / "books.html")
    wanted = page.evaluate(
        "() => [...document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')]"
        ".filter(each => each.checkVisibility()).length"
    )
    page.evaluate("() => { window.reached = new Set(); document.addEventListener('focusin',"
                  " event => window.reached.add(event.target)) }")  # fmt: skip
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
    missed = page.evaluate(
        "() => [...document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')]"
        ".filter(each => each.checkVisibility() && !window.reached.has(each)).map(each => each.outerHTML.slice(0, 120))"
    )
    assert missed == []


def test_a_page_without_scripts_says_everything(built: BuiltSite, chrome: Browser) -> None:
    context = chrome.new_context(java_script_enabled=False)
    page = window(context).open(built.root / "index.html")
    assert page.locator("form.search").is_hidden()
    assert page.locator("#table-basic_2012-primary-ranking tbody tr").count() == 5
    context.close()


def test_the_server_shows_it_under_its_strict_policy(built: BuiltSite, wide: Window) -> None:
    with site_server(built.root.parent) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            page = wide.page
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
            page.wait_for_url(lambda url: url.endswith("/index.html"))
            page.locator("form.search input").fill("安平")
            page.wait_for_selector("form.search li a")
            with page.expect_download() as saved:
                page.locator("#table-basic_2012-primary-ranking + p.files a", has_text="CSV").first.click()
            assert saved.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
            page.goto(page.url.replace("index.html", "county/990101.html"))
        finally:
            server.shutdown()
            thread.join()
    assert wide.faults == []
