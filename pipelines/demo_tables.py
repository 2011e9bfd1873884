"""The tables that the demonstration prints of a release: what was found, and what became of the counties.

Belongs here: what is printed at the end of ``make demo``. Does not belong here: running anything (``demo``).
"""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from checks.reading_rules import reading_rules
from warehouse.home import Home
from warehouse.releases import Release, Releases

#: Terminals at least this wide show what each rule says.
WIDE = 110
_WORDS = {True: "meets 达标", False: "does not meet 未达标"}


def findings(home: Home, release: Release, *, wide: bool) -> Table:
    """Findings by rule; with what each says where there is room."""
    table = Table(title="What was found / 发现的问题", title_justify="left")
    for name in ("severity", "rule", *(["what it says"] if wide else []), "findings"):
        table.add_column(name, justify="right" if name == "findings" else "left", no_wrap=name == "rule")
    with Releases(home.releases).connect(release.release_id) as connection:
        rows = connection.execute(
            """select severity, rule, any_value(message_zh), count(*) from audit.finding
               where not superseded group by severity, rule
               order by case severity when 'error' then 1 when 'query' then 2 else 3 end, count(*) desc, rule"""
        ).fetchall()
    for severity, rule, message, count in rows:
        text = reading_rules()[rule].zh if rule in reading_rules() else message
        table.add_row(severity, rule, *([escape(text)] if wide else []), str(count))
    return table


def verdicts(home: Home, release: Release) -> Table:
    """Composite coefficients of basic balance in the latest year."""
    table = Table(title="Composite coefficient, latest year / 综合差异系数（最近一年）", title_justify="left")
    for name in ("county", "stage", "composite", "line", "verdict"):
        table.add_column(name)
    with Releases(home.releases).connect(release.release_id) as connection:
        rows = connection.execute(
            """select county_name, stage, composite, threshold, verdict, reason from trends.composite_coefficient
               where standard = 'basic_2012'
               and school_year = (select max(school_year) from trends.composite_coefficient)
               order by county_code, stage desc"""
        ).fetchall()
    for county, stage, composite, line, verdict, reason in rows:
        figure = "—" if composite is None else f"{composite:.3f}"
        limit = "—" if line is None else f"{line:.2f}"
        table.add_row(escape(county), stage, figure, limit, _WORDS.get(verdict, f"withheld 暂不判定（{reason}）"))
    return table


def scorecards(home: Home, release: Release) -> Table:
    """Both scorecards of every county in the latest year, and its recognition."""
    table = Table(title="Scorecards, latest year / 评估计分卡（最近一年）", title_justify="left")
    for name in ("county", "basic 基本均衡", "parts", "recognised 认定", "quality 优质均衡", "parts"):
        table.add_column(name)
    with Releases(home.releases).connect(release.release_id) as connection:
        rows = connection.execute(
            """select basic.county_name, basic.verdict, basic.parts_met, basic.recognised_since, basic.standing,
                      quality.verdict, quality.parts_met
               from trends.basic_scorecard as basic
               left join trends.quality_scorecard as quality using (county_code, school_year)
               where school_year = (select max(school_year) from trends.basic_scorecard)
               order by county_code"""
        ).fetchall()
    for county, basic, basic_met, since, standing, quality, quality_met in rows:
        recognised = standing if since is None else f"{since} {standing}"
        verdicts = [_WORDS.get(verdict, "open 未判定") for verdict in (basic, quality)]
        table.add_row(escape(county), verdicts[0], f"{basic_met}/4", recognised, verdicts[1], f"{quality_met or 0}/4")
    return table


def retreats(home: Home, release: Release) -> Table:
    """Every stretch of years in which a recognised county was under a line."""
    title = "Under the line after recognition, first year of each / 认定后滑坡（起始学年）"
    table = Table(title=title, title_justify="left")
    for name in ("county", "part", "since", "value", "line", "now 现状"):  # fits 80 columns
        table.add_column(name, overflow="fold")
    with Releases(home.releases).connect(release.release_id) as connection:
        rows = connection.execute(
            """select any_value(county_name), part, stage, retreat_since, arg_max(value, school_year),
                      arg_max(line, school_year), any_value(standing_now)
               from trends.scorecard_part
               join (
                   select county_code, standard, part, stage, arg_max(standing, school_year) as standing_now
                   from trends.scorecard_part group by all
               ) using (county_code, standard, part, stage)
               where retreat
               group by county_code, standard, part, stage, retreat_since
               order by county_code, retreat_since, part, stage desc"""
        ).fetchall()
    for county, part, stage, since, value, line, now in rows:
        figures = ["—" if figure is None else f"{figure:.3g}" for figure in (value, line)]
        where = part if stage == "all" else f"{part} ({stage})"
        table.add_row(escape(county), where, str(since), *figures, now)
    return table
