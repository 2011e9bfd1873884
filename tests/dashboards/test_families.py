"""The sections of a county's page: what they say of awkward rows, and what they say where there are none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import duckdb
import pytest

import models
from pipelines.comments import release_comments
from pipelines.content import sql_models
from pipelines.dashboards.families import reading
from pipelines.dashboards.families.desk import Desk, Row, Section
from pipelines.dashboards.pages.county import SECTIONS
from pipelines.dashboards.pages.sheets import Sheets
from pipelines.dashboards.release_reader import ReleaseReader
from pipelines.dashboards.site import Pictures, Site
from pipelines.dashboards.text import load
from tests.dashboards.conftest import BuiltSite
from tests.dashboards.made_up_families import FULL_COUNTY, TABLE_LEFT_OUT
from tests.dashboards.made_up_release import HOSTILE_COUNTY, WITHHELD_COUNTY

KEYS = (
    "school_standard", "government", "satisfaction", "three_increases", "two_only_increase", "funding_shares",
    "consolidation", "exchange", "class_sizes", "school_sizes", "special_rooms", "plan", "rectification", "early_warning",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """The sections of a county in one language, by key, with the desk they were made on."""

    desk: Desk
    sections: dict[str, Section]

    def words(self, key: str) -> str:
        """All sentences, titles, notes and alt texts of a section."""
        section = self.sections[key]
        parts = [*section.sentences]
        for one in section.exhibits:
            parts += [*one.notes, *(picture.alt for picture in one.pictures)]
        return "\n".join(parts)


def _make(connection: duckdb.DuckDBPyConnection, site: Site, language: str, county: str) -> Made:
    assert site.frame is not None
    book = ReleaseReader(connection).county(site.frame, county)
    pen = site.pen(language)
    desk = Desk(site.frame, book, pen, Pictures(language, "c"), Sheets(site, language, "c"))
    with site.fonts.active():
        return Made(desk, {section.key: section for section in (one(desk) for one in SECTIONS)})


@pytest.fixture(scope="module")
def zh(connection: duckdb.DuckDBPyConnection, site: Site) -> Made:
    """The county that has rows of everything, in Chinese."""
    return _make(connection, site, "zh", FULL_COUNTY)


@pytest.fixture(scope="module")
def en(connection: duckdb.DuckDBPyConnection, site: Site) -> Made:
    """The same in English."""
    return _make(connection, site, "en", FULL_COUNTY)


def test_every_family_has_a_section_with_picture_and_table(zh: Made, en: Made) -> None:
    for made in (zh, en):
        assert tuple(made.sections) == KEYS
        for key, section in made.sections.items():
            if key != "early_warning":
                assert any(one.pictures for one in section.exhibits), key
                assert any(one.sheets for one in section.exhibits), key
                assert section.sentences, key


def test_a_release_without_a_table_and_a_county_without_rows_are_told_apart(
    connection: duckdb.DuckDBPyConnection, site: Site, zh: Made
) -> None:
    assert TABLE_LEFT_OUT == "trends.early_warning"
    assert zh.sections["early_warning"].sentences == ["本次发布不含此项数据表。"]
    without = _make(connection, site, "zh", WITHHELD_COUNTY)
    for key in KEYS[:-1]:
        section = without.sections[key]
        assert len(section.sentences) == 1 and section.sentences[0].startswith("本次发布没有"), key
        assert not section.exhibits and not section.judged, key


@pytest.mark.parametrize(
    ("key", "zh_words", "en_words"),
    [
        ("three_increases", "2018年一般公共预算教育经费增长高于财政经常性收入增长", "The published base would reverse 1 verdicts"),
        ("two_only_increase", "执行以来共下降1次，最近一次在2019年", "fell 1 times since the rule holds, last in 2019"),
        ("funding_shares", "未达到标准线5.0%", "does not meet the line of 5.0%"),
        ("consolidation", "未封顶的原值为100.4%", "The uncapped rate is 100.4%"),
        ("consolidation", "2005–2006、2009", "2005–2006, 2009"),
        ("exchange", "流向较弱地区", "went towards weaker areas"),
        ("exchange", "三方不一致：填报20人，名单19人，名册变动18人", "20 declared, 19 listed, 18 moved by the rosters"),
        ("class_sizes", "99.96%的班不超过45人", "99.96% of the classes"),
        ("school_sizes", "规模都在上限以内", "is within the limit of size"),
        ("special_rooms", "10所学校中8所够用；2所缺音乐教室，1所缺美术教室", "8 of 10 schools"),
        ("school_standard", "12所学校中11所达到省定办学标准", "11 of 12 schools attain"),
        ("government", "自评得分为90。", "The declared score is 90."),
        ("government", "1项不符", "1 differ"),
        ("satisfaction", "标准线85.0%落在置信区间内", "The line of 85.0% lies in the interval"),
        ("satisfaction", "样本不足的学年：2013", "too small a sample: 2013"),
        ("plan", "曾达标，现已失守", "lost again"),
        ("rectification", "已申报销号但数据仍不达标的1个", "1 are declared closed while the figures still fail"),
    ],
)  # fmt: skip
def test_a_section_says_what_a_supervisor_asks_for(zh: Made, en: Made, key: str, zh_words: str, en_words: str) -> None:
    assert zh_words in zh.words(key)
    assert en_words in en.words(key)


def test_no_sentence_claims_a_verdict_that_its_row_withholds(zh: Made) -> None:
    claims = re.compile("达到标准线|未达到|达到参考线")
    row = Row(zip(("verdict",), (None,), strict=True))
    for verdict, claimed in ((True, True), (False, True), (None, False)):
        words = zh.desk.finding("甲", "2020学年", 0.8499, 0.85, verdict, "quarantined", lambda value, line: f"{value}")
        assert bool(claims.search(words)) is claimed
    assert "数据被隔离" in zh.desk.finding("甲", "2020学年", 0.8, 0.85, None, "quarantined", lambda value, line: "x")
    assert row["no_such_column"] is None


def test_a_rate_is_never_rounded_onto_its_line(zh: Made) -> None:
    assert "84.99%" in zh.words("satisfaction") and "未达到标准线85.0%" in zh.words("satisfaction")
    assert "84.96，未达到标准线85。" in zh.words("government")


def test_tables_hold_every_row_unrounded_with_titles_of_the_release(zh: Made, en: Made) -> None:
    for made, title in ((zh, "增长率（同口径）"), (en, "Growth on the restated base")):
        sheet = made.sections["three_increases"].exhibits[-1].sheets[0]
        titles = [column.title for column in sheet.table.columns]
        growth = titles.index(title)
        assert {row[growth] for row in sheet.table.rows} == {0.0174}
        assert len(sheet.table.rows) == 20
        assert not [column for column in sheet.table.columns if column.title == column.key]


def test_schools_in_tables_lead_to_their_pages(built: BuiltSite) -> None:
    html = (built.root / "county" / f"{FULL_COUNTY}.html").read_text(encoding="utf-8")
    found = re.findall(r'href="\.\./school/990101/(\w+)\.html"', html)
    assert len(set(found)) == 8
    assert all((built.root / "school" / FULL_COUNTY / f"{code}.html").is_file() for code in found)


def test_hostile_names_of_schools_and_problems_are_text(built: BuiltSite) -> None:
    html = (built.root / "county" / f"{HOSTILE_COUNTY}.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert "<b>材料</b>" not in html
    problems = (built.root / "files" / "zh" / "county" / HOSTILE_COUNTY / "rectification-problems.csv").read_text(
        "utf-8"
    )
    assert ",=1+1" not in problems and "=1+1" in problems


def test_the_page_opens_with_a_line_for_every_section(built: BuiltSite) -> None:
    html = (built.root / "county" / f"{FULL_COUNTY}.html").read_text(encoding="utf-8")
    glance = re.search(r'<nav class="glance".*?</nav>', html, re.DOTALL)
    assert glance is not None
    for key in KEYS:
        assert f'href="#{key}"' in glance[0] and f'<section id="{key}">' in html
    assert "未达标" in unescape(glance[0])


@pytest.mark.parametrize("source", reading.SOURCES, ids=lambda source: source.table)
def test_every_table_that_is_read_is_in_a_release_with_the_columns_it_is_read_by(source: reading.Source) -> None:
    columns = release_comments(sql_models()).columns[source.table]
    wanted = {source.county, *re.findall(r"[a-z_]+", source.order.replace(" desc", "")), source.latest_only} - {""}
    assert wanted <= set(columns)


def test_every_reason_of_the_families_has_words() -> None:
    text = load("zh").labels
    for source in reading.SOURCES:
        path = Path(models.__file__).parent / "trends" / f"{source.table.partition('.')[2]}.sql"
        if not path.is_file():
            continue
        header = " ".join(line[3:] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("-- "))
        named = re.search(r"reason(?:, [^:]*)?: ((?:[a-z_]+(?: \([^)]*\))?; ?)+[a-z_]+)", header)
        for reason in re.sub(r"\([^)]*\)", "", named[1]).split(";") if named else ():
            assert f"reason.{reason.strip()}" in text, (source.table, reason)


def test_a_desk_without_a_table_has_no_rows(zh: Made) -> None:
    bare = replace(zh.desk, book=replace(zh.desk.book, families={}))
    assert bare.rows("consolidation") == []
