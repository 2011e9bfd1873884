"""The government's work (政府工作): score by block, items of assurance and quality, declared against computed.

Belongs here: this family's section. Does not belong here: figures that items are computed from (their families).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.dashboards import numbers
from pipelines.dashboards.charts import dots, grid, stack
from pipelines.dashboards.families.desk import Desk, Exhibit, Row, Section, title_of, years_of
from pipelines.dashboards.site import Picture

ALL = "all"
BLOCK_COLOURS = ("#0b4f8a", "#5b95c6", "#a9c4dc", "#7a8791", "#b9c1c8")
SCORES = (
    "standard", "school_year", "block", "items", "items_met", "items_failed", "failed", "items_missing", "missing",
    "items_computed", "items_differing", "differing", "evidence_missing", "points", "score", "declared_score", "line",
    "margin", "verdict", "reason",
)  # fmt: skip
ITEMS = (
    "standard",
    "block",
    "item",
    "points",
    "line",
    "declared_score",
    "declared_value",
    "declared_meets",
    "computed_value",
    "computed_meets",
    "computed_score",
    "differs",
    "source",
    "score",
    "value",
    "verdict",
    "evidence",
    "note",
    "reason",
)


def section(desk: Desk) -> Section:
    """The section of the county, or one that says what lacks."""
    rows = desk.rows("government_score")
    if not rows:
        return desk.absent("government", "government_score", "government_work")
    text = desk.text
    sentences: list[str] = []
    exhibits: list[Exhibit] = []
    verdicts: list[bool | None] = []
    for standard in dict.fromkeys(row["standard"] for row in rows):
        own = [row for row in rows if row["standard"] == standard]
        total = [row for row in own if row["block"] == ALL]
        last = total[-1]
        words = _sentence(desk, last)
        sentences.append(words)
        verdicts.append(last["verdict"])
        scored = any(row["points"] is not None for row in own)
        picture = _scores(desk, own, words) if scored else _items_grid(desk, own, words)
        exhibits.append(Exhibit(desk.word("standard", standard), [picture] if picture else []))
    differing = _differing(desk)
    if differing is not None:
        exhibits.append(differing)
    ordered = sorted(rows, key=lambda row: (row["standard"], -row["school_year"], row["position"]))
    scores = desk.sheet(
        "government-scores", "government_score", SCORES, ordered, text("table.government_score"),
        codes={"block": "block"}, lists={"failed": "item", "missing": "item", "differing": "item"},
        kinds={"failed": "words", "missing": "words", "differing": "words"},
    )  # fmt: skip
    sheets = [scores]
    items = desk.rows("government_work")
    if items:
        sheets.insert(0, desk.sheet(
            "government-items", "government_work", ITEMS, items,
            text("table.government_work", year=text.year(items[0]["school_year"])),
            codes={"block": "block", "item": "item", "source": "government_source"},
            kinds={"declared_meets": "verdict", "computed_meets": "verdict", "note": "words", "evidence": "words"},
        ))  # fmt: skip
    exhibits.append(Exhibit(sheets=sheets, folded=True))
    verdict = False if False in verdicts else None if None in verdicts else True
    return Section("government", text("family.government"), sentences, exhibits, judged=True, verdict=verdict)


def _sentence(desk: Desk, row: Row) -> str:
    """Score against its line, or items met of all items."""
    text = desk.text
    year = text.year(row["school_year"])
    if row["points"] is not None:
        words = desk.finding(
            text("government.score", county=desk.book.name),
            year,
            row["score"],
            row["line"],
            row["verdict"],
            row["reason"],
            numbers.plain,
        )
        declared = row["declared_score"]
        if declared is not None and row["score"] is not None and abs(declared - row["score"]) > 1e-9:
            words += text("word.sentence_gap") + text("government.declared", declared=numbers.plain(declared))
        return words
    key = {True: "met", False: "missed", None: "open"}[row["verdict"]]
    return text(
        f"government.items.{key}",
        county=desk.book.name,
        year=year,
        standard=desk.word("standard", row["standard"]),
        met=row["items_met"],
        items=row["items"],
        failed=desk.words("item", row["failed"]),
        missing=row["items_missing"],
    )


def _scores(desk: Desk, rows: Sequence[Row], words: str) -> Picture | None:
    """Score by block over the years against the line; what was declared as a tick where it is another number."""
    text = desk.text
    total = {row["school_year"]: row for row in rows if row["block"] == ALL}
    scored = {year for year, row in total.items() if row["score"] is not None}
    if not scored:
        return None
    blocks = [row for row in rows if row["block"] != ALL]
    layers = [
        stack.Layer(
            desk.word("block", block),
            {
                row["school_year"]: row["score"] or 0.0
                for row in blocks
                if row["block"] == block and row["school_year"] in scored
            },
            BLOCK_COLOURS[at % len(BLOCK_COLOURS)],
        )
        for at, block in enumerate(dict.fromkeys(row["block"] for row in blocks))
    ]
    heights = {year: row["line"] for year, row in total.items() if row["line"] is not None}
    marks = {
        year: row["declared_score"] for year, row in total.items()
        if row["declared_score"] is not None and year in scored and abs(row["declared_score"] - row["score"]) > 1e-9
    }  # fmt: skip
    figure = stack.draw(
        desk.pen,
        years_of(rows),
        layers,
        title=title_of(words),
        subtitle=text("government.subtitle"),
        written=numbers.plain,
        bound=stack.Bound(heights, text("word.line")) if heights else None,
        marks=marks,
        marks_name=text("government.mark", year=max(marks)) if marks else "",
        body=2.6,
    )
    alt = desk.series_alt(
        title_of(words),
        [(text("government.total"), desk.points(list(total.values()), years_of(rows), "score", "line"))],
        numbers.plain,
    )
    if marks:
        alt += text("word.sentence_gap") + text(
            "government.alt.marks", years=text.join([str(year) for year in sorted(marks)])
        )
    return desk.picture(f"government-{rows[0]['standard']}".replace("_", "-"), figure, alt)


def _items_grid(desk: Desk, rows: Sequence[Row], words: str) -> Picture:
    """Items met of all items by block and year."""
    text = desk.text
    cells = {
        (row["block"], row["school_year"]): grid.Cell(
            f"{row['items_met']}/{row['items']}", row["verdict"], bool(row["items_differing"])
        )
        for row in rows
    }
    blocks = [block for block in dict.fromkeys(row["block"] for row in rows) if block != ALL]
    key = [
        (grid.MET, text("government.key.met")),
        (grid.FAILED, text("government.key.failed")),
        (grid.OPEN, text("key.open")),
    ]
    if any(cell.notice for cell in cells.values()):
        key.append((grid.NOTICE, text("government.key.differ")))
    figure = grid.draw(
        desk.pen,
        [*((block, desk.word("block", block)) for block in blocks), (ALL, text("word.all"))],
        years_of(rows),
        cells,
        title=text(
            "government.items.title",
            standard=desk.word("standard", rows[0]["standard"]),
            county=desk.book.name,
            year=text.year(rows[-1]["school_year"]),
            met=_total(rows)["items_met"],
            items=_total(rows)["items"],
        ),
        subtitle=text("government.items.subtitle"),
        key=key,
    )
    return desk.picture(f"government-{rows[0]['standard']}".replace("_", "-"), figure, words)


def _total(rows: Sequence[Row]) -> Row:
    return [row for row in rows if row["block"] == ALL][-1]


def _differing(desk: Desk) -> Exhibit | None:
    """Items whose declared and computed values are both there: how far apart they are."""
    text = desk.text
    rows = [
        row for row in desk.rows("government_work")
        if row["declared_value"] is not None and row["computed_value"] is not None
    ]  # fmt: skip
    both = [row for row in desk.rows("government_work") if row["differs"] is not None]
    if not both:
        return None
    differing = [row for row in both if row["differs"]]
    note = text(
        "government.differ" if differing else "government.agree", count=len(both), differing=len(differing),
        items=text.join(list(dict.fromkeys(desk.word("item", row["item"]) for row in differing))),
    )  # fmt: skip
    pictures = []
    if rows:
        drawn = [
            dots.Dot(
                desk.word("item", row["item"]), row["computed_value"],
                text("government.pair", computed=numbers.share_against(row["computed_value"], row["line"]),
                     declared=numbers.share_against(row["declared_value"], row["line"])),
                verdict=row["computed_meets"], judged=True, second=row["declared_value"], line=row["line"],
            )
            for row in rows
        ]  # fmt: skip
        year = text.year(rows[0]["school_year"])
        apart = sum(bool(row["differs"]) for row in rows)
        title = text(
            "government.differ.title" if apart else "government.agree.title", county=desk.book.name, year=year,
            differing=apart, count=len(rows),
        )  # fmt: skip
        figure = dots.draw(
            desk.pen, drawn, title=title, subtitle=text("government.differ.subtitle"), low=0.0, high=1.0,
            key=(text("government.computed"), text("government.declared_value")), line_name=text("word.line"),
        )  # fmt: skip
        said = text.join([f"{one.name} {one.words}" for one in drawn])
        pictures.append(
            desk.picture("government-declared", figure, title + text("word.colon") + said + text("word.sentence_end"))
        )
    return Exhibit(text("government.differ.heading"), pictures, notes=[note])
