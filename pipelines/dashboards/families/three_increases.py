"""The three increases (三个增长): does funding of education grow as the law asks, on which base, in a run of years.

Belongs here: this family's section. Does not belong here: the two that only increase (``two_only_increase.py``).
"""

from __future__ import annotations

from pipelines.dashboards.families import funding_grid
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, latest_of, title_of


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("three_increases")
    if not rows:
        return desk.absent("three_increases", "three_increases")
    text = desk.text
    year = max(row["fiscal_year"] for row in rows)
    latest = [row for row in rows if row["fiscal_year"] == year and row["binding"]]
    met = sum(row["verdict"] is True for row in latest)
    failed = [funding_grid.name_of(desk, row) for row in latest if row["verdict"] is False]
    open_ = [row for row in latest if row["verdict"] is None]
    headline = text("three_increases.headline", county=desk.book.name, year=year, tests=len(latest), met=met)
    sentences = [headline]
    if failed:
        sentences.append(text("funding.failed", tests=text.join(failed)))
    if open_:
        sentences.append(text("funding.open", tests=text.join([funding_grid.name_of(desk, row) for row in open_]),
                              reason=text.reason(open_[0]["reason"])))  # fmt: skip
    run = {row["run_years"] for row in latest if row["run_years"]}
    broken = [funding_grid.name_of(desk, row) for row in latest if row["run_verdict"] is False]
    if run and latest:
        kept = all(row["run_verdict"] is True for row in latest)
        key = "kept" if kept else "broken" if broken else "open"
        sentences.append(text(f"three_increases.run.{key}", years=max(run), tests=text.join(broken)))
    differ = [row for row in rows if row["verdicts_differ"]]
    sentences.append(_bases(desk, differ))
    verdict = latest_of(desk.rows("funding_verdict"), "fiscal_year")
    judged = False if failed else None if open_ or not latest else True
    exhibits = [
        Exhibit(
            pictures=[
                funding_grid.verdicts(desk, "three-increases", rows, title_of(headline), text("funding.grid.subtitle"))
            ]
        ),
        funding_grid.bases(desk, "three-increases-bases", rows),
        funding_grid.sheet_exhibit(desk, "three_increases", rows, text("table.three_increases")),
    ]
    return Section(
        "three_increases", text("family.three_increases"), sentences, [one for one in exhibits if one is not None],
        judged=True, verdict=verdict["verdict"] if verdict and verdict["fiscal_year"] == year else judged,
    )  # fmt: skip


def _bases(desk: Desk, differ: list[Row]) -> str:
    """Whether the verdict hangs on the base."""
    if not differ:
        return desk.text("funding.bases.same")
    named = [
        desk.text("funding.differ.row", year=row["fiscal_year"], test=funding_grid.name_of(desk, row)) for row in differ
    ]
    return desk.text("funding.bases.differ", count=len(differ), tests=desk.text.join(named[-4:]))
