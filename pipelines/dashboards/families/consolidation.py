"""Consolidation (巩固率): rates of cohorts over three, six and nine years and of single years, by all formulas.

Belongs here: this family's section. Does not belong here: cohorts of single schools.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, series
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, latest_of, title_of, years_of
from pipelines.dashboards.pages.sheets import Sheet
from pipelines.dashboards.site import Picture

FORMULAS = ("a", "b", "c", "d")
COLUMNS = (
    "stage", "years", "school_year", "entry_year", "entrants", "transferred_in", "transferred_out", "died",
    "final_year_pupils", "graduates", "rate_a_raw", "rate_b_raw", "rate_c_raw", "rate_d_raw", "formula", "cap", "rate",
    "rate_raw", "threshold", "margin", "meets", "reason", "missing_components", "missing_years", "schools_missing",
)  # fmt: skip
ANNUAL = (
    "stage", "school_year", "pupils_last_year", "dropouts", "annual_rate", "dropout_rate", "annual_threshold",
    "annual_margin", "annual_meets", "annual_reason", "annual_schools_missing",
)  # fmt: skip


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("consolidation")
    if not rows:
        return desk.absent("consolidation", "consolidation")
    text = desk.text
    years = years_of(rows)
    sentences: list[str] = []
    pictures: list[Picture] = []
    verdicts: list[bool | None] = []
    for stage in dict.fromkeys(row["stage"] for row in rows):
        own = [row for row in rows if row["stage"] == stage]
        last = own[-1]
        sentences.append(_sentence(desk, last))
        if last["threshold_binding"]:
            verdicts.append(last["meets"])
        missing = _missing(desk, last)
        if missing:
            sentences.append(missing)
        picture = _cohort(desk, stage, own, years)
        if picture is not None:
            pictures.append(picture)
        else:
            sentences.append(text("consolidation.never", subject=_subject(desk, last)))
    exhibits = [Exhibit(text("consolidation.cohorts"), pictures)]
    formulas = _formulas(desk, rows)
    if formulas is not None:
        exhibits.append(
            Exhibit(text("consolidation.formulas"), [formulas], notes=[text("consolidation.formulas.note")])
        )
    exhibits.append(Exhibit(sheets=[_sheet(desk, rows)], folded=True))
    annual = _annual(desk, rows, years)
    exhibits.append(Exhibit(text("consolidation.annual"), [annual] if annual else []))
    exhibits.append(Exhibit(sheets=[_annual_sheet(desk, rows)], folded=True))
    verdict = False if False in verdicts else None if None in verdicts or not verdicts else True
    return Section(
        "consolidation", text("family.consolidation"), sentences, exhibits, judged=bool(verdicts), verdict=verdict
    )


def _subject(desk: Desk, row: Row) -> str:
    return desk.text(
        "consolidation.subject", county=desk.book.name, stage=_stage(desk, row["stage"]), years=row["years"]
    )


def _stage(desk: Desk, stage: str) -> str:
    return desk.text.get(f"stage.{stage}", stage)


def _sentence(desk: Desk, row: Row) -> str:
    words = desk.finding(
        _subject(desk, row),
        desk.text.year(row["school_year"]),
        row["rate"],
        row["threshold"],
        row["meets"],
        row["reason"],
        numbers.share_against,
        binding=bool(row["threshold_binding"]),
    )
    if row["rate"] is not None and row["rate_raw"] is not None and row["rate_raw"] > row["rate"]:
        words += desk.text("word.sentence_gap") + desk.text(
            "consolidation.capped", raw=numbers.share_against(row["rate_raw"], 1.0), rate=numbers.share(row["rate"])
        )
    return words


def _missing(desk: Desk, row: Row) -> str:
    if not row.get("missing_components"):
        return ""
    years = [year.strip() for year in str(row["missing_years"] or "").split(",") if year.strip()]
    return desk.text(
        "consolidation.missing", subject=_subject(desk, row),
        components=desk.words("component", row["missing_components"]), years=_ranges(desk, years),
    )  # fmt: skip


def _ranges(desk: Desk, years: Sequence[str]) -> str:
    """Years in a row as a range."""
    numbers_ = sorted(int(year) for year in years)
    runs: list[list[int]] = []
    for year in numbers_:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return desk.text.join([str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs])


def _cohort(desk: Desk, stage: str, rows: Sequence[Row], years: Sequence[int]) -> Picture | None:
    """The rate that counts against its line, the raw rate beside it where it lies above; None without any value."""
    text = desk.text
    points = desk.points(rows, years, "rate", "threshold", verdict="meets")
    if all(point.value is None for point in points):
        return None
    last = rows[-1]
    binding = bool(last["threshold_binding"])
    drawn = [series.Series(
        text("consolidation.rate"), points, text("word.line" if binding else "word.reference"), binding, at_least=True,
    )]  # fmt: skip
    if any(row["rate_raw"] is not None and row["rate"] is not None and row["rate_raw"] > row["rate"] for row in rows):
        raw = desk.points(rows, years, "rate_raw")
        drawn.append(series.Series(text("consolidation.raw"), raw, faint=True))
    title = title_of(desk.finding(
        _subject(desk, last), text.year(last["school_year"]), last["rate"], last["threshold"], last["meets"],
        last["reason"], numbers.share_against, binding=binding,
    ))  # fmt: skip
    formula = last["formula"] or ""
    figure = series.draw(
        desk.pen, drawn, title=title, subtitle=text("consolidation.subtitle", formula=formula.upper()), zero=False,
        written=numbers.share_against, ticks=lambda mark: f"{mark * 100:g}%", breaks=_breaks(desk, rows),
    )  # fmt: skip
    alt = desk.series_alt(title, [(one.name, one.points) for one in drawn], numbers.share_against)
    return desk.picture(f"consolidation-{stage}", figure, alt)


def _breaks(desk: Desk, rows: Sequence[Row]) -> list[series.Break]:
    """Years from which the county used other forms, or another formula or cap counts."""
    found = series.changes(desk.form_breaks())
    for before, row in pairwise(rows):
        if (before["formula"], before["cap"]) != (row["formula"], row["cap"]):
            found.append(series.Break(row["school_year"], desk.text("break.formula")))
    return found


def _formulas(desk: Desk, rows: Sequence[Row]) -> Picture | None:
    """All four formulas in the latest year that has them, a row a stage and formula."""
    text = desk.text
    drawn: list[dots.Dot] = []
    said: list[str] = []
    for stage in dict.fromkeys(row["stage"] for row in rows):
        known = [row for row in rows if row["stage"] == stage and row["rate_raw"] is not None]
        row = latest_of(known)
        if row is None:
            continue
        for formula in FORMULAS:
            raw, capped = row[f"rate_{formula}_raw"], row[f"rate_{formula}_capped"]
            chosen = formula == row["formula"]
            name = text(
                "consolidation.formula.chosen" if chosen else "consolidation.formula", formula=formula.upper(),
                stage=_stage(desk, stage), years=row["years"], year=row["school_year"],
                meaning=text(f"formula.{formula}"),
            )  # fmt: skip
            over = raw is not None and capped is not None and raw > capped
            words = numbers.share_against(raw, 1.0 if over else row["threshold"])
            drawn.append(
                dots.Dot(name, raw, words, judged=False, second=capped if over else None, line=row["threshold"])
            )
            said.append(f"{text.get(f'stage.{stage}', stage)} {formula.upper()} {words}")
    if not drawn:
        return None
    title = text("consolidation.formulas.title", county=desk.book.name)
    figure = dots.draw(
        desk.pen, drawn, title=title, subtitle=text("consolidation.formulas.subtitle"),
        key=(text("consolidation.raw"), text("consolidation.capped_value")), line_name=text("word.line_or_reference"),
    )  # fmt: skip
    alt = title + text("word.colon") + text.join(said) + text("word.sentence_end")
    return desk.picture("consolidation-formulas", figure, alt)


def _annual(desk: Desk, rows: Sequence[Row], years: Sequence[int]) -> Picture | None:
    """Annual rates of the stages that have a line of it, on one scale."""
    text = desk.text
    stages = [
        stage
        for stage in dict.fromkeys(row["stage"] for row in rows)
        if any(
            row["stage"] == stage and row["annual_rate"] is not None and row["annual_threshold"] is not None
            for row in rows
        )
    ]
    if not stages:
        return None
    drawn = []
    parts = []
    for stage in stages:
        own = [row for row in rows if row["stage"] == stage]
        binding = bool(own[-1]["annual_threshold_binding"])
        points = desk.points(own, years, "annual_rate", "annual_threshold", verdict="annual_meets")
        kind = text("word.line" if binding else "word.reference")
        line_name = text("consolidation.annual.line", stage=_stage(desk, stage), kind=kind)
        drawn.append(series.Series(_stage(desk, stage), points, line_name, binding))
        parts.append(
            f"{_stage(desk, stage)} {numbers.share_against(own[-1]['annual_rate'], own[-1]['annual_threshold'])}"
        )
    title = text(
        "consolidation.annual.title", county=desk.book.name, year=text.year(years[-1]), rates=text.join(parts)
    )  # fmt: skip
    figure = series.draw(
        desk.pen, drawn, title=title, subtitle=text("consolidation.annual.subtitle"), zero=False,
        written=numbers.share_against, ticks=lambda mark: f"{mark * 100:g}%",
    )  # fmt: skip
    alt = desk.series_alt(title, [(one.name, one.points) for one in drawn], numbers.share_against)
    return desk.picture("consolidation-annual", figure, alt)


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["stage"], -row["school_year"]))


def _sheet(desk: Desk, rows: Sequence[Row]) -> Sheet:
    shares = ("rate_a_raw", "rate_b_raw", "rate_c_raw", "rate_d_raw", "rate", "rate_raw", "threshold")
    return desk.sheet(
        "consolidation", "consolidation", COLUMNS, _newest_first(rows), desk.text("table.consolidation"),
        codes={"cap": "cap"}, lists={"missing_components": "component"},
        gaps=("margin",),
        kinds={**dict.fromkeys(shares, "share"), "meets": "verdict", "formula": "text",
               "transferred_in": "integer", "transferred_out": "integer", "died": "integer", "entry_year": "year",
               "missing_years": "words"},
    )  # fmt: skip


def _annual_sheet(desk: Desk, rows: Sequence[Row]) -> Sheet:
    return desk.sheet(
        "consolidation-annual", "consolidation", ANNUAL, _newest_first(rows), desk.text("table.consolidation_annual"),
        codes={"annual_reason": "reason"},
        gaps=("annual_margin",),
        kinds={"annual_rate": "share", "dropout_rate": "share", "annual_threshold": "share", "annual_meets": "verdict"},
    )  # fmt: skip
