"""Shares of funding: of the economy, of public spending, of what is spent on training teachers.

Belongs here: this family's section. Does not belong here: growth (``three_increases.py``).
"""

from __future__ import annotations

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import series
from pipelines.dashboards.families.desk import Desk, Exhibit, Section, title_of, years_of

COLUMNS = (
    "share",
    "fiscal_year",
    "numerator_yuan",
    "denominator_yuan",
    "share_computed",
    "share_declared",
    "value_from",
    "line",
    "meets",
    "margin_points",
    "change_points",
    "reason",
)


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("funding_shares")
    if not rows:
        return desk.absent("funding_shares", "funding_shares")
    text = desk.text
    years = years_of(rows, "fiscal_year")
    judged = list(dict.fromkeys(row["share"] for row in rows if row["line"] is not None))
    sentences, exhibits = [], []
    for share in judged:
        own = [row for row in rows if row["share"] == share]
        last = own[-1]
        name = desk.word("share", share)
        sentences.append(
            desk.finding(
                desk.text("word.of_county", county=desk.book.name, words=name),
                text("year.fiscal", year=last["fiscal_year"]),
                last["value"],
                last["line"],
                last["meets"],
                last["reason"],
                numbers.share_against,
                binding=bool(last["binding"]),
            )
        )
        points = desk.points(own, years, "value", "line", verdict="meets", year="fiscal_year")
        if any(point.value is not None for point in points):
            figure = series.draw(
                desk.pen,
                [series.Series("", points, text("word.line" if last["binding"] else "word.reference"),
                               bool(last["binding"]), at_least=True)],
                title=title_of(sentences[-1]), subtitle=text("funding_shares.subtitle"),
                written=numbers.share_against, ticks=lambda mark: f"{mark * 100:g}%", body=1.5,
            )  # fmt: skip
            alt = desk.series_alt(title_of(sentences[-1]), [(name, points)], numbers.share_against)
            exhibits.append(Exhibit(pictures=[desk.picture(f"share-{share}".replace("_", "-"), figure, alt)]))
    merged = [Exhibit(pictures=[picture for one in exhibits for picture in one.pictures])] if exhibits else []
    ordered = sorted(rows, key=lambda row: (row["share"], -row["fiscal_year"]))
    sheet = desk.sheet(
        "funding-shares", "funding_shares", COLUMNS, ordered, text("table.funding_shares"),
        codes={"share": "share", "value_from": "value_from"},
        kinds={"fiscal_year": "code", "line": "share", "margin_points": "points", "change_points": "points"},
    )  # fmt: skip
    return Section(
        "funding_shares", text("family.funding_shares"), sentences, [*merged, Exhibit(sheets=[sheet], folded=True)]
    )
