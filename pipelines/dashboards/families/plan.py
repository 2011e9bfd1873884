"""The plan (规划): by which year county and schools must attain, and what happened.

Belongs here: this family's section. Does not belong here: problems and their rectification (``rectification.py``).
"""

from __future__ import annotations

from pipelines.dashboards.charts import grid
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, years_of

#: Targets drawn; the table holds all of them.
MOST = 16
COLUMNS = (
    "target_name", "target_code", "level", "standard", "stage", "school_year", "target_year", "first_target_year",
    "postponed_years", "attains", "first_attained_year", "years_late", "status", "reason",
)  # fmt: skip
#: Status → the verdict whose tone it has.
VERDICTS = {"attained": True, "attained_late": True, "lost": False, "due": False}


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("plan_attainment")
    if not rows:
        return desk.absent("plan", "plan_attainment")
    text = desk.text
    years = years_of(rows)
    latest = [row for row in rows if row["school_year"] == years[-1]]
    counts = {
        status: sum(row["status"] == status for row in latest)
        for status in ("due", "lost", "attained", "attained_late", "not_due", "unknown")
    }
    headline = text(
        "plan.headline", county=desk.book.name, year=text.year(years[-1]), targets=len(latest), due=counts["due"],
        attained=counts["attained"] + counts["attained_late"], late=counts["attained_late"], lost=counts["lost"],
        not_due=counts["not_due"], unknown=counts["unknown"],
    )  # fmt: skip
    sentences = [headline, *(_target(desk, row) for row in latest if row["level"] == "county")]
    order = sorted(
        {_key(row): row for row in rows}.values(),
        key=lambda row: (row["level"] != "county", row["status"] not in ("due", "lost"), row["standard"], _key(row)),
    )
    shown = order[:MOST]
    cells = {
        (_key(row), row["school_year"]): grid.Cell(
            text(f"plan.mark.{row['status']}"), VERDICTS.get(row["status"]), row["school_year"] == row["target_year"]
        )
        for row in rows
    }
    key = [
        (grid.MET, text("plan.key.attained")), (grid.FAILED, text("plan.key.due")), (grid.OPEN, text("plan.key.open")),
        (grid.NOTICE, text("plan.key.target")),
    ]  # fmt: skip
    figure = grid.draw(
        desk.pen,
        [(_key(row), _name(desk, row)) for row in shown],
        years,
        cells,
        subtitle=text("plan.subtitle"),
        title=text(
            "plan.title", county=desk.book.name, year=text.year(years[-1]), due=counts["due"], lost=counts["lost"]
        ),
        key=key,
    )
    alt = headline + text("word.sentence_gap") + text("word.sentence_gap").join(sentences[1:])
    ordered = sorted(
        rows, key=lambda row: (row["level"] != "county", row["target_code"], row["standard"], -row["school_year"])
    )
    sheet = desk.sheet(
        "plan",
        "plan_attainment",
        COLUMNS,
        ordered,
        text("table.plan"),
        codes={"status": "plan_status", "level": "plan_level"},
        kinds={"attains": "verdict", "first_target_year": "year"},
    )
    notes = [text("plan.more", count=len(order) - len(shown))] if len(order) > len(shown) else []
    return Section(
        "plan", text("family.plan"), sentences,
        [Exhibit(pictures=[desk.picture("plan", figure, alt)], notes=notes), Exhibit(sheets=[sheet], folded=True)],
    )  # fmt: skip


def _key(row: Row) -> str:
    return f"{row['target_code']}/{row['standard']}/{row['stage']}"


def _name(desk: Desk, row: Row) -> str:
    target = row["target_name"] or row["target_code"]
    standard = desk.word("standard", row["standard"])
    stage = "" if row["stage"] in ("all", "", None) else desk.text.stage(row["stage"])
    return desk.text("plan.target", target=target, standard=standard, stage=stage).strip()


def _target(desk: Desk, row: Row) -> str:
    text = desk.text
    words = {
        "target": _name(desk, row), "target_year": text.year(row["target_year"]),
        "attained": text.year(row["first_attained_year"]) if row["first_attained_year"] is not None else "",
        "late": row["years_late"] or 0, "postponed": row["postponed_years"] or 0, "reason": text.reason(row["reason"]),
    }  # fmt: skip
    sentence = text(f"plan.says.{row['status']}", **words)
    if row["postponed_years"]:
        sentence += text("word.sentence_gap") + text("plan.postponed", years=row["postponed_years"])
    return sentence
