"""The two that only increase (两个只增不减): education expenditure, in all and per pupil, never falls.

Belongs here: this family's section. Does not belong here: the three increases (``three_increases.py``).
"""

from __future__ import annotations

from pipelines.dashboards.families import funding_grid
from pipelines.dashboards.families.desk import Desk, Exhibit, Section, title_of


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("two_only_increase")
    if not rows:
        return desk.absent("two_only_increase", "two_only_increase")
    text = desk.text
    year = max(row["fiscal_year"] for row in rows)
    latest = [row for row in rows if row["fiscal_year"] == year]
    fallen = [row for row in latest if row["verdict"] is False]
    open_ = [row for row in latest if row["verdict"] is None]
    key = "fallen" if fallen else "open" if open_ else "kept"
    headline = text(
        f"two_only_increase.{key}", county=desk.book.name, year=year,
        tests=text.join([funding_grid.name_of(desk, row) for row in fallen or open_]),
        reason=text.reason(open_[0]["reason"]) if open_ else "",
    )  # fmt: skip
    sentences = [headline]
    for row in latest:
        if row["falls_so_far"]:
            sentences.append(text(
                "two_only_increase.falls", test=funding_grid.name_of(desk, row), count=row["falls_so_far"],
                year=row["last_fall_year"],
            ))  # fmt: skip
    exhibits = [
        Exhibit(
            pictures=[
                funding_grid.verdicts(
                    desk, "two-only-increase", rows, title_of(headline), text("two_only_increase.subtitle")
                )
            ]
        ),
        funding_grid.bases(desk, "two-only-increase-bases", rows),
        funding_grid.sheet_exhibit(desk, "two_only_increase", rows, text("table.two_only_increase")),
    ]
    return Section(
        "two_only_increase", text("family.two_only_increase"), sentences, [one for one in exhibits if one is not None],
        judged=True, verdict=False if fallen else None if open_ else True,
    )  # fmt: skip
