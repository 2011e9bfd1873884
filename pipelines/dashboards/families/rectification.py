"""Rectification (整改): problems open, overdue and closed over the years, and those not closed yet.

Belongs here: this family's section. Does not belong here: the plan (``plan.py``).
"""

from __future__ import annotations

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import stack
from pipelines.dashboards.families.desk import Desk, Exhibit, Section, title_of, years_of

STATES = (
    ("closed", "#3f7fb8"),
    ("unverified", "#a9c4dc"),
    ("open", "#e1e5e8"),
    ("still_failing", "#df8f4a"),
    ("overdue", "#a64500"),
)
COLUMNS = (
    "school_year", "problems", "closed", "open", "overdue", "still_failing", "unverified", "closed_late", "vanished",
    "completion_rate", "declared_completion_rate", "overdue_rate", "change_in_completion", "change_in_overdue",
)  # fmt: skip
PROBLEMS = (
    "problem_id", "category", "problem", "school_code", "measure", "responsible", "found_on", "deadline", "recheck_on",
    "recheck_result", "status", "days_overdue", "declared_closed", "failing", "evidence",
)  # fmt: skip
_ORDER = {"overdue": 0, "still_failing": 1, "open": 2, "unverified": 3, "closed": 4}


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("rectification")
    if not rows:
        return desk.absent("rectification", "rectification")
    text = desk.text
    years = years_of(rows)
    last = rows[-1]
    headline = text(
        "rectification.headline", county=desk.book.name, year=text.year(last["school_year"]), problems=last["problems"],
        closed=last["closed"], open=last["open"], overdue=last["overdue"],
        rate=numbers.share_against(last["completion_rate"], 1.0),
    )  # fmt: skip
    sentences = [headline]
    for key in ("still_failing", "unverified", "vanished"):
        if last[key]:
            sentences.append(text(f"rectification.{key}", count=last[key]))
    layers = [
        stack.Layer(
            text(f"problem_status.{state}"), {row["school_year"]: float(row[state] or 0) for row in rows}, colour
        )
        for state, colour in STATES
    ]
    figure = stack.draw(
        desk.pen,
        years,
        layers,
        title=title_of(headline),
        subtitle=text("rectification.subtitle"),
        written=numbers.count,
    )
    said = [
        f"{layer.name} {numbers.count(layer.values[last['school_year']])}"
        for layer in layers
        if layer.values[last["school_year"]]
    ]
    overdue = [str(row["school_year"]) for row in rows if row["overdue"]]
    alt = headline + text("word.sentence_gap") + text.join(said) + text("word.sentence_end")
    if overdue:
        alt += text("word.sentence_gap") + text("rectification.alt.overdue", years=text.join(overdue))
    exhibits = [Exhibit(pictures=[desk.picture("rectification", figure, alt)])]
    problems = sorted(
        desk.rows("rectification_problem"),
        key=lambda row: (_ORDER.get(row["status"], 9), str(row["deadline"]), row["problem_id"]),
    )
    if problems:
        exhibits.append(Exhibit(sheets=[desk.sheet(
            "rectification-problems", "rectification_problem", PROBLEMS, problems,
            text("table.rectification_problem", year=text.year(problems[0]["school_year"])),
            codes={"status": "problem_status", "category": "problem_category", "recheck_result": "recheck_result"},
            kinds={"problem": "words", "measure": "words", "evidence": "words"}, shown=15,
        )]))  # fmt: skip
    sheet = desk.sheet(
        "rectification", "rectification", COLUMNS, list(reversed(rows)), text("table.rectification"),
        gaps=("change_in_completion", "change_in_overdue"),
    )  # fmt: skip
    exhibits.append(Exhibit(sheets=[sheet], folded=True))
    return Section("rectification", text("family.rectification"), sentences, exhibits)
