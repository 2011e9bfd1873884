"""What became of a damaged workbook: refused, found, harmless, or a return that says something else; and what is wrong.

Belongs here: an account of every row and every value of the good workbook, from what the damaged one holds in its cells
and what the reader made of it. Does not belong here: the damages (``damage``).

Each difference between what was staged and what the good workbook gives has to be *told* by a finding (at the row, the
school, the field, the sheet or the file) or be one that no reader can tell, because the damaged workbook is a faultless
return itself: another figure stands in the cell, the school's row is not there, the cell says "not applicable". What is
neither is a problem: lost without a word, or made up.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from models.returns import CONTRACTS
from models.returns.layout import load_layouts
from pipelines.intake.coerce import BLANKS, STARS
from pipelines.intake.stage import Staged
from tests.intake.books import Drawn
from tests.intake.damage import Damaged

#: Rules about a sheet or a column that speak for all rows of the sheet.
OF_A_SHEET = frozenset({
    "unknown_sheet", "hidden_sheet", "ambiguous_table", "missing_key_column", "ambiguous_column", "unit_mismatch",
    "missing_column", "unmapped_column",
})  # fmt: skip
#: Rules about a value whose finding names the header instead of a cell that holds it.
_OF_A_HEADER = ("unmapped_column", "unit_mismatch", "ambiguous_column")
_PROVENANCE = ("submission_id", "sheet", "row_number", "block")

Record = dict[str, Any]


@dataclass
class Outcome:
    """``kind`` is refused, found, harmless, or what the damaged workbook says instead; ``problems`` should be empty."""

    kind: str
    problems: list[str] = field(default_factory=list)


def by_submission(staged: Staged) -> dict[str, Staged]:
    """What was staged of each file."""
    parts: dict[str, Staged] = defaultdict(Staged)
    for form, frame in staged.rows.items():
        for key, rows in frame.partition_by("submission_id", as_dict=True).items():
            parts[str(key[0])].rows[form] = rows
    for name in ("quarantine", "findings", "columns"):
        for key, rows in getattr(staged, name).partition_by("submission_id", as_dict=True).items():
            setattr(parts[str(key[0])], name, rows)
    return parts


def records(staged: Staged) -> dict[tuple[str, str, str], Record]:
    """Accepted rows by return, school and stage, without where they stand."""
    found = {}
    for form, frame in staged.rows.items():
        for row in frame.to_dicts():
            found[form, row["school_code"], row.get("stage") or ""] = row
    return found


def judge(damaged: Damaged, staged: Staged, good: dict[tuple[str, str, str], Record]) -> Outcome:
    """Say what became of a damaged workbook."""
    findings = staged.findings.to_dicts()
    problems = lies(damaged, staged) + unaddressed(damaged, findings)
    accepted = records(staged)
    refused = not accepted and any(found["severity"] == "error" and not found["cell"] for found in findings)
    reasons: set[str] = set()
    different = False
    for key, row in good.items():
        form, school, _ = key
        page = damaged.sheets.get(form)
        if page is None:
            continue
        if key not in accepted:
            different = True
            reason = _missing(school, row["school_name"], damaged, page, staged, findings, refused)
            reasons |= {reason} if reason else set()
            problems += [] if reason else [f"{form} {school}: its row was lost without a word"]
            continue
        now = accepted[key]
        for name, value in row.items():
            if name in _PROVENANCE or now[name] == value:
                continue
            different = True
            reason = _changed(form, name, now, damaged, staged, findings)
            reasons |= {reason} if reason else set()
            problems += [] if reason else [f"{form} {school} {name}: {value!r} became {now[name]!r} without a word"]
    others = accepted.keys() - good.keys()
    different = different or bool(others)
    reasons |= {"another row"} if others else set()
    if refused:
        return Outcome("refused", problems)
    if not different:
        return Outcome("harmless, told" if findings else "harmless", problems)
    if findings:
        return Outcome("found", problems)
    return Outcome("says otherwise: " + ", ".join(sorted(reasons)), problems)


def _missing(
    school: str, name: str, damaged: Damaged, page: Drawn, staged: Staged, findings: list[Record], refused: bool
) -> str | None:
    """Why a school's row is not among the accepted ones; ``None`` where nothing says why."""
    sheet, hidden = page.name, page.hidden
    held = damaged.held[sheet]
    texts = {address: plain(value).replace(" ", "") for address, value in held.items()}
    rows = {_row(address) for address, text in texts.items() if text == school}
    if not rows:
        return "no such row"
    rows |= {_row(address) for address, text in texts.items() if text == name}  # its code may stand elsewhere
    if hidden:
        return "hidden"
    if refused or any(found["rule"] in OF_A_SHEET and found["sheet"] == sheet for found in findings):
        return "told"
    here = [found for found in findings if found["sheet"] in (sheet, None)]
    if any(found["row_number"] in rows or found["school_code"] == school for found in here):
        return "told"
    told = staged.quarantine.filter(pl.col("sheet") == sheet)
    if rows & set(told["row_number"]) or not told.filter(pl.col("school_code") == school).is_empty():
        return "told"
    used = {number for frame in staged.rows.values() for number in frame.filter(pl.col("sheet") == sheet)["row_number"]}
    return "under another code" if rows <= used else None


def _changed(form: str, name: str, now: Record, damaged: Damaged, staged: Staged, findings: list[Record]) -> str | None:
    """Why a value is another one; ``None`` where nothing says why. What is not null stands in its cell (``lies``)."""
    if now[name] is not None:
        return "another figure" if CONTRACTS[form].fields[name].numeric else "another word"
    here = [found for found in findings if found["sheet"] == now["sheet"]]
    if any(found["row_number"] == now["row_number"] or found["field"] == name for found in here):
        return "told"
    if any(found["rule"] in OF_A_SHEET for found in here):
        return "told"
    places = staged.columns.filter(form=form, field=name, sheet=now["sheet"])["columns"].to_list()
    held = damaged.held[now["sheet"]]
    cells = [plain(held.get(f"{letters}{now['row_number']}")) for place in places for letters in place.split("+")]
    if any(cell in STARS for cell in cells):
        return "not applicable"
    filled = [cell for cell in cells if cell not in BLANKS]
    return None if CONTRACTS[form].fields[name].expected or filled else "left open"


def _row(address: str) -> int:
    return int(re.sub(r"[A-Z]", "", address))


def plain(value: Any) -> str:
    """A cell as text, as the reader should see it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip() if value is not None else ""


def number(value: Any) -> Fraction | None:
    """The number that a cell says."""
    try:
        return Fraction(re.sub("[\u200b-\u200f\u202a\u202c\u2060\ufeff]", "", plain(value)).replace(",", ""))
    except ValueError:
        return None


def lies(damaged: Damaged, staged: Staged) -> list[str]:
    """Accepted values that are not what stands in the cells they name."""
    where = {(row["sheet"], row["form"], row["block"], row["field"]): row for row in staged.columns.to_dicts()}
    wrong = []
    for form, frame in staged.rows.items():
        for row in frame.to_dicts():
            page = damaged.held[row["sheet"]]
            for name, info in CONTRACTS[form].fields.items():
                place = where.get((row["sheet"], form, row["block"], name))
                if place is None or row[name] is None:
                    continue
                cells = [page.get(f"{letters}{row['row_number']}") for letters in place["columns"].split("+")]
                if info.kind in ("count", "number"):
                    if len(cells) == 1 and row[name] == 0 and plain(cells[0]) in (*BLANKS, *STARS):
                        continue  # a blank that the other parts prove to be 0
                    parts = [number(cell) for cell in cells]
                    held: Any = (
                        None if None in parts else float(sum(parts) * Fraction(place["factor"]))  # type: ignore[arg-type]
                    )
                    said: Any = row[name]
                else:
                    held, said = plain(cells[0]), plain(row[name])
                    if isinstance(cells[0], float) and number(said) == Fraction(cells[0]):
                        continue  # the same number, written out
                    if info.choices or load_layouts()[place["layout"]].value_map(name):
                        words = {title: key for key, title in (info.choices or {}).items()}
                        words |= load_layouts()[place["layout"]].value_map(name)
                        held = words.get(held, held)
                if said != held and not isinstance(cells[0], datetime.date):
                    at = f"{row['sheet']}!{place['columns']}{row['row_number']}"
                    wrong.append(f"{at} {name}: {row[name]!r} is not {held!r}")
    return wrong


def unaddressed(damaged: Damaged, findings: list[Record]) -> list[str]:
    """Findings about a value whose cell does not hold it."""
    wrong = []
    for row in findings:
        skipped = row["cell"] is None or row["value"] is None or "+" in row["cell"] or row["rule"] in _OF_A_HEADER
        if skipped or row["sheet"] not in damaged.held:
            continue
        held, said = damaged.held[row["sheet"]].get(row["cell"]), row["value"]
        if isinstance(held, (datetime.date, datetime.time)):
            continue
        there, told = number(held), number(said)
        if None not in (there, told) and abs(told - there) <= Fraction(1, 10**6) * abs(there):  # type: ignore[operator,arg-type]
            continue
        if plain(said) != plain(held):
            wrong.append(f"{row['rule']} {row['cell']}: {said!r} is not {held!r}")
    return wrong
